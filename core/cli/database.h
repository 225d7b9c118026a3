/* The portal's database, for commands that look into it beside a running portal or without one. */
#ifndef CLI_DATABASE_H
#define CLI_DATABASE_H

#include "cli/cli.h"
#include "server/settings.h"

#include <glib.h>

struct cli_database {
    int64_t connect_time; /* µs for a server to take the connection, set before opening; 0: usual */
    struct config *config;
    struct server_settings settings;
    struct store *store;
    struct arena *arena;
    struct store_session *session; /* as the host itself: no row is hidden */
};

/* Opens what the config names in a zeroed one, but for connect_time; 0, or the exit code after a
 * message. */
int cli_database_open(const struct cli_call *call, struct cli_database *ret_database);
/* The same without a message: why not is in `error`. */
int cli_database_try(const struct cli_call *call, struct cli_database *ret_database,
                     struct portico_error *error);
/* The same by a config that is read already, which may have problems elsewhere and stays the
 * caller's. ENOENT: there is no database yet. */
int cli_database_of(const struct config *config, struct cli_database *ret_database,
                    struct portico_error *error);
/* Core's migrations, then those of the enabled modules: struct migrate_source, texts in `arena`. */
GArray *cli_migration_sources(const struct config *config, struct arena *arena);
/* A session of its own for the next statements, with fresh memory. 0 or PORTICO_ENOMEM. */
int cli_database_renew(struct cli_database *database);
/* Accepts a zeroed one. */
void cli_database_close(struct cli_database *database);

#endif
