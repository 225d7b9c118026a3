/* The word after a command's name that says what it does: `portico job list`. */
#ifndef CLI_ACTION_H
#define CLI_ACTION_H

#include "cli/cli.h"

/* Begins a row of a command's table, whose other members say how it is run. */
struct cli_action {
    const char *name;
    const char *usage;  /* what follows the name, such as " ID" */
    size_t least, most; /* arguments after the name */
};

/* The row that the first argument of the call names, for the arguments it has; NULL after a
 * message: leave with CLI_USAGE. The rows are `size` bytes each and begin with `first`. */
const void *cli_find_action(const struct cli_call *call, const struct cli_action *first,
                            size_t size, size_t count);
#define CLI_FIND_ACTION(call, rows)                                                                \
    cli_find_action(call, &(rows)->action, sizeof *(rows), sizeof(rows) / sizeof *(rows))

#endif
