/* Tests of the example: what goes with a session, and what its handlers read of it. */
#include <portico/test.h>

#define TODAY "/api/shift/v1/today"

static const char *given(struct portico_bench *bench, const char *service, const char *method,
                         const char *arguments, const char *key)
{
    struct portico_value *result = NULL;
    PORTICO_CHECK_INTEGER(bench, portico_test_call(bench, service, method, arguments, &result), 0);
    return portico_get_text(portico_get(result, "session"), key, "none");
}

static void what_was_chosen_goes_with_the_session(struct portico_bench *bench)
{
    PORTICO_CHECK_TEXT(bench,
                       given(bench, "shift.contract", PORTICO_STEP_ANSWER,
                             "{\"person\":\"7\",\"values\":{\"contract\":\"south\"}}", "contract"),
                       "south");
}

static void the_directory_knows_some_departments(struct portico_bench *bench)
{
    PORTICO_CHECK_TEXT(bench,
                       given(bench, "shift.people", PORTICO_DECORATE,
                             "{\"person\":\"7\",\"external\":\"u-17\"}", "department"),
                       "Sales");
    PORTICO_CHECK_TEXT(
        bench, given(bench, "shift.people", PORTICO_DECORATE, "{\"person\":\"7\"}", "department"),
        "none");
}

static void handlers_read_what_the_session_carries(struct portico_bench *bench)
{
    portico_test_as(bench, 7, NULL);
    portico_test_carry(bench, "{\"contract\":\"north\",\"department\":\"Sales\"}");
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, TODAY), 200);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "contract"), "north");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "department"), "Sales");
}

static void another_session_carries_nothing_of_it(struct portico_bench *bench)
{
    portico_test_as(bench, 7, NULL);
    portico_test_carry(bench, "{\"contract\":\"north\"}");
    portico_test_as(bench, 7, NULL);
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, TODAY), 200);
    PORTICO_CHECK(bench,
                  portico_kind(portico_get(portico_test_json(bench), "contract")) == PORTICO_NULL);
}

static const struct portico_test tests[] = {
    { .name = "What was chosen goes with the session",
      .run = what_was_chosen_goes_with_the_session },
    { .name = "The directory knows some departments", .run = the_directory_knows_some_departments },
    { .name = "Handlers read what the session carries",
      .run = handlers_read_what_the_session_carries },
    { .name = "Another session carries nothing of it",
      .run = another_session_carries_nothing_of_it },
};
PORTICO_EXPORT_TESTS(tests)
