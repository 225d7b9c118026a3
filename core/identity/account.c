#include "identity/account.h"

#include "base/text.h"
#include "identity/person.h"
#include "identity/room.h"

#define EXTERNAL_MAX 200
#define ACCOUNT "SELECT a.id, a.parent, a.kind, a.name, a.state, a.created FROM portico_account a "

enum { ID, PARENT, KIND, NAME, STATE, CREATED };

static int no_account(struct portico_error *error)
{
    return error_set(error, PORTICO_ENOENT, "There is no such account.");
}

static struct identity_account account_at(const struct value_cell *cells)
{
    return (struct identity_account){
        .id = cells[ID].integer,
        .parent = identity_integer(&cells[PARENT]),
        .kind = cells[KIND].text,
        .name = cells[NAME].text,
        .state = (enum identity_account_state)cells[STATE].integer,
        .created = cells[CREATED].integer,
    };
}

int identity_account_look(struct store_session *session, int64_t id,
                          struct identity_account *ret_account, struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(session, ACCOUNT "WHERE a.id = ?", PORTICO_ARGS(portico_arg_id(id)),
                                &rows, error);
    if (code == 0 && rows->count == 0)
        code = no_account(error);
    if (code == 0)
        *ret_account = account_at(value_rows_at(rows, 0));
    return code;
}

int identity_account_external(struct store_session *session, const char *external, int64_t *ret_id,
                              struct portico_error *error)
{
    struct value *rows;
    int code =
        store_host_query(session, "SELECT account FROM portico_account_external WHERE external = ?",
                         PORTICO_ARGS(portico_arg_text(external)), &rows, error);
    if (code == 0 && rows->count == 0)
        code = no_account(error);
    if (code == 0)
        *ret_id = value_rows_at(rows, 0)->integer;
    return code;
}

static int look_by_name(struct store_session *session, const char *name, int64_t *ret_id,
                        struct portico_error *error)
{
    const char *key;
    struct value *rows;
    int code = identity_fold(name, store_session_arena(session), &key, error);
    if (code == 0)
        code = store_host_query(
            session, "SELECT id FROM portico_account WHERE name_key = ? AND id <> 1 LIMIT 2",
            PORTICO_ARGS(portico_arg_text(key)), &rows, error);
    if (code == 0 && rows->count > 1)
        code = error_set(error, PORTICO_ECONFLICT,
                         "Several accounts are called \"%.100s\": give an id.", name);
    if (code == 0)
        *ret_id = rows->count ? value_rows_at(rows, 0)->integer : 0;
    return code;
}

int identity_account_named(struct store_session *session, const char *who,
                           struct identity_account *ret_account, struct portico_error *error)
{
    static const char prefix[] = "external:";
    long long number = 0;
    int64_t id = 0;
    int code = PORTICO_OK;
    if (strncmp(who, prefix, sizeof prefix - 1) == 0)
        code = identity_account_external(session, who + sizeof prefix - 1, &id, NULL);
    else if (text_to_int64(text_of(who), &number))
        id = number;
    else
        code = look_by_name(session, who, &id, error);
    if (code == 0)
        code = id ? identity_account_look(session, id, ret_account, error) : PORTICO_ENOENT;
    if (code == PORTICO_ENOENT)
        error_set(error, code,
                  "No account is called \"%.100s\": give a name, an id or \"external:…\".", who);
    return code;
}

/* ---- making one ---- */

static int check_name(struct store_session *session, const char *name, const char **ret_name,
                      const char **ret_key, struct portico_error *error)
{
    struct arena *arena = store_session_arena(session);
    int code = identity_name_check(name, arena, ret_name, error);
    return code == 0 ? identity_fold(*ret_name, arena, ret_key, error) : code;
}

/* In the open transaction: ids above `parent`, itself included, are those above the account too.
 * Trees change one at a time, so that none closes into a ring. */
