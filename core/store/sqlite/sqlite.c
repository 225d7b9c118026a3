/* The SQLite driver: statements, rows and cursors on a session's connection. */
#include "store/sqlite/sqlite.h"

#include "base/clock.h"
#include "base/error.h"
#include "store/script.h"

static void release_thread_connection(void *data)
{
    struct sqlite_connection *connection = data;
    connection->of_thread = false; /* from now on a spare */
    if (!connection->session) {
        pthread_mutex_lock(&connection->mutex);
        sqlite_connection_end_read(connection);
        pthread_mutex_unlock(&connection->mutex);
    }
}

static int driver_open(struct store *store, struct portico_error *error)
{
    struct sqlite_log *log;
    int code = sqlite_log_open(store, &log, error);
    if (code < 0)
        return code;
    pthread_key_create(&log->thread_connection, release_thread_connection);
    store->state = log;
    code = sqlite_keeper_start(log, error);
    if (code < 0) {
        pthread_key_delete(log->thread_connection);
        sqlite_log_close(log);
    }
    return code;
}

static void driver_close(struct store *store)
{
    struct sqlite_log *log = store->state;
    pthread_key_delete(log->thread_connection);
    sqlite_keeper_stop(log);
    sqlite_log_close(log);
}

static int driver_health(struct store *store, struct portico_error *error)
{
    return sqlite_log_check(store->state, error);
}

static int driver_settle(struct store *store, struct portico_error *error)
{
    return sqlite_log_flush(store->state, error);
}

static void driver_statistics(struct store *store, struct store_statistics *ret_statistics)
{
    struct sqlite_log *log = store->state;
    ret_statistics->flushes = atomic_load(&log->flushes);
    ret_statistics->checkpoints = atomic_load(&log->checkpoints);
    ret_statistics->wal_pages = atomic_load(&log->wal_pages);
    pthread_mutex_lock(&log->connections_mutex);
    ret_statistics->connections = log->connections->len;
    for (guint i = 0; i < log->connections->len; i++) {
        const struct sqlite_connection *connection = log->connections->pdata[i];
        ret_statistics->connections_busy += connection->session != NULL;
    }
    pthread_mutex_unlock(&log->connections_mutex);
}

static int bind_one(sqlite3_stmt *handle, int at, const struct portico_argument *argument,
                    bool copy)
{
    switch (argument->kind) {
    case PORTICO_NULL: return sqlite3_bind_null(handle, at);
    case PORTICO_BOOLEAN:
    case PORTICO_INTEGER:
    case PORTICO_TIME:
    case PORTICO_ID: return sqlite3_bind_int64(handle, at, argument->integer);
    case PORTICO_REAL: return sqlite3_bind_double(handle, at, argument->real);
    case PORTICO_TEXT:
        return sqlite3_bind_text(handle, at, argument->text, (int)argument->length,
                                 copy ? SQLITE_TRANSIENT : SQLITE_STATIC);
    default: return SQLITE_MISUSE;
    }
}

int sqlite_bind(struct sqlite_statement *statement, const struct store_viewer *viewer,
                const struct portico_argument *arguments, size_t count, bool copy,
                struct portico_error *error)
{
    if (count != statement->parameters)
        return error_set(
            error, PORTICO_EINVAL,
            "The statement has %u parameters but was given %zu: pass one for each \"?\".",
            statement->parameters, count);
    for (size_t i = 0; i < count; i++)
        if (bind_one(statement->handle, (int)i + 1, &arguments[i], copy) != SQLITE_OK)
            return error_set(
                error, PORTICO_EINVAL,
                "Parameter %zu is of a kind the database cannot hold: pass null, boolean, "
                "integer, real, text, time or id.",
                i + 1);
    for (unsigned i = 0; i < statement->audiences + statement->person; i++)
        sqlite3_bind_int64(statement->handle, (int)(count + i + 1),
                           statement_viewer_value(viewer, statement->audiences, i));
    return 0;
}

