#include "words.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define SECOND INT64_C(1000000)

void words_slug(const char *text, char ret_slug[WORDS_SLUG_MAX + 1])
{
    size_t length = 0;
    for (const unsigned char *at = (const unsigned char *)text; *at && length < WORDS_SLUG_MAX;
         at++) {
        if (*at < 0x80 && isalnum(*at))
            ret_slug[length++] = (char)tolower(*at);
        else if (*at != '\'' && length && ret_slug[length - 1] != '-')
            ret_slug[length++] = '-';
    }
    while (length && ret_slug[length - 1] == '-')
        length--;
    ret_slug[length] = '\0';
    if (!length)
        memcpy(ret_slug, "question", sizeof "question");
}

void words_tags(const char *text, char ret_tags[WORDS_TAGS_MAX + 1])
{
    size_t length = 0, word = 0;
    for (const char *at = text;; at++) {
        int separates = !*at || strchr("<>| ,", *at) != NULL;
        if (!separates) {
            if (length + word < WORDS_TAGS_MAX && word < WORDS_TAG_MAX)
                ret_tags[length + word++] = *at;
            continue;
        }
        /* A tag that did not fit whole is left out rather than cut. */
        if (word && length + word < WORDS_TAGS_MAX && word < WORDS_TAG_MAX) {
            length += word;
            ret_tags[length++] = ' ';
        }
        word = 0;
        if (!*at)
            break;
    }
    ret_tags[length ? length - 1 : 0] = '\0';
}

int words_next_tag(const char **at, char ret_tag[WORDS_TAG_MAX + 1])
{
    while (**at == ' ')
        ++*at;
    size_t length = strcspn(*at, " ");
    if (!length)
        return 0;
    size_t kept = length < WORDS_TAG_MAX ? length : WORDS_TAG_MAX;
    memcpy(ret_tag, *at, kept);
    ret_tag[kept] = '\0';
    *at += length;
    return 1;
}

int words_time(const char *text, portico_time *ret_time)
{
    struct tm moment = { 0 };
    int used = 0;
    if (!text || strlen(text) < 19 ||
        sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d%n", &moment.tm_year, &moment.tm_mon, &moment.tm_mday,
               &moment.tm_hour, &moment.tm_min, &moment.tm_sec, &used) != 6 ||
        used != 19)
        return PORTICO_EINVAL;
    int64_t fraction = 0, unit = SECOND;
    const char *at = text + used;
    if (*at == '.') {
        for (at++; isdigit((unsigned char)*at); at++)
            if (unit > 1)
                fraction += (*at - '0') * (unit /= 10);
    }
    if (*at == 'Z')
        at++;
    struct tm asked = moment;
    moment.tm_year -= 1900;
    moment.tm_mon -= 1;
    time_t seconds = timegm(&moment);
    /* timegm carries over what does not exist, such as 30 February: then the date differs. */
    if (*at || asked.tm_year < 1970 || moment.tm_mday != asked.tm_mday ||
        moment.tm_mon != asked.tm_mon - 1 || moment.tm_hour != asked.tm_hour ||
        moment.tm_min != asked.tm_min || moment.tm_sec != asked.tm_sec)
        return PORTICO_EINVAL;
    *ret_time = (int64_t)seconds * SECOND + fraction;
    return PORTICO_OK;
}

int words_age(const char *text, int64_t *ret_microseconds)
{
    static const struct {
        const char *unit;
        int64_t seconds;
    } units[] = { { "d", 86400 }, { "h", 3600 }, { "min", 60 } };
    int64_t total = 0;
    if (!text)
        return PORTICO_EINVAL;
    while (*text) {
        char *end;
        long number = strtol(text, &end, 10);
        size_t length = strcspn(end, " "), unit = 0, count = sizeof units / sizeof *units;
        while (unit < count &&
               (strlen(units[unit].unit) != length || memcmp(units[unit].unit, end, length) != 0))
            unit++;
        if (end == text || unit == count || number < 0 || number > 100000)
            return PORTICO_EINVAL;
        total += number * units[unit].seconds * SECOND;
        text = end + length;
        text += strspn(text, " ");
    }
    *ret_microseconds = total;
    return PORTICO_OK;
}

int words_integer(const char *text, int64_t *ret_integer)
{
    if (!text || !*text || isspace((unsigned char)*text))
        return PORTICO_EINVAL;
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (*end || errno)
        return PORTICO_EINVAL;
    *ret_integer = number;
    return PORTICO_OK;
}
