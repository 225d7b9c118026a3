/* Tests of the example: letters are counted, on the page and as JSON. */
#include <portico/test.h>

static void letters_are_counted(struct portico_bench *bench)
{
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/rust?text=tee"), 200);
    PORTICO_CHECK_TEXT(bench, portico_test_element(bench, "main li"), "e: 2");
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/api/rust/v1/letters?text=tee"), 200);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "letters.1.letter"), "t");
}

static const struct portico_test tests[] = {
    { .name = "Letters are counted", .run = letters_are_counted },
};
PORTICO_EXPORT_TESTS(tests)
