/* The audit log for admins: read, narrowed, checked and handed out. */
#include "portal/audit.h"
#include "base/error.h"
#include "identity/account.h"
#include "portal/again.h"
#include "portal/pages.h"
#include "portal/visit.h"

#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>

#define RECORDS_A_PAGE 50
#define EXPORT_MAX                                                                                 \
    ((size_t)64 << 20) /* bytes of a file from the page; the command has no bound                  \
                        */

/* ---- the list ---- */

static void show_named(struct portico_value *item, const struct portico_value *row, const char *id,
                       const char *name, const char *shown)
{
    const int64_t number = portico_get_integer(row, id, 0);
    struct portico_value *who = number ? portico_set_object(item, shown) : NULL;
    if (!who) {
        portico_set_text(item, shown, NULL);
        return;
    }
    portico_set_id(who, "id", number);
    portico_set_text(who, "name", portico_get_text(row, name, NULL));
}

void audit_show(struct portico_request *request, const struct portico_value *row,
                struct portico_value *item)
{
    const char *kind = portico_get_text(row, "kind", "");
    const struct identity_act_kind *known = identity_act_kind(kind);
    portico_set_integer(item, "number", portico_get_integer(row, "number", 0));
    portico_set_time(item, "time", portico_get_integer(row, "time", 0));
    portico_set_text(item, "words", known ? portico_translate(request, known->words, NULL) : kind);
    portico_set_text(item, "object", portico_get_text(row, "object", NULL));
    portico_set_text(item, "origin", portico_get_text(row, "origin", ""));
    const bool by_hand = !portico_get_integer(row, "actor", 0) &&
                         strcmp(portico_get_text(row, "origin", ""), "command line") == 0;
    portico_set_boolean(item, "operator", by_hand);
    portico_set_boolean(item, "by_itself", !by_hand && !portico_get_integer(row, "actor", 0));
    show_named(item, row, "actor", "actor_name", "actor");
    show_named(item, row, "as", "as_name", "as");
    show_named(item, row, "person", "person_name", "person");
    show_named(item, row, "account", "account_name", "account");
    show_named(item, row, "other", "other_name", "other");
    if (portico_get_integer(row, "actor", 0) == portico_get_integer(row, "person", 0))
        portico_set_text(item, "person", NULL);
}

struct kind_words {
    const char *key, *words;
};

static int by_words(const void *a, const void *b)
{
    return strcoll(((const struct kind_words *)a)->words, ((const struct kind_words *)b)->words);
}

void audit_show_kinds(struct portico_request *request, const char *chosen, bool customers,
                      struct portico_value *view)
{
    size_t count, shown = 0;
    const struct identity_act_kind *kinds = identity_act_kinds(&count);
    struct kind_words *sorted = arena_alloc(inside_arena(request), count * sizeof *sorted);
    struct portico_value *list = portico_set_list(view, "kinds");
    for (size_t i = 0; sorted && i < count; i++)
        if (kinds[i].customers || !customers)
            sorted[shown++] =
                (struct kind_words){ kinds[i].key,
                                     portico_translate(request, kinds[i].words, NULL) };
    if (sorted)
        qsort(sorted, shown, sizeof *sorted, by_words);
    for (size_t i = 0; i < shown; i++) {
        struct portico_value *item = portico_append_object(list);
        portico_set_text(item, "key", sorted[i].key);
        portico_set_text(item, "words", sorted[i].words);
        portico_set_boolean(item, "chosen", chosen && strcmp(chosen, sorted[i].key) == 0);
    }
}

/* What was asked for; -1 stands for somebody or something that is not there. */
static int read_filter(struct portico_request *request, struct store_session *session,
                       struct identity_audit_filter *ret_filter, struct portico_error *error)
{
    const char *who = portico_query_param(request, "who");
    const char *account = portico_query_param(request, "account");
    const char *kind = portico_query_param(request, "kind");
    const char *before = portico_query_param(request, "before");
    struct identity_person person = { .id = -1 };
    struct identity_account company = { .id = -1 };
    int code = 0;
    if (who && *who) {
        code = identity_person_named(session, who, &person, error);
        ret_filter->person = person.id;
    }
    if ((code == 0 || code == PORTICO_ENOENT) && account && *account) {
        code = identity_account_named(session, account, &company, error);
        ret_filter->account = company.id;
    }
    if (kind && *kind)
        ret_filter->kind = kind;
    if (before)
        ret_filter->before = strtoll(before, NULL, 10);
    return code == PORTICO_ENOENT || code == PORTICO_ECONFLICT ? 0 : code;
}

