/* A module that queues, schedules and listens: what the tests of jobs and events are made with. */
#include <portico/portico.h>

#include <portico/clock.h>
#include <portico/command.h>
#include <portico/event.h>
#include <portico/job.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void pause_for(long milliseconds)
{
    const struct timespec time = { milliseconds / 1000, milliseconds % 1000 * 1000000 };
    nanosleep(&time, NULL);
}

/* Whether the file DIRECTORY/NAME is there; DIRECTORY is the setting `signs`. */
static bool is_there(struct portico_context *context, const char *name)
{
    char path[512];
    const char *directory = portico_setting_text(context, "signs");
    snprintf(path, sizeof path, "%s/%s", directory ? directory : "", name);
    return access(path, F_OK) == 0;
}

static void put_up(struct portico_context *context, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", portico_setting_text(context, "signs"), name);
    FILE *file = fopen(path, "we");
    if (file)
        fclose(file);
}

/* ---- what ran ---- */

static int write_done(struct portico_context *context, const char *what, portico_id job,
                      uint32_t attempt, struct portico_error *error)
{
    return portico_execute(
        portico_db(context), "INSERT INTO chores_done (id, what, job, attempt) VALUES (?, ?, ?, ?)",
        PORTICO_ARGS(portico_arg_id(portico_new_id(context)), portico_arg_text(what),
                     portico_arg_id(job), portico_arg_integer(attempt)),
        NULL, error);
}

static const char *word_of(struct portico_job *job)
{
    return portico_get_text(portico_job_arguments(job), "word", "");
}

/* ---- jobs ---- */

static int sweep(struct portico_context *context, struct portico_job *job,
                 struct portico_error *error)
{
    return write_done(context, word_of(job), portico_job_id(job), portico_job_attempt(job), error);
}

/* Fails as often as the argument `failures` says. */
static int falter(struct portico_context *context, struct portico_job *job,
                  struct portico_error *error)
{
    int64_t failures = portico_get_integer(portico_job_arguments(job), "failures", 0);
    if (portico_job_attempt(job) > failures)
        return sweep(context, job, error);
    snprintf(error->message, sizeof error->message, "The broom broke.");
    return error->code = PORTICO_EIO;
}

/* Runs until the sign `go` is there or it is asked to stop, telling how far it is; then writes. */
static int linger(struct portico_context *context, struct portico_job *job,
                  struct portico_error *error)
{
    for (int64_t i = 1; !is_there(context, "go"); i++) {
        if (portico_job_progress(job, i, 100000, "lingering") == 1 && !is_there(context, "deaf"))
            return PORTICO_EBUSY;
        pause_for(20);
    }
    return sweep(context, job, error);
}

/* Does not return before the sign `go` is there, and then writes all the same. */
static int spin(struct portico_context *context, struct portico_job *job,
                struct portico_error *error)
{
    while (!is_there(context, "go"))
        pause_for(5);
    return sweep(context, job, error);
}

static int crash(struct portico_context *context, struct portico_job *job,
                 struct portico_error *error)
{
    if (!is_there(context, "go"))
        abort();
    return sweep(context, job, error);
}

static int tick(struct portico_context *context, struct portico_job *job,
                struct portico_error *error)
{
    return write_done(context, "tick", portico_job_id(job), portico_job_attempt(job), error);
}

static const struct portico_job_type jobs[] = {
    { .name = "sweep", .title = "Sweep", .run = sweep },
    { .name = "falter", .title = "Falter", .run = falter, .attempts = 3, .backoff_ms = 100 },
    { .name = "linger", .title = "Linger", .run = linger, .deadline_ms = 120000 },
    { .name = "spin", .title = "Spin", .run = spin, .deadline_ms = 500, .backoff_ms = 60000 },
    { .name = "stare", .title = "Stare", .run = spin, .deadline_ms = 120000 },
    { .name = "crash",
      .title = "Crash",
      .run = crash,
      .attempts = 40,
      .backoff_ms = 100,
      .backoff_max_ms = 200 },
    { .name = "tick", .title = "Tick", .run = tick, .schedule = "every 2s" },
};

/* ---- events ---- */

