#include "identity/giver.h"

#include "identity/holding.h"
#include "identity/room.h"
#include "identity/standing.h"

#define ASKED_MOST 32u /* people whose standing is read for one answer */

/* Where one looks for them, and for what they hold there. */
struct search {
    struct identity *identity;
    struct store_session *session;
    int64_t account, person;
    const char *wanted; /* the permission that is lacking */
    struct identity_giver *givers;
    size_t count;
    struct portico_error *error;
};

static bool holds(const struct identity_roles *roles, const struct identity_role *role,
                  const char *permission)
{
    return role->bit == IDENTITY_ADMIN || identity_roles_hold(roles, role->bit, permission);
}

static bool gives_any(const struct search *search, const struct identity_roles *roles,
                      uint64_t mask)
{
    const bool inside = search->account != IDENTITY_OWNER;
    for (size_t i = 0; i < identity_roles_count(roles); i++) {
        const struct identity_role *role = identity_roles_at(roles, i);
        if (!(inside && role->owner) && holds(roles, role, search->wanted) &&
            identity_roles_may_give(roles, mask, role))
            return true;
    }
    return false;
}

/* 1: they act there for themselves, not for a partner, and may give what is lacking. */
static int may_give(const struct search *search, int64_t person)
{
    struct identity_standing standing;
    struct identity_roles *roles;
    int code = identity_standing(search->identity, search->session, person, search->account,
                                 &standing, search->error);
    if (code < 0 || standing.account != search->account || standing.through)
        return MIN(code, 0);
    code = identity_roles_take(search->identity, search->session, standing.number, &roles,
                               search->error);
    if (code < 0)
        return code;
    code = gives_any(search, roles, standing.roles);
    identity_roles_drop(roles);
    return code;
}

static bool is_found(const struct search *search, int64_t person)
{
    for (size_t i = 0; i < search->count; i++)
        if (search->givers[i].id == person)
            return true;
    return person == search->person;
}

/* Of those who hold `looks_after` there. */
static int find(struct search *search, int64_t account, const char *looks_after)
{
    struct value *rows;
    search->account = account;
    int code = identity_people_holding(search->identity, search->session, account, looks_after,
                                       ASKED_MOST, &rows, search->error);
    for (uint32_t i = 0; code >= 0 && i < rows->count && search->count < IDENTITY_GIVERS_MAX; i++) {
        const struct value_cell *cells = value_rows_at(rows, i);
        if (is_found(search, cells[0].integer))
            continue;
        code = may_give(search, cells[0].integer);
        if (code > 0)
            search->givers[search->count++] =
                (struct identity_giver){ cells[0].integer, identity_text(&cells[1]),
                                         identity_text(&cells[2]), account };
    }
    return MIN(code, 0);
}

int identity_givers(struct identity *identity, struct store_session *session, int64_t account,
                    int64_t person, const char *permission, struct identity_giver *ret_givers,
                    size_t *ret_count, struct portico_error *error)
{
    struct search search = { .identity = identity,
                             .session = session,
                             .person = person,
                             .wanted = permission,
                             .givers = ret_givers,
                             .error = error };
    int code = 0;
    if (account && account != IDENTITY_OWNER)
        code = find(&search, account, "portico.company");
    if (code == 0)
        code = find(&search, IDENTITY_OWNER, "portico.admin");
    *ret_count = search.count;
    return code;
}
