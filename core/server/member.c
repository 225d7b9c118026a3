#include "server/member.h"

#include "base/error.h"
#include "base/id.h"
#include "base/log.h"
#include "job/job.h"
#include "module/apart.h"
#include "server/channel.h"
#include "server/crash.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

/* What each malloc arena keeps at its top: a request's memory goes and comes without page faults.
 */
#define MEMORY_KEPT (4 << 20)

#define BEAT 200000 /* µs between two beats of the loop */

/* ---- to the supervisor ---- */

void member_send(const char *type, const char *key, const char *text)
{
    struct arena *arena = arena_new(0);
    struct value *message = arena ? value_new(arena, PORTICO_OBJECT) : NULL;
    if (message) {
        value_set_text(message, "type", type);
        if (key)
            value_set_text(message, key, text);
        channel_send(WORKER_CHANNEL, message, -1);
    }
    arena_free(arena);
}

void member_send_state(const char *label, const char *state, int64_t wait)
{
    struct arena *arena = arena_new(0);
    struct value *message = arena ? value_new(arena, PORTICO_OBJECT) : NULL;
    if (message) {
        value_set_text(message, "type", state);
        value_set_text(message, "route", label);
        value_set_integer(message, "wait", wait);
        channel_send(WORKER_CHANNEL, message, -1);
    }
    arena_free(arena);
}

/* With what it loaded, for `portico status`. */
void member_send_ready(const struct member *member)
{
    struct arena *arena = arena_new(0);
    struct value *message = arena ? value_new(arena, PORTICO_OBJECT) : NULL;
    struct value *modules = arena ? value_new(arena, PORTICO_LISTING) : NULL;
    const struct registry *registry = member->room.registry;
    for (size_t i = 0; message && modules && i < registry_module_count(registry); i++) {
        const struct module *module = registry_module_at(registry, i);
        if (module_is_built_in(module))
            continue;
        struct value *row = value_new(arena, PORTICO_OBJECT);
        value_set_text(row, "id", module_id(module));
        value_set_text(row, "version", module_version(module));
        value_set_text(row, "title", module_descriptor(module)->title);
        value_append(modules, row);
    }
    if (message && modules) {
        value_set_text(message, "type", "ready");
        value_set(message, TEXT("modules"), modules);
        channel_send(WORKER_CHANNEL, message, -1);
    }
    arena_free(arena);
}

int member_refuse(struct buffer *report, const char *message)
{
    if (message && *message) {
        buffer_append_text(report, message);
        buffer_append_char(report, '\n');
    }
    char *reason = buffer_text(report);
    if (reason && report->length > CHANNEL_BYTES_MAX / 2)
        reason[text_utf8_cut(reason, CHANNEL_BYTES_MAX / 2)] = '\0';
    member_send("refused", "reason", reason ? reason : "It does not say why.");
    return SERVER_EXIT_REFUSED;
}

/* ---- ending ---- */

void member_end(struct member *member, int exit_code)
{
    member->ended = true;
    member->exit_code = exit_code;
    event_base_loopbreak(member->base);
}

static void on_limit(evutil_socket_t descriptor, short what, void *data)
{
    struct member *member = data;
    (void)descriptor;
    (void)what;
    member->kind->late(member);
}

void member_drain(struct member *member, int give, int64_t limit)
{
    if (member->draining) {
        if (give >= 0)
            close(give);
        return;
    }
    member->draining = true;
    const struct timeval time = { .tv_sec = limit / 1000000, .tv_usec = limit % 1000000 };
    event_add(member->limit_event, &time);
    member->kind->drain(member, give);
}

static void on_term(evutil_socket_t number, short what, void *data)
{
    struct member *member = data;
    (void)number;
    (void)what;
    member_drain(member, -1, member->room.settings.drain_time);
}

/* ---- what comes from the supervisor ---- */

static void on_message(struct member *member, const struct value *message, int descriptor)
{
    const char *type = channel_text(message, "type");
    if (strcmp(type, "drain") == 0) {
        member_drain(member, descriptor, channel_integer(message, "limit"));
        return;
    }
    if (descriptor >= 0)
        close(descriptor);
    member->kind->message(member, type, message);
}

static void on_channel(evutil_socket_t descriptor, short what, void *data)
{
    struct member *member = data;
    (void)what;
    for (;;) {
        struct arena *arena = arena_new(0);
        struct value *message = NULL;
        int passed = -1;
        int got = arena ? channel_receive(descriptor, arena, &message, &passed) : 0;
        if (got > 0)
            on_message(member, message, passed);
        arena_free(arena);
        if (got == 0)
            return;
        if (got < 0) {
            /* The supervisor is gone: nobody restarts or reloads us, so the work ends here. */
            event_del(member->channel_event);
            log_warning("The supervisor ended; this %s finishes what is under way and ends.",
                        member->kind->word);
            member_drain(member, -1, member->room.settings.drain_time);
            return;
        }
    }
}

