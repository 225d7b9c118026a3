/* What the host itself does in jobs processes: rows of two tables in host_jobs.c, and nothing else.
 *
 * A row's function lives in the room it belongs to and gets everything from its call. To add one,
 * add the row; a jobs process schedules it, leases it, tries it again and shows it like a module's,
 * under the module name "core". */
#ifndef SERVER_HOST_JOBS_H
#define SERVER_HOST_JOBS_H

#include "module/registry.h"
#include "server/settings.h"

/* One try. Handler thread of a jobs process; everything is borrowed for the call. */
struct host_call {
    struct module_host *host;
    const struct server_settings *settings;
    /* As "core", seeing all rows, guarded by the claim: what it commits after the lease was lost is
     * refused. Ends with the call. */
    struct store_session *session;
    struct arena *arena;
    const struct job_claim *claim;
    struct module_job_watch *watch; /* return PORTICO_EBUSY soon once `stop` is set */
};

/* Work by schedule, or queued with job_queue as kind JOB_HOST and module HOST_MODULE. */
struct host_job {
    const char *name;
    const char *schedule;          /* as in struct portico_job_type; NULL: only when queued */
    int64_t deadline;              /* µs of one try; 0: 10 min */
    unsigned attempts;             /* 0: 10 */
    unsigned concurrency;          /* in the whole portal; 0: no limit */
    int64_t backoff, backoff_most; /* µs; 0: 1 s and 1 h */
    /* 0, or negative as a module's job returns it. */
    int (*run)(const struct host_call *call, struct portico_error *error);
};

/* Deliveries after the commit to a listener of HOST_MODULE, which the registry lists with its types
 * among registry_listeners. */
struct host_listener {
    const char *name;
    int (*handle)(const struct host_call *call, const struct event_record *event,
                  struct portico_error *error);
};

#define HOST_MODULE "core"

extern const struct host_job host_jobs[];
extern const size_t host_job_count;
/* NULL past the end: there may be none. */
const struct host_listener *host_listener_at(size_t index);

#endif
