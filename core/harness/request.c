/* Requests of a test: bytes into the host's parser, bytes of its answer read back. */
#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "harness/bench.h"
#include "harness/surroundings.h"
#include "harness/tables.h"

#include <errno.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE 30000000 /* µs; the test's own deadline ends it before */

/* The test's end of the connection. */
struct peer {
    int descriptor;
    struct event *reads, *writes, *ticks;
    struct buffer out, in;
    size_t written;
    bool over;
};

static void on_writable(evutil_socket_t descriptor, short what, void *data)
{
    struct peer *peer = data;
    (void)what;
    ssize_t sent = send(descriptor, peer->out.data + peer->written,
                        peer->out.length - peer->written, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0)
        peer->written += (size_t)sent;
    bool lost = sent < 0 && errno != EAGAIN && errno != EINTR;
    if (lost || peer->written == peer->out.length)
        event_del(peer->writes);
}

static void on_readable(evutil_socket_t descriptor, short what, void *data)
{
    struct peer *peer = data;
    (void)what;
    char *room = buffer_room(&peer->in, 65536);
    ssize_t got = room ? recv(descriptor, room, 65536, MSG_DONTWAIT) : 0;
    if (got > 0) {
        peer->in.length += (size_t)got;
        return;
    }
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    peer->over = true;
    event_del(peer->reads);
}

/* The loop wakes up for what ends without an event of its own. */
static void on_tick(evutil_socket_t descriptor, short what, void *data)
{
    (void)descriptor;
    (void)what;
    (void)data;
}

static bool peer_open(struct peer *peer, struct event_base *base, int descriptor)
{
    const struct timeval tick = { .tv_usec = 50000 };
    peer->descriptor = descriptor;
    peer->reads = event_new(base, descriptor, EV_READ | EV_PERSIST, on_readable, peer);
    peer->writes = event_new(base, descriptor, EV_WRITE | EV_PERSIST, on_writable, peer);
    peer->ticks = event_new(base, -1, EV_PERSIST, on_tick, peer);
    return peer->reads && peer->writes && peer->ticks && event_add(peer->reads, NULL) == 0 &&
           event_add(peer->writes, NULL) == 0 && event_add(peer->ticks, &tick) == 0;
}

static void peer_close(struct peer *peer)
{
    struct event *events[] = { peer->reads, peer->writes, peer->ticks };
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        if (events[i])
            event_free(events[i]);
    if (peer->descriptor >= 0)
        close(peer->descriptor);
    buffer_free(&peer->out);
    buffer_free(&peer->in);
}

static bool has_field(const char *fields, const char *name)
{
    for (const char *line = fields; line && *line; line += *line == '\n') {
        if (strncasecmp(line, name, strlen(name)) == 0)
            return true;
        line += strcspn(line, "\n");
    }
    return false;
}

static void write_request(const struct bench *bench, const struct portico_test_request *request,
                          const char *method, struct buffer *out)
{
    buffer_printf(out, "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n", method,
                  request->target);
    if (!has_field(request->fields, "Accept-Language:"))
        buffer_printf(out, "Accept-Language: %s\r\n", bench->locale ? bench->locale : "en");
    for (const char *line = request->fields; line && *line;) {
        size_t length = strcspn(line, "\n");
        if (length)
            buffer_printf(out, "%.*s\r\n", (int)length, line);
        line += length + (line[length] == '\n');
    }
    if (request->media_type)
        buffer_printf(out, "Content-Type: %s\r\n", request->media_type);
    if (request->media_type || request->body)
        buffer_printf(out, "Content-Length: %zu\r\n", request->body_length);
    buffer_append_text(out, "\r\n");
    if (request->body)
        buffer_append(out, request->body, request->body_length);
}

/* Turns the host's loop until the answer is there and nothing of the request runs any more. */
static bool exchange(struct bench *bench, struct peer *peer)
{
    int64_t end = clock_steady() + PATIENCE;
    while (!peer->over || dispatch_outstanding(bench->dispatch)) {
        if (clock_steady() > end || event_base_loop(bench->base, EVLOOP_ONCE) < 0)
            return false;
        dispatch_turn(bench->dispatch);
        metrics_turn(bench->metrics, bench->dispatch);
    }
    return true;
}

/* "5;ext\r\nhello\r\n0\r\n\r\n" to "hello" (RFC 9112 section 7.1). */
static struct text unchunk(struct arena *arena, struct text body)
{
    char *out = arena_alloc(arena, body.length + 1);
    size_t length = 0;
    const char *at = body.data, *end = body.data + body.length;
    while (out && at < end) {
        char *after;
        size_t size = strtoul(at, &after, 16);
        const char *line = memchr(after, '\n', (size_t)(end - after));
        if (!size || !line || size > (size_t)(end - line - 1))
            break;
        memcpy(out + length, line + 1, size);
        length += size;
        at = line + 1 + size + 2;
    }
    if (out)
        out[length] = '\0';
    return (struct text){ out ? out : "", out ? length : 0 };
}

