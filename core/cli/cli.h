/* Subcommands of `portico`: one const row each with its words, options and what it runs. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/error.h"
#include "config/config.h"

#include <stdbool.h>
#include <stddef.h>

/* Exit codes of every subcommand; cli_exits says the same in words for --help and the man pages. */
enum cli_exit {
    CLI_OK = 0,
    CLI_FAILED = 1,        /* it was tried and did not succeed; the message says why */
    CLI_USAGE = 2,         /* unknown command or option, missing argument */
    CLI_CONFIG = 3,        /* the config or a module has problems; all were printed */
    CLI_NOT_RUNNING = 4,   /* no portal runs with this config */
    CLI_INTERRUPTED = 130, /* stopped by Ctrl-C or SIGTERM, as shells count */
};
struct cli_exit_row {
    int code;
    const char *meaning;
};
extern const struct cli_exit_row cli_exits[];
extern const size_t cli_exit_count;

/* Where the config lies without --config, in order. */
#define CLI_CONFIG_HERE "portico.conf"
#define CLI_CONFIG_SYSTEM "/etc/portico/portico.conf"

/* `--name`, or `--name ARGUMENT`. Every command has --config and --help beside its own. */
struct cli_option {
    const char *name;
    const char *argument; /* what stands for its value; NULL: a flag */
    const char *help;     /* a sentence */
};

#define CLI_OPTIONS_MAX 16
#define CLI_ARGUMENTS_MAX 16

struct cli_command;

/* One call of a command, parsed. */
struct cli_call {
    const struct cli_command *command;
    const char *config; /* --config, or the first default that exists, or CLI_CONFIG_SYSTEM */
    bool config_given;  /* it was --config */
    const char *values[CLI_OPTIONS_MAX]; /* by index of the command's options; use cli_value */
    const char *arguments[CLI_ARGUMENTS_MAX];
    size_t argument_count;
};

struct cli_command {
    const char *name;
    const char *summary;   /* one line for `portico --help` */
    const char *arguments; /* for the usage line, such as "MODULE DIRECTORY"; "" if it takes none */
    size_t arguments_least;
    size_t arguments_most;
    const char *description; /* paragraphs separated by blank lines */
    const struct cli_option *options;
    size_t option_count;
    int (*run)(const struct cli_call *call); /* returns an enum cli_exit */
    bool signs;  /* words such as -admin are arguments; options of it begin with -- */
    bool hidden; /* left out of `portico --help`: for the portal's own use */
};
#define CLI_OPTIONS(array) .options = (array), .option_count = sizeof(array) / sizeof *(array)

/* The rows; each stands in the file of its name. */
extern const struct cli_command cli_run, cli_check, cli_reload, cli_stop, cli_status, cli_module,
    cli_import, cli_job, cli_person, cli_event, cli_migrate, cli_version, cli_worker;
extern const struct cli_command cli_key, cli_mail, cli_init, cli_demo, cli_user, cli_account,
    cli_role, cli_token, cli_audit, cli_why, cli_exposure;
/* All of them, NULL-terminated, in the order of `portico --help` (commands.c). */
extern const struct cli_command *const cli_commands[];
const struct cli_command *cli_find(const char *name);

/* The option's value, "" for a flag that is given, NULL if it is absent. */
const char *cli_value(const struct cli_call *call, const char *name);
/* Parses what follows the command's name. -1: go on and run it; else the exit code to leave with,
 * after
 * --help or a complaint. */
int cli_parse(const struct cli_command *command, int count, char **words,
              struct cli_call *ret_call);
/* The whole program: finds the command and runs it. */
int cli_main(int count, char **words);

/* `portico --help`, `portico COMMAND --help`, and the man pages in roff (`portico --manual NAME`).
 * The words after `portico` may name the config whose modules' commands are listed too. */
void cli_help(int count, char **words);
void cli_help_command(const struct cli_command *command);
int cli_manual(const char *page);

/* "portico COMMAND: " and the message, on standard error; returns CLI_FAILED. */
int cli_fail(const struct cli_call *call, const struct portico_error *error);
/* Loads the config of the call, or prints why not and returns the exit code (CLI_CONFIG); problems
 * inside it are the caller's to print. 0: loaded. */
int cli_load(const struct cli_call *call, struct config **ret_config);
/* Root becomes the owner of the data directory: what root left in there would shut the portal out.
 * 0, or the exit code after a message. */
int cli_become_owner(const struct cli_call *call, const struct config *config);
/* All problems as "FILE:LINE: sentence" on standard error, then how many; returns how many. */
size_t cli_print_problems(const struct config *config);
struct value;
/* One line of JSON on standard output. */
void cli_print_json(const struct value *value);

#endif
