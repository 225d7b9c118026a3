/* Tests of fetching, against a real server of this process on loopback. */
#include "fetch/fetch.h"

#include "base/error.h"

#include <arpa/inet.h>
#include <glib.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/* What the server read last, and how many connections it has had. */
static struct {
    int listener;
    unsigned port;
    pthread_t thread;
    pthread_mutex_t lock;
    char request[8192];
    unsigned connections;
} server = { .lock = PTHREAD_MUTEX_INITIALIZER };

static char allowed[2][64];
static const char *const hosts[] = { allowed[0], allowed[1], NULL };
static struct fetch_rules rules = { .hosts = hosts };

static void reply(int client, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void reply(int client, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    if (send(client, text, strlen(text), MSG_NOSIGNAL) < 0)
        g_test_message("The other side was gone.");
    g_free(text);
}

static void redirect(int client, unsigned status, const char *to)
{
    reply(client, "HTTP/1.1 %u Go\r\nLocation: %s\r\nContent-Length: 4\r\n\r\ngone", status, to);
}

/* A gzip of zeroes, far longer than what is taken. */
static void send_bomb(int client)
{
    static char packed[64 * 1024];
    FILE *pipe = popen("head -c 16777216 /dev/zero | gzip -9", "re");
    size_t length = pipe ? fread(packed, 1, sizeof packed, pipe) : 0;
    if (pipe)
        pclose(pipe);
    reply(client, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n",
          length);
    send(client, packed, length, MSG_NOSIGNAL);
}

static void send_many(int client, const char *line, size_t bytes)
{
    for (size_t sent = 0; sent < bytes; sent += strlen(line))
        if (send(client, line, strlen(line), MSG_NOSIGNAL) < 0)
            return;
}

static void answer(int client, const char *path)
{
    char *elsewhere = g_strdup_printf("http://localhost:%u/read", server.port);
    if (g_str_has_prefix(path, "/to/")) {
        redirect(client, (unsigned)atoi(path + 4), "/read");
    } else if (strcmp(path, "/away") == 0) {
        redirect(client, 307, elsewhere);
    } else if (strcmp(path, "/inside") == 0) {
        redirect(client, 302, "http://127.0.0.1:1/");
    } else if (strcmp(path, "/inside-https") == 0) {
        redirect(client, 302, "https://10.0.0.1/");
    } else if (strcmp(path, "/file") == 0) {
        redirect(client, 302, "file:///etc/passwd");
    } else if (strcmp(path, "/loop") == 0) {
        redirect(client, 302, "/loop");
    } else if (strcmp(path, "/bomb") == 0) {
        send_bomb(client);
    } else if (strcmp(path, "/endless") == 0) {
        reply(client, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
        send_many(client, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 4 << 20);
    } else if (strcmp(path, "/declared") == 0) {
        reply(client, "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nx");
    } else if (strcmp(path, "/heads") == 0) {
        reply(client, "HTTP/1.1 200 OK\r\n");
        send_many(client, "X-Filler: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n", 128 << 10);
        reply(client, "\r\n");
    } else if (strcmp(path, "/fields") == 0) {
        reply(client, "HTTP/1.1 200 OK\r\n");
        send_many(client, "a:\r\n", 60 << 10); /* joined they would be 200 MiB */
        reply(client, "\r\n");
    } else if (strcmp(path, "/silent") == 0) {
        char byte;
        recv(client, &byte, 1, 0); /* until the other side has had enough */
    } else if (strcmp(path, "/cut") == 0) {
        reply(client, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    } else if (strcmp(path, "/early") == 0) {
        reply(client, "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
                      "HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a: caf\xe9\r\nContent-Length: 0\r\n\r\n");
    } else {
        reply(client, "HTTP/1.1 404 No\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n"
                      "gone\n");
    }
    g_free(elsewhere);
}

/* Reads a head and the body its Content-Length tells. */
static void read_request(int client, char *request, size_t size)
{
    size_t have = 0;
    ssize_t got;
    while (have + 1 < size && (got = recv(client, request + have, size - have - 1, 0)) > 0) {
        have += (size_t)got;
        request[have] = '\0';
        const char *body = strstr(request, "\r\n\r\n");
        const char *length = strcasestr(request, "\r\ncontent-length:");
        if (body && strlen(body + 4) >= (length ? strtoul(length + 17, NULL, 10) : 0))
            return;
    }
}

static void *serve(void *data)
{
    (void)data;
    int client;
    while ((client = accept(server.listener, NULL, NULL)) >= 0) {
        char request[8192] = "", path[512] = "";
        read_request(client, request, sizeof request);
        if (sscanf(request, "%*s %511s", path) == 1) {
            pthread_mutex_lock(&server.lock);
            memcpy(server.request, request, sizeof request);
            server.connections++;
            pthread_mutex_unlock(&server.lock);
            answer(client, path);
        }
        close(client);
    }
    return NULL;
}

static void start_server(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t length = sizeof address;
    server.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(bind(server.listener, (void *)&address, sizeof address), ==, 0);
    g_assert_cmpint(listen(server.listener, 16), ==, 0);
    g_assert_cmpint(getsockname(server.listener, (void *)&address, &length), ==, 0);
    server.port = ntohs(address.sin_port);
    g_snprintf(allowed[0], sizeof allowed[0], "127.0.0.1:%u", server.port);
    g_snprintf(allowed[1], sizeof allowed[1], "localhost:%u", server.port);
    g_assert_cmpint(pthread_create(&server.thread, NULL, serve, NULL), ==, 0);
}

static void stop_server(void)
{
    shutdown(server.listener, SHUT_RDWR);
    pthread_join(server.thread, NULL);
    close(server.listener);
}

static unsigned connections(void)
{
    pthread_mutex_lock(&server.lock);
    unsigned count = server.connections;
    pthread_mutex_unlock(&server.lock);
    return count;
}

struct trip {
    struct arena *arena;
    struct fetch_request request;
    struct fetch_answer answer;
    struct portico_error error;
    char *url;
};

static struct trip trip_new(const char *path)
{
    struct trip trip = { .arena = arena_new(0), .error = PORTICO_ERROR_INIT };
    trip.url = g_strdup_printf("http://127.0.0.1:%u%s", server.port, path);
    trip.request.url = trip.url;
    return trip;
}

static int go(struct trip *trip)
{
    return fetch_send(&rules, &trip->request, trip->arena, &trip->answer, &trip->error);
}

static void trip_free(struct trip *trip)
{
    arena_free(trip->arena);
    g_free(trip->url);
}

static void a_request_arrives_as_asked_and_its_answer_as_sent(void)
{
    struct trip trip = trip_new("/read?a=1");
    struct value *headers = value_new(trip.arena, PORTICO_OBJECT);
    value_set_text(headers, "Authorization", "Bearer x");
    value_set_text(headers, "Content-Type", "application/json");
    value_set_text(headers, "X-Empty", "");
    trip.request.method = "PUT";
    trip.request.headers = headers;
    trip.request.body = "{\"a\":1}";
    trip.request.body_length = 7;
    g_assert_cmpint(go(&trip), ==, 0);
    g_assert_cmpuint(trip.answer.status, ==, 404);
    g_assert_cmpstr(trip.answer.body, ==, "gone\n");
    g_assert_cmpuint(trip.answer.body_length, ==, 5);
    g_assert_cmpstr(value_get(trip.answer.headers, TEXT("content-type"))->text, ==, "text/plain");
    g_assert_true(g_str_has_prefix(server.request, "PUT /read?a=1 HTTP/1.1\r\n"));
    g_assert_nonnull(strstr(server.request, "\r\nAuthorization: Bearer x\r\n"));
    g_assert_nonnull(strstr(server.request, "\r\nContent-Type: application/json\r\n"));
    g_assert_nonnull(strstr(server.request, "\r\nX-Empty:\r\n"));
    g_assert_null(strcasestr(server.request, "expect:"));
    g_assert_true(g_str_has_suffix(server.request, "\r\n\r\n{\"a\":1}"));
    trip_free(&trip);
}

static void fields_of_one_name_are_joined_and_are_utf8(void)
{
    struct trip trip = trip_new("/early");
    g_assert_cmpint(go(&trip), ==, 0);
    g_assert_cmpstr(value_get(trip.answer.headers, TEXT("x-a"))->text, ==, "1, caf\xc3\xa9");
    g_assert_null(value_get(trip.answer.headers, TEXT("link")));
    trip_free(&trip);
}

static void redirects_are_followed_as_far_as_asked(void)
{
    struct trip trip = trip_new("/to/302");
    g_assert_cmpint(go(&trip), ==, 0);
    g_assert_cmpuint(trip.answer.status, ==, 302);
    g_assert_cmpstr(value_get(trip.answer.headers, TEXT("location"))->text, ==, "/read");
    trip.request.redirects = 1;
    g_assert_cmpint(go(&trip), ==, 0);
    g_assert_cmpuint(trip.answer.status, ==, 404);
    g_assert_cmpstr(trip.answer.body, ==, "gone\n");
    trip_free(&trip);

    trip = trip_new("/loop");
    trip.request.redirects = 5;
    unsigned before = connections();
    g_assert_cmpint(go(&trip), ==, 0);
    g_assert_cmpuint(trip.answer.status, ==, 302);
    g_assert_cmpuint(connections() - before, ==, 6);
    trip_free(&trip);
}

static void a_redirect_changes_the_method_as_rfc_9110_says(void)
{
    static const struct {
        const char *method, *path, *arrives;
    } rows[] = {
        { "POST", "/to/301", "GET " },  { "POST", "/to/302", "GET " },
        { "POST", "/to/303", "GET " },  { "POST", "/to/307", "POST " },
        { "PUT", "/to/308", "PUT " },   { "PUT", "/to/303", "GET " },
        { "HEAD", "/to/303", "HEAD " }, { "PUT", "/to/302", "PUT " },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_test_message("%s %s", rows[i].method, rows[i].path);
        struct trip trip = trip_new(rows[i].path);
        bool head = strcmp(rows[i].method, "HEAD") == 0;
        trip.request.method = rows[i].method;
        trip.request.redirects = 1;
        trip.request.body = head ? NULL : "body";
        trip.request.body_length = head ? 0 : 4;
        g_assert_cmpint(go(&trip), ==, 0);
        g_assert_true(g_str_has_prefix(server.request, rows[i].arrives));
        g_assert_true((strstr(server.request, "body") != NULL) == (rows[i].arrives[0] == 'P'));
        trip_free(&trip);
    }
}

static void credentials_do_not_follow_to_another_origin(void)
{
    static const struct {
        const char *path;
        bool kept;
    } rows[] = { { "/to/307", true }, { "/away", false } };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct trip trip = trip_new(rows[i].path);
        struct value *headers = value_new(trip.arena, PORTICO_OBJECT);
        value_set_text(headers, "authorization", "Bearer x");
        value_set_text(headers, "COOKIE", "a=b");
        value_set_text(headers, "X-Kept", "yes");
        trip.request.headers = headers;
        trip.request.redirects = 1;
        int code = go(&trip);
        g_test_message("%s", trip.error.message);
        g_assert_cmpint(code, ==, 0);
        g_assert_true((strcasestr(server.request, "\r\nauthorization:") != NULL) == rows[i].kept);
        g_assert_true((strcasestr(server.request, "\r\ncookie:") != NULL) == rows[i].kept);
        g_assert_nonnull(strstr(server.request, "\r\nX-Kept: yes\r\n"));
        trip_free(&trip);
    }
}

static void a_redirect_into_a_private_place_is_refused(void)
{
    static const char *const paths[] = { "/inside", "/inside-https", "/file" };
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        struct trip trip = trip_new(paths[i]);
        trip.request.redirects = 3;
        g_assert_cmpint(go(&trip), ==, PORTICO_EPERM);
        g_assert_null(trip.answer.body);
        g_assert_cmpstr(trip.error.message, !=, "");
        trip_free(&trip);
    }
}

/* The name is fine and so is the URL; only at the socket is it known where it leads. */
static void a_name_that_leads_inside_is_refused_before_a_connection_is_made(void)
{
    static const char *const none[] = { "localhost", NULL };
    struct fetch_rules strict = { .hosts = none };
    struct trip trip = trip_new("/");
    char *url = g_strdup_printf("http://localhost:%u/read", server.port);
    trip.request.url = url;
    unsigned before = connections();
    g_assert_cmpint(fetch_check(&strict, &trip.request, &trip.error), ==, 0);
    g_assert_cmpint(fetch_send(&strict, &trip.request, trip.arena, &trip.answer, &trip.error), ==,
                    PORTICO_EPERM);
    g_assert_nonnull(strstr(trip.error.message, "is loopback"));
    g_assert_cmpuint(connections(), ==, before);
    g_free(url);
    trip_free(&trip);
}

static void proxies_of_the_environment_are_not_used(void)
{
    g_setenv("http_proxy", "http://127.0.0.1:1", TRUE);
    g_setenv("ALL_PROXY", "http://127.0.0.1:1", TRUE);
    struct trip trip = trip_new("/read");
    g_assert_cmpint(go(&trip), ==, 0);
    g_unsetenv("http_proxy");
    g_unsetenv("ALL_PROXY");
    trip_free(&trip);
}

static void answers_are_taken_up_to_their_limits(void)
{
    static const struct {
        const char *path;
        int code;
    } rows[] = {
        { "/bomb", PORTICO_ELIMIT },      { "/endless", PORTICO_ELIMIT },
        { "/declared", PORTICO_ELIMIT },  { "/heads", PORTICO_ELIMIT },
        { "/fields", PORTICO_ELIMIT },    { "/cut", PORTICO_EIO },
        { "/silent", PORTICO_ETIMEDOUT },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_test_message("%s", rows[i].path);
        struct trip trip = trip_new(rows[i].path);
        trip.request.timeout_ms = rows[i].code == PORTICO_ETIMEDOUT ? 100 : 0;
        g_assert_cmpint(go(&trip), ==, rows[i].code);
        g_assert_null(trip.answer.body);
        g_assert_cmpstr(trip.error.message, !=, "");
        trip_free(&trip);
    }
    struct trip exact = trip_new("/read");
    exact.request.answer_max = 5;
    g_assert_cmpint(go(&exact), ==, 0);
    exact.request.answer_max = 4;
    g_assert_cmpint(go(&exact), ==, PORTICO_ELIMIT);
    trip_free(&exact);
}

static void what_would_change_the_message_is_refused_before_anything_is_sent(void)
{
    static const struct {
        const char *name, *text;
    } wrong[] = {
        { "Host", "inside" },
        { "content-length", "5" },
        { "Transfer-Encoding", "x" },
        { "Proxy-Authorization", "x" },
        { "Connection", "close" },
        { "A b", "x" },
        { "A:", "x" },
        { "", "x" },
        { "X", "a\r\nHost: b" },
        { "X", "a\nb" },
        { "X\r\nY", "a" },
        { "Accept-Encoding", "gzip" },
    };
    unsigned before = connections();
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        struct trip trip = trip_new("/read");
        struct value *headers = value_new(trip.arena, PORTICO_OBJECT);
        value_set_text(headers, wrong[i].name, wrong[i].text);
        trip.request.headers = headers;
        g_assert_cmpint(go(&trip), ==, PORTICO_EINVAL);
        trip_free(&trip);
    }
    static const char *const methods[] = { "CONNECT", "TRACE", "get", "GET /x", "", "G\r\nET" };
    for (size_t i = 0; i < G_N_ELEMENTS(methods); i++) {
        struct trip trip = trip_new("/read");
        trip.request.method = methods[i];
        g_assert_cmpint(go(&trip), ==, PORTICO_EINVAL);
        trip_free(&trip);
    }
    const struct fetch_request limits[] = { { .timeout_ms = FETCH_TIME_MAX + 1 },
                                            { .answer_max = FETCH_ANSWER_MAX + 1 },
                                            { .redirects = FETCH_REDIRECTS_MAX + 1 },
                                            { .body_length = 1 } };
    for (size_t i = 0; i < G_N_ELEMENTS(limits); i++) {
        struct trip trip = trip_new("/read");
        trip.request = limits[i];
        trip.request.url = trip.url;
        g_assert_cmpint(go(&trip), ==, PORTICO_EINVAL);
        trip_free(&trip);
    }
    g_assert_cmpuint(connections(), ==, before);
}

