/* portico.context: memory, log, state, settings, words, clock, ids and the gate to other tables. */
#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "module/call.h"
#include "module/services.h"

#include <stdatomic.h>

static void *context_alloc(struct portico_context *context, size_t size)
{
    return arena_zalloc(scope_of(context)->arena, size);
}

__attribute__((format(printf, 2, 0))) static char *
context_vprintf(struct portico_context *context, const char *format, va_list arguments)
{
    return arena_vprintf(scope_of(context)->arena, format, arguments);
}

__attribute__((format(printf, 3, 0))) static void
context_vlog(struct portico_context *context, int level, const char *format, va_list arguments)
{
    (void)scope_of(context);
    static const int levels[] = { PORTICO_LOG_ERROR, PORTICO_LOG_WARNING, PORTICO_LOG_INFO,
                                  PORTICO_LOG_DEBUG };
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if (levels[i] >= level || i + 1 == sizeof levels / sizeof *levels) {
            log_vwrite(levels[i], format, arguments);
            return;
        }
}

static void *context_state(struct portico_context *context)
{
    return scope_of(context)->call->module->state;
}

static void context_set_state(struct portico_context *context, void *state)
{
    struct call *call = scope_of(context)->call;
    if (call->kind == CALL_START || call->kind == CALL_STOP)
        call->module->state = state;
    else
        log_warning("The module called portico_set_state outside start and stop; it was ignored.");
}

/* The first word of every handle is its table. */
static void *open_handle(const struct interface *interface, struct scope *scope)
{
    const void **handle = interface->open(scope);
    if (handle)
        *handle = interface_shown(*handle);
    return handle;
}

/* An optional interface may be asked for; one that the module never named is its author's mistake,
 * and what comes back says nothing. Said once for each. */
static void tell_undeclared(struct module *module, const char *name)
{
    for (unsigned i = 0; interface_at(i); i++)
        if (strcmp(interface_at(i)->name, name) == 0 &&
            !(atomic_fetch_or(&module->undeclared, 1u << i) & 1u << i))
            log_error("Module %s asked for the interface %s, which its PORTICO_MODULE_USES does "
                      "not name: add it there and build again.",
                      module->id, name);
}

/* The gate: only what the module declared, and only in a version this host has. */
static void *context_interface(struct portico_context *context, const char *name, uint16_t major)
{
    struct scope *scope = scope_of(context);
    const struct use *use = uses_find(&scope->call->module->uses, name);
    if (!use)
        tell_undeclared(scope->call->module, name);
    for (unsigned i = 0; use && interface_at(i); i++) {
        const struct interface *interface = interface_at(i);
        if (strcmp(interface->name, name) != 0)
            continue;
        if (interface->major != major || use->major != major)
            return NULL;
        if (!scope->handles[i])
            scope->handles[i] = open_handle(interface, scope);
        return scope->handles[i];
    }
    return NULL;
}

static const struct portico_value *context_setting(struct portico_context *context, const char *key)
{
    struct scope *scope = scope_of(context);
    const struct module *module = scope->call->module;
    const struct portico_setting *settings = module->descriptor->settings.items;
    for (uint32_t i = 0; i < module->descriptor->settings.count; i++) {
        if (strcmp(settings[i].key, key) != 0)
            continue;
        const struct config_value *value = &module->settings[i];
        struct value *made = NULL;
        switch (settings[i].type) {
        case PORTICO_SETTING_BOOLEAN:
            made = value_scalar(scope->arena, PORTICO_BOOLEAN, value->integer, 0);
            break;
        case PORTICO_SETTING_INTEGER:
        case PORTICO_SETTING_SIZE:
            made = value_scalar(scope->arena, PORTICO_INTEGER, value->integer, 0);
            break;
        case PORTICO_SETTING_DURATION: /* the SDK counts milliseconds, the core microseconds */
            made = value_scalar(scope->arena, PORTICO_INTEGER, value->integer / 1000, 0);
            break;
        case PORTICO_SETTING_REAL:
            made = value_scalar(scope->arena, PORTICO_REAL, 0, value->real);
            break;
        default:
            made = value->text ? value_text(scope->arena, value->text, strlen(value->text)) : NULL;
        }
        return made ? value_public(made) : NULL;
    }
    return NULL;
}

