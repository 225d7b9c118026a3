/* Jobs: work after the answer, on a schedule or queued, in jobs processes of their own.
 *
 * A queued job is a row written in the transaction of the change that wants it. A jobs process
 * leases it; the lease carries a fencing token, and what a runner commits after it lost the lease
 * is refused. So a job may be tried more than once, but only one runner's writes count at a time.
 */
#ifndef PORTICO_JOB_H
#define PORTICO_JOB_H

#include "context.h"

/** Name of the interface. Since 0.1. */
#define PORTICO_JOBS "portico.job"

/** A running job. Opaque; borrowed for its run. Since 0.1. */
struct portico_job;
/** The queue of a call. Opaque; ends with the call. Since 0.1. */
struct portico_jobs;

/** A kind of work. In .jobs. Since 0.1. */
struct portico_job_type {
    const char *name;  /**< unique in the module; stays the same over versions */
    const char *title; /**< English source text, shown to admins */
    /**
     * When it runs by itself, UTC: "every 15min" (from 1 s), or five fields as crontab(5) has them
     * ("0 3 * * 1-5", with names, lists, ranges and steps). NULL: only when queued. Times that
     * passed while no portal ran are made up for once. At most 100 jobs of a module have one.
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
    struct portico_table table; /**< size and version of this table */
    /** As portico_job_arguments(). */
    const struct portico_value *(*arguments)(struct portico_job *job);
    /** As portico_job_id(). */
    portico_id (*id)(struct portico_job *job);
    /** As portico_job_attempt(). */
    uint32_t (*attempt)(struct portico_job *job);
    /** As portico_job_progress(). */
    int (*progress)(struct portico_job *job, int64_t done, int64_t total, const char *note);
    /** As portico_job_saved(). */
    const struct portico_value *(*saved)(struct portico_job *job);
    /** As portico_job_save(). */
    int (*save)(struct portico_job *job, const struct portico_value *state,
                struct portico_error *error);
};
/** Public head: its table. */
struct portico_job {
    const struct portico_job_api *api; /**< what can be done with it */
};

/** What it was queued with: an object, or NULL. Borrowed for the run. Handler thread, as all below.
 * Since 0.1. */
static inline const struct portico_value *portico_job_arguments(struct portico_job *job)
{
    return job->api->arguments(job);
}
/** Its id, the same in every try. Since 0.1. */
static inline portico_id portico_job_id(struct portico_job *job)
{
    return job->api->id(job);
}
/** Which try this is, from 1. Since 0.1. */
static inline uint32_t portico_job_attempt(struct portico_job *job)
{
    return job->api->attempt(job);
}
/**
 * Says how far it is (`total` 0: unknown; `note` may be NULL), for status and admins; cheap enough
 * for every step. 1 if the job should stop: the portal drains, the lease was lost or an admin
 * asked; then save and return PORTICO_EBUSY, which is tried again soon and counts as no failure.
 * Since 0.1.
 */
static inline int portico_job_progress(struct portico_job *job, int64_t done, int64_t total,
                                       const char *note)
{
    return job->api->progress(job, done, total, note);
}
/** What an earlier try saved, or NULL. Borrowed for the run. Since 0.1. */
static inline const struct portico_value *portico_job_saved(struct portico_job *job)
{
    return job->api->saved(job);
}
/** Keeps `state` (an object, 64 KiB at most: ELIMIT; NULL: forgets it) for the next try, in the
 * open transaction of the job's context or of a scope in it, if there is one: work and place move
 * on together. ECONFLICT: another runner has the job now, nothing was kept. Since 0.1. */
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
     * is given. At most 255 bytes. NULL: no key. */
    const char *key;
    /** Jobs of one lane run one after another, in the order they were queued; one that waits for
     * its next try holds up those behind it. A lane is the module's own. NULL: no lane. */
    const char *lane;
    portico_time not_before; /**< 0: at once */
};

/**
 * `portico.job` 1.0, remotable. Declare "portico.job 1.0" in PORTICO_MODULE_USES to queue jobs;
 * scheduled ones need no declaration. Since 0.1.
 */
struct portico_jobs_api {
    struct portico_table table; /**< size and version of this table */
    /** As portico_job_queue(). */
    int (*queue)(struct portico_jobs *jobs, const struct portico_job_request *request,
                 portico_id *ret_id, struct portico_error *error);
    /** As portico_job_cancel(). */
    int (*cancel)(struct portico_jobs *jobs, portico_id id, struct portico_error *error);
    /** As portico_job_look(). */
    int (*look)(struct portico_jobs *jobs, portico_id id, struct portico_value **ret_job,
                struct portico_error *error);
};
/** Public head: its table. */
struct portico_jobs {
    const struct portico_jobs_api *api; /**< what can be done with it */
};

/** The queue of this call, or NULL if the module did not declare "portico.job 1.0". Borrowed. Since
 * 0.1. */
#define portico_jobs(handle) ((struct portico_jobs *)portico_interface((handle), PORTICO_JOBS, 1))

/** Queues a job in the open transaction of this call's database, or in one of its own. `ret_id` may
 * be NULL. EINVAL: not a job of this module, or a key longer than 255 bytes; ELIMIT: its arguments
 * are larger than 64 KiB; EEXIST: one with its key waits already, `ret_id` is that one's, and an
 * open transaction goes on; EPERM: portico.job is not declared. Handler thread. Since 0.1. */
static inline int portico_job_queue(struct portico_jobs *jobs,
                                    const struct portico_job_request *request, portico_id *ret_id,
                                    struct portico_error *error)
{
    return jobs ? jobs->api->queue(jobs, request, ret_id, error) : portico_undeclared(error);
}
/** Takes a waiting job out of the queue, or asks a running one to stop. ENOENT: no such job of this
 * module, or it is over. Handler thread. Since 0.1. */
static inline int portico_job_cancel(struct portico_jobs *jobs, portico_id id,
                                     struct portico_error *error)
{
    return jobs ? jobs->api->cancel(jobs, id, error) : portico_undeclared(error);
}
/** State of one of this module's jobs, an object in this call's memory: "id", "name", "state"
 * ("waiting", "running", "done", "failed", "cancelled"), "attempt", "done", "total", "note",
 * "error", "next" (time of the next try). Those over are kept seven days. ENOENT: no such job of
 * this module. Handler thread. Since 0.1. */
static inline int portico_job_look(struct portico_jobs *jobs, portico_id id,
                                   struct portico_value **ret_job, struct portico_error *error)
{
    return jobs ? jobs->api->look(jobs, id, ret_job, error) : portico_undeclared(error);
}

#endif
