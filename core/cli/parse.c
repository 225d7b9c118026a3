/* The command line: which command, its options and arguments, and complaints that name the nearest.
 */
#include "base/text.h"
#include "cli/cli.h"
#include "cli/extra.h"
#include "module/inspect.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NAMES_MAX 32

static int complain(const char *command, const char *what, const char *word, const char *nearest,
                    const char *dashes)
{
    fprintf(stderr, "portico%s%s: %s `%s`.", *command ? " " : "", command, what, word);
    if (nearest)
        fprintf(stderr, " Did you mean `%s%s`?", dashes, nearest);
    fprintf(stderr, "\nTry `portico%s%s --help`.\n", *command ? " " : "", command);
    return CLI_USAGE;
}

const char *cli_value(const struct cli_call *call, const char *name)
{
    for (size_t i = 0; i < call->command->option_count; i++)
        if (strcmp(call->command->options[i].name, name) == 0)
            return call->values[i];
    return NULL;
}

static int unknown_option(const struct cli_command *command, const char *word)
{
    const char *names[CLI_OPTIONS_MAX + 2] = { "config", "help" };
    for (size_t i = 0; i < command->option_count; i++)
        names[i + 2] = command->options[i].name;
    const char *bare = word + strspn(word, "-");
    const char *nearest = text_nearest(bare, names, command->option_count + 2);
    return complain(command->name, "unknown option", word, nearest, "--");
}

/* The place for the value of `name`; NULL if the command has no such option. */
static const char **option_place(struct cli_call *call, struct text name, const char **ret_argument)
{
    if (text_equals(name, TEXT("config"))) {
        *ret_argument = "FILE";
        return &call->config;
    }
    for (size_t i = 0; i < call->command->option_count; i++)
        if (text_equals(name, text_of(call->command->options[i].name))) {
            *ret_argument = call->command->options[i].argument;
            return &call->values[i];
        }
    return NULL;
}

/* One word beginning with "--"; takes the next one too if it is the option's value. */
static int parse_option(struct cli_call *call, int count, char **words, int *at)
{
    const char *word = words[*at];
    const char *equals = strchr(word, '=');
    struct text name = { word + 2, equals ? (size_t)(equals - word) - 2 : strlen(word + 2) };
    const char *argument = NULL;
    const char **place = option_place(call, name, &argument);
    if (!place)
        return unknown_option(call->command, word);
    if (!argument && equals)
        return complain(call->command->name, "no value belongs to", word, NULL, "");
    if (!argument) {
        *place = "";
        return -1;
    }
    if (equals)
        *place = equals + 1;
    else if (*at + 1 < count)
        *place = words[++*at];
    else
        return complain(call->command->name, "a value is missing after", word, NULL, "");
    return -1;
}

static int check_arguments(const struct cli_call *call)
{
    const struct cli_command *command = call->command;
    if (call->argument_count >= command->arguments_least &&
        call->argument_count <= command->arguments_most)
        return -1;
    if (call->argument_count > command->arguments_most)
        fprintf(stderr, "portico %s: `%s` is one argument too many.\n", command->name,
                call->arguments[command->arguments_most]);
    else
        fprintf(stderr, "portico %s: an argument is missing.\n", command->name);
    fprintf(stderr, "Usage: portico %s [OPTION…]%s%s\n", command->name,
            *command->arguments ? " " : "", command->arguments);
    return CLI_USAGE;
}

int cli_parse(const struct cli_command *command, int count, char **words, struct cli_call *ret_call)
{
    struct cli_call call = { .command = command };
    bool only_arguments = false;
    for (int i = 0; i < count; i++) {
        const char *word = words[i];
        if (!only_arguments && strcmp(word, "--") == 0) {
            only_arguments = true;
        } else if (!only_arguments && (!strcmp(word, "--help") || !strcmp(word, "-h"))) {
            cli_help_command(command);
            return CLI_OK;
        } else if (!only_arguments && word[0] == '-' && word[1] == '-') {
            int code = parse_option(&call, count, words, &i);
            if (code >= 0)
                return code;
        } else if (!only_arguments && word[0] == '-' && word[1] && !command->signs) {
            return unknown_option(command, word);
        } else if (call.argument_count == CLI_ARGUMENTS_MAX) {
            return complain(command->name, "too many arguments from", word, NULL, "");
        } else {
            call.arguments[call.argument_count++] = word;
        }
    }
    int code = check_arguments(&call);
    if (code >= 0)
        return code;
    call.config_given = call.config != NULL;
    if (!call.config)
        call.config = access(CLI_CONFIG_HERE, F_OK) == 0 ? CLI_CONFIG_HERE : CLI_CONFIG_SYSTEM;
    *ret_call = call;
    return -1;
}

static int unknown_command(const char *word)
{
    const char *names[NAMES_MAX];
    size_t count = 0;
    for (size_t i = 0; cli_commands[i] && count < NAMES_MAX; i++)
        if (!cli_commands[i]->hidden)
            names[count++] = cli_commands[i]->name;
    return complain("", word[0] == '-' ? "unknown option" : "unknown command", word,
                    text_nearest(word, names, count), "");
}

/* `portico help [COMMAND]`; `words` begins with "help". */
static int help(int count, char **words)
{
    bool all = count < 2 || words[1][0] == '-';
    const struct cli_command *command = all ? NULL : cli_find(words[1]);
    if (command) {
        cli_help_command(command);
        return CLI_OK;
    }
    if (!all) {
        char option[] = "--help";
        char *module[] = { words[1], count > 2 ? words[2] : option, option };
        int exit = extra_run(3, module);
        return exit >= 0 ? exit : unknown_command(words[1]);
    }
    cli_help(count, words);
    return CLI_OK;
}

int cli_main(int count, char **words)
{
    if (count < 2) {
        fprintf(stderr, "portico: a command is missing.\nTry `portico --help`.\n");
        return CLI_USAGE;
    }
    const char *word = words[1];
    if (strcmp(word, "inspect-module") == 0)
        return inspect_main(count, words);
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0)
        return help(count - 1, words + 1);
    if (strcmp(word, "--manual") == 0)
        return cli_manual(count > 2 ? words[2] : "");
    const struct cli_command *command =
        strcmp(word, "--version") == 0 ? &cli_version : cli_find(word);
    if (!command) {
        int exit = word[0] == '-' ? -1 : extra_run(count - 1, words + 1);
        return exit >= 0 ? exit : unknown_command(word);
    }
    struct cli_call call;
    int code = cli_parse(command, count - 2, words + 2, &call);
    return code >= 0 ? code : command->run(&call);
}
