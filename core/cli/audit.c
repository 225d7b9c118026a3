/* `portico audit`: the audit log, listed, handed out and checked. */
#include "identity/audit.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/json.h"
#include "cli/action.h"
#include "cli/database.h"
#include "cli/terminal.h"
#include "identity/account.h"
#include "identity/person.h"

#include <stdio.h>
#include <stdlib.h>

#define RECORDS 1000u /* of one statement */

/* One call at work. */
struct audit {
    const struct cli_call *call;
    struct cli_database database;
    struct portico_error error;
    int64_t records;
    const char *kept; /* "NUMBER:SEAL" that somebody kept; NULL: none */
    bool met;         /* it was met */
};

/* ---- listing ---- */

static int read_filter(struct audit *audit, struct identity_audit_filter *ret_filter)
{
    const char *who = cli_value(audit->call, "who"), *account = cli_value(audit->call, "account");
    struct identity_person person = { 0 };
    struct identity_account company = { 0 };
    int code =
        who ? identity_person_named(audit->database.session, who, &person, &audit->error) : 0;
    if (code == 0 && account)
        code = identity_account_named(audit->database.session, account, &company, &audit->error);
    ret_filter->person = person.id;
    ret_filter->account = company.id;
    ret_filter->kind = cli_value(audit->call, "kind");
    return code;
}

static void print_text(const struct audit *audit, const struct portico_value *row, const char *name,
                       const char *otherwise, int width)
{
    const char *written = portico_get_text(row, name, NULL);
    struct value *text =
        written ? value_text(audit->database.arena, written, strlen(written)) : NULL;
    if (text)
        terminal_clean(text, NULL);
    printf("%-*s ", width, text ? text->text : otherwise);
}

static void print_row(const struct audit *audit, const struct portico_value *row)
{
    char time[32];
    clock_rfc3339(portico_get_integer(row, "time", 0) / 1000000 * 1000000, time, sizeof time);
    printf("%8lld  %-21s ", (long long)portico_get_integer(row, "number", 0), time);
    print_text(audit, row, "kind", "", 22);
    print_text(audit, row, "actor_name", portico_get_integer(row, "actor", 0) ? "(erased)" : "-",
               20);
    print_text(audit, row, "person_name", portico_get_integer(row, "person", 0) ? "(erased)" : "-",
               20);
    print_text(audit, row, "account_name", "-", 20);
    print_text(audit, row, "origin", "", 18);
    print_text(audit, row, "object", "", 0);
    putchar('\n');
}

static int list(struct audit *audit)
{
    const bool json = cli_value(audit->call, "json") != NULL;
    struct identity_audit_filter filter = { 0 };
    struct value *rows = NULL;
    int code = read_filter(audit, &filter);
    if (code == 0)
        code = identity_audit_list(audit->database.session, &filter, RECORDS, &rows, &audit->error);
    if (code == 0 && !json)
        printf("%8s  %-21s %-22s %-20s %-20s %-20s %-18s %s\n", "NUMBER", "TIME", "ACT", "BY",
               "ABOUT", "ACCOUNT", "FROM", "WHAT");
    for (uint32_t i = 0; code == 0 && i < rows->count; i++)
        if (json)
            cli_print_json(value_at(rows, i));
        else
            print_row(audit, value_public(value_at(rows, i)));
    return code;
}

/* ---- walking ---- */

static int print_line(void *data, int64_t number, const char *seal, const char *line,
                      struct portico_error *error)
{
    (void)data, (void)number, (void)seal;
    return puts(line) < 0 ? error_set(error, PORTICO_EIO, "The export cannot be written.") : 0;
}

static int export(struct audit *audit)
{
    const struct identity_act act = { .kind = "audit.exported", .origin = "command line" };
    int code = identity_audit(audit->database.session, &act, &audit->error);
    return code < 0
               ? code
               : identity_audit_walk(audit->database.session, 0, print_line, NULL, &audit->error);
}

static int compare(void *data, int64_t number, const char *seal, const char *line,
                   struct portico_error *error)
{
    struct audit *audit = data;
    char *end = NULL;
    (void)line, (void)error;
    audit->records++;
    if (audit->kept && strtoll(audit->kept, &end, 10) == number && *end == ':')
        audit->met = strcmp(end + 1, seal) == 0;
    return 0;
}

static int verify(struct audit *audit)
{
    struct identity_audit_chain chain;
    audit->kept = audit->call->argument_count > 1 ? audit->call->arguments[1] : NULL;
    int code = identity_audit_walk(audit->database.session, 0, compare, audit, &audit->error);
    if (code == 0)
        code = identity_audit_chain(audit->database.session, &chain, &audit->error);
    if (code < 0)
        return code;
    if (audit->kept && !audit->met)
        return error_set(&audit->error, PORTICO_EIO,
                         "No record of the audit log has the seal %.100s: the log is not the one "
                         "it was kept from, or was written anew.",
                         audit->kept);
    printf("%lld records, every one as it was sealed. The last seal:\n%lld:%s\n",
           (long long)audit->records, (long long)chain.last, chain.seal);
    return 0;
}

/* ---- the command ---- */

struct audit_action {
    struct cli_action action;
    int (*run)(struct audit *audit);
};

static const struct audit_action actions[] = {
    { { "list", "", 0, 0 }, list },
    { { "export", "", 0, 0 }, export },
    { { "verify", " [NUMBER:SEAL]", 0, 1 }, verify },
};

static int run(const struct cli_call *call)
{
    struct audit audit = { .call = call, .error = PORTICO_ERROR_INIT };
    const struct audit_action *action = CLI_FIND_ACTION(call, actions);
    if (!action)
        return CLI_USAGE;
    int exit = cli_database_open(call, &audit.database);
    if (exit == 0 && action->run(&audit) < 0)
        exit = cli_fail(call, &audit.error);
    cli_database_close(&audit.database);
    return exit;
}

static const struct cli_option options[] = {
    { "who", "WHO", "For `list`: what somebody did, and what was done to them." },
    { "account", "ACCOUNT", "For `list`: what was done in an account." },
    { "kind", "KIND",
      "For `list`: one kind of act such as role.given, or all of role. with a dot." },
    { "json", NULL, "For `list`: one JSON object a line." },
};

const struct cli_command cli_audit = {
    .name = "audit",
    .summary = "read, hand out and check the log of what bears on security",
    .arguments = "list | export | verify [NUMBER:SEAL]",
    .arguments_least = 1,
    .arguments_most = 2,
    .description =
        "Whoever signs in, gives a role, changes a setting or does something else that bears on "
        "security leaves a record, written with the act: if it cannot be written, nothing is "
        "done.\n\n"
        "`list` shows the newest thousand. `export` writes all of them, oldest first, one JSON "
        "object a line. The member hash of each is the SHA-256 of the hash of the line before "
        "(64 zeros before the first), a line feed, and the line without its hash.\n\n"
        "`verify` calculates every hash anew and names the first record that was changed, left "
        "out or added. It says the last number and hash: kept outside of this machine and given "
        "to `verify` later, they show that nothing up to there was written anew.",
    CLI_OPTIONS(options),
    .run = run,
};
