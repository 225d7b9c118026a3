/* `portico person merge`. */
#ifndef CLI_PERSON_MERGE_H
#define CLI_PERSON_MERGE_H

#include "cli/cli.h"

/* FROM INTO as people call them, with --reason; with --dry-run it says what would follow. */
int person_merge(const struct cli_call *call);
/* Looks once more for rows of who was merged. */
int person_merge_again(const struct cli_call *call, int64_t from);

#endif
