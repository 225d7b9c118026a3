/* One request and its response, between the connection (loop thread) and whoever answers. */
#ifndef HTTP_EXCHANGE_H
#define HTTP_EXCHANGE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/text.h"

#include <stdint.h>
#include <sys/types.h>

struct http_connection;
struct viewer;

struct http_field {
    struct text name; /* lower case */
    struct text value;
};

/* What came in. Everything lives in `arena`; texts marked NUL are also NUL-terminated. */
struct http_request {
    struct arena *arena;
    struct text method; /* as sent, NUL */
    struct text target; /* as sent */
    struct text path;   /* percent-decoded, dot segments removed, UTF-8, begins with "/"; NUL */
    struct text query;  /* as sent, without "?"; NUL */
    struct text host;   /* of Host or absolute-form, NUL */
    unsigned minor_version;
    struct http_field *fields;
    size_t field_count;
    struct text body; /* whole and decoded, NUL */
    char id[17];      /* request id: 16 hex digits, made by the server */
    char remote[48];  /* peer address */
    int64_t started;  /* clock_steady when its first byte was read */
};

/* Immutable answer shared by many exchanges: static files, cached answers. Reference-counted,
 * thread-safe. Ready-made header lines, so that serving it is one writev. */
struct http_content {
    _Atomic unsigned references;
    unsigned status;
    struct text fields; /* complete header lines with CRLF: Content-Type, ETag, Cache-Control, … */
    struct text body;
    struct text etag; /* with quotes, or empty */
    int64_t modified; /* microseconds, or 0 */
};
struct http_content *http_content_new(unsigned status, struct text fields, struct text body,
                                      struct text etag,
                                      int64_t modified); /* copies; NULL: no memory */
struct http_content *http_content_ref(struct http_content *content);
void http_content_unref(struct http_content *content); /* accepts NULL */

/* What goes out. The server adds Date, Content-Length, Connection, security headers and the request
 * id; it drops the body for HEAD, 204 and 304, and answers If-None-Match and Range where `etag` is
 * set. */
struct http_response {
    unsigned status;      /* 0: nothing was set, becomes 500 */
    struct buffer fields; /* header lines with CRLF, by http_response_field */
    struct buffer body;
    struct text etag;             /* with quotes, in the request's arena, or empty */
    struct http_content *content; /* instead of body, its fields before `fields`; one reference is
                                   * taken over */
    int file; /* instead of body: descriptor to send from, closed by the server; -1 */
    off_t file_offset;
    uint64_t file_length;
    /* Instead of body, for what is too large to be made at once: called on the loop thread whenever
     * the peer took what came before; appends the next piece. 1: more follows (the piece is not
     * empty), 0: that was the last, HTTP_LATER: there is nothing yet (the piece is empty), and
     * http_exchange_more says when; negative: it cannot be finished and the connection is cut. Sent
     * chunked. */
    int (*produce)(struct buffer *piece, void *data);
    void (*produce_end)(void *data); /* called once, whether all was sent or not; may be NULL */
    void *produce_data;
    int64_t modified; /* Last-Modified in microseconds, or 0 */
    bool close;       /* end the connection after it */
    bool varies;      /* depends on more than address, language and audiences: never kept */
};

#define HTTP_LATER 2

struct http_exchange {
    struct http_request request;
    struct http_response response;
    struct http_connection *connection; /* NULL once the peer is gone or was answered without it */
    void *owner;                        /* the dispatcher's own */
    const struct viewer *viewer;        /* who asks, as the dispatcher found out; NULL: anybody */
    struct text added;                  /* header lines for whatever answer is sent, in the arena */
    const char *route;                  /* for the access log, set by the dispatcher, or NULL */
    struct http_exchange *next;         /* for the dispatcher's queues */
};

/* First field of that (lower-case) name, or an empty text with NULL data. */
struct text http_request_field(const struct http_request *request, struct text name);
/* All fields of that name joined by ", " in the arena; NULL data if absent. */
struct text http_request_field_joined(const struct http_request *request, struct text name);

/* Adds "name: value"; PORTICO_EINVAL if either holds what RFC 9110 section 5.5 forbids. */
int http_response_field(struct http_response *response, struct text name, struct text value);

/* Loop thread. Sends the response and frees the exchange, also when the peer is gone. Exactly once.
 */
void http_exchange_finish(struct http_exchange *exchange);
/* Loop thread, for an answer that is produced, from http_exchange_finish until its produce_end:
 * there is a next piece. Nothing waits for time meanwhile, and a peer that ends the connection ends
 * the answer. */
void http_exchange_more(struct http_exchange *exchange);
/* The same: the peer gets nothing more, and its connection is closed. */
void http_exchange_cut(struct http_exchange *exchange);
/* Loop thread. What `request` points to stays as it is, also after http_exchange_finish, until each
 * hold is released. */
void http_exchange_hold(struct http_exchange *exchange);
void http_exchange_release(struct http_exchange *exchange);
/* Loop thread. Answers the peer with `status`, `fields` and `body` now, while a handler still holds
 * the exchange; http_exchange_finish later only frees it. */
void http_exchange_answer_instead(struct http_exchange *exchange, unsigned status,
                                  struct text fields, struct text body);

#endif
