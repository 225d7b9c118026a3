/* Tests of personal data: what a declaration must say, and what export, erasure and retention do.
 */
#include "../job/work.h"

#include "base/json.h"
#include "plan.h"
#include "store/personal_shape.h"
#include "store/statement.h"

#include <sys/wait.h>

#define TABLES                                                                                     \
    "CREATE TABLE shop_order (\n    id {id} PRIMARY KEY,\n    buyer {id},\n    placed {time},\n"   \
    "    paid {boolean} NOT NULL,\n    note {text} NOT NULL,\n    number {text} UNIQUE,\n"         \
    "    audience {id} NOT NULL,\n    sum {real} NOT NULL,\n    extra {json} NOT NULL\n);\n"       \
    "CREATE TABLE shop_line (\n    purchase {id} NOT NULL,\n    line {integer} NOT NULL,\n"        \
    "    what {text},\n    PRIMARY KEY (purchase, line)\n);\n"                                     \
    "CREATE TABLE shop_visit (\n    person {id} NOT NULL,\n    day {time} NOT NULL,\n"             \
    "    PRIMARY KEY (person, day)\n);\n"                                                          \
    "CREATE TABLE shop_tax (\n    country {text} PRIMARY KEY,\n    rate {integer}\n);\n"
#define DAY INT64_C(86400000000)

#define LINE                                                                                       \
    {                                                                                              \
        .table = "shop_line", .title = "Lines", .erase = PORTICO_ERASE_ROWS,                       \
        .match = "purchase IN (SELECT o.id FROM shop_order o WHERE o.buyer = ?)"                   \
    }
#define ORDER                                                                                      \
    {                                                                                              \
        .table = "shop_order", .title = "Orders", .erase = PORTICO_ERASE_COLUMNS,                  \
        .person = "buyer", .columns = "id placed paid note:text", .time = "placed",                \
        .cleared = "buyer note paid sum extra", .retention_days = 10                               \
    }
#define VISIT                                                                                      \
    {                                                                                              \
        .table = "shop_visit", .title = "Visits", .erase = PORTICO_ERASE_ROWS, .person = "person", \
        .time = "day", .retention_days = 30                                                        \
    }
#define TAX                                                                                        \
    {                                                                                              \
        .table = "shop_tax", .reason = "Rates of countries."                                       \
    }
static const struct portico_personal_table whole[] = { LINE, ORDER, VISIT, TAX };

static struct personal_shape *shape_of(const char *directory, const char *text)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct personal_shape *shape = NULL;
    char *path = g_build_filename(directory, "0001-shop.before.sql", NULL);
    g_mkdir_with_parents(directory, 0700);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    const struct migrate_source source = { "shop", directory };
    int code = personal_shape_new(&source, &shape, &error);
    if (code < 0)
        g_error("%s", error.message);
    g_unlink(path);
    g_free(path);
    return shape;
}

static void collect(const char *sentence, void *data)
{
    g_string_append_printf(data, "%s\n", sentence);
}

static char *complaints(const struct portico_personal_table *tables, size_t count)
{
    GString *said = g_string_new(NULL);
    char *directory = g_dir_make_tmp("portico-personal-XXXXXX", NULL);
    struct personal_shape *shape = shape_of(directory, TABLES);
    personal_check(shape, tables, count, collect, said);
    personal_shape_free(shape);
    g_rmdir(directory);
    g_free(directory);
    return g_string_free(said, FALSE);
}

static void a_table_that_nobody_declared_is_named(void)
{
    char *said = complaints(whole, 3);
    g_assert_cmpstr(said, ==,
                    "The table shop_tax stands in no entry of .personal_data: add { .table = "
                    "\"shop_tax\", .title = \"…\", .erase = PORTICO_ERASE_ROWS, .person = \"…\" }, "
                    "or, if it holds nothing of people, { .table = \"shop_tax\", .reason = \"…\" "
                    "}.\n");
    g_free(said);
    said = complaints(whole, G_N_ELEMENTS(whole));
    g_assert_cmpstr(said, ==, "");
    g_free(said);
}

