/* portico.account: the accounts a viewer may know about, who belongs to them, and facts. */
#include "base/error.h"
#include "identity/account.h"
#include "identity/fact.h"
#include "identity/known.h"
#include "identity/role.h"
#include "module/account_relations.h"
#include "module/call.h"
#include "module/facts.h"
#include "module/join.h"
#include "module/knower.h"

#define LIMIT_OF 200
#define LIMIT_MEMBERS 50

struct accounts_handle {
    struct portico_accounts public; /* must be first */
    uint32_t magic;
    struct scope *scope;
};

void *interface_account_open(struct scope *scope)
{
    struct accounts_handle *handle = arena_zalloc(scope->arena, sizeof *handle);
    if (!handle)
        return NULL;
    handle->public.api = interface_shown(&interface_account);
    handle->magic = ACCOUNTS_MAGIC;
    handle->scope = scope;
    return handle;
}

static struct scope *account_scope(struct portico_accounts *accounts)
{
    struct accounts_handle *handle = (struct accounts_handle *)accounts;
    if (!handle || handle->magic != ACCOUNTS_MAGIC)
        call_stale_handle("accounts");
    return handle->scope;
}

#define account_scope(accounts) thread_scope(account_scope(accounts), PORTICO_ACCOUNTS, __func__)

struct identity_knower knower_of(const struct viewer *viewer)
{
    const int64_t own = viewer->account ? viewer->account : IDENTITY_NO_ACCOUNT;
    return (struct identity_knower){ .person = viewer->person,
                                     .all = viewer->rows.all || viewer->rows.every_account,
                                     .within = viewer->by_token ? own : 0 };
}

/* ---- which ones ---- */

static int look_up(struct scope *scope, const int64_t *ids, size_t count, struct value **ret_rows,
                   struct portico_error *error)
{
    const struct identity_knower knower = knower_of(scope->call->viewer);
    struct store_session *session = scope_session(scope, error);
    return session ? identity_known(scope->call->host->identity, session, &knower, ids, count,
                                    ret_rows, error)
                   : PORTICO_EIO;
}

static int account_api_look(struct portico_accounts *accounts, const portico_id *ids, size_t count,
                            struct portico_value **ret_rows, struct portico_error *error)
{
    struct scope *scope = account_scope(accounts);
    struct value *rows = NULL;
    if (count && !ids)
        return error_set(error, PORTICO_EINVAL, "%zu accounts are counted, and none is given.",
                         count);
    int code = look_up(scope, ids, count, &rows, error);
    if (code == 0)
        *ret_rows = value_public(rows);
    return code;
}

static int account_api_join(struct portico_accounts *accounts, const struct portico_value *items,
                            const char *column, const char *member,
                            struct portico_value **ret_items, struct portico_error *error)
{
    return join_rows(account_scope(accounts), items, column, member, look_up, ret_items, error);
}

int knower_must_know(struct scope *scope, int64_t account, struct portico_error *error)
{
    const struct identity_knower knower = knower_of(scope->call->viewer);
    struct store_session *session = scope_session(scope, error);
    int known = session ? identity_knows(session, &knower, account, error) : PORTICO_EIO;
    return known == 0 ? error_set(error, PORTICO_ENOENT, "There is no such account.")
                      : MIN(known, 0);
}

static int account_api_external(struct portico_accounts *accounts, const char *external,
                                portico_id *ret_id, struct portico_error *error)
{
    struct scope *scope = account_scope(accounts);
    int64_t id = 0;
    struct store_session *session = scope_session(scope, error);
    int code = session ? identity_account_external(session, external ? external : "", &id, error)
                       : PORTICO_EIO;
    if (code == 0)
        code = knower_must_know(scope, id, error);
    if (code == PORTICO_ENOENT)
        error_set(error, code, "There is no such account.");
    if (code == 0)
        *ret_id = id;
    return code;
}

