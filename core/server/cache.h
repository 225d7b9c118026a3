/* Answers kept for viewers with the same audiences, served on the loop. Loop thread only.
 *
 * Each belongs to the edition of what is shown (store/store.h) that was read before it was made.
 * They are given out only while it is known that the edition is the same, as of less than a second
 * ago: what is taken from view in any process is gone from here by then. */
#ifndef SERVER_CACHE_H
#define SERVER_CACHE_H

#include "http/exchange.h"

#define CACHE_TRUST 900000 /* µs that it holds what edition there is */
#define CACHE_ASK 300000   /* µs after which it is read again, so that it holds on */

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
/* The edition was `edition` at steady time `at`. Another one drops all there is. */
void cache_confirm(struct cache *cache, int64_t edition, int64_t at);
/* The edition of what is kept; -1 before any is known. */
int64_t cache_edition(const struct cache *cache);
/* Whether the edition should be read again. */
bool cache_asks(const struct cache *cache, int64_t now);
/* The answer, borrowed, or NULL. */
struct http_content *cache_find(struct cache *cache, const struct cache_key *key, int64_t now);
/* Keeps a reference of its own until steady time `until`, unless `edition`, read before the answer
 * was made, is not the one of what is kept. */
void cache_put(struct cache *cache, const struct cache_key *key, struct http_content *content,
               int64_t edition, int64_t until);
const struct cache_counters *cache_counters(const struct cache *cache);

#endif
