/* Reading schedules and finding the next time: crontab(5), or "every 15min". UTC. */
#include "job/schedule.h"

#include "base/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define SECOND INT64_C(1000000)
#define DAY (86400 * SECOND)
#define EVERY_MOST (366 * DAY)
#define BLANKS " \t"
/* Days and weekdays come round in 400 years; no schedule that ever comes is rarer than 40. */
#define SEARCH_DAYS (146097)

static const struct {
    const char *word;
    int64_t time;
} units[] = {
    { "s", SECOND }, { "min", 60 * SECOND }, { "h", 3600 * SECOND }, { "d", DAY }, { "w", 7 * DAY },
};

static const char *const months[] = { "jan", "feb", "mar", "apr", "may", "jun",
                                      "jul", "aug", "sep", "oct", "nov", "dec" };
static const char *const weekdays[] = { "sun", "mon", "tue", "wed", "thu", "fri", "sat" };

static const struct field {
    const char *name;
    unsigned first, last;
    const char *const *words;
    unsigned word_count;
} fields[] = {
    { "minute", 0, 59, NULL, 0 },   { "hour", 0, 23, NULL, 0 },       { "day", 1, 31, NULL, 0 },
    { "month", 1, 12, months, 12 }, { "weekday", 0, 7, weekdays, 7 },
};
#define FIELDS (sizeof fields / sizeof *fields)

static int refuse(const struct field *field, struct text part, struct portico_error *error)
{
    int length = (int)(part.length < 40 ? part.length : 40);
    return error_set(error, PORTICO_EINVAL,
                     "The %s \"%.*s\" of a schedule is not understood: write *, numbers from %u to "
                     "%u%s, ranges such as %u-%u, lists with \",\" and steps with \"/\".",
                     field->name, length, part.data, field->first, field->last,
                     field->words ? " or names" : "", field->first, field->last);
}

/* A number or name at the start of `at`; false if there is none that fits the field. */
static bool read_number(const struct field *field, struct text *at, unsigned *ret_number)
{
    unsigned number = 0;
    size_t length = 0;
    while (length < at->length && length < 4 && at->data[length] >= '0' && at->data[length] <= '9')
        number = number * 10 + (unsigned)(at->data[length++] - '0');
    bool found = length > 0 && number >= field->first && number <= field->last;
    for (unsigned i = 0; length == 0 && at->length >= 3 && i < field->word_count; i++)
        if (strncasecmp(at->data, field->words[i], 3) == 0) {
            number = field->first + i;
            length = 3;
            found = true;
            break;
        }
    at->data += length;
    at->length -= length;
    *ret_number = number;
    return found;
}

static bool take(struct text *at, char c)
{
    if (at->length == 0 || *at->data != c)
        return false;
    at->data++;
    at->length--;
    return true;
}

/* "*", "7", "mon-fri", "0-30/5" into bits. A step belongs to a range or "*". */
static int read_part(const struct field *field, struct text part, uint64_t *bits,
                     struct portico_error *error)
{
    struct text at = part;
    unsigned first = field->first, last = field->last, step = 1;
    bool ranged = take(&at, '*');
    if (!ranged) {
        if (!read_number(field, &at, &first))
            return refuse(field, part, error);
        last = first;
        ranged = take(&at, '-');
        if (ranged && !read_number(field, &at, &last))
            return refuse(field, part, error);
        if (field->last == 7 && last == 0 && first > 0) /* "sat-sun": Sunday is 7 too */
            last = 7;
    }
    if (ranged && take(&at, '/')) {
        const struct field steps = { "step", 1, field->last, NULL, 0 };
        if (!read_number(&steps, &at, &step))
            return refuse(field, part, error);
    }
    if (at.length > 0 || last < first)
        return refuse(field, part, error);
    for (unsigned i = first; i <= last; i += step)
        *bits |= UINT64_C(1) << i;
    return PORTICO_OK;
}

static int read_field(const struct field *field, struct text text, uint64_t *ret_bits,
                      struct portico_error *error)
{
    uint64_t bits = 0;
    for (;;) {
        const char *comma = memchr(text.data, ',', text.length);
        struct text part = { text.data, comma ? (size_t)(comma - text.data) : text.length };
        int code = read_part(field, part, &bits, error);
        if (code < 0)
            return code;
        if (!comma)
            break;
        text.length -= part.length + 1;
        text.data = comma + 1;
    }
    *ret_bits = bits;
    return PORTICO_OK;
}

