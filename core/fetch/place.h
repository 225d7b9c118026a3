/* Where a URL leads, and whether the rules let a module go there. */
#ifndef FETCH_PLACE_H
#define FETCH_PLACE_H

#include <portico/base.h>

#include <curl/curl.h>
#include <stdbool.h>
#include <sys/socket.h>

/* The rules of one portal. Texts are borrowed. */
struct fetch_rules {
    const char *const *hosts; /* [fetch] hosts: "HOST" or "HOST:PORT", NULL-terminated */
    const char *own_url;      /* of the portal itself; NULL: unknown */
    const char *ca_file;      /* NULL: the system's */
    bool development;         /* http is allowed */
};

/* A URL read once: the same parts are checked, compared and connected to. */
struct fetch_place {
    CURLU *url;
    char *scheme, *host; /* lower case; an IPv6 address without brackets */
    unsigned port;
    bool trusted; /* "HOST:PORT" stands among the hosts allowed: any address is fine */
};

/* EINVAL: it is none that can be fetched, or it is written so that readers could differ about where
 * it leads; EPERM: the rules do not allow it. `base` is what it is relative to, or NULL. */
int place_read(const struct fetch_rules *rules, const char *url, const struct fetch_place *base,
               struct fetch_place *ret_place, struct portico_error *error);
void place_free(struct fetch_place *place);
bool place_is_same_origin(const struct fetch_place *a, const struct fetch_place *b);
/* EPERM with the reason if this address may not be connected to for it. */
int place_check_address(const struct fetch_place *place, const struct sockaddr *address,
                        struct portico_error *error);

#endif
