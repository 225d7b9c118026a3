/* Tests of static files, conditional requests and ranges, over a connection. */
#include "../remove.h"
#include "peer.h"

#include "http/files.h"

#include <glib/gstdio.h>
#include <stdlib.h>

static struct event_base *base;
static struct http_files *files;
static char *directory;

static void dispatch(struct http_exchange *exchange, void *data)
{
    (void)data;
    if (!http_files_serve(files, exchange)) {
        if (strcmp(exchange->request.path.data, "/tagged") == 0) {
            exchange->response.status = 200;
            exchange->response.etag = TEXT("\"abc\"");
            exchange->response.modified = 784111777 * (int64_t)1000000;
            http_response_field(&exchange->response, TEXT("Content-Type"), TEXT("text/plain"));
            http_response_field(&exchange->response, TEXT("Cache-Control"), TEXT("private"));
            buffer_append_text(&exchange->response.body, "0123456789");
        } else {
            exchange->response.status = 404;
        }
    }
    http_exchange_finish(exchange);
}

static struct http_server *server_new(void)
{
    struct http_server_options options = { .base = base, .dispatch = dispatch };
    struct http_server *server = http_server_new(&options, NULL);
    g_assert_nonnull(server);
    return server;
}

/* One request on a connection of its own; the whole answer. */
static char *ask_as(const char *method, const char *path, const char *fields)
{
    struct http_server *server = server_new();
    struct peer *peer = peer_new(base, server);
    char *request = g_strdup_printf("%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n",
                                    method, path, fields);
    PEER_SAY(peer, request);
    PEER_WAIT(peer, peer->ended);
    char *answer = g_memdup2(peer->received->str, peer->received->len + 1);
    g_free(request);
    peer_free(peer);
    http_server_free(server);
    return answer;
}

static char *ask(const char *path, const char *fields)
{
    return ask_as("GET", path, fields);
}

static void expect(char *answer, const char *const *parts)
{
    for (; *parts; parts++) {
        if ((*parts)[0] == '!' ? strstr(answer, *parts + 1) != NULL : !strstr(answer, *parts))
            g_error("%s in: %s", *parts, answer);
    }
    g_free(answer);
}
#define EXPECT(answer, ...) expect((answer), (const char *const[]){ __VA_ARGS__, NULL })

static void write_file(const char *name, const char *text, gssize length)
{
    char *path = g_build_filename(directory, name, NULL);
    char *folder = g_path_get_dirname(path);
    g_mkdir_with_parents(folder, 0755);
    g_assert_true(g_file_set_contents(path, text, length, NULL));
    g_free(folder);
    g_free(path);
}

static char *header_of(const char *answer, const char *name)
{
    const char *at = strstr(answer, name);
    g_assert_nonnull(at);
    at += strlen(name);
    return g_strndup(at, strcspn(at, "\r"));
}

static void a_file_is_served_with_type_tag_and_date(void)
{
    EXPECT(ask("/assets/page.html", ""), "HTTP/1.1 200 OK\r\n", "<p>page</p>",
           "Content-Type: text/html; charset=utf-8\r\n", "Cache-Control: no-cache\r\n", "ETag: \"",
           "Last-Modified: ", "X-Content-Type-Options: nosniff\r\n", "Accept-Ranges: bytes\r\n",
           "!Vary:");
    EXPECT(ask("/assets/deep/er/x.bin", ""), "application/octet-stream", "\r\n\r\ndeep");
    EXPECT(ask_as("HEAD", "/assets/page.html", ""), "Content-Length: 11\r\n", "!<p>");
}

static void a_hashed_name_is_kept_for_a_year(void)
{
    EXPECT(ask("/assets/portal.1a2b3c4d.css", ""),
           "Cache-Control: public, max-age=31536000, immutable\r\n", "text/css");
    EXPECT(ask("/assets/decade.css", ""), "Cache-Control: no-cache\r\n");
}

static void precompressed_variants_go_to_clients_that_take_them(void)
{
    EXPECT(ask("/assets/app.js", "Accept-Encoding: gzip, br\r\n"), "Content-Encoding: br\r\n",
           "\r\n\r\nBROTLI", "Vary: Accept-Encoding\r\n", "text/javascript");
    EXPECT(ask("/assets/app.js", "Accept-Encoding: gzip, br;q=0\r\n"), "Content-Encoding: gzip\r\n",
           "\r\n\r\nGZIP");
    EXPECT(ask("/assets/app.js", ""), "\r\n\r\nplain", "Vary: Accept-Encoding\r\n",
           "!Content-Encoding");
    EXPECT(ask("/assets/app.js.br", ""), "HTTP/1.1 404 ");
    EXPECT(ask("/assets/lonely.gz", ""), "HTTP/1.1 200 OK\r\n");
}

