/* `portico worker`: one process of the portal. Only the supervisor calls it. */
#include "server/worker.h"

#include "base/log.h"
#include "base/text.h"
#include "cli/cli.h"
#include "server/settings.h"
#include "store/store.h"

#include <stdio.h>
#include <unistd.h>

/* One process alone verifies a database whose log is poisoned. */
static int recover(const struct cli_call *call)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct config *config = NULL;
    struct server_settings settings = { 0 };
    int exit = cli_load(call, &config);
    if (exit != 0)
        return exit;
    if (cli_print_problems(config))
        exit = CLI_CONFIG;
    else if (server_settings_read(config, &settings, &error) < 0 ||
             store_recover(&settings.store, &error) < 0)
        exit = cli_fail(call, &error);
    server_settings_free(&settings);
    config_free(config);
    return exit;
}

static bool number(const struct cli_call *call, const char *name, unsigned *ret_number)
{
    const char *text = cli_value(call, name);
    long long value;
    if (!text || !text_to_int64(text_of(text), &value) || value < 0 || value > INT32_MAX)
        return false;
    *ret_number = (unsigned)value;
    return true;
}

static int run(const struct cli_call *call)
{
    struct worker_options options = { .config = call->config };
    if (cli_value(call, "recover"))
        return recover(call);
    if (!number(call, "slot", &options.slot) || !number(call, "generation", &options.generation) ||
        !number(call, "listeners", &options.listeners) ||
        !number(call, "supervisor", &options.supervisor)) {
        fprintf(stderr, "portico worker: only the supervisor of `portico run` starts workers.\n");
        return CLI_USAGE;
    }
    log_set_plain(isatty(STDERR_FILENO));
    return cli_value(call, "jobs") ? jobs_run(&options) : worker_run(&options);
}

static const struct cli_option options_of_worker[] = {
    { "slot", "NUMBER", "The worker's place in ids and log lines." },
    { "generation", "NUMBER", "The generation it belongs to." },
    { "listeners", "NUMBER", "How many listening sockets it inherits." },
    { "supervisor", "PID", "The process that started it." },
    { "jobs", NULL, "Run jobs and deliver events instead of serving requests." },
    { "recover", NULL, "Verifies a database whose log is poisoned, and ends." },
};

const struct cli_command cli_worker = {
    .name = "worker",
    .summary = "serve requests for the supervisor",
    .arguments = "",
    .description =
        "One process of the portal. `portico run` starts and replaces workers by itself.",
    CLI_OPTIONS(options_of_worker),
    .run = run,
    .hidden = true,
};
