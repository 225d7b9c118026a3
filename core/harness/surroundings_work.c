/* Work of a jobs process, done here and now: what is queued, delivered and due by the clock. */
#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "harness/surroundings.h"
#include "harness/tables.h"
#include "module/interface.h"
#include "module/module.h"
#include "module/notices.h"
#include "module/services.h"
#include "server/work.h"

#include <portico/event.h>

#define TRIES_MAX 10000 /* a job that queues itself without end is a defect */

/* ---- jobs and deliveries ---- */

struct shift {
    struct bench *bench;
    GPtrArray *list; /* struct work */
};

static const struct work *work_of(const struct shift *shift, const char *module, const char *name,
                                  enum job_kind kind)
{
    for (guint i = 0; i < shift->list->len; i++) {
        const struct work *work = g_ptr_array_index(shift->list, i);
        if (work->kind == kind && strcmp(work->module, module) == 0 &&
            strcmp(work->name, name) == 0)
            return work;
    }
    return NULL;
}

/* The host's own queue entries wait, but for notices: mail is recorded, and nobody prunes a test.
 */
static bool takes(const char *module, const char *name, enum job_kind kind, void *data)
{
    return (kind != JOB_HOST || strcmp(name, NOTICE_JOB) == 0) &&
           work_of(data, module, name, kind) != NULL;
}

static unsigned unlimited(const char *module, const char *name, enum job_kind kind, void *data)
{
    (void)module;
    (void)name;
    (void)kind;
    (void)data;
    return 0;
}

static int deliver_to_host(struct bench *bench, const struct work *work,
                           struct store_session *session, const struct job_claim *claim,
                           const struct event_record *event, struct portico_error *error)
{
    struct module_job_watch watch = { 0 };
    const struct host_call call = { .host = &bench->room.host,
                                    .settings = &bench->room.settings,
                                    .session = session,
                                    .arena = store_session_arena(session),
                                    .claim = claim,
                                    .watch = &watch };
    return work->host_listener->handle(&call, event, error);
}

static int run_claim(struct shift *shift, struct store_session *session,
                     const struct job_claim *claim, struct portico_error *error)
{
    struct bench *bench = shift->bench;
    const struct work *work = work_of(shift, claim->module, claim->name, claim->kind);
    struct module_job_watch watch = { 0 };
    struct event_record event = { 0 };
    int code = 0;
    if (claim->kind == JOB_EVENT)
        code = event_load(session, event_of_delivery(claim), &event, error);
    if (code < 0)
        return code;
    if (claim->kind == JOB_HOST)
        return module_tell_notices(&bench->room.host, claim, &watch, error);
    if (!work->owner)
        return deliver_to_host(bench, work, session, claim, &event, error);
    tables_enter();
    code =
        claim->kind == JOB_EVENT
            ? module_call_event(&bench->room.host, work->owner, work->handler, &event, claim, error)
            : module_call_job(&bench->room.host, work->owner, work->type, claim, &watch, error);
    tables_leave();
    tables_check(bench, work->label);
    return code;
}

/* 1: one try was made; 0: nothing is due; negative: the queue failed. */
static int run_next(struct shift *shift, int *ret_failed)
{
    struct bench *bench = shift->bench;
    struct portico_error error = PORTICO_ERROR_INIT;
    struct arena *arena = arena_new(0);
    struct store_session *session =
        arena ? store_session_new(bench->room.store, arena, &store_viewer_host, HOST_MODULE) : NULL;
    const struct job_claimant claimant = {
        .runner = "test", .takes = takes, .data = shift, .concurrency = unlimited
    };
    struct job_claim claim;
    int code = session ? job_claim(session, &claimant, &claim, &bench->message) : PORTICO_ENOMEM;
    if (code > 0) {
        const struct work *work = work_of(shift, claim.module, claim.name, claim.kind);
        int result = run_claim(shift, session, &claim, &error);
        const char *reason = error.message[0] ? error.message : error_name(result);
        if (result < 0) {
            (*ret_failed)++;
            error_set(&bench->message, result, "%s: %s", work->label, reason);
        }
        int concluded = job_conclude(session, &claim, &work->policy, result, false,
                                     result < 0 ? reason : NULL, &error);
        code = concluded < 0 ? concluded : 1;
    }
    store_session_end(session);
    arena_free(arena);
    return code;
}

