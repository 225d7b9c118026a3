/* The access review of a company, and what happened there. */
#include "base/error.h"
#include "identity/audit.h"
#include "identity/roster.h"
#include "portal/audit.h"
#include "portal/company.h"
#include "portal/pages.h"

#include <glib.h>
#include <stdlib.h>

#define RECORDS_A_PAGE 50
#define REVIEW "/account/company/review"

/* ---- who may what, looked at again ---- */

static const char *place(struct portico_request *request, const struct portico_value *last)
{
    char *key = g_uri_escape_string(portico_get_text(last, "name_key", ""), NULL, TRUE);
    const char *path = portico_printf(request, REVIEW "?behind=%s&after=%lld", key,
                                      (long long)portico_get_integer(last, "id", 0));
    g_free(key);
    return path;
}

static int show(const struct company *company)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_request *request = company->request;
    const struct identity_roster wanted = {
        .account = company->account,
        .part = "",
        .kind = "member",
        .behind = portico_query_param(request, "behind"),
        .id = visit_number(portico_query_param(request, "after")),
    };
    const struct portico_value *last = NULL;
    const char *ids = "";
    struct portico_value *view = company_view(company);
    struct portico_value *list = portico_set_list(view, "people");
    int code = company_list(company, &wanted, list, &last, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    for (size_t i = 0; i < portico_count(list); i++)
        ids = portico_printf(request, "%s %lld", ids,
                             (long long)portico_get_integer(portico_at(list, i), "id", 0));
    portico_set_text(view, "ids", ids);
    portico_set_text(view, "next", last ? place(request, last) : NULL);
    portico_set_boolean(view, "done", portico_query_param(request, "done") != NULL);
    portico_set_boolean(view, "lacking", portico_query_param(request, "lacking") != NULL);
    return portico_reply_view(request, "company-review", view);
}

/* Those shown, as they were ticked. */
static int review_all(const struct company *company, const char *ids, struct portico_error *error)
{
    struct portico_request *request = company->request;
    struct identity_member member;
    int64_t invitation;
    int code = 0;
    unsigned seen = 0;
    char *end;
    for (const char *at = ids; code == 0 && seen < IDENTITY_ROSTER_PAGE; at = end, seen++) {
        const int64_t id = strtoll(at, &end, 10);
        if (end == at)
            break;
        code = identity_member_look(company->session, id, &member, error);
        /* Taken out by another admin meanwhile: nothing is left to say. */
        if (code == PORTICO_ENOENT || (code == 0 && member.account != company->account)) {
            code = 0;
            continue;
        }
        if (code == 0 && portico_form(request, portico_printf(request, "out-%lld", (long long)id)))
            code = company_take_out(company, id, &invitation, error);
        else if (code == 0)
            code = identity_member_reviewed(company->session, id, company->manage.actor, error);
    }
    return code < 0 ? code
                    : company_record(company, "access.reviewed", 0,
                                     portico_printf(request, "%u", seen), error);
}

int company_review_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct company company;
    const char *ids = portico_form(request, "ids");
    int code = company_open(request, &company, &error);
    if (code == 0 && !ids)
        return show(&company);
    if (code == 0)
        code = company_begin(&company, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    code = company_end(&company, review_all(&company, ids, &error), &error);
    if (code == PORTICO_EPERM)
        return portico_reply_redirect(request, 303, REVIEW "?lacking=1");
    const char *next = portico_form(request, "next");
    return code < 0 ? visit_failed(request, code, &error)
                    : portico_reply_redirect(
                          request, 303,
                          inside_next(request, next && *next ? next : NULL, REVIEW "?done=1"));
}

/* ---- what happened ---- */

/* Why staff looked in is for the company to read. */
static void show_record(struct portico_request *request, const struct portico_value *row,
                        struct portico_value *item)
{
    const char *kind = portico_get_text(row, "kind", "");
    const bool entered = strcmp(kind, "account.entered") == 0 ||
                         strcmp(kind, "view-as.began") == 0 || strcmp(kind, "view-as.moved") == 0;
    audit_show(request, row, item);
    portico_set_text(item, "why", entered ? portico_get_text(row, "object", NULL) : NULL);
}

int company_log_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct company company;
    struct value *rows = NULL;
    int code = company_open(request, &company, &error);
    const struct identity_audit_filter filter = {
        .account = code == 0 ? company.account : -1,
        .customers = true,
        .before = visit_number(portico_query_param(request, "before")),
    };
    if (code == 0)
        code = identity_audit_list(company.session, &filter, RECORDS_A_PAGE + 1, &rows, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    struct portico_value *view = company_view(&company);
    struct portico_value *list = portico_set_list(view, "records");
    for (uint32_t i = 0; i < rows->count && i < RECORDS_A_PAGE; i++)
        show_record(request, value_public(value_at(rows, i)), portico_append_object(list));
    portico_set_boolean(view, "any", rows->count > 0);
    portico_set_boolean(view, "behind", filter.before > 0);
    portico_set_boolean(view, "more", rows->count > RECORDS_A_PAGE);
    portico_set_integer(view, "next",
                        rows->count > RECORDS_A_PAGE
                            ? portico_get_integer(portico_at(list, RECORDS_A_PAGE - 1), "number", 0)
                            : 0);
    return portico_reply_view(request, "company-log", view);
}
