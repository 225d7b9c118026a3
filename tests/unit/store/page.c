/* Tests of lists by cursor. */
#include "plan.h"
#include "store/driver.h"

#define TABLES                                                                                     \
    "CREATE TABLE topic (\n    id {id} PRIMARY KEY,\n    space {id} NOT NULL,\n"                   \
    "    audience {id} NOT NULL,\n    activity {time} NOT NULL,\n    author {id},\n"               \
    "    title {text} NOT NULL\n);\n"                                                              \
    "CREATE INDEX topic_list ON topic (space, audience, activity, id);\n"                          \
    "CREATE TABLE author (\n    id {id} PRIMARY KEY,\n    name {text}\n);\n"

static bool fresh(struct database *database, gconstpointer kind)
{
    if (!database_new(database, (enum store_kind)GPOINTER_TO_INT(kind)))
        return false;
    database_migrate(database, TABLES);
    database_execute(database, "INSERT INTO author (id, name) VALUES (1, 'Ann')", PORTICO_NO_ARGS);
    return true;
}

static void add(struct database *database, int64_t id, int64_t audience, int64_t activity)
{
    database_execute(
        database,
        "INSERT INTO topic (id, space, audience, activity, author, title) "
        "VALUES (?, 1, ?, ?, 1, 'T')",
        PORTICO_ARGS(portico_arg_id(id), portico_arg_id(audience), portico_arg_time(activity)));
}

static struct portico_argument list_arguments[2];

static struct portico_page_query list_query(unsigned limit, const char *cursor)
{
    list_arguments[0] = portico_arg_text("Ann");
    list_arguments[1] = portico_arg_id(1);
    return (struct portico_page_query){
        .size = sizeof(struct portico_page_query),
        .limit = limit,
        .table = "topic",
        .columns = "t.id AS \"id:id\", t.title, a.name",
        .joins = "LEFT JOIN author a ON a.id = t.author AND a.name = ?",
        .where = "t.space = ?",
        .arguments = list_arguments,
        .argument_count = 2,
        .order = "activity DESC, id DESC",
        .cursor = cursor,
    };
}

static struct portico_page page_of(struct database *database, unsigned limit, const char *cursor)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_page page = { .size = sizeof page };
    struct portico_page_query query = list_query(limit, cursor);
    database_must(store_page(database->session, &query, &page, &error), &error);
    return page;
}

static int64_t id_at_row(const struct portico_page *page, size_t row)
{
    return value_rows_at(value_of(page->rows), row)[0].integer;
}

/* 25 topics, five to each moment of activity, so that most neighbours tie; every third is not
 * visible. */
static unsigned fill(struct database *database)
{
    unsigned visible = 0;
    for (int64_t id = 1; id <= 37; id++) {
        add(database, id, id % 3 ? 1 : 3, id / 5);
        visible += id % 3 != 0;
    }
    return visible;
}

static void pages_lead_through_all_visible_rows_once_and_back(gconstpointer kind)
{
    struct database database;
    if (!fresh(&database, kind))
        return;
    unsigned visible = fill(&database), seen = 0, pages = 0;
    struct portico_page page = page_of(&database, 4, NULL);
    g_assert_null(page.previous);
    int64_t last = INT64_MAX;
    for (;; page = page_of(&database, 4, page.next)) {
        pages++;
        for (uint32_t i = 0; i < value_of(page.rows)->count; i++, seen++) {
            const struct value_cell *cells = value_rows_at(value_of(page.rows), i);
            g_assert_cmpint(cells[0].integer, <, last);
            g_assert_cmpint(cells[0].integer % 3, !=, 0);
            g_assert_cmpstr(cells[2].text, ==, "Ann");
            last = cells[0].integer;
        }
        g_assert_cmpuint(value_of(page.rows)->rows->column_count, ==, 3);
        /* Rows that come while one reads are neither shown twice nor push others out of the pages.
         */
        add(&database, 1000 + (int64_t)pages, 1, 100);
        if (!page.next)
            break;
    }
    g_assert_cmpuint(seen, ==, visible);
    unsigned back = value_of(page.rows)->count;
    while (page.previous && back < visible) {
        int64_t first = id_at_row(&page, 0);
        page = page_of(&database, 4, page.previous);
        back += value_of(page.rows)->count;
        g_assert_cmpint(id_at_row(&page, value_of(page.rows)->count - 1), >, first);
        g_assert_nonnull(page.next);
    }
    g_assert_cmpuint(back, >=, visible);
    while (page.previous)
        page = page_of(&database, 4, page.previous);
    g_assert_cmpint(id_at_row(&page, 0), ==, 1000 + (int64_t)pages);
    database_free(&database);
}

