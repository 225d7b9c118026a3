/* Slices of text and the checks every room needs: UTF-8, prefixes, nearest name. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Bytes somewhere else; not NUL-terminated unless its owner says so. */
struct text {
    const char *data;
    size_t length;
};
#define TEXT(literal) ((struct text){ (literal), sizeof(literal) - 1 })

static inline struct text text_of(const char *string)
{
    return (struct text){ string, strlen(string) };
}
static inline bool text_equals(struct text a, struct text b)
{
    /* Names of one length mostly differ in their first byte already. */
    return a.length == b.length &&
           (a.length == 0 || (*a.data == *b.data && memcmp(a.data, b.data, a.length) == 0));
}
static inline bool text_starts(struct text a, struct text prefix)
{
    return a.length >= prefix.length && memcmp(a.data, prefix.data, prefix.length) == 0;
}
/* ASCII only, as HTTP, HTML and config names compare. */
bool text_equals_ignoring_case(struct text a, struct text b);
struct text text_trim(struct text a); /* blanks and tabs at both ends */

/* True if the bytes are UTF-8 without surrogates, overlong forms or NUL (RFC 3629). */
bool text_is_utf8(const char *data, size_t length);
/* True if it is UTF-8 of at least one byte without control characters: what can end neither a line
 * nor a header field, in any reading. */
bool text_is_line(const char *data, size_t length);
/* The largest cut <= length that does not split a character. */
size_t text_utf8_cut(const char *data, size_t length);

/* The candidate with the fewest edits from `word`, or NULL if none is near enough to mean. */
const char *text_nearest(const char *word, const char *const *candidates, size_t count);

/* Decimal, whole text, no blanks; false if malformed or out of range. */
bool text_to_int64(struct text a, long long *ret_number);

#endif
