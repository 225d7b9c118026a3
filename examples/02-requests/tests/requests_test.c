/* Tests of the example: what came in, a form, a body that keeps its schema and one that does not.
 */
#include <portico/test.h>

static void path_query_and_header_come_as_sent(struct portico_bench *bench)
{
    const struct portico_test_request request = { .size = sizeof request,
                                                  .target = "/requests/news?page=2",
                                                  .fields = "Accept-Language: de" };
    PORTICO_CHECK_INTEGER(bench, portico_test_send(bench, &request), 200);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "section"), "news");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "page"), "2");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "language"), "de");
}

static void a_form_is_followed_by_a_redirect(struct portico_bench *bench)
{
    PORTICO_CHECK_INTEGER(bench, portico_test_post(bench, "/requests/feedback", "text=fine"), 303);
    PORTICO_CHECK_TEXT(bench, portico_test_header(bench, "Location"), "/requests/thanks");
    PORTICO_CHECK_INTEGER(bench, portico_test_post(bench, "/requests/feedback", "text="), 422);
}

static void an_order_is_counted_if_its_body_keeps_the_schema(struct portico_bench *bench)
{
    portico_test_json_request(bench, "POST", "/api/requests/v1/orders",
                              "{\"customer\":\"Acme\",\"lines\":[{\"item\":\"tea\",\"quantity\":3},"
                              "{\"item\":\"cup\"}]}");
    PORTICO_CHECK_STATUS(bench, 201);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "pieces"), "4");
    portico_test_json_request(bench, "POST", "/api/requests/v1/orders",
                              "{\"customer\":\"Acme\",\"lines\":[]}");
    PORTICO_CHECK_STATUS(bench, 422);
}

static const struct portico_test tests[] = {
    { .name = "Path, query and header come as sent", .run = path_query_and_header_come_as_sent },
    { .name = "A form is followed by a redirect", .run = a_form_is_followed_by_a_redirect },
    { .name = "An order is counted if its body keeps the schema",
      .run = an_order_is_counted_if_its_body_keeps_the_schema },
};
PORTICO_EXPORT_TESTS(tests)
