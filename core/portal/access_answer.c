/* Answering who asked for what they lack: by admins of their company for roles held there, by the
 * portal's for its own. */
#include "base/error.h"
#include "identity/account.h"
#include "identity/audit.h"
#include "identity/giving.h"
#include "identity/person.h"
#include "identity/roster.h"
#include "portal/access.h"
#include "portal/admin_accounts.h"
#include "portal/again.h"
#include "portal/manage.h"
#include "portal/pages.h"
#include "portal/reasons.h"
#include "portal/visit.h"

#include <glib.h>

#define REQUESTS_A_PAGE 25

const char *access_address(struct portico_request *request, const char *path)
{
    char *encoded = g_uri_escape_string(path, "/", FALSE);
    const char *address = portico_printf(request, ACCESS_PATH "?asked=1&path=%s", encoded);
    g_free(encoded);
    return address;
}

int access_record(struct portico_request *request, const char *kind, int64_t account,
                  int64_t person, const char *permission, struct portico_error *error)
{
    const struct identity_act act = { .kind = kind,
                                      .actor = inside_viewer(request)->person,
                                      .person = person,
                                      .account = account,
                                      .object = permission,
                                      .other = inside_viewer(request)->through,
                                      .origin = inside_network(request) };
    struct store_session *session;
    int code = visit_session(request, &session, error);
    return code < 0 ? code : identity_audit(session, &act, error);
}

/* ---- who may answer ---- */

static bool answers_all(struct portico_request *request)
{
    return viewer_may(inside_viewer(request), "portico.admin");
}

static bool answers_own(struct portico_request *request)
{
    return inside_viewer(request)->account > IDENTITY_OWNER &&
           viewer_may(inside_viewer(request), "portico.company");
}

static bool may_answer(struct portico_request *request, const struct identity_asking *asking)
{
    return asking->person != inside_viewer(request)->person &&
           (answers_all(request) ||
            (answers_own(request) && asking->account == inside_viewer(request)->account));
}

/* Of others, and what there is not, the same is said. */
static int find_asking(struct portico_request *request, struct store_session *session,
                       struct identity_asking *ret_asking, struct portico_error *error)
{
    int code = identity_asking_look(session, visit_number(portico_param(request, "id")), ret_asking,
                                    error);
    if (code == 0 && !may_answer(request, ret_asking))
        return error_set(error, PORTICO_ENOENT, "Nobody asked for that.");
    return code;
}

/* ---- the list ---- */

static const char *permission_words(struct portico_request *request, const char *name)
{
    return reasons_permission(inside_host(request), inside_arena(request), portico_locale(request),
                              name);
}

int access_requests_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const int64_t account = answers_all(request) ? 0 : inside_viewer(request)->account;
    struct store_session *session;
    struct value *rows = NULL;
    if (!answers_all(request) && !answers_own(request))
        return PORTICO_ENOENT;
    int code = visit_session(request, &session, &error);
    if (code == 0)
        code =
            identity_askings(session, account, visit_number(portico_query_param(request, "after")),
                             REQUESTS_A_PAGE + 1, &rows, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    struct portico_value *view = visit_view(request);
    struct portico_value *list = portico_set_list(view, "requests");
    for (uint32_t i = 0; i < rows->count && i < REQUESTS_A_PAGE; i++) {
        const struct portico_value *row = value_public(value_at(rows, i));
        struct portico_value *item = portico_append_object(list);
        const char *name = portico_get_text(row, "name", "");
        portico_set_id(item, "id", portico_get_integer(row, "id", 0));
        portico_set_text(item, "name", name);
        portico_set_text(item, "initials", identity_initials(name, inside_arena(request)));
        portico_set_text(item, "permission",
                         permission_words(request, portico_get_text(row, "permission", "")));
        portico_set_time(item, "asked", portico_get_integer(row, "asked", 0));
    }
    portico_set_boolean(view, "any", rows->count > 0);
    portico_set_boolean(view, "behind", portico_query_param(request, "after") != NULL);
    portico_set_text(
        view, "next",
        rows->count > REQUESTS_A_PAGE
            ? portico_printf(request, "%lld",
                             (long long)value_rows_at(rows, REQUESTS_A_PAGE - 1)->integer)
            : NULL);
    portico_set_boolean(view, "given", portico_query_param(request, "given") != NULL);
    portico_set_boolean(view, "refused", portico_query_param(request, "refused") != NULL);
    return portico_reply_view(request, "access-requests", view);
}

