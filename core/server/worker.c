#include "server/worker.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "base/log.h"
#include "server/channel.h"
#include "server/crash.h"
#include "server/dispatch.h"
#include "server/room.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* What each malloc arena keeps at its top: a request's memory goes and comes without page faults.
 */
#define MEMORY_KEPT (4 << 20)

#define BEAT 200000 /* µs between two beats of the loop */

/* RFC 9110 and the browsers' own rules: nothing inline, nothing from elsewhere, no framing. */
static const char security_fields[] =
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "X-Frame-Options: DENY\r\n"
    "Referrer-Policy: strict-origin-when-cross-origin\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Permissions-Policy: camera=(), geolocation=(), microphone=()\r\n";

struct worker {
    const struct worker_options *options;
    struct server_page *page;
    struct board *board;
    struct metrics *metrics;
    struct room room;
    struct event_base *base;
    struct http_server *http;
    struct dispatch *dispatch;
    struct event *channel_event, *handed_event, *beat_event, *limit_event, *term_event;
    struct event *test_event;
    int test; /* our end of the self-test's connection, -1 once it is over */
    struct buffer test_answer;
    bool serving, draining, drained, ended;
    int give; /* where a draining worker gives its idle connections, or -1 */
    int exit_code;
    char name[32];
};

static void send_text(const char *type, const char *key, const char *text)
{
    struct arena *arena = arena_new(0);
    struct value *message = arena ? value_new(arena, PORTICO_OBJECT) : NULL;
    if (message) {
        value_set_text(message, "type", type);
        if (key)
            value_set_text(message, key, text);
        channel_send(WORKER_CHANNEL, message, -1);
    }
    if (arena)
        arena_free(arena);
}

static int refuse(struct worker *worker, struct buffer *report, const char *message)
{
    if (message && *message) {
        buffer_append_text(report, message);
        buffer_append_char(report, '\n');
    }
    char *reason = buffer_text(report);
    if (reason && report->length > CHANNEL_BYTES_MAX / 2)
        reason[text_utf8_cut(reason, CHANNEL_BYTES_MAX / 2)] = '\0';
    send_text("refused", "reason", reason ? reason : "It does not say why.");
    (void)worker;
    return SERVER_EXIT_REFUSED;
}

static void end_loop(struct worker *worker, int code)
{
    worker->ended = true;
    worker->exit_code = code;
    event_base_loopbreak(worker->base);
}

/* ---- draining ---- */

static int hand_over(int descriptor, void *data)
{
    struct worker *worker = data;
    if (worker->give < 0 || channel_give(worker->give, descriptor) != 0)
        return -1;
    close(descriptor);
    return 0;
}

static void end_if_drained(struct worker *worker)
{
    /* A stuck handler's peer has its answer; nobody waits for the handler itself. */
    if (worker->drained &&
        dispatch_outstanding(worker->dispatch) <= dispatch_stuck(worker->dispatch))
        end_loop(worker, SERVER_EXIT_DRAINED);
}

static void on_drained(void *data)
{
    struct worker *worker = data;
    worker->drained = true;
}

static void on_limit(evutil_socket_t descriptor, short what, void *data)
{
    struct worker *worker = data;
    (void)descriptor;
    (void)what;
    log_warning("The draining time is over; %u requests are given up.",
                dispatch_outstanding(worker->dispatch));
    end_loop(worker, SERVER_EXIT_DRAINED);
}

static void drain(struct worker *worker, int give, int64_t limit)
{
    if (worker->draining) {
        if (give >= 0)
            close(give);
        return;
    }
    worker->draining = true;
    worker->give = give;
    event_del(worker->handed_event);
    const struct timeval time = { .tv_sec = limit / 1000000, .tv_usec = limit % 1000000 };
    event_add(worker->limit_event, &time);
    http_server_drain(worker->http, hand_over, on_drained, worker);
}

/* ---- what comes from outside ---- */

static int serve(struct worker *worker, struct portico_error *error)
{
    int code = 0;
    for (unsigned i = 0; i < worker->options->listeners && code == 0; i++)
        code = http_server_listen(worker->http, WORKER_LISTENERS + (int)i, error);
    if (code == 0)
        event_add(worker->handed_event, NULL);
    worker->serving = code == 0;
    return code;
}

