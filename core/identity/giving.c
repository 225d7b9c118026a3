#include "identity/giving.h"

#include "base/text.h"
#include "identity/room.h"
#include "identity/standing.h"

/* Roles that only hold in another account than the one asked for are no roles there. */
static uint64_t owners(const struct identity_roles *roles)
{
    uint64_t bits = IDENTITY_EVERYONE | IDENTITY_MEMBER;
    for (size_t i = 0; i < identity_roles_count(roles); i++)
        if (identity_roles_at(roles, i)->owner)
            bits |= identity_roles_at(roles, i)->bit;
    return bits;
}

/* The giver's roles in the account, and the snapshot they are bits of. */
static int stand(struct identity *identity, struct store_session *session, int64_t giver,
                 int64_t account, uint64_t *ret_mask, struct identity_roles **ret_roles,
                 struct portico_error *error)
{
    struct identity_standing standing = { .roles = IDENTITY_ADMIN };
    int code = giver ? identity_standing(identity, session, giver, account, &standing, error)
                     : identity_rights_number(session, &standing.number, error);
    if (code == 0)
        code = identity_roles_take(identity, session, standing.number, ret_roles, error);
    if (code < 0)
        return code;
    *ret_mask = standing.roles;
    if (giver && standing.account != account)
        *ret_mask &= owners(*ret_roles);
    return PORTICO_OK;
}

static int check_one(const struct identity_roles *roles, uint64_t mask, const char *key,
                     struct portico_error *error)
{
    const struct identity_role *role = identity_roles_find(roles, key);
    if (!role)
        return error_set(error, PORTICO_EINVAL, "There is no role \"%.40s\".", key);
    if (identity_roles_may_give(roles, mask, role))
        return PORTICO_OK;
    if (!role->given)
        return error_set(error, PORTICO_EINVAL,
                         "The role \"%s\" is not given: whom it is for has it.", key);
    return error_set(error, PORTICO_EPERM,
                     /* translated */
                     "A role is given and taken only by who holds what it "
                     "contains: ask an admin.");
}

int identity_giving(struct identity *identity, struct store_session *session, int64_t giver,
                    int64_t account, int64_t person, const char *keys, struct portico_error *error)
{
    struct identity_roles *roles;
    uint64_t mask;
    if (giver && giver == person)
        return error_set(error, PORTICO_EPERM,
                         /* translated */
                         "Nobody changes what they may themselves: ask another "
                         "admin.");
    int code = stand(identity, session, giver, account, &mask, &roles, error);
    if (code < 0)
        return code;
    char **words = g_strsplit_set(keys ? keys : "", " \t\r\n", -1);
    for (char **word = words; code == 0 && *word; word++)
        if (**word)
            code = check_one(roles, mask, *word, error);
    g_strfreev(words);
    identity_roles_drop(roles);
    return code;
}

static int no_permission(const struct identity_roles *roles, const char *name,
                         struct portico_error *error)
{
    const char *names[200];
    size_t count;
    const struct identity_permission *permissions = identity_roles_permissions(roles, &count);
    count = MIN(count, G_N_ELEMENTS(names));
    for (size_t i = 0; i < count; i++)
        names[i] = permissions[i].name;
    const char *near = text_nearest(name, names, count);
    return error_set(error, PORTICO_EINVAL, "No module declares the permission \"%.100s\"%s%s%s.",
                     name, near ? ": did you mean \"" : "", near ? near : "", near ? "\"" : "");
}

static int check_ruling(const struct identity_roles *roles, uint64_t mask, const char *key,
                        const char *name, bool operator, struct portico_error * error)
{
    size_t count;
    const struct identity_permission *found = NULL;
    const struct identity_permission *permissions = identity_roles_permissions(roles, &count);
    const struct identity_role *role = identity_roles_find(roles, key);
    for (size_t i = 0; i < count && !found; i++)
        if (strcmp(permissions[i].name, name) == 0)
            found = &permissions[i];
    if (!found)
        return no_permission(roles, name, error);
    if (operator|| !role || mask & IDENTITY_ADMIN)
        return PORTICO_OK;
    if (role->bit & mask)
        return error_set(error, PORTICO_EPERM,
                         /* translated */
                         "Nobody changes a role that they hold themselves: ask an "
                         "admin.");
    if (!(found->roles & mask))
        return error_set(error, PORTICO_EPERM,
                         /* translated */
                         "Nobody gives a permission that they lack: ask an "
                         "admin.");
    return PORTICO_OK;
}

int identity_ruling(struct identity *identity, struct store_session *session, int64_t giver,
                    const char *role, const char *permission, struct portico_error *error)
{
    struct identity_roles *roles;
    uint64_t mask;
    int code = stand(identity, session, giver, IDENTITY_OWNER, &mask, &roles, error);
    if (code < 0)
        return code;
    code = check_ruling(roles, mask, role, permission, giver == IDENTITY_OPERATOR, error);
    identity_roles_drop(roles);
    return code;
}
