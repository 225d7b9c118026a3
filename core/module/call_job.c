/* The trampoline into jobs. */
#include "base/error.h"
#include "module/interface_job.h"

#include <stdio.h>

#define CALL_ARENA 16384

int module_call_job(struct module_host *host, struct module *module,
                    const struct portico_job_type *type, const struct job_claim *claim,
                    struct module_job_watch *watch, struct portico_error *error)
{
    char name[160];
    struct arena *arena = arena_new(CALL_ARENA);
    if (!arena)
        return error_set(error, PORTICO_ENOMEM, "Memory ended before job %s was run.", type->name);
    snprintf(name, sizeof name, "%s job %s", module->id, type->name);
    struct viewer viewer = viewer_host;
    viewer.person = claim->person;
    viewer.account = claim->account;
    struct call_job job = { .claim = claim, .watch = watch };
    struct call call = { .job = &job, .label = name };
    struct job_handle handle = { 0 };
    call_begin(&call, CALL_JOB, host, module, &viewer, arena);
    call.trace = event_trace_is_good(claim->trace) ? claim->trace : NULL;
    interface_job_begin(&handle, &call);
    struct call_entered entered = call_enter(&call, UINT32_MAX, name);
    int code = type->run(&call.scope.context, &handle.public, error);
    call_leave(&call, &entered);
    interface_job_tell(&handle);
    handle.magic = 0;
    arena_free(arena);
    if (code < 0 && error && !error->message[0])
        error_set(error, code, "It returned %s without a message.", error_name(code));
    return code;
}
