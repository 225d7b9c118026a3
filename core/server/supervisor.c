#include "server/supervisor.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define TICK 250000
#define STOP_SLACK 2000000 /* µs a worker may need beyond its own draining time */

void supervisor_each(struct supervisor *supervisor,
                     void (*each)(struct worker_process *worker, void *data), void *data)
{
    struct generation *living[2] = { supervisor->current, supervisor->next };
    for (int g = 0; g < 2; g++) {
        for (guint i = 0; living[g] && i < living[g]->workers->len; i++)
            each(g_ptr_array_index(living[g]->workers, i), data);
    }
    for (guint g = 0; g < supervisor->old->len; g++) {
        struct generation *old = g_ptr_array_index(supervisor->old, g);
        for (guint i = 0; i < old->workers->len; i++)
            each(g_ptr_array_index(old->workers, i), data);
    }
}

struct search {
    pid_t pid;
    unsigned slot;
    struct worker_process *found;
};

static void match_pid(struct worker_process *worker, void *data)
{
    struct search *search = data;
    if (worker->pid == search->pid)
        search->found = worker;
}

static void match_slot(struct worker_process *worker, void *data)
{
    struct search *search = data;
    if (worker->slot == search->slot)
        search->found = worker;
}

struct worker_process *supervisor_find(struct supervisor *supervisor, pid_t pid)
{
    struct search search = { .pid = pid };
    supervisor_each(supervisor, match_pid, &search);
    return search.found;
}

unsigned supervisor_free_slot(const struct supervisor *supervisor)
{
    for (unsigned slot = 1; slot < ID_SLOT_WORKERS; slot++) {
        struct search search = { .slot = slot };
        supervisor_each((struct supervisor *)(uintptr_t)supervisor, match_slot, &search);
        if (!search.found)
            return slot;
    }
    return ID_SLOT_WORKERS;
}

void supervisor_notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (!path || (path[0] != '/' && path[0] != '@') || strlen(path) >= sizeof address.sun_path)
        return;
    memcpy(address.sun_path, path, strlen(path));
    if (path[0] == '@')
        address.sun_path[0] = '\0';
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
    if (descriptor >= 0) {
        sendto(descriptor, state, strlen(state), MSG_NOSIGNAL, (void *)&address, length);
        close(descriptor);
    }
}

/* ---- ending ---- */

static void count_worker(struct worker_process *worker, void *data)
{
    (void)worker;
    ++*(unsigned *)data;
}

void supervisor_end_if_empty(struct supervisor *supervisor)
{
    unsigned workers = 0;
    supervisor_each(supervisor, count_worker, &workers);
    if (supervisor->stopping && workers == 0 && !supervisor->task)
        event_base_loopbreak(supervisor->base);
}

static void drain_all(struct supervisor *supervisor)
{
    int64_t limit = 0;
    if (supervisor->next)
        generation_kill(supervisor->next);
    if (supervisor->current) {
        generation_drain(supervisor->current, NULL);
        limit = supervisor->current->settings.drain_time;
    }
    supervisor->stop_deadline = clock_steady() + limit + STOP_SLACK;
}

static void kill_all(struct supervisor *supervisor)
{
    if (supervisor->task)
        kill(supervisor->task, SIGKILL);
    if (supervisor->current)
        generation_kill(supervisor->current);
    if (supervisor->next)
        generation_kill(supervisor->next);
    for (guint i = 0; i < supervisor->old->len; i++)
        generation_kill(g_ptr_array_index(supervisor->old, i));
}

void supervisor_stop(struct supervisor *supervisor, int exit_code)
{
    if (supervisor->stopping)
        return;
    supervisor->stopping = true;
    supervisor->exit_code = exit_code;
    supervisor_notify("STOPPING=1");
    if (supervisor->task)
        kill(supervisor->task, SIGTERM);
    drain_all(supervisor);
    supervisor_end_if_empty(supervisor);
}

/* ---- events ---- */

static void on_stop_signal(evutil_socket_t number, short what, void *data)
{
    struct supervisor *supervisor = data;
    (void)number;
    (void)what;
    if (supervisor->stopping) {
        log_warning("Asked to stop once more: ending at once.");
        kill_all(supervisor);
        return;
    }
    log_info("Stopping: what is under way is finished first.");
    supervisor_stop(supervisor, SUPERVISOR_STOPPED);
}

static void on_reload_signal(evutil_socket_t number, short what, void *data)
{
    (void)number;
    (void)what;
    change_begin(data, NULL);
}

