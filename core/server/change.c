/* Taking a config into service, one step after the other, none of which blocks the supervisor. */
#include "server/supervisor.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "server/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define TASK_TIME (600 * 1000000ll) /* µs: migrations may rewrite large tables */
#define RECOVER_AGAIN 5000000
#define TASK_TEXT_MAX 65536

static void go_on(struct supervisor *supervisor);

/* ---- child programs ---- */

static const char *const check_words[] = { "check", NULL };
static const char *const recover_words[] = { "worker", "--recover", NULL };
static const char *const before_words[] = { "migrate", "--phase", "before", "--quiet", NULL };
static const char *const after_words[] = { "migrate", "--phase", "after", "--quiet", NULL };

static const struct {
    const char *const *words;
    const char *what;
} tasks[] = {
    [CHANGE_RECOVER] = { recover_words, "The recovery of the database" },
    [CHANGE_CHECK] = { check_words, "The check" },
    [CHANGE_BEFORE] = { before_words, "The migration of the database" },
    [CHANGE_AFTER] = { after_words, "The second half of the migration" },
};

static void on_task_output(evutil_socket_t descriptor, short what, void *data)
{
    struct supervisor *supervisor = data;
    (void)what;
    char text[4096];
    ssize_t got = read(descriptor, text, sizeof text);
    if (got > 0 && supervisor->task_text.length < TASK_TEXT_MAX)
        buffer_append(&supervisor->task_text, text, (size_t)got);
    if (got == 0)
        event_del(supervisor->task_event);
}

static void close_task(struct supervisor *supervisor)
{
    if (supervisor->task_event) {
        /* The child is gone; what it said last may still lie in the pipe. */
        fcntl(supervisor->task_output, F_SETFL, O_NONBLOCK);
        for (int i = 0; i < 16; i++)
            on_task_output(supervisor->task_output, EV_READ, supervisor);
        event_free(supervisor->task_event);
        close(supervisor->task_output);
    }
    supervisor->task_event = NULL;
    supervisor->task = 0;
}

static int start_task(struct supervisor *supervisor, enum change_step step,
                      struct portico_error *error)
{
    const char *arguments[8];
    size_t count = 0;
    int ends[2];
    for (const char *const *word = tasks[step].words; *word; word++)
        arguments[count++] = *word;
    arguments[count++] = "--config";
    arguments[count++] = supervisor->options->config;
    arguments[count] = NULL;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return error_set(error, PORTICO_EBUSY, "Cannot make a pipe: %s.", strerror(errno));
    const struct process_options options = { .arguments = arguments, .output = ends[1] };
    pid_t pid = process_start(&options, error);
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return pid;
    }
    supervisor->task = pid;
    supervisor->task_output = ends[0];
    supervisor->step = step;
    supervisor->step_deadline = clock_steady() + TASK_TIME;
    buffer_clear(&supervisor->task_text);
    supervisor->task_event =
        event_new(supervisor->base, ends[0], EV_READ | EV_PERSIST, on_task_output, supervisor);
    event_add(supervisor->task_event, NULL);
    return 0;
}

/* ---- outcomes ---- */

static void reply(GPtrArray *clients, bool well, unsigned generation, const char *reason)
{
    struct arena *arena = arena_new(0);
    struct value *answer = arena ? value_new(arena, PORTICO_OBJECT) : NULL;
    if (answer) {
        value_set_boolean(answer, "ok", well);
        value_set_integer(answer, "generation", generation);
        if (reason)
            value_set_text(answer, "reason", reason);
    }
    for (guint i = 0; answer && i < clients->len; i++)
        control_reply(g_ptr_array_index(clients, i), answer);
    g_ptr_array_set_size(clients, 0);
    if (arena)
        arena_free(arena);
}

