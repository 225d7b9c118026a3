/* Tests of the example: the reader's language, in C and in the template. */
#include <portico/test.h>

static void readers_are_greeted_in_their_language(struct portico_bench *bench)
{
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/translations?name=Ada"), 200);
    PORTICO_CHECK_TEXT(bench, portico_test_element(bench, "h1"), "Good morning, Ada.");
    const struct portico_test_viewer german = { .size = sizeof german, .locale = "de" };
    portico_test_as_viewer(bench, &german);
    portico_test_get(bench, "/translations?name=Ada");
    PORTICO_CHECK_TEXT(bench, portico_test_element(bench, "h1"), "Guten Morgen, Ada.");
    PORTICO_CHECK_TEXT(bench, portico_test_element_at(bench, "main p", 1), "3 Briefe");
}

static const struct portico_test tests[] = {
    { .name = "Readers are greeted in their language",
      .run = readers_are_greeted_in_their_language },
};
PORTICO_EXPORT_TESTS(tests)