static void each_mistake_in_an_entry_is_said(void)
{
    static const struct {
        struct portico_personal_table entry;
        const char *said;
    } wrong[] = {
        { { .table = "shop_taxes", .reason = "x" }, "none of the tables" },
        { { .table = "shop_tax" }, "not personal without a .reason" },
        { { .table = "shop_tax", .title = "x", .erase = PORTICO_ERASE_KEEP, .person = "rate" },
          "kept without a .reason" },
        { { .table = "shop_tax", .erase = PORTICO_ERASE_ROWS, .person = "rate" }, "no .title" },
        { { .table = "shop_tax", .erase = 9 }, "does not know" },
        { { .table = "shop_tax", .title = "x", .erase = PORTICO_ERASE_ROWS }, "whose its rows" },
        { { .table = "shop_tax",
            .title = "x",
            .erase = PORTICO_ERASE_ROWS,
            .person = "rate",
            .match = "rate = ?" },
          "in one way" },
        { { .table = "shop_tax", .title = "x", .erase = PORTICO_ERASE_ROWS, .person = "who" },
          ".person of table shop_tax names \"who\"" },
        { { .table = "shop_tax", .title = "x", .erase = PORTICO_ERASE_ROWS, .match = "rate = 1" },
          "has not one ? but 0" },
        { { .table = "shop_tax",
            .title = "x",
            .erase = PORTICO_ERASE_ROWS,
            .match = "rate = ? OR rate = ?" },
          "has not one ? but 2" },
        { { .table = "shop_tax",
            .title = "x",
            .erase = PORTICO_ERASE_ROWS,
            .match = "rate = ?) OR (1 = 1" },
          "is not one condition" },
        { { .table = "shop_tax", .title = "x", .erase = PORTICO_ERASE_ROWS, .match = "rat = ?" },
          "no such column: rat" },
        { { .table = "shop_tax",
            .title = "x",
            .erase = PORTICO_ERASE_ROWS,
            .match = "rate IN (SELECT id FROM portico_event WHERE person = ?)" },
          "no such table" },
        { { .table = "shop_tax",
            .title = "x",
            .erase = PORTICO_ERASE_ROWS,
            .match = "rate = ? AND random() > 0" },
          "calls random" },
        { { .table = "shop_tax",
            .title = "x",
            .erase = PORTICO_ERASE_ROWS,
            .person = "rate",
            .columns = "rate, country" },
          ".columns of table shop_tax names \"rate,\"" },
        { { .table = "shop_tax", .title = "x", .erase = PORTICO_ERASE_COLUMNS, .person = "rate" },
          ".cleared names none" },
        { { .table = "shop_tax",
            .title = "x",
            .erase = PORTICO_ERASE_COLUMNS,
            .person = "rate",
            .cleared = "country" },
          "part of a key" },
        { { .table = "shop_tax",
            .title = "x",
            .erase = PORTICO_ERASE_ROWS,
            .person = "rate",
            .cleared = "rate" },
          "is for PORTICO_ERASE_COLUMNS" },
        { { .table = "shop_tax",
            .title = "x",
            .erase = PORTICO_ERASE_ROWS,
            .person = "rate",
            .retention_days = 1 },
          "but no .time" },
        { { .table = "shop_tax",
            .title = "x",
            .erase = PORTICO_ERASE_ROWS,
            .person = "rate",
            .retention_days = 1,
            .time = "when" },
          ".time of table shop_tax names \"when\"" },
        { { .table = "shop_tax", .retention_days = 1, .time = "rate", .reason = "x" },
          "its rows are kept" },
        { { .table = "shop_tax",
            .title = "x",
            .erase = PORTICO_ERASE_ROWS,
            .match = "rate IN (SELECT v.day FROM shop_visit v WHERE v.person = ?)" },
          "whose rows are erased before" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        const struct portico_personal_table tables[] = { LINE, ORDER, VISIT, wrong[i].entry };
        char *said = complaints(tables, G_N_ELEMENTS(tables));
        if (!strstr(said, wrong[i].said))
            g_error("wrong[%zu]: %s", i, said);
        g_free(said);
    }
    const struct portico_personal_table twice[] = { LINE, ORDER, VISIT, TAX, TAX };
    char *said = complaints(twice, G_N_ELEMENTS(twice));
    g_assert_nonnull(strstr(said, "twice"));
    g_free(said);
}

static void the_hosts_own_tables_are_declared(void)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    GString *said = g_string_new(NULL);
    struct personal_shape *shape = NULL;
    char *here = g_path_get_dirname(__FILE__);
    char *path = g_build_filename(here, "..", "..", "..", "core", "store", "migrations", NULL);
    const struct migrate_source source = { "core", path };
    database_must(personal_shape_new(&source, &shape, &error), &error);
    personal_check(shape, personal_core, personal_core_count, collect, said);
    g_assert_cmpstr(said->str, ==, "");
    personal_shape_free(shape);
    g_string_free(said, TRUE);
    g_free(path);
    g_free(here);
}

