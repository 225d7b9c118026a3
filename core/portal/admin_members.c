/* Who belongs to a company, as the staff sees and changes it. */
#include "base/clock.h"
#include "base/error.h"
#include "identity/person.h"
#include "portal/admin_accounts.h"
#include "portal/again.h"
#include "portal/pages.h"
#include "portal/term.h"
#include "portal/visit.h"

#include <glib.h>

#define MEMBERS_A_PAGE 25

/* " account-admin buyer " of a membership. */
static int roles_of(struct portico_request *request, struct store_session *session,
                    int64_t membership, const char **ret_roles, struct portico_error *error)
{
    struct value *rows;
    const char *roles = " ";
    int code = identity_roles_of_member(session, membership, &rows, error);
    for (uint32_t i = 0; code == 0 && roles && i < rows->count; i++)
        roles = portico_printf(request, "%s%s ", roles, value_rows_at(rows, i)->text);
    if (code == 0 && !roles)
        return error_set(error, PORTICO_ENOMEM, "Memory ended.");
    *ret_roles = roles;
    return code;
}

static bool has(const char *roles, const char *key)
{
    const size_t length = strlen(key);
    for (const char *at = roles; at && (at = strstr(at, key)); at++)
        if (at > roles && at[-1] == ' ' && at[length] == ' ')
            return true;
    return false;
}

/* Those that are given in the account. */
static int
each_role(struct portico_request *request, struct store_session *session, int64_t account,
          void (*take)(struct portico_request *request, const struct identity_roles *roles,
                       const struct identity_role *role, void *data),
          void *data, struct portico_error *error)
{
    struct identity_roles *roles;
    int code = identity_roles_take(inside_host(request)->identity, session, -1, &roles, error);
    if (code < 0)
        return code;
    for (size_t i = 0; i < identity_roles_count(roles); i++) {
        const struct identity_role *role = identity_roles_at(roles, i);
        if (role->given && role->owner == (account == IDENTITY_OWNER))
            take(request, roles, role, data);
    }
    identity_roles_drop(roles);
    return PORTICO_OK;
}

struct shown {
    struct portico_value *list;
    const char *held;
};

static void show_role(struct portico_request *request, const struct identity_roles *roles,
                      const struct identity_role *role, void *data)
{
    const struct shown *shown = data;
    struct portico_value *item = portico_append_object(shown->list);
    portico_set_text(item, "key", role->key);
    portico_set_text(item, "title",
                     role->built_in ? portico_translate(request, role->title, NULL) : role->title);
    portico_set_text(item, "description",
                     role->built_in ? portico_translate(request, role->description, NULL)
                                    : role->description);
    portico_set_boolean(item, "has", has(shown->held, role->key));
    portico_set_boolean(item, "may",
                        identity_roles_may_give(roles, inside_viewer(request)->roles, role));
}

int admin_show_roles(struct portico_request *request, struct store_session *session,
                     int64_t account, const char *held, struct portico_value *view,
                     struct portico_error *error)
{
    struct shown shown = { portico_set_list(view, "roles"), held };
    return each_role(request, session, account, show_role, &shown, error);
}

static void read_role(struct portico_request *request, const struct identity_roles *roles,
                      const struct identity_role *role, void *data)
{
    const char **read = data;
    (void)roles;
    if (portico_form(request, portico_printf(request, "role-%s", role->key)))
        *read = portico_printf(request, "%s%s ", *read, role->key);
}

int admin_read_roles(struct portico_request *request, struct store_session *session,
                     int64_t account, const char **ret_roles, struct portico_error *error)
{
    *ret_roles = " ";
    return each_role(request, session, account, read_role, ret_roles, error);
}

/* ---- all of an account ---- */

/* "Account admin, Buyer": what a list says of somebody. */
static const char *titles(struct portico_request *request, const struct identity_roles *roles,
                          const char *held)
{
    const char *said = "";
    for (size_t i = 0; i < identity_roles_count(roles); i++) {
        const struct identity_role *role = identity_roles_at(roles, i);
        if (!role->given || !has(held, role->key))
            continue;
        said = portico_printf(request, "%s%s%s", said, *said ? ", " : "",
                              role->built_in ? portico_translate(request, role->title, NULL)
                                             : role->title);
    }
    return said;
}

int admin_role_titles(struct portico_request *request, struct store_session *session,
                      const char *keys, const char **ret_titles, struct portico_error *error)
{
    struct identity_roles *roles;
    const char *held = portico_printf(request, " %s ", keys);
    int code = identity_roles_take(inside_host(request)->identity, session, -1, &roles, error);
    if (code < 0)
        return code;
    *ret_titles = titles(request, roles, held);
    identity_roles_drop(roles);
    return PORTICO_OK;
}

