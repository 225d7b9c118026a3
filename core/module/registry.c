/* Everything the modules of one generation registered, each with its owner. */
#include "module/module.h"

#include "base/error.h"
#include "base/json.h"
#include "config/paths.h"
#include "identity/standing.h"
#include "module/check.h"
#include "module/form.h"
#include "module/hooks.h"
#include "module/loader.h"
#include "module/needs.h"
#include "module/outgoing.h"
#include "module/services.h"
#include "module/sign_in.h"

#include <sys/stat.h>

static bool roles_may(const struct viewer *viewer, const char *permission)
{
    if (viewer->held)
        return identity_holds(viewer->permissions, viewer->permission_count, viewer->held,
                              viewer->roles, permission);
    return identity_may(viewer->permissions, viewer->permission_count, viewer->roles, permission);
}

static const int64_t everyone[] = { IDENTITY_AUDIENCE_EVERYONE };
/* The permissions are those of the process's registry, once it has one. */
struct viewer viewer_anonymous = {
    .rows = { .audiences = everyone, .audience_count = 1 },
    .may = roles_may,
    .roles = IDENTITY_EVERYONE,
};

void registry_declare(const struct registry *registry, struct identity *identity)
{
    identity_declare(identity, (const struct identity_permission *)(void *)registry->rights->data,
                     registry->rights->len);
}

void registry_stand(const struct registry *registry, const struct identity_standing *standing,
                    struct viewer *viewer)
{
    registry_viewer(registry, standing->roles, viewer);
    viewer->account = standing->account;
    viewer->account_name = standing->name;
    viewer->number = standing->number;
    viewer->until = standing->until;
    viewer->rows.person = viewer->person;
    viewer->rows.audiences = standing->audiences;
    viewer->rows.audience_count = standing->audience_count;
    viewer->rows.every_account = standing->every_account;
    viewer->held = standing->held;
    viewer->through = standing->through;
    viewer->through_name = standing->through_name;
    viewer->entered = standing->entered;
    viewer->rows.looks = standing->entered;
}

void registry_viewer(const struct registry *registry, uint64_t roles, struct viewer *viewer)
{
    viewer->roles = roles;
    viewer->rows.person = viewer->person;
    viewer->rows.audiences = identity_audiences(roles, &viewer->rows.audience_count);
    viewer->permissions = (const struct identity_permission *)(void *)registry->rights->data;
    viewer->permission_count = registry->rights->len;
    viewer->may = roles_may;
}

static bool host_may(const struct viewer *viewer, const char *permission)
{
    (void)viewer;
    (void)permission;
    return true;
}

const struct viewer viewer_host = {
    .rows = { .audiences = everyone, .audience_count = 1, .all = true },
    .may = host_may,
};

bool viewer_looks(const struct viewer *viewer)
{
    return viewer->entered || viewer->asker || viewer->look_over;
}

bool viewer_may(const struct viewer *viewer, const char *permission)
{
    if (!permission)
        return false;
    if (strcmp(permission, PORTICO_PUBLIC) == 0)
        return true;
    if (strcmp(permission, PORTICO_SIGNED_IN) == 0)
        return viewer->person != 0;
    return viewer->may && viewer->may(viewer, permission);
}

/* Problems of one module, added to the config's list at its section. */
struct complaint {
    struct config *config;
    const char *section, *file;
};

static void complain(const char *sentence, void *data)
{
    const struct complaint *complaint = data;
    config_add_problem(complaint->config, complaint->section, NULL, "%s: %s", complaint->file,
                       sentence);
}

static void complain_about_template(const char *sentence, void *data)
{
    const struct complaint *complaint = data;
    config_add_problem(complaint->config, complaint->section, NULL, "%s", sentence);
}

static void free_module(void *data)
{
    struct module *module = data;
    pthread_mutex_destroy(&module->serial);
}

static char *find_directory(const struct registry_options *options,
                            const struct config_module *wanted)
{
    if (wanted->path)
        return g_canonicalize_filename(wanted->path, NULL);
    for (size_t i = 0; options->directories && options->directories[i]; i++) {
        char *directory = g_build_filename(options->directories[i], wanted->name, NULL);
        if (g_file_test(directory, G_FILE_TEST_IS_DIR)) {
            char *absolute = g_canonicalize_filename(directory, NULL);
            g_free(directory);
            return absolute;
        }
        g_free(directory);
    }
    return NULL;
}

