#include "base/clock.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define MICROSECONDS INT64_C(1000000)
#define IN_A_DAY (48600 * MICROSECONDS) /* before its end: 10:30 */

static int64_t read_clock(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * MICROSECONDS + now.tv_nsec / 1000;
}

/* What a stopped clock shows; 0: it runs. */
static _Atomic int64_t stopped_at;

void clock_stop(int64_t time)
{
    atomic_store_explicit(&stopped_at, time, memory_order_relaxed);
}

int64_t clock_now(void)
{
    int64_t stopped = atomic_load_explicit(&stopped_at, memory_order_relaxed);
    return stopped ? stopped : read_clock(CLOCK_REALTIME);
}

int64_t clock_steady(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

/* Whole seconds and the microseconds left, rounded down also before 1970. */
static int64_t split(int64_t time, int64_t *ret_fraction)
{
    int64_t seconds = time / MICROSECONDS;
    int64_t fraction = time % MICROSECONDS;
    if (fraction < 0) {
        fraction += MICROSECONDS;
        seconds--;
    }
    *ret_fraction = fraction;
    return seconds;
}

#define TWO(number) (char)('0' + (number) / 10 % 10), (char)('0' + (number) % 10)

/* As gmtime_r, which takes a lock all threads share. The calendar repeats every 400 years; counted
 * from March on, the day that comes and goes is the last of its year. */
static void parts_of(int64_t seconds, struct tm *ret_parts)
{
    int64_t days = seconds / 86400, left = seconds % 86400;
    if (left < 0) {
        left += 86400;
        days--;
    }
    days += 719468; /* from 1 March of the year 0 */
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day = days - era * 146097;
    int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    int64_t of_year = day - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153; /* from March */
    *ret_parts = (struct tm){ .tm_sec = (int)(left % 60),
                              .tm_min = (int)(left / 60 % 60),
                              .tm_hour = (int)(left / 3600),
                              .tm_mday = (int)(of_year - (153 * month + 2) / 5 + 1),
                              .tm_mon = (int)(month < 10 ? month + 2 : month - 10),
                              .tm_year = (int)(year + era * 400 + (month >= 10) - 1900) };
}

/* Pages hold many times, and printf would be most of what each costs. */
static size_t write_short_time(const struct tm *parts, int64_t fraction, char *ret_text)
{
    int year = parts->tm_year + 1900;
    const char text[] = { TWO(year / 100),
                          TWO(year),
                          '-',
                          TWO(parts->tm_mon + 1),
                          '-',
                          TWO(parts->tm_mday),
                          'T',
                          TWO(parts->tm_hour),
                          ':',
                          TWO(parts->tm_min),
                          ':',
                          TWO(parts->tm_sec) };
    size_t length = sizeof text;
    memcpy(ret_text, text, sizeof text);
    if (fraction) {
        bool milliseconds = fraction % 1000 == 0;
        int digits = milliseconds ? 3 : 6;
        int64_t left = milliseconds ? fraction / 1000 : fraction;
        ret_text[length] = '.';
        for (int i = digits; i > 0; i--, left /= 10)
            ret_text[length + (size_t)i] = (char)('0' + left % 10);
        length += (size_t)digits + 1;
    }
    ret_text[length++] = 'Z';
    ret_text[length] = '\0';
    return length;
}

size_t clock_rfc3339(int64_t time, char *ret_text, size_t size)
{
    int64_t fraction;
    struct tm parts;
    parts_of(split(time, &fraction), &parts);
    if (size >= 28 && parts.tm_year >= -1900 && parts.tm_year < 8100)
        return write_short_time(&parts, fraction, ret_text);
    int length =
        snprintf(ret_text, size, "%04d-%02d-%02dT%02d:%02d:%02d", parts.tm_year + 1900,
                 parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
    if (fraction && length > 0 && (size_t)length < size) {
        bool milliseconds = fraction % 1000 == 0;
        length += snprintf(ret_text + length, size - (size_t)length, ".%0*d", milliseconds ? 3 : 6,
                           (int)(milliseconds ? fraction / 1000 : fraction));
    }
    if (length > 0 && (size_t)length < size)
        length += snprintf(ret_text + length, size - (size_t)length, "Z");
    return length > 0 ? (size_t)length : 0;
}

static const char days[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

void clock_http_date(int64_t time, char ret_text[30])
{
    int64_t fraction;
    time_t seconds = (time_t)split(time, &fraction);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    char text[64];
    snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[parts.tm_wday],
             parts.tm_mday, months[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min,
             parts.tm_sec);
    memcpy(ret_text, text, 29);
    ret_text[29] = '\0';
}

static int month_number(const char *name)
{
    for (int i = 0; i < 12; i++)
        if (memcmp(months[i], name, 3) == 0)
            return i;
    return -1;
}

int64_t clock_parse_http_date(const char *text, size_t length)
{
    char copy[48];
    if (length < 24 || length >= sizeof copy)
        return -1;
    memcpy(copy, text, length);
    copy[length] = '\0';
    char month[4] = "", weekday[12] = "", zone[4] = "";
    struct tm parts = { 0 };
    int used = 0;
    bool obsolete = false;
    if (sscanf(copy, "%3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d %3[A-Z]%n", weekday,
               &parts.tm_mday, month, &parts.tm_year, &parts.tm_hour, &parts.tm_min, &parts.tm_sec,
               zone, &used) == 8) {
        parts.tm_year -= 1900;
    } else if (sscanf(copy, "%9[A-Za-z], %2d-%3[A-Za-z]-%2d %2d:%2d:%2d %3[A-Z]%n", weekday,
                      &parts.tm_mday, month, &parts.tm_year, &parts.tm_hour, &parts.tm_min,
                      &parts.tm_sec, zone, &used) == 8) {
        /* RFC 9110: a two-digit year more than 50 years ahead lies in the past. */
        time_t now = time(NULL);
        struct tm today;
        gmtime_r(&now, &today);
        parts.tm_year += today.tm_year / 100 * 100;
        if (parts.tm_year > today.tm_year + 50)
            parts.tm_year -= 100;
    } else if (sscanf(copy, "%3[A-Za-z] %3[A-Za-z] %2d %2d:%2d:%2d %4d%n", weekday, month,
                      &parts.tm_mday, &parts.tm_hour, &parts.tm_min, &parts.tm_sec, &parts.tm_year,
                      &used) == 7) {
        parts.tm_year -= 1900;
        obsolete = true;
    } else {
        return -1;
    }
    parts.tm_mon = month_number(month);
    if ((size_t)used != length || parts.tm_mon < 0 || (!obsolete && strcmp(zone, "GMT") != 0))
        return -1;
    if (parts.tm_mday < 1 || parts.tm_mday > 31 || parts.tm_hour > 23 || parts.tm_min > 59 ||
        parts.tm_sec > 60)
        return -1;
    return (int64_t)timegm(&parts) * MICROSECONDS;
}

static bool digits(const char *text, size_t at, size_t count, int *ret_number)
{
    int number = 0;
    for (size_t i = at; i < at + count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        number = number * 10 + (text[i] - '0');
    }
    *ret_number = number;
    return true;
}

/* Days since 1970-01-01 of a date of the Gregorian calendar; the year begins in March here. */
static int64_t days_of(int year, int month, int day)
{
    int64_t from_march = month > 2 ? month - 3 : month + 9;
    int64_t y = month > 2 ? year : year - 1;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t of_era = y - era * 400;
    int64_t of_year = (153 * from_march + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* RFC 3339 section 5.7, restrictions on date-mday. */
static int days_in(int year, int month)
{
    static const int counts[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return counts[month - 1] + (month == 2 && leap);
}

/* time-offset: "Z", "+02:00", "-05:30", as seconds to subtract. */
static bool parse_offset(const char *text, size_t length, int *ret_offset)
{
    int hours, minutes;
    *ret_offset = 0;
    if (length == 1 && (text[0] == 'Z' || text[0] == 'z'))
        return true;
    if (length != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':' ||
        !digits(text, 1, 2, &hours) || !digits(text, 4, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    *ret_offset = (hours * 60 + minutes) * 60 * (text[0] == '-' ? -1 : 1);
    return true;
}

/* time-secfrac: digits after the sixth are dropped. Returns where it ends; 0 if it is none. */
static size_t parse_fraction(const char *text, size_t at, size_t length, int64_t *ret_fraction)
{
    int64_t fraction = 0, scale = MICROSECONDS / 10;
    size_t first = at;
    for (; at < length && text[at] >= '0' && text[at] <= '9'; at++, scale /= 10)
        fraction += (text[at] - '0') * scale;
    *ret_fraction = fraction;
    return at == first ? 0 : at;
}

int64_t clock_parse_rfc3339(const char *text, size_t length)
{
    int year, month, day, hour, minute, second, offset;
    if (length < 20 || text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != 't') ||
        text[13] != ':' || text[16] != ':' || !digits(text, 0, 4, &year) ||
        !digits(text, 5, 2, &month) || !digits(text, 8, 2, &day) || !digits(text, 11, 2, &hour) ||
        !digits(text, 14, 2, &minute) || !digits(text, 17, 2, &second))
        return INT64_MIN;
    if (month < 1 || month > 12 || day < 1 || day > days_in(year, month) || hour > 23 ||
        minute > 59 || second > 60)
        return INT64_MIN;
    size_t at = 19;
    int64_t fraction = 0;
    if (text[at] == '.' && (at = parse_fraction(text, at + 1, length, &fraction)) == 0)
        return INT64_MIN;
    if (!parse_offset(text + at, length - at, &offset))
        return INT64_MIN;
    int64_t seconds =
        days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset;
    /* A leap second is the last of a month in UTC; our time has none, so it is the next one. */
    if (second == 60) {
        struct tm next;
        parts_of(seconds, &next);
        if (next.tm_mday != 1 || next.tm_hour || next.tm_min || next.tm_sec)
            return INT64_MIN;
    }
    return seconds * MICROSECONDS + fraction;
}

int64_t clock_parse_first_day(const char *text, size_t length)
{
    char whole[] = "0000-00-00T00:00:00Z";
    if (length != 10)
        return INT64_MIN;
    memcpy(whole, text, length);
    return clock_parse_rfc3339(whole, sizeof whole - 1);
}

int64_t clock_parse_last_day(const char *text, size_t length)
{
    const int64_t day = clock_parse_first_day(text, length);
    return day == INT64_MIN ? day : day + INT64_C(86400) * MICROSECONDS;
}

/* The day a moment lies in. */
static void write_day(int64_t time, char ret_text[11])
{
    char text[40];
    clock_rfc3339(time, text, sizeof text);
    memcpy(ret_text, text, 10);
    ret_text[10] = '\0';
}

void clock_first_day(int64_t from, char ret_text[11])
{
    *ret_text = '\0';
    if (from)
        write_day(from, ret_text);
}

void clock_last_day(int64_t until, char ret_text[11])
{
    *ret_text = '\0';
    if (until)
        write_day(until - 1, ret_text);
}

int64_t clock_in_first_day(int64_t from)
{
    const int64_t day = 86400 * MICROSECONDS;
    return from ? from - from % day + day - IN_A_DAY : 0;
}

int64_t clock_in_last_day(int64_t until)
{
    return until ? until - IN_A_DAY : 0;
}
