#include "server/supervisor.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "server/process.h"
#include "server/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define QUICK 1000000         /* µs: a worker that lives shorter died quickly */
#define BACK_OFF_FIRST 100000 /* after the second quick death, then twice as long each time */
#define BACK_OFF_LAST 10000000
#define STUCK_DRAIN 5000000 /* a worker with stuck handlers gets no more to finish the others */

const char *worker_process_word(const struct worker_process *worker)
{
    return worker->kind == WORKER_JOBS ? "Jobs process" : "Worker";
}

static void on_message(struct worker_process *worker, const struct value *message)
{
    struct supervisor *supervisor = worker->supervisor;
    const char *type = channel_text(message, "type");
    if (strcmp(type, "ready") == 0 && worker->state == WORKER_STARTING) {
        struct generation *generation = worker->generation;
        struct value *modules = value_get(message, TEXT("modules"));
        worker->state = WORKER_READY;
        worker->beat_seen = clock_steady();
        if (modules && modules->kind == PORTICO_LISTING && !generation->modules) {
            struct buffer text = { 0 };
            json_write(&text, modules);
            json_parse(generation->arena, text.data, text.length, &generation->modules, NULL);
            buffer_free(&text);
        }
        change_worker_ready(supervisor, worker);
    } else if (strcmp(type, "refused") == 0 && worker->state == WORKER_STARTING) {
        change_worker_refused(supervisor, worker, channel_text(message, "reason"));
    } else if (strcmp(type, "replace") == 0 && worker->state == WORKER_SERVING) {
        if (!worker->replaced) /* once: it could put the blame for one hang on everything */
            blame_stuck(supervisor, worker, channel_text(message, "route"));
        generation_replace(worker);
    } else if (strcmp(type, "open") == 0 || strcmp(type, "closed") == 0) {
        blame_breaker(supervisor, worker, channel_text(message, "route"), *type == 'o',
                      channel_integer(message, "wait"));
    } else if (strcmp(type, "tried") == 0) {
        blame_tried(supervisor, channel_text(message, "route"));
    }
}

static void on_channel(evutil_socket_t descriptor, short what, void *data)
{
    struct worker_process *worker = data;
    (void)what;
    /* A few at a time: a worker that floods its channel does not hold up the others. */
    for (int i = 0; i < 16; i++) {
        struct arena *arena = arena_new(0);
        struct value *message = NULL;
        int passed = -1;
        int got = arena ? channel_receive(descriptor, arena, &message, &passed) : 0;
        if (passed >= 0)
            close(passed);
        if (got > 0)
            on_message(worker, message);
        if (arena)
            arena_free(arena);
        if (got < 0) /* it ended, or talks nonsense: SIGCHLD or the watchdog settles it */
            event_del(worker->event);
        if (got <= 0)
            return;
    }
}

static void worker_process_free(struct worker_process *worker)
{
    board_set_state(worker->supervisor->board, worker->slot, BOARD_ENDED);
    if (worker->event)
        event_free(worker->event);
    if (worker->channel >= 0)
        close(worker->channel);
    server_page_unmap(worker->page);
    g_free(worker);
}

/* With the descriptors of enum worker_descriptor in their order. */
static pid_t start_process(struct worker_process *worker, int channel, int page,
                           struct portico_error *error)
{
    const struct generation *generation = worker->generation;
    int descriptors[WORKER_LISTENERS - WORKER_CHANNEL + LISTENER_MAX] = {
        channel, page, generation->handed[0], worker->supervisor->board_file,
        worker->supervisor->wake
    };
    size_t count = worker->kind == WORKER_JOBS ? 0 : generation->listeners.count;
    char slot[16], number[16], listeners[16], parent[16];
    for (size_t i = 0; i < count; i++)
        descriptors[WORKER_LISTENERS - WORKER_CHANNEL + i] =
            generation->listeners.items[i].descriptor;
    snprintf(slot, sizeof slot, "%u", worker->slot);
    snprintf(number, sizeof number, "%u", generation->number);
    snprintf(listeners, sizeof listeners, "%zu", count);
    snprintf(parent, sizeof parent, "%d", (int)getpid());
    const char *const arguments[] = { "worker",
                                      "--config",
                                      worker->supervisor->options->config,
                                      "--slot",
                                      slot,
                                      "--generation",
                                      number,
                                      "--listeners",
                                      listeners,
                                      "--supervisor",
                                      parent,
                                      worker->kind == WORKER_JOBS ? "--jobs" : NULL,
                                      NULL };
    const struct process_options options = { .arguments = arguments,
                                             .descriptors = descriptors,
                                             .descriptor_count =
                                                 WORKER_LISTENERS - WORKER_CHANNEL + count,
                                             .output = -1 };
    return process_start(&options, error);
}

