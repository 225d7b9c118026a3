/* `portico demo`: fills a portal with people and content of our own writing, to look around in. */
#include "base/clock.h"
#include "base/json.h"
#include "cli/alone.h"
#include "cli/demo_drafts.h"
#include "cli/modules.h"
#include "cli/terminal.h"
#include "config/paths.h"
#include "identity/contact.h"
#include "identity/delegation.h"
#include "identity/domain.h"
#include "identity/member.h"
#include "identity/password.h"
#include "identity/person.h"
#include "identity/role.h"
#include "identity/team.h"
#include "notify/notice.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

#define DEMO_FORMAT "demo"
/* For a portal of one's own machine: it is printed, and refused to nobody. */
#define DEMO_PASSWORD "seven quiet lorries"

struct demo {
    const struct cli_call *call;
    struct room room;
    struct arena *arena;
    struct store_session *session;
    struct identity *identity;
    const struct portico_value *people, *accounts, *allowed, *delegations;
    bool made; /* somebody is new: they have chosen nothing yet */
    struct portico_error error;
};

/* ---- people ---- */

static int read_people(struct demo *demo)
{
    char *file = g_strconcat(paths_share_directory(), "/demo/people.json", NULL);
    char *text = NULL;
    gsize length = 0;
    struct value *document = NULL;
    GError *failure = NULL;
    int code = 0;
    if (!g_file_get_contents(file, &text, &length, &failure))
        code = error_set(&demo->error, PORTICO_EIO, "The demo's people cannot be read: %s.",
                         failure->message);
    else if (json_parse(demo->arena, text, length, &document, &demo->error) == 0) {
        demo->people = portico_get(value_public(document), "people");
        demo->accounts = portico_get(value_public(document), "accounts");
        demo->allowed = portico_get(value_public(document), "allowed");
        demo->delegations = portico_get(value_public(document), "delegations");
    }
    g_clear_error(&failure);
    if (code == 0 && !portico_count(demo->people))
        code = error_set(&demo->error, PORTICO_EINVAL, "%s names no people.", file);
    g_free(text);
    g_free(file);
    return code;
}

/* Demo people stand among nobody's own. */
static int check_is_empty(struct demo *demo)
{
    struct value *rows = NULL;
    int code = store_query(demo->session,
                           "SELECT COUNT(*) AS people\n"
                           "FROM portico_person\n"
                           "WHERE external IS NULL OR substr(external, 1, 5) <> 'demo:'",
                           NULL, 0, &rows, &demo->error);
    if (code == 0 && value_rows_at(rows, 0)[0].integer && !cli_value(demo->call, "anyway"))
        code = error_set(&demo->error, PORTICO_ECONFLICT,
                         "This portal has people of its own, and the demo's would stand among "
                         "them with a password that everybody can read. Use another data "
                         "directory, or write --anyway.");
    return code;
}

/* ---- companies ---- */

static const char *external_of(struct demo *demo, const char *key)
{
    return arena_printf(demo->arena, "demo:%s", key);
}

/* The account of a key; the owner's is "owner". */
static int find_account(struct demo *demo, const char *key, int64_t *ret_account)
{
    if (strcmp(key, "owner") != 0)
        return identity_account_external(demo->session, external_of(demo, key), ret_account,
                                         &demo->error);
    *ret_account = IDENTITY_OWNER;
    return 0;
}

static int make_account(struct demo *demo, const struct portico_value *row)
{
    const char *parent = portico_get_text(row, "parent", NULL);
    const char *domain = portico_get_text(row, "domain", NULL);
    struct identity_new_account made = {
        .name = portico_get_text(row, "name", ""),
        .kind = portico_get_text(row, "kind", NULL),
        .external = external_of(demo, portico_get_text(row, "key", "")),
    };
    int64_t id = 0;
    int code = identity_account_external(demo->session, made.external, &id, &demo->error);
    if (code != PORTICO_ENOENT)
        return code;
    code = parent ? find_account(demo, parent, &made.parent) : 0;
    if (code == 0)
        code = identity_account_make(demo->session, &made, &id, &demo->error);
    if (code == 0 && domain)
        code = identity_domain_add(demo->session, id, domain, true, &demo->error);
    if (code == 0 && domain)
        code = identity_domain_verified(demo->session, id, domain, &demo->error);
    return code;
}

