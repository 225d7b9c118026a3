/* portico.db: the call's session, opened when first used. */
#include "base/error.h"
#include "module/call.h"
#include "store/keys.h"

#define QUOTED_BYTES_MAX 200

#define PAGE_QUERY_SIZE_1_0 (offsetof(struct portico_page_query, cursor) + sizeof(char *))
#define PAGE_SIZE_1_0 (offsetof(struct portico_page, previous) + sizeof(char *))

struct db_handle {
    struct portico_db public; /* must be first */
    uint32_t magic;
    struct scope *scope;
};

struct cursor_handle {
    struct portico_cursor public; /* must be first */
    uint32_t magic;
    struct scope *scope;
    struct store_cursor *cursor;
};

void *interface_db_open(struct scope *scope)
{
    struct db_handle *handle = arena_zalloc(scope->arena, sizeof *handle);
    if (!handle)
        return NULL;
    handle->public.api = &interface_db;
    handle->magic = DB_MAGIC;
    handle->scope = scope;
    return handle;
}

static struct db_handle *db_of(struct portico_db *db)
{
    struct db_handle *handle = (struct db_handle *)db;
    if (!handle || handle->magic != DB_MAGIC)
        call_stale_handle("database");
    return handle;
}

static struct db_handle *db_here(struct db_handle *handle, const char *function)
{
    thread_scope(handle->scope, PORTICO_DB, function);
    return handle;
}
#define db_of(db) db_here(db_of(db), __func__)

static struct cursor_handle *cursor_of(struct portico_cursor *cursor)
{
    struct cursor_handle *handle = (struct cursor_handle *)cursor;
    if (!handle || handle->magic != CURSOR_MAGIC)
        call_stale_handle("cursor");
    return handle;
}

static struct cursor_handle *cursor_here(struct cursor_handle *handle, const char *function)
{
    thread_scope(handle->scope, PORTICO_DB, function);
    return handle;
}
#define cursor_of(cursor) cursor_here(cursor_of(cursor), __func__)

/* What the statement itself is refused for is the author's to mend, never the reader's: it must not
 * become a 400 or 403 that nobody hears of. Constraints, locks and limits keep their codes, and so
 * does a value that the database cannot take. */
static int refused(const struct scope *scope, int code, const char *sql,
                   const struct portico_error *why, struct portico_error *error)
{
    const bool looks = code == PORTICO_EPERM && scope->call->viewer->rows.looks;
    if (looks || (code != PORTICO_EINVAL && code != PORTICO_EPERM) ||
        store_refused_value(scope->session))
        return error_set(error, code, "%s", why->message);
    int length = (int)text_utf8_cut(sql, MIN(strlen(sql), QUOTED_BYTES_MAX));
    log_error("%s The statement is: %.*s", why->message, length, sql);
    return error_set(error, PORTICO_EFAULT, "%.280s The statement is: %.*s", why->message, length,
                     sql);
}

static int db_query(struct portico_db *db, const char *sql,
                    const struct portico_argument *arguments, size_t count,
                    struct portico_value **ret_rows, struct portico_error *error)
{
    struct store_session *session = scope_session(db_of(db)->scope, error);
    struct portico_error why = PORTICO_ERROR_INIT;
    struct value *rows = NULL;
    if (!session)
        return PORTICO_EIO;
    int code = store_query(session, sql, arguments, count, &rows, &why);
    if (code < 0)
        return refused(db_of(db)->scope, code, sql, &why, error);
    *ret_rows = value_public(rows);
    return code;
}

static int db_execute(struct portico_db *db, const char *sql,
                      const struct portico_argument *arguments, size_t count, int64_t *ret_changed,
                      struct portico_error *error)
{
    struct store_session *session = scope_session(db_of(db)->scope, error);
    struct portico_error why = PORTICO_ERROR_INIT;
    if (!session)
        return PORTICO_EIO;
    int code = store_execute(session, sql, arguments, count, ret_changed, &why);
    return code < 0 ? refused(db_of(db)->scope, code, sql, &why, error) : code;
}

static int db_begin(struct portico_db *db, struct portico_error *error)
{
    struct store_session *session = scope_session(db_of(db)->scope, error);
    return session ? store_begin(session, error) : PORTICO_EIO;
}

static int db_commit(struct portico_db *db, struct portico_error *error)
{
    struct store_session *session = scope_session(db_of(db)->scope, error);
    return session ? store_commit(session, error) : PORTICO_EIO;
}

static void db_rollback(struct portico_db *db)
{
    struct store_session *session = db_of(db)->scope->session;
    if (session)
        store_rollback(session);
}

