/* Visible lists by keyset: each page starts behind the last row of the one before, whatever was
 * added. */
#include "store/driver.h"
#include "store/keys.h"
#include "store/owner.h"
#include "store/twin.h"

#include "base/error.h"

#include <ctype.h>
#include <inttypes.h>

#define PAGE_LIMIT_MAX 200u
#define PAGE_ARGUMENTS_MAX 64u

struct page {
    const struct portico_page_query *query;
    struct store_session *session;
    struct page_keys keys;
    bool open; /* the table has no audience: all its rows are for all */
    struct portico_argument arguments[PAGE_ARGUMENTS_MAX];
    size_t argument_count;
};

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

static void append_order(const struct page *page, GString *sql)
{
    g_string_append(sql, " ORDER BY ");
    bool descending = page->keys.descending != page->keys.backward;
    for (unsigned i = 0; i < page->keys.count; i++)
        g_string_append_printf(sql, "%st.%s %s", i ? ", " : "", page->keys.names[i],
                               descending ? "DESC" : "ASC");
}

/* Condition, order and limit of the listed table, under the alias t. */
static void append_restriction(const struct page *page, GString *sql, const char *before)
{
    const struct page_keys *keys = &page->keys;
    const char *where = page->query->where;
    if (where && *where) {
        g_string_append_printf(sql, "%s(%s)", before, where);
        before = " AND ";
    }
    if (keys->given) {
        g_string_append_printf(sql, "%s(", before);
        for (unsigned i = 0; i < keys->count; i++)
            g_string_append_printf(sql, "%st.%s", i ? ", " : "", keys->names[i]);
        g_string_append_printf(sql, ") %c (", keys->descending != keys->backward ? '<' : '>');
        for (unsigned i = 0; i < keys->count; i++)
            g_string_append(sql, i ? ", ?" : "?");
        g_string_append_c(sql, ')');
    }
    append_order(page, sql);
    g_string_append_printf(sql, " LIMIT %u", page->query->limit + 1);
}

static void append_head(const struct page *page, GString *sql)
{
    g_string_append_printf(sql, "SELECT %s", page->query->columns);
    for (unsigned i = 0; i < page->keys.count; i++)
        g_string_append_printf(sql, ", t.%s AS " PAGE_KEY_PREFIX "%u", page->keys.names[i], i);
    g_string_append(sql, " FROM (");
}

static void append_tail(const struct page *page, GString *sql)
{
    g_string_append_printf(sql, ") t %s", page->query->joins ? page->query->joins : "");
}

/* SQLite stops early by itself. It would sort the page once more for an order outside, although the
 * joins leave it sorted: put_in_order makes sure. */
static char *portable_sql(const struct page *page)
{
    GString *sql = g_string_new(NULL);
    append_head(page, sql);
    g_string_append_printf(sql, page->open ? "SELECT * FROM %s t" : "SELECT * FROM {visible %s} t",
                           page->query->table);
    append_restriction(page, sql, " WHERE ");
    append_tail(page, sql);
    return g_string_free(sql, FALSE);
}

/* PostgreSQL needs one ordered branch for each audience, and merges them. */
static char *branched_sql(const struct page *page)
{
    GString *sql = g_string_new("{unfiltered each branch reads one audience of the viewer} ");
    const struct store_viewer *viewer = page->session->viewer;
    append_head(page, sql);
    g_string_append(sql, "SELECT t.* FROM unnest('{");
    for (size_t i = 0; i < viewer->audience_count; i++)
        g_string_append_printf(sql, "%s%" PRId64, i ? "," : "", viewer->audiences[i]);
    g_string_append_printf(sql,
                           "}'::_int8) AS portico_branch (audience) CROSS JOIN LATERAL "
                           "(SELECT * FROM (SELECT * FROM %s WHERE audience = "
                           "portico_branch.audience) t",
                           page->query->table);
    append_restriction(page, sql, " WHERE ");
    g_string_append(sql, ") t");
    append_order(page, sql);
    g_string_append_printf(sql, " LIMIT %u", page->query->limit + 1);
    append_tail(page, sql);
    append_order(page, sql);
    return g_string_free(sql, FALSE);
}

/* Who sees all rows needs no branches. */
static char *whole_sql(const struct page *page)
{
    char *portable = portable_sql(page);
    GString *sql = g_string_new(portable);
    g_free(portable);
    append_order(page, sql);
    return g_string_free(sql, FALSE);
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

/* In the order the texts stand: `where`, the keys, `joins`. */
static int take_arguments(struct page *page, struct portico_error *error)
{
    const struct portico_page_query *query = page->query;
    size_t joins = count_parameters(query->joins), where = count_parameters(query->where);
    if (joins + where != query->argument_count ||
        query->argument_count + page->keys.count > PAGE_ARGUMENTS_MAX)
        return error_set(error, PORTICO_EINVAL,
                         "The list of %s has %zu parameters but was given %zu.", query->table,
                         joins + where, query->argument_count);
    for (size_t i = 0; i < where; i++)
        page->arguments[page->argument_count++] = query->arguments[joins + i];
    for (size_t i = 0; page->keys.given && i < page->keys.count; i++)
        page->arguments[page->argument_count++] = page->keys.values[i];
    for (size_t i = 0; i < joins; i++)
        page->arguments[page->argument_count++] = query->arguments[i];
    return 0;
}

static int check_query(const struct portico_page_query *query, struct portico_error *error)
{
    if (!is_name(query->table) || !query->columns || !query->order)
        return error_set(error, PORTICO_EINVAL,
                         "A list needs the name of its table, its columns and its order.");
    if (!statement_is_whole(query->columns) || !statement_is_whole(query->joins) ||
        !statement_is_whole(query->where))
        return error_set(
            error, PORTICO_EINVAL,
            "Columns, joins and condition of the list of %s must each close the quotes "
            "and parentheses they open, and no others.",
            query->table);
    if (query->limit < 1 || query->limit > PAGE_LIMIT_MAX)
        return error_set(error, PORTICO_EINVAL, "A page of %s has 1 to %u rows, not %u.",
                         query->table, PAGE_LIMIT_MAX, query->limit);
    return 0;
}

static int run(struct page *page, struct value **ret_rows, struct portico_error *error)
{
    struct store *store = page->session->store;
    page->open = !twin_is_guarded(store, page->query->table);
    bool branched = store->kind == STORE_POSTGRES && !page->session->viewer->all && !page->open;
    char *sql = portable_sql(page);
    int code = 0;
    if (store->kind == STORE_POSTGRES) {
        code = twin_check(store, sql, page->session->module, error);
        g_free(sql);
        sql = branched ? branched_sql(page) : whole_sql(page);
    }
    /* What PostgreSQL runs is the host's text around the module's, which has been checked above. */
    struct store_turn turn;
    if (branched)
        store_session_as(page->session, OWNER_HOST, &turn);
    if (code == 0)
        code =
            store_query(page->session, sql, page->arguments, page->argument_count, ret_rows, error);
    if (branched)
        store_session_back(page->session, &turn);
    g_free(sql);
    if (code == 0 && store->kind == STORE_SQLITE)
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

int store_page(struct store_session *session, const struct portico_page_query *query,
               struct portico_page *ret_page, struct portico_error *error)
{
    struct page page = { .query = query, .session = session };
    int code = check_query(query, error);
    if (code == 0)
        code = page_keys_read(&page.keys, query, session->arena, error);
    if (code == 0)
        code = take_arguments(&page, error);
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
