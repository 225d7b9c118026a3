/* The portal's figures in memory that the supervisor makes and all workers share: a slot for each
 * worker's id slot, written by that worker alone. A new worker goes on from what its slot holds, so
 * totals outlive workers and generations. Readers take every number as hostile input: fixed sizes,
 * no pointers, no locks. Pages of the file exist once they are written to. */
#ifndef SERVER_BOARD_H
#define SERVER_BOARD_H

#include <stdatomic.h>
#include <stdint.h>

#define BOARD_SLOTS 256   /* twice the most workers a config may ask for, and more */
#define BOARD_ROUTES 1024 /* different labels a slot remembers */
#define BOARD_BUCKETS 10  /* of a duration histogram */

typedef _Atomic uint64_t board_number;

enum board_figure {
    /* counters */
    BOARD_ACCEPTED,
    BOARD_REQUESTS,
    BOARD_REFUSED,
    BOARD_TIMED_OUT,
    BOARD_RECEIVED,
    BOARD_SENT,
    BOARD_STATUS_1XX,
    BOARD_STATUS_2XX,
    BOARD_STATUS_3XX,
    BOARD_STATUS_4XX,
    BOARD_STATUS_5XX,
    BOARD_CACHE_HITS,
    BOARD_CACHE_KEPT,
    BOARD_CACHE_DROPPED,
    BOARD_SESSIONS_KNOWN,
    BOARD_SESSIONS_READ,
    BOARD_SIGNED_IN,
    BOARD_SIGN_IN_WRONG,
    BOARD_SIGN_IN_LIMITED,
    BOARD_SIGN_IN_FAILED,
    BOARD_COMMITS,
    BOARD_STATEMENTS,
    BOARD_FLUSHES,
    BOARD_CHECKPOINTS,
    BOARD_GAUGES, /* from here on: of living workers only */
    BOARD_OPEN = BOARD_GAUGES,
    BOARD_IDLE,
    BOARD_STREAMS,
    BOARD_THREADS,
    BOARD_WAITING,
    BOARD_OUTSTANDING,
    BOARD_STUCK,
    BOARD_CACHE_ENTRIES,
    BOARD_CACHE_BYTES,
    BOARD_LOG_PAGES,
    BOARD_DATABASE_OPEN,
    BOARD_DATABASE_BUSY,
    BOARD_RESIDENT,
    BOARD_FIGURES
};

struct board_route {
    board_number key; /* hash of the label; 0: free from here on */
    board_number requests, failures, late, shed;
    board_number out;          /* gauge: 1 while it is not called */
    board_number duration_sum; /* µs */
    board_number durations[BOARD_BUCKETS];
};

struct board_slot {
    board_number figures[BOARD_FIGURES];
    struct board_route routes[BOARD_ROUTES];
};

/* What the supervisor says of a slot. */
enum board_state { BOARD_UNUSED, BOARD_LIVING, BOARD_ENDED, BOARD_LIVING_JOBS };

/* The queue as a jobs process last saw it; whichever looked last wrote it. */
struct board_queue {
    board_number seen; /* UTC µs; 0: nobody looked yet */
    board_number waiting, running, done, failed, cancelled;
    board_number oldest; /* UTC µs since when the oldest due job waits; 0: none is due */
};

struct board {
    _Atomic int64_t started; /* of the portal, UTC µs; the supervisor's */
    uint64_t word;           /* random, made with the board: tells portals of one host name apart */
    _Atomic uint32_t states[BOARD_SLOTS];
    struct board_queue queue;
    struct board_slot slots[BOARD_SLOTS];
};

/* The sums over all slots. */
struct board_totals {
    uint64_t workers; /* living */
    uint64_t jobs;    /* living jobs processes */
    uint64_t figures[BOARD_FIGURES];
};

/* A sealed memory file mapped shared: its descriptor, or -1. */
int board_create(struct board **ret_board);
struct board *board_map(int descriptor); /* NULL when the system refuses */
void board_unmap(struct board *board);   /* accepts NULL */
/* The supervisor's mark; a slot out of range is ignored. */
void board_set_state(struct board *board, unsigned slot, enum board_state state);

/* For a slot's new worker: drops the rows of labels when they are many, so that there is room. */
void board_tidy(struct board *board, unsigned slot);
/* The slot's row for a label, made if need be; NULL: there is no room or no such slot. For the
 * slot's own worker. */
struct board_route *board_claim(struct board *board, unsigned slot, const char *label);
/* Adds to a number that only the caller writes. */
static inline void board_add(board_number *number, uint64_t more)
{
    uint64_t old = atomic_load_explicit(number, memory_order_relaxed);
    atomic_store_explicit(number, old + more, memory_order_relaxed);
}

void board_sum(const struct board *board, struct board_totals *ret_totals);
/* The sums of a label's rows; `out` is the number of living workers that do not call it. */
void board_sum_route(const struct board *board, const char *label, struct board_route *ret_sum);

#endif