static void a_list_that_fits_has_no_other_pages(gconstpointer kind)
{
    struct database database;
    if (!fresh(&database, kind))
        return;
    struct portico_page page = page_of(&database, 10, NULL);
    g_assert_cmpuint(value_of(page.rows)->count, ==, 0);
    g_assert_null(page.next);
    for (int64_t id = 1; id <= 10; id++)
        add(&database, id, 1, id);
    page = page_of(&database, 10, NULL);
    g_assert_cmpuint(value_of(page.rows)->count, ==, 10);
    g_assert_null(page.next);
    g_assert_null(page.previous);
    database_free(&database);
}

static void a_table_without_audience_is_listed_whole(gconstpointer kind)
{
    struct database database;
    if (!fresh(&database, kind))
        return;
    database_execute(&database, "INSERT INTO author (id, name) VALUES (2, 'Bea'), (3, 'Cy')",
                     PORTICO_NO_ARGS);
    struct portico_page_query query = { .size = sizeof query,
                                        .limit = 2,
                                        .table = "author",
                                        .columns = "t.id AS \"id:id\"",
                                        .order = "id DESC" };
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_page page = { .size = sizeof page };
    database_must(store_page(database.session, &query, &page, &error), &error);
    g_assert_cmpuint(value_of(page.rows)->count, ==, 2);
    g_assert_cmpint(id_at_row(&page, 0), ==, 3);
    g_assert_nonnull(page.next);
    query.cursor = page.next;
    database_must(store_page(database.session, &query, &page, &error), &error);
    g_assert_cmpuint(value_of(page.rows)->count, ==, 1);
    g_assert_cmpint(id_at_row(&page, 0), ==, 1);
    database_free(&database);
}

static void a_viewer_of_many_audiences_sees_them_merged_in_order(gconstpointer kind)
{
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!fresh(&database, kind))
        return;
    fill(&database);
    static const int64_t audiences[] = { 1, 2, 3 };
    const struct store_viewer viewer = { .audiences = audiences, .audience_count = 3 };
    struct store_session *session =
        store_session_new(database.store, database.arena, &viewer, "core");
    struct portico_page page = { .size = sizeof page };
    struct portico_page_query query = list_query(200, NULL);
    database_must(store_page(session, &query, &page, &error), &error);
    g_assert_cmpuint(value_of(page.rows)->count, ==, 37);
    for (size_t i = 0; i < 37; i++)
        g_assert_cmpint(id_at_row(&page, i), ==, 37 - (int64_t)i);
    const struct store_viewer nobody = { .audiences = audiences };
    store_session_end(session);
    session = store_session_new(database.store, database.arena, &nobody, "core");
    database_must(store_page(session, &query, &page, &error), &error);
    g_assert_cmpuint(value_of(page.rows)->count, ==, 0);
    store_session_end(session);
    database_free(&database);
}

static void garbage_for_a_cursor_is_refused(gconstpointer kind)
{
    struct database database;
    if (!fresh(&database, kind))
        return;
    fill(&database);
    struct portico_page page = page_of(&database, 4, NULL);
    char *bent = g_strdup(page.next);
    bent[strlen(bent) / 2] = bent[strlen(bent) / 2] == 'A' ? 'B' : 'A';
    char *longer = g_strconcat(page.next, "AAAA", NULL);
    const char *const cursors[] = {
        "", "x", "AAAA", "%%%%", bent, longer, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cursors); i++) {
        struct portico_error error = PORTICO_ERROR_INIT;
        struct portico_page_query query = list_query(4, cursors[i]);
        g_assert_cmpint(store_page(database.session, &query, &page, &error), ==, PORTICO_EINVAL);
        g_assert_nonnull(strstr(error.message, "cursor"));
    }
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_page_query query = list_query(4, page.next);
    query.order = "activity ASC, id ASC";
    g_assert_cmpint(store_page(database.session, &query, &page, &error), ==, PORTICO_EINVAL);
    g_free(bent);
    g_free(longer);
    database_free(&database);
}