static int check_parent(struct store_session *session, int64_t account, int64_t parent,
                        struct portico_error *error)
{
    struct value *rows;
    if (parent == IDENTITY_OWNER)
        return error_set(
            error, PORTICO_EINVAL,
            /* translated */ "No account lies below the owner's: choose another, or none.");
    int code = identity_lock(session, "identity accounts", error);
    if (code == 0)
        code = store_host_query(session,
                                "SELECT b.above, a.state FROM portico_account_above b "
                                "JOIN portico_account a ON a.id = b.account WHERE b.account = ?",
                                PORTICO_ARGS(portico_arg_id(parent)), &rows, error);
    if (code < 0)
        return code;
    if (rows->count == 0 || value_rows_at(rows, 0)[1].integer == IDENTITY_CLOSED)
        return error_set(
            error, PORTICO_EINVAL,
            /* translated */ "The account above is not there or closed: choose another.");
    for (uint32_t i = 0; i < rows->count; i++)
        if (value_rows_at(rows, i)->integer == account)
            return error_set(
                error, PORTICO_EINVAL,
                /* translated */ "An account cannot lie below itself: choose another above it.");
    return PORTICO_OK;
}

/* Of the account and all below it. */
static int check_depth(struct store_session *session, int64_t account, struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(
        session,
        "SELECT u.account FROM portico_account_above d "
        "JOIN portico_account_above u ON u.account = d.account "
        "WHERE d.above = ? AND u.distance > ? LIMIT 1",
        PORTICO_ARGS(portico_arg_id(account), portico_arg_integer(IDENTITY_DEPTH_MAX)), &rows,
        error);
    if (code == 0 && rows->count)
        code = error_set(error, PORTICO_EINVAL,
                         "At most %d accounts lie above another: choose one that is higher.",
                         IDENTITY_DEPTH_MAX);
    return code;
}

static int insert(struct store_session *session, const struct identity_new_account *made,
                  int64_t id, const char *name, const char *key, struct portico_error *error)
{
    int code = store_host_execute(
        session,
        "INSERT INTO portico_account (id, parent, kind, name, name_key, state, created) "
        "VALUES (?, ?, ?, ?, ?, 1, ?)",
        PORTICO_ARGS(portico_arg_id(id), portico_arg_id(made->parent),
                     portico_arg_text(made->kind ? made->kind : "customer"), portico_arg_text(name),
                     portico_arg_text(key),
                     portico_arg_time(made->created ? made->created : clock_now())),
        NULL, error);
    if (code == 0)
        code = store_host_execute(
            session,
            "INSERT INTO portico_account_above (account, above, distance) "
            "SELECT ?, b.above, b.distance + 1 FROM portico_account_above b WHERE b.account = ? "
            "UNION ALL SELECT ?, ?, 0",
            PORTICO_ARGS(portico_arg_id(id), portico_arg_integer(made->parent), portico_arg_id(id),
                         portico_arg_id(id)),
            NULL, error);
    /* Nobody is in it yet: whoever shows or tells something to its members, or those who look after
     * it, finds the audience there, and makes none at which everybody's rights would be read anew.
     */
    if (code == 0)
        code = store_host_execute(session,
                                  "INSERT INTO portico_audience (id, kind, account) "
                                  "VALUES (?, 'account', ?), (?, 'keepers', ?)",
                                  PORTICO_ARGS(portico_arg_id(id_new()), portico_arg_id(id),
                                               portico_arg_id(id_new()), portico_arg_id(id)),
                                  NULL, error);
    return code;
}

static int make_in(struct store_session *session, const struct identity_new_account *made,
                   int64_t id, const char *name, const char *key, struct portico_error *error)
{
    int code = made->parent ? check_parent(session, id, made->parent, error) : PORTICO_OK;
    if (code == 0)
        code = insert(session, made, id, name, key, error);
    if (code == 0 && made->parent)
        code = check_depth(session, id, error);
    if (code == 0 && made->external)
        code = identity_account_known_as(session, id, made->external, error);
    return code;
}

