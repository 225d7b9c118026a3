#include "cli/extra.h"

#include "cli/alone.h"
#include "cli/modules.h"
#include "cli/terminal.h"

#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The words of a command line, taken apart as far as that needs no table of options. */
struct words {
    const char *config;  /* --config, or where it lies without it */
    bool named;          /* --config was given */
    const char *command; /* the first that is no option, after the module */
    char **rest;         /* what follows the module, without the command */
    int rest_count;
    bool help;
};

static struct words part(int count, char **all, struct arena *arena)
{
    struct words words = { .rest = arena_zalloc(arena, sizeof(char *) * (size_t)(count + 1)) };
    bool only_arguments = false;
    for (int i = 1; words.rest && i < count; i++) {
        const char *word = all[i];
        only_arguments |= strcmp(word, "--") == 0;
        if (!only_arguments && word[0] != '-' && !words.command) {
            words.command = word;
            continue;
        }
        words.rest[words.rest_count++] = all[i];
        if (only_arguments)
            continue;
        words.help |= strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
        if (strncmp(word, "--config=", 9) == 0)
            words.config = word + 9;
        else if (strcmp(word, "--config") == 0 && i + 1 < count)
            words.config = words.rest[words.rest_count++] = all[++i];
    }
    words.named = words.config != NULL;
    if (!words.config)
        words.config = access(CLI_CONFIG_HERE, F_OK) == 0 ? CLI_CONFIG_HERE : CLI_CONFIG_SYSTEM;
    return words;
}

static bool is_enabled(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config_module_count(config); i++)
        if (strcmp(config_module_at(config, i)->name, name) == 0)
            return config_module_at(config, i)->enabled;
    return false;
}

static const struct portico_command *find_command(const struct portico_module *module,
                                                  const char *name)
{
    for (uint32_t i = 0; i < module->commands.count; i++) {
        const struct portico_command *command = cli_list_at(&module->commands, i);
        if (strcmp(command->name, name) == 0)
            return command;
    }
    return NULL;
}

/* The row that parses and explains the module's command as it does the program's own. */
static struct cli_command row_of(const struct portico_module *module,
                                 const struct portico_command *command, struct arena *arena)
{
    struct cli_option *options = arena_zalloc(arena, sizeof *options * CLI_OPTIONS_MAX);
    struct cli_command row = {
        .name = arena_printf(arena, "%s %s", module->id, command->name),
        .summary = command->summary,
        .arguments = command->arguments ? command->arguments : "",
        .arguments_least = command->least,
        .arguments_most = command->most,
        .description =
            command->description && *command->description ? command->description : command->summary,
        .options = options,
    };
    for (uint32_t i = 0; i < module->command_options.count; i++) {
        const struct portico_command_option *option = cli_list_at(&module->command_options, i);
        if (strcmp(option->command, command->name) == 0 && row.option_count < CLI_OPTIONS_MAX)
            options[row.option_count++] =
                (struct cli_option){ option->name, option->argument, option->help };
    }
    return row;
}

static const char *on_option(const char *name, void *data)
{
    return cli_value(((const struct cli_call **)data)[0], name);
}

static int on_write(const char *text, size_t length, void *data)
{
    (void)data;
    return fwrite(text, 1, length, stdout) == length ? PORTICO_OK : PORTICO_EIO;
}

/* What was written stands before the bar, and reaches who reads it while the command goes on. */
static int on_progress(int64_t done, int64_t total, void *data)
{
    fflush(stdout);
    return terminal_progress(((void **)data)[1], done, total);
}

static int call_module(const struct cli_call *call, struct room *room, const char *id,
                       const char *name)
{
    struct module *module = registry_find(room->registry, id);
    const struct portico_command *command =
        module ? find_command(module_descriptor(module), name) : NULL;
    struct portico_error error = PORTICO_ERROR_INIT;
    struct terminal terminal;
    const void *data[] = { call, &terminal };
    const struct call_command told = { on_option, on_write, on_progress, data };
    /* It was there a moment ago; the config was changed meanwhile. */
    if (!command)
        return CLI_FAILED;
    terminal_open(&terminal);
    int code = module_call_command(&room->host, module, command, call->arguments,
                                   call->argument_count, &told, &error);
    bool stopped = terminal_stop_asked();
    terminal_end(&terminal, code >= 0 && !stopped);
    if (fflush(stdout) != 0 && errno != EPIPE) {
        fprintf(stderr, "portico %s: the output could not be written: %s.\n", call->command->name,
                strerror(errno));
        return CLI_FAILED;
    }
    if (stopped)
        fprintf(stderr, "Stopped.\n");
    if (code < 0 && !stopped)
        return cli_fail(call, &error);
    return stopped ? CLI_INTERRUPTED : CLI_OK;
}

