/* What the dispatcher has on handler threads – routes, the server's pages, hooks – and the watch
 * over it: who waits too long, who runs too long, who is not called for a while. Loop thread. */
#ifndef SERVER_TASKS_H
#define SERVER_TASKS_H

#include "server/dispatch.h"

struct tasks;
struct task;

/* What a kind of task does. All but `run` on the loop. */
struct task_kind {
    void (*run)(struct task *task); /* on a handler thread */
    /* It waited past its time and will not run; `done` follows. Tell who waits for it. */
    void (*dropped)(struct task *task);
    /* It runs past its limit; tell who waits for it, and the log. `done` follows when it returns.
     */
    void (*late)(struct task *task, int64_t now);
    /* Once, at the end; the last that is heard of the task. */
    void (*done)(struct task *task, bool ran);
};

struct task {
    struct pool_job pool; /* must be first */
    const struct task_kind *kind;
    struct dispatch_route *route; /* whose lane, breaker and figures it uses */
    int64_t wait;                 /* µs it may wait for a thread */
    int64_t limit;                /* µs it may run */
    bool from_queue;              /* the limit counts from when it was submitted */
    bool left;                    /* whoever waited for it has been told otherwise */
    bool trying;                  /* the one call that tries a route taken out */
    int64_t queued;
    struct task *before, *after; /* outstanding, oldest first */
};

/* Takes from the options: base, settings, page, stuck, changed, data. */
int tasks_new(const struct dispatch_options *options, struct tasks **ret_tasks,
              struct portico_error *error);
/* Only when nothing runs. Accepts NULL. */
void tasks_free(struct tasks *tasks);
void tasks_turn(struct tasks *tasks);

/* Clears all but the pool's part, which tasks_submit fills. */
void task_init(struct task *task, const struct task_kind *kind, struct dispatch_route *route);
/* May the route be called now? Marks the task that tries it. A task that is not submitted after all
 * is given up with tasks_give_up. Both count what is not called. */
bool tasks_allow(struct task *task, int64_t now);
void tasks_give_up(struct task *task, int64_t now);
/* True: a longer line than can be answered in time helps nobody. */
bool tasks_line_too_long(const struct tasks *tasks, const struct dispatch_route *route);
void tasks_submit(struct tasks *tasks, struct task *task);

unsigned tasks_outstanding(const struct tasks *tasks);
unsigned tasks_stuck(const struct tasks *tasks);
struct pool *tasks_pool(const struct tasks *tasks);

#endif
