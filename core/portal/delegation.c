#include "portal/delegation.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "identity/role.h"
#include "portal/admin_accounts.h"
#include "portal/again.h"
#include "portal/company.h"
#include "portal/pages.h"

#include <glib.h>

#define PAGE "/account/company/delegations"
#define MEMBER "account-member"
#define RECEIVED_A_PAGE 25u

/* ---- what there is ---- */

static const char *titles_of(struct portico_request *request, const struct identity_roles *roles,
                             const char *keys)
{
    const char *titles = "";
    for (size_t i = 0; i < identity_roles_count(roles); i++) {
        const struct identity_role *role = identity_roles_at(roles, i);
        if (company_has(keys, role->key))
            titles = portico_printf(request, "%s%s%s", titles, *titles ? ", " : "",
                                    role->built_in ? portico_translate(request, role->title, NULL)
                                                   : role->title);
    }
    return titles;
}

void delegation_show_one(struct portico_request *request, const struct identity_roles *roles,
                         const struct identity_delegation *of, bool given,
                         struct portico_value *item)
{
    portico_set_id(item, "id", of->id);
    portico_set_id(item, "company_id", given ? of->partner : of->account);
    portico_set_text(item, "company", given ? of->partner_name : of->account_name);
    portico_set_time(item, "until", clock_in_last_day(of->until));
    portico_set_boolean(item, "over", of->until <= portico_now(request));
    portico_set_boolean(item, "offered", !of->accepted);
    portico_set_text(item, "reason", of->reason);
    portico_set_text(item, "giver", of->giver_name);
    portico_set_text(item, "roles", titles_of(request, roles, of->roles));
}

struct showing {
    struct portico_request *request;
    struct store_session *session;
    struct identity_roles *roles;
    const char *page; /* its path */
};

/* Up to `most` of them; `ret_last` is the row these end with, NULL where nothing follows. */
static int show_list(const struct showing *showing, const struct identity_delegations *wanted,
                     unsigned most, struct portico_value *list,
                     const struct portico_value **ret_last, struct portico_error *error)
{
    struct identity_delegation found;
    struct value *rows;
    int code = identity_delegations(showing->session, wanted, most + 1, &rows, error);
    for (uint32_t i = 0; code == 0 && i < rows->count && i < most; i++) {
        code = identity_delegation_look(showing->session, value_rows_at(rows, i)->integer, &found,
                                        error);
        if (code == 0)
            delegation_show_one(showing->request, showing->roles, &found, wanted->given,
                                portico_append_object(list));
    }
    if (code == 0)
        *ret_last = rows->count > most ? value_public(value_at(rows, most - 1)) : NULL;
    return code;
}

static const char *next_of(const struct showing *showing, const char *part,
                           const struct portico_value *last)
{
    char *typed = g_uri_escape_string(part, NULL, TRUE);
    char *key = g_uri_escape_string(portico_get_text(last, "name_key", ""), NULL, TRUE);
    const char *next =
        portico_printf(showing->request, "%s?customer=%s&behind=%s&delegation=%lld", showing->page,
                       typed, key, (long long)portico_get_integer(last, "id", 0));
    g_free(typed);
    g_free(key);
    return next;
}

/* A partner acts for any number of companies. */
static int show_received(const struct showing *showing, int64_t account, struct portico_value *view,
                         struct portico_error *error)
{
    struct portico_request *request = showing->request;
    const char *part = portico_query_param(request, "customer");
    const struct identity_delegations wanted = {
        .account = account,
        .kind = "accepted",
        .part = part ? part : "",
        .behind = portico_query_param(request, "behind"),
        .id = visit_number(portico_query_param(request, "delegation")),
    };
    struct portico_value *list = portico_set_list(view, "received");
    const struct portico_value *last = NULL;
    int code = show_list(showing, &wanted, RECEIVED_A_PAGE, list, &last, error);
    portico_set_boolean(view, "any_received", portico_count(list) > 0);
    portico_set_text(view, "customer", wanted.part);
    portico_set_boolean(view, "received_searched", *wanted.part != '\0');
    portico_set_boolean(view, "received_behind", wanted.behind != NULL);
    portico_set_boolean(view, "received_long", last || wanted.behind || *wanted.part);
    portico_set_text(view, "received_next", last ? next_of(showing, wanted.part, last) : NULL);
    return code;
}

