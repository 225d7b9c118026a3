/* One try of a job or delivery, on a handler thread. */
#include "server/runner.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "module/trace.h"

#include <stdatomic.h>
#include <time.h>

#define CONCLUDE_AGAIN 200000 /* µs between two attempts to write how a try ended */
#define CONCLUDE_TIME (20 * INT64_C(1000000)) /* shorter than a lease */

void run_free(struct run *run)
{
    arena_free(run->arena);
    g_free(run);
}

int run_conclude(struct runner *runner, struct run *run, int result, bool stopped,
                 const char *reason, struct portico_error *error)
{
    struct arena *arena = arena_new(0);
    struct store_session *session = arena ? runner_session(runner, arena) : NULL;
    int code = session ? job_conclude(session, &run->claim, &run->work->work->policy, result,
                                      stopped, reason, error)
                       : error_set(error, PORTICO_ENOMEM, "There is no memory for a session.");
    store_session_end(session);
    arena_free(arena);
    return code;
}

/* The work is done whether the database hears of it now or in a moment. */
static void conclude_patiently(struct runner *runner, struct run *run, int result,
                               const char *reason)
{
    const struct timespec pause = { .tv_nsec = CONCLUDE_AGAIN * 1000 };
    int64_t begun = clock_steady();
    bool stopped = atomic_load(&run->watch.stop);
    struct portico_error error = PORTICO_ERROR_INIT;
    int code = run_conclude(runner, run, result, stopped, reason, &error);
    while (code < 0 && code != PORTICO_ECONFLICT && clock_steady() - begun < CONCLUDE_TIME) {
        nanosleep(&pause, NULL);
        error = (struct portico_error)PORTICO_ERROR_INIT;
        code = run_conclude(runner, run, result, stopped, reason, &error);
    }
    if (code == PORTICO_ECONFLICT)
        log_warning("%s lost its lease while it ran: job %lld is another process's now.",
                    run->work->work->label, (long long)run->claim.id);
    else if (code < 0)
        log_error("How %s ended cannot be written, so job %lld runs again: %s",
                  run->work->work->label, (long long)run->claim.id, error.message);
}

static int load_event(struct runner *runner, struct run *run, struct event_record *ret_event,
                      struct portico_error *error)
{
    struct store_session *session = runner_session(runner, run->arena);
    int64_t id = event_of_delivery(&run->claim);
    int code = session ? event_load(session, id, ret_event, error) : PORTICO_ENOMEM;
    store_session_end(session);
    return code == PORTICO_ENOENT ? PORTICO_EINVAL
                                  : code; /* nothing brings it back: no more tries */
}

static int run_host(struct runner *runner, struct run *run, const struct event_record *event,
                    struct portico_error *error)
{
    const struct work *work = run->work->work;
    struct store_session *session = runner_session(runner, run->arena);
    if (!session)
        return error_set(error, PORTICO_ENOMEM, "There is no memory for a session.");
    job_guard(session, &run->claim);
    const struct host_call call = { .host = runner->options.host,
                                    .settings = runner->options.settings,
                                    .session = session,
                                    .arena = run->arena,
                                    .claim = &run->claim,
                                    .watch = &run->watch };
    struct trace_mark outer;
    trace_enter(work->host_job ? CALL_JOB : CALL_EVENT, UINT32_MAX, UINT32_MAX, work->label,
                &outer);
    int code = work->host_job ? work->host_job->run(&call, error)
                              : work->host_listener->handle(&call, event, error);
    trace_leave(&outer);
    store_session_end(session);
    return code;
}

static int call(struct runner *runner, struct run *run, struct portico_error *error)
{
    const struct work *work = run->work->work;
    struct event_record event = { 0 };
    /* What it does may leave the process: the claim must not be undone by a power cut. */
    int code = store_settle(runner->options.host->store, error);
    if (code == 0 && work->kind == JOB_EVENT)
        code = load_event(runner, run, &event, error);
    if (code < 0)
        return code;
    if (!work->owner)
        return run_host(runner, run, &event, error);
    if (work->kind == JOB_EVENT)
        return module_call_event(runner->options.host, work->owner, work->handler, &event,
                                 &run->claim, error);
    return module_call_job(runner->options.host, work->owner, work->type, &run->claim, &run->watch,
                           error);
}

static void log_failure(const struct run *run, int code, const char *reason)
{
    const struct work *work = run->work->work;
    bool last = code == PORTICO_EINVAL || run->claim.failures + 1 >= run->claim.attempts;
    if (last)
        log_error("%s failed and is given up (job %lld, try %u): %s `portico job retry %lld` tries "
                  "it again.",
                  work->label, (long long)run->claim.id, run->claim.attempt, reason,
                  (long long)run->claim.id);
    else
        log_warning("%s failed and is tried again (job %lld, try %u): %s", work->label,
                    (long long)run->claim.id, run->claim.attempt, reason);
}

/* The run is its thread's to conclude, unless its deadline passed or it was given back. */
static bool begin_end(struct runner *runner, struct run *run)
{
    pthread_mutex_lock(&runner->lock);
    bool own = run->state == RUN_TAKEN;
    if (own)
        run->state = RUN_ENDING;
    run->deadline = 0;
    pthread_mutex_unlock(&runner->lock);
    return own;
}

void run_work(struct runner *runner, struct run *run, unsigned slot)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct server_page *page = runner->options.page;
    int64_t deadline = clock_steady() + run->work->work->deadline;
    pthread_mutex_lock(&runner->lock);
    run->deadline = deadline;
    pthread_mutex_unlock(&runner->lock);
    atomic_store_explicit(&page->deadline[slot], deadline, memory_order_relaxed);
    int code = call(runner, run, &error);
    atomic_store_explicit(&page->deadline[slot], 0, memory_order_relaxed);
    if (!begin_end(runner, run))
        return;
    bool stopped = code == PORTICO_EBUSY && atomic_load(&run->watch.stop);
    const char *reason = error.message[0] ? error.message : error_name(code);
    run->failed = code < 0 && !stopped;
    conclude_patiently(runner, run, code, code < 0 ? reason : NULL);
    if (run->failed)
        log_failure(run, code, reason);
}
