/* Handler threads: bounded, fed in batches by the loop, fair between routes.
 *
 * Jobs wait in lanes (one a route), lanes belong to groups (one a module). A lane or group runs at
 * most its cap at once, and lanes with work take turns: a slow route never holds up another. A job
 * crosses with its batch under one lock; threads and loop are woken only when a queue turns
 * non-empty. */
#ifndef SERVER_POOL_H
#define SERVER_POOL_H

#include <event2/event.h>
#include <portico/base.h>

#include <stdbool.h>
#include <stdint.h>

struct pool;

struct pool_group {
    unsigned cap;     /* jobs at once */
    unsigned running; /* under the pool's lock, as all below */
};

struct pool_job {
    struct pool_lane *lane;
    struct pool_job *next;
    _Atomic int state;       /* enum pool_state */
    _Atomic int64_t started; /* steady time, 0 while it waits */
    int64_t took;            /* µs it ran; set before `done` */
    int slot;                /* handler slot it runs in, -1 while it waits */
};
enum pool_state { POOL_WAITING, POOL_RUNNING, POOL_RETURNED, POOL_WITHDRAWN };

struct pool_lane {
    struct pool_group *group;
    unsigned cap;
    unsigned running;
    unsigned waiting;
    int64_t mean; /* µs a job takes, smoothed: short ones share a wake-up */
    struct pool_job *head, *tail;
    struct pool_lane *next_ready;
    bool ready;
};

struct pool_options {
    struct event_base *base;
    unsigned threads; /* 1 to MODULE_TRACE_SLOTS */
    size_t stack_bytes;
    void (*enter)(unsigned slot, void *data); /* on each thread before its first job; may be NULL */
    void (*leave)(void *data);                /* on each thread after its last; may be NULL */
    void (*run)(struct pool_job *job, unsigned slot, void *data); /* on a thread */
    /* On the loop, exactly once a job: state is RETURNED, or WITHDRAWN if it never ran. */
    void (*done)(struct pool_job *job, void *data);
    void *data;
};

int pool_new(const struct pool_options *options, struct pool **ret_pool,
             struct portico_error *error);
/* Loop thread. Queues a job for the next pool_turn. The lane outlives the job. */
void pool_submit(struct pool *pool, struct pool_job *job, struct pool_lane *lane);
/* Loop thread, after every turn of the loop: hands the batch over and collects what is done. */
void pool_turn(struct pool *pool);
/* Loop thread. True if the job had not begun: it will not run; `done` comes when it is unqueued. */
bool pool_withdraw(struct pool_job *job);
/* Jobs waiting, and threads there are. */
unsigned pool_waiting(struct pool *pool);
unsigned pool_threads(const struct pool *pool);
/* Ends the threads once the queues are empty and joins them. Only when no handler is stuck. */
void pool_free(struct pool *pool);

#endif