static int run_command(const struct portico_module *module, const struct words *words,
                       struct arena *arena)
{
    const struct portico_command *command = find_command(module, words->command);
    if (!command) {
        const char *names[64];
        size_t count = 0;
        for (uint32_t i = 0; i < module->commands.count && count < 64; i++)
            names[count++] =
                ((const struct portico_command *)cli_list_at(&module->commands, i))->name;
        const char *nearest = text_nearest(words->command, names, count);
        fprintf(stderr, "portico %s: unknown command `%s`.%s%s%s\nTry `portico %s --help`.\n",
                module->id, words->command, nearest ? " Did you mean `" : "",
                nearest ? nearest : "", nearest ? "`?" : "", module->id);
        return CLI_USAGE;
    }
    struct cli_command row = row_of(module, command, arena);
    struct cli_call call;
    int exit = cli_parse(&row, words->rest_count, words->rest, &call);
    if (exit >= 0)
        return exit;
    for (size_t i = 0; i < call.argument_count; i++)
        if (!text_is_utf8(call.arguments[i], strlen(call.arguments[i]))) {
            fprintf(stderr, "portico %s: argument %zu is not UTF-8.\n", row.name, i + 1);
            return CLI_USAGE;
        }
    struct room room = { 0 };
    exit = alone_open(&call, module->id, &room);
    if (exit == 0)
        exit = call_module(&call, &room, module->id, command->name);
    alone_close(&room);
    return exit;
}

static void print_rows(FILE *out, const struct portico_module *module, bool named)
{
    for (uint32_t i = 0; i < module->commands.count; i++) {
        const struct portico_command *command = cli_list_at(&module->commands, i);
        char *name =
            g_strdup_printf("%s%s%s", named ? module->id : "", named ? " " : "", command->name);
        fprintf(out, "  %-20s %s\n", name, command->summary);
        g_free(name);
    }
}

static void print_module(FILE *out, const struct portico_module *module)
{
    fprintf(out, "Usage: portico %s COMMAND [OPTION…]\n\n%s%s%s\n\nCommands:\n", module->id,
            module->title, module->description ? ": " : "",
            module->description ? module->description : "");
    print_rows(out, module, false);
    fprintf(out, "\n`portico %s COMMAND --help` tells more about one of them.\n", module->id);
}

/* -1 if the config cannot be read, which is only told if it was asked for. */
static int inspect(const struct words *words, const char *program_word,
                   struct cli_modules *ret_modules)
{
    struct cli_command row = { .name = program_word };
    struct cli_call call = { .command = &row, .config = words->config };
    if (!words->named && access(words->config, R_OK) != 0)
        return -1;
    return cli_modules_inspect(&call, ret_modules);
}

int extra_run(int count, char **all)
{
    struct arena *arena = arena_new(0);
    struct words words = part(count, all, arena);
    struct cli_modules modules = { 0 };
    int exit = inspect(&words, all[0], &modules);
    const struct portico_module *module = NULL;
    if (exit == 0 && !is_enabled(modules.config, all[0]))
        exit = -1;
    if (exit == 0)
        module = cli_modules_descriptor(&modules, all[0]);
    if (exit == 0 && !module) {
        cli_print_problems(modules.config);
        exit = CLI_CONFIG;
    }
    if (exit == 0 && !module->commands.count) {
        fprintf(stderr, "portico: module `%s` has no commands.\n", module->id);
        exit = CLI_USAGE;
    } else if (exit == 0 && words.command) {
        exit = run_command(module, &words, arena);
    } else if (exit == 0) {
        print_module(words.help ? stdout : stderr, module);
        exit = words.help ? CLI_OK : CLI_USAGE;
    }
    cli_modules_free(&modules);
    arena_free(arena);
    return exit;
}

void extra_list(int count, char **all)
{
    struct arena *arena = arena_new(0);
    struct words words = part(count, all, arena);
    struct cli_modules modules = { 0 };
    bool begun = false;
    if (inspect(&words, "help", &modules) == 0 && modules.registry)
        for (size_t i = 0; i < registry_module_count(modules.registry); i++) {
            const struct portico_module *module =
                module_descriptor(registry_module_at(modules.registry, i));
            if (!module->commands.count)
                continue;
            printf("%s", begun ? "" : "\nCommands of modules:\n");
            print_rows(stdout, module, true);
            begun = true;
        }
    cli_modules_free(&modules);
    arena_free(arena);
}
