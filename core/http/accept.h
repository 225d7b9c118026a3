/* Content negotiation (RFC 9110 section 12): content codings and kinds of answers a client takes.
 */
#ifndef HTTP_ACCEPT_H
#define HTTP_ACCEPT_H

#include "base/text.h"

/* Weight from 0 to 1000 that an Accept-Encoding field gives to a coding ("br"): its own, or else
 * that of "*". An absent field (NULL data) takes none. */
unsigned http_accept_coding(struct text accept, struct text coding);
/* True for programs: the Accept field names JSON or problem documents, and weighs them more than
 * HTML. Ranges with stars name neither, so who takes anything gets a page. */
bool http_prefers_json(struct text accept);

#endif