static const char *context_translate(struct portico_context *context, const char *source,
                                     const struct portico_value *arguments)
{
    struct scope *scope = scope_of(context);
    struct call *call = scope->call;
    if (!call->host->pages)
        return source;
    return page_translate(call->host->pages, call->module->id, scope->arena, call->locale, source,
                          arguments ? value_of(arguments) : NULL);
}

static portico_time context_now(struct portico_context *context)
{
    return scope_of(context)->call->now;
}

static portico_id context_new_id(struct portico_context *context)
{
    (void)scope_of(context);
    return id_new();
}

static int64_t context_steady(struct portico_context *context)
{
    (void)scope_of(context);
    return clock_steady();
}

static const char *context_time_text(struct portico_context *context, portico_time time)
{
    struct scope *scope = scope_of(context);
    char text[40];
    size_t length = clock_rfc3339(time, text, sizeof text);
    bool four_digits = length > 4 && text[4] == '-' && text[0] != '-';
    return four_digits ? arena_strndup(scope->arena, text, length) : NULL;
}

static int context_time_read(struct portico_context *context, const char *text,
                             portico_time *ret_time)
{
    (void)scope_of(context);
    int64_t time = text ? clock_parse_rfc3339(text, strlen(text)) : INT64_MIN;
    if (time == INT64_MIN)
        return PORTICO_EINVAL;
    *ret_time = time;
    return PORTICO_OK;
}

static portico_time context_id_time(struct portico_context *context, portico_id id)
{
    (void)scope_of(context);
    return id_time(id);
}

static struct portico_value *context_make(struct portico_context *context, uint32_t kind)
{
    if (kind != PORTICO_OBJECT && kind != PORTICO_LISTING)
        return NULL;
    return value_public(value_new(scope_of(context)->arena, kind));
}

static int context_may(struct portico_context *context, const char *permission)
{
    return viewer_may(scope_of(context)->call->viewer, permission);
}

static portico_id context_person(struct portico_context *context)
{
    return scope_of(context)->call->viewer->person;
}

static portico_id context_account(struct portico_context *context)
{
    return scope_of(context)->call->viewer->account;
}

static const char *context_locale(struct portico_context *context)
{
    return scope_of(context)->call->locale;
}

static struct portico_context *context_scope(struct portico_context *context)
{
    struct call *call = scope_of(context)->call;
    struct arena *arena = arena_new(0);
    struct scope *scope = arena ? arena_zalloc(arena, sizeof *scope) : NULL;
    if (!scope) {
        arena_free(arena);
        return NULL;
    }
    scope->context.api = interface_shown(&interface_context);
    scope->magic = SCOPE_MAGIC;
    scope->call = call;
    scope->arena = arena;
    scope->next = call->scope.inner;
    call->scope.inner = scope;
    return &scope->context;
}

static void context_end_scope(struct portico_context *context)
{
    struct scope *scope = scope_of(context);
    struct scope **link = &scope->call->scope.inner;
    while (*link && *link != scope)
        link = &(*link)->next;
    if (!*link) {
        log_warning("The module ended a context that is not a scope of its own; it was ignored.");
        return;
    }
    *link = scope->next;
    store_session_end(scope->session);
    scope->magic = 0;
    arena_free(scope->arena);
}

static int context_call(struct portico_context *context, const char *service, const char *method,
                        const struct portico_value *arguments, struct portico_value **ret_result,
                        struct portico_error *error)
{
    struct value *result = NULL;
    int code =
        services_call(scope_of(context), service, method, arguments ? value_of(arguments) : NULL,
                      ret_result ? &result : NULL, error);
    if (code == 0 && ret_result)
        *ret_result = value_public(result);
    return code;
}

static int context_offers(struct portico_context *context, const char *service)
{
    return services_offered(scope_of(context), service);
}

const struct portico_context_api interface_context = {
    .table = { .size = sizeof(struct portico_context_api), .major = 1, .minor = 1 },
    .alloc = context_alloc,
    .vprintf = context_vprintf,
    .vlog = context_vlog,
    .state = context_state,
    .set_state = context_set_state,
    .interface = context_interface,
    .setting = context_setting,
    .translate = context_translate,
    .now = context_now,
    .new_id = context_new_id,
    .make = context_make,
    .may = context_may,
    .locale = context_locale,
    .scope = context_scope,
    .end_scope = context_end_scope,
    .steady = context_steady,
    .time_text = context_time_text,
    .time_read = context_time_read,
    .id_time = context_id_time,
    .call = context_call,
    .person = context_person,
    .account = context_account,
    .offers = context_offers,
};
