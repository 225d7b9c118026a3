/* Importing companies, people and who belongs where: files are sent and looked through by a job,
 * which changes nothing; what it would do is shown, and done by another job once somebody says so.
 * An import is its sender's alone. */
#include "base/error.h"
#include "file/kept.h"
#include "job/job.h"
#include "portal/admin_accounts.h"
#include "portal/again.h"
#include "portal/import.h"
#include "portal/import_job.h"
#include "portal/pages.h"
#include "portal/visit.h"

#include <glib.h>
#include <unistd.h>

#define HOME "/admin/import"
#define SHOWN 10u /* of the latest */

static const char *say(struct portico_request *request, const char *source)
{
    return portico_translate(request, source, NULL);
}

/* ---- the latest ones ---- */

static bool is_dry(const struct portico_value *job)
{
    return portico_get_boolean(portico_get(job, "arguments"), "dry", 1);
}

/* "accounts.csv, people.csv" */
static const char *names_of(struct portico_request *request, const struct portico_value *job)
{
    const struct portico_value *files = portico_get(portico_get(job, "arguments"), "files");
    const char *names = "";
    for (size_t i = 0; i < portico_count(files); i++)
        names = portico_printf(request, "%s%s%s", names, i ? ", " : "",
                               portico_get_text(portico_at(files, i), "name", ""));
    return names;
}

static void show_state(struct portico_request *request, const struct portico_value *job,
                       struct portico_value *view)
{
    static const char *const states[] = { "waiting", "running", "done", "failed", "cancelled" };
    const char *state = portico_get_text(job, "state", "");
    portico_set_id(view, "id", portico_get_integer(job, "id", 0));
    portico_set_text(view, "names", names_of(request, job));
    portico_set_boolean(view, "dry", is_dry(job));
    portico_set_time(view, "created", portico_get_integer(job, "created", 0));
    for (size_t i = 0; i < G_N_ELEMENTS(states); i++)
        portico_set_boolean(view, states[i], strcmp(state, states[i]) == 0);
    portico_set_boolean(view, "open",
                        strcmp(state, "waiting") == 0 || strcmp(state, "running") == 0);
}

static int show_home(struct portico_request *request, struct portico_form *form)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct store_session *session;
    struct value *jobs;
    int code = visit_session(request, &session, &error);
    if (code == 0)
        code = job_list_own(session, IMPORT_JOB, inside_viewer(request)->person, 0, SHOWN, &jobs,
                            &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    struct portico_value *view = visit_view(request);
    struct portico_value *list = portico_set_list(view, "imports");
    for (uint32_t i = 0; i < jobs->count; i++)
        show_state(request, value_public(value_at(jobs, i)), portico_append_object(list));
    portico_set_boolean(view, "any", jobs->count > 0);
    portico_set_integer(view, "most",
                        config_integer(inside_host(request)->config, "http", "upload_size") >> 20);
    return portico_form_reply(form, "import", view);
}

/* ---- sending files ---- */

static const char *const sent_as[] = { "companies", "people", "memberships", "contacts" };

struct sending {
    struct portico_request *request;
    struct portico_form *form;
    struct portico_upload files[G_N_ELEMENTS(sent_as)];
    size_t count;
};

/* 0: it says beside the field why it cannot be read. */
static int take_one(struct sending *sending, const char *field, struct portico_error *error)
{
    struct portico_upload *upload = &sending->files[sending->count];
    *upload = (struct portico_upload){ .size = sizeof *upload };
    int code =
        portico_upload(portico_files(sending->request), field, PORTICO_ACCEPT_ANY, upload, error);
    if (code == PORTICO_ENOENT)
        return 1;
    if (code == 0) {
        const struct import_file file = { upload->name, upload->data, upload->length };
        code = import_check(&file, error);
    }
    if (code == 0) {
        sending->count++;
        return 1;
    }
    if (code != PORTICO_EINVAL && code != PORTICO_ELIMIT)
        return code;
    portico_form_reject(sending->form, field, say(sending->request, error->message));
    return 0;
}

