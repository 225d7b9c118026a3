/* Tests of the example: counters through the API, both or neither, no cursor left open. */
#include <portico/test.h>

static void make_counters(struct portico_bench *bench)
{
    PORTICO_CHECK_INTEGER(bench, portico_test_post(bench, "/database/apples", ""), 201);
    PORTICO_CHECK_INTEGER(bench, portico_test_post(bench, "/database/pears", ""), 201);
}

static void counters_are_listed_by_name(struct portico_bench *bench)
{
    PORTICO_CHECK_INTEGER(bench, portico_test_post(bench, "/database/pears", ""), 201);
    PORTICO_CHECK_INTEGER(bench, portico_test_post(bench, "/database/apples", ""), 201);
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/database"), 200);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "counters.0.name"), "apples");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "counters.1.name"), "pears");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "counters.2.name"), NULL);
}

static void a_second_counter_of_a_name_is_a_conflict(struct portico_bench *bench)
{
    make_counters(bench);
    portico_test_post(bench, "/database/pears", "");
    PORTICO_CHECK_STATUS(bench, 409);
}

static void a_move_takes_from_one_and_gives_to_the_other(struct portico_bench *bench)
{
    make_counters(bench);
    PORTICO_CHECK_INTEGER(bench, portico_test_post(bench, "/database/apples/to/pears", ""), 303);
    PORTICO_CHECK_TEXT(bench, portico_test_header(bench, "Location"), "/database");
    portico_test_get(bench, "/database");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "counters.0.number"), "-1");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "counters.1.number"), "1");
}

static void a_move_to_nowhere_changes_nothing(struct portico_bench *bench)
{
    make_counters(bench);
    PORTICO_CHECK_INTEGER(bench, portico_test_post(bench, "/database/apples/to/plums", ""), 404);
    portico_test_get(bench, "/database");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "counters.0.number"), "0");
}

static void the_sum_is_that_of_all_rows(struct portico_bench *bench)
{
    struct portico_context *context = portico_test_context(bench);
    struct portico_error error = PORTICO_ERROR_INIT;
    make_counters(bench);
    int code = portico_execute(portico_db(context), "UPDATE database_counter SET number = ?",
                               PORTICO_ARGS(portico_arg_integer(21)), NULL, &error);
    PORTICO_CHECK_INTEGER(bench, code, 0);
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/database/sum"), 200);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "sum"), "42");
}

static int64_t count(struct portico_bench *bench)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *row = NULL;
    int code = portico_query_one(portico_db(portico_test_context(bench)),
                                 "SELECT count(*) AS rows FROM database_counter", PORTICO_NO_ARGS,
                                 &row, &error);
    return code < 0 ? code : portico_get_integer(row, "rows", -1);
}

static void the_test_reads_what_requests_wrote(struct portico_bench *bench)
{
    PORTICO_CHECK_INTEGER(bench, count(bench), 0);
    make_counters(bench);
    PORTICO_CHECK_INTEGER(bench, count(bench), 2);
}

static const struct portico_test tests[] = {
    { .name = "Counters are listed by name", .run = counters_are_listed_by_name },
    { .name = "A second counter of a name is a conflict",
      .run = a_second_counter_of_a_name_is_a_conflict },
    { .name = "A move takes from one and gives to the other",
      .run = a_move_takes_from_one_and_gives_to_the_other },
    { .name = "A move to nowhere changes nothing", .run = a_move_to_nowhere_changes_nothing },
    { .name = "The test reads what requests wrote", .run = the_test_reads_what_requests_wrote },
    { .name = "The sum is that of all rows", .run = the_sum_is_that_of_all_rows },
};
PORTICO_EXPORT_TESTS(tests)
