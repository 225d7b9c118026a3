/* One connection: bytes to requests, requests to the dispatcher, what to wait for next. */
#include "http/internal.h"
#include "http/multipart.h"

#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define LEFTOVER_STEP ((size_t)1024)
#define BODY_RATE 500    /* bytes a second that a body must keep */
#define UPLOAD_RATE 4096 /* and one that is large: there is room for few */

_Static_assert(sizeof(struct http_connection) <= 256, "an idle connection costs no more than this");

static void on_readable(evutil_socket_t descriptor, short what, void *data);
static void on_writable(evutil_socket_t descriptor, short what, void *data);

static int descriptor_of(const struct http_connection *connection)
{
    return event_get_fd(&connection->reader);
}

int http_connection_open(struct http_server *server, int descriptor, const struct http_peer *peer)
{
    struct http_connection *connection = calloc(1, sizeof *connection);
    if (!connection ||
        event_assign(&connection->reader, server->base, descriptor, EV_READ | EV_PERSIST,
                     on_readable, connection) < 0 ||
        event_add(&connection->reader, NULL) < 0) {
        free(connection);
        return PORTICO_ENOMEM;
    }
    connection->server = server;
    connection->peer = *peer;
    connection->reads = true;
    connection->watch = HTTP_WATCHES;
    server->counters.accepted++;
    server->counters.open++;
    server->now = clock_steady();
    http_server_watch(connection, HTTP_WATCH_IDLE);
    return 0;
}

/* Everything but the descriptor. */
static void connection_free(struct http_connection *connection)
{
    struct http_server *server = connection->server;
    struct http_peer peer = connection->peer;
    if (connection->reads)
        event_del(&connection->reader);
    if (connection->writer)
        event_free(connection->writer);
    http_server_unwatch(connection);
    if (connection->reading)
        http_call_free(connection->reading);
    while (connection->first) {
        struct http_call *call = connection->first;
        connection->first = call->next;
        call->exchange.connection = NULL;
        if (call->done)
            http_call_free(call);
    }
    free(connection->leftover);
    free(connection);
    http_server_connection_gone(server, &peer);
}

void http_connection_close(struct http_connection *connection)
{
    int descriptor = descriptor_of(connection);
    connection_free(connection);
    close(descriptor);
}

static void enqueue(struct http_connection *connection, struct http_call *call)
{
    call->exchange.connection = connection;
    if (connection->last)
        connection->last->next = call;
    else
        connection->first = call;
    connection->last = call;
    connection->waiting++;
    connection->advanced = true;
}

/* Answers what cannot be served, and reads nothing more. `call` may be NULL. */
static void refuse(struct http_connection *connection, struct http_call *call,
                   const struct http_refusal *refusal)
{
    struct http_server *server = connection->server;
    connection->ended = true;
    connection->unread = true;
    connection->continues = false;
    if (!call)
        call = http_call_new(server);
    if (!call)
        return;
    call->framing = (struct http_framing){ 0 };
    struct http_response *response = &call->exchange.response;
    response->status = refusal->status;
    server->counters.refused++;
    if (server->options.refuse) {
        server->options.refuse(response, refusal->status, refusal->reason, server->options.data);
    } else {
        http_response_field(response, TEXT("Content-Type"), TEXT("text/plain; charset=utf-8"));
        buffer_append_text(&response->body, refusal->reason);
        buffer_append_char(&response->body, '\n');
    }
    enqueue(connection, call);
    http_exchange_finish(&call->exchange);
}

static void answer_asterisk(struct http_call *call)
{
    call->exchange.response.status = 204;
    http_response_field(&call->exchange.response, TEXT("Allow"),
                        TEXT("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"));
    http_exchange_finish(&call->exchange);
}

/* Hands a whole request to the dispatcher. */
static void submit(struct http_connection *connection, struct http_call *call)
{
    struct http_server *server = connection->server;
    connection->ended = !call->framing.keep_alive;
    server->counters.requests++;
    enqueue(connection, call);
    if (call->exchange.request.path.data[0] == '*')
        answer_asterisk(call);
    else
        server->options.dispatch(&call->exchange, server->options.data);
}

