/* Tests of the example: data is escaped, markup comes from the host alone. */
#include <portico/test.h>

static void data_is_escaped_and_markdown_is_cleaned(struct portico_bench *bench)
{
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/templates"), 200);
    PORTICO_CHECK_TEXT(bench, portico_test_element(bench, "main h1"), "2 teas");
    PORTICO_CHECK_TEXT(bench, portico_test_element_at(bench, "main li", 1), "Earl <Grey>: 990");
    PORTICO_CHECK_TEXT(bench, portico_test_element(bench, ".prose strong"), "80 °C");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, ".prose script"), 0);
}

static const struct portico_test tests[] = {
    { .name = "Data is escaped and Markdown is cleaned",
      .run = data_is_escaped_and_markdown_is_cleaned },
};
PORTICO_EXPORT_TESTS(tests)
