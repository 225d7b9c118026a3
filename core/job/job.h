/* The queue: work as rows, leased by one runner at a time, tried again with back-off.
 *
 * A claim raises the row's fence. Whatever a runner writes for the job afterwards names that fence,
 * so one that lost its lease changes nothing any more. */
#ifndef JOB_JOB_H
#define JOB_JOB_H

#include "store/store.h"

/* Who runs it. */
enum job_kind {
    JOB_MODULE = 1, /* a job type of a module */
    JOB_EVENT = 2,  /* delivery of an event to a handler; arguments { "event": id } */
    JOB_HOST = 3,   /* the host's own: module "core" */
};
/* As stored. */
enum job_state { JOB_WAITING, JOB_RUNNING, JOB_DONE, JOB_FAILED, JOB_CANCELLED };

#define JOB_LEASE INT64_C(30000000) /* µs; renewed at a third of it */
#define JOB_ARGUMENTS_MAX 65536
#define JOB_ATTEMPTS 10 /* where none are said */

/* Jobs of one lane (of one module and kind) run one after another in the order they were queued:
 * one that waits for its next try holds up those behind it. */
struct job_request {
    const char *module, *name;
    enum job_kind kind;
    const struct value *arguments; /* object or NULL */
    const char *key, *lane;        /* or NULL */
    int64_t not_before;            /* 0: now */
    unsigned attempts;
    int64_t person, account;
    const char *trace;
};
/* In the session's open transaction, or one of its own. EEXIST with `ret_id` of the waiting one. */
int job_queue(struct store_session *session, const struct job_request *request, int64_t *ret_id,
              struct portico_error *error);
/* Called once per process: told after each commit that queued something, from the committing
 * thread, so that runners are woken at once. */
void job_set_waker(void (*wake)(void *data), void *data);

/* A job taken. Texts and values live in the arena of the session that claimed it. */
struct job_claim {
    int64_t id, fence;
    enum job_kind kind;
    const char *module, *name, *lane, *trace;
    struct value *arguments, *saved; /* or NULL */
    unsigned attempt, failures, attempts;
    int64_t person, account, created;
};
struct job_claimant {
    const char *runner; /* "HOST/PID/SLOT", for status */
    /* Whether this process can run it now; asked for each candidate's module, name and kind. */
    bool (*takes)(const char *module, const char *name, enum job_kind kind, void *data);
    void *data;
    /* Most jobs of that type at once in the whole portal; 0: no limit. */
    unsigned (*concurrency)(const char *module, const char *name, enum job_kind kind, void *data);
};
/* The oldest job that is due, whose lane is free: 1 with a claim, 0 for none. Takes over leases
 * that ran out. */
int job_claim(struct store_session *session, const struct job_claimant *claimant,
              struct job_claim *ret_claim, struct portico_error *error);
/* Before which time nothing is due that is known now; INT64_MAX: nothing waits. */
int job_next_due(struct store_session *session, int64_t *ret_time, struct portico_error *error);

/* For the holder of the fence; ECONFLICT: it is not the holder any more. */
int job_renew(struct store_session *session, const struct job_claim *claim, bool *ret_stop_asked,
              struct portico_error *error);
int job_tell(struct store_session *session, const struct job_claim *claim, int64_t done,
             int64_t total, const char *note, struct portico_error *error);
int job_save(struct store_session *session, const struct job_claim *claim,
             const struct value *state, struct portico_error *error);
int job_done(struct store_session *session, const struct job_claim *claim,
             struct portico_error *error);
/* A try failed: again after `backoff` (doubled each time up to `backoff_most`, with jitter), or
 * given up when tries are used up or `final`. */
int job_failed(struct store_session *session, const struct job_claim *claim, const char *reason,
               bool final, int64_t backoff, int64_t backoff_most, struct portico_error *error);
/* What a try's result means: done; EBUSY after `stopped`: put back uncounted; EINVAL: given up;
 * anything else: again with back-off. `reason` is shown to admins. ECONFLICT: it was no longer the
 * holder, and nothing changed. */
struct job_policy {
    int64_t backoff, backoff_most; /* 0: 1 s and 1 h */
};
int job_conclude(struct store_session *session, const struct job_claim *claim,
                 const struct job_policy *policy, int result, bool stopped, const char *reason,
                 struct portico_error *error);
/* Goes back to the queue unjudged: drained, or told to stop. */
int job_put_back(struct store_session *session, const struct job_claim *claim,
                 struct portico_error *error);
/* A runner ended: others may take over what it held at once. */
int job_release(struct store_session *session, const char *runner, struct portico_error *error);
/* A session whose every transaction first checks, under its own lock, that the fence still holds:
 * ECONFLICT otherwise. Single statements become transactions. Ends with the session. */
void job_guard(struct store_session *session, const struct job_claim *claim);

/* Takes a waiting job out, asks a running one to stop. `module` NULL: of any. ENOENT: it is over.
 */
int job_cancel(struct store_session *session, const char *module, int64_t id,
               struct portico_error *error);
/* Given up or cancelled jobs wait again from their first try. */
int job_retry(struct store_session *session, int64_t id, struct portico_error *error);
/* An object: "id", "module", "name", "state" in a word, "kind", "attempt", "attempts", "done",
 * "total", "note", "error", "next", "lane", "runner", "created", "finished", "stop_asked", "trace".
 * `module` NULL: of any. */
int job_look(struct store_session *session, const char *module, int64_t id, struct value **ret_job,
             struct portico_error *error);
/* Of the portal's own module and one person, newest first; `id` 0: all. A list of the same objects
 * with "arguments" and "saved" besides, objects, where there are any. */
int job_list_own(struct store_session *session, const char *name, int64_t person, int64_t id,
                 unsigned limit, struct value **ret_jobs, struct portico_error *error);
/* Finds what waits behind nothing in its lane and is passed by all the same, which only a host of
 * an earlier version leaves behind. Now and then. */
int job_unpark(struct store_session *session, struct portico_error *error);
/* The state of a word such as "waiting"; -1: it is none. */
int job_state_named(const char *word);
/* For status and `portico job list`: newest first; state -1: all. */
int job_list(struct store_session *session, int state, unsigned limit, struct value **ret_jobs,
             struct portico_error *error);
/* "waiting", "running", "done", "failed" and "cancelled" counted, and "oldest_due_age", how long in
 * µs the oldest waiting job has been due. */
int job_figures(struct store_session *session, struct value **ret_figures,
                struct portico_error *error);
/* "waiting", "running" and "oldest_due_age" alone: cheap however many jobs are kept. */
int job_figures_open(struct store_session *session, struct value **ret_figures,
                     struct portico_error *error);
/* Removes what has been over for longer than `age` µs; at most `most` rows. How
 * many they were. */
int job_prune(struct store_session *session, int64_t age, unsigned most,
              struct portico_error *error);

#endif
