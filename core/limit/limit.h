/* How often somebody did a thing lately, counted in the database: the same for all processes.
 *
 * A window is counted in LIMIT_STEPS steps, and those it touches count in full: never more than
 * `most` in any length of `window`, and a place is free again at most one step later than it could
 * be. */
#ifndef LIMIT_LIMIT_H
#define LIMIT_LIMIT_H

#include "store/store.h"

#define LIMIT_STEPS 20
#define LIMIT_MOST 1000000
#define LIMIT_SECONDS_MOST (7 * 24 * 3600)

struct limit {
    const char *key;  /* a hash: no name, no address */
    uint32_t most;    /* 1 to LIMIT_MOST */
    uint32_t seconds; /* 1 to LIMIT_SECONDS_MOST */
};

/* Counts one, in the session's open transaction or one of its own. PORTICO_ELIMIT: there were
 * `most`, nothing was counted, and `ret_wait` is after how many µs one may be tried. */
int limit_take(struct store_session *session, const struct limit *limit, int64_t now,
               int64_t *ret_wait, struct portico_error *error);

/* The network of a peer's address as text: "203.0.113.0/24", "2001:db8:1:200::/56"; what is no
 * address is a network of its own. At most 64 bytes. */
#define LIMIT_NETWORK_SIZE 64
void limit_network(const char *address, char ret_network[LIMIT_NETWORK_SIZE]);

/* Removes what no window reaches any more; at most `most` rows. How many they were. */
int limit_prune(struct store_session *session, int64_t now, unsigned most,
                struct portico_error *error);

#endif
