/* Stops calling what keeps failing: opens after repeated misses, tries one call after a back-off.
 */
#ifndef SERVER_BREAKER_H
#define SERVER_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

#define BREAKER_MISSES 5              /* in a row or within the window */
#define BREAKER_WINDOW (60 * 1000000) /* µs */
#define BREAKER_FIRST (5 * 1000000)   /* first back-off; doubles to BREAKER_LAST */
#define BREAKER_LAST (300 * 1000000)

enum breaker_state { BREAKER_CLOSED, BREAKER_OPEN, BREAKER_TRYING };

/* Zero-initialise. Times are steady µs, passed in. */
struct breaker {
    enum breaker_state state;
    unsigned misses;
    int64_t window; /* begin of the counted window */
    int64_t back_off;
    int64_t until; /* OPEN: when one call may try */
};

/* True if a call may be made now; in half-open state it lets exactly one through. */
bool breaker_allows(struct breaker *breaker, int64_t now);
/* A call ended well. True if that closed the breaker. */
bool breaker_succeeded(struct breaker *breaker);
/* A call missed its deadline or crashed. True if that opened the breaker. */
bool breaker_missed(struct breaker *breaker, int64_t now);
/* The try was not made after all (shed, peer gone): another may. */
void breaker_untried(struct breaker *breaker, int64_t now);
/* Opens it now, whatever was counted. */
void breaker_open(struct breaker *breaker, int64_t now);
/* Microseconds until the next try, at least 0. */
int64_t breaker_wait(const struct breaker *breaker, int64_t now);

#endif
