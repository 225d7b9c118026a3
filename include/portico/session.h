/* Values of a session: what modules attach to it at its sign-in, for their handlers to read.
 *
 * A department, a cost centre, the contract somebody works on today: what holds for one session and
 * not for the person. They are declared in .session_values, attached by services that the owner
 * named (PORTICO_DECORATE and PORTICO_STEP_ANSWER of auth.h), and nothing changes them afterwards.
 * They stay through a new token and a change of company, and end with the session. */
#ifndef PORTICO_SESSION_H
#define PORTICO_SESSION_H

#include "account.h"
#include "context.h"

/** Name of the interface. Since 0.1. */
#define PORTICO_SESSION "portico.session"

/** Most values that one module declares. Since 0.1. */
#define PORTICO_SESSION_VALUES_MAX 16

/** How a value of a session behaves; combine with |. Since 0.1. */
enum portico_session_flag {
    /** Other modules may read it, by portico_session_get_shared(). */
    PORTICO_SESSION_SHARED = 1u << 0,
    /** No session begins without it, once the owner has named a service of this module in
     * `[sign_in] decorators` or `steps`. Where only a step attaches it, that step has to be due at
     * each sign-in. A value without this flag is left out where the service does not answer. */
    PORTICO_SESSION_REQUIRED = 1u << 1,
};

/** A value that this module attaches to sessions; in .session_values. The person sees it with the
 * session on the page of their account, and in what is exported of them. Since 0.1. */
struct portico_session_value {
    const char *key;   /**< lower-case words joined by "_", unique in the module */
    const char *title; /**< English source text, by which the person knows it */
    uint32_t type;     /**< enum portico_fact_type */
    uint32_t flags;    /**< enum portico_session_flag */
    /** CHOICE: lines "value=English source text", a value of at most 64 bytes; NULL for other
     * types. */
    const char *choices;
    /** TEXT: characters, at most 500; 0: 200. All texts of a module have at most 2000 together. */
    uint32_t maximum_length;
    uint32_t reserved; /**< 0 */
};

/** The session of a call; see portico_session(). Since 0.1. */
struct portico_session;
/** `portico.session` 1.0, remotable. Declare "portico.session 1.0" in PORTICO_MODULE_USES. Since
 * 0.1. */
struct portico_session_api {
    struct portico_table table; /**< size and version of this table */
    /** As portico_session_get(). */
    int (*get)(struct portico_session *session, const char *key, struct portico_value **ret_value,
               struct portico_error *error);
    /** As portico_session_get_shared(). */
    int (*get_shared)(struct portico_session *session, const char *module, const char *key,
                      struct portico_value **ret_value, struct portico_error *error);
};
/** Public head: its table. */
struct portico_session {
    const struct portico_session_api *api; /**< what can be asked */
};

/** The session of this call's viewer, or NULL if the module did not declare "portico.session 1.0".
 * Borrowed; the calling thread's. Since 0.1. */
#define portico_session(handle)                                                                    \
    ((struct portico_session *)portico_interface((handle), PORTICO_SESSION, 1))

/**
 * A value of this module's, of the kind its type says. ENOENT: none is attached to the session; the
 * session ended; or the call has none, as for strangers, access tokens, staff who look at the
 * portal in somebody's place, jobs and commands. So what depends on it says what holds without.
 * EINVAL: not one of .session_values. An answer made with it is kept for nobody else, whatever
 * cache_seconds of the route are. Handler thread. Since 0.1.
 */
static inline int portico_session_get(struct portico_session *session, const char *key,
                                      struct portico_value **ret_value, struct portico_error *error)
{
    return session ? session->api->get(session, key, ret_value, error) : portico_undeclared(error);
}
/** The same of another module's, which shares it (PORTICO_SESSION_SHARED). ENOENT also where no
 * enabled module of that id shares a value of that key. Since 0.1. */
static inline int portico_session_get_shared(struct portico_session *session, const char *module,
                                             const char *key, struct portico_value **ret_value,
                                             struct portico_error *error)
{
    return session ? session->api->get_shared(session, module, key, ret_value, error)
                   : portico_undeclared(error);
}

#endif
