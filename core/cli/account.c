/* `portico account`: companies, their tree, and who belongs to them as what. */
#include "base/clock.h"
#include "cli/account_contacts.h"
#include "cli/account_import.h"
#include "cli/action.h"
#include "cli/database.h"
#include "cli/manage.h"
#include "identity/person.h"

#include <stdio.h>

#define ACCOUNTS_MAX 1000u /* of one statement */

/* Reads the database alone, or (`change`) acts with the modules started. */
struct account_action {
    struct cli_action action;
    int (*read)(struct cli_database *database, const struct cli_call *call,
                struct portico_error *error);
    int (*change)(struct cli_manage *at, void *data, struct portico_error *error);
    int (*run)(const struct cli_call *call); /* or all by itself */
    bool on_one;                             /* `data` is the account that the first word names */
};

static int find(struct store_session *session, const struct cli_call *call,
                struct identity_account *ret_account, struct portico_error *error)
{
    return identity_account_named(session, call->arguments[1], ret_account, error);
}

/* ---- looking ---- */

static void print_accounts(struct arena *arena, const struct value *rows, bool first)
{
    if (first)
        printf("%-20s %-40s %-9s %-10s %8s\n", "ID", "NAME", "KIND", "STATE", "MEMBERS");
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct value_cell *row = value_rows_at(rows, i);
        printf("%-20lld %-40s %-9s %-10s %8lld\n", (long long)row[0].integer,
               cli_shown(arena, &row[3]), row[2].text, row[4].text, (long long)row[6].integer);
    }
}

static int list(struct cli_database *database, const struct cli_call *call,
                struct portico_error *error)
{
    const struct identity_account_filter filter = {
        .beginning = call->argument_count > 1 ? call->arguments[1] : NULL,
        .kind = cli_value(call, "kind"),
    };
    struct identity_place place = { 0 };
    char *name = NULL;
    bool more = true;
    int code = 0;
    for (bool first = true; code == 0 && more; first = false) {
        struct value *rows;
        code = identity_account_list(database->session, &filter, first ? NULL : &place,
                                     ACCOUNTS_MAX, &rows, error);
        if (code < 0)
            break;
        for (uint32_t i = 0; cli_value(call, "json") && i < rows->count; i++)
            cli_print_row(database->arena, rows, i);
        if (!cli_value(call, "json"))
            print_accounts(database->arena, rows, first);
        more = rows->count == ACCOUNTS_MAX;
        if (more) {
            const struct value_cell *last = value_rows_at(rows, rows->count - 1);
            g_free(name);
            name = g_strdup(last[3].text);
            place = (struct identity_place){ name, last[0].integer };
            code = cli_database_renew(database);
        }
    }
    g_free(name);
    return code;
}

static const char *const states[] = {
    [IDENTITY_OPEN] = "open", [IDENTITY_SUSPENDED] = "suspended", [IDENTITY_CLOSED] = "closed"
};

static void print_named(struct arena *arena, const char *title, const struct value *rows,
                        uint32_t column)
{
    for (uint32_t i = 0; i < rows->count; i++)
        printf("%-10s %s\n", i ? "" : title, cli_shown(arena, &value_rows_at(rows, i)[column]));
}

static int show(struct cli_database *database, const struct cli_call *call,
                struct portico_error *error)
{
    struct store_session *session = database->session;
    struct identity_account account;
    struct value *above, *below, *externals;
    int code = find(session, call, &account, error);
    if (code == 0)
        code = identity_account_above(session, account.id, &above, error);
    if (code == 0)
        code = identity_account_below(session, account.id, ACCOUNTS_MAX, &below, error);
    if (code == 0)
        code = identity_account_externals(session, account.id, &externals, error);
    if (code < 0)
        return code;
    const struct value_cell name = { .kind = PORTICO_TEXT,
                                     .text = account.name,
                                     .length = (uint32_t)strlen(account.name) };
    if (cli_value(call, "json")) {
        struct value *shown = value_new(database->arena, PORTICO_OBJECT);
        value_set(shown, text_of("id"), value_scalar(database->arena, PORTICO_ID, account.id, 0));
        value_set_text(shown, "name", account.name);
        value_set_text(shown, "kind", account.kind);
        value_set_text(shown, "state", states[account.state]);
        value_set(shown, text_of("above"), above);
        value_set(shown, text_of("below"), below);
        value_set(shown, text_of("external"), externals);
        cli_print_json(shown);
        return 0;
    }
    printf("%-10s %lld\n%-10s %s\n%-10s %s\n%-10s %s\n", "id", (long long)account.id, "name",
           account.id == IDENTITY_OWNER ? "(the portal's owner)"
                                        : cli_shown(database->arena, &name),
           "kind", account.kind, "state", states[account.state]);
    print_named(database->arena, "above", above, 1);
    print_named(database->arena, "below", below, 1);
    print_named(database->arena, "external", externals, 0);
    return 0;
}

