/* A server on a loop and peers that talk to it byte for byte, shared by the tests of this room. */
#ifndef TESTS_HTTP_PEER_H
#define TESTS_HTTP_PEER_H

#include "http/server.h"

#include <glib.h>
#include <sys/socket.h>
#include <unistd.h>

#define PEER_DEADLINE (60 * G_USEC_PER_SEC)

struct peer {
    struct event_base *base;
    int descriptor;
    GString *received;
    bool ended;
};

/* Connects a new peer to the server through a socket pair. */
static inline struct peer *peer_new(struct event_base *base, struct http_server *server)
{
    int pair[2];
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), ==,
                    0);
    g_assert_cmpint(http_server_adopt(server, pair[1]), ==, 0);
    struct peer *peer = g_new0(struct peer, 1);
    peer->base = base;
    peer->descriptor = pair[0];
    peer->received = g_string_new(NULL);
    return peer;
}

static inline void peer_free(struct peer *peer)
{
    close(peer->descriptor);
    g_string_free(peer->received, TRUE);
    g_free(peer);
}

/* One turn of the loop, then what has arrived. */
static inline void peer_step(struct peer *peer)
{
    char bytes[65536];
    event_base_loop(peer->base, EVLOOP_NONBLOCK);
    ssize_t length = peer->ended ? -1 : recv(peer->descriptor, bytes, sizeof bytes, 0);
    if (length > 0)
        g_string_append_len(peer->received, bytes, length);
    else if (length == 0)
        peer->ended = true;
    else
        g_usleep(200);
}

static inline void peer_send(struct peer *peer, const char *data, size_t length)
{
    gint64 deadline = g_get_monotonic_time() + PEER_DEADLINE;
    while (length) {
        ssize_t sent = send(peer->descriptor, data, length, MSG_NOSIGNAL);
        if (sent > 0) {
            data += sent;
            length -= (size_t)sent;
        }
        peer_step(peer);
        if (peer->ended)
            return;
        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
    }
}
#define PEER_SAY(peer, text) peer_send((peer), (text), strlen(text))

/* Runs the loop until `condition` holds. */
#define PEER_WAIT(peer, condition)                                                                 \
    do {                                                                                           \
        gint64 deadline_ = g_get_monotonic_time() + PEER_DEADLINE;                                 \
        while (!(condition)) {                                                                     \
            peer_step(peer);                                                                       \
            if (g_get_monotonic_time() >= deadline_)                                               \
                g_error("waited in vain for %s, have: %s", #condition, (peer)->received->str);     \
        }                                                                                          \
    } while (0)

static inline unsigned peer_count(const struct peer *peer, const char *text)
{
    unsigned count = 0;
    for (const char *at = peer->received->str; (at = strstr(at, text)); at += strlen(text))
        count++;
    return count;
}
#define PEER_EXPECT(peer, text) PEER_WAIT(peer, strstr((peer)->received->str, (text)))

#endif