static int check_kind(const char *kind, struct portico_error *error)
{
    if (strcmp(kind, "customer") == 0 || strcmp(kind, "partner") == 0)
        return PORTICO_OK;
    return error_set(error, PORTICO_EINVAL,
                     /* translated */ "An account is of kind customer or partner.");
}

int identity_account_make(struct store_session *session, const struct identity_new_account *made,
                          int64_t *ret_account, struct portico_error *error)
{
    const char *name, *key;
    struct identity_step step;
    int64_t id = id_new();
    int code = check_kind(made->kind ? made->kind : "customer", error);
    if (code == 0)
        code = check_name(session, made->name, &name, &key, error);
    if (code == 0)
        code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    code = identity_step_end(&step, make_in(session, made, id, name, key, error), error);
    if (code == 0)
        *ret_account = id;
    return code;
}

int identity_account_known_as(struct store_session *session, int64_t account, const char *external,
                              struct portico_error *error)
{
    int64_t changed = 0;
    struct identity_account known;
    if (!*external || strlen(external) > EXTERNAL_MAX)
        return error_set(error, PORTICO_EINVAL, "An id elsewhere has 1 to %d bytes.", EXTERNAL_MAX);
    int code = identity_account_look(session, account, &known, error);
    if (code < 0)
        return code;
    code = store_host_execute(
        session,
        "INSERT INTO portico_account_external (external, account) VALUES (?, ?) "
        "ON CONFLICT (external) DO UPDATE SET account = excluded.account "
        "WHERE portico_account_external.account = excluded.account",
        PORTICO_ARGS(portico_arg_text(external), portico_arg_id(account)), &changed, error);
    if (code == 0 && changed == 0)
        code = error_set(error, PORTICO_EEXIST, "The id \"%.100s\" is another account's already.",
                         external);
    return code;
}

int identity_account_forget(struct store_session *session, int64_t account, const char *external,
                            struct portico_error *error)
{
    int64_t changed = 0;
    int code = store_host_execute(
        session, "DELETE FROM portico_account_external WHERE external = ? AND account = ?",
        PORTICO_ARGS(portico_arg_text(external), portico_arg_id(account)), &changed, error);
    if (code == 0 && changed == 0)
        code = error_set(error, PORTICO_ENOENT, "The account has no id \"%.100s\".", external);
    return code;
}

/* ---- changes ---- */

int identity_rights_move(struct store_session *session, struct portico_error *error)
{
    return store_host_execute(session, "UPDATE portico_rights SET number = number + 1 WHERE id = 1",
                              NULL, 0, NULL, error);
}

int identity_rights_number(struct store_session *session, int64_t *ret_number,
                           struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(session, "SELECT number FROM portico_rights WHERE id = 1", NULL, 0,
                                &rows, error);
    if (code == 0)
        *ret_number = rows->count ? value_rows_at(rows, 0)->integer : 0;
    return code;
}

static int refuse_owner(int64_t account, struct portico_error *error)
{
    if (account != IDENTITY_OWNER)
        return PORTICO_OK;
    return error_set(error, PORTICO_EPERM,
                     "This is the account of the portal's owner: it stays as it is. Its name is "
                     "[portal] name.");
}

int identity_account_rename(struct store_session *session, int64_t account, const char *name,
                            struct portico_error *error)
{
    const char *kept, *key;
    int64_t changed = 0;
    int code = refuse_owner(account, error);
    if (code == 0)
        code = check_name(session, name, &kept, &key, error);
    if (code == 0)
        code = store_host_execute(
            session, "UPDATE portico_account SET name = ?, name_key = ? WHERE id = ?",
            PORTICO_ARGS(portico_arg_text(kept), portico_arg_text(key), portico_arg_id(account)),
            &changed, error);
    return code == 0 && changed == 0 ? no_account(error) : code;
}

