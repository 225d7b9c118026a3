#include "server/tasks.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "server/crash.h"

#include <stdatomic.h>
#include <stdlib.h>

#define SWEEP 25000      /* µs between two looks at what waits and runs */
#define HOPELESS 2000000 /* µs past its deadline after which a handler's worker is replaced */

struct tasks {
    struct dispatch_options options;
    struct pool *pool;
    struct event *sweep;
    bool sweeping;
    struct task *oldest, *newest;
    unsigned outstanding, stuck;
    bool told_stuck;
};

/* ---- the outstanding list and the sweep over it ---- */

static void link_task(struct tasks *tasks, struct task *task)
{
    task->before = tasks->newest;
    task->after = NULL;
    *(tasks->newest ? &tasks->newest->after : &tasks->oldest) = task;
    tasks->newest = task;
    tasks->outstanding++;
    task->route->pending++;
    if (!tasks->sweeping) {
        const struct timeval time = { .tv_usec = SWEEP };
        tasks->sweeping = event_add(tasks->sweep, &time) == 0;
    }
}

static void unlink_task(struct tasks *tasks, struct task *task)
{
    *(task->before ? &task->before->after : &tasks->oldest) = task->after;
    *(task->after ? &task->after->before : &tasks->newest) = task->before;
    tasks->outstanding--;
    task->route->pending--;
}

static void tell_changed(struct tasks *tasks, const struct dispatch_route *route, const char *state)
{
    if (tasks->options.changed)
        tasks->options.changed(route->label, state, breaker_wait(&route->breaker, clock_steady()),
                               tasks->options.data);
}

static void miss_deadline(struct tasks *tasks, struct task *task, int64_t now)
{
    struct dispatch_route *route = task->route;
    task->left = true;
    tasks->stuck++;
    board_add(&route->counts->late, 1);
    if (!route->kept_in && breaker_missed(&route->breaker, now)) {
        log_error("%s misses its deadline again and again and is not called for %lld s.",
                  route->label, (long long)(breaker_wait(&route->breaker, now) / 1000000));
        tell_changed(tasks, route, "open");
    }
    task->kind->late(task, now);
}

static void sweep_task(struct tasks *tasks, struct task *task, int64_t now)
{
    int64_t started = atomic_load_explicit(&task->pool.started, memory_order_relaxed);
    if (started == 0) {
        if (!task->left && now - task->queued > task->wait && pool_withdraw(&task->pool)) {
            task->left = true;
            task->kind->dropped(task);
        }
        return;
    }
    int64_t begun = task->from_queue ? task->queued : started;
    if (!task->left && now - begun > task->limit && atomic_load(&task->pool.state) == POOL_RUNNING)
        miss_deadline(tasks, task, now);
    bool hopeless = task->left && now - started > task->limit + HOPELESS;
    bool crowded = tasks->stuck * 2 >= pool_threads(tasks->pool);
    if (!tasks->told_stuck && tasks->stuck && (hopeless || crowded)) {
        tasks->told_stuck = true;
        if (tasks->options.stuck)
            tasks->options.stuck(task->route->label, tasks->options.data);
    }
}

static void on_sweep(evutil_socket_t descriptor, short what, void *data)
{
    struct tasks *tasks = data;
    (void)descriptor;
    (void)what;
    int64_t now = clock_steady();
    struct task *after;
    /* None goes from the list here: that is left to on_done, which the pool calls. */
    for (struct task *task = tasks->oldest; task; task = after) {
        after = task->after;
        sweep_task(tasks, task, now);
    }
    struct server_page *page = tasks->options.page;
    atomic_store_explicit(&page->stuck, tasks->stuck, memory_order_relaxed);
    const struct timeval time = { .tv_usec = SWEEP };
    tasks->sweeping = tasks->outstanding && event_add(tasks->sweep, &time) == 0;
}

/* ---- on the threads ---- */

static void run(struct pool_job *job, unsigned slot, void *data)
{
    struct tasks *tasks = data;
    struct task *task = (struct task *)job;
    struct server_page *page = tasks->options.page;
    int64_t started = atomic_load_explicit(&job->started, memory_order_relaxed);
    atomic_store_explicit(&page->deadline[slot], started + task->limit, memory_order_relaxed);
    task->kind->run(task);
    atomic_store_explicit(&page->deadline[slot], 0, memory_order_relaxed);
}

/* ---- back on the loop ---- */

static void count_duration(struct dispatch_route *route, int64_t took)
{
    unsigned bucket = 0;
    while (bucket < DISPATCH_BUCKETS - 1 && took > dispatch_bounds[bucket])
        bucket++;
    board_add(&route->counts->durations[bucket], 1);
    board_add(&route->counts->duration_sum, (uint64_t)took);
    route->average = (route->average * 7 + took) / 8;
}