/* The new generation goes; the old one, if there is one, serves on as if nothing had been. */
static void refuse(struct supervisor *supervisor, const char *reason)
{
    struct generation *current = supervisor->current;
    if (supervisor->next) {
        supervisor->next->draining = true;
        generation_kill(supervisor->next);
        g_ptr_array_add(supervisor->old, supervisor->next);
        supervisor->next = NULL;
    }
    supervisor->step = CHANGE_NONE;
    buffer_clear(&supervisor->last_refusal);
    buffer_append_text(&supervisor->last_refusal, reason);
    if (current)
        log_error("The new config was refused and generation %u serves on. %s", current->number,
                  reason);
    else
        log_error("The portal does not start. %s", reason);
    reply(supervisor->waiting, false, current ? current->number : 0, reason);
    if (current)
        supervisor_notify("READY=1");
    if (!current)
        supervisor_stop(supervisor, SUPERVISOR_REFUSED);
    go_on(supervisor);
}

static void refuse_with(struct supervisor *supervisor, const struct buffer *report,
                        const char *message)
{
    struct buffer text = { 0 };
    buffer_append(&text, report->data, report->length);
    if (text.length && text.data[text.length - 1] != '\n')
        buffer_append_char(&text, '\n');
    buffer_append_text(&text, message);
    char *reason = buffer_text(&text);
    refuse(supervisor, reason ? reason : message);
    buffer_free(&text);
}

static void announce(const struct supervisor *supervisor)
{
    const struct generation *current = supervisor->current;
    for (size_t i = 0; i < current->listeners.count; i++)
        log_info("Portico serves at %s", current->listeners.items[i].shown);
}

static void switch_over(struct supervisor *supervisor)
{
    struct generation *old = supervisor->current;
    supervisor->current = supervisor->next;
    supervisor->next = NULL;
    supervisor->step = CHANGE_NONE;
    supervisor->after_due = true;
    supervisor->last_change = clock_now();
    buffer_clear(&supervisor->last_refusal);
    blame_forget(supervisor);
    log_set_level(supervisor->current->settings.log_level);
    generation_serve(supervisor->current);
    if (old) {
        log_info("Generation %u serves; generation %u finishes what is under way.",
                 supervisor->current->number, old->number);
        g_ptr_array_add(supervisor->old, old);
        generation_drain(old, supervisor->current);
    } else {
        announce(supervisor);
    }
    supervisor_notify("READY=1");
    reply(supervisor->waiting, true, supervisor->current->number, NULL);
    go_on(supervisor);
}

/* ---- steps ---- */

static void run_task(struct supervisor *supervisor, enum change_step step)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    if (start_task(supervisor, step, &error) < 0)
        refuse(supervisor, error.message);
}

static void start_next(struct supervisor *supervisor)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct buffer report = { 0 };
    const struct generation *current = supervisor->current;
    supervisor->next =
        generation_new(supervisor, current ? &current->listeners : NULL, &report, &error);
    supervisor->step = CHANGE_START;
    if (supervisor->next)
        supervisor->step_deadline = clock_steady() + supervisor->next->settings.start_time;
    if (!supervisor->next || generation_fill(supervisor->next, &error) < 0)
        refuse_with(supervisor, &report, error.message);
    buffer_free(&report);
}

void change_begin(struct supervisor *supervisor, struct control_client *client)
{
    if (supervisor->step != CHANGE_NONE || supervisor->poisoned) {
        if (client)
            g_ptr_array_add(supervisor->queued, client);
        supervisor->queued_change = true;
        return;
    }
    if (client)
        g_ptr_array_add(supervisor->waiting, client);
    if (supervisor->current)
        supervisor_notify("RELOADING=1");
    run_task(supervisor, supervisor->current ? CHANGE_CHECK : CHANGE_RECOVER);
}

/* Between changes: what is due next. */
static void go_on(struct supervisor *supervisor)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    if (supervisor->step != CHANGE_NONE || supervisor->stopping || supervisor->poisoned)
        return;
    if (supervisor->after_due && supervisor->old->len == 0) {
        supervisor->after_due = false;
        if (start_task(supervisor, CHANGE_AFTER, &error) < 0)
            log_error("%s", error.message);
        return;
    }
    if (!supervisor->queued_change)
        return;
    supervisor->queued_change = false;
    GPtrArray *clients = supervisor->waiting;
    supervisor->waiting = supervisor->queued;
    supervisor->queued = clients;
    change_begin(supervisor, NULL);
}

