/* What somebody may not open, and who can help: the page that stands there instead, and asking for
 * what is lacking. Answering is in access_answer.c. */
#include "portal/access.h"

#include "base/error.h"
#include "identity/audience.h"
#include "identity/member.h"
#include "identity/person.h"
#include "portal/pages.h"
#include "portal/reasons.h"
#include "portal/visit.h"

/* A page they may not open. */
struct lack {
    struct portico_request *request;
    struct store_session *session;
    const char *path, *permission;
    struct identity_why why;
    int64_t account; /* where they would get it; 0: it is not for them to get */
};

static bool is_staff(const struct viewer *viewer)
{
    return viewer->roles & IDENTITY_STAFF;
}

/* The path that the page was opened for: the page's own, where it stands instead of another. */
static const char *path_of(struct portico_request *request)
{
    const char *path = portico_path(request);
    if (strcmp(path, ACCESS_PATH) != 0)
        return path;
    path = strcmp(portico_method(request), "POST") == 0 ? portico_form(request, "path")
                                                        : portico_query_param(request, "path");
    return inside_next(request, path, NULL);
}

/* A role is given to who belongs to the account: not to who acts there for another company, from
 * above, or because they looked in. */
static int find_place(struct lack *lack, struct portico_error *error)
{
    const struct viewer *viewer = inside_viewer(lack->request);
    struct identity_member member;
    const int64_t place = lack->why.yes          ? 0
                          : lack->why.in_account ? viewer->account
                          : is_staff(viewer)     ? IDENTITY_OWNER
                                                 : 0;
    int code = place ? identity_member_of(lack->session, place, viewer->person, &member, error)
                     : PORTICO_ENOENT;
    if (code == 0 && member.state == IDENTITY_MEMBERSHIP)
        lack->account = place;
    return code == PORTICO_ENOENT ? 0 : code;
}

/* ENOENT: there is no such page, or it asks for nothing that one could be given. */
static int find_lack(struct portico_request *request, struct lack *ret_lack,
                     struct portico_error *error)
{
    struct lack lack = { .request = request, .path = path_of(request) };
    const struct viewer *viewer = inside_viewer(request);
    const struct module_route *route = NULL;
    int code = lack.path ? reasons_route(inside_host(request)->registry, lack.path, &route, error)
                         : error_set(error, PORTICO_ENOENT, "No page was named.");
    if (code == 0 &&
        (!route->route.permission || strcmp(route->route.permission, PORTICO_PUBLIC) == 0 ||
         strcmp(route->route.permission, PORTICO_SIGNED_IN) == 0))
        code = error_set(error, PORTICO_ENOENT, "It asks for no permission.");
    if (code == 0)
        code = visit_session(request, &lack.session, error);
    if (code < 0)
        return code;
    lack.permission = route->route.permission;
    const struct identity_question question = { .person = viewer->person,
                                                .account = viewer->account,
                                                .permission = lack.permission,
                                                .outside = !is_staff(viewer) };
    code = identity_why(inside_host(request)->identity, lack.session, &question, &lack.why, error);
    if (code < 0)
        return code;
    code = find_place(&lack, error);
    if (code < 0)
        return code;
    *ret_lack = lack;
    return 0;
}

/* ---- the page ---- */

/* Those who look after the account; those of the portal only where it has none, and by name to the
 * staff only. */
static void show_givers(const struct lack *lack, struct portico_value *view)
{
    struct portico_request *request = lack->request;
    struct portico_value *list = portico_set_list(view, "givers");
    for (size_t i = 0; i < lack->why.giver_count; i++) {
        const struct identity_giver *giver = &lack->why.givers[i];
        if (giver->account != lack->account)
            continue;
        struct portico_value *item = portico_append_object(list);
        portico_set_text(item, "name", giver->name);
        portico_set_text(item, "initials", identity_initials(giver->name, inside_arena(request)));
        portico_set_text(item, "handle", giver->handle);
    }
    portico_set_boolean(view, "any_givers", portico_count(list) > 0);
}

/* Other accounts of theirs where they may: one click leads there. */
static int show_elsewhere(const struct lack *lack, struct portico_value *view,
                          struct portico_error *error)
{
    const struct viewer *viewer = inside_viewer(lack->request);
    struct identity *identity = inside_host(lack->request)->identity;
    struct portico_value *list = portico_set_list(view, "elsewhere");
    int code = 0;
    for (size_t i = 0; code == 0 && i < viewer->account_count && i < ACCESS_ELSEWHERE; i++) {
        struct identity_standing there;
        const struct viewer_account *account = &viewer->accounts[i];
        if (account->id == viewer->account)
            continue;
        code =
            identity_standing(identity, lack->session, viewer->person, account->id, &there, error);
        if (code < 0 || !identity_holds(viewer->permissions, viewer->permission_count, there.held,
                                        there.roles, lack->permission))
            continue;
        struct portico_value *item = portico_append_object(list);
        portico_set_id(item, "id", account->id);
        portico_set_text(item, "name", account->name);
    }
    return code;
}

/* What became of their asking, while that is of use to know. */
static int show_asking(const struct lack *lack, struct portico_value *view,
                       struct portico_error *error)
{
    struct identity_asking asking = { 0 };
    int code = lack->account
                   ? identity_asking_of(lack->session, inside_viewer(lack->request)->person,
                                        lack->account, lack->permission, &asking, error)
                   : PORTICO_ENOENT;
    if (code < 0 && code != PORTICO_ENOENT)
        return code;
    const bool recent = asking.id && portico_now(lack->request) - asking.asked < ACCESS_RECENT;
    const bool refused = recent && asking.answered && !asking.role;
    const bool waits = asking.id && !asking.answered;
    portico_set_boolean(view, "waits", waits);
    portico_set_boolean(view, "refused", refused);
    portico_set_time(view, "asked", asking.asked);
    portico_set_boolean(view, "may_ask", lack->account && !refused && !(waits && recent));
    return 0;
}

