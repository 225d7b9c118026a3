/* The access review of a company. */
#include "base/clock.h"
#include "base/error.h"
#include "identity/audit.h"
#include "identity/delegate.h"
#include "identity/person.h"
#include "identity/roster.h"
#include "portal/company.h"
#include "portal/delegation.h"
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

static const char *ids_of(struct portico_request *request, const struct portico_value *list)
{
    const char *ids = "";
    for (size_t i = 0; i < portico_count(list); i++)
        ids = portico_printf(request, "%s %lld", ids,
                             (long long)portico_get_integer(portico_at(list, i), "id", 0));
    return ids;
}

/* Partners stand on the first page, before the people. */
static int show_partners(const struct company *company, bool first, struct portico_value *view,
                         struct portico_error *error)
{
    int code = first ? company_show_partners(company, view, error) : PORTICO_OK;
    portico_set_text(view, "lent",
                     first ? ids_of(company->request, portico_get(view, "partners")) : "");
    portico_set_boolean(view, "beside", first);
    return code;
}

/* Whoever acts here for another company reads it, and is told why there is nothing to tick. */
static int show_who_decides(const struct company *company, struct portico_value *view,
                            struct portico_error *error)
{
    struct portico_error why = PORTICO_ERROR_INIT;
    int code = company_own(company, &why);
    if (code < 0 && code != PORTICO_EPERM)
        return error_set(error, code, "%s", why.message);
    portico_set_boolean(view, "decides", code == 0);
    portico_set_text(view, "others",
                     code < 0 ? portico_translate(company->request, why.message, NULL) : NULL);
    return PORTICO_OK;
}

static int show(const struct company *company)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_request *request = company->request;
    const struct identity_roster wanted = {
        .account = company->account,
        .part = "",
        .kind = "reviewed",
        .behind = portico_query_param(request, "behind"),
        .id = visit_number(portico_query_param(request, "after")),
    };
    const int64_t since = since_of(portico_query_param(request, "since"));
    const struct portico_value *last = NULL;
    struct portico_value *view = company_view(company);
    struct portico_value *list = portico_set_list(view, "people");
    int code = company_list(company, &wanted, list, &last, &error);
    if (code == 0)
        code = show_partners(company, !wanted.behind, view, &error);
    if (code == 0)
        code = show_last(company, view, &error);
    if (code == 0)
        code = show_who_decides(company, view, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    portico_set_text(view, "ids", ids_of(request, list));
    portico_set_text(view, "next", last ? place(request, last, since) : NULL);
    portico_set_text(view, "since", portico_printf(request, "%lld", (long long)since));
    portico_set_boolean(view, "done", portico_query_param(request, "done") != NULL);
    portico_set_boolean(view, "part", portico_query_param(request, "part") != NULL);
    portico_set_boolean(view, "lacking", portico_query_param(request, "lacking") != NULL);
    return portico_reply_view(request, "company-review", view);
}

/* Of those that the page showed. Who is shown again for the question stands in `asked` and
 * `ending`. */
struct reviewing {
    const struct company *company;
    unsigned seen, settled;
    struct portico_value *asked, *ending;
};

typedef int review_one(struct reviewing *reviewing, int64_t id, bool ticked,
                       struct portico_error *error);

static bool is_ticked(const struct reviewing *reviewing, const char *box, int64_t id)
{
    struct portico_request *request = reviewing->company->request;
    return portico_form(request, portico_printf(request, "%s-%lld", box, (long long)id)) != NULL;
}

static int review_each(struct reviewing *reviewing, const char *ids, const char *box, unsigned most,
                       review_one *one, struct portico_error *error)
{
    int code = 0;
    char *end;
    reviewing->seen = 0;
    for (const char *at = ids; code == 0 && reviewing->seen < most; at = end, reviewing->seen++) {
        const int64_t id = strtoll(at, &end, 10);
        if (end == at)
            break;
        code = one(reviewing, id, is_ticked(reviewing, box, id), error);
    }
    return code;
}

/* Of what is gone meanwhile by another's hand, nothing is left to say. */
static int unless_gone(int code)
{
    return code == PORTICO_ENOENT ? PORTICO_OK : code;
}

static int ask_of(struct reviewing *reviewing, int64_t id, bool ticked, struct portico_error *error)
{
    struct identity_member member = { .account = 0 };
    struct identity_person person;
    int code = ticked ? identity_member_look(reviewing->company->session, id, &member, error) : 0;
    if (code < 0 || member.account != reviewing->company->account)
        return unless_gone(code);
    code = identity_person_look(reviewing->company->session, member.person, &person, error);
    if (code < 0)
        return unless_gone(code);
    struct portico_value *item = portico_append_object(reviewing->asked);
    portico_set_id(item, "id", member.id);
    portico_set_text(item, "name", person.name);
    portico_set_text(item, "initials",
                     identity_initials(person.name, inside_arena(reviewing->company->request)));
    portico_set_text(item, "title", member.title);
    return PORTICO_OK;
}

