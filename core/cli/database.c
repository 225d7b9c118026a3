#include "cli/database.h"

#include "base/log.h"

#include <unistd.h>

/* Opening would make an empty one. */
static int look_for_file(const struct config *config, struct portico_error *error)
{
    static const char scheme[] = "sqlite:";
    const char *url = config_database_url(config);
    if (strncmp(url, scheme, sizeof scheme - 1) != 0 || access(url + sizeof scheme - 1, F_OK) == 0)
        return 0;
    return error_set(error, PORTICO_ENOENT,
                     "There is no database at %s yet. The first `portico run` makes it.",
                     url + sizeof scheme - 1);
}

int cli_database_renew(struct cli_database *database)
{
    store_session_end(database->session);
    arena_free(database->arena);
    database->session = NULL;
    database->arena = arena_new(0);
    if (database->arena)
        database->session =
            store_session_new(database->store, database->arena, &store_viewer_host, "core");
    return database->session ? 0 : PORTICO_ENOMEM;
}

int cli_database_of(const struct config *config, struct cli_database *ret_database,
                    struct portico_error *error)
{
    struct cli_database database = { .connect_time = ret_database->connect_time };
    int code = look_for_file(config, error);
    if (code == 0)
        code = server_settings_read(config, &database.settings, error);
    database.settings.store.connect_time = database.connect_time;
    if (code == 0)
        code = store_open(&database.settings.store, &database.store, error);
    if (code == 0 && cli_database_renew(&database) < 0)
        code = error_set(error, PORTICO_ENOMEM, "There is no memory for a session.");
    if (code < 0)
        cli_database_close(&database);
    else
        *ret_database = database;
    return code;
}

int cli_database_try(const struct cli_call *call, struct cli_database *ret_database,
                     struct portico_error *error)
{
    struct config *config = NULL;
    int code = config_load(call->config, &config, error);
    if (code == 0 && config_problem_count(config))
        code = error_set(error, PORTICO_EINVAL, "%s has problems; `portico check` names them.",
                         call->config);
    if (code == 0 && cli_become_owner(call, config) != 0)
        code = error_set(error, PORTICO_EPERM, "Its directory belongs to another user.");
    if (code == 0)
        code = cli_database_of(config, ret_database, error);
    if (code < 0)
        config_free(config);
    else
        ret_database->config = config;
    return code;
}

int cli_database_open(const struct cli_call *call, struct cli_database *ret_database)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct config *config = NULL;
    log_set_plain(1);
    log_set_process(call->command->name);
    int exit = cli_load(call, &config);
    if (exit == 0 && cli_print_problems(config))
        exit = CLI_CONFIG;
    config_free(config);
    if (exit == 0 && cli_database_try(call, ret_database, &error) < 0)
        exit = cli_fail(call, &error);
    return exit;
}

void cli_database_close(struct cli_database *database)
{
    store_session_end(database->session);
    arena_free(database->arena);
    store_close(database->store);
    server_settings_free(&database->settings);
    config_free(database->config);
    *database = (struct cli_database){ 0 };
}
