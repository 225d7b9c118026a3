#include "server/pool.h"

#include "base/clock.h"
#include "base/error.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define SLOW 100 /* µs: a job that takes longer does not make others wait for its thread */
#define DONE_BATCH                                                                                 \
    16 /* finished jobs after which the loop is woken although more short ones wait */
#define TICK_FIRST 1000
#define TICK_LAST 16000

struct pool_thread {
    struct pool *pool;
    pthread_t thread;
    unsigned slot;
};

struct pool {
    struct pool_options options;
    struct event *wake_event, *tick_event;
    int wake; /* eventfd: the done list turned non-empty */

    /* Loop thread only. */
    struct pool_job *batch_head, *batch_tail;
    unsigned outstanding;
    int64_t tick;

    pthread_mutex_t lock;
    pthread_cond_t work;
    struct pool_lane *ready_head, *ready_tail;
    struct pool_job *done_head, *done_tail;
    unsigned done_count;
    bool wake_sent; /* the loop has been told of the done list */
    unsigned waiting, idle;
    bool closing;

    unsigned thread_count;
    struct pool_thread threads[];
};

static void lane_append(struct pool *pool, struct pool_lane *lane)
{
    lane->next_ready = NULL;
    lane->ready = true;
    if (pool->ready_tail)
        pool->ready_tail->next_ready = lane;
    else
        pool->ready_head = lane;
    pool->ready_tail = lane;
}

static struct pool_job *lane_take(struct pool *pool, struct pool_lane *lane)
{
    struct pool_job *job = lane->head;
    lane->head = job->next;
    if (!lane->head)
        lane->tail = NULL;
    lane->waiting--;
    lane->running++;
    lane->group->running++;
    pool->waiting--;
    return job;
}

/* The next job whose lane and group are below their caps; its lane goes to the end of the row. */
static struct pool_job *take(struct pool *pool)
{
    struct pool_lane *before = NULL;
    for (struct pool_lane *lane = pool->ready_head; lane; before = lane, lane = lane->next_ready) {
        if (lane->running >= lane->cap || lane->group->running >= lane->group->cap)
            continue;
        struct pool_job *job = lane_take(pool, lane);
        if (lane->head && lane == pool->ready_tail)
            return job;
        if (before)
            before->next_ready = lane->next_ready;
        else
            pool->ready_head = lane->next_ready;
        if (pool->ready_tail == lane)
            pool->ready_tail = before;
        lane->ready = false;
        if (lane->head)
            lane_append(pool, lane);
        return job;
    }
    return NULL;
}

static void put_done(struct pool *pool, struct pool_job *job)
{
    job->next = NULL;
    if (pool->done_tail)
        pool->done_tail->next = job;
    else
        pool->done_head = job;
    pool->done_tail = job;
    pool->done_count++;
}

static void wake_loop(struct pool *pool)
{
    const uint64_t one = 1;
    while (write(pool->wake, &one, sizeof one) < 0 && errno == EINTR)
        ;
}

static void run_job(struct pool *pool, struct pool_job *job, unsigned slot)
{
    int64_t begin = clock_steady();
    int waiting = POOL_WAITING;
    job->slot = (int)slot;
    atomic_store_explicit(&job->started, begin, memory_order_relaxed);
    if (!atomic_compare_exchange_strong(&job->state, &waiting, POOL_RUNNING))
        return;
    pool->options.run(job, slot, pool->options.data);
    job->took = clock_steady() - begin;
    atomic_store(&job->state, POOL_RETURNED);
}

/* With the lock held before and after. False when the pool closes. */
static bool work_once(struct pool *pool, unsigned slot)
{
    struct pool_job *job = take(pool);
    bool tell = pool->done_head && !pool->wake_sent &&
                (!job || job->lane->mean > SLOW || pool->done_count >= DONE_BATCH);
    if (tell)
        pool->wake_sent = true;
    if (!job) {
        if (tell) {
            pthread_mutex_unlock(&pool->lock);
            wake_loop(pool);
            pthread_mutex_lock(&pool->lock);
            return true;
        }
        if (pool->closing)
            return false;
        pool->idle++;
        pthread_cond_wait(&pool->work, &pool->lock);
        pool->idle--;
        return true;
    }
    bool help = pool->waiting && pool->idle && job->lane->mean > SLOW;
    pthread_mutex_unlock(&pool->lock);
    if (help)
        pthread_cond_signal(&pool->work);
    if (tell)
        wake_loop(pool);
    run_job(pool, job, slot);
    pthread_mutex_lock(&pool->lock);
    if (atomic_load(&job->state) == POOL_RETURNED)
        job->lane->mean = (job->lane->mean * 7 + job->took) / 8;
    job->lane->running--;
    job->lane->group->running--;
    put_done(pool, job);
    return true;
}

static void *thread_main(void *argument)
{
    struct pool_thread *thread = argument;
    struct pool *pool = thread->pool;
    if (pool->options.enter)
        pool->options.enter(thread->slot, pool->options.data);
    pthread_mutex_lock(&pool->lock);
    while (work_once(pool, thread->slot))
        ;
    pthread_mutex_unlock(&pool->lock);
    if (pool->options.leave)
        pool->options.leave(pool->options.data);
    return NULL;
}

/* With the lock held: the batch goes into its lanes. True if a thread must be woken. */
static bool hand_over(struct pool *pool)
{
    bool was_empty = pool->waiting == 0;
    while (pool->batch_head) {
        struct pool_job *job = pool->batch_head;
        struct pool_lane *lane = job->lane;
        pool->batch_head = job->next;
        job->next = NULL;
        if (lane->tail)
            lane->tail->next = job;
        else
            lane->head = job;
        lane->tail = job;
        lane->waiting++;
        pool->waiting++;
        if (!lane->ready)
            lane_append(pool, lane);
    }
    pool->batch_tail = NULL;
    return was_empty && pool->idle > 0 && pool->waiting > 0;
}

