#include "server/work.h"

#define ATTEMPTS 10
#define JOB_DEADLINE (600 * INT64_C(1000000))
#define EVENT_DEADLINE (30 * INT64_C(1000000))

const int64_t work_bounds[BOARD_BUCKETS - 1] = { 1000,    10000,    50000,     250000,   1000000,
                                                 5000000, 30000000, 120000000, 600000000 };

static void work_free(void *data)
{
    struct work *work = data;
    g_free(work->label);
    g_free(work);
}

static void add(GPtrArray *list, struct work given)
{
    struct work *work = g_new(struct work, 1);
    *work = given;
    work->attempts = given.attempts ? given.attempts : ATTEMPTS;
    if (work->deadline == 0)
        work->deadline = given.handler || given.host_listener ? EVENT_DEADLINE : JOB_DEADLINE;
    work->label = g_strdup_printf("%s %s %s", given.module,
                                  given.kind == JOB_EVENT ? "event" : "job", given.name);
    g_ptr_array_add(list, work);
}

static void add_module(GPtrArray *list, struct module *module)
{
    const struct portico_module *descriptor = module_descriptor(module);
    for (uint32_t i = 0; i < descriptor->jobs.count; i++) {
        const struct portico_job_type *type =
            (const struct portico_job_type *)descriptor->jobs.items + i;
        add(list, (struct work){ .kind = JOB_MODULE,
                                 .module = module_id(module),
                                 .name = type->name,
                                 .owner = module,
                                 .type = type,
                                 .deadline = (int64_t)type->deadline_ms * 1000,
                                 .attempts = type->attempts,
                                 .concurrency = type->concurrency,
                                 .policy = { (int64_t)type->backoff_ms * 1000,
                                             (int64_t)type->backoff_max_ms * 1000 } });
    }
    for (uint32_t i = 0; i < descriptor->event_handlers.count; i++) {
        const struct portico_event_handler *handler =
            (const struct portico_event_handler *)descriptor->event_handlers.items + i;
        if (handler->phase == PORTICO_IN_TRANSACTION)
            continue;
        add(list, (struct work){ .kind = JOB_EVENT,
                                 .module = module_id(module),
                                 .name = handler->name,
                                 .owner = module,
                                 .handler = handler,
                                 .deadline = (int64_t)handler->deadline_ms * 1000,
                                 .attempts = handler->attempts });
    }
}

GPtrArray *work_list(const struct registry *registry)
{
    GPtrArray *list = g_ptr_array_new_with_free_func(work_free);
    for (size_t i = 0; i < host_job_count; i++)
        add(list, (struct work){ .kind = JOB_HOST,
                                 .module = HOST_MODULE,
                                 .name = host_jobs[i].name,
                                 .host_job = &host_jobs[i],
                                 .deadline = host_jobs[i].deadline,
                                 .attempts = host_jobs[i].attempts,
                                 .concurrency = host_jobs[i].concurrency,
                                 .policy = { host_jobs[i].backoff, host_jobs[i].backoff_most } });
    for (size_t i = 0; host_listener_at(i); i++)
        add(list, (struct work){ .kind = JOB_EVENT,
                                 .module = HOST_MODULE,
                                 .name = host_listener_at(i)->name,
                                 .host_listener = host_listener_at(i) });
    for (size_t i = 0; i < registry_module_count(registry); i++)
        add_module(list, registry_module_at(registry, i));
    return list;
}

GArray *work_schedule(const struct registry *registry)
{
    GArray *list = g_array_new(FALSE, FALSE, sizeof(struct schedule_entry));
    size_t count = 0;
    const struct schedule_entry *entries = registry_schedule(registry, &count);
    for (size_t i = 0; i < host_job_count; i++) {
        const struct host_job *job = &host_jobs[i];
        struct schedule_entry entry = { .module = HOST_MODULE,
                                        .name = job->name,
                                        .text = job->schedule,
                                        .attempts = job->attempts ? job->attempts : ATTEMPTS };
        if (job->schedule && schedule_parse(job->schedule, &entry.schedule, NULL) == 0)
            g_array_append_val(list, entry);
    }
    if (count)
        g_array_append_vals(list, entries, (guint)count);
    return list;
}