static void take_field(struct bench *bench, struct text line)
{
    const char *colon = memchr(line.data, ':', line.length);
    if (!colon)
        return;
    struct text name = { line.data, (size_t)(colon - line.data) };
    struct text value = text_trim((struct text){ colon + 1, line.length - name.length - 1 });
    struct http_field *field = &bench->answer.fields[bench->answer.field_count++];
    field->name = (struct text){ arena_strndup(bench->arena, name.data, name.length), name.length };
    field->value =
        (struct text){ arena_strndup(bench->arena, value.data, value.length), value.length };
}

static bool read_answer(struct bench *bench, const struct buffer *in)
{
    struct text all = { arena_strndup(bench->arena, in->data ? in->data : "", in->length),
                        in->length };
    const char *end = all.data ? memmem(all.data, all.length, "\r\n\r\n", 4) : NULL;
    if (!end || !text_starts(all, TEXT("HTTP/1.1 ")))
        return false;
    bench->answer.status = (unsigned)strtoul(all.data + strlen("HTTP/1.1 "), NULL, 10);
    const char *at = strstr(all.data, "\r\n") + 2;
    size_t lines = 0;
    for (const char *look = at; look < end + 2; look = strstr(look, "\r\n") + 2)
        lines++;
    bench->answer.fields = arena_zalloc(bench->arena, (lines + 1) * sizeof(struct http_field));
    while (bench->answer.fields && at < end + 2) {
        const char *stop = strstr(at, "\r\n");
        take_field(bench, (struct text){ at, (size_t)(stop - at) });
        at = stop + 2;
    }
    struct text body = { end + 4, all.length - (size_t)(end + 4 - all.data) };
    const char *coding = bench->public.api->header(&bench->public, "transfer-encoding");
    bench->answer.body =
        coding && strcasecmp(coding, "chunked") == 0 ? unchunk(bench->arena, body) : body;
    return true;
}

static unsigned send_once(struct bench *bench, const struct portico_test_request *request,
                          const char *method)
{
    struct peer peer = { .descriptor = -1 };
    int ends[2] = { -1, -1 };
    elements_forget(bench);
    bench->answer = (struct bench_answer){ .body = TEXT("") };
    write_request(bench, request, method, &peer.out);
    bool good = !peer.out.failed &&
                socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0 &&
                peer_open(&peer, bench->base, ends[0]);
    tables_enter();
    good = good && http_server_adopt(bench->http, ends[1]) == 0 && exchange(bench, &peer);
    tables_leave();
    good = good && read_answer(bench, &peer.in);
    peer_close(&peer);
    if (!good)
        bench_record(bench, RECORD_FAILURE, "%s %s was not answered.", method, request->target);
    return bench->answer.status;
}

/* An allocation failed in this request. Asked again, with memory, it is answered as before. */
static void hold_sound(struct bench *bench, const struct portico_test_request *request,
                       const char *method)
{
    unsigned failed = bench->answer.status;
    unsigned at = bench->requests - 1;
    unsigned usual = at < bench->shared->status_count ? bench->shared->statuses[at] : 0;
    bool reading = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
    struct bench_answer first = bench->answer;
    first.page = NULL;
    unsigned again = send_once(bench, request, method);
    if (again >= 500 && usual < 500)
        bench_record(bench, RECORD_VIOLATION,
                     "%s %s is answered %u also after the failed allocation (first %u): what that "
                     "call left behind must be undone.",
                     method, request->target, again, failed);
    else if (reading && usual && again != usual)
        bench_record(bench, RECORD_VIOLATION,
                     "%s %s is answered %u after the failed allocation, and %u where none failed.",
                     method, request->target, again, usual);
    elements_forget(bench);
    bench->answer = first;
}

uint32_t bench_send(struct portico_bench *public, const struct portico_test_request *given)
{
    struct bench *bench = bench_of(public);
    struct portico_test_request request = { 0 };
    if (!interface_read(&request, sizeof request, given,
                        offsetof(struct portico_test_request, body_length) + sizeof(size_t)) ||
        !request.target || *request.target != '/') {
        bench_record(bench, RECORD_FAILURE,
                     "A request needs its size and a target that begins with \"/\".");
        return 0;
    }
    const char *method = request.method ? request.method : request.body ? "POST" : "GET";
    char what[160];
    snprintf(what, sizeof what, "%s %s", method, request.target);
    if (bench->acting && town_stand(bench) < 0) {
        bench_record(bench, RECORD_FAILURE, "%s", bench->message.message);
        return 0;
    }
    tables_failed(); /* what failed in an import or job before is not this request's */
    unsigned status = send_once(bench, &request, method);
    bench->requests++;
    tables_check(bench, what);
    if (bench->mode == HARNESS_PLAIN && bench->requests <= BENCH_REQUESTS_MAX) {
        bench->shared->statuses[bench->requests - 1] = status;
        bench->shared->status_count = bench->requests;
    }
    if (tables_failed())
        hold_sound(bench, &request, method);
    bench_renew_context(bench);
    return status;
}
