/* portico.event: what a module emits, checked against what it declared. */
#include "base/error.h"
#include "base/json.h"
#include "module/call.h"
#include "module/schema.h"

#define EMISSION_SIZE_1_0 (offsetof(struct portico_emission, data) + sizeof(void *))

struct event_handle {
    struct portico_events public; /* must be first */
    uint32_t magic;
    struct scope *scope;
};

void *interface_event_open(struct scope *scope)
{
    struct event_handle *handle = arena_zalloc(scope->arena, sizeof *handle);
    if (!handle)
        return NULL;
    handle->public.api = interface_shown(&interface_event);
    handle->magic = EVENTS_MAGIC;
    handle->scope = scope;
    return handle;
}

static struct scope *events_scope(struct portico_events *events)
{
    struct event_handle *handle = (struct event_handle *)events;
    if (!handle || handle->magic != EVENTS_MAGIC)
        call_stale_handle("events");
    return handle->scope;
}
#define events_scope(events) thread_scope(events_scope(events), PORTICO_EVENTS, __func__)

static int check(const struct module *module, const struct portico_emission *emission,
                 const struct value *data, struct portico_error *error)
{
    const struct value *schema =
        emission->type ? module_event_schema(module, emission->type) : NULL;
    if (!schema)
        return error_set(error, PORTICO_EINVAL,
                         "The event type \"%.80s\" is not in the descriptor of module %s: add it "
                         "to .event_types.",
                         emission->type ? emission->type : "", module->id);
    int code = schema_validate(schema, data, error);
    if (code < 0)
        error_prefix(error, "The data of event %s does not fit its schema: ", emission->type);
    return code;
}

/* As JSON carries it: handlers in the transaction get the kinds that those after commit get. */
static int carried(struct arena *arena, const char *type, const struct portico_value *given,
                   struct value **ret_data, struct portico_error *error)
{
    struct buffer text = { 0 };
    if (given)
        json_write(&text, value_of(given));
    else
        buffer_append(&text, "{}", 2);
    int code = PORTICO_OK;
    if (text.failed)
        code = error_set(error, PORTICO_ENOMEM, "Memory ended while an event was emitted.");
    else if (text.length > EVENT_DATA_MAX)
        code = error_set(error, PORTICO_ELIMIT,
                         "The data of event %s has %zu bytes as JSON, at most %d are taken: say "
                         "which row changed, not what it holds.",
                         type ? type : "", text.length, EVENT_DATA_MAX);
    else
        code = json_parse(arena, text.data, text.length, ret_data, error);
    buffer_free(&text);
    return code;
}

/* A day that came cannot be refused. */
static int ask_nobody(const struct event_listener *listener, struct store_session *session,
                      const struct event_record *event, void *data, struct portico_error *error)
{
    (void)listener, (void)session, (void)event, (void)data, (void)error;
    return PORTICO_OK;
}

static int event_api_emit(struct portico_events *events, const struct portico_emission *emission,
                          portico_id *ret_id, struct portico_error *error)
{
    struct scope *scope = events_scope(events);
    struct call *call = scope->call;
    struct portico_emission own = { 0 };
    if (!interface_read(&own, sizeof own, emission, EMISSION_SIZE_1_0))
        return error_set(error, PORTICO_EINVAL, "An emission needs its size set.");
    struct value *data = NULL;
    int code = carried(scope->arena, own.type, own.data, &data, error);
    if (code == 0)
        code = check(call->module, &own, data, error);
    /* What is read in somebody's place is told to nobody. */
    if (code == 0 && call->viewer->rows.looks) {
        if (ret_id)
            *ret_id = 0;
        return PORTICO_OK;
    }
    struct store_session *session = code < 0 ? NULL : scope_session(scope, error);
    if (!session)
        return code < 0 ? code : PORTICO_EIO;
    struct event_emitter emitter = {
        .run = call->settled ? ask_nobody : call_event_in_transaction,
        .data = call,
        .depth = call->handlers,
    };
    uint32_t flags = module_event_flags(call->module, own.type);
    emitter.outdates = flags & PORTICO_EVENT_OUTDATES;
    if (own.audience && flags & PORTICO_EVENT_LIVE) {
        emitter.committed = call->host->live;
        emitter.committed_data = call->host->live_data;
    }
    emitter.listeners = registry_listeners(call->module->registry, &emitter.count);
    struct event_record event = {
        .time = call->now,
        .person = call->viewer->person,
        .account = own.account ? own.account : call->viewer->account,
        .audience = own.audience,
        .type = own.type,
        .source = arena_printf(scope->arena, "/modules/%s", call->module->id),
        .subject = own.subject ? own.subject : "",
        .trace = call_trace(call),
        .data = data,
    };
    code = event_emit(session, &emitter, &event, error);
    if (code == 0 && ret_id)
        *ret_id = event.id;
    return code;
}

const struct portico_event_api interface_event = {
    .table = { .size = sizeof(struct portico_event_api), .major = 1, .minor = 0 },
    .emit = event_api_emit,
};
