/* The sense of a descriptor: everything that can be judged without running the module. */
#include "module/check.h"
#include "base/error.h"
#include "base/json.h"
#include "config/config.h"
#include "identity/identity.h"
#include "module/schema.h"
#include "module/uses.h"
#include "route/tree.h"

#include <stdio.h>

/* First path segments and ids that are the portal's own. */
static const char *const reserved[] = {
    "account", "admin",   "api",     "assets", "brand",  "core",   "healthz", "login",
    "logout",  "metrics", "portico", "readyz", "search", "static", "tmf-api",
};

bool descriptor_id_is_good(const char *id)
{
    size_t length = strlen(id);
    if (length == 0 || length > 40 || id[0] < 'a' || id[0] > 'z')
        return false;
    for (size_t i = 0; i < length; i++) {
        bool letter = (id[i] >= 'a' && id[i] <= 'z') || (id[i] >= '0' && id[i] <= '9');
        if (!letter && id[i] != '-')
            return false;
    }
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (strcmp(id, reserved[i]) == 0)
            return false;
    return true;
}

bool check_is_word(const char *text, const char *extra)
{
    for (const char *c = text; *c; c++)
        if (!((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || strchr(extra, *c)))
            return false;
    return *text >= 'a' && *text <= 'z' && strlen(text) <= 64;
}

/* "<prefix><id>" or something below it. */
static bool is_below(const char *path, const char *prefix, const char *id)
{
    size_t length = strlen(prefix), id_length = strlen(id);
    if (strncmp(path, prefix, length) != 0 || strncmp(path + length, id, id_length) != 0)
        return false;
    char next = path[length + id_length];
    return next == '\0' || next == '/' || next == '?' || next == '#';
}

/* Where a module's pages may lie: "/<id>" and below; the portal's own module has the portal's
 * places as well, which are nobody's id. */
static bool is_own_place(const struct portico_module *module, const char *path)
{
    static const char *const places[] = { "account", "admin", "login", "logout" };
    if (is_below(path, "/", module->id))
        return true;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (strcmp(module->id, CHECK_PORTAL) == 0 && is_below(path, "/", places[i]))
            return true;
    return false;
}

static bool is_known_permission(const struct portico_module *module, const char *permission)
{
    if (strcmp(permission, PORTICO_PUBLIC) == 0 || strcmp(permission, PORTICO_SIGNED_IN) == 0)
        return true;
    const struct portico_permission *own = module->permissions.items;
    for (uint32_t i = 0; i < module->permissions.count; i++)
        if (strcmp(own[i].name, permission) == 0)
            return true;
    return false;
}

static void check_permission(const struct portico_module *module, const char *what,
                             const char *permission, struct descriptor_report *report)
{
    if (!permission || !*permission)
        descriptor_say(report,
                       "%s states no permission: set .permission to PORTICO_PUBLIC, "
                       "PORTICO_SIGNED_IN or one of .permissions.",
                       what);
    else if (!is_known_permission(module, permission))
        descriptor_say(report,
                       "%s needs the permission \"%.80s\", which is not in .permissions: add it "
                       "there or correct the name.",
                       what, permission);
}

void check_schema(const char *what, const char *which, const char *schema,
                  struct descriptor_report *report)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct value *value = NULL;
    struct arena *arena = arena_new(0);
    if (!arena)
        return;
    int code = json_parse(arena, schema, strlen(schema), &value, &error);
    if (code == 0)
        code = schema_check(value, &error);
    if (code < 0)
        descriptor_say(report, "The %s schema of %c%s is wrong: %s", which,
                       what[0] == 'T' ? 't' : what[0], what + 1, error.message);
    arena_free(arena);
}

