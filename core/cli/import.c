/* `portico import`: runs a module's importer with progress, stops cleanly on Ctrl-C, reports at the
 * end. */
#include "cli/alone.h"
#include "cli/modules.h"
#include "cli/terminal.h"

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int on_progress(int64_t done, int64_t total, void *data)
{
    return terminal_progress(data, done, total);
}

static void print_report(struct value *report)
{
    const struct portico_value *counts = portico_get(value_public(report), "counts");
    for (size_t i = 0; i < portico_count(counts); i++) {
        const char *what = portico_key_at(counts, i);
        printf("%10lld %s\n", (long long)portico_get_integer(counts, what, 0), what);
    }
    const struct portico_value *skipped = portico_get(value_public(report), "skipped");
    if (portico_count(skipped))
        printf("Left out:\n");
    for (size_t i = 0; i < portico_count(skipped); i++) {
        const char *reason = portico_key_at(skipped, i);
        const struct portico_value *row = portico_get(skipped, reason);
        const char *first = portico_get_text(row, "first", "");
        printf("%10lld %s%s%s%s\n", (long long)portico_get_integer(row, "count", 0), reason,
               *first ? " (first: " : "", first, *first ? ")" : "");
    }
}

static const struct portico_importer *find_importer(const struct portico_module *descriptor,
                                                    const char *format)
{
    for (uint32_t i = 0; i < descriptor->importers.count; i++) {
        const struct portico_importer *importer = cli_list_at(&descriptor->importers, i);
        if (strcmp(importer->format, format) == 0)
            return importer;
    }
    return NULL;
}

/* The module and importer the call names, or the exit code after a message with what there is. */
static int choose(const struct cli_call *call, const struct room *room, struct module **ret_module,
                  const struct portico_importer **ret_importer)
{
    const char *name = call->arguments[0];
    const char *format = cli_value(call, "format");
    struct module *module = registry_find(room->registry, name);
    if (!module) {
        fprintf(stderr,
                "portico import: no module `%s` is enabled. `portico module list` lists "
                "them, `portico module enable %s` enables one.\n",
                name, name);
        return CLI_FAILED;
    }
    const struct portico_module *descriptor = module_descriptor(module);
    const struct portico_importer *importer = find_importer(descriptor, format);
    if (!importer) {
        fprintf(stderr, "portico import: module `%s` cannot import `%s`.\n", name, format);
        for (uint32_t i = 0; i < descriptor->importers.count; i++) {
            const struct portico_importer *row = cli_list_at(&descriptor->importers, i);
            fprintf(stderr, "  --format %s: %s\n", row->format, row->summary ? row->summary : "");
        }
        return CLI_USAGE;
    }
    *ret_module = module;
    *ret_importer = importer;
    return 0;
}

static int import_directory(const struct cli_call *call, struct room *room, const char *directory)
{
    struct module *module = NULL;
    const struct portico_importer *importer = NULL;
    int exit = choose(call, room, &module, &importer);
    if (exit)
        return exit;
    struct terminal terminal;
    struct arena *arena = arena_new(0);
    struct value *report = value_new(arena, PORTICO_OBJECT);
    struct portico_error error = PORTICO_ERROR_INIT;
    terminal_open(&terminal);
    int code = module_call_importer(&room->host, module, importer, directory, on_progress,
                                    &terminal, report, &error);
    terminal_end(&terminal, code == 0 && !terminal_stop_asked());
    print_report(report);
    fflush(stdout);
    arena_free(arena);
    if (terminal_stop_asked()) {
        fprintf(stderr, "Stopped. What was imported stays; run the same command again to go on "
                        "from there.\n");
        return CLI_INTERRUPTED;
    }
    return code < 0 ? cli_fail(call, &error) : CLI_OK;
}

static int run(const struct cli_call *call)
{
    if (!cli_value(call, "format")) {
        fprintf(stderr, "portico import: --format is missing. Write, for instance, `portico import "
                        "communities --format stackexchange DIRECTORY`.\n");
        return CLI_USAGE;
    }
    char *directory = realpath(call->arguments[1], NULL);
    if (!directory || !g_file_test(directory, G_FILE_TEST_IS_DIR)) {
        fprintf(stderr, "portico import: %s is not a directory that can be read.\n",
                call->arguments[1]);
        free(directory);
        return CLI_FAILED;
    }
    struct room room = { 0 };
    int exit = alone_open(call, "import", &room);
    if (exit == 0)
        exit = import_directory(call, &room, directory);
    alone_close(&room);
    free(directory);
    return exit;
}

static const struct cli_option options[] = {
    { "format", "FORMAT",
      "What kind of input DIRECTORY holds; one of the module's importers, see "
      "`portico module inspect`." },
};

const struct cli_command cli_import = {
    .name = "import",
    .summary = "let a module read content from files",
    .arguments = "MODULE DIRECTORY",
    .arguments_least = 2,
    .arguments_most = 2,
    .description =
        "Runs an importer of an enabled module, such as `portico import communities --format "
        "stackexchange DIRECTORY`, beside a running portal or without one. A bar shows the "
        "progress on a terminal; elsewhere a line tells it every ten seconds. At the end it "
        "prints what was imported, and what was left out and why.\n\n"
        "Ctrl-C stops it cleanly. Run again, an import goes on where it was stopped, and one that "
        "is finished changes nothing.",
    CLI_OPTIONS(options),
    .run = run,
};
