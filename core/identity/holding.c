#include "identity/holding.h"

#include "identity/person.h"
#include "identity/role.h"
#include "identity/room.h"
#include "identity/standing.h"

#define LIST_MAX 100u
#define KEYS 64 /* roles of one kind: as many as there are bits */

static bool holds_everywhere(const struct identity_role *role)
{
    return role->owner || role->bit == IDENTITY_EVERYONE || role->bit == IDENTITY_MEMBER;
}

static bool may(struct identity_roles *roles, uint64_t bits, const char *permission,
                struct arena *arena)
{
    size_t count;
    const struct identity_permission *permissions = identity_roles_permissions(roles, &count);
    uint64_t *held = arena_zalloc(arena, (IDENTITY_HELD_WORDS(count) + 1) * sizeof *held);
    if (!held)
        return false;
    identity_roles_held(roles, bits, held);
    return identity_holds(permissions, count, held, bits, permission);
}

int identity_person_may(struct identity *identity, struct store_session *session, int64_t person,
                        int64_t account, const char *permission, struct portico_error *error)
{
    struct identity_person who;
    struct identity_standing standing;
    struct identity_roles *roles;
    int code = identity_person_look(session, person, &who, error);
    if (code == PORTICO_ENOENT || (code == 0 && who.state != IDENTITY_ACTIVE))
        return 0;
    if (code == 0)
        code = identity_standing(identity, session, person, account, &standing, error);
    if (code == 0)
        code = identity_roles_take(identity, session, standing.number, &roles, error);
    if (code < 0)
        return code;
    uint64_t bits = standing.roles, everywhere = 0;
    for (size_t i = 0; i < identity_roles_count(roles); i++)
        if (holds_everywhere(identity_roles_at(roles, i)))
            everywhere |= identity_roles_at(roles, i)->bit;
    if (!account)
        bits &= everywhere;
    bool holds = may(roles, bits, permission, store_session_arena(session));
    identity_roles_drop(roles);
    return holds;
}

/* ---- who ---- */

/* The roles of one kind that hold a permission; the rest of the keys are none. */
struct keys {
    const char *key[KEYS];
    unsigned count;
    bool implied; /* every member of such an account has it */
};

static void take_keys(const struct identity_roles *roles, uint64_t mask, bool owner,
                      struct keys *ret_keys)
{
    *ret_keys = (struct keys){ 0 };
    for (size_t i = 0; i < identity_roles_count(roles); i++) {
        const struct identity_role *role = identity_roles_at(roles, i);
        if (role->bit & mask && role->given && role->owner == owner && ret_keys->count < KEYS)
            ret_keys->key[ret_keys->count++] = role->key;
    }
    ret_keys->implied = mask & (owner ? IDENTITY_STAFF : IDENTITY_ACCOUNT_MEMBER);
    for (unsigned i = ret_keys->count; i < KEYS; i++)
        ret_keys->key[i] = "";
}

#define EIGHT "?, ?, ?, ?, ?, ?, ?, ?"
#define SIXTY_FOUR                                                                                 \
    EIGHT ", " EIGHT ", " EIGHT ", " EIGHT ", " EIGHT ", " EIGHT ", " EIGHT ", " EIGHT
/* A membership `m` with one of the keys, or any where the flag is 1. */
#define WITH_ROLE                                                                                  \
    "(? = 1 OR EXISTS (SELECT 1 FROM portico_membership_role r WHERE r.membership = m.id "         \
    "AND r.role IN (" SIXTY_FOUR "))) "
/* The time, twice; then what WITH_ROLE takes. */
#define NOW                                                                                        \
    "m.state = 1 AND coalesce(m.valid_from, 0) <= ? "                                              \
    "AND (m.valid_until IS NULL OR m.valid_until > ?) AND "
#define OF_ACCOUNT                                                                                 \
    "SELECT m.person FROM portico_account_above d "                                                \
    "JOIN portico_membership m ON m.account = d.above AND (d.distance = 0 OR m.below) "            \
    "JOIN portico_account o ON o.id = m.account JOIN portico_account a ON a.id = d.account "       \
    "WHERE d.account = ? AND d.account <> 1 AND o.state = 1 AND a.state = 1 AND " NOW WITH_ROLE
/* The account, and the time twice. */
#define BELONGS                                                                                    \
    "SELECT m.person FROM portico_membership m WHERE m.account = ? AND m.state = 1 "               \
    "AND coalesce(m.valid_from, 0) <= ? AND (m.valid_until IS NULL OR m.valid_until > ?)"
#define OF_OWNER "SELECT m.person FROM portico_membership m WHERE m.account = 1 AND " NOW WITH_ROLE

static void push_keys(GArray *arguments, int64_t now, const struct keys *keys)
{
    const struct portico_argument head[] = { portico_arg_time(now), portico_arg_time(now),
                                             portico_arg_integer(keys->implied) };
    g_array_append_vals(arguments, head, G_N_ELEMENTS(head));
    for (unsigned i = 0; i < KEYS; i++) {
        const struct portico_argument key = portico_arg_text(keys->key[i]);
        g_array_append_val(arguments, key);
    }
}

