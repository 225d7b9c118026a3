/* Who asks through a proxy, by what trusted ones say in X-Forwarded-For. */
#ifndef HTTP_FORWARDED_H
#define HTTP_FORWARDED_H

#include "http/exchange.h"

struct http_proxies;

/* Addresses and networks separated by blanks; `unix` stands for Unix sockets. What is none of these
 * is left out: the config checks them. NULL: there are none. */
struct http_proxies *http_proxies_new(const char *list);
void http_proxies_free(struct http_proxies *proxies); /* accepts NULL */
/* Puts the first address that is no trusted proxy's, read from the peer backwards, in place of the
 * request's peer. A word that is no address ends the reading. `proxies` may be NULL. */
void http_forwarded(const struct http_proxies *proxies, struct http_request *request);

#endif
