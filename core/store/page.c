/* Visible lists by keyset: each page starts behind the last row of the one before, whatever was
 * added. */
#include "store/driver.h"
#include "store/keys.h"
#include "store/owner.h"
#include "store/twin.h"

#include "base/error.h"

#include <ctype.h>

#define PAGE_LIMIT_MAX 200u
#define PAGE_ARGUMENTS_MAX 64u /* as given; of them, a text takes some more than once */
#define PAGE_PASSED_MAX (4 * PAGE_ARGUMENTS_MAX)

struct page {
    const struct portico_page_query *query;
    struct store_session *session;
    struct page_keys keys;
    bool open;           /* the table has no audience: all its rows are for all */
    bool named;          /* some rows of it were granted to people by name, and the viewer is one */
    size_t joins, where; /* parameters of these parts */
    struct portico_argument arguments[PAGE_PASSED_MAX]; /* in the order the text takes them */
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

static void append_limit(const struct page *page, GString *sql)
{
    append_order(page, sql);
    g_string_append_printf(sql, " LIMIT %u", page->query->limit + 1);
}

static void pass(struct page *page, const struct portico_argument *arguments, size_t count)
{
    for (size_t i = 0; i < count; i++)
        page->arguments[page->argument_count++] = arguments[i];
}

/* The author's condition, which equals the list's key. */
static bool append_where(struct page *page, GString *sql, const char *before)
{
    const char *where = page->query->where;
    if (!where || !*where)
        return false;
    g_string_append_printf(sql, "%s(%s)", before, where);
    pass(page, page->query->arguments + page->joins, page->where);
    return true;
}

/* Condition, order and limit of the listed table, under the alias t. */
static void append_restriction(struct page *page, GString *sql)
{
    const struct page_keys *keys = &page->keys;
    const char *before = append_where(page, sql, " WHERE ") ? " AND " : " WHERE ";
    if (keys->given) {
        g_string_append_printf(sql, "%s(", before);
        for (unsigned i = 0; i < keys->count; i++)
            g_string_append_printf(sql, "%st.%s", i ? ", " : "", keys->names[i]);
        g_string_append_printf(sql, ") %c (", keys->descending != keys->backward ? '<' : '>');
        for (unsigned i = 0; i < keys->count; i++)
            g_string_append(sql, i ? ", ?" : "?");
        g_string_append_c(sql, ')');
        pass(page, keys->values, keys->count);
    }
    append_limit(page, sql);
}

static void append_head(const struct page *page, GString *sql)
{
    g_string_append_printf(sql, "SELECT %s", page->query->columns);
    for (unsigned i = 0; i < page->keys.count; i++)
        g_string_append_printf(sql, ", t.%s AS " PAGE_KEY_PREFIX "%u", page->keys.names[i], i);
    g_string_append(sql, " FROM (");
}

static void append_tail(struct page *page, GString *sql)
{
    g_string_append_printf(sql, ") t %s", page->query->joins ? page->query->joins : "");
    pass(page, page->query->arguments, page->joins);
}

/* What the module means, and what is checked. SQLite stops early by itself, where the set is one
 * list. It would sort the page once more for an order outside, although the joins leave it sorted:
 * put_in_order makes sure. */
static char *portable_sql(struct page *page)
{
    GString *sql = g_string_new(NULL);
    page->argument_count = 0;
    append_head(page, sql);
    g_string_append_printf(sql, page->open ? "SELECT * FROM %s t" : "SELECT * FROM {visible %s} t",
                           page->query->table);
    append_restriction(page, sql);
    append_tail(page, sql);
    return g_string_free(sql, FALSE);
}

/* Who sees all rows needs no branches. */
static char *whole_sql(struct page *page)
{
    char *portable = portable_sql(page);
    GString *sql = g_string_new(portable);
    g_free(portable);
    append_order(page, sql);
    return g_string_free(sql, FALSE);
}

/* The audiences that rows of this list have, each found by one step in its index behind the one
 * before: what stands between them costs nothing. Of these, the ones the viewer sees. */
static void append_audiences_there(struct page *page, GString *sql)
{
    const char *table = page->query->table;
    g_string_append_printf(sql,
                           "WITH RECURSIVE portico_next (audience) AS ("
                           "SELECT min(t.audience) FROM %s t",
                           table);
    append_where(page, sql, " WHERE ");
    g_string_append_printf(sql,
                           " UNION ALL SELECT (SELECT min(t.audience) FROM %s t "
                           "WHERE t.audience > portico_n.audience",
                           table);
    append_where(page, sql, " AND ");
    g_string_append(sql, ") FROM portico_next portico_n WHERE portico_n.audience IS NOT NULL) "
                         "SELECT audience FROM portico_next WHERE audience > " G_STRINGIFY(
                             STORE_AUDIENCE_FIXED) " OR audience IN ({audiences})");
}

/* PostgreSQL needs one ordered branch for each audience, and merges them. */
static void append_branches(struct page *page, GString *sql)
{
    g_string_append(sql, "SELECT t.* FROM (");
    if (page->session->viewer->every_account)
        append_audiences_there(page, sql);
    else
        g_string_append(sql, "SELECT DISTINCT * FROM ({audience rows}) portico_set");
    g_string_append_printf(sql,
                           ") portico_branch (audience) CROSS JOIN LATERAL (SELECT * FROM "
                           "(SELECT * FROM %s WHERE audience = portico_branch.audience) t",
                           page->query->table);
    append_restriction(page, sql);
    g_string_append(sql, ") t");
}

/* SQLite makes them of one list by itself, but of no other condition. */
static void append_list(struct page *page, GString *sql)
{
    g_string_append_printf(sql, "SELECT * FROM (SELECT * FROM %s WHERE audience IN (",
                           page->query->table);
    if (page->session->viewer->every_account)
        append_audiences_there(page, sql);
    else
        g_string_append(sql, "{audiences}");
    g_string_append(sql, ")) t");
    append_restriction(page, sql);
}

/* What was granted to the viewer and is in none of those branches: as many rows as grants at most.
 */
static void append_grants(struct page *page, GString *sql)
{
    const char *table = page->query->table;
    char *relation = g_ascii_strdown(table, -1);
    g_string_append_printf(
        sql,
        "SELECT * FROM (SELECT %s.* FROM portico_grant portico_g CROSS JOIN %s "
        "WHERE portico_g.person = {viewer} AND portico_g.relation = '%s' "
        "AND %s.id = portico_g.object AND %s.granted AND (%s.audience IN ({audiences})%s) "
        "IS NOT TRUE) t",
        table, table, relation, table, table, table,
        page->session->viewer->every_account ? " OR audience > " G_STRINGIFY(STORE_AUDIENCE_FIXED)
                                             : "");
    append_restriction(page, sql);
    g_free(relation);
}

static char *branched_sql(struct page *page)
{
    bool postgres = page->session->store->kind == STORE_POSTGRES;
    GString *sql = g_string_new("{unfiltered each branch reads what the viewer may see} ");
    page->argument_count = 0;
    append_head(page, sql);
    g_string_append(sql, page->named ? "SELECT t.* FROM (SELECT * FROM (" : "");
    (postgres ? append_branches : append_list)(page, sql);
    if (page->named) {
        if (postgres)
            append_limit(page, sql);
        g_string_append(sql, ") t UNION ALL SELECT * FROM (");
        append_grants(page, sql);
        g_string_append(sql, ") t) t");
    }
    if (postgres || page->named)
        append_limit(page, sql);
    append_tail(page, sql);
    if (postgres)
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

static int count_arguments(struct page *page, struct portico_error *error)
{
    const struct portico_page_query *query = page->query;
    page->joins = count_parameters(query->joins);
    page->where = count_parameters(query->where);
    if (page->joins + page->where != query->argument_count ||
        query->argument_count + page->keys.count > PAGE_ARGUMENTS_MAX)
        return error_set(error, PORTICO_EINVAL,
                         "The list of %s has %zu parameters but was given %zu.", query->table,
                         page->joins + page->where, query->argument_count);
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

/* Whether one list of audiences, as the module would write it, is not the good form. */
static bool needs_branches(const struct page *page)
{
    const struct store_viewer *viewer = page->session->viewer;
    return !viewer->all && !page->open &&
           (page->session->store->kind == STORE_POSTGRES || viewer->every_account ||
            twin_is_granted(page->session->store, page->query->table));
}

/* What runs; `ret_hosts`: it is the host's text around the module's, which has been checked. Free
 * with g_free. */
static int make_text(struct page *page, char **ret_sql, bool *ret_hosts,
                     struct portico_error *error)
{
    struct store *store = page->session->store;
    page->open = !twin_is_guarded(store, page->query->table);
    page->named = page->session->viewer->person && twin_is_granted(store, page->query->table);
    bool branched = needs_branches(page);
    char *sql = portable_sql(page);
    int code = 0;
    if (branched || store->kind == STORE_POSTGRES) {
        code = twin_check(store, sql, page->session->module, error);
        g_free(sql);
        sql = branched ? branched_sql(page) : whole_sql(page);
    }
    if (code < 0) {
        g_free(sql);
        return code;
    }
    *ret_sql = sql;
    *ret_hosts = branched;
    return 0;
}

static int run(struct page *page, struct value **ret_rows, struct portico_error *error)
{
    char *sql;
    bool hosts;
    struct store_turn turn;
    int code = make_text(page, &sql, &hosts, error);
    if (code < 0)
        return code;
    if (hosts)
        store_session_as(page->session, OWNER_HOST, &turn);
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
    return code < 0 ? code : count_arguments(page, error);
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
        code = make_text(page, &sql, &hosts, error);
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
