/* A company's people as a file: its own, those above who reach into it, and those of partners. */
#include "base/clock.h"
#include "base/csv.h"
#include "base/error.h"
#include "identity/delegate.h"
#include "identity/roster.h"
#include "portal/again.h"
#include "portal/company.h"
#include "portal/delegation.h"
#include "portal/pages.h"

#include <errno.h>
#include <glib.h>

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
    csv_write(out, portico_get_text(row, "company", ""));
    write_day(out, portico_get_integer(row, "last_here", 0));
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

void company_show_file(struct portico_request *request, struct portico_value *view,
                       const char *path)
{
    const bool wanted = portico_query_param(request, "file") != NULL;
    portico_set_text(view, "file", wanted ? path : NULL);
    if (wanted)
        portico_set_header(request, "Refresh", portico_printf(request, "0;url=%s", path));
}

static int write_head(struct exporting *exporting, struct portico_error *error)
{
    /* The first four are those an invitation takes. */
    static const char *const head[] = { "address",  "name",    "roles",    "title",
                                        "state",    "from",    "until",    "last_sign_in",
                                        "reviewed", "company", "last_here" };
    struct buffer out = { 0 };
    for (size_t i = 0; i < G_N_ELEMENTS(head); i++)
        csv_write(&out, head[i]);
    csv_write_end(&out);
    return put(exporting, &out, error);
}

static int export_own(struct portico_request *request, struct exporting *exporting,
                      struct portico_error *error)
{
    int code = PORTICO_OK;
    do {
        struct portico_context *scope = code == 0 ? portico_scope(request) : NULL;
        struct store_session *session = scope ? inside_context_session(scope, error) : NULL;
        if (code == 0)
            code = session ? export_page(exporting, session, error) : PORTICO_EIO;
        portico_end_scope(scope);
    } while (code == 0 && exporting->more);
    return code;
}

/* ---- partners ---- */

static void write_delegate(struct buffer *out, const struct identity_delegation *of,
                           const struct portico_value *row)
{
    csv_write(out, "");
    csv_write(out, portico_get_text(row, "name", ""));
    csv_write(out, of->roles);
    csv_write(out, "");
    csv_write(out, "partner");
    write_day(out, of->accepted);
    write_day(out, clock_in_last_day(portico_get_integer(row, "until", 0)));
    csv_write(out, "");
    write_day(out, of->reviewed);
    csv_write(out, of->partner_name);
    write_day(out, portico_get_integer(row, "last_here", 0));
    csv_write_end(out);
}

static int export_delegates(struct exporting *exporting, struct store_session *session,
                            const struct identity_delegation *of, struct portico_error *error)
{
    struct identity_delegates wanted = { .account = of->account, .delegation = of->id };
    struct value *rows = NULL;
    int code = PORTICO_OK;
    do {
        struct buffer out = { 0 };
        code = identity_delegates(session, &wanted, IDENTITY_DELEGATES_MAX, &rows, error);
        for (uint32_t i = 0; code == 0 && i < rows->count; i++) {
            const struct portico_value *row = value_public(value_at(rows, i));
            write_delegate(&out, of, row);
            wanted.behind = portico_get_text(row, "name_key", "");
            wanted.id = portico_get_integer(row, "id", 0);
        }
        if (code == 0)
            code = put(exporting, &out, error);
    } while (code == 0 && rows->count == IDENTITY_DELEGATES_MAX);
    return code;
}

static int export_one_partner(struct portico_request *request, struct exporting *exporting,
                              int64_t id, struct portico_error *error)
{
    struct portico_context *scope = portico_scope(request);
    struct store_session *session = scope ? inside_context_session(scope, error) : NULL;
    struct identity_delegation found;
    int code = session ? identity_delegation_look(session, id, &found, error) : PORTICO_EIO;
    if (code == PORTICO_ENOENT) /* ended meanwhile */
        code = PORTICO_OK;
    else if (code == 0 && found.accepted && found.until > portico_now(request))
        code = export_delegates(exporting, session, &found, error);
    portico_end_scope(scope);
    return code;
}

static int export_partners(const struct company *company, struct exporting *exporting,
                           struct portico_error *error)
{
    const struct identity_delegations given = { .account = company->account, .given = true };
    struct value *rows;
    int code =
        identity_delegations(company->session, &given, IDENTITY_DELEGATIONS_MAX, &rows, error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++)
        code =
            export_one_partner(company->request, exporting, value_rows_at(rows, i)->integer, error);
    return code;
}

/* ---- all of them ---- */

static int export_all(const struct company *company, struct exporting *exporting,
                      struct portico_error *error)
{
    int code = write_head(exporting, error);
    if (code == 0)
        code = export_own(company->request, exporting, error);
    return code < 0 ? code : export_partners(company, exporting, error);
}

int company_people_export(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct company company;
    struct exporting exporting = { .wanted = { .part = "", .kind = "" } };
    int answer;
    if (!company_may_send(request, &answer))
        return answer;
    int code = company_open(request, &company, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    if (!again_or_ask(request, "/account/company/people?file=1", &answer))
        return answer;
    exporting.wanted.account = company.account;
    exporting.file = tmpfile();
    code = exporting.file
               ? export_all(&company, &exporting, &error)
               : error_set(&error, PORTICO_EIO, "An export cannot be begun: %s.", strerror(errno));
    g_free(exporting.behind);
    if (code == 0)
        code = company_send(&company, "people.exported", "people.csv", exporting.file, &error);
    if (exporting.file)
        fclose(exporting.file);
    return code < 0 ? visit_failed(request, code, &error) : code;
}
