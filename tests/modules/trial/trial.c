/* A module that misbehaves on request: what the server's tests are made with. */
#include <portico/portico.h>

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static _Atomic int calls;

static int reply_text(struct portico_request *request, const char *text)
{
    return portico_reply_bytes(request, "text/plain; charset=utf-8", text, strlen(text));
}

static int hello(struct portico_request *request)
{
    return reply_text(request, portico_printf(request, "Hello %s", portico_param(request, "name")));
}

static int kept(struct portico_request *request)
{
    return reply_text(request, portico_printf(request, "call %d", atomic_fetch_add(&calls, 1) + 1));
}

static int personal(struct portico_request *request)
{
    portico_set_header(request, "Cache-Control", "private");
    return kept(request);
}

static int varied(struct portico_request *request)
{
    return reply_text(request, portico_header(request, "X-Wish"));
}

static int echo(struct portico_request *request)
{
    size_t length = 0;
    const char *body = portico_body(request, &length);
    return portico_reply_bytes(request, "application/octet-stream", body, length);
}

static void pause_for(long milliseconds)
{
    const struct timespec time = { milliseconds / 1000, milliseconds % 1000 * 1000000 };
    nanosleep(&time, NULL);
}

/* A line with the thread's number in the file named by the setting `journal`, if it is set. */
static void note(const char *path, const char *what)
{
    FILE *file = path && *path ? fopen(path, "ae") : NULL;
    if (!file)
        return;
    fprintf(file, "%s %d\n", what, (int)gettid());
    fclose(file);
}

static int slow(struct portico_request *request)
{
    pause_for(strtol(portico_param(request, "milliseconds"), NULL, 10));
    note(portico_setting_text(request, "journal"), "slow");
    return reply_text(request, "slow");
}

/* Spins until the file named by the setting `release` is there; without the setting, for ever. */
static int spin(struct portico_request *request)
{
    const char *release = portico_setting_text(request, "release");
    for (;;) {
        FILE *file = release && *release ? fopen(release, "r") : NULL;
        if (file) {
            fclose(file);
            return reply_text(request, "released");
        }
    }
}

/* Crashes unless the file named by the setting `release` is there. */
static int crash(struct portico_request *request)
{
    const char *release = portico_setting_text(request, "release");
    FILE *file = release && *release ? fopen(release, "r") : NULL;
    if (!file)
        abort();
    fclose(file);
    return reply_text(request, "sound again");
}

/* Ends the process as if all were well. */
static int leave(struct portico_request *request)
{
    (void)request;
    _exit(0);
}

/* Copies the process, and tells how the copy ended. */
static int copy(struct portico_request *request)
{
    int status = 0;
    pid_t child = fork();
    for (;;) {
        if (child == 0)
            pause();
        else if (child < 0 || waitpid(child, &status, 0) == child)
            return reply_text(request, WIFEXITED(status) ? "ended" : "killed");
    }
}

/* Runs a program in the way a module may. */
static int run(struct portico_request *request)
{
    return reply_text(request, system("exit 7") >> 8 == 7 ? "seven" : "not seven");
}

static int add_note(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *word = portico_query_param(request, "word");
    int code = portico_execute(
        portico_db(request), "INSERT INTO trial_note (id, word) VALUES (?, ?)",
        PORTICO_ARGS(portico_arg_id(portico_new_id(request)), portico_arg_text(word)), NULL,
        &error);
    if (code == PORTICO_EEXIST)
        return portico_reply_problem(request, 409, NULL, "It is there",
                                     "The word is there already.");
    if (code < 0) {
        portico_log(request, PORTICO_LOG_ERROR, "%s", error.message);
        return code;
    }
    portico_set_status(request, 201);
    return reply_text(request, "written");
}

static int list_notes(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *rows = NULL, *view = portico_object(request);
    int code = portico_query(
        portico_db(request), "SELECT word FROM trial_note WHERE word > ? ORDER BY word LIMIT 5000",
        PORTICO_ARGS(portico_arg_text(portico_query_param(request, "after"))), &rows, &error);
    if (code < 0) {
        portico_log(request, PORTICO_LOG_ERROR, "%s", error.message);
        return code;
    }
    portico_set(view, "notes", rows);
    return portico_reply_json(request, view);
}

static int check(struct portico_context *context, char *ret_message, size_t size)
{
    portico_log(context, PORTICO_LOG_INFO, "The trial is asked how it is.");
    if (strcmp(portico_setting_text(context, "health"), "failed") != 0)
        return PORTICO_HEALTHY;
    snprintf(ret_message, size, "The trial says it is unwell.");
    return PORTICO_FAILED;
}

static int start(struct portico_context *context, struct portico_error *error)
{
    const char *refusal = portico_setting_text(context, "refusal");
    note(portico_setting_text(context, "journal"), "start");
    if (!refusal || !*refusal)
        return 0;
    error->code = PORTICO_EINVAL;
    snprintf(error->message, sizeof error->message, "The trial does not start: %s.", refusal);
    return PORTICO_EINVAL;
}

