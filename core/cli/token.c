/* `portico token`: access tokens of the API, and an end to one. */
#include "cli/action.h"
#include "cli/manage.h"
#include "identity/api_token.h"
#include "identity/audit.h"
#include "identity/person.h"

#include "base/text.h"

#include <inttypes.h>

struct token_action {
    struct cli_action action;
    int (*run)(struct cli_manage *at, void *data, struct portico_error *error);
};

enum { ID, NAME, ACCOUNT, ACCOUNT_NAME, SCOPES, CREATED, EXPIRES, USED, PERSON, HANDLE, OVER };

static void print_token(struct cli_manage *at, const struct value *rows, uint32_t index)
{
    struct arena *arena = store_session_arena(at->manage.session);
    const struct value_cell *cells = value_rows_at(rows, index);
    if (cli_value(at->call, "json")) {
        cli_print_row(arena, rows, index);
        return;
    }
    g_string_append_printf(at->said, "%-20" PRId64 " %-16s %-20s %-20s %s%s\n", cells[ID].integer,
                           cli_shown(arena, &cells[HANDLE]),
                           cli_shown_time(arena, &cells[EXPIRES], "never"),
                           cli_shown_time(arena, &cells[USED], "never"),
                           cli_shown(arena, &cells[NAME]), cells[OVER].integer ? " (over)" : "");
}

static int list(struct cli_manage *at, void *data, struct portico_error *error)
{
    struct identity_person person = { 0 };
    struct value *rows;
    int code =
        at->call->argument_count > 1
            ? identity_person_named(at->manage.session, at->call->arguments[1], &person, error)
            : 0;
    (void)data;
    if (code == 0)
        code =
            identity_api_tokens(at->manage.identity, at->manage.session, person.id, &rows, error);
    if (code < 0)
        return code;
    if (!cli_value(at->call, "json"))
        g_string_printf(at->said, "%-20s %-16s %-20s %-20s %s\n", "TOKEN", "OF", "OVER", "USED",
                        "NAME");
    for (uint32_t i = 0; i < rows->count; i++)
        print_token(at, rows, i);
    return PORTICO_OK;
}

static int end_one(struct cli_manage *at, void *data, struct portico_error *error)
{
    const char *word = at->call->arguments[1];
    long long id = 0;
    int64_t person = 0;
    (void)data;
    if (!text_to_int64(text_of(word), &id) || id <= 0)
        return error_set(error, PORTICO_EINVAL,
                         "`%.40s` is no token: take its number of `portico token list`.", word);
    int code = identity_api_token_revoke(at->manage.session, IDENTITY_ANYBODY, id, &person, error);
    if (code < 0)
        return code;
    const struct identity_act act = {
        .kind = "token.revoked", .person = person, .object = word, .origin = at->manage.from
    };
    g_string_printf(at->said, "The token %lld is revoked: it opens nothing within a second.\n", id);
    return identity_audit(at->manage.session, &act, error);
}

static const struct token_action actions[] = {
    { { "list", " [WHO]", 0, 1 }, list },
    { { "revoke", " TOKEN", 1, 1 }, end_one },
};

static int run(const struct cli_call *call)
{
    const struct token_action *action = CLI_FIND_ACTION(call, actions);
    return action ? cli_manage_run(call, action->run, NULL) : CLI_USAGE;
}

static const struct cli_option options[] = {
    { "json", NULL, "For `list`: one JSON object a line." },
};

const struct cli_command cli_token = {
    .name = "token",
    .summary = "see access tokens of the API, and revoke one",
    .arguments = "list [WHO] | revoke TOKEN",
    .arguments_least = 1,
    .arguments_most = 2,
    .description =
        "`list` shows the access tokens of everybody, or of WHO (a handle, an address or an id): "
        "the number of each, whose it is, when it is over, when it was used last, and its name. "
        "What opens the API is shown once, to who makes a token on the page \"How you sign in\", "
        "and kept nowhere.\n\n"
        "`revoke` ends one, by its number: a running portal knows within a second, and streams "
        "that it opened end.",
    CLI_OPTIONS(options),
    .run = run,
};
