/* One of a company's people: approving, roles, how long, and taking out. */
#include "base/clock.h"
#include "base/error.h"
#include "identity/invitation.h"
#include "identity/person.h"
#include "identity/roster.h"
#include "portal/company.h"
#include "portal/pages.h"

#include <glib.h>

struct one {
    struct company company;
    struct identity_member member;
    struct identity_person person;
    const char *keys; /* of their roles */
};

static const char *keys_of(struct portico_request *request, const struct value *rows)
{
    const char *keys = "";
    for (uint32_t i = 0; i < rows->count; i++)
        keys =
            portico_printf(request, "%s%s%s", keys, *keys ? " " : "", value_rows_at(rows, i)->text);
    return keys;
}

/* ENOENT of who belongs to another account, as of who does not exist. */
static int look(struct one *one, int64_t membership, struct portico_error *error)
{
    struct portico_request *request = one->company.request;
    struct store_session *session = one->company.session;
    struct value *rows;
    int code = identity_member_look(session, membership, &one->member, error);
    if (code == 0 && one->member.account != one->company.account)
        code = error_set(error, PORTICO_ENOENT, "They do not belong to the account.");
    if (code == 0)
        code = identity_person_look(session, one->member.person, &one->person, error);
    if (code == 0 && one->person.state == IDENTITY_WAITING)
        code = error_set(error, PORTICO_ENOENT, "They do not belong to the account.");
    if (code == 0)
        code = identity_roles_of_member(session, one->member.id, &rows, error);
    if (code == 0)
        one->keys = keys_of(request, rows);
    return code;
}

/* ---- the page ---- */

static const struct company_outcome outcomes[] = {
    { "roles", /* translated */ "The roles are saved." },
    { "membership", /* translated */ "Saved." },
    { "approved", /* translated */ "Approved: they belong to the company now." },
};
static const struct company_outcome refusals[] = {
    { "lacking",
      /* translated */ "Nothing was changed: it takes somebody who holds these roles themselves." },
    { "date", /* translated */ "Write a day that is still to come, such as 2027-03-31." },
    { "title", /* translated */ "Write a shorter title, without hidden characters." },
};

/* The last day; a membership ends with it. */
static const char *last_day(struct portico_request *request, int64_t until)
{
    char day[11];
    clock_last_day(until, day);
    return portico_printf(request, "%s", day);
}

/* One may change them only with all the roles that they hold. */
static bool holds_all(const struct company *company, const char *keys)
{
    for (size_t i = 0; i < portico_count(company->roles); i++) {
        const struct portico_value *role = portico_at(company->roles, i);
        if (company_has(keys, portico_get_text(role, "key", "")) &&
            !portico_get_boolean(role, "may", 0))
            return false;
    }
    return true;
}

int company_person_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct one one = { 0 };
    int code = company_open(request, &one.company, &error);
    if (code == 0)
        code = look(&one, visit_number(portico_param(request, "id")), &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    struct portico_value *view = company_view(&one.company);
    const bool self = one.member.person == inside_viewer(request)->person;
    company_show_roles(&one.company, view, one.keys);
    portico_set_text(view, "saved", company_said(request, outcomes, G_N_ELEMENTS(outcomes)));
    portico_set_text(view, "refused", company_said(request, refusals, G_N_ELEMENTS(refusals)));
    portico_set_id(view, "id", one.member.id);
    portico_set_text(view, "name", one.person.name);
    portico_set_text(view, "handle", one.person.handle);
    portico_set_text(view, "initials", one.person.initials);
    portico_set_text(view, "address", one.person.address);
    portico_set_text(view, "title", one.member.title);
    portico_set_text(view, "until", last_day(request, one.member.until));
    portico_set_boolean(view, "below", one.member.below);
    portico_set_boolean(view, "over", one.member.until && one.member.until <= portico_now(request));
    portico_set_boolean(view, "off", one.person.state == IDENTITY_DISABLED);
    portico_set_boolean(view, "applied", one.member.state == IDENTITY_APPLIED);
    portico_set_boolean(view, "self", self);
    portico_set_boolean(view, "may", !self && holds_all(&one.company, one.keys));
    portico_set_time(view, "created", one.member.created);
    if (one.person.last_sign_in)
        portico_set_time(view, "last_sign_in", one.person.last_sign_in);
    else
        portico_set_text(view, "last_sign_in", NULL);
    return portico_reply_view(request, "company-person", view);
}

/* ---- what is done ---- */

static int act_approve(struct one *one, const char **ret_path, struct portico_error *error)
{
    *ret_path =
        portico_form(one->company.request, "home")
            ? "/account/company?saved=approved"
            : portico_printf(one->company.request, "/account/company/people/%lld?saved=approved",
                             (long long)one->member.id);
    return manage_member_approve(&one->company.manage, one->member.id, error);
}

