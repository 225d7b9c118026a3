/* The locks of serial modules, so held that calls which nest never wait for each other in a circle.
 *
 * A call of a module may lead into other modules on the same thread: into handlers in the
 * transaction of its events, and into services it uses. It therefore takes the locks of all serial
 * modules it may reach at its beginning, in the order of the modules, before any database
 * transaction. What nests holds them already: the mutexes are recursive. */
#include "module/module.h"

#include <string.h>

void serial_init(struct module *module)
{
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&module->serial, &attributes);
    pthread_mutexattr_destroy(&attributes);
}

static bool uses_service_of(const struct module *module, const struct module *other)
{
    size_t length = strlen(other->id);
    for (unsigned i = 0; i < module->uses.count; i++) {
        const struct use *use = &module->uses.items[i];
        if (!use_is_interface(use) && strncmp(use->name, other->id, length) == 0 &&
            use->name[length] == '.')
            return true;
    }
    return false;
}

/* Whether a handler of `other` runs in the transaction of an event of `module`. */
static bool is_heard_by(const struct module *module, const struct module *other)
{
    const struct portico_event_type *types = module->descriptor->event_types.items;
    const struct portico_event_handler *handlers = other->descriptor->event_handlers.items;
    for (uint32_t h = 0; h < other->descriptor->event_handlers.count; h++)
        for (uint32_t t = 0; t < module->descriptor->event_types.count; t++)
            if (handlers[h].phase == PORTICO_IN_TRANSACTION &&
                event_matches(handlers[h].types, types[t].type))
                return true;
    return false;
}

static void reach(const struct registry *registry, const struct module *from, bool *reached)
{
    reached[from->index] = true;
    for (guint i = 0; i < registry->modules->len; i++) {
        const struct module *other = registry->modules->pdata[i];
        if (!reached[i] && (uses_service_of(from, other) || is_heard_by(from, other)))
            reach(registry, other, reached);
    }
}

void serial_plan(struct registry *registry)
{
    guint count = registry->modules->len;
    bool *reached = g_new0(bool, count + 1);
    for (guint i = 0; i < count; i++) {
        struct module *module = registry->modules->pdata[i];
        module->serials = arena_zalloc(registry->arena, (count + 1) * sizeof(struct module *));
        memset(reached, 0, count * sizeof *reached);
        reach(registry, module, reached);
        for (guint other = 0; module->serials && other < count; other++) {
            struct module *candidate = registry->modules->pdata[other];
            if (reached[other] && candidate->descriptor->concurrency == PORTICO_SERIAL)
                module->serials[module->serial_count++] = candidate;
        }
    }
    g_free(reached);
}

void serial_lock(struct module *module)
{
    for (unsigned i = 0; i < module->serial_count; i++)
        pthread_mutex_lock(&module->serials[i]->serial);
}

void serial_unlock(struct module *module)
{
    for (unsigned i = module->serial_count; i > 0; i--)
        pthread_mutex_unlock(&module->serials[i - 1]->serial);
}