static int take_files(struct sending *sending, struct portico_error *error)
{
    int taken = 1;
    for (size_t i = 0; taken >= 0 && i < G_N_ELEMENTS(sent_as); i++) {
        int one = take_one(sending, sent_as[i], error);
        taken = one < 0 ? one : MIN(taken, one);
    }
    if (taken > 0 && sending->count == 0) {
        portico_form_reject(sending->form, sent_as[0],
                            say(sending->request, /* translated */ "Choose at least one file."));
        return 0;
    }
    return taken;
}

/* What was queued under the key already is it, too. */
static int queue(struct portico_request *request, struct portico_value *arguments, const char *key,
                 portico_id *ret_job, struct portico_error *error)
{
    const struct portico_job_request job = {
        .size = sizeof job, .name = IMPORT_JOB, .arguments = arguments, .key = key
    };
    portico_set_text(arguments, "from", inside_network(request));
    int code = portico_job_queue(portico_jobs(request), &job, ret_job, error);
    return code == PORTICO_EEXIST ? PORTICO_OK : code;
}

static void add_file(struct portico_value *list, int64_t id, const char *name)
{
    struct portico_value *item = portico_append_object(list);
    portico_set_id(item, "id", id);
    portico_set_text(item, "name", name);
}

/* In the form's transaction. */
static int keep_files(struct sending *sending, portico_id *ret_job, struct portico_error *error)
{
    struct portico_value *arguments = portico_object(sending->request);
    struct portico_value *list = portico_set_list(arguments, "files");
    int code = PORTICO_OK;
    for (size_t i = 0; code == 0 && i < sending->count; i++) {
        portico_id id = 0;
        code = portico_file_keep(portico_files(sending->request), &sending->files[i], NULL, 0, &id,
                                 error);
        add_file(list, id, sending->files[i].name);
    }
    portico_set_boolean(arguments, "dry", 1);
    return code < 0 ? code : queue(sending->request, arguments, NULL, ret_job, error);
}

static int send_files(struct sending *sending)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_request *request = sending->request;
    portico_id job = 0;
    int code = take_files(sending, &error);
    if (code == 0)
        return show_home(request, sending->form);
    if (code > 0)
        code = portico_form_begin(sending->form, &error);
    if (code == 0)
        code = keep_files(sending, &job, &error);
    if (code == PORTICO_ELIMIT) {
        portico_rollback(portico_db(request));
        portico_form_reject(sending->form, NULL,
                            say(request, /* translated */ "You sent many files today. Go on "
                                                          "tomorrow, or import on the machine."));
        return show_home(request, sending->form);
    }
    return code < 0 ? visit_failed(request, code, &error)
                    : portico_form_done(sending->form,
                                        portico_printf(request, HOME "/%lld", (long long)job), NULL,
                                        &error);
}

int import_page(struct portico_request *request)
{
    struct sending sending = { .request = request,
                               .form = portico_form_open(request, "import", NULL) };
    portico_form_action(sending.form, HOME);
    return portico_form_valid(sending.form) ? send_files(&sending)
                                            : show_home(request, sending.form);
}

/* ---- one of them ---- */

/* ENOENT: there is none, or somebody else's. */
static int find(struct portico_request *request, int64_t id, struct store_session **ret_session,
                const struct portico_value **ret_job, struct portico_error *error)
{
    struct value *jobs;
    int code = visit_session(request, ret_session, error);
    if (code == 0)
        code = job_list_own(*ret_session, IMPORT_JOB, inside_viewer(request)->person,
                            id > 0 ? id : -1, 1, &jobs, error);
    if (code == 0 && jobs->count == 0)
        code = error_set(error, PORTICO_ENOENT, "There is no such import.");
    if (code == 0)
        *ret_job = value_public(value_at(jobs, 0));
    return code;
}

/* What the job of a dry run led to: the id of the import, 0: nothing yet. */
static int find_import(struct portico_request *request, struct store_session *session,
                       int64_t preview, int64_t *ret_import, struct portico_error *error)
{
    struct value *jobs;
    int code =
        job_list_own(session, IMPORT_JOB, inside_viewer(request)->person, 0, 100, &jobs, error);
    *ret_import = 0;
    for (uint32_t i = 0; code == 0 && i < jobs->count; i++) {
        const struct portico_value *job = value_public(value_at(jobs, i));
        const char *of = portico_get_text(portico_get(job, "arguments"), "of", "");
        if (visit_number(of) == preview)
            *ret_import = portico_get_integer(job, "id", 0);
    }
    return code;
}

