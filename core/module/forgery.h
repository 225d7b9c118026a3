/* Requests that change something must come from the portal's own pages: another site can make a
 * browser send one with all its cookies, but can neither hide where it comes from nor know the
 * token that the portal's forms carry. The host checks; modules cannot forget. */
#ifndef MODULE_FORGERY_H
#define MODULE_FORGERY_H

#include "module/call.h"

#define FORGERY_FIELD "portico_token" /* of a form */
#define FORGERY_HEADER "x-csrf-token" /* of a script's request */

/* True for POST, PUT, PATCH, DELETE and whatever is not known to be safe (RFC 9110 section 9.2.1).
 */
bool forgery_concerns(struct text method);
/* True if the browser says that another site sent it: Sec-Fetch-Site, or Origin. Any thread. */
bool forgery_is_foreign(const struct module_host *host, const struct http_request *request);
/* True unless the browser says that it wants the answer as a part of a page, such as a picture, and
 * not to open it (Sec-Fetch-Dest). Any thread. */
bool forgery_opens(const struct http_request *request);
/* The same for a file whose handing out is written down, which a script may fetch too; false also
 * where another site leads there (Sec-Fetch-Site). Any thread. */
bool forgery_takes_file(const struct http_request *request);

/* Handler thread. The token for the forms of this answer: of the session, else of the visitor's
 * cookie, which is set with the answer if there is none. The answer is this person's alone from
 * here on: it is not kept. In the request's memory; NULL: memory ended. */
const char *forgery_token_of(struct call *call);
/* Handler thread, once the body's fields are read. True: it carries no cookie of ours, so there is
 * nothing to forge; or the right token; or the route takes requests from anywhere. */
bool forgery_passes(const struct call *call);

#endif
