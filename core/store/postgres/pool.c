/* A few connections for many threads; borrowed for one statement, one transaction or one cursor. */
#include "store/postgres/postgres.h"

#include "base/clock.h"
#include "base/error.h"

#include <poll.h>

#define CONNECTIONS 8u
#define BACK_OFF_FIRST INT64_C(50000)
#define BACK_OFF_MOST INT64_C(1000000)

static void say_nothing(void *data, const char *message)
{
    (void)data, (void)message;
}

static void connection_free(struct postgres_connection *connection)
{
    postgres_statements_forget(connection);
    PQfinish(connection->server);
    g_free(connection);
}

static bool finish_connecting(PGconn *server, int64_t deadline)
{
    PostgresPollingStatusType status = PGRES_POLLING_WRITING;
    while (status != PGRES_POLLING_OK) {
        int64_t left = (deadline - clock_steady() + 999) / 1000;
        struct pollfd file = { .fd = PQsocket(server),
                               .events = status == PGRES_POLLING_READING ? POLLIN : POLLOUT };
        if (status == PGRES_POLLING_FAILED || left <= 0 || poll(&file, 1, (int)left) == 0)
            return false;
        status = PQconnectPoll(server);
    }
    return PQsetnonblocking(server, 1) == 0;
}

/* Deadlines the server keeps by itself. Behind a pooler they are set in each transaction instead.
 */
static int set_defaults(struct postgres_connection *connection, struct portico_error *error)
{
    const struct store *store = connection->pool->store;
    char sql[200];
    g_snprintf(sql, sizeof sql,
               "SET statement_timeout = %lld; SET idle_in_transaction_session_timeout = %lld",
               (long long)(store->statement_time / 1000),
               (long long)(store->transaction_time / 1000));
    return connection->pool->prepare
               ? postgres_simple(connection, sql, clock_steady() + store->connect_time, error)
               : 0;
}

/* Statements are checked by the standard's rules for strings; they must run by them, too. */
static int check_strings(PGconn *server, struct portico_error *error)
{
    const char *standard = PQparameterStatus(server, "standard_conforming_strings");
    if (standard && strcmp(standard, "on") == 0)
        return 0;
    return error_set(error, PORTICO_EIO,
                     "The database server has standard_conforming_strings off: set it to on for "
                     "this database or user.");
}

static int connect_to_server(struct postgres_pool *pool,
                             struct postgres_connection **ret_connection,
                             struct portico_error *error)
{
    struct postgres_connection *connection = g_new0(struct postgres_connection, 1);
    connection->pool = pool;
    /* As "dbname" the URL is taken apart; empty values count as not given. */
    static const char *const keywords[] = { "dbname", "password", NULL };
    const char *const values[] = { pool->url, pool->store->password, NULL };
    connection->server = PQconnectStartParams(keywords, values, 1);
    int64_t deadline = clock_steady() + pool->store->connect_time;
    bool started = connection->server && PQstatus(connection->server) != CONNECTION_BAD &&
                   finish_connecting(connection->server, deadline);
    int code = 0;
    if (!started) {
        char *reason =
            g_strdup(connection->server ? PQerrorMessage(connection->server) : "no memory");
        g_strdelimit(g_strchomp(reason), "\n", ' ');
        /* libpq's own words stop in the middle then. */
        bool late = clock_steady() >= deadline;
        char silence[40];
        g_snprintf(silence, sizeof silence, "no answer in %lld ms",
                   (long long)(pool->store->connect_time / 1000));
        code =
            error_set(error, PORTICO_EIO,
                      "The database server cannot be reached (%s): check that it runs and that the "
                      "database address is right.",
                      *reason && !late ? reason : silence);
        g_free(reason);
    } else {
        PQsetNoticeProcessor(connection->server, say_nothing, NULL);
        code = check_strings(connection->server, error);
        if (code == 0)
            code = set_defaults(connection, error);
    }
    if (code < 0) {
        connection_free(connection);
        return code;
    }
    *ret_connection = connection;
    return 0;
}

/* An idle server has nothing to say, except that it is going: what is readable is not used again.
 */
static bool is_alive(const struct postgres_connection *connection)
{
    struct pollfd file = { .fd = PQsocket(connection->server), .events = POLLIN };
    return poll(&file, 1, 0) == 0;
}

static void forget(struct postgres_pool *pool, struct postgres_connection *connection)
{
    connection_free(connection);
    pthread_mutex_lock(&pool->mutex);
    pool->open--;
    pthread_cond_signal(&pool->returned);
    pthread_mutex_unlock(&pool->mutex);
}

