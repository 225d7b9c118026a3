/* The sense of event types, handlers and jobs. */
#include "base/error.h"
#include "event/event.h"
#include "job/schedule.h"
#include "module/check.h"

#include <portico/event.h>
#include <portico/job.h>

#include <stdio.h>

#define ATTEMPTS_MAX 1000
/* Each is a row that is written whenever it is due. */
#define SCHEDULES_MAX 100

static void check_types(const struct portico_module *module, struct descriptor_report *report)
{
    const struct portico_event_type *types = module->event_types.items;
    struct portico_error error = PORTICO_ERROR_INIT;
    for (uint32_t i = 0; i < module->event_types.count; i++) {
        char what[128];
        snprintf(what, sizeof what, "the event type %.100s", types[i].type);
        if (event_type_check(types[i].type, module->id, &error) < 0)
            descriptor_say(report, "%s", error.message);
        for (uint32_t other = 0; other < i; other++)
            if (strcmp(types[other].type, types[i].type) == 0)
                descriptor_say(report, "The event type \"%.80s\" is given twice: remove one.",
                               types[i].type);
        check_schema(what, "data", types[i].data_schema, report);
    }
}

static void check_name(const char *what, const char *name, struct descriptor_report *report)
{
    if (!check_is_word(name, "-_"))
        descriptor_say(report, "The %s \"%.80s\" is not named by lower-case words: rename it.",
                       what, name);
}

static void check_attempts(const char *what, const char *name, uint32_t attempts,
                           struct descriptor_report *report)
{
    if (attempts > ATTEMPTS_MAX)
        descriptor_say(report, "The %s %.80s has more than %d attempts: set fewer.", what, name,
                       ATTEMPTS_MAX);
}

static void check_handlers(const struct portico_module *module, struct descriptor_report *report)
{
    const struct portico_event_handler *handlers = module->event_handlers.items;
    struct portico_error error = PORTICO_ERROR_INIT;
    for (uint32_t i = 0; i < module->event_handlers.count; i++) {
        const struct portico_event_handler *handler = &handlers[i];
        check_name("event handler", handler->name, report);
        check_attempts("event handler", handler->name, handler->attempts, report);
        for (uint32_t other = 0; other < i; other++)
            if (strcmp(handlers[other].name, handler->name) == 0)
                descriptor_say(report, "The event handler \"%.80s\" is given twice: remove one.",
                               handler->name);
        if (event_patterns_check(handler->types, &error) < 0)
            descriptor_say(report, "The .types of event handler %.80s are wrong: %s", handler->name,
                           error.message);
        if (handler->phase > PORTICO_IN_TRANSACTION)
            descriptor_say(report,
                           "The event handler %.80s has the phase %u, which this portal does not "
                           "know: write PORTICO_AFTER_COMMIT or PORTICO_IN_TRANSACTION.",
                           handler->name, handler->phase);
        if (handler->phase == PORTICO_IN_TRANSACTION && (handler->attempts || handler->deadline_ms))
            descriptor_say(report,
                           "The event handler %.80s runs in the transaction, once and in its time: "
                           "leave .attempts and .deadline_ms out.",
                           handler->name);
    }
}

static void check_jobs(const struct portico_module *module, struct descriptor_report *report)
{
    const struct portico_job_type *jobs = module->jobs.items;
    struct portico_error error = PORTICO_ERROR_INIT;
    unsigned scheduled = 0;
    for (uint32_t i = 0; i < module->jobs.count; i++) {
        const struct portico_job_type *job = &jobs[i];
        struct schedule schedule;
        scheduled += job->schedule != NULL;
        check_name("job", job->name, report);
        check_attempts("job", job->name, job->attempts, report);
        for (uint32_t other = 0; other < i; other++)
            if (strcmp(jobs[other].name, job->name) == 0)
                descriptor_say(report, "The job \"%.80s\" is given twice: remove one.", job->name);
        if (job->schedule && schedule_parse(job->schedule, &schedule, &error) < 0)
            descriptor_say(report, "The .schedule of job %.80s is wrong: %s", job->name,
                           error.message);
        if (job->backoff_ms && job->backoff_max_ms && job->backoff_max_ms < job->backoff_ms)
            descriptor_say(report,
                           "The job %.80s waits longer at first than at most: correct .backoff_ms "
                           "or .backoff_max_ms.",
                           job->name);
    }
    if (scheduled > SCHEDULES_MAX)
        descriptor_say(
            report,
            "The module has %u jobs on a schedule, more than %d: give fewer of them one, "
            "which queue the others.",
            scheduled, SCHEDULES_MAX);
}

void check_events(const struct portico_module *module, struct descriptor_report *report)
{
    check_types(module, report);
    check_handlers(module, report);
    check_jobs(module, report);
}
