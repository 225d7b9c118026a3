/* The kinds of work of a generation: jobs and deliveries of its modules and of the host itself. */
#ifndef SERVER_WORK_H
#define SERVER_WORK_H

#include "server/board.h"
#include "server/host_jobs.h"

#include <glib.h>

/* One kind. Texts are the registry's. */
struct work {
    enum job_kind kind;
    const char *module, *name;
    char *label; /* "MODULE job NAME" or "MODULE event NAME": logs, metrics, what is taken out */
    struct module *owner; /* NULL: the host's own */
    const struct portico_job_type *type;
    const struct portico_event_handler *handler;
    const struct host_job *host_job;
    const struct host_listener *host_listener;
    int64_t deadline; /* µs of one try */
    unsigned attempts, concurrency;
    struct job_policy policy;
};

/* Upper bounds of the histogram of running times, in µs; the last bucket has none. */
extern const int64_t work_bounds[BOARD_BUCKETS - 1];

/* struct work each, freed with the array. */
GPtrArray *work_list(const struct registry *registry);
/* What is due by schedule, for schedule_run; the host's own first. g_array_free it. */
GArray *work_schedule(const struct registry *registry);

#endif
