/* Tests of uploads: what a file is, what it may be called, and what is taken. */
#include "file/upload.h"

#include <glib.h>
#include <portico/file.h>

static const unsigned char gif[] = "GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff"
                                   ",\0\0\0\0\1\0\1\0\0\2\2D\1\0;";
#define GIF                                                                                        \
    (struct text)                                                                                  \
    {                                                                                              \
        (const char *)gif, sizeof gif - 1                                                          \
    }

static int check(struct arena *arena, const char *name, struct text data, const char *accept,
                 struct upload *ret_upload)
{
    const char *reason = NULL;
    int code =
        upload_check(arena, text_of(name), data.data, data.length, accept, ret_upload, &reason);
    g_assert_true((code < 0) == (reason != NULL));
    return code;
}

static void a_file_is_what_its_bytes_say(void)
{
    const struct {
        struct text data;
        const char *type;
    } cases[] = {
        { GIF, "image/gif" },
        { TEXT("%PDF-1.7\n"), "application/pdf" },
        { TEXT("PK\3\4rest"), "application/zip" },
        { TEXT("Words\tand\r\nl\xC3\xADnes"), "text/plain" },
        { TEXT("<script>alert(1)</script>"), "text/plain" },
        { TEXT("a\0b"), "application/octet-stream" },
        { TEXT("\xFF\xFE"), "application/octet-stream" },
    };
    struct arena *arena = arena_new(0);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct upload upload = { 0 };
        g_assert_cmpint(check(arena, "a.html", cases[i].data, PORTICO_ACCEPT_ANY, &upload), ==, 0);
        g_assert_cmpstr(upload.media_type, ==, cases[i].type);
    }
    arena_free(arena);
}

static void only_what_is_asked_for_is_taken(void)
{
    struct arena *arena = arena_new(0);
    struct upload upload = { 0 };
    const struct text pdf = TEXT("%PDF-1.7\n");
    g_assert_cmpint(check(arena, "a", GIF, NULL, &upload), ==, 0);
    g_assert_cmpint(check(arena, "a", GIF, "image/gif", &upload), ==, 0);
    g_assert_cmpint(check(arena, "a", GIF, "image/png application/pdf", &upload), ==,
                    PORTICO_EINVAL);
    g_assert_cmpint(check(arena, "a", pdf, "image application/pdf", &upload), ==, 0);
    g_assert_cmpint(check(arena, "a", pdf, "image application/pd", &upload), ==, PORTICO_EINVAL);
    g_assert_cmpstr(upload.media_type, ==, "application/pdf");
    g_assert_cmpint(check(arena, "a", pdf, NULL, &upload), ==, PORTICO_EINVAL);
    g_assert_cmpint(check(arena, "a", TEXT(""), PORTICO_ACCEPT_ANY, &upload), ==, PORTICO_EINVAL);
    g_assert_cmpint(check(arena, "a", TEXT("GIF89a"), PORTICO_ACCEPT_ANY, &upload), ==,
                    PORTICO_EINVAL);
    arena_free(arena);
}

static void a_name_is_for_reading_only(void)
{
    static const char *const names[][2] = {
        { "", "" },
        { "cat.gif", "cat.gif" },
        { "CAT.GIF", "CAT.GIF" },
        { "/etc/passwd", "passwd.gif" },
        { "C:\\temp\\cat.gif", "cat.gif" },
        { "..", "file.gif" },
        { ".gif", "gif.gif" },
        { "page.html", "page.gif" },
        { "a\r\nb\x01.gif", "ab.gif" },
        { "gif.\xE2\x80\xAE"
          "exe",
          "gif.gif" },
        { "  cat .gif. ", "cat .gif" },
    };
    struct arena *arena = arena_new(0);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        struct upload upload = { 0 };
        g_assert_cmpint(check(arena, names[i][0], GIF, NULL, &upload), ==, 0);
        g_assert_cmpstr(upload.name, ==, names[i][1]);
    }
    char *large = g_strnfill(4000, 'x');
    g_assert_cmpuint(strlen(upload_name(arena, text_of(large))), ==, 100);
    g_free(large);
    arena_free(arena);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/file/upload/" #name, name)
    TEST(a_file_is_what_its_bytes_say);
    TEST(only_what_is_asked_for_is_taken);
    TEST(a_name_is_for_reading_only);
    return g_test_run();
}