/* An old generation without workers is gone. */
static void forget_old(struct supervisor *supervisor)
{
    bool gone = false;
    for (guint i = supervisor->old->len; i > 0; i--) {
        struct generation *old = g_ptr_array_index(supervisor->old, i - 1);
        if (old->workers->len)
            continue;
        g_ptr_array_remove_index(supervisor->old, i - 1);
        generation_free(old);
        gone = true;
    }
    if (gone)
        change_generation_gone(supervisor);
}

static void on_child(evutil_socket_t number, short what, void *data)
{
    struct supervisor *supervisor = data;
    int status;
    pid_t pid;
    (void)number;
    (void)what;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        struct worker_process *worker = supervisor_find(supervisor, pid);
        if (worker)
            generation_worker_ended(worker, status);
        else if (pid == supervisor->task)
            change_task_ended(supervisor, status);
    }
    forget_old(supervisor);
    supervisor_end_if_empty(supervisor);
}

static void on_tick(evutil_socket_t descriptor, short what, void *data)
{
    struct supervisor *supervisor = data;
    int64_t now = clock_steady();
    (void)descriptor;
    (void)what;
    watchdog_look(supervisor, now);
    change_tick(supervisor, now);
    blame_tick(supervisor, now);
    if (supervisor->stopping && now > supervisor->stop_deadline)
        kill_all(supervisor);
}

static void reply_text(struct control_client *client, bool well, const char *key, const char *text)
{
    struct arena *arena = arena_new(0);
    struct value *answer = arena ? value_new(arena, PORTICO_OBJECT) : NULL;
    if (answer) {
        value_set_boolean(answer, "ok", well);
        value_set_text(answer, key, text);
        control_reply(client, answer);
    }
    if (arena)
        arena_free(arena);
}

static void on_control(struct control_client *client, const struct value *request, void *data)
{
    struct supervisor *supervisor = data;
    const char *command = channel_text(request, "command");
    if (strcmp(command, "reload") == 0 && !supervisor->stopping) {
        change_begin(supervisor, client);
    } else if (strcmp(command, "stop") == 0) {
        reply_text(client, true, "state", "stopping");
        log_info("Stopping on request: what is under way is finished first.");
        supervisor_stop(supervisor, SUPERVISOR_STOPPED);
    } else if (strcmp(command, "status") == 0) {
        struct arena *arena = arena_new(0);
        struct value *status = arena ? status_make(supervisor, arena) : NULL;
        if (status)
            control_reply(client, status);
        if (arena)
            arena_free(arena);
    } else if (strcmp(command, "wake") == 0) {
        const uint64_t one = 1;
        ssize_t written = write(supervisor->wake, &one, sizeof one);
        log_debug("Work was queued from outside: a jobs process is woken.");
        reply_text(client, written > 0, "state", "woken");
    } else {
        reply_text(client, false, "reason", "The portal does not know this command now.");
    }
}

/* ---- starting ---- */

/* Locked as long as the process lives: one portal a data directory. */
static int open_pid_file(struct supervisor *supervisor, struct portico_error *error)
{
    char *path = g_build_filename(supervisor->run_directory, "portico.pid", NULL);
    char text[16];
    int length = g_snprintf(text, sizeof text, "%d\n", (int)getpid());
    int code = 0;
    supervisor->pid_file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (supervisor->pid_file < 0)
        code = error_set(error, PORTICO_EIO, "Cannot open %s: %s.", path, strerror(errno));
    else if (flock(supervisor->pid_file, LOCK_EX | LOCK_NB) != 0)
        code = error_set(error, PORTICO_EBUSY,
                         "A portal already runs with this data directory (%s is locked). Stop it "
                         "with `portico stop`, or give this one another [portal] data.",
                         path);
    else if (ftruncate(supervisor->pid_file, 0) != 0 ||
             pwrite(supervisor->pid_file, text, (size_t)length, 0) != length)
        code = error_set(error, PORTICO_EIO, "Cannot write %s: %s.", path, strerror(errno));
    g_free(path);
    return code;
}

/* Reads the config once for what the supervisor itself needs before the first generation. */
static int prepare(struct supervisor *supervisor, struct portico_error *error)
{
    struct config *config = NULL;
    struct server_settings settings = { 0 };
    int code = config_load(supervisor->options->config, &config, error);
    if (code == 0 && config_problem_count(config)) {
        for (size_t i = 0; i < config_problem_count(config); i++) {
            const struct config_problem *problem = config_problem_at(config, i);
            const char *file = problem->file ? problem->file : "";
            if (problem->line)
                log_error("%s:%u: %s", file, problem->line, problem->message);
            else
                log_error("%s: %s", file, problem->message);
        }
        code = error_set(error, PORTICO_EINVAL, "%s has problems; mend them and start again.",
                         supervisor->options->config);
    }
    if (code == 0)
        code = server_settings_read(config, &settings, error);
    if (code == 0) {
        log_set_level(settings.log_level);
        supervisor->run_directory = g_strdup(settings.run);
        supervisor->exit_code = SUPERVISOR_FAILED;
        code = open_pid_file(supervisor, error);
    }
    server_settings_free(&settings);
    if (config)
        config_free(config);
    return code;
}

