#include "store/driver.h"

#include "base/error.h"
#include "base/log.h"
#include "store/owner.h"
#include "store/twin.h"

#include <errno.h>
#include <sys/stat.h>

static const int64_t everyone[] = { 1 };
const struct store_viewer store_viewer_everyone = { .audiences = everyone, .audience_count = 1 };
const struct store_viewer store_viewer_host = { .all = true };

bool store_viewer_sees(const struct store_viewer *viewer, int64_t audience)
{
    if (viewer->all || (viewer->every_account && audience > STORE_AUDIENCE_FIXED))
        return true;
    for (size_t i = 0; i < viewer->audience_count; i++)
        if (viewer->audiences[i] == audience)
            return true;
    return false;
}

static const struct {
    const char *scheme;
    enum store_kind kind;
    const struct store_driver *driver;
} drivers[] = {
    { "sqlite:", STORE_SQLITE, &sqlite_driver },
    { "postgresql:", STORE_POSTGRES, &postgres_driver },
    { "postgres:", STORE_POSTGRES, &postgres_driver },
};

/* Made with its parents' mode; refused when others could read or replace what lies in it. */
static int make_private(const char *directory, struct portico_error *error)
{
    if (g_mkdir_with_parents(directory, 0700) < 0)
        return error_set(error, PORTICO_EIO,
                         "The data directory %s cannot be made (%s): make it, or choose another.",
                         directory, g_strerror(errno));
    struct stat status;
    if (stat(directory, &status) < 0 || !S_ISDIR(status.st_mode))
        return error_set(error, PORTICO_EIO, "The data directory %s is not a directory.",
                         directory);
    if (status.st_mode & 077)
        return error_set(
            error, PORTICO_EPERM,
            "The data directory %s is open to others (mode %o): it holds what customers "
            "wrote, so run \"chmod 700 %s\".",
            directory, (unsigned)status.st_mode & 0777, directory);
    return 0;
}

static void store_free(struct store *store)
{
    twin_free(store->twin);
    g_free(store->url);
    if (store->password)
        explicit_bzero(store->password, strlen(store->password));
    g_free(store->password);
    g_free(store->directory);
    g_free(store);
}

static struct store *store_new(const struct store_options *options)
{
    struct store *store = g_new0(struct store, 1);
    store->url = g_strdup(options->url);
    store->password = g_strdup(options->password);
    store->connections = options->connections;
    store->transaction_time =
        options->transaction_time ? options->transaction_time : STORE_TRANSACTION_TIME;
    store->statement_time =
        options->statement_time ? options->statement_time : STORE_STATEMENT_TIME;
    store->connect_time = options->connect_time ? options->connect_time : STORE_CONNECT_TIME;
    store->one_flush_a_commit = options->one_flush_a_commit;
    for (size_t i = 0; options->url && i < G_N_ELEMENTS(drivers); i++)
        if (g_str_has_prefix(options->url, drivers[i].scheme)) {
            store->kind = drivers[i].kind;
            store->driver = drivers[i].driver;
        }
    if (options->directory)
        store->directory = g_strdup(options->directory);
    else if (store->driver == &sqlite_driver)
        store->directory = g_path_get_dirname(options->url + strlen("sqlite:"));
    store->twin = twin_new();
    return store;
}

static int check_options(const struct store_options *options, const struct store *store,
                         struct portico_error *error)
{
    if (!store->driver)
        return error_set(error, PORTICO_EINVAL,
                         "The database \"%.*s\" is of no known kind: write sqlite:PATH or "
                         "postgresql://HOST/NAME.",
                         (int)strcspn(options->url ? options->url : "", ":/@"),
                         options->url ? options->url : "");
    return store->directory ? make_private(store->directory, error) : 0;
}

int store_recover(const struct store_options *options, struct portico_error *error)
{
    struct store *store = store_new(options);
    int code = check_options(options, store, error);
    if (code == 0 && store->driver->recover)
        code = store->driver->recover(store, error);
    store_free(store);
    return code;
}