/* Whatever is short of memory says so: a table that was not seen would need no entry. */
static void tables_are_all_seen_or_memory_has_ended(void)
{
    struct personal_shape *shape = NULL;
    char *directory = g_dir_make_tmp("portico-XXXXXX", NULL);
    char *path = g_build_filename(directory, "0001-shop.before.sql", NULL);
    const struct migrate_source source = { "shop", directory };
    unsigned unlisted = 0, whole_ones = 0;
    g_assert_true(g_file_set_contents(path, TABLES, -1, NULL));
    sqlite3_initialize();
    for (sqlite3_int64 room = 1024; room < 1048576 && whole_ones < 4; room += 512) {
        struct portico_error error = PORTICO_ERROR_INIT;
        sqlite3_hard_heap_limit64(sqlite3_memory_used() + room);
        int code = personal_shape_new(&source, &shape, &error);
        sqlite3_hard_heap_limit64(0);
        if (code < 0) {
            unlisted += strstr(error.message, "could not be listed") && code == PORTICO_ENOMEM;
            continue;
        }
        GString *said = g_string_new(NULL);
        personal_check(shape, whole, G_N_ELEMENTS(whole), collect, said);
        g_assert_cmpuint(shape->tables->len, ==, G_N_ELEMENTS(whole));
        g_assert_cmpstr(said->str, ==, "");
        g_string_free(said, TRUE);
        personal_shape_free(shape);
        whole_ones++;
    }
    g_assert_cmpuint(unlisted, >, 0);
    g_assert_cmpuint(whole_ones, ==, 4);
    g_unlink(path);
    g_rmdir(directory);
    g_free(path);
    g_free(directory);
}

struct shop {
    struct database database;
    struct personal_source source;
};

static bool fresh(struct shop *shop, gconstpointer kind)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct database *database = &shop->database;
    if (!work_new(database, kind))
        return false;
    database_must(database_try_migrate(database, "shop", "0001-shop.before.sql", TABLES,
                                       MIGRATE_BEFORE, &error),
                  &error);
    char *directory = g_build_filename(database->directory, "shape", NULL);
    shop->source =
        (struct personal_source){ "shop", whole, G_N_ELEMENTS(whole), shape_of(directory, TABLES) };
    g_free(directory);
    store_session_end(database->session);
    database->session =
        store_session_new(database->store, database->arena, &store_viewer_host, "shop");
    for (int64_t person = 1; person <= 2; person++) {
        database_execute(database,
                         "{unfiltered a test} INSERT INTO shop_order "
                         "(id, buyer, placed, paid, note, number, audience, sum, extra) "
                         "VALUES (?, ?, ?, ?, 'ring twice', ?, 3, 1.5, '{\"a\":1}')",
                         PORTICO_ARGS(portico_arg_id(10 + person), portico_arg_id(person),
                                      portico_arg_time(person * DAY), portico_arg_boolean(1),
                                      portico_arg_text(person == 1 ? "A1" : "A2")));
        database_execute(database,
                         "INSERT INTO shop_line (purchase, line, what) VALUES (?, 1, 'x')",
                         PORTICO_ARGS(portico_arg_id(10 + person)));
        for (int64_t day = 0; day < 5; day++)
            database_execute(database, "INSERT INTO shop_visit (person, day) VALUES (?, ?)",
                             PORTICO_ARGS(portico_arg_id(person), portico_arg_time(day * DAY)));
    }
    return true;
}

