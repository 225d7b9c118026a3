/* `portico migrate`: brings the database to the shape that the program and its modules need. The
 * supervisor and the import run it as a child process. */
#include "store/migrate.h"
#include "cli/database.h"
#include "config/paths.h"
#include "server/settings.h"

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool quiet;

static void on_file(const char *module, const char *file)
{
    if (!quiet)
        printf("%s: %s\n", module, file);
}

/* Core's migrations, then those of the enabled modules in the order of the config. */
GArray *cli_migration_sources(const struct config *config, struct arena *arena)
{
    GArray *sources = g_array_new(FALSE, FALSE, sizeof(struct migrate_source));
    struct migrate_source core = { "core",
                                   arena_printf(arena, "%s/migrations", paths_share_directory()) };
    g_array_append_val(sources, core);
    for (size_t i = 0; i < config_module_count(config); i++) {
        const struct config_module *module = config_module_at(config, i);
        char *directory = module->enabled ? paths_module_directory(config, module->name) : NULL;
        if (!directory)
            continue;
        struct migrate_source source = { module->name,
                                         arena_printf(arena, "%s/migrations", directory) };
        if (g_file_test(source.directory, G_FILE_TEST_IS_DIR))
            g_array_append_val(sources, source);
        free(directory);
    }
    return sources;
}

static const struct {
    const char *name;
    enum migrate_phase phase;
} phases[] = {
    { "before", MIGRATE_BEFORE },
    { "after", MIGRATE_AFTER },
};

static int check_phase(struct store *store, const GArray *sources, size_t phase,
                       unsigned *ret_pending, struct portico_error *error)
{
    struct migrate_plan plan = { 0 };
    int code = migrate_check(store, (const struct migrate_source *)(const void *)sources->data,
                             sources->len, phases[phase].phase, &plan, error);
    if (code < 0)
        return code;
    printf("%s: %u pending\n", phases[phase].name, plan.pending);
    *ret_pending += plan.pending;
    return 0;
}

static int migrate(const struct cli_call *call, struct store *store, const GArray *sources)
{
    const char *wanted = cli_value(call, "phase");
    bool check = cli_value(call, "check") != NULL;
    unsigned pending = 0;
    struct portico_error error = PORTICO_ERROR_INIT;
    for (size_t i = 0; i < sizeof phases / sizeof *phases; i++) {
        if (wanted && strcmp(wanted, phases[i].name) != 0)
            continue;
        int code =
            check ? check_phase(store, sources, i, &pending, &error)
                  : migrate_apply(store, (const struct migrate_source *)(const void *)sources->data,
                                  sources->len, phases[i].phase, on_file, &error);
        if (code < 0)
            return cli_fail(call, &error);
    }
    return pending ? CLI_FAILED : CLI_OK;
}

static int open_and_migrate(const struct cli_call *call, const struct config *config)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct server_settings settings = { 0 };
    if (server_settings_read(config, &settings, &error) < 0)
        return cli_fail(call, &error);
    struct store *store = NULL;
    int exit = CLI_OK;
    if (store_open(&settings.store, &store, &error) < 0)
        exit = cli_fail(call, &error);
    struct arena *arena = arena_new(0);
    GArray *sources = cli_migration_sources(config, arena);
    if (exit == CLI_OK)
        exit = migrate(call, store, sources);
    g_array_free(sources, TRUE);
    arena_free(arena);
    store_close(store);
    server_settings_free(&settings);
    return exit;
}

static int run(const struct cli_call *call)
{
    const char *phase = cli_value(call, "phase");
    if (phase && strcmp(phase, "before") != 0 && strcmp(phase, "after") != 0) {
        fprintf(stderr, "portico migrate: --phase must be `before` or `after`, not `%s`.\n", phase);
        return CLI_USAGE;
    }
    quiet = cli_value(call, "quiet") != NULL;
    struct config *config = NULL;
    int exit = cli_load(call, &config);
    if (exit == 0 && cli_print_problems(config))
        exit = CLI_CONFIG;
    if (exit == 0)
        exit = open_and_migrate(call, config);
    config_free(config);
    return exit;
}

static const struct cli_option options[] = {
    { "phase", "PHASE",
      "Only `before` (what the new program needs) or `after` (what the old one "
      "no longer needs). Without it both." },
    { "check", NULL,
      "Changes nothing; prints how many files are pending, and ends with 1 if any." },
    { "quiet", NULL, "Does not print the files that are applied." },
};

const struct cli_command cli_migrate = {
    .name = "migrate",
    .summary = "bring the database to the shape that program and modules need",
    .arguments = "",
    .description = "Applies the migrations of the core and of all enabled modules under a lock. "
                   "The portal runs it by itself when it starts or reloads.",
    CLI_OPTIONS(options),
    .run = run,
    .hidden = true,
};