static int parse_every(const char *text, struct schedule *ret_schedule, struct portico_error *error)
{
    char *end = NULL;
    long long number = *text >= '1' && *text <= '9' ? strtoll(text, &end, 10) : 0;
    for (size_t i = 0; end && i < sizeof units / sizeof *units; i++) {
        if (strcmp(end, units[i].word) != 0 || number > EVERY_MOST / units[i].time)
            continue;
        *ret_schedule = (struct schedule){ .every = number * units[i].time };
        return PORTICO_OK;
    }
    return error_set(error, PORTICO_EINVAL,
                     "The schedule \"every %.40s\" is not understood: write a number and s, min, "
                     "h, d or w, such as \"every 15min\"; from 1 s to 366 d.",
                     text);
}

/* Days since 1970-01-01 into a date of the proleptic Gregorian calendar. The year begins in March,
 * so that the leap day is its last; 719468 days lie between 0000-03-01 and 1970-01-01. */
static void date_of(int64_t days, unsigned *ret_month, unsigned *ret_day)
{
    int64_t shifted = days + 719468;
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    unsigned of_era = (unsigned)(shifted - era * 146097);
    unsigned year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    unsigned of_year = of_era - (365 * year + year / 4 - year / 100);
    unsigned month = (5 * of_year + 2) / 153;
    *ret_day = of_year - (153 * month + 2) / 5 + 1;
    *ret_month = month < 10 ? month + 3 : month - 9;
}

/* Both days given: one of them is enough. One of them "*": the other decides. */
static bool matches_day(const struct schedule *schedule, int64_t days)
{
    unsigned month, day;
    date_of(days, &month, &day);
    unsigned weekday = (unsigned)((days % 7 + 7 + 4) % 7); /* 1970-01-01 was a Thursday */
    if (!(schedule->months >> month & 1))
        return false;
    bool of_month = schedule->days >> day & 1, of_week = schedule->weekdays >> weekday & 1;
    if (schedule->any_day || schedule->any_weekday)
        return of_month && of_week;
    return of_month || of_week;
}

/* The first minute of a day from `minute` on, or -1. */
static int64_t minute_from(const struct schedule *schedule, unsigned minute)
{
    for (unsigned i = minute; i < 24 * 60; i++)
        if (schedule->hours >> i / 60 & 1 && schedule->minutes >> i % 60 & 1)
            return i;
    return -1;
}

/* INT64_MAX: never. */
static int64_t next_by_fields(const struct schedule *schedule, int64_t time)
{
    int64_t minutes = time / (60 * SECOND) - (time % (60 * SECOND) < 0) + 1;
    int64_t days = minutes / 1440 - (minutes % 1440 < 0);
    unsigned minute = (unsigned)(minutes - days * 1440);
    for (int64_t i = 0; i <= SEARCH_DAYS; i++, minute = 0) {
        if (!matches_day(schedule, days + i))
            continue;
        int64_t found = minute_from(schedule, minute);
        if (found >= 0)
            return ((days + i) * 1440 + found) * 60 * SECOND;
    }
    return INT64_MAX;
}

int64_t schedule_next(const struct schedule *schedule, int64_t time)
{
    if (!schedule->every)
        return next_by_fields(schedule, time);
    int64_t past = time % schedule->every;
    return time - past + (past < 0 ? 0 : schedule->every);
}

int schedule_parse(const char *text, struct schedule *ret_schedule, struct portico_error *error)
{
    const char *at = text + strspn(text, BLANKS);
    if (strncmp(at, "every", 5) == 0 && strspn(at + 5, BLANKS) > 0)
        return parse_every(at + 5 + strspn(at + 5, BLANKS), ret_schedule, error);
    uint64_t bits[FIELDS];
    struct text parts[FIELDS];
    unsigned count = 0;
    for (; *at; at += strspn(at, BLANKS)) {
        struct text part = { at, strcspn(at, BLANKS) };
        if (count < FIELDS)
            parts[count] = part;
        count++;
        at += part.length;
    }
    if (count != FIELDS)
        return error_set(error, PORTICO_EINVAL,
                         "The schedule \"%.60s\" has %u fields: write \"every 15min\", or the five "
                         "of crontab(5): minute hour day month weekday.",
                         text, count);
    for (unsigned i = 0; i < FIELDS; i++) {
        int code = read_field(&fields[i], parts[i], &bits[i], error);
        if (code < 0)
            return code;
    }
    struct schedule schedule = {
        .minutes = bits[0],
        .hours = (uint32_t)bits[1],
        .days = (uint32_t)bits[2],
        .months = (uint32_t)bits[3],
        .weekdays = (uint32_t)(bits[4] | bits[4] >> 7),
        .any_day = *parts[2].data == '*',
        .any_weekday = *parts[4].data == '*',
    };
    if (schedule_next(&schedule, 0) == INT64_MAX)
        return error_set(error, PORTICO_EINVAL,
                         "The schedule \"%.60s\" never comes: no month it names has such a day.",
                         text);
    *ret_schedule = schedule;
    return PORTICO_OK;
}