static int add_signal(struct supervisor *supervisor, int index, int number, event_callback_fn call)
{
    supervisor->signals[index] = evsignal_new(supervisor->base, number, call, supervisor);
    return supervisor->signals[index] ? event_add(supervisor->signals[index], NULL) : -1;
}

static int open_loop(struct supervisor *supervisor, struct portico_error *error)
{
    const struct timeval tick = { .tv_usec = TICK };
    supervisor->base = event_base_new();
    if (!supervisor->base)
        return error_set(error, PORTICO_EIO, "Cannot make the supervisor's event loop.");
    supervisor->tick = event_new(supervisor->base, -1, EV_PERSIST, on_tick, supervisor);
    if (!supervisor->tick || event_add(supervisor->tick, &tick) != 0 ||
        add_signal(supervisor, 0, SIGTERM, on_stop_signal) != 0 ||
        add_signal(supervisor, 1, SIGINT, on_stop_signal) != 0 ||
        add_signal(supervisor, 2, SIGHUP, on_reload_signal) != 0 ||
        add_signal(supervisor, 3, SIGCHLD, on_child) != 0)
        return error_set(error, PORTICO_EIO, "Cannot make the supervisor's events.");
    supervisor->board_file = board_create(&supervisor->board);
    if (supervisor->board_file < 0)
        return error_set(error, PORTICO_EIO, "Cannot make the memory for the portal's figures: %s.",
                         strerror(errno));
    supervisor->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (supervisor->wake < 0)
        return error_set(error, PORTICO_EIO, "Cannot make what wakes the jobs processes: %s.",
                         strerror(errno));
    atomic_store(&supervisor->board->started, clock_now());
    return control_new(supervisor->base, supervisor->run_directory, on_control, supervisor,
                       &supervisor->control, error);
}

static void close_supervisor(struct supervisor *supervisor)
{
    for (size_t i = 0; i < sizeof supervisor->signals / sizeof *supervisor->signals; i++) {
        if (supervisor->signals[i])
            event_free(supervisor->signals[i]);
    }
    if (supervisor->tick)
        event_free(supervisor->tick);
    if (supervisor->task_event) {
        event_free(supervisor->task_event);
        close(supervisor->task_output);
    }
    struct generation *current = supervisor->current;
    supervisor->current = NULL;
    generation_free(current);
    generation_free(supervisor->next);
    for (guint i = 0; i < supervisor->old->len; i++)
        generation_free(g_ptr_array_index(supervisor->old, i));
    control_free(supervisor->control);
    g_ptr_array_free(supervisor->old, TRUE);
    g_ptr_array_free(supervisor->waiting, TRUE);
    g_ptr_array_free(supervisor->queued, TRUE);
    blame_free(supervisor->blame);
    buffer_free(&supervisor->task_text);
    buffer_free(&supervisor->last_refusal);
    if (supervisor->base)
        event_base_free(supervisor->base);
    board_unmap(supervisor->board);
    if (supervisor->board_file >= 0)
        close(supervisor->board_file);
    if (supervisor->wake >= 0)
        close(supervisor->wake);
    g_array_free(supervisor->gone, TRUE);
    if (supervisor->pid_file >= 0)
        close(supervisor->pid_file);
    g_free(supervisor->run_directory);
}

int supervisor_run(const struct supervisor_options *options)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct supervisor supervisor = { .options = options,
                                     .pid_file = -1,
                                     .board_file = -1,
                                     .wake = -1,
                                     .gone =
                                         g_array_new(FALSE, FALSE, sizeof(struct supervisor_gone)),
                                     .exit_code = SUPERVISOR_REFUSED,
                                     .started = clock_steady(),
                                     .old = g_ptr_array_new(),
                                     .waiting = g_ptr_array_new(),
                                     .queued = g_ptr_array_new(),
                                     .blame = blame_new() };
    log_set_process("supervisor");
    signal(SIGPIPE, SIG_IGN);
    int code = prepare(&supervisor, &error);
    if (code == 0)
        code = open_loop(&supervisor, &error);
    if (code == 0) {
        change_begin(&supervisor, NULL);
        if (!supervisor.stopping || supervisor.task)
            event_base_dispatch(supervisor.base);
    } else {
        log_error("%s", error.message);
    }
    int exit_code = supervisor.exit_code;
    close_supervisor(&supervisor);
    return exit_code;
}
