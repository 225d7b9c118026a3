/* The PostgreSQL driver's own parts: the pool, waiting with deadlines, prepared statements. */
#ifndef STORE_POSTGRES_H
#define STORE_POSTGRES_H

#include "store/driver.h"

#include <libpq-fe.h>
#include <pthread.h>

struct postgres_pool {
    struct store *store;
    char *url;
    bool prepare; /* off behind a pooler that shares connections between transactions */
    pthread_mutex_t mutex;
    pthread_cond_t returned;
    GPtrArray *idle;
    unsigned open;
    unsigned busy;
    unsigned limit;
    int64_t retry_at; /* after a failed connect nobody tries again before */
    int64_t back_off;
    char failure[256];
};

struct postgres_connection {
    struct postgres_pool *pool;
    PGconn *server;
    GHashTable *statements;
    unsigned names; /* statements and cursors named so far */
    bool broken;
    int64_t writing_until;
};

/* What a call runs: the expanded text, prepared under `name` or not at all. */
struct postgres_statement {
    char *source;
    char *module;        /* whose statement it is */
    char *signature;     /* a letter for the type of each parameter */
    unsigned shape;      /* of the viewers whose text it is, if that depends on it */
    unsigned generation; /* of the schema it was checked against */
    bool visible;
    bool prepared;
    unsigned parameters, audiences; /* as in struct statement, and so are `person` and `counts` */
    bool person;
    uint64_t counts;
    char *sql;
    char name[24];
};

#define POSTGRES_ARGUMENTS_MAX 512u
/* Arguments in libpq's shape, in the arena. */
struct postgres_arguments {
    int count;
    Oid *types;
    const char **values;
    int *lengths;
    int *formats;
    uint64_t *words; /* numbers in network order */
};

/* pool.c */
int postgres_pool_open(struct store *store, struct postgres_pool **ret_pool,
                       struct portico_error *error);
void postgres_pool_close(struct postgres_pool *pool);
/* Waits at most 2 s for a connection and as long for the server. */
int postgres_borrow(struct postgres_pool *pool, struct postgres_connection **ret_connection,
                    struct portico_error *error);
void postgres_return(struct postgres_connection *connection);

/* wait.c */
/* The last result of what was sent, or NULL with `broken` set when the deadline passed or the
 * server went. */
PGresult *postgres_wait(struct postgres_connection *connection, int64_t deadline);
int postgres_simple(struct postgres_connection *connection, const char *sql, int64_t deadline,
                    struct portico_error *error);
/* Where the statement is right and a value of this run was not: PORTICO_EINVAL, said like on
 * SQLite; else as below. */
int postgres_run_failure(struct store_session *session, struct postgres_connection *connection,
                         const PGresult *result, struct portico_error *error);
/* Code and sentence of a failed result; NULL: the connection's state. */
int postgres_failure(struct postgres_connection *connection, const PGresult *result,
                     struct portico_error *error);

/* Whether the server undid the statement for the sake of a concurrent one. */
bool postgres_gave_way(const PGresult *result);

/* prepared.c */
int postgres_statement_take(struct postgres_connection *connection, struct store_session *session,
                            const char *sql, const struct portico_argument *arguments, size_t count,
                            struct postgres_statement **ret_statement, struct portico_error *error);
void postgres_statements_forget(struct postgres_connection *connection);
/* The author's arguments, and behind them the viewer's. */
int postgres_arguments_take(struct postgres_arguments *to, struct arena *arena,
                            const struct postgres_statement *statement,
                            const struct store_viewer *viewer,
                            const struct portico_argument *arguments, size_t count,
                            struct portico_error *error);

/* rows.c */
int postgres_row(struct arena *arena, const PGresult *result, int row, struct value_cell *cells,
                 const struct store_column *columns);
int postgres_columns(const PGresult *result, struct store_column *columns,
                     struct portico_error *error);
struct value *postgres_rows_new(struct arena *arena, const PGresult *result,
                                const struct store_column *columns);

#endif
