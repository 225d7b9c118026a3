/* Tests of the example: each way to answer. */
#include <portico/test.h>

static void a_page_and_a_feed_show_the_same_data(struct portico_bench *bench)
{
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/replies/view"), 200);
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "main li"), 3);
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/replies/feed"), 200);
    PORTICO_CHECK_HOLDS(bench, portico_test_body(bench, NULL), "<planet>Earth &amp; Moon</planet>");
    portico_test_get(bench, "/replies/json");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "planets.2.name"), "Earth & Moon");
}

static void the_sitemap_names_the_page(struct portico_bench *bench)
{
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/replies/sitemap.xml"), 200);
    PORTICO_CHECK_HOLDS(bench, portico_test_body(bench, NULL), "/replies/view</loc>");
}

static void a_refusal_says_what_and_why(struct portico_bench *bench)
{
    const struct portico_test_request request = { .size = sizeof request,
                                                  .target = "/replies/problem",
                                                  .fields = "Accept: application/json" };
    PORTICO_CHECK_INTEGER(bench, portico_test_send(bench, &request), 409);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "title"), "That orbit is taken");
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/replies/missing"), 404);
}

static void bytes_and_files_keep_their_type(struct portico_bench *bench)
{
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/replies/bytes"), 200);
    PORTICO_CHECK_TEXT(bench, portico_test_header(bench, "Content-Type"), "image/gif");
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/replies/file"), 200);
    PORTICO_CHECK_HOLDS(bench, portico_test_body(bench, NULL), "An orbit is a path");
}

static const struct portico_test tests[] = {
    { .name = "A page and a feed show the same data", .run = a_page_and_a_feed_show_the_same_data },
    { .name = "The sitemap names the page", .run = the_sitemap_names_the_page },
    { .name = "A refusal says what and why", .run = a_refusal_says_what_and_why },
    { .name = "Bytes and files keep their type", .run = bytes_and_files_keep_their_type },
};
PORTICO_EXPORT_TESTS(tests)
