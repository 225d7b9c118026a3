#include "server/mail.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "job/job.h"
#include "module/outgoing.h"

#include <stdatomic.h>

int mail_server_read(struct config *config, struct follow *secrets, struct arena *arena,
                     struct mail_server *ret_server, struct portico_error *error)
{
    struct mail_server server = {
        .url = config_text(config, "mail", "server"),
        .from = config_text(config, "mail", "from"),
        .user = config_text(config, "mail", "user"),
        .tls = config_text(config, "mail", "tls"),
        .ca_file = config_path(config, "mail", "ca_file"),
    };
    if (!*server.url || !*server.from)
        return error_set(error, PORTICO_ENOENT,
                         "No mail leaves this portal: [mail] `%s` is not set. Set `server` and "
                         "`from`, reload, and try what waits again with `portico job retry`.",
                         *server.url ? "from" : "server");
    int code = 0;
    if (*server.user)
        code = follow_read(secrets, config, "mail", "password", arena, &server.password, error);
    if (code < 0 && code != PORTICO_ENOENT)
        return code;
    *ret_server = server;
    return 0;
}

/* Once per process: each message says it again in its own failure. */
static void tell_unset(const struct portico_error *error)
{
    static atomic_flag told = ATOMIC_FLAG_INIT;
    if (!atomic_flag_test_and_set(&told))
        log_warning("%s", error->message);
}

int mail_job(const struct host_call *call, struct portico_error *error)
{
    struct mail_server server;
    struct mail_message message;
    int code = mail_server_read(call->host->config, call->host->outgoing->secrets, call->arena,
                                &server, error);
    if (code == PORTICO_ENOENT) {
        if (error)
            tell_unset(error);
        return PORTICO_EINVAL; /* given up: it waits for an admin */
    }
    if (code == 0)
        code = mail_read(call->claim->arguments, &message, error);
    int goes = code < 0 ? code : mail_resolve(call->host->identity, call->session, &message, error);
    if (goes <= 0)
        return goes;
    struct buffer text = { 0 };
    code = mail_render(&message, server.from, call->claim->id, clock_now(), &text, error);
    if (code == 0) /* what asked for this mail must be on disk before it leaves */
        code = store_settle(call->host->store, error);
    if (code == 0)
        code = mail_deliver(&server, &message, &text, call->arena, NULL, error);
    buffer_free(&text);
    return code;
}