/* Whoever holds one of `own` in the account or above it, or one of `owner`; NULL: not so. `there`:
 * of them those who belong to the account itself. */
struct who {
    const struct keys *own, *owner;
    bool there;
};

static const char *where(const struct who *who)
{
    if (who->there)
        return "(p.id IN (" OF_ACCOUNT ") OR p.id IN (" OF_OWNER ")) AND p.id IN (" BELONGS ")";
    return !who->owner ? "p.id IN (" OF_ACCOUNT ")"
           : !who->own ? "p.id IN (" OF_OWNER ")"
                       : "(p.id IN (" OF_ACCOUNT ") OR p.id IN (" OF_OWNER "))";
}

static int list(struct store_session *session, int64_t account, const struct who *who,
                unsigned limit, struct value **ret_rows, struct portico_error *error)
{
    GArray *arguments = g_array_new(FALSE, FALSE, sizeof(struct portico_argument));
    int64_t now = clock_now();
    const struct portico_argument at = portico_arg_integer(account);
    const struct portico_argument belongs[] = { at, portico_arg_time(now), portico_arg_time(now) };
    const struct portico_argument most = portico_arg_integer(MIN(limit, LIST_MAX));
    if (who->own) {
        g_array_append_val(arguments, at);
        push_keys(arguments, now, who->own);
    }
    if (who->owner)
        push_keys(arguments, now, who->owner);
    if (who->there)
        g_array_append_vals(arguments, belongs, G_N_ELEMENTS(belongs));
    g_array_append_val(arguments, at);
    g_array_append_val(arguments, most);
    const char *sql =
        arena_printf(store_session_arena(session),
                     IDENTITY_PEOPLE "WHERE p.state = 1 AND %s "
                                     "ORDER BY (SELECT count(*) FROM portico_membership m "
                                     "WHERE m.person = p.id AND m.account = ? AND m.account <> 1 "
                                     "AND m.state = 1) DESC, " IDENTITY_IS_MODERATOR
                                     "DESC, p.name_key, p.id LIMIT ?",
                     where(who));
    int code = sql ? identity_people_rows(session, sql,
                                          (const struct portico_argument *)(void *)arguments->data,
                                          arguments->len, ret_rows, error)
                   : identity_no_memory(error);
    g_array_free(arguments, TRUE);
    return code;
}

/* The roles that hold the permission; `ret_all`: everybody who is signed in does. */
static int holders(const struct identity_roles *roles, const char *permission, struct keys *ret_own,
                   struct keys *ret_owner, bool *ret_all, struct portico_error *error)
{
    size_t count, at = 0;
    const struct identity_permission *permissions = identity_roles_permissions(roles, &count);
    while (at < count && strcmp(permissions[at].name, permission) != 0)
        at++;
    if (at == count)
        return error_set(error, PORTICO_EINVAL,
                         "No module of this portal has the permission \"%.80s\".", permission);
    const uint64_t mask = permissions[at].roles | IDENTITY_ADMIN;
    take_keys(roles, mask, false, ret_own);
    take_keys(roles, mask, true, ret_owner);
    *ret_all = mask & (IDENTITY_EVERYONE | IDENTITY_MEMBER);
    return PORTICO_OK;
}

int identity_people_holding(struct identity *identity, struct store_session *session,
                            int64_t account, const char *permission, unsigned limit,
                            struct value **ret_rows, struct portico_error *error)
{
    struct identity_roles *roles;
    struct keys own, owner;
    bool all;
    int code = identity_roles_take(identity, session, -1, &roles, error);
    if (code < 0)
        return code;
    code = holders(roles, permission, &own, &owner, &all, error);
    const struct who who = { &own, &owner, false };
    if (code == 0)
        code = list(session, account, &who, all ? 0 : limit, ret_rows, error);
    identity_roles_drop(roles);
    return code;
}

int identity_people_looking_after(struct identity *identity, struct store_session *session,
                                  int64_t account, unsigned limit, struct value **ret_rows,
                                  bool *ret_staff, struct portico_error *error)
{
    struct identity_roles *roles;
    struct keys own, owner, none, staff;
    struct value *rows = NULL;
    bool all;
    int code = identity_roles_take(identity, session, -1, &roles, error);
    if (code < 0)
        return code;
    code = holders(roles, "portico.company", &own, &owner, &all, error);
    if (code == 0)
        code = holders(roles, "portico.accounts", &none, &staff, &all, error);
    const struct who turns[] = { { &own, &owner, true },
                                 { &own, NULL, false },
                                 { NULL, &staff, false } };
    size_t turn = 0;
    for (; code == 0 && turn < G_N_ELEMENTS(turns) && !(rows && rows->count); turn++)
        code = list(session, account, &turns[turn], limit, &rows, error);
    identity_roles_drop(roles);
    if (code == 0) {
        *ret_rows = rows;
        *ret_staff = turn == G_N_ELEMENTS(turns);
    }
    return code;
}