static int start_worker(struct generation *generation, enum worker_kind kind,
                        struct worker_process *replaces, struct portico_error *error)
{
    struct supervisor *supervisor = generation->supervisor;
    struct worker_process *worker = g_new0(struct worker_process, 1);
    int ends[2] = { -1, -1 };
    worker->kind = kind;
    worker->supervisor = supervisor;
    worker->generation = generation;
    worker->replaces = replaces;
    worker->slot = supervisor_free_slot(supervisor);
    worker->channel = -1;
    worker->started = worker->beat_seen = clock_steady();
    int page = server_page_create(&worker->page);
    int code =
        page >= 0 && channel_pair(ends) == 0
            ? 0
            : error_set(error, PORTICO_EIO, "Cannot make a worker's channel: %s.", strerror(errno));
    board_set_state(supervisor->board, worker->slot,
                    kind == WORKER_JOBS ? BOARD_LIVING_JOBS : BOARD_LIVING);
    if (code == 0)
        code = worker->pid = start_process(worker, ends[1], page, error);
    if (page >= 0)
        close(page);
    if (ends[1] >= 0)
        close(ends[1]);
    worker->channel = ends[0];
    if (code < 0) {
        worker_process_free(worker);
        return code;
    }
    worker->event = event_new(supervisor->base, ends[0], EV_READ | EV_PERSIST, on_channel, worker);
    event_add(worker->event, NULL);
    g_ptr_array_add(generation->workers, worker);
    return 0;
}

static unsigned count_lasting(const struct generation *generation, enum worker_kind kind)
{
    unsigned count = 0;
    for (guint i = 0; i < generation->workers->len; i++) {
        const struct worker_process *worker = g_ptr_array_index(generation->workers, i);
        count += worker->kind == kind && worker->state != WORKER_DRAINING && !worker->condemned &&
                 !worker->replaces;
    }
    return count;
}

int generation_fill(struct generation *generation, struct portico_error *error)
{
    const unsigned wanted[] = {
        [WORKER_SERVES] = generation->settings.workers, [WORKER_JOBS] = generation->settings.jobs
    };
    int code = 0;
    for (int kind = WORKER_SERVES; kind <= WORKER_JOBS; kind++) {
        while (code >= 0 && count_lasting(generation, kind) < wanted[kind])
            code = start_worker(generation, kind, NULL, error);
    }
    return code;
}

int generation_replace(struct worker_process *old)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    if (old->replaced || old->supervisor->stopping || old->generation->draining)
        return 0;
    int code = start_worker(old->generation, old->kind, old, &error);
    old->replaced = code >= 0;
    if (code < 0)
        log_error("%s %u cannot be replaced: %s", worker_process_word(old), old->slot,
                  error.message);
    return code;
}

static void on_respawn(evutil_socket_t descriptor, short what, void *data)
{
    struct generation *generation = data;
    struct portico_error error = PORTICO_ERROR_INIT;
    (void)descriptor;
    (void)what;
    if (generation->draining || generation->supervisor->stopping ||
        generation->supervisor->poisoned)
        return;
    if (generation_fill(generation, &error) < 0) {
        log_error("%s It is tried again.", error.message);
        const struct timeval time = { .tv_sec = 1 };
        event_add(generation->respawn, &time);
    }
}

struct generation *generation_new(struct supervisor *supervisor, const struct listener_set *old,
                                  struct buffer *report, struct portico_error *error)
{
    struct generation *generation = g_new0(struct generation, 1);
    generation->supervisor = supervisor;
    generation->number = ++supervisor->generations;
    generation->handed[0] = generation->handed[1] = -1;
    generation->workers = g_ptr_array_new();
    generation->arena = arena_new(0);
    generation->started = clock_steady();
    generation->respawn = evtimer_new(supervisor->base, on_respawn, generation);
    int code = config_load(supervisor->options->config, &generation->config, error);
    for (size_t i = 0; code == 0 && i < config_problem_count(generation->config); i++) {
        const struct config_problem *problem = config_problem_at(generation->config, i);
        buffer_printf(report, "%s:%u: %s\n", problem->file ? problem->file : "", problem->line,
                      problem->message);
    }
    if (code == 0 && config_problem_count(generation->config))
        code = error_set(error, PORTICO_EINVAL, "%s has problems.", supervisor->options->config);
    if (code == 0)
        code = server_settings_read(generation->config, &generation->settings, error);
    if (code == 0)
        code = listener_open(generation->settings.listen, old, &generation->listeners, error);
    if (code == 0 && channel_pair(generation->handed) != 0)
        code = error_set(error, PORTICO_EIO, "Cannot make a socket pair: %s.", strerror(errno));
    if (code == 0)
        return generation;
    generation_free(generation);
    return NULL;
}

