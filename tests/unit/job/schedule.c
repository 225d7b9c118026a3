/* Schedules: what is read, what is refused, and when they come. */
#include "job/schedule.h"

#include "base/clock.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

static int64_t at(const char *text)
{
    int64_t time = clock_parse_rfc3339(text, strlen(text));
    g_assert_cmpint(time, !=, INT64_MIN);
    return time;
}

static void a_schedule_comes_when_crontab_says(void)
{
    static const struct {
        const char *schedule, *after, *next;
    } rows[] = {
        { "* * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z" },
        { "* * * * *", "2026-01-01T00:00:59.999999Z", "2026-01-01T00:01:00Z" },
        { "0 3 * * *", "2026-01-01T02:59:59Z", "2026-01-01T03:00:00Z" },
        { "0 3 * * *", "2026-01-01T03:00:00Z", "2026-01-02T03:00:00Z" },
        { "59 23 31 12 *", "2026-12-31T23:59:00Z", "2027-12-31T23:59:00Z" },
        { "0 3 * * 1-5", "2026-11-20T04:00:00Z", "2026-11-23T03:00:00Z" },
        { "0 3 * * mon-FRI", "2026-11-20T04:00:00Z", "2026-11-23T03:00:00Z" },
        { "0 3 * * 0", "2026-11-20T04:00:00Z", "2026-11-22T03:00:00Z" },
        { "0 3 * * 7", "2026-11-20T04:00:00Z", "2026-11-22T03:00:00Z" },
        { "0 3 * * sat-sun", "2026-11-21T04:00:00Z", "2026-11-22T03:00:00Z" },
        { "*/15 * * * *", "2026-01-01T00:31:00Z", "2026-01-01T00:45:00Z" },
        { "5-59/20 * * * *", "2026-01-01T00:26:00Z", "2026-01-01T00:45:00Z" },
        { "0,30 8-9,17 * * *", "2026-01-01T09:30:00Z", "2026-01-01T17:00:00Z" },
        { "0 0 1 jan,jul *", "2026-01-01T00:00:00Z", "2026-07-01T00:00:00Z" },
        /* Both days given: either is enough. 13 November 2026 is a Friday, the 20th too. */
        { "0 0 13 * fri", "2026-11-13T00:00:00Z", "2026-11-20T00:00:00Z" },
        { "0 0 13 * fri", "2026-12-11T00:00:00Z", "2026-12-13T00:00:00Z" },
        /* One begins with "*": both must fit. */
        { "0 0 */2 * mon", "2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z" },
        { "0 0 */2 * mon", "2026-11-23T00:00:00Z", "2026-12-07T00:00:00Z" },
        { "0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z" },
        { "0 0 29 2 *", "2096-03-01T00:00:00Z", "2104-02-29T00:00:00Z" },
        { "0 0 31 * *", "2026-04-01T00:00:00Z", "2026-05-31T00:00:00Z" },
        { "  0\t0  1 1 * ", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z" },
        { "0 0 1 1 *", "1969-06-01T00:00:00Z", "1970-01-01T00:00:00Z" },
        { "every 1s", "2026-01-01T00:00:00.5Z", "2026-01-01T00:00:01Z" },
        { "every 15min", "2026-01-01T00:15:00Z", "2026-01-01T00:30:00Z" },
        { "every  6h", "2026-01-01T05:00:00Z", "2026-01-01T06:00:00Z" },
        { "every 1d", "2026-01-01T05:00:00Z", "2026-01-02T00:00:00Z" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct schedule schedule;
        struct portico_error error = PORTICO_ERROR_INIT;
        if (schedule_parse(rows[i].schedule, &schedule, &error) < 0)
            g_error("%s: %s", rows[i].schedule, error.message);
        int64_t next = schedule_next(&schedule, at(rows[i].after));
        char text[40];
        clock_rfc3339(next, text, sizeof text);
        g_test_message("%s after %s", rows[i].schedule, rows[i].after);
        g_assert_cmpstr(text, ==, rows[i].next);
    }
}

static void what_is_no_schedule_is_refused_with_a_sentence_that_quotes_it(void)
{
    static const struct {
        const char *schedule, *says;
    } rows[] = {
        { "", "has 0 fields" },
        { "* * * *", "has 4 fields" },
        { "* * * * * *", "has 6 fields" },
        { "60 * * * *", "minute \"60\"" },
        { "* 24 * * *", "hour \"24\"" },
        { "* * 0 * *", "day \"0\"" },
        { "* * * 13 *", "month \"13\"" },
        { "* * * * 8", "weekday \"8\"" },
        { "* * * foo *", "month \"foo\"" },
        { "jan * * * *", "minute \"jan\"" },
        { "5-1 * * * *", "minute \"5-1\"" },
        { "1- * * * *", "minute \"1-\"" },
        { "1,,2 * * * *", "minute \"\"" },
        { "*/0 * * * *", "minute \"*/0\"" },
        { "5/10 * * * *", "minute \"5/10\"" },
        { "-1 * * * *", "minute \"-1\"" },
        { "+1 * * * *", "minute \"+1\"" },
        { "00000001 * * * *", "minute \"00000001\"" },
        { "@daily", "has 1 fields" },
        { "0 0 31 2 *", "never comes" },
        { "0 0 30 feb *", "never comes" },
        { "0 0 31 4,6,9,11 *", "never comes" },
        { "every 0s", "every 0s" },
        { "every 5", "every 5" },
        { "every -5s", "every -5s" },
        { "every 5 min", "every 5 min" },
        { "every 367d", "every 367d" },
        { "every 99999999999999999999s", "every 9999" },
        { "every 1ms", "every 1ms" },
        { "every", "has 1 fields" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct schedule schedule = { .every = 42 };
        struct portico_error error = PORTICO_ERROR_INIT;
        g_assert_cmpint(schedule_parse(rows[i].schedule, &schedule, &error), ==, PORTICO_EINVAL);
        if (!strstr(error.message, rows[i].says))
            g_error("\"%s\" is answered: %s", rows[i].schedule, error.message);
        g_assert_cmpint(schedule.every, ==, 42);
    }
}

/* Against a plain walk over all minutes of four years. */
static void every_minute_of_a_leap_cycle_agrees_with_a_plain_walk(void)
{
    struct schedule schedule;
    struct portico_error error = PORTICO_ERROR_INIT;
    g_assert_cmpint(schedule_parse("7,37 */5 28-31 2,12 *", &schedule, &error), ==, 0);
    int64_t time = at("2027-01-01T00:00:00Z"), end = at("2031-01-01T00:00:00Z");
    int64_t next = schedule_next(&schedule, time - 1);
    unsigned found = 0;
    for (; time < end; time += 60000000) {
        char text[40];
        int month, day, hour, minute;
        clock_rfc3339(time, text, sizeof text);
        g_assert_cmpint(sscanf(text, "%*d-%d-%dT%d:%d", &month, &day, &hour, &minute), ==, 4);
        bool due = (minute == 7 || minute == 37) && hour % 5 == 0 && day >= 28 &&
                   (month == 2 || month == 12);
        if (due) {
            g_assert_cmpint(next, ==, time);
            next = schedule_next(&schedule, time);
            found++;
        } else {
            g_assert_cmpint(next, >, time);
        }
    }
    /* 28 to 31 December in four years, 28 February in four and the 29th in 2028. */
    g_assert_cmpuint(found, ==, (4 * 4 + 4 + 1) * 5 * 2);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/schedule/a_schedule_comes_when_crontab_says",
                    a_schedule_comes_when_crontab_says);
    g_test_add_func("/schedule/what_is_no_schedule_is_refused_with_a_sentence_that_quotes_it",
                    what_is_no_schedule_is_refused_with_a_sentence_that_quotes_it);
    g_test_add_func("/schedule/every_minute_of_a_leap_cycle_agrees_with_a_plain_walk",
                    every_minute_of_a_leap_cycle_agrees_with_a_plain_walk);
    return g_test_run();
}
