/* What the files of this room share: connection, call, server. Nobody outside includes it. */
#ifndef HTTP_INTERNAL_H
#define HTTP_INTERNAL_H

#include "http/body.h"
#include "http/exchange.h"
#include "http/parser.h"
#include "http/server.h"

#include <event2/event_struct.h>
#include <netinet/in.h>

#define HTTP_READ_SIZE                                                                             \
    ((size_t)16 * 1024) /* of the shared read buffer: what one slow peer may hold */

/* A request with its answer, in the order of its connection. Reused; dispatchers see `exchange`
 * only. */
struct http_call {
    struct http_exchange exchange; /* must be first */
    struct http_server *server;
    struct http_call *next; /* of its connection, or of the pool */
    struct http_framing framing;
    struct http_body body;
    struct text head; /* of the answer, in the arena */
    struct text payload;
    uint64_t sent;           /* of head and payload */
    uint64_t file_remaining; /* sent after them */
    bool producing;          /* pieces follow: head holds the one being sent */
    bool chunked;            /* and are framed as chunks; HTTP/1.0 ends with the connection */
    bool done;               /* the answer is ready to be sent */
    bool close;              /* nothing comes after it */
    bool answered;           /* by another call in its place */
    bool upload;             /* its body is large, and one of few */
    bool over;               /* it is freed once nobody holds its request */
    unsigned holds;
};

/* What a connection waits for, and so for how long: the server keeps one list for each, in time
 * order. */
enum http_watch {
    HTTP_WATCH_IDLE,
    HTTP_WATCH_HEAD,
    HTTP_WATCH_BODY,
    HTTP_WATCH_WRITE,
    HTTP_WATCH_LINGER,
    HTTP_WATCH_ANSWER, /* of the dispatcher, who has limits of its own */
    HTTP_WATCHES,
};

/* Bytes of a head that is not whole, or that wait until earlier requests are answered. */
struct http_leftover {
    size_t length, capacity;
    struct http_scan scan;
    char data[];
};

/* Peer address, short: an IPv4 address is kept as IPv6 sees it. Unix sockets have family 0. */
struct http_peer {
    uint8_t address[16];
    uint8_t family;
};

/* All that is kept for an idle connection: below 250 bytes. */
struct http_connection {
    struct event reader; /* its descriptor is the connection's */
    struct http_server *server;
    struct http_connection *before, *after; /* in the list of `watch` */
    int64_t since;                          /* when it came to that list */
    struct http_call *first, *last;         /* requests whose answers are not out, in order */
    struct http_call *reading;              /* request whose body is arriving */
    struct http_leftover *leftover;
    struct event *writer; /* only while the peer does not take what we send */
    uint32_t progress;    /* body bytes since `since` */
    uint16_t waiting;     /* calls from `first` on */
    struct http_peer peer;
    uint8_t watch;
    bool reads     : 1; /* `reader` is armed */
    bool turning   : 1; /* a turn is under way: finishing a call leaves the sending to it */
    bool ended     : 1; /* the peer or we said that no request follows */
    bool lingers   : 1; /* our side is shut, what comes is thrown away */
    bool advanced  : 1; /* a request was read: its time is over */
    bool written   : 1; /* the peer took some of an answer */
    bool graced    : 1; /* the body's first span of time has passed */
    bool continues : 1; /* 100 Continue is owed once earlier answers are out */
    bool unread : 1; /* the peer may still be sending: closing at once could cost it the answer */
    bool doomed : 1; /* nobody takes it over: the next answer is its last */
};

struct http_watch_list {
    struct http_connection *first, *last;
    unsigned count;
};

struct http_listener {
    struct event event;
    struct http_server *server;
    struct http_listener *next;
};

struct http_server {
    struct event_base *base;
    struct http_server_options options;
    struct http_limits limits;
    struct text server_fields;
    struct http_counters counters;
    struct http_watch_list lists[HTTP_WATCHES];
    struct http_listener *listeners;
    struct http_call *pool;
    unsigned pooled;
    unsigned calls; /* alive, pooled ones not counted */
    unsigned uploads;
    void *peers; /* GHashTable of struct http_peer to count, if limited */
    struct event sweep;
    struct event drained_event;
    int (*hand_over)(int descriptor, void *data);
    void (*drained)(void *data);
    void *drain_data;
    uint64_t id_state;
    int64_t now;    /* clock_steady of this turn of the loop */
    int64_t second; /* that `common` was written for */
    char *common;   /* "Date: …" and the server's fields */
    size_t common_length;
    int spare; /* descriptor given up when none is left, to turn a peer away */
    bool accepting;
    bool draining;
    bool closing; /* handing over does not work: answers say that the connection ends */
    bool freed;
    char read_buffer[HTTP_READ_SIZE];
};

/* connection.c */
int http_connection_open(struct http_server *server, int descriptor, const struct http_peer *peer);
void http_connection_close(struct http_connection *connection);
/* Reads what is there, sends what is ready, and settles what to wait for next. */
void http_connection_turn(struct http_connection *connection);
/* Ends what took too long: a started request is told (408), the rest is closed. */
void http_connection_expire(struct http_connection *connection);

/* output.c: sends what is ready, in order. False: the connection is broken or was ended. */
enum http_sent { HTTP_SENT_ALL, HTTP_SENT_BLOCKED, HTTP_SENT_LAST, HTTP_SENT_BROKEN };
enum http_sent http_output_flush(struct http_connection *connection);

/* respond.c: makes head and payload of the answer from exchange.response. */
void http_respond(struct http_call *call);
const char *http_reason(unsigned status);

/* call.c */
struct http_call *http_call_new(struct http_server *server);
void http_call_free(struct http_call *call); /* to the pool */
void http_call_log(struct http_call *call, unsigned status, uint64_t bytes);

/* server.c */
void http_server_watch(struct http_connection *connection, enum http_watch watch);
void http_server_unwatch(struct http_connection *connection);
/* False: too many of this address. */
bool http_server_count_peer(struct http_server *server, const struct http_peer *peer, int step);
void http_server_connection_gone(struct http_server *server, const struct http_peer *peer);
void http_peer_text(const struct http_peer *peer, char *ret_text, size_t size);

#endif
