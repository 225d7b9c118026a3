#include <portico/test.h>

static void a_member_reads_whom_to_ask(struct portico_bench *bench)
{
    const portico_id mill = portico_test_account(bench, "Mill");
    const portico_id dana = portico_test_person(bench, "dana", NULL);
    portico_test_join(bench, mill, dana, NULL);
    portico_test_act(bench, dana, mill);
    portico_test_get(bench, "/contacts");
    PORTICO_CHECK_STATUS(bench, 200);
    PORTICO_CHECK_HOLDS(bench, portico_test_body(bench, NULL), "Nobody is named yet");
}

static void who_acts_for_no_company_reads_nothing(struct portico_bench *bench)
{
    portico_test_as(bench, 7, NULL);
    portico_test_get(bench, "/contacts");
    PORTICO_CHECK_STATUS(bench, 404);
}

static const struct portico_test tests[] = {
    { .name = "A member reads whom to ask", .run = a_member_reads_whom_to_ask },
    { .name = "Who acts for no company reads nothing",
      .run = who_acts_for_no_company_reads_nothing },
};
PORTICO_EXPORT_TESTS(tests)
