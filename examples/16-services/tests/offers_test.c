/* Tests of the example: the calling side, with the module prices beside it, as in a portal. */
#include <portico/test.h>

static void an_offer_has_the_price_that_the_other_module_says(struct portico_bench *bench)
{
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/offers/tea"), 200);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "item"), "tea");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "price.cents"), "450");
}

static void what_has_no_price_is_not_there(struct portico_bench *bench)
{
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/offers/moon"), 404);
}

static void a_service_that_nobody_offers_is_done_without(struct portico_bench *bench)
{
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/offers/cup"), 200);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "stock_known"), "false");
}

static const struct portico_test tests[] = {
    { .name = "An offer has the price that the other module says",
      .run = an_offer_has_the_price_that_the_other_module_says },
    { .name = "What has no price is not there", .run = what_has_no_price_is_not_there },
    { .name = "A service that nobody offers is done without",
      .run = a_service_that_nobody_offers_is_done_without },
};
PORTICO_EXPORT_TESTS(tests)
