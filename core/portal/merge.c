/* Two people who are one, for staff: finding the other, both side by side, what follows, and the
 * act.
 */
#include "portal/admin_accounts.h"
#include "portal/again.h"
#include "portal/manage_merge.h"
#include "portal/pages.h"
#include "portal/visit.h"

#include "base/error.h"
#include "config/paths.h"
#include "identity/second.h"
#include "module/personal.h"

#include <glib.h>

#define FOUND_MOST 10u
#define LOOKED_MOST 100u   /* people, of whom most may be mightier */
#define COUNTED_MOST 1000u /* rows of a table: more are said to be more */

/* The two, and which of them vanishes. */
struct pair {
    struct portico_request *request;
    struct store_session *session;
    struct identity_person people[2]; /* of the path, and the one it is merged with */
    struct identity_second seconds[2];
    unsigned gone; /* index of who vanishes */
};

static const struct identity_person *gone_of(const struct pair *pair)
{
    return &pair->people[pair->gone];
}

static const struct identity_person *remains_of(const struct pair *pair)
{
    return &pair->people[1 - pair->gone];
}

static const char *path_of(const struct pair *pair, unsigned remains)
{
    return portico_printf(pair->request, "/admin/people/%lld/merge?with=%lld&into=%lld",
                          (long long)pair->people[0].id, (long long)pair->people[1].id,
                          (long long)pair->people[remains].id);
}

/* ---- finding the other ---- */

/* Whether they are somebody else whom the one who looks may merge: of others nothing is shown. */
static int may_show(struct portico_request *request, const struct identity_person *person,
                    int64_t other, struct portico_error *error)
{
    const struct manage_merge merge = { .from = other };
    struct portico_error unsaid = PORTICO_ERROR_INIT;
    struct manage manage;
    if (other == person->id || other == inside_viewer(request)->person)
        return 0;
    int code = manage_of(request, &manage, error);
    if (code < 0)
        return code;
    code = manage_merge_open(&manage, &merge, &unsaid);
    if (code == PORTICO_EPERM)
        return 0;
    return code < 0 ? error_set(error, code, "%s", unsaid.message) : 1;
}

static void show_one(struct portico_request *request, const struct portico_value *row,
                     struct portico_value *item)
{
    const char *name = portico_get_text(row, "name", "");
    portico_set_id(item, "id", portico_get_integer(row, "id", 0));
    portico_set_text(item, "name", name);
    portico_set_text(item, "initials", identity_initials(name, inside_arena(request)));
    portico_set_text(item, "handle", portico_get_text(row, "handle", ""));
    portico_set_text(item, "address", portico_get_text(row, "address", NULL));
}

/* Those who may not be shown take nobody's place in the list. */
static int show_found(struct portico_request *request, struct store_session *session,
                      const struct identity_person *person, const char *beginning,
                      struct portico_value *view, struct portico_error *error)
{
    struct portico_value *list = portico_set_list(view, "found");
    struct identity_place place = { 0 };
    unsigned looked = 0, count = FOUND_MOST;
    int code = PORTICO_OK;
    while (code >= 0 && count == FOUND_MOST && looked < LOOKED_MOST) {
        struct value *rows;
        code = identity_people_list(session, beginning, place.id ? &place : NULL, FOUND_MOST, &rows,
                                    error);
        count = code == 0 ? rows->count : 0;
        looked += count;
        for (uint32_t i = 0; code >= 0 && i < count && portico_count(list) < FOUND_MOST; i++) {
            const struct portico_value *row = value_public(value_at(rows, i));
            place = (struct identity_place){ portico_get_text(row, "name", ""),
                                             portico_get_integer(row, "id", 0) };
            code = may_show(request, person, place.id, error);
            if (code > 0)
                show_one(request, row, portico_append_object(list));
        }
        if (portico_count(list) >= FOUND_MOST)
            break;
    }
    portico_set_boolean(view, "any_found", portico_count(list) > 0);
    return MIN(code, 0);
}