static void set_tick(struct pool *pool, int64_t microseconds)
{
    struct timeval time = { .tv_sec = 0, .tv_usec = microseconds };
    pool->tick = microseconds;
    event_add(pool->tick_event, &time);
}

static void exchange_lists(struct pool *pool, bool help)
{
    bool had_batch = pool->batch_head != NULL;
    pthread_mutex_lock(&pool->lock);
    bool signal = hand_over(pool) || (help && pool->waiting && pool->idle);
    struct pool_job *done = pool->done_head;
    pool->done_head = pool->done_tail = NULL;
    pool->done_count = 0;
    pool->wake_sent = false;
    pthread_mutex_unlock(&pool->lock);
    if (signal)
        pthread_cond_signal(&pool->work);
    if (had_batch && (pool->tick == 0 || pool->tick > TICK_FIRST))
        set_tick(pool, TICK_FIRST);
    while (done) {
        struct pool_job *job = done;
        done = job->next;
        pool->outstanding--;
        pool->options.done(job, pool->options.data);
    }
}

void pool_turn(struct pool *pool)
{
    if (pool->outstanding)
        exchange_lists(pool, false);
}

/* Short jobs share a thread until it turns out that one of them is not short: then another helps.
 */
static void on_tick(evutil_socket_t descriptor, short what, void *data)
{
    struct pool *pool = data;
    (void)descriptor;
    (void)what;
    int64_t last = pool->tick;
    pool->tick = 0;
    if (!pool->outstanding)
        return;
    exchange_lists(pool, true);
    if (pool->outstanding && pool->tick == 0)
        set_tick(pool, last * 2 < TICK_LAST ? last * 2 : TICK_LAST);
}

static void on_wake(evutil_socket_t descriptor, short what, void *data)
{
    uint64_t count;
    (void)what;
    (void)data;
    /* pool_turn, which follows every turn, collects. */
    while (read(descriptor, &count, sizeof count) < 0 && errno == EINTR)
        ;
}

void pool_submit(struct pool *pool, struct pool_job *job, struct pool_lane *lane)
{
    job->lane = lane;
    job->next = NULL;
    job->slot = -1;
    job->took = 0;
    atomic_init(&job->state, POOL_WAITING);
    atomic_init(&job->started, 0);
    if (pool->batch_tail)
        pool->batch_tail->next = job;
    else
        pool->batch_head = job;
    pool->batch_tail = job;
    pool->outstanding++;
}

bool pool_withdraw(struct pool_job *job)
{
    int waiting = POOL_WAITING;
    return atomic_compare_exchange_strong(&job->state, &waiting, POOL_WITHDRAWN);
}

unsigned pool_waiting(struct pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    unsigned waiting = pool->waiting;
    pthread_mutex_unlock(&pool->lock);
    return waiting;
}

unsigned pool_threads(const struct pool *pool)
{
    return pool->thread_count;
}

static int start_threads(struct pool *pool)
{
    sigset_t all, before;
    pthread_attr_t attributes;
    int failure = 0;
    sigfillset(&all);
    /* Signals are the loop's, except those a thread raises itself. */
    static const int own[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS };
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        sigdelset(&all, own[i]);
    pthread_attr_init(&attributes);
    if (pool->options.stack_bytes)
        pthread_attr_setstacksize(&attributes, pool->options.stack_bytes);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (unsigned i = 0; i < pool->options.threads && failure == 0; i++) {
        pool->threads[i] = (struct pool_thread){ .pool = pool, .slot = i };
        failure =
            pthread_create(&pool->threads[i].thread, &attributes, thread_main, &pool->threads[i]);
        if (failure == 0)
            pool->thread_count++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return failure;
}

int pool_new(const struct pool_options *options, struct pool **ret_pool,
             struct portico_error *error)
{
    struct pool *pool = calloc(1, sizeof *pool + options->threads * sizeof(struct pool_thread));
    if (!pool)
        return error_set(error, PORTICO_ENOMEM, "There is no memory for the handler threads.");
    pool->options = *options;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->work, NULL);
    pool->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (pool->wake >= 0)
        pool->wake_event =
            event_new(options->base, pool->wake, EV_READ | EV_PERSIST, on_wake, pool);
    pool->tick_event = evtimer_new(options->base, on_tick, pool);
    if (!pool->wake_event || !pool->tick_event || event_add(pool->wake_event, NULL) != 0) {
        pool_free(pool);
        return error_set(error, PORTICO_EIO, "Cannot make the events of the handler threads: %s.",
                         strerror(errno));
    }
    int failure = start_threads(pool);
    if (failure != 0) {
        pool_free(pool);
        return error_set(error, PORTICO_EBUSY, "Cannot start %u handler threads: %s.",
                         options->threads, strerror(failure));
    }
    *ret_pool = pool;
    return 0;
}

void pool_free(struct pool *pool)
{
    if (!pool)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->closing = true;
    pthread_mutex_unlock(&pool->lock);
    pthread_cond_broadcast(&pool->work);
    for (unsigned i = 0; i < pool->thread_count; i++)
        pthread_join(pool->threads[i].thread, NULL);
    if (pool->wake_event)
        event_free(pool->wake_event);
    if (pool->tick_event)
        event_free(pool->tick_event);
    if (pool->wake >= 0)
        close(pool->wake);
    pthread_mutex_destroy(&pool->lock);
    pthread_cond_destroy(&pool->work);
    free(pool);
}
