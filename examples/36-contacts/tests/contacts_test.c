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

static portico_id company(struct portico_bench *bench, const char *name, const char *external)
{
    const struct portico_test_account account = { .size = sizeof account,
                                                  .name = name,
                                                  .external = external };
    return portico_test_make_account(bench, &account);
}

static void a_plan_is_known_of_one_company_alone(struct portico_bench *bench)
{
    const portico_id mill = company(bench, "Mill", "crm:1"), quay = company(bench, "Quay", "crm:2");
    const portico_id dana = portico_test_person(bench, "dana", NULL);
    portico_test_join(bench, mill, dana, NULL);
    portico_test_join(bench, quay, dana, NULL);
    PORTICO_CHECK_INTEGER(bench, portico_test_command(bench, "know crm:1 plan plus", NULL), 0);
    portico_test_act(bench, dana, mill);
    portico_test_get(bench, "/contacts");
    PORTICO_CHECK_HOLDS(bench, portico_test_body(bench, NULL), "call at any time");
    portico_test_act(bench, dana, quay);
    portico_test_get(bench, "/contacts");
    PORTICO_CHECK_STATUS(bench, 200);
    PORTICO_CHECK(bench, !strstr(portico_test_body(bench, NULL), "call at any time"));
    PORTICO_CHECK_INTEGER(bench, portico_test_command(bench, "know crm:1 plan", NULL), 0);
    portico_test_act(bench, dana, mill);
    portico_test_get(bench, "/contacts");
    PORTICO_CHECK(bench, !strstr(portico_test_body(bench, NULL), "call at any time"));
}

static void what_is_no_value_of_a_fact_is_refused(struct portico_bench *bench)
{
    company(bench, "Mill", "crm:1");
    PORTICO_CHECK_INTEGER(bench, portico_test_command(bench, "know crm:1 plan_until soon", NULL),
                          PORTICO_EINVAL);
    PORTICO_CHECK_HOLDS(bench, portico_test_message(bench), "is no value of plan_until");
    PORTICO_CHECK_INTEGER(bench, portico_test_command(bench, "know crm:9 plan plus", NULL),
                          PORTICO_ENOENT);
}

static const struct portico_test tests[] = {
    { .name = "A member reads whom to ask", .run = a_member_reads_whom_to_ask },
    { .name = "Who acts for no company reads nothing",
      .run = who_acts_for_no_company_reads_nothing },
    { .name = "A plan is known of one company alone", .run = a_plan_is_known_of_one_company_alone },
    { .name = "What is no value of a fact is refused",
      .run = what_is_no_value_of_a_fact_is_refused },
};
PORTICO_EXPORT_TESTS(tests)
