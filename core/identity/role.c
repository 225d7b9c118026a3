#include "identity/role.h"

#include "identity/room.h"

#define FIRST_DEFINED 8u
#define TEXT_MAX 300 /* bytes of a description */

/* In the order in which lists say them. */
static const struct identity_role built_in[] = {
    { "admin", /* translated */ "Admin", /* translated */ "May do everything in the portal.", true,
      true, true, IDENTITY_ADMIN },
    { "moderator", /* translated */ "Moderator",
      /* translated */ "Looks after what people write.", true, true, true, IDENTITY_MODERATOR },
    { "staff", /* translated */ "Staff", /* translated */ "Everybody of the portal's own company.",
      true, true, false, IDENTITY_STAFF },
    { "account-admin", /* translated */ "Account admin",
      /* translated */ "Looks after the people of their company.", false, true, true,
      IDENTITY_ACCOUNT_ADMIN },
    { "account-member", /* translated */ "Account member",
      /* translated */ "Everybody who belongs to an account.", false, true, false,
      IDENTITY_ACCOUNT_MEMBER },
    { "member", /* translated */ "Member", /* translated */ "Everybody who is signed in.", false,
      true, false, IDENTITY_MEMBER },
    { "everyone", /* translated */ "Everyone", /* translated */ "Also those who are not signed in.",
      false, true, false, IDENTITY_EVERYONE },
};

struct identity_roles {
    _Atomic unsigned users;
    int64_t number;
    GArray *roles;       /* of struct identity_role */
    GArray *permissions; /* of struct identity_permission, sorted by name */
    GStringChunk *texts;
};

bool identity_roles_fit(const struct identity_role *role,
                        const struct identity_permission *permission)
{
    return role->owner || !permission->owner;
}

/* ---- the snapshot ---- */

static const struct identity_role *find_built_in(const char *key)
{
    for (size_t i = 0; i < G_N_ELEMENTS(built_in); i++)
        if (strcmp(built_in[i].key, key) == 0)
            return &built_in[i];
    return NULL;
}

static int load_defined(struct identity_roles *roles, struct store_session *session,
                        struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(
        session,
        "SELECT role, title, description, place FROM portico_role ORDER BY created, role LIMIT ?",
        PORTICO_ARGS(portico_arg_integer(IDENTITY_ROLES_DEFINED_MAX)), &rows, error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++) {
        const struct value_cell *cells = value_rows_at(rows, i);
        const struct identity_role role = {
            .key = g_string_chunk_insert(roles->texts, cells[0].text),
            .title = g_string_chunk_insert(roles->texts, cells[1].text),
            .description = g_string_chunk_insert(roles->texts, cells[2].text),
            .owner = strcmp(cells[3].text, "owner") == 0,
            .given = true,
            .bit = UINT64_C(1) << (FIRST_DEFINED + i),
        };
        g_array_append_val(roles->roles, role);
    }
    return code;
}

static struct identity_permission *permission_named(const struct identity_roles *roles,
                                                    const char *name)
{
    for (guint i = 0; i < roles->permissions->len; i++) {
        struct identity_permission *permission =
            &g_array_index(roles->permissions, struct identity_permission, i);
        if (strcmp(permission->name, name) == 0)
            return permission;
    }
    return NULL;
}

/* Rules of roles and permissions that are not there any more say nothing, nor what one may that is
 * the owner's roles' alone. */
static int load_rules(struct identity_roles *roles, struct store_session *session,
                      struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(session,
                                "SELECT role, permission, allowed FROM portico_role_rule "
                                "ORDER BY role, permission",
                                NULL, 0, &rows, error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++) {
        const struct value_cell *cells = value_rows_at(rows, i);
        const struct identity_role *role = identity_roles_find(roles, cells[0].text);
        struct identity_permission *permission = permission_named(roles, cells[1].text);
        if (role && permission && cells[2].integer)
            permission->roles |= identity_roles_fit(role, permission) ? role->bit : 0;
        else if (role && permission)
            permission->roles &= ~role->bit;
    }
    return code;
}

static int load(struct identity *identity, struct store_session *session,
                struct identity_roles **ret_roles, struct portico_error *error)
{
    struct identity_roles *roles = g_new0(struct identity_roles, 1);
    roles->users = 1;
    roles->texts = g_string_chunk_new(1024);
    roles->roles = g_array_new(FALSE, FALSE, sizeof(struct identity_role));
    roles->permissions = g_array_new(FALSE, FALSE, sizeof(struct identity_permission));
    g_array_append_vals(roles->roles, built_in, G_N_ELEMENTS(built_in));
    if (identity->declared_count)
        g_array_append_vals(roles->permissions, identity->declared,
                            (guint)identity->declared_count);
    /* First the number: what changes while the rest is read is read again for the next one. */
    int code = identity_rights_number(session, &roles->number, error);
    if (code == 0)
        code = load_defined(roles, session, error);
    if (code == 0)
        code = load_rules(roles, session, error);
    if (code < 0)
        identity_roles_drop(roles);
    else
        *ret_roles = roles;
    return code;
}