/* "rows" of "what" and counts, of those that there are. Whether anything would change. */
static bool show_rows(struct portico_request *request, const struct portico_value *saved,
                      struct portico_value *view)
{
    static const char *const names[] = { "made", "changed", "same", "wrong" };
    static const char *const whats[IMPORT_PASSES] = {
        [IMPORT_OF_ACCOUNTS] = /* translated */ "Companies",
        [IMPORT_OF_PLACES] = /* translated */ "Places among companies",
        [IMPORT_OF_PEOPLE] = /* translated */ "People",
        [IMPORT_OF_MEMBERSHIPS] = /* translated */ "Who belongs where",
        [IMPORT_OF_CONTACTS] = /* translated */ "Contacts",
        [IMPORT_OF_TEAMS] = /* translated */ "Account teams",
    };
    const struct portico_value *rows = portico_get(saved, "rows");
    struct portico_value *list = portico_set_list(view, "rows");
    int64_t sums[IMPORT_OUTCOMES] = { 0 };
    for (size_t pass = 0; pass < portico_count(rows) && pass < IMPORT_PASSES; pass++) {
        int64_t all = 0;
        for (size_t i = 0; i < IMPORT_OUTCOMES; i++)
            all += portico_get_integer(portico_at(rows, pass), names[i], 0);
        struct portico_value *item = all ? portico_append_object(list) : NULL;
        portico_set_text(item, "what", say(request, whats[pass]));
        for (size_t i = 0; i < IMPORT_OUTCOMES; i++) {
            const int64_t count = portico_get_integer(portico_at(rows, pass), names[i], 0);
            portico_set_integer(item, names[i], count);
            sums[i] += count;
        }
    }
    portico_set_boolean(view, "any_rows", portico_count(list) > 0);
    portico_set_integer(view, "wrong_count", sums[IMPORT_WRONG]);
    portico_set_boolean(view, "any_wrong", sums[IMPORT_WRONG] > 0);
    return sums[IMPORT_MADE] + sums[IMPORT_CHANGED] > 0;
}

/* The id of the file, 0: there is none. */
static int64_t report_of(const struct portico_value *saved)
{
    return visit_number(portico_get_text(saved, "report", ""));
}

static void show_wrong(struct portico_request *request, const struct portico_value *saved,
                       struct portico_value *view)
{
    const struct portico_value *wrong = portico_get(saved, "wrong");
    struct portico_value *list = portico_set_list(view, "wrong");
    for (size_t i = 0; i < portico_count(wrong); i++) {
        const struct portico_value *from = portico_at(wrong, i);
        struct portico_value *item = portico_append_object(list);
        portico_set_text(item, "file", portico_get_text(from, "file", ""));
        portico_set_integer(item, "line", portico_get_integer(from, "line", 0));
        portico_set_text(item, "problem", say(request, portico_get_text(from, "problem", "")));
    }
    portico_set_boolean(view, "more_wrong",
                        portico_get_integer(view, "wrong_count", 0) > (int64_t)portico_count(list));
    portico_set_boolean(view, "report", report_of(saved) != 0);
}

static int show_one(struct portico_request *request, struct store_session *session,
                    const struct portico_value *job)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *view = visit_view(request);
    const struct portico_value *saved = portico_get(job, "saved");
    const int64_t total = portico_get_integer(job, "total", 0);
    const char *said = portico_get_text(job, "error", NULL);
    int64_t import = 0;
    int code = is_dry(job) ? find_import(request, session, portico_get_integer(job, "id", 0),
                                         &import, &error)
                           : 0;
    if (code < 0)
        return visit_failed(request, code, &error);
    show_state(request, job, view);
    const bool changes = show_rows(request, saved, view);
    show_wrong(request, saved, view);
    portico_set_integer(view, "percent",
                        total > 0 ? portico_get_integer(job, "done", 0) * 100 / total : 0);
    portico_set_boolean(view, "begun", total > 0);
    portico_set_boolean(view, "changes", changes);
    portico_set_id(view, "import", import);
    portico_set_boolean(view, "imported", import != 0);
    portico_set_boolean(view, "cut", portico_get_boolean(saved, "cut", 0));
    portico_set_boolean(view, "stopping", portico_get_boolean(job, "stop_asked", 0));
    portico_set_text(view, "said", said ? say(request, said) : NULL);
    portico_set_header(request, "Cache-Control", "private, no-store");
    return portico_reply_view(request, "import-run", view);
}

