/* Tests of the example: the check is asked through /readyz, as operators ask. */
#include <portico/test.h>

static void a_low_reserve_does_not_stop_the_portal(struct portico_bench *bench)
{
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/healthz"), 200);
    portico_test_get(bench, "/readyz");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "state"), "healthy");
    PORTICO_CHECK_INTEGER(bench, portico_test_set(bench, "reserve", "3"), 0);
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/readyz"), 200);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "state"), "degraded");
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/healthz"), 200);
}

static const struct portico_test tests[] = {
    { .name = "A low reserve does not stop the portal",
      .run = a_low_reserve_does_not_stop_the_portal },
};
PORTICO_EXPORT_TESTS(tests)
