#include "server/breaker.h"

#include <glib.h>

static struct breaker opened(int64_t now)
{
    struct breaker breaker = { 0 };
    for (int i = 0; i < BREAKER_MISSES; i++)
        breaker_missed(&breaker, now);
    return breaker;
}

static void test_opens(void)
{
    struct breaker breaker = { 0 };
    for (int i = 1; i < BREAKER_MISSES; i++) {
        g_assert_false(breaker_missed(&breaker, i));
        g_assert_true(breaker_allows(&breaker, i));
    }
    g_assert_true(breaker_missed(&breaker, BREAKER_MISSES));
    g_assert_false(breaker_allows(&breaker, BREAKER_MISSES));
    g_assert_cmpint(breaker_wait(&breaker, BREAKER_MISSES), ==, BREAKER_FIRST);
}

static void test_forgets_old_misses(void)
{
    struct breaker breaker = { 0 };
    for (int i = 0; i < 3 * BREAKER_MISSES; i++)
        g_assert_false(breaker_missed(&breaker, (int64_t)i * BREAKER_WINDOW));
    g_assert_true(breaker_allows(&breaker, 0));
}

static void test_tries_once(void)
{
    struct breaker breaker = opened(0);
    g_assert_true(breaker_allows(&breaker, BREAKER_FIRST));
    g_assert_false(breaker_allows(&breaker, BREAKER_FIRST));
    g_assert_true(breaker_succeeded(&breaker));
    g_assert_true(breaker_allows(&breaker, BREAKER_FIRST));
    g_assert_true(breaker_allows(&breaker, BREAKER_FIRST));
}

static void test_backs_off(void)
{
    struct breaker breaker = opened(0);
    int64_t now = 0, expected = BREAKER_FIRST;
    for (int i = 0; i < 12; i++) {
        now = breaker.until;
        g_assert_true(breaker_allows(&breaker, now));
        g_assert_true(breaker_missed(&breaker, now));
        expected = expected * 2 < BREAKER_LAST ? expected * 2 : BREAKER_LAST;
        g_assert_cmpint(breaker_wait(&breaker, now), ==, expected);
    }
}

static void test_untried(void)
{
    struct breaker breaker = opened(0);
    g_assert_true(breaker_allows(&breaker, BREAKER_FIRST));
    breaker_untried(&breaker, BREAKER_FIRST);
    g_assert_true(breaker_allows(&breaker, BREAKER_FIRST));
}

static void test_early_success(void)
{
    struct breaker breaker = opened(0);
    g_assert_false(breaker_succeeded(&breaker));
    g_assert_false(breaker_allows(&breaker, 1));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/breaker/opens after five misses within its window", test_opens);
    g_test_add_func("/breaker/forgets misses that lie far apart", test_forgets_old_misses);
    g_test_add_func("/breaker/lets one call try it and closes when that succeeds", test_tries_once);
    g_test_add_func("/breaker/doubles its back-off up to a limit", test_backs_off);
    g_test_add_func("/breaker/gives a try back that was not made", test_untried);
    g_test_add_func("/breaker/is not closed by a call begun before it opened", test_early_success);
    return g_test_run();
}
