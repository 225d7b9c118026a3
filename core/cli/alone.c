#include "cli/alone.h"

#include "base/log.h"
#include "cli/wake.h"
#include "server/process.h"

#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>

/* The database's shape is changed by a child process, here as at the start of the portal. */
static int migrate(const struct cli_call *call)
{
    const char *const arguments[] = { "migrate",  "--phase",    "before", "--quiet",
                                      "--config", call->config, NULL };
    const struct process_options options = { .arguments = arguments, .output = -1 };
    struct portico_error error = PORTICO_ERROR_INIT;
    pid_t child = process_start(&options, &error);
    if (child < 0)
        return cli_fail(call, &error);
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return CLI_FAILED;
    return WIFEXITED(status) ? WEXITSTATUS(status) : CLI_FAILED;
}

int alone_prepare(const struct cli_call *call)
{
    struct config *config = NULL;
    int exit = cli_load(call, &config);
    if (exit == 0 && cli_print_problems(config))
        exit = CLI_CONFIG;
    if (exit == 0)
        exit = cli_become_owner(call, config);
    config_free(config);
    return exit ? exit : migrate(call);
}

int alone_open(const struct cli_call *call, const char *process, struct room *ret_room)
{
    log_set_plain(1);
    log_set_process(process);
    int exit = alone_prepare(call);
    struct buffer report = { 0 };
    struct portico_error error = PORTICO_ERROR_INIT;
    if (exit == 0 && room_open(ret_room, call->config, false, &report, &error) < 0) {
        fwrite(report.data, 1, report.length, stderr);
        cli_fail(call, &error);
        exit = CLI_CONFIG;
    }
    buffer_free(&report);
    if (exit == 0)
        wake_follow(ret_room->config);
    return exit;
}

/* Stopping modules may queue, too. */
void alone_close(struct room *room)
{
    struct config *config = room->config;
    room->config = NULL;
    room_close(room);
    wake_end();
    config_free(config);
}
