/* Tests of the example: a report is written once, whoever asks for it. */
#include <portico/test.h>

static void a_report_is_written_in_slices(struct portico_bench *bench)
{
    portico_test_post(bench, "/reports", "lines=25&customer=acme");
    PORTICO_CHECK_STATUS(bench, 202);
    const char *id = portico_test_json_text(bench, "id");
    PORTICO_REQUIRE(bench, id);
    const char *target = portico_printf(portico_test_context(bench), "/reports/%s", id);
    portico_test_get(bench, target);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "state"), "waiting");
    PORTICO_CHECK(bench, portico_test_run_jobs(bench) >= 0);
    portico_test_get(bench, target);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "state"), "done");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "written.numbers"), "25");
}

static void a_customer_has_one_report_waiting_at_a_time(struct portico_bench *bench)
{
    portico_test_post(bench, "/reports", "lines=5&customer=acme");
    const char *first = portico_test_json_text(bench, "id");
    portico_test_post(bench, "/reports", "lines=5&customer=acme");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "id"), first);
}

static const struct portico_test tests[] = {
    { .name = "A report is written in slices", .run = a_report_is_written_in_slices },
    { .name = "A customer has one report waiting at a time",
      .run = a_customer_has_one_report_waiting_at_a_time },
};
PORTICO_EXPORT_TESTS(tests)
