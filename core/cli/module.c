/* `portico module`: what modules there are, what one contains, and switching them on and off. */
#include "cli/module.h"

#include "cli/modules.h"
#include "cli/record.h"
#include "config/manage.h"
#include "config/paths.h"
#include "module/loader.h"
#include "server/control.h"

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sentences {
    struct arena *arena;
    const char *first;
    bool print; /* each on standard error */
};

static void hear(const char *sentence, void *data)
{
    struct sentences *sentences = data;
    if (!sentences->first)
        sentences->first = arena_strdup(sentences->arena, sentence);
    if (sentences->print)
        fprintf(stderr, "%s\n", sentence);
}

/* A module as found on disk and inspected, loaded or not. */
struct found {
    const char *name;
    const char *directory;              /* NULL: nowhere */
    const char *problem;                /* first sentence of the inspection; NULL: it is fine */
    const struct config_module *wanted; /* its section in the config, or NULL */
    struct portico_module descriptor;
};

static struct found inspect(const struct config *config, const char *name, struct arena *arena,
                            bool print)
{
    struct found found = { .name = arena_strdup(arena, name),
                           .wanted = cli_wanted_module(config, name) };
    char *directory = paths_module_directory(config, name);
    if (!directory) {
        found.problem = "Its directory was not found.";
        return found;
    }
    found.directory = arena_strdup(arena, directory);
    free(directory);
    struct sentences sentences = { arena, NULL, print };
    struct descriptor_report report = { hear, &sentences, 0 };
    struct loader_options options = { .directory = found.directory,
                                      .id = name,
                                      .inspect_only = true };
    if (!loader_open(&options, arena, &found.descriptor, &report)) {
        found.descriptor = (struct portico_module){ 0 };
        found.problem = sentences.first ? sentences.first : "It could not be inspected.";
    }
    return found;
}

/* Names in the config, then those of the directories, each once. */
static GPtrArray *collect_names(const struct config *config, struct arena *arena)
{
    GPtrArray *names = g_ptr_array_new();
    for (size_t i = 0; i < config_module_count(config); i++)
        g_ptr_array_add(names, (gpointer)config_module_at(config, i)->name);
    guint configured = names->len;
    for (const char *const *at = paths_module_directories(config); *at; at++) {
        GDir *directory = g_dir_open(*at, 0, NULL);
        const char *name;
        while (directory && (name = g_dir_read_name(directory))) {
            char *file = g_strdup_printf("%s/%s/%s.so", *at, name, name);
            if (g_file_test(file, G_FILE_TEST_EXISTS) &&
                !g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
                g_ptr_array_add(names, arena_strdup(arena, name));
            g_free(file);
        }
        if (directory)
            g_dir_close(directory);
    }
    if (names->len > configured)
        qsort(names->pdata + configured, names->len - configured, sizeof(gpointer),
              cli_compare_names);
    return names;
}

static const char *state_of(const struct found *found)
{
    if (found->problem)
        return "broken";
    return found->wanted && found->wanted->enabled ? "enabled" : "disabled";
}

static struct value *found_to_value(const struct found *found, struct arena *arena)
{
    struct value *row = value_new(arena, PORTICO_OBJECT);
    value_set_text(row, "name", found->name);
    value_set_boolean(row, "enabled", found->wanted && found->wanted->enabled);
    value_set_text(row, "state", state_of(found));
    value_set_text(row, "version", found->descriptor.version ? found->descriptor.version : "");
    value_set_text(row, "title", found->descriptor.title ? found->descriptor.title : "");
    value_set_text(row, "directory", found->directory ? found->directory : "");
    if (found->problem)
        value_set_text(row, "problem", found->problem);
    return row;
}

static int list(const struct cli_call *call, struct config *config, struct arena *arena)
{
    bool json = cli_value(call, "json") != NULL;
    GPtrArray *names = collect_names(config, arena);
    struct value *rows = value_new(arena, PORTICO_LISTING);
    if (!json && names->len)
        printf("%-20s %-9s %-10s %-24s %s\n", "NAME", "STATE", "VERSION", "TITLE", "DIRECTORY");
    for (guint i = 0; i < names->len; i++) {
        struct found found = inspect(config, names->pdata[i], arena, false);
        value_append(rows, found_to_value(&found, arena));
        if (json)
            continue;
        printf("%-20s %-9s %-10s %-24s %s\n", found.name, state_of(&found),
               found.descriptor.version ? found.descriptor.version : "-",
               found.descriptor.title ? found.descriptor.title : "-",
               found.directory ? found.directory : "-");
        if (found.problem)
            printf("%20s %s\n", "", found.problem);
    }
    if (json)
        cli_print_json(rows);
    else if (!names->len)
        printf("No module is installed or named in the config.\n");
    g_ptr_array_free(names, TRUE);
    return CLI_OK;
}

static bool portal_runs(const struct config *config)
{
    char *answer = NULL;
    struct portico_error error = PORTICO_ERROR_INIT;
    int code =
        control_request(config_data_directory(config), "{\"command\":\"status\"}", &answer, &error);
    free(answer);
    return code != PORTICO_ENOENT;
}

/* Has the portal that runs take it up; what it refuses is taken back. */
static int take_up(const struct cli_call *call, struct config_turn *turn)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct cli_call reload = { .command = &cli_reload, .config = call->config };
    int exit = cli_reload.run(&reload);
    if (exit == CLI_OK)
        return CLI_OK;
    if (config_turn_refuse(turn, &error) < 0)
        cli_fail(call, &error);
    else
        fprintf(stderr, "portico module: the portal refused it and serves on as before; nothing "
                        "was changed.\n");
    return exit;
}