int store_open(const struct store_options *options, struct store **ret_store,
               struct portico_error *error)
{
    struct store *store = store_new(options);
    int code = check_options(options, store, error);
    if (code == 0)
        code = store->driver->open(store, error);
    if (code < 0) {
        store_free(store);
        return code;
    }
    code = twin_renew(store, error);
    if (code < 0) {
        store_close(store);
        return code;
    }
    *ret_store = store;
    return 0;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    store->driver->close(store);
    store_free(store);
}

enum store_kind store_kind(const struct store *store)
{
    return store->kind;
}

int store_health(struct store *store, struct portico_error *error)
{
    return store->driver->health(store, error);
}

int store_settle(struct store *store, struct portico_error *error)
{
    return store->driver->settle ? store->driver->settle(store, error) : 0;
}

void store_statistics(struct store *store, struct store_statistics *ret_statistics)
{
    struct store_statistics statistics = { .commits = atomic_load(&store->commits),
                                           .statements = atomic_load(&store->statements) };
    store->driver->statistics(store, &statistics);
    *ret_statistics = statistics;
}

struct store_session *store_session_new(struct store *store, struct arena *arena,
                                        const struct store_viewer *viewer, const char *module)
{
    struct store_session *session = arena_zalloc(arena, sizeof *session);
    if (!session)
        return NULL;
    session->store = store;
    session->arena = arena;
    session->viewer = viewer;
    session->transaction_time = store->transaction_time;
    g_strlcpy(session->module, module, sizeof session->module);
    return session;
}

void store_session_end(struct store_session *session)
{
    if (!session)
        return;
    while (session->cursors)
        store_cursor_close(session->cursors);
    if (session->in_transaction) {
        log_warning("Module %s returned with a transaction open: it has been rolled back.",
                    session->module);
        store_rollback(session);
    }
    session->store->driver->session_end(session);
}

bool store_has_cursors(const struct store_session *session)
{
    return session->cursors != NULL;
}

struct store *store_session_store(const struct store_session *session)
{
    return session->store;
}

struct arena *store_session_arena(const struct store_session *session)
{
    return session->arena;
}

const struct store_viewer *store_session_viewer(const struct store_session *session)
{
    return session->viewer;
}

bool store_in_transaction(const struct store_session *session)
{
    return session->in_transaction;
}

/* After one statement failed, PostgreSQL takes no more until the rollback; SQLite is held to the
 * same. */
static int check_usable(struct store_session *session, struct portico_error *error)
{
    if (session->in_transaction && session->failed && session->doom)
        return error_set(error, PORTICO_ECONFLICT, "%s", session->doom);
    if (session->in_transaction && session->failed)
        return error_set(error, PORTICO_ECONFLICT,
                         "An earlier statement of this transaction of %s failed: roll it back. Use "
                         "ON CONFLICT DO NOTHING where a row may be there already.",
                         session->module);
    return 0;
}

static int run(struct store_session *session, const char *sql,
               const struct portico_argument *arguments, size_t count, struct value **ret_rows,
               int64_t *ret_changed, struct portico_error *error)
{
    int code = check_usable(session, error);
    if (code < 0)
        return code;
    atomic_fetch_add_explicit(&session->store->statements, 1, memory_order_relaxed);
    session->value_refused = false;
    code =
        session->store->driver->run(session, sql, arguments, count, ret_rows, ret_changed, error);
    if (code < 0 && session->in_transaction)
        session->failed = true;
    return code;
}

static bool changes(const char *sql)
{
    struct statement statement;
    if (statement_expand(sql, STATEMENT_TWIN, NULL, &statement, NULL) < 0)
        return false;
    bool writes = statement.writes;
    statement_free(&statement);
    return writes;
}

/* Whoever only looks changes nothing, be it as the host or as a module. */
static int check_looks(const struct store_session *session, struct portico_error *error)
{
    return session->viewer->looks ? error_set(error, PORTICO_EPERM, "%s", STORE_LOOKS_ONLY) : 0;
}

