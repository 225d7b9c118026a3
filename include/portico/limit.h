/* Rate limits: how often one person, or one network, may do a thing. */
#ifndef PORTICO_LIMIT_H
#define PORTICO_LIMIT_H

#include "context.h"

/** Name of the interface. Since 0.1. */
#define PORTICO_LIMITS "portico.limit"
/** Who has this permission is not limited. */
#define PORTICO_UNLIMITED "portico.unlimited"

/** The limits of a call; see portico_limits(). Since 0.1. */
struct portico_limits;
/** `portico.limit` 1.0, remotable. Declare "portico.limit 1.0" in PORTICO_MODULE_USES. Since 0.1.
 */
struct portico_limit_api {
    struct portico_table table; /**< size and version of this table */
    /** As portico_limit_take(). */
    int (*take)(struct portico_limits *limits, const char *name, uint32_t most, uint32_t seconds,
                struct portico_error *error);
};
/** Public head: its table. */
struct portico_limits {
    const struct portico_limit_api *api; /**< what can be done with it */
};

/** The limits of this call, or NULL if the module did not declare "portico.limit 1.0". Borrowed;
 * the calling thread's. Since 0.1. */
#define portico_limits(handle)                                                                     \
    ((struct portico_limits *)portico_interface((handle), PORTICO_LIMITS, 1))

/**
 * Counts one doing of `name` (a word of this module, at most 100 bytes) for who is signed in, or
 * for their network (/24 of IPv4, /56 of IPv6) when nobody is: 0. PORTICO_ELIMIT, and nothing is
 * counted, if there were `most` in the last `seconds`; `error` then holds a sentence in the
 * reader's language, "Try again in 3 minutes.", and a handler that returns it is answered 429 with
 * Retry-After and that sentence.
 *
 * `most` is 1 to 1,000,000, `seconds` 1 to 604,800. The window slides over two of its lengths, so
 * the count of the earlier one is an estimate; never are more than `most` counted in one length of
 * the clock. In the open transaction of this call's database it is undone with it; without one it
 * counts at once. Who has the permission PORTICO_UNLIMITED, and calls that are no request, are not
 * counted. Handler thread. Since 0.1.
 */
static inline int portico_limit_take(struct portico_limits *limits, const char *name, uint32_t most,
                                     uint32_t seconds, struct portico_error *error)
{
    return limits ? limits->api->take(limits, name, most, seconds, error)
                  : portico_undeclared(error);
}

#endif