/* "admin moderator" of a membership. */
static const char *roles_of(struct store_session *session, int64_t membership,
                            struct portico_error *error)
{
    struct value *rows;
    const char *words = "";
    if (identity_roles_of_member(session, membership, &rows, error) < 0)
        return NULL;
    for (uint32_t i = 0; words && i < rows->count; i++)
        words = arena_printf(store_session_arena(session), "%s%s%s", words, i ? " " : "",
                             value_rows_at(rows, i)->text);
    return words;
}

#define MEMBER_LINE "%-24s %-24s %-30s %-24s %-8s %-10s %s\n"

/* One of identity_members' rows: id person name handle address title state person_state below from
 * until created last_sign_in source. */
static int print_member(struct cli_database *database, const struct cli_call *call,
                        struct value *rows, uint32_t index, struct portico_error *error)
{
    struct arena *arena = database->arena;
    const struct value_cell *row = value_rows_at(rows, index);
    const char *roles = roles_of(database->session, row[0].integer, error);
    if (!roles)
        return error->code < 0 ? error->code : PORTICO_ENOMEM;
    if (cli_value(call, "json")) {
        struct value *shown = value_new(arena, PORTICO_OBJECT);
        for (uint32_t c = 0; shown && c < rows->rows->column_count; c++)
            value_set(shown, rows->rows->columns[c], value_from_cell(arena, &row[c]));
        value_set_text(shown, "roles", roles);
        cli_print_json(shown);
        return 0;
    }
    char first[11] = "-", last[11] = "-";
    if (row[9].kind != PORTICO_NULL)
        clock_first_day(row[9].integer, first);
    if (row[10].kind != PORTICO_NULL)
        clock_last_day(row[10].integer, last);
    printf(MEMBER_LINE, cli_shown(arena, &row[3]), cli_shown(arena, &row[2]),
           cli_shown(arena, &row[4]), *roles ? roles : "-",
           row[6].integer == IDENTITY_APPLIED ? "applied" : "member", first, last);
    return 0;
}

static int members(struct cli_database *database, const struct cli_call *call,
                   struct portico_error *error)
{
    struct identity_account account;
    struct identity_place place = { 0 };
    char *name = NULL;
    bool more = true;
    int code = find(database->session, call, &account, error);
    for (bool first = true; code == 0 && more; first = false) {
        struct value *rows = NULL;
        code = identity_members(database->session, account.id, "", first ? NULL : &place,
                                ACCOUNTS_MAX, &rows, error);
        if (code == 0 && first && !cli_value(call, "json"))
            printf(MEMBER_LINE, "HANDLE", "NAME", "ADDRESS", "ROLES", "STATE", "FROM", "UNTIL");
        for (uint32_t i = 0; code == 0 && i < rows->count; i++)
            code = print_member(database, call, rows, i, error);
        more = code == 0 && rows->count == ACCOUNTS_MAX;
        if (more) {
            const struct value_cell *last = value_rows_at(rows, rows->count - 1);
            g_free(name);
            name = g_strdup(last[2].text);
            place = (struct identity_place){ name, last[1].integer };
            code = cli_database_renew(database);
        }
    }
    g_free(name);
    return code;
}

/* ---- changing ---- */

static int add(struct cli_manage *at, void *data, struct portico_error *error)
{
    const struct cli_call *call = at->call;
    const char *below = cli_value(call, "below");
    struct identity_account above = { 0 };
    const struct identity_new_account base = { .name = call->arguments[1],
                                               .kind = cli_value(call, "kind"),
                                               .external = cli_value(call, "external") };
    struct identity_new_account made = base;
    int64_t id = 0;
    (void)data;
    int code = below ? identity_account_named(at->manage.session, below, &above, error) : 0;
    made.parent = above.id;
    if (code == 0)
        code = manage_account_add(&at->manage, &made, &id, error);
    g_string_printf(at->said, "%s is made: %lld.\n", made.name, (long long)id);
    return code;
}