static int account_api_of(struct portico_accounts *accounts, portico_id person, uint32_t limit,
                          struct portico_value **ret_rows, struct portico_error *error)
{
    struct scope *scope = account_scope(accounts);
    const struct viewer *viewer = scope->call->viewer;
    const struct identity_knower knower = knower_of(viewer);
    struct value *rows = NULL;
    if (limit < 1 || limit > LIMIT_OF)
        return error_set(error, PORTICO_EINVAL, "1 to %d accounts are found at once, not %u.",
                         LIMIT_OF, limit);
    struct store_session *session = scope_session(scope, error);
    int code = session ? identity_known_of(scope->call->host->identity, session, &knower,
                                           person ? person : viewer->person, limit, &rows, error)
                       : PORTICO_EIO;
    if (code == 0)
        *ret_rows = value_public(rows);
    return code;
}

/* ---- who belongs to them ---- */

static int account_api_members(struct portico_accounts *accounts, const char *beginning,
                               uint32_t limit, struct portico_value **ret_rows,
                               struct portico_error *error)
{
    struct scope *scope = account_scope(accounts);
    const struct viewer *viewer = scope->call->viewer;
    struct value *rows = NULL;
    if (!viewer_may(viewer, "portico.members"))
        return error_set(error, PORTICO_EPERM,
                         "Who belongs to an account is listed for those with the permission "
                         "portico.members in it.");
    if (limit < 1 || limit > LIMIT_MEMBERS)
        return error_set(error, PORTICO_EINVAL, "1 to %d people are found at once, not %u.",
                         LIMIT_MEMBERS, limit);
    struct store_session *session = scope_session(scope, error);
    int code = session ? identity_people_in(session, viewer->account, beginning ? beginning : "",
                                            limit, &rows, error)
                       : PORTICO_EIO;
    if (code == 0)
        *ret_rows = value_public(rows);
    return code;
}

static int add_role(struct scope *scope, struct value *list, const struct identity_role *role)
{
    struct call *call = scope->call;
    const char *title = role->built_in && call->host->pages
                            ? page_translate(call->host->pages, "portico", scope->arena,
                                             call->locale, role->title, NULL)
                            : role->title;
    struct value *object = value_new(scope->arena, PORTICO_OBJECT);
    if (!object || value_set_text(object, "key", role->key) < 0 ||
        value_set_text(object, "title", title) < 0)
        return PORTICO_ENOMEM;
    return value_append(list, object);
}

static int account_api_roles(struct portico_accounts *accounts, struct portico_value **ret_roles,
                             struct portico_error *error)
{
    struct scope *scope = account_scope(accounts);
    const uint64_t implied = IDENTITY_EVERYONE | IDENTITY_MEMBER;
    struct identity_roles *roles = NULL;
    struct value *list = value_new(scope->arena, PORTICO_LISTING);
    struct store_session *session = scope_session(scope, error);
    int code = session
                   ? identity_roles_take(scope->call->host->identity, session, -1, &roles, error)
                   : PORTICO_EIO;
    if (code < 0)
        return code;
    for (size_t i = 0; list && code == 0 && i < identity_roles_count(roles); i++) {
        const struct identity_role *role = identity_roles_at(roles, i);
        if (role->bit & scope->call->viewer->roles & ~implied)
            code = add_role(scope, list, role);
    }
    identity_roles_drop(roles);
    if (!list || code < 0)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while roles were listed.");
    *ret_roles = value_public(list);
    return 0;
}

/* ---- facts ---- */

static int find_fact(const struct scope *scope, const char *key,
                     const struct portico_account_fact **ret_fact, struct portico_error *error)
{
    *ret_fact = facts_find(scope->call->module, key);
    if (!*ret_fact)
        return error_set(error, PORTICO_EINVAL,
                         "\"%.64s\" is not in .account_facts of module %s: add it there or correct "
                         "the key.",
                         key ? key : "", scope->call->module->id);
    return 0;
}

