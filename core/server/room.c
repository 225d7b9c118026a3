#include "server/room.h"

#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "config/paths.h"
#include "page/content.h"
#include "portal/portal.h"
#include "server/control.h"

#include <glib.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void report_problems(const struct config *config, struct buffer *report)
{
    for (size_t i = 0; i < config_problem_count(config); i++) {
        const struct config_problem *problem = config_problem_at(config, i);
        buffer_append_text(report, problem->file);
        if (problem->line)
            buffer_printf(report, ":%u", problem->line);
        buffer_printf(report, ": %s\n", problem->message);
    }
}

/* The file's members under "assets" in the frame: "portico.css" to the URL of its hashed name. */
static int read_manifest(struct room *room, const char *directory, struct value *portal,
                         struct portico_error *error)
{
    char *path = g_build_filename(directory, "manifest.json", NULL);
    char *text = NULL;
    gsize length = 0;
    struct value *manifest = NULL, *assets = value_new(room->arena, PORTICO_OBJECT);
    int code = 0;
    if (!g_file_get_contents(path, &text, &length, NULL))
        log_warning("There is no %s: pages come without style. Build the front end.", path);
    else
        code = json_parse(room->arena, text, length, &manifest, error);
    for (size_t i = 0; code == 0 && assets && i < portico_count(value_public(manifest)); i++) {
        const char *name = portico_key_at(value_public(manifest), i);
        const char *hashed = portico_get_text(value_public(manifest), name, name);
        value_set_text(assets, name, arena_printf(room->arena, "/assets/%s", hashed));
    }
    if (code < 0)
        error_prefix(error, "%s: ", path);
    g_free(path);
    g_free(text);
    return code < 0 ? code : value_set(portal, TEXT("assets"), assets);
}

static int make_portal(struct room *room, const char *web, struct portico_error *error)
{
    room->arena = arena_new(0);
    struct value *portal = room->arena ? value_new(room->arena, PORTICO_OBJECT) : NULL;
    struct value *brand = portal ? value_new(room->arena, PORTICO_OBJECT) : NULL;
    if (!brand)
        return error_set(error, PORTICO_ENOMEM, "There is no memory for the page frame.");
    value_set_text(brand, "name", room->settings.name);
    value_set(portal, TEXT("brand"), brand);
    value_set_text(portal, "url", room->settings.canonical_url);
    value_set_boolean(portal, "development", room->settings.development);
    room->host.portal = portal;
    return read_manifest(room, web, portal, error);
}

/* `directory`/`name` at `prefix`, if it is there. */
static int add_files(struct room *room, const char *prefix, const char *directory,
                     struct portico_error *error)
{
    return g_file_test(directory, G_FILE_TEST_IS_DIR)
               ? http_files_add(room->files, prefix, directory, error)
               : 0;
}

static int open_files(struct room *room, const char *web, struct portico_error *error)
{
    room->files = http_files_new();
    if (!room->files)
        return error_set(error, PORTICO_ENOMEM, "There is no memory for the static files.");
    int code = add_files(room, "/assets/", web, error);
    for (size_t i = 0; code == 0 && i < registry_module_count(room->registry); i++) {
        const struct module *module = registry_module_at(room->registry, i);
        if (module_is_built_in(module))
            continue;
        char *prefix = g_strdup_printf("/assets/%s/", module_id(module));
        char *directory = g_build_filename(module_directory(module), "assets", NULL);
        code = add_files(room, prefix, directory, error);
        g_free(prefix);
        g_free(directory);
    }
    return code;
}

#define CONTROL_PATIENCE 60 /* s */

/* What the admin's pages ask of the supervisor. */
static int control(const struct module_host *host, const char *command, struct arena *arena,
                   struct value **ret_answer, struct portico_error *error)
{
    char *json = NULL;
    char *words = g_strdup_printf("{\"command\":\"%s\"}", command);
    int code = control_request_within(config_data_directory(host->config), words, CONTROL_PATIENCE,
                                      &json, error);
    g_free(words);
    if (code == 0)
        code = json_parse(arena, json, strlen(json), ret_answer, error);
    free(json);
    return code;
}

