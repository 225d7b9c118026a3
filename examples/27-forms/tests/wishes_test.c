/* Tests of the example: what is refused is said beside the field, what is sent is there once. */
#include <portico/test.h>

static void a_wish_that_passes_is_on_the_list(struct portico_bench *bench)
{
    portico_test_post(bench, "/wishes/new", "title=A+garden&reason=&urgency=soon&pieces=2");
    PORTICO_CHECK_STATUS(bench, 303);
    PORTICO_CHECK_TEXT(bench, portico_test_header(bench, "Location"), "/wishes");
    portico_test_get(bench, "/wishes");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, ".rows li"), 1);
}

static const struct portico_test tests[] = {
    { .name = "A wish that passes is on the list", .run = a_wish_that_passes_is_on_the_list },
};
PORTICO_EXPORT_TESTS(tests)