int surroundings_schedule(struct bench *bench)
{
    struct arena *arena = arena_new(0);
    struct store_session *session =
        arena ? store_session_new(bench->room.store, arena, &store_viewer_host, HOST_MODULE) : NULL;
    GArray *schedule = work_schedule(bench->room.registry);
    int64_t now = clock_now(), next = now;
    int code = session ? 0 : PORTICO_ENOMEM;
    while (code == 0 && next <= now)
        code = schedule_run(session, (const struct schedule_entry *)(const void *)schedule->data,
                            schedule->len, now, &next, &bench->message);
    g_array_free(schedule, TRUE);
    store_session_end(session);
    arena_free(arena);
    return code;
}

int surroundings_run_jobs(struct portico_bench *public)
{
    struct bench *bench = bench_of(public);
    struct shift shift = { bench, work_list(bench->room.registry) };
    int failed = 0;
    int code = surroundings_schedule(bench);
    for (unsigned tries = 0; code >= 0; tries++) {
        code = run_next(&shift, &failed);
        if (code == 0)
            break;
        if (code > 0 && tries == TRIES_MAX)
            code = error_set(&bench->message, PORTICO_ELIMIT,
                             "%d jobs ran and the queue is not empty: a job queues itself again "
                             "and again.",
                             TRIES_MAX);
    }
    g_ptr_array_free(shift.list, TRUE);
    bench_renew_context(bench);
    return code < 0 ? code : failed;
}

int surroundings_deliver_again(struct portico_bench *public)
{
    struct bench *bench = bench_of(public);
    struct arena *arena = arena_new(0);
    struct store_session *session =
        arena ? store_session_new(bench->room.store, arena, &store_viewer_host, HOST_MODULE) : NULL;
    int code =
        session ? store_host_execute(
                      session,
                      "{unfiltered deliveries of a test} UPDATE portico_job "
                      "SET state = ?, failures = 0, finished = NULL, due = ? "
                      "WHERE kind = ? AND state = ?",
                      PORTICO_ARGS(portico_arg_integer(JOB_WAITING), portico_arg_time(clock_now()),
                                   portico_arg_integer(JOB_EVENT), portico_arg_integer(JOB_DONE)),
                      NULL, &bench->message)
                : PORTICO_ENOMEM;
    store_session_end(session);
    arena_free(arena);
    return code < 0 ? code : surroundings_run_jobs(public);
}

/* ---- calls into modules ---- */

static int parse(struct bench *bench, const char *json, struct value **ret_value)
{
    return json ? json_parse(bench->arena, json, strlen(json), ret_value, &bench->message) : 0;
}

/* "portal.ID.entity.verb" is module ID's. */
static struct module *emitter_of(struct bench *bench, const char *type)
{
    const char *begin = type && strncmp(type, "portal.", 7) == 0 ? type + 7 : NULL;
    char *id = begin ? g_strndup(begin, strcspn(begin, ".")) : NULL;
    struct module *module = id ? registry_find(bench->room.registry, id) : NULL;
    g_free(id);
    if (!module)
        error_set(&bench->message, PORTICO_EINVAL,
                  "No loaded module emits `%s`: load its module with --with.", type ? type : "");
    return module;
}

int surroundings_emit(struct portico_bench *public, const char *type, const char *subject,
                      const char *data_json)
{
    struct bench *bench = bench_of(public);
    struct module *module = emitter_of(bench, type);
    struct value *data = NULL;
    int code = module ? parse(bench, data_json, &data) : PORTICO_EINVAL;
    struct arena *arena = code == 0 ? arena_new(0) : NULL;
    if (!arena)
        return code < 0 ? code : PORTICO_ENOMEM;
    struct call call = { 0 };
    call_begin(&call, CALL_COMMAND, &bench->room.host, module, bench->viewer, arena);
    struct portico_events *events = interface_event_open(&call.scope);
    const struct portico_emission emission = { .size = sizeof emission,
                                               .type = type,
                                               .subject = subject,
                                               .data = data ? value_public(data) : NULL };
    tables_enter();
    code = events ? interface_event.emit(events, &emission, NULL, &bench->message) : PORTICO_ENOMEM;
    tables_leave();
    call_end(&call);
    arena_free(arena);
    tables_check(bench, type);
    bench_renew_context(bench);
    return code;
}