static void recovered(struct supervisor *supervisor)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    supervisor->step = CHANGE_NONE;
    supervisor->poisoned = false;
    log_info("The database was verified and the workers start again.");
    if (generation_fill(supervisor->current, &error) < 0)
        log_error("%s", error.message);
    go_on(supervisor);
}

void change_task_ended(struct supervisor *supervisor, int status)
{
    enum change_step step = supervisor->step;
    bool well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    char end[80], message[200];
    close_task(supervisor);
    snprintf(message, sizeof message, "%s %s.", tasks[step].what,
             process_end_text(status, end, sizeof end));
    if (supervisor->stopping) {
        supervisor->step = CHANGE_NONE;
    } else if (step == CHANGE_RECOVER && supervisor->current) {
        if (well) {
            recovered(supervisor);
            return;
        }
        char *said = buffer_text(&supervisor->task_text);
        log_error("%s It is tried again. %s", message, said ? said : "");
        supervisor->step = CHANGE_NONE;
        supervisor->retry_at = clock_steady() + RECOVER_AGAIN;
    } else if (step == CHANGE_AFTER) {
        char *said = buffer_text(&supervisor->task_text);
        if (!well)
            log_error("%s %s", message, said ? said : "");
        supervisor->step = CHANGE_NONE;
        go_on(supervisor);
    } else if (!well) {
        refuse_with(supervisor, &supervisor->task_text, message);
    } else if (step == CHANGE_BEFORE) {
        start_next(supervisor);
    } else {
        run_task(supervisor, CHANGE_BEFORE);
    }
}

void change_worker_ready(struct supervisor *supervisor, struct worker_process *worker)
{
    if (supervisor->stopping)
        return;
    if (worker->generation == supervisor->current)
        generation_serve(supervisor->current);
    else if (worker->generation == supervisor->next && generation_all_ready(supervisor->next))
        switch_over(supervisor);
}

void change_worker_refused(struct supervisor *supervisor, struct worker_process *worker,
                           const char *reason)
{
    if (worker->generation == supervisor->next)
        refuse(supervisor, reason);
    else if (!worker->condemned)
        log_error("%s %u does not start: %s", worker_process_word(worker), worker->slot, reason);
}

void change_generation_gone(struct supervisor *supervisor)
{
    go_on(supervisor);
}

void change_recover(struct supervisor *supervisor)
{
    if (supervisor->poisoned)
        return;
    log_error("The database's log is poisoned: all workers end, one process verifies it.");
    supervisor->poisoned = true;
    if (supervisor->current)
        generation_kill(supervisor->current);
    for (guint i = 0; i < supervisor->old->len; i++)
        generation_kill(g_ptr_array_index(supervisor->old, i));
}

/* Says what the first worker that is not ready was still doing. */
static void refuse_late(struct supervisor *supervisor)
{
    const struct generation *next = supervisor->next;
    char doing[160] = "", reason[256];
    for (guint i = 0; i < next->workers->len && !*doing; i++)
        blame_start(g_ptr_array_index(next->workers, i), doing, sizeof doing);
    snprintf(reason, sizeof reason, "Its workers were not ready in time%s%s.%s", *doing ? ": " : "",
             doing, *doing ? " Mend or disable it." : "");
    refuse(supervisor, reason);
}

static void count_worker(struct worker_process *worker, void *data)
{
    (void)worker;
    ++*(unsigned *)data;
}

void change_tick(struct supervisor *supervisor, int64_t now)
{
    if (supervisor->step != CHANGE_NONE && now > supervisor->step_deadline) {
        if (supervisor->task)
            kill(supervisor->task, SIGKILL);
        else if (supervisor->step == CHANGE_START)
            refuse_late(supervisor);
    }
    unsigned workers = 0;
    supervisor_each(supervisor, count_worker, &workers);
    if (supervisor->poisoned && supervisor->step == CHANGE_NONE && workers == 0 &&
        !supervisor->stopping && now >= supervisor->retry_at) {
        struct portico_error error = PORTICO_ERROR_INIT;
        supervisor->retry_at = now + RECOVER_AGAIN;
        if (start_task(supervisor, CHANGE_RECOVER, &error) < 0)
            log_error("%s", error.message);
    }
}
