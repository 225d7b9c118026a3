#include "portal/import_job.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "file/kept.h"
#include "portal/import.h"
#include "portal/inside.h"
#include "portal/visit.h"

#include <glib.h>
#include <unistd.h>

#define FILES_MAX 8u
#define A_SECOND INT64_C(1000000) /* µs */

/* A file that was sent, as it lies on disk. */
struct sent {
    GMappedFile *map;
    struct import_file file;
};

struct importing {
    struct portico_context *context;
    struct portico_job *job;
    struct store_session *session;
    struct module_host *host;
    int64_t person;
    const char *directory;
    struct sent sent[FILES_MAX];
    size_t count;
    struct import_counts counts, before; /* before: of tries that were cut off */
    struct portico_value *wrong;         /* the first ones */
    FILE *report;
    bool cut;
    int64_t saved_at;
    struct portico_error failed; /* what could not be saved */
};

/* ---- the files ---- */

static int open_one(struct importing *importing, const struct portico_value *named,
                    struct portico_error *error)
{
    struct sent *sent = &importing->sent[importing->count];
    const int64_t id = visit_number(portico_get_text(named, "id", ""));
    struct kept_file kept;
    size_t length = 0;
    int descriptor = -1;
    int code = kept_find(importing->session, id, &kept, error);
    if (code == PORTICO_ENOENT || (code == 0 && kept.person != importing->person))
        return error_set(error, PORTICO_EINVAL, /* translated */
                         "The files are gone: they are kept for a day. Send them again.");
    if (code == 0)
        code = blob_open(importing->directory, kept.hash, &descriptor, &length, error);
    if (code < 0)
        return code;
    sent->map = g_mapped_file_new_from_fd(descriptor, FALSE, NULL);
    close(descriptor);
    if (!sent->map)
        return error_set(error, PORTICO_EIO, "A file that was sent cannot be read.");
    const char *data = g_mapped_file_get_contents(sent->map);
    sent->file = (struct import_file){ portico_get_text(named, "name", ""), data ? data : "",
                                       g_mapped_file_get_length(sent->map) };
    importing->count++;
    return PORTICO_OK;
}

static int open_files(struct importing *importing, struct portico_error *error)
{
    const struct portico_value *files = portico_get(portico_job_arguments(importing->job), "files");
    int code = PORTICO_OK;
    for (size_t i = 0; code == 0 && i < portico_count(files) && i < FILES_MAX; i++)
        code = open_one(importing, portico_at(files, i), error);
    return code;
}

/* ---- how far it is ---- */

/* What an earlier try made is as it should be in this one. */
static int64_t rows_of(const struct importing *importing, int pass, int outcome)
{
    const int64_t *now = importing->counts.rows[pass], *before = importing->before.rows[pass];
    const int64_t earlier = before[IMPORT_MADE] + before[IMPORT_CHANGED];
    if (outcome == IMPORT_WRONG)
        return now[outcome];
    return outcome == IMPORT_SAME ? MAX(now[outcome] - earlier, 0) : now[outcome] + before[outcome];
}

static int save(struct importing *importing, int64_t report, struct portico_error *error)
{
    struct portico_context *scope = portico_scope(importing->context);
    struct portico_value *state = scope ? portico_object(scope) : NULL;
    struct portico_value *rows = state ? portico_set_list(state, "rows") : NULL;
    if (!rows) {
        portico_end_scope(scope);
        return error_set(error, PORTICO_ENOMEM, "Memory ended.");
    }
    for (int pass = 0; pass < IMPORT_PASSES; pass++) {
        struct portico_value *row = portico_append_object(rows);
        static const char *const names[] = { "made", "changed", "same", "wrong" };
        for (int outcome = 0; outcome < IMPORT_OUTCOMES; outcome++)
            portico_set_integer(row, names[outcome], rows_of(importing, pass, outcome));
    }
    struct portico_value *wrong = portico_set_list(state, "wrong");
    for (size_t i = 0; i < portico_count(importing->wrong); i++) {
        const struct portico_value *from = portico_at(importing->wrong, i);
        struct portico_value *item = portico_append_object(wrong);
        portico_set_text(item, "file", portico_get_text(from, "file", ""));
        portico_set_integer(item, "line", portico_get_integer(from, "line", 0));
        portico_set_text(item, "problem", portico_get_text(from, "problem", ""));
    }
    if (report)
        portico_set_id(state, "report", report);
    portico_set_boolean(state, "cut", importing->cut);
    int code = portico_job_save(importing->job, state, error);
    portico_end_scope(scope);
    return code;
}

static void read_before(struct importing *importing)
{
    static const char *const names[] = { [IMPORT_MADE] = "made", [IMPORT_CHANGED] = "changed" };
    const struct portico_value *rows = portico_get(portico_job_saved(importing->job), "rows");
    importing->cut = portico_count(rows) > 0;
    for (size_t pass = 0; pass < portico_count(rows) && pass < IMPORT_PASSES; pass++)
        for (int outcome = IMPORT_MADE; outcome <= IMPORT_CHANGED; outcome++)
            importing->before.rows[pass][outcome] =
                portico_get_integer(portico_at(rows, pass), names[outcome], 0);
}

