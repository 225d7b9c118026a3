/* Tests of the example: the name of the path, escaped. */
#include <portico/test.h>

static void the_name_of_the_path_is_greeted(struct portico_bench *bench)
{
    portico_test_get(bench, "/hello/Dana%20%3Cb%3E");
    PORTICO_CHECK_STATUS(bench, 200);
    PORTICO_CHECK_TEXT(bench, portico_test_element(bench, "main h1"), "Hello, Dana <b>!");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "main h1 b"), 0);
}

static const struct portico_test tests[] = {
    { .name = "The name of the path is greeted", .run = the_name_of_the_path_is_greeted },
};
PORTICO_EXPORT_TESTS(tests)
