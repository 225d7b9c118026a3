/* Tests of the example: a line is written, and the answer is none the wiser. */
#include <portico/test.h>

static void work_is_done_with_and_without_trouble(struct portico_bench *bench)
{
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/logging/paper"), 200);
    PORTICO_CHECK_TEXT(bench, portico_test_body(bench, NULL), "done\n");
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/logging/trouble"), 200);
}

static const struct portico_test tests[] = {
    { .name = "Work is done with and without trouble",
      .run = work_is_done_with_and_without_trouble },
};
PORTICO_EXPORT_TESTS(tests)