/* ---- one of them ---- */

/* The roles that hold it and that one may give, those that hold least first. */
struct choice {
    const struct identity_role *role;
    size_t holds;
};

static int by_size(const void *a, const void *b)
{
    const size_t first = ((const struct choice *)a)->holds,
                 second = ((const struct choice *)b)->holds;
    return (first > second) - (first < second);
}

static bool holds(const struct identity_roles *roles, const struct identity_role *role,
                  const char *permission)
{
    size_t count;
    const struct identity_permission *permissions = identity_roles_permissions(roles, &count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(permissions[i].name, permission) == 0)
            return role->bit == IDENTITY_ADMIN || permissions[i].roles & role->bit;
    return false;
}

static int show_choices(struct portico_request *request, struct store_session *session,
                        const struct identity_asking *asking, struct portico_value *view,
                        struct portico_error *error)
{
    struct identity_roles *roles;
    struct choice choices[IDENTITY_ROLES_DEFINED_MAX + 8];
    size_t count = 0;
    int code = identity_roles_take(inside_host(request)->identity, session, -1, &roles, error);
    if (code < 0)
        return code;
    for (size_t i = 0; i < identity_roles_count(roles) && count < G_N_ELEMENTS(choices); i++) {
        const struct identity_role *role = identity_roles_at(roles, i);
        if (role->given && role->owner == (asking->account == IDENTITY_OWNER) &&
            holds(roles, role, asking->permission) &&
            identity_roles_may_give(roles, inside_viewer(request)->roles, role))
            choices[count++] = (struct choice){ role, admin_count_held(roles, role) };
    }
    qsort(choices, count, sizeof *choices, by_size);
    struct portico_value *list = portico_set_list(view, "roles");
    for (size_t i = 0; i < count; i++) {
        const struct identity_role *role = choices[i].role;
        struct portico_value *item = portico_append_object(list);
        portico_set_text(item, "key", role->key);
        portico_set_text(item, "title",
                         role->built_in ? portico_translate(request, role->title, NULL)
                                        : role->title);
        portico_set_boolean(item, "first", i == 0);
        portico_set_integer(item, "more", (int64_t)choices[i].holds - 1);
        portico_set_boolean(item, "any_more", choices[i].holds > 1);
    }
    portico_set_boolean(view, "any_roles", count > 0);
    identity_roles_drop(roles);
    return 0;
}

int access_request_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct identity_asking asking;
    struct identity_person person;
    struct identity_account account;
    struct identity_why why;
    struct store_session *session;
    struct identity *identity = inside_host(request)->identity;
    struct portico_value *view = visit_view(request);
    int code = visit_session(request, &session, &error);
    if (code == 0)
        code = find_asking(request, session, &asking, &error);
    if (code == 0)
        code = identity_person_look(session, asking.person, &person, &error);
    if (code == 0)
        code = identity_account_look(session, asking.account, &account, &error);
    if (code == 0) {
        const struct identity_question question = { .person = asking.person,
                                                    .account = asking.account,
                                                    .permission = asking.permission,
                                                    .outside = !answers_all(request) };
        code = identity_why(identity, session, &question, &why, &error);
    }
    if (code == 0)
        code = show_choices(request, session, &asking, view, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    reasons_show(inside_host(request)->pages, inside_arena(request), portico_locale(request), &why,
                 view);
    portico_set_id(view, "id", asking.id);
    portico_set_text(view, "name", person.name);
    portico_set_text(view, "initials", person.initials);
    portico_set_text(view, "handle", person.handle);
    portico_set_text(view, "account",
                     *account.name ? account.name
                                   : config_text(inside_host(request)->config, "portal", "name"));
    portico_set_text(view, "permission", permission_words(request, asking.permission));
    portico_set_text(view, "words", *asking.words ? asking.words : NULL);
    portico_set_text(view, "path", asking.path);
    portico_set_time(view, "asked", asking.asked);
    portico_set_boolean(view, "answered", asking.answered != 0);
    portico_set_boolean(view, "was_given", asking.role != NULL);
    portico_set_boolean(view, "lacking", portico_query_param(request, "lacking") != NULL);
    return portico_reply_view(request, "access-request", view);
}

