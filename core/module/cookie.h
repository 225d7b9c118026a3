/* The portal's cookies: their names, reading one, setting one. */
#ifndef MODULE_COOKIE_H
#define MODULE_COOKIE_H

#include "http/exchange.h"

enum cookie {
    COOKIE_SESSION, /* who is signed in */
    COOKIE_VISITOR, /* somebody who is not, and was shown a form */
    COOKIE_DEVICE,  /* where somebody signed in before */
    COOKIE_STEP,    /* whose password was right and who has a second step to do */
    COOKIE_LOCALE,  /* the language chosen by somebody who is not signed in */
    COOKIES,
};

/* "portico", "portico-visitor" and so on; over https with the prefix "__Host-" (RFC 6265bis section
 * 4.1.3.2), which keeps other hosts from setting it. */
struct text cookie_name(bool secure, enum cookie cookie);
/* Its value, borrowed from the request; NULL data: it was not sent. The first counts. */
struct text cookie_find(const struct http_request *request, struct text name);

/* The session's token: the one it got when it was read for this request, else the cookie's. In the
 * request's memory; NULL: none came, or memory ended. */
struct viewer;
const char *cookie_session_token(const struct http_request *request, const struct viewer *viewer,
                                 bool secure);

enum cookie_life { COOKIE_REMOVED = -1, COOKIE_UNTIL_CLOSED = 0 }; /* or seconds */
/* Adds Set-Cookie: HttpOnly, SameSite=Lax, Path=/, and Secure over https. `life` is an enum
 * cookie_life or how many seconds the browser keeps it. EINVAL: the value holds more than RFC 6265
 * section 4.1.1 allows. */
int cookie_set(struct http_response *response, bool secure, enum cookie cookie, struct text value,
               int64_t life);
/* Whether the response sets it already. */
bool cookie_is_set(const struct http_response *response, bool secure, enum cookie cookie);

#endif