static void what_does_not_belong_to_the_directory_is_not_served(void)
{
    static const char *const paths[] = { "/assets/.hidden",
                                         "/assets/.git/config",
                                         "/assets/outside.txt",
                                         "/assets/outside/passwd",
                                         "/assets/",
                                         "/assets/deep",
                                         "/assets/pipe",
                                         "/assets/page.html/",
                                         "/assets//page.html",
                                         "/page.html" };
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++)
        EXPECT(ask(paths[i], ""), "HTTP/1.1 404 ");
    EXPECT(ask("/assets/inside.html", ""), "HTTP/1.1 200 ", "<p>page</p>");
    EXPECT(ask_as("POST", "/assets/page.html", ""), "HTTP/1.1 404 ");
}

static void a_large_file_is_sent_from_disk_whole_and_in_parts(void)
{
    char *whole = ask("/assets/large.bin", "");
    char *etag = header_of(whole, "ETag: ");
    g_assert_nonnull(strstr(whole, "Content-Length: 3000000\r\n"));
    const char *body = strstr(whole, "\r\n\r\n") + 4;
    g_assert_cmpuint(strlen(body), ==, 3000000);
    for (size_t i = 0; i < 3000000; i += 9973)
        g_assert_cmpint(body[i], ==, 'a' + (int)(i % 26));
    EXPECT(ask("/assets/large.bin", "Range: bytes=2600000-2600003\r\n"),
           "HTTP/1.1 206 Partial Content\r\n", "Content-Range: bytes 2600000-2600003/3000000\r\n",
           "Content-Length: 4\r\n", "\r\n\r\nabcd");
    char *fields = g_strdup_printf("If-None-Match: %s\r\n", etag);
    EXPECT(ask("/assets/large.bin", fields), "HTTP/1.1 304 Not Modified\r\n", "!Content-Length");
    g_free(fields);
    g_free(etag);
    g_free(whole);
}

