#include "cli/record.h"

#include "cli/database.h"
#include "identity/audit.h"
#include "store/twin.h"

#include <stdio.h>

static int refuse(const struct cli_call *call, const struct portico_error *error)
{
    fprintf(stderr,
            "portico %s: this cannot be written into the audit log, so nothing was done: %s\n",
            call->command->name, error->message);
    return CLI_FAILED;
}

/* In one transaction, which the record ends. */
static int act_recorded(const struct cli_call *call, struct store_session *session,
                        const struct identity_act *record, int (*act)(void *data), void *data)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    bool has = false;
    int code = twin_has_table(session, "portico_audit", &has, &error);
    if (code == 0 && !has)
        return act(data);
    if (code == 0)
        code = store_begin(session, &error);
    if (code == 0)
        code = identity_audit(session, record, &error);
    if (code < 0) {
        store_rollback(session);
        return refuse(call, &error);
    }
    const int exit = act(data);
    if (exit != CLI_OK)
        store_rollback(session);
    else if (store_commit(session, &error) < 0)
        fprintf(stderr, "portico %s: it is done, but could not be written into the audit log: %s\n",
                call->command->name, error.message);
    else
        return CLI_OK;
    return exit == CLI_OK ? CLI_FAILED : exit;
}

int cli_record(const struct cli_call *call, const struct config *config, const char *kind,
               const char *object, int (*act)(void *data), void *data)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const struct identity_act record = { .kind = kind, .object = object, .origin = "command line" };
    struct cli_database database = { 0 };
    int code = cli_database_of(config, &database, &error);
    if (code == PORTICO_ENOENT)
        return act(data);
    const int exit =
        code < 0 ? refuse(call, &error) : act_recorded(call, database.session, &record, act, data);
    cli_database_close(&database);
    return exit;
}
