#include <portico/test.h>

static void ask(struct portico_bench *bench, unsigned times, uint32_t status)
{
    for (unsigned i = 0; i < times; i++) {
        portico_test_post(bench, "/limits/questions", "text=Why");
        PORTICO_CHECK_STATUS(bench, status);
    }
}

static void the_fourth_question_is_asked_to_wait(struct portico_bench *bench)
{
    ask(bench, 3, 303);
    ask(bench, 1, 429);
    PORTICO_CHECK(bench, portico_test_header(bench, "Retry-After") != NULL);
    PORTICO_CHECK_HOLDS(bench, portico_test_body(bench, NULL), "Try again in");
    portico_test_advance(bench, 630);
    ask(bench, 1, 303);
}

static void each_person_has_a_limit_of_their_own(struct portico_bench *bench)
{
    portico_test_as(bench, 7, NULL);
    ask(bench, 3, 303);
    ask(bench, 1, 429);
    portico_test_as(bench, 8, NULL);
    ask(bench, 3, 303);
}

static void who_may_is_not_limited(struct portico_bench *bench)
{
    portico_test_as(bench, 7, PORTICO_UNLIMITED);
    ask(bench, 10, 303);
}

static void a_module_may_say_it_in_its_own_words(struct portico_bench *bench)
{
    for (unsigned i = 0; i < 6; i++)
        portico_test_post(bench, "/limits/guesses", "text=blue");
    PORTICO_CHECK_STATUS(bench, 429);
    PORTICO_CHECK_HOLDS(bench, portico_test_body(bench, NULL), "Five guesses an hour");
}

static const struct portico_test tests[] = {
    { .name = "The fourth question is asked to wait", .run = the_fourth_question_is_asked_to_wait },
    { .name = "Each person has a limit of their own", .run = each_person_has_a_limit_of_their_own },
    { .name = "Who may is not limited", .run = who_may_is_not_limited },
    { .name = "A module may say it in its own words", .run = a_module_may_say_it_in_its_own_words },
};
PORTICO_EXPORT_TESTS(tests)