static int switch_module(const struct cli_call *call, struct config *config, const char *section,
                         bool enabled)
{
    const char *name = call->arguments[1], *now = enabled ? "enabled" : "disabled";
    const struct config_change change = { section, "enabled", enabled ? "true" : "false" };
    struct portico_error error = PORTICO_ERROR_INIT;
    struct config_turn *turn;
    struct config *standing;
    if (config_manage_begin(call->config, &turn, &standing, &error) < 0)
        return cli_fail(call, &error);
    const bool runs = portal_runs(config);
    /* Before it is done: a portal that takes it up has its database for itself. */
    int exit = cli_record(call, config, enabled ? "module.enabled" : "module.disabled", name);
    if (exit == CLI_OK && config_manage_change(turn, standing, &change, 1, &error) < 0)
        exit = cli_fail(call, &error);
    else if (exit == CLI_OK && runs && (exit = take_up(call, turn)) != CLI_OK)
        cli_record(call, config, "module.refused", name);
    config_turn_end(turn);
    config_free(standing);
    if (exit == CLI_OK && runs)
        printf("Module %s is %s.\n", name, now);
    else if (exit == CLI_OK)
        printf("Module %s is %s. No portal runs now; the next start takes it up.\n", name, now);
    return exit;
}

static int enable(const struct cli_call *call, struct config *config, struct arena *arena)
{
    const char *name = call->arguments[1];
    struct found found = inspect(config, name, arena, true);
    if (!found.directory) {
        fprintf(stderr,
                "portico module: there is no module `%s` in the module directories. "
                "`portico module list` lists those there are.\n",
                name);
        return CLI_FAILED;
    }
    if (found.problem) {
        fprintf(stderr, "portico module: `%s` cannot run as it is; nothing was changed.\n", name);
        return CLI_CONFIG;
    }
    if (found.wanted && found.wanted->enabled) {
        printf("Module %s is enabled already.\n", name);
        return CLI_OK;
    }
    return switch_module(call, config, arena_printf(arena, "module %s", name), true);
}

static int disable(const struct cli_call *call, struct config *config, struct arena *arena)
{
    const char *name = call->arguments[1];
    const struct config_module *wanted = cli_wanted_module(config, name);
    if (!wanted || !wanted->enabled) {
        printf("Module %s is not enabled.\n", name);
        return CLI_OK;
    }
    return switch_module(call, config, arena_printf(arena, "module %s", name), false);
}

