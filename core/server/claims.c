/* The thread of a jobs process that speaks with the queue: schedules, claims, renews, gives back.
 *
 * The wake-up is one eventfd of the whole portal. Whoever reads it claims until nothing is due; who
 * runs out of threads before that passes the wake-up on and stops listening. So one commit wakes
 * one process, however many there are, and none is missed. Other machines are found by polling. */
#include "server/runner.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "server/figures.h"
#include "server/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <unistd.h>

#define SECOND INT64_C(1000000)
#define POLL_FIRST SECOND
#define POLL_LAST (5 * SECOND) /* when nothing is found again and again */
#define WATCH (SECOND / 4)     /* between two looks at what runs */
#define IDLE (60 * SECOND)     /* between two looks when nothing happens */

/* The thread's own. */
struct claims {
    struct runner *runner;
    int epoll;
    bool listening;       /* to the portal's wake-up */
    int64_t poll;         /* µs to the next look when nothing wakes it */
    int64_t next_look;    /* steady µs: something is due, or may be on another machine */
    int64_t schedule_due; /* UTC µs */
    int64_t unparked;     /* steady µs */
    struct figures figures;
    unsigned running; /* when it last looked */
    bool broken;      /* the database did not answer; said once */
};

static void write_one(int descriptor)
{
    const uint64_t one = 1;
    while (write(descriptor, &one, sizeof one) < 0 && errno == EINTR)
        ;
}

static bool read_all(int descriptor)
{
    uint64_t count;
    ssize_t got;
    do {
        got = read(descriptor, &count, sizeof count);
    } while (got < 0 && errno == EINTR);
    return got > 0;
}

void claims_nudge(struct runner *runner)
{
    write_one(runner->nudge);
}

/* Says once that the queue cannot be reached, and once that it can again. */
static void tell(struct claims *claims, int code, const char *what,
                 const struct portico_error *error)
{
    if (code < 0 && !claims->broken)
        log_error("%s, and is tried again: %s", what, error->message);
    else if (code >= 0 && claims->broken)
        log_info("The queue can be reached again.");
    claims->broken = code < 0;
}

/* Runs one statement or a few of the queue's in a session of their own. */
static int with_session(struct claims *claims, const char *what,
                        int (*call)(struct claims *claims, struct store_session *session,
                                    struct portico_error *error))
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct arena *arena = arena_new(0);
    struct store_session *session = arena ? runner_session(claims->runner, arena) : NULL;
    int code = session ? call(claims, session, &error)
                       : error_set(&error, PORTICO_ENOMEM, "There is no memory for a session.");
    store_session_end(session);
    arena_free(arena);
    tell(claims, code, what, &error);
    return code;
}

/* ---- claiming ---- */

/* With the lock held. */
static bool has_room(const struct runner *runner)
{
    return runner->serving && !runner->draining && runner->runs->len < runner->threads;
}

static bool takes(const char *module, const char *name, enum job_kind kind, void *data)
{
    struct runner *runner = data;
    const struct runner_work *work = runner_find(runner, module, name, kind);
    if (!work)
        return false;
    pthread_mutex_lock(&runner->lock);
    bool sound = !work->taken_out || (work->trying && !work->try_under_way);
    bool room = has_room(runner) && work->running < work->lane.cap &&
                work->group->running < work->group->pool.cap;
    pthread_mutex_unlock(&runner->lock);
    return sound && room;
}

static unsigned concurrency(const char *module, const char *name, enum job_kind kind, void *data)
{
    const struct runner_work *work = runner_find(data, module, name, kind);
    return work ? work->work->concurrency : 0;
}

/* To the loop, which gives it to the pool. */
static void hand_over(struct runner *runner, struct run *run)
{
    run->renewed = clock_steady();
    pthread_mutex_lock(&runner->lock);
    run->work->running++;
    run->work->group->running++;
    run->trying = run->work->taken_out;
    run->work->try_under_way |= run->trying;
    atomic_store(&run->watch.stop, runner->draining);
    g_ptr_array_add(runner->runs, run);
    *(runner->taken_tail ? &runner->taken_tail->next : &runner->taken_head) = run;
    runner->taken_tail = run;
    pthread_mutex_unlock(&runner->lock);
    runner_wake(runner);
}

