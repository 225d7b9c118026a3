/* Tests of the example: one handler refuses in the transaction, the other writes after it. */
#include <portico/test.h>

static void an_order_takes_from_the_stock_and_is_thanked_for(struct portico_bench *bench)
{
    portico_test_post(bench, "/orders", "article=tea&pieces=2");
    PORTICO_CHECK_STATUS(bench, 201);
    PORTICO_CHECK(bench, portico_test_run_jobs(bench) >= 0);
    portico_test_get(bench, "/orders");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "stock.1.pieces"), "3");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "letters.0.text"),
                       "Thank you for the tea.");
}

static void a_second_delivery_thanks_nobody_twice(struct portico_bench *bench)
{
    portico_test_post(bench, "/orders", "article=tea&pieces=2");
    PORTICO_CHECK(bench, portico_test_run_jobs(bench) >= 0);
    PORTICO_CHECK_INTEGER(bench, portico_test_deliver_again(bench), 0);
    portico_test_get(bench, "/orders");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "letters.1.text"), NULL);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "letters.0.text"),
                       "Thank you for the tea.");
}

static void an_order_of_too_many_changes_nothing(struct portico_bench *bench)
{
    portico_test_post(bench, "/orders", "article=cup&pieces=3");
    PORTICO_CHECK_STATUS(bench, 409);
    PORTICO_CHECK(bench, portico_test_run_jobs(bench) >= 0);
    portico_test_get(bench, "/orders");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "stock.0.pieces"), "2");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "letters.0.text"), NULL);
}

static const struct portico_test tests[] = {
    { .name = "An order takes from the stock and is thanked for",
      .run = an_order_takes_from_the_stock_and_is_thanked_for },
    { .name = "A second delivery thanks nobody twice",
      .run = a_second_delivery_thanks_nobody_twice },
    { .name = "An order of too many changes nothing", .run = an_order_of_too_many_changes_nothing },
};
PORTICO_EXPORT_TESTS(tests)
