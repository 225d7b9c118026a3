/* A company's own people: all of them in one calm list, and each on a page. */
#include "base/clock.h"
#include "base/csv.h"
#include "base/error.h"
#include "identity/invitation.h"
#include "identity/person.h"
#include "identity/roster.h"
#include "page/format.h"
#include "portal/company.h"
#include "portal/pages.h"
#include "portal/term.h"

#include <errno.h>
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
    portico_set_boolean(item, "member", !invited && !applied);
    portico_set_boolean(item, "expired", invited && portico_get_integer(row, "expires", 0) <= now);
    portico_set_boolean(item, "over", until && until <= now);
    portico_set_boolean(item, "off", portico_get_integer(row, "state", 1) != IDENTITY_ACTIVE);
    portico_set_boolean(item, "self",
                        portico_get_integer(row, "person", 0) == inside_viewer(request)->person);
    set_time(item, "expires", portico_get_integer(row, "expires", 0));
    term_show_begin(request, portico_get_integer(row, "from", 0), item);
    set_time(item, "until", clock_in_last_day(until));
    set_time(item, "last_sign_in", portico_get_integer(row, "last_sign_in", 0));
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
static const struct company_outcome refusals[] = {
    { "often", /* translated */ "Your company sent many invitations within the hour: send the rest "
                                "later." },
};