static void on_beat(evutil_socket_t descriptor, short what, void *data)
{
    struct member *member = data;
    (void)descriptor;
    (void)what;
    atomic_fetch_add_explicit(&member->page->trace.beat, 1, memory_order_relaxed);
    member->kind->beat(member);
    struct portico_error error = PORTICO_ERROR_INIT;
    if (identity_tend(member->room.identity, &error) < 0)
        log_warning("%s", error.message);
    /* On SQLite this reads one shared word; a PostgreSQL server heals its own log. */
    if (store_kind(member->room.store) == STORE_SQLITE &&
        store_health(member->room.store, NULL) < 0) {
        log_error("A flush to the disk failed: this %s ends so that the database can be recovered.",
                  member->kind->word);
        member_end(member, SERVER_EXIT_POISONED);
    }
}

/* ---- making ---- */

/* Wakes one jobs process; a full counter has woken it already. */
static void wake_jobs(void *data)
{
    const uint64_t one = 1;
    (void)data;
    while (write(WORKER_WAKE, &one, sizeof one) < 0 && errno == EINTR)
        ;
}

static int make_events(struct member *member)
{
    struct event_base *base = member->base;
    const struct timeval beat = { .tv_usec = BEAT };
    member->channel_event =
        event_new(base, WORKER_CHANNEL, EV_READ | EV_PERSIST, on_channel, member);
    member->beat_event = event_new(base, -1, EV_PERSIST, on_beat, member);
    member->limit_event = evtimer_new(base, on_limit, member);
    member->term_event = evsignal_new(base, SIGTERM, on_term, member);
    if (!member->channel_event || !member->beat_event || !member->limit_event ||
        !member->term_event)
        return -1;
    return event_add(member->channel_event, NULL) | event_add(member->beat_event, &beat) |
           event_add(member->term_event, NULL);
}

static int open_loop(struct member *member, struct portico_error *error)
{
    struct event_config *config = event_config_new();
    if (config)
        event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
    member->base = config ? event_base_new_with_config(config) : NULL;
    if (config)
        event_config_free(config);
    if (!member->base || make_events(member) != 0)
        return error_set(error, PORTICO_EIO, "Cannot make the event loop.");
    return 0;
}

static int map_pages(struct member *member, struct portico_error *error)
{
    member->page = server_page_map(WORKER_PAGE);
    if (!member->page)
        return error_set(error, PORTICO_EIO, "Its shared page cannot be mapped.");
    member->board = board_map(WORKER_BOARD);
    if (!member->board)
        return error_set(error, PORTICO_EIO, "The portal's shared figures cannot be mapped.");
    close(WORKER_PAGE);
    close(WORKER_BOARD);
    return 0;
}

int member_open(struct member *member, const struct member_kind *kind,
                const struct worker_options *options, struct buffer *report,
                struct portico_error *error)
{
    member->kind = kind;
    member->options = options;
    signal(SIGPIPE, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    mallopt(M_TRIM_THRESHOLD, MEMORY_KEPT);
    if ((unsigned)getppid() != options->supervisor)
        return error_set(error, PORTICO_EBUSY, "Its supervisor ended.");
    snprintf(member->name, sizeof member->name, "%s %u", kind->word, options->slot);
    log_set_process(member->name);
    id_set_slot(options->slot);
    int code = map_pages(member, error);
    if (code < 0)
        return code;
    crash_install(member->page);
    module_trace_use(&member->page->trace);
    apart_use(crash_enter, crash_leave);
    module_trace_claim(MODULE_TRACE_SLOTS - 1);
    crash_claim(MODULE_TRACE_SLOTS - 1);
    job_set_waker(wake_jobs, NULL);
    code = room_open(&member->room, options->config, kind->files, report, error);
    if (code < 0)
        return code;
    identity_hash_apart(member->room.identity);
    return open_loop(member, error);
}

void member_loop(struct member *member)
{
    while (!member->ended && event_base_loop(member->base, EVLOOP_ONCE) == 0)
        member->kind->turn(member);
}

static void free_event(struct event *event)
{
    if (event)
        event_free(event);
}

void member_close(struct member *member)
{
    free_event(member->channel_event);
    free_event(member->beat_event);
    free_event(member->limit_event);
    free_event(member->term_event);
    if (member->base)
        event_base_free(member->base);
    room_close(&member->room);
    crash_release();
    server_page_unmap(member->page);
    board_unmap(member->board);
}
