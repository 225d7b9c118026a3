/* A company's own people: all of them in one calm list, and each on a page. */
#include "base/clock.h"
#include "base/error.h"
#include "identity/invitation.h"
#include "identity/person.h"
#include "identity/roster.h"
#include "page/format.h"
#include "portal/company.h"
#include "portal/pages.h"
#include "portal/term.h"

#include <glib.h>

#define HOME "/account/company"

/* ---- the list ---- */

static void set_time(struct portico_value *item, const char *name, int64_t time)
{
    if (time)
        portico_set_time(item, name, time);
    else
        portico_set_text(item, name, NULL);
}

/* The keys of a membership's roles, from rows of identity_roster_roles. */
static const char *keys_of(struct portico_request *request, const struct value *rows, int64_t id)
{
    const char *keys = "";
    for (uint32_t i = 0; i < rows->count; i++)
        if (value_rows_at(rows, i)[0].integer == id)
            keys = portico_printf(request, "%s%s%s", keys, *keys ? " " : "",
                                  value_rows_at(rows, i)[1].text);
    return keys;
}

static void show_row(const struct company *company, const struct portico_value *row,
                     const struct value *roles, struct portico_value *item)
{
    struct portico_request *request = company->request;
    const int64_t now = portico_now(request), id = portico_get_integer(row, "id", 0);
    const char *kind = portico_get_text(row, "kind", ""), *name = portico_get_text(row, "name", "");
    const bool invited = strcmp(kind, "invited") == 0, applied = strcmp(kind, "applied") == 0;
    const bool above = strcmp(kind, "above") == 0;
    const int64_t until = portico_get_integer(row, "until", 0);
    const char *keys = invited ? portico_get_text(row, "roles", "") : keys_of(request, roles, id);
    portico_set_id(item, "id", id);
    portico_set_text(item, "name_key", portico_get_text(row, "name_key", ""));
    portico_set_text(item, "name", name);
    portico_set_text(item, "initials", identity_initials(name, inside_arena(request)));
    const char *address = portico_get_text(row, "address", NULL);
    portico_set_text(item, "address", address && strcmp(address, name) == 0 ? NULL : address);
    const char *title = portico_get_text(row, "title", "");
    portico_set_text(item, "title", *title ? title : NULL);
    portico_set_text(item, "roles", company_titles(company, keys));
    portico_set_text(item, "keys", keys);
    portico_set_boolean(item, "invited", invited);
    portico_set_boolean(item, "applied", applied);
    portico_set_boolean(item, "above", above);
    portico_set_boolean(item, "member", !invited && !applied && !above);
    portico_set_text(item, "belongs", above ? portico_get_text(row, "company", "") : NULL);
    portico_set_boolean(item, "expired", invited && portico_get_integer(row, "expires", 0) <= now);
    portico_set_boolean(item, "over", until && until <= now);
    portico_set_boolean(item, "off", portico_get_integer(row, "state", 1) != IDENTITY_ACTIVE);
    const bool self = portico_get_integer(row, "person", 0) == inside_viewer(request)->person;
    portico_set_boolean(item, "self", self);
    portico_set_boolean(item, "fixed", self || above);
    set_time(item, "expires", portico_get_integer(row, "expires", 0));
    term_show_begin(request, portico_get_integer(row, "from", 0), item);
    set_time(item, "until", clock_in_last_day(until));
    set_time(item, "last_sign_in", portico_get_integer(row, "last_sign_in", 0));
    set_time(item, "last_here", portico_get_integer(row, "last_here", 0));
    set_time(item, "reviewed", portico_get_integer(row, "reviewed", 0));
}

int company_list(const struct company *company, const struct identity_roster *wanted,
                 struct portico_value *list, const struct portico_value **ret_last,
                 struct portico_error *error)
{
    int64_t memberships[IDENTITY_ROSTER_PAGE];
    struct value *rows, *roles;
    int code = identity_roster(company->session, wanted, IDENTITY_ROSTER_PAGE + 1, &rows, error);
    if (code < 0)
        return code;
    const uint32_t shown = MIN(rows->count, IDENTITY_ROSTER_PAGE);
    for (uint32_t i = 0; i < shown; i++)
        memberships[i] = value_rows_at(rows, i)[0].integer;
    code = identity_roster_roles(company->session, memberships, shown, &roles, error);
    for (uint32_t i = 0; code == 0 && i < shown; i++)
        show_row(company, value_public(value_at(rows, i)), roles, portico_append_object(list));
    *ret_last = rows->count > shown ? value_public(value_at(rows, shown - 1)) : NULL;
    return code;
}

