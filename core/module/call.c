/* Trampolines into module code: each records what is running, holds the serial lock and cleans up.
 */
#include "module/call.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "module/all_accounts.h"
#include "module/deep_link.h"
#include "module/request.h"
#include "module/respond.h"
#include "page/content.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define CALL_ARENA 16384

void module_host_prepare(void)
{
    store_set_html_opener(content_open);
}

void call_begin(struct call *call, enum call_kind kind, struct module_host *host,
                struct module *module, const struct viewer *viewer, struct arena *arena)
{
    call->kind = kind;
    call->thread = pthread_self();
    call->host = host;
    call->module = module;
    call->viewer = viewer;
    call->now = clock_now();
    call->locale = "en";
    call->scope.context.api = interface_shown(&interface_context);
    call->scope.magic = SCOPE_MAGIC;
    call->scope.call = call;
    call->scope.arena = arena;
    call->request.public.api = interface_shown(&interface_request);
    call->request.public.context = &call->scope.context;
    call->request.magic = REQUEST_MAGIC;
    call->request.call = call;
}

void call_end(struct call *call)
{
    while (call->scope.inner)
        interface_context.end_scope(&call->scope.inner->context);
    store_session_end(call->scope.session);
    call->scope.session = NULL;
    call->scope.magic = 0;
    call->request.magic = 0;
}

void call_stale_handle(const char *what)
{
    log_error("The module used a %s handle that is not one, or that had ended. This process stops.",
              what);
    abort();
}

struct scope *(scope_of)(const struct portico_context *context)
{
    struct scope *scope = (struct scope *)(uintptr_t)context;
    if (!scope || scope->magic != SCOPE_MAGIC)
        call_stale_handle("context");
    return scope;
}

struct call *call_checked(struct call *call, const char *function)
{
    thread_scope(&call->scope, "portico.request", function);
    return call;
}

struct call *(call_of)(const struct portico_request *request)
{
    const struct request_handle *handle = (const struct request_handle *)request;
    if (!handle || handle->magic != REQUEST_MAGIC)
        call_stale_handle("request");
    return handle->call;
}

struct store_session *scope_session(struct scope *scope, struct portico_error *error)
{
    struct call *call = scope->call;
    if (call->lent)
        return call->lent;
    if (!scope->session && call->host->store) {
        scope->session = store_session_new(call->host->store, scope->arena, &call->viewer->rows,
                                           call->module->id);
        if (scope->session && call->job)
            job_guard(scope->session, call->job->claim);
    }
    if (!scope->session)
        error_set(error, PORTICO_EIO, "No database session could be opened for module %s.",
                  call->module->id);
    return scope->session;
}

void call_vary(struct call *call)
{
    struct http_response *answer = call->exchange ? &call->exchange->response : call->around;
    if (answer)
        answer->varies = true;
}

struct store_session *call_transaction(struct call *call)
{
    if (call->lent)
        return call->lent;
    for (struct scope *scope = call->scope.inner; scope; scope = scope->next)
        if (scope->session && store_in_transaction(scope->session))
            return scope->session;
    bool open = call->scope.session && store_in_transaction(call->scope.session);
    return open ? call->scope.session : NULL;
}

struct call_entered call_enter(struct call *call, uint32_t route, const char *name)
{
    struct call_entered entered = { .outer = log_scope };
    log_scope.module = call->module->id;
    log_scope.route = call->route ? call->route->label : call->label;
    if (call->exchange)
        log_scope.request = call->exchange->request.id;
    serial_lock(call->module);
    trace_enter(call->kind, call->module->index, route, name, &entered.trace);
    return entered;
}

void call_leave(struct call *call, const struct call_entered *entered)
{
    call_end(call);
    trace_leave(&entered->trace);
    serial_unlock(call->module);
    log_scope = entered->outer;
}

/* A limit the module took was reached, and it left the answer to the host: RFC 6585 section 4. */
static void answer_limited(struct call *call)
{
    char seconds[16];
    const struct respond_words words = { .detail = call->limit_words };
    respond_error(call->host, call->exchange, call->viewer, 429, &words);
    snprintf(seconds, sizeof seconds, "%u", call->retry_after);
    respond_field(&call->exchange->response, "Retry-After", seconds);
}

/* A handler that returned without a reply. */
static void conclude_route(struct call *call, int code)
{
    static const struct {
        int code;
        unsigned status;
    } answers[] = {
        { PORTICO_ENOENT, 404 },    { PORTICO_EPERM, 403 },     { PORTICO_EINVAL, 400 },
        { PORTICO_ECONFLICT, 409 }, { PORTICO_EEXIST, 409 },    { PORTICO_ELIMIT, 413 },
        { PORTICO_EBUSY, 503 },     { PORTICO_ETIMEDOUT, 503 },
    };
    unsigned status = 500;
    if (code == PORTICO_ELIMIT && call->retry_after) {
        answer_limited(call);
        return;
    }
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        if (answers[i].code == code)
            status = answers[i].status;
    if (code == PORTICO_EPERM && !call->viewer->person &&
        !(call->route->route.flags & PORTICO_ROUTE_OUTSIDE)) {
        respond_sign_in(call->host, call->exchange);
        return;
    }
    if (code >= 0)
        log_error("The handler returned without a reply.");
    else if (status >= 500)
        log_error("The handler failed with %s.", error_name(code));
    respond_error(call->host, call->exchange, call->viewer, status, NULL);
}