static void submit_with_body(struct http_connection *connection)
{
    static const struct http_refusal no_memory = {
        503, "The server is out of memory. Try again in a moment."
    };
    struct http_call *call = connection->reading;
    connection->reading = NULL;
    connection->continues = false;
    char *text = buffer_text(&call->body.content);
    if (!text) {
        refuse(connection, call, &no_memory);
        return;
    }
    call->exchange.request.body = (struct text){ text, call->body.content.length };
    submit(connection, call);
}

/* How long the body may be; 0: it is a large one, and no room is left for those. */
static size_t body_limit(struct http_server *server, struct http_call *call)
{
    const struct http_limits *limits = &server->limits;
    const struct http_request *request = &call->exchange.request;
    bool large = call->framing.chunked || call->framing.content_length > limits->body_bytes;
    if (!large || !server->options.takes_files ||
        !http_multipart_is(http_request_field(request, TEXT("content-type"))) ||
        !server->options.takes_files(request, server->options.data))
        return limits->body_bytes;
    if (server->uploads >= limits->uploads)
        return 0;
    server->uploads++;
    call->upload = true;
    return limits->upload_bytes;
}

/* Reads a head that is whole; `more` tells whether bytes of the body came along. */
static void begin(struct http_connection *connection, const char *head, size_t length,
                  unsigned lines, bool more)
{
    static const struct http_refusal no_room = {
        503, "Many large files are being sent at once. Try again in a moment."
    };
    struct http_server *server = connection->server;
    struct http_refusal refusal;
    struct http_call *call = http_call_new(server);
    if (!call) {
        connection->ended = true;
        return;
    }
    struct http_request *request = &call->exchange.request;
    request->started = connection->watch == HTTP_WATCH_HEAD ? connection->since : server->now;
    http_peer_text(&connection->peer, request->remote, sizeof request->remote);
    if (!http_parse_head(request, &call->framing, head, length, lines, &server->limits, &refusal)) {
        refuse(connection, call, &refusal);
        return;
    }
    if (!call->framing.chunked && call->framing.content_length == 0) {
        submit(connection, call);
        return;
    }
    size_t limit = body_limit(server, call);
    if (limit == 0) {
        refuse(connection, call, &no_room);
        return;
    }
    if (!http_body_begin(&call->body, &call->framing, limit, &refusal)) {
        refuse(connection, call, &refusal);
        return;
    }
    connection->reading = call;
    connection->advanced = true;
    connection->progress = 0;
    connection->graced = false;
    connection->continues = call->framing.expects_continue && !more;
}

static size_t feed_body(struct http_connection *connection, const char *data, size_t length)
{
    struct http_refusal refusal;
    size_t used = length;
    switch (http_body_feed(&connection->reading->body, data, length, &used, &refusal)) {
    case HTTP_BODY_DONE: submit_with_body(connection); break;
    case HTTP_BODY_MORE: connection->progress += (uint32_t)used; break;
    case HTTP_BODY_REFUSED: {
        struct http_call *call = connection->reading;
        connection->reading = NULL;
        refuse(connection, call, &refusal);
        break;
    }
    }
    return used;
}

/* Takes requests out of the bytes; returns how many bytes are done with. */
static size_t consume(struct http_connection *connection, struct http_scan *scan, const char *data,
                      size_t length)
{
    const struct http_limits *limits = &connection->server->limits;
    struct http_refusal refusal;
    size_t used = 0;
    while (used < length && !connection->ended) {
        if (connection->reading) {
            used += feed_body(connection, data + used, length - used);
            continue;
        }
        if (connection->waiting >= limits->pipelined)
            return used;
        enum http_scan_result result =
            http_scan_head(scan, data + used, length - used, limits, &refusal);
        if (result == HTTP_SCAN_MORE)
            return used;
        if (result == HTTP_SCAN_REFUSED) {
            refuse(connection, NULL, &refusal);
            break;
        }
        begin(connection, data + used + scan->start, scan->position - scan->start, scan->lines,
              used + scan->position < length);
        used += scan->position;
        *scan = (struct http_scan){ 0 };
    }
    return length;
}

/* Keeps what was not consumed of the shared buffer. */
static bool keep(struct http_connection *connection, const struct http_scan *scan, const char *data,
                 size_t length)
{
    if (length == 0)
        return true;
    size_t capacity = length + LEFTOVER_STEP;
    connection->leftover = malloc(sizeof *connection->leftover + capacity);
    if (!connection->leftover)
        return false;
    connection->leftover->scan = *scan;
    connection->leftover->capacity = capacity;
    connection->leftover->length = length;
    memcpy(connection->leftover->data, data, length);
    return true;
}