static void told(const char *file, unsigned line, int pass, enum import_outcome outcome,
                 const char *subject, const char *said, void *data)
{
    struct importing *importing = data;
    import_report_row(importing->report, file, line, pass, outcome, subject, said);
    if (outcome != IMPORT_WRONG || portico_count(importing->wrong) >= IMPORT_WRONG_SHOWN)
        return;
    struct portico_value *item = portico_append_object(importing->wrong);
    portico_set_text(item, "file", file);
    portico_set_integer(item, "line", line);
    portico_set_text(item, "problem", said ? said : "");
}

static int progress(int64_t done, int64_t total, void *data)
{
    struct importing *importing = data;
    int stop = portico_job_progress(importing->job, done, total, NULL);
    if (clock_steady() - importing->saved_at < A_SECOND)
        return stop;
    importing->saved_at = clock_steady();
    return save(importing, 0, &importing->failed) < 0 ? 1 : stop;
}

/* ---- the report ---- */

/* Shown with the job's row, which no viewer sees: the page of the import gives it out, to whom it
 * is open to. It goes when the job does; of several tries the last one's stays. 0 in `ret_report`
 * where there is no room for it: the counts and first refusals stand anyway. */
static int keep_report(const struct importing *importing, int64_t *ret_report,
                       struct portico_error *error)
{
    const int64_t job = portico_job_id(importing->job);
    const char *subject = portico_printf(importing->context, "import/%lld", (long long)job);
    char hash[BLOB_HASH_SIZE];
    if (fflush(importing->report) != 0)
        return error_set(error, PORTICO_EIO, "The report of an import cannot be written.");
    GMappedFile *map = g_mapped_file_new_from_fd(fileno(importing->report), FALSE, NULL);
    if (!map)
        return error_set(error, PORTICO_EIO, "The report of an import cannot be read.");
    const size_t length = g_mapped_file_get_length(map);
    int code = blob_put(importing->directory, g_mapped_file_get_contents(map), length, hash, error);
    g_mapped_file_unref(map);
    const struct kept_file file = { .id = id_new(),
                                    .person = importing->person,
                                    .module = "portico",
                                    .subject = subject,
                                    .relation = "portico_job",
                                    .object = job,
                                    .hash = hash,
                                    .media_type = "text/csv",
                                    .name = "import-report.csv",
                                    .bytes = (int64_t)length,
                                    .created = clock_now() };
    if (code == 0)
        code = subject ? kept_drop(importing->session, "portico", subject, error) : PORTICO_ENOMEM;
    if (code >= 0)
        code = kept_add(importing->session, &file, error);
    *ret_report = code == 0 ? file.id : 0;
    return code == PORTICO_ELIMIT ? PORTICO_OK : code;
}

/* ---- the job ---- */

static int run(struct importing *importing, struct portico_error *error)
{
    const struct portico_value *arguments = portico_job_arguments(importing->job);
    struct import_file files[FILES_MAX];
    int64_t report = 0;
    for (size_t i = 0; i < importing->count; i++)
        files[i] = importing->sent[i].file;
    const struct import_options options = {
        .files = files,
        .count = importing->count,
        .dry = portico_get_boolean(arguments, "dry", 1),
        .actor = importing->person,
        .from = portico_get_text(arguments, "from", "portal"),
        .context = importing->context,
        .told = told,
        .progress = progress,
        .data = importing,
    };
    import_report_begin(importing->report);
    int code = import_run(importing->host, &options, &importing->counts, error);
    if (code < 0)
        return code;
    if (importing->failed.code < 0)
        return error_set(error, importing->failed.code, "%s", importing->failed.message);
    if (portico_job_progress(importing->job, 1, 1, NULL)) {
        code = save(importing, 0, error);
        return code < 0 ? code : PORTICO_EBUSY;
    }
    code = keep_report(importing, &report, error);
    return code < 0 ? code : save(importing, report, error);
}

static int open_job(struct importing *importing, struct portico_error *error)
{
    importing->session = inside_context_session(importing->context, error);
    importing->host = inside_context_host(importing->context);
    importing->person = portico_person(importing->context);
    importing->wrong = portico_listing(importing->context);
    importing->directory = portico_printf(importing->context, "%s/files",
                                          config_data_directory(importing->host->config));
    importing->report = tmpfile();
    if (!importing->session)
        return PORTICO_EIO;
    if (!importing->report || !importing->wrong || !importing->directory)
        return error_set(error, PORTICO_EIO, "There is no room for the report of an import.");
    read_before(importing);
    return open_files(importing, error);
}

int import_job(struct portico_context *context, struct portico_job *job,
               struct portico_error *error)
{
    struct importing importing = { .context = context, .job = job };
    int code = open_job(&importing, error);
    if (code == 0)
        code = run(&importing, error);
    for (size_t i = 0; i < importing.count; i++)
        g_mapped_file_unref(importing.sent[i].map);
    if (importing.report)
        fclose(importing.report);
    /* Tried again it would be refused again. */
    return code == PORTICO_EPERM ? PORTICO_EINVAL : code;
}
