/* Conditional and range requests (RFC 9110 sections 13 and 14), apart from how answers are sent. */
#ifndef HTTP_CONDITION_H
#define HTTP_CONDITION_H

#include "http/parser.h"

/* What the preconditions of a GET or HEAD ask for: 0 (go on), 304 or 412. `conditions` are those
 * sent. */
unsigned http_condition_evaluate(const struct http_request *request, unsigned conditions,
                                 struct text etag, int64_t modified);

enum http_range_result { HTTP_RANGE_WHOLE, HTTP_RANGE_PART, HTTP_RANGE_OUTSIDE };

/* The one range a GET asks for. Several ranges, other units and stale If-Range give the whole. */
enum http_range_result http_range_select(const struct http_request *request, struct text etag,
                                         int64_t modified, uint64_t size, uint64_t *ret_first,
                                         uint64_t *ret_length);

#endif