static void end(struct shop *shop)
{
    personal_shape_free(shop->source.shape);
    database_free(&shop->database);
}

static int write_row(struct value *row, void *data, struct portico_error *error)
{
    (void)error;
    struct buffer text = { 0 };
    json_write(&text, row);
    g_string_append_printf(data, "%s\n", buffer_text(&text));
    buffer_free(&text);
    return 0;
}

static char *export(struct shop *shop, size_t table, int64_t person)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    GString *rows = g_string_new(NULL);
    database_must(personal_export(shop->database.session, &shop->source, &whole[table], person,
                                  write_row, rows, &error),
                  &error);
    return g_string_free(rows, FALSE);
}

static void a_persons_rows_are_handed_out_whoever_may_see_them(gconstpointer kind)
{
    struct shop shop;
    if (!fresh(&shop, kind))
        return;
    char *rows = export(&shop, 1, 1);
    g_assert_cmpstr(rows, ==,
                    "{\"id\":\"11\",\"placed\":\"1970-01-02T00:00:00Z\",\"paid\":true,"
                    "\"note\":\"ring twice\"}\n");
    g_free(rows);
    rows = export(&shop, 0, 2);
    g_assert_cmpstr(rows, ==, "{\"purchase\":\"12\",\"line\":1,\"what\":\"x\"}\n");
    g_free(rows);
    rows = export(&shop, 3, 1);
    g_assert_cmpstr(rows, ==, "");
    g_free(rows);
    rows = export(&shop, 1, 99);
    g_assert_cmpstr(rows, ==, "");
    g_free(rows);
    end(&shop);
}

/* Erases person 1 as a command does, `most` rows a transaction; `told` hears of each. */
static void erase(struct shop *shop, unsigned most,
                  void (*told)(const char *table, int64_t rows, void *data), void *data,
                  struct value **ret_report)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct store_session *session = shop->database.session;
    struct personal_erasure erasure = {
        .session = session, .person = 1, .most = most, .told = told, .data = data
    };
    database_must(
        personal_request_open(session, "erase", 1, &erasure.request, &erasure.report, &error),
        &error);
    database_must(personal_erase(&erasure, &shop->source, &error), &error);
    database_must(personal_request_note(session, erasure.request, erasure.report, true, &error),
                  &error);
    if (ret_report)
        *ret_report = erasure.report;
}

static int64_t reported(const struct value *report, const char *table)
{
    struct value *counts = value_get(report, TEXT("shop"));
    return counts ? portico_get_integer(value_public(counts), table, -1) : -1;
}

static void erasing_empties_and_deletes_and_may_be_repeated(gconstpointer kind)
{
    struct shop shop;
    if (!fresh(&shop, kind))
        return;
    struct database *database = &shop.database;
    for (int round = 0; round < 2; round++) {
        struct value *report = NULL;
        erase(&shop, 100, NULL, NULL, &report);
        g_assert_cmpint(reported(report, "shop_order"), ==, !round);
        g_assert_cmpint(reported(report, "shop_line"), ==, !round);
        g_assert_cmpint(reported(report, "shop_visit"), ==, round ? 0 : 5);
    }
    struct value *rows = database_query(database,
                                        "{unfiltered a test} SELECT buyer, note, paid AS "
                                        "\"paid:boolean\", sum, extra, number FROM shop_order "
                                        "ORDER BY id",
                                        PORTICO_NO_ARGS);
    const struct value_cell *cells = value_rows_at(rows, 0);
    g_assert_cmpuint(cells[0].kind, ==, PORTICO_NULL);
    g_assert_cmpstr(cells[1].text, ==, "");
    g_assert_cmpint(cells[2].integer, ==, 0);
    g_assert_cmpfloat(cells[3].real, ==, 0);
    g_assert_cmpstr(cells[4].text, ==, "{}");
    g_assert_cmpstr(cells[5].text, ==, "A1");
    g_assert_cmpstr(value_rows_at(rows, 1)[1].text, ==, "ring twice");
    g_assert_cmpint(database_integer(database, "SELECT count(*) FROM shop_line"), ==, 1);
    g_assert_cmpint(database_integer(database, "SELECT count(*) FROM shop_visit"), ==, 5);
    end(&shop);
}

