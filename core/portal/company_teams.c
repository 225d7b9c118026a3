/* A company's teams: what is shared with one is seen by its people. */
#include "base/error.h"
#include "identity/person.h"
#include "identity/team.h"
#include "portal/company.h"
#include "portal/pages.h"

#include <glib.h>

#define TEAMS "/account/company/teams"
#define PEOPLE_A_PAGE 25

static const char *typed(struct portico_request *request, const char *field)
{
    const char *text = portico_form(request, field);
    return text ? text : "";
}

static const struct company_outcome outcomes[] = {
    { "made", /* translated */ "The team is there. Add its people next." },
    { "renamed", /* translated */ "Saved." },
    { "in", /* translated */ "They are in the team, and see what is shared with it." },
    { "out", /* translated */ "They are in the team no more." },
    { "removed",
      /* translated */ "The team is gone, and what was shared with it alone is hidden." },
};

/* What is said of a refused act; NULL: it was no refusal. */
static const char *refusal(struct portico_request *request, int code,
                           const struct portico_error *error)
{
    const bool said = code == PORTICO_EINVAL || code == PORTICO_EEXIST || code == PORTICO_ELIMIT ||
                      code == PORTICO_EPERM;
    return said ? portico_translate(request, error->message, NULL) : NULL;
}

static int check_name(struct portico_request *request, struct portico_error *error)
{
    const char *kept;
    return identity_name_plain(typed(request, "name"), inside_arena(request), &kept, error);
}

/* ---- all of them ---- */

static int show_all(const struct company *company, const char *refused)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_request *request = company->request;
    struct value *rows;
    int code = identity_teams(company->session, company->account, &rows, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    struct portico_value *view = company_view(company);
    struct portico_value *list = portico_set_list(view, "teams");
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct portico_value *row = value_public(value_at(rows, i));
        struct portico_value *item = portico_append_object(list);
        portico_set_id(item, "id", portico_get_integer(row, "id", 0));
        portico_set_text(item, "name", portico_get_text(row, "name", ""));
        portico_set_integer(item, "members", portico_get_integer(row, "members", 0));
    }
    portico_set_boolean(view, "any", rows->count > 0);
    portico_set_text(view, "saved", company_said(request, outcomes, G_N_ELEMENTS(outcomes)));
    portico_set_text(view, "refused", refused);
    portico_set_text(view, "new_name", refused ? typed(request, "name") : "");
    if (refused)
        portico_set_status(request, 422);
    return portico_reply_view(request, "company-teams", view);
}

int company_teams_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct company company;
    int code = company_open(request, &company, &error);
    return code < 0 ? visit_failed(request, code, &error) : show_all(&company, NULL);
}

