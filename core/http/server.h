/* Listening sockets and connections of one loop. All calls on the loop thread. The process ignores
 * SIGPIPE: files are sent by a call that would raise it. */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "http/exchange.h"

#include <event2/event.h>
#include <portico/base.h>

/* Limits; zero takes the default in the comment. */
struct http_limits {
    size_t head_bytes;    /* 32 KiB: request line and fields; past it 431 (or 414 for the target) */
    size_t target_bytes;  /* 8 KiB */
    unsigned field_count; /* 100 */
    size_t body_bytes;    /* 1 MiB: 413 */
    size_t upload_bytes;  /* 10 MiB: the same for multipart forms where files are taken */
    unsigned uploads;     /* 16 of those held at once; past it 503 */
    unsigned connections; /* 10,000: accepting pauses */
    unsigned connections_peer; /* 0: no limit for one address */
    int64_t head_time;         /* 10 s for a whole head */
    int64_t body_time;         /* 10 s before the body must keep 500 B/s */
    int64_t idle_time;         /* 60 s of an idle keep-alive connection */
    int64_t write_time;        /* 30 s without progress of a response */
    unsigned pipelined;        /* 64 requests read ahead of their answers */
};

struct http_server_options {
    struct event_base *base;
    struct http_limits limits;
    const char
        *server_fields; /* header lines added to every response (security headers), CRLF each */
    /* Called for every whole request. Ends with one http_exchange_finish, now or later. Requests of
     * one connection may be answered in any order; they are sent in theirs. */
    void (*dispatch)(struct http_exchange *exchange, void *data);
    /* Whether a multipart form may be as large as an upload, by its head; NULL: none. */
    bool (*takes_files)(const struct http_request *request, void *data);
    /* Called for what the parser refused, to write the body of a 4xx; may be NULL. */
    void (*refuse)(struct http_response *response, unsigned status, const char *reason, void *data);
    /* Called once a response is on its way; may be NULL. */
    void (*log)(const struct http_exchange *exchange, unsigned status, uint64_t bytes, void *data);
    void *data;
};

struct http_server;

/* Counters for /metrics; read on the loop thread. */
struct http_counters {
    uint64_t accepted, requests, refused, timed_out, bytes_in, bytes_out;
    uint64_t status[6]; /* by first digit */
    unsigned open, idle;
};

struct http_server *http_server_new(const struct http_server_options *options,
                                    struct portico_error *error);
/* Serves a listening socket (stream, non-blocking); the descriptor stays the caller's. */
int http_server_listen(struct http_server *server, int descriptor, struct portico_error *error);
/* Serves an accepted connection, as handed over by another worker. Takes the descriptor. */
int http_server_adopt(struct http_server *server, int descriptor);
/* Stops accepting. Idle connections go to `hand_over` (takes the descriptor; returns 0, or -1 to
 * have it closed after the answers under way, with Connection: close); busy ones follow when their
 * answers are out. `drained` is called once none is left. */
void http_server_drain(struct http_server *server, int (*hand_over)(int descriptor, void *data),
                       void (*drained)(void *data), void *data);
const struct http_counters *http_server_counters(const struct http_server *server);
/* Closes everything; exchanges still held lose their connection. Accepts NULL. */
void http_server_free(struct http_server *server);

#endif