static void conditions_are_decided_in_the_order_of_rfc_9110(void)
{
    static const struct {
        const char *fields, *status;
    } cases[] = {
        { "If-None-Match: \"abc\"\r\n", "304" },
        { "If-None-Match: \"x\", W/\"abc\"\r\n", "304" },
        { "If-None-Match: \"x\"\r\nIf-None-Match: \"abc\"\r\n", "304" },
        { "If-None-Match: *\r\n", "304" },
        { "If-None-Match: \"x\"\r\n", "200" },
        { "If-None-Match: abc\r\n", "200" },
        { "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", "304" },
        { "If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT\r\n", "304" },
        { "If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n", "200" },
        { "If-Modified-Since: yesterday\r\n", "200" },
        { "If-None-Match: \"x\"\r\nIf-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", "200" },
        { "If-Match: \"abc\"\r\n", "200" },
        { "If-Match: W/\"abc\"\r\n", "412" },
        { "If-Match: \"x\"\r\nIf-None-Match: \"abc\"\r\n", "412" },
        { "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n", "412" },
        { "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", "200" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *answer = ask("/tagged", cases[i].fields);
        g_test_message("%s", cases[i].fields);
        g_assert_cmpint(strncmp(answer + 9, cases[i].status, 3), ==, 0);
        g_free(answer);
    }
    EXPECT(ask("/tagged", "If-None-Match: \"abc\"\r\n"), "ETag: \"abc\"\r\n",
           "Cache-Control: private\r\n", "!\r\nContent-Type", "!01234");
}

static void ranges_are_answered_as_rfc_9110_says(void)
{
    static const struct {
        const char *fields, *status, *part;
    } cases[] = {
        { "Range: bytes=0-0\r\n", "206", "\r\n\r\n0" },
        { "Range: bytes=2-4\r\n", "206", "Content-Range: bytes 2-4/10\r\n" },
        { "Range: bytes=7-\r\n", "206", "\r\n\r\n789" },
        { "Range: bytes=-2\r\n", "206", "\r\n\r\n89" },
        { "Range: bytes=-99\r\n", "206", "Content-Range: bytes 0-9/10\r\n" },
        { "Range: bytes=5-99\r\n", "206", "Content-Range: bytes 5-9/10\r\n" },
        { "Range: bytes=10-\r\n", "416", "Content-Range: bytes */10\r\n" },
        { "Range: bytes=-0\r\n", "416", "Content-Range: bytes */10\r\n" },
        { "Range: bytes=0-1,3-4\r\n", "200", "0123456789" },
        { "Range: bytes=4-2\r\n", "200", "0123456789" },
        { "Range: bytes=a-b\r\n", "200", "0123456789" },
        { "Range: bytes=-\r\n", "200", "0123456789" },
        { "Range: lines=1-2\r\n", "200", "0123456789" },
        { "Range: bytes=99999999999999999999-\r\n", "200", "0123456789" },
        { "Range: bytes=1-1\r\nIf-Range: \"abc\"\r\n", "206", "\r\n\r\n1" },
        { "Range: bytes=1-1\r\nIf-Range: \"old\"\r\n", "200", "0123456789" },
        { "Range: bytes=1-1\r\nIf-Range: W/\"abc\"\r\n", "200", "0123456789" },
        { "Range: bytes=1-1\r\nIf-Range: Sun, 06 Nov 1994 08:49:37 GMT\r\n", "206", "\r\n\r\n1" },
        { "Range: bytes=1-1\r\nIf-Range: Sun, 06 Nov 1994 08:49:36 GMT\r\n", "200", "01234" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *answer = ask("/tagged", cases[i].fields);
        g_test_message("%s", cases[i].fields);
        g_assert_cmpint(strncmp(answer + 9, cases[i].status, 3), ==, 0);
        g_assert_nonnull(strstr(answer, cases[i].part));
        g_free(answer);
    }
    EXPECT(ask_as("HEAD", "/tagged", "Range: bytes=0-0\r\n"), "HTTP/1.1 200 OK\r\n",
           "Content-Length: 10\r\n");
}

static void a_directory_that_is_missing_is_named(void)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    g_assert_cmpint(http_files_add(files, "/x/", "/nonexistent/assets", &error), ==,
                    PORTICO_ENOENT);
    g_assert_nonnull(strstr(error.message, "/nonexistent/assets"));
    g_assert_cmpint(http_files_add(files, "x/", directory, &error), ==, PORTICO_EINVAL);
}

static void content_is_freed_with_its_last_reference(void)
{
    struct http_content *content =
        http_content_new(200, TEXT("A: b\r\n"), TEXT("body"), TEXT("\"e\""), 7);
    g_assert_true(http_content_ref(content) == content);
    http_content_unref(content);
    g_assert_true(text_equals(content->body, TEXT("body")) &&
                  text_equals(content->fields, TEXT("A: b\r\n")) &&
                  text_equals(content->etag, TEXT("\"e\"")));
    http_content_unref(content);
    http_content_unref(NULL);
}

static void fill_directory(void)
{
    directory = g_dir_make_tmp("portico-files-XXXXXX", NULL);
    write_file("public/page.html", "<p>page</p>", -1);
    write_file("public/deep/er/x.bin", "deep", -1);
    write_file("public/portal.1a2b3c4d.css", "p{}", -1);
    write_file("public/decade.css", "p{}", -1);
    write_file("public/app.js", "plain", -1);
    write_file("public/app.js.br", "BROTLI", -1);
    write_file("public/app.js.gz", "GZIP", -1);
    write_file("public/lonely.gz", "alone", -1);
    write_file("public/.hidden", "secret", -1);
    write_file("public/.git/config", "secret", -1);
    write_file("private/passwd", "secret", -1);
    char *large = g_malloc(3000000);
    for (int i = 0; i < 3000000; i++)
        large[i] = (char)('a' + i % 26);
    write_file("public/large.bin", large, 3000000);
    g_free(large);
    char *public = g_build_filename(directory, "public", NULL);
    static const char *const links[][2] = { { "../private/passwd", "outside.txt" },
                                            { "../private", "outside" },
                                            { "page.html", "inside.html" } };
    for (size_t i = 0; i < G_N_ELEMENTS(links); i++) {
        char *link = g_build_filename(public, links[i][1], NULL);
        g_assert_cmpint(symlink(links[i][0], link), ==, 0);
        g_free(link);
    }
    char *pipe = g_build_filename(public, "pipe", NULL);
    g_assert_cmpint(mkfifo(pipe, 0644), ==, 0);
    g_free(pipe);
    struct portico_error error = PORTICO_ERROR_INIT;
    files = http_files_new();
    if (http_files_add(files, "/assets/", public, &error) < 0)
        g_error("%s", error.message);
    g_free(public);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    base = event_base_new();
    fill_directory();
#define TEST(name) g_test_add_func("/http/files/" #name, name)
    TEST(a_file_is_served_with_type_tag_and_date);
    TEST(a_hashed_name_is_kept_for_a_year);
    TEST(precompressed_variants_go_to_clients_that_take_them);
    TEST(what_does_not_belong_to_the_directory_is_not_served);
    TEST(a_large_file_is_sent_from_disk_whole_and_in_parts);
    TEST(conditions_are_decided_in_the_order_of_rfc_9110);
    TEST(ranges_are_answered_as_rfc_9110_says);
    TEST(a_directory_that_is_missing_is_named);
    TEST(content_is_freed_with_its_last_reference);
    int result = g_test_run();
    http_files_free(files);
    remove_below(directory);
    g_free(directory);
    event_base_free(base);
    return result;
}
