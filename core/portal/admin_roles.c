/* Roles for whoever defines them: which there are, what each may, in words, and the owner's rules.
 */
#include "base/error.h"
#include "portal/admin_accounts.h"
#include "portal/again.h"
#include "portal/pages.h"
#include "portal/reasons.h"
#include "portal/visit.h"

#include <glib.h>

static const char *typed(struct portico_request *request, const char *field)
{
    const char *value = portico_form(request, field);
    return value ? value : "";
}

/* Words of every portal's roles are translated, those of the owner's own are as written. */
static const char *words(struct portico_request *request, const struct identity_role *role,
                         const char *text)
{
    return role->built_in ? portico_translate(request, text, NULL) : text;
}

static void show_role(struct portico_request *request, const struct identity_role *role,
                      struct portico_value *item)
{
    portico_set_text(item, "key", role->key);
    portico_set_text(item, "title", words(request, role, role->title));
    portico_set_text(item, "description", words(request, role, role->description));
    portico_set_boolean(item, "owner", role->owner);
    portico_set_boolean(item, "built_in", role->built_in);
    portico_set_boolean(item, "given", role->given);
}

static bool all(const struct identity_role *role)
{
    return role->bit == IDENTITY_ADMIN;
}

size_t admin_count_held(const struct identity_roles *roles, const struct identity_role *role)
{
    size_t count, held = 0;
    const struct identity_permission *permissions = identity_roles_permissions(roles, &count);
    for (size_t i = 0; i < count; i++)
        held += all(role) || permissions[i].roles & role->bit;
    return held;
}

/* ---- the list ---- */

