#include "cli/account_contacts.h"

#include "identity/contact.h"
#include "identity/domain.h"
#include "identity/person.h"

static const char *word(const struct cli_manage *at, size_t index)
{
    return at->call->argument_count > index ? at->call->arguments[index] : NULL;
}

static const char *shown(const struct cli_manage *at, const struct value_cell *cell)
{
    return cli_shown(store_session_arena(at->manage.session), cell);
}

/* ---- who of the owner's looks after it ---- */

static int list_team(struct cli_manage *at, int64_t account, struct portico_error *error)
{
    struct value *rows;
    int code = identity_account_team(at->manage.session, account, &rows, error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++) {
        const struct value_cell *row = value_rows_at(rows, i);
        g_string_append_printf(at->said, "%-24s %-30s %-24s %s\n", shown(at, &row[1]),
                               shown(at, &row[3]), shown(at, &row[4]), shown(at, &row[5]));
    }
    return code;
}

int account_team(struct cli_manage *at, void *data, struct portico_error *error)
{
    const struct identity_account *account = data;
    const char *who = word(at, 2), *role = word(at, 3), *phone = cli_value(at->call, "phone");
    const bool out = cli_value(at->call, "remove") != NULL;
    struct identity_person person;
    if (!who)
        return list_team(at, account->id, error);
    int code = identity_person_named(at->manage.session, who, &person, error);
    if (code == 0 && out)
        code = manage_account_team_take(&at->manage, account->id, person.id, error);
    else if (code == 0)
        code = manage_account_team_put(&at->manage, account->id, person.id, role ? role : "",
                                       phone ? phone : "", error);
    if (code == 0)
        g_string_append_printf(at->said, "%s looks after %s%s.\n", person.handle, account->name,
                               out ? " no more" : "");
    return code;
}

/* ---- whom of its people one asks about what ---- */

static int list_contacts(struct cli_manage *at, int64_t account, struct portico_error *error)
{
    struct value *rows;
    int code = identity_contacts(at->manage.session, account, &rows, error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++) {
        const struct value_cell *row = value_rows_at(rows, i);
        g_string_append_printf(at->said, "%-10s %-24s %s\n", row[0].text, shown(at, &row[4]),
                               shown(at, &row[5]));
    }
    return code;
}

int account_contact(struct cli_manage *at, void *data, struct portico_error *error)
{
    const struct identity_account *account = data;
    const char *role = word(at, 2), *who = word(at, 3);
    const bool out = cli_value(at->call, "remove") != NULL;
    struct identity_person person;
    if (!role)
        return list_contacts(at, account->id, error);
    int code = identity_person_named(at->manage.session, who ? who : "", &person, error);
    if (code == 0)
        code = manage_contact(&at->manage, account->id, role, person.id, !out, error);
    if (code == 0)
        g_string_append_printf(at->said, "%s is %s contact of %s%s.\n", person.handle, role,
                               account->name, out ? " no more" : "");
    return code;
}

/* ---- its domains ---- */

static int list_domains(struct cli_manage *at, int64_t account, struct portico_error *error)
{
    struct value *rows;
    int code = identity_domains(at->manage.session, account, &rows, error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++) {
        const struct value_cell *row = value_rows_at(rows, i);
        const bool verified = row[3].kind != PORTICO_NULL;
        g_string_append_printf(at->said, "%-40s %-16s %s\n", row[0].text,
                               row[1].integer ? "with approval" : "without approval",
                               verified ? "confirmed" : "not confirmed");
        if (!verified && row[4].kind == PORTICO_TEXT)
            g_string_append_printf(at->said, "  TXT %s%s %s\n", IDENTITY_DOMAIN_RECORD, row[0].text,
                                   row[4].text);
    }
    return code;
}

int account_domain(struct cli_manage *at, void *data, struct portico_error *error)
{
    const struct identity_account *account = data;
    const char *written = word(at, 2), *domain, *done = "is a domain of";
    const bool approval = cli_value(at->call, "no-approval") == NULL;
    if (!written)
        return list_domains(at, account->id, error);
    int code = identity_domain_check(at->manage.session, written, &domain, error);
    if (code == 0 && cli_value(at->call, "remove")) {
        done = "is no more a domain of";
        code = manage_domain_remove(&at->manage, account->id, domain, error);
    } else if (code == 0 && cli_value(at->call, "confirm")) {
        done = "is confirmed as a domain of";
        code = manage_domain_verified(&at->manage, account->id, domain, "staff", error);
    } else if (code == 0) {
        code = manage_domain_add(&at->manage, account->id, domain, approval, error);
    }
    if (code == 0)
        g_string_append_printf(at->said, "%s %s %s.\n", domain, done, account->name);
    return code;
}
