/* A company's contacts and domains, for the staff: acts of admin_accounts.c. */
#include "base/error.h"
#include "fetch/dns.h"
#include "identity/domain.h"
#include "identity/person.h"
#include "portal/admin_accounts.h"
#include "portal/company.h"
#include "portal/photo.h"

static const char *typed(const struct admin_act *act, const char *field)
{
    const char *text = portico_form(act->request, field);
    return text ? text : "";
}

/* ---- who of ours looks after it ---- */

int admin_act_team(struct admin_act *act, struct portico_error *error)
{
    struct identity_person person;
    int code = identity_person_named(act->manage.session, typed(act, "team_who"), &person, error);
    if (code == 0)
        code = manage_account_team_put(&act->manage, act->account, person.id,
                                       typed(act, "team_role"), typed(act, "team_phone"), error);
    return code < 0 ? code : photo_take(act->request, "team_photo", act->account, person.id, error);
}

int admin_act_unteam(struct admin_act *act, struct portico_error *error)
{
    return manage_account_team_take(&act->manage, act->account, visit_number(typed(act, "person")),
                                    error);
}

/* ---- whom of them one asks about what ---- */

int admin_act_contact(struct admin_act *act, struct portico_error *error)
{
    struct identity_person person;
    int code =
        identity_person_named(act->manage.session, typed(act, "contact_who"), &person, error);
    return code < 0 ? code
                    : manage_contact(&act->manage, act->account, typed(act, "role"), person.id,
                                     true, error);
}

int admin_act_uncontact(struct admin_act *act, struct portico_error *error)
{
    return manage_contact(&act->manage, act->account, typed(act, "role"),
                          visit_number(typed(act, "person")), false, error);
}

/* ---- domains ---- */

int admin_act_domain(struct admin_act *act, struct portico_error *error)
{
    return manage_domain_add(&act->manage, act->account, typed(act, "domain"),
                             *typed(act, "approval") != '\0', error);
}

/* Before the transaction: name servers take their time. */
int admin_look_domain(struct admin_act *act, struct portico_error *error)
{
    const char *domain = typed(act, "known"), *token;
    const char *server = config_text(inside_host(act->request)->config, "server", "name_server");
    int code = identity_domain_token(act->manage.session, act->account, domain, &token, error);
    if (code < 0)
        return code;
    code = dns_has_text(portico_printf(act->request, IDENTITY_DOMAIN_RECORD "%s", domain), token,
                        server, error);
    if (code == PORTICO_EIO)
        return error_set(error, PORTICO_EINVAL, "%s", error->message);
    if (code == 0)
        return error_set(error, PORTICO_EINVAL, /* translated */
                         "The record is not there yet. New ones can take a few hours to be seen.");
    return code < 0 ? code : PORTICO_OK;
}

int admin_act_look(struct admin_act *act, struct portico_error *error)
{
    return manage_domain_verified(&act->manage, act->account, typed(act, "known"), "dns", error);
}

int admin_act_vouch(struct admin_act *act, struct portico_error *error)
{
    return manage_domain_verified(&act->manage, act->account, typed(act, "known"), "staff", error);
}

int admin_act_undomain(struct admin_act *act, struct portico_error *error)
{
    return manage_domain_remove(&act->manage, act->account, typed(act, "known"), error);
}