/* 1: one was taken; 0: nothing is due that this process may run. */
static int claim_one(struct claims *claims)
{
    struct runner *runner = claims->runner;
    struct portico_error error = PORTICO_ERROR_INIT;
    struct run *run = g_new0(struct run, 1);
    const struct job_claimant claimant = {
        .runner = runner->name, .takes = takes, .data = runner, .concurrency = concurrency
    };
    run->arena = arena_new(0);
    struct store_session *session = run->arena ? runner_session(runner, run->arena) : NULL;
    int code = session ? job_claim(session, &claimant, &run->claim, &error)
                       : error_set(&error, PORTICO_ENOMEM, "There is no memory for a session.");
    store_session_end(session);
    tell(claims, code, "The queue cannot be read", &error);
    if (code <= 0) {
        run_free(run);
        return code;
    }
    run->work = runner_find(runner, run->claim.module, run->claim.name, run->claim.kind);
    hand_over(runner, run);
    return 1;
}

static int read_next_due(struct claims *claims, struct store_session *session,
                         struct portico_error *error)
{
    int64_t due = INT64_MAX, now = clock_now();
    int code = job_next_due(session, &due, error);
    if (claims->schedule_due < due)
        due = claims->schedule_due;
    /* What is due already and was not taken is another's, or waits for a thread here. Processes
     * that wait for the same moment look one after the other. */
    int64_t wait =
        due > now ? due - now + (claims->runner->options.slot & 15) * 1000 : claims->poll;
    if (claims->schedule_due <= now) /* its rest */
        wait = 0;
    claims->next_look = clock_steady() + (wait < claims->poll ? wait : claims->poll);
    return code;
}

/* A process that drains waits for what was being claimed. */
static void end_claiming(struct runner *runner)
{
    pthread_mutex_lock(&runner->lock);
    runner->claiming = false;
    bool draining = runner->draining;
    pthread_mutex_unlock(&runner->lock);
    if (draining)
        runner_wake(runner);
}

static void claim(struct claims *claims)
{
    struct runner *runner = claims->runner;
    int code = 0;
    bool any = false, room;
    for (;;) {
        pthread_mutex_lock(&runner->lock);
        room = runner->claiming = has_room(runner);
        pthread_mutex_unlock(&runner->lock);
        if (!room || (code = claim_one(claims)) <= 0)
            break;
        any = true;
    }
    end_claiming(runner);
    claims->figures.moved |= any;
    claims->poll = any ? POLL_FIRST : claims->poll * 2 < POLL_LAST ? claims->poll * 2 : POLL_LAST;
    claims->next_look = clock_steady() + claims->poll;
    if (!room && any)
        write_one(WORKER_WAKE); /* there may be more: whoever has a thread for it */
    if (room && code >= 0)
        with_session(claims, "The queue cannot be read", read_next_due);
}

static int run_schedule(struct claims *claims, struct store_session *session,
                        struct portico_error *error)
{
    const GArray *entries = claims->runner->schedule;
    return schedule_run(session, (const void *)entries->data, entries->len, clock_now(),
                        &claims->schedule_due, error);
}

static void schedule(struct claims *claims)
{
    int64_t now = clock_now();
    if (now < claims->schedule_due)
        return;
    /* A database that does not answer is asked again in a second. */
    claims->schedule_due = now + SECOND;
    with_session(claims, "Scheduled jobs cannot be queued", run_schedule);
}

static void release_gone(struct claims *claims)
{
    struct runner *runner = claims->runner;
    for (;;) {
        pthread_mutex_lock(&runner->lock);
        char *name = runner->gone->len ? g_ptr_array_steal_index(runner->gone, 0) : NULL;
        pthread_mutex_unlock(&runner->lock);
        if (!name)
            return;
        struct portico_error error = PORTICO_ERROR_INIT;
        struct arena *arena = arena_new(0);
        struct store_session *session = arena ? runner_session(runner, arena) : NULL;
        /* Without it the leases run out by themselves. */
        if (session && job_release(session, name, &error) < 0)
            log_warning("The leases of %s, which ended, run out by themselves: %s", name,
                        error.message);
        store_session_end(session);
        arena_free(arena);
        g_free(name);
    }
}

/* ---- watching over what runs ---- */

/* With the lock held. A run lives until its thread returned and the loop took it from the list,
 * which waits while it is `held`. */