static int show_others(const struct showing *showing, int64_t account, struct portico_value *view,
                       struct portico_error *error)
{
    const struct identity_delegations by = { .account = account, .given = true };
    const struct identity_delegations offered = { .account = account, .kind = "offered" };
    struct portico_value *given = portico_set_list(view, "given");
    struct portico_value *asked = portico_set_list(view, "asked");
    const struct portico_value *last = NULL;
    int code = show_list(showing, &by, IDENTITY_DELEGATIONS_MAX, given, &last, error);
    if (code == 0)
        code = show_list(showing, &offered, RECEIVED_A_PAGE, asked, &last, error);
    portico_set_boolean(view, "any_given", portico_count(given) > 0);
    portico_set_boolean(view, "any_asked", portico_count(asked) > 0);
    portico_set_boolean(view, "more_asked", last != NULL);
    return code;
}

int delegation_show(struct portico_request *request, struct store_session *session, int64_t account,
                    const char *page, struct portico_value *view, struct portico_error *error)
{
    struct showing showing = { .request = request, .session = session, .page = page };
    int code =
        identity_roles_take(inside_host(request)->identity, session, -1, &showing.roles, error);
    if (code < 0)
        return code;
    code = show_others(&showing, account, view, error);
    if (code == 0)
        code = show_received(&showing, account, view, error);
    identity_roles_drop(showing.roles);
    return code;
}

static const char *typed(struct portico_request *request, const char *field)
{
    const char *value = portico_form(request, field);
    return value ? value : "";
}

void delegation_show_typed(struct portico_request *request, struct portico_value *view, bool again)
{
    static const char *const fields[] = { "partner", "until", "reason" };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        portico_set_text(view, fields[i], again ? typed(request, fields[i]) : "");
    portico_set_boolean(view, "as_member", !again || portico_form(request, "role-" MEMBER) != NULL);
}

/* Who acts for a partner gives back what that one was lent, and nobody else's; nor do they accept
 * or decline in the name of the company. */
bool delegation_ends(const struct company *company, const struct identity_delegation *of)
{
    const int64_t through = company->manage.through;
    return !through || (of->account == company->account && of->partner == through);
}

/* ENOENT, EPERM. */
static int check_one(const struct company *company, int64_t id, struct portico_error *error)
{
    struct identity_delegation found;
    int code = identity_delegation_look(company->session, id, &found, error);
    if (code == 0 && found.account != company->account && found.partner != company->account)
        return error_set(error, PORTICO_ENOENT, "There is no such delegation any more.");
    if (code < 0 || delegation_ends(company, &found))
        return code;
    return error_set(error, PORTICO_EPERM,
                     /* translated */
                     "You act here for another company: only people of this one accept, decline "
                     "and end what is between it and others.");
}

int delegation_end(const struct company *company, int64_t id, const char **ret_said,
                   struct portico_error *error)
{
    const char *kind;
    int code = check_one(company, id, error);
    if (code == 0)
        code = manage_delegation_end(&company->manage, company->account, id, &kind, error);
    if (code == 0)
        *ret_said = kind + strlen("delegation.");
    return code;
}

static int accept_one(const struct company *company, int64_t id, const char **ret_said,
                      struct portico_error *error)
{
    int code = check_one(company, id, error);
    *ret_said = "accepted";
    return code < 0 ? code
                    : manage_delegation_accept(&company->manage, company->account, id, error);
}

/* ---- giving one ---- */

/* Whether there is another company of that name, and of what kind, is nobody's business here. */
static int find_partner(struct store_session *session, const char *name, int64_t *ret_partner,
                        struct portico_error *error)
{
    struct identity_account found = { 0 };
    long long id;
    /* By its name alone: ids and what others call it would tell the names of companies. */
    const bool other = text_to_int64(text_of(name), &id) || strncmp(name, "external:", 9) == 0;
    int code =
        *name && !other ? identity_account_named(session, name, &found, error) : PORTICO_ENOENT;
    if (code == PORTICO_ENOENT || code == PORTICO_ECONFLICT ||
        (code == 0 && (strcmp(found.kind, "partner") != 0 || found.state != IDENTITY_OPEN)))
        return error_set(error, PORTICO_EINVAL,
                         /* translated */
                         "No partner is called exactly so here: ask them for the name that they "
                         "see above their pages.");
    if (code == 0)
        *ret_partner = found.id;
    return code;
}

