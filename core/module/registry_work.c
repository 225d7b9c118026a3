/* What modules registered to be run by jobs processes: handlers of events, jobs, scenarios. */
#include "module/module.h"

#include "base/json.h"
#include "module/switch.h"

#include <string.h>

void registry_new_work(struct registry *registry)
{
    registry->listeners = g_array_new(FALSE, FALSE, sizeof(struct event_listener));
    registry->schedule = g_array_new(FALSE, FALSE, sizeof(struct schedule_entry));
    registry->scenarios = g_array_new(FALSE, FALSE, sizeof(struct scenario_entry));
}

void registry_free_work(struct registry *registry)
{
    g_array_free(registry->listeners, TRUE);
    g_array_free(registry->schedule, TRUE);
    g_array_free(registry->scenarios, TRUE);
}

static void add_event_types(struct registry *registry, struct module *module)
{
    const struct portico_event_type *types = module->descriptor->event_types.items;
    uint32_t count = module->descriptor->event_types.count;
    module->event_schemas = arena_zalloc(registry->arena, (count + 1) * sizeof(struct value *));
    for (uint32_t i = 0; module->event_schemas && i < count; i++) {
        struct value *schema = NULL;
        json_parse(registry->arena, types[i].data_schema, strlen(types[i].data_schema), &schema,
                   NULL);
        module->event_schemas[i] = schema;
    }
}

static void add_handlers(struct registry *registry, const struct module *module)
{
    const struct portico_event_handler *handlers = module->descriptor->event_handlers.items;
    for (uint32_t i = 0; i < module->descriptor->event_handlers.count; i++) {
        const struct event_listener listener = {
            .module = module->id,
            .name = handlers[i].name,
            .types = handlers[i].types,
            .attempts = handlers[i].attempts,
            .in_transaction = handlers[i].phase == PORTICO_IN_TRANSACTION,
            .data = (void *)(uintptr_t)&handlers[i],
        };
        g_array_append_val(registry->listeners, listener);
        if (listener.in_transaction)
            registry_add_switch(registry, arena_printf(registry->arena, "%s event %s", module->id,
                                                       handlers[i].name));
    }
}

/* A schedule that is wrong was reported when the descriptor was checked. */
static void add_jobs(struct registry *registry, const struct module *module)
{
    const struct portico_job_type *jobs = module->descriptor->jobs.items;
    for (uint32_t i = 0; i < module->descriptor->jobs.count; i++) {
        struct schedule_entry entry = {
            .module = module->id,
            .name = jobs[i].name,
            .text = jobs[i].schedule,
            .attempts = jobs[i].attempts,
        };
        if (entry.text && schedule_parse(entry.text, &entry.schedule, NULL) == 0)
            g_array_append_val(registry->schedule, entry);
    }
}

static void add_scenarios(struct registry *registry, const struct module *module)
{
    const struct portico_scenario *scenarios = module->descriptor->scenarios.items;
    for (uint32_t i = 0; i < module->descriptor->scenarios.count; i++) {
        const struct scenario_entry entry = {
            .module = module->id,
            .scenario = &scenarios[i],
            .steps = module->descriptor->scenario_steps.items,
            .step_count = module->descriptor->scenario_steps.count,
        };
        g_array_append_val(registry->scenarios, entry);
    }
}

/* The host follows scenarios as a listener of its own. */
static void listen_for_scenarios(struct registry *registry)
{
    size_t count;
    const struct scenario_entry *entries = registry_scenarios(registry, &count);
    const char *types = count ? scenario_types(entries, count, registry->arena) : NULL;
    const struct event_listener listener = {
        .module = "core",
        .name = SCENARIO_LISTENER,
        .types = types,
        .one_lane = true,
    };
    if (types && *types)
        g_array_append_val(registry->listeners, listener);
}

void registry_add_work(struct registry *registry)
{
    for (guint i = 0; i < registry->modules->len; i++) {
        struct module *module = registry->modules->pdata[i];
        add_event_types(registry, module);
        add_handlers(registry, module);
        add_jobs(registry, module);
        add_scenarios(registry, module);
    }
    listen_for_scenarios(registry);
}

const struct event_listener *registry_listeners(const struct registry *registry, size_t *ret_count)
{
    *ret_count = registry->listeners->len;
    return (const struct event_listener *)(void *)registry->listeners->data;
}

const struct schedule_entry *registry_schedule(const struct registry *registry, size_t *ret_count)
{
    *ret_count = registry->schedule->len;
    return (const struct schedule_entry *)(void *)registry->schedule->data;
}

const struct scenario_entry *registry_scenarios(const struct registry *registry, size_t *ret_count)
{
    *ret_count = registry->scenarios->len;
    return (const struct scenario_entry *)(void *)registry->scenarios->data;
}

const struct portico_job_type *registry_job(const struct registry *registry, const char *module,
                                            const char *name, struct module **ret_module)
{
    struct module *owner = registry_find(registry, module);
    const struct portico_job_type *jobs = owner ? owner->descriptor->jobs.items : NULL;
    for (uint32_t i = 0; owner && i < owner->descriptor->jobs.count; i++) {
        if (strcmp(jobs[i].name, name) != 0)
            continue;
        if (ret_module)
            *ret_module = owner;
        return &jobs[i];
    }
    return NULL;
}

const struct portico_event_handler *registry_handler(const struct registry *registry,
                                                     const char *module, const char *name,
                                                     struct module **ret_module)
{
    struct module *owner = registry_find(registry, module);
    const struct portico_event_handler *handlers =
        owner ? owner->descriptor->event_handlers.items : NULL;
    for (uint32_t i = 0; owner && i < owner->descriptor->event_handlers.count; i++) {
        if (handlers[i].phase == PORTICO_IN_TRANSACTION || strcmp(handlers[i].name, name) != 0)
            continue;
        if (ret_module)
            *ret_module = owner;
        return &handlers[i];
    }
    return NULL;
}

const struct value *module_event_schema(const struct module *module, const char *type)
{
    const struct portico_event_type *types = module->descriptor->event_types.items;
    for (uint32_t i = 0; module->event_schemas && i < module->descriptor->event_types.count; i++)
        if (strcmp(types[i].type, type) == 0)
            return module->event_schemas[i];
    return NULL;
}

uint32_t module_event_flags(const struct module *module, const char *type)
{
    const struct portico_event_type *types = module->descriptor->event_types.items;
    for (uint32_t i = 0; i < module->descriptor->event_types.count; i++)
        if (strcmp(types[i].type, type) == 0)
            return types[i].flags;
    return 0;
}
