/* The PostgreSQL driver: a connection is borrowed for a statement or for a transaction. */
#include "store/postgres/postgres.h"

#include "base/clock.h"
#include "base/error.h"

#include <stdlib.h>

#define GRACE INT64_C(1000000) /* the server ends a statement first; then we stop waiting */
#define TRIES 3                /* of a statement that gives way to concurrent ones */
#define CURSOR_TIME 3600000
#define CURSOR_ROWS 256

static int driver_open(struct store *store, struct portico_error *error)
{
    struct postgres_pool *pool;
    int code = postgres_pool_open(store, &pool, error);
    if (code == 0)
        store->state = pool;
    return code;
}

static void driver_close(struct store *store)
{
    postgres_pool_close(store->state);
}

static int driver_health(struct store *store, struct portico_error *error)
{
    struct postgres_connection *connection;
    int code = postgres_borrow(store->state, &connection, error);
    if (code < 0)
        return code;
    code = postgres_simple(connection, "SELECT 1", clock_steady() + 2 * GRACE, error);
    postgres_return(connection);
    return code;
}

static void driver_statistics(struct store *store, struct store_statistics *ret_statistics)
{
    struct postgres_pool *pool = store->state;
    pthread_mutex_lock(&pool->mutex);
    ret_statistics->connections = pool->open;
    ret_statistics->connections_busy = pool->busy;
    pthread_mutex_unlock(&pool->mutex);
}

static int expired(const struct store_session *session, struct portico_error *error)
{
    return error_set(
        error, PORTICO_ETIMEDOUT,
        "A transaction of %s was open longer than %lld ms and has been rolled back: do "
        "slow work before it begins.",
        session->module, (long long)(session->transaction_time / 1000));
}

static int64_t wait_until(const struct store_session *session)
{
    int64_t time = MAX(session->store->statement_time,
                       session->in_transaction ? session->transaction_time : 0);
    return clock_steady() + time + GRACE;
}

static int prepare(struct store_session *session, struct postgres_connection *connection,
                   struct postgres_statement *statement, const struct postgres_arguments *arguments,
                   struct portico_error *error)
{
    char name[sizeof statement->name];
    g_snprintf(name, sizeof name, "portico_%u", ++connection->names);
    PGresult *result = NULL;
    if (PQsendPrepare(connection->server, name, statement->sql, arguments->count, arguments->types))
        result = postgres_wait(connection, wait_until(session));
    int code = 0;
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        code = postgres_failure(connection, result, error);
    session->gave_way = postgres_gave_way(result);
    PQclear(result);
    if (code < 0)
        return code;
    g_strlcpy(statement->name, name, sizeof statement->name);
    statement->prepared = true;
    return 0;
}

/* The server counts characters from 1. */
static int64_t refused_at(const PGresult *result, const char *sql)
{
    const char *position = result ? PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION) : NULL;
    int64_t characters = position ? strtoll(position, NULL, 10) : 0;
    if (characters < 1 || characters > g_utf8_strlen(sql, -1))
        return -1;
    return g_utf8_offset_to_pointer(sql, (glong)characters - 1) - sql;
}

/* Sends and waits; the result is a success or NULL. */
static int send_and_wait(struct store_session *session, struct postgres_connection *connection,
                         struct postgres_statement *statement,
                         const struct postgres_arguments *arguments, PGresult **ret_result,
                         struct portico_error *error)
{
    int code = 0;
    bool named = connection->pool->prepare && !session->migrating;
    if (named && !statement->prepared)
        code = prepare(session, connection, statement, arguments, error);
    if (code < 0)
        return code;
    int sent =
        named ? PQsendQueryPrepared(connection->server, statement->name, arguments->count,
                                    arguments->values, arguments->lengths, arguments->formats, 0)
              : PQsendQueryParams(connection->server, statement->sql, arguments->count,
                                  arguments->types, arguments->values, arguments->lengths,
                                  arguments->formats, 0);
    PGresult *result = sent ? postgres_wait(connection, wait_until(session)) : NULL;
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
        *ret_result = result;
        return 0;
    }
    session->refused_at = refused_at(result, statement->sql);
    session->gave_way = postgres_gave_way(result);
    code = postgres_run_failure(session, connection, result, error);
    PQclear(result);
    return code;
}

