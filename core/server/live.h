/* What happened, told to open pages: GET /portico/live?watch=SUBJECT, server-sent events (WHATWG
 * HTML section 9.2).
 *
 * live.c holds the streams, on the loop; feed.c reads events and sessions on a thread of its own
 * while there are streams. A stream gets the live events of the subjects it watches whose audience
 * its person is in: type, subject and time, never the data. */
#ifndef SERVER_LIVE_H
#define SERVER_LIVE_H

#include "module/registry.h"

#include <event2/event.h>

struct live;

struct live_options {
    struct event_base *base;
    struct module_host *host;
    unsigned streams; /* at most, of this worker */
};

/* Loop thread, all of these. */
int live_new(const struct live_options *options, struct live **ret_live,
             struct portico_error *error);
/* Once no connection is left. Accepts NULL. */
void live_free(struct live *live);
/* Leaves a response on the exchange: the stream's beginning, or why there is none. */
void live_answer(struct live *live, struct http_exchange *exchange);
/* Ends all streams; those that come now end at once, and their pages ask elsewhere. */
void live_drain(struct live *live);
unsigned live_streams(const struct live *live);

#endif
