/* Tests of the example: what was sealed opens, what was signed holds, and nothing else. */
#include <portico/test.h>

static void what_was_sealed_opens_again(struct portico_bench *bench)
{
    struct portico_context *context = portico_test_context(bench);
    portico_test_post(bench, "/secrets/sealed", "text=quiet");
    PORTICO_CHECK_STATUS(bench, 200);
    const char *sealed = portico_test_json_text(bench, "sealed");
    PORTICO_REQUIRE(bench, sealed != NULL);
    portico_test_post(bench, "/secrets/opened", portico_printf(context, "sealed=%s", sealed));
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "text"), "quiet");
    PORTICO_CHECK_INTEGER(bench, portico_test_post(bench, "/secrets/opened", "sealed=x"), 422);
}

static void a_link_works_for_its_reader_alone(struct portico_bench *bench)
{
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/secrets/link?reader=7"), 200);
    const char *link = portico_test_json_text(bench, "link");
    PORTICO_REQUIRE(bench, link && *link == '/');
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, link), 200);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "off"), "7");
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/secrets/off?reader=8&key=x"), 404);
}

static void without_a_token_the_answer_says_so(struct portico_bench *bench)
{
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/secrets/token"), 503);
}

static void a_token_comes_from_the_test_or_from_a_file_of_it(struct portico_bench *bench)
{
    PORTICO_CHECK_INTEGER(bench, portico_test_set(bench, "token", "four"), 0);
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/secrets/token"), 200);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "length"), "4");
    const char *file = portico_test_file(bench, "token", "sixsix");
    PORTICO_CHECK_INTEGER(bench, portico_test_set(bench, "token_file", file), 0);
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/secrets/token"), 200);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "length"), "6");
    PORTICO_CHECK(bench, portico_test_set(bench, "token_file", "/nowhere") < 0);
}

static const struct portico_test tests[] = {
    { .name = "What was sealed opens again", .run = what_was_sealed_opens_again },
    { .name = "A link works for its reader alone", .run = a_link_works_for_its_reader_alone },
    { .name = "Without a token the answer says so", .run = without_a_token_the_answer_says_so },
    { .name = "A token comes from the test or from a file of it",
      .run = a_token_comes_from_the_test_or_from_a_file_of_it },
};
PORTICO_EXPORT_TESTS(tests)
