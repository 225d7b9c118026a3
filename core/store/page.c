/* Visible lists by keyset: each page starts behind the last row of the one before, whatever was
 * added. */
#include "store/owner.h"
#include "store/page_text.h"

#include "base/error.h"

#include <ctype.h>

#define PAGE_LIMIT_MAX 200u

void (*store_page_watch)(struct store_session *session, const struct portico_page_query *query,
                         const char *key, const char *sql);

static bool is_name(const char *name)
{
    if (!name || !(isalpha((unsigned char)*name) || *name == '_'))
        return false;
    while (isalnum((unsigned char)*name) || *name == '_')
        name++;
    return !*name;
}

static size_t count_parameters(const char *sql)
{
    size_t count = 0;
    for (const char *at = sql ? sql : ""; *at;) {
        const char *past = statement_skip_quoted(at);
        count += past == at && *at == '?';
        at = past == at ? at + 1 : past;
    }
    return count;
}

/* As SQLite compares: null, then numbers, then text by its bytes. */
static int compare_cells(const struct value_cell *a, const struct value_cell *b)
{
    bool text_a = a->kind == PORTICO_TEXT, text_b = b->kind == PORTICO_TEXT;
    if (a->kind == PORTICO_NULL || b->kind == PORTICO_NULL)
        return (a->kind != PORTICO_NULL) - (b->kind != PORTICO_NULL);
    if (text_a != text_b)
        return text_a - text_b;
    if (text_a) {
        int order = memcmp(a->text, b->text, MIN(a->length, b->length));
        return order ? order : (a->length > b->length) - (a->length < b->length);
    }
    if (a->kind != PORTICO_REAL && b->kind != PORTICO_REAL)
        return (a->integer > b->integer) - (a->integer < b->integer);
    double left = a->kind == PORTICO_REAL ? a->real : (double)a->integer;
    double right = b->kind == PORTICO_REAL ? b->real : (double)b->integer;
    return (left > right) - (left < right);
}

static bool stands_behind(const struct page *page, const struct value *rows, uint32_t a, uint32_t b)
{
    unsigned first = rows->rows->column_count - page->keys.count;
    bool descending = page->keys.descending != page->keys.backward;
    for (unsigned i = 0; i < page->keys.count; i++) {
        int order =
            compare_cells(value_rows_at(rows, a) + first + i, value_rows_at(rows, b) + first + i);
        if (order)
            return descending ? order < 0 : order > 0;
    }
    return false;
}

static void swap_rows(struct value *rows, uint32_t a, uint32_t b)
{
    uint32_t width = rows->rows->column_count;
    for (uint32_t i = 0; i < width; i++) {
        struct value_cell cell = rows->rows->cells[a * width + i];
        rows->rows->cells[a * width + i] = rows->rows->cells[b * width + i];
        rows->rows->cells[b * width + i] = cell;
    }
}

/* Sorted already as a rule; then this is one comparison a row. */
static void put_in_order(const struct page *page, struct value *rows)
{
    for (uint32_t i = 1; i < rows->count; i++)
        for (uint32_t j = i; j > 0 && stands_behind(page, rows, j - 1, j); j--)
            swap_rows(rows, j - 1, j);
}

static int check_query(const struct portico_page_query *query, struct portico_error *error)
{
    if (!query->columns || !query->order)
        return error_set(error, PORTICO_EINVAL,
                         "A list needs the name of its table, its columns and its order.");
    if (!statement_is_whole(query->columns))
        return error_set(error, PORTICO_EINVAL,
                         "The columns of the list of %s must close the quotes and parentheses they "
                         "open, and no others, and hold no comment: write it beside the query.",
                         query->table);
    if (query->limit < 1 || query->limit > PAGE_LIMIT_MAX)
        return error_set(error, PORTICO_EINVAL, "A page of %s has 1 to %u rows, not %u.",
                         query->table, PAGE_LIMIT_MAX, query->limit);
    return 0;
}

