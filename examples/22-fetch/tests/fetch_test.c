/* Tests of the example: an answer that the test gives, and none. */
#include <portico/test.h>

static void the_first_words_of_the_page_are_shown(struct portico_bench *bench)
{
    portico_test_answer_fetch(bench, "https://status.example.com/", 200, "All is well.");
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/fetch"), 200);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "words"), "All is well.");
    const struct portico_value *asked = portico_at(portico_test_fetched(bench), 0);
    PORTICO_CHECK_TEXT(bench, portico_get_text(asked, "url", NULL), "https://status.example.com/");
}

static void no_answer_is_a_502(struct portico_bench *bench)
{
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/fetch"), 502);
}

static void nothing_is_fetched_inside_a_transaction(struct portico_bench *bench)
{
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/fetch/held"), 502);
    PORTICO_CHECK_INTEGER(bench, portico_count(portico_test_fetched(bench)), 0);
}

static const struct portico_test tests[] = {
    { .name = "The first words of the page are shown",
      .run = the_first_words_of_the_page_are_shown },
    { .name = "No answer is a 502", .run = no_answer_is_a_502 },
    { .name = "Nothing is fetched inside a transaction",
      .run = nothing_is_fetched_inside_a_transaction },
};
PORTICO_EXPORT_TESTS(tests)