int import_run_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct store_session *session;
    const struct portico_value *job;
    int code = find(request, visit_number(portico_param(request, "id")), &session, &job, &error);
    return code < 0 ? visit_failed(request, code, &error) : show_one(request, session, job);
}

/* ---- its report ---- */

static int send_report(struct portico_request *request, struct store_session *session,
                       int64_t report, struct portico_error *error)
{
    const char *directory =
        portico_printf(request, "%s/files", config_data_directory(inside_host(request)->config));
    struct kept_file kept;
    int descriptor = -1;
    size_t length;
    int code = directory ? kept_find(session, report, &kept, error) : PORTICO_ENOMEM;
    if (code == 0)
        code = blob_open(directory, kept.hash, &descriptor, &length, error);
    if (code < 0)
        return code;
    FILE *file = fdopen(descriptor, "r");
    if (!file) {
        close(descriptor);
        return error_set(error, PORTICO_EIO, "The report of an import cannot be read.");
    }
    portico_set_header(request, "Content-Disposition",
                       "attachment; filename=\"import-report.csv\"");
    /* Whoever may not import any more has it no more, nor has another one in this browser. */
    portico_set_header(request, "Cache-Control", "private, no-store");
    portico_set_header(request, "Vary", "Cookie");
    code = inside_reply_stream(request, "text/csv; charset=utf-8", file, error);
    fclose(file);
    return code;
}

int import_report_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct store_session *session;
    const struct portico_value *job;
    int code = find(request, visit_number(portico_param(request, "id")), &session, &job, &error);
    const int64_t report = code == 0 ? report_of(portico_get(job, "saved")) : 0;
    if (code == 0)
        code = report ? send_report(request, session, report, &error) : PORTICO_ENOENT;
    return code < 0 ? visit_failed(request, code, &error) : code;
}

/* ---- what is done with one ---- */

/* The import of a preview, once. */
static int begin(struct portico_request *request, struct store_session *session,
                 const struct portico_value *preview, int64_t *ret_job, struct portico_error *error)
{
    const int64_t id = portico_get_integer(preview, "id", 0);
    struct portico_value *arguments = portico_object(request);
    int code = find_import(request, session, id, ret_job, error);
    if (code < 0 || *ret_job)
        return code;
    if (!is_dry(preview) || strcmp(portico_get_text(preview, "state", ""), "done") != 0)
        return error_set(error, PORTICO_ENOENT, "This is no preview that is over.");
    const struct portico_value *files = portico_get(portico_get(preview, "arguments"), "files");
    struct portico_value *list = portico_set_list(arguments, "files");
    for (size_t i = 0; i < portico_count(files); i++)
        add_file(list, visit_number(portico_get_text(portico_at(files, i), "id", "")),
                 portico_get_text(portico_at(files, i), "name", ""));
    portico_set_boolean(arguments, "dry", 0);
    portico_set_id(arguments, "of", id);
    return queue(request, arguments, portico_printf(request, "%lld", (long long)id), ret_job,
                 error);
}

int import_run_change(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const int64_t id = visit_number(portico_param(request, "id"));
    const char *act = portico_form(request, "act");
    const bool stops = act && strcmp(act, "stop") == 0;
    struct store_session *session;
    const struct portico_value *job;
    int64_t made = id;
    int answer, code = find(request, id, &session, &job, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    if (!stops && (!act || strcmp(act, "import") != 0))
        return PORTICO_EINVAL;
    if (!stops &&
        !again_or_ask(request, portico_printf(request, HOME "/%lld", (long long)id), &answer))
        return answer;
    code = stops ? portico_job_cancel(portico_jobs(request), id, &error)
                 : begin(request, session, job, &made, &error);
    /* What is over meanwhile is shown as it is. */
    if (code < 0 && !(stops && code == PORTICO_ENOENT))
        return visit_failed(request, code, &error);
    return portico_reply_redirect(request, 303,
                                  portico_printf(request, HOME "/%lld", (long long)made));
}
