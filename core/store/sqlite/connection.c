/* Connections to the SQLite file: one a thread and some spares, and the read snapshot each keeps.
 */
#include "store/sqlite/sqlite.h"

#include "base/clock.h"
#include "base/error.h"

#define PROGRESS_STEPS 1000

static const struct {
    int result;
    int code;
    const char *says;
} failures[] = {
    { SQLITE_CONSTRAINT_UNIQUE, PORTICO_EEXIST, "A row with this key is there already" },
    { SQLITE_CONSTRAINT_PRIMARYKEY, PORTICO_EEXIST, "A row with this key is there already" },
    { SQLITE_CONSTRAINT_ROWID, PORTICO_EEXIST, "A row with this key is there already" },
    { SQLITE_CONSTRAINT, PORTICO_ECONFLICT, "A rule of the table does not allow this change" },
    { SQLITE_INTERRUPT, PORTICO_ETIMEDOUT, "The statement took longer than it may" },
    { SQLITE_BUSY, PORTICO_EBUSY, "The database is busy: try again" },
    { SQLITE_LOCKED, PORTICO_EBUSY, "The database is busy: try again" },
    { SQLITE_NOMEM, PORTICO_ENOMEM, "Memory ended in the database" },
    { SQLITE_FULL, PORTICO_EIO, "The disk is full: make room, then try again" },
    { SQLITE_IOERR, PORTICO_EIO, "The disk failed" },
    { SQLITE_CORRUPT, PORTICO_EIO, "The database file is damaged: restore a backup" },
    { SQLITE_NOTADB, PORTICO_EIO, "The file is no SQLite database: check the path" },
    { SQLITE_CANTOPEN, PORTICO_EIO, "The database file cannot be opened: check path and owner" },
    { SQLITE_READONLY, PORTICO_EIO, "The database file cannot be written: check its owner" },
    { SQLITE_TOOBIG, PORTICO_ELIMIT, "A text is larger than a column may hold" },
};

int sqlite_failure(struct sqlite_connection *connection, int result, struct portico_error *error)
{
    int extended = connection->db ? sqlite3_extended_errcode(connection->db) : result;
    const char *message = connection->db ? sqlite3_errmsg(connection->db) : sqlite3_errstr(result);
    for (size_t i = 0; i < G_N_ELEMENTS(failures); i++)
        if (failures[i].result == extended || failures[i].result == (result & 0xff))
            return error_set(error, failures[i].code, "%s (%s).", failures[i].says, message);
    return error_set(error, PORTICO_EINVAL, "The database refused the statement: %s.", message);
}

static int on_progress(void *data)
{
    const struct sqlite_connection *connection = data;
    return connection->deadline && clock_steady() > connection->deadline;
}

static int on_commit(void *data, sqlite3 *db, const char *name, int pages)
{
    (void)db, (void)name;
    struct sqlite_connection *connection = data;
    atomic_store_explicit(&connection->log->wal_pages, (uint64_t)pages, memory_order_relaxed);
    return SQLITE_OK;
}

/* Triggers fire for rows that others replace, too, and by what triggers do: as on PostgreSQL. */
static int configure(struct sqlite_connection *connection, struct portico_error *error)
{
    sqlite3 *db = connection->db;
    int one = 1;
    sqlite3_extended_result_codes(db, 1);
    sqlite3_busy_timeout(db, 2000);
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
    char *pragmas = g_strdup_printf("PRAGMA synchronous=%s; PRAGMA wal_autocheckpoint=0;"
                                    "PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;"
                                    "PRAGMA recursive_triggers=ON",
                                    connection->log->store->one_flush_a_commit ? "FULL" : "NORMAL");
    int result = sqlite3_exec(db, pragmas, NULL, NULL, NULL);
    g_free(pragmas);
    if (result != SQLITE_OK)
        return sqlite_failure(connection, result, error);
    sqlite3_file_control(db, "main", SQLITE_FCNTL_PERSIST_WAL, &one);
    sqlite3_progress_handler(db, PROGRESS_STEPS, on_progress, connection);
    sqlite3_wal_hook(db, on_commit, connection);
    return 0;
}

static int prepare_controls(struct sqlite_connection *connection, struct portico_error *error)
{
    struct {
        const char *sql;
        sqlite3_stmt **ret;
    } controls[] = {
        { "BEGIN", &connection->begin_read },
        { "BEGIN IMMEDIATE", &connection->begin_write },
        { "COMMIT", &connection->commit },
        { "ROLLBACK", &connection->rollback },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(controls); i++) {
        int result = sqlite3_prepare_v3(connection->db, controls[i].sql, -1,
                                        SQLITE_PREPARE_PERSISTENT, controls[i].ret, NULL);
        if (result != SQLITE_OK)
            return sqlite_failure(connection, result, error);
    }
    return 0;
}

int sqlite_connection_open(struct sqlite_log *log, struct sqlite_connection **ret_connection,
                           struct portico_error *error)
{
    struct sqlite_connection *connection = g_new0(struct sqlite_connection, 1);
    connection->log = log;
    pthread_mutex_init(&connection->mutex, NULL);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    int result = sqlite3_open_v2(log->path, &connection->db, flags, NULL);
    int code = result == SQLITE_OK ? configure(connection, error)
                                   : sqlite_failure(connection, result, error);
    if (code == 0)
        code = prepare_controls(connection, error);
    if (code < 0) {
        error_prefix(error, "%s: ", log->path);
        sqlite_connection_close(connection);
        return code;
    }
    *ret_connection = connection;
    return 0;
}

