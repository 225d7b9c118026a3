/* Fetch: requests to other servers, kept away from private places. */
#ifndef PORTICO_FETCH_H
#define PORTICO_FETCH_H

#include "context.h"

#define PORTICO_FETCH "portico.fetch"

/** One outgoing request. Since 0.1. */
struct portico_fetch_request {
    uint32_t size;                       /**< sizeof(struct portico_fetch_request) */
    uint32_t timeout_ms;                 /**< of the whole exchange; 0: 10 s; at most 60 s */
    const char *method;                  /**< NULL: GET */
    const char *url;                     /**< https, or http where the admin allows that host */
    const struct portico_value *headers; /**< an object of texts, or NULL */
    const void *body;
    size_t body_length;
    size_t answer_max;  /**< longest body of the answer taken, bytes; 0: 1 MiB; at most 16 MiB */
    uint32_t redirects; /**< redirects followed, each checked as a new address; at most 5 */
};

/** The answer, in this call's memory. Since 0.1. */
struct portico_fetch_answer {
    uint32_t size; /**< sizeof(struct portico_fetch_answer), set by the caller */
    uint32_t status;
    struct portico_value *headers; /**< object, names in lower case, values joined by ", " */
    const char *body;              /**< followed by a NUL that does not count */
    size_t body_length;
};

struct portico_fetch;
/** `portico.fetch` 1.0, remotable. Declare "portico.fetch 1.0" in PORTICO_MODULE_USES. Since 0.1.
 */
struct portico_fetch_api {
    struct portico_table table;
    int (*fetch)(struct portico_fetch *fetch, const struct portico_fetch_request *request,
                 struct portico_fetch_answer *ret_answer, struct portico_error *error);
};
/** Public head: its table. */
struct portico_fetch {
    const struct portico_fetch_api *api;
};

/** The way out of this call, or NULL if the module did not declare "portico.fetch 1.0". */
#define portico_fetcher(handle)                                                                    \
    ((struct portico_fetch *)portico_interface((handle), PORTICO_FETCH, 1))

/**
 * Sends a request and waits for the whole answer; blocks the handler thread. Any status is a
 * success. EPERM: called inside a transaction, or the address is private, the portal's own or not
 * allowed; ETIMEDOUT; ELIMIT: the answer is too long; EIO: no connection, or TLS failed.
 */
static inline int portico_fetch_url(struct portico_fetch *fetch,
                                    const struct portico_fetch_request *request,
                                    struct portico_fetch_answer *ret_answer,
                                    struct portico_error *error)
{
    return fetch ? fetch->api->fetch(fetch, request, ret_answer, error) : PORTICO_EPERM;
}

#endif
