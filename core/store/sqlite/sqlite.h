/* The SQLite driver's own parts: log (locks, flush, poison), keeper (checkpoints, deadlines),
 * connections. */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

#include "store/driver.h"

#include <pthread.h>
#include <sqlite3.h>

#define SQLITE_SNAPSHOT_BYTES 48 /* one copy of SQLite's WalIndexHdr */

/* In portico.state, mapped by every process of the portal. */
struct sqlite_shared {
    uint32_t magic;
    _Atomic uint32_t poisoned;
    _Atomic uint32_t renewals; /* raised to make every reader take a new snapshot */
    char reason[256];
};

struct sqlite_log {
    struct store *store;
    char *path; /* of the database */
    int lock_file;
    int users_file;
    struct sqlite_shared *shared;

    /* The writer queue of this process; the flock comes after it. */
    pthread_mutex_t gate;
    pthread_cond_t gate_free;
    bool gate_busy;

    /* Group flush. Tickets are drawn after a commit; a flush serves all drawn before it began. */
    pthread_mutex_t flush_mutex;
    pthread_cond_t flush_wanted;
    pthread_cond_t flush_done;
    uint64_t requested;
    uint64_t flushed;
    uint64_t expected; /* the flusher waits for this many requests, or for time to pass */
    bool stopping;
    pthread_t flusher;
    struct sqlite_connection *pinned; /* the flusher's */

    /* Keeper: checkpoints, transaction deadlines, idle snapshots. */
    pthread_mutex_t keeper_mutex;
    pthread_cond_t keeper_wanted;
    _Atomic bool keeper_awake;
    bool keeper_stopping;
    pthread_t keeper;
    struct sqlite_connection *keeper_connection;

    pthread_key_t thread_connection;
    pthread_mutex_t connections_mutex;
    GPtrArray *connections; /* all but pinned and the keeper's */
    _Atomic uint64_t wal_pages;
    _Atomic uint64_t flushes;
    _Atomic uint64_t checkpoints;
};

/* A cached prepared statement. */
struct sqlite_statement {
    const char *source;  /* key: what the module wrote */
    const char *module;  /* key: whose statement it is */
    unsigned shape;      /* and for viewers of which shape, if the text depends on it */
    unsigned generation; /* of the schema it was checked against */
    bool visible;
    bool readonly;
    bool busy;  /* being stepped by a cursor */
    bool stray; /* not in the cache: freed after use */
    sqlite3_stmt *handle;
    unsigned parameters, audiences; /* as in struct statement, and so are `person` and `counts` */
    bool person;
    uint64_t counts;
    struct store_column *columns;
    unsigned column_count;
    GList link; /* in `recent`, newest first */
};

struct sqlite_connection {
    struct sqlite_log *log;
    sqlite3 *db;
    pthread_mutex_t mutex; /* held during each call; the keeper takes it between calls */
    struct store_session *session;
    bool of_thread; /* this thread's own; others are spares for second sessions and cursors */
    GHashTable *statements;
    GQueue recent;
    sqlite3_stmt *begin_read, *begin_write, *commit, *rollback;
    bool reading; /* a read transaction is kept open */
    bool renewed; /* the session has looked at the wal-index */
    unsigned char snapshot[SQLITE_SNAPSHOT_BYTES];
    uint32_t snapshot_renewals;
    int64_t idle_since;
    int64_t deadline; /* of the running statement; 0: none */
    bool writing;     /* holds gate and flock */
    bool expired;     /* the keeper rolled the transaction back */
    int64_t writing_until;
};

/* log.c */
int sqlite_log_open(struct store *store, struct sqlite_log **ret_log, struct portico_error *error);
void sqlite_log_close(struct sqlite_log *log);
int sqlite_log_check(struct sqlite_log *log, struct portico_error *error);
int sqlite_log_lock(struct sqlite_log *log, struct portico_error *error);
void sqlite_log_unlock(struct sqlite_log *log);
int sqlite_log_flush(struct sqlite_log *log, struct portico_error *error);
void sqlite_log_poison(struct sqlite_log *log, const char *reason);
/* Alone with the database: verifies it and clears the mark. */
int sqlite_log_recover(struct store *store, struct portico_error *error);

/* recover.c */
int sqlite_log_heal(struct sqlite_log *log, struct portico_error *error);

/* keeper.c */
int sqlite_keeper_start(struct sqlite_log *log, struct portico_error *error);
void sqlite_keeper_stop(struct sqlite_log *log);
void sqlite_keeper_wake(struct sqlite_log *log);

/* connection.c */
int sqlite_connection_open(struct sqlite_log *log, struct sqlite_connection **ret_connection,
                           struct portico_error *error);
void sqlite_connection_close(struct sqlite_connection *connection);
/* The session's connection, taken at first use with a fresh snapshot. */
int sqlite_connection_of(struct store_session *session, struct sqlite_connection **ret_connection,
                         struct portico_error *error);
/* One that belongs to nobody, for a cursor. */
int sqlite_connection_spare(struct sqlite_log *log, struct sqlite_connection **ret_connection,
                            struct portico_error *error);
void sqlite_connection_return(struct sqlite_connection *connection);
int sqlite_connection_read(struct sqlite_connection *connection, struct portico_error *error);
void sqlite_connection_end_read(struct sqlite_connection *connection);
int sqlite_failure(struct sqlite_connection *connection, int result, struct portico_error *error);

/* cache.c */
int sqlite_statement_take(struct sqlite_connection *connection, struct store_session *session,
                          const char *sql, struct sqlite_statement **ret_statement,
                          struct portico_error *error);
void sqlite_statement_release(struct sqlite_connection *connection,
                              struct sqlite_statement *statement);
void sqlite_statement_forget_all(struct sqlite_connection *connection);

/* sqlite.c: rows. Fills cells from the current row; -1: memory ended. */
int sqlite_row(struct arena *arena, const struct sqlite_statement *statement,
               struct value_cell *cells);
/* The author's arguments, and behind them the viewer's. */
int sqlite_bind(struct sqlite_statement *statement, const struct store_viewer *viewer,
                const struct portico_argument *arguments, size_t count, bool copy,
                struct portico_error *error);

/* transaction.c */
int sqlite_begin(struct store_session *session, struct portico_error *error);
int sqlite_commit(struct store_session *session, struct portico_error *error);
void sqlite_rollback(struct store_session *session);
int sqlite_begin_write(struct sqlite_connection *connection, int64_t time,
                       struct portico_error *error);
int sqlite_end_write(struct sqlite_connection *connection, struct portico_error *error);
void sqlite_abandon_write(struct sqlite_connection *connection);
int sqlite_expired(const struct store_session *session, struct portico_error *error);

#endif
