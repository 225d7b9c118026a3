/* Answers kept for viewers with the same audiences, served on the loop. Loop thread only. */
#ifndef SERVER_CACHE_H
#define SERVER_CACHE_H

#include "http/exchange.h"

struct cache;

/* What an answer depends on. `locale` is one of the page set's own strings, compared by address. */
struct cache_key {
    struct text target;
    const char *locale;
    uint64_t audiences; /* hash of the viewer's audience set */
};

struct cache_counters {
    uint64_t hits, misses, kept, dropped;
    size_t bytes, entries;
};

/* Keeps at most `bytes`, the least recently used go first; 0 keeps nothing. NULL: memory ended. */
struct cache *cache_new(size_t bytes);
void cache_free(struct cache *cache);
/* The answer, borrowed, or NULL. */
struct http_content *cache_find(struct cache *cache, const struct cache_key *key, int64_t now);
/* Keeps a reference of its own until steady time `until`. */
void cache_put(struct cache *cache, const struct cache_key *key, struct http_content *content,
               int64_t until);
const struct cache_counters *cache_counters(const struct cache *cache);

#endif
