/* application/x-www-form-urlencoded (WHATWG URL section 5) and query strings. */
#ifndef HTTP_FORM_H
#define HTTP_FORM_H

#include "base/arena.h"
#include "base/text.h"

struct http_pair {
    struct text name, value; /* decoded, UTF-8, NUL-terminated */
};
#define HTTP_FORM_PAIRS_MAX 1000

/* Decodes all pairs. 0, or PORTICO_EINVAL (not UTF-8, NUL, broken percent), ELIMIT or ENOMEM. */
int http_form_parse(struct arena *arena, struct text encoded, struct http_pair **ret_pairs,
                    size_t *ret_count);

#endif