void sqlite_connection_close(struct sqlite_connection *connection)
{
    if (!connection)
        return;
    sqlite_statement_forget_all(connection);
    sqlite3_finalize(connection->begin_read);
    sqlite3_finalize(connection->begin_write);
    sqlite3_finalize(connection->commit);
    sqlite3_finalize(connection->rollback);
    sqlite3_close(connection->db);
    pthread_mutex_destroy(&connection->mutex);
    g_free(connection);
}

static int add(struct sqlite_log *log, struct sqlite_connection **ret_connection,
               struct portico_error *error)
{
    int code = sqlite_connection_open(log, ret_connection, error);
    if (code < 0)
        return code;
    pthread_mutex_lock(&log->connections_mutex);
    g_ptr_array_add(log->connections, *ret_connection);
    pthread_mutex_unlock(&log->connections_mutex);
    return 0;
}

/* A session that marks a connection as taken although no session holds it. */
static struct store_session nobody;

int sqlite_connection_spare(struct sqlite_log *log, struct sqlite_connection **ret_connection,
                            struct portico_error *error)
{
    struct sqlite_connection *spare = NULL;
    pthread_mutex_lock(&log->connections_mutex);
    for (guint i = 0; i < log->connections->len && !spare; i++) {
        struct sqlite_connection *candidate = log->connections->pdata[i];
        if (!candidate->of_thread && !candidate->session) {
            spare = candidate;
            spare->session = &nobody;
        }
    }
    pthread_mutex_unlock(&log->connections_mutex);
    if (!spare) {
        int code = add(log, &spare, error);
        if (code < 0)
            return code;
        spare->session = &nobody;
    }
    spare->renewed = false;
    *ret_connection = spare;
    return 0;
}

void sqlite_connection_return(struct sqlite_connection *connection)
{
    struct sqlite_log *log = connection->log;
    pthread_mutex_lock(&connection->mutex);
    if (!connection->of_thread)
        sqlite_connection_end_read(connection);
    connection->renewed = false;
    connection->idle_since = clock_steady();
    pthread_mutex_unlock(&connection->mutex);
    pthread_mutex_lock(&log->connections_mutex);
    connection->session = NULL;
    pthread_mutex_unlock(&log->connections_mutex);
}

static int take(struct sqlite_log *log, struct sqlite_connection **ret_connection,
                struct portico_error *error)
{
    struct sqlite_connection *own = pthread_getspecific(log->thread_connection);
    if (own && own->session)
        return sqlite_connection_spare(log, ret_connection, error);
    if (!own) {
        int code = add(log, &own, error);
        if (code < 0)
            return code;
        own->of_thread = true;
        pthread_setspecific(log->thread_connection, own);
    }
    *ret_connection = own;
    return 0;
}

int sqlite_connection_of(struct store_session *session, struct sqlite_connection **ret_connection,
                         struct portico_error *error)
{
    if (!session->connection) {
        struct sqlite_connection *connection;
        int code = take(session->store->state, &connection, error);
        if (code < 0)
            return code;
        pthread_mutex_lock(&connection->log->connections_mutex);
        connection->session = session;
        pthread_mutex_unlock(&connection->log->connections_mutex);
        session->connection = connection;
    }
    *ret_connection = session->connection;
    return 0;
}

/* The header of the wal-index, which changes with every commit of any process; NULL: not mapped
 * yet. */
static const volatile void *wal_index(struct sqlite_connection *connection)
{
    sqlite3_file *file = NULL;
    volatile void *region = NULL;
    int result = sqlite3_file_control(connection->db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (result != SQLITE_OK || !file || !file->pMethods || file->pMethods->iVersion < 2)
        return NULL;
    if (file->pMethods->xShmMap(file, 0, 32768, 0, &region) != SQLITE_OK)
        return NULL;
    return region;
}

/* Compared without SQLite's locks: a torn read only differs, and then the snapshot is renewed. */
__attribute__((no_sanitize("thread"))) static bool
is_current(const struct sqlite_connection *connection, const volatile void *index)
{
    return memcmp((const void *)(uintptr_t)index, connection->snapshot, SQLITE_SNAPSHOT_BYTES) ==
               0 &&
           connection->snapshot_renewals ==
               atomic_load_explicit(&connection->log->shared->renewals, memory_order_relaxed);
}

__attribute__((no_sanitize("thread"))) static void remember(struct sqlite_connection *connection,
                                                            const volatile void *index)
{
    if (index)
        memcpy(connection->snapshot, (const void *)(uintptr_t)index, SQLITE_SNAPSHOT_BYTES);
    connection->snapshot_renewals = atomic_load(&connection->log->shared->renewals);
}

void sqlite_connection_end_read(struct sqlite_connection *connection)
{
    if (!connection->reading)
        return;
    connection->deadline = 0;
    sqlite3_step(connection->commit);
    sqlite3_reset(connection->commit);
    connection->reading = false;
}

int sqlite_connection_read(struct sqlite_connection *connection, struct portico_error *error)
{
    if (connection->writing || (connection->reading && connection->renewed))
        return 0;
    const volatile void *index = wal_index(connection);
    connection->renewed = true;
    if (connection->reading && index && is_current(connection, index))
        return 0;
    sqlite_connection_end_read(connection);
    remember(connection, index); /* before the snapshot: one taken later looks newer, never older */
    int result = sqlite3_step(connection->begin_read);
    sqlite3_reset(connection->begin_read);
    if (result != SQLITE_DONE)
        return sqlite_failure(connection, result, error);
    connection->reading = true;
    sqlite_keeper_wake(connection->log);
    return 0;
}
