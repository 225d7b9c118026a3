#include "portal/company.h"

#include "base/error.h"
#include "identity/audit.h"
#include "identity/giving.h"
#include "identity/invitation.h"
#include "identity/person.h"
#include "identity/roster.h"
#include "identity/standing.h"
#include "portal/letters.h"

#include <glib.h>

static int list_roles(struct company *company, struct portico_error *error)
{
    struct identity_roles *roles;
    struct portico_request *request = company->request;
    int code = identity_roles_take(company->manage.identity, company->session, -1, &roles, error);
    if (code < 0)
        return code;
    company->roles = portico_listing(request);
    for (size_t i = 0; i < identity_roles_count(roles); i++) {
        const struct identity_role *role = identity_roles_at(roles, i);
        if (role->owner || !role->given)
            continue;
        struct portico_value *item = portico_append_object(company->roles);
        portico_set_text(item, "key", role->key);
        portico_set_text(item, "title",
                         role->built_in ? portico_translate(request, role->title, NULL)
                                        : role->title);
        portico_set_text(item, "description",
                         role->built_in ? portico_translate(request, role->description, NULL)
                                        : role->description);
        portico_set_boolean(item, "may",
                            identity_roles_may_give(roles, inside_viewer(request)->roles, role));
    }
    identity_roles_drop(roles);
    return 0;
}

int company_open(struct portico_request *request, struct company *ret_company,
                 struct portico_error *error)
{
    struct company company = { .request = request, .account = inside_viewer(request)->account };
    if (company.account <= IDENTITY_OWNER)
        return error_set(error, PORTICO_ENOENT, "One acts for no company here.");
    int code = manage_of(request, &company.manage, error);
    company.session = code == 0 ? company.manage.session : NULL;
    if (code == 0)
        code = list_roles(&company, error);
    if (code == 0)
        *ret_company = company;
    return code;
}

/* As it stands in the transaction. */
static int ask_again(const struct company *company, struct portico_error *error)
{
    struct identity_standing standing;
    struct identity_roles *roles;
    size_t count;
    int (*const stand)(struct identity *, struct store_session *, int64_t, int64_t,
                       struct identity_standing *, struct portico_error *) =
        inside_viewer(company->request)->entered ? identity_standing_entered : identity_standing;
    int code = stand(company->manage.identity, company->session, company->manage.actor,
                     company->account, &standing, error);
    if (code == 0)
        code = identity_roles_take(company->manage.identity, company->session, standing.number,
                                   &roles, error);
    if (code < 0)
        return code;
    const struct identity_permission *permissions = identity_roles_permissions(roles, &count);
    if (standing.account != company->account)
        code = error_set(error, PORTICO_ENOENT, "One acts for no company here.");
    else if (!identity_holds(permissions, count, standing.held, standing.roles, COMPANY_PERMISSION))
        code = error_set(error, PORTICO_EPERM, "One may look after the company's people no more.");
    identity_roles_drop(roles);
    return code;
}

int company_hold(const struct company *company, struct portico_error *error)
{
    int code = identity_account_hold(company->session, company->account, error);
    return code < 0 ? code : ask_again(company, error);
}

int company_begin(const struct company *company, struct portico_error *error)
{
    int code = portico_begin(portico_db(company->request), error);
    if (code < 0)
        return code;
    code = company_hold(company, error);
    if (code < 0)
        portico_rollback(portico_db(company->request));
    return code;
}

int company_own(const struct company *company, struct portico_error *error)
{
    return identity_giving(company->manage.identity, company->session, company->manage.actor,
                           company->account, 0, "", error);
}

int company_end(const struct company *company, int code, struct portico_error *error)
{
    if (code == 0)
        return portico_commit(portico_db(company->request), error);
    portico_rollback(portico_db(company->request));
    return code;
}

int company_may_send(struct portico_request *request, int *ret_answer)
{
    if (inside_takes_file(request))
        return 1;
    *ret_answer = portico_reply_problem(
        request, 403, NULL,
        portico_translate(request, /* translated */ "You may not do this", NULL),
        portico_translate(request, /* translated */
                          "Another page asked for this file, and nothing was handed out. Open your "
                          "company's pages and take it there.",
                          NULL));
    return 0;
}

