/* Tests of the example: the method, as another module would call it. */
#include <portico/test.h>

static void a_known_thing_has_a_price(struct portico_bench *bench)
{
    struct portico_value *price = NULL;
    int code = portico_test_call(bench, "prices.list", "find", "{\"item\":\"tea\"}", &price);
    PORTICO_CHECK_INTEGER(bench, code, 0);
    PORTICO_CHECK_INTEGER(bench, portico_get_integer(price, "cents", 0), 450);
}

static void an_unknown_thing_is_said_not_to_be_there(struct portico_bench *bench)
{
    int code = portico_test_call(bench, "prices.list", "find", "{\"item\":\"moon\"}", NULL);
    PORTICO_CHECK_INTEGER(bench, code, PORTICO_ENOENT);
    PORTICO_CHECK_HOLDS(bench, portico_test_message(bench), "no price for \"moon\"");
}

static const struct portico_test tests[] = {
    { .name = "A known thing has a price", .run = a_known_thing_has_a_price },
    { .name = "An unknown thing is said not to be there",
      .run = an_unknown_thing_is_said_not_to_be_there },
};
PORTICO_EXPORT_TESTS(tests)