static int show_member(struct portico_request *request, struct store_session *session,
                       const struct identity_roles *roles, const struct portico_value *row,
                       struct portico_value *item, struct portico_error *error)
{
    const char *name = portico_get_text(row, "name", ""), *held;
    const int64_t until = portico_get_integer(row, "until", 0);
    int code = roles_of(request, session, portico_get_integer(row, "id", 0), &held, error);
    if (code < 0)
        return code;
    const char *said = titles(request, roles, held);
    portico_set_id(item, "person", portico_get_integer(row, "person", 0));
    portico_set_text(item, "name", name);
    portico_set_text(item, "initials", identity_initials(name, inside_arena(request)));
    portico_set_text(item, "address", portico_get_text(row, "address", NULL));
    portico_set_text(item, "title", portico_get_text(row, "title", ""));
    portico_set_text(item, "roles", *said ? said : NULL);
    portico_set_boolean(item, "applied", portico_get_integer(row, "state", 1) == IDENTITY_APPLIED);
    portico_set_boolean(item, "disabled",
                        portico_get_integer(row, "person_state", 1) == IDENTITY_DISABLED);
    portico_set_boolean(item, "over", until && until <= clock_now());
    term_show_begin(request, portico_get_integer(row, "from", 0), item);
    portico_set_boolean(item, "below", portico_value_integer(portico_get(row, "below")) != 0);
    return PORTICO_OK;
}

int admin_show_members(struct portico_request *request, struct store_session *session,
                       int64_t account, struct portico_value *view, struct portico_error *error)
{
    const int64_t after = visit_number(portico_query_param(request, "after"));
    struct identity_roles *roles;
    struct identity_person last;
    struct value *rows;
    const bool behind = after && identity_person_look(session, after, &last, NULL) == 0;
    const struct identity_place place = { behind ? last.name : "", after };
    int code = identity_members(session, account, "", behind ? &place : NULL, MEMBERS_A_PAGE + 1,
                                &rows, error);
    if (code == 0)
        code = identity_roles_take(inside_host(request)->identity, session, -1, &roles, error);
    if (code < 0)
        return code;
    struct portico_value *list = portico_set_list(view, "members");
    for (uint32_t i = 0; code == 0 && i < rows->count && i < MEMBERS_A_PAGE; i++)
        code = show_member(request, session, roles, value_public(value_at(rows, i)),
                           portico_append_object(list), error);
    identity_roles_drop(roles);
    portico_set_boolean(view, "any_members", rows->count > 0);
    portico_set_boolean(view, "behind", behind);
    portico_set_boolean(view, "paged", behind || rows->count > MEMBERS_A_PAGE);
    if (rows->count > MEMBERS_A_PAGE)
        portico_set_id(
            view, "next_member",
            portico_get_integer(value_public(value_at(rows, MEMBERS_A_PAGE - 1)), "person", 0));
    else
        portico_set_text(view, "next_member", NULL);
    return code;
}

/* ---- one of them ---- */

