#include "http/internal.h"

#include "base/clock.h"
#include "base/error.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#define ACCEPT_BATCH 16
#define LINGER_TIME ((int64_t)5 * 1000000)
#define SWEEP_LONGEST ((int64_t)1000000)
#define SWEEP_SHORTEST ((int64_t)10000)

static int64_t watch_time(const struct http_server *server, enum http_watch watch)
{
    switch (watch) {
    case HTTP_WATCH_IDLE: return server->limits.idle_time;
    case HTTP_WATCH_HEAD: return server->limits.head_time;
    case HTTP_WATCH_BODY: return server->limits.body_time;
    case HTTP_WATCH_WRITE: return server->limits.write_time;
    case HTTP_WATCH_LINGER: return LINGER_TIME;
    default: return INT64_MAX;
    }
}

void http_server_unwatch(struct http_connection *connection)
{
    if (connection->watch == HTTP_WATCHES)
        return;
    struct http_watch_list *list = &connection->server->lists[connection->watch];
    if (connection->before)
        connection->before->after = connection->after;
    else
        list->first = connection->after;
    if (connection->after)
        connection->after->before = connection->before;
    else
        list->last = connection->before;
    connection->before = connection->after = NULL;
    list->count--;
    connection->watch = HTTP_WATCHES;
}

/* Lists stay in time order because what comes to one goes to its end with the present time. */
void http_server_watch(struct http_connection *connection, enum http_watch watch)
{
    struct http_server *server = connection->server;
    bool renewed = connection->advanced ||
                   (connection->written && watch != HTTP_WATCH_BODY && watch != HTTP_WATCH_HEAD);
    connection->advanced = connection->written = false;
    if (connection->watch == watch && !renewed)
        return;
    http_server_unwatch(connection);
    struct http_watch_list *list = &server->lists[watch];
    connection->watch = (uint8_t)watch;
    connection->since = server->now;
    connection->before = list->last;
    if (list->last)
        list->last->after = connection;
    else
        list->first = connection;
    list->last = connection;
    list->count++;
}

static void schedule_sweep(struct http_server *server)
{
    int64_t shortest = SWEEP_LONGEST * 4;
    for (int watch = 0; watch < HTTP_WATCHES; watch++)
        shortest = MIN(shortest, watch_time(server, (enum http_watch)watch));
    int64_t pause = MAX(shortest / 4, SWEEP_SHORTEST);
    struct timeval time = { pause / 1000000, pause % 1000000 };
    event_add(&server->sweep, &time);
}

static void on_sweep(evutil_socket_t descriptor, short what, void *data)
{
    (void)descriptor;
    (void)what;
    struct http_server *server = data;
    server->now = clock_steady();
    for (int watch = 0; watch < HTTP_WATCHES; watch++) {
        struct http_watch_list *list = &server->lists[watch];
        int64_t time = watch_time(server, (enum http_watch)watch);
        while (list->first && server->now - list->first->since >= time)
            http_connection_expire(list->first);
    }
    if (server->counters.open)
        schedule_sweep(server);
}

/* Peers */

static guint peer_hash(gconstpointer data)
{
    const struct http_peer *peer = data;
    guint hash = peer->family;
    for (size_t i = 0; i < sizeof peer->address; i++)
        hash = hash * 31 + peer->address[i];
    return hash;
}

static gboolean peer_equal(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(struct http_peer)) == 0;
}

bool http_server_count_peer(struct http_server *server, const struct http_peer *peer, int step)
{
    if (!server->peers || !peer->family)
        return true;
    guint count = GPOINTER_TO_UINT(g_hash_table_lookup(server->peers, peer));
    if (step > 0 && count >= server->limits.connections_peer)
        return false;
    count = step > 0 ? count + 1 : count - 1;
    if (count == 0)
        g_hash_table_remove(server->peers, peer);
    else
        g_hash_table_insert(server->peers, g_memdup2(peer, sizeof *peer), GUINT_TO_POINTER(count));
    return true;
}

static struct http_peer peer_of(const struct sockaddr_storage *address)
{
    struct http_peer peer = { .family = 0 };
    if (address->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)address;
        memcpy(peer.address + 12, &in->sin_addr, 4);
        peer.address[10] = peer.address[11] = 0xFF;
        peer.family = AF_INET;
    } else if (address->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;
        memcpy(peer.address, &in6->sin6_addr, 16);
        peer.family = IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr) ? AF_INET : AF_INET6;
    }
    return peer;
}

