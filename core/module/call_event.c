/* Trampolines into handlers of events: in the emitter's transaction, and after it. */
#include "module/call.h"

#include "base/error.h"
#include "module/switch.h"

#include <stdio.h>

#define CALL_ARENA 16384

const char *call_trace(struct call *call)
{
    const struct http_request *request = call->exchange ? &call->exchange->request : NULL;
    for (size_t i = 0; !call->trace && request && i < request->field_count; i++)
        if (text_equals(request->fields[i].name, TEXT("traceparent"))) {
            const char *given = arena_strndup(call->scope.arena, request->fields[i].value.data,
                                              request->fields[i].value.length);
            call->trace = event_trace_is_good(given) ? given : NULL;
            break;
        }
    char *made = call->trace ? NULL : arena_alloc(call->scope.arena, EVENT_TRACE_SIZE);
    if (made) {
        event_trace_make(made);
        call->trace = made;
    }
    return call->trace;
}

static int handle(struct call *call, const struct portico_event_handler *handler,
                  const struct event_record *event, unsigned attempt, struct portico_error *error)
{
    char name[160];
    const struct portico_event given = {
        .size = sizeof given,
        .attempt = attempt,
        .id = event->id,
        .type = event->type,
        .source = event->source,
        .subject = event->subject,
        .time = event->time,
        .person = event->person,
        .account = event->account,
        .audience = event->audience,
        .trace = event->trace,
        .data = value_public(event->data),
    };
    snprintf(name, sizeof name, "%s event %s", call->module->id, handler->name);
    call->label = name;
    call->trace = event->trace;
    struct call_entered entered = call_enter(call, UINT32_MAX, name);
    int code = handler->handle(&call->scope.context, &given, error);
    call_leave(call, &entered);
    if (code < 0 && error && !error->message[0])
        error_set(error, code, "It returned %s without a message.", error_name(code));
    return code;
}

int call_event_in_transaction(const struct event_listener *listener, struct store_session *session,
                              const struct event_record *event, void *data,
                              struct portico_error *error)
{
    const struct call *emitter = data;
    struct module *module = registry_find(emitter->host->registry, listener->module);
    struct arena *arena = module ? arena_new(CALL_ARENA) : NULL;
    if (!arena)
        return error_set(error, PORTICO_ENOMEM, "Memory ended before a handler of %s was called.",
                         listener->module);
    struct registry *registry = emitter->host->registry;
    struct module_switch *off = registry_find_switch(
        registry, arena_printf(arena, "%s event %s", module->id, listener->name));
    bool trying;
    if (!switch_allows(off, &trying)) {
        arena_free(arena);
        return error_set(error, PORTICO_EBUSY,
                         "It crashed repeatedly and is switched off for a while; it is tried again "
                         "by itself.");
    }
    struct call call = { .lent = session, .handlers = emitter->handlers + 1 };
    call_begin(&call, CALL_EVENT_TRANSACTION, emitter->host, module, emitter->viewer, arena);
    call.locale = emitter->locale;
    struct store_turn turn;
    store_session_lend(session, module->id, &turn);
    int code = handle(&call, listener->data, event, 1, error);
    store_session_back(session, &turn);
    switch_returned(registry, off, trying);
    arena_free(arena);
    return code;
}

int module_call_event(struct module_host *host, struct module *module,
                      const struct portico_event_handler *handler, const struct event_record *event,
                      const struct job_claim *claim, struct portico_error *error)
{
    struct arena *arena = arena_new(CALL_ARENA);
    if (!arena)
        return error_set(error, PORTICO_ENOMEM, "Memory ended before a handler of %s was called.",
                         module->id);
    struct viewer viewer = viewer_host;
    viewer.person = event->person;
    viewer.account = event->account;
    struct call_job job = { .claim = claim };
    struct call call = { .job = &job };
    call_begin(&call, CALL_EVENT, host, module, &viewer, arena);
    int code = handle(&call, handler, event, claim->attempt, error);
    arena_free(arena);
    return code;
}