static void say_not_found(const struct registry_options *options,
                          const struct config_module *wanted, const char *section)
{
    GString *places = g_string_new(NULL);
    for (size_t i = 0; options->directories && options->directories[i]; i++)
        g_string_append_printf(places, "%s%s", i ? ", " : "", options->directories[i]);
    config_add_problem(
        options->config, section, NULL,
        "The module %s is enabled but was found in none of: %s. Install it, set `path`, "
        "or write `enabled = false`.",
        wanted->name, places->str);
    g_string_free(places, TRUE);
}

/* Directory, file and descriptor of one enabled module; added to the registry if all is well. */
static void open_module(struct registry *registry, const struct registry_options *options,
                        const struct config_module *wanted)
{
    char *section = arena_printf(registry->arena, "module %s", wanted->name);
    if (strcmp(wanted->name, CHECK_PORTAL) == 0) {
        config_add_problem(options->config, section, NULL,
                           "The module portico is the portal itself, which is always on: remove "
                           "its section.");
        return;
    }
    char *found = find_directory(options, wanted);
    if (!found) {
        say_not_found(options, wanted, section);
        return;
    }
    const char *directory = arena_strdup(registry->arena, found);
    g_free(found);
    const char *file = arena_printf(registry->arena, "%s/%s.so", directory, wanted->name);
    struct complaint complaint = { options->config, section, file };
    struct descriptor_report report = { complain, &complaint, 0 };
    const struct loader_options loading = {
        .directory = directory,
        .id = wanted->name,
        .cache_directory = options->cache_directory,
        .inspect_only = options->inspect_only,
    };
    struct portico_module *descriptor = arena_zalloc(registry->arena, sizeof *descriptor);
    struct module *module = arena_zalloc(registry->arena, sizeof *module);
    if (!descriptor || !module || !loader_open(&loading, registry->arena, descriptor, &report))
        return;
    module->registry = registry;
    module->id = descriptor->id;
    module->version = descriptor->version;
    module->directory = directory;
    module->descriptor = descriptor;
    uses_parse(descriptor->uses, &module->uses, NULL);
    serial_init(module);
    arena_defer(registry->arena, free_module, module);
    g_ptr_array_add(registry->modules, module);
}

/* The portal's own: checked as others are, for whoever writes it. */
static void open_portal(struct registry *registry, const struct portico_module *given)
{
    struct complaint complaint = { registry->config, NULL, "the portal itself" };
    struct descriptor_report report = { complain, &complaint, 0 };
    struct portico_module *descriptor = arena_zalloc(registry->arena, sizeof *descriptor);
    struct module *module = arena_zalloc(registry->arena, sizeof *module);
    if (!descriptor || !module || !descriptor_copy(given, registry->arena, descriptor, &report))
        return;
    descriptor_check_portal(descriptor, &report);
    if (report.count)
        return;
    *module = (struct module){ .registry = registry,
                               .id = descriptor->id,
                               .version = descriptor->version,
                               .directory = paths_share_directory(),
                               .built_in = true,
                               .descriptor = descriptor };
    uses_parse(descriptor->uses, &module->uses, NULL);
    serial_init(module);
    arena_defer(registry->arena, free_module, module);
    g_ptr_array_add(registry->modules, module);
}

static struct module *find(GPtrArray *modules, const char *id)
{
    for (guint i = 0; i < modules->len; i++)
        if (strcmp(((struct module *)modules->pdata[i])->id, id) == 0)
            return modules->pdata[i];
    return NULL;
}

static void add_route(struct registry *registry, struct module *module,
                      const struct portico_route *given)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct module_route *route = arena_zalloc(registry->arena, sizeof *route);
    void *other = NULL;
    if (!route)
        return;
    route->owner = module;
    route->route = *given;
    route->label =
        arena_printf(registry->arena, "%s %s %s", module->id, given->method, given->pattern);
    route->index = registry->routes->len;
    int code = route_tree_add(registry->tree, given->method, given->pattern, route, &other, &error);
    if (code < 0) {
        const struct module_route *first = other;
        config_add_problem(registry->config, arena_printf(registry->arena, "module %s", module->id),
                           NULL, "The module %s registers %s %s: %s%s%s%s", module->id,
                           given->method, given->pattern, error.message,
                           first ? " It belongs to the module " : "", first ? first->owner->id : "",
                           first ? "; disable one of the two." : "");
        return;
    }
    struct value *schema = NULL;
    bool api = strncmp(given->pattern, "/api/", 5) == 0;
    if (given->form && api)
        route->route.request_schema = form_schema(registry->arena, module->descriptor, given->form);
    const char *text = route->route.request_schema;
    if (text)
        json_parse(registry->arena, text, strlen(text), &schema, NULL);
    g_ptr_array_add(registry->routes, route);
    g_ptr_array_add(registry->schemas, schema);
}

