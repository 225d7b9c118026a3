/* Tests of the database interface: the same on SQLite and PostgreSQL. */
#include "database.h"

#include <math.h>

#define TABLES                                                                                     \
    "CREATE TABLE thing (\n"                                                                       \
    "    id {id} PRIMARY KEY,\n    name {text} UNIQUE,\n    score {integer},\n    weight "         \
    "{real},\n"                                                                                    \
    "    hidden {boolean},\n    created {time},\n    body {json}\n);\n"                            \
    "CREATE TABLE part (\n    id {id} PRIMARY KEY,\n"                                              \
    "    thing {id} NOT NULL REFERENCES thing (id)\n);\n"

static bool fresh(struct database *database, gconstpointer kind)
{
    if (!database_new(database, (enum store_kind)GPOINTER_TO_INT(kind)))
        return false;
    database_migrate(database, TABLES);
    return true;
}

static void add_thing(struct database *database, int64_t id, const char *name)
{
    database_execute(database, "INSERT INTO thing (id, name) VALUES (?, ?)",
                     PORTICO_ARGS(portico_arg_id(id), portico_arg_text(name)));
}

static void every_kind_of_value_survives_the_round_trip(gconstpointer kind)
{
    struct database database;
    if (!fresh(&database, kind))
        return;
    int64_t changed = database_execute(
        &database,
        "INSERT INTO thing (id, name, score, weight, hidden, created, body) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        PORTICO_ARGS(portico_arg_id(INT64_MAX), portico_arg_text("Grüße, 'world' \xF0\x9F\x98\x80"),
                     portico_arg_integer(INT64_MIN), portico_arg_real(0.1), portico_arg_boolean(1),
                     portico_arg_time(-5), portico_arg_text("{\"a\": 1}")));
    g_assert_cmpint(changed, ==, 1);
    struct value *rows = database_query(
        &database,
        "SELECT t.id AS \"id:id\", t.name, t.score, t.weight AS \"weight:real\", "
        "t.hidden AS \"hidden:boolean\", t.created AS \"created:time\", t.body AS \"body:json\", "
        "NULL AS absent FROM thing t WHERE t.id = ? AND t.hidden = ?",
        PORTICO_ARGS(portico_arg_id(INT64_MAX), portico_arg_boolean(1)));
    g_assert_cmpuint(rows->count, ==, 1);
    static const uint32_t kinds[] = {
        PORTICO_ID,      PORTICO_TEXT, PORTICO_INTEGER, PORTICO_REAL,
        PORTICO_BOOLEAN, PORTICO_TIME, PORTICO_TEXT,    PORTICO_NULL
    };
    const struct value_cell *cells = value_rows_at(rows, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        g_assert_cmpuint(cells[i].kind, ==, kinds[i]);
    struct value *row = value_at(rows, 0);
    g_assert_cmpint(value_get(row, TEXT("id"))->integer, ==, INT64_MAX);
    g_assert_cmpstr(value_get(row, TEXT("name"))->text, ==, "Grüße, 'world' \xF0\x9F\x98\x80");
    g_assert_cmpint(cells[2].integer, ==, INT64_MIN);
    g_assert_true(cells[3].real == 0.1);
    g_assert_cmpint(cells[4].integer, ==, 1);
    g_assert_cmpint(cells[5].integer, ==, -5);
    g_assert_cmpstr(cells[6].text, ==, "{\"a\": 1}");
    database_free(&database);
}

static void nulls_go_in_and_come_out_of_every_column(gconstpointer kind)
{
    struct database database;
    if (!fresh(&database, kind))
        return;
    static const struct portico_argument null = { .kind = PORTICO_NULL };
    for (int64_t id = 1; id <= 2; id++)
        database_execute(&database,
                         "INSERT INTO thing (id, name, score, weight, hidden, created) "
                         "VALUES (?, ?, ?, ?, ?, ?)",
                         PORTICO_ARGS(portico_arg_id(id), null, null, null, null, null));
    struct value *rows = database_query(&database,
                                        "SELECT name, score, weight AS \"weight:real\", "
                                        "hidden AS \"hidden:boolean\" FROM thing",
                                        PORTICO_NO_ARGS);
    g_assert_cmpuint(rows->count, ==, 2);
    for (size_t i = 0; i < 4; i++)
        g_assert_cmpuint(value_rows_at(rows, 1)[i].kind, ==, PORTICO_NULL);
    database_free(&database);
}

