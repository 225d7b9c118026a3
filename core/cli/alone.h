/* Commands that run module code in this program, beside a running portal or without one. */
#ifndef CLI_ALONE_H
#define CLI_ALONE_H

#include "cli/cli.h"
#include "server/room.h"

/* Checks the config, becomes the owner of the data and brings the database, which may not be there
 * yet, to the needed shape. 0, or the exit code after messages. */
int alone_prepare(const struct cli_call *call);
/* Checks the config, becomes the owner of the data, brings the database to the needed shape and
 * starts the modules; `process` is what log lines are named by. Work they queue wakes a running
 * portal. 0, or the exit code after messages. alone_close either way. */
int alone_open(const struct cli_call *call, const char *process, struct room *ret_room);
void alone_close(struct room *room);

#endif