/* What the demo's moderators may beyond those of a new portal. */
static int allow(struct demo *demo, const struct portico_value *row)
{
    return identity_role_rule(demo->session, portico_get_text(row, "role", ""),
                              portico_get_text(row, "permission", ""), true, &demo->error);
}

static int make_accounts(struct demo *demo)
{
    int code = 0;
    for (size_t i = 0; code == 0 && i < portico_count(demo->accounts); i++)
        code = make_account(demo, portico_at(demo->accounts, i));
    for (size_t i = 0; code == 0 && i < portico_count(demo->allowed); i++)
        code = allow(demo, portico_at(demo->allowed, i));
    return code;
}

/* `row` says "account", "title", "account_roles" and "below". */
static int join(struct demo *demo, int64_t person, const struct portico_value *row)
{
    const char *key = portico_get_text(row, "account", NULL);
    struct identity_new_member made = {
        .person = person,
        .title = portico_get_text(row, "title", NULL),
        .source = "import",
        .roles = portico_get_text(row, "account_roles", NULL),
        .below = portico_get_boolean(row, "below", 0),
    };
    int64_t membership = 0;
    int code = key ? find_account(demo, key, &made.account) : 0;
    if (code < 0 || !key)
        return code;
    code = identity_member_add(demo->session, &made, &membership, &demo->error);
    return code == PORTICO_EEXIST ? 0 : code;
}

/* The first of a team makes it. */
static int find_team(struct demo *demo, int64_t account, const char *name, int64_t *ret_team)
{
    struct value *rows = NULL;
    int code = identity_teams(demo->session, account, &rows, &demo->error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++)
        if (strcmp(value_rows_at(rows, i)[1].text, name) == 0) {
            *ret_team = value_rows_at(rows, i)[0].integer;
            return 0;
        }
    return code < 0 ? code
                    : identity_team_make(demo->session, account, name, ret_team, &demo->error);
}

/* `row` says "team" and "contact": of the account they joined first. */
static int place(struct demo *demo, int64_t person, const struct portico_value *row)
{
    const char *name = portico_get_text(row, "team", NULL);
    const char *contact = portico_get_text(row, "contact", NULL);
    int64_t account = 0, team = 0;
    bool changed;
    int code =
        name || contact ? find_account(demo, portico_get_text(row, "account", ""), &account) : 0;
    if (code == 0 && name)
        code = find_team(demo, account, name, &team);
    if (code == 0 && name)
        code = identity_team_add(demo->session, team, person, &demo->error);
    if (code == 0 && contact)
        code =
            identity_contact_put(demo->session, account, contact, person, &changed, &demo->error);
    return code;
}

/* Of "looks_after": an account whose people see whom to ask. */
static int look_after(struct demo *demo, int64_t person, const struct portico_value *row)
{
    int64_t account = 0;
    int code = find_account(demo, portico_get_text(row, "account", ""), &account);
    if (code == 0)
        code = identity_account_team_put(demo->session, account, person,
                                         portico_get_text(row, "role", ""),
                                         portico_get_text(row, "phone", ""), &demo->error);
    return code;
}

static int join_all(struct demo *demo, int64_t person, const struct portico_value *row)
{
    const struct portico_value *also = portico_get(row, "also");
    const struct portico_value *accounts = portico_get(row, "looks_after");
    int code = join(demo, person, row);
    for (size_t i = 0; code == 0 && i < portico_count(also); i++)
        code = join(demo, person, portico_at(also, i));
    if (code == 0)
        code = place(demo, person, row);
    for (size_t i = 0; code == 0 && i < portico_count(accounts); i++)
        code = look_after(demo, person, portico_at(accounts, i));
    return code;
}

static const char *address_of(struct demo *demo, const struct portico_value *row)
{
    const char *handle = NULL, *company = NULL;
    if (identity_handle_make(portico_get_text(row, "name", ""), demo->arena, &handle,
                             &demo->error) < 0 ||
        identity_handle_make(portico_get_text(row, "company", ""), demo->arena, &company,
                             &demo->error) < 0)
        return NULL;
    return arena_printf(demo->arena, "%s@%s.example", handle, company);
}

