/* The texts of one visible list: what the module means, and the good form of it on each database.
 */
#include "store/page_text.h"

#include "store/owner.h"
#include "store/twin.h"

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

void page_text_pass(struct page *page, const struct portico_argument *arguments, size_t count)
{
    for (size_t i = 0; i < count; i++)
        page->arguments[page->argument_count++] = arguments[i];
}

bool page_text_where(struct page *page, GString *sql, const char *before)
{
    const char *where = page->query->where;
    if (!where || !*where)
        return false;
    g_string_append_printf(sql, "%s(%s)", before, where);
    page_text_pass(page, page->query->arguments + page->joins, page->where);
    return true;
}

/* Condition, order and limit of the listed table, under the alias t. */
static void append_restriction(struct page *page, GString *sql)
{
    const struct page_keys *keys = &page->keys;
    const char *before = page_text_where(page, sql, " WHERE ") ? " AND " : " WHERE ";
    if (keys->given) {
        g_string_append_printf(sql, "%s(", before);
        for (unsigned i = 0; i < keys->count; i++)
            g_string_append_printf(sql, "%st.%s", i ? ", " : "", keys->names[i]);
        g_string_append_printf(sql, ") %c (", keys->descending != keys->backward ? '<' : '>');
        for (unsigned i = 0; i < keys->count; i++)
            g_string_append(sql, i ? ", ?" : "?");
        g_string_append_c(sql, ')');
        page_text_pass(page, keys->values, keys->count);
    } else if (page->session->store->kind == STORE_SQLITE) {
        /* True of all there is. For a list of audiences SQLite holds all indexes that begin with
         * them to be as good, whatever the order; of one that bounds the first key it knows. With
         * any other it would read and sort all that the viewer sees. */
        g_string_append_printf(sql, "%st.%s < CAST('' AS BLOB)", before, keys->names[0]);
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
    page_text_pass(page, page->query->arguments, page->joins);
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
    page_text_where(page, sql, " WHERE ");
    g_string_append_printf(sql,
                           " UNION ALL SELECT (SELECT min(t.audience) FROM %s t "
                           "WHERE t.audience > portico_n.audience",
                           table);
    page_text_where(page, sql, " AND ");
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

/* What was granted first, and its rows by their ids: PostgreSQL takes a join for a reason to read
 * all of a table whenever it does not know how much was granted, and an array for none. */
void page_text_granted(struct page *page, GString *sql)
{
    const char *table = page->query->table;
    char *relation = g_ascii_strdown(table, -1);
    char *granted = g_strdup_printf("portico_g.person = {viewer} AND portico_g.relation = '%s' AND "
                                    "portico_g.place IN ({audiences})",
                                    relation);
    g_string_append_printf(sql, "(SELECT %s.* FROM ", table);
    if (page->session->store->kind == STORE_POSTGRES)
        g_string_append_printf(sql,
                               "%s WHERE %s.id = ANY (ARRAY(SELECT portico_g.object FROM "
                               "portico_grant portico_g WHERE %s))",
                               table, table, granted);
    else
        g_string_append_printf(sql,
                               "(SELECT DISTINCT portico_g.object FROM portico_grant portico_g "
                               "WHERE %s) portico_g CROSS JOIN %s WHERE %s.id = portico_g.object",
                               granted, table, table);
    g_string_append_printf(
        sql, " AND %s.granted AND (%s.audience IN ({audiences})%s) IS NOT TRUE) t", table, table,
        page->session->viewer->every_account ? " OR audience > " G_STRINGIFY(STORE_AUDIENCE_FIXED)
                                             : "");
    g_free(granted);
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
        g_string_append(sql, ") t UNION ALL SELECT * FROM (SELECT * FROM ");
        page_text_granted(page, sql);
        append_restriction(page, sql);
        g_string_append(sql, ") t) t");
    }
    if (postgres || page->named)
        append_limit(page, sql);
    append_tail(page, sql);
    if (postgres)
        append_order(page, sql);
    return g_string_free(sql, FALSE);
}

/* Whether one list of audiences, as the module would write it, is not the good form. */
static bool needs_branches(const struct page *page)
{
    const struct store_viewer *viewer = page->session->viewer;
    return !viewer->all && !page->open &&
           (page->session->store->kind == STORE_POSTGRES || viewer->every_account ||
            twin_is_granted(page->session->store, page->query->table));
}

int page_text_make(struct page *page, char **ret_sql, bool *ret_hosts, struct portico_error *error)
{
    struct store *store = page->session->store;
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

void page_text_look(struct page *page)
{
    struct store *store = page->session->store;
    page->open = !twin_is_guarded(store, page->query->table);
    page->named = page->session->viewer->person && twin_is_granted(store, page->query->table);
}