static void stop(struct portico_context *context)
{
    note(portico_setting_text(context, "journal"), "stop");
}

#define FLOODED "portal.trial.flood.came"

/* So many live events about one subject at once. */
static int flood(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_db *db = portico_db(request);
    const struct portico_emission emission = {
        .size = sizeof emission,
        .type = FLOODED,
        .subject = portico_param(request, "subject"),
        .audience = PORTICO_AUDIENCE_EVERYONE,
    };
    int count = atoi(portico_param(request, "count"));
    int code = portico_begin(db, &error);
    for (int i = 0; code == 0 && i < count; i++)
        code = portico_emit(portico_events(request), &emission, NULL, &error);
    if (code == 0)
        code = portico_commit(db, &error);
    portico_rollback(db);
    return code < 0 ? code : reply_text(request, "flooded");
}

static const struct portico_event_type event_types[] = {
    { .type = FLOODED,
      .title = "A flood came",
      .data_schema = "{\"type\": \"object\"}",
      .flags = PORTICO_EVENT_LIVE },
};

static const struct portico_route routes[] = {
    { .method = "POST",
      .pattern = "/trial/flood/{subject}/{count}",
      .handler = flood,
      .permission = PORTICO_PUBLIC },
    { .method = "GET",
      .pattern = "/trial/hello/{name}",
      .handler = hello,
      .permission = PORTICO_PUBLIC },
    { .method = "GET",
      .pattern = "/trial/kept",
      .handler = kept,
      .permission = PORTICO_PUBLIC,
      .cache_seconds = 600 },
    { .method = "GET",
      .pattern = "/trial/personal",
      .handler = personal,
      .permission = PORTICO_PUBLIC,
      .cache_seconds = 600 },
    { .method = "GET",
      .pattern = "/trial/varied",
      .handler = varied,
      .permission = PORTICO_PUBLIC,
      .cache_seconds = 600 },
    { .method = "POST", .pattern = "/trial/echo", .handler = echo, .permission = PORTICO_PUBLIC },
    { .method = "GET",
      .pattern = "/trial/slow/{milliseconds}",
      .handler = slow,
      .permission = PORTICO_PUBLIC },
    { .method = "GET",
      .pattern = "/trial/late/{milliseconds}",
      .handler = slow,
      .permission = PORTICO_PUBLIC,
      .deadline_ms = 200 },
    { .method = "GET",
      .pattern = "/trial/spin",
      .handler = spin,
      .permission = PORTICO_PUBLIC,
      .deadline_ms = 200 },
    { .method = "GET", .pattern = "/trial/crash", .handler = crash, .permission = PORTICO_PUBLIC },
    { .method = "GET", .pattern = "/trial/leave", .handler = leave, .permission = PORTICO_PUBLIC },
    { .method = "GET", .pattern = "/trial/copy", .handler = copy, .permission = PORTICO_PUBLIC },
    { .method = "GET", .pattern = "/trial/run", .handler = run, .permission = PORTICO_PUBLIC },
    { .method = "GET",
      .pattern = "/trial/private",
      .handler = kept,
      .permission = PORTICO_SIGNED_IN },
    { .method = "POST",
      .pattern = "/trial/notes",
      .handler = add_note,
      .permission = PORTICO_PUBLIC },
    { .method = "GET",
      .pattern = "/trial/notes",
      .handler = list_notes,
      .permission = PORTICO_PUBLIC },
};

static const struct portico_setting settings[] = {
    { .key = "journal",
      .type = PORTICO_SETTING_TEXT,
      .initial = "",
      .title = "Where to note calls" },
    { .key = "refusal", .type = PORTICO_SETTING_TEXT, .initial = "", .title = "Why not to start" },
    { .key = "health",
      .type = PORTICO_SETTING_CHOICE,
      .initial = "healthy",
      .choices = "healthy failed",
      .title = "What its check says" },
    { .key = "release",
      .type = PORTICO_SETTING_TEXT,
      .initial = "",
      .title = "File that mends it" },
};

static const struct portico_navigation navigation[] = {
    { .path = "/trial/hello/you", .title = "Trial", .permission = PORTICO_PUBLIC },
};

static const struct portico_health_check checks[] = { { .name = "trial", .check = check } };

static const struct portico_personal_table personal_data[] = {
    { .table = "trial_note", .reason = "Words of the tests." },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Trial",
    .start = start,
    .stop = stop,
    .routes = PORTICO_LIST(routes),
    .event_types = PORTICO_LIST(event_types),
    .settings = PORTICO_LIST(settings),
    .navigation = PORTICO_LIST(navigation),
    .health_checks = PORTICO_LIST(checks),
    .personal_data = PORTICO_LIST(personal_data),
};
PORTICO_EXPORT_MODULE(module)
