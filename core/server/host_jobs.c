#include "server/host_jobs.h"

#include "server/mail.h"

#include <stdatomic.h>

#define KEPT_JOBS (7 * 24 * 3600 * INT64_C(1000000)) /* µs after their end; job.h promises it */
#define ROWS 500 /* removed in one transaction: other writers get their turn in between */

static bool must_stop(const struct host_call *call)
{
    return atomic_load(&call->watch->stop) || atomic_load(&call->watch->lost);
}

/* Until nothing is left that is older than `age`. */
static int prune(const struct host_call *call, int64_t age,
                 int (*remove)(struct store_session *session, int64_t age, unsigned most,
                               struct portico_error *error),
                 struct portico_error *error)
{
    int removed;
    do {
        removed = remove(call->session, age, ROWS, error);
    } while (removed == ROWS && !must_stop(call));
    return removed < 0 ? removed : 0;
}

static int prune_jobs(const struct host_call *call, struct portico_error *error)
{
    return prune(call, KEPT_JOBS, job_prune, error);
}

static int prune_events(const struct host_call *call, struct portico_error *error)
{
    return prune(call, call->settings->events_keep, event_prune, error);
}

const struct host_job host_jobs[] = {
    { .name = "prune-jobs", .schedule = "17 * * * *", .concurrency = 1, .run = prune_jobs },
    { .name = "prune-events", .schedule = "27 * * * *", .concurrency = 1, .run = prune_events },
    { .name = MAIL_JOB,
      .backoff = MAIL_BACKOFF,
      .backoff_most = MAIL_BACKOFF_MOST,
      .deadline = 2 * 60 * INT64_C(1000000),
      .run = mail_job },
};
const size_t host_job_count = sizeof host_jobs / sizeof *host_jobs;

static const struct host_listener listeners[] = {
    { .name = NULL },
};

const struct host_listener *host_listener_at(size_t index)
{
    const struct host_listener *listener = &listeners[index];
    return listener->name ? listener : NULL;
}
