/* Tests of the example: the directory says yes, no and who, and the rules are asked for once. */
#include <portico/test.h>

static int verify(struct portico_bench *bench, const char *arguments,
                  struct portico_value **ret_result)
{
    return portico_test_call(bench, "staffbook.people", PORTICO_VERIFY, arguments, ret_result);
}

static void the_directory_says_who_it_is(struct portico_bench *bench)
{
    struct portico_value *result = NULL;
    PORTICO_CHECK_INTEGER(
        bench,
        verify(bench, "{\"name\":\"omar@staff.example\",\"password\":\"seven paper lanterns\"}",
               &result),
        0);
    PORTICO_CHECK(bench, portico_get_boolean(result, "right", 0));
    PORTICO_CHECK_TEXT(bench, portico_get_text(result, "external", ""), "u-18");
}

static void a_wrong_password_still_says_whose_it_was_not(struct portico_bench *bench)
{
    struct portico_value *result = NULL;
    PORTICO_CHECK_INTEGER(
        bench,
        verify(bench, "{\"name\":\"omar\",\"password\":\"harbour lights at noon\"}", &result), 0);
    PORTICO_CHECK(bench, !portico_get_boolean(result, "right", 1));
    PORTICO_CHECK_TEXT(bench, portico_get_text(result, "external", ""), "u-18");
    PORTICO_CHECK_INTEGER(bench, verify(bench, "{\"name\":\"x\",\"password\":\"y\"}", &result), 0);
    PORTICO_CHECK_TEXT(bench, portico_get_text(result, "external", "none"), "none");
}

static void the_rules_are_asked_for_once(struct portico_bench *bench)
{
    struct portico_value *result = NULL;
    PORTICO_CHECK_INTEGER(bench,
                          portico_test_call(bench, "staffbook.rules", PORTICO_STEP_ASK,
                                            "{\"person\":\"7\"}", &result),
                          0);
    PORTICO_CHECK(bench, portico_get_boolean(result, "due", 0));
    PORTICO_CHECK_INTEGER(bench,
                          portico_test_call(bench, "staffbook.rules", PORTICO_STEP_ANSWER,
                                            "{\"person\":\"7\",\"values\":{\"word\":\"door\"}}",
                                            &result),
                          PORTICO_EPERM);
    PORTICO_CHECK_INTEGER(bench,
                          portico_test_call(bench, "staffbook.rules", PORTICO_STEP_ANSWER,
                                            "{\"person\":\"7\",\"values\":{\"word\":\"lantern\"}}",
                                            &result),
                          0);
    PORTICO_CHECK_INTEGER(bench,
                          portico_test_call(bench, "staffbook.rules", PORTICO_STEP_ASK,
                                            "{\"person\":\"7\"}", &result),
                          0);
    PORTICO_CHECK(bench, !portico_get_boolean(result, "due", 1));
}

static const struct portico_test tests[] = {
    { .name = "The directory says who it is", .run = the_directory_says_who_it_is },
    { .name = "A wrong password still says whose it was not",
      .run = a_wrong_password_still_says_whose_it_was_not },
    { .name = "The rules are asked for once", .run = the_rules_are_asked_for_once },
};
PORTICO_EXPORT_TESTS(tests)