/* Fails for what the sign `hold` is there for; so later events of the subject wait. */
static int notice(struct portico_context *context, const struct portico_event *event,
                  struct portico_error *error)
{
    const char *word = portico_get_text(event->data, "word", "");
    if (is_there(context, "break")) {
        snprintf(error->message, sizeof error->message, "The bell is broken.");
        return error->code = PORTICO_EIO;
    }
    if (is_there(context, "collapse"))
        abort();
    return write_done(context, portico_printf(context, "%s %s", event->subject, word), event->id,
                      event->attempt, error);
}

/* In the transaction: refuses the word "refused"; crashes while the sign `quarrel` is there. */
static int judge(struct portico_context *context, const struct portico_event *event,
                 struct portico_error *error)
{
    if (is_there(context, "quarrel"))
        abort();
    if (strcmp(portico_get_text(event->data, "word", ""), "refused") != 0)
        return 0;
    snprintf(error->message, sizeof error->message, "Nobody says that here.");
    return error->code = PORTICO_EPERM;
}

static const struct portico_event_type event_types[] = {
    { .type = "portal.chores.bell.rung",
      .title = "The bell was rung",
      .description = "Somebody rang.",
      .data_schema = "{\"type\": \"object\", \"properties\": {\"word\": {\"type\": \"string\"}}, "
                     "\"required\": [\"word\"]}" },
};

static const struct portico_event_handler handlers[] = {
    { .name = "notice", .types = "portal.chores.*", .handle = notice, .attempts = 40 },
    { .name = "judge",
      .types = "portal.chores.bell.rung",
      .handle = judge,
      .phase = PORTICO_IN_TRANSACTION },
};

/* ---- routes: what the tests ask for ---- */

static int refuse(struct portico_request *request, const struct portico_error *error)
{
    return portico_reply_problem(request, 409, NULL, "Refused", error->message);
}

static struct portico_value *arguments_of(struct portico_request *request)
{
    struct portico_value *arguments = portico_object(request);
    const char *failures = portico_query_param(request, "failures");
    portico_set_text(arguments, "word", portico_query_param(request, "word"));
    portico_set_integer(arguments, "failures", failures ? strtol(failures, NULL, 10) : 0);
    return arguments;
}

/* POST /chores/queue/{name}?word=…&key=…&lane=…&undo=1 */
static int queue(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_db *db = portico_db(request);
    const char *undo = portico_query_param(request, "undo");
    const struct portico_job_request wanted = {
        .size = sizeof wanted,
        .name = portico_param(request, "name"),
        .arguments = arguments_of(request),
        .key = portico_query_param(request, "key"),
        .lane = portico_query_param(request, "lane"),
    };
    portico_id id = 0;
    int code = portico_begin(db, &error);
    if (code == 0)
        code = portico_job_queue(portico_jobs(request), &wanted, &id, &error);
    if (code == 0 && undo && *undo)
        portico_rollback(db);
    else if (code == 0)
        code = portico_commit(db, &error);
    if (code < 0)
        return refuse(request, &error);
    struct portico_value *answer = portico_object(request);
    portico_set_id(answer, "id", id);
    return portico_reply_json(request, answer);
}

/* POST /chores/ring/{subject}?word=…&undo=1 */
static int ring(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_db *db = portico_db(request);
    const char *undo = portico_query_param(request, "undo");
    struct portico_value *data = portico_object(request);
    const struct portico_emission emission = {
        .size = sizeof emission,
        .type = "portal.chores.bell.rung",
        .subject = portico_param(request, "subject"),
        .data = data,
    };
    portico_id id = 0;
    portico_set_text(data, "word", portico_query_param(request, "word"));
    int code = portico_begin(db, &error);
    if (code == 0)
        code = portico_emit(portico_events(request), &emission, &id, &error);
    if (code < 0 || (undo && *undo))
        portico_rollback(db);
    else
        code = portico_commit(db, &error);
    if (code < 0)
        return refuse(request, &error);
    struct portico_value *answer = portico_object(request);
    portico_set_id(answer, "id", id);
    return portico_reply_json(request, answer);
}

/* POST /chores/both/{first}/{second}: rings at two doors in one transaction; in between it puts up
 * a sign and waits for that of whoever began at the second. */