static void check_route(const struct portico_module *module, const struct portico_route *route,
                        struct descriptor_report *report)
{
    static const char *const methods[] = { "GET", "POST", "PUT", "PATCH", "DELETE" };
    struct portico_error error = PORTICO_ERROR_INIT;
    char what[160];
    snprintf(what, sizeof what, "The route %.16s %.120s", route->method, route->pattern);
    bool known = false;
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        known |= strcmp(methods[i], route->method) == 0;
    if (!known) {
        descriptor_say(report, "%s has none of the methods GET, POST, PUT, PATCH and DELETE.",
                       what);
        return;
    }
    if (route_tree_check(route->method, route->pattern, &error) < 0) {
        descriptor_say(report, "%s", error.message);
        return;
    }
    bool api = is_below(route->pattern, "/api/", module->id);
    if (!api && !is_own_place(module, route->pattern))
        descriptor_say(
            report,
            "%s lies outside /%s and /api/%s/, which are the module's places: move it there.", what,
            module->id, module->id);
    check_permission(module, what, route->permission, report);
    if (route->flags & PORTICO_ROUTE_OUTSIDE && route->permission &&
        strcmp(route->permission, PORTICO_PUBLIC) != 0)
        descriptor_say(report,
                       "%s takes requests from anywhere, as nobody who is signed in: set its "
                       ".permission to PORTICO_PUBLIC.",
                       what);
    if (route->flags & PORTICO_ROUTE_SITEMAP &&
        (strcmp(route->method, "GET") != 0 || strchr(route->pattern, '{') || !route->permission ||
         strcmp(route->permission, PORTICO_PUBLIC) != 0))
        descriptor_say(report,
                       "%s is named in /robots.txt as a sitemap: make it a GET without parameters "
                       "in its pattern, with PORTICO_PUBLIC as its .permission.",
                       what);
    if (route->flags & PORTICO_ROUTE_ALL_ACCOUNTS && strcmp(route->method, "GET") != 0)
        descriptor_say(report,
                       "%s changes something and cannot be a list of all accounts: leave "
                       "PORTICO_ROUTE_ALL_ACCOUNTS out.",
                       what);
    if (api && (!route->summary || !*route->summary))
        descriptor_say(report, "%s has no .summary, which an API route needs: add one line.", what);
    if (api && !route->response_schema && strcmp(route->method, "DELETE") != 0)
        descriptor_say(report, "%s has no .response_schema, which an API route needs: add it.",
                       what);
    if (route->request_schema)
        check_schema(what, "request", route->request_schema, report);
    if (route->response_schema)
        check_schema(what, "response", route->response_schema, report);
}

static void check_routes(const struct portico_module *module, struct descriptor_report *report)
{
    const struct portico_route *routes = module->routes.items;
    struct route_tree *tree = route_tree_new();
    for (uint32_t i = 0; tree && i < module->routes.count; i++) {
        unsigned before = report->count;
        check_route(module, &routes[i], report);
        struct portico_error error = PORTICO_ERROR_INIT;
        if (report->count == before && route_tree_add(tree, routes[i].method, routes[i].pattern,
                                                      tree, NULL, &error) == PORTICO_EEXIST)
            descriptor_say(report,
                           "The module registers %s %.200s twice, or under another "
                           "parameter name: remove one.",
                           routes[i].method, routes[i].pattern);
    }
    route_tree_free(tree);
}

static void check_holders(const struct portico_permission *permission,
                          struct descriptor_report *report)
{
    const uint64_t owners = IDENTITY_ADMIN | IDENTITY_MODERATOR | IDENTITY_STAFF;
    struct portico_error error = PORTICO_ERROR_INIT;
    uint64_t roles = 0;
    if (permission->roles && identity_roles_read(permission->roles, &roles, &error) < 0)
        descriptor_say(report, "The .roles of permission \"%.80s\": %s", permission->name,
                       error.message);
    if (permission->flags & ~(uint32_t)PORTICO_PERMISSION_OWNER)
        descriptor_say(report,
                       "The .flags of permission \"%.80s\" have bits that this portal does not "
                       "know: use enum portico_permission_flag.",
                       permission->name);
    if (permission->flags & PORTICO_PERMISSION_OWNER && roles & ~owners)
        descriptor_say(report,
                       "The permission \"%.80s\" is for the owner's roles alone, and \"%.80s\" "
                       "names others: leave \"staff moderator admin\" of them, or take "
                       "PORTICO_PERMISSION_OWNER away.",
                       permission->name, permission->roles);
}

static void check_permissions(const struct portico_module *module, struct descriptor_report *report)
{
    const struct portico_permission *permissions = module->permissions.items;
    size_t length = strlen(module->id);
    for (uint32_t i = 0; i < module->permissions.count; i++) {
        const char *name = permissions[i].name;
        if (strncmp(name, module->id, length) != 0 || name[length] != '.' ||
            !check_is_word(name + length + 1, "-_."))
            descriptor_say(report, "The permission \"%.80s\" is not named %s.<verb>: rename it.",
                           name, module->id);
        for (uint32_t other = 0; other < i; other++)
            if (strcmp(permissions[other].name, name) == 0)
                descriptor_say(report, "The permission \"%.80s\" is given twice: remove one.",
                               name);
        check_holders(&permissions[i], report);
    }
}

static void check_setting_value(const struct portico_setting *setting, const char *which,
                                const char *text, struct descriptor_report *report)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct config_value value;
    if (text && config_parse_value(setting, text, &value, &error) < 0)
        descriptor_say(report, "The %s of setting %s is wrong: %s", which, setting->key,
                       error.message);
}