int main(int count, char **words)
{
    g_test_init(&count, &words, NULL);
    static const struct {
        const char *name;
        void (*run)(void);
    } tests[] = {
        { "a request arrives as asked and its answer as sent",
          a_request_arrives_as_asked_and_its_answer_as_sent },
        { "fields of one name are joined and are UTF-8",
          fields_of_one_name_are_joined_and_are_utf8 },
        { "redirects are followed as far as asked", redirects_are_followed_as_far_as_asked },
        { "a redirect changes the method as RFC 9110 says",
          a_redirect_changes_the_method_as_rfc_9110_says },
        { "credentials do not follow to another origin",
          credentials_do_not_follow_to_another_origin },
        { "a redirect into a private place is refused",
          a_redirect_into_a_private_place_is_refused },
        { "a name that leads inside is refused before a connection is made",
          a_name_that_leads_inside_is_refused_before_a_connection_is_made },
        { "proxies of the environment are not used", proxies_of_the_environment_are_not_used },
        { "answers are taken up to their limits", answers_are_taken_up_to_their_limits },
        { "what would change the message is refused before anything is sent",
          what_would_change_the_message_is_refused_before_anything_is_sent },
    };
    start_server();
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
        char *path = g_strdup_printf("/fetch/%s", tests[i].name);
        g_test_add_func(path, tests[i].run);
        g_free(path);
    }
    int failed = g_test_run();
    stop_server();
    return failed;
}