static struct run *next_run(struct runner *runner, bool (*wanted)(const struct run *, int64_t),
                            int64_t now)
{
    for (guint i = 0; i < runner->runs->len; i++) {
        struct run *run = g_ptr_array_index(runner->runs, i);
        if (wanted(run, now))
            return run;
    }
    return NULL;
}

static bool is_expired(const struct run *run, int64_t now)
{
    return run->state == RUN_TAKEN && run->deadline && now > run->deadline;
}

static bool needs_renewal(const struct run *run, int64_t now)
{
    return run->state == RUN_TAKEN && now - run->renewed > JOB_LEASE / 3;
}

static bool is_under_way(const struct run *run, int64_t now)
{
    (void)now;
    return run->state == RUN_TAKEN;
}

static struct run *hold_next(struct runner *runner, bool (*wanted)(const struct run *, int64_t),
                             enum run_state state)
{
    int64_t now = clock_steady();
    pthread_mutex_lock(&runner->lock);
    struct run *run = next_run(runner, wanted, now);
    if (run) {
        run->state = state;
        run->renewed = now;
        run->held = true;
    }
    pthread_mutex_unlock(&runner->lock);
    return run;
}

static void let_go(struct runner *runner, struct run *run)
{
    pthread_mutex_lock(&runner->lock);
    run->held = false;
    pthread_mutex_unlock(&runner->lock);
    runner_wake(runner);
}

/* Its lease ends here and now; its thread finds out when it writes, or never. */
static void expire(struct claims *claims)
{
    struct runner *runner = claims->runner;
    struct run *run;
    while ((run = hold_next(runner, is_expired, RUN_EXPIRED))) {
        struct portico_error error = PORTICO_ERROR_INIT;
        char reason[160];
        g_snprintf(reason, sizeof reason, "It ran longer than its deadline of %lld ms.",
                   (long long)(run->work->work->deadline / 1000));
        atomic_store(&run->watch.lost, true);
        atomic_store(&run->watch.stop, true);
        int code = run_conclude(runner, run, PORTICO_ETIMEDOUT, false, reason, &error);
        tell(claims, code == PORTICO_ECONFLICT ? 0 : code, "A late job cannot be put back", &error);
        log_error("%s is past its deadline of %lld ms and lost its lease (job %lld, try %u).",
                  run->work->work->label, (long long)(run->work->work->deadline / 1000),
                  (long long)run->claim.id, run->claim.attempt);
        let_go(runner, run);
        claims->figures.moved = true;
    }
}

static void renew(struct claims *claims)
{
    struct runner *runner = claims->runner;
    struct run *run;
    while ((run = hold_next(runner, needs_renewal, RUN_TAKEN))) {
        struct portico_error error = PORTICO_ERROR_INIT;
        struct arena *arena = arena_new(0);
        struct store_session *session = arena ? runner_session(runner, arena) : NULL;
        bool stop = false;
        int code = session ? job_renew(session, &run->claim, &stop, &error) : PORTICO_ENOMEM;
        store_session_end(session);
        arena_free(arena);
        if (code == PORTICO_ECONFLICT)
            atomic_store(&run->watch.lost, true);
        if (stop || code == PORTICO_ECONFLICT)
            atomic_store(&run->watch.stop, true);
        let_go(runner, run);
    }
}

/* The draining time is over. */
static void give_back(struct claims *claims)
{
    struct runner *runner = claims->runner;
    struct run *run;
    while ((run = hold_next(runner, is_under_way, RUN_GIVEN_BACK))) {
        struct portico_error error = PORTICO_ERROR_INIT;
        struct arena *arena = arena_new(0);
        struct store_session *session = arena ? runner_session(runner, arena) : NULL;
        atomic_store(&run->watch.lost, true);
        if (session && job_put_back(session, &run->claim, &error) < 0)
            log_warning("Job %lld waits for the end of its lease: %s", (long long)run->claim.id,
                        error.message);
        store_session_end(session);
        arena_free(arena);
        let_go(runner, run);
    }
    pthread_mutex_lock(&runner->lock);
    runner->given_back = true;
    pthread_mutex_unlock(&runner->lock);
    write_one(WORKER_WAKE);
    runner_wake(runner);
}

/* ---- figures ---- */

static int read_figures(struct claims *claims, struct store_session *session,
                        struct portico_error *error)
{
    struct board *board = claims->runner->options.board;
    return figures_read(&claims->figures, session, &board->queue, error);
}

