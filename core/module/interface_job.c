/* portico.job: a module's own queue; and what a running job reads and tells. */
#include "module/interface_job.h"

#include "base/clock.h"
#include "base/error.h"

#include <stdatomic.h>

#define REQUEST_SIZE_1_0 (offsetof(struct portico_job_request, not_before) + sizeof(portico_time))
#define TELL_INTERVAL INT64_C(1000000)

struct jobs_handle {
    struct portico_jobs public; /* must be first */
    uint32_t magic;
    struct scope *scope;
};

void *interface_job_open(struct scope *scope)
{
    struct jobs_handle *handle = arena_zalloc(scope->arena, sizeof *handle);
    if (!handle)
        return NULL;
    handle->public.api = interface_shown(&interface_jobs);
    handle->magic = JOBS_MAGIC;
    handle->scope = scope;
    return handle;
}

static struct scope *jobs_scope(struct portico_jobs *jobs)
{
    struct jobs_handle *handle = (struct jobs_handle *)jobs;
    if (!handle || handle->magic != JOBS_MAGIC)
        call_stale_handle("jobs");
    return handle->scope;
}
#define jobs_scope(jobs) thread_scope(jobs_scope(jobs), PORTICO_JOBS, __func__)

static int jobs_api_queue(struct portico_jobs *jobs, const struct portico_job_request *request,
                          portico_id *ret_id, struct portico_error *error)
{
    struct scope *scope = jobs_scope(jobs);
    struct call *call = scope->call;
    struct portico_job_request own = { 0 };
    if (!interface_read(&own, sizeof own, request, REQUEST_SIZE_1_0))
        return error_set(error, PORTICO_EINVAL, "What is queued needs its size set.");
    const struct portico_job_type *type =
        own.name ? registry_job(call->module->registry, call->module->id, own.name, NULL) : NULL;
    if (!type)
        return error_set(error, PORTICO_EINVAL,
                         "The job \"%.80s\" is not in the descriptor of module %s: add it to "
                         ".jobs.",
                         own.name ? own.name : "", call->module->id);
    struct store_session *session = scope_session(scope, error);
    if (!session)
        return PORTICO_EIO;
    const struct job_request wanted = {
        .module = call->module->id,
        .name = type->name,
        .kind = JOB_MODULE,
        .arguments = own.arguments ? value_of(own.arguments) : NULL,
        .key = own.key,
        .lane = own.lane,
        .not_before = own.not_before,
        .attempts = type->attempts,
        .person = call->viewer->person,
        .account = call->viewer->account,
        .trace = call_trace(call),
    };
    return job_queue(session, &wanted, ret_id, error);
}

static int jobs_api_cancel(struct portico_jobs *jobs, portico_id id, struct portico_error *error)
{
    struct scope *scope = jobs_scope(jobs);
    struct store_session *session = scope_session(scope, error);
    return session ? job_cancel(session, scope->call->module->id, id, error) : PORTICO_EIO;
}

static int jobs_api_look(struct portico_jobs *jobs, portico_id id, struct portico_value **ret_job,
                         struct portico_error *error)
{
    struct scope *scope = jobs_scope(jobs);
    struct store_session *session = scope_session(scope, error);
    struct value *job = NULL;
    int code = session ? job_look(session, scope->call->module->id, id, &job, error) : PORTICO_EIO;
    if (code >= 0)
        *ret_job = value_public(job);
    return code;
}

const struct portico_jobs_api interface_jobs = {
    .table = { .size = sizeof(struct portico_jobs_api), .major = 1, .minor = 0 },
    .queue = jobs_api_queue,
    .cancel = jobs_api_cancel,
    .look = jobs_api_look,
};

void interface_job_begin(struct job_handle *handle, struct call *call)
{
    handle->public.api = interface_shown(&interface_job);
    handle->magic = JOB_MAGIC;
    handle->call = call;
}

static struct job_handle *job_of(const struct portico_job *job)
{
    struct job_handle *handle = (struct job_handle *)(uintptr_t)job;
    if (!handle || handle->magic != JOB_MAGIC)
        call_stale_handle("job");
    return handle;
}

static struct job_handle *job_checked(struct job_handle *handle, const char *function)
{
    thread_scope(&handle->call->scope, PORTICO_JOBS, function);
    return handle;
}
#define job_of(job) job_checked(job_of(job), __func__)

static const struct portico_value *job_api_arguments(struct portico_job *job)
{
    const struct value *arguments = job_of(job)->call->job->claim->arguments;
    return arguments ? value_public(arguments) : NULL;
}

static portico_id job_api_id(struct portico_job *job)
{
    return job_of(job)->call->job->claim->id;
}

static uint32_t job_api_attempt(struct portico_job *job)
{
    return job_of(job)->call->job->claim->attempt;
}

void interface_job_tell(struct job_handle *handle)
{
    struct call *call = handle->call;
    struct arena *arena = handle->untold && call->host->store ? arena_new(0) : NULL;
    struct store_session *session =
        arena ? store_session_new(call->host->store, arena, &viewer_host.rows, "core") : NULL;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (session && job_tell(session, call->job->claim, handle->done, handle->total,
                            handle->note[0] ? handle->note : NULL, &error) == PORTICO_ECONFLICT)
        atomic_store(&call->job->watch->lost, true);
    handle->untold = false;
    handle->told_at = clock_steady();
    store_session_end(session);
    arena_free(arena);
}

/* Written once a second, and not beside the job's own transaction, which on SQLite it would wait
 * for. */
static int job_api_progress(struct portico_job *job, int64_t done, int64_t total, const char *note)
{
    struct job_handle *handle = job_of(job);
    struct call *call = handle->call;
    struct module_job_watch *watch = call->job->watch;
    size_t length = note ? text_utf8_cut(note, strnlen(note, sizeof handle->note - 1)) : 0;
    if (!text_is_utf8(note ? note : "", length))
        length = 0;
    if (length)
        memcpy(handle->note, note, length);
    handle->note[length] = '\0';
    handle->done = done;
    handle->total = total;
    handle->untold = true;
    if (clock_steady() - handle->told_at >= TELL_INTERVAL && !call_transaction(call))
        interface_job_tell(handle);
    return atomic_load(&watch->stop) || atomic_load(&watch->lost);
}

static const struct portico_value *job_api_saved(struct portico_job *job)
{
    const struct value *saved = job_of(job)->call->job->claim->saved;
    return saved ? value_public(saved) : NULL;
}

static int job_api_save(struct portico_job *job, const struct portico_value *state,
                        struct portico_error *error)
{
    struct call *call = job_of(job)->call;
    struct store_session *session = call_transaction(call);
    if (!session)
        session = scope_session(&call->scope, error);
    if (!session)
        return PORTICO_EIO;
    int code = job_save(session, call->job->claim, state ? value_of(state) : NULL, error);
    if (code == PORTICO_ECONFLICT)
        atomic_store(&call->job->watch->lost, true);
    return code;
}

const struct portico_job_api interface_job = {
    .table = { .size = sizeof(struct portico_job_api), .major = 1, .minor = 0 },
    .arguments = job_api_arguments,
    .id = job_api_id,
    .attempt = job_api_attempt,
    .progress = job_api_progress,
    .saved = job_api_saved,
    .save = job_api_save,
};