static void note_slice(const char *table, int64_t rows, void *data)
{
    g_string_append_printf(data, "%s %d\n", table, (int)rows);
}

static void erasing_takes_a_bounded_number_of_rows_at_a_time(gconstpointer kind)
{
    struct shop shop;
    struct value *report = NULL;
    if (!fresh(&shop, kind))
        return;
    GString *slices = g_string_new(NULL);
    erase(&shop, 2, note_slice, slices, &report);
    g_assert_cmpstr(slices->str, ==,
                    "shop_line 1\nshop_order 1\nshop_visit 2\nshop_visit 2\nshop_visit 1\n");
    g_assert_cmpint(reported(report, "shop_visit"), ==, 5);
    g_string_free(slices, TRUE);
    end(&shop);
}

/* Dies as a process does whose machine stops. */
static void die_after(const char *table, int64_t rows, void *data)
{
    unsigned *left = data;
    (void)table, (void)rows;
    if ((*left)-- == 0)
        raise(SIGKILL);
}

static void reopen(struct shop *shop)
{
    struct store_options options = database_options(&shop->database);
    database_open(&shop->database, &options);
    store_session_end(shop->database.session);
    shop->database.session =
        store_session_new(shop->database.store, shop->database.arena, &store_viewer_host, "shop");
}

static void erasing_that_is_killed_anywhere_ends_the_same_when_repeated(gconstpointer kind)
{
    enum { SLICES = 7 };
    for (unsigned slices = 0; slices < SLICES; slices++) {
        struct shop shop;
        struct value *report = NULL;
        int status = 0;
        if (!fresh(&shop, kind))
            return;
        database_close(&shop.database);
        pid_t child = fork();
        if (child == 0) {
            reopen(&shop);
            erase(&shop, 1, die_after, &slices, NULL);
            _exit(0);
        }
        g_assert_cmpint(waitpid(child, &status, 0), ==, child);
        g_assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        reopen(&shop);
        struct database *database = &shop.database;
        erase(&shop, 1, NULL, NULL, &report);
        g_assert_cmpint(reported(report, "shop_line"), ==, 1);
        g_assert_cmpint(reported(report, "shop_order"), ==, 1);
        g_assert_cmpint(reported(report, "shop_visit"), ==, 5);
        g_assert_cmpint(database_integer(database, "SELECT count(*) FROM shop_line"), ==, 1);
        g_assert_cmpint(database_integer(database, "SELECT count(*) FROM shop_visit"), ==, 5);
        g_assert_cmpint(database_integer(database, "{unfiltered a test} SELECT count(*) FROM "
                                                   "shop_order WHERE buyer IS NULL AND note = ''"),
                        ==, 1);
        end(&shop);
    }
}