static int read_cell(struct arena *arena, sqlite3_stmt *handle, int at, struct value_cell *cell)
{
    switch (sqlite3_column_type(handle, at)) {
    case SQLITE_NULL: cell->kind = PORTICO_NULL; return 0;
    case SQLITE_INTEGER:
        cell->kind = PORTICO_INTEGER;
        cell->integer = sqlite3_column_int64(handle, at);
        return 0;
    case SQLITE_FLOAT:
        cell->kind = PORTICO_REAL;
        cell->real = sqlite3_column_double(handle, at);
        return 0;
    default: {
        const unsigned char *text = sqlite3_column_text(handle, at);
        int length = sqlite3_column_bytes(handle, at);
        cell->kind = PORTICO_TEXT;
        cell->length = (uint32_t)length;
        cell->text = text ? arena_strndup(arena, (const char *)text, (size_t)length) : NULL;
        return cell->text ? 0 : -1;
    }
    }
}

int sqlite_row(struct arena *arena, const struct sqlite_statement *statement,
               struct value_cell *cells)
{
    for (unsigned i = 0; i < statement->column_count; i++)
        if (read_cell(arena, statement->handle, (int)i, &cells[i]) < 0 ||
            store_cell_finish(arena, &statement->columns[i], &cells[i]) < 0)
            return -1;
    return 0;
}

static struct value *rows_for(struct arena *arena, const struct sqlite_statement *statement)
{
    struct text names[STORE_COLUMNS_MAX];
    unsigned count = MIN(statement->column_count, STORE_COLUMNS_MAX);
    for (unsigned i = 0; i < count; i++)
        names[i] = statement->columns[i].name;
    return value_rows_new(arena, names, count);
}

static int check_columns(const struct sqlite_statement *statement, struct portico_error *error)
{
    if (statement->column_count <= STORE_COLUMNS_MAX)
        return 0;
    return error_set(error, PORTICO_ELIMIT,
                     "The statement returns %u columns; at most %u are taken.",
                     statement->column_count, STORE_COLUMNS_MAX);
}

/* What SQLite says of a value while a statement that is right runs. */
static const struct {
    int result;
    const char *message; /* what SQLite's ends with */
} value_failures[] = {
    { SQLITE_CONSTRAINT_CHECK, SCRIPT_WHOLE_NUMBER },
    { SQLITE_CONSTRAINT_DATATYPE, "" },
    { SQLITE_MISMATCH, "" },
    { SQLITE_ERROR, "integer overflow" },
};

static int step_failure(struct store_session *session, struct sqlite_connection *connection,
                        int result, struct portico_error *error)
{
    int extended = sqlite3_extended_errcode(connection->db);
    const char *message = sqlite3_errmsg(connection->db);
    for (size_t i = 0; i < G_N_ELEMENTS(value_failures); i++)
        if (value_failures[i].result == extended &&
            g_str_has_suffix(message, value_failures[i].message))
            return store_refuse_value(session, STORE_OUT_OF_RANGE, error);
    return sqlite_failure(connection, result, error);
}

static int collect(struct store_session *session, struct sqlite_connection *connection,
                   struct sqlite_statement *statement, struct value **ret_rows,
                   struct portico_error *error)
{
    struct value *rows = ret_rows ? rows_for(session->arena, statement) : NULL;
    if (ret_rows && !rows)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while rows were read.");
    int result;
    while ((result = sqlite3_step(statement->handle)) == SQLITE_ROW) {
        if (!ret_rows)
            continue;
        if (rows->count >= STORE_ROWS_MAX)
            return error_set(error, PORTICO_ELIMIT,
                             "The query of %s returns more than %u rows: page it, or use a cursor.",
                             session->module, STORE_ROWS_MAX);
        struct value_cell *cells = value_rows_add(rows);
        if (!cells || sqlite_row(session->arena, statement, cells) < 0)
            return error_set(error, PORTICO_ENOMEM, "Memory ended while rows were read.");
    }
    if (result != SQLITE_DONE)
        return step_failure(session, connection, result, error);
    if (ret_rows)
        *ret_rows = rows;
    return 0;
}