static int reply_lack(const struct lack *lack, struct portico_error *error)
{
    struct portico_request *request = lack->request;
    struct portico_value *view = visit_view(request);
    const struct module_host *host = inside_host(request);
    portico_set_text(view, "path", lack->path);
    portico_set_text(
        view, "permission",
        reasons_permission(host, inside_arena(request), portico_locale(request), lack->permission));
    portico_set_text(view, "company",
                     lack->account > IDENTITY_OWNER ? inside_viewer(request)->account_name : NULL);
    portico_set_boolean(view, "told", portico_query_param(request, "asked") != NULL);
    reasons_show(host->pages, inside_arena(request), portico_locale(request), &lack->why, view);
    show_givers(lack, view);
    int code = show_asking(lack, view, error);
    if (code == 0)
        code = show_elsewhere(lack, view, error);
    if (code < 0)
        return code;
    portico_set_status(request, 403);
    return portico_reply_view(request, "access", view);
}

int access_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct lack lack;
    const bool instead = strcmp(portico_path(request), ACCESS_PATH) != 0;
    int code = find_lack(request, &lack, &error);
    /* It was given meanwhile; where the page stands instead of that one, the answer is still no. */
    if (code == 0 && lack.why.yes && !instead)
        return portico_reply_redirect(request, 303, lack.path);
    if (code == 0)
        code = reply_lack(&lack, &error);
    if (code < 0)
        code = visit_failed(request, code, &error);
    return code < 0 && instead ? PORTICO_EPERM : code;
}

/* ---- asking ---- */

static int tell_givers(const struct lack *lack, int64_t asking, const char *words,
                       struct portico_error *error)
{
    struct portico_request *request = lack->request;
    portico_id people[IDENTITY_GIVERS_MAX];
    size_t count = 0;
    bool own = false; /* the account has people who may */
    for (size_t i = 0; i < lack->why.giver_count; i++)
        own |= lack->why.givers[i].account == lack->account;
    for (size_t i = 0; i < lack->why.giver_count; i++)
        if (!own || lack->why.givers[i].account == lack->account)
            people[count++] = lack->why.givers[i].id;
    /* Who may not answer any more reads it no more. */
    const struct identity_audience keepers = { .kind = IDENTITY_FOR_KEEPERS,
                                               .account = lack->account };
    int64_t audience = IDENTITY_AUDIENCE_STAFF;
    int code = own && lack->account > IDENTITY_OWNER
                   ? identity_audience_of(lack->session, &keepers, &audience, error)
                   : 0;
    if (code < 0)
        return code;
    struct portico_value *arguments = portico_object(request);
    portico_set_text(arguments, "account",
                     lack->account > IDENTITY_OWNER
                         ? inside_viewer(request)->account_name
                         : config_text(inside_host(request)->config, "portal", "name"));
    const struct portico_notice notice = {
        .size = sizeof notice,
        .flags = PORTICO_NOTICE_ONLY_NAMED | PORTICO_NOTICE_MENTION,
        .kind = "access-asked",
        .subject = portico_printf(request, "asking/%lld", (long long)asking),
        .title = /* translated */ "{actor} asks you for a role in {account}",
        .arguments = arguments,
        .text = *words ? words : NULL,
        .url = portico_printf(request, ACCESS_REQUESTS "/%lld", (long long)asking),
        .people = people,
        .people_count = count,
        .audience = audience,
        .reason = /* translated */ "because you look after who may what there",
    };
    return count ? portico_notify(portico_notices(request), &notice, error) : 0;
}

static int ask(const struct lack *lack, struct portico_error *error)
{
    struct portico_request *request = lack->request;
    const char *words = portico_form(request, "words");
    const struct identity_asking wanted = { .person = inside_viewer(request)->person,
                                            .account = lack->account,
                                            .permission = lack->permission,
                                            .path = lack->path,
                                            .words = words ? words : "" };
    int64_t id = 0;
    bool fresh = false;
    int code = identity_ask(lack->session, &wanted, &id, &fresh, error);
    if (code == 0 && fresh)
        code = tell_givers(lack, id, wanted.words, error);
    if (code == 0 && fresh)
        code = access_record(request, "access.asked", lack->account, wanted.person,
                             lack->permission, error);
    return code;
}

static int reply_too_much(struct portico_request *request)
{
    return portico_reply_problem(
        request, 429, NULL, portico_translate(request, "Much of yours waits already", NULL),
        portico_translate(
            request, "Nothing was sent. Ask again once some of what you asked for is answered.",
            NULL));
}

int access_ask(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct lack lack;
    const char *words = portico_form(request, "words");
    int code = find_lack(request, &lack, &error);
    if (code == 0 && lack.why.yes)
        return portico_reply_redirect(request, 303, lack.path);
    if (code == 0 && !lack.account)
        code = error_set(&error, PORTICO_ENOENT, "It is not for them to get.");
    if (code == 0 && (strlen(lack.path) > IDENTITY_ASKING_PATH ||
                      (words && strlen(words) > IDENTITY_ASKING_WORDS)))
        return PORTICO_ELIMIT;
    if (code == 0)
        code = portico_begin(portico_db(request), &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    code = ask(&lack, &error);
    code = code == 0 ? portico_commit(portico_db(request), &error) : code;
    if (code < 0)
        portico_rollback(portico_db(request));
    if (code == PORTICO_ELIMIT)
        return reply_too_much(request);
    if (code < 0)
        return visit_failed(request, code, &error);
    return portico_reply_redirect(request, 303, access_address(request, lack.path));
}
