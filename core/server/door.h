/* What stands between who asks and the routes: a second step that is due, and what access tokens do
 * not open. Loop thread. */
#ifndef SERVER_DOOR_H
#define SERVER_DOOR_H

#include "http/files.h"
#include "module/registry.h"

/* Whether an access token is good for anything there: no page, so that it never stands in for
 * somebody at a form. */
bool door_is_of_tokens(struct text path);
/* A token is refused, with 401, 403 or 429: the answer is sent. */
void door_refuse(struct module_host *host, struct http_exchange *exchange, unsigned status);
/* True: a second step is due, and the answer that leads to it is sent. The pages of the step, files
 * and signing out go on, for nobody. */
bool door_asks_step(struct module_host *host, const struct http_files *files,
                    struct http_exchange *exchange);
/* Who looks into an account as staff, or in somebody's place, only reads; they leave, go over or
 * sign out, and do that as what they are: then `viewer` is another. True: it is refused, and the
 * answer stands. */
bool door_only_shows(struct module_host *host, struct http_exchange *exchange,
                     const struct portico_route *route, const struct viewer **viewer);
/* True: an access token came to a route of sessions, and the answer stands. */
bool door_needs_session(struct module_host *host, struct http_exchange *exchange,
                        const struct portico_route *route, const struct viewer *viewer);

#endif
