#include "server/channel.h"

#include "base/json.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

int channel_pair(int ret_ends[2])
{
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ret_ends);
}

static int send_bytes(int channel, const char *data, size_t length, int descriptor)
{
    struct iovec part = { .iov_base = (void *)(uintptr_t)data, .iov_len = length };
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control = { 0 };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
    if (descriptor >= 0) {
        message.msg_control = control.space;
        message.msg_controllen = sizeof control.space;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &descriptor, sizeof(int));
    }
    for (;;) {
        ssize_t sent = sendmsg(channel, &message, MSG_NOSIGNAL);
        if (sent >= 0)
            return 0;
        if (errno != EINTR)
            return -1;
    }
}

/* The one descriptor a message may carry; of more, none is kept: each would stay open for ever. */
static int take_descriptors(struct msghdr *message)
{
    int taken = -1;
    bool alone = !(message->msg_flags & MSG_CTRUNC);
    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header;
         header = CMSG_NXTHDR(message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
            continue;
        for (size_t at = CMSG_LEN(0); at + sizeof(int) <= header->cmsg_len; at += sizeof(int)) {
            int descriptor;
            memcpy(&descriptor, (const char *)header + at, sizeof(int));
            if (taken >= 0) {
                close(descriptor);
                alone = false;
            } else {
                taken = descriptor;
            }
        }
    }
    if (taken >= 0 && !alone) {
        close(taken);
        taken = -1;
    }
    return taken;
}

/* Bytes received, 0 when none waits, -1 at the end. */
static ssize_t receive_bytes(int channel, char *data, size_t size, int *ret_descriptor)
{
    struct iovec part = { .iov_base = data, .iov_len = size };
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control = { 0 };
    struct msghdr message = { .msg_iov = &part,
                              .msg_iovlen = 1,
                              .msg_control = control.space,
                              .msg_controllen = sizeof control.space };
    *ret_descriptor = -1;
    ssize_t got;
    do {
        got = recvmsg(channel, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1;
    *ret_descriptor = take_descriptors(&message);
    if (got == 0 || (message.msg_flags & MSG_TRUNC)) {
        if (*ret_descriptor >= 0)
            close(*ret_descriptor);
        *ret_descriptor = -1;
        return -1;
    }
    return got;
}

int channel_send(int channel, const struct value *message, int descriptor)
{
    struct buffer text = { 0 };
    json_write(&text, message);
    int result = -1;
    if (!text.failed && text.length && text.length <= CHANNEL_BYTES_MAX)
        result = send_bytes(channel, text.data, text.length, descriptor);
    buffer_free(&text);
    return result;
}

int channel_send_type(int channel, const char *type, int descriptor)
{
    struct buffer text = { 0 };
    buffer_append_text(&text, "{\"type\":");
    buffer_append_json_text(&text, type, strlen(type));
    buffer_append_char(&text, '}');
    int result = text.failed ? -1 : send_bytes(channel, text.data, text.length, descriptor);
    buffer_free(&text);
    return result;
}

int channel_receive(int channel, struct arena *arena, struct value **ret_message,
                    int *ret_descriptor)
{
    char *data = arena_alloc(arena, CHANNEL_BYTES_MAX);
    int descriptor = -1;
    if (!data)
        return -1;
    ssize_t got = receive_bytes(channel, data, CHANNEL_BYTES_MAX, &descriptor);
    if (got <= 0)
        return (int)got;
    struct value *message = NULL;
    if (json_parse(arena, data, (size_t)got, &message, NULL) < 0 ||
        message->kind != PORTICO_OBJECT) {
        if (descriptor >= 0)
            close(descriptor);
        return -1;
    }
    *ret_message = message;
    *ret_descriptor = descriptor;
    return 1;
}

const char *channel_text(const struct value *message, const char *key)
{
    return portico_get_text(value_public(message), key, "");
}

int64_t channel_integer(const struct value *message, const char *key)
{
    return portico_get_integer(value_public(message), key, 0);
}

int channel_give(int channel, int descriptor)
{
    while (send_bytes(channel, "c", 1, descriptor) != 0) {
        /* ETOOMANYREFS: too many descriptors under way; they leave as soon as the receiver reads.
         */
        if (errno != EAGAIN && errno != EWOULDBLOCK && errno != ETOOMANYREFS)
            return -1;
        struct pollfd room = { .fd = channel, .events = POLLOUT };
        if (poll(&room, 1, 1000) <= 0)
            return -1;
        if (room.revents & (POLLERR | POLLHUP | POLLNVAL))
            return -1;
    }
    return 0;
}

int channel_take(int channel)
{
    char byte[8];
    int descriptor = -1;
    return receive_bytes(channel, byte, sizeof byte, &descriptor) > 0 ? descriptor : -1;
}
