/* The keeper thread: ends transactions past their deadline, drops idle snapshots, moves the log
 * into the database. It sleeps while nothing is open. */
#include "store/sqlite/sqlite.h"

#include "base/clock.h"
#include "base/error.h"

#define SWEEP_NANOSECONDS 25000000L
#define IDLE_TIME INT64_C(100000)
#define CHECKPOINT_PAGES 1000u
#define RESTART_PAGES 4000
#define RESTART_WAIT 100 /* ms writers stand still at most, for readers to leave the old log */

/* True while something is open on the connection that will need another look. */
static bool look_after(struct sqlite_connection *connection, int64_t now)
{
    if (pthread_mutex_trylock(&connection->mutex) != 0)
        return true;
    if (connection->writing && now > connection->writing_until) {
        sqlite_abandon_write(connection);
        connection->expired = true;
    }
    if (connection->reading && !connection->session && now - connection->idle_since > IDLE_TIME)
        sqlite_connection_end_read(connection);
    bool open = connection->writing || connection->reading;
    pthread_mutex_unlock(&connection->mutex);
    return open;
}

static bool sweep(struct sqlite_log *log)
{
    bool open = false;
    int64_t now = clock_steady();
    pthread_mutex_lock(&log->connections_mutex);
    for (guint i = 0; i < log->connections->len; i++)
        open |= look_after(log->connections->pdata[i], now);
    pthread_mutex_unlock(&log->connections_mutex);
    return open;
}

/* Under the writer lock: SQLite before 3.44.6, 3.50.7 and 3.51.3 can damage a log that is restarted
 * while it is checkpointed. */
static int move_log(struct sqlite_log *log)
{
    sqlite3 *db = log->keeper_connection->db;
    int frames = 0, done = 0;
    int result = sqlite3_wal_checkpoint_v2(db, "main", SQLITE_CHECKPOINT_PASSIVE, &frames, &done);
    if (result == SQLITE_OK && frames == done) {
        /* A snapshot taken from now on reads the database alone and lets the next writer begin the
         * log anew. */
        atomic_fetch_add(&log->shared->renewals, 1);
        if (frames >= RESTART_PAGES)
            result =
                sqlite3_wal_checkpoint_v2(db, "main", SQLITE_CHECKPOINT_RESTART, &frames, &done);
    }
    return result;
}

static void checkpoint(struct sqlite_log *log, uint64_t *moved)
{
    uint64_t pages = atomic_load(&log->wal_pages);
    if (pages < *moved)
        *moved = 0; /* the log began anew */
    if (pages < *moved + CHECKPOINT_PAGES || sqlite_log_lock(log, NULL) < 0)
        return;
    int result = move_log(log) & 0xff;
    if (result == SQLITE_OK || result == SQLITE_BUSY || result == SQLITE_LOCKED)
        atomic_fetch_add(&log->checkpoints, 1);
    else
        sqlite_log_poison(log, "a checkpoint failed");
    *moved = pages;
    sqlite_log_unlock(log);
}

static void wait_for_work(struct sqlite_log *log, bool open)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += SWEEP_NANOSECONDS;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    int result = 0;
    pthread_mutex_lock(&log->keeper_mutex);
    while (open && !log->keeper_stopping && result == 0)
        result = pthread_cond_timedwait(&log->keeper_wanted, &log->keeper_mutex, &until);
    while (!open && !log->keeper_stopping && !atomic_load(&log->keeper_awake))
        pthread_cond_wait(&log->keeper_wanted, &log->keeper_mutex);
    pthread_mutex_unlock(&log->keeper_mutex);
}

static void *keep_until_stopped(void *data)
{
    struct sqlite_log *log = data;
    uint64_t moved = 0;
    bool stopping = false;
    while (!stopping) {
        bool open = sweep(log);
        checkpoint(log, &moved);
        if (!open) {
            /* Looked at once more after the flag fell: whoever opens something now raises it and
             * signals. */
            atomic_store(&log->keeper_awake, false);
            open = sweep(log);
            if (open)
                atomic_store(&log->keeper_awake, true);
        }
        wait_for_work(log, open);
        pthread_mutex_lock(&log->keeper_mutex);
        stopping = log->keeper_stopping;
        pthread_mutex_unlock(&log->keeper_mutex);
    }
    return NULL;
}

void sqlite_keeper_wake(struct sqlite_log *log)
{
    if (atomic_load(&log->keeper_awake) || atomic_exchange(&log->keeper_awake, true))
        return;
    pthread_mutex_lock(&log->keeper_mutex);
    pthread_cond_signal(&log->keeper_wanted);
    pthread_mutex_unlock(&log->keeper_mutex);
}

int sqlite_keeper_start(struct sqlite_log *log, struct portico_error *error)
{
    int code = sqlite_connection_open(log, &log->keeper_connection, error);
    if (code < 0)
        return code;
    sqlite3_busy_timeout(log->keeper_connection->db, RESTART_WAIT);
    if (pthread_create(&log->keeper, NULL, keep_until_stopped, log) == 0)
        return 0;
    sqlite_connection_close(log->keeper_connection);
    return error_set(error, PORTICO_ENOMEM, "The checkpoint thread cannot be started.");
}

void sqlite_keeper_stop(struct sqlite_log *log)
{
    pthread_mutex_lock(&log->keeper_mutex);
    log->keeper_stopping = true;
    pthread_cond_signal(&log->keeper_wanted);
    pthread_mutex_unlock(&log->keeper_mutex);
    pthread_join(log->keeper, NULL);
    sqlite_connection_close(log->keeper_connection);
}
