/* Tests of multipart forms: what browsers and programs send is read, all else is refused. */
#include "http/multipart.h"

#include <glib.h>
#include <portico/base.h>

#define TYPE TEXT("multipart/form-data; boundary=b1")
#define DISPOSITION "Content-Disposition: form-data; name="

static int parse(struct arena *arena, struct text type, struct text body,
                 struct http_part **ret_parts, size_t *ret_count)
{
    const char *reason = NULL;
    int code = http_multipart_parse(arena, type, body, ret_parts, ret_count, &reason);
    g_assert_true((code < 0) == (reason != NULL));
    if (reason) /* a whole sentence */
        g_assert_cmpint(reason[strlen(reason) - 1], ==, '.');
    return code;
}

static void assert_text(struct text text, const char *expected)
{
    g_assert_cmpmem(text.data, text.length, expected, strlen(expected));
}

static void what_browsers_send_is_read(void)
{
    struct arena *arena = arena_new(0);
    struct http_part *parts;
    size_t count;
    struct text body = TEXT("--b1\r\n" DISPOSITION "\"title\"\r\n\r\nTwo\r\nlines\r\n"
                            "--b1\r\n" DISPOSITION "\"image\"; filename=\"c%22at%0d%0A%41.png\"\r\n"
                            "Content-Type: image/png\r\n\r\n\x89PNG\r\n\x1a\n--b\r\n-\0\r\n"
                            "--b1\r\n" DISPOSITION "\"none\"; filename=\"\"\r\n"
                            "Content-Type: application/octet-stream\r\n\r\n\r\n"
                            "--b1--\r\n");
    g_assert_cmpint(parse(arena, TYPE, body, &parts, &count), ==, 0);
    g_assert_cmpuint(count, ==, 3);
    assert_text(parts[0].name, "title");
    g_assert_null(parts[0].file_name.data);
    assert_text(parts[0].content, "Two\r\nlines");
    assert_text(parts[1].file_name, "c\"at\r\n%41.png");
    assert_text(parts[1].type, "image/png");
    g_assert_cmpmem(parts[1].content.data, parts[1].content.length, "\x89PNG\r\n\x1a\n--b\r\n-\0",
                    15);
    g_assert_nonnull(parts[2].file_name.data);
    g_assert_cmpuint(parts[2].file_name.length, ==, 0);
    g_assert_cmpuint(parts[2].content.length, ==, 0);
    arena_free(arena);
}

static void a_form_without_fields_is_a_form(void)
{
    struct arena *arena = arena_new(0);
    struct http_part *parts;
    size_t count = 7;
    g_assert_cmpint(parse(arena, TYPE, TEXT("--b1--\r\n"), &parts, &count), ==, 0);
    g_assert_cmpuint(count, ==, 0);
    arena_free(arena);
}

static void what_programs_send_is_read(void)
{
    static const char *const types[] = {
        "multipart/form-data;boundary=b1",
        "Multipart/Form-Data; charset=utf-8; Boundary=\"b1\"",
        "multipart/form-data ; boundary=b1 ",
    };
    struct arena *arena = arena_new(0);
    struct http_part *parts;
    size_t count;
    struct text body = TEXT("--b1\r\nX-Own: yes\r\ncontent-disposition:form-data;name=a\r\n"
                            "Content-Transfer-Encoding: 8bit\r\n\r\n\r\n--b1--");
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
        g_assert_cmpint(parse(arena, text_of(types[i]), body, &parts, &count), ==, 0);
        g_assert_cmpuint(count, ==, 1);
        assert_text(parts[0].name, "a");
        g_assert_cmpuint(parts[0].content.length, ==, 0);
    }
    arena_free(arena);
}

static void a_boundary_has_one_reading(void)
{
    static const char *const types[] = {
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"\"",
        "multipart/form-data; boundary=b1; boundary=b1",
        "multipart/form-data; boundary=b1; boundary=b2",
        "multipart/form-data; boundary=\"b1 \"",
        "multipart/form-data; boundary=\"b1",
        "multipart/form-data; boundary=\"b1\"x",
        "multipart/form-data; boundary=b1,b2",
        "multipart/form-data; boundary = b1",
        "multipart/form-data boundary=b1",
        "multipart/form-data; boundary=b\xC3\xBC",
        "multipart/form-data; boundary=b*1",
        "multipart/form-data; boundary="
        "00000000001111111111222222222233333333334444444444555555555566666666667",
        "multipart/mixed; boundary=b1",
        "application/x-www-form-urlencoded",
        "",
    };
    struct arena *arena = arena_new(0);
    struct http_part *parts;
    size_t count;
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
        g_assert_cmpint(parse(arena, text_of(types[i]), TEXT("--b1--"), &parts, &count), ==,
                        PORTICO_EINVAL);
    arena_free(arena);
}

