/* Tests of the example: the page says what it watches, and a call tells of itself. */
#include <portico/test.h>

static void the_page_watches_its_desk(struct portico_bench *bench)
{
    portico_test_get(bench, "/desk/1");
    PORTICO_CHECK_STATUS(bench, 200);
    PORTICO_CHECK_TEXT(bench, portico_test_attribute(bench, "#called", "data-live"), "desk/1");
}

static void a_call_counts_on(struct portico_bench *bench)
{
    portico_test_post(bench, "/desk/2/next", "");
    PORTICO_CHECK_STATUS(bench, 303);
    portico_test_get(bench, "/desk/2");
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, "#called"), "Now serving number 1");
}

static void a_desk_that_is_not_there_calls_nobody(struct portico_bench *bench)
{
    portico_test_post(bench, "/desk/9/next", "");
    PORTICO_CHECK_STATUS(bench, 404);
}

static const struct portico_test tests[] = {
    { .name = "The page watches its desk", .run = the_page_watches_its_desk },
    { .name = "A call counts on", .run = a_call_counts_on },
    { .name = "A desk that is not there calls nobody",
      .run = a_desk_that_is_not_there_calls_nobody },
};
PORTICO_EXPORT_TESTS(tests)