static int open_key(const struct config *config, struct portico_error *error)
{
    unsigned char key[CONFIG_SECRET_KEY_SIZE];
    int code = config_secret_key(config, key, error);
    if (code == 0)
        content_set_key(key);
    explicit_bzero(key, sizeof key);
    return code;
}

static int open_pages(struct room *room, struct portico_error *error)
{
    const struct page_options options = {
        .core_directory = paths_share_directory(),
        .brand_directory = config_brand_directory(room->config),
        .development = room->settings.development,
    };
    room->pages = page_set_new(&options, error);
    return room->pages ? 0 : PORTICO_EINVAL;
}

/* Such a page, where the portal's own module is; else NULL. */
static const char *own_page(const struct registry *registry, const char *path)
{
    struct route_match match;
    const struct route_tree *tree = registry_routes(registry);
    return route_tree_match(tree, TEXT("GET"), text_of(path), &match) && match.route ? path : NULL;
}

static int open_registry(struct room *room, struct buffer *report, struct portico_error *error)
{
    const struct registry_options options = {
        .config = room->config,
        .store = room->store,
        .pages = room->pages,
        .directories = paths_module_directories(room->config),
        .cache_directory = room->settings.copies,
        .portal = portal_module(),
    };
    int code = registry_new(&options, &room->registry, error);
    if (code == 0)
        registry_declare(room->registry, room->identity);
    report_problems(room->config, report);
    return code;
}

/* In a process that a module forked: it holds the listening sockets, the database and its locks,
 * and would keep all three past our end. posix_spawn, system and popen do not come here. */
static void end_stray(void)
{
    static const char line[] = "{\"level\":\"error\",\"message\":\"A module called fork: the copy "
                               "was ended at once. A module that "
                               "runs a program uses posix_spawn.\"}\n";
    ssize_t written = write(STDERR_FILENO, line, sizeof line - 1);
    _exit(written < 0 ? 126 : 127);
}

int room_open(struct room *room, const char *config, bool files, struct buffer *report,
              struct portico_error *error)
{
    char *web = g_build_filename(paths_share_directory(), "web", NULL);
    int code = config_load(config, &room->config, error);
    if (code == 0 && config_problem_count(room->config)) {
        report_problems(room->config, report);
        code = error_set(error, PORTICO_EINVAL, "%s has problems.", config);
    }
    if (code == 0)
        code = server_settings_read(room->config, &room->settings, error);
    if (code == 0) {
        log_set_level(room->settings.log_level);
        module_host_prepare();
        code = open_key(room->config, error);
    }
    if (code == 0)
        code = store_open(&room->settings.store, &room->store, error);
    if (code == 0)
        code = identity_open(room->config, &room->identity, error);
    if (code == 0)
        code = open_pages(room, error);
    if (code == 0)
        code = open_registry(room, report, error);
    room->host.registry = room->registry;
    room->host.store = room->store;
    room->host.pages = room->pages;
    room->host.config = room->config;
    room->host.identity = room->identity;
    room->host.canonical_url = room->settings.canonical_url;
    room->host.origin = room->settings.origin;
    room->host.secure = room->settings.secure;
    room->host.control = control;
    room->host.development = room->settings.development;
    if (code == 0) {
        room->host.sign_in = own_page(room->registry, "/login");
        room->host.access = own_page(room->registry, "/account/access");
    }
    if (code == 0)
        code = make_portal(room, web, error);
    if (code == 0 && files)
        code = open_files(room, web, error);
    if (code == 0 && pthread_atfork(NULL, NULL, end_stray) != 0)
        code = error_set(error, PORTICO_ENOMEM, "There is no memory to watch for forks.");
    if (code == 0)
        code = registry_start(room->registry, &room->host, error);
    room->started = code == 0;
    g_free(web);
    return code;
}

void room_close(struct room *room)
{
    if (room->started)
        registry_stop(room->registry, &room->host);
    http_files_free(room->files);
    if (room->registry)
        registry_free(room->registry);
    if (room->pages)
        page_set_free(room->pages);
    identity_close(room->identity);
    store_close(room->store);
    if (room->arena)
        arena_free(room->arena);
    server_settings_free(&room->settings);
    if (room->config)
        config_free(room->config);
    *room = (struct room){ 0 };
}