void generation_free(struct generation *generation)
{
    if (!generation)
        return;
    const struct supervisor *supervisor = generation->supervisor;
    const struct generation *heir = generation == supervisor->current ? NULL : supervisor->current;
    listener_close(&generation->listeners, heir ? &heir->listeners : NULL);
    for (int i = 0; i < 2; i++) {
        if (generation->handed[i] >= 0)
            close(generation->handed[i]);
    }
    if (generation->respawn)
        event_free(generation->respawn);
    server_settings_free(&generation->settings);
    if (generation->config)
        config_free(generation->config);
    g_ptr_array_free(generation->workers, TRUE);
    arena_free(generation->arena);
    g_free(generation);
}

static void serve_one(struct worker_process *worker)
{
    if (worker->state != WORKER_READY)
        return;
    worker->state = WORKER_SERVING;
    blame_tell(worker->supervisor, worker);
    channel_send_type(worker->channel, "serve", -1);
    if (worker->kind == WORKER_JOBS)
        generation_tell_gone(worker);
    struct worker_process *old = worker->replaces;
    worker->replaces = NULL;
    if (old)
        worker_process_drain(old, worker->generation, STUCK_DRAIN);
}

void generation_serve(struct generation *generation)
{
    for (guint i = 0; i < generation->workers->len; i++)
        serve_one(g_ptr_array_index(generation->workers, i));
}

void worker_process_drain(struct worker_process *worker, const struct generation *heir,
                          int64_t limit)
{
    if (worker->state == WORKER_STARTING) {
        worker->condemned = true;
        kill(worker->pid, SIGKILL);
        return;
    }
    struct arena *arena = arena_new(0);
    struct value *message = arena ? value_new(arena, PORTICO_OBJECT) : NULL;
    worker->state = WORKER_DRAINING;
    if (message) {
        value_set_text(message, "type", "drain");
        value_set_integer(message, "limit", limit);
    }
    int give = heir && worker->kind == WORKER_SERVES ? heir->handed[1] : -1;
    if (!message || channel_send(worker->channel, message, give) != 0)
        kill(worker->pid, SIGTERM);
    if (arena)
        arena_free(arena);
}

void generation_drain(struct generation *generation, const struct generation *heir)
{
    generation->draining = true;
    event_del(generation->respawn);
    for (guint i = 0; i < generation->workers->len; i++)
        worker_process_drain(g_ptr_array_index(generation->workers, i), heir,
                             generation->settings.drain_time);
}

void generation_kill(struct generation *generation)
{
    for (guint i = 0; i < generation->workers->len; i++) {
        struct worker_process *worker = g_ptr_array_index(generation->workers, i);
        worker->condemned = true;
        kill(worker->pid, SIGKILL);
    }
}

bool generation_all_ready(const struct generation *generation)
{
    for (guint i = 0; i < generation->workers->len; i++) {
        const struct worker_process *worker = g_ptr_array_index(generation->workers, i);
        if (worker->state == WORKER_STARTING)
            return false;
    }
    return generation->workers->len >= generation->settings.workers + generation->settings.jobs;
}

/* At once the first time; the quicker it keeps dying the longer the pause: no fork storm. */
static void respawn_later(struct generation *generation, int64_t lived)
{
    generation->quick_deaths = lived < QUICK ? generation->quick_deaths + 1 : 0;
    int64_t wait = 0;
    if (generation->quick_deaths > 1) {
        unsigned doubled = generation->quick_deaths - 2 < 10 ? generation->quick_deaths - 2 : 10;
        wait = (int64_t)BACK_OFF_FIRST << doubled;
        wait = wait > BACK_OFF_LAST ? BACK_OFF_LAST : wait;
        log_warning("Processes keep dying quickly; the next one starts in %lld ms.",
                    (long long)(wait / 1000));
    }
    if (wait == 0) {
        on_respawn(-1, 0, generation);
        return;
    }
    const struct timeval time = { .tv_sec = wait / 1000000, .tv_usec = wait % 1000000 };
    event_add(generation->respawn, &time);
}