static int collect(struct store_session *session, const PGresult *result, struct value **ret_rows,
                   struct portico_error *error)
{
    struct store_column columns[STORE_COLUMNS_MAX];
    int code = postgres_columns(result, columns, error);
    if (code < 0)
        return code;
    if ((unsigned)PQntuples(result) > STORE_ROWS_MAX)
        return error_set(error, PORTICO_ELIMIT,
                         "The query of %s returns more than %u rows: page it, or use a cursor.",
                         session->module, STORE_ROWS_MAX);
    struct value *rows = postgres_rows_new(session->arena, result, columns);
    for (int i = 0; rows && i < PQntuples(result); i++) {
        struct value_cell *cells = value_rows_add(rows);
        if (!cells || postgres_row(session->arena, result, i, cells, columns) < 0)
            rows = NULL;
    }
    if (!rows)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while rows were read.");
    *ret_rows = rows;
    return 0;
}

static int run_on(struct store_session *session, struct postgres_connection *connection,
                  const char *sql, const struct portico_argument *arguments, size_t count,
                  struct value **ret_rows, int64_t *ret_changed, struct portico_error *error)
{
    struct postgres_statement *statement;
    struct postgres_arguments given;
    PGresult *result = NULL;
    int code =
        postgres_statement_take(connection, session, sql, arguments, count, &statement, error);
    if (code == 0)
        code = store_arguments_check(session, statement->counts, arguments, count, error);
    if (code == 0)
        code = postgres_arguments_take(&given, session->arena, statement, session->viewer,
                                       arguments, count, error);
    if (code == 0)
        code = send_and_wait(session, connection, statement, &given, &result, error);
    if (code == 0 && ret_rows)
        code = collect(session, result, ret_rows, error);
    bool reads = code == 0 && g_str_has_prefix(PQcmdStatus(result), "SELECT");
    if (code == 0 && ret_changed)
        *ret_changed = reads ? 0 : strtoll(PQcmdTuples(result), NULL, 10);
    if (code == 0 && !reads && !session->in_transaction)
        atomic_fetch_add_explicit(&session->store->commits, 1, memory_order_relaxed);
    PQclear(result);
    return code;
}

/* A statement alone is a transaction of its own, of which nothing is left once the server undid it:
 * it is made again. */
static int run_again(struct store_session *session, struct postgres_connection *connection,
                     const char *sql, const struct portico_argument *arguments, size_t count,
                     struct value **ret_rows, int64_t *ret_changed, struct portico_error *error)
{
    int code, tries = session->in_transaction ? 1 : TRIES;
    do {
        session->gave_way = false;
        code = run_on(session, connection, sql, arguments, count, ret_rows, ret_changed, error);
    } while (code < 0 && session->gave_way && --tries > 0);
    return code;
}

static int driver_run(struct store_session *session, const char *sql,
                      const struct portico_argument *arguments, size_t count,
                      struct value **ret_rows, int64_t *ret_changed, struct portico_error *error)
{
    struct postgres_connection *connection = session->connection;
    if (connection && clock_steady() > connection->writing_until)
        return expired(session, error);
    int code = connection ? 0 : postgres_borrow(session->store->state, &connection, error);
    if (code < 0)
        return code;
    code = run_again(session, connection, sql, arguments, count, ret_rows, ret_changed, error);
    if (session->in_transaction && code == PORTICO_ETIMEDOUT)
        expired(session, error);
    if (!session->connection)
        postgres_return(connection);
    return code;
}

static int begin_on(struct postgres_connection *connection, int64_t statement_ms,
                    int64_t transaction_ms, struct portico_error *error)
{
    char sql[240];
    g_snprintf(sql, sizeof sql,
               "BEGIN; SET LOCAL statement_timeout = %lld; "
               "SET LOCAL idle_in_transaction_session_timeout = %lld",
               (long long)statement_ms, (long long)transaction_ms);
    return postgres_simple(connection, sql, clock_steady() + 2 * GRACE, error);
}