static int rename_account(struct cli_manage *at, void *data, struct portico_error *error)
{
    const struct identity_account *account = data;
    const char *name = at->call->arguments[2];
    g_string_printf(at->said, "%s is called %s now.\n", account->name, name);
    return manage_account_rename(&at->manage, account->id, name, error);
}

static int move(struct cli_manage *at, void *data, struct portico_error *error)
{
    const struct identity_account *account = data;
    struct identity_account above = { 0 };
    const char *name = at->call->argument_count > 2 ? at->call->arguments[2] : NULL;
    int code = name ? identity_account_named(at->manage.session, name, &above, error) : 0;
    if (code == 0)
        code = manage_account_move(&at->manage, account->id, above.id, error);
    g_string_printf(at->said, name ? "%s lies below %s now.\n" : "%s lies below none now.\n",
                    account->name, above.name);
    return code;
}

static int put_state(struct cli_manage *at, const struct identity_account *account,
                     enum identity_account_state state, const char *words,
                     struct portico_error *error)
{
    g_string_printf(at->said, "%s is %s.\n", account->name, words);
    return manage_account_state(&at->manage, account->id, state, error);
}

static int suspend(struct cli_manage *at, void *data, struct portico_error *error)
{
    return put_state(at, data, IDENTITY_SUSPENDED,
                     "suspended: nobody acts in it until it is opened again", error);
}

static int open_account(struct cli_manage *at, void *data, struct portico_error *error)
{
    return put_state(at, data, IDENTITY_OPEN, "open", error);
}

static int close_account(struct cli_manage *at, void *data, struct portico_error *error)
{
    return put_state(at, data, IDENTITY_CLOSED, "closed: nobody acts in it, and nobody joins it",
                     error);
}

static int put_kind(struct cli_manage *at, void *data, struct portico_error *error)
{
    const struct identity_account *account = data;
    g_string_printf(at->said, "%s is of kind %s now.\n", account->name, at->call->arguments[2]);
    return manage_account_kind(&at->manage, account->id, at->call->arguments[2], error);
}

static int know(struct cli_manage *at, void *data, struct portico_error *error)
{
    const struct identity_account *account = data;
    g_string_printf(at->said, "%s is known as %s.\n", account->name, at->call->arguments[2]);
    return manage_account_know(&at->manage, account->id, at->call->arguments[2], error);
}

static int forget(struct cli_manage *at, void *data, struct portico_error *error)
{
    const struct identity_account *account = data;
    g_string_printf(at->said, "%s is known as %s no more.\n", account->name,
                    at->call->arguments[2]);
    return manage_account_forget(&at->manage, account->id, at->call->arguments[2], error);
}

/* "+account-admin -buyer" as given and taken. */
static int read_roles(const struct cli_call *call, size_t from, GString *given, GString *taken,
                      struct portico_error *error)
{
    for (size_t i = from; i < call->argument_count; i++) {
        const char *word = call->arguments[i];
        if (*word != '+' && *word != '-')
            return error_set(error, PORTICO_EINVAL,
                             "`%.40s` says neither + nor -: write +%.40s to give the role, -%.40s "
                             "to take it.",
                             word, word, word);
        g_string_append_printf(*word == '+' ? given : taken, "%s ", word + 1);
    }
    return 0;
}

static int read_day(const char *text, int64_t (*parse)(const char *text, size_t length),
                    const char *which, int64_t *ret_day, struct portico_error *error)
{
    *ret_day = text ? parse(text, strlen(text)) : 0;
    if (*ret_day != INT64_MIN)
        return 0;
    return error_set(error, PORTICO_EINVAL,
                     "`%.40s` is no day: write the %s one, such as 2027-06-30.", text, which);
}

static int read_from(const struct cli_call *call, int64_t *ret_from, struct portico_error *error)
{
    return read_day(cli_value(call, "from"), clock_parse_first_day, "first", ret_from, error);
}

static int read_until(const struct cli_call *call, int64_t *ret_until, struct portico_error *error)
{
    return read_day(cli_value(call, "until"), clock_parse_last_day, "last", ret_until, error);
}