static void constraints_have_codes_of_their_own(gconstpointer kind)
{
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!fresh(&database, kind))
        return;
    add_thing(&database, 1, "one");
    g_assert_cmpint(database_try(&database, "INSERT INTO thing (id, name) VALUES (1, 'x')",
                                 PORTICO_NO_ARGS, &error),
                    ==, PORTICO_EEXIST);
    g_assert_cmpint(database_try(&database, "INSERT INTO thing (id, name) VALUES (2, 'one')",
                                 PORTICO_NO_ARGS, &error),
                    ==, PORTICO_EEXIST);
    g_assert_cmpint(database_try(&database, "INSERT INTO part (id, thing) VALUES (1, 99)",
                                 PORTICO_NO_ARGS, &error),
                    ==, PORTICO_ECONFLICT);
    g_assert_cmpint(database_try(&database, "INSERT INTO part (id, thing) VALUES (1, NULL)",
                                 PORTICO_NO_ARGS, &error),
                    ==, PORTICO_ECONFLICT);
    g_assert_cmpint(database_try(&database, "SELECT nonsense FROM thing", PORTICO_NO_ARGS, &error),
                    ==, PORTICO_EINVAL);
    g_assert_nonnull(strstr(error.message, "nonsense"));
    g_assert_cmpint(
        database_try(&database, "SELECT id FROM thing WHERE id = ?", PORTICO_NO_ARGS, &error), ==,
        PORTICO_EINVAL);
    g_assert_nonnull(strstr(error.message, "1 parameters but was given 0"));
    database_free(&database);
}

static void a_transaction_is_seen_whole_or_not_at_all(gconstpointer kind)
{
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!fresh(&database, kind))
        return;
    struct arena *arena = arena_new(0);
    database_must(store_begin(database.session, &error), &error);
    add_thing(&database, 1, "one");
    g_assert_cmpint(database_integer(&database, "SELECT count(*) FROM thing"), ==, 1);
    struct store_session *other =
        store_session_new(database.store, arena, &store_viewer_everyone, "core");
    struct value *rows;
    database_must(store_query(other, "SELECT id FROM thing", NULL, 0, &rows, &error), &error);
    g_assert_cmpuint(rows->count, ==, 0);
    store_session_end(other);
    store_rollback(database.session);
    g_assert_cmpint(database_integer(&database, "SELECT count(*) FROM thing"), ==, 0);
    database_must(store_begin(database.session, &error), &error);
    add_thing(&database, 2, "two");
    database_must(store_commit(database.session, &error), &error);
    other = store_session_new(database.store, arena, &store_viewer_everyone, "core");
    database_must(store_query(other, "SELECT id FROM thing", NULL, 0, &rows, &error), &error);
    g_assert_cmpuint(rows->count, ==, 1);
    store_session_end(other);
    arena_free(arena);
    database_free(&database);
}

static void a_transaction_left_open_is_rolled_back_with_its_session(gconstpointer kind)
{
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!fresh(&database, kind))
        return;
    database_must(store_begin(database.session, &error), &error);
    add_thing(&database, 1, "one");
    database_next_session(&database);
    g_assert_cmpint(database_integer(&database, "SELECT count(*) FROM thing"), ==, 0);
    database_must(store_begin(database.session, &error), &error);
    store_rollback(database.session);
    database_free(&database);
}

static void a_failed_statement_leaves_only_the_rollback(gconstpointer kind)
{
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!fresh(&database, kind))
        return;
    database_must(store_begin(database.session, &error), &error);
    add_thing(&database, 1, "one");
    g_assert_cmpint(
        database_try(&database, "INSERT INTO thing (id) VALUES (1)", PORTICO_NO_ARGS, &error), ==,
        PORTICO_EEXIST);
    g_assert_cmpint(
        database_try(&database, "INSERT INTO thing (id) VALUES (2)", PORTICO_NO_ARGS, &error), ==,
        PORTICO_ECONFLICT);
    g_assert_cmpint(store_commit(database.session, &error), ==, PORTICO_ECONFLICT);
    g_assert_false(store_in_transaction(database.session));
    g_assert_cmpint(database_integer(&database, "SELECT count(*) FROM thing"), ==, 0);
    database_free(&database);
}

