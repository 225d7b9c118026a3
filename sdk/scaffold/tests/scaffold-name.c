/* Tests of Scaffold name, run by `portico module test`: see portico/test.h. */
#include <portico/test.h>

static void shows_an_empty_list(struct portico_bench *bench)
{
    portico_test_get(bench, "/scaffold-name");
    PORTICO_CHECK_STATUS(bench, 200);
    PORTICO_CHECK_TEXT(bench, portico_test_element(bench, "main h1"), "Scaffold name");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "ul.notes li"), 0);
    PORTICO_CHECK_TEXT(bench, portico_test_element(bench, "p.empty"), "There are no notes yet.");
}

static void shows_what_was_added(struct portico_bench *bench)
{
    portico_test_post(bench, "/scaffold-name", "text=Tea+%26+cake");
    PORTICO_CHECK_STATUS(bench, 303);
    PORTICO_CHECK_TEXT(bench, portico_test_header(bench, "Location"), "/scaffold-name");
    portico_test_get(bench, "/scaffold-name");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "ul.notes li"), 1);
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, "ul.notes li"), "Tea & cake");
}

static void refuses_an_empty_note(struct portico_bench *bench)
{
    portico_test_post(bench, "/scaffold-name", "text=");
    PORTICO_CHECK_STATUS(bench, 422);
}

static void shows_as_many_as_the_setting_says(struct portico_bench *bench)
{
    for (int i = 0; i < 3; i++)
        portico_test_post(bench, "/scaffold-name", "text=again");
    portico_test_get(bench, "/scaffold-name");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "ul.notes li"), 2);
}

static const struct portico_test tests[] = {
    { .name = "The page says so while there are no notes", .run = shows_an_empty_list },
    { .name = "A note that was added stands on the page", .run = shows_what_was_added },
    { .name = "A note without text is refused", .run = refuses_an_empty_note },
    { .name = "The page shows as many notes as the setting says",
      .run = shows_as_many_as_the_setting_says,
      .settings = "rows = 2" },
};
PORTICO_EXPORT_TESTS(tests)