/* A change of a guarded session outside a transaction. */
static int run_guarded(struct store_session *session, const char *sql,
                       const struct portico_argument *arguments, size_t count,
                       struct value **ret_rows, int64_t *ret_changed, struct portico_error *error)
{
    int code = store_begin(session, error);
    if (code < 0)
        return code;
    struct value *rows = NULL;
    int64_t changed = 0;
    code = run(session, sql, arguments, count, ret_rows ? &rows : NULL, &changed, error);
    if (code < 0)
        store_rollback(session);
    else
        code = store_commit(session, error);
    if (code == 0 && ret_rows)
        *ret_rows = rows;
    if (code == 0 && ret_changed)
        *ret_changed = changed;
    return code;
}

int store_query(struct store_session *session, const char *sql,
                const struct portico_argument *arguments, size_t count, struct value **ret_rows,
                struct portico_error *error)
{
    if (session->viewer->looks && changes(sql))
        return check_looks(session, error);
    if (session->guard && !session->in_transaction && changes(sql))
        return run_guarded(session, sql, arguments, count, ret_rows, NULL, error);
    return run(session, sql, arguments, count, ret_rows, NULL, error);
}

int store_execute(struct store_session *session, const char *sql,
                  const struct portico_argument *arguments, size_t count, int64_t *ret_changed,
                  struct portico_error *error)
{
    int code = check_looks(session, error);
    if (code < 0)
        return code;
    if (session->guard && !session->in_transaction)
        return run_guarded(session, sql, arguments, count, NULL, ret_changed, error);
    return run(session, sql, arguments, count, NULL, ret_changed, error);
}

int store_begin(struct store_session *session, struct portico_error *error)
{
    if (session->lent)
        return error_set(error, PORTICO_EINVAL,
                         "Module %s works in another's transaction already: write without "
                         "beginning one.",
                         session->module);
    if (session->in_transaction)
        return error_set(error, PORTICO_EINVAL,
                         "A transaction of %s is open already: commit it or roll it back first.",
                         session->module);
    int code = session->store->driver->begin(session, error);
    if (code < 0)
        return code;
    session->in_transaction = true;
    session->failed = false;
    session->doom = NULL;
    session->committed = NULL;
    session->last = NULL;
    session->last_end = &session->last;
    session->outdates = false;
    code = session->guard ? session->guard(session, session->guard_data, error) : 0;
    if (code < 0)
        store_rollback(session);
    return code;
}

static int refuse_end(const struct store_session *session, struct portico_error *error)
{
    return error_set(error, PORTICO_EINVAL,
                     "Module %s works in another's transaction and cannot commit it: return 0, and "
                     "whoever began it does.",
                     session->module);
}

void store_doom(struct store_session *session, const char *reason)
{
    if (!session->in_transaction || session->failed)
        return;
    session->failed = true;
    session->doom = arena_strdup(session->arena, reason);
}

void store_on_commit(struct store_session *session, void (*done)(void *data), void *data)
{
    for (const struct store_committed *c = session->committed; c; c = c->next)
        if (c->done == done && c->data == data)
            return;
    struct store_committed *committed = arena_alloc(session->arena, sizeof *committed);
    if (!committed || !session->in_transaction)
        return;
    *committed = (struct store_committed){ done, data, session->committed };
    session->committed = committed;
}

int store_before_commit(struct store_session *session,
                        int (*write)(struct store_session *session, void *data,
                                     struct portico_error *error),
                        void *data, struct portico_error *error)
{
    struct store_last *last = arena_alloc(session->arena, sizeof *last);
    if (!last)
        return error_set(error, PORTICO_ENOMEM, "Memory ended.");
    *last = (struct store_last){ write, data, NULL };
    *session->last_end = last;
    session->last_end = &last->next;
    return 0;
}

static int write_last(struct store_session *session, struct portico_error *error)
{
    int code = store_edition_move(session, error);
    for (struct store_last *last = session->last; code == 0 && last; last = last->next)
        code = last->write(session, last->data, error);
    return code;
}

void store_session_guard(struct store_session *session,
                         int (*check)(struct store_session *session, void *data,
                                      struct portico_error *error),
                         void *data)
{
    session->guard = check;
    session->guard_data = data;
}

