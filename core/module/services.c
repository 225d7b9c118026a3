#include "module/services.h"

#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "base/value_copy.h"
#include "module/call.h"
#include "module/needs.h"
#include "module/schema.h"
#include "module/switch.h"

#define CALL_ARENA 16384

/* ---- registration ---- */

/* The checks of the descriptor have parsed it once already. */
static const struct value *parse(struct arena *arena, const char *schema)
{
    struct value *value = NULL;
    return json_parse(arena, schema, strlen(schema), &value, NULL) == 0 ? value : NULL;
}

static void add_method(struct registry *registry, struct module *module,
                       const struct portico_method *given)
{
    struct arena *arena = registry->arena;
    struct module_method *method = arena_zalloc(arena, sizeof *method);
    char *key = arena_printf(arena, "%s/%s", given->service, given->name);
    char *label = arena_printf(arena, "%s method %s", module->id, key);
    if (!method || !key || !label) {
        log_error("Memory ended: the method %s of the service %s, which module %s provides, is "
                  "missing until the portal is started again.",
                  given->name, given->service, module->id);
        return;
    }
    method->owner = module;
    method->method = given;
    method->label = label;
    method->off = registry_add_switch(registry, label);
    method->request_schema = parse(arena, given->request_schema);
    method->response_schema = parse(arena, given->response_schema);
    g_hash_table_insert(registry->methods, key, method);
}

void registry_add_services(struct registry *registry)
{
    for (guint i = 0; i < registry->modules->len; i++) {
        struct module *module = registry->modules->pdata[i];
        const struct portico_method *given = module->descriptor->methods.items;
        for (uint32_t n = 0; n < module->descriptor->methods.count; n++)
            add_method(registry, module, &given[n]);
    }
}

/* ---- the way in ---- */

bool services_offered(const struct scope *scope, const char *service)
{
    const struct module *caller = scope->call->module;
    const struct use *use = service ? uses_find(&caller->uses, service) : NULL;
    const struct portico_service *offered = NULL;
    return use && use_is_service(use) && needs_provider(caller->registry, use, &offered);
}

/* 0, or why this call must not be made: in a transaction it would hold up all writers while it
 * waits. */
static int check_caller(const struct scope *scope, const char *service, struct portico_error *error)
{
    struct call *call = scope->call;
    const struct use *use = uses_find(&call->module->uses, service);
    const struct portico_service *offered = NULL;
    if (!use || !use_is_service(use))
        return error_set(error, PORTICO_EPERM,
                         "The module %s called the service %s, which is not in its uses: add it to "
                         "PORTICO_MODULE_USES.",
                         call->module->id, service);
    if (!needs_provider(call->module->registry, use, &offered))
        return error_set(error, PORTICO_ENOTSUP,
                         "No enabled module offers the service %s %u.%u: ask portico_offers before "
                         "the call.",
                         service, use->major, use->minor);
    if (call_transaction(call))
        return error_set(error, PORTICO_EPERM,
                         "The service %s was called in an open transaction: call before "
                         "portico_begin or after portico_commit, for a transaction must not "
                         "wait.",
                         service);
    if (call->depth >= SERVICE_DEPTH_MAX)
        return error_set(error, PORTICO_ELIMIT,
                         "The service %s was called %d calls deep, and no more are allowed.",
                         service, SERVICE_DEPTH_MAX);
    return PORTICO_OK;
}

static int check_result(const struct module_host *host, const struct module_method *method,
                        const struct value *result, struct portico_error *error)
{
    struct portico_error why = PORTICO_ERROR_INIT;
    if (!result || result->kind != PORTICO_OBJECT)
        return error_set(error, PORTICO_EFAULT, "%s returned no object.", method->label);
    bool checked = host->development || host->check_results;
    if (!checked || schema_validate(method->response_schema, result, &why) == 0)
        return PORTICO_OK;
    log_error("What %s returned does not fit its response schema: %s", method->label, why.message);
    return error_set(error, PORTICO_EFAULT, "What %s returned does not fit its response schema: %s",
                     method->label, why.message);
}

/* As the provider's own: memory, session, settings and state are its, viewer and language the
 * caller's. */
static int run(const struct scope *scope, const struct module_method *method,
               const struct value *arguments, struct value **ret_result,
               struct portico_error *error)
{
    struct call *outer = scope->call;
    struct arena *arena = arena_new(CALL_ARENA);
    if (!arena)
        return error_set(error, PORTICO_ENOMEM, "Memory ended before %s was called.",
                         method->label);
    /* In a job: what the method changes counts as the job's, and only while that has its lease. */
    struct call call = { .label = method->label,
                         .depth = outer->depth + 1,
                         .job = outer->job,
                         .around = outer->exchange ? &outer->exchange->response : outer->around };
    call_begin(&call, CALL_METHOD, outer->host, method->owner, outer->viewer, arena);
    call.locale = outer->locale;
    call.now = outer->now;
    struct portico_error why = PORTICO_ERROR_INIT;
    struct portico_value *returned = NULL;
    struct call_entered entered = call_enter(&call, UINT32_MAX, method->label);
    int code = method->method->call(&call.scope.context, value_public(arguments), &returned, &why);
    call_leave(&call, &entered);
    struct value *result = NULL;
    if (code < 0) {
        why.message[sizeof why.message - 1] = '\0';
        error_set(error, code, "%s", why.message[0] ? why.message : error_name(code));
    } else {
        code = check_result(outer->host, method, returned ? value_of(returned) : NULL, error);
    }
    if (code >= 0 && !(result = value_copy(scope->arena, value_of(returned))))
        code = error_set(error, PORTICO_ENOMEM, "Memory ended while the result of %s was copied.",
                         method->label);
    arena_free(arena);
    if (code < 0)
        return code;
    *ret_result = result;
    return PORTICO_OK;
}

int services_call_method(struct scope *scope, struct module_method *method,
                         const struct value *arguments, struct value **ret_result,
                         struct portico_error *error)
{
    struct value *empty = arguments ? NULL : value_new(scope->arena, PORTICO_OBJECT);
    struct portico_error why = PORTICO_ERROR_INIT;
    if (!arguments && !(arguments = empty))
        return error_set(error, PORTICO_ENOMEM, "Memory ended before %s was called.",
                         method->label);
    if (schema_validate(method->request_schema, arguments, &why) < 0)
        return error_set(error, PORTICO_EINVAL, "The argument of %s does not fit: %s",
                         method->label, why.message);
    bool trying;
    if (!switch_allows(method->off, &trying))
        return error_set(error, PORTICO_EBUSY,
                         "%s crashed repeatedly and is switched off for a while; it is tried again "
                         "by itself.",
                         method->label);
    int code = run(scope, method, arguments, ret_result, error);
    switch_returned(method->owner->registry, method->off, trying);
    return code;
}

int services_call(struct scope *scope, const char *service, const char *name,
                  const struct value *arguments, struct value **ret_result,
                  struct portico_error *error)
{
    if (!service || !name || !ret_result)
        return error_set(error, PORTICO_EINVAL,
                         "portico_call needs a service, a method and a place for the result.");
    int code = check_caller(scope, service, error);
    if (code < 0)
        return code;
    char *key = arena_printf(scope->arena, "%s/%s", service, name);
    const struct registry *registry = scope->call->module->registry;
    struct module_method *method = key ? g_hash_table_lookup(registry->methods, key) : NULL;
    if (!method)
        return error_set(error, PORTICO_EINVAL,
                         "The service %s has no method %s: look at `portico module inspect`.",
                         service, name);
    return services_call_method(scope, method, arguments, ret_result, error);
}