/* `refused`: why the two that were chosen are not shown; or NULL. */
static int find_page(struct portico_request *request, struct store_session *session,
                     const struct identity_person *person, const char *refused)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *query = portico_query_param(request, "q");
    struct portico_value *view = visit_view(request);
    const bool asked = query && *query;
    int code = show_found(request, session, person, asked ? query : person->name, view, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    portico_set_id(view, "id", person->id);
    portico_set_text(view, "name", person->name);
    portico_set_text(view, "query", asked ? query : NULL);
    portico_set_text(view, "refused", refused);
    return portico_reply_view(request, "merge-find", view);
}

/* ---- side by side ---- */

static int show_companies(const struct pair *pair, int64_t person, struct portico_value *side,
                          struct portico_error *error)
{
    struct portico_value *list = portico_set_list(side, "companies");
    struct value *rows;
    int code = identity_memberships(pair->session, person, &rows, error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++) {
        const struct portico_value *row = value_public(value_at(rows, i));
        struct portico_value *item = portico_append_object(list);
        struct value *held;
        const char *keys = "", *titles;
        code = identity_roles_of_member(pair->session, portico_get_integer(row, "id", 0), &held,
                                        error);
        for (uint32_t r = 0; code == 0 && r < held->count; r++)
            keys = portico_printf(pair->request, "%s %s", keys, value_rows_at(held, r)->text);
        if (code == 0)
            code = admin_role_titles(pair->request, pair->session, keys, &titles, error);
        if (code < 0)
            break;
        portico_set_text(item, "company",
                         admin_account_name(pair->request, portico_get_integer(row, "account", 0),
                                            portico_get_text(row, "name", "")));
        portico_set_text(item, "roles", *titles ? titles : NULL);
        portico_set_boolean(item, "applied",
                            portico_get_integer(row, "state", 1) == IDENTITY_APPLIED);
        portico_set_boolean(item, "first", i == 0);
    }
    portico_set_boolean(side, "any_companies", code == 0 && rows->count > 0);
    return code;
}

static int show_side(const struct pair *pair, unsigned index, struct portico_value *side,
                     struct portico_error *error)
{
    const struct identity_person *person = &pair->people[index];
    struct portico_value *list = portico_set_list(side, "addresses");
    struct value *addresses;
    int code = identity_addresses(pair->session, person->id, &addresses, error);
    for (uint32_t i = 0; code == 0 && i < addresses->count; i++) {
        const struct portico_value *row = value_public(value_at(addresses, i));
        struct portico_value *item = portico_append_object(list);
        portico_set_text(item, "address", portico_get_text(row, "address", ""));
        portico_set_boolean(item, "verified", portico_get_integer(row, "verified", 0) != 0);
    }
    portico_set_boolean(side, "any_addresses", code == 0 && addresses->count > 0);
    if (code == 0)
        code = show_companies(pair, person->id, side, error);
    portico_set_id(side, "id", person->id);
    portico_set_text(side, "name", person->name);
    portico_set_text(side, "handle", person->handle);
    portico_set_text(side, "initials", person->initials);
    portico_set_boolean(side, "remains", index != pair->gone);
    portico_set_boolean(side, "disabled", person->state == IDENTITY_DISABLED);
    portico_set_boolean(side, "waiting", person->state == IDENTITY_WAITING);
    portico_set_text(side, "choose", path_of(pair, index));
    portico_set_boolean(side, "second", pair->seconds[index].any);
    portico_set_time(side, "created", person->created);
    if (person->last_sign_in)
        portico_set_time(side, "last_sign_in", person->last_sign_in);
    else
        portico_set_text(side, "last_sign_in", NULL);
    return code;
}

/* How many rows of each table either has, a line for each. */
struct counting {
    const struct pair *pair;
    const struct personal_book *book;
    struct portico_value *lines;
    const char *member; /* "of_left" or "of_right" */
};

static struct portico_value *line_of(const struct counting *counting, const char *table)
{
    for (size_t i = 0; i < portico_count(counting->lines); i++) {
        struct portico_value *line = portico_at(counting->lines, i);
        if (strcmp(portico_get_text(line, "table", ""), table) == 0)
            return line;
    }
    return NULL;
}

