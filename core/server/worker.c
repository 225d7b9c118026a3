#include "server/worker.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "http/forwarded.h"
#include "module/apart.h"
#include "server/channel.h"
#include "server/dispatch.h"
#include "server/member.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

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
    struct member member; /* must be first */
    struct metrics *metrics;
    struct http_server *http;
    struct http_proxies *proxies; /* or NULL */
    struct dispatch *dispatch;
    struct live *live;
    struct event *handed_event;
    struct event *test_event;
    int test; /* our end of the self-test's connection, -1 once it is over */
    struct buffer test_answer;
    bool serving, drained;
    int give; /* where a draining worker gives its idle connections, or -1 */
};

/* ---- draining ---- */

static int hand_over(int descriptor, void *data)
{
    struct worker *worker = data;
    if (worker->give < 0 || channel_give(worker->give, descriptor) != 0)
        return -1;
    close(descriptor);
    return 0;
}

static void on_drained(void *data)
{
    struct worker *worker = data;
    worker->drained = true;
}

static void late(struct member *member)
{
    struct worker *worker = (struct worker *)member;
    log_warning("The draining time is over; %u requests are given up.",
                dispatch_outstanding(worker->dispatch));
    member_end(member, SERVER_EXIT_DRAINED);
}

static void drain(struct member *member, int give)
{
    struct worker *worker = (struct worker *)member;
    worker->give = give;
    event_del(worker->handed_event);
    http_server_drain(worker->http, hand_over, on_drained, worker);
    live_drain(worker->live);
}

/* ---- what comes from outside ---- */

static int serve(struct worker *worker, struct portico_error *error)
{
    int code = 0;
    for (unsigned i = 0; i < worker->member.options->listeners && code == 0; i++)
        code = http_server_listen(worker->http, WORKER_LISTENERS + (int)i, error);
    if (code == 0)
        event_add(worker->handed_event, NULL);
    worker->serving = code == 0;
    return code;
}

static void message(struct member *member, const char *type, const struct value *given)
{
    struct worker *worker = (struct worker *)member;
    const char *route = channel_text(given, "route");
    struct portico_error error = PORTICO_ERROR_INIT;
    if (strcmp(type, "serve") == 0 && !worker->serving) {
        if (serve(worker, &error) < 0) {
            log_error("%s", error.message);
            member_end(member, SERVER_EXIT_REFUSED);
        }
    } else if (strcmp(type, "take_out") == 0) {
        dispatch_take_out(worker->dispatch, route);
    } else if (strcmp(type, "try") == 0) {
        dispatch_try(worker->dispatch, route);
    } else if (strcmp(type, "put_back") == 0) {
        dispatch_put_back(worker->dispatch, route);
    }
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

static void beat(struct member *member)
{
    struct worker *worker = (struct worker *)member;
    const struct http_counters *counters = http_server_counters(worker->http);
    atomic_store_explicit(&member->page->requests, counters->requests, memory_order_relaxed);
    atomic_store_explicit(&member->page->connections, counters->open, memory_order_relaxed);
    metrics_beat(worker->metrics, worker->dispatch);
}

/* ---- what the dispatcher and the http server say ---- */

static void on_stuck(const char *route, void *data)
{
    const struct worker *worker = data;
    if (!worker->member.draining)
        member_send("replace", "route", route);
}

static void on_changed(const char *route, const char *state, int64_t wait, void *data)
{
    (void)data;
    member_send_state(route, state, wait);
}

static bool on_takes_files(const struct http_request *request, void *data)
{
    const struct worker *worker = data;
    return dispatch_takes_files(request, worker->dispatch);
}

static void on_request(struct http_exchange *exchange, void *data)
{
    struct worker *worker = data;
    http_forwarded(worker->proxies, &exchange->request);
    dispatch_request(exchange, worker->dispatch);
}

/* A path with a {token} opens what it leads to: the log names its pattern instead. */
static const char *logged_path(const struct http_exchange *exchange)
{
    const char *route = exchange->route ? exchange->route : "";
    const char *pattern = strstr(route, "{token}") ? strchr(route, '/') : NULL;
    return pattern ? pattern : exchange->request.path.data ? exchange->request.path.data : "";
}

static void on_log(const struct http_exchange *exchange, unsigned status, uint64_t bytes,
                   void *data)
{
    const struct worker *worker = data;
    const struct http_request *request = &exchange->request;
    if (!worker->member.room.settings.access_log || log_level() < LOG_LEVEL_INFO)
        return;
    log_access(request->id, request->method.data ? request->method.data : "", logged_path(exchange),
               status, bytes, clock_steady() - request->started, exchange->route, request->remote);
}

/* ---- the self-test: a request of our own through parser, dispatcher, pool and database ---- */

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
        member_send_ready(&worker->member);
        return;
    }
    struct buffer report = { 0 };
    char *text = buffer_text(&worker->test_answer);
    const char *body = text ? strstr(text, "\r\n\r\n") : NULL;
    buffer_printf(&report, "The self-test failed: /readyz answered %.*s.\n%s\n", 12,
                  text && *text ? text : "nothing", body ? body + 4 : "");
    member_end(&worker->member, member_refuse(&report, NULL));
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
    worker->test_event =
        event_new(worker->member.base, ends[0], EV_READ | EV_PERSIST, on_test, worker);
    if (!worker->test_event || event_add(worker->test_event, NULL) != 0 ||
        write(ends[0], request, sizeof request - 1) < 0)
        return error_set(error, PORTICO_EIO, "Cannot begin the self-test.");
    return http_server_adopt(worker->http, ends[1]);
}