static void settle_try(struct tasks *tasks, struct task *task, bool well)
{
    struct dispatch_route *route = task->route;
    if (!task->trying)
        return;
    route->try_under_way = false;
    if (well)
        tell_changed(tasks, route, "tried");
}

static void on_done(struct pool_job *job, void *data)
{
    struct tasks *tasks = data;
    struct task *task = (struct task *)job;
    struct dispatch_route *route = task->route;
    bool ran = atomic_load(&job->state) == POOL_RETURNED;
    unlink_task(tasks, task);
    if (!ran) {
        board_add(&route->counts->shed, 1);
        breaker_untried(&route->breaker, clock_steady());
        settle_try(tasks, task, false);
        task->kind->done(task, false);
        return;
    }
    if (task->left)
        tasks->stuck--;
    board_add(&route->counts->requests, 1);
    count_duration(route, job->took);
    if (!task->left && breaker_succeeded(&route->breaker)) {
        log_info("%s answers in time again.", route->label);
        tell_changed(tasks, route, "closed");
    }
    settle_try(tasks, task, !task->left);
    task->kind->done(task, true);
}

/* ---- for the dispatcher ---- */

void task_init(struct task *task, const struct task_kind *kind, struct dispatch_route *route)
{
    task->kind = kind;
    task->route = route;
    task->wait = task->limit = task->queued = 0;
    task->from_queue = task->left = task->trying = false;
}

bool tasks_allow(struct task *task, int64_t now)
{
    struct dispatch_route *route = task->route;
    bool allowed = route->taken_out ? route->trying && !route->try_under_way
                                    : route->breaker.state == BREAKER_CLOSED ||
                                          breaker_allows(&route->breaker, now);
    if (!allowed)
        board_add(&route->counts->shed, 1);
    else if (route->taken_out)
        task->trying = route->try_under_way = true;
    return allowed;
}

void tasks_give_up(struct task *task, int64_t now)
{
    struct dispatch_route *route = task->route;
    board_add(&route->counts->shed, 1);
    route->try_under_way = task->trying ? false : route->try_under_way;
    breaker_untried(&route->breaker, now);
}

bool tasks_line_too_long(const struct tasks *tasks, const struct dispatch_route *route)
{
    const struct server_settings *settings = tasks->options.settings;
    /* One route may not fill the line of all: the others keep the rest of it. */
    if (tasks->outstanding >= settings->queue_length ||
        route->pending >= settings->queue_length / 4)
        return true;
    unsigned cap =
        route->lane.cap < route->lane.group->cap ? route->lane.cap : route->lane.group->cap;
    int64_t wait = (int64_t)route->pending / cap * route->average;
    return route->pending > cap && wait > settings->queue_time * 3 / 4;
}

void tasks_submit(struct tasks *tasks, struct task *task)
{
    task->queued = clock_steady();
    link_task(tasks, task);
    pool_submit(tasks->pool, &task->pool, &task->route->lane);
}

void tasks_turn(struct tasks *tasks)
{
    pool_turn(tasks->pool);
    atomic_store_explicit(&tasks->options.page->running, tasks->outstanding, memory_order_relaxed);
}

int tasks_new(const struct dispatch_options *options, struct tasks **ret_tasks,
              struct portico_error *error)
{
    struct tasks *tasks = calloc(1, sizeof *tasks);
    if (!tasks)
        return error_set(error, PORTICO_ENOMEM, "There is no memory for the dispatcher.");
    tasks->options = *options;
    tasks->sweep = evtimer_new(options->base, on_sweep, tasks);
    const struct pool_options pool = { .base = options->base,
                                       .threads = options->settings->threads,
                                       .enter = crash_enter,
                                       .leave = crash_leave,
                                       .run = run,
                                       .done = on_done,
                                       .data = tasks };
    int code = tasks->sweep ? pool_new(&pool, &tasks->pool, error)
                            : error_set(error, PORTICO_ENOMEM,
                                        "There is no memory for the dispatcher's clock.");
    if (code < 0)
        tasks_free(tasks);
    else
        *ret_tasks = tasks;
    return code;
}

void tasks_free(struct tasks *tasks)
{
    if (!tasks)
        return;
    pool_free(tasks->pool);
    if (tasks->sweep)
        event_free(tasks->sweep);
    free(tasks);
}

unsigned tasks_outstanding(const struct tasks *tasks)
{
    return tasks->outstanding;
}

unsigned tasks_stuck(const struct tasks *tasks)
{
    return tasks->stuck;
}

struct pool *tasks_pool(const struct tasks *tasks)
{
    return tasks->pool;
}
