/* `portico init`: the way in for the first admin. */
#include "base/clock.h"
#include "cli/alone.h"
#include "cli/database.h"
#include "identity/link.h"

#include <sodium.h>
#include <stdio.h>

static int make_link(struct cli_database *database, char ret_token[IDENTITY_TOKEN_SIZE],
                     struct portico_error *error)
{
    bool has = false;
    int code = identity_has_admin(database->session, &has, error);
    if (code == 0 && has)
        code = error_set(error, PORTICO_EEXIST,
                         "This portal has an admin. `portico user add NAME --mail ADDRESS --role "
                         "admin --invite` makes another one.");
    if (code == 0)
        code =
            identity_link_make(database->session, IDENTITY_LINK_ADMIN, 0, NULL, ret_token, error);
    return code;
}

static int run(const struct cli_call *call)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct cli_database database = { 0 };
    char token[IDENTITY_TOKEN_SIZE], until[40];
    int exit = alone_prepare(call);
    if (exit == 0)
        exit = cli_database_open(call, &database);
    if (exit == 0 && make_link(&database, token, &error) < 0)
        exit = cli_fail(call, &error);
    if (exit == 0) {
        clock_rfc3339((clock_now() + identity_link_time(IDENTITY_LINK_ADMIN)) / 1000000 * 1000000,
                      until, sizeof until);
        printf("Open this link to become the first admin. It works once, until %s, and a later "
               "one takes its place:\n\n  %s" IDENTITY_LINK_PATH "%s\n\n",
               until, config_url(database.config), token);
        if (fflush(stdout) != 0)
            exit = CLI_FAILED;
        sodium_memzero(token, sizeof token);
    }
    cli_database_close(&database);
    return exit;
}

const struct cli_command cli_init = {
    .name = "init",
    .summary = "print the link by which the first admin of a new portal comes in",
    .arguments = "",
    .description =
        "Prints a link that works once within 24 hours, on which the first admin gives name, "
        "address and password. Whoever has it becomes the admin: it is printed this one time and "
        "kept nowhere. Called again, it makes a new one and the link before leads nowhere.\n\n"
        "It makes the database if there is none. Once an admin exists it refuses: `portico user` "
        "makes others.",
    .run = run,
};
