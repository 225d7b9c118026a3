/* Tests of form decoding and content negotiation. */
#include "http/form.h"

#include "http/accept.h"

#include <glib.h>
#include <portico/base.h>

static void a_form_is_decoded_pair_by_pair(void)
{
    struct arena *arena = arena_new(0);
    struct http_pair *pairs = NULL;
    size_t count = 0;
    g_assert_cmpint(http_form_parse(arena, TEXT("a=1+2&b=%C3%BC%26&&c&=d&e=f=g"), &pairs, &count),
                    ==, 0);
    static const char *const expected[][2] = {
        { "a", "1 2" }, { "b", "\xC3\xBC&" }, { "c", "" }, { "", "d" }, { "e", "f=g" }
    };
    g_assert_cmpuint(count, ==, G_N_ELEMENTS(expected));
    for (size_t i = 0; i < count; i++) {
        g_assert_cmpstr(pairs[i].name.data, ==, expected[i][0]);
        g_assert_cmpstr(pairs[i].value.data, ==, expected[i][1]);
    }
    g_assert_cmpint(http_form_parse(arena, TEXT(""), &pairs, &count), ==, 0);
    g_assert_cmpuint(count, ==, 0);
    arena_free(arena);
}

static void what_is_no_form_is_refused(void)
{
    static const char *const bad[] = { "a=%", "a=%4", "a=%zz", "a=%00", "%ff=1", "a=\xC0\xAF" };
    struct arena *arena = arena_new(0);
    struct http_pair *pairs = NULL;
    size_t count = 77;
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        g_assert_cmpint(http_form_parse(arena, text_of(bad[i]), &pairs, &count), ==,
                        PORTICO_EINVAL);
    GString *many = g_string_new("a");
    for (int i = 0; i < HTTP_FORM_PAIRS_MAX; i++)
        g_string_append(many, "&a");
    g_assert_cmpint(http_form_parse(arena, text_of(many->str), &pairs, &count), ==, PORTICO_ELIMIT);
    g_assert_cmpuint(count, ==, 77);
    g_string_free(many, TRUE);
    arena_free(arena);
}

static void a_coding_weighs_what_is_said_of_it_or_of_all(void)
{
    g_assert_cmpuint(http_accept_coding(TEXT("gzip, br;q=0"), TEXT("br")), ==, 0);
    g_assert_cmpuint(http_accept_coding(TEXT("*, br;q=0.75"), TEXT("br")), ==, 750);
    g_assert_cmpuint(http_accept_coding(TEXT("gzip;q=0.5, *"), TEXT("br")), ==, 1000);
    g_assert_cmpuint(http_accept_coding(TEXT("gzip;q=0.5, *"), TEXT("GZIP")), ==, 500);
    g_assert_cmpuint(http_accept_coding(TEXT("br;q=2"), TEXT("br")), ==, 0);
    g_assert_cmpuint(http_accept_coding((struct text){ NULL, 0 }, TEXT("br")), ==, 0);
}

static void programs_get_json_and_browsers_pages(void)
{
    static const char *const programs[] = {
        "application/json",
        "Application/JSON; charset=utf-8",
        "application/problem+json",
        "application/json, text/html;q=0.5",
        "text/html;q=0.9;level=1, application/json;q=0.95",
        "*/*, application/json",
        "text/html;q=wrong, application/json;q=0.001",
    };
    static const char *const others[] = {
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8",
        "*/*",
        "application/*",
        "application/json, text/html",
        "application/json;q=0.5, application/xhtml+xml;q=0.6",
        "application/json;q=0",
        "application/jsonp",
        ",;q=1,,",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(programs); i++)
        g_assert_true(http_prefers_json(text_of(programs[i])));
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
        g_assert_false(http_prefers_json(text_of(others[i])));
    g_assert_false(http_prefers_json((struct text){ NULL, 0 }));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/http/form/" #name, name)
    TEST(a_form_is_decoded_pair_by_pair);
    TEST(what_is_no_form_is_refused);
    TEST(a_coding_weighs_what_is_said_of_it_or_of_all);
    TEST(programs_get_json_and_browsers_pages);
    return g_test_run();
}
