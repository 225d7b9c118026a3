#include "module/needs.h"

static struct module *find(const GPtrArray *modules, const char *id)
{
    for (guint i = 0; i < modules->len; i++)
        if (strcmp(((struct module *)modules->pdata[i])->id, id) == 0)
            return modules->pdata[i];
    return NULL;
}

/* The module a use speaks of, in whatever version; NULL: not enabled, or the host's own. */
static struct module *module_of(const GPtrArray *modules, const struct use *use)
{
    char id[USES_NAME_MAX + 1];
    use_module(use, id);
    return find(modules, id);
}

static const struct portico_service *service_of(const struct module *module, const char *name)
{
    const struct portico_service *services = module->descriptor->services.items;
    for (uint32_t i = 0; i < module->descriptor->services.count; i++)
        if (strcmp(services[i].name, name) == 0)
            return &services[i];
    return NULL;
}

static bool version_fits(const struct use *use, const char *version)
{
    unsigned major, minor;
    return uses_parse_version(version, &major, &minor) && use_fits(use, major, minor);
}

struct module *needs_provider(const struct registry *registry, const struct use *use,
                              const struct portico_service **ret_service)
{
    struct module *module = module_of(registry->modules, use);
    const struct portico_service *service =
        module && use_is_service(use) ? service_of(module, use->name) : NULL;
    if (!module || (use_is_service(use) && !service) ||
        !version_fits(use, service ? service->version : module->version))
        return NULL;
    *ret_service = service;
    return module;
}

/* ---- what is missing ---- */

/* What to do about a module or service that is there in another version. */
static const char *advice(struct arena *arena, const struct use *use, const char *version,
                          const struct module *user, const char *provider)
{
    unsigned major, minor;
    if (uses_parse_version(version, &major, &minor) && major > use->major)
        return arena_printf(arena, "install a newer version of %s or an older one of %s", user->id,
                            provider);
    return arena_printf(arena, "install a newer version of %s", provider);
}

static void check_need(struct registry *registry, const struct module *user, const struct use *use)
{
    struct arena *arena = registry->arena;
    const struct portico_service *service = NULL;
    if (use_is_interface(use) || use->optional || needs_provider(registry, use, &service))
        return;
    const struct module *other = module_of(registry->modules, use);
    char id[USES_NAME_MAX + 1];
    use_module(use, id);
    const char *file = arena_printf(arena, "%s/%s.so", user->directory, user->id);
    const char *kind = use_is_service(use) ? "service" : "module";
    const char *need = arena_printf(arena, "%s: It needs the %s %s %u.%u", file, kind, use->name,
                                    use->major, use->minor);
    const char *section = arena_printf(arena, "module %s", user->id);
    service = other && use_is_service(use) ? service_of(other, use->name) : NULL;
    if (!other) {
        config_add_problem(registry->config, section, NULL,
                           "%s, but the module %s is not enabled: write [module %s] with `enabled "
                           "= true`, or disable %s.",
                           need, id, id, user->id);
        return;
    }
    const char *theirs = arena_printf(arena, "%s/%s.so", other->directory, other->id);
    if (use_is_service(use) && !service)
        config_add_problem(registry->config, section, NULL,
                           "%s, but %s (%s %s) offers no such service: %s.", need, theirs,
                           other->id, other->version,
                           arena_printf(arena, "install a version of %s that does", other->id));
    else
        config_add_problem(
            registry->config, section, NULL, "%s, %s %s %s: %s.", need, theirs,
            service ? "offers" : "is", service ? service->version : other->version,
            advice(arena, use, service ? service->version : other->version, user, other->id));
}

/* ---- order ---- */

/* A module that this one uses and that is not in `ordered` yet; NULL: it may come next. */
static struct module *find_missing(const struct registry *registry, const GPtrArray *ordered,
                                   const struct module *module)
{
    for (unsigned i = 0; i < module->uses.count; i++) {
        struct module *other = module_of(registry->modules, &module->uses.items[i]);
        if (other && !find(ordered, other->id))
            return other;
    }
    return NULL;
}

static const char *file_of(const struct registry *registry, const struct module *module)
{
    return arena_printf(registry->arena, "%s/%s.so", module->directory, module->id);
}

/* Each module left waits for another: following them long enough ends on the circle itself. */
static void say_circle(const struct registry *registry, const GPtrArray *ordered)
{
    struct module *at = NULL;
    for (guint i = 0; i < registry->modules->len && !at; i++)
        if (!find(ordered, ((struct module *)registry->modules->pdata[i])->id))
            at = registry->modules->pdata[i];
    for (guint i = 0; at && i < registry->modules->len; i++)
        at = find_missing(registry, ordered, at);
    struct module *next = at ? find_missing(registry, ordered, at) : NULL;
    if (!next)
        return;
    config_add_problem(registry->config, arena_printf(registry->arena, "module %s", at->id), NULL,
                       next == at
                           ? "%s: It uses what itself offers, %s: take that out of its uses."
                           : "%s: It needs %s, and that needs it, by itself or through others: "
                             "modules need each other in a circle, so none can start first. "
                             "Disable one of them.",
                       file_of(registry, at), next == at ? at->id : file_of(registry, next));
}

void needs_order(struct registry *registry)
{
    GPtrArray *modules = registry->modules, *ordered = g_ptr_array_new();
    size_t before = config_problem_count(registry->config);
    for (guint i = 0; i < modules->len; i++) {
        const struct module *module = modules->pdata[i];
        for (unsigned n = 0; n < module->uses.count; n++)
            check_need(registry, module, &module->uses.items[n]);
    }
    bool moved = config_problem_count(registry->config) == before;
    while (moved && ordered->len < modules->len) {
        moved = false;
        for (guint i = 0; i < modules->len; i++) {
            struct module *module = modules->pdata[i];
            if (find(ordered, module->id) || find_missing(registry, ordered, module))
                continue;
            g_ptr_array_add(ordered, module);
            moved = true;
        }
    }
    if (ordered->len == modules->len) {
        registry->modules = ordered;
        ordered = modules;
    } else if (config_problem_count(registry->config) == before) {
        say_circle(registry, ordered);
    }
    g_ptr_array_free(ordered, TRUE);
    for (guint i = 0; i < registry->modules->len; i++)
        ((struct module *)registry->modules->pdata[i])->index = i;
}
