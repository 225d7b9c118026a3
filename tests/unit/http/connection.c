/* Conversations with a connection: pipelining, keep-alive, bodies, time limits, handing over. */
#include "peer.h"

#include "base/clock.h"

static struct event_base *base;
static GPtrArray *held; /* exchanges that the test finishes itself */
static GString *logged;

static int produced, produce_ends;

static int produce(struct buffer *piece, void *data)
{
    buffer_printf(piece, "piece %d ", ++produced);
    return data && produced == 3 ? -1 : produced < 3;
}

static void produce_end(void *data)
{
    (void)data;
    produce_ends++;
}

/* /pieces is made in three pieces, /broken fails at the third. /hold waits for the test; anything
 * else answers "METHOD PATH QUERY BODY". */
static void dispatch(struct http_exchange *exchange, void *data)
{
    (void)data;
    struct http_request *request = &exchange->request;
    if (strcmp(request->path.data, "/hold") == 0) {
        g_ptr_array_add(held, exchange);
        return;
    }
    struct http_response *response = &exchange->response;
    response->status = 200;
    bool broken = strcmp(request->path.data, "/broken") == 0;
    if (broken || strcmp(request->path.data, "/pieces") == 0) {
        response->produce = produce;
        response->produce_end = produce_end;
        response->produce_data = broken ? held : NULL;
        produced = 0;
    } else if (strcmp(request->path.data, "/large") == 0)
        for (int i = 0; i < 400000; i++)
            buffer_append(&response->body, "0123456789", 10);
    else
        buffer_printf(&response->body, "%s %s %s %.*s", request->method.data, request->path.data,
                      request->query.data, (int)request->body.length, request->body.data);
    http_exchange_finish(exchange);
}

static bool takes_files(const struct http_request *request, void *data)
{
    (void)data;
    return strcmp(request->path.data, "/hold") == 0;
}

static void log_line(const struct http_exchange *exchange, unsigned status, uint64_t bytes,
                     void *data)
{
    (void)data;
    (void)bytes;
    g_assert_cmpuint(strlen(exchange->request.id), ==, 16);
    g_string_append_printf(logged, "%u ", status);
}

static struct http_server *server_new(struct http_limits limits)
{
    struct http_server_options options = { .base = base,
                                           .limits = limits,
                                           .server_fields = "X-Content-Type-Options: nosniff\r\n",
                                           .dispatch = dispatch,
                                           .takes_files = takes_files,
                                           .log = log_line };
    struct portico_error error = PORTICO_ERROR_INIT;
    struct http_server *server = http_server_new(&options, &error);
    g_assert_nonnull(server);
    g_string_truncate(logged, 0);
    return server;
}

static void finish_held(guint index, const char *body)
{
    struct http_exchange *exchange = g_ptr_array_remove_index(held, index);
    exchange->response.status = 200;
    buffer_append_text(&exchange->response.body, body);
    http_exchange_finish(exchange);
}

static void a_get_is_answered_with_the_fields_every_answer_has(void)
{
    struct http_server *server = server_new((struct http_limits){ 0 });
    struct peer *peer = peer_new(base, server);
    PEER_SAY(peer, "GET /a%20b?q=1 HTTP/1.1\r\nHost: x\r\n\r\n");
    PEER_EXPECT(peer, "GET /a b q=1 ");
    static const char *const lines[] = { "HTTP/1.1 200 OK\r\nDate: ", " GMT\r\n",
                                         "\r\nX-Content-Type-Options: nosniff\r\n",
                                         "\r\nX-Request-Id: ", "\r\nContent-Length: 13\r\n" };
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++)
        g_assert_nonnull(strstr(peer->received->str, lines[i]));
    g_assert_null(strstr(peer->received->str, "Connection:"));
    g_assert_cmpuint(http_server_counters(server)->idle, ==, 1);
    g_assert_cmpstr(logged->str, ==, "200 ");
    peer_free(peer);
    http_server_free(server);
}