static int act_roles(struct one *one, const char **ret_path, struct portico_error *error)
{
    const struct company *company = &one->company;
    const char *sent = company_roles_sent(company), *given = "", *taken = "";
    for (size_t i = 0; i < portico_count(company->roles); i++) {
        const struct portico_value *role = portico_at(company->roles, i);
        const char *key = portico_get_text(role, "key", "");
        const bool had = company_has(one->keys, key), wanted = company_has(sent, key);
        if (wanted && !had)
            given = portico_printf(company->request, "%s %s", given, key);
        /* A box that is not to be ticked is not sent. */
        if (had && !wanted && portico_get_boolean(role, "may", 0))
            taken = portico_printf(company->request, "%s %s", taken, key);
    }
    *ret_path = portico_printf(company->request, "/account/company/people/%lld?saved=roles",
                               (long long)one->member.id);
    return manage_member_roles(&company->manage, one->member.id, given, taken, error);
}

/* "" is for ever. Negative: no day, or one that is over. */
static int64_t until_of(struct portico_request *request, const char *text)
{
    if (!text || !*text)
        return 0;
    const int64_t until = clock_parse_last_day(text, strlen(text));
    return until > portico_now(request) ? until : -1;
}

static int act_membership(struct one *one, const char **ret_path, struct portico_error *error)
{
    struct portico_request *request = one->company.request;
    const char *title = portico_form(request, "title"), *saved = "membership";
    const bool below = portico_form(request, "below") != NULL;
    const struct identity_member_change change = {
        .title = title ? title : "",
        .below = &below,
        .from = -1,
        .until = until_of(request, portico_form(request, "until")),
    };
    const char *kept;
    int code = 0;
    if (change.until < 0)
        saved = "date";
    else if (*change.title &&
             identity_name_check(change.title, inside_arena(request), &kept, NULL) < 0)
        saved = "title";
    else
        code = manage_member_change(&one->company.manage, one->member.id, &change, error);
    *ret_path = portico_printf(request, "/account/company/people/%lld?saved=%s",
                               (long long)one->member.id, saved);
    return code;
}

/* Kept as an invitation that is withdrawn, so that one click asks them back with what they had. */
static int remember(struct one *one, int64_t *ret_id, struct portico_error *error)
{
    const struct company *company = &one->company;
    char token[IDENTITY_TOKEN_SIZE];
    const struct identity_new_invitation made = { .account = company->account,
                                                  .inviter = company->manage.actor,
                                                  .address = one->person.address,
                                                  .name = one->person.name,
                                                  .title = one->member.title,
                                                  .roles = one->keys,
                                                  .locale = one->person.locale };
    int code = one->person.address ? identity_invite(company->manage.identity, company->session,
                                                     &made, ret_id, token, error)
                                   : 0;
    return code == 0 && *ret_id
               ? identity_invitation_end(company->session, *ret_id, IDENTITY_WITHDRAWN, error)
               : code;
}

int company_take_out(const struct company *company, int64_t membership, int64_t *ret_invitation,
                     struct portico_error *error)
{
    struct one one = { .company = *company };
    int code = look(&one, membership, error);
    if (code == 0)
        code = manage_member_remove(&company->manage, membership, error);
    return code < 0 ? code : remember(&one, ret_invitation, error);
}

static int remove_one(struct one *one, const char *saved, const char **ret_path,
                      struct portico_error *error)
{
    int64_t id = 0;
    int code = company_take_out(&one->company, one->member.id, &id, error);
    *ret_path =
        portico_printf(one->company.request, "/account/company/people?saved=%s&removed=%lld", saved,
                       (long long)id);
    return code;
}

static int act_remove(struct one *one, const char **ret_path, struct portico_error *error)
{
    return remove_one(one, "removed", ret_path, error);
}

static int act_decline(struct one *one, const char **ret_path, struct portico_error *error)
{
    if (one->member.state != IDENTITY_APPLIED)
        return error_set(error, PORTICO_ENOENT, "They do not wait for approval any more.");
    return remove_one(one, "declined", ret_path, error);
}

static const struct {
    const char *name;
    int (*run)(struct one *one, const char **ret_path, struct portico_error *error);
} acts[] = {
    { "approve", act_approve }, { "roles", act_roles },     { "membership", act_membership },
    { "remove", act_remove },   { "decline", act_decline },
};

int company_person_change(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct one one = { 0 };
    const char *name = portico_form(request, "act"), *path = NULL;
    size_t i = 0;
    while (i < G_N_ELEMENTS(acts) && (!name || strcmp(acts[i].name, name) != 0))
        i++;
    if (i == G_N_ELEMENTS(acts))
        return PORTICO_EINVAL;
    int code = company_open(request, &one.company, &error);
    if (code == 0)
        code = company_begin(&one.company, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    code = look(&one, visit_number(portico_param(request, "id")), &error);
    const bool there = code == 0;
    if (code == 0)
        code = acts[i].run(&one, &path, &error);
    code = company_end(&one.company, code, &error);
    if (code == PORTICO_EPERM && there)
        return portico_reply_redirect(request, 303,
                                      portico_printf(request,
                                                     "/account/company/people/%lld?saved=lacking",
                                                     (long long)one.member.id));
    return code < 0 ? visit_failed(request, code, &error)
                    : portico_reply_redirect(request, 303, path);
}