/* Of somebody above it is only noted that they were looked at: their own company decides. */
static int settle(struct reviewing *reviewing, int64_t id, bool ticked, struct portico_error *error)
{
    const struct company *company = reviewing->company;
    struct identity_member member;
    int64_t invitation;
    int code = identity_member_look(company->session, id, &member, error);
    const bool above = code == 0 && member.account != company->account;
    if (above)
        code = identity_above_reviewed(company->session, id, company->account, error);
    if (code < 0)
        return unless_gone(code);
    reviewing->settled++;
    if (above)
        return PORTICO_OK;
    return ticked ? company_take_out(company, id, &invitation, error)
                  : identity_member_reviewed(company->session, id, company->manage.actor, error);
}

/* ENOENT: the company did not give it, or it is over. */
static int look_lent(const struct company *company, int64_t id,
                     struct identity_delegation *ret_found, struct portico_error *error)
{
    int code = identity_delegation_look(company->session, id, ret_found, error);
    if (code == 0 && (ret_found->account != company->account || !ret_found->accepted ||
                      ret_found->until <= portico_now(company->request)))
        code = error_set(error, PORTICO_ENOENT, "There is no such delegation any more.");
    return code;
}

static int ask_of_lent(struct reviewing *reviewing, int64_t id, bool ticked,
                       struct portico_error *error)
{
    struct identity_delegation found;
    int code = look_lent(reviewing->company, id, &found, error);
    if (code < 0 || !ticked)
        return unless_gone(code);
    struct portico_value *item = portico_append_object(reviewing->ending);
    portico_set_id(item, "id", id);
    portico_set_text(item, "partner", found.partner_name);
    portico_set_text(item, "reason", found.reason);
    return PORTICO_OK;
}

static int settle_lent(struct reviewing *reviewing, int64_t id, bool ticked,
                       struct portico_error *error)
{
    const struct company *company = reviewing->company;
    struct identity_delegation found;
    const char *said;
    int code = look_lent(company, id, &found, error);
    if (code == 0)
        code = ticked ? delegation_end(company, id, &said, error)
                      : identity_delegation_reviewed(company->session, id, error);
    reviewing->settled += code == 0;
    return unless_gone(code);
}

/* What a page of the review sent: ids of people and of delegations. */
struct sent {
    const char *ids, *lent;
};

static int review_both(struct reviewing *reviewing, const struct sent *sent, review_one *one,
                       review_one *one_lent, struct portico_error *error)
{
    int code = review_each(reviewing, sent->lent, "end", IDENTITY_DELEGATIONS_MAX, one_lent, error);
    return code < 0 ? code
                    : review_each(reviewing, sent->ids, "out", IDENTITY_ROSTER_PAGE, one, error);
}

/* 0: nobody is to go, or they were asked. */
static int ask(const struct company *company, const struct sent *sent, int *ret_answer,
               struct portico_error *error)
{
    struct portico_request *request = company->request;
    struct portico_value *view = company_view(company);
    struct reviewing reviewing = { .company = company,
                                   .asked = portico_set_list(view, "asked"),
                                   .ending = portico_set_list(view, "ending") };
    if (portico_form(request, "sure"))
        return 0;
    int code = review_both(&reviewing, sent, ask_of, ask_of_lent, error);
    const bool asked = portico_count(reviewing.asked) > 0;
    const bool ending = portico_count(reviewing.ending) > 0;
    if (code < 0 || (!asked && !ending))
        return code;
    const char *next = portico_form(request, "next"), *since = portico_form(request, "since");
    portico_set_boolean(view, "asks", true);
    portico_set_boolean(view, "any_asked", asked);
    portico_set_boolean(view, "any_ending", ending);
    portico_set_text(view, "ids", sent->ids);
    portico_set_text(view, "lent", sent->lent);
    portico_set_text(view, "since", since ? since : "");
    portico_set_text(view, "next", next ? next : "");
    *ret_answer = portico_reply_view(request, "company-review", view);
    return 1;
}

/* It is a review once nobody is left whom it did not look at, and part of one until then. */
static int review_all(const struct company *company, const struct sent *sent, int64_t *ret_left,
                      struct portico_error *error)
{
    struct reviewing reviewing = { .company = company };
    const int64_t since = since_of(portico_form(company->request, "since"));
    int code = review_both(&reviewing, sent, settle, settle_lent, error);
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
    const char *ids = portico_form(request, "ids"), *lent = portico_form(request, "lent");
    const struct sent sent = { ids, lent ? lent : "" };
    int64_t left = 0;
    int answer = 0;
    int code = company_open(request, &company, &error);
    if (code == 0 && !ids)
        return show(&company);
    if (code == 0)
        code = ask(&company, &sent, &answer, &error);
    if (code > 0)
        return answer;
    if (code == 0)
        code = company_begin(&company, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    code = company_own(&company, &error);
    if (code == 0)
        code = review_all(&company, &sent, &left, &error);
    code = company_end(&company, code, &error);
    if (code == PORTICO_EPERM)
        return portico_reply_redirect(request, 303, REVIEW "?lacking=1");
    const char *next = portico_form(request, "next");
    return code < 0
               ? visit_failed(request, code, &error)
               : portico_reply_redirect(request, 303,
                                        inside_next(request, next && *next ? next : NULL,
                                                    left ? REVIEW "?part=1" : REVIEW "?done=1"));
}