static int driver_begin(struct store_session *session, struct portico_error *error)
{
    struct postgres_connection *connection;
    int code = postgres_borrow(session->store->state, &connection, error);
    if (code < 0)
        return code;
    int64_t most = session->transaction_time / 1000;
    int64_t statement = session->store->statement_time / 1000;
    bool long_one = session->transaction_time > session->store->transaction_time;
    code = begin_on(connection, long_one ? most : MIN(statement, most), most, error);
    if (code < 0) {
        postgres_return(connection);
        return code;
    }
    connection->writing_until = clock_steady() + session->transaction_time;
    session->connection = connection;
    return 0;
}

static void driver_rollback(struct store_session *session)
{
    struct postgres_connection *connection = session->connection;
    postgres_simple(connection, "ROLLBACK", clock_steady() + 2 * GRACE, NULL);
    postgres_return(connection);
    session->connection = NULL;
}

/* The server may have committed although its answer did not arrive: that is said, not guessed. */
static int driver_commit(struct store_session *session, struct portico_error *error)
{
    struct postgres_connection *connection = session->connection;
    if (clock_steady() > connection->writing_until) {
        driver_rollback(session);
        return expired(session, error);
    }
    PGresult *result =
        PQsendQuery(connection->server, "COMMIT")
            ? postgres_wait(connection, clock_steady() + session->transaction_time + 2 * GRACE)
            : NULL;
    int code = 0;
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        code = postgres_failure(connection, result, error);
    else if (strcmp(PQcmdStatus(result), "COMMIT") != 0)
        code = error_set(error, PORTICO_ECONFLICT,
                         "The transaction of %s had failed and was rolled back.", session->module);
    if (code == PORTICO_ETIMEDOUT)
        expired(session, error);
    if (code == PORTICO_EIO)
        error_set(error, code,
                  "The connection to the database was lost during COMMIT: the outcome is unknown. "
                  "Read back before the change of %s is made again.",
                  session->module);
    PQclear(result);
    postgres_return(connection);
    session->connection = NULL;
    return code;
}

/* A server-side cursor. Outside a transaction it has a connection and a transaction of its own. */
struct postgres_cursor {
    struct postgres_connection *connection;
    char name[32];
    bool own;
    bool last; /* the batch in `rows` is the last one */
    PGresult *rows;
    int next;
    struct store_column columns[STORE_COLUMNS_MAX];
};

/* Sends the DECLARE, of which nothing is kept. */
static int declare_text(struct store_cursor *cursor, const struct statement *text,
                        const struct portico_argument *arguments, size_t count,
                        struct portico_error *error)
{
    struct postgres_cursor *state = cursor->state;
    struct store_session *session = cursor->session;
    const struct postgres_statement statement = { .audiences = text->audiences,
                                                  .person = text->person };
    struct postgres_arguments given;
    int code = postgres_arguments_take(&given, cursor->arena, &statement, session->viewer,
                                       arguments, count, error);
    if (code < 0)
        return code;
    g_snprintf(state->name, sizeof state->name, "portico_cursor_%u", ++state->connection->names);
    char *sql = g_strdup_printf("DECLARE %s NO SCROLL CURSOR FOR %s", state->name, text->sql);
    int sent = PQsendQueryParams(state->connection->server, sql, given.count, given.types,
                                 given.values, given.lengths, given.formats, 0);
    PGresult *result = sent ? postgres_wait(state->connection, wait_until(session)) : NULL;
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        code = postgres_run_failure(session, state->connection, result, error);
    PQclear(result);
    g_free(sql);
    return code;
}

