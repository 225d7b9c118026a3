/* From a whole request to who answers it: kept answers, files, the server's own pages, module
 * routes. Runs on the loop; what may block goes to the pool and comes back to be sent. */
#ifndef SERVER_DISPATCH_H
#define SERVER_DISPATCH_H

#include "http/files.h"
#include "http/server.h"
#include "module/registry.h"
#include "server/breaker.h"
#include "server/cache.h"
#include "server/live.h"
#include "server/metrics.h"
#include "server/pool.h"
#include "server/settings.h"
#include "server/shared.h"

/* Upper bounds of the duration histogram, in µs; the last bucket has none. */
#define DISPATCH_BUCKETS BOARD_BUCKETS
extern const int64_t dispatch_bounds[DISPATCH_BUCKETS - 1];

struct dispatch;

/* What the dispatcher keeps for a route or hook. Loop thread, but for the lane. */
struct dispatch_route {
    struct pool_lane lane;
    struct breaker breaker; /* opens when calls miss their deadline */
    bool kept_in;           /* the portal's own: without them nobody could look after the rest */
    bool taken_out;         /* by the supervisor, after crashes */
    bool trying;            /* taken out, and one call may try it */
    bool try_under_way;
    const char *label;
    unsigned pending;           /* handed over and not back yet */
    int64_t average;            /* µs a call takes, smoothed */
    struct board_route *counts; /* shared: only this worker writes */
};

struct dispatch_options {
    struct event_base *base;
    struct module_host *host;
    const struct server_settings *settings;
    struct http_files *files;
    struct server_page *page;
    struct metrics *metrics;
    unsigned slot;
    /* Loop thread: too many handlers are stuck, or one is beyond hope; `route` is whose. */
    void (*stuck)(const char *route, void *data);
    /* Loop thread: a route's state changed by its own calls ("open" for at least `wait` µs,
     * "closed", "tried"). */
    void (*changed)(const char *route, const char *state, int64_t wait, void *data);
    /* Loop thread: who asks; lives as long as the request. NULL: everybody is anonymous. */
    const struct viewer *(*viewer)(const struct http_exchange *exchange, void *data);
    void *data;
};

int dispatch_new(const struct dispatch_options *options, struct dispatch **ret_dispatch,
                 struct portico_error *error);
/* Frees all but what stuck handlers hold; only when nothing runs. */
void dispatch_free(struct dispatch *dispatch);
/* The http server's callback; `data` is the dispatch. */
void dispatch_request(struct http_exchange *exchange, void *data);
/* The http server's callback for what its parser refused: a problem document. */
void dispatch_refuse(struct http_response *response, unsigned status, const char *reason,
                     void *data);
/* And its takes_files: by the route it will come to. */
bool dispatch_takes_files(const struct http_request *request, void *data);
/* After every turn of the loop. */
void dispatch_turn(struct dispatch *dispatch);
/* Requests held by handlers or waiting for one, and how many of the first are past all deadlines.
 */
unsigned dispatch_outstanding(const struct dispatch *dispatch);
unsigned dispatch_stuck(const struct dispatch *dispatch);
/* The supervisor took a route, a hook, or what has a switch (module/switch.h) out, lets one call
 * try it, or put it back. Unknown labels are ignored. */
void dispatch_take_out(struct dispatch *dispatch, const char *label);
void dispatch_try(struct dispatch *dispatch, const char *label);
void dispatch_put_back(struct dispatch *dispatch, const char *label);

/* For the server's own pages and /metrics. Routes, then hooks, then the server's own. */
struct module_host *dispatch_host(const struct dispatch *dispatch);
struct cache *dispatch_cache(const struct dispatch *dispatch);
struct metrics *dispatch_metrics(const struct dispatch *dispatch);
struct pool *dispatch_pool(const struct dispatch *dispatch);
size_t dispatch_route_count(const struct dispatch *dispatch);
const struct dispatch_route *dispatch_route_at(const struct dispatch *dispatch, size_t index);
/* NULL: open pages are not told of anything, as in tests of modules. */
void dispatch_set_live(struct dispatch *dispatch, struct live *live);
struct live *dispatch_live(const struct dispatch *dispatch);
struct sessions *dispatch_sessions(const struct dispatch *dispatch);
void dispatch_set_http(struct dispatch *dispatch, struct http_server *http);
struct http_server *dispatch_http(const struct dispatch *dispatch);

#endif
