/* Listening sockets from the config's addresses: "HOST:PORT", "[IPv6]:PORT", "/path/of/socket". */
#ifndef SERVER_LISTENER_H
#define SERVER_LISTENER_H

#include <portico/base.h>

#include <stddef.h>

#define LISTENER_MAX 32

struct listener {
    char *address;   /* as configured: the key by which a reload keeps a socket */
    char *shown;     /* what a person opens: "http://127.0.0.1:8080/" with the real port */
    char *unix_path; /* to unlink when closed, or NULL */
    int descriptor;
};
struct listener_set {
    struct listener items[LISTENER_MAX];
    size_t count;
};

/* Opens every address of the NULL-terminated list, taking over from `old` (may be
 * NULL) the sockets whose address stands in both; `old` keeps its own descriptors open. On failure
 * nothing new stays open. */
int listener_open(const char *const *addresses, const struct listener_set *old,
                  struct listener_set *ret_set, struct portico_error *error);
/* Closes and forgets; a unix socket's file is removed unless `still` (may be NULL) has the address.
 */
void listener_close(struct listener_set *set, const struct listener_set *still);

#endif
