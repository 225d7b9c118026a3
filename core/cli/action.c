#include "cli/action.h"

#include "base/text.h"

#include <stdio.h>

#define ACTIONS_MAX 24

static const void *complain(const struct cli_call *call, const char *const *names, size_t count)
{
    const char *nearest = text_nearest(call->arguments[0], names, count);
    fprintf(stderr, "portico %s: unknown action `%s`.", call->command->name, call->arguments[0]);
    if (nearest)
        fprintf(stderr, " Did you mean `%s`?", nearest);
    for (size_t i = 0; !nearest && i < count; i++)
        fprintf(stderr, "%s`%s`%s",
                i == 0           ? " Write "
                : i + 1 == count ? " or "
                                 : ", ",
                names[i], i + 1 == count ? "." : "");
    fprintf(stderr, "\nTry `portico %s --help`.\n", call->command->name);
    return NULL;
}

const void *cli_find_action(const struct cli_call *call, const struct cli_action *first,
                            size_t size, size_t count)
{
    const char *names[ACTIONS_MAX] = { NULL };
    size_t given = call->argument_count - 1;
    for (size_t i = 0; i < count && i < ACTIONS_MAX; i++) {
        const struct cli_action *action = (const void *)((const char *)first + i * size);
        names[i] = action->name;
        if (strcmp(action->name, call->arguments[0]) != 0)
            continue;
        if (given >= action->least && given <= action->most)
            return action;
        fprintf(stderr, "Usage: portico %s %s%s\n", call->command->name, action->name,
                action->usage);
        return NULL;
    }
    return complain(call, names, count < ACTIONS_MAX ? count : ACTIONS_MAX);
}
