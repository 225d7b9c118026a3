/* Tests of the example: the events that the host follows are emitted by the routes. */
#include <portico/test.h>

static void a_book_is_wished_offered_and_read(struct portico_bench *bench)
{
    static const char *const steps[] = { "wished", "offered", "read" };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        const char *target = portico_printf(portico_test_context(bench),
                                            "/api/scenarios/v1/books/emma/%s", steps[i]);
        PORTICO_REQUIRE(bench, target != NULL);
        PORTICO_CHECK_INTEGER(bench, portico_test_json_request(bench, "POST", target, "{}"), 200);
        PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "book"), "emma");
    }
    PORTICO_CHECK_INTEGER(bench, portico_test_run_jobs(bench), 0);
}

static const struct portico_test tests[] = {
    { .name = "A book is wished, offered and read", .run = a_book_is_wished_offered_and_read },
};
PORTICO_EXPORT_TESTS(tests)