/* Replies go with the entry that they answer: whoever took the entry alone would leave them. */
static void rows_that_are_found_through_their_own_table_go_together(gconstpointer kind)
{
    static const struct portico_personal_table talk[] = {
        { .table = "talk_entry",
          .title = "Entries",
          .erase = PORTICO_ERASE_ROWS,
          .match = "root IN (SELECT e.id FROM talk_entry e WHERE e.author = ? AND e.root = e.id)" },
        { .table = "talk_mark", .title = "Marks", .erase = PORTICO_ERASE_ROWS, .person = "person" },
    };
    static const char tables[] =
        "CREATE TABLE talk_entry (id {id} PRIMARY KEY, root {id} NOT NULL, author {id});\n"
        "CREATE TABLE talk_mark (person {id} NOT NULL);\n";
    struct portico_error error = PORTICO_ERROR_INIT;
    struct shop shop;
    if (!work_new(&shop.database, kind))
        return;
    struct database *database = &shop.database;
    database_must(database_try_migrate(database, "talk", "0001-talk.before.sql", tables,
                                       MIGRATE_BEFORE, &error),
                  &error);
    char *directory = g_build_filename(database->directory, "shape", NULL);
    g_mkdir_with_parents(directory, 0700);
    const struct migrate_source source = { "talk", directory };
    char *path = g_build_filename(directory, "0001-talk.before.sql", NULL);
    g_assert_true(g_file_set_contents(path, tables, -1, NULL));
    shop.source = (struct personal_source){ "talk", talk, G_N_ELEMENTS(talk), NULL };
    database_must(personal_shape_new(&source, &shop.source.shape, &error), &error);
    for (int64_t id = 1; id <= 6; id++)
        database_execute(database, "INSERT INTO talk_entry (id, root, author) VALUES (?, ?, ?)",
                         PORTICO_ARGS(portico_arg_id(id), portico_arg_id(id <= 4 ? 1 : 5),
                                      portico_arg_id(id == 1 ? 1 : 2)));
    for (int i = 0; i < 3; i++)
        database_execute(database, "INSERT INTO talk_mark (person) VALUES (1)", PORTICO_NO_ARGS);
    GString *slices = g_string_new(NULL);
    erase(&shop, 2, note_slice, slices, NULL);
    g_assert_cmpstr(slices->str, ==, "talk_entry 4\ntalk_mark 3\n");
    g_assert_cmpint(database_integer(database, "SELECT count(*) FROM talk_entry"), ==, 2);
    g_string_free(slices, TRUE);
    g_free(path);
    g_free(directory);
    end(&shop);
}

static char *plan_of(struct database *database, const char *source)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct statement statement;
    const struct statement_reader host = { .viewer = &store_viewer_host };
    bool sqlite = database->kind == STORE_SQLITE;
    database_must(statement_expand(source, sqlite ? STATEMENT_SQLITE : STATEMENT_POSTGRES, &host,
                                   &statement, &error),
                  &error);
    char *plan = plan_explain(database, statement.sql, "7, 500");
    statement_free(&statement);
    return plan;
}

/* Rows of other people and of nobody, so many that reading them all costs more than an index. */
static void fill(struct database *database)
{
    static const char *const inserts[] = {
        "INSERT INTO portico_event (id, sequence, type, source, subject, time, person, trace, data)"
        " SELECT n, n, 'a.b', 'c', 'd', n, CASE WHEN n % 3 = 0 THEN NULL ELSE n % 500 END, 't', "
        "'{}' FROM numbers",
        "INSERT INTO portico_job (id, sequence, module, name, kind, state, due, failures, "
        "attempts, fence, stop_asked, done, total, created, person) SELECT n, n, 'a', 'b', 1, "
        "2, n, 0, 1, 1, FALSE, 0, 0, n, CASE WHEN n % 3 = 0 THEN NULL ELSE n % 500 END "
        "FROM numbers",
        "INSERT INTO portico_scenario_run (id, module, scenario, correlation, person, state, "
        "started, last_seen) SELECT n, 'a', 'b', 'c', CASE WHEN n % 3 = 0 THEN NULL ELSE n % 500 "
        "END, 1, n, n FROM numbers",
        "INSERT INTO portico_scenario_pass (run, step, time) SELECT n, 's', n FROM numbers",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(inserts); i++) {
        char *sql = g_strdup_printf("{unfiltered a test} WITH RECURSIVE numbers (n) AS (SELECT 1 "
                                    "UNION ALL SELECT n + 1 FROM numbers WHERE n < 20000) %s",
                                    inserts[i]);
        database_execute(database, sql, PORTICO_NO_ARGS);
        g_free(sql);
    }
    if (database->kind == STORE_POSTGRES) {
        PGconn *server = PQconnectdb(database->url);
        PQclear(PQexec(server, "ANALYZE"));
        PQfinish(server);
    }
}

