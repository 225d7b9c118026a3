/* JSON in and out of values. Reading is Jansson behind a depth check; writing is ours. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/value.h"

#include <portico/base.h>

#define JSON_DEPTH_MAX 64
#define JSON_KEYS_MAX 10000

/* Parses a document (RFC 8259; duplicate keys, depth over 64 and more than 10,000 keys are
 * refused). */
int json_parse(struct arena *arena, const char *data, size_t length, struct value **ret_value,
               struct portico_error *error);
/* Compact. TIME as RFC 3339, ID as decimal string, HTML as string, NaN and infinities as null. */
void json_write(struct buffer *buffer, const struct value *value);
/* True if brackets nest at most `limit` deep, strings skipped; linear, before any parser sees it.
 */
bool json_depth_within(const char *data, size_t length, unsigned limit);

#endif
