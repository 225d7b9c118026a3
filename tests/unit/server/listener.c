#include "server/listener.h"

#include <arpa/inet.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static bool reaches(const char *shown)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    const char *colon = strrchr(shown, ':');
    address.sin_port = htons((uint16_t)strtol(colon + 1, NULL, 10));
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    bool reached = connect(descriptor, (void *)&address, sizeof address) == 0;
    close(descriptor);
    return reached;
}

static void test_opens(void)
{
    const char *const addresses[] = { "127.0.0.1:0", NULL };
    struct listener_set set = { 0 };
    g_assert_cmpint(listener_open(addresses, NULL, &set, NULL), ==, 0);
    g_assert_cmpuint(set.count, ==, 1);
    g_assert_true(g_str_has_prefix(set.items[0].shown, "http://127.0.0.1:"));
    g_assert_true(reaches(set.items[0].shown));
    char *shown = g_strdup(set.items[0].shown);
    listener_close(&set, NULL);
    g_assert_false(reaches(shown));
    g_free(shown);
}

static void test_keeps(void)
{
    const char *const addresses[] = { "127.0.0.1:0", NULL };
    struct listener_set first = { 0 }, second = { 0 };
    g_assert_cmpint(listener_open(addresses, NULL, &first, NULL), ==, 0);
    g_assert_cmpint(listener_open(addresses, &first, &second, NULL), ==, 0);
    g_assert_cmpstr(first.items[0].shown, ==, second.items[0].shown);
    listener_close(&first, &second);
    g_assert_true(reaches(second.items[0].shown));
    listener_close(&second, NULL);
}

static void test_refuses(void)
{
    static const char *const wrong[] = {
        "nonsense",        "127.0.0.1",          "::1:80", "[::1]", "a:b:c",
        "127.0.0.1:99999", "127.0.0.1:http-ish", ":"
    };
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        const char *const addresses[] = { "127.0.0.1:0", wrong[i], NULL };
        struct portico_error error = PORTICO_ERROR_INIT;
        struct listener_set set = { 0 };
        g_assert_cmpint(listener_open(addresses, NULL, &set, &error), <, 0);
        g_assert_nonnull(strstr(error.message, wrong[i]));
        g_assert_cmpuint(set.count, ==, 0);
    }
}

static void test_unix(void)
{
    char *directory = g_dir_make_tmp("portico-listener-XXXXXX", NULL);
    char *path = g_build_filename(directory, "web.sock", NULL);
    const char *const addresses[] = { path, NULL };
    struct listener_set set = { 0 }, second = { 0 };
    struct portico_error error = PORTICO_ERROR_INIT;
    g_assert_cmpint(listener_open(addresses, NULL, &set, NULL), ==, 0);
    g_assert_cmpint(listener_open(addresses, NULL, &second, &error), ==, PORTICO_EBUSY);
    /* As after a crash: the file is there, nobody listens. */
    close(set.items[0].descriptor);
    g_assert_cmpint(listener_open(addresses, NULL, &second, NULL), ==, 0);
    set.items[0].descriptor = dup(second.items[0].descriptor);
    listener_close(&set, &second);
    g_assert_true(g_file_test(path, G_FILE_TEST_EXISTS));
    listener_close(&second, NULL);
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    g_assert_true(g_file_set_contents(path, "precious", -1, NULL));
    g_assert_cmpint(listener_open(addresses, NULL, &set, &error), ==, PORTICO_EEXIST);
    g_assert_true(g_file_test(path, G_FILE_TEST_EXISTS));
    g_remove(path);
    g_rmdir(directory);
    g_free(path);
    g_free(directory);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/listener/opens an address and shows the real port", test_opens);
    g_test_add_func("/listener/keeps the socket of an address that stays", test_keeps);
    g_test_add_func("/listener/refuses what is no address and names it", test_refuses);
    g_test_add_func("/listener/takes over a dead Unix socket but no living one and no file",
                    test_unix);
    return g_test_run();
}