static uint64_t roles_of(const struct portico_value *row)
{
    const struct portico_value *words = portico_get(row, "roles");
    uint64_t roles = 0;
    for (size_t i = 0; i < portico_count(words); i++) {
        const char *word = portico_text_of(portico_at(words, i), NULL);
        roles |= word ? identity_role_named(word, strlen(word)) : 0;
    }
    return roles & IDENTITY_STORED;
}

static int make_person(struct demo *demo, const struct portico_value *row)
{
    char *external = g_strconcat("demo:", portico_get_text(row, "key", ""), NULL);
    const struct identity_new_person made = { .name = portico_get_text(row, "name", NULL),
                                              .address = address_of(demo, row),
                                              .verified = true,
                                              .locale = portico_get_text(row, "locale", NULL),
                                              .external = external,
                                              .roles = roles_of(row),
                                              .state = IDENTITY_ACTIVE };
    int64_t id = 0;
    int code = made.address ? identity_person_external(demo->session, external, &id, &demo->error)
                            : PORTICO_ENOMEM;
    if (code == PORTICO_ENOENT) {
        code = identity_person_make(demo->session, &made, &id, &demo->error);
        demo->made = true;
        if (code == 0 && portico_get_text(row, "sign_in", NULL))
            code = identity_password_set(demo->identity, demo->session, id, DEMO_PASSWORD, 0, NULL,
                                         NULL, &demo->error);
        if (code == 0)
            code = join_all(demo, id, row);
    }
    g_free(external);
    return code;
}

/* One that is there already is left as it became. */
static int lend(struct demo *demo, const struct portico_value *row)
{
    struct identity_new_delegation made = {
        .roles = portico_get_text(row, "roles", ""),
        .reason = portico_get_text(row, "reason", ""),
        .until = clock_now() + portico_get_integer(row, "days", 0) * 86400000000,
        .accepted = portico_get_boolean(row, "accepted", 0),
    };
    int64_t id = 0;
    int code = find_account(demo, portico_get_text(row, "account", ""), &made.account);
    if (code == 0)
        code = find_account(demo, portico_get_text(row, "partner", ""), &made.partner);
    if (code == 0)
        code = identity_person_external(demo->session,
                                        external_of(demo, portico_get_text(row, "giver", "")),
                                        &made.giver, &demo->error);
    if (code == 0)
        code = identity_delegation_give(demo->session, &made, &id, &demo->error);
    return code == PORTICO_EEXIST ? 0 : code;
}

static int make_people(struct demo *demo)
{
    int code = read_people(demo);
    if (code == 0)
        code = identity_open(demo->room.config, &demo->identity, &demo->error);
    if (code == 0)
        code = check_is_empty(demo);
    if (code == 0)
        code = make_accounts(demo);
    for (size_t i = 0; code == 0 && i < portico_count(demo->people); i++)
        code = make_person(demo, portico_at(demo->people, i));
    for (size_t i = 0; code == 0 && i < portico_count(demo->delegations); i++)
        code = lend(demo, portico_at(demo->delegations, i));
    return code;
}

static void print_sign_ins(struct demo *demo)
{
    printf("Sign in as any of these; the password is “" DEMO_PASSWORD "”.\n\n");
    for (size_t i = 0; i < portico_count(demo->people); i++) {
        const struct portico_value *row = portico_at(demo->people, i);
        const char *words = portico_get_text(row, "sign_in", NULL);
        if (words)
            printf("  %-44s %s, %s\n  %-44s %s\n", address_of(demo, row),
                   portico_get_text(row, "name", ""), portico_get_text(row, "company", ""), "",
                   words);
    }
    printf("\n");
    fflush(stdout);
}

/* ---- content ---- */

static const struct portico_importer *importer_of(const struct portico_module *descriptor)
{
    for (uint32_t i = 0; i < descriptor->importers.count; i++) {
        const struct portico_importer *importer = cli_list_at(&descriptor->importers, i);
        if (strcmp(importer->format, DEMO_FORMAT) == 0)
            return importer;
    }
    return NULL;
}

static int on_progress(int64_t done, int64_t total, void *data)
{
    return terminal_progress(data, done, total);
}

