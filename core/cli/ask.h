/* Asking the running portal of a config through its control socket. */
#ifndef CLI_ASK_H
#define CLI_ASK_H

#include "cli/cli.h"

#include "base/value.h"

/* Sends the command and parses the answer into `arena`. CLI_OK, or the exit code after a message.
 */
int ask(const struct cli_call *call, const char *command, struct arena *arena,
        struct value **ret_answer);
/* The pid of the portal that holds the data directory of the config, or 0. */
int ask_pid(const struct value *answer);

#endif
