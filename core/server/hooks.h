/* A request's way through the hooks of modules, one after the other: each runs on a handler thread,
 * in memory of its own, on a request that stays as it is until it returns. The loop goes on with
 * the request when a hook returns or when its time is over, whichever comes first; what a late one
 * does is dropped. Loop thread. */
#ifndef SERVER_HOOKS_H
#define SERVER_HOOKS_H

#include "module/hooks.h"
#include "server/kept.h"
#include "server/tasks.h"

#define HOOKS_DEADLINE 500000 /* µs of a hook that names none */

struct hooks;

struct hooks_options {
    struct tasks *tasks;
    struct module_host *host;
    struct dispatch_route *routes; /* in the registry's order of hooks */
    /* The request is past the hooks before routing; `token` is what hooks_after_permission got. */
    void (*routed)(struct http_exchange *exchange, void *data);
    void (*permitted)(struct http_exchange *exchange, void *token, void *data);
    void *data;
};

int hooks_new(const struct hooks_options *options, struct hooks **ret_hooks,
              struct portico_error *error);
/* Accepts NULL. */
void hooks_free(struct hooks *hooks);

/* The portal's own files and signs of life, which nobody else has a say in. */
bool hooks_exempt(struct text path);
/* True: the hooks have the request, and `routed` follows if they let it pass. False: it goes on at
 * once. Where any hook may yet have a say, exchange->owner is set, and the answer must go through
 * hooks_before_send or hooks_send_kept. */
bool hooks_before_routing(struct hooks *hooks, struct http_exchange *exchange,
                          const struct viewer *viewer);
/* For exchanges with an owner. True: `permitted` follows if they let it pass. False: there is none.
 * `match` and `viewer` live as long as the request. */
bool hooks_after_permission(struct http_exchange *exchange, const struct route_match *match,
                            const struct viewer *viewer, void *token);

/* For exchanges with an owner: sends the response when the hooks are through, and keeps it at
 * `place`, which may be NULL. */
void hooks_before_send(struct http_exchange *exchange, const struct kept_place *place);
/* The same for a kept answer, which has been before these hooks already. */
void hooks_send_kept(struct http_exchange *exchange);

#endif
