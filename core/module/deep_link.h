/* A link to what another account of the reader's may see: the page is asked again as each of the
 * accounts they used last, and shown where one of them sees it. */
#ifndef MODULE_DEEP_LINK_H
#define MODULE_DEEP_LINK_H

#include "module/registry.h"

/* Calls the route as that viewer; its answer stands in the exchange's response. */
typedef void deep_link_call(struct module_host *host, struct module_route *route,
                            const struct route_match *match, const struct viewer *viewer,
                            struct http_exchange *exchange);
/* Of a response 404 to somebody signed in who opened a page: their session acts in the account that
 * sees it from now on, and the response is 303 to the same address. Otherwise it stays byte for
 * byte what it was, whether the page is another's or nobody's; as many accounts are tried then. */
void deep_link_follow(struct module_host *host, struct module_route *route,
                      const struct route_match *match, const struct viewer *viewer,
                      struct http_exchange *exchange, deep_link_call *call);

#endif
