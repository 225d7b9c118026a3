/* Which answers are kept for other viewers with the same audiences, and under what key. Loop thread
 * only. */
#ifndef SERVER_KEPT_H
#define SERVER_KEPT_H

#include "server/cache.h"

struct module_host;
struct viewer;

/* What an answer to this request depends on, for this viewer; borrows from the request. */
void kept_key(const struct module_host *host, const struct http_request *request,
              const struct viewer *viewer, struct cache_key *ret_key);
/* Keeps the response `seconds` long if nothing in it is for one person only. It becomes shared
 * content: this answer and the kept one are the same bytes. */
void kept_take(struct cache *cache, const struct cache_key *key, uint32_t seconds,
               struct http_response *response);

#endif
