/* The access review of a company. */
#include "base/clock.h"
#include "base/error.h"
#include "identity/audit.h"
#include "identity/person.h"
#include "identity/roster.h"
#include "portal/company.h"
#include "portal/pages.h"

#include <glib.h>
#include <stdlib.h>

#define REVIEW "/account/company/review"
#define REVIEW_TIME (7 * INT64_C(86400000000)) /* µs that one may take from its first page on */

/* ---- who may what, looked at again ---- */

/* When the review that is under way began, as its pages carry it; one that was left lying begins
 * anew. */
static int64_t since_of(const char *text)
{
    const int64_t now = clock_now(), since = visit_number(text);
    return since > now - REVIEW_TIME && since < now ? since : now;
}

static const char *place(struct portico_request *request, const struct portico_value *last,
                         int64_t since)
{
    char *key = g_uri_escape_string(portico_get_text(last, "name_key", ""), NULL, TRUE);
    const char *path =
        portico_printf(request, REVIEW "?behind=%s&after=%lld&since=%lld", key,
                       (long long)portico_get_integer(last, "id", 0), (long long)since);
    g_free(key);
    return path;
}

static int show_last(const struct company *company, struct portico_value *view,
                     struct portico_error *error)
{
    struct value *rows;
    const struct identity_audit_filter filter = { .account = company->account,
                                                  .customers = true,
                                                  .kind = "access.reviewed" };
    int code = identity_audit_list(company->session, &filter, 1, &rows, error);
    if (code < 0)
        return code;
    const struct portico_value *last = rows->count ? value_public(value_at(rows, 0)) : NULL;
    portico_set_boolean(view, "before", last != NULL);
    if (last) {
        portico_set_time(view, "last", portico_get_integer(last, "time", 0));
        portico_set_text(view, "last_by", portico_get_text(last, "actor_name", NULL));
    }
    return PORTICO_OK;
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
    const int64_t since = since_of(portico_query_param(request, "since"));
    const struct portico_value *last = NULL;
    const char *ids = "";
    struct portico_value *view = company_view(company);
    struct portico_value *list = portico_set_list(view, "people");
    int code = company_list(company, &wanted, list, &last, &error);
    if (code == 0)
        code = show_last(company, view, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    for (size_t i = 0; i < portico_count(list); i++)
        ids = portico_printf(request, "%s %lld", ids,
                             (long long)portico_get_integer(portico_at(list, i), "id", 0));
    portico_set_text(view, "ids", ids);
    portico_set_text(view, "next", last ? place(request, last, since) : NULL);
    portico_set_text(view, "since", portico_printf(request, "%lld", (long long)since));
    portico_set_boolean(view, "done", portico_query_param(request, "done") != NULL);
    portico_set_boolean(view, "part", portico_query_param(request, "part") != NULL);
    portico_set_boolean(view, "lacking", portico_query_param(request, "lacking") != NULL);
    return portico_reply_view(request, "company-review", view);
}

/* Of those that the page showed. Who is shown again for the question stands in `asked`. */
struct reviewing {
    const struct company *company;
    unsigned seen, settled;
    struct portico_value *asked;
};

typedef int review_one(struct reviewing *reviewing, const struct identity_member *member,
                       bool ticked, struct portico_error *error);

static int review_each(struct reviewing *reviewing, const char *ids, review_one *one,
                       struct portico_error *error)
{
    const struct company *company = reviewing->company;
    struct identity_member member;
    int code = 0;
    char *end;
    for (const char *at = ids; code == 0 && reviewing->seen < IDENTITY_ROSTER_PAGE;
         at = end, reviewing->seen++) {
        const int64_t id = strtoll(at, &end, 10);
        if (end == at)
            break;
        code = identity_member_look(company->session, id, &member, error);
        /* Taken out by another admin meanwhile: nothing is left to say. */
        if (code == PORTICO_ENOENT || (code == 0 && member.account != company->account))
            code = 0;
        else if (code == 0)
            code = one(reviewing, &member,
                       portico_form(company->request, portico_printf(company->request, "out-%lld",
                                                                     (long long)id)) != NULL,
                       error);
    }
    return code;
}

static int ask_of(struct reviewing *reviewing, const struct identity_member *member, bool ticked,
                  struct portico_error *error)
{
    struct identity_person person;
    if (!ticked)
        return PORTICO_OK;
    int code = identity_person_look(reviewing->company->session, member->person, &person, error);
    if (code < 0)
        return code == PORTICO_ENOENT ? PORTICO_OK : code;
    struct portico_value *item = portico_append_object(reviewing->asked);
    portico_set_id(item, "id", member->id);
    portico_set_text(item, "name", person.name);
    portico_set_text(item, "initials",
                     identity_initials(person.name, inside_arena(reviewing->company->request)));
    portico_set_text(item, "title", member->title);
    return PORTICO_OK;
}

static int settle(struct reviewing *reviewing, const struct identity_member *member, bool ticked,
                  struct portico_error *error)
{
    const struct company *company = reviewing->company;
    int64_t invitation;
    reviewing->settled++;
    return ticked ? company_take_out(company, member->id, &invitation, error)
                  : identity_member_reviewed(company->session, member->id, company->manage.actor,
                                             error);
}

/* 0: nobody is to go, or they were asked. */
static int ask(const struct company *company, const char *ids, int *ret_answer,
               struct portico_error *error)
{
    struct portico_request *request = company->request;
    struct portico_value *view = company_view(company);
    struct reviewing reviewing = { .company = company, .asked = portico_set_list(view, "asked") };
    if (portico_form(request, "sure"))
        return 0;
    int code = review_each(&reviewing, ids, ask_of, error);
    if (code < 0 || portico_count(reviewing.asked) == 0)
        return code;
    const char *next = portico_form(request, "next"), *since = portico_form(request, "since");
    portico_set_boolean(view, "asks", true);
    portico_set_text(view, "ids", ids);
    portico_set_text(view, "since", since ? since : "");
    portico_set_text(view, "next", next ? next : "");
    *ret_answer = portico_reply_view(request, "company-review", view);
    return 1;
}

/* It is a review once nobody is left whom it did not look at, and part of one until then. */
static int review_all(const struct company *company, const char *ids, int64_t *ret_left,
                      struct portico_error *error)
{
    struct reviewing reviewing = { .company = company };
    const int64_t since = since_of(portico_form(company->request, "since"));
    int code = review_each(&reviewing, ids, settle, error);
    if (code == 0)
        code =
            identity_roster_unreviewed(company->session, company->account, since, ret_left, error);
    return code < 0 || reviewing.settled == 0
               ? code
               : company_record(company, *ret_left ? "access.confirmed" : "access.reviewed", 0,
                                portico_printf(company->request, "%u", reviewing.settled), error);
}

int company_review_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct company company;
    const char *ids = portico_form(request, "ids");
    int64_t left = 0;
    int answer = 0;
    int code = company_open(request, &company, &error);
    if (code == 0 && !ids)
        return show(&company);
    if (code == 0)
        code = ask(&company, ids, &answer, &error);
    if (code > 0)
        return answer;
    if (code == 0)
        code = company_begin(&company, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    code = company_end(&company, review_all(&company, ids, &left, &error), &error);
    if (code == PORTICO_EPERM)
        return portico_reply_redirect(request, 303, REVIEW "?lacking=1");
    const char *next = portico_form(request, "next");
    return code < 0
               ? visit_failed(request, code, &error)
               : portico_reply_redirect(request, 303,
                                        inside_next(request, next && *next ? next : NULL,
                                                    left ? REVIEW "?part=1" : REVIEW "?done=1"));
}
