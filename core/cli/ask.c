#include "cli/ask.h"

#include "base/json.h"
#include "server/control.h"

#include <stdlib.h>

int ask(const struct cli_call *call, const char *command, struct arena *arena,
        struct value **ret_answer)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct config *config = NULL;
    char *text = NULL;
    int exit = cli_load(call, &config);
    if (exit != 0)
        return exit;
    const char *request = arena_printf(arena, "{\"command\":\"%s\"}", command);
    int code = control_request(config_data_directory(config), request, &text, &error);
    if (code == 0)
        code = json_parse(arena, text, strlen(text), ret_answer, &error);
    if (code < 0)
        exit = cli_fail(call, &error);
    free(text);
    config_free(config);
    return code == PORTICO_ENOENT ? CLI_NOT_RUNNING : exit;
}

int ask_pid(const struct value *answer)
{
    return (int)portico_get_integer(value_public(answer), "pid", 0);
}
