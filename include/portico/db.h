/* The database: typed parameters, rows as values, transactions, cursors, visible lists.
 *
 * Write one portable SQL for both SQLite and PostgreSQL: `?` for parameters in order, no dialect
 * functions. A column alias may carry a kind after a colon: SELECT t.id AS "id:id", t.created AS
 * "created:time", t.hidden AS "hidden:boolean", p.body_html AS "body:html" (text sealed by
 * portico_html_seal). `{visible TABLE}` in FROM, UPDATE or DELETE stands for the rows of TABLE this
 * viewer may see; a table with an audience column is touched otherwise only with `{unfiltered
 * reason}` at the start of the statement. Never build SQL from input. */
#ifndef PORTICO_DB_H
#define PORTICO_DB_H

#include "context.h"

/** Name of the interface. */
#define PORTICO_DB "portico.db"

/** One typed parameter. Texts are borrowed until the call returns. */
struct portico_argument {
    uint32_t kind;   /**< PORTICO_NULL, BOOLEAN, INTEGER, REAL, TEXT, TIME or ID */
    uint32_t length; /**< bytes of a TEXT */
    union {
        int64_t integer;  /**< of BOOLEAN, INTEGER, TIME and ID */
        double real;      /**< of REAL */
        const char *text; /**< of TEXT, UTF-8 */
    };
};
/** An integer parameter. */
static inline struct portico_argument portico_arg_integer(int64_t integer)
{
    struct portico_argument argument = { PORTICO_INTEGER, 0, { integer } };
    return argument;
}
/** An id parameter; 0 is SQL NULL. */
static inline struct portico_argument portico_arg_id(portico_id id)
{
    struct portico_argument argument = { 0, 0, { id } };
    argument.kind = id ? PORTICO_ID : PORTICO_NULL;
    return argument;
}
/** A time parameter. */
static inline struct portico_argument portico_arg_time(portico_time time)
{
    struct portico_argument argument = { PORTICO_TIME, 0, { time } };
    return argument;
}
/** A boolean parameter. */
static inline struct portico_argument portico_arg_boolean(int boolean)
{
    struct portico_argument argument = { PORTICO_BOOLEAN, 0, { boolean != 0 } };
    return argument;
}
/** A real parameter. */
static inline struct portico_argument portico_arg_real(double real)
{
    struct portico_argument argument = { PORTICO_REAL, 0, { 0 } };
    argument.real = real;
    return argument;
}
/** NULL text is SQL NULL. */
static inline struct portico_argument portico_arg_text(const char *text)
{
    struct portico_argument argument = { 0, 0, { 0 } };
    argument.kind = text ? PORTICO_TEXT : PORTICO_NULL;
    argument.length = text ? (uint32_t)strlen(text) : 0;
    argument.text = text;
    return argument;
}
/** Parameters of a statement, in order: PORTICO_ARGS(portico_arg_id(id), portico_arg_text(name)).
 */
#ifdef __cplusplus
extern "C++" {
/** How many they are, for sizeof: none of them is made for it. */
template <class... Arguments>
char (&portico_arguments_counted(const Arguments &...))[sizeof...(Arguments)];
/** Arguments that live as long as the expression they stand in. */
template <size_t count> struct portico_arguments_kept {
    struct portico_argument items[count]; /**< in order */
    /** The first of them. */
    const struct portico_argument *begin() const
    {
        return items;
    }
};
}
#define PORTICO_ARGS(...)                                                                          \
    portico_arguments_kept<sizeof(portico_arguments_counted(__VA_ARGS__))>{                        \
        { __VA_ARGS__ }                                                                            \
    }.begin(),                                                                                     \
        sizeof(portico_arguments_counted(__VA_ARGS__))
#else
#define PORTICO_ARGS(...)                                                                          \
    (const struct portico_argument[]){ __VA_ARGS__ },                                              \
        sizeof((const struct portico_argument[]){ __VA_ARGS__ }) / sizeof(struct portico_argument)
#endif
/** For a statement without parameters. */
#define PORTICO_NO_ARGS NULL, 0

struct portico_db;
struct portico_cursor;

/**
 * One page of rows this viewer may see, by cursor: correct while rows are added, equally fast at
 * the first and the last page. Of a table without an audience column: all rows. Since 0.1.
 */