static void set_deadline(struct sqlite_connection *connection)
{
    int64_t deadline = clock_steady() + connection->log->store->statement_time;
    if (connection->writing && connection->writing_until < deadline)
        deadline = connection->writing_until;
    connection->deadline = deadline;
}

/* One statement inside whatever transaction is open; `own_write`: it gets one of its own. */
static int run_in(struct store_session *session, struct sqlite_connection *connection,
                  struct sqlite_statement *statement, bool own_write, struct value **ret_rows,
                  int64_t *ret_changed, struct portico_error *error)
{
    int code = own_write ? sqlite_begin_write(connection, session->transaction_time, error)
                         : sqlite_connection_read(connection, error);
    if (code < 0)
        return code;
    set_deadline(connection);
    int64_t before = sqlite3_total_changes64(connection->db);
    code = collect(session, connection, statement, ret_rows, error);
    int64_t changed = statement->readonly ? 0 : sqlite3_changes64(connection->db);
    if (sqlite3_total_changes64(connection->db) == before)
        changed = 0;
    connection->deadline = 0;
    sqlite3_reset(statement->handle); /* a statement still open would keep the commit from ending */
    if (code == 0 && own_write)
        code = sqlite_end_write(connection, error);
    if (code < 0 && own_write)
        sqlite_abandon_write(connection);
    if (code == 0 && ret_changed)
        *ret_changed = changed;
    return code;
}

static int run_locked(struct store_session *session, struct sqlite_connection *connection,
                      const char *sql, const struct portico_argument *arguments, size_t count,
                      struct value **ret_rows, int64_t *ret_changed, bool *ret_wrote,
                      struct portico_error *error)
{
    if (session->in_transaction && connection->expired)
        return sqlite_expired(session, error);
    struct sqlite_statement *statement;
    int code = sqlite_statement_take(connection, session, sql, &statement, error);
    /* The snapshot kept from the last call may be older than a table that it names. */
    bool stale = code == PORTICO_EINVAL && !session->in_transaction && !connection->renewed;
    if (stale && sqlite_connection_read(connection, NULL) == 0)
        code = sqlite_statement_take(connection, session, sql, &statement, error);
    if (code < 0)
        return code;
    *ret_wrote = !statement->readonly && !session->in_transaction;
    code = store_arguments_check(session, statement->counts, arguments, count, error);
    if (code == 0)
        code = sqlite_bind(statement, session->viewer, arguments, count, false, error);
    if (code == 0)
        code = check_columns(statement, error);
    if (code == 0)
        code = run_in(session, connection, statement, *ret_wrote, ret_rows, ret_changed, error);
    sqlite_statement_release(connection, statement);
    if (code == PORTICO_ETIMEDOUT && session->in_transaction)
        sqlite_expired(session, error);
    return code;
}

static int driver_run(struct store_session *session, const char *sql,
                      const struct portico_argument *arguments, size_t count,
                      struct value **ret_rows, int64_t *ret_changed, struct portico_error *error)
{
    struct sqlite_connection *connection;
    int code = sqlite_connection_of(session, &connection, error);
    if (code < 0)
        return code;
    bool wrote = false;
    pthread_mutex_lock(&connection->mutex);
    code = run_locked(session, connection, sql, arguments, count, ret_rows, ret_changed, &wrote,
                      error);
    pthread_mutex_unlock(&connection->mutex);
    if (code < 0 || !wrote)
        return code;
    sqlite_keeper_wake(connection->log);
    atomic_fetch_add_explicit(&session->store->commits, 1, memory_order_relaxed);
    return session->store->one_flush_a_commit ? 0 : sqlite_log_flush(connection->log, error);
}

/* A cursor outside a transaction has a connection and a snapshot of its own, so that writes of the
 * same session go on beside it; inside one it reads what the transaction sees. */
struct sqlite_cursor {
    struct sqlite_connection *connection;
    struct sqlite_statement *statement;
    bool spare;
};

