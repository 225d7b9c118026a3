/* Every wait for the server ends: at an answer, at the deadline, or when the connection is gone. */
#include "store/postgres/postgres.h"

#include "base/clock.h"
#include "base/error.h"

#include <errno.h>
#include <poll.h>

static const struct {
    const char *state; /* the beginning of an SQLSTATE */
    int code;
    const char *says;
} failures[] = {
    { "23505", PORTICO_EEXIST, "A row with this key is there already" },
    { "23", PORTICO_ECONFLICT, "A rule of the table does not allow this change" },
    { "40P01", PORTICO_ECONFLICT,
      "Two transactions waited for each other, and this one was undone: roll it back and try again "
      "from its beginning" },
    { "40", PORTICO_ECONFLICT, "A concurrent change got there first: try again" },
    { "57014", PORTICO_ETIMEDOUT, "The statement took longer than it may" },
    { "25P03", PORTICO_ETIMEDOUT, "The transaction was open longer than it may" },
    { "55P03", PORTICO_EBUSY, "The database is busy: try again" },
    { "53100", PORTICO_EIO, "The database server's disk is full: make room, then try again" },
    { "53", PORTICO_EBUSY, "The database server is at its limits: try again" },
    { "54", PORTICO_ELIMIT, "The statement passes a limit of the database server" },
    { "42501", PORTICO_EPERM, "The database user may not do this: grant it" },
    { "42", PORTICO_EINVAL, "The database refused the statement" },
    { "2B", PORTICO_EINVAL, "The database refused the statement" },
    { "22", PORTICO_EINVAL, "The statement holds a value that the database refuses" },
    { "0A", PORTICO_EINVAL, "The database refused the statement" },
    { "25006", PORTICO_EIO, "The database server takes no writes at the moment" },
    { "25", PORTICO_ECONFLICT, "The transaction has failed already: roll it back" },
};

/* Data exceptions, by the beginning of their SQLSTATE. */
static const struct {
    const char *state, *sentence;
} value_failures[] = {
    { "22012", "A value is divided by 0." },
    { "22025", "A pattern of LIKE ends in the middle: its last character is the escape." },
    { "22", STORE_OUT_OF_RANGE },
};

int postgres_run_failure(struct store_session *session, struct postgres_connection *connection,
                         const PGresult *result, struct portico_error *error)
{
    const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    for (size_t i = 0; state && i < G_N_ELEMENTS(value_failures); i++)
        if (g_str_has_prefix(state, value_failures[i].state))
            return store_refuse_value(session, value_failures[i].sentence, error);
    return postgres_failure(connection, result, error);
}

bool postgres_gave_way(const PGresult *result)
{
    static const char *const states[] = { "40001", "40P01", "55P03" };
    const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    for (size_t i = 0; state && i < G_N_ELEMENTS(states); i++)
        if (strcmp(state, states[i]) == 0)
            return true;
    return false;
}

int postgres_failure(struct postgres_connection *connection, const PGresult *result,
                     struct portico_error *error)
{
    const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    const char *message = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    if (PQstatus(connection->server) != CONNECTION_OK)
        connection->broken = true;
    for (size_t i = 0; state && i < G_N_ELEMENTS(failures); i++)
        if (g_str_has_prefix(state, failures[i].state))
            return error_set(error, failures[i].code, "%s (%s).", failures[i].says,
                             message ? message : state);
    char *text = g_strdup(message ? message : PQerrorMessage(connection->server));
    g_strdelimit(g_strchomp(text), "\n", ' ');
    int code = error_set(error, PORTICO_EIO,
                         "The database server did not answer (%s): it is tried again with the next "
                         "call.",
                         *text ? text : "the connection was lost");
    g_free(text);
    return code;
}

/* 1 ready, 0 deadline, -1 failed. */
static int wait_for_socket(const struct postgres_connection *connection, short events,
                           int64_t deadline)
{
    struct pollfd file = { .fd = PQsocket(connection->server), .events = events };
    for (;;) {
        int64_t left = (deadline - clock_steady() + 999) / 1000;
        int ready = poll(&file, 1, left > 0 ? (int)MIN(left, 60000) : 0);
        if (ready > 0)
            return 1;
        if (ready < 0 && errno != EINTR)
            return -1;
        if (ready == 0 && clock_steady() >= deadline)
            return 0;
    }
}

static bool wait_until_idle(struct postgres_connection *connection, int64_t deadline)
{
    for (;;) {
        int unsent = PQflush(connection->server);
        if (unsent < 0)
            return false;
        if (!unsent && !PQisBusy(connection->server))
            return true;
        short events = unsent ? POLLIN | POLLOUT : POLLIN;
        if (wait_for_socket(connection, events, deadline) <= 0 ||
            !PQconsumeInput(connection->server))
            return false;
    }
}

PGresult *postgres_wait(struct postgres_connection *connection, int64_t deadline)
{
    PGresult *last = NULL;
    for (;;) {
        if (!wait_until_idle(connection, deadline)) {
            connection->broken = true;
            PQclear(last);
            return NULL;
        }
        PGresult *result = PQgetResult(connection->server);
        if (!result)
            return last;
        /* Of several statements in one text the first failure counts. */
        if (last && PQresultStatus(last) == PGRES_FATAL_ERROR) {
            PQclear(result);
            continue;
        }
        PQclear(last);
        last = result;
    }
}

int postgres_simple(struct postgres_connection *connection, const char *sql, int64_t deadline,
                    struct portico_error *error)
{
    PGresult *result =
        PQsendQuery(connection->server, sql) ? postgres_wait(connection, deadline) : NULL;
    ExecStatusType status = PQresultStatus(result);
    int code = 0;
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        code = postgres_failure(connection, result, error);
    PQclear(result);
    return code;
}
