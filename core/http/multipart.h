/* multipart/form-data (RFC 7578 over RFC 2046), read in one way only: what two readers could take
 * differently is refused. */
#ifndef HTTP_MULTIPART_H
#define HTTP_MULTIPART_H

#include "http/form.h"

#define HTTP_PARTS_MAX 100
#define HTTP_PART_HEAD_MAX 4096 /* bytes of one part's header lines */
#define HTTP_PART_NAME_MAX 200  /* bytes, as sent */

struct http_part {
    struct text name;      /* decoded, UTF-8, NUL */
    struct text file_name; /* decoded, UTF-8, NUL; empty data: not a file */
    struct text type;      /* what the sender says it is; inside the body; empty if not said */
    struct text content;   /* inside the body */
};

/* True if the value of Content-Type names this format, whether its boundary is right or not. */
bool http_multipart_is(struct text content_type);
/* Finds all parts of a whole body. What was parsed points into `body`, which stays as long as the
 * arena. 0, or with a whole sentence: PORTICO_EINVAL, ELIMIT, ENOMEM. */
int http_multipart_parse(struct arena *arena, struct text content_type, struct text body,
                         struct http_part **ret_parts, size_t *ret_count, const char **ret_reason);
/* The parts that are no files, as http_form_parse gives them. EINVAL: one is not UTF-8. */
int http_multipart_pairs(struct arena *arena, const struct http_part *parts, size_t count,
                         struct http_pair **ret_pairs, size_t *ret_count);

#endif