/* Written for every request: inet_ntop goes through printf for IPv4. */
static void ipv4_text(const uint8_t *address, char *out)
{
    for (int i = 0; i < 4; i++) {
        unsigned part = address[i];
        if (part >= 100)
            *out++ = (char)('0' + part / 100);
        if (part >= 10)
            *out++ = (char)('0' + part / 10 % 10);
        *out++ = (char)('0' + part % 10);
        *out++ = i < 3 ? '.' : 0;
    }
}

void http_peer_text(const struct http_peer *peer, char *ret_text, size_t size)
{
    if (peer->family == AF_INET)
        ipv4_text(peer->address + 12, ret_text);
    else if (peer->family != AF_INET6 ||
             !inet_ntop(AF_INET6, peer->address, ret_text, (socklen_t)size))
        memcpy(ret_text, "unix", 5);
}

/* Listening */

static void set_accepting(struct http_server *server, bool on)
{
    if (server->accepting == on)
        return;
    server->accepting = on;
    for (struct http_listener *listener = server->listeners; listener; listener = listener->next) {
        if (on)
            event_add(&listener->event, NULL);
        else
            event_del(&listener->event);
    }
}

/* No descriptor is left: the one held in reserve lets us turn the peer away. A connection left in
 * the backlog would keep the socket readable and the loop spinning. */
static void turn_away(struct http_server *server, int listener)
{
    if (server->spare >= 0)
        close(server->spare);
    int descriptor = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (descriptor >= 0)
        close(descriptor);
    server->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void on_connection(evutil_socket_t descriptor, short what, void *data)
{
    (void)what;
    struct http_listener *listener = data;
    struct http_server *server = listener->server;
    for (int i = 0; i < ACCEPT_BATCH && server->accepting; i++) {
        struct sockaddr_storage address = { 0 };
        socklen_t length = sizeof address;
        int accepted =
            accept4(descriptor, (struct sockaddr *)&address, &length, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (accepted < 0) {
            if (errno == EMFILE || errno == ENFILE)
                turn_away(server, descriptor);
            return;
        }
        struct http_peer peer = peer_of(&address);
        if (!http_server_count_peer(server, &peer, 1)) {
            close(accepted);
            continue;
        }
        if (http_connection_open(server, accepted, &peer) < 0) {
            http_server_count_peer(server, &peer, -1);
            close(accepted);
            return;
        }
        if (server->counters.open == 1)
            schedule_sweep(server);
        if (server->counters.open >= server->limits.connections)
            set_accepting(server, false);
    }
}

static void check_drained(struct http_server *server)
{
    if (server->draining && server->drained && server->counters.open == 0)
        event_active(&server->drained_event, EV_TIMEOUT, 0);
}

void http_server_connection_gone(struct http_server *server, const struct http_peer *peer)
{
    http_server_count_peer(server, peer, -1);
    server->counters.open--;
    if (server->counters.open < server->limits.connections && !server->draining)
        set_accepting(server, true);
    check_drained(server);
}

/* In a turn of its own, so that nobody frees the server under the feet of a connection. */
static void on_drained(evutil_socket_t descriptor, short what, void *data)
{
    (void)descriptor;
    (void)what;
    struct http_server *server = data;
    void (*drained)(void *) = server->drained;
    server->drained = NULL;
    if (drained)
        drained(server->drain_data);
}

/* The fields of every answer. No answer of ours may be taken for something else than it says. */
static bool make_common(struct http_server *server, const char *fields)
{
    static const char date[] = "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n";
    static const char nosniff[] = "X-Content-Type-Options: nosniff\r\n";
    fields = fields ? fields : "";
    bool has_nosniff = strcasestr(fields, "x-content-type-options:") != NULL;
    int length = asprintf(&server->common, "%s%s%s", date, has_nosniff ? "" : nosniff, fields);
    if (length < 0)
        return false;
    server->common_length = (size_t)length;
    server->second = -1;
    return true;
}

struct http_server *http_server_new(const struct http_server_options *options,
                                    struct portico_error *error)
{
    struct http_server *server = calloc(1, sizeof *server);
    if (!server || !make_common(server, options->server_fields) ||
        event_assign(&server->sweep, options->base, -1, 0, on_sweep, server) < 0 ||
        event_assign(&server->drained_event, options->base, -1, 0, on_drained, server) < 0) {
        free(server);
        error_set(error, PORTICO_ENOMEM, "There is no memory left for the HTTP server.");
        return NULL;
    }
    server->base = options->base;
    server->options = *options;
    server->limits = options->limits;
    http_limits_complete(&server->limits);
    server->accepting = true;
    server->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (server->limits.connections_peer)
        server->peers = g_hash_table_new_full(peer_hash, peer_equal, g_free, NULL);
    if (getrandom(&server->id_state, sizeof server->id_state, GRND_NONBLOCK) < 0)
        server->id_state = (uint64_t)clock_now() ^ (uint64_t)getpid() << 40;
    return server;
}

int http_server_listen(struct http_server *server, int descriptor, struct portico_error *error)
{
    struct http_listener *listener = calloc(1, sizeof *listener);
    int on = 1;
    /* Accepted sockets inherit it, which saves a system call for each. Unix sockets do not know it.
     */
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (!listener ||
        event_assign(&listener->event, server->base, descriptor, EV_READ | EV_PERSIST,
                     on_connection, listener) < 0 ||
        (server->accepting && event_add(&listener->event, NULL) < 0)) {
        free(listener);
        return error_set(error, PORTICO_EIO, "The listening socket cannot be watched: %s.",
                         strerror(errno));
    }
    listener->server = server;
    listener->next = server->listeners;
    server->listeners = listener;
    return 0;
}

int http_server_adopt(struct http_server *server, int descriptor)
{
    struct sockaddr_storage address = { 0 };
    socklen_t length = sizeof address;
    getpeername(descriptor, (struct sockaddr *)&address, &length);
    struct http_peer peer = peer_of(&address);
    int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0 || fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) < 0 ||
        !http_server_count_peer(server, &peer, 1)) {
        close(descriptor);
        return PORTICO_ELIMIT;
    }
    if (http_connection_open(server, descriptor, &peer) < 0) {
        http_server_count_peer(server, &peer, -1);
        close(descriptor);
        return PORTICO_ENOMEM;
    }
    if (server->counters.open == 1)
        schedule_sweep(server);
    return 0;
}

