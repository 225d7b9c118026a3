#include "module/account_relations.h"

#include "base/clock.h"
#include "base/error.h"
#include "identity/contact.h"
#include "identity/delegation.h"
#include "identity/holding.h"
#include "module/knower.h"

/* ---- whom it is for ---- */

/* What the viewer may there: as this call stands where they act, which a token or a look may have
 * narrowed; elsewhere as their roles do. */
static int may_there(struct scope *scope, int64_t account, const char *permission,
                     struct portico_error *error)
{
    const struct viewer *viewer = scope->call->viewer;
    if (account == viewer->account)
        return viewer_may(viewer, permission);
    if (!viewer->person || viewer->by_token)
        return 0;
    return identity_person_may(scope->call->host->identity, scope_session(scope, error),
                               viewer->person, account, permission, error);
}

/* The account, and whether the viewer may know that of it. EPERM only of one they may know about.
 */
static int open_account(struct scope *scope, const char *permission, bool as_member,
                        int64_t *account, struct portico_error *error)
{
    const struct identity_knower knower = knower_of(scope->call->viewer);
    *account = *account ? *account : scope->call->viewer->account;
    int code = knower_must_know(scope, *account, error);
    if (code < 0 || knower.all)
        return code;
    int may = may_there(scope, *account, permission, error);
    if (may > 0)
        may = (as_member ? identity_acts_as_member : identity_acts_in)(
            scope_session(scope, error), knower.person, *account, error);
    return may == 0 ? error_set(error, PORTICO_EPERM,
                                "This is told of an account to its people with the permission "
                                "%s there, and to those with portico.accounts.see.",
                                permission)
                    : MIN(may, 0);
}

static int no_memory(struct portico_error *error)
{
    return error_set(error, PORTICO_ENOMEM, "Memory ended while an account was looked up.");
}

/* ---- contacts and account team ---- */

/* Those of `role` (NULL: all), with these members. */
static int list_rows(struct scope *scope, const struct value *rows, const char *role,
                     const char *const *texts, size_t count, struct portico_value **ret_rows,
                     struct portico_error *error)
{
    struct value *list = value_new(scope->arena, PORTICO_LISTING);
    for (uint32_t i = 0; list && i < rows->count; i++) {
        const struct portico_value *row = value_public(value_at(rows, i));
        if (role && strcmp(portico_get_text(row, "role", ""), role) != 0)
            continue;
        struct portico_value *item = portico_append_object(value_public(list));
        if (!item)
            return no_memory(error);
        portico_set_id(item, "person", portico_get_integer(row, "person", 0));
        for (size_t k = 0; k < count; k++) {
            const char *text = portico_get_text(row, texts[k], NULL);
            portico_set_text(item, texts[k], text && *text ? text : NULL);
        }
    }
    if (!list)
        return no_memory(error);
    *ret_rows = value_public(list);
    return PORTICO_OK;
}

int account_relations_contacts(struct scope *scope, int64_t account, const char *role,
                               struct portico_value **ret_rows, struct portico_error *error)
{
    static const char *const texts[] = { "role", "name", "handle" };
    struct value *rows;
    int code = open_account(scope, "portico.members", true, &account, error);
    if (code == 0 && role)
        code = identity_contact_check(scope_session(scope, error), 0, role, 0, error);
    if (code == 0)
        code = identity_contacts(scope_session(scope, error), account, &rows, error);
    return code < 0 ? code
                    : list_rows(scope, rows, role, texts, G_N_ELEMENTS(texts), ret_rows, error);
}

int account_relations_team(struct scope *scope, int64_t account, struct portico_value **ret_rows,
                           struct portico_error *error)
{
    static const char *const texts[] = { "name", "handle", "role", "phone", "address" };
    struct value *rows;
    int code = open_account(scope, "portico.members", true, &account, error);
    if (code == 0)
        code = identity_account_team(scope_session(scope, error), account, &rows, error);
    return code < 0 ? code
                    : list_rows(scope, rows, NULL, texts, G_N_ELEMENTS(texts), ret_rows, error);
}

/* ---- partners ---- */

#define PARTNERS_MAX 1000u /* that an account acts for; fewer act for it */

static int add_partner(struct value *list, const struct identity_delegation *of)
{
    struct portico_value *item = portico_append_object(value_public(list));
    struct portico_value *roles = item ? portico_set_list(item, "roles") : NULL;
    if (!roles)
        return PORTICO_ENOMEM;
    portico_set_id(item, "id", of->id);
    portico_set_id(item, "account", of->account);
    portico_set_text(item, "account_name", of->account_name);
    portico_set_id(item, "partner", of->partner);
    portico_set_text(item, "partner_name", of->partner_name);
    portico_set_time(item, "until", of->until);
    portico_set_boolean(item, "accepted", of->accepted != 0);
    portico_set_text(item, "reason", of->reason);
    char **words = g_strsplit(of->roles, " ", -1);
    for (char **word = words; *word; word++)
        if (**word)
            portico_append_text(roles, *word);
    g_strfreev(words);
    return PORTICO_OK;
}

static int add_partners(struct scope *scope, struct value *list, int64_t account, bool given,
                        struct portico_error *error)
{
    struct store_session *session = scope_session(scope, error);
    const struct identity_delegations wanted = { .account = account, .given = given };
    struct identity_delegation found;
    struct value *rows;
    int code = identity_delegations(session, &wanted, PARTNERS_MAX, &rows, error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++) {
        code = identity_delegation_look(session, value_rows_at(rows, i)->integer, &found, error);
        if (code == 0 && found.until > clock_now() && add_partner(list, &found) < 0)
            code = no_memory(error);
        /* Ended between the two. */
        code = code == PORTICO_ENOENT ? PORTICO_OK : code;
    }
    return code;
}

int account_relations_partners(struct scope *scope, int64_t account,
                               struct portico_value **ret_rows, struct portico_error *error)
{
    struct value *list = value_new(scope->arena, PORTICO_LISTING);
    int code =
        list ? open_account(scope, "portico.company", false, &account, error) : no_memory(error);
    if (code == 0)
        code = add_partners(scope, list, account, true, error);
    if (code == 0)
        code = add_partners(scope, list, account, false, error);
    if (code == 0)
        *ret_rows = value_public(list);
    return code;
}