static void consume_leftover(struct http_connection *connection)
{
    struct http_leftover *leftover = connection->leftover;
    connection->turning = true;
    size_t used = consume(connection, &leftover->scan, leftover->data, leftover->length);
    connection->turning = false;
    leftover->length -= used;
    if (leftover->length == 0) {
        free(leftover);
        connection->leftover = NULL;
    } else if (used) {
        memmove(leftover->data, leftover->data + used, leftover->length);
    }
}

/* Where the next bytes go: behind those that wait, or into the buffer all connections share. */
static char *read_room(struct http_connection *connection, size_t *ret_size)
{
    struct http_leftover *leftover = connection->leftover;
    if (!leftover) {
        *ret_size = HTTP_READ_SIZE;
        return connection->server->read_buffer;
    }
    if (leftover->capacity - leftover->length < LEFTOVER_STEP) {
        size_t capacity = leftover->capacity * 2;
        leftover = realloc(leftover, sizeof *leftover + capacity);
        if (!leftover)
            return NULL;
        leftover->capacity = capacity;
        connection->leftover = leftover;
    }
    *ret_size = leftover->capacity - leftover->length;
    return leftover->data + leftover->length;
}

static void linger_read(struct http_connection *connection)
{
    ssize_t received =
        recv(descriptor_of(connection), connection->server->read_buffer, HTTP_READ_SIZE, 0);
    if (received == 0 || (received < 0 && errno != EAGAIN && errno != EINTR))
        http_connection_close(connection);
}

static void on_readable(evutil_socket_t descriptor, short what, void *data)
{
    (void)what;
    struct http_connection *connection = data;
    struct http_server *server = connection->server;
    if (connection->lingers) {
        linger_read(connection);
        return;
    }
    size_t size;
    char *room = read_room(connection, &size);
    ssize_t received = room ? recv(descriptor, room, size, 0) : -1;
    if (received < 0 && room && (errno == EAGAIN || errno == EINTR))
        return;
    if (received < 0) {
        http_connection_close(connection);
        return;
    }
    server->now = clock_steady();
    if (received == 0) {
        if (connection->first && connection->first->producing) {
            http_connection_close(connection); /* an answer without end is for who listens */
            return;
        }
        connection->ended = true; /* what was asked before is still answered */
    } else if (connection->leftover) {
        connection->leftover->length += (size_t)received;
        consume_leftover(connection);
    } else {
        struct http_scan scan = { 0 };
        connection->turning = true;
        size_t used = consume(connection, &scan, room, (size_t)received);
        connection->turning = false;
        if (!keep(connection, &scan, room + used, (size_t)received - used)) {
            http_connection_close(connection);
            return;
        }
    }
    server->counters.bytes_in += (uint64_t)received;
    http_connection_turn(connection);
}

static void on_writable(evutil_socket_t descriptor, short what, void *data)
{
    (void)descriptor;
    (void)what;
    struct http_connection *connection = data;
    connection->server->now = clock_steady();
    http_connection_turn(connection);
}

static bool set_reading(struct http_connection *connection, bool on)
{
    if (connection->reads == on)
        return true;
    connection->reads = on;
    return (on ? event_add(&connection->reader, NULL) : event_del(&connection->reader)) == 0;
}

static bool set_writing(struct http_connection *connection, bool on)
{
    if (on == (connection->writer != NULL))
        return true;
    if (!on) {
        event_free(connection->writer);
        connection->writer = NULL;
        return true;
    }
    connection->writer = event_new(connection->server->base, descriptor_of(connection),
                                   EV_WRITE | EV_PERSIST, on_writable, connection);
    return connection->writer && event_add(connection->writer, NULL) == 0;
}

/* The last answer is out. Where the peer may still be sending, closing would reset the connection
 * and could destroy the answer before it is read (RFC 9112 section 9.6): only our side is shut. */
static void end(struct http_connection *connection)
{
    if (!connection->unread || shutdown(descriptor_of(connection), SHUT_WR) < 0) {
        http_connection_close(connection);
        return;
    }
    connection->ended = true;
    connection->lingers = true;
    free(connection->leftover);
    connection->leftover = NULL;
    if (!set_writing(connection, false) || !set_reading(connection, true))
        http_connection_close(connection);
    else
        http_server_watch(connection, HTTP_WATCH_LINGER);
}