/* For those who ask next; but not what was read in a transaction, which may be rolled back. */
static void keep(struct identity *identity, const struct store_session *session,
                 struct identity_roles *roles)
{
    if (store_in_transaction(session))
        return;
    roles->users++;
    g_mutex_lock(&identity->roles_mutex);
    struct identity_roles *before = identity->roles;
    identity->roles = roles;
    g_mutex_unlock(&identity->roles_mutex);
    identity_roles_drop(before);
}

int identity_roles_take(struct identity *identity, struct store_session *session, int64_t number,
                        struct identity_roles **ret_roles, struct portico_error *error)
{
    struct identity_roles *roles = NULL;
    int code = number < 0 ? identity_rights_number(session, &number, error) : PORTICO_OK;
    if (code < 0)
        return code;
    g_mutex_lock(&identity->roles_mutex);
    if (identity->roles && identity->roles->number == number) {
        roles = identity->roles;
        roles->users++;
    }
    g_mutex_unlock(&identity->roles_mutex);
    if (!roles) {
        code = load(identity, session, &roles, error);
        if (code < 0)
            return code;
        keep(identity, session, roles);
    }
    *ret_roles = roles;
    return PORTICO_OK;
}

void identity_roles_drop(struct identity_roles *roles)
{
    if (!roles || --roles->users)
        return;
    g_array_free(roles->roles, TRUE);
    g_array_free(roles->permissions, TRUE);
    g_string_chunk_free(roles->texts);
    g_free(roles);
}

int64_t identity_roles_number(const struct identity_roles *roles)
{
    return roles->number;
}

size_t identity_roles_count(const struct identity_roles *roles)
{
    return roles->roles->len;
}

const struct identity_role *identity_roles_at(const struct identity_roles *roles, size_t index)
{
    return &g_array_index(roles->roles, struct identity_role, index);
}

const struct identity_role *identity_roles_find(const struct identity_roles *roles, const char *key)
{
    for (size_t i = 0; i < roles->roles->len; i++)
        if (strcmp(identity_roles_at(roles, i)->key, key) == 0)
            return identity_roles_at(roles, i);
    return NULL;
}

const struct identity_permission *identity_roles_permissions(const struct identity_roles *roles,
                                                             size_t *ret_count)
{
    *ret_count = roles->permissions->len;
    return (const struct identity_permission *)(void *)roles->permissions->data;
}

void identity_roles_held(const struct identity_roles *roles, uint64_t mask, uint64_t *ret_held)
{
    size_t count;
    const struct identity_permission *permissions = identity_roles_permissions(roles, &count);
    memset(ret_held, 0, IDENTITY_HELD_WORDS(count) * sizeof *ret_held);
    for (size_t i = 0; i < count; i++)
        if (mask & (permissions[i].roles | IDENTITY_ADMIN))
            ret_held[i / 64] |= UINT64_C(1) << (i % 64);
}

bool identity_roles_hold(const struct identity_roles *roles, uint64_t mask, const char *name)
{
    size_t count;
    const struct identity_permission *permissions = identity_roles_permissions(roles, &count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(permissions[i].name, name) == 0)
            return mask & (permissions[i].roles | IDENTITY_ADMIN);
    return false;
}

bool identity_roles_may_give(const struct identity_roles *roles, uint64_t mask,
                             const struct identity_role *role)
{
    size_t count, contained = 0;
    const struct identity_permission *permissions = identity_roles_permissions(roles, &count);
    if (mask & IDENTITY_ADMIN)
        return role->given;
    if (!role->given || role->bit == IDENTITY_ADMIN)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (permissions[i].roles & role->bit && !(permissions[i].roles & mask))
            return false;
        contained += (permissions[i].roles & role->bit) != 0;
    }
    /* Rows may be shown to whoever holds a role that contains nothing, too. */
    return contained || mask & role->bit || (!role->owner && mask & IDENTITY_ACCOUNT_ADMIN);
}

/* ---- the owner's ---- */

static int no_role(const char *key, struct portico_error *error)
{
    if (find_built_in(key))
        return error_set(error, PORTICO_EPERM, "Every portal has the role \"%s\": it stays.", key);
    return error_set(error, PORTICO_ENOENT, "There is no role \"%.40s\".", key);
}

/* What is said of a role is said under a lock of its own, so that none is given while it goes. */
static const char *lock_of(struct store_session *session, const char *key)
{
    return arena_printf(store_session_arena(session), "identity role %s", key);
}