static int cursor_start(struct store_cursor *cursor, struct sqlite_cursor *state, const char *sql,
                        const struct portico_argument *arguments, size_t count,
                        struct portico_error *error)
{
    struct sqlite_connection *connection = state->connection;
    int code = sqlite_statement_take(connection, cursor->session, sql, &state->statement, error);
    if (code < 0)
        return code;
    code =
        store_arguments_check(cursor->session, state->statement->counts, arguments, count, error);
    if (code == 0)
        code =
            sqlite_bind(state->statement, cursor->session->viewer, arguments, count, true, error);
    if (code == 0)
        code = check_columns(state->statement, error);
    if (code == 0 && !state->statement->readonly)
        code = error_set(error, PORTICO_EINVAL, "A cursor reads: use execute for changes.");
    if (code == 0)
        code = sqlite_connection_read(connection, error);
    if (code < 0)
        sqlite_statement_release(connection, state->statement);
    return code;
}

static int driver_cursor_open(struct store_cursor *cursor, const char *sql,
                              const struct portico_argument *arguments, size_t count,
                              struct portico_error *error)
{
    struct store_session *session = cursor->session;
    struct sqlite_cursor *state = g_new0(struct sqlite_cursor, 1);
    state->spare = !session->in_transaction;
    int code = state->spare
                   ? sqlite_connection_spare(session->store->state, &state->connection, error)
                   : sqlite_connection_of(session, &state->connection, error);
    if (code == 0) {
        pthread_mutex_lock(&state->connection->mutex);
        code = cursor_start(cursor, state, sql, arguments, count, error);
        pthread_mutex_unlock(&state->connection->mutex);
        if (code < 0 && state->spare)
            sqlite_connection_return(state->connection);
    }
    if (code < 0) {
        g_free(state);
        return code;
    }
    cursor->state = state;
    return 0;
}

static int driver_cursor_next(struct store_cursor *cursor, struct value **ret_row,
                              struct portico_error *error)
{
    struct sqlite_cursor *state = cursor->state;
    struct sqlite_connection *connection = state->connection;
    pthread_mutex_lock(&connection->mutex);
    int code = 0;
    if (!state->spare && !connection->writing)
        code = error_set(error, PORTICO_ECONFLICT,
                         "The cursor's transaction has ended: open the cursor again.");
    if (code == 0) {
        set_deadline(connection);
        int result = sqlite3_step(state->statement->handle);
        connection->deadline = 0;
        if (result == SQLITE_ROW) {
            struct value *rows = rows_for(cursor->arena, state->statement);
            struct value_cell *cells = rows ? value_rows_add(rows) : NULL;
            bool read = cells && sqlite_row(cursor->arena, state->statement, cells) == 0;
            struct value *row = read ? value_at(rows, 0) : NULL;
            code = row ? 1 : error_set(error, PORTICO_ENOMEM, "Memory ended while a row was read.");
            if (row)
                *ret_row = row;
        } else if (result != SQLITE_DONE) {
            code = step_failure(cursor->session, connection, result, error);
        }
    }
    pthread_mutex_unlock(&connection->mutex);
    return code;
}

static void driver_cursor_close(struct store_cursor *cursor)
{
    struct sqlite_cursor *state = cursor->state;
    pthread_mutex_lock(&state->connection->mutex);
    sqlite_statement_release(state->connection, state->statement);
    pthread_mutex_unlock(&state->connection->mutex);
    if (state->spare)
        sqlite_connection_return(state->connection);
    g_free(state);
}

static void driver_session_end(struct store_session *session)
{
    if (session->connection)
        sqlite_connection_return(session->connection);
    session->connection = NULL;
}

const struct store_driver sqlite_driver = {
    .open = driver_open,
    .close = driver_close,
    .health = driver_health,
    .recover = sqlite_log_recover,
    .settle = driver_settle,
    .statistics = driver_statistics,
    .run = driver_run,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .cursor_open = driver_cursor_open,
    .cursor_next = driver_cursor_next,
    .cursor_close = driver_cursor_close,
    .session_end = driver_session_end,
};
