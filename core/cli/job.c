/* `portico job`: the queue as it stands, and what an admin does about it. */
#include "job/job.h"
#include "base/clock.h"
#include "base/json.h"
#include "cli/action.h"
#include "cli/database.h"
#include "cli/modules.h"
#include "cli/terminal.h"
#include "cli/wake.h"
#include "server/host_jobs.h"

#include <portico/clock.h>
#include <stdio.h>
#include <stdlib.h>

#define LIST_LENGTH 50

struct job_action {
    struct cli_action action;
    int (*run)(const struct cli_call *call, struct cli_database *database);
};

static int64_t read_id(const struct cli_call *call)
{
    int64_t id = portico_id_read(call->arguments[1]);
    if (!id)
        fprintf(stderr,
                "portico job: `%s` is not the id of a job. `portico job list` shows them.\n",
                call->arguments[1]);
    return id;
}

/* ---- looking ---- */

/* An id or time as its JSON has it, without quotes. */
static const char *plain(const struct portico_value *object, const char *key, char *ret_text,
                         size_t size)
{
    struct buffer text = { 0 };
    const struct portico_value *member = portico_get(object, key);
    if (member)
        json_write(&text, (const struct value *)(const void *)member);
    char *found = buffer_text(&text);
    size_t length = found ? strlen(found) : 0;
    if (length >= 2 && *found == '"') {
        found[length - 1] = '\0';
        found++;
    }
    snprintf(ret_text, size, "%s", found && strcmp(found, "null") != 0 ? found : "");
    buffer_free(&text);
    return ret_text;
}

static void print_progress(const struct portico_value *job)
{
    long long done = (long long)portico_get_integer(job, "done", 0);
    long long total = (long long)portico_get_integer(job, "total", 0);
    const char *note = portico_get_text(job, "note", "");
    if (total)
        printf("    %lld of %lld  %s\n", done, total, note);
    else if (done)
        printf("    %lld done  %s\n", done, note);
    else if (*note)
        printf("    %s\n", note);
}

static void print_row(const struct portico_value *job)
{
    char id[32], when[40], name[160];
    const char *error = portico_get_text(job, "error", "");
    const char *state = portico_get_text(job, "state", "?");
    snprintf(name, sizeof name, "%s %s", portico_get_text(job, "module", "?"),
             portico_get_text(job, "name", "?"));
    const char *key = strcmp(state, "waiting") == 0 ? "next" : "finished";
    plain(job, key, when, sizeof when);
    if (strlen(when) > 19) /* to the second is enough here */
        memcpy(when + 19, "Z", 2);
    printf("%-20s %-10s %-32s %3lld/%-3lld  %s\n", plain(job, "id", id, sizeof id), state, name,
           (long long)portico_get_integer(job, "attempt", 0),
           (long long)portico_get_integer(job, "attempts", 0), when);
    print_progress(job);
    if (*error)
        printf("    %s\n", error);
}

static int list(const struct cli_call *call, struct cli_database *database)
{
    const char *wanted = cli_value(call, "state");
    int state = wanted ? job_state_named(wanted) : -1;
    struct value *jobs = NULL;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (wanted && state < 0) {
        fprintf(stderr,
                "portico job: a job is waiting, running, done, failed or cancelled, not "
                "`%s`.\n",
                wanted);
        return CLI_USAGE;
    }
    int code = job_list(database->session, state, LIST_LENGTH, &jobs, &error);
    if (code < 0)
        return cli_fail(call, &error);
    if (cli_value(call, "json")) {
        cli_print_json(jobs);
        return CLI_OK;
    }
    terminal_clean(jobs, NULL);
    if (portico_count(value_public(jobs)) == 0) {
        printf("There is no such job.\n");
        return CLI_OK;
    }
    printf("%-20s %-10s %-32s %-7s  %s\n", "ID", "STATE", "JOB", "TRY", "NEXT OR END");
    for (size_t i = 0; i < portico_count(value_public(jobs)); i++)
        print_row(portico_at(value_public(jobs), i));
    return CLI_OK;
}

static int show(const struct cli_call *call, struct cli_database *database)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct value *job = NULL;
    int64_t id = read_id(call);
    if (!id)
        return CLI_USAGE;
    int code = job_look(database->session, NULL, id, &job, &error);
    if (code < 0)
        return cli_fail(call, &error);
    if (cli_value(call, "json")) {
        cli_print_json(job);
        return CLI_OK;
    }
    terminal_clean(job, NULL);
    for (size_t i = 0; i < portico_count(value_public(job)); i++) {
        const char *key = portico_key_at(value_public(job), i);
        char text[4096];
        if (*plain(value_public(job), key, text, sizeof text))
            printf("%-12s %s\n", key, text);
    }
    return CLI_OK;
}

/* ---- changing ---- */

static const struct host_job *find_host_job(const char *name)
{
    for (size_t i = 0; i < host_job_count; i++) {
        if (strcmp(host_jobs[i].name, name) == 0)
            return &host_jobs[i];
    }
    return NULL;
}

static const struct portico_job_type *find_type(const struct portico_module *module,
                                                const char *name)
{
    for (uint32_t i = 0; module && i < module->jobs.count; i++) {
        const struct portico_job_type *type = cli_list_at(&module->jobs, i);
        if (strcmp(type->name, name) == 0)
            return type;
    }
    return NULL;
}

