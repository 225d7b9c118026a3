/* Calls: made from a pool, finished by dispatchers, answered early when a handler takes too long.
 */
#include "http/internal.h"

#include "base/clock.h"

#include <stdlib.h>
#include <unistd.h>

#define POOL_MAX 64u
#define STATUS_PEER_GONE 499u /* for the log only: nobody is left to be told */
#define BUFFER_KEPT ((size_t)64 * 1024)

/* Ids need to be different and hard to guess by eye, not secret: splitmix64 over a random start. */
static void write_id(struct http_server *server, char ret_id[17])
{
    static const char digits[] = "0123456789abcdef";
    uint64_t z = server->id_state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    z ^= z >> 31;
    for (int i = 0; i < 16; i++)
        ret_id[i] = digits[z >> (60 - 4 * i) & 15];
    ret_id[16] = 0;
}

static struct http_call *call_allocate(struct http_server *server)
{
    struct http_call *call = server->pool;
    if (call) {
        server->pool = call->next;
        server->pooled--;
        return call;
    }
    call = calloc(1, sizeof *call);
    if (!call)
        return NULL;
    call->exchange.request.arena = arena_new(0);
    if (!call->exchange.request.arena) {
        free(call);
        return NULL;
    }
    call->server = server;
    return call;
}

struct http_call *http_call_new(struct http_server *server)
{
    struct http_call *call = call_allocate(server);
    if (!call)
        return NULL;
    server->calls++;
    struct http_request *request = &call->exchange.request;
    struct arena *arena = request->arena;
    *request = (struct http_request){ .arena = arena,
                                      .method = TEXT(""),
                                      .target = TEXT(""),
                                      .path = TEXT(""),
                                      .query = TEXT(""),
                                      .host = TEXT(""),
                                      .body = TEXT("") };
    write_id(server, request->id);
    struct http_response *response = &call->exchange.response;
    struct buffer fields = response->fields;
    struct buffer body = response->body;
    *response = (struct http_response){ .fields = fields, .body = body, .file = -1 };
    buffer_clear(&response->fields);
    buffer_clear(&response->body);
    call->exchange.connection = NULL;
    call->exchange.owner = NULL;
    call->exchange.viewer = NULL;
    call->exchange.added = TEXT("");
    call->exchange.route = NULL;
    call->exchange.next = NULL;
    call->next = NULL;
    call->framing = (struct http_framing){ 0 };
    call->head = call->payload = TEXT("");
    call->sent = call->file_remaining = 0;
    call->done = call->close = call->answered = call->over = false;
    call->holds = 0;
    call->producing = call->chunked = false;
    return call;
}

static void buffer_trim(struct buffer *buffer)
{
    if (buffer->capacity > BUFFER_KEPT) {
        buffer_free(buffer);
        *buffer = (struct buffer){ 0 };
    }
}

static void call_destroy(struct http_call *call)
{
    arena_free(call->exchange.request.arena);
    buffer_free(&call->exchange.response.fields);
    buffer_free(&call->exchange.response.body);
    buffer_free(&call->body.content);
    free(call);
}

void http_call_free(struct http_call *call)
{
    struct http_server *server = call->server;
    struct http_response *response = &call->exchange.response;
    if (call->holds) {
        call->over = true;
        return;
    }
    http_content_unref(response->content);
    response->content = NULL;
    if (response->file >= 0)
        close(response->file);
    response->file = -1;
    if (response->produce_end)
        response->produce_end(response->produce_data);
    response->produce_end = NULL;
    server->calls--;
    server->uploads -= call->upload;
    call->upload = false;
    if (server->freed || server->pooled >= POOL_MAX) {
        call_destroy(call);
    } else {
        buffer_trim(&response->fields);
        buffer_trim(&response->body);
        buffer_trim(&call->body.content);
        arena_reset(call->exchange.request.arena);
        call->next = server->pool;
        server->pool = call;
        server->pooled++;
    }
    if (server->freed && server->calls == 0)
        free(server);
}

void http_call_log(struct http_call *call, unsigned status, uint64_t bytes)
{
    struct http_server *server = call->server;
    if (server->freed)
        return;
    server->counters.status[status / 100 < 6 ? status / 100 : 0]++;
    if (server->options.log)
        server->options.log(&call->exchange, status, bytes, server->options.data);
}

static struct http_call *call_of(struct http_exchange *exchange)
{
    return (struct http_call *)exchange;
}

void http_exchange_hold(struct http_exchange *exchange)
{
    call_of(exchange)->holds++;
}

void http_exchange_release(struct http_exchange *exchange)
{
    struct http_call *call = call_of(exchange);
    if (--call->holds == 0 && call->over)
        http_call_free(call);
}

/* Outside of the connection's own turn, which sends by itself, an answer whose turn it is leaves
 * now. */
static void send_if_first(struct http_connection *connection, const struct http_call *call)
{
    if (connection->turning || connection->first != call)
        return;
    connection->server->now = clock_steady();
    http_connection_turn(connection);
}

void http_exchange_finish(struct http_exchange *exchange)
{
    struct http_call *call = call_of(exchange);
    struct http_connection *connection = exchange->connection;
    if (!connection) {
        if (!call->answered)
            http_call_log(call, STATUS_PEER_GONE, 0);
        http_call_free(call);
        return;
    }
    http_respond(call);
    call->done = true;
    send_if_first(connection, call);
}

void http_exchange_more(struct http_exchange *exchange)
{
    if (exchange->connection)
        send_if_first(exchange->connection, call_of(exchange));
}

void http_exchange_cut(struct http_exchange *exchange)
{
    if (exchange->connection)
        http_connection_close(exchange->connection);
}

/* The handler may still be writing to the exchange, so the answer is made in a call of its own that
 * takes the exchange's place in the connection's order. */
void http_exchange_answer_instead(struct http_exchange *exchange, unsigned status,
                                  struct text fields, struct text body)
{
    struct http_call *call = call_of(exchange);
    struct http_connection *connection = exchange->connection;
    if (!connection)
        return;
    struct http_call *substitute = http_call_new(call->server);
    if (!substitute)
        return; /* without memory the peer waits for the handler after all */
    struct arena *arena = substitute->exchange.request.arena;
    substitute->exchange.request = exchange->request;
    substitute->exchange.request.arena = arena;
    substitute->exchange.route = exchange->route;
    substitute->exchange.connection = connection;
    substitute->exchange.added = exchange->added;
    substitute->framing = call->framing;
    substitute->framing.conditions = 0;
    struct http_response *response = &substitute->exchange.response;
    response->status = status;
    buffer_append(&response->fields, fields.data, fields.length);
    buffer_append(&response->body, body.data, body.length);
    http_respond(substitute);
    substitute->done = true;

    struct http_call **place = &connection->first;
    while (*place != call)
        place = &(*place)->next;
    *place = substitute;
    substitute->next = call->next;
    if (connection->last == call)
        connection->last = substitute;
    exchange->connection = NULL;
    call->answered = true;
    call->next = NULL;
    send_if_first(connection, substitute);
}