/* Of the host's own what people know as theirs: the rest the page says in words. */
static bool is_shown(size_t index, const struct portico_personal_table *table)
{
    static const char *const own[] = { "portico_draft", "portico_file", "portico_follow" };
    bool known = index > 0;
    for (size_t i = 0; !known && i < sizeof own / sizeof *own; i++)
        known = strcmp(own[i], table->table) == 0;
    return known;
}

static void count_rows(size_t index, const struct portico_personal_table *table, int64_t rows,
                       void *data)
{
    struct counting *counting = data;
    struct portico_request *request = counting->pair->request;
    const struct personal_source *source = personal_book_at(counting->book, index);
    const char *module = index == 0 ? "portico" : source->module;
    struct portico_value *line = line_of(counting, table->table);
    if (!line) {
        line = portico_append_object(counting->lines);
        portico_set_text(line, "table", table->table);
        portico_set_text(line, "title",
                         page_translate(inside_host(request)->pages, module, inside_arena(request),
                                        portico_locale(request), table->title, NULL));
        portico_set_text(line, "of_left", "0");
        portico_set_text(line, "of_right", "0");
    }
    portico_set_text(line, counting->member,
                     rows > COUNTED_MOST
                         ? portico_translate(request, /* translated */ "more than 1,000", NULL)
                         : portico_printf(request, "%lld", (long long)rows));
}

/* Of all modules, as the host itself: what the one who looks may see of it does not matter here. */
static int show_counts(const struct pair *pair, struct portico_value *view,
                       struct portico_error *error)
{
    struct module_host *host = inside_host(pair->request);
    struct store_session *session =
        store_session_new(host->store, inside_arena(pair->request), &store_viewer_host, "core");
    const char *migrations =
        portico_printf(pair->request, "%s/migrations", paths_share_directory());
    struct personal_book *book = NULL;
    struct counting counting = { .pair = pair, .lines = portico_set_list(view, "counts") };
    int code = session && migrations ? personal_book_open(host->registry, migrations, &book, error)
                                     : error_set(error, PORTICO_ENOMEM, "Memory ended.");
    counting.book = book;
    for (unsigned i = 0; code == 0 && i < 2; i++) {
        counting.member = i ? "of_right" : "of_left";
        code = personal_book_counts(book, session, pair->people[i].id, COUNTED_MOST + 1, is_shown,
                                    count_rows, &counting, error);
    }
    personal_book_close(book);
    store_session_end(session);
    portico_set_boolean(view, "any_counts", portico_count(counting.lines) > 0);
    return code;
}

/* ---- what follows ---- */

static void say(const struct pair *pair, struct portico_value *list, const char *source,
                const char *company, const char *roles)
{
    struct portico_value *arguments = portico_object(pair->request);
    portico_set_text(arguments, "gone", gone_of(pair)->name);
    portico_set_text(arguments, "gone_handle", gone_of(pair)->handle);
    portico_set_text(arguments, "remains", remains_of(pair)->name);
    portico_set_text(arguments, "handle", remains_of(pair)->handle);
    portico_set_text(arguments, "company", company ? company : "");
    portico_set_text(arguments, "roles", roles ? roles : "");
    portico_set_text(portico_append_object(list), "words",
                     portico_translate(pair->request, source, arguments));
}

