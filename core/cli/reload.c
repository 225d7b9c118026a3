/* `portico reload`: takes the config and modules as they stand now into service. */
#include "cli/ask.h"

#include <stdio.h>

static int run(const struct cli_call *call)
{
    struct arena *arena = arena_new(0);
    struct value *answer = NULL;
    int exit = arena ? ask(call, "reload", arena, &answer) : CLI_FAILED;
    const struct portico_value *said = answer ? value_public(answer) : NULL;
    if (said && portico_get_boolean(said, "ok", 0)) {
        printf("Generation %lld serves.\n", (long long)portico_get_integer(said, "generation", 0));
    } else if (said) {
        fprintf(stderr, "%s\nThe new config was refused; the portal serves on as before.\n",
                portico_get_text(said, "reason", "No reason was given."));
        exit = CLI_CONFIG;
    }
    arena_free(arena);
    return exit;
}

const struct cli_command cli_reload = {
    .name = "reload",
    .summary = "take changed config and modules into service",
    .arguments = "",
    .description =
        "Checks the config and all modules, migrates the database, starts new workers beside the "
        "old ones and tests them. Then the new ones take over, without a lost request, and the old "
        "ones finish what is under way.\n\n"
        "If anything is wrong, every reason is printed, nothing changes and the portal serves on.",
    .run = run,
};
