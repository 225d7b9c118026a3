/* What is done with an account's contacts, domains and teams: as manage.c. */
#include "identity/contact.h"
#include "identity/domain.h"
#include "identity/roster.h"
#include "identity/team.h"
#include "portal/manage.h"
#include "portal/photo.h"
#include "portal/portal.h"

#include "base/error.h"

#include <string.h>

static int done(const struct manage *manage, int code, int64_t account, int64_t person,
                const char *change, const char *kind, const char *object,
                struct portico_error *error)
{
    if (code == 0)
        code = portal_tell_account(manage->context, "portal.portico.account.changed", account, 0,
                                   change, error);
    return code < 0 ? code : manage_record(manage, kind, account, person, object, error);
}

/* ---- contacts ---- */

/* What they are in the account team; NULL: they are not in it. */
static int find_in_team(const struct manage *manage, int64_t account, int64_t person,
                        const char **ret_role, struct portico_error *error)
{
    struct value *rows;
    int code = identity_account_hold(manage->session, account, error);
    if (code == 0)
        code = identity_account_team(manage->session, account, &rows, error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++) {
        const struct portico_value *row = value_public(value_at(rows, i));
        if (portico_get_integer(row, "person", 0) == person)
            *ret_role = portico_get_text(row, "role", "");
    }
    return code;
}

int manage_account_team_put(const struct manage *manage, int64_t account, int64_t person,
                            const char *role, const char *phone, struct portico_error *error)
{
    const char *before = NULL;
    int code = find_in_team(manage, account, person, &before, error);
    if (code == 0)
        code = identity_account_team_put(manage->session, account, person, role, phone, error);
    const bool other = before && strcmp(before, role) != 0;
    return done(manage, code, account, person, "team", "contact.changed",
                other ? portico_printf(manage->context, "account team: %s: now %s", before, role)
                      : portico_printf(manage->context, "account team: %s", role),
                error);
}

int manage_account_team_take(const struct manage *manage, int64_t account, int64_t person,
                             struct portico_error *error)
{
    int code = identity_account_team_take(manage->session, account, person, error);
    if (code == 0)
        code = photo_drop(manage->session, account, person, error);
    return done(manage, code, account, person, "team", "contact.changed", "account team: out",
                error);
}

int manage_contact(const struct manage *manage, int64_t account, const char *role, int64_t person,
                   bool wanted, struct portico_error *error)
{
    bool changed = false;
    int code = wanted
                   ? identity_contact_put(manage->session, account, role, person, &changed, error)
                   : identity_contact_take(manage->session, account, role, person, &changed, error);
    if (code < 0 || !changed)
        return code;
    return done(manage, 0, account, person, "contacts", "contact.changed",
                portico_printf(manage->context, "%s %s", role, wanted ? "on" : "off"), error);
}

/* ---- domains ---- */

int manage_domain_add(const struct manage *manage, int64_t account, const char *written,
                      bool approval, struct portico_error *error)
{
    const char *domain = "";
    int code = account == IDENTITY_OWNER
                   ? error_set(error, PORTICO_EINVAL, /* translated */
                               "The portal's own company has no domains: staff are invited.")
                   : identity_domain_check(manage->session, written, &domain, error);
    if (code == 0)
        code = identity_domain_add(manage->session, account, domain, approval, error);
    return done(manage, code, account, 0, "domains", "domain.added",
                portico_printf(manage->context, "%s, %s", domain,
                               approval ? "with approval" : "without approval"),
                error);
}

int manage_domain_verified(const struct manage *manage, int64_t account, const char *domain,
                           const char *how, struct portico_error *error)
{
    int code = identity_domain_verified(manage->session, account, domain, error);
    return done(manage, code, account, 0, "domains", "domain.verified",
                portico_printf(manage->context, "%s, %s", domain, how), error);
}

int manage_domain_remove(const struct manage *manage, int64_t account, const char *domain,
                         struct portico_error *error)
{
    int code = identity_domain_remove(manage->session, account, domain, error);
    return done(manage, code, account, 0, "domains", "domain.removed", domain, error);
}

/* ---- teams of an account's people ---- */

static int held(const struct manage *manage, int64_t account, int64_t team,
                struct identity_team *ret_team, struct portico_error *error)
{
    return identity_team_of(manage->session, account, team, ret_team, error);
}

int manage_team_make(const struct manage *manage, int64_t account, const char *name,
                     int64_t *ret_team, struct portico_error *error)
{
    int code = identity_team_make(manage->session, account, name, ret_team, error);
    return done(manage, code, account, 0, "teams", "team.made", name, error);
}

int manage_team_rename(const struct manage *manage, int64_t account, int64_t team, const char *name,
                       struct portico_error *error)
{
    struct identity_team found;
    int code = held(manage, account, team, &found, error);
    if (code == 0)
        code = identity_team_rename(manage->session, team, name, error);
    return done(manage, code, account, 0, "teams", "team.changed",
                code == 0 ? portico_printf(manage->context, "%s: now %s", found.name, name) : NULL,
                error);
}

int manage_team_person(const struct manage *manage, int64_t account, int64_t team, int64_t person,
                       bool wanted, struct portico_error *error)
{
    struct identity_team found;
    int code = held(manage, account, team, &found, error);
    if (code == 0 && wanted && person == manage->actor)
        code = error_set(error, PORTICO_EPERM, /* translated */
                         "Nobody gives themselves what a team sees: another admin adds you.");
    if (code == 0)
        code = wanted ? identity_team_add(manage->session, team, person, error)
                      : identity_team_take(manage->session, team, person, error);
    return done(manage, code, account, person, "teams", "team.changed",
                code == 0
                    ? portico_printf(manage->context, "%s: %s", found.name, wanted ? "in" : "out")
                    : NULL,
                error);
}

int manage_team_remove(const struct manage *manage, int64_t account, int64_t team,
                       struct portico_error *error)
{
    struct identity_team found;
    int code = held(manage, account, team, &found, error);
    if (code == 0)
        code = identity_team_remove(manage->session, team, error);
    return done(manage, code, account, 0, "teams", "team.removed", code == 0 ? found.name : NULL,
                error);
}
