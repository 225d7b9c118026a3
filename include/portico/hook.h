/* Hooks: a module's say in requests that are not its own.
 *
 * Each hook runs on a handler thread, one after the other for a request, in memory of its own. The
 * request it sees stays as it is until it returns, also when its deadline has passed and the
 * request went on without it; what it does then is dropped. */
#ifndef PORTICO_HOOK_H
#define PORTICO_HOOK_H

#include "request.h"

/** Where in a request's way a hook stands. Since 0.1. */
enum portico_hook_point {
    /** Before the address is looked up, for every request but files of /assets and the portal's
     * health and metrics; also for answers that are kept for others, for addresses that nobody has
     * and for the portal's own pages. May answer, or add fields to the answer to come: those the
     * answer has itself stand. */
    PORTICO_BEFORE_ROUTING = 1,
    /** The route is known and the viewer may call it; the handler has not begun. May answer, or add
     * fields as above; portico_param works. Not asked where the permission is refused. What such a
     * hook let pass is not kept for others. */
    PORTICO_AFTER_PERMISSION = 2,
    /** The answer is made, by a handler, by the portal or by an earlier hook; nothing is sent. May
     * read its status and fields, add or replace fields, or answer instead. The kept copy of an
     * answer is the one after these hooks. */
    PORTICO_BEFORE_SEND = 3,
};

/** What a failing, late or crashing hook means for the request. Since 0.1. */
enum portico_hook_failure {
    PORTICO_FAIL_CLOSED = 0, /**< the request is answered 503: for guards */
    PORTICO_FAIL_OPEN = 1,   /**< it goes on as if the hook were not there: for comfort */
};

/**
 * A request filter. In .hooks. Order is by name: `before` and `after` hold names of other hooks,
 * "<module>/<name>" separated by blanks; names of modules that are not enabled are ignored; a
 * name that an enabled module lacks and a circle do not load; what is not ordered so runs in the
 * order of the modules. Since 0.1.
 */
struct portico_hook {
    const char *name;   /**< lower-case word, unique in the module */
    uint32_t point;     /**< enum portico_hook_point */
    uint32_t failure;   /**< enum portico_hook_failure */
    const char *before; /**< hooks of the same point that run later; NULL: none named */
    const char *after;  /**< hooks of the same point that run earlier; NULL: none named */
    /** Path prefixes separated by blanks, such as "/communities /api/communities"; whole segments.
     * NULL: every request. */
    const char *paths;
    /** Time from asking it, waiting for a thread included, to its return; 0: 500 ms; at most
     * 30,000 ms. */
    uint32_t deadline_ms;
    uint32_t concurrency; /**< calls at once per worker; 0: the portal's default */
    /**
     * Called on a handler thread. 0 without a reply: the request goes on. A reply function's
     * result: that is the answer, and later hooks of this point are not called. Negative without a
     * reply: it failed, `error` is for the log. `request` and what it lends end with the call.
     * portico_set_header refuses the host's own fields with EPERM; Cookie and Authorization are
     * hidden; a query or form that cannot be decoded is empty.
     */
    int (*run)(struct portico_request *request, struct portico_error *error);
};

/** Status of the answer made so far; 0 before there is one, which is before PORTICO_BEFORE_SEND.
 * Since 0.1. */
static inline uint32_t portico_reply_status(struct portico_request *request)
{
    return PORTICO_HAS(request->api, reply_status) ? request->api->reply_status(request) : 0;
}
/** The first field of that name of the answer made so far; names compare without case. Borrowed for
 * the call; NULL if absent. Since 0.1. */
static inline const char *portico_reply_header(struct portico_request *request, const char *name)
{
    return PORTICO_HAS(request->api, reply_header) ? request->api->reply_header(request, name)
                                                   : NULL;
}

#endif