/* With what was typed, where something is `refused` or a day of `wrong` is; else as it is. */
static int reply_member(struct portico_request *request, int64_t account_id, int64_t person_id,
                        const char *refused, const struct term *wrong)
{
    static const struct term none = { 0 };
    const bool again = refused || wrong;
    struct portico_error error = PORTICO_ERROR_INIT;
    struct identity_account account;
    struct identity_member member;
    struct identity_person person;
    struct store_session *session;
    const char *held = NULL;
    struct portico_value *view = visit_view(request);
    int code = visit_session(request, &session, &error);
    if (code == 0)
        code = identity_account_look(session, account_id, &account, &error);
    if (code == 0)
        code = identity_member_of(session, account_id, person_id, &member, &error);
    if (code == 0)
        code = identity_person_look(session, person_id, &person, &error);
    if (code == 0)
        code = roles_of(request, session, member.id, &held, &error);
    if (code == 0 && again)
        code = admin_read_roles(request, session, account_id, &held, &error);
    if (code == 0)
        code = admin_show_roles(request, session, account_id, held, view, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    portico_set_id(view, "id", account.id);
    portico_set_text(view, "account_name", admin_account_name(request, account.id, account.name));
    portico_set_boolean(view, "owner", account.id == IDENTITY_OWNER);
    portico_set_id(view, "person", person.id);
    portico_set_text(view, "name", person.name);
    portico_set_text(view, "handle", person.handle);
    portico_set_text(view, "initials", person.initials);
    portico_set_boolean(view, "self", person.id == inside_viewer(request)->person);
    portico_set_boolean(view, "applied", member.state == IDENTITY_APPLIED);
    portico_set_text(view, "title", again ? portico_form(request, "title") : member.title);
    portico_set_boolean(view, "below",
                        again ? portico_form(request, "below") != NULL : member.below);
    portico_set_boolean(view, "over", member.until && member.until <= portico_now(request));
    term_show(request, &member, again ? wrong ? wrong : &none : NULL, view);
    term_show_begin(request, member.from, view);
    term_show_source(request, session, &member, view);
    portico_set_text(view, "refused", refused);
    if (again)
        portico_set_status(request, 422);
    return portico_reply_view(request, "member-admin", view);
}

int admin_member_page(struct portico_request *request)
{
    return reply_member(request, visit_number(portico_param(request, "id")),
                        visit_number(portico_param(request, "person")), NULL, NULL);
}

/* Both lists are keys with a blank around each: those of `from` that `without` lacks. */
static const char *left(struct portico_request *request, const char *from, const char *without)
{
    const char *kept = " ";
    char **keys = g_strsplit(from, " ", -1);
    for (char **key = keys; *key; key++)
        if (**key && !has(without, *key))
            kept = portico_printf(request, "%s%s ", kept, *key);
    g_strfreev(keys);
    return kept;
}

static int save(struct portico_request *request, const struct manage *manage,
                const struct identity_member *member, struct term *term,
                struct portico_error *error)
{
    const bool below = portico_form(request, "below") != NULL;
    const char *title = portico_form(request, "title");
    struct identity_member_change change = { .title = title ? title : "", .below = &below };
    const char *before, *wanted;
    int code = 0;
    if (!term_read(request, member, term))
        code = error_set(error, PORTICO_EINVAL, "One of its days cannot be kept so.");
    change.from = term->from;
    change.until = term->until;
    if (code == 0)
        code = roles_of(request, manage->session, member->id, &before, error);
    if (code == 0)
        code = admin_read_roles(request, manage->session, member->account, &wanted, error);
    if (code < 0)
        return code;
    if (strcmp(change.title, member->title) != 0 || below != member->below ||
        change.from != member->from || change.until != member->until)
        code = manage_member_change(manage, member->id, &change, error);
    if (code == 0 && member->state == IDENTITY_APPLIED)
        code = manage_member_approve(manage, member->id, error);
    const char *given = left(request, wanted, before), *taken = left(request, before, wanted);
    if (code == 0 && (given[1] || taken[1]))
        code = manage_member_roles(manage, member->id, given, taken, error);
    return code;
}

/* Whether roles are ticked that they do not have, or what they have is to reach below. */
static int gives_roles(struct portico_request *request, const struct manage *manage,
                       int64_t account, int64_t person, bool *ret_gives,
                       struct portico_error *error)
{
    struct identity_member member;
    const char *before, *wanted;
    int code = identity_member_of(manage->session, account, person, &member, error);
    if (code == 0)
        code = roles_of(request, manage->session, member.id, &before, error);
    if (code == 0)
        code = admin_read_roles(request, manage->session, account, &wanted, error);
    if (code == 0)
        *ret_gives = left(request, wanted, before)[1] != '\0' ||
                     (portico_form(request, "below") && !member.below);
    return code;
}

int admin_member_change(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const int64_t account = visit_number(portico_param(request, "id"));
    const int64_t person = visit_number(portico_param(request, "person"));
    const char *act = portico_form(request, "act"), *refused;
    const bool leaves = act && strcmp(act, "leave") == 0;
    struct identity_member member;
    struct manage manage;
    struct term term = { 0 };
    bool gives = false;
    int answer;
    int code = manage_of(request, &manage, &error);
    if (code == 0 && !leaves)
        code = gives_roles(request, &manage, account, person, &gives, &error);
    if (code == 0 && gives &&
        !again_or_ask(request,
                      portico_printf(request, "/admin/accounts/%lld/people/%lld",
                                     (long long)account, (long long)person),
                      &answer))
        return answer;
    if (code == 0)
        code = portico_begin(portico_db(request), &error);
    if (code == 0)
        code = identity_member_of(manage.session, account, person, &member, &error);
    const bool there = code == 0;
    if (code == 0)
        code = leaves ? manage_member_remove(&manage, member.id, &error)
                      : save(request, &manage, &member, &term, &error);
    if (code == 0)
        code = portico_commit(portico_db(request), &error);
    else
        portico_rollback(portico_db(request));
    if (code == 0)
        return portico_reply_redirect(request, 303,
                                      portico_printf(request, "/admin/accounts/%lld?saved=%s",
                                                     (long long)account,
                                                     leaves ? "left" : "member"));
    if (term.from_wrong || term.until_wrong)
        return reply_member(request, account, person, NULL, &term);
    refused = there ? admin_refusal(request, code, &error) : NULL;
    return refused ? reply_member(request, account, person, refused, NULL)
                   : visit_failed(request, code, &error);
}
