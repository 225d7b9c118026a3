#include "server/control.h"

#include "base/error.h"
#include "base/json.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define NAME "control"
#define REQUEST_MAX 65536

struct control_client {
    struct control *control;
    struct event *event;
    int descriptor;
    bool asked; /* the request was handed on: the answer is under way */
    struct buffer line;
    struct control_client *before, *after;
};

struct control {
    struct event_base *base;
    struct event *event;
    int descriptor, directory;
    void (*handle)(struct control_client *client, const struct value *request, void *data);
    void *data;
    struct control_client *clients;
};

/* Through the open directory, so that its path may be longer than a socket address holds. */
static struct sockaddr_un address_in(int directory)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/" NAME, directory);
    return address;
}

static void client_free(struct control_client *client)
{
    if (client->before)
        client->before->after = client->after;
    else
        client->control->clients = client->after;
    if (client->after)
        client->after->before = client->before;
    if (client->event)
        event_free(client->event);
    close(client->descriptor);
    buffer_free(&client->line);
    free(client);
}

static void hand_on(struct control_client *client, size_t length)
{
    struct control *control = client->control;
    struct arena *arena = arena_new(0);
    struct value *request = NULL;
    client->asked = true;
    event_del(client->event);
    if (arena && json_parse(arena, client->line.data, length, &request, NULL) == 0 &&
        request->kind == PORTICO_OBJECT)
        control->handle(client, request, control->data);
    else
        client_free(client);
    if (arena)
        arena_free(arena);
}

static void on_client(evutil_socket_t descriptor, short what, void *data)
{
    struct control_client *client = data;
    (void)what;
    char *room = buffer_room(&client->line, 4096);
    ssize_t got = room ? recv(descriptor, room, 4096, 0) : 0;
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0 || client->line.length + (size_t)got > REQUEST_MAX) {
        client_free(client);
        return;
    }
    client->line.length += (size_t)got;
    const char *end = memchr(client->line.data, '\n', client->line.length);
    if (end)
        hand_on(client, (size_t)(end - client->line.data));
}