static int reply_roles(struct portico_request *request, const char *refused)
{
    static const char *const fields[] = { "new_key", "new_title", "new_description" };
    struct portico_error error = PORTICO_ERROR_INIT;
    struct identity_roles *roles;
    struct store_session *session;
    struct portico_value *view = visit_view(request);
    struct portico_value *list = portico_set_list(view, "roles");
    int code = visit_session(request, &session, &error);
    if (code == 0)
        code = identity_roles_take(inside_host(request)->identity, session, -1, &roles, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    for (size_t i = 0; code == 0 && i < identity_roles_count(roles); i++) {
        const struct identity_role *role = identity_roles_at(roles, i);
        struct portico_value *item = portico_append_object(list);
        int64_t holders = 0;
        show_role(request, role, item);
        portico_set_boolean(item, "all", all(role));
        portico_set_integer(item, "holds", (int64_t)admin_count_held(roles, role));
        code = identity_role_holders(session, role->key, &holders, &error);
        portico_set_integer(item, "holders", holders);
    }
    identity_roles_drop(roles);
    if (code < 0)
        return visit_failed(request, code, &error);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        portico_set_text(view, fields[i], refused ? typed(request, fields[i]) : "");
    portico_set_boolean(view, "for_owner", strcmp(typed(request, "place"), "owner") == 0);
    portico_set_text(view, "refused", refused);
    portico_set_boolean(view, "removed", portico_query_param(request, "removed") != NULL);
    if (refused)
        portico_set_status(request, 422);
    return portico_reply_view(request, "roles-admin", view);
}

int roles_page(struct portico_request *request)
{
    return reply_roles(request, NULL);
}

/* Begins, acts, and commits or takes back. */
static int work(struct portico_request *request,
                int (*act)(struct portico_request *request, const struct manage *manage,
                           struct portico_error *error),
                struct portico_error *error)
{
    struct manage manage;
    int code = manage_of(request, &manage, error);
    if (code == 0)
        code = portico_begin(portico_db(request), error);
    if (code == 0)
        code = act(request, &manage, error);
    if (code == 0)
        code = portico_commit(portico_db(request), error);
    else
        portico_rollback(portico_db(request));
    return code;
}

static int make(struct portico_request *request, const struct manage *manage,
                struct portico_error *error)
{
    const struct identity_new_role made = { .key = typed(request, "new_key"),
                                            .title = typed(request, "new_title"),
                                            .description = typed(request, "new_description"),
                                            .owner =
                                                strcmp(typed(request, "place"), "owner") == 0 };
    return manage_role_add(manage, &made, error);
}

int role_make(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    int answer;
    if (!again_or_ask(request, "/admin/roles", &answer))
        return answer;
    int code = work(request, make, &error);
    if (code == 0)
        return portico_reply_redirect(
            request, 303,
            portico_printf(request, "/admin/roles/%s?saved=made", typed(request, "new_key")));
    const char *refused = admin_refusal(request, code, &error);
    return refused ? reply_roles(request, refused) : visit_failed(request, code, &error);
}

/* ---- one of them ---- */

static void show_permission(struct portico_request *request, const struct identity_role *role,
                            const struct identity_permission *permission, bool ruled,
                            struct portico_value *item)
{
    portico_set_text(item, "name", permission->name);
    portico_set_text(item, "title",
                     reasons_permission(inside_host(request), inside_arena(request),
                                        portico_locale(request), permission->name));
    portico_set_boolean(item, "holds", all(role) || permission->roles & role->bit);
    portico_set_boolean(item, "ruled", ruled);
}

static int show_permissions(struct portico_request *request, struct store_session *session,
                            const struct identity_roles *roles, const struct identity_role *role,
                            struct portico_value *view, struct portico_error *error)
{
    size_t count;
    struct value *rules;
    struct portico_value *list = portico_set_list(view, "permissions");
    const struct identity_permission *permissions = identity_roles_permissions(roles, &count);
    int code = identity_role_rules(session, role->key, &rules, error);
    for (size_t i = 0; code == 0 && i < count; i++) {
        bool ruled = false;
        for (uint32_t r = 0; r < rules->count; r++)
            ruled |= strcmp(value_rows_at(rules, r)->text, permissions[i].name) == 0;
        if (identity_roles_fit(role, &permissions[i]))
            show_permission(request, role, &permissions[i], ruled, portico_append_object(list));
    }
    return code;
}

static const struct {
    const char *name, *words;
} outcomes[] = {
    { "made", /* translated */ "The role is there. Say below what it may." },
    { "described", /* translated */ "Saved." },
    { "rule", /* translated */ "Saved. It holds everywhere within a second." },
};

static int reply_role(struct portico_request *request, const char *refused)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct identity_roles *roles;
    struct store_session *session;
    int64_t holders = 0;
    const char *saved = portico_query_param(request, "saved"), *told = NULL;
    struct portico_value *view = visit_view(request);
    int code = visit_session(request, &session, &error);
    if (code == 0)
        code = identity_roles_take(inside_host(request)->identity, session, -1, &roles, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    const struct identity_role *role = identity_roles_find(roles, portico_param(request, "key"));
    if (!role)
        code = PORTICO_ENOENT;
    if (code == 0)
        code = show_permissions(request, session, roles, role, view, &error);
    if (code == 0)
        code = identity_role_holders(session, role->key, &holders, &error);
    if (code == 0) {
        show_role(request, role, view);
        portico_set_boolean(view, "all", all(role));
        portico_set_boolean(view, "fixed", all(role) || role->bit == IDENTITY_EVERYONE);
        portico_set_boolean(view, "guests", role->bit == IDENTITY_EVERYONE);
        portico_set_integer(view, "holders", holders);
        portico_set_boolean(view, "any_holders", holders > 0);
    }
    identity_roles_drop(roles);
    if (code < 0)
        return visit_failed(request, code, &error);
    for (size_t i = 0; saved && i < sizeof outcomes / sizeof *outcomes; i++)
        if (strcmp(saved, outcomes[i].name) == 0)
            told = portico_translate(request, outcomes[i].words, NULL);
    portico_set_text(view, "saved", told);
    portico_set_text(view, "refused", refused);
    if (refused)
        portico_set_status(request, 422);
    return portico_reply_view(request, "role-admin", view);
}

int role_page(struct portico_request *request)
{
    return reply_role(request, NULL);
}

static int describe(struct portico_request *request, const struct manage *manage,
                    struct portico_error *error)
{
    return manage_role_describe(manage, portico_param(request, "key"), typed(request, "new_title"),
                                typed(request, "new_description"), error);
}

static int remove_role(struct portico_request *request, const struct manage *manage,
                       struct portico_error *error)
{
    return manage_role_remove(manage, portico_param(request, "key"), error);
}

static int allow(struct portico_request *request, const struct manage *manage,
                 struct portico_error *error)
{
    return manage_role_rule(manage, portico_param(request, "key"), typed(request, "permission"),
                            MANAGE_ALLOW, error);
}

static int deny(struct portico_request *request, const struct manage *manage,
                struct portico_error *error)
{
    return manage_role_rule(manage, portico_param(request, "key"), typed(request, "permission"),
                            MANAGE_DENY, error);
}

static int reset(struct portico_request *request, const struct manage *manage,
                 struct portico_error *error)
{
    return manage_role_rule(manage, portico_param(request, "key"), typed(request, "permission"),
                            MANAGE_RESET, error);
}

static const struct {
    const char *name, *saved;
    int (*act)(struct portico_request *request, const struct manage *manage,
               struct portico_error *error);
} acts[] = {
    { "describe", "described", describe },
    { "remove", NULL, remove_role },
    { "allow", "rule", allow },
    { "deny", "rule", deny },
    { "reset", "rule", reset },
};

int role_change(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *name = typed(request, "act");
    size_t i = 0;
    while (i < sizeof acts / sizeof *acts && strcmp(acts[i].name, name) != 0)
        i++;
    if (i == sizeof acts / sizeof *acts)
        return PORTICO_EINVAL;
    int answer;
    if (!again_or_ask(request,
                      portico_printf(request, "/admin/roles/%s", portico_param(request, "key")),
                      &answer))
        return answer;
    int code = work(request, acts[i].act, &error);
    if (code == 0)
        return portico_reply_redirect(
            request, 303,
            acts[i].saved ? portico_printf(request, "/admin/roles/%s?saved=%s",
                                           portico_param(request, "key"), acts[i].saved)
                          : "/admin/roles?removed=1");
    const char *refused = admin_refusal(request, code, &error);
    return refused ? reply_role(request, refused) : visit_failed(request, code, &error);
}