static int ring_both(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_db *db = portico_db(request);
    struct portico_value *data = portico_object(request);
    struct portico_emission emission = {
        .size = sizeof emission,
        .type = "portal.chores.bell.rung",
        .subject = portico_param(request, "first"),
        .data = data,
    };
    portico_set_text(data, "word", "both");
    int code = portico_begin(db, &error);
    if (code == 0)
        code = portico_emit(portico_events(request), &emission, NULL, &error);
    put_up(PORTICO_CONTEXT(request), emission.subject);
    emission.subject = portico_param(request, "second");
    for (int i = 0; code == 0 && i < 80 && !is_there(PORTICO_CONTEXT(request), emission.subject);
         i++)
        pause_for(5);
    if (code == 0)
        code = portico_emit(portico_events(request), &emission, NULL, &error);
    if (code == 0)
        code = portico_commit(db, &error);
    portico_rollback(db);
    if (code == PORTICO_ECONFLICT)
        return refuse(request, &error);
    return code < 0 ? code : portico_reply_json(request, data);
}

static int look(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *job = NULL;
    int code = portico_job_look(portico_jobs(request),
                                portico_id_read(portico_param(request, "id")), &job, &error);
    if (code < 0)
        return code;
    return portico_reply_json(request, job);
}

static int list_done(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *rows = NULL, *answer = portico_object(request);
    int code = portico_query(portico_db(request),
                             "SELECT what, job AS \"job:id\", attempt FROM chores_done "
                             "ORDER BY id LIMIT 5000",
                             PORTICO_NO_ARGS, &rows, &error);
    if (code < 0)
        return refuse(request, &error);
    portico_set(answer, "done", rows);
    return portico_reply_json(request, answer);
}

/* ---- from the command line ---- */

static int ask(struct portico_context *context, const char *word, struct portico_error *error)
{
    struct portico_value *arguments = portico_object(context);
    const struct portico_job_request wanted = {
        .size = sizeof wanted,
        .name = "sweep",
        .arguments = arguments,
    };
    portico_set_text(arguments, "word", word);
    return portico_job_queue(portico_jobs(context), &wanted, NULL, error);
}

/* portico chores ask WORD */
static int ask_command(struct portico_context *context, const struct portico_command_call *call,
                       struct portico_error *error)
{
    return ask(context, call->arguments[0], error);
}

static int import_words(struct portico_context *context, const struct portico_import *import,
                        struct portico_error *error)
{
    (void)import;
    return ask(context, "imported", error);
}

static const struct portico_command commands[] = {
    { .name = "ask",
      .summary = "queue a sweep",
      .arguments = "WORD",
      .least = 1,
      .most = 1,
      .run = ask_command },
};

static const struct portico_importer importers[] = {
    { .format = "words", .summary = "Queues a sweep", .run = import_words },
};

static const struct portico_route routes[] = {
    { .method = "POST",
      .pattern = "/chores/both/{first}/{second}",
      .handler = ring_both,
      .permission = PORTICO_PUBLIC },
    { .method = "POST",
      .pattern = "/chores/queue/{name}",
      .handler = queue,
      .permission = PORTICO_PUBLIC },
    { .method = "POST",
      .pattern = "/chores/ring/{subject}",
      .handler = ring,
      .permission = PORTICO_PUBLIC },
    { .method = "GET",
      .pattern = "/chores/job/{id}",
      .handler = look,
      .permission = PORTICO_PUBLIC },
    { .method = "GET",
      .pattern = "/chores/done",
      .handler = list_done,
      .permission = PORTICO_PUBLIC },
};

static const struct portico_setting settings[] = {
    { .key = "signs",
      .type = PORTICO_SETTING_TEXT,
      .initial = "",
      .title = "Directory of files that say how to behave" },
};

static const struct portico_personal_table personal_data[] = {
    { .table = "chores_done", .reason = "What the tests had done." },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .personal_data = PORTICO_LIST(personal_data),
    .title = "Chores",
    .routes = PORTICO_LIST(routes),
    .settings = PORTICO_LIST(settings),
    .jobs = PORTICO_LIST(jobs),
    .commands = PORTICO_LIST(commands),
    .importers = PORTICO_LIST(importers),
    .event_types = PORTICO_LIST(event_types),
    .event_handlers = PORTICO_LIST(handlers),
};
PORTICO_EXPORT_MODULE(module)
