/* What the two drivers share with store.c: the driver table, the session, prepared texts,
 * statistics. */
#ifndef STORE_DRIVER_H
#define STORE_DRIVER_H

#include "store/statement.h"
#include "store/store.h"

#include <glib.h>
#include <stdatomic.h>

#define STORE_ROWS_MAX 10000u
#define STORE_TRANSACTION_TIME INT64_C(2000000)
#define STORE_STATEMENT_TIME INT64_C(10000000)
#define STORE_CONNECT_TIME INT64_C(2000000)
#define STORE_COLUMNS_MAX 256u
#define STORE_MODULE_MAX 64

struct store_driver;
struct twin;

struct store {
    const struct store_driver *driver;
    enum store_kind kind;
    char *url;
    char *password; /* or NULL; never in the URL, which errors and logs may show */
    char *directory;
    unsigned connections;
    int64_t transaction_time;
    int64_t statement_time;
    int64_t connect_time;
    bool one_flush_a_commit;
    void *state; /* the driver's */
    struct twin *twin;
    _Atomic uint64_t commits;
    _Atomic uint64_t statements;
};

/* Who wants to know of a commit. */
struct store_committed {
    void (*done)(void *data);
    void *data;
    struct store_committed *next;
};

/* What a transaction does last. */
struct store_last {
    int (*write)(struct store_session *session, void *data, struct portico_error *error);
    void *data;
    struct store_last *next;
};

struct store_session {
    struct store *store;
    struct arena *arena;
    const struct store_viewer *viewer;
    char module[STORE_MODULE_MAX];
    void *connection;    /* the driver's, NULL until first used */
    bool in_transaction; /* between store_begin and its end */
    bool failed;         /* a statement of the transaction failed: only rollback is left */
    const char *doom;    /* why it failed, if not by a statement; in the arena */
    bool value_refused;  /* the last statement failed by a value, not by itself */
    bool gave_way; /* the last statement gave way to a concurrent one, and may be made again */
    bool lent;     /* the transaction is not this user's to end */
    bool outdates; /* the transaction takes something from view */
    struct store_committed *committed;
    struct store_last *last, **last_end; /* in the order asked for */
    int (*guard)(struct store_session *session, void *data, struct portico_error *error);
    void *guard_data;
    bool migrating;     /* the text is a migration's: taken as it stands */
    int64_t refused_at; /* the byte of a refused text that the database pointed at; -1: none */
    int64_t transaction_time; /* deadline of its write transactions */
    struct store_cursor *cursors;
};

struct store_cursor {
    struct store_session *session;
    struct store_cursor *next;
    struct arena *arena; /* holds the current row */
    bool ended;
    void *state; /* the driver's */
};

/* One kind of result column: its name without the suffix, and what the suffix says. */
struct store_column {
    struct text name;
    uint32_t kind; /* an enum portico_kind; PORTICO_NULL: as the database says */
};
/* Splits "id:id" into name and kind. `label` must outlive the column. */
struct store_column store_column_of(const char *label);
/* Turns a driver's cell into the column's kind: 1 becomes true, text becomes html. -1: memory
 * ended. */
int store_cell_finish(struct arena *arena, const struct store_column *column,
                      struct value_cell *cell);

/* What store_outdate asked for, before the open transaction commits. */
int store_edition_move(struct store_session *session, struct portico_error *error);

/* Every call gets a session of this driver's store. Errors as in store.h. `ret_rows` or
 * `ret_changed` may be NULL. */
struct store_driver {
    int (*open)(struct store *store, struct portico_error *error);
    void (*close)(struct store *store);
    int (*health)(struct store *store, struct portico_error *error);
    int (*recover)(struct store *store, struct portico_error *error);
    int (*settle)(struct store *store, struct portico_error *error);
    void (*statistics)(struct store *store, struct store_statistics *ret_statistics);
    int (*run)(struct store_session *session, const char *sql,
               const struct portico_argument *arguments, size_t count, struct value **ret_rows,
               int64_t *ret_changed, struct portico_error *error);
    int (*begin)(struct store_session *session, struct portico_error *error);
    int (*commit)(struct store_session *session, struct portico_error *error);
    void (*rollback)(struct store_session *session);
    int (*cursor_open)(struct store_cursor *cursor, const char *sql,
                       const struct portico_argument *arguments, size_t count,
                       struct portico_error *error);
    int (*cursor_next)(struct store_cursor *cursor, struct value **ret_row,
                       struct portico_error *error);
    void (*cursor_close)(struct store_cursor *cursor);
    void (*session_end)(struct store_session *session);
};
extern const struct store_driver sqlite_driver;
extern const struct store_driver postgres_driver;

/* What neither database takes, or only one of them: text that is not UTF-8 or holds NUL, a real
 * that is not a number, a count below 0 behind LIMIT (`counts` as in struct statement). */
int store_arguments_check(struct store_session *session, uint64_t counts,
                          const struct portico_argument *arguments, size_t count,
                          struct portico_error *error);
/* The answer to a value that the database refused. */
int store_refuse_value(struct store_session *session, const char *sentence,
                       struct portico_error *error);
/* Said on both databases alike. */
#define STORE_OUT_OF_RANGE                                                                         \
    "A value is out of the range or not of the kind that its place in the database takes."

/* The statement that store_page runs for this session, unexpanded, and its arguments, in the
 * session's arena. */
int store_page_text(struct store_session *session, const struct portico_page_query *query,
                    const char **ret_sql, const struct portico_argument **ret_arguments,
                    size_t *ret_count, struct portico_error *error);

/* Called before each page is read, if it is set, with the first key of its order and the text as
 * store_prepare takes it from this session. For tests; set before there are threads. */
extern void (*store_page_watch)(struct store_session *session,
                                const struct portico_page_query *query, const char *key,
                                const char *sql);

/* Expands the text for this session's driver and viewer, after the audience check. */
int store_prepare(struct store_session *session, const char *sql, struct statement *ret_statement,
                  struct portico_error *error);

#endif