int company_send(const struct company *company, const char *kind, const char *name, FILE *file,
                 struct portico_error *error)
{
    struct portico_request *request = company->request;
    int code = company_begin(company, error);
    if (code == 0)
        code = company_end(company, company_record(company, kind, 0, NULL, error), error);
    if (code < 0)
        return code;
    portico_set_header(request, "Content-Disposition",
                       portico_printf(request, "attachment; filename=\"%s\"", name));
    portico_set_header(request, "Cache-Control", "private, no-store");
    return inside_reply_stream(request, "text/csv; charset=utf-8", file, error);
}

/* ---- what is shown ---- */

struct portico_value *company_view(const struct company *company)
{
    struct portico_value *view = portico_object(company->request);
    portico_set_text(view, "company", inside_viewer(company->request)->account_name);
    portico_set_boolean(view, "can_mail", letters_leave(company->request));
    return view;
}

bool company_has(const char *keys, const char *role)
{
    const size_t length = strlen(role);
    for (const char *at = keys; *(at += strspn(at, " "));) {
        const size_t word = strcspn(at, " ");
        if (word == length && memcmp(at, role, length) == 0)
            return true;
        at += word;
    }
    return false;
}

const char *company_titles(const struct company *company, const char *keys)
{
    GString *titles = g_string_new(NULL);
    for (size_t i = 0; i < portico_count(company->roles); i++) {
        const struct portico_value *role = portico_at(company->roles, i);
        if (company_has(keys, portico_get_text(role, "key", "")))
            g_string_append_printf(titles, "%s%s", titles->len ? ", " : "",
                                   portico_get_text(role, "title", ""));
    }
    const char *kept =
        titles->len ? arena_strdup(inside_arena(company->request), titles->str) : NULL;
    g_string_free(titles, TRUE);
    return kept;
}

const char *company_roles_sent(const struct company *company)
{
    struct portico_request *request = company->request;
    const char *keys = "";
    for (size_t i = 0; i < portico_count(company->roles); i++) {
        const char *key = portico_get_text(portico_at(company->roles, i), "key", "");
        if (portico_form(request, portico_printf(request, "role-%s", key)))
            keys = portico_printf(request, "%s%s%s", keys, *keys ? " " : "", key);
    }
    return keys;
}

void company_show_roles(const struct company *company, struct portico_value *view, const char *keys)
{
    struct portico_value *list = portico_set_list(view, "roles");
    for (size_t i = 0; i < portico_count(company->roles); i++) {
        const struct portico_value *role = portico_at(company->roles, i);
        struct portico_value *item = portico_append_object(list);
        portico_set_text(item, "key", portico_get_text(role, "key", ""));
        portico_set_text(item, "title", portico_get_text(role, "title", ""));
        portico_set_text(item, "description", portico_get_text(role, "description", ""));
        portico_set_boolean(item, "checked", company_has(keys, portico_get_text(role, "key", "")));
        portico_set_boolean(item, "fixed", !portico_get_boolean(role, "may", 0));
    }
}

const char *company_said(struct portico_request *request, const struct company_outcome *outcomes,
                         size_t count)
{
    const char *saved = portico_query_param(request, "saved");
    for (size_t i = 0; saved && i < count; i++)
        if (strcmp(saved, outcomes[i].name) == 0)
            return portico_translate(request, outcomes[i].words, NULL);
    return NULL;
}

/* ---- invitations ---- */

int company_write(const struct company *company, int64_t id, const char *token,
                  struct portico_error *error)
{
    struct identity_invitation invitation;
    struct identity_person person = { .locale = "" };
    const struct viewer *viewer = inside_viewer(company->request);
    int64_t whose = 0;
    int code = identity_invitation_of(company->session, company->account, id, &invitation, error);
    if (code == 0)
        code = identity_invitation_whose(company->session, &invitation, &whose, error);
    if (code == 0 && whose)
        code = identity_person_look(company->session, whose, &person, error);
    if (code < 0)
        return code;
    const struct letters_invitation letter = {
        .address = invitation.address,
        .locale = *person.locale ? person.locale : invitation.locale,
        .person = whose,
        .company = viewer->account_name,
        .actor = viewer->name,
        .days = (invitation.expires - portico_now(company->request) + 43200000000) / 86400000000,
        .token = token,
    };
    return letters_invite(company->request, &letter, error);
}

int company_record(const struct company *company, const char *kind, int64_t person,
                   const char *object, struct portico_error *error)
{
    const struct identity_act act = { .kind = kind,
                                      .actor = company->manage.actor,
                                      .person = person,
                                      .account = company->account,
                                      .other = company->manage.through,
                                      .object = object,
                                      .origin = company->manage.from };
    return identity_audit(company->session, &act, error);
}
