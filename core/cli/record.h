/* What the operator does to files of the portal, written into its audit log. */
#ifndef CLI_RECORD_H
#define CLI_RECORD_H

#include "cli/cli.h"

/* Writes down an act of this kind, about `object` (may be NULL), before it is done. 0, also where
 * the portal has no database yet and so no log; else the exit code, after a message, and the act is
 * not to be done. */
int cli_record(const struct cli_call *call, const struct config *config, const char *kind,
               const char *object);

#endif