int store_commit(struct store_session *session, struct portico_error *error)
{
    if (!session->in_transaction)
        return error_set(error, PORTICO_EINVAL,
                         "There is no transaction of %s to commit: begin one first.",
                         session->module);
    if (session->lent)
        return refuse_end(session, error);
    int code = check_usable(session, error);
    if (code == 0)
        code = write_last(session, error);
    if (code < 0) {
        store_rollback(session);
        return code;
    }
    code = session->store->driver->commit(session, error);
    session->in_transaction = session->failed = false;
    if (code < 0)
        return code;
    atomic_fetch_add_explicit(&session->store->commits, 1, memory_order_relaxed);
    for (const struct store_committed *c = session->committed; c; c = c->next)
        c->done(c->data);
    return 0;
}

void store_rollback(struct store_session *session)
{
    if (!session->in_transaction)
        return;
    if (session->lent) {
        store_doom(session, "A handler rolled this transaction back: undo it, nothing of it is "
                            "kept.");
        return;
    }
    session->store->driver->rollback(session);
    session->in_transaction = session->failed = false;
}

int store_cursor_open(struct store_session *session, const char *sql,
                      const struct portico_argument *arguments, size_t count,
                      struct store_cursor **ret_cursor, struct portico_error *error)
{
    int code = check_usable(session, error);
    if (code == 0 && session->viewer->looks && changes(sql))
        code = check_looks(session, error);
    if (code < 0)
        return code;
    session->value_refused = false;
    struct store_cursor *cursor = g_new0(struct store_cursor, 1);
    cursor->session = session;
    cursor->arena = arena_new(0);
    code = session->store->driver->cursor_open(cursor, sql, arguments, count, error);
    if (code < 0) {
        arena_free(cursor->arena);
        g_free(cursor);
        return code;
    }
    cursor->next = session->cursors;
    session->cursors = cursor;
    *ret_cursor = cursor;
    return 0;
}

int store_cursor_next(struct store_cursor *cursor, struct value **ret_row,
                      struct portico_error *error)
{
    if (cursor->ended)
        return 0;
    arena_reset(cursor->arena);
    cursor->session->value_refused = false;
    int code = cursor->session->store->driver->cursor_next(cursor, ret_row, error);
    cursor->ended = code <= 0;
    return code;
}

void store_cursor_close(struct store_cursor *cursor)
{
    if (!cursor)
        return;
    for (struct store_cursor **link = &cursor->session->cursors; *link; link = &(*link)->next)
        if (*link == cursor) {
            *link = cursor->next;
            break;
        }
    cursor->session->store->driver->cursor_close(cursor);
    arena_free(cursor->arena);
    g_free(cursor);
}

int store_check_grantable(struct store_session *session, const char *table,
                          struct portico_error *error)
{
    return twin_check_grantable(session->store, session->module, table, error);
}

int store_check_visible(struct store_session *session, const char *table,
                        struct portico_error *error)
{
    return twin_check_visible(session->store, session->module, table, error);
}

const char *const *store_granted_tables(struct store_session *session)
{
    return twin_granted_tables(session->store, session->arena);
}

const char *const *store_shown_tables(struct store_session *session)
{
    return twin_shown_tables(session->store, session->arena);
}

static bool is_granted(const char *table, void *data)
{
    return twin_is_granted(data, table);
}

int store_prepare(struct store_session *session, const char *sql, struct statement *ret_statement,
                  struct portico_error *error)
{
    static const enum statement_dialect dialects[] = {
        [STORE_SQLITE] = STATEMENT_SQLITE, [STORE_POSTGRES] = STATEMENT_POSTGRES
    };
    struct statement statement = { 0 };
    if (session->migrating) {
        statement.sql = g_strdup(sql);
        *ret_statement = statement;
        return 0;
    }
    const struct statement_reader reader = { session->viewer, is_granted, session->store };
    int code = statement_expand(sql, dialects[session->store->kind], &reader, &statement, error);
    if (code < 0)
        return code;
    if (statement.schema)
        code = error_set(error, PORTICO_EINVAL,
                         "Module %s changes the schema with a statement: put it into a migration "
                         "file.",
                         session->module);
    if (code == 0 && (!statement.unfiltered || !owner_is_host(session->module)))
        code = twin_check(session->store, sql, session->module, error);
    if (code < 0) {
        statement_free(&statement);
        return code;
    }
    *ret_statement = statement;
    return 0;
}
