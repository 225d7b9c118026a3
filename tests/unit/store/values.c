/* Values that only one of the databases would take: both give the same answer, and it is about the
 * value where the statement is right. */
#include "database.h"
#include "store/driver.h"

#include <math.h>

#define TABLES                                                                                     \
    "CREATE TABLE item (\n    id {id} PRIMARY KEY,\n    number {integer},\n    at {time},\n"       \
    "    weight {real},\n    title {text}\n);\n"

static bool fresh(struct database *database, gconstpointer kind)
{
    if (!database_new(database, (enum store_kind)GPOINTER_TO_INT(kind)))
        return false;
    database_migrate(database, TABLES);
    database_execute(database,
                     "INSERT INTO item (id, number, at, weight, title) VALUES (1, ?, ?, 1.5, 'a')",
                     PORTICO_ARGS(portico_arg_integer(INT64_MAX), portico_arg_time(INT64_MIN)));
    return true;
}

/* The statement is refused for a value, in these words. */
static void refuses(struct database *database, const char *sql,
                    const struct portico_argument *arguments, size_t count, const char *says)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct value *rows = NULL;
    int code = store_query(database->session, sql, arguments, count, &rows, &error);
    if (code != PORTICO_EINVAL || !store_refused_value(database->session))
        g_error("%s: %d %s", sql, code, error.message);
    g_assert_cmpstr(error.message, ==, says);
    g_assert_null(rows);
}

static void whole_numbers_of_64_bits_are_kept_to_their_ends(gconstpointer kind)
{
    struct database database;
    if (!fresh(&database, kind))
        return;
    struct value *rows = database_query(&database, "SELECT number, at FROM item", PORTICO_NO_ARGS);
    g_assert_cmpint(value_rows_at(rows, 0)[0].integer, ==, INT64_MAX);
    g_assert_cmpint(value_rows_at(rows, 0)[1].integer, ==, INT64_MIN);
    database_execute(&database, "UPDATE item SET number = NULL, at = ?",
                     PORTICO_ARGS(portico_arg_text(" 12 ")));
    g_assert_cmpint(database_integer(&database, "SELECT at FROM item"), ==, 12);
    database_free(&database);
}

static void a_number_that_outgrows_64_bits_is_refused(gconstpointer kind)
{
    struct database database;
    if (!fresh(&database, kind))
        return;
    refuses(&database, "UPDATE item SET number = number + ?", PORTICO_ARGS(portico_arg_integer(1)),
            STORE_OUT_OF_RANGE);
    refuses(&database, "UPDATE item SET at = at * ?", PORTICO_ARGS(portico_arg_integer(2)),
            STORE_OUT_OF_RANGE);
    refuses(&database, "UPDATE item SET number = number * ?", PORTICO_ARGS(portico_arg_integer(2)),
            STORE_OUT_OF_RANGE);
    refuses(&database, "SELECT abs(at) FROM item", PORTICO_NO_ARGS, STORE_OUT_OF_RANGE);
    g_assert_cmpint(database_integer(&database, "SELECT number FROM item"), ==, INT64_MAX);
    database_free(&database);
}

static void a_word_where_a_number_belongs_is_refused(gconstpointer kind)
{
    struct database database;
    if (!fresh(&database, kind))
        return;
    refuses(&database, "UPDATE item SET number = ?", PORTICO_ARGS(portico_arg_text("twelve")),
            STORE_OUT_OF_RANGE);
    refuses(&database, "INSERT INTO item (id, title) VALUES (?, 'b')",
            PORTICO_ARGS(portico_arg_text("twelve")), STORE_OUT_OF_RANGE);
    database_free(&database);
}

static void texts_that_no_database_keeps_are_refused(gconstpointer kind)
{
    static const struct portico_argument hollow = { PORTICO_TEXT, 3, { .text = "a\0b" } };
    struct database database;
    if (!fresh(&database, kind))
        return;
    refuses(&database, "SELECT id FROM item WHERE title = ?", PORTICO_ARGS(hollow),
            "Parameter 1 is a text that holds the character NUL, which no database keeps.");
    refuses(&database, "UPDATE item SET number = ?, title = ?",
            PORTICO_ARGS(portico_arg_integer(1), portico_arg_text("caf\xe9")),
            "Parameter 2 is a text that is not UTF-8.");
    refuses(&database, "UPDATE item SET title = ?", PORTICO_ARGS(portico_arg_text("\xed\xa0\x80")),
            "Parameter 1 is a text that is not UTF-8.");
    refuses(&database, "UPDATE item SET weight = ?", PORTICO_ARGS(portico_arg_real(NAN)),
            "Parameter 1 is not a number.");
    database_free(&database);
}

