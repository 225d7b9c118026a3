/* Tests of the example: words are counted, and an exception stays inside. */
#include <portico/test.h>

static void words_are_counted(struct portico_bench *bench)
{
    portico_test_post(bench, "/cplusplus", "text=tea+cup+tea");
    PORTICO_CHECK_STATUS(bench, 303);
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/cplusplus"), 200);
    PORTICO_CHECK_TEXT(bench, portico_test_element_at(bench, "main li", 1), "tea: 2");
}

static void an_exception_is_an_error_page(struct portico_bench *bench)
{
    PORTICO_CHECK_INTEGER(bench, portico_test_post(bench, "/cplusplus", "text=throw"), 500);
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/cplusplus"), 200);
}

static const struct portico_test tests[] = {
    { .name = "Words are counted", .run = words_are_counted },
    { .name = "An exception is an error page", .run = an_exception_is_an_error_page },
};
PORTICO_EXPORT_TESTS(tests)
