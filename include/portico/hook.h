/* Hooks: a module's say in requests that are not its own. */
#ifndef PORTICO_HOOK_H
#define PORTICO_HOOK_H

#include "request.h"

/** Where in a request's way a hook stands. */
enum portico_hook_point {
    /** Before the address is looked up, for every request but files of /assets and the portal's
     * health and metrics. May answer, or add fields to the answer to come. */
    PORTICO_BEFORE_ROUTING = 1,
    /** The route is known and the viewer may call it; the handler has not begun. May answer. */
    PORTICO_AFTER_PERMISSION = 2,
    /** The answer is made, by a handler or by an earlier hook; nothing is sent. May read its status
     * and fields, add or replace fields, or answer instead. */
    PORTICO_BEFORE_SEND = 3,
};

/** What a failing, late or crashing hook means for the request. */
enum portico_hook_failure {
    PORTICO_FAIL_CLOSED = 0, /**< the request is answered 503: for guards */
    PORTICO_FAIL_OPEN = 1,   /**< it goes on as if the hook were not there: for comfort */
};

/**
 * A request filter. In .hooks. Order is by name: `before` and `after` hold names of other hooks,
 * "<module>/<name>" separated by blanks; names of modules that are not enabled are ignored; a
 * circle does not load; what is not ordered so runs in the order of the modules. Since 0.1.
 */
struct portico_hook {
    const char *name; /**< unique in the module */
    uint32_t point;   /**< enum portico_hook_point */
    uint32_t failure; /**< enum portico_hook_failure */
    const char *before;
    const char *after;
    /** Path prefixes separated by blanks, such as "/communities /api/communities"; whole segments.
     * NULL: every request. */
    const char *paths;
    uint32_t deadline_ms; /**< 0: 500 ms */
    uint32_t concurrency; /**< calls at once per worker; 0: the portal's default */
    /**
     * Called on a handler thread. 0 without a reply: the request goes on. A reply function's
     * result: that is the answer, and later hooks of this point are not called. Negative without a
     * reply: it failed.
     */
    int (*run)(struct portico_request *request, struct portico_error *error);
};

/** Status of the answer made so far; 0 before there is one. */
static inline uint32_t portico_reply_status(struct portico_request *request)
{
    return PORTICO_HAS(request->api, reply_status) ? request->api->reply_status(request) : 0;
}
/** A field of the answer made so far; NULL if absent. Borrowed. */
static inline const char *portico_reply_header(struct portico_request *request, const char *name)
{
    return PORTICO_HAS(request->api, reply_header) ? request->api->reply_header(request, name)
                                                   : NULL;
}

#endif
