/* Tests of the example: both migrations ran, on an empty database. */
#include <portico/test.h>

static void both_migrations_have_run(struct portico_bench *bench)
{
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/migrations"), 200);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "tasks.0.title"), "Read the example");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "tasks.0.due"), "null");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "tasks.1.done"), "false");
}

static const struct portico_test tests[] = {
    { .name = "Both migrations have run", .run = both_migrations_have_run },
};
PORTICO_EXPORT_TESTS(tests)