/* An idle connection, or the right to make one (`ret_connection` NULL). */
static int take_place(struct postgres_pool *pool, struct postgres_connection **ret_connection,
                      struct portico_error *error)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += pool->store->connect_time / 1000000;
    int waited = 0, code = 0;
    pthread_mutex_lock(&pool->mutex);
    while (!pool->idle->len && pool->open >= pool->limit && waited == 0)
        waited = pthread_cond_timedwait(&pool->returned, &pool->mutex, &until);
    if (pool->idle->len) {
        *ret_connection = g_ptr_array_remove_index(pool->idle, pool->idle->len - 1);
    } else if (pool->open >= pool->limit) {
        code = error_set(error, PORTICO_EBUSY,
                         "All %u connections to the database are in use: try again, or allow more.",
                         pool->limit);
    } else if (clock_steady() < pool->retry_at) {
        code = error_set(error, PORTICO_EIO, "%s", pool->failure);
    } else {
        *ret_connection = NULL;
        pool->open++;
    }
    pthread_mutex_unlock(&pool->mutex);
    return code;
}

static void note_connect(struct postgres_pool *pool, int code, const struct portico_error *problem)
{
    pthread_mutex_lock(&pool->mutex);
    if (code == 0) {
        pool->back_off = 0;
    } else {
        pool->open--;
        pool->back_off = pool->back_off ? MIN(pool->back_off * 2, BACK_OFF_MOST) : BACK_OFF_FIRST;
        pool->retry_at = clock_steady() + pool->back_off;
        g_strlcpy(pool->failure, problem->message, sizeof pool->failure);
        pthread_cond_signal(&pool->returned);
    }
    pthread_mutex_unlock(&pool->mutex);
}

int postgres_borrow(struct postgres_pool *pool, struct postgres_connection **ret_connection,
                    struct portico_error *error)
{
    struct postgres_connection *connection = NULL;
    for (;;) {
        int code = take_place(pool, &connection, error);
        if (code < 0)
            return code;
        if (!connection || is_alive(connection))
            break;
        forget(pool, connection);
    }
    if (!connection) {
        struct portico_error problem = PORTICO_ERROR_INIT;
        int code = connect_to_server(pool, &connection, &problem);
        note_connect(pool, code, &problem);
        if (code < 0)
            return error_set(error, code, "%s", problem.message);
    }
    pthread_mutex_lock(&pool->mutex);
    pool->busy++;
    pthread_mutex_unlock(&pool->mutex);
    *ret_connection = connection;
    return 0;
}

void postgres_return(struct postgres_connection *connection)
{
    struct postgres_pool *pool = connection->pool;
    bool good = !connection->broken && PQstatus(connection->server) == CONNECTION_OK &&
                PQtransactionStatus(connection->server) == PQTRANS_IDLE;
    pthread_mutex_lock(&pool->mutex);
    pool->busy--;
    if (good) {
        g_ptr_array_add(pool->idle, connection);
        pthread_cond_signal(&pool->returned);
    }
    pthread_mutex_unlock(&pool->mutex);
    if (!good)
        forget(pool, connection);
}

/* libpq does not know our own option: it is read and cut out of the URL. */
static char *take_option(const char *url, bool *ret_prepare)
{
    static const char option[] = "portico_prepare=off";
    const char *found = strstr(url, option);
    *ret_prepare = !found;
    if (!found)
        return g_strdup(url);
    const char *rest = found + strlen(option);
    int before = (int)(found - url);
    if (*rest == '&')
        rest++;
    else
        before--; /* its own "?" or "&" */
    return g_strdup_printf("%.*s%s", before, url, rest);
}

int postgres_pool_open(struct store *store, struct postgres_pool **ret_pool,
                       struct portico_error *error)
{
    struct postgres_pool *pool = g_new0(struct postgres_pool, 1);
    pthread_condattr_t steady;
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->returned, &steady);
    pthread_condattr_destroy(&steady);
    pool->store = store;
    pool->url = take_option(store->url, &pool->prepare);
    pool->idle = g_ptr_array_new();
    pool->limit = store->connections ? store->connections : CONNECTIONS;
    struct postgres_connection *connection = NULL;
    int code = postgres_borrow(pool, &connection, error);
    int version = code == 0 ? PQserverVersion(connection->server) : 0;
    if (code == 0)
        postgres_return(connection);
    if (code == 0 && version < 150000)
        code = error_set(error, PORTICO_ENOTSUP,
                         "The database server is PostgreSQL %d: Portico needs 15 or later.",
                         version / 10000);
    if (code < 0) {
        postgres_pool_close(pool);
        return code;
    }
    *ret_pool = pool;
    return 0;
}

void postgres_pool_close(struct postgres_pool *pool)
{
    for (guint i = 0; i < pool->idle->len; i++)
        connection_free(pool->idle->pdata[i]);
    g_ptr_array_free(pool->idle, TRUE);
    pthread_cond_destroy(&pool->returned);
    pthread_mutex_destroy(&pool->mutex);
    g_free(pool->url);
    g_free(pool);
}
