/* Small text work: slugs, tags, times and ids as sources write them. */
#ifndef COMMUNITIES_WORDS_H
#define COMMUNITIES_WORDS_H

#include <portico/portico.h>

#define WORDS_SLUG_MAX 80
#define WORDS_TAG_MAX 64
#define WORDS_TAGS_MAX 512

/* Lower-case letters and digits of `text`, joined by "-"; "question" if nothing is left. */
void words_slug(const char *text, char ret_slug[WORDS_SLUG_MAX + 1]);
/* "<a><b>", "|a|b|" or "a b" to "a b": what the topic's `tags` column holds. */
void words_tags(const char *text, char ret_tags[WORDS_TAGS_MAX + 1]);
/* The next tag of a `tags` column, or 0 at the end; `*at` moves on. */
int words_next_tag(const char **at, char ret_tag[WORDS_TAG_MAX + 1]);
/* "2015-01-27T20:09:32.720", UTC, to microseconds; EINVAL for anything that is no moment. */
int words_time(const char *text, portico_time *ret_time);
/* "3d 4h 20min" to microseconds. */
int words_age(const char *text, int64_t *ret_microseconds);
/* A decimal integer and nothing else. */
int words_integer(const char *text, int64_t *ret_integer);

#endif