struct portico_page_query {
    uint32_t size;       /**< sizeof(struct portico_page_query) */
    uint32_t limit;      /**< rows a page, 1 to 200 */
    const char *table;   /**< the listed table; its alias is `t` */
    const char *columns; /**< select list over `t` and the joins, kinds by alias; no comments */
    const char *joins;   /**< "JOIN person p ON p.id = t.author", or NULL; no comments */
    const char *where;   /**< equality on key columns, "t.space = ?", or NULL; no comments */
    const struct portico_argument *arguments; /**< parameters of `joins`, then of `where` */
    size_t argument_count;                    /**< how many */
    const char *order;  /**< columns of `t` without nulls that end in a unique one, all in one
                           direction: "last_activity DESC, id DESC" */
    const char *cursor; /**< `next` or `previous` of an earlier page, NULL for the first; garbage is
                           EINVAL */
};

/** A page: rows, and opaque cursors for the pages beside it (NULL where there is none). */
struct portico_page {
    uint32_t size;              /**< sizeof(struct portico_page) */
    struct portico_value *rows; /**< at most `limit` */
    const char *next;           /**< cursor of the following page, or NULL */
    const char *previous;       /**< cursor of the page before, or NULL */
};

/**
 * `portico.db` 1.1, remotable; 1.0 ended with page. Declare "portico.db 1.0" in
 * PORTICO_MODULE_USES. Statements outside begin/commit are their own transactions. A success of a
 * write or a commit means it is on disk. A transaction has a deadline of 2 s, then it is rolled
 * back: ETIMEDOUT. One left open when the call returns is rolled back and logged. A statement that
 * is wrong, not portable or not allowed is the author's mistake: EFAULT, and the log quotes it. A
 * value that the database cannot take is the reader's: EINVAL, on both databases alike, for a
 * number past 64 bits, a word where a number belongs, text with NUL or that is not UTF-8, a LIMIT
 * below 0. Since 0.1.
 */
struct portico_db_api {
    struct portico_table table; /**< size and version of this table */
    /** As portico_query(). */
    int (*query)(struct portico_db *db, const char *sql, const struct portico_argument *arguments,
                 size_t argument_count, struct portico_value **ret_rows,
                 struct portico_error *error);
    /** As portico_execute(). */
    int (*execute)(struct portico_db *db, const char *sql, const struct portico_argument *arguments,
                   size_t argument_count, int64_t *ret_changed, struct portico_error *error);
    /** As portico_begin(). */
    int (*begin)(struct portico_db *db, struct portico_error *error);
    /** As portico_commit(). */
    int (*commit)(struct portico_db *db, struct portico_error *error);
    /** As portico_rollback(). */
    void (*rollback)(struct portico_db *db);
    /** As portico_cursor_open(). */
    int (*cursor_open)(struct portico_db *db, const char *sql,
                       const struct portico_argument *arguments, size_t argument_count,
                       struct portico_cursor **ret_cursor, struct portico_error *error);
    /** As portico_cursor_next(). */
    int (*cursor_next)(struct portico_cursor *cursor, struct portico_value **ret_row,
                       struct portico_error *error);
    /** As portico_cursor_close(), but not with NULL. */
    void (*cursor_close)(struct portico_cursor *cursor);
    /** As portico_page(). */
    int (*page)(struct portico_db *db, const struct portico_page_query *query,
                struct portico_page *ret_page, struct portico_error *error);
    /** As portico_page_count(). */
    int (*page_count)(struct portico_db *db, const struct portico_page_query *query,
                      int64_t *ret_count, int *ret_more, struct portico_error *error);
};

/** Public head: its table. */
struct portico_db {
    const struct portico_db_api *api; /**< what it can do */
};
/** Public head of an open result: its table. */
struct portico_cursor {
    const struct portico_db_api *api; /**< what it can do */
};

/** The database of this call, or NULL if the module did not declare "portico.db 1.0". Borrowed. */
#define portico_db(handle) ((struct portico_db *)portico_interface((handle), PORTICO_DB, 1))

/** Runs a SELECT; all rows at once, in this call's memory (at most 10,000: ELIMIT; use a cursor).
 */
