/* `portico mail`: whether mail leaves this portal. */
#include "server/mail.h"

#include "base/clock.h"
#include "base/id.h"
#include "cli/action.h"

#include <glib.h>
#include <stdio.h>

static int test_address(const struct config *config, const struct mail_server *server,
                        const char *address, struct arena *arena, const char **ret_words,
                        struct portico_error *error)
{
    const struct mail_message message = {
        .module = "core",
        .to = address,
        .subject = arena_printf(arena, "Test of %s", config_text(config, "portal", "name")),
        .text = "This message shows that mail leaves the portal. Nothing is to be done.\n",
        .portal_url = config_url(config),
    };
    struct buffer text = { 0 };
    int code = mail_check(&message, error);
    if (code == 0)
        code = mail_render(&message, server->from, id_new(), clock_now(), &text, error);
    if (code == 0)
        code = mail_deliver(server, &message, &text, arena, ret_words, error);
    buffer_free(&text);
    return code;
}

static const struct {
    struct cli_action action;
} actions[] = { { { "test", " ADDRESS", 1, 1 } } };

static int run(const struct cli_call *call)
{
    if (!CLI_FIND_ACTION(call, actions))
        return CLI_USAGE;
    struct config *config = NULL;
    int exit = cli_load(call, &config);
    if (exit == 0)
        exit = cli_become_owner(call, config);
    if (exit) {
        config_free(config);
        return exit;
    }
    struct portico_error error = PORTICO_ERROR_INIT;
    struct follow *secrets = follow_new(NULL);
    struct arena *arena = arena_new(0);
    struct mail_server server;
    const char *words = NULL;
    int code = arena ? mail_server_read(config, secrets, arena, &server, &error)
                     : error_set(&error, PORTICO_ENOMEM, "There is no memory for a mail.");
    if (code == 0)
        code = test_address(config, &server, call->arguments[1], arena, &words, &error);
    if (code == 0)
        printf("%s took the message for %s: %s\n", server.url, call->arguments[1],
               words ? words : "");
    exit = code == 0 ? CLI_OK : cli_fail(call, &error);
    arena_free(arena);
    follow_free(secrets);
    config_free(config);
    return exit;
}

const struct cli_command cli_mail = {
    .name = "mail",
    .summary = "send a message to see whether mail leaves the portal",
    .arguments = "test ADDRESS",
    .arguments_least = 1,
    .arguments_most = 2,
    .description =
        "Sends one message to ADDRESS through the mail server in [mail], at once and not through "
        "the queue, and prints what the server said. Mail of modules that could not be sent stands "
        "in `portico job list`.",
    .run = run,
};
