/* Commands that change accounts and roles, and what such commands print. */
#ifndef CLI_MANAGE_H
#define CLI_MANAGE_H

#include "cli/cli.h"
#include "portal/manage.h"

#include <glib.h>

/* What one act works on. */
struct cli_manage {
    const struct cli_call *call;
    struct manage manage; /* in the operator's name, in one transaction */
    GString *said;        /* printed once it is committed */
};
/* Starts the modules, whose handlers of events are told, and runs it; the database must be there.
 * The exit code. `data` is for the act. */
int cli_manage_run(const struct cli_call *call,
                   int (*act)(struct cli_manage *at, void *data, struct portico_error *error),
                   void *data);

/* A text of the database for a terminal, in `arena`; "-" for NULL. */
const char *cli_shown(struct arena *arena, const struct value_cell *cell);
/* A time as RFC 3339 says it, or the other word for NULL. */
const char *cli_shown_time(struct arena *arena, const struct value_cell *cell, const char *none);
/* A row as one JSON object a line. */
void cli_print_row(struct arena *arena, const struct value *rows, uint32_t index);

#endif