static void report_end(struct worker_process *worker, int status)
{
    char end[80], running[512];
    /* Nobody but a module ends a worker that was not asked to go. */
    bool asked = worker->state == WORKER_DRAINING || worker->generation->draining ||
                 worker->supervisor->stopping;
    bool expected = worker->condemned || (asked && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    if (expected) {
        log_debug("%s %u (pid %d) ended.", worker_process_word(worker), worker->slot,
                  (int)worker->pid);
        return;
    }
    process_end_text(status, end, sizeof end);
    blame_worker(worker->supervisor, worker, status, running, sizeof running);
    log_error("%s %u (pid %d) %s%s%s.", worker_process_word(worker), worker->slot, (int)worker->pid,
              end, *running ? " while it ran " : "", running);
}

/* A worker that died before it could serve takes its whole generation along. */
static void refuse_dead(struct worker_process *worker, int status)
{
    char end[80], doing[160], reason[400];
    process_end_text(status, end, sizeof end);
    blame_start(worker, doing, sizeof doing);
    snprintf(reason, sizeof reason, "A new %s %s %s%s.",
             worker->kind == WORKER_JOBS ? "jobs process" : "worker", end,
             *doing ? "while " : "before it could serve; the log says more", doing);
    if (*doing)
        g_strlcat(reason, " Mend or disable it.", sizeof reason);
    change_worker_refused(worker->supervisor, worker, reason);
}

struct gone {
    const struct worker_process *worker;
    struct worker_process *told;
};

static void choose_heir(struct worker_process *worker, void *data)
{
    struct gone *gone = data;
    if (worker != gone->worker && worker->kind == WORKER_JOBS && worker->state == WORKER_SERVING)
        gone->told = worker;
}

/* What a dead jobs process held need not wait for the end of its lease: another is told of it, or
 * the next one when it serves. */
static void tell_gone(const struct worker_process *worker)
{
    struct supervisor *supervisor = worker->supervisor;
    struct gone gone = { .worker = worker };
    g_array_append_vals(supervisor->gone, &(struct supervisor_gone){ worker->pid, worker->slot },
                        1);
    supervisor_each(supervisor, choose_heir, &gone);
    if (gone.told)
        generation_tell_gone(gone.told);
}

void generation_tell_gone(struct worker_process *worker)
{
    GArray *list = worker->supervisor->gone;
    for (guint i = 0; i < list->len; i++) {
        const struct supervisor_gone *gone = &g_array_index(list, struct supervisor_gone, i);
        struct arena *arena = arena_new(0);
        struct value *message = arena ? value_new(arena, PORTICO_OBJECT) : NULL;
        if (message) {
            value_set_text(message, "type", "gone");
            value_set_integer(message, "pid", gone->pid);
            value_set_integer(message, "slot", gone->slot);
            channel_send(worker->channel, message, -1);
        }
        arena_free(arena);
    }
    g_array_set_size(list, 0);
}

void generation_worker_ended(struct worker_process *worker, int status)
{
    struct generation *generation = worker->generation;
    struct supervisor *supervisor = worker->supervisor;
    int64_t lived = clock_steady() - worker->started;
    bool missed = worker->state != WORKER_DRAINING && !generation->draining;
    bool poisoned = WIFEXITED(status) && WEXITSTATUS(status) == SERVER_EXIT_POISONED;
    bool starting = worker->state == WORKER_STARTING;
    report_end(worker, status);
    blame_gone(supervisor, worker);
    if (worker->kind == WORKER_JOBS)
        tell_gone(worker);
    for (guint i = 0; i < generation->workers->len; i++) {
        struct worker_process *other = g_ptr_array_index(generation->workers, i);
        if (other->replaces == worker)
            other->replaces = NULL;
    }
    if (worker->replaces)
        worker->replaces->replaced = false;
    g_ptr_array_remove(generation->workers, worker);
    if (poisoned)
        change_recover(supervisor);
    if (starting && generation == supervisor->next && !supervisor->stopping) {
        refuse_dead(worker, status);
    } else if (missed && !supervisor->stopping && !supervisor->poisoned &&
               generation == supervisor->current) {
        respawn_later(generation, lived);
    }
    worker_process_free(worker);
}