static int db_cursor_open(struct portico_db *db, const char *sql,
                          const struct portico_argument *arguments, size_t count,
                          struct portico_cursor **ret_cursor, struct portico_error *error)
{
    struct scope *scope = db_of(db)->scope;
    struct store_session *session = scope_session(scope, error);
    if (!session)
        return PORTICO_EIO;
    struct cursor_handle *handle = arena_zalloc(scope->arena, sizeof *handle);
    if (!handle)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while a cursor was opened.");
    struct portico_error why = PORTICO_ERROR_INIT;
    int code = store_cursor_open(session, sql, arguments, count, &handle->cursor, &why);
    if (code < 0)
        return refused(scope, code, sql, &why, error);
    handle->public.api = &interface_db;
    handle->magic = CURSOR_MAGIC;
    handle->scope = scope;
    *ret_cursor = &handle->public;
    return PORTICO_OK;
}

static int db_cursor_next(struct portico_cursor *cursor, struct portico_value **ret_row,
                          struct portico_error *error)
{
    struct value *row = NULL;
    int code = store_cursor_next(cursor_of(cursor)->cursor, &row, error);
    if (code > 0)
        *ret_row = value_public(row);
    return code;
}

static void db_cursor_close(struct portico_cursor *cursor)
{
    struct cursor_handle *handle = cursor_of(cursor);
    handle->magic = 0;
    store_cursor_close(handle->cursor);
}

/* The cursor comes from the address: a wrong one is the reader's. */
static bool cursor_is_wrong(const struct portico_page_query *query, struct arena *arena)
{
    struct page_keys keys = { 0 };
    struct portico_page_query first = *query;
    first.cursor = NULL;
    return query->cursor && page_keys_read(&keys, &first, arena, NULL) == 0 &&
           page_keys_read(&keys, query, arena, NULL) < 0;
}

static int page_refused(const char *function, int code, const struct portico_page_query *query,
                        struct scope *scope, const struct portico_error *why,
                        struct portico_error *error)
{
    if (code == PORTICO_EINVAL && query->table && query->columns && query->order &&
        cursor_is_wrong(query, scope->arena))
        return error_set(error, code, "%s", why->message);
    char said[QUOTED_BYTES_MAX + 1];
    g_snprintf(said, sizeof said, "%s of %s: %s ORDER BY %s", function,
               query->table ? query->table : "no table", query->columns ? query->columns : "",
               query->order ? query->order : "");
    return refused(scope, code, said, why, error);
}

static int db_page(struct portico_db *db, const struct portico_page_query *query,
                   struct portico_page *ret_page, struct portico_error *error)
{
    struct scope *scope = db_of(db)->scope;
    struct portico_page_query own = { 0 };
    struct portico_page page = { .size = sizeof page };
    if (!interface_read(&own, sizeof own, query, PAGE_QUERY_SIZE_1_0) || !ret_page ||
        ret_page->size < PAGE_SIZE_1_0)
        return error_set(error, PORTICO_EINVAL,
                         "portico_page needs the size set in its query and in its result.");
    own.size = sizeof own;
    struct store_session *session = scope_session(scope, error);
    struct portico_error why = PORTICO_ERROR_INIT;
    if (!session)
        return PORTICO_EIO;
    int code = store_page(session, &own, &page, &why);
    if (code < 0)
        return page_refused("portico_page", code, &own, scope, &why, error);
    page.size = ret_page->size;
    memcpy(ret_page, &page, page.size < sizeof page ? page.size : sizeof page);
    return code;
}

static int db_page_count(struct portico_db *db, const struct portico_page_query *query,
                         int64_t *ret_count, int *ret_more, struct portico_error *error)
{
    struct scope *scope = db_of(db)->scope;
    struct portico_page_query own = { 0 };
    bool more = false;
    if (!interface_read(&own, sizeof own, query, PAGE_QUERY_SIZE_1_0) || !ret_count || !ret_more)
        return error_set(error, PORTICO_EINVAL,
                         "portico_page_count needs the size set in its query, and a place for what "
                         "it counts.");
    struct store_session *session = scope_session(scope, error);
    struct portico_error why = PORTICO_ERROR_INIT;
    if (!session)
        return PORTICO_EIO;
    int code = store_page_count(session, &own, ret_count, &more, &why);
    if (code < 0)
        return page_refused("portico_page_count", code, &own, scope, &why, error);
    *ret_more = more;
    return code;
}

const struct portico_db_api interface_db = {
    .table = { .size = sizeof(struct portico_db_api), .major = 1, .minor = 1 },
    .query = db_query,
    .execute = db_execute,
    .begin = db_begin,
    .commit = db_commit,
    .rollback = db_rollback,
    .cursor_open = db_cursor_open,
    .cursor_next = db_cursor_next,
    .cursor_close = db_cursor_close,
    .page = db_page,
    .page_count = db_page_count,
};