static void call_handler(struct module_host *host, struct module_route *route,
                         const struct route_match *match, const struct viewer *viewer,
                         struct http_exchange *exchange)
{
    struct call call = { .route = route, .match = match, .exchange = exchange };
    call_begin(&call, CALL_ROUTE, host, route->owner, viewer, exchange->request.arena);
    call.locale = respond_locale(host, &exchange->request, viewer);
    struct call_entered entered = call_enter(&call, route->index, route->label);
    if (request_prepare(&call)) {
        int code = route->route.handler(&call.request.public);
        if (!call.replied)
            conclude_route(&call, code);
    }
    call_leave(&call, &entered);
}

void module_call_route(struct module_host *host, struct module_route *route,
                       const struct route_match *match, const struct viewer *viewer,
                       struct http_exchange *exchange)
{
    atomic_fetch_add_explicit(&route->running, 1, memory_order_relaxed);
    int64_t begun = clock_steady();
    if (route->route.flags & PORTICO_ROUTE_ALL_ACCOUNTS)
        viewer = all_accounts_viewer(host, viewer, &exchange->request);
    call_handler(host, route, match, viewer, exchange);
    deep_link_follow(host, route, match, viewer, exchange, call_handler);
    int64_t took = clock_steady() - begun;
    atomic_fetch_add_explicit(&route->requests, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&route->microseconds, (uint64_t)took, memory_order_relaxed);
    if (exchange->response.status >= 500)
        atomic_fetch_add_explicit(&route->failures, 1, memory_order_relaxed);
    atomic_fetch_sub_explicit(&route->running, 1, memory_order_relaxed);
}

int module_call_start(struct module_host *host, struct module *module, struct portico_error *error)
{
    if (!module->descriptor->start)
        return PORTICO_OK;
    struct arena *arena = arena_new(CALL_ARENA);
    if (!arena)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while module %s was started.",
                         module->id);
    struct call call = { 0 };
    call_begin(&call, CALL_START, host, module, &viewer_anonymous, arena);
    struct call_entered entered = call_enter(&call, UINT32_MAX, module->id);
    int code = module->descriptor->start(&call.scope.context, error);
    call_leave(&call, &entered);
    arena_free(arena);
    if (code < 0 && error && !error->message[0])
        error_set(error, code, "It returned %s without a message.", error_name(code));
    return code;
}

void module_call_stop(struct module_host *host, struct module *module)
{
    struct arena *arena = module->descriptor->stop ? arena_new(CALL_ARENA) : NULL;
    if (!arena)
        return;
    struct call call = { 0 };
    call_begin(&call, CALL_STOP, host, module, &viewer_anonymous, arena);
    struct call_entered entered = call_enter(&call, UINT32_MAX, module->id);
    module->descriptor->stop(&call.scope.context);
    call_leave(&call, &entered);
    arena_free(arena);
}

static int run_check(struct module_host *host, struct module *module,
                     const struct portico_health_check *check, struct value *list)
{
    struct arena *arena = arena_new(CALL_ARENA);
    if (!arena)
        return PORTICO_FAILED;
    char message[256] = "";
    struct call call = { 0 };
    call_begin(&call, CALL_HEALTH, host, module, &viewer_anonymous, arena);
    struct call_entered entered = call_enter(&call, UINT32_MAX, check->name);
    int state = check->check(&call.scope.context, message, sizeof message);
    call_leave(&call, &entered);
    arena_free(arena);
    message[sizeof message - 1] = '\0';
    if (state != PORTICO_HEALTHY && state != PORTICO_DEGRADED)
        state = PORTICO_FAILED;
    size_t length = strlen(message);
    if (!text_is_utf8(message, length))
        length = 0;
    static const char *const words[] = { "healthy", "degraded", "failed" };
    struct value *entry = list ? value_new(list->arena, PORTICO_OBJECT) : NULL;
    if (entry && value_append(list, entry) == 0) {
        value_set_text(entry, "module", module->id);
        value_set_text(entry, "check", check->name);
        value_set_text(entry, "state", words[state]);
        value_set(entry, TEXT("message"), value_text(list->arena, message, length));
    }
    return state;
}

int module_call_health(struct module_host *host, struct module *module, struct value *ret_list)
{
    const struct portico_list *checks = &module->descriptor->health_checks;
    int worst = PORTICO_HEALTHY;
    for (uint32_t i = 0; i < checks->count; i++) {
        const struct portico_health_check *check =
            (const struct portico_health_check *)checks->items + i;
        int state = run_check(host, module, check, ret_list);
        if (state > worst)
            worst = state;
    }
    return worst;
}