static inline int portico_query(struct portico_db *db, const char *sql,
                                const struct portico_argument *arguments, size_t argument_count,
                                struct portico_value **ret_rows, struct portico_error *error)
{
    return db ? db->api->query(db, sql, arguments, argument_count, ret_rows, error)
              : portico_undeclared(error);
}
/** First row as an object; ENOENT if there is none. */
static inline int portico_query_one(struct portico_db *db, const char *sql,
                                    const struct portico_argument *arguments, size_t argument_count,
                                    struct portico_value **ret_row, struct portico_error *error)
{
    struct portico_value *rows = NULL;
    int code = portico_query(db, sql, arguments, argument_count, &rows, error);
    if (code < 0)
        return code;
    if (portico_count(rows) == 0)
        return PORTICO_ENOENT;
    *ret_row = portico_at(rows, 0);
    return PORTICO_OK;
}
/** Runs INSERT, UPDATE or DELETE. `ret_changed` may be NULL. EEXIST on a unique constraint. */
static inline int portico_execute(struct portico_db *db, const char *sql,
                                  const struct portico_argument *arguments, size_t argument_count,
                                  int64_t *ret_changed, struct portico_error *error)
{
    return db ? db->api->execute(db, sql, arguments, argument_count, ret_changed, error)
              : portico_undeclared(error);
}
/** Opens a write transaction, which sees the newest state; reads before it may have come from an
 * older one, on SQLite that of the call's first read. Nothing that waits (HTTP, other modules) may
 * be called inside. */
static inline int portico_begin(struct portico_db *db, struct portico_error *error)
{
    return db ? db->api->begin(db, error) : portico_undeclared(error);
}
/** Commits; returns 0 only after the change is on disk. */
static inline int portico_commit(struct portico_db *db, struct portico_error *error)
{
    return db ? db->api->commit(db, error) : portico_undeclared(error);
}
/** Rolls back; nothing to do without an open transaction. */
static inline void portico_rollback(struct portico_db *db)
{
    if (db)
        db->api->rollback(db);
}
/** Opens a cursor for a large result; one row at a time. Close it with portico_cursor_close. */
static inline int portico_cursor_open(struct portico_db *db, const char *sql,
                                      const struct portico_argument *arguments,
                                      size_t argument_count, struct portico_cursor **ret_cursor,
                                      struct portico_error *error)
{
    return db ? db->api->cursor_open(db, sql, arguments, argument_count, ret_cursor, error)
              : portico_undeclared(error);
}
/** 1 and the next row (valid until the following call), 0 at the end, negative on error. */
static inline int portico_cursor_next(struct portico_cursor *cursor, struct portico_value **ret_row,
                                      struct portico_error *error)
{
    return cursor->api->cursor_next(cursor, ret_row, error);
}
/** Closes; accepts NULL. */
static inline void portico_cursor_close(struct portico_cursor *cursor)
{
    if (cursor)
        cursor->api->cursor_close(cursor);
}
/** One page of a visible list. `ret_page->size` must be set. EINVAL: the cursor is none of this
 * list. */
static inline int portico_page(struct portico_db *db, const struct portico_page_query *query,
                               struct portico_page *ret_page, struct portico_error *error)
{
    return db ? db->api->page(db, query, ret_page, error) : portico_undeclared(error);
}
/**
 * How many rows of a list this viewer may see, on all its pages together: of `query`, what stands
 * in `table`, `joins`, `where` and `arguments`. Exact, and at the cost of a few rows, where a
 * migration declares the list ("-- count: shop_item shelf" for the condition "t.shelf = ?", without
 * joins). Any other is counted to 1,000; where there are more, `ret_more` becomes 1 and `ret_count`
 * 1,000: say "more than 1,000". EPERM: another module's table. ENOTSUP: an older host. Since 0.1.
 */
static inline int portico_page_count(struct portico_db *db, const struct portico_page_query *query,
                                     int64_t *ret_count, int *ret_more, struct portico_error *error)
{
    if (db && !PORTICO_HAS(db->api, page_count))
        return PORTICO_ENOTSUP;
    return db ? db->api->page_count(db, query, ret_count, ret_more, error)
              : portico_undeclared(error);
}

#endif
