#include "cli/record.h"

#include "cli/database.h"
#include "identity/audit.h"
#include "store/twin.h"

#include <stdio.h>

int cli_record(const struct cli_call *call, const struct config *config, const char *kind,
               const char *object)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const struct identity_act act = { .kind = kind, .object = object, .origin = "command line" };
    struct cli_database database = { 0 };
    bool has = false;
    int code = cli_database_of(config, &database, &error);
    if (code == PORTICO_ENOENT)
        return CLI_OK;
    if (code == 0)
        code = twin_has_table(database.session, "portico_audit", &has, &error);
    if (code == 0 && has)
        code = identity_audit(database.session, &act, &error);
    cli_database_close(&database);
    if (code == 0)
        return CLI_OK;
    fprintf(stderr,
            "portico %s: this cannot be written into the audit log, so nothing was done: %s\n",
            call->command->name, error.message);
    return CLI_FAILED;
}
