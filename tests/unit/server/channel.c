#include "server/channel.h"

#include <glib.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

static void test_message(void)
{
    int ends[2], pipes[2];
    g_assert_cmpint(channel_pair(ends), ==, 0);
    g_assert_cmpint(pipe(pipes), ==, 0);
    struct arena *arena = arena_new(0);
    struct value *message = value_new(arena, PORTICO_OBJECT), *got = NULL;
    int passed = -1;
    g_assert_cmpint(channel_receive(ends[1], arena, &got, &passed), ==, 0);
    value_set_text(message, "type", "drain");
    value_set_integer(message, "limit", 7);
    g_assert_cmpint(channel_send(ends[0], message, pipes[1]), ==, 0);
    g_assert_cmpint(channel_receive(ends[1], arena, &got, &passed), ==, 1);
    g_assert_cmpstr(channel_text(got, "type"), ==, "drain");
    g_assert_cmpint(channel_integer(got, "limit"), ==, 7);
    g_assert_cmpint(write(passed, "x", 1), ==, 1);
    char byte = 0;
    g_assert_cmpint(read(pipes[0], &byte, 1), ==, 1);
    close(passed);
    close(ends[0]);
    g_assert_cmpint(channel_receive(ends[1], arena, &got, &passed), ==, -1);
    close(ends[1]);
    close(pipes[0]);
    close(pipes[1]);
    arena_free(arena);
}

static void test_nonsense(void)
{
    static const char *const messages[] = {
        "", "{", "[1]", "\xff\xfe", "{\"type\":1,\"type\":2}", "null"
    };
    for (size_t i = 0; i < G_N_ELEMENTS(messages); i++) {
        int ends[2], passed = -1;
        struct arena *arena = arena_new(0);
        struct value *got = NULL;
        g_assert_cmpint(channel_pair(ends), ==, 0);
        g_assert_cmpint(send(ends[0], messages[i], strlen(messages[i]), 0), >=, 0);
        g_assert_cmpint(channel_receive(ends[1], arena, &got, &passed), ==, -1);
        g_assert_null(got);
        close(ends[0]);
        close(ends[1]);
        arena_free(arena);
    }
}

/* A pipe's reading end sees the end of it once no copy of its writing end is open anywhere. */
static void test_more_descriptors(void)
{
    static const char *const messages[] = { "{\"type\":\"x\"}", "nonsense", "" };
    for (size_t i = 0; i < G_N_ELEMENTS(messages); i++)
        for (size_t count = 1; count <= 4; count++) {
            int ends[2], pipes[2], given[4], passed = -1;
            struct arena *arena = arena_new(0);
            struct value *got = NULL;
            union {
                struct cmsghdr header;
                char space[CMSG_SPACE(sizeof given)];
            } control = { 0 };
            struct iovec part = { .iov_base = (void *)(uintptr_t)messages[i],
                                  .iov_len = strlen(messages[i]) };
            struct msghdr message = { .msg_iov = &part,
                                      .msg_iovlen = 1,
                                      .msg_control = control.space,
                                      .msg_controllen = CMSG_SPACE(count * sizeof(int)) };
            g_assert_cmpint(channel_pair(ends), ==, 0);
            g_assert_cmpint(pipe(pipes), ==, 0);
            for (size_t n = 0; n < count; n++)
                given[n] = pipes[1];
            control.header.cmsg_level = SOL_SOCKET;
            control.header.cmsg_type = SCM_RIGHTS;
            control.header.cmsg_len = CMSG_LEN(count * sizeof(int));
            memcpy(CMSG_DATA(&control.header), given, count * sizeof(int));
            g_assert_cmpint(sendmsg(ends[0], &message, 0), >=, 0);
            close(pipes[1]);
            channel_receive(ends[1], arena, &got, &passed);
            g_assert_cmpint(passed >= 0, ==, i == 0 && count == 1);
            if (passed >= 0)
                close(passed);
            struct pollfd end = { .fd = pipes[0], .events = POLLIN };
            g_assert_cmpint(poll(&end, 1, 0), ==, 1);
            g_assert_true(end.revents & POLLHUP);
            close(pipes[0]);
            close(ends[0]);
            close(ends[1]);
            arena_free(arena);
        }
}

static void test_missing_members(void)
{
    struct arena *arena = arena_new(0);
    struct value *message = value_new(arena, PORTICO_OBJECT);
    value_set_integer(message, "type", 3);
    g_assert_cmpstr(channel_text(message, "type"), ==, "");
    g_assert_cmpstr(channel_text(message, "route"), ==, "");
    g_assert_cmpint(channel_integer(message, "limit"), ==, 0);
    arena_free(arena);
}

static void test_connections(void)
{
    int ends[2], pair[2];
    g_assert_cmpint(channel_pair(ends), ==, 0);
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), ==, 0);
    g_assert_cmpint(channel_take(ends[0]), ==, -1);
    g_assert_cmpint(channel_give(ends[1], pair[0]), ==, 0);
    close(pair[0]);
    int taken = channel_take(ends[0]);
    g_assert_cmpint(taken, >=, 0);
    char byte = 0;
    g_assert_cmpint(write(taken, "y", 1), ==, 1);
    g_assert_cmpint(read(pair[1], &byte, 1), ==, 1);
    g_assert_cmpint(byte, ==, 'y');
    close(taken);
    close(pair[1]);
    close(ends[0]);
    close(ends[1]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/channel/carries a message with a descriptor", test_message);
    g_test_add_func("/channel/ends at what is not one JSON object", test_nonsense);
    g_test_add_func("/channel/reads absent members and wrong kinds as nothing",
                    test_missing_members);
    g_test_add_func("/channel/keeps no descriptor but the one a message may carry",
                    test_more_descriptors);
    g_test_add_func("/channel/hands a connection over", test_connections);
    return g_test_run();
}