static const char *encoded(struct portico_request *request, const char *text)
{
    char *escaped = g_uri_escape_string(text, NULL, TRUE);
    const char *kept = arena_strdup(inside_arena(request), escaped);
    g_free(escaped);
    return kept;
}

/* Whoever was taken out can be asked back with one click. */
static void show_removed(const struct company *company, struct portico_value *view)
{
    struct identity_invitation invitation;
    const int64_t id = visit_number(portico_query_param(company->request, "removed"));
    const bool known =
        id &&
        identity_invitation_of(company->session, company->account, id, &invitation, NULL) == 0 &&
        invitation.state == IDENTITY_WITHDRAWN;
    portico_set_text(view, "removed",
                     known ? *invitation.name ? invitation.name : invitation.address : NULL);
    portico_set_id(view, "removed_id", known ? id : 0);
}

static const struct company_outcome outcomes[] = {
    { "removed", /* translated */ "They do not belong to the company any more." },
    { "declined", /* translated */ "Declined. They may be invited any time." },
    { "approved", /* translated */ "Approved: they belong to the company now." },
    { "again", /* translated */ "Another invitation is on its way." },
};

int company_show_counts(const struct company *company, struct portico_value *view,
                        struct portico_error *error)
{
    enum { APPLIED, INVITED, MEMBER, ABOVE, PARTNER, KINDS };
    static const struct {
        const char *kind, *name;
    } shown[KINDS] = {
        [APPLIED] = { "applied", "applied_count" }, [INVITED] = { "invited", "invitation_count" },
        [MEMBER] = { "member", "members" },         [ABOVE] = { "above", "above_count" },
        [PARTNER] = { "partner", "partner_count" },
    };
    int64_t counts[KINDS] = { 0 };
    struct value *rows;
    int code = identity_roster_counts(company->session, company->account, &rows, error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++)
        for (size_t k = 0; k < KINDS; k++)
            if (strcmp(value_rows_at(rows, i)[0].text, shown[k].kind) == 0)
                counts[k] += value_rows_at(rows, i)[1].integer;
    for (size_t k = 0; k < KINDS; k++)
        portico_set_integer(view, shown[k].name, counts[k]);
    portico_set_boolean(view, "any_invitations", counts[INVITED] > 0);
    portico_set_boolean(view, "any_above", counts[ABOVE] > 0);
    portico_set_integer(view, "waiting_count", counts[APPLIED] + counts[INVITED]);
    return code;
}

int company_people_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct company company;
    const char *part = portico_query_param(request, "q");
    const char *show = portico_query_param(request, "show");
    const char *invited = portico_query_param(request, "invited");
    const struct portico_value *last = NULL;
    int code = company_open(request, &company, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    const bool waiting = show && strcmp(show, "waiting") == 0;
    const struct identity_roster wanted = {
        .account = company.account,
        .part = part ? part : "",
        .kind = waiting ? "waiting" : "",
        .behind = portico_query_param(request, "behind"),
        .id = visit_number(portico_query_param(request, "after")),
    };
    struct portico_value *view = company_view(&company);
    struct portico_value *list = portico_set_list(view, "people");
    code = company_list(&company, &wanted, list, &last, &error);
    if (code == 0)
        code = company_show_counts(&company, view, &error);
    /* Beside all of the company's own, not beside a part that was looked for. */
    const bool beside = !waiting && !*wanted.part && !wanted.behind;
    portico_set_boolean(view, "beside", beside);
    if (code == 0 && beside)
        code = company_show_partners(&company, view, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    show_removed(&company, view);
    portico_set_text(view, "saved", company_said(request, outcomes, G_N_ELEMENTS(outcomes)));
    portico_set_boolean(view, "any", portico_count(list) > 0);
    portico_set_boolean(view, "waiting", waiting);
    portico_set_boolean(view, "searched", part && *part);
    portico_set_text(view, "query", part);
    portico_set_boolean(view, "behind", wanted.behind != NULL);
    company_show_file(request, view, HOME "/people.csv");
    portico_set_integer(view, "invited_count", visit_number(invited));
    portico_set_boolean(view, "sent", visit_number(invited) > 0);
    portico_set_text(view, "next",
                     last
                         ? portico_printf(request, HOME "/people?show=%s&q=%s&behind=%s&after=%lld",
                                          waiting ? "waiting" : "", encoded(request, wanted.part),
                                          encoded(request, portico_get_text(last, "name_key", "")),
                                          (long long)portico_get_integer(last, "id", 0))
                         : NULL);
    return portico_reply_view(request, "company-people", view);
}