static int fill_module(struct demo *demo, struct module *module)
{
    const struct portico_importer *importer = importer_of(module_descriptor(module));
    char *directory = g_strconcat(module_directory(module), "/demo", NULL);
    int code = 0;
    if (importer && g_file_test(directory, G_FILE_TEST_IS_DIR)) {
        struct terminal terminal;
        struct value *report = value_new(demo->arena, PORTICO_OBJECT);
        terminal_open(&terminal);
        code = module_call_importer(&demo->room.host, module, importer, directory, on_progress,
                                    &terminal, report, &demo->error);
        terminal_end(&terminal, code == 0);
    }
    g_free(directory);
    return code;
}

/* Nobody reads mail at .example: they are told in the portal alone. */
static int leave_mail_off(struct demo *demo, const struct portico_module *descriptor,
                          int64_t person)
{
    const struct notice_choice choice = { .on_page = true, .by_mail = false };
    int code = 0;
    for (uint32_t i = 0; code == 0 && i < descriptor->notices.count; i++) {
        const struct portico_notice_kind *kind = cli_list_at(&descriptor->notices, i);
        code =
            notice_choose(demo->session, person, descriptor->id, kind->name, &choice, &demo->error);
    }
    return code;
}

static int leave_mails_off(struct demo *demo, const struct portico_value *row)
{
    int64_t id = 0;
    int code = identity_person_external(
        demo->session, external_of(demo, portico_get_text(row, "key", "")), &id, &demo->error);
    for (size_t i = 0; code == 0 && i < registry_module_count(demo->room.registry); i++)
        code =
            leave_mail_off(demo, module_descriptor(registry_module_at(demo->room.registry, i)), id);
    return code;
}

/* Once the people are there. */
static int fill_drafts(struct demo *demo)
{
    int code = 0;
    for (size_t i = 0; code == 0 && i < registry_module_count(demo->room.registry); i++)
        code = demo_drafts(demo->identity, demo->session,
                           registry_module_at(demo->room.registry, i), demo->arena, &demo->error);
    return code;
}

static int fill(struct demo *demo)
{
    int code = make_people(demo);
    for (size_t i = 0; code == 0 && demo->made && i < portico_count(demo->people); i++)
        code = leave_mails_off(demo, portico_at(demo->people, i));
    if (code == 0)
        code = fill_drafts(demo);
    /* Modules write with sessions of their own. */
    store_session_end(demo->session);
    demo->session = NULL;
    for (size_t i = 0; code == 0 && i < registry_module_count(demo->room.registry); i++)
        code = fill_module(demo, registry_module_at(demo->room.registry, i));
    return code;
}

/* ---- the command ---- */

static int run_fill(struct demo *demo)
{
    int exit = alone_open(demo->call, "demo", &demo->room);
    if (exit == 0) {
        demo->session =
            store_session_new(demo->room.store, demo->arena, &store_viewer_host, "core");
        if (!demo->session || fill(demo) < 0)
            exit = cli_fail(demo->call, &demo->error);
        else if (terminal_stop_asked())
            exit = CLI_INTERRUPTED;
        store_session_end(demo->session);
        identity_close(demo->identity);
    }
    alone_close(&demo->room);
    return exit;
}

static int run(const struct cli_call *call)
{
    struct demo demo = { .call = call, .arena = arena_new(0), .error = PORTICO_ERROR_INIT };
    int exit = cli_value(call, "sign-ins") ? CLI_OK : run_fill(&demo);
    if (exit == CLI_OK && !demo.people && read_people(&demo) < 0)
        exit = cli_fail(call, &demo.error);
    if (exit == CLI_OK)
        print_sign_ins(&demo);
    arena_free(demo.arena);
    return exit;
}

static const struct cli_option options[] = {
    { "anyway", NULL, "Also in a portal that has people of its own." },
    { "sign-ins", NULL, "Only print who can sign in, and change nothing." },
};

const struct cli_command cli_demo = {
    .name = "demo",
    .summary = "fill a portal with people and content to look around in",
    .arguments = "",
    .description =
        "Makes an invented company, its customers and a partner, and their people, and lets every "
        "enabled module "
        "that brings a `demo` directory and an importer of that name add its content; drafts stand "
        "in "
        "`demo/drafts.json`. Dates count "
        "back from now, so the portal looks lived in. At the end it prints who can sign in.\n\n"
        "Run again, it changes nothing. It is for a portal of your own machine: everybody can "
        "read the password.",
    CLI_OPTIONS(options),
    .run = run,
};
