/* What the operator does to files of the portal, written into its audit log. */
#ifndef CLI_RECORD_H
#define CLI_RECORD_H

#include "cli/cli.h"

/* Runs `act`, whose exit code it gives back, and writes it down if that is 0: a record of this
 * kind, about `object` (may be NULL). Where it cannot be written down `act` does not run. Where the
 * portal has no database yet there is no log, and `act` runs. The log waits meanwhile: `act` is
 * brief, and asks no running portal for anything. */
int cli_record(const struct cli_call *call, const struct config *config, const char *kind,
               const char *object, int (*act)(void *data), void *data);

#endif