static void check_settings(const struct portico_module *module, struct descriptor_report *report)
{
    const struct portico_setting *settings = module->settings.items;
    for (uint32_t i = 0; i < module->settings.count; i++) {
        const struct portico_setting *setting = &settings[i];
        if (!check_is_word(setting->key, "_") || strcmp(setting->key, "enabled") == 0 ||
            strcmp(setting->key, "path") == 0)
            descriptor_say(report,
                           "The setting \"%.80s\" is not lower-case words joined by \"_\", or is "
                           "a key of the portal: rename it.",
                           setting->key);
        for (uint32_t other = 0; other < i; other++)
            if (strcmp(settings[other].key, setting->key) == 0)
                descriptor_say(report, "The setting \"%.80s\" is given twice: remove one.",
                               setting->key);
        if (setting->type < PORTICO_SETTING_TEXT || setting->type > PORTICO_SETTING_SECRET) {
            descriptor_say(report,
                           "The setting %s has the type %u, which this portal does not know: use "
                           "an enum portico_setting_type.",
                           setting->key, setting->type);
            continue;
        }
        if (setting->type == PORTICO_SETTING_CHOICE && (!setting->choices || !*setting->choices))
            descriptor_say(report, "The setting %s is a choice without .choices: add them.",
                           setting->key);
        else if (setting->type == PORTICO_SETTING_SECRET && setting->initial)
            descriptor_say(report,
                           "The setting %s is a secret and cannot have a default: remove .initial.",
                           setting->key);
        else
            check_setting_value(setting, "default", setting->initial, report);
    }
}

static void check_others(const struct portico_module *module, struct descriptor_report *report)
{
    const struct portico_navigation *entries = module->navigation.items;
    for (uint32_t i = 0; i < module->navigation.count; i++) {
        char what[128];
        snprintf(what, sizeof what, "The navigation entry %.80s", entries[i].path);
        if (!is_own_place(module, entries[i].path))
            descriptor_say(report, "%s lies outside /%s: correct its path.", what, module->id);
        check_permission(module, what, entries[i].permission, report);
    }
    const struct portico_search_kind *kinds = module->search_kinds.items;
    for (uint32_t i = 0; i < module->search_kinds.count; i++)
        if (!check_is_word(kinds[i].kind, "-_"))
            descriptor_say(report, "The search kind \"%.80s\" is not a lower-case word: rename it.",
                           kinds[i].kind);
    const struct portico_importer *importers = module->importers.items;
    for (uint32_t i = 0; i < module->importers.count; i++)
        if (!check_is_word(importers[i].format, "-_"))
            descriptor_say(report,
                           "The import format \"%.80s\" is not a lower-case word: rename it.",
                           importers[i].format);
    const struct portico_health_check *checks = module->health_checks.items;
    for (uint32_t i = 0; i < module->health_checks.count; i++)
        if (!check_is_word(checks[i].name, "-_ "))
            descriptor_say(report, "The health check \"%.80s\" is not lower-case words: rename it.",
                           checks[i].name);
}

static void check_all(const struct portico_module *module, struct descriptor_report *report)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct uses uses;
    unsigned major, minor;
    if (!uses_parse_version(module->version, &major, &minor))
        descriptor_say(report, "Its version \"%.60s\" is not of the form 1.2.3: correct it.",
                       module->version);
    if (module->abi != PORTICO_ABI)
        descriptor_say(report,
                       "Its descriptor is for ABI %u, this portal has ABI %d: build it against "
                       "this portal's SDK.",
                       module->abi, PORTICO_ABI);
    if (uses_parse(module->uses, &uses, &error) < 0)
        descriptor_say(report, "%s", error.message);
    if (module->concurrency > PORTICO_SERIAL)
        descriptor_say(
            report, "Its .concurrency is neither PORTICO_REENTRANT nor PORTICO_SERIAL: use one.");
    check_routes(module, report);
    check_permissions(module, report);
    check_settings(module, report);
    check_others(module, report);
    check_events(module, report);
    check_commands(module, report);
    check_forms(module, report);
    check_scenarios(module, report);
    check_notices(module, report);
    check_facts(module, report);
    check_session_values(module, report);
    check_personal_hooks(module, report);
    check_hooks(module, report);
    check_services(module, report);
}

void descriptor_check(const struct portico_module *module, struct descriptor_report *report)
{
    if (descriptor_id_is_good(module->id))
        check_all(module, report);
    else
        descriptor_say(
            report,
            "Its id \"%.60s\" is not lower-case letters, digits and \"-\" (at most 40, a "
            "letter first), or is a name the portal keeps for itself.",
            module->id);
}

void descriptor_check_portal(const struct portico_module *module, struct descriptor_report *report)
{
    if (strcmp(module->id, CHECK_PORTAL) == 0)
        check_all(module, report);
    else
        descriptor_say(report, "The portal's own module has the id \"%.60s\": name it \"%s\".",
                       module->id, CHECK_PORTAL);
}
