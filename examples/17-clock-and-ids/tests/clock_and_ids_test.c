/* Tests of the example: ids, and times with zones. */
#include <portico/test.h>

static void zones_are_reckoned_with(struct portico_bench *bench)
{
    PORTICO_CHECK_INTEGER(bench,
                          portico_test_get(bench, "/clock-and-ids/between?from=2026-11-22T09:30:00Z"
                                                  "&to=2026-11-22T10:30:01%2B01:00"),
                          200);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "from"), "2026-11-22T09:30:00Z");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "to"), "2026-11-22T09:30:01Z");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "seconds"), "1");
}

static void what_is_no_time_is_refused(struct portico_bench *bench)
{
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/clock-and-ids/between?from=today"), 422);
    PORTICO_CHECK_HOLDS(bench, portico_test_body(bench, NULL), "That is no time");
}

static void an_id_tells_when_it_was_made(struct portico_bench *bench)
{
    struct portico_context *context = portico_test_context(bench);
    long long id = (long long)portico_new_id(context);
    const char *target = portico_printf(context, "/clock-and-ids/ids/%lld", id);
    PORTICO_REQUIRE(bench, target != NULL);
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, target), 200);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "made"), "2026-01-15T12:00:00Z");
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/clock-and-ids/ids/x"), 404);
}

static const struct portico_test tests[] = {
    { .name = "Zones are reckoned with", .run = zones_are_reckoned_with },
    { .name = "What is no time is refused", .run = what_is_no_time_is_refused },
    { .name = "An id tells when it was made", .run = an_id_tells_when_it_was_made },
};
PORTICO_EXPORT_TESTS(tests)