static void a_transaction_past_its_deadline_is_rolled_back_and_named(gconstpointer kind)
{
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!fresh(&database, kind))
        return;
    database_close(&database);
    struct store_options options = database_options(&database);
    options.transaction_time = 50000;
    database_open(&database, &options);
    database_must(store_begin(database.session, &error), &error);
    add_thing(&database, 1, "one");
    /* Another writer gets in although this one neither commits nor calls again. */
    struct arena *arena = arena_new(0);
    struct store_session *other =
        store_session_new(database.store, arena, &store_viewer_everyone, "core");
    database_must(store_execute(other, "INSERT INTO thing (id, name) VALUES (2, 'one')", NULL, 0,
                                NULL, &error),
                  &error);
    store_session_end(other);
    arena_free(arena);
    g_assert_cmpint(store_commit(database.session, &error), ==, PORTICO_ETIMEDOUT);
    g_assert_nonnull(strstr(error.message, "transaction of core"));
    g_assert_cmpint(database_integer(&database, "SELECT max(id) FROM thing"), ==, 2);
    g_assert_cmpint(database_integer(&database, "SELECT min(id) FROM thing"), ==, 2);
    database_free(&database);
}

static void a_statement_past_its_deadline_is_ended(gconstpointer kind)
{
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!fresh(&database, kind))
        return;
    database_close(&database);
    struct store_options options = database_options(&database);
    options.statement_time = 100000;
    database_open(&database, &options);
    struct value *rows;
    g_assert_cmpint(store_query(database.session,
                                "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                                "WHERE i < 2000000000) SELECT count(*) FROM n",
                                NULL, 0, &rows, &error),
                    ==, PORTICO_ETIMEDOUT);
    g_assert_cmpint(database_integer(&database, "SELECT count(*) FROM thing"), ==, 0);
    database_free(&database);
}

static void too_many_rows_are_a_limit_and_a_cursor_takes_them(gconstpointer kind)
{
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!fresh(&database, kind))
        return;
    database_execute(&database,
                     "INSERT INTO thing (id, score) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL "
                     "SELECT i + 1 FROM n WHERE i < 10001) SELECT i, i * 2 FROM n",
                     PORTICO_NO_ARGS);
    struct value *rows;
    g_assert_cmpint(store_query(database.session, "SELECT id FROM thing", NULL, 0, &rows, &error),
                    ==, PORTICO_ELIMIT);
    struct store_cursor *cursor;
    struct value *row;
    database_must(store_cursor_open(database.session,
                                    "SELECT id AS \"id:id\", score FROM thing WHERE id > ? "
                                    "ORDER BY id",
                                    PORTICO_ARGS(portico_arg_id(1)), &cursor, &error),
                  &error);
    int64_t id = 1;
    int code;
    while ((code = store_cursor_next(cursor, &row, &error)) == 1) {
        g_assert_cmpint(value_get(row, TEXT("id"))->integer, ==, ++id);
        g_assert_cmpint(value_get(row, TEXT("score"))->integer, ==, id * 2);
        if (id % 2500 == 0) /* writes of the same session go on beside the cursor */
            database_execute(&database, "UPDATE thing SET score = 0 WHERE id < ?",
                             PORTICO_ARGS(portico_arg_id(id)));
    }
    database_must(code, &error);
    g_assert_cmpint(id, ==, 10001);
    g_assert_cmpint(store_cursor_next(cursor, &row, &error), ==, 0);
    store_cursor_close(cursor);
    database_free(&database);
}

static void a_cursor_left_open_ends_with_its_session(gconstpointer kind)
{
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!fresh(&database, kind))
        return;
    add_thing(&database, 1, "one");
    add_thing(&database, 2, "two");
    struct store_cursor *cursor;
    struct value *row;
    database_must(store_begin(database.session, &error), &error);
    database_must(store_cursor_open(database.session, "SELECT name FROM thing ORDER BY id", NULL, 0,
                                    &cursor, &error),
                  &error);
    g_assert_cmpint(store_cursor_next(cursor, &row, &error), ==, 1);
    database_next_session(&database);
    g_assert_cmpint(database_integer(&database, "SELECT count(*) FROM thing"), ==, 2);
    database_free(&database);
}

