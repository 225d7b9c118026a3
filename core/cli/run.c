/* `portico run`: serves in the foreground until it is told to stop. */
#include "base/log.h"
#include "cli/cli.h"
#include "server/supervisor.h"

#include <stdlib.h>
#include <unistd.h>

static int run(const struct cli_call *call)
{
    char *config = realpath(call->config, NULL);
    const struct supervisor_options options = { .config = config ? config : call->config,
                                                .version = PORTICO_VERSION };
    log_set_plain(isatty(STDERR_FILENO));
    int code = supervisor_run(&options);
    free(config);
    return code == SUPERVISOR_STOPPED   ? CLI_OK
           : code == SUPERVISOR_REFUSED ? CLI_CONFIG
                                        : CLI_FAILED;
}

const struct cli_command cli_run = {
    .name = "run",
    .summary = "serve the portal until it is stopped",
    .arguments = "",
    .description =
        "Starts the workers, tests them, and serves. The address is printed once the portal "
        "answers. Log lines go to standard error: plain sentences on a terminal, JSON "
        "otherwise.\n\n"
        "SIGTERM or Ctrl-C finishes what is under way and ends; a second one ends at once. SIGHUP "
        "reloads, as `portico reload` does.",
    .run = run,
};
