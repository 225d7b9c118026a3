/* The table of all subcommands, and the exit codes they share. */
#include "cli/cli.h"

#include <string.h>

const struct cli_command *const cli_commands[] = {
    &cli_run,      &cli_check,   &cli_reload,  &cli_stop,  &cli_status, &cli_module, &cli_init,
    &cli_demo,     &cli_user,    &cli_account, &cli_role,  &cli_token,  &cli_audit,  &cli_why,
    &cli_exposure, &cli_person,  &cli_job,     &cli_event, &cli_key,    &cli_mail,   &cli_import,
    &cli_version,  &cli_migrate, &cli_worker,  NULL,
};

const struct cli_exit_row cli_exits[] = {
    { CLI_OK, "Done; also when a running portal was asked to stop." },
    { CLI_FAILED, "It was tried and did not succeed; the message says why." },
    { CLI_USAGE, "The command line is wrong: an unknown command or option, a missing argument." },
    { CLI_CONFIG, "The config or a module has problems. All were printed; nothing was changed." },
    { CLI_NOT_RUNNING, "No portal runs with this config." },
    { CLI_INTERRUPTED, "An import or a module's command was stopped by Ctrl-C or SIGTERM." },
};
const size_t cli_exit_count = sizeof cli_exits / sizeof *cli_exits;

const struct cli_command *cli_find(const char *name)
{
    for (size_t i = 0; cli_commands[i]; i++)
        if (strcmp(cli_commands[i]->name, name) == 0)
            return cli_commands[i];
    return NULL;
}
