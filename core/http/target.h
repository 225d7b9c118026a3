/* The request target (RFC 9112 section 3.2): its forms, the path made plain, the host checked. */
#ifndef HTTP_TARGET_H
#define HTTP_TARGET_H

#include "http/parser.h"

/* Fills target, path, query and, for the absolute form, host of `request`, whose method is set. The
 * byte behind `target` is overwritten with NUL. */
bool http_target_parse(struct http_request *request, char *target, size_t length,
                       struct http_refusal *ret_refusal);

/* True if `host` is a host of RFC 3986 without user information, percent signs or list characters,
 * with an optional port: stricter than the grammar, as names that servers read differently are a
 * way in. */
bool http_host_valid(struct text host);

/* Percent-decodes (only if `plus_is_blank`: "+" too) into `ret_data`, which holds at least `length`
 * bytes. -1 if a percent sign is not followed by two hex digits. */
ptrdiff_t http_percent_decode(const char *data, size_t length, bool plus_is_blank, char *ret_data);

#endif
