/* Writing: gate, flock, BEGIN IMMEDIATE … COMMIT, release, then wait for a flush that began after
 * it. */
#include "store/sqlite/sqlite.h"

#include "base/clock.h"
#include "base/error.h"

static int step_control(sqlite3_stmt *statement)
{
    int result = sqlite3_step(statement);
    sqlite3_reset(statement);
    return result == SQLITE_DONE ? SQLITE_OK : result;
}

int sqlite_begin_write(struct sqlite_connection *connection, int64_t time,
                       struct portico_error *error)
{
    struct sqlite_log *log = connection->log;
    sqlite_connection_end_read(connection);
    int code = sqlite_log_lock(log, error);
    if (code < 0)
        return code;
    connection->writing_until = clock_steady() + time;
    connection->deadline = connection->writing_until;
    int result = step_control(connection->begin_write);
    if (result != SQLITE_OK) {
        code = sqlite_failure(connection, result, error);
        sqlite_log_unlock(log);
        return code;
    }
    connection->expired = false;
    connection->writing = true;
    return 0;
}

void sqlite_abandon_write(struct sqlite_connection *connection)
{
    if (!connection->writing)
        return;
    connection->deadline = 0;
    if (!sqlite3_get_autocommit(connection->db))
        step_control(connection->rollback);
    connection->writing = false;
    sqlite_log_unlock(connection->log);
}

int sqlite_end_write(struct sqlite_connection *connection, struct portico_error *error)
{
    struct sqlite_log *log = connection->log;
    int code = sqlite_log_check(log, error);
    connection->deadline = 0;
    if (code == 0) {
        int result = step_control(connection->commit);
        if (result != SQLITE_OK)
            code = sqlite_failure(connection, result, error);
    }
    if (code < 0) {
        sqlite_abandon_write(connection);
        return code;
    }
    connection->writing = false;
    sqlite_log_unlock(log);
    return 0;
}

int sqlite_expired(const struct store_session *session, struct portico_error *error)
{
    return error_set(
        error, PORTICO_ETIMEDOUT,
        "A transaction of %s was open longer than %lld ms and has been rolled back: do "
        "slow work before it begins.",
        session->module, (long long)(session->transaction_time / 1000));
}

int sqlite_begin(struct store_session *session, struct portico_error *error)
{
    struct sqlite_connection *connection;
    int code = sqlite_connection_of(session, &connection, error);
    if (code < 0)
        return code;
    pthread_mutex_lock(&connection->mutex);
    code = sqlite_begin_write(connection, session->transaction_time, error);
    pthread_mutex_unlock(&connection->mutex);
    if (code == 0)
        sqlite_keeper_wake(connection->log);
    return code;
}

int sqlite_commit(struct store_session *session, struct portico_error *error)
{
    struct sqlite_connection *connection = session->connection;
    pthread_mutex_lock(&connection->mutex);
    int code;
    if (connection->expired || clock_steady() > connection->writing_until) {
        sqlite_abandon_write(connection);
        code = sqlite_expired(session, error);
    } else {
        code = sqlite_end_write(connection, error);
    }
    pthread_mutex_unlock(&connection->mutex);
    if (code < 0 || session->store->one_flush_a_commit)
        return code;
    return sqlite_log_flush(connection->log, error);
}

void sqlite_rollback(struct store_session *session)
{
    struct sqlite_connection *connection = session->connection;
    pthread_mutex_lock(&connection->mutex);
    sqlite_abandon_write(connection);
    pthread_mutex_unlock(&connection->mutex);
}
