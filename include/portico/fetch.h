/* Fetch: requests to other servers, kept away from private places. */
#ifndef PORTICO_FETCH_H
#define PORTICO_FETCH_H

#include "context.h"

/** Name of the interface. */
#define PORTICO_FETCH "portico.fetch"

/** One outgoing request. Since 0.1. */
struct portico_fetch_request {
    uint32_t size;       /**< sizeof(struct portico_fetch_request) */
    uint32_t timeout_ms; /**< of the whole exchange; 0: 10 s; at most 60 s */
    /** GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS; NULL: GET. */
    const char *method;
    const char *url;                     /**< https, or http where the admin allows that host */
    const struct portico_value *headers; /**< an object of texts, or NULL */
    const void *body;   /**< bytes to send, or NULL; name their Content-Type in `headers` */
    size_t body_length; /**< at most 16 MiB */
    size_t answer_max;  /**< longest body of the answer taken, bytes; 0: 1 MiB; at most 16 MiB */
    /** Redirects followed, each checked as a new address; at most 5. The next one is the answer. */
    uint32_t redirects;
};

/** The answer, in this call's memory. Since 0.1. */
struct portico_fetch_answer {
    uint32_t size;                 /**< sizeof(struct portico_fetch_answer), set by the caller */
    uint32_t status;               /**< of the answer, as in RFC 9110 */
    struct portico_value *headers; /**< object, names in lower case, values joined by ", " */
    const char *body;              /**< followed by a NUL that does not count */
    size_t body_length;            /**< bytes of it */
};

/** The way out of one call; see portico_fetcher(). Since 0.1. */
struct portico_fetch;
/** `portico.fetch` 1.0, remotable. Declare "portico.fetch 1.0" in PORTICO_MODULE_USES. Since 0.1.
 */
struct portico_fetch_api {
    struct portico_table table; /**< size and version of this table */
    /** As portico_fetch_url(). */
    int (*fetch)(struct portico_fetch *fetch, const struct portico_fetch_request *request,
                 struct portico_fetch_answer *ret_answer, struct portico_error *error);
};
/** Public head: its table. Since 0.1. */
struct portico_fetch {
    const struct portico_fetch_api *api; /**< called through the function below */
};

/** The way out of this call, or NULL if the module did not declare "portico.fetch 1.0". Borrowed;
 * the calling thread's. Since 0.1. */
#define portico_fetcher(handle)                                                                    \
    ((struct portico_fetch *)portico_interface((handle), PORTICO_FETCH, 1))

/**
 * Sends a request and waits for the whole answer; blocks the handler thread. Any status is a
 * success. EPERM: called inside a transaction, or the address is private, the portal's own or not
 * allowed; EINVAL: the URL, method or a header is not one that is fetched with; ETIMEDOUT; ELIMIT:
 * the answer is too long; EIO: no connection, or TLS failed. Handler thread. Since 0.1.
 */
static inline int portico_fetch_url(struct portico_fetch *fetch,
                                    const struct portico_fetch_request *request,
                                    struct portico_fetch_answer *ret_answer,
                                    struct portico_error *error)
{
    return fetch ? fetch->api->fetch(fetch, request, ret_answer, error) : portico_undeclared(error);
}

#endif
