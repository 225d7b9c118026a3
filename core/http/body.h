/* Bodies as they arrive: counted by Content-Length or in chunks (RFC 9112 sections 6 and 7). */
#ifndef HTTP_BODY_H
#define HTTP_BODY_H

#include "http/parser.h"

/* One body under way. `content` is the decoded part so far; its memory is the owner's to free. */
struct http_body {
    struct buffer content;
    size_t limit;
    uint64_t remaining; /* of the body, or of the chunk */
    unsigned overhead;  /* bytes of extensions and trailers, which are bounded together */
    unsigned digits;    /* of the chunk size so far */
    unsigned state;
    bool chunked;
};

enum http_body_result { HTTP_BODY_MORE, HTTP_BODY_DONE, HTTP_BODY_REFUSED };

/* Begins a body; the memory of `content` is kept and reused. False: it says that it is longer than
 * `limit`. */
bool http_body_begin(struct http_body *body, const struct http_framing *framing, size_t limit,
                     struct http_refusal *ret_refusal);
/* Takes bytes and says how many were the body's. Extensions and trailers are checked and dropped.
 */
enum http_body_result http_body_feed(struct http_body *body, const char *data, size_t length,
                                     size_t *ret_used, struct http_refusal *ret_refusal);

#endif
