/* Who asks: from the session's cookie to a viewer, before anything else looks at the request.
 *
 * Without the cookie nothing happens. With it the viewer comes from what this worker read within
 * the last half second, or from the database on a handler thread, once for all requests that wait
 * for the same. What was revoked is so everywhere when that time is over. Loop thread. */
#ifndef SERVER_SESSIONS_H
#define SERVER_SESSIONS_H

#include "server/tasks.h"

#define SESSIONS_TRUST 500000 /* µs that an answer of the database holds */

struct sessions;

struct sessions_counters {
    uint64_t known; /* requests with the cookie that needed no reading */
    uint64_t read;  /* readings of the database */
};

struct sessions_options {
    struct tasks *tasks;
    struct module_host *host;
    struct dispatch_route *route; /* whose lane the reading uses */
    /* The answer: exchange->viewer is set, or NULL for nobody. */
    void (*known)(struct http_exchange *exchange, void *data);
    /* An access token that opens nothing: 401, or 429 where too many were tried. */
    void (*refused)(struct http_exchange *exchange, unsigned status, void *data);
    /* It cannot be found out now, and must not be guessed. */
    void (*unknown)(struct http_exchange *exchange, void *data);
    void *data;
};

int sessions_new(const struct sessions_options *options, struct sessions **ret_sessions,
                 struct portico_error *error);
/* Only when nothing runs. Accepts NULL. */
void sessions_free(struct sessions *sessions);
/* What an access token of the API is sent as; NULL data: there is none. */
struct text sessions_token_of(const struct http_request *request);
/* False: exchange->viewer is as it must be. True: `known` or `unknown` follows. A session that is
 * over takes its cookie away with the answer; one whose roles changed gets a new one. */
bool sessions_ask(struct sessions *sessions, struct http_exchange *exchange);
const struct sessions_counters *sessions_counters(const struct sessions *sessions);
/* The request may have changed what is known of its session: it is read again. */
void sessions_forget(struct sessions *sessions, const struct http_request *request);

#endif