static int put_member(struct cli_manage *at, const struct identity_account *account,
                      const struct identity_person *person, const char *given, const char *taken,
                      struct portico_error *error)
{
    struct store_session *session = at->manage.session;
    const bool below = cli_value(at->call, "all-below") != NULL;
    const char *title = cli_value(at->call, "title");
    const bool from = cli_value(at->call, "from"), until = cli_value(at->call, "until");
    struct identity_member member;
    int64_t begin, end;
    int code = read_from(at->call, &begin, error);
    if (code == 0)
        code = read_until(at->call, &end, error);
    if (code < 0)
        return code;
    const struct identity_new_member made = { .account = account->id,
                                              .person = person->id,
                                              .title = title,
                                              .source = "staff",
                                              .roles = given,
                                              .below = below,
                                              .from = begin,
                                              .until = end };
    const struct identity_member_change change = { .title = title,
                                                   .below = below ? &below : NULL,
                                                   .from = from ? begin : -1,
                                                   .until = until ? end : -1 };
    code = identity_member_of(session, account->id, person->id, &member, error);
    if (code == PORTICO_ENOENT)
        return manage_member_add(&at->manage, &made, NULL, error);
    if (code == 0 && (title || below || from || until))
        code = manage_member_change(&at->manage, member.id, &change, error);
    if (code == 0 && member.state == IDENTITY_APPLIED)
        code = manage_member_approve(&at->manage, member.id, error);
    if (code == 0 && (*given || *taken))
        code = manage_member_roles(&at->manage, member.id, given, taken, error);
    return code;
}

static int member(struct cli_manage *at, void *data, struct portico_error *error)
{
    const struct identity_account *account = data;
    struct store_session *session = at->manage.session;
    GString *given = g_string_new(NULL), *taken = g_string_new(NULL);
    struct identity_person person;
    struct identity_member found;
    const char *roles = NULL;
    int code = read_roles(at->call, 3, given, taken, error);
    if (code == 0)
        code = identity_person_named(session, at->call->arguments[2], &person, error);
    if (code == 0)
        code = put_member(at, account, &person, given->str, taken->str, error);
    if (code == 0)
        code = identity_member_of(session, account->id, person.id, &found, error);
    if (code == 0 && !(roles = roles_of(session, found.id, error)))
        code = error->code;
    if (code == 0)
        g_string_printf(at->said, "%s belongs to %s%s%s.\n", person.handle,
                        *account->name ? account->name : "the owner's account",
                        *roles ? " as " : "", roles);
    g_string_free(given, TRUE);
    g_string_free(taken, TRUE);
    return code;
}

static int leave(struct cli_manage *at, void *data, struct portico_error *error)
{
    const struct identity_account *account = data;
    struct identity_person person;
    struct identity_member found;
    int code = identity_person_named(at->manage.session, at->call->arguments[2], &person, error);
    if (code == 0)
        code = identity_member_of(at->manage.session, account->id, person.id, &found, error);
    if (code == 0)
        code = manage_member_remove(&at->manage, found.id, error);
    if (code == 0)
        g_string_printf(at->said, "%s belongs to %s no more.\n", person.handle,
                        *account->name ? account->name : "the owner's account");
    return code;
}

/* ---- partners ---- */

static int find_partner(struct cli_manage *at, struct identity_account *ret_partner,
                        struct portico_error *error)
{
    return identity_account_named(at->manage.session, at->call->arguments[2], ret_partner, error);
}

static int delegate(struct cli_manage *at, void *data, struct portico_error *error)
{
    const struct identity_account *account = data;
    struct identity_account partner;
    const char *reason = cli_value(at->call, "reason");
    GString *roles = g_string_new(NULL);
    int64_t until;
    for (size_t i = 3; i < at->call->argument_count; i++)
        g_string_append_printf(roles, "%s ", at->call->arguments[i]);
    int code = find_partner(at, &partner, error);
    if (code == 0)
        code = read_until(at->call, &until, error);
    const struct identity_new_delegation made = { .account = account->id,
                                                  .partner = code == 0 ? partner.id : 0,
                                                  .roles = roles->str,
                                                  .reason = reason ? reason : "",
                                                  .until = code == 0 ? until : 0,
                                                  .accepted =
                                                      cli_value(at->call, "accepted") != NULL };
    if (code == 0 && !until)
        code = error_set(error, PORTICO_EINVAL,
                         "A delegation has a last day: say it with --until 2027-06-30.");
    if (code == 0)
        code = manage_delegation_give(&at->manage, &made, error);
    if (code == 0)
        g_string_printf(at->said,
                        made.accepted ? "%s may act for %s with %suntil %s.\n"
                                      : "%s is asked to act for %s with %suntil %s: an admin of "
                                        "theirs accepts it.\n",
                        partner.name, account->name, roles->str, cli_value(at->call, "until"));
    g_string_free(roles, TRUE);
    return code;
}

