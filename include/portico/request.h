/* One HTTP request and its reply. */
#ifndef PORTICO_REQUEST_H
#define PORTICO_REQUEST_H

#include "context.h"

/** Name of the interface, for PORTICO_MODULE_USES: as PORTICO_CONTEXT_INTERFACE. */
#define PORTICO_REQUEST_INTERFACE "portico.request"

/**
 * `portico.request` 1.1; 1.0 ended with reply_template. Texts are borrowed for the call, valid
 * UTF-8, without NUL. A handler calls exactly one reply function and returns what it returned;
 * without a reply the host answers 500. A negative return without a reply becomes the matching
 * error page or problem document (ENOENT 404, EPERM 403, EINVAL 400, ECONFLICT 409, EBUSY 503, else
 * 500). Since 0.1.
 */
struct portico_request_api {
    struct portico_table table; /**< size and version of this table */
    /** As portico_method(). */
    const char *(*method)(struct portico_request *request);
    /** As portico_path(). */
    const char *(*path)(struct portico_request *request);
    /** As portico_param(). */
    const char *(*param)(struct portico_request *request, const char *name);
    /** As portico_query_param(). */
    const char *(*query)(struct portico_request *request, const char *name);
    /** As portico_header(). */
    const char *(*header)(struct portico_request *request, const char *name);
    /** As portico_form(). */
    const char *(*form)(struct portico_request *request, const char *name);
    /** As portico_body(). */
    const char *(*body)(struct portico_request *request, size_t *ret_length);
    /** As portico_json(). */
    const struct portico_value *(*json)(struct portico_request *request,
                                        struct portico_error *error);
    /** As portico_external_url(). */
    const char *(*external_url)(struct portico_request *request, const char *path);
    /** As portico_set_status(). */
    int (*set_status)(struct portico_request *request, uint32_t status);
    /** As portico_set_header(). */
    int (*set_header)(struct portico_request *request, const char *name, const char *value);
    /** As portico_reply_view(). */
    int (*reply_view)(struct portico_request *request, const char *view,
                      struct portico_value *data);
    /** As portico_reply_json(). */
    int (*reply_json)(struct portico_request *request, const struct portico_value *data);
    /** As portico_reply_problem(). */
    int (*reply_problem)(struct portico_request *request, uint32_t status, const char *type,
                         const char *title, const char *detail);
    /** As portico_reply_redirect(). */
    int (*reply_redirect)(struct portico_request *request, uint32_t status, const char *location);
    /** As portico_reply_bytes(). */
    int (*reply_bytes)(struct portico_request *request, const char *media_type, const void *bytes,
                       size_t length);
    /** As portico_reply_file(). */
    int (*reply_file)(struct portico_request *request, const char *media_type, const char *path);
    /** As portico_reply_template(). */
    int (*reply_template)(struct portico_request *request, const char *media_type, const char *view,
                          struct portico_value *data);
    /** As portico_reply_status(). */
    uint32_t (*reply_status)(struct portico_request *request);
    /** As portico_reply_header(). */
    const char *(*reply_header)(struct portico_request *request, const char *name);
};

/** Method in capitals, as sent. A HEAD request reaches a GET handler as "GET". */
static inline const char *portico_method(struct portico_request *request)
{
    return request->api->method(request);
}
/** Percent-decoded, normalised path. */
static inline const char *portico_path(struct portico_request *request)
{
    return request->api->path(request);
}
/** Value of `{name}` in the route's pattern, decoded; NULL if the pattern has no such name. */
static inline const char *portico_param(struct portico_request *request, const char *name)
{
    return request->api->param(request, name);
}
/** First value of a query parameter, decoded; NULL if absent. */
static inline const char *portico_query_param(struct portico_request *request, const char *name)
{
    return request->api->query(request, name);
}
/**
 * Header field value; names compare without case; lists are joined with ", ". NULL if absent, or
 * not UTF-8, or the host's own: Cookie, Authorization and Proxy-Authorization are never shown to
 * modules.
 */
static inline const char *portico_header(struct portico_request *request, const char *name)
{
    return request->api->header(request, name);
}
/** First value of a field of an application/x-www-form-urlencoded body; NULL if absent. */
static inline const char *portico_form(struct portico_request *request, const char *name)
{
    return request->api->form(request, name);
}
/** The body as it came; NULL and 0 if there is none. May hold NUL bytes. */
static inline const char *portico_body(struct portico_request *request, size_t *ret_length)
{
    return request->api->body(request, ret_length);
}
/** The JSON body, checked against the route's request schema; NULL with `error` set otherwise. */
static inline const struct portico_value *portico_json(struct portico_request *request,
                                                       struct portico_error *error)
{
    return request->api->json(request, error);
}
/** Absolute URL of a path on this portal, from the configured canonical URL. */
static inline const char *portico_external_url(struct portico_request *request, const char *path)
{
    return request->api->external_url(request, path);
}
/** Status of the reply to come; 200 if not set. */
static inline int portico_set_status(struct portico_request *request, uint32_t status)
{
    return request->api->set_status(request, status);
}
/** Adds a header to the reply to come. Framing and security headers are the host's: EPERM. Location
 * takes a path on this portal, after portico_set_status(request, 201); otherwise EPERM. */
static inline int portico_set_header(struct portico_request *request, const char *name,
                                     const char *value)
{
    return request->api->set_header(request, name, value);
}
/** HTML page from template `view` of this module, inside the portal's shell if it inherits it. */
static inline int portico_reply_view(struct portico_request *request, const char *view,
                                     struct portico_value *data)
{
    return request->api->reply_view(request, view, data);
}
/** JSON document. With a GET it carries a strong ETag and answers If-None-Match by itself. */
static inline int portico_reply_json(struct portico_request *request,
                                     const struct portico_value *data)
{
    return request->api->reply_json(request, data);
}
/** A status from 400 to 599 as RFC 9457 problem document (for a browser: the error page with the
 * same words). `type` may be NULL, and so may `detail`: then none is shown. */
static inline int portico_reply_problem(struct portico_request *request, uint32_t status,
                                        const char *type, const char *title, const char *detail)
{
    return request->api->reply_problem(request, status, type, title, detail);
}
/** Redirect to a path on this portal ("/…"); anything else is refused with EINVAL. 301, 302, 303,
 * 307, 308. With a piece behind it ("/…#post-7") a person lands there, by script too, with the
 * focus. */
static inline int portico_reply_redirect(struct portico_request *request, uint32_t status,
                                         const char *location)
{
    return request->api->reply_redirect(request, status, location);
}
/** A body of the module's own; copied. NULL, NULL, 0 answers 204 without a body. */
static inline int portico_reply_bytes(struct portico_request *request, const char *media_type,
                                      const void *bytes, size_t length)
{
    return request->api->reply_bytes(request, media_type, bytes, length);
}
/** A file below the module's own directory, by plain names (no "..", links or hidden files:
 * ENOENT); ranges and conditional requests work by themselves. */
static inline int portico_reply_file(struct portico_request *request, const char *media_type,
                                     const char *path)
{
    return request->api->reply_file(request, media_type, path);
}
/** Like reply_view for other text formats, such as "application/atom+xml"; no shell around it. */
static inline int portico_reply_template(struct portico_request *request, const char *media_type,
                                         const char *view, struct portico_value *data)
{
    return request->api->reply_template(request, media_type, view, data);
}

#endif
