/* What happened at a company, for its admins: read, narrowed and handed out. */
#include "base/clock.h"
#include "base/csv.h"
#include "base/error.h"
#include "identity/audit.h"
#include "identity/invitation.h"
#include "identity/person.h"
#include "portal/again.h"
#include "portal/audit.h"
#include "portal/company.h"
#include "portal/pages.h"

#include <errno.h>
#include <glib.h>
#include <stdio.h>

#define PAGE "/account/company/log"
#define FILE_PATH PAGE ".csv"
#define RECORDS_A_PAGE 50
#define RECORDS_A_BATCH 500 /* of the file */

/* Why staff did it is for the company to read. */
static const char *const reasoned[] = { "account.entered", "person.merged", "view-as.began",
                                        "view-as.moved" };

static const char *reason_of(const struct portico_value *row)
{
    const char *kind = portico_get_text(row, "kind", "");
    for (size_t i = 0; i < G_N_ELEMENTS(reasoned); i++)
        if (strcmp(kind, reasoned[i]) == 0)
            return portico_get_text(row, "object", NULL);
    return NULL;
}

/* The log itself names no address: whom an invitation went to is told as long as it is kept. */
static const char *guest_of(struct store_session *session, int64_t account,
                            const struct portico_value *row)
{
    struct identity_invitation invitation;
    const int64_t id = visit_number(portico_get_text(row, "object", ""));
    if (!g_str_has_prefix(portico_get_text(row, "kind", ""), "invitation.") || !id ||
        identity_invitation_of(session, account, id, &invitation, NULL) < 0)
        return NULL;
    return *invitation.name ? invitation.name : invitation.address;
}

/* Somebody of the company by all they are called; of others, who may stand in its log, only the
 * handle that everybody sees: that an address or an id is theirs is not told. */
static int read_who(const struct company *company, const char *who, int64_t *ret_person,
                    struct portico_error *error)
{
    struct identity_person person;
    struct identity_member member;
    int code = identity_person_named(company->session, who, &person, error);
    if (code < 0 || g_ascii_strcasecmp(person.handle, who + (*who == '@')) == 0) {
        *ret_person = code == 0 ? person.id : 0;
        return code;
    }
    code = identity_member_of(company->session, company->account, person.id, &member, error);
    *ret_person = code == 0 ? person.id : 0;
    return code;
}

/* What was asked for; who is nobody's name is -1, of whom there are no records. */
static int read_filter(const struct company *company, struct identity_audit_filter *ret_filter,
                       struct portico_error *error)
{
    const char *who = portico_query_param(company->request, "who");
    const char *kind = portico_query_param(company->request, "kind");
    *ret_filter = (struct identity_audit_filter){
        .account = company->account,
        .customers = true,
        .kind = kind && *kind ? kind : NULL,
        .before = visit_number(portico_query_param(company->request, "before")),
    };
    if (!who || !*who)
        return 0;
    int code = read_who(company, who, &ret_filter->person, error);
    if (code < 0)
        ret_filter->person = -1;
    return code == PORTICO_ENOENT || code == PORTICO_ECONFLICT ? 0 : code;
}

static const char *escaped(struct portico_request *request, const char *name)
{
    const char *value = portico_query_param(request, name);
    char *text = g_uri_escape_string(value ? value : "", NULL, TRUE);
    const char *kept = arena_strdup(inside_arena(request), text);
    g_free(text);
    return kept ? kept : "";
}

/* The page or the file, narrowed as this one is. */
static const char *narrowed(struct portico_request *request, const char *path, const char *more)
{
    return portico_printf(request, "%s?kind=%s&who=%s%s", path, escaped(request, "kind"),
                          escaped(request, "who"), more);
}

int company_log_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct company company;
    struct identity_audit_filter filter;
    struct value *rows = NULL;
    int code = company_open(request, &company, &error);
    if (code == 0)
        code = read_filter(&company, &filter, &error);
    if (code == 0)
        code = identity_audit_list(company.session, &filter, RECORDS_A_PAGE + 1, &rows, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    struct portico_value *view = company_view(&company);
    struct portico_value *list = portico_set_list(view, "records");
    for (uint32_t i = 0; i < rows->count && i < RECORDS_A_PAGE; i++) {
        const struct portico_value *row = value_public(value_at(rows, i));
        struct portico_value *item = portico_append_object(list);
        audit_show(request, row, item);
        portico_set_text(item, "why", reason_of(row));
        portico_set_text(item, "details", company_log_details(&company, row));
        portico_set_text(item, "guest", guest_of(company.session, company.account, row));
    }
    audit_show_kinds(request, filter.kind, true, view);
    portico_set_text(view, "who", portico_query_param(request, "who"));
    portico_set_text(view, "kind", filter.kind);
    company_show_file(request, view, narrowed(request, FILE_PATH, ""));
    portico_set_boolean(view, "narrowed", filter.person || filter.kind);
    portico_set_boolean(view, "any", rows->count > 0);
    portico_set_boolean(view, "behind", filter.before > 0);
    portico_set_boolean(view, "more", rows->count > RECORDS_A_PAGE);
    portico_set_integer(view, "next",
                        rows->count > RECORDS_A_PAGE
                            ? portico_get_integer(portico_at(list, RECORDS_A_PAGE - 1), "number", 0)
                            : 0);
    return portico_reply_view(request, "company-log", view);
}

/* ---- the file ---- */