static void show_figures(struct claims *claims)
{
    if (clock_steady() < figures_due(&claims->figures))
        return;
    with_session(claims, "The queue's figures cannot be read", read_figures);
    figures_looked(&claims->figures);
}

static int unpark(struct claims *claims, struct store_session *session, struct portico_error *error)
{
    (void)claims;
    return job_unpark(session, error);
}

static void tidy(struct claims *claims)
{
    if (claims->unparked && clock_steady() - claims->unparked < IDLE)
        return;
    with_session(claims, "The queue cannot be tidied", unpark);
    claims->unparked = clock_steady();
}

/* ---- the thread ---- */

/* `problem` "": there is none. */
static void tell_tested(struct runner *runner, const char *problem, const char *why)
{
    pthread_mutex_lock(&runner->lock);
    runner->tested = true;
    if (*problem)
        g_snprintf(runner->problem, sizeof runner->problem, "%s %s", problem, why);
    pthread_mutex_unlock(&runner->lock);
    runner_wake(runner);
}

/* A round trip through the tables the work needs. */
static void test(struct claims *claims)
{
    struct runner *runner = claims->runner;
    struct portico_error error = PORTICO_ERROR_INIT;
    struct arena *arena = arena_new(0);
    struct store_session *session = arena ? runner_session(runner, arena) : NULL;
    int code = session ? read_figures(claims, session, &error)
                       : error_set(&error, PORTICO_ENOMEM, "There is no memory for a session.");
    store_session_end(session);
    arena_free(arena);
    tell_tested(runner, code < 0 ? "The self-test failed: the queue cannot be read." : "",
                error.message);
}

static void listen_or_not(struct claims *claims, bool listen)
{
    if (listen == claims->listening)
        return;
    struct epoll_event event = { .events = EPOLLIN | EPOLLEXCLUSIVE, .data.fd = WORKER_WAKE };
    epoll_ctl(claims->epoll, listen ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, WORKER_WAKE, &event);
    claims->listening = listen;
}

/* True if something says that there may be work. Figures are `shown` by a process that serves. */
static bool wait(struct claims *claims, bool room, bool watching, bool shown)
{
    int64_t now = clock_steady();
    int64_t until = room ? claims->next_look : INT64_MAX;
    if (shown && figures_due(&claims->figures) < until)
        until = figures_due(&claims->figures);
    int64_t limit = watching ? WATCH : IDLE;
    int64_t time = until - now < limit ? until - now : limit;
    struct epoll_event events[2];
    listen_or_not(claims, room);
    int count = epoll_wait(claims->epoll, events, 2, time > 0 ? (int)((time + 999) / 1000) : 0);
    bool woken = false;
    for (int i = 0; i < count; i++)
        woken |= read_all(events[i].data.fd);
    return woken || clock_steady() >= claims->next_look;
}

static void work(struct claims *claims)
{
    struct runner *runner = claims->runner;
    bool look = true;
    for (;;) {
        pthread_mutex_lock(&runner->lock);
        bool closing = runner->closing;
        bool giving_back = runner->giving_back && !runner->given_back;
        bool active = runner->serving && !runner->draining;
        pthread_mutex_unlock(&runner->lock);
        if (closing)
            return;
        expire(claims);
        if (giving_back)
            give_back(claims);
        renew(claims);
        if (active) {
            release_gone(claims);
            schedule(claims);
            if (look)
                claim(claims);
            tidy(claims);
            show_figures(claims);
        }
        pthread_mutex_lock(&runner->lock);
        bool room = has_room(runner);
        bool watching = runner->runs->len > 0;
        claims->figures.moved |= runner->runs->len != claims->running;
        claims->running = runner->runs->len;
        pthread_mutex_unlock(&runner->lock);
        look = wait(claims, room, watching, active);
    }
}

void *claims_main(void *data)
{
    struct claims claims = { .runner = data, .poll = POLL_FIRST };
    struct epoll_event event = { .events = EPOLLIN, .data.fd = claims.runner->nudge };
    claims.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (claims.epoll < 0 ||
        epoll_ctl(claims.epoll, EPOLL_CTL_ADD, claims.runner->nudge, &event) < 0) {
        tell_tested(claims.runner, "This process cannot wait for work:", strerror(errno));
    } else {
        test(&claims);
        work(&claims);
    }
    if (claims.epoll >= 0)
        close(claims.epoll);
    return NULL;
}
