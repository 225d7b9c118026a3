/* Jobs: long work in slices that survives a crash, queued by a request; and one on a schedule. */
#include <portico/portico.h>

#define SLICE 10

/* One slice and how far it is, in one transaction: after a crash the next try goes on from there.
 */
static int write_slice(struct portico_context *context, struct portico_job *job, int64_t from,
                       int64_t total, struct portico_error *error)
{
    struct portico_db *db = portico_db(context);
    struct portico_value *state = portico_object(context);
    int code = portico_begin(db, error);
    if (code < 0)
        return code;
    int64_t to = from + SLICE < total ? from + SLICE : total;
    for (int64_t number = from; code == 0 && number < to; number++)
        code = portico_execute(db, "INSERT INTO reports_line (id, job, number) VALUES (?, ?, ?)",
                               PORTICO_ARGS(portico_arg_id(portico_new_id(context)),
                                            portico_arg_id(portico_job_id(job)),
                                            portico_arg_integer(number)),
                               NULL, error);
    portico_set_integer(state, "next", to);
    if (code == 0)
        code = portico_job_save(job, state, error);
    if (code == 0)
        return portico_commit(db, error);
    portico_rollback(db);
    return code;
}

static int write_report(struct portico_context *context, struct portico_job *job,
                        struct portico_error *error)
{
    int64_t total = portico_value_integer(portico_get(portico_job_arguments(job), "lines"));
    int64_t next = portico_value_integer(portico_get(portico_job_saved(job), "next"));
    for (; next < total; next += SLICE) {
        if (portico_job_progress(job, next, total, "writing"))
            return PORTICO_EBUSY; /* what is done is saved; the rest is done by the next try */
        int code = write_slice(context, job, next, total, error);
        if (code < 0)
            return code;
    }
    return PORTICO_OK;
}

/* Every second: counts itself. */
static int beat(struct portico_context *context, struct portico_job *job,
                struct portico_error *error)
{
    (void)job;
    return portico_execute(portico_db(context),
                           "INSERT INTO reports_beat (name, count) VALUES ('beat', 1) "
                           "ON CONFLICT (name) DO UPDATE SET count = reports_beat.count + 1",
                           PORTICO_NO_ARGS, NULL, error);
}

/* A second one for the same customer is not queued while the first waits. */
static int order(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *arguments = portico_object(request), *answer = portico_object(request);
    portico_set_integer(arguments, "lines", portico_id_read(portico_form(request, "lines")));
    const struct portico_job_request wanted = {
        .size = sizeof wanted,
        .name = "report",
        .arguments = arguments,
        .key = portico_form(request, "customer"),
    };
    portico_id id = 0;
    int code = portico_job_queue(portico_jobs(request), &wanted, &id, &error);
    if (code < 0 && code != PORTICO_EEXIST)
        return code;
    portico_set_id(answer, "id", id);
    portico_set_status(request, 202);
    return portico_reply_json(request, answer);
}

static int show(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *job = NULL, *lines = NULL;
    portico_id id = portico_id_read(portico_param(request, "id"));
    int code = portico_job_look(portico_jobs(request), id, &job, &error);
    if (code == 0)
        code = portico_query(portico_db(request),
                             "SELECT count(*) AS lines, count(DISTINCT number) AS numbers "
                             "FROM reports_line WHERE job = ?",
                             PORTICO_ARGS(portico_arg_id(id)), &lines, &error);
    if (code < 0)
        return code;
    portico_set(job, "written", portico_at(lines, 0));
    return portico_reply_json(request, job);
}

static int count_beats(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *rows = NULL, *answer = portico_object(request);
    int code = portico_query(portico_db(request), "SELECT count FROM reports_beat", PORTICO_NO_ARGS,
                             &rows, &error);
    portico_set(answer, "beats", rows);
    return code < 0 ? code : portico_reply_json(request, answer);
}

static const struct portico_job_type jobs[] = {
    { .name = "report", .title = "Write a report", .attempts = 5, .run = write_report },
    { .name = "beat", .title = "Count seconds", .schedule = "every 1s", .run = beat },
};

static const struct portico_route routes[] = {
    { .method = "POST", .pattern = "/reports", .handler = order, .permission = PORTICO_PUBLIC },
    { .method = "GET",
      .pattern = "/reports",
      .handler = count_beats,
      .permission = PORTICO_PUBLIC },
    { .method = "GET", .pattern = "/reports/{id}", .handler = show, .permission = PORTICO_PUBLIC },
};

static const struct portico_personal_table personal_data[] = {
    { .table = "reports_line", .reason = "numbers only" },
    { .table = "reports_beat", .reason = "numbers only" },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Reports",
    .routes = PORTICO_LIST(routes),
    .jobs = PORTICO_LIST(jobs),
    .personal_data = PORTICO_LIST(personal_data),
};
PORTICO_EXPORT_MODULE(module)