static void on_accept(evutil_socket_t descriptor, short what, void *data)
{
    struct control *control = data;
    (void)what;
    int accepted = accept4(descriptor, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    struct control_client *client = accepted >= 0 ? calloc(1, sizeof *client) : NULL;
    if (!client) {
        if (accepted >= 0)
            close(accepted);
        return;
    }
    client->control = control;
    client->descriptor = accepted;
    client->after = control->clients;
    if (client->after)
        client->after->before = client;
    control->clients = client;
    client->event = event_new(control->base, accepted, EV_READ | EV_PERSIST, on_client, client);
    if (!client->event || event_add(client->event, NULL) != 0)
        client_free(client);
}

int control_new(struct event_base *base, const char *directory,
                void (*handle)(struct control_client *client, const struct value *request,
                               void *data),
                void *data, struct control **ret_control, struct portico_error *error)
{
    struct control *control = calloc(1, sizeof *control);
    if (!control)
        return error_set(error, PORTICO_ENOMEM, "There is no memory for the control socket.");
    control->base = base;
    control->handle = handle;
    control->data = data;
    control->directory = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    control->descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_un address = address_in(control->directory);
    /* Whoever holds the lock on the pid file owns the directory: what lies there is stale. */
    unlinkat(control->directory, NAME, 0);
    if (control->directory < 0 || control->descriptor < 0 ||
        bind(control->descriptor, (void *)&address, sizeof address) != 0 ||
        fchmodat(control->directory, NAME, 0600, 0) != 0 || listen(control->descriptor, 16) != 0) {
        error_set(error, PORTICO_EIO, "Cannot listen on %s/" NAME ": %s.", directory,
                  strerror(errno));
        control_free(control);
        return PORTICO_EIO;
    }
    control->event = event_new(base, control->descriptor, EV_READ | EV_PERSIST, on_accept, control);
    if (!control->event || event_add(control->event, NULL) != 0) {
        control_free(control);
        return error_set(error, PORTICO_ENOMEM, "There is no memory for the control socket.");
    }
    *ret_control = control;
    return 0;
}

void control_reply(struct control_client *client, const struct value *answer)
{
    struct buffer text = { 0 };
    json_write(&text, answer);
    buffer_append_char(&text, '\n');
    /* The one reader waits for it; a peer that does not read for a second loses the rest. */
    for (size_t sent = 0; !text.failed && sent < text.length;) {
        ssize_t count =
            send(client->descriptor, text.data + sent, text.length - sent, MSG_NOSIGNAL);
        if (count > 0) {
            sent += (size_t)count;
            continue;
        }
        struct pollfd room = { .fd = client->descriptor, .events = POLLOUT };
        if (errno != EAGAIN || poll(&room, 1, 1000) <= 0)
            break;
    }
    buffer_free(&text);
    client_free(client);
}

void control_free(struct control *control)
{
    if (!control)
        return;
    while (control->clients)
        client_free(control->clients);
    if (control->event)
        event_free(control->event);
    if (control->descriptor >= 0)
        close(control->descriptor);
    if (control->directory >= 0) {
        unlinkat(control->directory, NAME, 0);
        close(control->directory);
    }
    free(control);
}

/* ---- the asking side ---- */

static int connect_to(const char *data_directory, struct portico_error *error)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/run", data_directory);
    int directory = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un address = address_in(directory);
    int code = descriptor;
    if (directory < 0 || descriptor < 0 ||
        connect(descriptor, (void *)&address, sizeof address) != 0) {
        code = errno == EACCES || errno == EPERM
                   ? error_set(error, PORTICO_EPERM,
                               "%s may not be opened. Run this as the portal's user.", path)
                   : error_set(error, PORTICO_ENOENT,
                               "No portal runs with the data directory %s. Start it with "
                               "`portico run`.",
                               data_directory);
        if (descriptor >= 0)
            close(descriptor);
    }
    if (directory >= 0)
        close(directory);
    return code;
}

static int send_line(int descriptor, const char *json)
{
    struct buffer line = { 0 };
    buffer_append_text(&line, json);
    buffer_append_char(&line, '\n');
    bool sent = !line.failed &&
                send(descriptor, line.data, line.length, MSG_NOSIGNAL) == (ssize_t)line.length;
    buffer_free(&line);
    return sent ? 0 : -1;
}

int control_request(const char *data_directory, const char *json_command, char **ret_json,
                    struct portico_error *error)
{
    return control_request_within(data_directory, json_command, 0, ret_json, error);
}

int control_request_within(const char *data_directory, const char *json_command, unsigned patience,
                           char **ret_json, struct portico_error *error)
{
    int descriptor = connect_to(data_directory, error);
    if (descriptor < 0)
        return descriptor;
    const struct timeval limit = { .tv_sec = patience };
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    struct buffer answer = { 0 };
    ssize_t got = send_line(descriptor, json_command) == 0 ? 1 : -1;
    while (got > 0 && answer.length < CONTROL_LINE_MAX) {
        char *room = buffer_room(&answer, 4096);
        got = room ? recv(descriptor, room, 4096, 0) : -1;
        answer.length += got > 0 ? (size_t)got : 0;
        if (got < 0 && errno == EINTR)
            got = 1;
    }
    const bool late = got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    close(descriptor);
    if (late) {
        buffer_free(&answer);
        return error_set(error, PORTICO_ETIMEDOUT, "The portal takes longer than %u s to answer.",
                         patience);
    }
    if (got < 0 || answer.length == 0 || answer.data[answer.length - 1] != '\n') {
        buffer_free(&answer);
        return error_set(error, PORTICO_EIO,
                         "The portal ended before it answered. Its log says why.");
    }
    answer.length--;
    *ret_json = buffer_text(&answer);
    return 0;
}
