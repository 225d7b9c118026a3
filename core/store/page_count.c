/* How many rows a visible list has: exactly, where its key is declared; else up to a bound. */
#include "store/count.h"
#include "store/owner.h"
#include "store/page_text.h"
#include "store/twin.h"

#include "base/error.h"

#include <ctype.h>

#define COUNT_MOST 1000
#define UNFILTERED "{unfiltered counts are the host's own} "

static const char *past_blanks(const char *at)
{
    while (isspace((unsigned char)*at))
        at++;
    return at;
}

/* "t.space = ? AND t.state = ?" and nothing else: its columns. False: it is another condition. */
static bool read_keys(const char *where, char names[COUNT_KEYS_MAX][64], size_t *ret_count)
{
    size_t count = 0;
    const char *at = past_blanks(where ? where : "");
    while (*at) {
        size_t length = 0;
        if (count == COUNT_KEYS_MAX || g_ascii_strncasecmp(at, "t.", 2) != 0)
            return false;
        at += 2;
        while (g_ascii_isalnum(at[length]) || at[length] == '_')
            length++;
        if (!length || length >= sizeof names[0])
            return false;
        for (size_t i = 0; i <= length; i++)
            names[count][i] = i < length ? g_ascii_tolower(at[i]) : '\0';
        count++;
        at = past_blanks(at + length);
        if (*at != '=')
            return false;
        at = past_blanks(at + 1);
        if (*at != '?')
            return false;
        at = past_blanks(at + 1);
        if (!*at)
            break;
        if (g_ascii_strncasecmp(at, "AND", 3) != 0 || !isspace((unsigned char)at[3]))
            return false;
        at = past_blanks(at + 3);
        if (!*at)
            return false;
    }
    *ret_count = count;
    return true;
}

/* The values in the order of the list's name, which sorts its keys. False: a key stands twice. */
static bool sort_values(const char names[COUNT_KEYS_MAX][64], size_t count,
                        const struct portico_argument *given,
                        struct portico_argument values[COUNT_KEYS_MAX])
{
    for (size_t i = 0; i < count; i++) {
        size_t place = 0;
        for (size_t j = 0; j < count; j++) {
            if (i != j && strcmp(names[i], names[j]) == 0)
                return false;
            place += strcmp(names[j], names[i]) < 0;
        }
        values[place] = given[i];
    }
    return true;
}

/* Whether the list is declared: its name, and the key of these values. Free both with g_free. */
static bool is_declared(const struct page *page, char **ret_name, char **ret_key)
{
    struct store *store = page->session->store;
    char names[COUNT_KEYS_MAX][64];
    struct portico_argument values[COUNT_KEYS_MAX];
    struct count_list list = { .table = page->query->table };
    if (page->open || (page->query->joins && *page->query->joins) ||
        !read_keys(page->query->where, names, &list.count) ||
        !sort_values((const char(*)[64])names, list.count, page->query->arguments, values))
        return false;
    for (size_t i = 0; i < list.count; i++)
        list.keys[i] = names[i];
    char *name = count_list_name(&list), *trigger = count_trigger_name(name);
    char *key = twin_counts(store, trigger, &list, page->query->arguments)
                    ? count_key(values, list.count, store->kind)
                    : NULL;
    g_free(trigger);
    if (!key) {
        g_free(name);
        return false;
    }
    *ret_name = name;
    *ret_key = key;
    return true;
}

static void append_seen(const struct page *page, GString *sql)
{
    const struct store_viewer *viewer = page->session->viewer;
    if (viewer->all)
        return;
    g_string_append(sql, " WHERE c.audience IN ({audiences})");
    if (viewer->every_account)
        g_string_append(sql, " OR c.audience > " G_STRINGIFY(STORE_AUDIENCE_FIXED));
}

/* What was counted, what was noted since, and the rows that only grants show. */
static char *declared_sql(struct page *page, const char *name, const char *key)
{
    const struct portico_argument list[] = { portico_arg_text(name), portico_arg_text(key) };
    GString *sql = g_string_new(
        "{unfiltered the sum over what the viewer may see} SELECT coalesce(CAST(sum(c.number) AS "
        "INTEGER), 0)");
    if (page->named && !page->session->viewer->all) {
        g_string_append(sql, " + (SELECT count(*) FROM ");
        page_text_granted(page, sql);
        page_text_where(page, sql, " WHERE ");
        g_string_append_c(sql, ')');
    }
    /* A value that its column does not take is refused as it would be in the list. */
    if (page->session->store->kind == STORE_POSTGRES && page->where) {
        g_string_append_printf(sql, " + (SELECT count(*) FROM %s t", page->query->table);
        page_text_where(page, sql, " WHERE 1 = 0 AND ");
        g_string_append_c(sql, ')');
    }
    g_string_append(sql, " FROM (SELECT audience, number FROM portico_count WHERE list = ? AND "
                         "key = ? UNION ALL SELECT audience, number FROM portico_count_change "
                         "WHERE list = ? AND key = ?) c");
    page_text_pass(page, list, 2);
    page_text_pass(page, list, 2);
    append_seen(page, sql);
    return g_string_free(sql, FALSE);
}

