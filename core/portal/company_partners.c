/* Partners who act for a company, with those of their people who can do so now: beside its own
 * people wherever its admins see who has access. */
#include "base/error.h"
#include "identity/delegate.h"
#include "identity/role.h"
#include "portal/company.h"
#include "portal/delegation.h"

#define SHOWN 12u /* people of each; all of them stand in the export */

static int show_people(const struct company *company, int64_t delegation,
                       struct portico_value *item, struct portico_error *error)
{
    const struct identity_delegates wanted = { .account = company->account,
                                               .delegation = delegation };
    struct portico_value *list = portico_set_list(item, "people");
    struct value *rows;
    int64_t count = 0;
    int code = identity_delegates(company->session, &wanted, SHOWN, &rows, error);
    if (code == 0)
        code =
            identity_delegates_count(company->session, company->account, delegation, &count, error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++) {
        const struct portico_value *row = value_public(value_at(rows, i));
        const int64_t here = portico_get_integer(row, "last_here", 0);
        struct portico_value *one = portico_append_object(list);
        portico_set_text(one, "name", portico_get_text(row, "name", ""));
        if (here)
            portico_set_time(one, "last_here", here);
        else
            portico_set_text(one, "last_here", NULL);
    }
    portico_set_integer(item, "count", count);
    portico_set_integer(item, "rest", count - (int64_t)portico_count(list));
    portico_set_boolean(item, "any_people", count > 0);
    portico_set_boolean(item, "more", count > (int64_t)portico_count(list));
    return code;
}

static int show_one(const struct company *company, const struct identity_roles *roles,
                    const struct identity_delegation *found, struct portico_value *item,
                    struct portico_error *error)
{
    delegation_show_one(company->request, roles, found, true, item);
    portico_set_boolean(item, "may", delegation_ends(company, found));
    if (found->reviewed)
        portico_set_time(item, "reviewed", found->reviewed);
    else
        portico_set_text(item, "reviewed", NULL);
    return show_people(company, found->id, item, error);
}

int company_show_partners(const struct company *company, struct portico_value *view,
                          struct portico_error *error)
{
    const struct identity_delegations given = { .account = company->account, .given = true };
    struct portico_value *list = portico_set_list(view, "partners");
    struct identity_delegation found;
    struct identity_roles *roles;
    struct value *rows;
    int code = identity_roles_take(company->manage.identity, company->session, -1, &roles, error);
    if (code < 0)
        return code;
    code = identity_delegations(company->session, &given, IDENTITY_DELEGATIONS_MAX, &rows, error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++) {
        code = identity_delegation_look(company->session, value_rows_at(rows, i)->integer, &found,
                                        error);
        if (code == 0 && found.accepted && found.until > portico_now(company->request))
            code = show_one(company, roles, &found, portico_append_object(list), error);
    }
    identity_roles_drop(roles);
    portico_set_boolean(view, "any_partners", portico_count(list) > 0);
    return code;
}
