/* Services: what modules offer one another.
 *
 * A service has a name and a version, and methods that take an object and return an object. The
 * caller declares it in PORTICO_MODULE_USES ("catalog.prices 1.0", or "catalog.prices 1.0?" if it
 * can do without). A method runs as its own module: with its own memory, settings and database
 * session, and the caller's viewer; a crash in it is its own. */
#ifndef PORTICO_SERVICE_H
#define PORTICO_SERVICE_H

#include "context.h"

/** A service this module offers. In .services. Since 0.1. */
struct portico_service {
    const char *name;    /**< "<id>.<word>" */
    const char *version; /**< "1.0": the minor grows with new methods and optional members, the
                          * major with any other change */
    const char *summary; /**< English source text */
};

/** A method of a service. In .methods. Since 0.1. */
struct portico_method {
    const char *service; /**< one of .services */
    const char *name;    /**< a word */
    const char *summary; /**< English source text */
    const char
        *request_schema; /**< JSON Schema of the argument, an object; required, and checked */
    /** JSON Schema of the result, an object; required, and checked in development and under test.
     */
    const char *response_schema;
    /**
     * Called on the caller's thread, within its deadline, as the provider: `context` has its own
     * memory, settings, state and database session, and the caller's viewer and language. It ends
     * with the call. `arguments` is borrowed for the call. The result is an object of this context;
     * the host copies it for the caller. Negative results and their messages reach the caller as
     * they are.
     */
    int (*call)(struct portico_context *context, const struct portico_value *arguments,
                struct portico_value **ret_result, struct portico_error *error);
};

/**
 * Calls a method of another module, at most eight deep (then ELIMIT), on this thread and within
 * this call's deadline. The result is in this call's memory and untouched on failure. ENOTSUP:
 * nobody offers it in that version (only after "?"); EPERM: not declared, or a transaction is open,
 * in which nothing that waits may be called; EINVAL: no such method, or the argument does not fit;
 * EFAULT: the result did not; EBUSY: it crashed repeatedly and is switched off for a while;
 * otherwise what the method returned. `arguments` may be NULL: an empty object. Since 0.1.
 */
#define portico_call(handle, service, method, arguments, ret_result, error)                        \
    portico_context_call(PORTICO_CONTEXT(handle), (service), (method), (arguments), (ret_result),  \
                         (error))
/** Behind portico_call(). */
static inline int portico_context_call(struct portico_context *context, const char *service,
                                       const char *method, const struct portico_value *arguments,
                                       struct portico_value **ret_result,
                                       struct portico_error *error)
{
    if (!PORTICO_HAS(context->api, call))
        return PORTICO_ENOTSUP;
    return context->api->call(context, service, method, arguments, ret_result, error);
}
/** 1 if the declared service is there in the declared version, else 0, also if it is not declared.
 * Since 0.1. */
#define portico_offers(handle, service) portico_context_offers(PORTICO_CONTEXT(handle), (service))
/** Behind portico_offers(). */
static inline int portico_context_offers(struct portico_context *context, const char *service)
{
    return PORTICO_HAS(context->api, offers) ? context->api->offers(context, service) : 0;
}

#endif