static void give_away(struct http_connection *connection)
{
    struct http_server *server = connection->server;
    int descriptor = descriptor_of(connection);
    if (server->hand_over && set_reading(connection, false)) {
        if (server->hand_over(descriptor, server->drain_data) == 0) {
            connection_free(connection);
            return;
        }
        server->closing = true;
    }
    char byte;
    if (recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1 && set_reading(connection, true)) {
        connection->doomed = true;
        http_server_watch(connection, HTTP_WATCH_IDLE);
        return;
    }
    http_connection_close(connection);
}

static enum http_watch watch_of(const struct http_connection *connection, bool blocked)
{
    if (blocked)
        return HTTP_WATCH_WRITE;
    if (connection->reading)
        return HTTP_WATCH_BODY;
    if (connection->leftover && connection->reads)
        return HTTP_WATCH_HEAD;
    return connection->first ? HTTP_WATCH_ANSWER : HTTP_WATCH_IDLE;
}

/* Decides what to wait for, after everything possible was done. */
static void settle(struct http_connection *connection, bool blocked)
{
    struct http_server *server = connection->server;
    bool whole = !connection->leftover && !connection->reading;
    if (!connection->first && whole && server->draining && !connection->doomed) {
        give_away(connection);
        return;
    }
    bool reads = !connection->ended && connection->waiting < server->limits.pipelined &&
                 !(server->draining && connection->first && whole);
    if (!set_reading(connection, reads) || !set_writing(connection, blocked)) {
        http_connection_close(connection);
        return;
    }
    http_server_watch(connection, watch_of(connection, blocked));
}

static void send_continue(struct http_connection *connection)
{
    static const char line[] = "HTTP/1.1 100 Continue\r\n\r\n";
    connection->continues = false;
    /* Everything before is with the kernel. If even this does not fit, the peer sends on by itself.
     */
    if (send(descriptor_of(connection), line, sizeof line - 1, MSG_NOSIGNAL) > 0)
        connection->server->counters.bytes_out += sizeof line - 1;
}

void http_connection_turn(struct http_connection *connection)
{
    if (connection->lingers)
        return;
    enum http_sent sent;
    for (;;) {
        sent = http_output_flush(connection);
        if (sent == HTTP_SENT_BROKEN) {
            http_connection_close(connection);
            return;
        }
        if (sent == HTTP_SENT_LAST) {
            end(connection);
            return;
        }
        bool room = connection->waiting < connection->server->limits.pipelined;
        if (sent == HTTP_SENT_BLOCKED || !connection->leftover || connection->ended || !room)
            break;
        size_t before = connection->leftover->length;
        consume_leftover(connection);
        if (connection->leftover && connection->leftover->length == before && !connection->ended)
            break;
    }
    if (connection->continues && !connection->first)
        send_continue(connection);
    if (connection->ended && !connection->first) {
        http_connection_close(connection);
        return;
    }
    settle(connection, sent == HTTP_SENT_BLOCKED);
}

static bool body_keeps_its_rate(struct http_connection *connection)
{
    int64_t rate = connection->reading->upload ? UPLOAD_RATE : BODY_RATE;
    int64_t due = connection->server->limits.body_time / 1000 * rate / 1000;
    bool kept = !connection->graced || connection->progress >= due;
    connection->graced = true;
    connection->progress = 0;
    return kept;
}

void http_connection_expire(struct http_connection *connection)
{
    static const struct http_refusal late = { 408, "The request took too long to arrive." };
    struct http_server *server = connection->server;
    if (connection->watch == HTTP_WATCH_BODY && body_keeps_its_rate(connection)) {
        connection->advanced = true;
        http_server_watch(connection, HTTP_WATCH_BODY);
        return;
    }
    if (connection->watch != HTTP_WATCH_HEAD && connection->watch != HTTP_WATCH_BODY) {
        server->counters.timed_out += connection->watch == HTTP_WATCH_WRITE;
        http_connection_close(connection);
        return;
    }
    server->counters.timed_out++;
    struct http_call *call = connection->reading;
    connection->reading = NULL;
    connection->turning = true;
    refuse(connection, call, &late);
    connection->turning = false;
    http_connection_turn(connection);
}
