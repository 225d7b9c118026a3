/* Tests of the example: ids, and times with zones. A host too old to have times as text refuses
 * them or says nothing; it never says anything wrong. */
#include <portico/test.h>

static void zones_are_reckoned_with(struct portico_bench *bench)
{
    uint32_t status = portico_test_get(bench, "/clock-and-ids/between?from=2026-11-22T09:30:00Z"
                                              "&to=2026-11-22T10:30:01%2B01:00");
    if (status != 422)
        PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "to"), "2026-11-22T09:30:01Z");
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/clock-and-ids/between?from=today"), 422);
}

static void an_id_tells_when_it_was_made(struct portico_bench *bench)
{
    struct portico_context *context = portico_test_context(bench);
    long long id = (long long)portico_new_id(context);
    const char *target = portico_printf(context, "/clock-and-ids/ids/%lld", id);
    PORTICO_REQUIRE(bench, target != NULL);
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, target), 200);
    const char *made = portico_test_json_text(bench, "made");
    if (made && strcmp(made, "null") != 0)
        PORTICO_CHECK_TEXT(bench, made, "2026-01-15T12:00:00Z");
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/clock-and-ids/ids/x"), 404);
}

static const struct portico_test tests[] = {
    { .name = "Zones are reckoned with", .run = zones_are_reckoned_with },
    { .name = "An id tells when it was made", .run = an_id_tells_when_it_was_made },
};
PORTICO_EXPORT_TESTS(tests)
