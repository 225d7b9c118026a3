/* What the portal holds of somebody: taken along as a file, or erased, as each table's declaration
 * says. One's own, or anybody's for admins. */
#include "base/error.h"
#include "config/paths.h"
#include "identity/giving.h"
#include "identity/merge.h"
#include "identity/person.h"
#include "job/job.h"
#include "module/personal.h"
#include "portal/again.h"
#include "portal/pages.h"
#include "portal/visit.h"

#include <errno.h>
#include <stdlib.h>

#define ERASE_TRIES 60 /* what is under way may take hours */

/* Whose it is, and where the pages about it lie. */
struct subject {
    struct portico_request *request;
    struct store_session *session;
    struct identity_person person;
    bool self;
    const char *path; /* of the page */
};

static const char *say(struct portico_request *request, const char *source)
{
    return portico_translate(request, source, NULL);
}

/* By the path: with an id one of an admin's pages, without it one's own. EPERM: of who may do more.
 */
static int open_subject(struct portico_request *request, struct subject *ret_subject,
                        struct portico_error *error)
{
    const char *id = portico_param(request, "id");
    const int64_t self = inside_viewer(request)->person;
    struct subject subject = { .request = request };
    int code = visit_session(request, &subject.session, error);
    if (code == 0)
        code = identity_person_look(subject.session, id ? strtoll(id, NULL, 10) : self,
                                    &subject.person, error);
    if (code == 0 && subject.person.merged_into)
        code = PORTICO_ENOENT;
    if (code == 0)
        code = identity_over(inside_host(request)->identity, subject.session, self,
                             subject.person.id, error);
    if (code < 0)
        return code;
    subject.self = subject.person.id == self;
    subject.path =
        id ? portico_printf(request, "/admin/people/%lld/data", (long long)subject.person.id)
           : "/account/data";
    *ret_subject = subject;
    return 0;
}

/* ---- what goes and what stays ---- */

/* A declared table among those of its fate; texts in the words of the module. */
static void show_table(struct portico_request *request, const char *module,
                       const struct portico_personal_table *table, struct portico_value *list)
{
    struct page_set *pages = inside_host(request)->pages;
    const char *locale = portico_locale(request);
    struct arena *arena = inside_arena(request);
    struct portico_value *item = portico_append_object(list);
    portico_set_text(item, "title",
                     page_translate(pages, module, arena, locale, table->title, NULL));
    portico_set_text(item, "reason",
                     table->erase == PORTICO_ERASE_KEEP && table->reason
                         ? page_translate(pages, module, arena, locale, table->reason, NULL)
                         : NULL);
}

struct fates {
    struct portico_value *goes, *nameless, *kept;
};

static void show_tables(struct portico_request *request, const char *module,
                        const struct portico_personal_table *tables, size_t count,
                        const struct fates *fates)
{
    for (size_t i = 0; i < count; i++) {
        struct portico_value *list = tables[i].erase == PORTICO_ERASE_ROWS      ? fates->goes
                                     : tables[i].erase == PORTICO_ERASE_COLUMNS ? fates->nameless
                                     : tables[i].erase == PORTICO_ERASE_KEEP    ? fates->kept
                                                                                : NULL;
        if (list)
            show_table(request, module, &tables[i], list);
    }
}

static void show_fates(struct portico_request *request, struct portico_value *view)
{
    const struct registry *registry = inside_host(request)->registry;
    const struct fates fates = { portico_set_list(view, "goes"), portico_set_list(view, "nameless"),
                                 portico_set_list(view, "kept") };
    show_tables(request, "portico", personal_core, personal_core_count, &fates);
    for (size_t i = 0; i < registry_module_count(registry); i++) {
        struct module *module = registry_module_at(registry, i);
        const struct portico_list *tables = &module_descriptor(module)->personal_data;
        show_tables(request, module_id(module), tables->items, tables->count, &fates);
    }
}

/* ---- the page ---- */

static int show(const struct subject *subject, struct portico_form *form, bool leaving)
{
    struct portico_request *request = subject->request;
    struct portico_value *view = visit_view(request);
    show_fates(request, view);
    portico_set_id(view, "id", subject->person.id);
    portico_set_text(view, "name", subject->person.name);
    portico_set_text(view, "path", subject->path);
    portico_set_boolean(view, "self", subject->self);
    portico_set_boolean(view, "own", !portico_param(request, "id"));
    portico_set_boolean(view, "leaving", leaving);
    portico_set_header(request, "Cache-Control", "private, no-cache");
    return portico_form_reply(form, "data", view);
}

/* In the form's transaction: nobody signs in as them any more, and a job erases the rest. */
static int leave(const struct subject *subject, struct portico_error *error)
{
    struct portico_request *request = subject->request;
    const int64_t person = subject->person.id;
    struct value *arguments = value_new(inside_arena(request), PORTICO_OBJECT);
    struct portico_value *data = portico_object(request);
    int64_t proof, id;
    if (!arguments || value_set_integer(arguments, "person", person) < 0)
        return error_set(error, PORTICO_ENOMEM, "Memory ended.");
    const struct job_request job = { .module = "core",
                                     .name = PERSONAL_ERASE_JOB,
                                     .kind = JOB_HOST,
                                     .arguments = arguments,
                                     .attempts = ERASE_TRIES };
    portico_set_id(data, "person", person);
    const struct portico_emission emission = {
        .size = sizeof emission,
        .type = "portal.portico.person.erased",
        .subject = portico_printf(request, "person/%lld", (long long)person),
        .data = data,
    };
    int code = identity_over(inside_host(request)->identity, subject->session,
                             inside_viewer(request)->person, person, error);
    if (code == 0)
        code = identity_person_state(subject->session, person, IDENTITY_DISABLED, error);
    if (code == 0)
        code = personal_request_open(subject->session, "erase", person, &proof, NULL, error);
    if (code == 0)
        code = portico_emit(portico_events(request), &emission, NULL, error);
    if (code == 0)
        code = job_queue(subject->session, &job, &id, error);
    return code < 0 ? code
                    : visit_audit(request, "person.erased", inside_viewer(request)->person, person,
                                  NULL, error);
}