static int show_list(struct portico_request *request, struct store_session *session,
                     struct portico_value *view, struct portico_error *error)
{
    struct identity_audit_filter filter = { 0 };
    struct portico_value *list = portico_set_list(view, "records");
    struct value *rows = NULL;
    int code = read_filter(request, session, &filter, error);
    if (code == 0)
        code = identity_audit_list(session, &filter, RECORDS_A_PAGE + 1, &rows, error);
    for (uint32_t i = 0; code == 0 && i < rows->count && i < RECORDS_A_PAGE; i++)
        audit_show(request, value_public(value_at(rows, i)), portico_append_object(list));
    if (code < 0)
        return code;
    audit_show_kinds(request, filter.kind, false, view);
    portico_set_text(view, "who", portico_query_param(request, "who"));
    portico_set_text(view, "account", portico_query_param(request, "account"));
    portico_set_text(view, "kind", filter.kind);
    portico_set_boolean(view, "narrowed", filter.person || filter.account || filter.kind);
    portico_set_boolean(view, "behind", filter.before != 0);
    portico_set_boolean(view, "any", rows->count > 0);
    portico_set_boolean(view, "more", rows->count > RECORDS_A_PAGE);
    if (rows->count > RECORDS_A_PAGE)
        portico_set_integer(
            view, "next",
            portico_get_integer(value_public(value_at(rows, RECORDS_A_PAGE - 1)), "number", 0));
    return 0;
}

static int show_chain(struct portico_request *request, struct store_session *session,
                      struct portico_value *view, struct portico_error *error)
{
    struct identity_audit_chain chain;
    int code = identity_audit_chain(session, &chain, error);
    if (code < 0)
        return code;
    portico_set_integer(view, "kept", chain.last - chain.gone);
    portico_set_text(view, "seal",
                     portico_printf(request, "%lld:%s", (long long)chain.last, chain.seal));
    return 0;
}

static int reply(struct portico_request *request, const char *good, const char *broken)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *view = visit_view(request);
    struct store_session *session;
    int code = visit_session(request, &session, &error);
    if (code == 0)
        code = show_chain(request, session, view, &error);
    if (code == 0)
        code = show_list(request, session, view, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    portico_set_text(view, "good", good);
    portico_set_text(view, "broken", broken);
    return portico_reply_view(request, "audit", view);
}

int audit_page(struct portico_request *request)
{
    return reply(request, NULL, NULL);
}

/* ---- the check ---- */

static int pass(void *data, int64_t number, const char *seal, const char *line,
                struct portico_error *error)
{
    (void)data, (void)number, (void)seal, (void)line, (void)error;
    return 0;
}

int audit_check(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct store_session *session;
    int code = visit_session(request, &session, &error);
    if (code == 0)
        code = identity_audit_walk(session, 0, pass, NULL, &error);
    if (code < 0)
        portico_log(request, PORTICO_LOG_ERROR, "%s", error.message);
    if (code < 0 && code != PORTICO_EIO)
        return code;
    return reply(request,
                 code == 0
                     ? portico_translate(request, "Every record is the one that was sealed.", NULL)
                     : NULL,
                 code < 0 ? error.message : NULL);
}

/* ---- the file ---- */

static int write_line(void *data, int64_t number, const char *seal, const char *line,
                      struct portico_error *error)
{
    (void)number, (void)seal;
    FILE *file = data;
    if (ftell(file) > (long)EXPORT_MAX)
        return error_set(error, PORTICO_ELIMIT,
                         "The audit log is larger than a page can hand out: `portico audit export` "
                         "writes all of it.");
    return fprintf(file, "%s\n", line) < 0
               ? error_set(error, PORTICO_ENOMEM, "Memory ended before an export.")
               : 0;
}

static int write_log(struct portico_request *request, struct store_session *session, FILE *file,
                     struct portico_error *error)
{
    int code =
        visit_audit(request, "audit.exported", inside_viewer(request)->person, 0, NULL, error);
    return code < 0 ? code : identity_audit_walk(session, 0, write_line, file, error);
}

int audit_export(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct store_session *session;
    char *text = NULL;
    size_t length = 0;
    int answer;
    if (!again_or_ask(request, "/admin/audit", &answer))
        return answer;
    int code = visit_session(request, &session, &error);
    FILE *file = code == 0 ? open_memstream(&text, &length) : NULL;
    if (code == 0)
        code = file ? write_log(request, session, file, &error)
                    : error_set(&error, PORTICO_ENOMEM, "Memory ended before an export.");
    if (file && fclose(file) != 0 && code == 0)
        code = error_set(&error, PORTICO_ENOMEM, "Memory ended before an export: %s.",
                         strerror(errno));
    if (code == 0) {
        portico_set_header(request, "Content-Disposition", "attachment; filename=\"audit.jsonl\"");
        portico_set_header(request, "Cache-Control", "no-store");
        code = portico_reply_bytes(request, "application/x-ndjson", text, length);
    }
    free(text);
    if (code == PORTICO_EIO || code == PORTICO_ELIMIT)
        return portico_reply_problem(
            request, 409, NULL,
            portico_translate(request, "The audit log cannot be handed out", NULL), error.message);
    return code < 0 ? visit_failed(request, code, &error) : code;
}