static int undelegate(struct cli_manage *at, void *data, struct portico_error *error)
{
    const struct identity_account *account = data;
    struct identity_account partner;
    const struct identity_delegations given = { .account = account->id, .given = true };
    struct identity_delegation found;
    struct value *rows;
    int64_t id = 0;
    int code = find_partner(at, &partner, error);
    if (code == 0)
        code = identity_delegations(at->manage.session, &given, IDENTITY_DELEGATIONS_MAX, &rows,
                                    error);
    for (uint32_t i = 0; code == 0 && !id && i < rows->count; i++) {
        code = identity_delegation_look(at->manage.session, value_rows_at(rows, i)->integer, &found,
                                        error);
        id = code == 0 && found.partner == partner.id ? found.id : 0;
    }
    if (code == 0 && !id)
        code = error_set(error, PORTICO_ENOENT, "%s does not act for %s.", partner.name,
                         account->name);
    if (code == 0)
        code = manage_delegation_end(&at->manage, account->id, id, NULL, error);
    if (code == 0)
        g_string_printf(at->said, "%s acts for %s no more.\n", partner.name, account->name);
    return code;
}

/* ---- the command ---- */

static const struct account_action actions[] = {
    { .action = { "add", " NAME", 1, 1 }, .change = add },
    { .action = { "list", " [BEGINNING]", 0, 1 }, .read = list },
    { .action = { "show", " ACCOUNT", 1, 1 }, .read = show },
    { .action = { "rename", " ACCOUNT NAME", 2, 2 }, .change = rename_account, .on_one = true },
    { .action = { "kind", " ACCOUNT customer|partner", 2, 2 }, .change = put_kind, .on_one = true },
    { .action = { "move", " ACCOUNT [ABOVE]", 1, 2 }, .change = move, .on_one = true },
    { .action = { "suspend", " ACCOUNT", 1, 1 }, .change = suspend, .on_one = true },
    { .action = { "open", " ACCOUNT", 1, 1 }, .change = open_account, .on_one = true },
    { .action = { "close", " ACCOUNT", 1, 1 }, .change = close_account, .on_one = true },
    { .action = { "know", " ACCOUNT EXTERNAL", 2, 2 }, .change = know, .on_one = true },
    { .action = { "forget", " ACCOUNT EXTERNAL", 2, 2 }, .change = forget, .on_one = true },
    { .action = { "members", " ACCOUNT", 1, 1 }, .read = members },
    { .action = { "member", " ACCOUNT WHO [+ROLE|-ROLE…]", 2, CLI_ARGUMENTS_MAX - 1 },
      .change = member,
      .on_one = true },
    { .action = { "leave", " ACCOUNT WHO", 2, 2 }, .change = leave, .on_one = true },
    { .action = { "team", " ACCOUNT [WHO [ROLE]]", 1, 3 }, .change = account_team, .on_one = true },
    { .action = { "contact", " ACCOUNT [billing|technical|security|legal WHO]", 1, 3 },
      .change = account_contact,
      .on_one = true },
    { .action = { "domain", " ACCOUNT [DOMAIN]", 1, 2 }, .change = account_domain, .on_one = true },
    { .action = { "delegate", " ACCOUNT PARTNER ROLE…", 3, CLI_ARGUMENTS_MAX - 1 },
      .change = delegate,
      .on_one = true },
    { .action = { "undelegate", " ACCOUNT PARTNER", 2, 2 }, .change = undelegate, .on_one = true },
    { .action = { "import", " FILE…", 1, CLI_ARGUMENTS_MAX - 1 }, .run = account_import },
};

static int change_it(struct cli_manage *at, void *data, struct portico_error *error)
{
    const struct account_action *action = data;
    struct identity_account account = { 0 };
    int code = action->on_one ? find(at->manage.session, at->call, &account, error) : 0;
    return code < 0 ? code : action->change(at, &account, error);
}

static int read_it(const struct cli_call *call, const struct account_action *action)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct cli_database database = { 0 };
    int exit = cli_database_open(call, &database);
    if (exit == 0 && action->read(&database, call, &error) < 0)
        exit = cli_fail(call, &error);
    cli_database_close(&database);
    return exit;
}

