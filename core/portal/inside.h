/* What the portal's own handlers may do beyond the SDK: use the core's rooms with the request's
 * database, set the portal's cookies, know where a request comes from. For handlers of core/portal
 * only, on their thread, for the call. */
#ifndef PORTAL_INSIDE_H
#define PORTAL_INSIDE_H

#include "module/cookie.h"
#include "module/registry.h"

#include <portico/portico.h>

#include <stdio.h>

/* Who asks; never NULL. */
const struct viewer *inside_viewer(struct portico_request *request);
/* The request's session, the same that portico_db() works in, so that one transaction holds both.
 * The host's tables are open to it. NULL with `error`: there is no database or no memory. */
struct store_session *inside_session(struct portico_request *request, struct portico_error *error);
/* The process: settings (inside_host()->config), pages, registry. */
struct module_host *inside_host(struct portico_request *request);
/* The request's memory. */
struct arena *inside_arena(struct portico_request *request);

/* The same session, and a path of this portal with its host, where no request is: in hooks. */
struct store_session *inside_context_session(struct portico_context *context,
                                             struct portico_error *error);
const char *inside_context_address(struct portico_context *context, const char *path);
struct module_host *inside_context_host(struct portico_context *context);
/* From here on no handler in the transaction is asked about what this call emits: it came about
 * whatever they say. Those after the commit hear of it. */
void inside_settle(struct portico_context *context);

/* Something was done too often: ELIMIT, with what happened (a text of the catalogue) and when to
 * try again as the error's words. A handler that returns it answers with 429 and Retry-After. */
int inside_limit(struct portico_context *context, int64_t wait, const char *what,
                 struct portico_error *error);
/* The status of a page that says what was refused: 422, or after inside_limit the same 429. */
void inside_refused(struct portico_request *request, int code);

/* A cookie of the portal's, borrowed; NULL: not sent. */
const char *inside_cookie(struct portico_request *request, enum cookie cookie);
/* As cookie_session_token. */
const char *inside_session_token(struct portico_request *request);
/* Sets one with the reply to come, also with a redirect; not with an error. `life` as in
 * cookie_set; COOKIE_REMOVED takes it away. */
int inside_set_cookie(struct portico_request *request, enum cookie cookie, const char *value,
                      int64_t life);

/* Keeps what was typed into a form of PORTICO_FORM_DRAFT until who sits there comes back to it. */
int inside_keep_draft(struct portico_form *form, struct portico_error *error);

/* A reply function: the bytes of an open file, from its first one; nothing of them is held in
 * memory. The file is closed by the caller. */
int inside_reply_stream(struct portico_request *request, const char *media_type, FILE *file,
                        struct portico_error *error);

/* A form of another module, in this request; NULL, with the reason in the log: it has none such. */
struct module;
struct portico_form *inside_form_of(struct portico_request *request, const struct module *module,
                                    const char *name, const char *subject);

/* For the hidden field portico_token of a form that is not one of .forms; see forgery_token_of. */
const char *inside_token(struct portico_request *request);

/* The network the request came from, "192.0.2.0/24" or "2001:db8::/56" (of a Unix socket "unix"):
 * what limits count by. In the request's memory; NULL: memory ended. */
const char *inside_network(struct portico_request *request);
/* forgery_takes_file() of it: a file may go out whose handing out is written down. */
bool inside_takes_file(struct portico_request *request);
/* What the browser says it is, cut to 200 bytes; "" if it says nothing. */
const char *inside_agent(struct portico_request *request);
/* `path` if it is a path of this portal that one may be sent to, else `otherwise`: of "?next=". */
const char *inside_next(struct portico_request *request, const char *path, const char *otherwise);

#endif