int company_team_make(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct company company;
    int64_t team = 0;
    int code = company_open(request, &company, &error);
    if (code == 0)
        code = company_begin(&company, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    code = company_own(&company, &error);
    if (code == 0)
        code = check_name(request, &error);
    if (code == 0)
        code = manage_team_make(&company.manage, company.account, typed(request, "name"), &team,
                                &error);
    code = company_end(&company, code, &error);
    const char *refused = refusal(request, code, &error);
    if (refused)
        return show_all(&company, refused);
    return code < 0 ? visit_failed(request, code, &error)
                    : portico_reply_redirect(
                          request, 303,
                          portico_printf(request, TEAMS "/%lld?saved=made", (long long)team));
}

/* ---- one of them ---- */

static int show_people(const struct company *company, int64_t team, struct portico_value *view,
                       struct portico_error *error)
{
    struct portico_request *request = company->request;
    const int64_t after = visit_number(portico_query_param(request, "after"));
    struct identity_person last;
    struct identity_member member;
    struct value *rows;
    const bool behind =
        after &&
        identity_member_of(company->session, company->account, after, &member, NULL) == 0 &&
        identity_person_look(company->session, after, &last, NULL) == 0;
    const struct identity_place place = { behind ? last.name : "", after };
    int code = identity_team_people(company->session, team, behind ? &place : NULL,
                                    PEOPLE_A_PAGE + 1, &rows, error);
    if (code < 0)
        return code;
    struct portico_value *list = portico_set_list(view, "people");
    for (uint32_t i = 0; i < rows->count && i < PEOPLE_A_PAGE; i++) {
        const struct portico_value *row = value_public(value_at(rows, i));
        struct portico_value *item = portico_append_object(list);
        const char *name = portico_get_text(row, "name", "");
        portico_set_id(item, "person", portico_get_integer(row, "person", 0));
        portico_set_id(item, "membership", portico_get_integer(row, "membership", 0));
        portico_set_text(item, "name", name);
        portico_set_text(item, "initials", identity_initials(name, inside_arena(request)));
        portico_set_text(item, "address", portico_get_text(row, "address", NULL));
    }
    portico_set_boolean(view, "any", rows->count > 0);
    portico_set_boolean(view, "behind", behind);
    if (rows->count > PEOPLE_A_PAGE)
        portico_set_id(
            view, "next",
            portico_get_integer(value_public(value_at(rows, PEOPLE_A_PAGE - 1)), "person", 0));
    else
        portico_set_text(view, "next", NULL);
    return PORTICO_OK;
}

static int show_one(const struct company *company, int64_t id, const char *act, const char *refused)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_request *request = company->request;
    struct portico_value *view = company_view(company);
    struct identity_team team;
    int code = identity_team_of(company->session, company->account, id, &team, &error);
    if (code == 0)
        code = show_people(company, id, view, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    const bool renames = refused && strcmp(act, "rename") == 0;
    portico_set_id(view, "id", team.id);
    portico_set_text(view, "name", team.name);
    portico_set_text(view, "saved", company_said(request, outcomes, G_N_ELEMENTS(outcomes)));
    portico_set_text(view, "refused", refused);
    portico_set_boolean(view, "renames", renames);
    portico_set_text(view, "new_name", renames ? typed(request, "name") : team.name);
    portico_set_text(view, "who", refused ? typed(request, "who") : "");
    if (refused)
        portico_set_status(request, 422);
    return portico_reply_view(request, "company-team", view);
}

int company_team_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct company company;
    int code = company_open(request, &company, &error);
    return code < 0 ? visit_failed(request, code, &error)
                    : show_one(&company, visit_number(portico_param(request, "id")), "", NULL);
}

/* ---- what is done ---- */

static int act_rename(const struct company *company, int64_t team, struct portico_error *error)
{
    int code = check_name(company->request, error);
    return code < 0 ? code
                    : manage_team_rename(&company->manage, company->account, team,
                                         typed(company->request, "name"), error);
}

static int act_in(const struct company *company, int64_t team, struct portico_error *error)
{
    int64_t person = 0;
    int code = company_person(company, typed(company->request, "who"), &person, error);
    return code < 0
               ? code
               : manage_team_person(&company->manage, company->account, team, person, true, error);
}

static int act_out(const struct company *company, int64_t team, struct portico_error *error)
{
    return manage_team_person(&company->manage, company->account, team,
                              visit_number(typed(company->request, "person")), false, error);
}

static int act_remove(const struct company *company, int64_t team, struct portico_error *error)
{
    return manage_team_remove(&company->manage, company->account, team, error);
}

static const struct {
    const char *name, *saved;
    int (*run)(const struct company *company, int64_t team, struct portico_error *error);
} acts[] = {
    { "rename", "renamed", act_rename },
    { "in", "in", act_in },
    { "out", "out", act_out },
    { "remove", "removed", act_remove },
};

int company_team_change(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct company company;
    const int64_t team = visit_number(portico_param(request, "id"));
    const char *name = typed(request, "act");
    size_t i = 0;
    while (i < G_N_ELEMENTS(acts) && strcmp(acts[i].name, name) != 0)
        i++;
    if (i == G_N_ELEMENTS(acts))
        return PORTICO_EINVAL;
    int code = company_open(request, &company, &error);
    if (code == 0)
        code = company_begin(&company, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    code = company_own(&company, &error);
    if (code == 0)
        code = acts[i].run(&company, team, &error);
    code = company_end(&company, code, &error);
    const char *refused = refusal(request, code, &error);
    if (refused)
        return show_one(&company, team, name, refused);
    if (code < 0)
        return visit_failed(request, code, &error);
    return portico_reply_redirect(
        request, 303,
        acts[i].run == act_remove
            ? TEAMS "?saved=removed"
            : portico_printf(request, TEAMS "/%lld?saved=%s", (long long)team, acts[i].saved));
}
