/* Codes of an app, held against the vectors of RFC 6238. */
#include "identity/totp.h"

#include <glib.h>
#include <string.h>

#define SECOND INT64_C(1000000)

static const unsigned char secret[TOTP_SECRET_SIZE + 1] = "12345678901234567890";

static void codes_are_those_of_the_rfc(void)
{
    /* Appendix B, SHA-1: the last six of their eight digits. */
    static const struct {
        int64_t time;
        const char *code;
    } vectors[] = {
        { 59, "287082" },         { 1111111109, "081804" }, { 1111111111, "050471" },
        { 1234567890, "005924" }, { 2000000000, "279037" }, { 20000000000, "353130" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        char code[TOTP_DIGITS + 1];
        totp_code(secret, totp_step(vectors[i].time * SECOND), code);
        g_assert_cmpstr(code, ==, vectors[i].code);
    }
}

static void a_clock_may_be_one_step_wrong_each_way_and_no_more(void)
{
    for (int64_t drift = -3; drift <= 3; drift++) {
        char code[TOTP_DIGITS + 1];
        totp_code(secret, 1000 + drift, code);
        g_assert_cmpint(totp_find(secret, code, 1000, 0), ==,
                        drift >= -1 && drift <= 1 ? 1000 + drift : -1);
    }
}

static void a_step_that_was_used_and_those_before_it_are_none(void)
{
    for (int64_t step = 999; step <= 1001; step++) {
        char code[TOTP_DIGITS + 1];
        totp_code(secret, step, code);
        g_assert_cmpint(totp_find(secret, code, 1000, 1000), ==, step > 1000 ? step : -1);
    }
}

static void what_is_no_code_is_none(void)
{
    static const char *const none[] = { "", "12345", "1234567", "00000a", "      " };
    for (size_t i = 0; i < G_N_ELEMENTS(none); i++)
        g_assert_cmpint(totp_find(secret, none[i], 1000, 0), ==, -1);
}

static void secrets_are_written_as_apps_read_them(void)
{
    char text[TOTP_TEXT_SIZE];
    struct arena *arena = arena_new(0);
    totp_text(secret, text);
    g_assert_cmpstr(text, ==, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    g_assert_cmpstr(
        totp_address(arena, "Harbour & Works: \"Süd\"", "mara+1@example.com", text), ==,
        "otpauth://totp/Harbour%20%26%20Works%3A%20%22S%C3%BCd%22:mara%2B1%40example.com"
        "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        "&issuer=Harbour%20%26%20Works%3A%20%22S%C3%BCd%22"
        "&algorithm=SHA1&digits=6&period=30");
    arena_free(arena);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/totp/codes are those of the RFC", codes_are_those_of_the_rfc);
    g_test_add_func("/totp/a clock may be one step wrong each way and no more",
                    a_clock_may_be_one_step_wrong_each_way_and_no_more);
    g_test_add_func("/totp/a step that was used and those before it are none",
                    a_step_that_was_used_and_those_before_it_are_none);
    g_test_add_func("/totp/what is no code is none", what_is_no_code_is_none);
    g_test_add_func("/totp/secrets are written as apps read them",
                    secrets_are_written_as_apps_read_them);
    return g_test_run();
}