static void a_count_of_rows_below_0_is_refused(gconstpointer kind)
{
    struct database database;
    if (!fresh(&database, kind))
        return;
    refuses(&database, "SELECT id FROM item WHERE id > ? ORDER BY id LIMIT ?",
            PORTICO_ARGS(portico_arg_integer(-1), portico_arg_integer(-1)),
            "Parameter 2 counts rows behind LIMIT or OFFSET and is below 0.");
    refuses(&database, "SELECT id FROM item ORDER BY id LIMIT ? OFFSET ?",
            PORTICO_ARGS(portico_arg_integer(1), portico_arg_integer(-1)),
            "Parameter 2 counts rows behind LIMIT or OFFSET and is below 0.");
    struct value *rows =
        database_query(&database, "SELECT id FROM item WHERE (SELECT i.id FROM item i LIMIT ?) > ?",
                       PORTICO_ARGS(portico_arg_integer(1), portico_arg_integer(-1)));
    g_assert_cmpuint(rows->count, ==, 1);
    database_free(&database);
}

static void a_cursor_says_it_too(gconstpointer kind)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct store_cursor *cursor = NULL;
    struct database database;
    struct value *row = NULL;
    if (!fresh(&database, kind))
        return;
    g_assert_cmpint(store_cursor_open(database.session, "SELECT id FROM item LIMIT ?",
                                      PORTICO_ARGS(portico_arg_integer(-1)), &cursor, &error),
                    ==, PORTICO_EINVAL);
    g_assert_true(store_refused_value(database.session));
    database_must(store_cursor_open(database.session, "SELECT abs(at) FROM item", PORTICO_NO_ARGS,
                                    &cursor, &error),
                  &error);
    g_assert_false(store_refused_value(database.session));
    g_assert_cmpint(store_cursor_next(cursor, &row, &error), ==, PORTICO_EINVAL);
    g_assert_true(store_refused_value(database.session));
    g_assert_cmpstr(error.message, ==, STORE_OUT_OF_RANGE);
    store_cursor_close(cursor);
    database_free(&database);
}

static void what_is_wrong_with_the_statement_is_not_the_values(gconstpointer kind)
{
    static const struct {
        const char *sql, *says;
    } wrong[] = {
        { "SELECT nothing FROM item", "The database refused the statement" },
        { "SELECT 10 / number FROM item", "a divisor that may be 0" },
        { "SELECT number % (0) FROM item", "a divisor that may be 0" },
        { "SELECT number / 0.0 FROM item", "a divisor that may be 0" },
    };
    struct database database;
    if (!fresh(&database, kind))
        return;
    refuses(&database, "UPDATE item SET number = number + 1", PORTICO_NO_ARGS, STORE_OUT_OF_RANGE);
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        struct portico_error error = PORTICO_ERROR_INIT;
        g_assert_cmpint(database_try(&database, wrong[i].sql, PORTICO_NO_ARGS, &error), ==,
                        PORTICO_EINVAL);
        g_assert_false(store_refused_value(database.session));
        if (!strstr(error.message, wrong[i].says))
            g_error("%s: %s", wrong[i].sql, error.message);
    }
    struct portico_error error = PORTICO_ERROR_INIT;
    g_assert_cmpint(database_try(&database, "SELECT id FROM item LIMIT ?",
                                 PORTICO_ARGS(portico_arg_text("5")), &error),
                    ==, PORTICO_EINVAL);
    g_assert_false(store_refused_value(database.session));
    database_free(&database);
}

static void divisions_that_may_go_wrong_give_null(gconstpointer kind)
{
    struct database database;
    if (!fresh(&database, kind))
        return;
    struct value *rows = database_query(
        &database, "SELECT 10 / nullif(number - number, 0), 7 / 2, 7 % 2.0 FROM item WHERE 1 = 1",
        PORTICO_NO_ARGS);
    g_assert_cmpuint(value_rows_at(rows, 0)[0].kind, ==, PORTICO_NULL);
    g_assert_cmpint(value_rows_at(rows, 0)[1].integer, ==, 3);
    database_free(&database);
}

static void casts_are_as_wide_on_both(gconstpointer kind)
{
    struct database database;
    if (!fresh(&database, kind))
        return;
    g_assert_cmpint(database_integer(&database, "SELECT CAST(number AS INTEGER) FROM item"), ==,
                    INT64_MAX);
    struct value *rows = database_query(
        &database, "SELECT CAST(weight AS REAL), 1 AS int FROM item", PORTICO_NO_ARGS);
    g_assert_cmpfloat(value_rows_at(rows, 0)[0].real, ==, 1.5);
    database_free(&database);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DATABASE_TEST("values", whole_numbers_of_64_bits_are_kept_to_their_ends);
    DATABASE_TEST("values", a_number_that_outgrows_64_bits_is_refused);
    DATABASE_TEST("values", a_word_where_a_number_belongs_is_refused);
    DATABASE_TEST("values", texts_that_no_database_keeps_are_refused);
    DATABASE_TEST("values", a_count_of_rows_below_0_is_refused);
    DATABASE_TEST("values", a_cursor_says_it_too);
    DATABASE_TEST("values", what_is_wrong_with_the_statement_is_not_the_values);
    DATABASE_TEST("values", divisions_that_may_go_wrong_give_null);
    DATABASE_TEST("values", casts_are_as_wide_on_both);
    return g_test_run();
}