static void the_hosts_rows_of_a_person_are_found_by_an_index(gconstpointer kind)
{
    static const struct {
        const char *table, *index;
    } tables[] = {
        { "portico_event", "portico_event_person" },
        { "portico_job", "portico_job_person" },
        { "portico_scenario_pass", "portico_scenario_run_person" },
        { "portico_scenario_run", "portico_scenario_run_person" },
    };
    struct portico_error error = PORTICO_ERROR_INIT;
    struct database database;
    struct personal_shape *shape = NULL;
    if (!work_new(&database, kind))
        return;
    char *path = g_canonicalize_filename(__FILE__ "/../../../../core/store/migrations", NULL);
    const struct migrate_source source = { "core", path };
    database_must(personal_shape_new(&source, &shape, &error), &error);
    fill(&database);
    unsigned asked = 0;
    for (size_t i = 0; i < personal_core_count; i++)
        for (size_t t = 0; t < G_N_ELEMENTS(tables); t++) {
            const struct portico_personal_table *entry = &personal_core[i];
            if (strcmp(entry->table, tables[t].table) != 0)
                continue;
            char *sql = personal_erase_sql(personal_table(shape, entry->table), entry, true);
            char *plan = plan_of(&database, sql);
            if (!strstr(plan, tables[t].index) || strstr(plan, "Seq Scan") || strstr(plan, "SCAN "))
                g_error("%s\n%s", sql, plan);
            asked++;
            g_free(plan);
            g_free(sql);
        }
    g_assert_cmpuint(asked, ==, G_N_ELEMENTS(tables));
    personal_shape_free(shape);
    g_free(path);
    database_free(&database);
}

static int64_t retain(struct shop *shop, size_t table, int64_t day, unsigned most, bool dry)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    int64_t rows = -1;
    database_must(personal_retain(shop->database.session, &shop->source, &whole[table], day * DAY,
                                  most, dry, &rows, &error),
                  &error);
    return rows;
}

static void what_is_past_its_time_goes_slice_by_slice(gconstpointer kind)
{
    struct shop shop;
    if (!fresh(&shop, kind))
        return;
    g_assert_cmpint(retain(&shop, 2, 33, 100, true), ==, 6);
    g_assert_cmpint(retain(&shop, 2, 33, 4, false), ==, 4);
    g_assert_cmpint(retain(&shop, 2, 33, 4, false), ==, 2);
    g_assert_cmpint(retain(&shop, 2, 33, 4, false), ==, 0);
    g_assert_cmpint(database_integer(&shop.database, "SELECT min(day) FROM shop_visit"), ==,
                    3 * DAY);
    g_assert_cmpint(retain(&shop, 1, 12, 100, true), ==, 1);
    g_assert_cmpint(retain(&shop, 1, 12, 100, false), ==, 1);
    g_assert_cmpint(retain(&shop, 1, 12, 100, false), ==, 0);
    g_assert_cmpint(retain(&shop, 3, 9999, 100, false), ==, 0);
    end(&shop);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/personal/a_table_that_nobody_declared_is_named",
                    a_table_that_nobody_declared_is_named);
    g_test_add_func("/personal/each_mistake_in_an_entry_is_said", each_mistake_in_an_entry_is_said);
    g_test_add_func("/personal/the_hosts_own_tables_are_declared",
                    the_hosts_own_tables_are_declared);
    g_test_add_func("/personal/tables are all seen or memory has ended",
                    tables_are_all_seen_or_memory_has_ended);
    DATABASE_TEST("personal", a_persons_rows_are_handed_out_whoever_may_see_them);
    DATABASE_TEST("personal", erasing_empties_and_deletes_and_may_be_repeated);
    DATABASE_TEST("personal", erasing_takes_a_bounded_number_of_rows_at_a_time);
    DATABASE_TEST("personal", erasing_that_is_killed_anywhere_ends_the_same_when_repeated);
    DATABASE_TEST("personal", rows_that_are_found_through_their_own_table_go_together);
    DATABASE_TEST("personal", the_hosts_rows_of_a_person_are_found_by_an_index);
    DATABASE_TEST("personal", what_is_past_its_time_goes_slice_by_slice);
    return g_test_run();
}
