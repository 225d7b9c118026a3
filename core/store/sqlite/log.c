/* The write-ahead log as all processes share it: who may write, what is on disk, and whether it is
 * poisoned. */
#include "store/sqlite/sqlite.h"

#include "base/clock.h"
#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#define GATE_SECONDS 5
#define COMPANY_LEAST 4u  /* commits of one flush from which on others are waited for */
#define COMPANY_TIME 2000 /* µs */

static int open_beside(struct sqlite_log *log, const char *name, int *ret_file,
                       struct portico_error *error)
{
    char *path = g_build_filename(log->store->directory, name, NULL);
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int code = 0;
    if (file < 0)
        code = error_set(error, PORTICO_EIO, "%s cannot be opened: %s.", path, g_strerror(errno));
    else
        *ret_file = file;
    g_free(path);
    return code;
}

static int map_shared(struct sqlite_log *log, struct portico_error *error)
{
    int file;
    if (open_beside(log, "portico.state", &file, error) < 0)
        return PORTICO_EIO;
    void *memory = MAP_FAILED;
    if (ftruncate(file, sizeof(struct sqlite_shared)) == 0)
        memory =
            mmap(NULL, sizeof(struct sqlite_shared), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    int problem = errno;
    close(file);
    if (memory == MAP_FAILED)
        return error_set(error, PORTICO_EIO, "portico.state in %s cannot be mapped: %s.",
                         log->store->directory, g_strerror(problem));
    log->shared = memory;
    return 0;
}

int sqlite_log_check(struct sqlite_log *log, struct portico_error *error)
{
    if (!atomic_load(&log->shared->poisoned))
        return 0;
    return error_set(
        error, PORTICO_EIO,
        "Writes are stopped, because the disk did not take what was written (%.200s). "
        "Nothing that was acknowledged is lost. Mend the disk, then stop and start the "
        "portal: it verifies the database before it goes on.",
        log->shared->reason);
}

void sqlite_log_poison(struct sqlite_log *log, const char *reason)
{
    g_strlcpy(log->shared->reason, reason, sizeof log->shared->reason);
    atomic_store(&log->shared->poisoned, 1);
    msync(log->shared, sizeof *log->shared, MS_SYNC);
}

/* Through the WAL's own file object: a descriptor of ours would miss a WAL that was made anew. */
static int flush_wal(struct sqlite_log *log)
{
    sqlite3_file *wal = NULL;
    int result = sqlite3_file_control(log->pinned->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal);
    if (result != SQLITE_OK || !wal || !wal->pMethods)
        return SQLITE_IOERR;
    return wal->pMethods->xSync(wal, SQLITE_SYNC_NORMAL);
}

/* Writers that wait for their flush come back together. Beginning the next one without them would
 * part them into two groups that wait for each other: a quarter of a flush's time is worth it. */
static void wait_for_company(struct sqlite_log *log, uint64_t last, int64_t took)
{
    int64_t wait = MIN(took / 4, COMPANY_TIME);
    if (last < COMPANY_LEAST || wait == 0 || log->stopping)
        return;
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long)wait * 1000;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    log->expected = log->requested + last;
    int result = 0;
    while (log->requested < log->expected && !log->stopping && result == 0)
        result = pthread_cond_timedwait(&log->flush_wanted, &log->flush_mutex, &until);
}

static void *flush_until_stopped(void *data)
{
    struct sqlite_log *log = data;
    uint64_t last = 0; /* commits the flush before served */
    int64_t took = 0;
    pthread_mutex_lock(&log->flush_mutex);
    for (;;) {
        while (log->requested == log->flushed && !log->stopping)
            pthread_cond_wait(&log->flush_wanted, &log->flush_mutex);
        if (log->requested == log->flushed)
            break;
        wait_for_company(log, last, took);
        uint64_t target = log->requested;
        last = target - log->flushed;
        log->expected = 0;
        pthread_mutex_unlock(&log->flush_mutex);
        int64_t began = clock_steady();
        /* Once a flush failed, a later one succeeds without having written anything: never try
         * again. */
        if (!atomic_load(&log->shared->poisoned) && flush_wal(log) != SQLITE_OK)
            sqlite_log_poison(log, "flushing the write-ahead log failed");
        took = clock_steady() - began;
        atomic_fetch_add(&log->flushes, 1);
        pthread_mutex_lock(&log->flush_mutex);
        log->flushed = target;
        pthread_cond_broadcast(&log->flush_done);
    }
    pthread_mutex_unlock(&log->flush_mutex);
    return NULL;
}