struct exporting {
    struct portico_request *request;
    const struct company *company;
    struct identity_audit_filter filter; /* `before` is where the next batch begins */
    FILE *file;
    GHashTable *words;   /* of kinds, in the reader's language; borrowed */
    GHashTable *details; /* of "kind object", as they read; of borrowed texts */
};

static const char *words_of(const struct exporting *exporting, const char *kind)
{
    const struct identity_act_kind *known = identity_act_kind(kind);
    const char *words = known ? g_hash_table_lookup(exporting->words, known->words) : kind;
    if (!words) {
        words = portico_translate(exporting->request, known->words, NULL);
        g_hash_table_insert(exporting->words, (gpointer)(uintptr_t)known->words,
                            (gpointer)(uintptr_t)words);
    }
    return words;
}

/* Each that differs is put in words once, whose room is the request's. */
static const char *details_of(const struct exporting *exporting, const struct portico_value *row)
{
    char *key = g_strdup_printf("%s %s", portico_get_text(row, "kind", ""),
                                portico_get_text(row, "object", ""));
    const char *details = g_hash_table_lookup(exporting->details, key);
    if (details) {
        g_free(key);
        return details;
    }
    details = company_log_details(exporting->company, row);
    details = portico_printf(exporting->request, "%s", details ? details : "");
    g_hash_table_insert(exporting->details, key, (gpointer)(uintptr_t)details);
    return details;
}

static void write_name(struct buffer *out, const struct portico_value *row, const char *id,
                       const char *name)
{
    const bool anybody = portico_get_integer(row, id, 0) != 0;
    csv_write(out, portico_get_text(row, name, anybody ? "(erased)" : ""));
}

static void write_record(const struct exporting *exporting, struct store_session *session,
                         const struct portico_value *row, struct buffer *out)
{
    const char *kind = portico_get_text(row, "kind", "");
    const char *why = reason_of(row), *guest = guest_of(session, exporting->filter.account, row);
    char time[40];
    clock_rfc3339(portico_get_integer(row, "time", 0), time, sizeof time);
    csv_write(out, time);
    csv_write(out, kind);
    csv_write(out, words_of(exporting, kind));
    write_name(out, row, "actor", "actor_name");
    write_name(out, row, "person", "person_name");
    write_name(out, row, "other", "other_name");
    csv_write(out, why ? why : "");
    csv_write(out, guest ? guest : "");
    csv_write(out, details_of(exporting, row));
    csv_write_end(out);
}

static int put(FILE *file, struct buffer *out, struct portico_error *error)
{
    const bool written =
        !out->failed && (out->length == 0 || fwrite(out->data, out->length, 1, file) == 1);
    buffer_free(out);
    return written
               ? PORTICO_OK
               : error_set(error, PORTICO_EIO, "An export cannot be written: %s.", strerror(errno));
}

/* One batch, in a scope of its own; `before` is 0 after the last. */
static int write_batch(struct exporting *exporting, struct store_session *session,
                       struct portico_error *error)
{
    struct identity_audit_filter *filter = &exporting->filter;
    struct buffer out = { 0 };
    struct value *rows;
    int code = identity_audit_list(session, filter, RECORDS_A_BATCH, &rows, error);
    if (code < 0)
        return code;
    for (uint32_t i = 0; i < rows->count; i++)
        write_record(exporting, session, value_public(value_at(rows, i)), &out);
    filter->before =
        rows->count == RECORDS_A_BATCH
            ? portico_get_integer(value_public(value_at(rows, rows->count - 1)), "number", 0)
            : 0;
    return put(exporting->file, &out, error);
}

static int write_all(struct exporting *exporting, struct portico_error *error)
{
    static const char *const head[] = { "time",    "kind", "what",  "who",    "about",
                                        "company", "why",  "guest", "details" };
    struct buffer out = { 0 };
    for (size_t i = 0; i < G_N_ELEMENTS(head); i++)
        csv_write(&out, head[i]);
    csv_write_end(&out);
    int code = put(exporting->file, &out, error);
    exporting->filter.before = 0;
    do {
        struct portico_context *scope = code == 0 ? portico_scope(exporting->request) : NULL;
        struct store_session *session = scope ? inside_context_session(scope, error) : NULL;
        if (code == 0)
            code = session ? write_batch(exporting, session, error) : PORTICO_EIO;
        portico_end_scope(scope);
    } while (code == 0 && exporting->filter.before);
    return code;
}

int company_log_export(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct company company;
    struct exporting exporting = { .request = request, .company = &company };
    int answer;
    if (!company_may_send(request, &answer))
        return answer;
    int code = company_open(request, &company, &error);
    if (code == 0)
        code = read_filter(&company, &exporting.filter, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    if (!again_or_ask(request, narrowed(request, PAGE, "&file=1"), &answer))
        return answer;
    exporting.words = g_hash_table_new(NULL, NULL);
    exporting.details = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    exporting.file = tmpfile();
    code = exporting.file
               ? write_all(&exporting, &error)
               : error_set(&error, PORTICO_EIO, "An export cannot be begun: %s.", strerror(errno));
    if (code == 0)
        code = company_send(&company, "audit.exported", "log.csv", exporting.file, &error);
    if (exporting.file)
        fclose(exporting.file);
    g_hash_table_destroy(exporting.details);
    g_hash_table_destroy(exporting.words);
    return code < 0 ? visit_failed(request, code, &error) : code;
}