static int erase(const struct subject *subject, struct portico_form *form)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_request *request = subject->request;
    int code = again_passes(request, form, &error);
    if (code == 0)
        return show(subject, form, false);
    if (code > 0)
        code = portico_form_begin(form, &error);
    if (code == 0)
        code = leave(subject, &error);
    if (code == PORTICO_ECONFLICT) {
        portico_rollback(portico_db(request));
        portico_form_reject(
            form, NULL,
            say(request, /* translated */ "This is the last admin: make somebody else one first."));
        return show(subject, form, false);
    }
    if (code == 0 && subject->self)
        code = inside_set_cookie(request, COOKIE_SESSION, "", COOKIE_REMOVED);
    if (code < 0)
        return visit_failed(request, code, &error);
    portico_log(request, PORTICO_LOG_INFO, "Person %lld asked to erase person %lld.",
                (long long)inside_viewer(request)->person, (long long)subject->person.id);
    return portico_form_done(form, subject->self ? "/account/erased" : "/admin/people?erased=1",
                             NULL, &error);
}

int own_data_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct subject subject;
    bool leaving = false;
    int code = open_subject(request, &subject, &error);
    if (code == 0)
        code = identity_leaving(subject.session, subject.person.id, &leaving, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    struct portico_form *form = portico_form_open(request, "erase", NULL);
    code = again_ask(request, form, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    portico_form_action(form, subject.path);
    if (!subject.self)
        portico_form_submit(form, say(request, /* translated */ "Erase this person for good"));
    return portico_form_valid(form) && !leaving ? erase(&subject, form)
                                                : show(&subject, form, leaving);
}

int own_data_erased(struct portico_request *request)
{
    return portico_reply_view(request, "erased", visit_view(request));
}

/* ---- the file ---- */

/* Sees the rows of all, as the request's own session does not. */
static int write_export(const struct subject *subject, FILE *file, struct portico_error *error)
{
    struct portico_request *request = subject->request;
    struct module_host *host = inside_host(request);
    struct store_session *session =
        store_session_new(host->store, inside_arena(request), &store_viewer_host, "core");
    const char *migrations = portico_printf(request, "%s/migrations", paths_share_directory());
    struct personal_book *book = NULL;
    int64_t rows = 0;
    int code = session && migrations
                   ? personal_book_open(host->registry, migrations, &book, error)
                   : error_set(error, PORTICO_ENOMEM, "Memory ended before an export.");
    if (code == 0)
        code = personal_book_export(book, host, session, subject->person.id, file, &rows, error);
    personal_book_close(book);
    store_session_end(session);
    return code;
}

int own_data_export(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct subject subject;
    char *text = NULL;
    size_t length = 0;
    int code = open_subject(request, &subject, &error), answer;
    if (code < 0)
        return visit_failed(request, code, &error);
    if (!again_or_ask(request, subject.path, &answer))
        return answer;
    FILE *file = open_memstream(&text, &length);
    code = file ? write_export(&subject, file, &error)
                : error_set(&error, PORTICO_ENOMEM, "Memory ended before an export.");
    if (file && fclose(file) != 0 && code == 0)
        code = error_set(&error, PORTICO_EIO, "An export cannot be written: %s.", strerror(errno));
    if (code == 0)
        code =
            visit_tell(request, "portal.portico.person.exported", subject.person.id, NULL, &error);
    if (code == 0)
        code = visit_audit(request, "person.exported", inside_viewer(request)->person,
                           subject.person.id, NULL, &error);
    if (code == 0) {
        portico_log(request, PORTICO_LOG_INFO, "Person %lld got what is held of person %lld.",
                    (long long)inside_viewer(request)->person, (long long)subject.person.id);
        portico_set_header(
            request, "Content-Disposition",
            portico_printf(request, "attachment; filename=\"%s.json\"", subject.person.handle));
        portico_set_header(request, "Cache-Control", "no-store");
        code = portico_reply_bytes(request, "application/json", text, length);
    }
    free(text);
    return code < 0 ? visit_failed(request, code, &error) : code;
}

/* ---- files ---- */

/* Where the files are that the rows of an export name. */
int own_data_files(struct portico_context *context, portico_id person,
                   struct portico_value *ret_export, struct portico_error *error)
{
    struct portico_value *list = portico_set_list(ret_export, "files");
    struct store_session *session = inside_context_session(context, error);
    struct value *rows = NULL;
    int code = session ? store_host_query(session,
                                          "{unfiltered a person's rights} SELECT id AS "
                                          "\"id:id\", name AS \"name\" FROM "
                                          "portico_file WHERE person = ? ORDER BY id",
                                          PORTICO_ARGS(portico_arg_id(person)), &rows, error)
                       : PORTICO_EIO;
    for (uint32_t i = 0; code == 0 && i < rows->count; i++) {
        const struct portico_value *row = value_public(value_at(rows, i));
        const char *path =
            portico_file_path(portico_files(context), portico_get_integer(row, "id", 0),
                              portico_get_text(row, "name", ""));
        struct portico_value *item = portico_append_object(list);
        portico_set_text(item, "name", portico_get_text(row, "name", NULL));
        portico_set_text(item, "address", inside_context_address(context, path));
    }
    return code;
}