int company_show_counts(const struct company *company, struct portico_value *view,
                        struct portico_error *error)
{
    struct value *rows;
    int64_t applied = 0, invited = 0, members = 0;
    int code = identity_roster_counts(company->session, company->account, &rows, error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++) {
        const struct value_cell *cells = value_rows_at(rows, i);
        const bool member = strcmp(cells[0].text, "member") == 0;
        const bool invitation = strcmp(cells[0].text, "invited") == 0;
        *(member ? &members : invitation ? &invited : &applied) += cells[1].integer;
    }
    portico_set_integer(view, "members", members);
    portico_set_integer(view, "applied_count", applied);
    portico_set_integer(view, "invitation_count", invited);
    portico_set_boolean(view, "any_invitations", invited > 0);
    portico_set_integer(view, "waiting_count", applied + invited);
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
    if (code < 0)
        return visit_failed(request, code, &error);
    show_removed(&company, view);
    portico_set_text(view, "saved", company_said(request, outcomes, G_N_ELEMENTS(outcomes)));
    portico_set_text(view, "refused", company_said(request, refusals, G_N_ELEMENTS(refusals)));
    portico_set_boolean(view, "any", portico_count(list) > 0);
    portico_set_boolean(view, "waiting", waiting);
    portico_set_boolean(view, "searched", part && *part);
    portico_set_text(view, "query", part);
    portico_set_boolean(view, "behind", wanted.behind != NULL);
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

/* ---- the export ---- */

/* Of one page of the roster, whose memory ends with it. */
struct exporting {
    FILE *file;
    struct identity_roster wanted;
    char *behind; /* its `behind`, which outlives the page */
    bool more;
};

static void write_day(struct buffer *out, int64_t time)
{
    GDateTime *moment = time ? g_date_time_new_from_unix_utc(time / 1000000) : NULL;
    char *text = moment ? g_date_time_format(moment, "%Y-%m-%d") : NULL;
    csv_write(out, text ? text : "");
    g_free(text);
    if (moment)
        g_date_time_unref(moment);
}

static void write_keys(struct buffer *out, const struct portico_value *row,
                       const struct value *roles, bool invited)
{
    GString *keys = g_string_new(invited ? portico_get_text(row, "roles", "") : "");
    for (uint32_t i = 0; !invited && i < roles->count; i++)
        if (value_rows_at(roles, i)[0].integer == portico_get_integer(row, "id", 0))
            g_string_append_printf(keys, "%s%s", keys->len ? " " : "",
                                   value_rows_at(roles, i)[1].text);
    csv_write(out, keys->str);
    g_string_free(keys, TRUE);
}

static void write_person(struct buffer *out, const struct portico_value *row,
                         const struct value *roles)
{
    const char *kind = portico_get_text(row, "kind", ""), *name = portico_get_text(row, "name", "");
    const bool invited = strcmp(kind, "invited") == 0;
    const int64_t until = portico_get_integer(row, "until", 0);
    csv_write(out, portico_get_text(row, "address", invited ? name : ""));
    csv_write(out, name);
    write_keys(out, row, roles, invited);
    csv_write(out, portico_get_text(row, "title", ""));
    csv_write(out, kind);
    write_day(out, clock_in_first_day(portico_get_integer(row, "from", 0)));
    write_day(out, clock_in_last_day(until));
    write_day(out, portico_get_integer(row, "last_sign_in", 0));
    write_day(out, portico_get_integer(row, "reviewed", 0));
    csv_write_end(out);
}

static int put(struct exporting *exporting, struct buffer *out, struct portico_error *error)
{
    const bool written = !out->failed && (out->length == 0 ||
                                          fwrite(out->data, out->length, 1, exporting->file) == 1);
    buffer_free(out);
    return written
               ? PORTICO_OK
               : error_set(error, PORTICO_EIO, "An export cannot be written: %s.", strerror(errno));
}

static int export_page(struct exporting *exporting, struct store_session *session,
                       struct portico_error *error)
{
    int64_t memberships[IDENTITY_ROSTER_PAGE];
    struct buffer out = { 0 };
    struct value *rows, *roles;
    int code = identity_roster(session, &exporting->wanted, IDENTITY_ROSTER_PAGE + 1, &rows, error);
    if (code < 0)
        return code;
    const uint32_t shown = MIN(rows->count, IDENTITY_ROSTER_PAGE);
    for (uint32_t i = 0; i < shown; i++)
        memberships[i] = value_rows_at(rows, i)[0].integer;
    code = identity_roster_roles(session, memberships, shown, &roles, error);
    if (code < 0)
        return code;
    for (uint32_t i = 0; i < shown; i++)
        write_person(&out, value_public(value_at(rows, i)), roles);
    exporting->more = rows->count > shown;
    if (exporting->more) {
        const struct portico_value *last = value_public(value_at(rows, shown - 1));
        g_free(exporting->behind);
        exporting->behind = g_strdup(portico_get_text(last, "name_key", ""));
        exporting->wanted.behind = exporting->behind;
        exporting->wanted.id = portico_get_integer(last, "id", 0);
    }
    return put(exporting, &out, error);
}

/* The first four columns are those an invitation takes. */
static int export_all(struct portico_request *request, struct exporting *exporting,
                      struct portico_error *error)
{
    static const char *const head[] = { "address", "name",  "roles",        "title",   "state",
                                        "from",    "until", "last_sign_in", "reviewed" };
    struct buffer out = { 0 };
    for (size_t i = 0; i < G_N_ELEMENTS(head); i++)
        csv_write(&out, head[i]);
    csv_write_end(&out);
    int code = put(exporting, &out, error);
    do {
        struct portico_context *scope = code == 0 ? portico_scope(request) : NULL;
        struct store_session *session = scope ? inside_context_session(scope, error) : NULL;
        if (code == 0)
            code = session ? export_page(exporting, session, error) : PORTICO_EIO;
        portico_end_scope(scope);
    } while (code == 0 && exporting->more);
    return code;
}

int company_people_export(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct company company;
    struct exporting exporting = { .wanted = { .part = "", .kind = "" } };
    int code = company_open(request, &company, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    exporting.wanted.account = company.account;
    exporting.file = tmpfile();
    code = exporting.file
               ? export_all(request, &exporting, &error)
               : error_set(&error, PORTICO_EIO, "An export cannot be begun: %s.", strerror(errno));
    g_free(exporting.behind);
    if (code == 0)
        code = company_begin(&company, &error);
    if (code == 0)
        code = company_end(&company, company_record(&company, "people.exported", 0, NULL, &error),
                           &error);
    if (code == 0) {
        portico_set_header(request, "Content-Disposition", "attachment; filename=\"people.csv\"");
        portico_set_header(request, "Cache-Control", "private, no-store");
        code = inside_reply_stream(request, "text/csv; charset=utf-8", exporting.file, &error);
    }
    if (exporting.file)
        fclose(exporting.file);
    return code < 0 ? visit_failed(request, code, &error) : code;
}