/* The value of each setting: as configured, else its default. */
static void read_settings(struct registry *registry, struct module *module)
{
    const struct portico_setting *settings = module->descriptor->settings.items;
    uint32_t count = module->descriptor->settings.count;
    config_check_module(registry->config, module->id, settings, count);
    module->settings = arena_zalloc(registry->arena, (count + 1) * sizeof *module->settings);
    for (uint32_t i = 0; module->settings && i < count; i++) {
        const char *text = config_module_text(registry->config, module->id, settings[i].key);
        if (!text)
            text = settings[i].initial;
        struct config_value value = { 0 };
        if (!text || config_parse_value(&settings[i], text, &value, NULL) < 0)
            continue;
        module->settings[i] = value;
        module->settings[i].text = value.text ? arena_strdup(registry->arena, value.text) : NULL;
    }
}

static void add_pages(struct registry *registry, struct module *module)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct complaint complaint = { registry->config,
                                   arena_printf(registry->arena, "module %s", module->id),
                                   module->directory };
    size_t before = config_problem_count(registry->config);
    if (registry->pages &&
        page_set_add(registry->pages, module->id, module->directory, complain_about_template,
                     &complaint, &error) < 0 &&
        config_problem_count(registry->config) == before)
        complain(error.message, &complaint);
}

/* What one module offers, into the shared tables. */
static void register_module(struct registry *registry, struct module *module)
{
    const struct portico_module *descriptor = module->descriptor;
    const struct portico_route *routes = descriptor->routes.items;
    for (uint32_t i = 0; i < descriptor->routes.count; i++)
        add_route(registry, module, &routes[i]);
    const struct portico_permission *permissions = descriptor->permissions.items;
    for (uint32_t i = 0; i < descriptor->permissions.count; i++) {
        struct identity_permission right = {
            .name = permissions[i].name,
            .owner = permissions[i].flags & PORTICO_PERMISSION_OWNER,
        };
        if (permissions[i].roles) /* checked with the descriptor */
            identity_roles_read(permissions[i].roles, &right.roles, NULL);
        g_hash_table_insert(registry->permissions, (gpointer)(uintptr_t)permissions[i].name,
                            module);
        g_array_append_val(registry->rights, right);
    }
    const struct portico_navigation *navigation = descriptor->navigation.items;
    for (uint32_t i = 0; i < descriptor->navigation.count; i++) {
        const struct registry_navigation entry = { module, &navigation[i] };
        g_array_append_val(registry->navigation, entry);
    }
    read_settings(registry, module);
    if (!module->built_in) /* else they are there already, as the portal's own */
        add_pages(registry, module);
}

/* An inspection has no pages of a running portal: templates are compiled against a set of its own.
 */
static void make_own_pages(struct registry *registry)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const struct page_options options = {
        .core_directory = paths_share_directory(),
        .brand_directory = config_brand_directory(registry->config),
    };
    registry->own_pages = page_set_new(&options, &error);
    registry->pages = registry->own_pages;
    if (!registry->own_pages)
        config_add_problem(registry->config, NULL, NULL, "%s", error.message);
}

static gint compare_rights(gconstpointer left, gconstpointer right)
{
    const struct identity_permission *a = left, *b = right;
    return strcmp(a->name, b->name);
}

