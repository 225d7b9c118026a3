/* What commands say about failures and config problems. */
#include "cli/cli.h"

#include "base/json.h"

#include <stdio.h>

int cli_fail(const struct cli_call *call, const struct portico_error *error)
{
    fprintf(stderr, "portico %s: %s\n", call->command->name, error->message);
    return CLI_FAILED;
}

int cli_load(const struct cli_call *call, struct config **ret_config)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    if (config_load(call->config, ret_config, &error) == 0)
        return 0;
    cli_fail(call, &error);
    return CLI_CONFIG;
}

size_t cli_print_problems(const struct config *config)
{
    size_t count = config_problem_count(config);
    for (size_t i = 0; i < count; i++) {
        const struct config_problem *problem = config_problem_at(config, i);
        if (problem->line)
            fprintf(stderr, "%s:%u: %s\n", problem->file, problem->line, problem->message);
        else
            fprintf(stderr, "%s: %s\n", problem->file, problem->message);
    }
    if (count)
        fprintf(stderr, "%zu problem%s.\n", count, count == 1 ? "" : "s");
    return count;
}

void cli_print_json(const struct value *value)
{
    struct buffer text = { 0 };
    json_write(&text, value);
    const char *line = buffer_text(&text);
    if (line)
        puts(line);
    buffer_free(&text);
}
