/* One of a company's people: approving, roles, how long, and taking out. */
#include "base/error.h"
#include "identity/invitation.h"
#include "identity/person.h"
#include "identity/roster.h"
#include "portal/again.h"
#include "portal/company.h"
#include "portal/pages.h"
#include "portal/term.h"

#include <glib.h>

struct one {
    struct company company;
    struct identity_member member;
    struct identity_person person;
    const char *keys; /* of their roles */
    struct term term; /* as it was sent, and what is wrong with it */
    const char *title_wrong;
    const char *refused; /* why nothing was changed */
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
};

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

/* As it was typed, where it is shown `again`; else as it is. */
static void show_membership(const struct one *one, bool again, struct portico_value *view)
{
    struct portico_request *request = one->company.request;
    const char *title = again ? portico_form(request, "title") : NULL;
    portico_set_text(view, "title", title ? title : one->member.title);
    portico_set_text(view, "title_wrong", one->title_wrong);
    portico_set_boolean(view, "below",
                        again ? portico_form(request, "below") != NULL : one->member.below);
    term_show(request, &one->member, again ? &one->term : NULL, view);
    term_show_begin(request, one->member.from, view);
    term_show_source(request, one->company.session, &one->member, view);
    portico_set_boolean(view, "over",
                        one->member.until && one->member.until <= portico_now(request));
}

static int reply_page(const struct one *one, bool again)
{
    struct portico_request *request = one->company.request;
    struct portico_value *view = company_view(&one->company);
    const bool self = one->member.person == inside_viewer(request)->person;
    show_membership(one, again, view);
    if (again)
        portico_set_status(request, 422);
    company_show_roles(&one->company, view, one->keys);
    portico_set_text(view, "saved", company_said(request, outcomes, G_N_ELEMENTS(outcomes)));
    portico_set_text(view, "refused",
                     one->refused ? one->refused
                                  : company_said(request, refusals, G_N_ELEMENTS(refusals)));
    portico_set_id(view, "id", one->member.id);
    portico_set_text(view, "name", one->person.name);
    portico_set_text(view, "handle", one->person.handle);
    portico_set_text(view, "initials", one->person.initials);
    portico_set_text(view, "address", one->person.address);
    portico_set_boolean(view, "off", one->person.state == IDENTITY_DISABLED);
    portico_set_boolean(view, "applied", one->member.state == IDENTITY_APPLIED);
    portico_set_boolean(view, "self", self);
    portico_set_boolean(view, "may", !self && holds_all(&one->company, one->keys));
    if (one->person.last_sign_in)
        portico_set_time(view, "last_sign_in", one->person.last_sign_in);
    else
        portico_set_text(view, "last_sign_in", NULL);
    return portico_reply_view(request, "company-person", view);
}

int company_person_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct one one = { 0 };
    int code = company_open(request, &one.company, &error);
    if (code == 0)
        code = look(&one, visit_number(portico_param(request, "id")), &error);
    return code < 0 ? visit_failed(request, code, &error) : reply_page(&one, false);
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

/* What the boxes of the form give and take. */
static void read_roles(const struct one *one, const char **ret_given, const char **ret_taken)
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
    *ret_given = given;
    *ret_taken = taken;
}

static int act_roles(struct one *one, const char **ret_path, struct portico_error *error)
{
    const struct company *company = &one->company;
    const char *given, *taken;
    read_roles(one, &given, &taken);
    *ret_path = portico_printf(company->request, "/account/company/people/%lld?saved=roles",
                               (long long)one->member.id);
    return manage_member_roles(&company->manage, one->member.id, given, taken, error);
}

/* Whether the form can be kept; what is wrong is said beside its fields. */
static bool read_membership(struct one *one, const char *title)
{
    struct portico_request *request = one->company.request;
    const char *kept;
    bool right = term_read(request, &one->member, &one->term);
    if (right && one->term.until && one->term.until != one->member.until &&
        one->term.until <= portico_now(request)) {
        one->term.until_wrong = portico_translate(
            request, /* translated */ "Write a day that is still to come, such as 2027-03-31.",
            NULL);
        right = false;
    }
    if (*title && identity_name_check(title, inside_arena(request), &kept, NULL) < 0) {
        one->title_wrong = portico_translate(
            request, /* translated */ "Write a shorter title, without hidden characters.", NULL);
        right = false;
    }
    return right;
}

static int act_membership(struct one *one, const char **ret_path, struct portico_error *error)
{
    struct portico_request *request = one->company.request;
    const char *title = portico_form(request, "title");
    const bool below = portico_form(request, "below") != NULL;
    struct identity_member_change change = {
        .title = title ? title : "", .below = &below, .from = -1, .until = -1
    };
    int code = manage_member_may(&one->company.manage, one->member.id, &change, error);
    if (code == 0 && !read_membership(one, change.title))
        code = error_set(error, PORTICO_EINVAL, "Some of it cannot be kept so.");
    if (code < 0)
        return code;
    change.from = one->term.from;
    change.until = one->term.until;
    *ret_path = portico_printf(request, "/account/company/people/%lld?saved=membership",
                               (long long)one->member.id);
    return manage_member_change(&one->company.manage, one->member.id, &change, error);
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

/* Whether they may do more after it, here or below. */
static bool gives_more(const struct one *one, const char *act)
{
    const char *given = "", *taken;
    if (strcmp(act, "roles") == 0)
        read_roles(one, &given, &taken);
    return *given || (strcmp(act, "membership") == 0 && !one->member.below &&
                      portico_form(one->company.request, "below"));
}

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
    const int64_t id = visit_number(portico_param(request, "id"));
    int answer;
    int code = company_open(request, &one.company, &error);
    if (code == 0)
        code = look(&one, id, &error);
    if (code == 0 && gives_more(&one, name) &&
        !again_or_ask(request,
                      portico_printf(request, "/account/company/people/%lld", (long long)id),
                      &answer))
        return answer;
    if (code == 0)
        code = company_begin(&one.company, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    code = look(&one, id, &error);
    const bool there = code == 0;
    if (code == 0)
        code = acts[i].run(&one, &path, &error);
    code = company_end(&one.company, code, &error);
    if (there)
        one.refused = visit_event_words(request, code, &error);
    if (one.refused || one.title_wrong || one.term.from_wrong || one.term.until_wrong)
        return reply_page(&one, true);
    if (code == PORTICO_EPERM && there)
        return portico_reply_redirect(request, 303,
                                      portico_printf(request,
                                                     "/account/company/people/%lld?saved=lacking",
                                                     (long long)one.member.id));
    return code < 0 ? visit_failed(request, code, &error)
                    : portico_reply_redirect(request, 303, path);
}