static int declare(struct store_cursor *cursor, const char *sql,
                   const struct portico_argument *arguments, size_t count,
                   struct portico_error *error)
{
    struct store_session *session = cursor->session;
    struct statement text;
    int code = store_prepare(session, sql, &text, error);
    if (code < 0)
        return code;
    if (text.writes)
        code = error_set(error, PORTICO_EINVAL, "A cursor reads: use execute for changes.");
    else if (text.parameters != count || count > POSTGRES_ARGUMENTS_MAX)
        code =
            error_set(error, PORTICO_EINVAL,
                      "The statement has %u parameters but was given %zu: pass one for each \"?\".",
                      text.parameters, count);
    if (code == 0)
        code = store_arguments_check(session, text.counts, arguments, count, error);
    if (code == 0)
        code = declare_text(cursor, &text, arguments, count, error);
    statement_free(&text);
    return code;
}

static void leave(struct postgres_cursor *state)
{
    if (state->own) {
        postgres_simple(state->connection, "ROLLBACK", clock_steady() + 2 * GRACE, NULL);
        postgres_return(state->connection);
    }
    PQclear(state->rows);
    g_free(state);
}

static int driver_cursor_open(struct store_cursor *cursor, const char *sql,
                              const struct portico_argument *arguments, size_t count,
                              struct portico_error *error)
{
    struct store_session *session = cursor->session;
    struct postgres_cursor *state = g_new0(struct postgres_cursor, 1);
    state->connection = session->connection;
    cursor->state = state;
    int code = 0;
    if (!state->connection) {
        code = postgres_borrow(session->store->state, &state->connection, error);
        state->own = code == 0;
        if (code == 0)
            code = begin_on(state->connection, session->store->statement_time / 1000, CURSOR_TIME,
                            error);
    }
    if (code == 0)
        code = declare(cursor, sql, arguments, count, error);
    if (code < 0)
        leave(state);
    return code;
}

static int fetch(struct store_cursor *cursor, struct portico_error *error)
{
    struct postgres_cursor *state = cursor->state;
    char sql[80];
    if (!state->own && state->connection != cursor->session->connection)
        return error_set(error, PORTICO_ECONFLICT,
                         "The cursor's transaction has ended: open the cursor again.");
    g_snprintf(sql, sizeof sql, "FETCH FORWARD %d FROM %s", CURSOR_ROWS, state->name);
    PQclear(state->rows);
    state->rows = PQsendQuery(state->connection->server, sql)
                      ? postgres_wait(state->connection, wait_until(cursor->session))
                      : NULL;
    if (PQresultStatus(state->rows) != PGRES_TUPLES_OK)
        return postgres_run_failure(cursor->session, state->connection, state->rows, error);
    state->next = 0;
    state->last = PQntuples(state->rows) < CURSOR_ROWS;
    return postgres_columns(state->rows, state->columns, error);
}

static int driver_cursor_next(struct store_cursor *cursor, struct value **ret_row,
                              struct portico_error *error)
{
    struct postgres_cursor *state = cursor->state;
    if (!state->rows || state->next == PQntuples(state->rows)) {
        int code = state->last ? 0 : fetch(cursor, error);
        if (code < 0)
            return code;
        if (state->next == PQntuples(state->rows))
            return 0;
    }
    struct value *rows = postgres_rows_new(cursor->arena, state->rows, state->columns);
    struct value_cell *cells = rows ? value_rows_add(rows) : NULL;
    struct value *row = NULL;
    if (cells &&
        postgres_row(cursor->arena, state->rows, state->next++, cells, state->columns) == 0)
        row = value_at(rows, 0);
    if (!row)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while a row was read.");
    *ret_row = row;
    return 1;
}

static void driver_cursor_close(struct store_cursor *cursor)
{
    leave(cursor->state);
}

static void driver_session_end(struct store_session *session)
{
    (void)session; /* connections go back with each statement and transaction */
}

const struct store_driver postgres_driver = {
    .open = driver_open,
    .close = driver_close,
    .health = driver_health,
    .statistics = driver_statistics,
    .run = driver_run,
    .begin = driver_begin,
    .commit = driver_commit,
    .rollback = driver_rollback,
    .cursor_open = driver_cursor_open,
    .cursor_next = driver_cursor_next,
    .cursor_close = driver_cursor_close,
    .session_end = driver_session_end,
};
