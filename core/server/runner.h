/* What a jobs process takes from the queue and runs.
 *
 * A thread of its own (claims.c) schedules, claims, renews and gives back: the loop never waits for
 * the database. What it took crosses to the loop, which hands it to the pool; a handler thread runs
 * it and concludes it. A job past its deadline is concluded for it and loses its lease; a handler
 * that still does not return makes the supervisor replace the process. */
#ifndef SERVER_RUNNER_H
#define SERVER_RUNNER_H

#include "server/metrics.h"
#include "server/pool.h"
#include "server/shared.h"
#include "server/work.h"

#include <pthread.h>

struct runner;

/* Called on the loop. */
struct runner_options {
    struct event_base *base;
    struct module_host *host;
    const struct server_settings *settings;
    struct server_page *page;
    struct board *board;
    struct metrics *metrics;
    unsigned slot;
    /* The self-test's outcome: NULL, or why nothing can be run. */
    void (*tested)(const char *problem, void *data);
    /* A handler is beyond hope; `label` is whose. */
    void (*stuck)(const char *label, void *data);
    /* A kind of work, or a method or handler it called, was taken out and ran without harm. */
    void (*tried)(const char *label, void *data);
    /* Once it drains: nothing runs any more, or what ran was given back. */
    void (*emptied)(void *data);
    void *data;
};

/* Loop thread, all of these. */
/* Begins with the self-test; claims nothing before runner_serve. */
int runner_new(const struct runner_options *options, struct runner **ret_runner,
               struct portico_error *error);
/* Accepts NULL. Only when nothing runs: see runner_running. */
void runner_free(struct runner *runner);
void runner_serve(struct runner *runner);
/* Claims nothing more and asks what runs to stop. */
void runner_drain(struct runner *runner);
/* The draining time is over: what still runs goes back to the queue. */
void runner_give_back(struct runner *runner);
/* Another process of this node ended: its leases end too. */
void runner_gone(struct runner *runner, int pid, unsigned slot);
void runner_take_out(struct runner *runner, const char *label);
void runner_try(struct runner *runner, const char *label);
void runner_put_back(struct runner *runner, const char *label);
void runner_turn(struct runner *runner);
/* Five times a second. */
void runner_beat(struct runner *runner);
unsigned runner_running(struct runner *runner);

/* ---- between runner.c, run.c and claims.c ---- */

/* How a process is named in leases: "HOST/WORD/PID/SLOT". Containers may share host name and
 * process ids; the word is the portal's own, so that nobody ends the leases of another node. */
#define RUNNER_NAME_SIZE 96
void runner_name(uint64_t word, int pid, unsigned slot, char ret_name[RUNNER_NAME_SIZE]);

/* A kind of work, and what this process does of it now. Under the runner's lock. */
struct runner_work {
    const struct work *work;
    struct pool_lane lane; /* the pool's */
    struct runner_group *group;
    struct board_route *counts;
    unsigned running;
    bool taken_out, trying, try_under_way;
};

/* A module's part of the threads. */
struct runner_group {
    struct pool_group pool;
    unsigned running;
};

enum run_state {
    RUN_TAKEN,     /* claimed, waits for its thread or runs */
    RUN_ENDING,    /* its thread concludes it */
    RUN_EXPIRED,   /* past its deadline: concluded for it, its thread may still run */
    RUN_GIVEN_BACK /* back in the queue: the process ends */
};

/* One try of one job. */
struct run {
    struct pool_job pool; /* must be first */
    struct runner_work *work;
    struct arena *arena; /* of the claim and of the try */
    struct job_claim claim;
    struct module_job_watch watch;
    enum run_state state; /* under the runner's lock */
    bool held;            /* the claiming thread looks at it: it is not freed yet. Under the lock */
    bool returned;        /* its thread is done with it; loop only */
    bool trying;
    bool failed;      /* set by its thread, read on the loop */
    bool named;       /* as late, on the loop */
    int64_t renewed;  /* steady µs */
    int64_t deadline; /* of the running try, steady; 0: it does not run. Under the lock */
    struct run *next; /* claimed, on the way to the loop */
};

struct runner {
    struct runner_options options;
    char name[RUNNER_NAME_SIZE];
    GPtrArray *list;             /* struct work */
    GHashTable *works;           /* label to struct runner_work */
    GArray *schedule;            /* struct schedule_entry */
    struct runner_group *groups; /* one a module, then the host's */
    struct pool *pool;
    unsigned threads;

    struct event *wake_event;
    int wake;  /* eventfd: to the loop */
    int nudge; /* eventfd: to the claiming thread */

    pthread_t thread;
    bool has_thread;

    pthread_mutex_t lock;
    GPtrArray *runs;                     /* struct run, all that are claimed */
    struct run *taken_head, *taken_tail; /* for the loop */
    GPtrArray *gone;                     /* names of runners that ended */
    bool serving, draining, giving_back, given_back, closing;
    bool claiming; /* the claiming thread may be about to add a run */
    bool tested;
    char problem[sizeof((struct portico_error *)0)->message];

    bool told_tested, told_stuck, told_emptied; /* loop only */
};

/* claims.c: the thread's function, and a sign that something changed for it. */
void *claims_main(void *runner);
void claims_nudge(struct runner *runner);
/* The host's own session in the arena; NULL: memory ended. Any thread. */
struct store_session *runner_session(const struct runner *runner, struct arena *arena);
/* Wakes the loop; any thread. */
void runner_wake(struct runner *runner);
/* The work of a claim's names; NULL: this generation has none such. Any thread. */
struct runner_work *runner_find(struct runner *runner, const char *module, const char *name,
                                enum job_kind kind);

/* run.c: a try on its handler thread, from the claim to its conclusion. */
void run_work(struct runner *runner, struct run *run, unsigned slot);
/* Concludes the try of a run; the thread may be any. 0, ECONFLICT when the lease is another's, or
 * why it could not be written. */
int run_conclude(struct runner *runner, struct run *run, int result, bool stopped,
                 const char *reason, struct portico_error *error);
void run_free(struct run *run);

#endif
