/* `portico check`: everything wrong with config and modules at once; and the list of all settings.
 */
#include "base/buffer.h"
#include "base/json.h"
#include "cli/database.h"
#include "cli/modules.h"
#include "config/state.h"
#include "store/migrate.h"

#include <stdio.h>
#include <string.h>

#define CONNECT_TIME INT64_C(2000000) /* µs */

/* How settings are shown: `section` names where they stand. */
static void print_setting(const struct config *config, const char *section,
                          const struct portico_setting *setting)
{
    char *key = cli_setting_key(setting);
    const char *written = config_written(config, section, key);
    struct config_origin origin = config_origin(config, section, key);
    printf("  %s (%s", key, config_type_name(setting->type));
    if (setting->choices)
        printf(": %s", setting->choices);
    if (setting->minimum)
        printf(", from %s", setting->minimum);
    if (setting->maximum)
        printf(", to %s", setting->maximum);
    printf("; default: %s)\n", setting->initial && *setting->initial ? setting->initial : "none");
    if (written && origin.line)
        printf("      = %s (%s:%u%s)\n", written, origin.file, origin.line,
               origin.locked ? ", locked" : "");
    else if (written)
        printf("      = %s (%s)\n", written, origin.file);
    printf("      %s\n", setting->help ? setting->help : setting->title ? setting->title : "");
    g_free(key);
}

static void add_text(struct value *object, const char *key, const char *text)
{
    if (text)
        value_set_text(object, key, text);
}

static void list_setting(const struct config *config, const char *section,
                         const struct portico_setting *setting, struct value *list)
{
    char *key = cli_setting_key(setting);
    struct config_origin origin = config_origin(config, section, key);
    struct value *row = value_new(list->arena, PORTICO_OBJECT);
    value_set_text(row, "section", section);
    value_set_text(row, "key", key);
    value_set_text(row, "type", config_type_name(setting->type));
    value_set_text(row, "default", setting->initial ? setting->initial : "");
    add_text(row, "minimum", setting->minimum);
    add_text(row, "maximum", setting->maximum);
    add_text(row, "choices", setting->choices);
    add_text(row, "title", setting->title);
    add_text(row, "help", setting->help);
    add_text(row, "value", config_written(config, section, key));
    add_text(row, "file", origin.file);
    if (origin.line)
        value_set_integer(row, "line", origin.line);
    value_set_boolean(row, "locked", origin.locked);
    value_append(list, row);
    g_free(key);
}

/* Calls `each` for the host's settings, then for those of every module that could be inspected. */
static void walk(const struct cli_modules *modules,
                 void (*each)(const char *section, const struct portico_setting *setting,
                              void *data),
                 void *data)
{
    for (size_t i = 0; i < config_key_count; i++)
        each(config_keys[i].section, &config_keys[i].setting, data);
    for (size_t i = 0; i < config_module_count(modules->config); i++) {
        const char *name = config_module_at(modules->config, i)->name;
        char *section = g_strdup_printf("module %s", name);
        for (size_t j = 0; j < config_module_key_count; j++)
            each(section, &config_module_keys[j], data);
        const struct portico_module *descriptor = cli_modules_descriptor(modules, name);
        for (uint32_t j = 0; descriptor && j < descriptor->settings.count; j++)
            each(section, cli_list_at(&descriptor->settings, j), data);
        g_free(section);
    }
}

struct listing {
    const struct config *config;
    const char *section;
    struct value *list;
};

static void print_row(const char *section, const struct portico_setting *setting, void *data)
{
    struct listing *listing = data;
    if (!listing->section || strcmp(listing->section, section) != 0)
        printf("%s[%s]\n", listing->section ? "\n" : "", section);
    /* A module's section name is made for the row: the entry in the config lives longer. */
    listing->section = arena_strdup(listing->list->arena, section);
    print_setting(listing->config, section, setting);
}