/* ---- the answer ---- */

static int tell_asker(struct portico_request *request, const struct identity_asking *asking,
                      bool given, struct portico_error *error)
{
    const char *subject = portico_printf(request, "asking/%lld", (long long)asking->id);
    const portico_id person = asking->person;
    const struct portico_notice notice = {
        .size = sizeof notice,
        .flags = PORTICO_NOTICE_ONLY_NAMED | PORTICO_NOTICE_MENTION,
        .kind = "access-answered",
        .subject = subject,
        .title = given ? /* translated */ "{actor} gave you what you asked for"
                       : /* translated */ "{actor} did not give you what you asked for",
        .url = asking->path,
        .people = &person,
        .people_count = 1,
        .reason = /* translated */ "because you asked",
    };
    int code = portico_notice_withdraw(portico_notices(request), subject, error);
    return code < 0 ? code : portico_notify(portico_notices(request), &notice, error);
}

static int give(const struct manage *manage, const struct identity_asking *asking, const char *role,
                struct portico_error *error)
{
    struct identity_member member;
    struct identity_roles *roles;
    int code = identity_roles_take(manage->identity, manage->session, -1, &roles, error);
    if (code < 0)
        return code;
    const struct identity_role *chosen = identity_roles_find(roles, role);
    if (!chosen || !holds(roles, chosen, asking->permission))
        code = error_set(error, PORTICO_EINVAL, "That role would not help.");
    identity_roles_drop(roles);
    if (code == 0)
        code = identity_member_of(manage->session, asking->account, asking->person, &member, error);
    return code < 0 ? code : manage_member_roles(manage, member.id, role, "", error);
}

/* In the open transaction, with the account held first, as all who change its people do. */
static int answer(struct portico_request *request, const struct manage *manage, const char *role,
                  struct portico_error *error)
{
    struct identity_asking asking;
    int code = find_asking(request, manage->session, &asking, error);
    if (code == 0)
        code = identity_account_hold(manage->session, asking.account, error);
    if (code == 0)
        code = identity_giving(manage->identity, manage->session, manage->actor, asking.account,
                               asking.person, "", error);
    if (code == 0)
        code = identity_asking_answer(manage->session, asking.id, manage->actor, role, error);
    if (code == 0 && role)
        code = give(manage, &asking, role, error);
    if (code == 0)
        code = tell_asker(request, &asking, role != NULL, error);
    if (code == 0 && !role)
        code = access_record(request, "access.refused", asking.account, asking.person,
                             asking.permission, error);
    return code;
}

int access_request_answer(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct manage manage;
    const char *act = portico_form(request, "act"), *role = portico_form(request, "role");
    const bool gives = act && strcmp(act, "give") == 0;
    if (!gives && (!act || strcmp(act, "refuse") != 0))
        return PORTICO_EINVAL;
    if (gives && !role)
        return PORTICO_EINVAL;
    int again;
    if (gives &&
        !again_or_ask(request,
                      portico_printf(request, ACCESS_REQUESTS "/%s", portico_param(request, "id")),
                      &again))
        return again;
    int code = manage_of(request, &manage, &error);
    if (code == 0)
        code = portico_begin(portico_db(request), &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    code = answer(request, &manage, gives ? role : NULL, &error);
    code = code == 0 ? portico_commit(portico_db(request), &error) : code;
    if (code < 0)
        portico_rollback(portico_db(request));
    const char *id = portico_param(request, "id");
    if (code == PORTICO_EPERM)
        return portico_reply_redirect(request, 303,
                                      portico_printf(request, ACCESS_REQUESTS "/%s?lacking=1", id));
    if (code == PORTICO_ECONFLICT)
        return portico_reply_redirect(request, 303,
                                      portico_printf(request, ACCESS_REQUESTS "/%s", id));
    if (code < 0)
        return visit_failed(request, code, &error);
    return portico_reply_redirect(
        request, 303, gives ? ACCESS_REQUESTS "?given=1" : ACCESS_REQUESTS "?refused=1");
}