static int run(const struct cli_call *call)
{
    const struct account_action *action = CLI_FIND_ACTION(call, actions);
    if (!action)
        return CLI_USAGE;
    if (action->run)
        return action->run(call);
    return action->read ? read_it(call, action)
                        : cli_manage_run(call, change_it, (void *)(uintptr_t)action);
}

static const struct cli_option options[] = {
    { "kind", "KIND", "For `add` and `list`: `customer`, as it is without, or `partner`." },
    { "below", "ACCOUNT", "For `add`: the account above the new one." },
    { "external", "ID", "For `add`: what another system calls it, such as `crm:0815`." },
    { "title", "TEXT", "For `member`: what they do there." },
    { "from", "DAY", "For `member`: the first day, such as 2027-01-01." },
    { "until", "DAY", "For `member` and `delegate`: the last day, such as 2027-06-30." },
    { "reason", "TEXT", "For `delegate`: why; both companies read it." },
    { "accepted", NULL, "For `delegate`: the partner agreed elsewhere; it holds at once." },
    { "all-below", NULL, "For `member`: in all accounts below this one, too." },
    { "phone", "NUMBER", "For `team`: where they are called." },
    { "remove", NULL, "For `team`, `contact` and `domain`: takes it away." },
    { "no-approval", NULL,
      "For `domain`: whoever confirms an address there belongs to the account, without waiting for "
      "its admins." },
    { "confirm", NULL, "For `domain`: it is known to be theirs." },
    { "dry-run", NULL, "For `import`: says what would change, and changes nothing." },
    { "report", "FILE", "For `import`: a new file, CSV, with what became of each row." },
    { "json", NULL, "For `list`, `show` and `members`: one JSON object a line." },
};

const struct cli_command cli_account = {
    .name = "account",
    .summary = "make companies, place them in a tree, say who belongs to them",
    .arguments = "add NAME | list | ACTION ACCOUNT [WORD…]",
    .arguments_least = 1,
    .arguments_most = CLI_ARGUMENTS_MAX,
    .description =
        "ACCOUNT is a name, an id, or `external:` and what another system calls it; account 1 is "
        "the portal owner's own, whose members are the staff. WHO is a handle, an address or an "
        "id.\n\n"
        "`add` makes an account. `list` shows accounts by name, those whose name begins with the "
        "word behind it. `show` tells where one stands in the tree and what others call it. "
        "`rename` and `kind` change it; `move` puts it below another account with everything that "
        "is below it, or, without one, below none. `suspend` keeps everybody from acting in it "
        "until `open`; `close` also keeps people from joining. `know` adds what another system "
        "calls it, `forget` takes that away.\n\n"
        "`members` lists who belongs to it. `member` lets somebody belong to it and gives "
        "(+account-admin) and takes (-account-admin) roles; before its first day and after its "
        "last, both of them in UTC and part of it, a membership gives nothing; `leave` ends it. A "
        "running portal "
        "knows within a second, and the modules' handlers of events are told.\n\n"
        "`team` names staff who look after the account and shows them to it, with what they are "
        "for it; `contact` names people of the account for billing, technical, security or legal "
        "matters; neither gives a right. `domain` adds a domain of its mail addresses, which "
        "counts once it is confirmed: by `--confirm`, or on the page of the account by a TXT "
        "record. Each lists what there is "
        "where nothing more is said.\n\n"
        "`delegate` asks a partner to act for the account with these roles until a day; "
        "`account-member` is one of them: what all its members see and do. It holds once an admin "
        "of the partner accepts it, or at once with `--accepted`. `undelegate` withdraws or ends "
        "it.\n\n"
        "`import` takes in files, CSV with a heading or JSON objects: of accounts with the columns "
        "external, name, kind, above and state, of people with external, name, mail, locale and "
        "timezone, of memberships with account, person, roles, title, below, from and until, of "
        "contacts "
        "with account, person or mail, and contact, of account teams with account, person or mail, "
        "team and phone. `external`, "
        "`above`, `account` and `person` are ids of the other system, by which all is found again: "
        "what is there is changed to what the file says, what a file leaves out stays. Rows that "
        "are wrong are told and left out. Nobody is written to; people who are new set a password "
        "by \"forgotten\". Ctrl-C stops it cleanly, and run again it goes on from there.",
    CLI_OPTIONS(options),
    .run = run,
    .signs = true,
};
