#include "server/listener.h"

#include "base/error.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 4096

static int new_socket(int family)
{
    return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* A socket file whose owner is gone may go too; a living one, or a file of another kind, may not.
 */
static int remove_stale(const char *path, const struct sockaddr_un *address,
                        struct portico_error *error)
{
    struct stat status;
    if (lstat(path, &status) != 0)
        return 0;
    if (!S_ISSOCK(status.st_mode))
        return error_set(error, PORTICO_EEXIST,
                         "%s is there and is no socket. Remove it or choose another path in "
                         "[http] listen.",
                         path);
    int probe = new_socket(AF_UNIX);
    int refused = probe >= 0 && connect(probe, (const void *)address, sizeof *address) != 0 &&
                  errno == ECONNREFUSED;
    if (probe >= 0)
        close(probe);
    if (!refused)
        return error_set(error, PORTICO_EBUSY,
                         "Another process listens on %s. Stop it or choose another path in "
                         "[http] listen.",
                         path);
    unlink(path);
    return 0;
}

static int open_unix(const char *path, struct listener *ret_listener, struct portico_error *error)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (!*path || strlen(path) >= sizeof address.sun_path)
        return error_set(error, PORTICO_EINVAL,
                         "%s is no path a socket can have: it must have 1 to %zu bytes.", path,
                         sizeof address.sun_path - 1);
    memcpy(address.sun_path, path, strlen(path));
    int code = remove_stale(path, &address, error);
    if (code < 0)
        return code;
    int descriptor = new_socket(AF_UNIX);
    if (descriptor < 0 || bind(descriptor, (const void *)&address, sizeof address) != 0 ||
        listen(descriptor, BACKLOG) != 0) {
        error_set(error, PORTICO_EIO, "Cannot listen on %s: %s.", path, strerror(errno));
        if (descriptor >= 0)
            close(descriptor);
        return PORTICO_EIO;
    }
    ret_listener->descriptor = descriptor;
    ret_listener->unix_path = strdup(path);
    if (asprintf(&ret_listener->shown, "unix:%s", path) < 0)
        ret_listener->shown = NULL;
    return 0;
}

/* "HOST:PORT" apart, in place; brackets round an IPv6 address fall. */
static int split_address(char *address, char **ret_host, char **ret_port)
{
    char *colon = strrchr(address, ':');
    if (!colon || !colon[1])
        return -1;
    *colon = '\0';
    size_t length = strlen(address);
    if (length >= 2 && address[0] == '[' && address[length - 1] == ']') {
        address[length - 1] = '\0';
        address++;
    } else if (strchr(address, ':')) {
        return -1;
    }
    long long number;
    if (!text_to_int64(text_of(colon + 1), &number) || number < 0 || number > 65535)
        return -1;
    *ret_host = strcmp(address, "*") == 0 || !*address ? NULL : address;
    *ret_port = colon + 1;
    return 0;
}