/* One row each; those with a file of their own stand in module.h. */
static const struct module_action actions[] = {
    { { "list", "", 0, 0 }, true, list },
    { { "new", " NAME [--directory DIR]", 1, 1 }, false, module_new },
    { { "dev", " [DIRECTORY] [--with MODULES] [--listen HOST:PORT] [--fresh]", 0, 1 },
      false,
      module_dev },
    { { "inspect", " NAME|DIRECTORY|FILE", 1, 1 }, false, module_inspect },
    { { "check", " FILE|DIRECTORY", 1, 1 }, false, module_check },
    { { "test", " [DIRECTORY|FILE]", 0, 1 }, false, module_test },
    { { "enable", " NAME", 1, 1 }, true, enable },
    { { "disable", " NAME", 1, 1 }, true, disable },
};

static int run(const struct cli_call *call)
{
    const struct module_action *action = CLI_FIND_ACTION(call, actions);
    if (!action)
        return CLI_USAGE;
    struct config *config = NULL;
    int exit = action->config ? cli_load(call, &config) : 0;
    if (exit)
        return exit;
    if (config)
        exit = cli_become_owner(call, config);
    if (exit == 0) {
        struct arena *arena = arena_new(0);
        exit = action->run(call, config, arena);
        arena_free(arena);
    }
    config_free(config);
    return exit;
}

static const struct cli_option options[] = {
    { "json", NULL, "With list, inspect and check: prints JSON." },
    { "tests", "FILE",
      "With test: the tests' shared object. Without it NAME_test.so where CMake puts it, or beside "
      "the module." },
    { "with", "MODULES",
      "With test and dev: other modules to load, separated by blanks: their directories, with dev "
      "also names of those that stand beside the module or are installed." },
    { "filter", "TEXT", "With test: only the tests whose name holds this text." },
    { "mode", "MODE",
      "With test: `plain`, `older-host`, `newer-descriptor`, `failing-allocations` (each after "
      "plain), or `all`, which is the default." },
    { "failures", "NUMBER",
      "With test: how many allocations fail for each test, one a run; 0: every one." },
    { "database", "URL",
      "With test: an empty PostgreSQL database whose name holds `test`, instead of SQLite." },
    { "plans", NULL,
      "With test: a list that the database would read whole and sort is a failure." },
    { "directory", "DIR", "With new: the directory to make; without it, NAME." },
    { "listen", "HOST:PORT", "With dev: where to serve; without it, a free port of this machine." },
    { "fresh", NULL, "With dev: throws the database away that former runs left." },
};

const struct cli_command cli_module = {
    .name = "module",
    .summary = "make, test, inspect, enable or disable modules",
    .arguments = "list|new|dev|inspect|check|test|enable|disable [NAME|DIRECTORY|FILE]",
    .arguments_least = 1,
    .arguments_most = 2,
    .description =
        "`list` shows the modules in the module directories and in the config, with state, "
        "version, title and directory. `inspect` shows everything a module registers, by its "
        "name, its directory or its file, enabled or not, and of a refused one what could be read "
        "and every refusal; its code does not run in this process.\n\n"
        "`new` makes the directory of a new module with a page, a table, a setting and tests, and "
        "says how to go on. `dev` builds the module in DIRECTORY (without it, the current one), "
        "serves it in a portal of its own below its build directory, and follows every change: it "
        "builds again, reloads and prints what the module registers now that it did not before. "
        "A module that uses others' services names them in --with. "
        "With --config it reloads that portal instead. Ctrl-C ends all it started.\n\n"
        "`check` is for authors: it examines a module's file and the directory it lies in – "
        "symbols, hardening, what it calls, routes, templates, migrations, translations – and "
        "says what to mend. Errors end with 1; advice does not.\n\n"
        "`test` is for authors too: it loads a module and its tests into this program and runs "
        "each test in a process of its own, with a database in memory and a clock that stands "
        "still; then again with the tables of an older host, with the descriptor of a newer one, "
        "and with one allocation after the other failing. It prints TAP and ends with 1 if a test "
        "failed.\n\n"
        "`enable` and `disable` write `enabled` into managed.conf in the data directory and ask a "
        "running portal to reload. If the portal refuses, it serves on as before, the reason is "
        "printed and managed.conf is set back. A module that the config itself switches on or off "
        "is locked: change it there. Each is written into the audit log first, as module.enabled, "
        "module.disabled or, what the portal refused, module.refused; where that is impossible, "
        "nothing is done.",
    CLI_OPTIONS(options),
    .run = run,
};
