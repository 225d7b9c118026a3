/* Knows which edition of what is shown there is (store/store.h), for as long as kept answers are
 * asked for: it is read on a handler thread, or with an answer that is made anyway. Loop thread but
 * for edition_read. */
#ifndef SERVER_EDITION_H
#define SERVER_EDITION_H

#include "server/cache.h"
#include "server/tasks.h"

struct edition;

struct edition_options {
    struct tasks *tasks;
    struct module_host *host;
    struct dispatch_route *route; /* whose lane the reading uses */
    struct cache *cache;
};

int edition_new(const struct edition_options *options, struct edition **ret_edition,
                struct portico_error *error);
/* Only when nothing runs. Accepts NULL. */
void edition_free(struct edition *edition);
/* A kept answer was given out: has the edition read again before it is no longer trusted. */
void edition_ask(struct edition *edition, int64_t now);
/* On the calling thread, with memory of `arena`. -1: it cannot be read. */
int64_t edition_read(struct module_host *host, struct arena *arena);

#endif
