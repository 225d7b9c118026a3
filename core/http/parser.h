/* The head of an HTTP/1.1 request (RFC 9112): finding its end, then reading it in one pass. */
#ifndef HTTP_PARSER_H
#define HTTP_PARSER_H

#include "http/exchange.h"
#include "http/server.h"

/* Why a message was refused: the status to answer and a whole sentence for the body of that answer.
 */
struct http_refusal {
    unsigned status;
    const char *reason;
};

/* Where the search for the end of a head stands. Zero-initialise for every message. */
struct http_scan {
    size_t position; /* bytes looked at */
    size_t line;     /* where the unfinished line begins */
    size_t start;    /* where the request line begins: one empty line before it is passed over */
    unsigned lines;  /* finished lines, the request line included */
};

enum http_scan_result { HTTP_SCAN_MORE, HTTP_SCAN_FOUND, HTTP_SCAN_REFUSED };

/* Looks on from where `scan` stands; `data` begins with the message and may have grown and moved.
 * After HTTP_SCAN_FOUND the head is data[scan->start … scan->position), its empty line included. */
enum http_scan_result http_scan_head(struct http_scan *scan, const char *data, size_t length,
                                     const struct http_limits *limits,
                                     struct http_refusal *ret_refusal);

/* Headers that change how an answer is made; only what was sent is searched for later. */
enum http_condition {
    HTTP_IF_MATCH = 1,
    HTTP_IF_NONE_MATCH = 2,
    HTTP_IF_MODIFIED_SINCE = 4,
    HTTP_IF_UNMODIFIED_SINCE = 8,
    HTTP_RANGE = 16,
};

/* How the message is framed and what the connection does after it. */
struct http_framing {
    uint64_t content_length;
    bool chunked;
    bool keep_alive;
    bool expects_continue;
    unsigned conditions; /* enum http_condition */
};

/* Reads a head found by http_scan_head into `request`, whose arena is set and where everything is
 * copied. `lines` is the count of the scan. False: refused, or 503 when memory ended. */
bool http_parse_head(struct http_request *request, struct http_framing *ret_framing,
                     const char *head, size_t length, unsigned lines,
                     const struct http_limits *limits, struct http_refusal *ret_refusal);

/* True for the characters of a token (RFC 9110 section 5.6.2). */
extern const bool http_token[256];
/* True for the characters of a field value: visible ones, blank, tab and bytes from 0x80. */
extern const bool http_value[256];
/* The zero of each limit becomes its default. */
void http_limits_complete(struct http_limits *limits);

#endif