static void list_row(const char *section, const struct portico_setting *setting, void *data)
{
    struct listing *listing = data;
    list_setting(listing->config, section, setting, listing->list);
}

static void show_settings(const struct cli_modules *modules, struct arena *arena, bool json)
{
    struct listing listing = { modules->config, NULL, value_new(arena, PORTICO_LISTING) };
    walk(modules, json ? list_row : print_row, &listing);
    if (json)
        cli_print_json(listing.list);
}

static void show_problems_json(const struct config *config, struct arena *arena)
{
    struct value *list = value_new(arena, PORTICO_LISTING);
    for (size_t i = 0; i < config_problem_count(config); i++) {
        const struct config_problem *problem = config_problem_at(config, i);
        struct value *row = value_new(arena, PORTICO_OBJECT);
        value_set_text(row, "file", problem->file);
        if (problem->line)
            value_set_integer(row, "line", problem->line);
        value_set_text(row, "message", problem->message);
        value_append(list, row);
    }
    struct value *report = value_new(arena, PORTICO_OBJECT);
    value_set_text(report, "config", config_file(config));
    value_set_boolean(report, "valid", list->count == 0);
    value_set(report, TEXT("problems"), list);
    cli_print_json(report);
}

/* Applied migrations that were changed or removed since. Nothing is looked at where there is no
 * database yet, or where it does not answer. */
static void check_migrations(const struct cli_call *call, struct config *config,
                             struct arena *arena)
{
    struct cli_database database = { .connect_time = CONNECT_TIME };
    struct portico_error error = PORTICO_ERROR_INIT;
    if (cli_database_try(call, &database, &error) < 0)
        return;
    GArray *sources = cli_migration_sources(config, arena);
    for (guint i = 0; i < sources->len; i++) {
        const struct migrate_source *source = &g_array_index(sources, struct migrate_source, i);
        struct migrate_plan plan;
        int code = migrate_check(database.store, source, 1, MIGRATE_BEFORE, &plan, &error);
        if (code == 0)
            code = migrate_check(database.store, source, 1, MIGRATE_AFTER, &plan, &error);
        if (code < 0)
            config_add_problem(config, NULL, NULL, "%s", error.message);
    }
    g_array_free(sources, TRUE);
    cli_database_close(&database);
}

static int run(const struct cli_call *call)
{
    struct cli_modules modules;
    int code = cli_modules_inspect_sound(call, &modules);
    if (code)
        return code;
    bool json = cli_value(call, "json") != NULL;
    struct arena *arena = arena_new(0);
    if (config_problem_count(modules.config) == 0)
        check_migrations(call, modules.config, arena);
    size_t problems = config_problem_count(modules.config);
    if (cli_value(call, "settings"))
        show_settings(&modules, arena, json);
    else if (json)
        show_problems_json(modules.config, arena);
    if (!json || cli_value(call, "settings"))
        cli_print_problems(modules.config);
    if (!problems && !json && !cli_value(call, "settings"))
        printf("%s is fine: %zu module%s enabled.\n", config_file(modules.config), modules.enabled,
               modules.enabled == 1 ? "" : "s");
    arena_free(arena);
    cli_modules_free(&modules);
    return problems ? CLI_CONFIG : CLI_OK;
}

static const struct cli_option options[] = {
    { "settings", NULL,
      "Prints all settings of the host and of the modules in the config, with type, default, "
      "range, help and where each is set." },
    { "json", NULL, "Prints JSON: the problems, or with --settings the settings." },
};

const struct cli_command cli_check = {
    .name = "check",
    .summary = "check config and modules, and print everything that is wrong at once",
    .arguments = "",
    .description =
        "Reads the config as `portico run` would, inspects every enabled module without running "
        "it in this process, compares the migrations with those a database that is there has had, "
        "and prints all problems as FILE:LINE: what is wrong and what to do. "
        "Nothing is started or changed, so it is safe beside a running portal; run it before "
        "`portico reload`.",
    CLI_OPTIONS(options),
    .run = run,
};
