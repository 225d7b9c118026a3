/* Whose word counts for who asks. */
#include "http/forwarded.h"

#include <glib.h>

struct story {
    const char *trusted, *peer;
    const char *lines[3]; /* of X-Forwarded-For */
    const char *expected;
};

static const struct story stories[] = {
    { "10.0.0.1", "10.0.0.1", { "192.0.2.7" }, "192.0.2.7" },
    { "10.0.0.1", "10.0.0.1", { "203.0.113.9, 192.0.2.7" }, "192.0.2.7" },
    { "10.0.0.1", "10.0.0.1", { "203.0.113.9", "192.0.2.7" }, "192.0.2.7" },
    { "10.0.0.0/8", "10.9.9.9", { "192.0.2.7, 10.1.2.3 ,\t10.4.5.6" }, "192.0.2.7" },
    { "10.0.0.0/8", "10.9.9.9", { "10.1.2.3" }, "10.1.2.3" },
    { "10.0.0.1", "10.0.0.1", { NULL }, "10.0.0.1" },
    { "10.0.0.1", "10.0.0.1", { "" }, "10.0.0.1" },
    { "10.0.0.1", "10.0.0.1", { "192.0.2.7, unknown" }, "10.0.0.1" },
    { "10.0.0.1", "10.0.0.1", { "192.0.2.7," }, "10.0.0.1" },
    { "10.0.0.0/8", "10.0.0.1", { "192.0.2.7, nobody, 10.0.0.2" }, "10.0.0.2" },
    { "10.0.0.1", "10.0.0.1", { "192.0.2.7:4711" }, "192.0.2.7" },
    { "10.0.0.1", "10.0.0.1", { "[2001:db8::7]:4711" }, "2001:db8::7" },
    { "10.0.0.1", "10.0.0.1", { "2001:DB8:0::7" }, "2001:db8::7" },
    { "10.0.0.1", "10.0.0.1", { "[2001:db8::7" }, "2001:db8::7" },
    { "10.0.0.1", "10.0.0.1", { "::ffff:192.0.2.7" }, "192.0.2.7" },
    { "10.0.0.1", "::ffff:10.0.0.1", { "192.0.2.7" }, "192.0.2.7" },
    { "2001:db8::/32 unix", "unix", { "192.0.2.7, 2001:db8:1::1" }, "192.0.2.7" },
    { "2001:db8::/33", "2001:db8:8000::1", { "192.0.2.7" }, "2001:db8:8000::1" },
    { "10.0.0.1", "unix", { "192.0.2.7" }, "unix" },
    { "10.0.0.1", "10.0.0.2", { "192.0.2.7" }, "10.0.0.2" },
    { "10.0.0.0/31", "10.0.0.2", { "192.0.2.7" }, "10.0.0.2" },
    { "0.0.0.0/0", "10.0.0.2", { "192.0.2.7" }, "192.0.2.7" },
    { "0.0.0.0/0", "2001:db8::1", { "192.0.2.7" }, "2001:db8::1" },
    { "", "10.0.0.1", { "192.0.2.7" }, "10.0.0.1" },
};

static void the_last_address_that_is_no_proxy_of_ours_counts(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(stories); i++) {
        const struct story *story = &stories[i];
        struct http_proxies *proxies = http_proxies_new(story->trusted);
        struct http_field fields[G_N_ELEMENTS(story->lines) + 1];
        struct http_request request = { .fields = fields };
        for (size_t line = 0; line < G_N_ELEMENTS(story->lines) && story->lines[line]; line++)
            fields[request.field_count++] =
                (struct http_field){ TEXT("x-forwarded-for"),
                                     { story->lines[line], strlen(story->lines[line]) } };
        fields[request.field_count++] =
            (struct http_field){ TEXT("x-forwarded-host"), TEXT("198.51.100.1") };
        g_strlcpy(request.remote, story->peer, sizeof request.remote);
        http_forwarded(proxies, &request);
        if (strcmp(request.remote, story->expected) != 0)
            g_error("%s through %s: %s", story->lines[0], story->peer, request.remote);
        http_proxies_free(proxies);
    }
}

static void a_long_word_is_no_address(void)
{
    struct http_proxies *proxies = http_proxies_new("10.0.0.1");
    char *word = g_strnfill(300, '1');
    struct http_field field = { TEXT("x-forwarded-for"), { word, 300 } };
    struct http_request request = { .fields = &field, .field_count = 1, .remote = "10.0.0.1" };
    http_forwarded(proxies, &request);
    g_assert_cmpstr(request.remote, ==, "10.0.0.1");
    g_free(word);
    http_proxies_free(proxies);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/forwarded/the_last_address_that_is_no_proxy_of_ours_counts",
                    the_last_address_that_is_no_proxy_of_ours_counts);
    g_test_add_func("/forwarded/a_long_word_is_no_address", a_long_word_is_no_address);
    return g_test_run();
}
