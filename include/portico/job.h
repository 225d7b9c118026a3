/* Jobs: work after the answer, on a schedule or queued, in jobs processes of their own.
 *
 * A queued job is a row written in the transaction of the change that wants it. A jobs process
 * leases it; the lease carries a fencing token, and what a runner commits after it lost the lease
 * is refused. So a job may be tried more than once, but only one runner's writes count at a time.
 */
#ifndef PORTICO_JOB_H
#define PORTICO_JOB_H

#include "context.h"

#define PORTICO_JOBS "portico.job"

struct portico_job;
struct portico_jobs;

/** A kind of work. In .jobs. Since 0.1. */
struct portico_job_type {
    const char *name;  /**< unique in the module; stays the same over versions */
    const char *title; /**< English source text */
    /**
     * When it runs by itself, UTC: "every 15min" (from 1 s), or five fields as crontab(5) has them
     * ("0 3 * * 1-5", with names, lists, ranges and steps). NULL: only when queued. Times that
     * passed while no portal ran are made up for once.
     */
    const char *schedule;
    uint32_t attempts;       /**< tries before it is given up and shown to admins; 0: 10 */
    uint32_t backoff_ms;     /**< wait after the first failure, doubled each time; 0: 1 s */
    uint32_t backoff_max_ms; /**< the longest wait; 0: 1 h */
    uint32_t deadline_ms;    /**< running time of one try; 0: 10 min */
    uint32_t concurrency;    /**< jobs of this type at once in the whole portal; 0: no limit */
    /**
     * Runs one try, on a handler thread of a jobs process, as the host itself (no rows are hidden).
     * 0: done. Negative: tried again with back-off; PORTICO_EINVAL gives up at once. Must be
     * repeatable: after a crash it runs again.
     */
    int (*run)(struct portico_context *context, struct portico_job *job,
               struct portico_error *error);
};

/** `portico.job.run` 1.0, remotable: what a running job reads and tells. Since 0.1. */
struct portico_job_api {
    struct portico_table table;
    const struct portico_value *(*arguments)(struct portico_job *job);
    portico_id (*id)(struct portico_job *job);
    uint32_t (*attempt)(struct portico_job *job);
    int (*progress)(struct portico_job *job, int64_t done, int64_t total, const char *note);
    const struct portico_value *(*saved)(struct portico_job *job);
    int (*save)(struct portico_job *job, const struct portico_value *state,
                struct portico_error *error);
};
/** Public head: its table. */
struct portico_job {
    const struct portico_job_api *api;
};

/** What it was queued with: an object, or NULL. Borrowed for the run. */
static inline const struct portico_value *portico_job_arguments(struct portico_job *job)
{
    return job->api->arguments(job);
}
/** Its id, the same in every try. */
static inline portico_id portico_job_id(struct portico_job *job)
{
    return job->api->id(job);
}
/** Which try this is, from 1. */
static inline uint32_t portico_job_attempt(struct portico_job *job)
{
    return job->api->attempt(job);
}
/**
 * Says how far it is (`total` 0: unknown; `note` may be NULL), for status and admins; cheap enough
 * for every step. 1 if the job should stop: the portal drains, the lease was lost or an admin
 * asked; then save and return PORTICO_EBUSY, which is tried again soon and counts as no failure.
 */
static inline int portico_job_progress(struct portico_job *job, int64_t done, int64_t total,
                                       const char *note)
{
    return job->api->progress(job, done, total, note);
}
/** What an earlier try saved, or NULL. Borrowed for the run. */
static inline const struct portico_value *portico_job_saved(struct portico_job *job)
{
    return job->api->saved(job);
}
/** Keeps `state` (an object, 64 KiB at most) for the next try, in the open transaction of the job's
 * context if there is one: work and place move on together. */
static inline int portico_job_save(struct portico_job *job, const struct portico_value *state,
                                   struct portico_error *error)
{
    return job->api->save(job, state, error);
}

/** What is queued. Since 0.1. */
struct portico_job_request {
    uint32_t size;                         /**< sizeof(struct portico_job_request) */
    const char *name;                      /**< one of .jobs of this module */
    const struct portico_value *arguments; /**< an object, 64 KiB at most, or NULL */
    /** While a job with the same key waits, another is not added: EEXIST, and the waiting one's id
     * is given. NULL: no key. */
    const char *key;
    /** Jobs of one lane run one after another, in the order they were queued. NULL: no lane. */
    const char *lane;
    portico_time not_before; /**< 0: at once */
};

/**
 * `portico.job` 1.0, remotable. Declare "portico.job 1.0" in PORTICO_MODULE_USES to queue jobs;
 * scheduled ones need no declaration. Since 0.1.
 */
struct portico_jobs_api {
    struct portico_table table;
    int (*queue)(struct portico_jobs *jobs, const struct portico_job_request *request,
                 portico_id *ret_id, struct portico_error *error);
    int (*cancel)(struct portico_jobs *jobs, portico_id id, struct portico_error *error);
    int (*look)(struct portico_jobs *jobs, portico_id id, struct portico_value **ret_job,
                struct portico_error *error);
};
/** Public head: its table. */
struct portico_jobs {
    const struct portico_jobs_api *api;
};

/** The queue of this call, or NULL if the module did not declare "portico.job 1.0". Borrowed. */
#define portico_jobs(handle) ((struct portico_jobs *)portico_interface((handle), PORTICO_JOBS, 1))

/** Queues a job in the open transaction of this call's database, or in one of its own. `ret_id` may
 * be NULL. EINVAL: not a job of this module. Handler thread. */
static inline int portico_job_queue(struct portico_jobs *jobs,
                                    const struct portico_job_request *request, portico_id *ret_id,
                                    struct portico_error *error)
{
    return jobs ? jobs->api->queue(jobs, request, ret_id, error) : PORTICO_EPERM;
}
/** Takes a waiting job out of the queue, or asks a running one to stop. ENOENT: no such job of this
 * module, or it is over. */
static inline int portico_job_cancel(struct portico_jobs *jobs, portico_id id,
                                     struct portico_error *error)
{
    return jobs ? jobs->api->cancel(jobs, id, error) : PORTICO_EPERM;
}
/** State of one of this module's jobs, an object in this call's memory: "id", "name", "state"
 * ("waiting", "running", "done", "failed", "cancelled"), "attempt", "done", "total", "note",
 * "error", "next" (time of the next try). Those over are kept seven days. */
static inline int portico_job_look(struct portico_jobs *jobs, portico_id id,
                                   struct portico_value **ret_job, struct portico_error *error)
{
    return jobs ? jobs->api->look(jobs, id, ret_job, error) : PORTICO_EPERM;
}

#endif