int identity_role_hold(struct store_session *session, const char *key, struct portico_error *error)
{
    if (find_built_in(key))
        return PORTICO_OK;
    const char *name = lock_of(session, key);
    return name ? identity_lock_shared(session, name, error) : identity_no_memory(error);
}

static int check_key(const char *key, struct portico_error *error)
{
    size_t length = strlen(key);
    if (length >= 2 && length <= IDENTITY_ROLE_MAX && key[0] >= 'a' && key[0] <= 'z' &&
        strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789-") == length)
        return PORTICO_OK;
    return error_set(error, PORTICO_EINVAL,
                     /* translated */
                     "A role's key has 2 to 40 letters a to z, digits and hyphens, and begins with "
                     "a letter.");
}

static int check_texts(struct store_session *session, const char **title, const char *description,
                       struct portico_error *error)
{
    int code = identity_name_check(*title, store_session_arena(session), title, error);
    if (code == 0 && description && strlen(description) > TEXT_MAX)
        code = error_set(error, PORTICO_EINVAL, "The description of a role has at most %d bytes.",
                         TEXT_MAX);
    return code;
}

/* Whoever holds a new role of that key would be shown, or invited to, what was another's. */
static int check_unused(struct store_session *session, const char *key, struct portico_error *error)
{
    const char *named = arena_printf(store_session_arena(session), "%% %s %%", key);
    struct value *rows;
    int code =
        named
            ? store_host_query(
                  session,
                  "SELECT (SELECT count(*) FROM portico_audience WHERE kind = 'role' AND role = ?) "
                  "+ (SELECT count(*) FROM portico_invitation WHERE state = 1 AND "
                  "' ' || roles || ' ' LIKE ?)",
                  PORTICO_ARGS(portico_arg_text(key), portico_arg_text(named)), &rows, error)
            : identity_no_memory(error);
    if (code < 0 || value_rows_at(rows, 0)->integer == 0)
        return code;
    return error_set(error, PORTICO_EEXIST,
                     /* translated */
                     "There was a role with this key before, and what was shown to it would be "
                     "shown to the new one: take another key.");
}

static int make_in(struct store_session *session, const struct identity_new_role *made,
                   const char *title, struct portico_error *error)
{
    struct value *rows;
    int64_t changed = 0;
    int code = identity_lock(session, "identity roles", error);
    if (code == 0)
        code =
            store_host_query(session, "SELECT count(*) FROM portico_role", NULL, 0, &rows, error);
    if (code == 0 && value_rows_at(rows, 0)->integer >= IDENTITY_ROLES_DEFINED_MAX)
        code = error_set(error, PORTICO_ELIMIT,
                         "A portal has at most %d roles of its own: remove one first.",
                         IDENTITY_ROLES_DEFINED_MAX);
    if (code == 0)
        code = store_host_execute(
            session,
            "INSERT INTO portico_role (role, place, title, description, created) "
            "VALUES (?, ?, ?, ?, ?) ON CONFLICT (role) DO NOTHING",
            PORTICO_ARGS(portico_arg_text(made->key),
                         portico_arg_text(made->owner ? "owner" : "account"),
                         portico_arg_text(title),
                         portico_arg_text(made->description ? made->description : ""),
                         portico_arg_time(clock_now())),
            &changed, error);
    if (code == 0 && changed == 0)
        code = error_set(error, PORTICO_EEXIST, "There is a role \"%s\" already.", made->key);
    if (code == 0)
        code = check_unused(session, made->key, error);
    return code == 0 ? identity_rights_move(session, error) : code;
}

int identity_role_make(struct store_session *session, const struct identity_new_role *made,
                       struct portico_error *error)
{
    struct identity_step step;
    const char *title = made->title;
    int code = check_key(made->key, error);
    if (code == 0 && find_built_in(made->key))
        code = error_set(error, PORTICO_EEXIST, "There is a role \"%s\" already.", made->key);
    if (code == 0)
        code = check_texts(session, &title, made->description, error);
    if (code == 0)
        code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    return identity_step_end(&step, make_in(session, made, title, error), error);
}

int identity_role_place(struct store_session *session, const char *key, struct portico_error *error)
{
    const struct identity_role *role = find_built_in(key);
    struct value *rows;
    if (role && !role->given)
        return error_set(error, PORTICO_EINVAL,
                         "The role \"%s\" is not given: whom it is for has it.", key);
    if (role)
        return role->owner ? IDENTITY_HELD_BY_OWNER : IDENTITY_HELD_BY_ACCOUNTS;
    int code = store_host_query(session, "SELECT place FROM portico_role WHERE role = ?",
                                PORTICO_ARGS(portico_arg_text(key)), &rows, error);
    if (code < 0)
        return code;
    if (rows->count == 0)
        return no_role(key, error);
    return strcmp(value_rows_at(rows, 0)->text, "owner") == 0 ? IDENTITY_HELD_BY_OWNER
                                                              : IDENTITY_HELD_BY_ACCOUNTS;
}

int identity_role_describe(struct store_session *session, const char *key, const char *title,
                           const char *description, struct portico_error *error)
{
    struct identity_step step;
    int64_t changed = 0;
    int code = check_texts(session, &title, description, error);
    if (code == 0)
        code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    code = store_host_execute(
        session,
        "UPDATE portico_role SET title = ?, description = coalesce(?, description) WHERE role = ?",
        PORTICO_ARGS(portico_arg_text(title), portico_arg_text(description), portico_arg_text(key)),
        &changed, error);
    if (code == 0 && changed == 0)
        code = no_role(key, error);
    if (code == 0)
        code = identity_rights_move(session, error);
    return identity_step_end(&step, code, error);
}

static int remove_in(struct store_session *session, const char *key, struct portico_error *error)
{
    static const char *const statements[] = {
        "DELETE FROM portico_role_rule WHERE role = ?",
        "DELETE FROM portico_membership_role WHERE role = ?",
        "DELETE FROM portico_delegation_role WHERE role = ?",
    };
    int64_t changed = 0;
    const char *name = lock_of(session, key);
    int code = name ? identity_lock(session, name, error) : identity_no_memory(error);
    if (code == 0)
        code = store_host_execute(session, "DELETE FROM portico_role WHERE role = ?",
                                  PORTICO_ARGS(portico_arg_text(key)), &changed, error);
    if (code == 0 && changed == 0)
        code = no_role(key, error);
    for (size_t i = 0; code == 0 && i < G_N_ELEMENTS(statements); i++)
        code = store_host_execute(session, statements[i], PORTICO_ARGS(portico_arg_text(key)), NULL,
                                  error);
    return code == 0 ? identity_rights_move(session, error) : code;
}

int identity_role_remove(struct store_session *session, const char *key,
                         struct portico_error *error)
{
    struct identity_step step;
    int code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    return identity_step_end(&step, remove_in(session, key, error), error);
}

int identity_role_holders(struct store_session *session, const char *key, int64_t *ret_count,
                          struct portico_error *error)
{
    struct value *rows;
    int code =
        store_host_query(session, "SELECT count(*) FROM portico_membership_role WHERE role = ?",
                         PORTICO_ARGS(portico_arg_text(key)), &rows, error);
    if (code == 0)
        *ret_count = value_rows_at(rows, 0)->integer;
    return code;
}

/* ---- rules ---- */

int identity_role_rules(struct store_session *session, const char *key, struct value **ret_rows,
                        struct portico_error *error)
{
    return store_host_query(session,
                            "SELECT permission, allowed FROM portico_role_rule WHERE role = ? "
                            "ORDER BY permission",
                            PORTICO_ARGS(portico_arg_text(key)), ret_rows, error);
}

static int check_rule(struct store_session *session, const char *key, struct portico_error *error)
{
    if (strcmp(key, "admin") == 0)
        return error_set(error, PORTICO_EPERM,
                         "Admins may do everything, so that a portal can always be mended.");
    if (strcmp(key, "everyone") == 0)
        return error_set(error, PORTICO_EPERM, "What guests may, the modules say.");
    if (find_built_in(key))
        return PORTICO_OK;
    int place = identity_role_place(session, key, error);
    return place < 0 ? place : PORTICO_OK;
}

static int change_rule(struct store_session *session, const char *key, const char *sql,
                       const struct portico_argument *arguments, size_t count,
                       struct portico_error *error)
{
    struct identity_step step;
    int code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    code = identity_role_hold(session, key, error);
    if (code == 0)
        code = check_rule(session, key, error);
    if (code == 0)
        code = store_host_execute(session, sql, arguments, count, NULL, error);
    if (code == 0)
        code = identity_rights_move(session, error);
    return identity_step_end(&step, code, error);
}

int identity_role_rule(struct store_session *session, const char *key, const char *permission,
                       bool allowed, struct portico_error *error)
{
    return change_rule(session, key,
                       "INSERT INTO portico_role_rule (role, permission, allowed) VALUES (?, ?, ?) "
                       "ON CONFLICT (role, permission) DO UPDATE SET allowed = excluded.allowed",
                       PORTICO_ARGS(portico_arg_text(key), portico_arg_text(permission),
                                    portico_arg_boolean(allowed)),
                       error);
}

int identity_role_reset(struct store_session *session, const char *key, const char *permission,
                        struct portico_error *error)
{
    return change_rule(session, key,
                       "DELETE FROM portico_role_rule WHERE role = ? AND permission = ?",
                       PORTICO_ARGS(portico_arg_text(key), portico_arg_text(permission)), error);
}