static int say_union(const struct pair *pair, const struct identity_union *united,
                     struct portico_value *list, struct portico_error *error)
{
    const char *gained, *lost;
    const char *company = admin_account_name(pair->request, united->account, united->name);
    int code = admin_role_titles(pair->request, pair->session, united->gained, &gained, error);
    if (code == 0)
        code = admin_role_titles(pair->request, pair->session, united->lost, &lost, error);
    if (code < 0 || !united->from)
        return code;
    if (united->takes_over && united->into)
        say(pair, list, /* translated */
            "{company}: the membership of @{gone_handle} counts from now on, since that of "
            "@{handle} is not in force.",
            company, NULL);
    else if (united->takes_over)
        say(pair, list, /* translated */ "{company}: @{handle} belongs to it from now on.", company,
            NULL);
    else if (!*united->gained && !*united->lost)
        say(pair, list, /* translated */
            "{company}: both belong to it; nothing changes for @{handle}.", company, NULL);
    if (*gained)
        say(pair, list, /* translated */ "{company}: @{handle} gets the roles {roles}.", company,
            gained);
    if (*lost)
        say(pair, list, /* translated */
            "{company}: these roles end, as they were for a shorter time or not in force: {roles}.",
            company, lost);
    if (*united->teams && united->adds)
        say(pair, list, /* translated */ "{company}: @{handle} comes into the teams {roles}.",
            company, united->teams);
    else if (*united->teams)
        say(pair, list, /* translated */
            "{company}: places in these teams end with the membership: {roles}.", company,
            united->teams);
    return 0;
}

static int show_following(const struct pair *pair, struct portico_value *view,
                          struct portico_error *error)
{
    struct portico_value *list = portico_set_list(view, "follows");
    struct identity_union *unions;
    size_t count;
    int code = identity_merge_look(pair->session, gone_of(pair)->id, remains_of(pair)->id, &unions,
                                   &count, error);
    if (code < 0)
        return code;
    say(pair, list, /* translated */
        "@{gone_handle} is signed out everywhere. Their password, second step, passkeys, access "
        "tokens and sign-in by a directory open nothing any more; those of @{handle} stay.",
        NULL, NULL);
    say(pair, list, /* translated */
        "Confirmed mail addresses go over to @{handle}, who signs in with them as well.", NULL,
        NULL);
    say(pair, list, /* translated */
        "The handle @{gone_handle} leads to @{handle}; nobody else gets it.", NULL, NULL);
    for (size_t i = 0; code == 0 && i < count; i++)
        code = say_union(pair, &unions[i], list, error);
    say(pair, list, /* translated */
        "What they wrote, follow and were shown by name becomes that of @{handle}, within minutes. "
        "Where both have what there is one of, such as a vote, that of @{handle} stays.",
        NULL, NULL);
    portico_set_boolean(view, "weaker",
                        pair->seconds[pair->gone].any && !pair->seconds[1 - pair->gone].any);
    return code;
}

/* ---- the page ---- */

static struct manage_merge merge_of(const struct pair *pair, const char *reason)
{
    const char *seen = portico_query_param(pair->request, "seen");
    return (struct manage_merge){ .from = gone_of(pair)->id,
                                  .into = remains_of(pair)->id,
                                  .reason = reason,
                                  .seen = seen ? seen : "" };
}