/* Everything below the account, itself included, leaves what was above it and comes below what is
 * above the new parent. */
static int move_in(struct store_session *session, int64_t account, int64_t parent,
                   int64_t *ret_former, struct portico_error *error)
{
    int64_t changed = 0;
    struct identity_account before = { 0 };
    int code = identity_lock(session, "identity accounts", error);
    if (code == 0)
        code = identity_account_look(session, account, &before, error);
    *ret_former = before.parent;
    if (code == 0 && parent)
        code = check_parent(session, account, parent, error);
    if (code == 0)
        code = store_host_execute(session, "UPDATE portico_account SET parent = ? WHERE id = ?",
                                  PORTICO_ARGS(portico_arg_id(parent), portico_arg_id(account)),
                                  &changed, error);
    if (code == 0 && changed == 0)
        code = no_account(error);
    if (code == 0)
        code = store_host_execute(
            session,
            "DELETE FROM portico_account_above WHERE account IN "
            "(SELECT d.account FROM portico_account_above d WHERE d.above = ?) "
            "AND above IN (SELECT u.above FROM portico_account_above u "
            "WHERE u.account = ? AND u.distance > 0)",
            PORTICO_ARGS(portico_arg_id(account), portico_arg_id(account)), NULL, error);
    if (code == 0)
        code = store_host_execute(
            session,
            "INSERT INTO portico_account_above (account, above, distance) "
            "SELECT d.account, u.above, d.distance + u.distance + 1 FROM portico_account_above d, "
            "portico_account_above u WHERE d.above = ? AND u.account = ?",
            PORTICO_ARGS(portico_arg_id(account), portico_arg_integer(parent)), NULL, error);
    if (code == 0 && parent)
        code = check_depth(session, account, error);
    return code == 0 ? identity_rights_move(session, error) : code;
}

int identity_account_move(struct store_session *session, int64_t account, int64_t parent,
                          int64_t *ret_former, struct portico_error *error)
{
    struct identity_step step;
    int64_t former = 0;
    int code = refuse_owner(account, error);
    if (code == 0)
        code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    code = identity_step_end(&step, move_in(session, account, parent, &former, error), error);
    if (code == 0 && ret_former)
        *ret_former = former;
    return code;
}

static int change_state(struct store_session *session, int64_t account,
                        enum identity_account_state state, struct portico_error *error)
{
    int64_t changed = 0;
    int code = store_host_execute(session, "UPDATE portico_account SET state = ? WHERE id = ?",
                                  PORTICO_ARGS(portico_arg_integer(state), portico_arg_id(account)),
                                  &changed, error);
    if (code == 0 && changed == 0)
        code = no_account(error);
    return code == 0 ? identity_rights_move(session, error) : code;
}

/* In the open transaction. */
static int change_kind(struct store_session *session, int64_t account, const char *kind,
                       struct portico_error *error)
{
    int64_t changed = 0;
    int code = store_host_execute(session, "UPDATE portico_account SET kind = ? WHERE id = ?",
                                  PORTICO_ARGS(portico_arg_text(kind), portico_arg_id(account)),
                                  &changed, error);
    if (code == 0 && changed == 0)
        code = no_account(error);
    return code == 0 ? identity_rights_move(session, error) : code;
}

int identity_account_kind(struct store_session *session, int64_t account, const char *kind,
                          struct portico_error *error)
{
    struct identity_step step;
    int code = refuse_owner(account, error);
    if (code == 0)
        code = check_kind(kind, error);
    if (code == 0)
        code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    return identity_step_end(&step, change_kind(session, account, kind, error), error);
}

int identity_account_state(struct store_session *session, int64_t account,
                           enum identity_account_state state, struct portico_error *error)
{
    struct identity_step step;
    int code = refuse_owner(account, error);
    if (code == 0)
        code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    return identity_step_end(&step, change_state(session, account, state, error), error);
}