/* As the module would write it. */
static char *bounded_sql(struct page *page)
{
    const struct portico_page_query *query = page->query;
    GString *sql = g_string_new(NULL);
    g_string_append_printf(sql,
                           page->open ? "SELECT count(*) FROM (SELECT 1 AS one FROM %s t %s"
                                      : "SELECT count(*) FROM (SELECT 1 AS one FROM {visible %s} t "
                                        "%s",
                           query->table, query->joins ? query->joins : "");
    page_text_pass(page, query->arguments, page->joins);
    page_text_where(page, sql, " WHERE ");
    g_string_append_printf(sql, " LIMIT %d) t", COUNT_MOST + 1);
    return g_string_free(sql, FALSE);
}

static int run(struct page *page, const char *sql, bool hosts, int64_t *ret_number,
               struct portico_error *error)
{
    struct value *rows;
    int code = (hosts ? store_host_query : store_query)(page->session, sql, page->arguments,
                                                        page->argument_count, &rows, error);
    if (code == 0)
        *ret_number = value_rows_at(rows, 0)->integer;
    return code;
}

int store_page_count(struct store_session *session, const struct portico_page_query *query,
                     int64_t *ret_count, bool *ret_more, struct portico_error *error)
{
    struct page page = { .query = query, .session = session };
    char *name = NULL, *key = NULL;
    int64_t number = 0;
    int code = page_begin(&page, error);
    if (code < 0)
        return code;
    session->value_refused = false;
    code = store_arguments_check(session, 0, query->arguments, query->argument_count, error);
    if (code < 0)
        return code;
    /* What the host sums up is held to what the module may write itself. */
    char *sql = bounded_sql(&page);
    code = twin_check(session->store, sql, session->module, error);
    bool declared = code == 0 && is_declared(&page, &name, &key);
    if (declared) {
        g_free(sql);
        page.argument_count = 0;
        sql = declared_sql(&page, name, key);
    }
    if (code == 0)
        code = run(&page, sql, declared, &number, error);
    g_free(sql);
    g_free(name);
    g_free(key);
    if (code < 0)
        return code;
    *ret_more = !declared && number > COUNT_MOST;
    *ret_count = *ret_more ? COUNT_MOST : number;
    return 0;
}

/* On PostgreSQL one statement, so that what commits meanwhile is not removed unseen. SQLite has one
 * writer at a time, but no such statement. */
static int fold_postgres(struct store_session *session, unsigned most, int64_t *ret_rows,
                         struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(
        session,
        UNFILTERED
        "WITH portico_gone AS (DELETE FROM "
        "portico_count_change WHERE id IN (SELECT id FROM portico_count_change ORDER BY id LIMIT ? "
        "FOR UPDATE SKIP LOCKED) RETURNING list, key, audience, number), portico_put AS (INSERT "
        "INTO portico_count (list, key, audience, number) SELECT list, key, audience, "
        "CAST(sum(number) AS INTEGER) FROM portico_gone GROUP BY list, key, audience ORDER BY "
        "list, key, audience ON CONFLICT (list, key, audience) DO UPDATE SET number = "
        "portico_count.number + excluded.number RETURNING 1) SELECT count(*) FROM portico_gone",
        PORTICO_ARGS(portico_arg_integer(most)), &rows, error);
    if (code == 0)
        *ret_rows = value_rows_at(rows, 0)->integer;
    return code;
}

static int fold_sqlite(struct store_session *session, unsigned most, int64_t *ret_rows,
                       struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(session,
                                UNFILTERED "SELECT coalesce(max(id), 0) FROM (SELECT id FROM "
                                           "portico_count_change ORDER BY id LIMIT ?) c",
                                PORTICO_ARGS(portico_arg_integer(most)), &rows, error);
    if (code < 0)
        return code;
    const struct portico_argument last = portico_arg_integer(value_rows_at(rows, 0)->integer);
    code = store_host_execute(
        session,
        UNFILTERED
        "INSERT INTO portico_count (list, key, audience, number) SELECT list, key, audience, "
        "sum(number) FROM portico_count_change WHERE id <= ? GROUP BY list, key, audience "
        "ON CONFLICT (list, key, audience) DO UPDATE SET number = portico_count.number + "
        "excluded.number",
        &last, 1, NULL, error);
    return code < 0
               ? code
               : store_host_execute(session,
                                    UNFILTERED "DELETE FROM portico_count_change WHERE id <= ?",
                                    &last, 1, ret_rows, error);
}

int store_count_fold(struct store_session *session, unsigned most, struct portico_error *error)
{
    int64_t folded = 0;
    int code = store_begin(session, error);
    if (code < 0)
        return code;
    code = (session->store->kind == STORE_POSTGRES ? fold_postgres : fold_sqlite)(session, most,
                                                                                  &folded, error);
    if (code == 0 && folded)
        code = store_host_execute(session, UNFILTERED "DELETE FROM portico_count WHERE number = 0",
                                  NULL, 0, NULL, error);
    if (code == 0)
        code = store_commit(session, error);
    else
        store_rollback(session);
    return code < 0 ? code : (int)folded;
}