static int show(const struct pair *pair, struct portico_form *form)
{
    struct portico_error error = PORTICO_ERROR_INIT, refused = PORTICO_ERROR_INIT;
    struct portico_request *request = pair->request;
    struct portico_value *view = visit_view(request);
    const struct manage_merge merge = merge_of(pair, NULL);
    struct manage manage;
    const char *seen = "";
    int code = manage_of(request, &manage, &error);
    if (code == 0)
        code = manage_merge_seen(&manage, &merge, &seen, &error);
    if (code == 0)
        code = show_side(pair, 0, portico_set_object(view, "left"), &error);
    if (code == 0)
        code = show_side(pair, 1, portico_set_object(view, "right"), &error);
    if (code == 0)
        code = show_counts(pair, view, &error);
    if (code == 0)
        code = show_following(pair, view, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    portico_form_action(form,
                        portico_printf(request, "%s&seen=%s", path_of(pair, 1 - pair->gone), seen));
    const bool may = manage_merge_may(&manage, &merge, &refused) == 0;
    portico_set_text(view, "refused",
                     may ? NULL : portico_translate(request, refused.message, NULL));
    portico_set_boolean(view, "may", may);
    portico_set_id(view, "id", pair->people[0].id);
    portico_set_text(view, "name", pair->people[0].name);
    portico_set_text(view, "remaining", remains_of(pair)->handle);
    portico_set_text(view, "gone", gone_of(pair)->handle);
    portico_set_header(request, "Cache-Control", "private, no-cache");
    return portico_form_reply(form, "merge", view);
}

/* 1: done; 0: refused, as the form says. */
static int act(const struct pair *pair, struct portico_form *form, struct portico_error *error)
{
    struct portico_request *request = pair->request;
    const struct manage_merge merge = merge_of(pair, portico_form_text(form, "reason"));
    struct manage manage;
    int64_t job = 0;
    int code = portico_form_begin(form, error);
    if (code == 0)
        code = manage_of(request, &manage, error);
    if (code == 0)
        code = manage_merge(&manage, &merge, &job, error);
    if (code == 0)
        return 1;
    portico_rollback(portico_db(request));
    if (code != PORTICO_EPERM && code != PORTICO_ECONFLICT && code != PORTICO_EINVAL)
        return code;
    portico_form_reject(form, code == PORTICO_EINVAL ? "reason" : NULL,
                        portico_translate(request, error->message, NULL));
    return 0;
}

static int pair_page(const struct pair *pair)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_request *request = pair->request;
    struct portico_form *form = portico_form_open(request, "merge", NULL);
    int code = again_ask(request, form, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    if (!portico_form_valid(form))
        return show(pair, form);
    code = again_passes(request, form, &error);
    if (code > 0)
        code = act(pair, form, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    if (code == 0)
        return show(pair, form);
    portico_log(request, PORTICO_LOG_INFO, "Person %lld merged person %lld into person %lld.",
                (long long)inside_viewer(request)->person, (long long)gone_of(pair)->id,
                (long long)remains_of(pair)->id);
    return portico_form_done(
        form,
        portico_printf(request, "/admin/people/%lld?saved=merged", (long long)remains_of(pair)->id),
        NULL, &error);
}

/* 0: the two may be looked at; 1: not, as the sentence says. */
static int check_looker(struct portico_request *request, int64_t from, int64_t into,
                        struct portico_error *refused, struct portico_error *error)
{
    const struct manage_merge merge = { .from = from, .into = into };
    struct manage manage;
    int code = manage_of(request, &manage, error);
    if (code < 0)
        return code;
    code = manage_merge_open(&manage, &merge, refused);
    if (code == PORTICO_EPERM)
        return 1;
    return code < 0 ? error_set(error, code, "%s", refused->message) : 0;
}

int merge_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const int64_t id = visit_number(portico_param(request, "id"));
    const int64_t with = visit_number(portico_query_param(request, "with"));
    const int64_t into = visit_number(portico_query_param(request, "into"));
    struct portico_error refused = PORTICO_ERROR_INIT;
    struct pair pair = { .request = request };
    int code = visit_session(request, &pair.session, &error);
    if (code == 0)
        code = check_looker(request, 0, 0, &refused, &error);
    if (code == 0)
        code = identity_person_look(pair.session, id, &pair.people[0], &error);
    if (code == 0)
        code = check_looker(request, id, 0, &refused, &error);
    if (code > 0) /* a company's role, which opens nothing here, or somebody mightier */
        return PORTICO_EPERM;
    if (code == 0 && pair.people[0].merged_into)
        return portico_reply_redirect(
            request, 303,
            portico_printf(request, "/admin/people/%lld", (long long)pair.people[0].merged_into));
    if (code == 0 && !portico_query_param(request, "with"))
        return find_page(request, pair.session, &pair.people[0], NULL);
    if (code == 0)
        code = identity_person_look(pair.session, with, &pair.people[1], &error);
    if (code == 0)
        code = check_looker(request, id, with, &refused, &error);
    if (code > 0)
        return find_page(request, pair.session, &pair.people[0],
                         portico_translate(request, refused.message, NULL));
    for (unsigned i = 0; code == 0 && i < 2; i++)
        code = identity_second_look(pair.session, pair.people[i].id, &pair.seconds[i], &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    /* Said, or the one who signed in last. */
    pair.gone = into == pair.people[0].id ? 1
                : into == pair.people[1].id
                    ? 0
                    : pair.people[0].last_sign_in >= pair.people[1].last_sign_in;
    return pair_page(&pair);
}