int delegation_give(struct portico_request *request, const struct manage *manage, int64_t account,
                    const char *roles, struct portico_error *error)
{
    const char *until = typed(request, "until");
    const bool member = portico_form(request, "role-" MEMBER) != NULL;
    struct identity_new_delegation made = {
        .account = account,
        .roles = portico_printf(request, "%s%s", roles, member ? " " MEMBER : ""),
        .reason = typed(request, "reason"),
        .giver = manage->actor,
        .until = clock_parse_last_day(until, strlen(until)),
    };
    int code = find_partner(manage->session, typed(request, "partner"), &made.partner, error);
    if (code == 0 && made.until == INT64_MIN)
        code = error_set(error, PORTICO_EINVAL,
                         /* translated */ "Write the last day, such as 2027-03-31.");
    return code < 0 ? code : manage_delegation_give(manage, &made, error);
}

/* ---- the company's own page ---- */

static const struct company_outcome outcomes[] = {
    { "given",
      /* translated */ "Offered. They act for your company once an admin of theirs accepts it." },
    { "accepted", /* translated */ "Accepted. Your admins act for that company from now on." },
    { "declined", /* translated */ "Declined. The company's admins are told." },
    { "withdrawn", /* translated */ "Withdrawn. The partner's admins are told." },
    { "ended", /* translated */ "Ended. It holds everywhere within a second." },
};

static int reply_page(const struct company *company, int refusal, const char *refused)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_request *request = company->request;
    struct portico_value *view = company_view(company);
    int code = delegation_show(request, company->session, company->account, PAGE, view, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    company_show_roles(company, view, refused ? company_roles_sent(company) : "");
    delegation_show_typed(request, view, refused != NULL);
    portico_set_boolean(view, "lent", inside_viewer(request)->through != 0);
    portico_set_text(view, "refused", refused);
    portico_set_text(view, "saved",
                     refused ? NULL
                             : company_said(request, outcomes, sizeof outcomes / sizeof *outcomes));
    if (refused)
        inside_refused(request, refusal);
    return portico_reply_view(request, "company-delegations", view);
}

/* A link to one opens in the name of the company that it concerns: of none else. */
static int check_named(const struct company *company, struct portico_error *error)
{
    const char *of = portico_query_param(company->request, "of");
    struct identity_delegation found;
    int code = of ? identity_delegation_look(company->session, visit_number(of), &found, error) : 0;
    if (code == 0 && of && found.account != company->account && found.partner != company->account)
        code = error_set(error, PORTICO_ENOENT, "There is no such delegation any more.");
    return code;
}

int company_delegations_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct company company;
    int code = company_open(request, &company, &error);
    if (code == 0)
        code = check_named(&company, &error);
    return code < 0 ? visit_failed(request, code, &error) : reply_page(&company, 0, NULL);
}

int company_delegations_change(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct company company;
    const char *end = portico_form(request, "end"), *accept = portico_form(request, "accept");
    const char *said = "given";
    int answer;
    int code = company_open(request, &company, &error);
    /* Who ends one is not asked again: that takes away, and may be urgent. */
    if (code == 0 && !end && !again_or_ask(request, PAGE, &answer))
        return answer;
    if (code == 0)
        code = company_begin(&company, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    code = end      ? delegation_end(&company, visit_number(end), &said, &error)
           : accept ? accept_one(&company, visit_number(accept), &said, &error)
                    : delegation_give(request, &company.manage, company.account,
                                      company_roles_sent(&company), &error);
    code = company_end(&company, code, &error);
    if (code == 0)
        return portico_reply_redirect(request, 303,
                                      portico_printf(request, PAGE "?saved=%s", said));
    const char *refused = admin_refusal(request, code, &error);
    return refused && code != PORTICO_ENOENT ? reply_page(&company, code, refused)
                                             : visit_failed(request, code, &error);
}
