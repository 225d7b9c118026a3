/* Error answers that overloaded moments need at once: rendered once a language, as page and as
 * problem document. Loop thread only. */
#ifndef SERVER_PREPARED_H
#define SERVER_PREPARED_H

#include "http/exchange.h"

struct module_host;
struct portico_error;
struct prepared;

/* Renders `title` and `detail`, English source texts, for the portal's first language; others
 * follow when somebody reads them. */
int prepared_new(struct module_host *host, unsigned status, const char *title, const char *detail,
                 struct prepared **ret_prepared, struct portico_error *error);
/* Accepts NULL. */
void prepared_free(struct prepared *prepared);
/* The answer in the language and form this request asks for; borrowed, never NULL. */
struct http_content *prepared_for(struct prepared *prepared, const struct http_request *request);

#endif
