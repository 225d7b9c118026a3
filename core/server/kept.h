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
/* Where an answer may be kept: under `key`, which lives as long as the request, for 0 seconds
 * nowhere. `edition` was read before it was made. */
struct kept_place {
    struct cache *cache;
    const struct cache_key *key;
    int64_t edition;
    uint32_t seconds;
};
/* Keeps the response if nothing in it is for one person only. It becomes shared content: this
 * answer and the kept one are the same bytes. */
void kept_take(const struct kept_place *place, struct http_response *response);

#endif
