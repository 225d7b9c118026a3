/* Answers that are made in pieces as there is something to say: HTTP_LATER, more, cut. */
#include "peer.h"

/* The answer under way. */
static struct {
    struct http_exchange *exchange;
    GString *queue;
    bool ending;
    unsigned produced, ends;
} answer;
static struct event_base *base;

static int produce(struct buffer *piece, void *data)
{
    (void)data;
    answer.produced++;
    if (answer.queue->len == 0)
        return answer.ending ? 0 : HTTP_LATER;
    buffer_append(piece, answer.queue->str, answer.queue->len);
    g_string_truncate(answer.queue, 0);
    return 1;
}

static void produce_end(void *data)
{
    (void)data;
    answer.ends++;
    answer.exchange = NULL;
}

static struct http_exchange *held;

/* /later is the answer under way, /hold waits for the test, anything else says its path. */
static void dispatch(struct http_exchange *exchange, void *data)
{
    (void)data;
    struct http_response *response = &exchange->response;
    response->status = 200;
    if (strcmp(exchange->request.path.data, "/hold") == 0) {
        held = exchange;
        return;
    }
    if (strcmp(exchange->request.path.data, "/later") == 0) {
        response->produce = produce;
        response->produce_end = produce_end;
        answer.exchange = exchange;
    } else {
        buffer_append_text(&response->body, exchange->request.path.data);
    }
    http_exchange_finish(exchange);
}

static struct http_server *server_new(struct http_limits limits)
{
    struct http_server_options options = { .base = base, .limits = limits, .dispatch = dispatch };
    struct portico_error error = PORTICO_ERROR_INIT;
    struct http_server *server = http_server_new(&options, &error);
    g_assert_nonnull(server);
    if (answer.queue)
        g_string_free(answer.queue, TRUE);
    memset(&answer, 0, sizeof answer);
    answer.queue = g_string_new(NULL);
    return server;
}

static void say(const char *text)
{
    g_string_append(answer.queue, text);
    http_exchange_more(answer.exchange);
}

#define ASK "GET /later HTTP/1.1\r\nHost: x\r\n\r\n"

static void pieces_leave_when_there_is_more_and_the_connection_goes_on(void)
{
    struct http_server *server = server_new((struct http_limits){ 0 });
    struct peer *peer = peer_new(base, server);
    PEER_SAY(peer, ASK);
    PEER_EXPECT(peer, "Transfer-Encoding: chunked\r\n\r\n");
    g_assert_true(g_str_has_suffix(peer->received->str, "\r\n\r\n"));
    say("first");
    PEER_EXPECT(peer, "\r\n5\r\nfirst\r\n");
    say("and the second");
    PEER_EXPECT(peer, "\r\ne\r\nand the second\r\n");
    g_assert_cmpuint(answer.ends, ==, 0);
    answer.ending = true;
    http_exchange_more(answer.exchange);
    PEER_EXPECT(peer, "\r\n0\r\n\r\n");
    g_assert_cmpuint(answer.ends, ==, 1);
    PEER_SAY(peer, "GET /next HTTP/1.1\r\nHost: x\r\n\r\n");
    PEER_EXPECT(peer, "/next");
    peer_free(peer);
    http_server_free(server);
}

static void more_without_anything_new_sends_nothing(void)
{
    struct http_server *server = server_new((struct http_limits){ 0 });
    struct peer *peer = peer_new(base, server);
    PEER_SAY(peer, ASK);
    PEER_EXPECT(peer, "\r\n\r\n");
    size_t length = peer->received->len;
    for (int i = 0; i < 10; i++) {
        http_exchange_more(answer.exchange);
        peer_step(peer);
    }
    g_assert_cmpuint(peer->received->len, ==, length);
    g_assert_false(peer->ended);
    peer_free(peer);
    http_server_free(server);
}

static void nothing_waits_for_time_while_there_is_nothing_to_say(void)
{
    const int64_t soon = 50000;
    struct http_server *server = server_new(
        (struct http_limits){ .idle_time = soon, .write_time = soon, .body_time = soon });
    struct peer *peer = peer_new(base, server);
    PEER_SAY(peer, ASK);
    PEER_EXPECT(peer, "\r\n\r\n");
    /* Two peers one after the other, so that the limit has passed twice. */
    for (int i = 0; i < 2; i++) {
        struct peer *idle = peer_new(base, server);
        PEER_SAY(idle, "GET /idle HTTP/1.1\r\nHost: x\r\n\r\n");
        PEER_WAIT(idle, idle->ended);
        peer_free(idle);
    }
    say("still here");
    PEER_EXPECT(peer, "still here");
    g_assert_false(peer->ended);
    peer_free(peer);
    http_server_free(server);
}