static void a_list_that_cannot_be_paged_is_refused_with_a_sentence(gconstpointer kind)
{
    static const struct {
        const char *table, *order;
        unsigned limit;
    } bad[] = {
        { "topic; DROP", "id", 4 },    { "topic", "", 4 },      { "topic", "id DESC, x ASC", 4 },
        { "topic", "lower(id)", 4 },   { "topic", "id", 0 },    { "topic", "id", 201 },
        { "topic", "id SIDEWAYS", 4 }, { "topic", "id; id", 4 }
    };
    struct database database;
    if (!fresh(&database, kind))
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        struct portico_error error = PORTICO_ERROR_INIT;
        struct portico_page page = { .size = sizeof page };
        struct portico_page_query query = list_query(bad[i].limit, NULL);
        query.table = bad[i].table;
        query.order = bad[i].order;
        g_assert_cmpint(store_page(database.session, &query, &page, &error), ==, PORTICO_EINVAL);
    }
    database_free(&database);
}

static void no_condition_reaches_beyond_the_audiences(gconstpointer kind)
{
    static const char *const conditions[] = {
        "t.space = ? OR 1 = 1",
        "t.space = ?) OR (1 = 1",
        "t.space = ?) OR NOT (t.audience = 1",
        "t.space = ? OR t.audience > 1",
    };
    struct database database;
    if (!fresh(&database, kind))
        return;
    for (int64_t id = 1; id <= 4; id++)
        add(&database, id, id, id);
    for (size_t i = 0; i < G_N_ELEMENTS(conditions); i++) {
        struct portico_error error = PORTICO_ERROR_INIT;
        struct portico_page page = { .size = sizeof page };
        struct portico_page_query query = list_query(10, NULL);
        query.where = conditions[i];
        int code = store_page(database.session, &query, &page, &error);
        if (code == 0 && value_of(page.rows)->count != 1)
            g_error("%u rows: %s", value_of(page.rows)->count, conditions[i]);
    }
    database_free(&database);
}

/* Topics of 40 accounts in two spaces, some of them granted to person 7 by name, most of
 * those in audiences that they see anyway; and a set of a few accounts. */
static const int64_t few[] = { 1, 2, 20, 30, 40, 50 };

static void fill_accounts(struct database *database, unsigned topics)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    char *text = g_strdup_printf(
        "ALTER TABLE topic ADD COLUMN granted {boolean};\n"
        "CREATE TABLE portico_grant (relation {text}, object {id}, person {id}, "
        "place {id} NOT NULL DEFAULT 1, PRIMARY KEY (relation, object, person));\n"
        "CREATE INDEX portico_grant_person ON portico_grant (person, relation, object, place);\n"
        "INSERT INTO topic (id, space, audience, activity, author, title, granted)\n"
        "SELECT n, CASE WHEN n %% 2 = 0 THEN 1 ELSE 2 END, "
        "CASE WHEN n %% 10 = 0 THEN n %% 4 + 1 ELSE 16 + n %% 40 END, n * 7919 %% 1000, 1, 'T', "
        "n %% 40 = 2 FROM (WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c "
        "WHERE n < %u) SELECT n FROM c) q;\n"
        "INSERT INTO portico_grant (relation, object, person) SELECT 'topic', id, 7 FROM topic "
        "WHERE granted;\n"
        "INSERT INTO portico_grant (relation, object, person) SELECT 'topic', id, 8 FROM topic "
        "WHERE id < 30;\n"
        "-- postgresql:\nANALYZE topic;\nANALYZE portico_grant;\n",
        topics);
    database_must(database_try_migrate(database, "core", "0002-granted.before.sql", text,
                                       MIGRATE_BEFORE, &error),
                  &error);
    g_free(text);
}

/* All ids of space 1, page by page, forwards and back again. */
static void lead_through(struct database *database, const struct store_viewer *viewer)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct value *rows;
    struct store_session *session =
        store_session_new(database->store, database->arena, viewer, "core");
    database_must(store_query(session,
                              "SELECT t.id FROM {visible topic} t WHERE t.space = 1 "
                              "ORDER BY t.activity DESC, t.id DESC",
                              NULL, 0, &rows, &error),
                  &error);
    uint32_t at = 0;
    const char *cursor = NULL, *back = NULL;
    do {
        struct portico_page page = { .size = sizeof page };
        struct portico_page_query query = list_query(23, cursor);
        database_must(store_page(session, &query, &page, &error), &error);
        for (uint32_t i = 0; i < value_of(page.rows)->count; i++, at++)
            g_assert_cmpint(id_at_row(&page, i), ==, value_rows_at(rows, at)->integer);
        cursor = page.next;
        back = page.previous;
    } while (cursor);
    g_assert_cmpuint(at, ==, rows->count);
    for (at -= (at - 1) % 23 + 1; back; at -= 23) {
        struct portico_page page = { .size = sizeof page };
        struct portico_page_query query = list_query(23, back);
        database_must(store_page(session, &query, &page, &error), &error);
        g_assert_cmpuint(value_of(page.rows)->count, ==, 23);
        g_assert_cmpint(id_at_row(&page, 0), ==, value_rows_at(rows, at - 23)->integer);
        back = page.previous;
    }
    g_assert_cmpuint(at, ==, 0);
    store_session_end(session);
}

