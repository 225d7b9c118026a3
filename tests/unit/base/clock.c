/* Times as text and ids: RFC 3339 case by case, and the way back. */
#include "base/clock.h"
#include "base/id.h"

#include <glib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int64_t read_text(const char *text)
{
    return clock_parse_rfc3339(text, strlen(text));
}

static void what_rfc_3339_allows_is_read(void)
{
    static const struct {
        const char *text;
        int64_t seconds, microseconds;
    } cases[] = {
        { "1970-01-01T00:00:00Z", 0, 0 },
        /* RFC 3339 section 5.8 */
        { "1985-04-12T23:20:50.52Z", 482196050, 520000 },
        { "1996-12-19T16:39:57-08:00", 851042397, 0 },
        { "1990-12-31T23:59:60Z", 662688000, 0 },
        { "1990-12-31T15:59:60-08:00", 662688000, 0 },
        { "1937-01-01T12:00:27.87+00:20", -1041337173, 870000 },
        /* either case, unknown local offset, decimals past the sixth */
        { "1963-06-19t08:30:06.283185z", -206292594, 283185 },
        { "2018-11-13T20:20:39-00:00", 1542140439, 0 },
        { "2018-11-13T20:20:39.1234567891Z", 1542140439, 123456 },
        { "2018-11-13T20:20:39.9999999Z", 1542140439, 999999 },
        { "2018-11-13T20:20:39+23:59", 1542054099, 0 },
        /* leap seconds are the last of a month in UTC, wherever the clock hangs */
        { "2016-12-31T23:59:60Z", 1483228800, 0 },
        { "2017-01-01T08:59:60.25+09:00", 1483228800, 250000 },
        { "1998-06-30T23:59:60Z", 899251200, 0 },
        /* days of leap years, and both ends */
        { "2000-02-29T12:00:00Z", 951825600, 0 },
        { "2024-02-29T00:00:00Z", 1709164800, 0 },
        { "0000-01-01T00:00:00Z", -62167219200, 0 },
        { "0000-02-29T00:00:00Z", -62162121600, 0 },
        { "9999-12-31T23:59:59.999999Z", 253402300799, 999999 },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].text);
        g_assert_cmpint(read_text(cases[i].text), ==,
                        cases[i].seconds * 1000000 + cases[i].microseconds);
    }
}

static void anything_else_is_refused(void)
{
    static const char *const cases[] = {
        "",
        "2018-11-13",
        "20:20:39Z",
        "2018-11-13T20:20:39",
        "2018-11-13 20:20:39Z",
        "2018-11-13T20:20:39 Z",
        " 2018-11-13T20:20:39Z",
        "2018-11-13T20:20:39Z ",
        "2018-11-13T20:20:39Zx",
        "2018-11-13T20:20Z",
        "2018-11-13T20:20:39.Z",
        "2018-11-13T20:20:39,5Z",
        "2018-11-13T20:20:39+0100",
        "2018-11-13T20:20:39+01",
        "2018-11-13T20:20:39+1:00",
        "2018-11-13T20:20:39+24:00",
        "2018-11-13T20:20:39-01:60",
        "2018-11-13T20:20:39\xe2\x88\x92"
        "01:00",
        "2018-11-13T24:00:00Z",
        "2018-11-13T20:60:39Z",
        "2018-11-13T20:20:61Z",
        "2018-00-13T20:20:39Z",
        "2018-13-13T20:20:39Z",
        "2018-11-00T20:20:39Z",
        "2018-11-31T20:20:39Z",
        "2018-02-29T20:20:39Z",
        "1900-02-29T00:00:00Z",
        "2021-04-31T00:00:00Z",
        "18-11-13T20:20:39Z",
        "12018-11-13T20:20:39Z",
        "-018-11-13T20:20:39Z",
        "+018-11-13T20:20:39Z",
        "2018/11/13T20:20:39Z",
        "2018-11-13T20-20-39Z",
        "20181113T202039Z",
        "2018-W46-2T20:20:39Z",
        "2018-317T20:20:39Z",
        "1998-12-31T23:58:60Z",
        "1998-12-31T22:59:60Z",
        "1998-12-30T23:59:60Z",
        "1998-12-31T23:59:60+01:00",
        "2018-11-13T20:20:3\xd9\xa9Z",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i]);
        g_assert_cmpint(read_text(cases[i]), ==, INT64_MIN);
    }
    for (size_t cut = 0; cut < strlen("2018-11-13T20:20:39.5+01:00"); cut++)
        g_assert_cmpint(clock_parse_rfc3339("2018-11-13T20:20:39.5+01:00", cut), ==, INT64_MIN);
}

static void what_is_written_is_read_again(void)
{
    for (int64_t time = INT64_C(-62167219200000000); time < INT64_C(253402300800000000);
         time += INT64_C(2629746123457)) {
        char text[40];
        clock_rfc3339(time, text, sizeof text);
        g_assert_cmpint(read_text(text), ==, time);
    }
}