static int account_api_fact(struct portico_accounts *accounts, portico_id account, const char *key,
                            struct portico_value **ret_value, struct portico_error *error)
{
    struct scope *scope = account_scope(accounts);
    const struct portico_account_fact *fact;
    const char *content;
    int code = find_fact(scope, key, &fact, error);
    if (code == 0)
        code = knower_must_know(scope, account, error);
    if (code == 0)
        code = identity_fact(scope_session(scope, error), account, scope->call->module->id, key,
                             &content, error);
    if (code < 0)
        return code;
    struct value *value = facts_value(fact, content, scope->arena);
    if (!value)
        return error_set(error, PORTICO_ENOENT, "This is not known of the account.");
    *ret_value = value_public(value);
    return 0;
}

/* Those above one's own and the owner's are known, and not one's own to write about. */
static int must_act_in(struct scope *scope, int64_t account, struct portico_error *error)
{
    const struct identity_knower knower = knower_of(scope->call->viewer);
    struct store_session *session = scope_session(scope, error);
    int acts = !session     ? PORTICO_EIO
               : knower.all ? 1
                            : identity_knower_acts(session, &knower, account, error);
    return acts == 0 ? error_set(error, PORTICO_EPERM,
                                 "Facts are set of accounts that the viewer acts in, or by those "
                                 "with the permission portico.accounts.see.")
                     : MIN(acts, 0);
}

/* With a record, which the account reads where it sees the fact. */
static int change_fact(struct scope *scope, int64_t account,
                       const struct portico_account_fact *fact, const char *content,
                       struct portico_error *error)
{
    const struct viewer *viewer = scope->call->viewer;
    const struct identity_fact_change change = {
        .account = account, .module = scope->call->module->id, .fact = fact->key, .content = content
    };
    const struct identity_act act = {
        .kind = fact->flags & PORTICO_FACT_SHOWN ? "account.fact" : "account.fact-inside",
        .actor = viewer->person,
        .other = viewer->through,
        .origin = "portal",
    };
    struct store_session *session = scope_session(scope, error);
    return session ? identity_fact_change(session, &change, &act, error) : PORTICO_EIO;
}

static int account_api_set_fact(struct portico_accounts *accounts, portico_id account,
                                const char *key, const char *text, struct portico_error *error)
{
    struct scope *scope = account_scope(accounts);
    const struct portico_account_fact *fact;
    const char *content = NULL;
    int code = find_fact(scope, key, &fact, error);
    if (code == 0)
        code = facts_check(fact, text, scope->arena, &content, error);
    if (code == 0)
        code = knower_must_know(scope, account, error);
    if (code == 0)
        code = must_act_in(scope, account, error);
    return code < 0 ? code : change_fact(scope, account, fact, content, error);
}

/* ---- whom one asks, and who acts for whom: account_relations.c ---- */

static int account_api_contacts(struct portico_accounts *accounts, portico_id account,
                                const char *role, struct portico_value **ret_rows,
                                struct portico_error *error)
{
    return account_relations_contacts(account_scope(accounts), account, role, ret_rows, error);
}

static int account_api_team(struct portico_accounts *accounts, portico_id account,
                            struct portico_value **ret_rows, struct portico_error *error)
{
    return account_relations_team(account_scope(accounts), account, ret_rows, error);
}

static int account_api_partners(struct portico_accounts *accounts, portico_id account,
                                struct portico_value **ret_rows, struct portico_error *error)
{
    return account_relations_partners(account_scope(accounts), account, ret_rows, error);
}

const struct portico_accounts_api interface_account = {
    .table = { .size = sizeof(struct portico_accounts_api), .major = 1, .minor = 1 },
    .look = account_api_look,
    .join = account_api_join,
    .external = account_api_external,
    .of = account_api_of,
    .members = account_api_members,
    .roles = account_api_roles,
    .fact = account_api_fact,
    .set_fact = account_api_set_fact,
    .contacts = account_api_contacts,
    .team = account_api_team,
    .partners = account_api_partners,
};
