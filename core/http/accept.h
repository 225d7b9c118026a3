/* Content negotiation (RFC 9110 section 12): media types and content codings a client takes. */
#ifndef HTTP_ACCEPT_H
#define HTTP_ACCEPT_H

#include "base/text.h"

/* Weight from 0 to 1000 that `accept` (the value of an Accept field) gives to `type` ("text/html"):
 * of the most specific range that fits. An absent field (NULL data) takes everything. */
unsigned http_accept_type(struct text accept, struct text type);
/* The same for a content coding ("br") and an Accept-Encoding field; an absent field takes none. */
unsigned http_accept_coding(struct text accept, struct text coding);
/* True for browsers: text/html is named and weighs at least as much as JSON. */
bool http_prefers_html(struct text accept);

#endif