static void a_cut_ends_the_connection_without_the_last_chunk(void)
{
    struct http_server *server = server_new((struct http_limits){ 0 });
    struct peer *peer = peer_new(base, server);
    PEER_SAY(peer, ASK "GET /never HTTP/1.1\r\nHost: x\r\n\r\n");
    PEER_EXPECT(peer, "\r\n\r\n");
    say("a part");
    PEER_EXPECT(peer, "a part");
    http_exchange_cut(answer.exchange);
    PEER_WAIT(peer, peer->ended);
    g_assert_cmpuint(answer.ends, ==, 1);
    g_assert_null(strstr(peer->received->str, "0\r\n\r\n"));
    g_assert_null(strstr(peer->received->str, "/never"));
    g_assert_cmpuint(http_server_counters(server)->open, ==, 0);
    peer_free(peer);
    http_server_free(server);
}

static void a_peer_that_leaves_ends_the_answer(void)
{
    struct http_server *server = server_new((struct http_limits){ 0 });
    struct peer *peer = peer_new(base, server);
    PEER_SAY(peer, ASK);
    PEER_EXPECT(peer, "\r\n\r\n");
    shutdown(peer->descriptor, SHUT_RDWR);
    PEER_WAIT(peer, answer.ends == 1);
    g_assert_cmpuint(http_server_counters(server)->open, ==, 0);
    peer_free(peer);
    http_server_free(server);
}

static void an_answer_whose_turn_it_is_not_waits_with_its_pieces(void)
{
    struct http_server *server = server_new((struct http_limits){ 0 });
    struct peer *peer = peer_new(base, server);
    PEER_SAY(peer, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n" ASK);
    PEER_WAIT(peer, held && answer.exchange);
    say("second");
    peer_step(peer);
    g_assert_cmpuint(peer->received->len, ==, 0);
    g_assert_cmpuint(answer.produced, ==, 0);
    buffer_append_text(&held->response.body, "first");
    http_exchange_finish(held);
    PEER_EXPECT(peer, "second");
    g_assert_true(strstr(peer->received->str, "first") < strstr(peer->received->str, "second"));
    peer_free(peer);
    http_server_free(server);
    held = NULL;
}

static void what_a_slow_peer_does_not_take_stays_where_it_is_made(void)
{
    struct http_server *server = server_new((struct http_limits){ 0 });
    struct peer *peer = peer_new(base, server);
    char line[1024];
    memset(line, 'x', sizeof line);
    line[sizeof line - 1] = '\0';
    PEER_SAY(peer, ASK);
    PEER_EXPECT(peer, "\r\n\r\n");
    /* Nobody reads: sooner or later the kernel takes no more, and no piece is asked for. */
    size_t said = 0;
    while (answer.queue->len <= 65536) {
        say(line);
        said += sizeof line - 1;
        event_base_loop(base, EVLOOP_NONBLOCK);
        g_assert_cmpuint(said, <, 64 * 1024 * 1024);
    }
    unsigned produced = answer.produced;
    say(line);
    said += sizeof line - 1;
    g_assert_cmpuint(answer.produced, ==, produced);
    answer.ending = true;
    PEER_EXPECT(peer, "\r\n0\r\n\r\n");
    size_t got = 0;
    for (const char *at = peer->received->str; *at; at++)
        got += *at == 'x';
    g_assert_cmpuint(got, ==, said);
    peer_free(peer);
    http_server_free(server);
}

static void a_slow_peer_is_cut_where_it_stands(void)
{
    struct http_server *server = server_new((struct http_limits){ 0 });
    struct peer *peer = peer_new(base, server);
    PEER_SAY(peer, ASK);
    PEER_EXPECT(peer, "\r\n\r\n");
    while (answer.queue->len <= 65536) {
        say("0123456789012345678901234567890123456789");
        event_base_loop(base, EVLOOP_NONBLOCK);
    }
    http_exchange_cut(answer.exchange);
    g_assert_cmpuint(answer.ends, ==, 1);
    PEER_WAIT(peer, peer->ended);
    g_assert_null(strstr(peer->received->str, "\r\n0\r\n\r\n"));
    peer_free(peer);
    http_server_free(server);
}

static void a_server_that_ends_ends_the_answer(void)
{
    struct http_server *server = server_new((struct http_limits){ 0 });
    struct peer *peer = peer_new(base, server);
    PEER_SAY(peer, ASK);
    PEER_EXPECT(peer, "\r\n\r\n");
    http_server_free(server);
    g_assert_cmpuint(answer.ends, ==, 1);
    PEER_WAIT(peer, peer->ended);
    peer_free(peer);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    base = event_base_new();
#define TEST(name) g_test_add_func("/http/later/" #name, name)
    TEST(pieces_leave_when_there_is_more_and_the_connection_goes_on);
    TEST(more_without_anything_new_sends_nothing);
    TEST(nothing_waits_for_time_while_there_is_nothing_to_say);
    TEST(a_cut_ends_the_connection_without_the_last_chunk);
    TEST(a_peer_that_leaves_ends_the_answer);
    TEST(an_answer_whose_turn_it_is_not_waits_with_its_pieces);
    TEST(what_a_slow_peer_does_not_take_stays_where_it_is_made);
    TEST(a_slow_peer_is_cut_where_it_stands);
    TEST(a_server_that_ends_ends_the_answer);
    int code = g_test_run();
    g_string_free(answer.queue, TRUE);
    event_base_free(base);
    return code;
}