int sqlite_log_flush(struct sqlite_log *log, struct portico_error *error)
{
    pthread_mutex_lock(&log->flush_mutex);
    uint64_t ticket = ++log->requested;
    if (ticket >= log->expected)
        pthread_cond_signal(&log->flush_wanted);
    while (log->flushed < ticket)
        pthread_cond_wait(&log->flush_done, &log->flush_mutex);
    pthread_mutex_unlock(&log->flush_mutex);
    return sqlite_log_check(log, error);
}

int sqlite_log_lock(struct sqlite_log *log, struct portico_error *error)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += GATE_SECONDS;
    int waited = 0;
    pthread_mutex_lock(&log->gate);
    while (log->gate_busy && waited == 0)
        waited = pthread_cond_timedwait(&log->gate_free, &log->gate, &until);
    bool mine = !log->gate_busy;
    log->gate_busy = true;
    pthread_mutex_unlock(&log->gate);
    if (!mine)
        return error_set(error, PORTICO_EBUSY,
                         "Other writers held the database for %d seconds: try again.",
                         GATE_SECONDS);
    /* Bounded: every holder's keeper ends its transaction at the deadline, and a dead one's lock
     * ends too. */
    int result;
    do {
        result = flock(log->lock_file, LOCK_EX);
    } while (result < 0 && errno == EINTR);
    if (result == 0 && sqlite_log_check(log, error) == 0)
        return 0;
    if (result < 0)
        error_set(error, PORTICO_EIO, "portico.lock cannot be locked: %s.", g_strerror(errno));
    sqlite_log_unlock(log);
    return PORTICO_EIO;
}

void sqlite_log_unlock(struct sqlite_log *log)
{
    flock(log->lock_file, LOCK_UN);
    pthread_mutex_lock(&log->gate);
    log->gate_busy = false;
    pthread_cond_signal(&log->gate_free);
    pthread_mutex_unlock(&log->gate);
}

static void prepare_locks(struct sqlite_log *log)
{
    pthread_condattr_t steady;
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_mutex_init(&log->gate, NULL);
    pthread_cond_init(&log->gate_free, &steady);
    pthread_mutex_init(&log->flush_mutex, NULL);
    pthread_cond_init(&log->flush_wanted, &steady);
    pthread_cond_init(&log->flush_done, &steady);
    pthread_mutex_init(&log->keeper_mutex, NULL);
    pthread_cond_init(&log->keeper_wanted, &steady);
    pthread_mutex_init(&log->connections_mutex, NULL);
    pthread_condattr_destroy(&steady);
}