/* ---- making and ending ---- */

static int open_worker(struct worker *worker, struct portico_error *error)
{
    struct member *member = &worker->member;
    worker->handed_event =
        event_new(member->base, WORKER_HANDED, EV_READ | EV_PERSIST, on_handed, worker);
    if (!worker->handed_event)
        return error_set(error, PORTICO_EIO, "Cannot make the event of handed connections.");
    worker->metrics = metrics_new(member->board, member->options->slot);
    const struct dispatch_options dispatch = { .base = member->base,
                                               .host = &member->room.host,
                                               .settings = &member->room.settings,
                                               .files = member->room.files,
                                               .page = member->page,
                                               .metrics = worker->metrics,
                                               .slot = member->options->slot,
                                               .stuck = on_stuck,
                                               .changed = on_changed,
                                               .data = worker };
    int code = dispatch_new(&dispatch, &worker->dispatch, error);
    if (code < 0)
        return code;
    worker->proxies = http_proxies_new(member->room.settings.proxies);
    const struct http_server_options http = { .base = member->base,
                                              .limits = member->room.settings.limits,
                                              .server_fields = security_fields,
                                              .dispatch = on_request,
                                              .takes_files = on_takes_files,
                                              .refuse = dispatch_refuse,
                                              .log = on_log,
                                              .data = worker };
    worker->http = http_server_new(&http, error);
    if (!worker->http)
        return PORTICO_EIO;
    dispatch_set_http(worker->dispatch, worker->http);
    const struct live_options live = { .base = member->base,
                                       .host = &member->room.host,
                                       .streams = member->room.settings.limits.connections / 4 };
    code = live_new(&live, &worker->live, error);
    if (code < 0)
        return code;
    dispatch_set_live(worker->dispatch, worker->live);
    return begin_test(worker, error);
}

static void close_worker(struct worker *worker)
{
    /* A stuck handler still uses everything; the process ends with it as it stands. */
    if (apart_running() || (worker->dispatch && dispatch_outstanding(worker->dispatch)))
        _exit(worker->member.exit_code);
    http_server_free(worker->http);
    http_proxies_free(worker->proxies);
    live_free(worker->live);
    dispatch_free(worker->dispatch);
    metrics_free(worker->metrics);
    if (worker->handed_event)
        event_free(worker->handed_event);
    if (worker->test_event)
        event_free(worker->test_event);
    buffer_free(&worker->test_answer);
    member_close(&worker->member);
}

static void turn(struct member *member)
{
    struct worker *worker = (struct worker *)member;
    dispatch_turn(worker->dispatch);
    metrics_turn(worker->metrics, worker->dispatch);
    /* A stuck handler's peer has its answer; nobody waits for the handler itself. */
    if (worker->drained && !member->ended &&
        dispatch_outstanding(worker->dispatch) <= dispatch_stuck(worker->dispatch))
        member_end(member, SERVER_EXIT_DRAINED);
}

static const struct member_kind kind = {
    .word = "worker",
    .files = true,
    .message = message,
    .drain = drain,
    .late = late,
    .beat = beat,
    .turn = turn,
};

int worker_run(const struct worker_options *options)
{
    struct worker worker = { .test = -1, .give = -1 };
    struct buffer report = { 0 };
    struct portico_error error = PORTICO_ERROR_INIT;
    int code = member_open(&worker.member, &kind, options, &report, &error);
    if (code == 0)
        code = open_worker(&worker, &error);
    if (code == 0) {
        member_loop(&worker.member);
        metrics_beat(worker.metrics, worker.dispatch);
    } else {
        worker.member.exit_code = member_refuse(&report, error.message);
    }
    int exit_code = worker.member.exit_code;
    buffer_free(&report);
    close_worker(&worker);
    return exit_code;
}