int page_begin(struct page *page, struct portico_error *error)
{
    const struct portico_page_query *query = page->query;
    if (!is_name(query->table))
        return error_set(error, PORTICO_EINVAL, "A list needs the name of its table.");
    if (!statement_is_whole(query->joins) || !statement_is_whole(query->where))
        return error_set(error, PORTICO_EINVAL,
                         "Joins and condition of the list of %s must each close the quotes and "
                         "parentheses they open, and no others, and hold no comment: write it "
                         "beside the query.",
                         query->table);
    page->joins = count_parameters(query->joins);
    page->where = count_parameters(query->where);
    if (page->joins + page->where != query->argument_count ||
        query->argument_count + page->keys.count > PAGE_ARGUMENTS_MAX)
        return error_set(error, PORTICO_EINVAL,
                         "The list of %s has %zu parameters but was given %zu.", query->table,
                         page->joins + page->where, query->argument_count);
    page_text_look(page);
    return 0;
}

static int run(struct page *page, struct value **ret_rows, struct portico_error *error)
{
    char *sql;
    bool hosts;
    struct store_turn turn;
    int code = page_text_make(page, &sql, &hosts, error);
    if (code < 0)
        return code;
    if (hosts)
        store_session_as(page->session, OWNER_HOST, &turn);
    if (store_page_watch)
        store_page_watch(page->session, page->query, page->keys.names[0], sql);
    code = store_query(page->session, sql, page->arguments, page->argument_count, ret_rows, error);
    if (hosts)
        store_session_back(page->session, &turn);
    g_free(sql);
    if (code == 0 && page->session->store->kind == STORE_SQLITE)
        put_in_order(page, *ret_rows);
    return code;
}

/* Takes the key columns away, now that the cursors are made. */
static void drop_keys(struct value *rows, unsigned keys)
{
    struct value_rows *body = rows->rows;
    uint32_t width = body->column_count, kept = width - keys;
    for (uint32_t row = 0; row < rows->count; row++)
        memmove(body->cells + (size_t)row * kept, body->cells + (size_t)row * width,
                kept * sizeof *body->cells);
    body->column_count = kept;
    if (kept)
        body->capacity = (uint32_t)((uint64_t)body->capacity * width / kept);
}

static const char *cursor_at(const struct page *page, const struct value *rows, uint32_t row,
                             bool backward)
{
    const struct value_cell *cells = value_rows_at(rows, row);
    const struct page_keys *keys = &page->keys;
    return page_keys_write(keys, page->query, cells + rows->rows->column_count - keys->count,
                           backward, page->session->arena);
}

static int begin(struct page *page, struct portico_error *error)
{
    int code = check_query(page->query, error);
    if (code == 0)
        code = page_keys_read(&page->keys, page->query, page->session->arena, error);
    return code < 0 ? code : page_begin(page, error);
}

int store_page_text(struct store_session *session, const struct portico_page_query *query,
                    const char **ret_sql, const struct portico_argument **ret_arguments,
                    size_t *ret_count, struct portico_error *error)
{
    struct page *page = arena_zalloc(session->arena, sizeof *page);
    char *sql;
    bool hosts;
    if (!page)
        return error_set(error, PORTICO_ENOMEM, "Memory ended.");
    page->query = query;
    page->session = session;
    int code = begin(page, error);
    if (code == 0)
        code = page_text_make(page, &sql, &hosts, error);
    if (code < 0)
        return code;
    *ret_sql = arena_strdup(session->arena, sql);
    *ret_arguments = page->arguments;
    *ret_count = page->argument_count;
    g_free(sql);
    return *ret_sql ? 0 : error_set(error, PORTICO_ENOMEM, "Memory ended.");
}

int store_page(struct store_session *session, const struct portico_page_query *query,
               struct portico_page *ret_page, struct portico_error *error)
{
    struct page page = { .query = query, .session = session };
    int code = begin(&page, error);
    struct value *rows = NULL;
    if (code == 0)
        code = run(&page, &rows, error);
    if (code < 0)
        return code;
    bool more = rows->count > query->limit;
    rows->count = more ? query->limit : rows->count;
    for (uint32_t i = 0; page.keys.backward && i < rows->count / 2; i++)
        swap_rows(rows, i, rows->count - 1 - i);
    bool after = page.keys.backward ? true : more;
    bool before = page.keys.backward ? more : page.keys.given;
    const char *next = after && rows->count ? cursor_at(&page, rows, rows->count - 1, false) : NULL;
    const char *previous = before && rows->count ? cursor_at(&page, rows, 0, true) : NULL;
    drop_keys(rows, page.keys.count);
    ret_page->rows = value_public(rows);
    ret_page->next = next;
    ret_page->previous = previous;
    return 0;
}
