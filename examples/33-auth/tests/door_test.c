/* Tests of the example: the door refuses in its words, fails closed, and the book has each once. */
#include <portico/test.h>

#define CAME "portal.portico.session.began"
#define WENT "portal.portico.session.ended"

static void who_comes_and_goes_is_noted_once(struct portico_bench *bench)
{
    PORTICO_CHECK_INTEGER(bench, portico_test_emit(bench, CAME, "person/7", "{\"person\":\"7\"}"),
                          0);
    PORTICO_CHECK_INTEGER(bench, portico_test_emit(bench, WENT, "person/7", "{\"person\":\"7\"}"),
                          0);
    PORTICO_CHECK(bench, portico_test_run_jobs(bench) >= 0);
    PORTICO_CHECK_INTEGER(bench, portico_test_deliver_again(bench), 0);
    portico_test_get(bench, "/door");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "came"), "1");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "went"), "1");
}

static void while_it_is_shut_nobody_comes_in(struct portico_bench *bench)
{
    PORTICO_CHECK_INTEGER(bench, portico_test_emit(bench, CAME, "person/7", "{\"person\":\"7\"}"),
                          PORTICO_EPERM);
    PORTICO_CHECK(bench, portico_test_run_jobs(bench) >= 0);
    portico_test_get(bench, "/door");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "came"), "0");
}

static void a_door_that_fails_lets_nobody_in(struct portico_bench *bench)
{
    PORTICO_CHECK_INTEGER(bench, portico_test_emit(bench, CAME, "person/7", "{\"person\":\"7\"}"),
                          PORTICO_EIO);
}

static const struct portico_test tests[] = {
    { .name = "Who comes and goes is noted once", .run = who_comes_and_goes_is_noted_once },
    { .name = "While it is shut nobody comes in",
      .run = while_it_is_shut_nobody_comes_in,
      .settings = "shut = We move house today." },
    { .name = "A door that fails lets nobody in",
      .run = a_door_that_fails_lets_nobody_in,
      .settings = "broken = true" },
};
PORTICO_EXPORT_TESTS(tests)