static void what_has_two_readings_is_refused(void)
{
    static const char *const bad[] = {
        "",
        "b1",
        "--b1",
        "--b1-",
        "\r\n--b1--",
        "preamble\r\n--b1--",
        "--b2--",
        "--b1 --",
        "--b1--x",
        "--b1--\r\nepilogue",
        "--b1--\r\n\r\n",
        "--b1\n" DISPOSITION "a\r\n\r\n1\r\n--b1--",
        "--b1 \r\n" DISPOSITION "a\r\n\r\n1\r\n--b1--",
        "--b1\r\n" DISPOSITION "a\n\n1\r\n--b1--",
        "--b1\r\n" DISPOSITION "a\r\n\r\n1\r\n--b1",
        "--b1\r\n" DISPOSITION "a\r\n\r\n1\r\n",
        "--b1\r\n" DISPOSITION "a\r\n\r\n1\n--b1--",
        "--b1\r\n" DISPOSITION "a\r\n\r\n1\r\n--b1x\r\n--b1--",
        "--b1\r\n" DISPOSITION "a\r\n\r\n1\r\n--b1 --",
        "--b1\r\n" DISPOSITION "a\r\n\r\n--b1--",
        "--b1\r\n" DISPOSITION "a\r\n",
        "--b1\r\n\r\n1\r\n--b1--",
        "--b1\r\nContent-Type: text/plain\r\n\r\n1\r\n--b1--",
        "--b1\r\nContent-Disposition: attachment; name=a\r\n\r\n1\r\n--b1--",
        "--b1\r\nContent-Disposition: form-data\r\n\r\n1\r\n--b1--",
        "--b1\r\nContent-Disposition : form-data; name=a\r\n\r\n1\r\n--b1--",
        "--b1\r\nContent-Disposition: form-data;\r\n name=a\r\n\r\n1\r\n--b1--",
        "--b1\r\n" DISPOSITION "\r\n\r\n1\r\n--b1--",
        "--b1\r\n" DISPOSITION "\"a\r\n\r\n1\r\n--b1--",
        "--b1\r\n" DISPOSITION "\"a\\\"b\"\r\n\r\n1\r\n--b1--",
        "--b1\r\n" DISPOSITION "a; name=b\r\n\r\n1\r\n--b1--",
        "--b1\r\n" DISPOSITION "a; Name=b\r\n\r\n1\r\n--b1--",
        "--b1\r\n" DISPOSITION "a; filename=b; filename=c\r\n\r\n1\r\n--b1--",
        "--b1\r\n" DISPOSITION "a; filename*=UTF-8''b\r\n\r\n1\r\n--b1--",
        "--b1\r\n" DISPOSITION "a; filename=b; filename*=UTF-8''c\r\n\r\n1\r\n--b1--",
        "--b1\r\n" DISPOSITION "a, b\r\n\r\n1\r\n--b1--",
        "--b1\r\n" DISPOSITION "\"\xFF\"\r\n\r\n1\r\n--b1--",
        "--b1\r\n" DISPOSITION "a; filename=\"\xC0\xAF\"\r\n\r\n1\r\n--b1--",
        "--b1\r\n" DISPOSITION "\"a\tb\x01\"\r\n\r\n1\r\n--b1--",
        "--b1\r\n" DISPOSITION "a\r\n" DISPOSITION "b\r\n\r\n1\r\n--b1--",
        "--b1\r\n" DISPOSITION "a\r\nContent-Type: a/b\r\nContent-Type: a/c\r\n\r\n1\r\n--b1--",
        "--b1\r\n" DISPOSITION "a\r\nContent-Type: image\r\n\r\n1\r\n--b1--",
        "--b1\r\n" DISPOSITION "a\r\nContent-Type: multipart/mixed; boundary=b2\r\n\r\n1\r\n--b1--",
        "--b1\r\n" DISPOSITION "a\r\nContent-Transfer-Encoding: base64\r\n\r\nMQ==\r\n--b1--",
        "--b1\r\n" DISPOSITION
        "a\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n1\r\n--b1--",
        "--b1\r\n: x\r\n" DISPOSITION "a\r\n\r\n1\r\n--b1--",
        "--b1\r\nX\r\n" DISPOSITION "a\r\n\r\n1\r\n--b1--",
    };
    struct arena *arena = arena_new(0);
    struct http_part *parts = NULL;
    size_t count = 77;
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_test_message("%s", bad[i]);
        g_assert_cmpint(parse(arena, TYPE, text_of(bad[i]), &parts, &count), ==, PORTICO_EINVAL);
    }
    g_assert_null(parts);
    g_assert_cmpuint(count, ==, 77);
    arena_free(arena);
}

