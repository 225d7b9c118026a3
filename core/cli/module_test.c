/* `portico module test`: runs a module's tests in the harness. */
#include "cli/module.h"
#include "harness/harness.h"

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WITH_MAX 32
#define FAILURES 16 /* allocations that fail in each test, unless --failures says otherwise */

static const struct {
    const char *name;
    unsigned modes;
} modes[] = {
    { "all", HARNESS_ALL },
    { "plain", HARNESS_PLAIN },
    { "older-host", HARNESS_PLAIN | HARNESS_OLDER },
    { "newer-descriptor", HARNESS_PLAIN | HARNESS_NEWER },
    { "failing-allocations", HARNESS_PLAIN | HARNESS_FAILING },
};

/* Where portico_add_module_test puts it, or beside the module; NULL: nowhere. */
static const char *find_tests(const struct module_place *place, struct arena *arena)
{
    const char *const guesses[] = {
        arena_printf(arena, "%s/../../tests/%s_test.so", place->directory, place->id),
        arena_printf(arena, "%s/tests/%s_test.so", place->directory, place->id),
        arena_printf(arena, "%s/%s_test.so", place->directory, place->id),
    };
    for (size_t i = 0; i < sizeof guesses / sizeof *guesses; i++)
        if (access(guesses[i], R_OK) == 0)
            return guesses[i];
    return NULL;
}

static const char *absolute(struct arena *arena, const char *path)
{
    char *whole = g_canonicalize_filename(path, NULL);
    const char *copy = arena_strdup(arena, whole);
    g_free(whole);
    return copy;
}

/* A project's own directory stands for the module that was built below it. */
static const char *built_module(struct arena *arena, const char *word)
{
    char *modules = g_build_filename(word, "build", "modules", NULL);
    GDir *directory = g_dir_open(modules, 0, NULL);
    const char *name = directory ? g_dir_read_name(directory) : NULL;
    const char *found = name ? arena_printf(arena, "%s/%s", modules, name) : NULL;
    if (directory)
        g_dir_close(directory);
    g_free(modules);
    return found;
}

static bool read_options(const struct cli_call *call, struct harness_options *options,
                         struct arena *arena)
{
    const char *mode = cli_value(call, "mode");
    const char *failures = cli_value(call, "failures");
    const char *with = cli_value(call, "with");
    options->modes = mode ? 0 : HARNESS_ALL;
    for (size_t i = 0; mode && i < sizeof modes / sizeof *modes; i++)
        if (strcmp(modes[i].name, mode) == 0)
            options->modes = modes[i].modes;
    if (!options->modes) {
        fprintf(stderr,
                "portico module test: --mode is all, plain, older-host, newer-descriptor or "
                "failing-allocations, not `%s`.\n",
                mode);
        return false;
    }
    const char **list = arena_zalloc(arena, (WITH_MAX + 1) * sizeof *list);
    char **words = g_strsplit_set(with ? with : "", " ,", -1);
    size_t count = 0;
    for (char **at = words; *at && count < WITH_MAX; at++)
        if (**at)
            list[count++] = absolute(arena, *at);
    g_strfreev(words);
    options->with = list;
    options->filter = cli_value(call, "filter");
    options->database_url = cli_value(call, "database");
    options->plans = cli_value(call, "plans") != NULL;
    options->failures = failures ? (unsigned)strtoul(failures, NULL, 10) : FAILURES;
    return true;
}

int module_test(const struct cli_call *call, struct config *config, struct arena *arena)
{
    (void)config;
    const char *word = call->argument_count > 1 ? call->arguments[1] : ".";
    const char *built = built_module(arena, word);
    struct module_place place;
    int exit = module_find_place(call, built ? built : word, arena, &place);
    if (exit)
        return exit;
    struct harness_options options = { .directory = place.directory, .output = STDOUT_FILENO };
    const char *tests = cli_value(call, "tests");
    tests = tests ? tests : find_tests(&place, arena);
    if (!tests) {
        fprintf(stderr,
                "portico module test: no tests of %s were found. Build them with "
                "portico_add_module_test(%s SOURCES …), or name their file with --tests.\n",
                place.id, place.id);
        return CLI_FAILED;
    }
    options.tests = absolute(arena, tests);
    if (!read_options(call, &options, arena))
        return CLI_USAGE;
    struct portico_error error = PORTICO_ERROR_INIT;
    int code = harness_run(&options, &error);
    return code < 0 ? cli_fail(call, &error) : code > 0 ? CLI_FAILED : CLI_OK;
}
