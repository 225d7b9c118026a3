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
}

static void an_error_says_where_help_is_and_nothing_else_does(struct portico_bench *bench)
{
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/hooks/partners"), 403);
    PORTICO_CHECK_TEXT(bench, portico_test_header(bench, "Link"), "</hooks/help>; rel=\"help\"");
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/nowhere"), 404);
    PORTICO_CHECK_TEXT(bench, portico_test_header(bench, "Link"), "</hooks/help>; rel=\"help\"");
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/hooks/open"), 200);
    PORTICO_CHECK_TEXT(bench, portico_test_header(bench, "Link"), NULL);
}

static const struct portico_test tests[] = {
    { .name = "Without a key in the config nobody passes",
      .run = without_a_key_in_the_config_nobody_passes },
    { .name = "Partners with the key pass",
      .run = partners_with_the_key_pass,
      .settings = "key = letmein" },
    { .name = "An error says where help is, and nothing else does",
      .run = an_error_says_where_help_is_and_nothing_else_does,
      .settings = "key = letmein" },
};
PORTICO_EXPORT_TESTS(tests)