static void say_jobs(const char *module, const struct portico_module *descriptor)
{
    if (strcmp(module, HOST_MODULE) == 0) {
        for (size_t i = 0; i < host_job_count; i++)
            fprintf(stderr, "  %s\n", host_jobs[i].name);
    }
    for (uint32_t i = 0; descriptor && i < descriptor->jobs.count; i++) {
        const struct portico_job_type *type = cli_list_at(&descriptor->jobs, i);
        fprintf(stderr, "  %s: %s\n", type->name, type->title ? type->title : "");
    }
}

/* What the words of the call name; 0, or the exit code after a message. Texts are the call's. */
static int choose(const struct cli_call *call, struct job_request *ret_request)
{
    const char *module = call->arguments[1], *name = call->arguments[2];
    struct cli_modules modules = { 0 };
    int exit = cli_modules_inspect(call, &modules);
    if (exit)
        return exit;
    const struct portico_module *descriptor = cli_modules_descriptor(&modules, module);
    const struct portico_job_type *type = find_type(descriptor, name);
    const struct host_job *host = strcmp(module, HOST_MODULE) == 0 ? find_host_job(name) : NULL;
    if (type || host) {
        *ret_request = (struct job_request){ .module = module,
                                             .name = name,
                                             .kind = host ? JOB_HOST : JOB_MODULE,
                                             .attempts = host ? host->attempts : type->attempts };
    } else if (descriptor || strcmp(module, HOST_MODULE) == 0) {
        fprintf(stderr, "portico job: module `%s` has no job `%s`. It has:\n", module, name);
        say_jobs(module, descriptor);
        exit = CLI_USAGE;
    } else {
        fprintf(stderr,
                "portico job: no module `%s` is enabled. `portico module list` lists them.\n",
                module);
        exit = CLI_FAILED;
    }
    cli_modules_free(&modules);
    return exit;
}

static int queue(const struct cli_call *call, struct cli_database *database)
{
    const char *text = cli_value(call, "arguments");
    struct job_request request = { 0 };
    struct value *arguments = NULL;
    struct portico_error error = PORTICO_ERROR_INIT;
    int64_t id = 0;
    int exit = choose(call, &request);
    if (exit)
        return exit;
    if (text && (json_parse(database->arena, text, strlen(text), &arguments, &error) < 0 ||
                 arguments->kind != PORTICO_OBJECT)) {
        fprintf(stderr,
                "portico job: --arguments takes a JSON object such as '{\"space\": \"1\"}'. "
                "%s\n",
                error.message);
        return CLI_USAGE;
    }
    request.arguments = arguments;
    int code = job_queue(database->session, &request, &id, &error);
    if (code < 0)
        return cli_fail(call, &error);
    wake_portal(database->config);
    printf("Job %lld is queued.\n", (long long)id);
    return CLI_OK;
}

static int retry(const struct cli_call *call, struct cli_database *database)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    int64_t id = read_id(call);
    if (!id)
        return CLI_USAGE;
    int code = job_retry(database->session, id, &error);
    if (code < 0)
        return cli_fail(call, &error);
    wake_portal(database->config);
    printf("Job %lld waits again.\n", (long long)id);
    return CLI_OK;
}

static int cancel(const struct cli_call *call, struct cli_database *database)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    int64_t id = read_id(call);
    if (!id)
        return CLI_USAGE;
    int code = job_cancel(database->session, NULL, id, &error);
    if (code < 0)
        return cli_fail(call, &error);
    wake_portal(database->config);
    printf("Job %lld is cancelled; if it runs, it was asked to stop and does at its next call of "
           "portico_job_progress.\n",
           (long long)id);
    return CLI_OK;
}

static const struct job_action actions[] = {
    { { "list", "", 0, 0 }, list },
    { { "show", " ID", 1, 1 }, show },
    { { "run", " MODULE NAME", 2, 2 }, queue },
    { { "retry", " ID", 1, 1 }, retry },
    { { "cancel", " ID", 1, 1 }, cancel },
};

static int run(const struct cli_call *call)
{
    const struct job_action *action = CLI_FIND_ACTION(call, actions);
    if (!action)
        return CLI_USAGE;
    struct cli_database database = { 0 };
    int exit = cli_database_open(call, &database);
    if (exit == 0)
        exit = action->run(call, &database);
    cli_database_close(&database);
    return exit;
}

static const struct cli_option options[] = {
    { "state", "STATE", "With list: only those waiting, running, done, failed or cancelled." },
    { "arguments", "JSON", "With run: an object the job gets." },
    { "json", NULL, "With list and show: prints JSON." },
};

const struct cli_command cli_job = {
    .name = "job",
    .summary = "list, show, run, retry or cancel jobs",
    .arguments = "list | show ID | run MODULE NAME | retry ID | cancel ID",
    .arguments_least = 1,
    .arguments_most = 3,
    .description =
        "Looks into the queue of jobs and deliveries of events, beside a running portal or without "
        "one. `list` shows the newest fifty with state, try, time of the next try or of the end, "
        "and "
        "progress; `show` shows all about "
        "one.\n\n"
        "`run` queues a job of an enabled module, or of the host (module `core`), out of its "
        "schedule. `retry` lets one that was given up or cancelled wait again from its first try. "
        "`cancel` takes a waiting one out of the queue and asks a running one to stop.",
    CLI_OPTIONS(options),
    .run = run,
};