int registry_new(const struct registry_options *options, struct registry **ret_registry,
                 struct portico_error *error)
{
    struct arena *arena = arena_new(65536);
    struct registry *registry = arena ? arena_zalloc(arena, sizeof *registry) : NULL;
    if (!registry) {
        arena_free(arena);
        return error_set(error, PORTICO_ENOMEM, "Memory ended while modules were loaded.");
    }
    registry->arena = arena;
    registry->config = options->config;
    registry->store = options->store;
    registry->pages = options->pages;
    registry->inspect_only = options->inspect_only;
    registry->modules = g_ptr_array_new();
    registry->routes = g_ptr_array_new();
    registry->schemas = g_ptr_array_new();
    registry_new_work(registry);
    registry->hooks = g_ptr_array_new();
    registry->methods = g_hash_table_new(g_str_hash, g_str_equal);
    registry->switches = g_hash_table_new(g_str_hash, g_str_equal);
    registry->permissions = g_hash_table_new(g_str_hash, g_str_equal);
    registry->rights = g_array_new(FALSE, FALSE, sizeof(struct identity_permission));
    registry->navigation = g_array_new(FALSE, FALSE, sizeof(struct registry_navigation));
    registry->frames = frame_store_new();
    registry->tree = route_tree_new();
    size_t before = config_problem_count(options->config);
    if (options->portal)
        open_portal(registry, options->portal);
    for (size_t i = 0; i < config_module_count(options->config); i++)
        if (config_module_at(options->config, i)->enabled)
            open_module(registry, options, config_module_at(options->config, i));
    if (options->inspect_only && !options->pages)
        make_own_pages(registry);
    needs_order(registry);
    for (guint i = 0; i < registry->modules->len; i++)
        register_module(registry, registry->modules->pdata[i]);
    registry_add_hooks(registry);
    registry_add_services(registry);
    registry_check_sign_in(registry);
    registry_add_work(registry);
    serial_plan(registry);
    g_array_sort(registry->rights, compare_rights);
    size_t found = config_problem_count(options->config) - before;
    if (found > 0 && !(options->inspect_only && options->keep_sound)) {
        registry_free(registry);
        return error_set(error, PORTICO_EINVAL,
                         "%zu problem%s with the modules: run `portico check` to see %s.", found,
                         found == 1 ? "" : "s", found == 1 ? "it" : "all");
    }
    if (!options->inspect_only)
        registry_viewer(registry, IDENTITY_EVERYONE, &viewer_anonymous);
    *ret_registry = registry;
    return PORTICO_OK;
}

int registry_start(struct registry *registry, struct module_host *host, struct portico_error *error)
{
    int opened = outgoing_open(registry, host, error);
    if (opened < 0)
        return opened;
    sign_in_use_verifiers(host);
    for (guint i = 0; i < registry->modules->len; i++) {
        struct module *module = registry->modules->pdata[i];
        int code = module_call_start(host, module, error);
        if (code < 0) {
            error_prefix(error, "The module %s could not start: ", module->id);
            registry_stop(registry, host);
            return code;
        }
        module->started = true;
    }
    return PORTICO_OK;
}

void registry_stop(struct registry *registry, struct module_host *host)
{
    for (guint i = registry->modules->len; i > 0; i--) {
        struct module *module = registry->modules->pdata[i - 1];
        if (module->started)
            module_call_stop(host, module);
        module->started = false;
    }
    outgoing_close(host);
}

void registry_free(struct registry *registry)
{
    if (!registry)
        return;
    g_ptr_array_free(registry->modules, TRUE);
    g_ptr_array_free(registry->routes, TRUE);
    g_ptr_array_free(registry->schemas, TRUE);
    registry_free_work(registry);
    g_ptr_array_free(registry->hooks, TRUE);
    g_hash_table_destroy(registry->methods);
    g_hash_table_destroy(registry->switches);
    g_hash_table_destroy(registry->permissions);
    if (viewer_anonymous.permissions == (const void *)registry->rights->data)
        viewer_anonymous.permission_count = 0;
    g_array_free(registry->rights, TRUE);
    g_array_free(registry->navigation, TRUE);
    frame_store_free(registry->frames);
    route_tree_free(registry->tree);
    page_set_free(registry->own_pages);
    arena_free(registry->arena);
}

const struct route_tree *registry_routes(const struct registry *registry)
{
    return registry->tree;
}

size_t registry_route_count(const struct registry *registry)
{
    return registry->routes->len;
}

struct module_route *registry_route_at(const struct registry *registry, size_t index)
{
    return index < registry->routes->len ? registry->routes->pdata[index] : NULL;
}

const struct value *registry_request_schema(const struct registry *registry,
                                            const struct module_route *route)
{
    return registry->schemas->pdata[route->index];
}

size_t registry_module_count(const struct registry *registry)
{
    return registry->modules->len;
}

struct module *registry_module_at(const struct registry *registry, size_t index)
{
    return index < registry->modules->len ? registry->modules->pdata[index] : NULL;
}

struct module *registry_find(const struct registry *registry, const char *id)
{
    return find(registry->modules, id);
}

const char *module_id(const struct module *module)
{
    return module->id;
}

const char *module_version(const struct module *module)
{
    return module->version;
}

const char *module_directory(const struct module *module)
{
    return module->directory;
}

bool module_is_built_in(const struct module *module)
{
    return module->built_in;
}

const struct portico_module *module_descriptor(const struct module *module)
{
    return module->descriptor;
}
