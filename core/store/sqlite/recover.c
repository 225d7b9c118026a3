/* Healing a poisoned log: one process alone lets SQLite verify what reached the disk, and writes it
 * again. */
#include "store/sqlite/sqlite.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

static int verify(struct sqlite_connection *connection, struct portico_error *error)
{
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(connection->db, "PRAGMA integrity_check", -1, &statement, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_step(statement);
    const char *answer =
        result == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    int code = 0;
    if (!answer)
        code = sqlite_failure(connection, result, error);
    else if (strcmp(answer, "ok") != 0)
        code = error_set(error, PORTICO_EIO, "%s is damaged (%.200s): restore the last backup.",
                         connection->log->path, answer);
    sqlite3_finalize(statement);
    return code;
}

/* The first to open rebuilds the wal-index from frames whose checksums hold. A checkpoint then
 * writes their pages anew, because what failed to flush may stand in memory only, marked as
 * written. */
int sqlite_log_heal(struct sqlite_log *log, struct portico_error *error)
{
    struct sqlite_connection *connection;
    int code = sqlite_connection_open(log, &connection, error);
    if (code < 0)
        return code;
    code = verify(connection, error);
    if (code == 0) {
        int result = sqlite3_wal_checkpoint_v2(connection->db, "main", SQLITE_CHECKPOINT_TRUNCATE,
                                               NULL, NULL);
        if (result != SQLITE_OK)
            code = sqlite_failure(connection, result, error);
    }
    sqlite_connection_close(connection);
    return code;
}
