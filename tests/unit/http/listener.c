/* Tests of accepting: limits, running out of descriptors, and what the dispatcher learns of the
 * peer. */
#include "peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>

static struct event_base *base;
static int listener;
static uint16_t port;

static void dispatch(struct http_exchange *exchange, void *data)
{
    (void)data;
    exchange->response.status = 200;
    buffer_printf(&exchange->response.body, "from %s", exchange->request.remote);
    http_exchange_finish(exchange);
}

static int listen_at(int family)
{
    struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
    int descriptor = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr *address = family == AF_INET ? (void *)&in : (void *)&in6;
    socklen_t length = family == AF_INET ? sizeof in : sizeof in6;
    if (descriptor < 0 || bind(descriptor, address, length) < 0 || listen(descriptor, 64) < 0 ||
        getsockname(descriptor, address, &length) < 0)
        return -1;
    port = ntohs(family == AF_INET ? in.sin_port : in6.sin6_port);
    return descriptor;
}

static struct http_server *serve(struct http_limits limits, int family)
{
    struct http_server_options options = { .base = base, .limits = limits, .dispatch = dispatch };
    struct portico_error error = PORTICO_ERROR_INIT;
    struct http_server *server = http_server_new(&options, &error);
    listener = listen_at(family);
    if (listener < 0) {
        http_server_free(server);
        return NULL;
    }
    g_assert_cmpint(http_server_listen(server, listener, &error), ==, 0);
    return server;
}

static struct peer *connect_peer(int family)
{
    struct sockaddr_in in = { .sin_family = AF_INET,
                              .sin_port = htons(port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
                                .sin6_port = htons(port),
                                .sin6_addr = IN6ADDR_LOOPBACK_INIT };
    struct peer *peer = g_new0(struct peer, 1);
    peer->base = base;
    peer->received = g_string_new(NULL);
    peer->descriptor = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    g_assert_cmpint(peer->descriptor, >=, 0);
    int result = family == AF_INET ? connect(peer->descriptor, (struct sockaddr *)&in, sizeof in)
                                   : connect(peer->descriptor, (struct sockaddr *)&in6, sizeof in6);
    g_assert_true(result == 0 || errno == EINPROGRESS);
    return peer;
}

static const char request[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

static void done(struct http_server *server)
{
    http_server_free(server);
    close(listener);
}

static void the_dispatcher_learns_the_address_of_the_peer(void)
{
    static const struct {
        int family;
        const char *text;
    } cases[] = { { AF_INET, "from 127.0.0.1" }, { AF_INET6, "from ::1" } };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct http_server *server = serve((struct http_limits){ 0 }, cases[i].family);
        if (!server)
            continue; /* a machine without IPv6 */
        struct peer *peer = connect_peer(cases[i].family);
        PEER_SAY(peer, request);
        PEER_EXPECT(peer, cases[i].text);
        g_assert_cmpuint(http_server_counters(server)->accepted, ==, 1);
        peer_free(peer);
        done(server);
    }
}

static void accepting_pauses_at_the_limit_and_goes_on_when_there_is_room(void)
{
    struct http_server *server = serve((struct http_limits){ .connections = 2 }, AF_INET);
    struct peer *peers[3];
    for (size_t i = 0; i < 3; i++) {
        peers[i] = connect_peer(AF_INET);
        PEER_SAY(peers[i], request);
    }
    PEER_EXPECT(peers[0], "200 OK");
    PEER_EXPECT(peers[1], "200 OK");
    for (int i = 0; i < 10; i++)
        peer_step(peers[2]);
    g_assert_cmpuint(peers[2]->received->len, ==, 0);
    g_assert_cmpuint(http_server_counters(server)->open, ==, 2);
    peer_free(peers[0]);
    PEER_EXPECT(peers[2], "200 OK");
    peer_free(peers[1]);
    peer_free(peers[2]);
    done(server);
}

static void one_address_cannot_take_all_connections(void)
{
    struct http_server *server = serve((struct http_limits){ .connections_peer = 2 }, AF_INET);
    struct peer *peers[3];
    for (size_t i = 0; i < 3; i++) {
        peers[i] = connect_peer(AF_INET);
        PEER_WAIT(peers[i], http_server_counters(server)->open == i + 1 || i == 2);
    }
    PEER_WAIT(peers[2], peers[2]->ended);
    peer_free(peers[0]);
    PEER_WAIT(peers[1], http_server_counters(server)->open == 1);
    struct peer *again = connect_peer(AF_INET);
    PEER_SAY(again, request);
    PEER_EXPECT(again, "200 OK");
    peer_free(again);
    peer_free(peers[1]);
    peer_free(peers[2]);
    done(server);
}

static void without_descriptors_peers_are_turned_away_and_others_served_on(void)
{
    struct http_server *server = serve((struct http_limits){ 0 }, AF_INET);
    struct peer *before = connect_peer(AF_INET);
    PEER_SAY(before, request);
    PEER_EXPECT(before, "200 OK");
    struct peer *late = connect_peer(AF_INET);

    struct rlimit old;
    getrlimit(RLIMIT_NOFILE, &old);
    int next = dup(0);
    close(next);
    const struct rlimit none = { (rlim_t)next, old.rlim_max };
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &none), ==, 0);
    PEER_WAIT(late, late->ended);
    g_assert_cmpuint(http_server_counters(server)->open, ==, 1);
    PEER_SAY(before, request);
    PEER_WAIT(before, peer_count(before, "200 OK") == 2);
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &old), ==, 0);

    struct peer *after = connect_peer(AF_INET);
    PEER_SAY(after, request);
    PEER_EXPECT(after, "200 OK");
    peer_free(before);
    peer_free(late);
    peer_free(after);
    done(server);
}

static void a_draining_server_accepts_nothing_more(void)
{
    struct http_server *server = serve((struct http_limits){ 0 }, AF_INET);
    http_server_drain(server, NULL, NULL, NULL);
    struct peer *peer = connect_peer(AF_INET);
    for (int i = 0; i < 10; i++)
        peer_step(peer);
    g_assert_cmpuint(http_server_counters(server)->accepted, ==, 0);
    struct http_server_options options = { .base = base, .dispatch = dispatch };
    struct http_server *successor = http_server_new(&options, NULL);
    g_assert_cmpint(http_server_listen(successor, listener, NULL), ==, 0);
    PEER_SAY(peer, request);
    PEER_EXPECT(peer, "200 OK");
    peer_free(peer);
    http_server_free(successor);
    done(server);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    base = event_base_new();
#define TEST(name) g_test_add_func("/http/listener/" #name, name)
    TEST(the_dispatcher_learns_the_address_of_the_peer);
    TEST(accepting_pauses_at_the_limit_and_goes_on_when_there_is_room);
    TEST(one_address_cannot_take_all_connections);
    TEST(without_descriptors_peers_are_turned_away_and_others_served_on);
    TEST(a_draining_server_accepts_nothing_more);
    int result = g_test_run();
    event_base_free(base);
    return result;
}
