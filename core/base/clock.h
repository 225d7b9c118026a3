/* Time: UTC microseconds for people and rows, steady microseconds for deadlines. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

int64_t clock_now(void);    /* microseconds since 1970-01-01T00:00:00Z */
int64_t clock_steady(void); /* microseconds from a point of its own; never steps back */
/* For the tests of modules: from now on clock_now says `time`, on all threads, until it is set
 * again; 0: the real time. */
void clock_stop(int64_t time);

/* RFC 3339 with microseconds cut when zero: "2026-11-17T23:00:00Z". `size` of 32 is enough. */
size_t clock_rfc3339(int64_t time, char *ret_text, size_t size);
/* IMF-fixdate of RFC 9110 section 5.6.7: 29 characters and NUL. */
void clock_http_date(int64_t time, char ret_text[30]);
/* Parses any of RFC 9110's three date forms; -1 if it is none. Returns microseconds. */
int64_t clock_parse_http_date(const char *text, size_t length);
/* Parses RFC 3339 section 5.6 (a zone is part of it; T and Z in either case); INT64_MIN for
 * anything else. Digits after the sixth decimal are dropped, a leap second counts as the second
 * after it. */
int64_t clock_parse_rfc3339(const char *text, size_t length);

/* Days that people write are last days: what is valid until 2027-03-31 is so on that day, in UTC.
 * The first moment after it; INT64_MIN: the text is no day. */
int64_t clock_parse_last_day(const char *text, size_t length);
/* The other way round: "2027-03-31"; "" of 0, which is no end. */
void clock_last_day(int64_t until, char ret_text[11]);
/* A moment of that day, which is the same day from Hawaii (UTC-10) to New Zealand (UTC+13); 0 of 0.
 */
int64_t clock_in_last_day(int64_t until);
/* The same of first days: what is valid from 2027-01-01 on is so all that day, in UTC. Its first
 * moment; INT64_MIN: the text is no day. */
int64_t clock_parse_first_day(const char *text, size_t length);
/* "2027-01-01"; "" of 0, which is no beginning. */
void clock_first_day(int64_t from, char ret_text[11]);
int64_t clock_in_first_day(int64_t from);

#endif