int surroundings_call(struct portico_bench *public, const char *service, const char *method,
                      const char *arguments_json, struct portico_value **ret_result)
{
    struct bench *bench = bench_of(public);
    struct value *arguments = NULL, *result = NULL;
    char *key = g_strdup_printf("%s/%s", service, method);
    struct module_method *found = g_hash_table_lookup(bench->room.registry->methods, key);
    g_free(key);
    if (!found)
        return error_set(&bench->message, PORTICO_EINVAL,
                         "No loaded module has the method %s of the service %s.", method, service);
    int code = parse(bench, arguments_json, &arguments);
    bench_context(public);
    if (code < 0 || !bench->call)
        return code < 0 ? code : PORTICO_ENOMEM;
    tables_enter();
    code = services_call_method(&bench->call->scope, found, arguments, &result, &bench->message);
    tables_leave();
    tables_check(bench, found->label);
    bench_renew_context(bench);
    if (code >= 0 && ret_result)
        *ret_result = value_public(result);
    return code;
}

/* ---- commands ---- */

/* What the words hold beside arguments, and what the command wrote. */
struct terminal {
    char **words;
    const struct module *module;
    const char *command;
    struct buffer output;
};

static bool takes_value(const struct terminal *terminal, const char *name)
{
    const struct portico_list *list = &terminal->module->descriptor->command_options;
    const struct portico_command_option *options = list->items;
    for (uint32_t i = 0; i < list->count; i++)
        if (strcmp(options[i].command, terminal->command) == 0 &&
            strcmp(options[i].name, name) == 0)
            return options[i].argument != NULL;
    return false;
}

static const char *option(const char *name, void *data)
{
    const struct terminal *terminal = data;
    for (char **at = terminal->words + 1; *at; at++)
        if (strncmp(*at, "--", 2) == 0 && strcmp(*at + 2, name) == 0)
            return takes_value(terminal, name) ? at[1] : "";
    return NULL;
}

static int write_output(const char *text, size_t length, void *data)
{
    struct terminal *terminal = data;
    buffer_append(&terminal->output, text, length);
    return 0;
}

static int progress(int64_t done, int64_t total, void *data)
{
    (void)done;
    (void)total;
    (void)data;
    return 0;
}

static int run_command(struct bench *bench, const struct portico_command *command,
                       struct terminal *terminal)
{
    GPtrArray *arguments = g_ptr_array_new();
    for (char **at = terminal->words + 1; *at; at++) {
        if (strncmp(*at, "--", 2) != 0)
            g_ptr_array_add(arguments, *at);
        else if (takes_value(terminal, *at + 2) && at[1])
            at++;
    }
    int code;
    if (arguments->len < command->least || arguments->len > command->most) {
        code = error_set(&bench->message, PORTICO_EINVAL,
                         "The command %s takes %u to %u arguments, not %u.", command->name,
                         command->least, command->most, arguments->len);
    } else {
        const struct call_command call = {
            .option = option, .write = write_output, .progress = progress, .data = terminal
        };
        tables_enter();
        code = module_call_command(&bench->room.host, bench->module, command,
                                   (const char *const *)arguments->pdata, arguments->len, &call,
                                   &bench->message);
        tables_leave();
        tables_check(bench, command->name);
    }
    g_ptr_array_free(arguments, TRUE);
    return code;
}

int surroundings_command(struct portico_bench *public, const char *words, const char **ret_output)
{
    struct bench *bench = bench_of(public);
    struct terminal terminal = { .words = g_strsplit(words, " ", -1), .module = bench->module };
    const struct portico_list *list = &bench->module->descriptor->commands;
    const struct portico_command *commands = list->items;
    terminal.command = *terminal.words ? *terminal.words : "";
    int code = PORTICO_EINVAL;
    uint32_t at = 0;
    while (at < list->count && strcmp(commands[at].name, terminal.command) != 0)
        at++;
    if (at == list->count)
        error_set(&bench->message, code, "Module %s has no command `%s`.", bench->module->id,
                  terminal.command);
    else
        code = run_command(bench, &commands[at], &terminal);
    if (ret_output)
        *ret_output = arena_strndup(bench->arena, terminal.output.data ? terminal.output.data : "",
                                    terminal.output.length);
    buffer_free(&terminal.output);
    g_strfreev(terminal.words);
    bench_renew_context(bench);
    return code;
}
