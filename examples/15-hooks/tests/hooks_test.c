/* Tests of the example: the guard fails closed, and lets partners pass. */
#include <portico/test.h>

static void without_a_key_in_the_config_nobody_passes(struct portico_bench *bench)
{
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/hooks/partners"), 503);
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/hooks/open"), 200);
}

static void partners_with_the_key_pass(struct portico_bench *bench)
{
    const struct portico_test_request request = { .size = sizeof request,
                                                  .target = "/hooks/partners",
                                                  .fields = "X-Partner-Key: letmein" };
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/hooks/partners"), 403);
    PORTICO_CHECK_INTEGER(bench, portico_test_send(bench, &request), 200);
    PORTICO_CHECK_TEXT(bench, portico_test_header(bench, "Link"), NULL);
}

static const struct portico_test tests[] = {
    { .name = "Without a key in the config nobody passes",
      .run = without_a_key_in_the_config_nobody_passes },
    { .name = "Partners with the key pass",
      .run = partners_with_the_key_pass,
      .settings = "key = letmein" },
};
PORTICO_EXPORT_TESTS(tests)