static int enable_wal(struct sqlite_connection *connection, struct portico_error *error)
{
    sqlite3_stmt *statement = NULL;
    sqlite3 *db = connection->db;
    int result = sqlite3_prepare_v2(db, "PRAGMA journal_mode=WAL", -1, &statement, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_step(statement);
    bool wal = result == SQLITE_ROW &&
               g_strcmp0((const char *)sqlite3_column_text(statement, 0), "wal") == 0;
    sqlite3_finalize(statement);
    if (!wal)
        return error_set(
            error, PORTICO_EIO,
            "%s cannot use a write-ahead log (%s): its directory must lie on a local disk "
            "this user may write.",
            connection->log->path, sqlite3_errmsg(db));
    /* A first read makes the WAL and its file object exist. */
    result = sqlite3_exec(db, "SELECT count(*) FROM sqlite_master", NULL, NULL, NULL);
    return result == SQLITE_OK ? 0 : sqlite_failure(connection, result, error);
}

/* Every process with the database open holds `users` shared; who recovers it holds it alone. */
static int open_files(struct sqlite_log *log, int users, struct portico_error *error)
{
    if (open_beside(log, "portico.lock", &log->lock_file, error) < 0 ||
        open_beside(log, "portico.users", &log->users_file, error) < 0)
        return PORTICO_EIO;
    if (flock(log->users_file, users | LOCK_NB) < 0)
        return error_set(error, PORTICO_EBUSY,
                         users == LOCK_SH
                             ? "%s is being recovered by another process: wait until it has ended."
                             : "%s is still open in another process: stop that one first.",
                         log->path);
    return map_shared(log, error);
}

static int open_pinned(struct sqlite_log *log, struct portico_error *error)
{
    flock(log->lock_file, LOCK_EX);
    int code = sqlite_connection_open(log, &log->pinned, error);
    if (code == 0)
        code = enable_wal(log->pinned, error);
    flock(log->lock_file, LOCK_UN);
    return code;
}

static struct sqlite_log *log_new(struct store *store)
{
    struct sqlite_log *log = g_new0(struct sqlite_log, 1);
    log->store = store;
    log->path = g_strdup(store->url + strlen("sqlite:"));
    log->lock_file = log->users_file = -1;
    log->connections = g_ptr_array_new();
    prepare_locks(log);
    return log;
}

int sqlite_log_recover(struct store *store, struct portico_error *error)
{
    struct sqlite_log *log = log_new(store);
    int code = open_files(log, LOCK_EX, error);
    if (code == 0 && atomic_load(&log->shared->poisoned)) {
        code = sqlite_log_heal(log, error);
        if (code == 0) {
            atomic_store(&log->shared->poisoned, 0);
            msync(log->shared, sizeof *log->shared, MS_SYNC);
        }
    }
    sqlite_log_close(log);
    return code;
}

int sqlite_log_open(struct store *store, struct sqlite_log **ret_log, struct portico_error *error)
{
    struct sqlite_log *log = log_new(store);
    int code = open_files(log, LOCK_SH, error);
    if (code == 0)
        code = sqlite_log_check(log, error);
    if (code == 0)
        code = open_pinned(log, error);
    if (code == 0 && pthread_create(&log->flusher, NULL, flush_until_stopped, log) != 0)
        code = error_set(error, PORTICO_ENOMEM, "The flushing thread cannot be started.");
    if (code < 0) {
        log->flusher = 0;
        sqlite_log_close(log);
        return code;
    }
    *ret_log = log;
    return 0;
}

void sqlite_log_close(struct sqlite_log *log)
{
    if (log->flusher) {
        pthread_mutex_lock(&log->flush_mutex);
        log->stopping = true;
        pthread_cond_signal(&log->flush_wanted);
        pthread_mutex_unlock(&log->flush_mutex);
        pthread_join(log->flusher, NULL);
    }
    for (guint i = 0; i < log->connections->len; i++)
        sqlite_connection_close(log->connections->pdata[i]);
    g_ptr_array_free(log->connections, TRUE);
    sqlite_connection_close(log->pinned);
    if (log->shared)
        munmap(log->shared, sizeof *log->shared);
    if (log->users_file >= 0)
        close(log->users_file);
    if (log->lock_file >= 0)
        close(log->lock_file);
    pthread_mutex_destroy(&log->gate);
    pthread_cond_destroy(&log->gate_free);
    pthread_mutex_destroy(&log->flush_mutex);
    pthread_cond_destroy(&log->flush_wanted);
    pthread_cond_destroy(&log->flush_done);
    pthread_mutex_destroy(&log->keeper_mutex);
    pthread_cond_destroy(&log->keeper_wanted);
    pthread_mutex_destroy(&log->connections_mutex);
    g_free(log->path);
    g_free(log);
}