static GString *form_of(unsigned fields)
{
    GString *form = g_string_new(NULL);
    for (unsigned i = 0; i < fields; i++)
        g_string_append(form, "--b1\r\n" DISPOSITION "a\r\n\r\n1\r\n");
    return g_string_append(form, "--b1--");
}

static int parse_string(struct arena *arena, GString *form)
{
    struct http_part *parts;
    size_t count;
    int code = parse(arena, TYPE, (struct text){ form->str, form->len }, &parts, &count);
    g_string_free(form, TRUE);
    return code;
}

static GString *head_of(int length)
{
    GString *form = g_string_new("--b1\r\n" DISPOSITION "a\r\nX-Long: ");
    g_string_append_printf(form, "%*s\r\n\r\n1\r\n--b1--", length, "x");
    return form;
}

static GString *name_of(int length)
{
    GString *form = g_string_new("--b1\r\n" DISPOSITION "\"");
    g_string_append_printf(form, "%0*d\"\r\n\r\n1\r\n--b1--", length, 1);
    return form;
}

static void fields_heads_and_names_are_bounded(void)
{
    struct arena *arena = arena_new(0);
    g_assert_cmpint(parse_string(arena, form_of(HTTP_PARTS_MAX)), ==, 0);
    g_assert_cmpint(parse_string(arena, form_of(HTTP_PARTS_MAX + 1)), ==, PORTICO_ELIMIT);
    g_assert_cmpint(parse_string(arena, head_of(3900)), ==, 0);
    g_assert_cmpint(parse_string(arena, head_of(5000)), ==, PORTICO_ELIMIT);
    g_assert_cmpint(parse_string(arena, name_of(HTTP_PART_NAME_MAX)), ==, 0);
    g_assert_cmpint(parse_string(arena, name_of(HTTP_PART_NAME_MAX + 1)), ==, PORTICO_ELIMIT);
    arena_free(arena);
}

static void fields_that_are_no_files_are_pairs(void)
{
    struct arena *arena = arena_new(0);
    struct http_part *parts;
    struct http_pair *pairs;
    size_t count, pair_count = 0;
    struct text body =
        TEXT("--b1\r\n" DISPOSITION "a\r\n\r\n\xC3\xBC\r\n--b1\r\n" DISPOSITION
             "f; filename=x\r\n\r\n\xFF\r\n--b1\r\n" DISPOSITION "b\r\n\r\n\r\n--b1--");
    g_assert_cmpint(parse(arena, TYPE, body, &parts, &count), ==, 0);
    g_assert_cmpint(http_multipart_pairs(arena, parts, count, &pairs, &pair_count), ==, 0);
    g_assert_cmpuint(pair_count, ==, 2);
    g_assert_cmpstr(pairs[0].name.data, ==, "a");
    g_assert_cmpstr(pairs[0].value.data, ==, "\xC3\xBC");
    g_assert_cmpstr(pairs[1].value.data, ==, "");
    body = TEXT("--b1\r\n" DISPOSITION "a\r\n\r\n\xFF\r\n--b1--");
    g_assert_cmpint(parse(arena, TYPE, body, &parts, &count), ==, 0);
    g_assert_cmpint(http_multipart_pairs(arena, parts, count, &pairs, &pair_count), ==,
                    PORTICO_EINVAL);
    arena_free(arena);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/http/multipart/" #name, name)
    TEST(what_browsers_send_is_read);
    TEST(a_form_without_fields_is_a_form);
    TEST(what_programs_send_is_read);
    TEST(a_boundary_has_one_reading);
    TEST(what_has_two_readings_is_refused);
    TEST(fields_heads_and_names_are_bounded);
    TEST(fields_that_are_no_files_are_pairs);
    return g_test_run();
}
