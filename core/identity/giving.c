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

/* Nothing that was only lent is given: it would outlive the delegation. Whoever looks after
 * accounts as staff does so whatever was lent to them besides. */
static int check_lent(struct identity *identity, struct store_session *session, int64_t giver,
                      int64_t account, uint64_t *mask, const struct identity_roles *roles,
                      struct portico_error *error)
{
    struct identity_standing standing;
    int code = giver ? identity_standing(identity, session, giver, account, &standing, error) : 0;
    if (code < 0 || !giver || standing.account != account || !standing.through)
        return code;
    *mask &= owners(roles);
    if (identity_roles_hold(roles, *mask, "portico.accounts"))
        return PORTICO_OK;
    return error_set(error, PORTICO_EPERM,
                     /* translated */
                     "You act here for another company: only people of this one change who belongs "
                     "to it and what they may.");
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
    code = check_lent(identity, session, giver, account, &mask, roles, error);
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

static int check_ruling(const struct identity_roles *roles, uint64_t mask,
                        const struct identity_ruling *ruling, bool operator,
                        struct portico_error * error)
{
    size_t count;
    const struct identity_permission *found = NULL;
    const struct identity_permission *permissions = identity_roles_permissions(roles, &count);
    const struct identity_role *role = identity_roles_find(roles, ruling->role);
    for (size_t i = 0; i < count && !found; i++)
        if (strcmp(permissions[i].name, ruling->permission) == 0)
            found = &permissions[i];
    if (!found)
        return no_permission(roles, ruling->permission, error);
    if (ruling->allow && role && !identity_roles_fit(role, found))
        return error_set(error, PORTICO_EINVAL,
                         /* translated */
                         "This is about all companies: only a role of the owner's company may.");
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
                    const struct identity_ruling *ruling, struct portico_error *error)
{
    struct identity_roles *roles;
    uint64_t mask;
    int code = stand(identity, session, giver, IDENTITY_OWNER, &mask, &roles, error);
    if (code < 0)
        return code;
    code = check_ruling(roles, mask, ruling, giver == IDENTITY_OPERATOR, error);
    identity_roles_drop(roles);
    return code;
}

/* ---- what somebody else holds ---- */

static bool holds_all(const struct identity_roles *roles, uint64_t mask, uint64_t theirs)
{
    size_t count;
    const struct identity_permission *permissions = identity_roles_permissions(roles, &count);
    if (mask & IDENTITY_ADMIN || !(theirs & ~mask))
        return true;
    if (theirs & IDENTITY_ADMIN)
        return false;
    for (size_t i = 0; i < count; i++)
        if (permissions[i].roles & theirs && !(permissions[i].roles & mask))
            return false;
    return true;
}

int identity_removing(struct identity *identity, struct store_session *session, int64_t remover,
                      const char *key, struct portico_error *error)
{
    struct identity_roles *roles;
    struct value *own;
    uint64_t mask;
    if (remover == IDENTITY_OPERATOR)
        return PORTICO_OK;
    int code = store_host_query(
        session,
        "SELECT m.account FROM portico_membership_role r "
        "JOIN portico_membership m ON m.id = r.membership WHERE r.role = ? AND m.person = ?",
        PORTICO_ARGS(portico_arg_text(key), portico_arg_id(remover)), &own, error);
    if (code == 0)
        code = stand(identity, session, remover, IDENTITY_OWNER, &mask, &roles, error);
    if (code < 0)
        return code;
    const struct identity_role *role = identity_roles_find(roles, key);
    if (own->count)
        code = error_set(error, PORTICO_EPERM,
                         /* translated */
                         "Nobody changes a role that they hold themselves: ask an "
                         "admin.");
    else if (role && !holds_all(roles, mask, role->bit))
        code = error_set(error, PORTICO_EPERM,
                         /* translated */
                         "A role is removed only by who holds what it contains: ask an admin.");
    identity_roles_drop(roles);
    return code;
}

/* Of rows that begin with a role's key, or nothing. */
static uint64_t bits_of(const struct identity_roles *roles, const struct value *rows)
{
    uint64_t bits = 0;
    for (uint32_t i = 0; i < rows->count; i++) {
        const char *key = identity_text(&value_rows_at(rows, i)[0]);
        const struct identity_role *role = key ? identity_roles_find(roles, key) : NULL;
        bits |= role ? role->bit : 0;
    }
    return bits;
}

int identity_over(struct identity *identity, struct store_session *session, int64_t actor,
                  int64_t person, struct portico_error *error)
{
    struct identity_roles *roles;
    struct value *rows;
    uint64_t mask;
    if (actor == IDENTITY_OPERATOR || actor == person)
        return PORTICO_OK;
    int code = store_host_query(
        session,
        "SELECT r.role FROM portico_membership_role r "
        "JOIN portico_membership m ON m.id = r.membership "
        "WHERE m.account = ? AND m.person = ?",
        PORTICO_ARGS(portico_arg_id(IDENTITY_OWNER), portico_arg_id(person)), &rows, error);
    if (code == 0)
        code = stand(identity, session, actor, IDENTITY_OWNER, &mask, &roles, error);
    if (code < 0)
        return code;
    if (!holds_all(roles, mask, bits_of(roles, rows)))
        code = error_set(error, PORTICO_EPERM,
                         /* translated */ "They may do more than you: ask an admin.");
    identity_roles_drop(roles);
    return code;
}

/* What somebody is to companies opens to who looks after companies and holds what they hold there;
 * so does who comes new (0, or nobody active yet), and may join one by their address. */
static int over_companies(struct identity *identity, struct store_session *session, int64_t actor,
                          int64_t person, struct portico_error *error)
{
    struct identity_roles *roles;
    struct value *rows;
    uint64_t mask;
    if (actor == IDENTITY_OPERATOR || actor == person)
        return PORTICO_OK;
    int code = store_host_query(
        session,
        "SELECT r.role FROM portico_person p "
        "LEFT JOIN portico_membership m ON m.person = p.id AND m.account <> ? AND m.state = 1 "
        "LEFT JOIN portico_membership_role r ON r.membership = m.id "
        "WHERE p.id = ? AND (m.id IS NOT NULL OR p.state <> ?)",
        PORTICO_ARGS(portico_arg_id(IDENTITY_OWNER), portico_arg_integer(person),
                     portico_arg_integer(IDENTITY_ACTIVE)),
        &rows, error);
    if (code < 0 || (person && rows->count == 0))
        return code;
    code = stand(identity, session, actor, IDENTITY_OWNER, &mask, &roles, error);
    if (code < 0)
        return code;
    mask &= owners(roles);
    if (!identity_roles_hold(roles, mask, "portico.accounts") ||
        !holds_all(roles, mask, bits_of(roles, rows)))
        code = error_set(error, PORTICO_EPERM,
                         /* translated */ "They may do more than you: ask an admin.");
    identity_roles_drop(roles);
    return code;
}

static int over_person(struct identity *identity, struct store_session *session, int64_t actor,
                       int64_t person, struct portico_error *error)
{
    int code = person ? identity_over(identity, session, actor, person, error) : PORTICO_OK;
    return code < 0 ? code : over_companies(identity, session, actor, person, error);
}

/* Whoever takes an invitation up gets its roles. */
static int over_invitations(struct identity *identity, struct store_session *session, int64_t actor,
                            const char *key, struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(
        session,
        "SELECT account, roles FROM portico_invitation WHERE address_key = ? AND state = 1",
        PORTICO_ARGS(portico_arg_text(key)), &rows, error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++) {
        const struct value_cell *cells = value_rows_at(rows, i);
        code = identity_inviting(identity, session, actor, cells[0].integer, 0,
                                 identity_text(&cells[1]), error);
    }
    return code;
}

int identity_over_letter(struct identity *identity, struct store_session *session, int64_t actor,
                         int64_t person, const char *to, struct portico_error *error)
{
    struct value *rows;
    const char *key = "";
    int code = person ? over_person(identity, session, actor, person, error) : PORTICO_OK;
    if (code < 0 || !to)
        return code;
    if (identity_address_check(to, store_session_arena(session), NULL, &key, NULL) < 0)
        return PORTICO_OK;
    code = store_host_query(session, "SELECT person FROM portico_address WHERE address_key = ?",
                            PORTICO_ARGS(portico_arg_text(key)), &rows, error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++)
        code = over_person(identity, session, actor, value_rows_at(rows, i)->integer, error);
    if (code == 0 && !person && rows->count == 0)
        code = over_person(identity, session, actor, 0, error);
    return code < 0 ? code : over_invitations(identity, session, actor, key, error);
}

int identity_may_view(struct identity *identity, struct store_session *session, int64_t actor,
                      struct portico_error *error)
{
    struct identity_roles *roles;
    uint64_t mask;
    int code = stand(identity, session, actor, IDENTITY_OWNER, &mask, &roles, error);
    if (code < 0)
        return code;
    if (!(mask & IDENTITY_STAFF) ||
        !identity_roles_hold(roles, mask & owners(roles), IDENTITY_VIEW_PERMISSION))
        code = error_set(error, PORTICO_EPERM,
                         /* translated */
                         "You may not look at the portal in somebody's place: ask an admin.");
    identity_roles_drop(roles);
    return code;
}

int identity_viewing(struct identity *identity, struct store_session *session, int64_t actor,
                     int64_t person, struct portico_error *error)
{
    if (actor == person)
        return error_set(error, PORTICO_EPERM,
                         /* translated */ "This is you: you see the portal as you see it.");
    int code = identity_may_view(identity, session, actor, error);
    return code < 0 ? code : identity_over(identity, session, actor, person, error);
}

static int inviting(struct identity *identity, struct store_session *session, int64_t inviter,
                    int64_t account, int64_t person, const char *keys, const char *permission,
                    struct portico_error *error)
{
    struct identity_roles *roles;
    uint64_t mask;
    int code = identity_giving(identity, session, inviter, account, person, keys, error);
    if (code == 0)
        code = stand(identity, session, inviter, account, &mask, &roles, error);
    if (code < 0)
        return code;
    if (!identity_roles_hold(roles, mask, permission))
        code = error_set(error, PORTICO_EPERM, "One may look after these people no more.");
    identity_roles_drop(roles);
    return code;
}

int identity_inviting(struct identity *identity, struct store_session *session, int64_t inviter,
                      int64_t account, int64_t person, const char *keys,
                      struct portico_error *error)
{
    return inviting(identity, session, inviter, account, person, keys, "portico.company", error);
}

int identity_inviting_staff(struct identity *identity, struct store_session *session,
                            int64_t inviter, int64_t person, const char *keys,
                            struct portico_error *error)
{
    return inviting(identity, session, inviter, IDENTITY_OWNER, person, keys, "portico.admin",
                    error);
}

int identity_giving_below(struct identity *identity, struct store_session *session, int64_t giver,
                          int64_t account, struct portico_error *error)
{
    const int64_t now = clock_now();
    struct identity_roles *roles;
    struct value *own;
    uint64_t mask;
    if (giver == IDENTITY_OPERATOR)
        return PORTICO_OK;
    int code =
        store_host_query(session,
                         "SELECT w.membership " IDENTITY_ACTS_IN IDENTITY_ACTS_IN_NOW "AND w.below "
                         "AND a.id = ?",
                         PORTICO_ARGS(portico_arg_id(giver), portico_arg_time(now),
                                      portico_arg_time(now), portico_arg_id(account)),
                         &own, error);
    if (code == 0)
        code = stand(identity, session, giver, account, &mask, &roles, error);
    if (code < 0)
        return code;
    if (!own->count && !identity_roles_hold(roles, mask, "portico.accounts"))
        code = error_set(error, PORTICO_EPERM,
                         /* translated */
                         "Only who acts in the accounts below lets others act there.");
    identity_roles_drop(roles);
    return code;
}

/* Not for oneself, and nothing that was only lent. */
static int check_delegator(struct identity *identity, struct store_session *session, int64_t giver,
                           int64_t account, int64_t partner, struct portico_error *error)
{
    struct identity_standing here, there;
    int code = identity_standing(identity, session, giver, account, &here, error);
    if (code == 0)
        code = identity_standing(identity, session, giver, partner, &there, error);
    if (code < 0)
        return code;
    if (here.account == account && here.through)
        return error_set(error, PORTICO_EPERM,
                         /* translated */
                         "You act here for another company: only people of this one let "
                         "others act for it.");
    if (there.account == partner && !there.through)
        return error_set(error, PORTICO_EPERM,
                         /* translated */
                         "You belong to that company yourself: another admin lets it act here.");
    return PORTICO_OK;
}

int identity_delegating(struct identity *identity, struct store_session *session, int64_t giver,
                        int64_t account, int64_t partner, const char *keys,
                        struct portico_error *error)
{
    struct identity_roles *roles;
    uint64_t mask;
    if (giver == IDENTITY_OPERATOR)
        return PORTICO_OK;
    int code = check_delegator(identity, session, giver, account, partner, error);
    if (code == 0)
        code = stand(identity, session, giver, account, &mask, &roles, error);
    if (code < 0)
        return code;
    char **words = g_strsplit_set(keys, " \t\r\n", -1);
    for (char **word = words; code == 0 && *word; word++)
        if (strcmp(*word, "account-member") == 0 &&
            !holds_all(roles, mask, IDENTITY_ACCOUNT_MEMBER))
            code = error_set(error, PORTICO_EPERM,
                             /* translated */
                             "A role is given and taken only by who holds what it "
                             "contains: ask an admin.");
        else if (**word && strcmp(*word, "account-member") != 0)
            code = check_one(roles, mask, *word, error);
    g_strfreev(words);
    identity_roles_drop(roles);
    return code;
}