static void on_message(struct worker *worker, const struct value *message, int descriptor)
{
    const char *type = channel_text(message, "type");
    const char *route = channel_text(message, "route");
    struct portico_error error = PORTICO_ERROR_INIT;
    if (strcmp(type, "drain") == 0) {
        drain(worker, descriptor, channel_integer(message, "limit"));
        return;
    }
    if (descriptor >= 0)
        close(descriptor);
    if (strcmp(type, "serve") == 0 && !worker->serving) {
        if (serve(worker, &error) < 0) {
            log_error("%s", error.message);
            end_loop(worker, SERVER_EXIT_REFUSED);
        }
    } else if (strcmp(type, "take_out") == 0) {
        dispatch_take_out(worker->dispatch, route);
    } else if (strcmp(type, "try") == 0) {
        dispatch_try(worker->dispatch, route);
    } else if (strcmp(type, "put_back") == 0) {
        dispatch_put_back(worker->dispatch, route);
    }
}

static void on_channel(evutil_socket_t descriptor, short what, void *data)
{
    struct worker *worker = data;
    (void)what;
    for (;;) {
        struct arena *arena = arena_new(0);
        struct value *message = NULL;
        int passed = -1;
        int got = arena ? channel_receive(descriptor, arena, &message, &passed) : 0;
        if (got > 0)
            on_message(worker, message, passed);
        if (arena)
            arena_free(arena);
        if (got == 0)
            return;
        if (got < 0) {
            /* The supervisor is gone: nobody restarts or reloads us, so the work ends here. */
            event_del(worker->channel_event);
            log_warning("The supervisor ended; this worker finishes what is under way and ends.");
            drain(worker, -1, worker->room.settings.drain_time);
            return;
        }
    }
}

static void on_term(evutil_socket_t number, short what, void *data)
{
    struct worker *worker = data;
    (void)number;
    (void)what;
    drain(worker, -1, worker->room.settings.drain_time);
}

static void on_handed(evutil_socket_t descriptor, short what, void *data)
{
    struct worker *worker = data;
    (void)what;
    for (;;) {
        int connection = channel_take(descriptor);
        if (connection < 0)
            return;
        http_server_adopt(worker->http, connection);
    }
}

static void on_beat(evutil_socket_t descriptor, short what, void *data)
{
    struct worker *worker = data;
    (void)descriptor;
    (void)what;
    const struct http_counters *counters = http_server_counters(worker->http);
    struct server_page *page = worker->page;
    atomic_fetch_add_explicit(&page->trace.beat, 1, memory_order_relaxed);
    atomic_store_explicit(&page->requests, counters->requests, memory_order_relaxed);
    atomic_store_explicit(&page->connections, counters->open, memory_order_relaxed);
    metrics_beat(worker->metrics, worker->dispatch);
    /* On SQLite this reads one shared word; a PostgreSQL server heals its own log. */
    if (store_kind(worker->room.store) == STORE_SQLITE &&
        store_health(worker->room.store, NULL) < 0) {
        log_error("A flush to the disk failed: this worker ends so that the database can be "
                  "recovered.");
        end_loop(worker, SERVER_EXIT_POISONED);
    }
}

/* ---- what the dispatcher and the http server say ---- */

static void on_stuck(const char *route, void *data)
{
    struct worker *worker = data;
    if (!worker->draining)
        send_text("replace", "route", route);
}

static void on_changed(const char *route, const char *state, int64_t wait, void *data)
{
    struct arena *arena = arena_new(0);
    struct value *message = arena ? value_new(arena, PORTICO_OBJECT) : NULL;
    (void)data;
    if (message) {
        value_set_text(message, "type", state);
        value_set_text(message, "route", route);
        value_set_integer(message, "wait", wait);
        channel_send(WORKER_CHANNEL, message, -1);
    }
    if (arena)
        arena_free(arena);
}

static void on_request(struct http_exchange *exchange, void *data)
{
    struct worker *worker = data;
    dispatch_request(exchange, worker->dispatch);
}