void http_server_drain(struct http_server *server, int (*hand_over)(int descriptor, void *data),
                       void (*drained)(void *data), void *data)
{
    set_accepting(server, false);
    server->draining = true;
    server->hand_over = hand_over;
    server->closing = !hand_over;
    server->drained = drained;
    server->drain_data = data;
    server->now = clock_steady();
    for (int watch = 0; watch < HTTP_WATCHES; watch++) {
        struct http_connection *after = NULL;
        struct http_connection *last = server->lists[watch].last;
        for (struct http_connection *each = server->lists[watch].first; each; each = after) {
            after = each == last ? NULL : each->after; /* a turn may put it at the end again */
            if (!each->turning)
                http_connection_turn(each);
        }
    }
    check_drained(server);
}

const struct http_counters *http_server_counters(const struct http_server *server)
{
    struct http_counters *counters = (struct http_counters *)&server->counters;
    counters->idle = server->lists[HTTP_WATCH_IDLE].count;
    return counters;
}

void http_server_free(struct http_server *server)
{
    if (!server)
        return;
    server->draining = true;
    server->drained = NULL;
    for (int watch = 0; watch < HTTP_WATCHES; watch++)
        while (server->lists[watch].first)
            http_connection_close(server->lists[watch].first);
    while (server->listeners) {
        struct http_listener *listener = server->listeners;
        server->listeners = listener->next;
        if (server->accepting)
            event_del(&listener->event);
        free(listener);
    }
    event_del(&server->sweep);
    event_del(&server->drained_event);
    if (server->peers)
        g_hash_table_destroy(server->peers);
    if (server->spare >= 0)
        close(server->spare);
    free(server->common);
    server->freed = true;
    server->calls++; /* so that emptying the pool does not free the server under us */
    while (server->pool) {
        struct http_call *call = server->pool;
        server->pool = call->next;
        server->calls++;
        http_call_free(call);
    }
    if (--server->calls == 0)
        free(server);
}