static void only_one_plain_statement_is_taken(gconstpointer kind)
{
    static const char *const refused[] = {
        "BEGIN",
        "COMMIT",
        "PRAGMA user_version",
        "",
        "-- nothing",
        "ATTACH 'x' AS y",
        "SELECT 1; DELETE FROM thing",
        "SELECT ?1",
        "SELECT {nonsense} FROM thing",
        "SELECT (1",
        "SELECT 1)",
        "DROP TABLE thing",
        "CREATE TABLE x (id INTEGER)",
        "SELECT 1 FROM thing {unfiltered too late}",
        "SELECT {visible",
    };
    struct database database;
    if (!fresh(&database, kind))
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
        struct portico_error error = PORTICO_ERROR_INIT;
        g_assert_cmpint(database_try(&database, refused[i], PORTICO_NO_ARGS, &error), ==,
                        PORTICO_EINVAL);
        g_assert_cmpint(error.message[strlen(error.message) - 1], ==, '.');
    }
    struct value *rows = database_query(&database, "SELECT '?;--' AS a, ? AS b /* ? */ -- ?\n;  ",
                                        PORTICO_ARGS(portico_arg_text("x")));
    g_assert_cmpstr(value_rows_at(rows, 0)[0].text, ==, "?;--");
    g_assert_cmpstr(value_rows_at(rows, 0)[1].text, ==, "x");
    database_free(&database);
}

static void a_change_that_returns_rows_is_committed(gconstpointer kind)
{
    struct database database;
    if (!fresh(&database, kind))
        return;
    struct value *rows = database_query(&database,
                                        "INSERT INTO thing (id, name) VALUES (?, ?) "
                                        "RETURNING id AS \"id:id\"",
                                        PORTICO_ARGS(portico_arg_id(7), portico_arg_text("seven")));
    g_assert_cmpint(value_rows_at(rows, 0)->integer, ==, 7);
    database_close(&database);
    struct store_options options = database_options(&database);
    database_open(&database, &options);
    g_assert_cmpint(database_integer(&database, "SELECT count(*) FROM thing"), ==, 1);
    g_assert_cmpint(
        database_execute(&database, "UPDATE thing SET score = 1 WHERE id > 100", PORTICO_NO_ARGS),
        ==, 0);
    database_free(&database);
}

static void statistics_count_what_happened(gconstpointer kind)
{
    struct database database;
    if (!fresh(&database, kind))
        return;
    struct store_statistics before, after;
    add_thing(&database, 2, "two"); /* the first use of a statement checks it, which reads too */
    store_statistics(database.store, &before);
    add_thing(&database, 1, "one");
    store_statistics(database.store, &after);
    g_assert_cmpuint(after.commits, ==, before.commits + 1);
    g_assert_cmpuint(after.statements, ==, before.statements + 1);
    if (database.kind == STORE_SQLITE)
        g_assert_cmpuint(after.flushes, >, before.flushes);
    g_assert_cmpuint(after.connections, >=, 1);
    struct portico_error error = PORTICO_ERROR_INIT;
    database_must(store_settle(database.store, &error), &error);
    database_must(store_health(database.store, &error), &error);
    database_free(&database);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DATABASE_TEST("store", every_kind_of_value_survives_the_round_trip);
    DATABASE_TEST("store", nulls_go_in_and_come_out_of_every_column);
    DATABASE_TEST("store", constraints_have_codes_of_their_own);
    DATABASE_TEST("store", a_transaction_is_seen_whole_or_not_at_all);
    DATABASE_TEST("store", a_transaction_left_open_is_rolled_back_with_its_session);
    DATABASE_TEST("store", a_failed_statement_leaves_only_the_rollback);
    DATABASE_TEST("store", a_transaction_past_its_deadline_is_rolled_back_and_named);
    DATABASE_TEST("store", a_statement_past_its_deadline_is_ended);
    DATABASE_TEST("store", too_many_rows_are_a_limit_and_a_cursor_takes_them);
    DATABASE_TEST("store", a_cursor_left_open_ends_with_its_session);
    DATABASE_TEST("store", only_one_plain_statement_is_taken);
    DATABASE_TEST("store", a_change_that_returns_rows_is_committed);
    DATABASE_TEST("store", statistics_count_what_happened);
    return g_test_run();
}
