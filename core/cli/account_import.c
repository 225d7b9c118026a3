/* `portico account import`: files of another system taken in, with a report of each row. */
#include "cli/account_import.h"
#include "cli/alone.h"
#include "cli/terminal.h"
#include "identity/giving.h"
#include "portal/import.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <unistd.h>

#define TOLD_MAX 20 /* problems on the terminal; all are in the report */

struct reporting {
    struct terminal terminal;
    FILE *report; /* CSV; NULL: none is asked for */
    unsigned told;
};

static void told(const char *file, unsigned line, int pass, enum import_outcome outcome,
                 const char *subject, const char *said, void *data)
{
    struct reporting *reporting = data;
    if (reporting->report)
        import_report_row(reporting->report, file, line, pass, outcome, subject, said);
    if (outcome != IMPORT_WRONG || reporting->told++ >= TOLD_MAX)
        return;
    terminal_end(&reporting->terminal, false);
    fprintf(stderr, "%s:%u: %s\n", file, line, said ? said : "");
}

static int progress(int64_t done, int64_t total, void *data)
{
    struct reporting *reporting = data;
    return terminal_progress(&reporting->terminal, done, total);
}

static FILE *open_report(const struct cli_call *call, int *ret_exit)
{
    const char *path = cli_value(call, "report");
    if (!path)
        return NULL;
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    FILE *file = descriptor >= 0 ? fdopen(descriptor, "w") : NULL;
    if (file) {
        import_report_begin(file);
        return file;
    }
    fprintf(stderr, "portico account: %s cannot be made: %s. A report never replaces a file.\n",
            path, strerror(errno));
    *ret_exit = CLI_FAILED;
    return NULL;
}

static int print_counts(const struct import_counts *counts, bool dry)
{
    static const char *const many[IMPORT_PASSES] = { "accounts", "places in the tree",
                                                     "people",   "memberships",
                                                     "contacts", "teams of accounts" };
    int64_t wrong = 0;
    for (int pass = 0; pass < IMPORT_PASSES; pass++) {
        const int64_t *rows = counts->rows[pass];
        wrong += rows[IMPORT_WRONG];
        if (rows[IMPORT_MADE] + rows[IMPORT_CHANGED] + rows[IMPORT_WRONG] + rows[IMPORT_SAME] == 0)
            continue;
        printf("%-20s %8lld made %8lld changed %8lld as they were %8lld wrong\n", many[pass],
               (long long)rows[IMPORT_MADE], (long long)rows[IMPORT_CHANGED],
               (long long)rows[IMPORT_SAME], (long long)rows[IMPORT_WRONG]);
    }
    if (dry)
        puts("This is what would happen; nothing was changed.");
    fflush(stdout);
    return wrong ? CLI_FAILED : CLI_OK;
}

static int run_import(const struct cli_call *call, struct room *room,
                      const struct import_file *files, size_t count)
{
    struct reporting reporting = { 0 };
    struct portico_error error = PORTICO_ERROR_INIT;
    struct import_counts counts;
    int exit = CLI_OK;
    const struct import_options options = { .files = files,
                                            .count = count,
                                            .dry = cli_value(call, "dry-run") != NULL,
                                            .actor = IDENTITY_OPERATOR,
                                            .told = told,
                                            .progress = progress,
                                            .data = &reporting };
    reporting.report = open_report(call, &exit);
    if (exit)
        return exit;
    terminal_open(&reporting.terminal);
    int code = import_run(&room->host, &options, &counts, &error);
    terminal_end(&reporting.terminal, code == 0 && !terminal_stop_asked());
    if (reporting.report && fclose(reporting.report) != 0 && code == 0)
        code = error_set(&error, PORTICO_EIO, "The report cannot be written: %s.", strerror(errno));
    exit = print_counts(&counts, options.dry);
    if (code < 0)
        return cli_fail(call, &error);
    if (!terminal_stop_asked())
        return exit;
    fprintf(stderr, "Stopped. What was imported stays; run the same command again to go on from "
                    "there.\n");
    return CLI_INTERRUPTED;
}

int account_import(const struct cli_call *call)
{
    GMappedFile *maps[CLI_ARGUMENTS_MAX] = { NULL };
    struct import_file files[CLI_ARGUMENTS_MAX];
    const size_t count = call->argument_count - 1;
    struct room room = { 0 };
    int exit = CLI_OK;
    for (size_t i = 0; exit == 0 && i < count; i++) {
        GError *trouble = NULL;
        const char *path = call->arguments[i + 1];
        maps[i] = g_mapped_file_new(path, FALSE, &trouble);
        if (!maps[i]) {
            fprintf(stderr, "portico account: %s\n", trouble->message);
            g_error_free(trouble);
            exit = CLI_FAILED;
            break;
        }
        const char *data = g_mapped_file_get_contents(maps[i]);
        files[i] =
            (struct import_file){ path, data ? data : "", g_mapped_file_get_length(maps[i]) };
    }
    if (exit == 0)
        exit = alone_open(call, "account", &room);
    if (exit == 0)
        exit = run_import(call, &room, files, count);
    alone_close(&room);
    for (size_t i = 0; i < count; i++)
        if (maps[i])
            g_mapped_file_unref(maps[i]);
    return exit;
}