static char *shown_address(int descriptor)
{
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    char host[NI_MAXHOST], port[NI_MAXSERV], *shown = NULL;
    if (getsockname(descriptor, (struct sockaddr *)&address, &length) != 0 ||
        getnameinfo((struct sockaddr *)&address, length, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return NULL;
    bool brackets = address.ss_family == AF_INET6;
    return asprintf(&shown, "http://%s%s%s:%s/", brackets ? "[" : "", host, brackets ? "]" : "",
                    port) < 0
               ? NULL
               : shown;
}

static int open_resolved(const struct addrinfo *found)
{
    int descriptor = new_socket(found->ai_family);
    if (descriptor < 0)
        return -1;
    const int on = 1;
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (found->ai_family == AF_INET6)
        setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (bind(descriptor, found->ai_addr, found->ai_addrlen) == 0 &&
        listen(descriptor, BACKLOG) == 0)
        return descriptor;
    int reason = errno;
    close(descriptor);
    errno = reason;
    return -1;
}

static int open_internet(const char *text, struct listener *ret_listener,
                         struct portico_error *error)
{
    char copy[300], *host, *port;
    if (strlen(text) >= sizeof copy || split_address(strcpy(copy, text), &host, &port) != 0)
        return error_set(
            error, PORTICO_EINVAL,
            "[http] listen: \"%s\" is no address. Write HOST:PORT, [IPv6]:PORT, *:PORT "
            "or the path of a Unix socket.",
            text);
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
    struct addrinfo *found = NULL;
    int failure = getaddrinfo(host, port, &hints, &found);
    if (failure != 0)
        return error_set(error, PORTICO_EINVAL, "[http] listen: %s does not resolve: %s.", text,
                         gai_strerror(failure));
    int descriptor = open_resolved(found);
    int reason = errno;
    freeaddrinfo(found);
    if (descriptor < 0)
        return error_set(
            error, PORTICO_EIO, "Cannot listen on %s: %s.%s", text, strerror(reason),
            reason == EADDRINUSE ? " Stop the process that has it, or change [http] listen."
            : reason == EACCES   ? " Ports below 1024 need the capability CAP_NET_BIND_SERVICE."
                                 : "");
    ret_listener->descriptor = descriptor;
    ret_listener->shown = shown_address(descriptor);
    return 0;
}

static const struct listener *find(const struct listener_set *set, const char *address)
{
    for (size_t i = 0; set && i < set->count; i++) {
        if (strcmp(set->items[i].address, address) == 0)
            return &set->items[i];
    }
    return NULL;
}

static int open_one(const char *address, const struct listener *kept, struct listener *ret_listener,
                    struct portico_error *error)
{
    struct listener listener = { .descriptor = -1 };
    int code = 0;
    if (kept) {
        listener.descriptor = fcntl(kept->descriptor, F_DUPFD_CLOEXEC, 3);
        listener.shown = kept->shown ? strdup(kept->shown) : NULL;
        listener.unix_path = kept->unix_path ? strdup(kept->unix_path) : NULL;
        if (listener.descriptor < 0)
            code = error_set(error, PORTICO_EIO, "Cannot keep the socket %s: %s.", address,
                             strerror(errno));
    } else if (address[0] == '/') {
        code = open_unix(address, &listener, error);
    } else {
        code = open_internet(address, &listener, error);
    }
    if (code == 0) {
        listener.address = strdup(address);
        *ret_listener = listener;
        if (!listener.address)
            code = PORTICO_ENOMEM;
    }
    return code;
}

int listener_open(const char *const *addresses, const struct listener_set *old,
                  struct listener_set *ret_set, struct portico_error *error)
{
    struct listener_set set = { 0 };
    int code = 0;
    for (; *addresses && code == 0; addresses++) {
        const char *word = *addresses;
        if (set.count == LISTENER_MAX)
            code = error_set(error, PORTICO_ELIMIT, "[http] listen names more than %d addresses.",
                             LISTENER_MAX);
        else if (!find(&set, word))
            code = open_one(word, find(old, word), &set.items[set.count], error);
        if (code == 0 && set.count < LISTENER_MAX && set.items[set.count].address)
            set.count++;
    }
    if (code == 0 && set.count == 0)
        code = error_set(error, PORTICO_EINVAL,
                         "[http] listen names no address. Write one, such as 127.0.0.1:8080.");
    if (code < 0)
        listener_close(&set, old);
    else
        *ret_set = set;
    return code;
}

void listener_close(struct listener_set *set, const struct listener_set *still)
{
    for (size_t i = 0; i < set->count; i++) {
        struct listener *listener = &set->items[i];
        if (listener->unix_path && !find(still, listener->address))
            unlink(listener->unix_path);
        close(listener->descriptor);
        free(listener->address);
        free(listener->shown);
        free(listener->unix_path);
    }
    *set = (struct listener_set){ 0 };
}