static void on_refuse(struct http_response *response, unsigned status, const char *reason,
                      void *data)
{
    (void)data;
    response->status = status;
    http_response_field(response, TEXT("content-type"), TEXT("application/problem+json"));
    buffer_printf(&response->body, "{\"type\":\"about:blank\",\"status\":%u,\"title\":", status);
    buffer_append_json_text(&response->body, reason, strlen(reason));
    buffer_append_char(&response->body, '}');
}

static void on_log(const struct http_exchange *exchange, unsigned status, uint64_t bytes,
                   void *data)
{
    const struct worker *worker = data;
    const struct http_request *request = &exchange->request;
    if (!worker->room.settings.access_log || log_level() < LOG_LEVEL_INFO)
        return;
    log_access(request->id, request->method.data ? request->method.data : "",
               request->path.data ? request->path.data : "", status, bytes,
               clock_steady() - request->started, exchange->route, request->remote);
}

/* ---- the self-test: a request of our own through parser, dispatcher, pool and database ---- */

/* With what it loaded, for `portico status`. */
static void send_ready(const struct worker *worker)
{
    struct arena *arena = arena_new(0);
    struct value *message = arena ? value_new(arena, PORTICO_OBJECT) : NULL;
    struct value *modules = arena ? value_new(arena, PORTICO_LISTING) : NULL;
    const struct registry *registry = worker->room.registry;
    for (size_t i = 0; message && modules && i < registry_module_count(registry); i++) {
        const struct module *module = registry_module_at(registry, i);
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
    if (arena)
        arena_free(arena);
}

static void end_test(struct worker *worker)
{
    event_free(worker->test_event);
    worker->test_event = NULL;
    close(worker->test);
    worker->test = -1;
    struct text answer = { worker->test_answer.data, worker->test_answer.length };
    if (text_starts(answer, TEXT("HTTP/1.1 200 "))) {
        buffer_free(&worker->test_answer);
        worker->test_answer = (struct buffer){ 0 };
        send_ready(worker);
        return;
    }
    struct buffer report = { 0 };
    char *text = buffer_text(&worker->test_answer);
    const char *body = text ? strstr(text, "\r\n\r\n") : NULL;
    buffer_printf(&report, "The self-test failed: /readyz answered %.*s.\n%s\n", 12,
                  text && *text ? text : "nothing", body ? body + 4 : "");
    end_loop(worker, refuse(worker, &report, NULL));
    buffer_free(&report);
}

static void on_test(evutil_socket_t descriptor, short what, void *data)
{
    struct worker *worker = data;
    (void)what;
    for (;;) {
        char *room = buffer_room(&worker->test_answer, 4096);
        ssize_t got = room ? recv(descriptor, room, 4096, MSG_DONTWAIT) : 0;
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (got <= 0) {
            end_test(worker);
            return;
        }
        worker->test_answer.length += (size_t)got;
    }
}

static int begin_test(struct worker *worker, struct portico_error *error)
{
    static const char request[] =
        "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
        return error_set(error, PORTICO_EIO, "Cannot make a socket pair: %s.", strerror(errno));
    worker->test = ends[0];
    worker->test_event = event_new(worker->base, ends[0], EV_READ | EV_PERSIST, on_test, worker);
    if (!worker->test_event || event_add(worker->test_event, NULL) != 0 ||
        write(ends[0], request, sizeof request - 1) < 0)
        return error_set(error, PORTICO_EIO, "Cannot begin the self-test.");
    return http_server_adopt(worker->http, ends[1]);
}

/* ---- making and ending ---- */

static int make_events(struct worker *worker)
{
    struct event_base *base = worker->base;
    const struct timeval beat = { .tv_usec = BEAT };
    worker->channel_event =
        event_new(base, WORKER_CHANNEL, EV_READ | EV_PERSIST, on_channel, worker);
    worker->handed_event = event_new(base, WORKER_HANDED, EV_READ | EV_PERSIST, on_handed, worker);
    worker->beat_event = event_new(base, -1, EV_PERSIST, on_beat, worker);
    worker->limit_event = evtimer_new(base, on_limit, worker);
    worker->term_event = evsignal_new(base, SIGTERM, on_term, worker);
    if (!worker->channel_event || !worker->handed_event || !worker->beat_event ||
        !worker->limit_event || !worker->term_event)
        return -1;
    return event_add(worker->channel_event, NULL) | event_add(worker->beat_event, &beat) |
           event_add(worker->term_event, NULL);
}

static int open_loop(struct worker *worker, struct portico_error *error)
{
    struct event_config *config = event_config_new();
    if (config)
        event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
    worker->base = config ? event_base_new_with_config(config) : NULL;
    if (config)
        event_config_free(config);
    if (!worker->base || make_events(worker) != 0)
        return error_set(error, PORTICO_EIO, "Cannot make the event loop.");
    worker->metrics = metrics_new(worker->board, worker->options->slot);
    const struct dispatch_options dispatch = { .base = worker->base,
                                               .host = &worker->room.host,
                                               .settings = &worker->room.settings,
                                               .files = worker->room.files,
                                               .page = worker->page,
                                               .metrics = worker->metrics,
                                               .slot = worker->options->slot,
                                               .stuck = on_stuck,
                                               .changed = on_changed,
                                               .data = worker };
    int code = dispatch_new(&dispatch, &worker->dispatch, error);
    if (code < 0)
        return code;
    const struct http_server_options http = { .base = worker->base,
                                              .limits = worker->room.settings.limits,
                                              .server_fields = security_fields,
                                              .dispatch = on_request,
                                              .refuse = on_refuse,
                                              .log = on_log,
                                              .data = worker };
    worker->http = http_server_new(&http, error);
    if (!worker->http)
        return PORTICO_EIO;
    dispatch_set_http(worker->dispatch, worker->http);
    return begin_test(worker, error);
}

static void free_event(struct event *event)
{
    if (event)
        event_free(event);
}

static void close_worker(struct worker *worker)
{
    /* A stuck handler still uses everything; the process ends with it as it stands. */
    if (worker->dispatch && dispatch_outstanding(worker->dispatch))
        _exit(worker->exit_code);
    http_server_free(worker->http);
    dispatch_free(worker->dispatch);
    metrics_free(worker->metrics);
    free_event(worker->channel_event);
    free_event(worker->handed_event);
    free_event(worker->beat_event);
    free_event(worker->limit_event);
    free_event(worker->term_event);
    free_event(worker->test_event);
    if (worker->base)
        event_base_free(worker->base);
    buffer_free(&worker->test_answer);
    room_close(&worker->room);
}

static void loop(struct worker *worker)
{
    while (!worker->ended) {
        if (event_base_loop(worker->base, EVLOOP_ONCE) != 0)
            break;
        dispatch_turn(worker->dispatch);
        metrics_turn(worker->metrics, worker->dispatch);
        if (worker->draining)
            end_if_drained(worker);
    }
    metrics_beat(worker->metrics, worker->dispatch);
}

int worker_run(const struct worker_options *options)
{
    struct worker worker = { .options = options, .test = -1, .give = -1 };
    struct buffer report = { 0 };
    struct portico_error error = PORTICO_ERROR_INIT;
    signal(SIGPIPE, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    mallopt(M_TRIM_THRESHOLD, MEMORY_KEPT);
    if ((unsigned)getppid() != options->supervisor)
        return SERVER_EXIT_REFUSED;
    snprintf(worker.name, sizeof worker.name, "worker %u", options->slot);
    log_set_process(worker.name);
    id_set_slot(options->slot);
    worker.page = server_page_map(WORKER_PAGE);
    if (!worker.page)
        return refuse(&worker, &report, "Its shared page cannot be mapped.");
    worker.board = board_map(WORKER_BOARD);
    if (!worker.board)
        return refuse(&worker, &report, "The portal's shared figures cannot be mapped.");
    close(WORKER_PAGE);
    close(WORKER_BOARD);
    crash_install(worker.page);
    module_trace_use(&worker.page->trace);
    module_trace_claim(MODULE_TRACE_SLOTS - 1);
    crash_claim(MODULE_TRACE_SLOTS - 1);
    int code = room_open(&worker.room, options->config, &report, &error);
    if (code == 0)
        code = open_loop(&worker, &error);
    if (code == 0) {
        loop(&worker);
    } else {
        worker.exit_code = refuse(&worker, &report, error.message);
    }
    buffer_free(&report);
    close_worker(&worker);
    crash_release();
    server_page_unmap(worker.page);
    board_unmap(worker.board);
    return worker.exit_code;
}