static void pipelined_requests_are_answered_in_their_order(void)
{
    struct http_server *server = server_new((struct http_limits){ 0 });
    struct peer *peer = peer_new(base, server);
    PEER_SAY(peer, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\nGET /hold HTTP/1.1\r\nHost: x\r\n\r\n"
                   "GET /third HTTP/1.1\r\nHost: x\r\n\r\n");
    PEER_WAIT(peer, held->len == 2);
    finish_held(1, "second");
    peer_step(peer);
    g_assert_cmpuint(peer->received->len, ==, 0);
    finish_held(0, "first");
    PEER_EXPECT(peer, "/third");
    const char *first = strstr(peer->received->str, "first");
    const char *second = strstr(peer->received->str, "second");
    g_assert_true(first && second && first < second &&
                  second < strstr(peer->received->str, "/third"));
    peer_free(peer);
    http_server_free(server);
}

static void reading_ahead_stops_at_the_limit_and_goes_on_after_answers(void)
{
    struct http_server *server = server_new((struct http_limits){ .pipelined = 4 });
    struct peer *peer = peer_new(base, server);
    for (int i = 0; i < 10; i++)
        PEER_SAY(peer, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
    for (int i = 0; i < 20; i++)
        peer_step(peer);
    g_assert_cmpuint(held->len, ==, 4);
    for (int i = 0; i < 10; i++) {
        PEER_WAIT(peer, held->len > 0);
        finish_held(0, "done");
    }
    PEER_WAIT(peer, peer_count(peer, "done") == 10);
    g_assert_cmpuint(http_server_counters(server)->idle, ==, 1);
    peer_free(peer);
    http_server_free(server);
}

static void old_clients_keep_the_connection_only_if_they_ask(void)
{
    struct http_server *server = server_new((struct http_limits){ 0 });
    struct peer *peer = peer_new(base, server);
    PEER_SAY(peer, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    PEER_EXPECT(peer, "\r\nConnection: keep-alive\r\n");
    PEER_SAY(peer, "GET / HTTP/1.0\r\n\r\n");
    PEER_EXPECT(peer, "\r\nConnection: close\r\n");
    PEER_WAIT(peer, peer->ended);
    peer_free(peer);
    http_server_free(server);
}

static void what_follows_a_close_is_not_served(void)
{
    struct http_server *server = server_new((struct http_limits){ 0 });
    struct peer *peer = peer_new(base, server);
    PEER_SAY(peer, "GET /one HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                   "GET /two HTTP/1.1\r\nHost: x\r\n\r\n");
    PEER_WAIT(peer, peer->ended);
    g_assert_nonnull(strstr(peer->received->str, "/one"));
    g_assert_null(strstr(peer->received->str, "/two"));
    peer_free(peer);
    http_server_free(server);
}

static void bodies_arrive_whole_by_length_and_in_chunks(void)
{
    struct http_server *server = server_new((struct http_limits){ 0 });
    struct peer *peer = peer_new(base, server);
    PEER_SAY(peer, "POST /l HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe");
    PEER_SAY(
        peer,
        "lloPOST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;a=\"b\"\r\nwor");
    PEER_SAY(peer, "\r\n2\r\nld\r\n0\r\nX-Sum: 1\r\n\r\nGET /after HTTP/1.1\r\nHost: x\r\n\r\n");
    PEER_EXPECT(peer, "/after");
    g_assert_nonnull(strstr(peer->received->str, "POST /l  hello"));
    g_assert_nonnull(strstr(peer->received->str, "POST /c  world"));
    peer_free(peer);
    http_server_free(server);
}

static void a_client_that_waits_for_100_continue_gets_it_after_earlier_answers(void)
{
    struct http_server *server = server_new((struct http_limits){ 0 });
    struct peer *peer = peer_new(base, server);
    PEER_SAY(peer, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\nPOST /p HTTP/1.1\r\nHost: x\r\n"
                   "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    PEER_WAIT(peer, held->len == 1);
    g_assert_null(strstr(peer->received->str, "100 Continue"));
    finish_held(0, "first");
    PEER_EXPECT(peer, "firstHTTP/1.1 100 Continue\r\n\r\n");
    PEER_SAY(peer, "ok");
    PEER_EXPECT(peer, "POST /p  ok");
    peer_free(peer);
    http_server_free(server);
}

static void head_has_the_length_of_the_body_it_leaves_out(void)
{
    struct http_server *server = server_new((struct http_limits){ 0 });
    struct peer *peer = peer_new(base, server);
    PEER_SAY(peer, "HEAD /h HTTP/1.1\r\nHost: x\r\n\r\nGET /g HTTP/1.1\r\nHost: x\r\n\r\n");
    PEER_EXPECT(peer, "GET /g");
    g_assert_nonnull(strstr(peer->received->str, "Content-Length: 9\r\n\r\nHTTP/1.1"));
    peer_free(peer);
    http_server_free(server);
}

static void options_of_everything_is_answered_by_the_server(void)
{
    struct http_server *server = server_new((struct http_limits){ 0 });
    struct peer *peer = peer_new(base, server);
    PEER_SAY(peer, "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n");
    PEER_EXPECT(peer, "HTTP/1.1 204 No Content\r\n");
    PEER_EXPECT(peer, "Allow: GET, HEAD");
    g_assert_null(strstr(peer->received->str, "Content-Length"));
    peer_free(peer);
    http_server_free(server);
}

static void a_refused_request_is_told_why_after_earlier_answers_and_closed(void)
{
    struct http_server *server = server_new((struct http_limits){ 0 });
    struct peer *peer = peer_new(base, server);
    PEER_SAY(peer, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost : x\r\n\r\nrest");
    PEER_WAIT(peer, held->len == 1);
    finish_held(0, "first");
    PEER_EXPECT(peer, "firstHTTP/1.1 400 Bad Request\r\n");
    PEER_EXPECT(peer, "A header field has no valid name before its colon.\n");
    g_assert_nonnull(strstr(peer->received->str, "\r\nConnection: close\r\n"));
    PEER_WAIT(peer, peer->ended);
    g_assert_cmpuint(http_server_counters(server)->refused, ==, 1);
    g_assert_cmpuint(http_server_counters(server)->open, ==, 1);
    close(peer->descriptor); /* it lingered until the peer closed too */
    peer->descriptor = -1;
    PEER_WAIT(peer, http_server_counters(server)->open == 0);
    peer_free(peer);
    http_server_free(server);
}

static void a_large_answer_waits_for_a_slow_reader(void)
{
    struct http_server *server = server_new((struct http_limits){ 0 });
    struct peer *peer = peer_new(base, server);
    PEER_SAY(peer, "GET /large HTTP/1.1\r\nHost: x\r\n\r\nGET /next HTTP/1.1\r\nHost: x\r\n\r\n");
    PEER_EXPECT(peer, "GET /next");
    g_assert_cmpuint(peer->received->len, >, 4000000);
    peer_free(peer);
    http_server_free(server);
}

static void an_answer_made_in_pieces_is_sent_in_chunks(void)
{
    static const struct {
        const char *request, *body;
        bool ends;
    } talks[] = {
        { "GET /pieces HTTP/1.1\r\nHost: x\r\n\r\nGET /next HTTP/1.1\r\nHost: x\r\n"
          "Connection: close\r\n\r\n",
          "\r\n\r\n8\r\npiece 1 \r\n8\r\npiece 2 \r\n8\r\npiece 3 \r\n0\r\n\r\nHTTP/1.1 200 OK\r\n",
          true },
        { "GET /pieces HTTP/1.0\r\n\r\n", "\r\n\r\npiece 1 piece 2 piece 3 ", true },
        { "HEAD /pieces HTTP/1.1\r\nHost: x\r\n\r\nGET /next HTTP/1.1\r\nHost: x\r\n"
          "Connection: close\r\n\r\n",
          "Transfer-Encoding: chunked\r\n\r\nHTTP/1.1 200 OK\r\n", true },
        { "GET /broken HTTP/1.1\r\nHost: x\r\n\r\n", "8\r\npiece 2 \r\n", false },
    };
    struct http_server *server = server_new((struct http_limits){ 0 });
    produce_ends = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(talks); i++) {
        struct peer *peer = peer_new(base, server);
        PEER_SAY(peer, talks[i].request);
        PEER_WAIT(peer, peer->ended);
        g_assert_nonnull(strstr(peer->received->str, talks[i].body));
        g_assert_true(talks[i].ends || !strstr(peer->received->str, "\r\n0\r\n"));
        g_assert_cmpint(produce_ends, ==, (int)i + 1);
        peer_free(peer);
    }
    http_server_free(server);
}

static void a_half_closed_client_still_gets_its_answers(void)
{
    struct http_server *server = server_new((struct http_limits){ 0 });
    struct peer *peer = peer_new(base, server);
    PEER_SAY(peer, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
    shutdown(peer->descriptor, SHUT_WR);
    PEER_WAIT(peer, held->len == 1);
    peer_step(peer);
    finish_held(0, "answer");
    PEER_WAIT(peer, peer->ended);
    g_assert_nonnull(strstr(peer->received->str, "answer"));
    peer_free(peer);
    http_server_free(server);
}

static void slow_heads_and_bodies_end_with_408_and_idle_ones_silently(void)
{
    struct http_limits limits = { .head_time = 40000, .body_time = 40000, .idle_time = 80000 };
    static const char *const starts[] = {
        "GET / HTT", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nab", ""
    };
    struct http_server *server = server_new(limits);
    for (size_t i = 0; i < G_N_ELEMENTS(starts); i++) {
        struct peer *peer = peer_new(base, server);
        PEER_SAY(peer, starts[i]);
        PEER_WAIT(peer, peer->ended);
        if (starts[i][0])
            g_assert_true(
                g_str_has_prefix(peer->received->str, "HTTP/1.1 408 Request Timeout\r\n"));
        else
            g_assert_cmpuint(peer->received->len, ==, 0);
        peer_free(peer);
    }
    g_assert_cmpuint(http_server_counters(server)->timed_out, ==, 2);
    http_server_free(server);
}

static void a_reader_that_takes_nothing_is_cut_off(void)
{
    struct http_server *server = server_new((struct http_limits){ .write_time = 40000 });
    struct peer *peer = peer_new(base, server);
    static const char request[] = "GET /large HTTP/1.1\r\nHost: x\r\n\r\n";
    g_assert_cmpint(send(peer->descriptor, request, sizeof request - 1, 0), ==, sizeof request - 1);
    gint64 deadline = g_get_monotonic_time() + PEER_DEADLINE;
    while (http_server_counters(server)->open) {
        event_base_loop(base, EVLOOP_ONCE);
        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
    }
    g_assert_cmpuint(http_server_counters(server)->timed_out, ==, 1);
    peer_free(peer);
    http_server_free(server);
}

static void an_answer_given_instead_leaves_the_handler_its_exchange(void)
{
    struct http_server *server = server_new((struct http_limits){ 0 });
    struct peer *peer = peer_new(base, server);
    PEER_SAY(peer, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
    PEER_WAIT(peer, held->len == 1);
    struct http_exchange *exchange = held->pdata[0];
    http_exchange_answer_instead(exchange, 503, TEXT("Retry-After: 1\r\n"), TEXT("late"));
    g_assert_null(exchange->connection);
    PEER_EXPECT(peer, "HTTP/1.1 503 Service Unavailable\r\n");
    PEER_EXPECT(peer, "late");
    PEER_SAY(peer, "GET /again HTTP/1.1\r\nHost: x\r\n\r\n");
    PEER_EXPECT(peer, "GET /again");
    http_exchange_answer_instead(exchange, 500, TEXT(""), TEXT("twice"));
    finish_held(0, "never sent");
    g_assert_cmpstr(logged->str, ==, "503 200 ");
    peer_free(peer);
    http_server_free(server);
}

static void an_answer_given_instead_keeps_its_place_in_the_order(void)
{
    struct http_server *server = server_new((struct http_limits){ 0 });
    struct peer *peer = peer_new(base, server);
    for (int i = 0; i < 3; i++)
        PEER_SAY(peer, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
    PEER_WAIT(peer, held->len == 3);
    http_exchange_answer_instead(held->pdata[1], 503, TEXT(""), TEXT("second"));
    http_exchange_answer_instead(held->pdata[2], 503, TEXT(""), TEXT("third"));
    peer_step(peer);
    g_assert_cmpuint(peer->received->len, ==, 0);
    finish_held(0, "first");
    PEER_EXPECT(peer, "third");
    g_assert_cmpuint(peer_count(peer, "HTTP/1.1 503 "), ==, 2);
    g_assert_true(strstr(peer->received->str, "first") < strstr(peer->received->str, "second"));
    PEER_SAY(peer, "GET /on HTTP/1.1\r\nHost: x\r\n\r\n");
    PEER_EXPECT(peer, "GET /on");
    finish_held(0, "never sent");
    finish_held(0, "never sent");
    peer_free(peer);
    http_server_free(server);
}

static void refuse_as_problem(struct http_response *response, unsigned status, const char *reason,
                              void *data)
{
    http_response_field(response, TEXT("Content-Type"), TEXT("application/problem+json"));
    g_assert_cmpuint(response->status, ==, status);
    buffer_printf(&response->body, "{\"status\":%u,\"detail\":\"%s\",\"data\":\"%s\"}", status,
                  reason, (const char *)data);
}

static void the_owner_words_what_the_parser_refuses(void)
{
    char mine[] = "mine";
    struct http_server_options options = {
        .base = base, .dispatch = dispatch, .refuse = refuse_as_problem, .data = mine
    };
    struct http_server *server = http_server_new(&options, NULL);
    struct peer *peer = peer_new(base, server);
    PEER_SAY(peer, "GET / HTTP/1.1\r\n\r\n");
    PEER_EXPECT(peer,
                "{\"status\":400,\"detail\":\"The request has no Host field.\",\"data\":\"mine\"}");
    g_assert_nonnull(strstr(peer->received->str, "application/problem+json"));
    peer_free(peer);
    http_server_free(server);
}

static void a_response_field_cannot_smuggle_another(void)
{
    struct http_response response = { .status = 200 };
    static const char *const names[] = { "", "A B", "A:", "A\r\nB" };
    static const char *const values[] = { "a\r\nSet-Cookie: b", "a\n", "\x01", "\x7F" };
    for (size_t i = 0; i < 4; i++) {
        g_assert_cmpint(http_response_field(&response, text_of(names[i]), TEXT("v")), ==,
                        PORTICO_EINVAL);
        g_assert_cmpint(http_response_field(&response, TEXT("A"), text_of(values[i])), ==,
                        PORTICO_EINVAL);
    }
    g_assert_cmpuint(response.fields.length, ==, 0);
    g_assert_cmpint(http_response_field(&response, TEXT("A"), TEXT("\tb c")), ==, 0);
    buffer_free(&response.fields);
}

static void an_exchange_outlives_its_peer_and_its_server(void)
{
    struct http_server *server = server_new((struct http_limits){ 0 });
    for (int i = 0; i < 2; i++) {
        struct peer *peer = peer_new(base, server);
        PEER_SAY(peer, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
        PEER_WAIT(peer, held->len == (guint)i + 1);
        if (i == 1) {
            http_server_free(server);
            finish_held(0, "nobody");
        }
        peer_free(peer);
    }
    struct http_exchange *exchange = held->pdata[0];
    g_assert_null(exchange->connection);
    finish_held(0, "nobody");
}

static GArray *handed;
static unsigned drained;

static int hand_over(int descriptor, void *data)
{
    (void)data;
    g_array_append_val(handed, descriptor);
    return 0;
}

static int hand_over_fails(int descriptor, void *data)
{
    (void)descriptor;
    (void)data;
    return -1;
}

static void count_drained(void *data)
{
    (void)data;
    drained++;
}

static void draining_hands_over_idle_connections_at_once_and_busy_ones_after_their_answer(void)
{
    struct http_server *old = server_new((struct http_limits){ 0 });
    struct http_server *new = server_new((struct http_limits){ 0 });
    struct peer *idle = peer_new(base, old);
    struct peer *busy = peer_new(base, old);
    struct peer *half = peer_new(base, old);
    PEER_SAY(idle, "GET /before HTTP/1.1\r\nHost: x\r\n\r\n");
    PEER_EXPECT(idle, "/before");
    PEER_SAY(busy, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
    PEER_SAY(half, "GET /half HTTP/1.1\r\nHo");
    handed = g_array_new(FALSE, FALSE, sizeof(int));
    drained = 0;
    http_server_drain(old, hand_over, count_drained, NULL);
    g_assert_cmpuint(handed->len, ==, 1);
    PEER_SAY(busy, "GET /new HTTP/1.1\r\nHost: x\r\n\r\n");
    finish_held(0, "answer");
    g_assert_cmpuint(handed->len, ==, 2);
    PEER_SAY(half, "st: x\r\n\r\n");
    PEER_EXPECT(half, "GET /half");
    PEER_WAIT(half, drained == 1);
    g_assert_cmpuint(handed->len, ==, 3);
    http_server_free(old);

    for (guint i = 0; i < handed->len; i++)
        http_server_adopt(new, g_array_index(handed, int, i));
    PEER_EXPECT(busy,
                "GET /new"); /* was sent to the old server's descriptor, read by the new one */
    struct peer *peers[] = { idle, busy, half };
    for (size_t i = 0; i < 3; i++) {
        PEER_SAY(peers[i], "GET /moved HTTP/1.1\r\nHost: x\r\n\r\n");
        PEER_EXPECT(peers[i], "GET /moved");
        g_assert_null(strstr(peers[i]->received->str, "Connection: close"));
        peer_free(peers[i]);
    }
    http_server_free(new);
    g_array_free(handed, TRUE);
}

static void draining_without_a_successor_closes_after_the_answers(void)
{
    struct http_server *server = server_new((struct http_limits){ 0 });
    struct peer *idle = peer_new(base, server);
    struct peer *busy = peer_new(base, server);
    struct peer *asking = peer_new(base, server);
    PEER_SAY(busy, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
    PEER_WAIT(busy, held->len == 1);
    static const char request[] = "GET /asked HTTP/1.1\r\nHost: x\r\n\r\n";
    g_assert_cmpint(send(asking->descriptor, request, sizeof request - 1, 0), >, 0);
    drained = 0;
    http_server_drain(server, hand_over_fails, count_drained, NULL);
    PEER_WAIT(idle, idle->ended);
    PEER_WAIT(asking, asking->ended);
    g_assert_nonnull(strstr(asking->received->str, "\r\nConnection: close\r\n"));
    g_assert_nonnull(strstr(asking->received->str, "GET /asked"));
    finish_held(0, "answer");
    PEER_WAIT(busy, busy->ended);
    g_assert_nonnull(strstr(busy->received->str, "\r\nConnection: close\r\n\r\nanswer"));
    peer_free(asking);
    PEER_WAIT(busy, drained == 1);
    peer_free(idle);
    peer_free(busy);
    http_server_free(server);
}

static void say_form(struct peer *peer, const char *path, const char *type, size_t length)
{
    char head[200];
    snprintf(head, sizeof head,
             "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n", path,
             type, length);
    char *body = g_strnfill(length, 'a');
    PEER_SAY(peer, head);
    PEER_SAY(peer, body);
    g_free(body);
}

static void a_form_may_be_larger_where_files_are_taken(void)
{
    static const char type[] = "multipart/form-data; boundary=b";
    struct http_server *server =
        server_new((struct http_limits){ .body_bytes = 100, .upload_bytes = 200 });
    struct peer *peer = peer_new(base, server);
    say_form(peer, "/hold", type, 200);
    PEER_WAIT(peer, held->len == 1);
    finish_held(0, "taken");
    PEER_EXPECT(peer, "taken");
    say_form(peer, "/hold", type, 201);
    PEER_EXPECT(peer, "HTTP/1.1 413 ");
    peer_free(peer);
    static const char *const others[][2] = { { "/other", type },
                                             { "/hold", "application/octet-stream" } };
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        peer = peer_new(base, server);
        say_form(peer, others[i][0], others[i][1], 101);
        PEER_EXPECT(peer, "HTTP/1.1 413 ");
        peer_free(peer);
    }
    http_server_free(server);
}

static void few_large_forms_are_held_at_once(void)
{
    static const char type[] = "multipart/form-data; boundary=b";
    struct http_server *server =
        server_new((struct http_limits){ .body_bytes = 100, .upload_bytes = 200, .uploads = 1 });
    struct peer *first = peer_new(base, server), *second = peer_new(base, server);
    say_form(first, "/hold", type, 101);
    PEER_WAIT(first, held->len == 1);
    say_form(second, "/hold", type, 101);
    PEER_EXPECT(second, "HTTP/1.1 503 ");
    peer_free(second);
    finish_held(0, "taken");
    PEER_EXPECT(first, "taken");
    say_form(first, "/hold", type, 101);
    PEER_WAIT(first, held->len == 1);
    finish_held(0, "again");
    PEER_EXPECT(first, "again");
    peer_free(first);
    http_server_free(server);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    base = event_base_new();
    held = g_ptr_array_new();
    logged = g_string_new(NULL);
#define TEST(name) g_test_add_func("/http/connection/" #name, name)
    TEST(a_get_is_answered_with_the_fields_every_answer_has);
    TEST(pipelined_requests_are_answered_in_their_order);
    TEST(reading_ahead_stops_at_the_limit_and_goes_on_after_answers);
    TEST(old_clients_keep_the_connection_only_if_they_ask);
    TEST(what_follows_a_close_is_not_served);
    TEST(bodies_arrive_whole_by_length_and_in_chunks);
    TEST(a_client_that_waits_for_100_continue_gets_it_after_earlier_answers);
    TEST(head_has_the_length_of_the_body_it_leaves_out);
    TEST(options_of_everything_is_answered_by_the_server);
    TEST(a_refused_request_is_told_why_after_earlier_answers_and_closed);
    TEST(a_large_answer_waits_for_a_slow_reader);
    TEST(an_answer_made_in_pieces_is_sent_in_chunks);
    TEST(a_half_closed_client_still_gets_its_answers);
    TEST(slow_heads_and_bodies_end_with_408_and_idle_ones_silently);
    TEST(a_reader_that_takes_nothing_is_cut_off);
    TEST(an_answer_given_instead_leaves_the_handler_its_exchange);
    TEST(an_answer_given_instead_keeps_its_place_in_the_order);
    TEST(the_owner_words_what_the_parser_refuses);
    TEST(a_response_field_cannot_smuggle_another);
    TEST(an_exchange_outlives_its_peer_and_its_server);
    TEST(draining_hands_over_idle_connections_at_once_and_busy_ones_after_their_answer);
    TEST(draining_without_a_successor_closes_after_the_answers);
    TEST(a_form_may_be_larger_where_files_are_taken);
    TEST(few_large_forms_are_held_at_once);
    int result = g_test_run();
    g_ptr_array_free(held, TRUE);
    g_string_free(logged, TRUE);
    event_base_free(base);
    return result;
}