static void grants_and_all_accounts_come_in_order_and_once(gconstpointer kind)
{
    struct database database;
    if (!fresh(&database, kind))
        return;
    fill_accounts(&database, 2000);
    for (int round = 0; round < 8; round++) {
        const struct store_viewer viewer = { .audiences = few,
                                             .audience_count = round & 4 ? 1 : G_N_ELEMENTS(few),
                                             .person = round & 1 ? 7 : 0,
                                             .every_account = round & 2 };
        lead_through(&database, &viewer);
    }
    const struct store_viewer named = { .audiences = few, .audience_count = 1, .person = 8 };
    lead_through(&database, &named);
    lead_through(&database, &store_viewer_host);
    database_free(&database);
}

static char *plan_for(struct database *database, const struct store_viewer *viewer,
                      char *(*explain)(const struct database *database, const char *sql,
                                       const char *values))
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const struct portico_argument *arguments;
    struct statement statement;
    const char *sql;
    size_t count;
    const struct portico_page_query query = { .size = sizeof query,
                                              .limit = 20,
                                              .table = "topic",
                                              .columns = "t.id, t.title",
                                              .where = "t.space = ?",
                                              .arguments = list_arguments + 1,
                                              .argument_count = 1,
                                              .order = "activity DESC, id DESC" };
    list_arguments[1] = portico_arg_id(1);
    struct store_session *session =
        store_session_new(database->store, database->arena, viewer, "core");
    database_must(store_page_text(session, &query, &sql, &arguments, &count, &error), &error);
    database_must(store_prepare(session, sql, &statement, &error), &error);
    GString *values = g_string_new(NULL);
    for (size_t i = 0; i < count; i++)
        g_string_append_printf(values, "%s%d", i ? "," : "", (int)arguments[i].integer);
    for (unsigned i = 0; i < statement.audiences + statement.person; i++)
        g_string_append_printf(values, ",%d",
                               (int)statement_viewer_value(viewer, statement.audiences, i));
    char *plan = explain(database, statement.sql, values->str);
    g_string_free(values, TRUE);
    statement_free(&statement);
    store_session_end(session);
    return plan;
}

/* What must stand in the plan, and what must not. */
static void each_branch_reads_the_lists_index_in_order(gconstpointer kind)
{
    static const char *const postgres[] = { "Index Only Scan Backward using topic_list",
                                            "Index Scan Backward using topic_list" };
    struct database database;
    if (!fresh(&database, kind))
        return;
    fill_accounts(&database, 20000);
    for (int round = 0; round < 8; round++) {
        const struct store_viewer viewer = { .audiences = few,
                                             .audience_count = G_N_ELEMENTS(few),
                                             .person = round & 1 ? 8 : 0,
                                             .every_account = round & 2 };
        char *plan = plan_for(&database, &viewer, round & 4 ? plan_explain_generic : plan_explain);
        g_test_message("%s", plan);
        if (database.kind == STORE_POSTGRES) {
            g_assert_true(strstr(plan, postgres[0]) || strstr(plan, postgres[1]));
            g_assert_null(strstr(plan, "Seq Scan on topic"));
        } else {
            g_assert_nonnull(
                strstr(plan, "USING INDEX topic_list (space=? AND audience=? AND activity<?)"));
            g_assert_null(strstr(plan, "SCAN topic"));
        }
        g_assert_true(!viewer.person || strstr(plan, "portico_g"));
        g_free(plan);
    }
    database_free(&database);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DATABASE_TEST("page", pages_lead_through_all_visible_rows_once_and_back);
    DATABASE_TEST("page", a_list_that_fits_has_no_other_pages);
    DATABASE_TEST("page", a_table_without_audience_is_listed_whole);
    DATABASE_TEST("page", a_viewer_of_many_audiences_sees_them_merged_in_order);
    DATABASE_TEST("page", garbage_for_a_cursor_is_refused);
    DATABASE_TEST("page", a_list_that_cannot_be_paged_is_refused_with_a_sentence);
    DATABASE_TEST("page", no_condition_reaches_beyond_the_audiences);
    DATABASE_TEST("page", grants_and_all_accounts_come_in_order_and_once);
    DATABASE_TEST("page", each_branch_reads_the_lists_index_in_order);
    return g_test_run();
}