static void an_id_tells_the_millisecond_it_was_made_in(void)
{
    int64_t before = clock_now() / 1000 * 1000;
    int64_t id = id_new();
    g_assert_cmpint(id_time(id), >=, before);
    g_assert_cmpint(id_time(id), <=, clock_now());
    g_assert_cmpint(id_time(id_at(INT64_C(1700000000123456))), ==, INT64_C(1700000000123000));
    g_assert_cmpint(id_time(0), ==, 0);
    g_assert_cmpint(id_time(-5), ==, 0);
}

static unsigned slot_of(int64_t id)
{
    return (unsigned)(id >> 12 & 1023);
}

/* Commands that begin in one millisecond would otherwise make the same ids. */
static void a_command_draws_a_place_of_its_own(void)
{
    int64_t before = id_new();
    unsigned slot = slot_of(before);
    g_assert_cmpuint(slot, >, ID_SLOT_WORKERS);
    for (unsigned i = 0; i < 10000; i++) {
        int64_t id = id_new();
        g_assert_cmpint(id, >, before);
        g_assert_cmpuint(slot_of(id), ==, slot);
        before = id;
    }
    GHashTable *places = g_hash_table_new(NULL, NULL);
    for (unsigned i = 0; i < 64; i++) {
        int out[2];
        int64_t id = 0;
        g_assert_cmpint(pipe(out), ==, 0);
        pid_t pid = fork();
        if (pid == 0) {
            id_set_slot(0);
            id = id_new();
            _exit(write(out[1], &id, sizeof id) == (ssize_t)sizeof id ? 0 : 1);
        }
        g_assert_cmpint(read(out[0], &id, sizeof id), ==, (ssize_t)sizeof id);
        g_assert_cmpint(waitpid(pid, NULL, 0), ==, pid);
        g_assert_cmpint(close(out[0]) + close(out[1]), ==, 0);
        g_hash_table_add(places, GUINT_TO_POINTER(id & ((1 << 22) - 1)));
    }
    g_assert_cmpuint(g_hash_table_size(places), >, 60); /* of about a million */
    g_hash_table_unref(places);
    id_set_slot(7);
    g_assert_cmpuint(slot_of(id_new()), ==, 7);
}

static void a_last_day_ends_with_it(void)
{
    static const char *const wrong[] = { "", "soon", "2027-02-29", "2027-1-01",
                                         "2027-03-31T00:00" };
    char day[11];
    const int64_t after = read_text("2028-03-01T00:00:00Z");
    g_assert_cmpint(clock_parse_last_day("2028-02-29", 10), ==, after);
    clock_last_day(after, day);
    g_assert_cmpstr(day, ==, "2028-02-29");
    /* Shown as a day, it is the same one in Hawaii and in New Zealand. */
    const int64_t hour = INT64_C(3600000000), shown = clock_in_last_day(after);
    for (int zone = -10; zone <= 13; zone++)
        g_assert_cmpint((shown + zone * hour) / (24 * hour), ==, after / (24 * hour) - 1);
    g_assert_cmpint(clock_in_last_day(0), ==, 0);
    clock_last_day(0, day);
    g_assert_cmpstr(day, ==, "");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        g_assert_cmpint(clock_parse_last_day(wrong[i], strlen(wrong[i])), ==, INT64_MIN);
}

static void a_first_day_begins_with_it(void)
{
    static const char *const wrong[] = { "", "soon", "2027-02-29", "2027-1-01",
                                         "2027-03-31T00:00" };
    char day[11];
    const int64_t begin = read_text("2028-02-29T00:00:00Z");
    g_assert_cmpint(clock_parse_first_day("2028-02-29", 10), ==, begin);
    clock_first_day(begin, day);
    g_assert_cmpstr(day, ==, "2028-02-29");
    clock_first_day(0, day);
    g_assert_cmpstr(day, ==, "");
    g_assert_cmpint(clock_in_first_day(begin), ==,
                    clock_in_last_day(clock_parse_last_day("2028-02-29", 10)));
    g_assert_cmpint(clock_in_first_day(0), ==, 0);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        g_assert_cmpint(clock_parse_first_day(wrong[i], strlen(wrong[i])), ==, INT64_MIN);
}

int main(int count, char **words)
{
    g_test_init(&count, &words, NULL);
    g_test_add_func("/clock/what RFC 3339 allows is read", what_rfc_3339_allows_is_read);
    g_test_add_func("/clock/anything else is refused", anything_else_is_refused);
    g_test_add_func("/clock/what is written is read again", what_is_written_is_read_again);
    g_test_add_func("/clock/an id tells the millisecond it was made in",
                    an_id_tells_the_millisecond_it_was_made_in);
    g_test_add_func("/clock/a command draws a place of its own for its ids",
                    a_command_draws_a_place_of_its_own);
    g_test_add_func("/clock/a last day ends with it", a_last_day_ends_with_it);
    g_test_add_func("/clock/a first day begins with it", a_first_day_begins_with_it);
    return g_test_run();
}
