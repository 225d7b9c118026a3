/* Tests of mail without a server: what is taken as an address and a message, and how it is written.
 */
#include "notify/mail.h"
#include "notify/address.h"

#include "base/error.h"

#include <glib.h>

static void an_address_is_read_as_rfc_5321_has_it(void)
{
    static const struct {
        const char *text, *name, *mailbox; /* mailbox NULL: refused */
    } rows[] = {
        { "ana@example.com", NULL, "ana@example.com" },
        { "  ana@example.com ", NULL, "ana@example.com" },
        { "<ana@example.com>", NULL, "ana@example.com" },
        { "Ana <ana@example.com>", "Ana", "ana@example.com" },
        { "Ana B. Señor <Ana.B+x@Example.COM>", "Ana B. Señor", "Ana.B+x@example.com" },
        { "\"B, Ana \\\"x\\\"\" <ana@example.com>", "B, Ana \"x\"", "ana@example.com" },
        { "ana@bücher.example", NULL, "ana@xn--bcher-kva.example" },
        { "!#$%&'*+-/=?^_`{|}~@localhost", NULL, "!#$%&'*+-/=?^_`{|}~@localhost" },
        { "", NULL, NULL },
        { "ana", NULL, NULL },
        { "@example.com", NULL, NULL },
        { "ana@", NULL, NULL },
        { "ana@@example.com", NULL, NULL },
        { ".ana@example.com", NULL, NULL },
        { "ana.@example.com", NULL, NULL },
        { "a..b@example.com", NULL, NULL },
        { "a b@example.com", NULL, NULL },
        { "\"a b\"@example.com", NULL, NULL },
        { "añb@example.com", NULL, NULL },
        { "ana@example..com", NULL, NULL },
        { "ana@-example.com", NULL, NULL },
        { "ana@exa_mple.com", NULL, NULL },
        { "ana@127.0.0.1", NULL, NULL },
        { "ana@[127.0.0.1]", NULL, NULL },
        { "ana@1.2", NULL, NULL },
        { "ana@example.com, eve@example.com", NULL, NULL },
        { "Ana <ana@example.com>, Eve <eve@example.com>", NULL, NULL },
        { "Ana <ana@example.com> x", NULL, NULL },
        { "A, B <ana@example.com>", NULL, NULL },
        { "A (b) <ana@example.com>", NULL, NULL },
        { "eve@example.com <ana@example.com>", NULL, NULL },
        { "\"A\" B\" <ana@example.com>", NULL, NULL },
        { "ana@example.com\r\nBcc: eve@example.com", NULL, NULL },
        { "ana@example.com\n", NULL, NULL },
        { "Ana\r\n <ana@example.com>", NULL, NULL },
        { "Ana\x01 <ana@example.com>", NULL, NULL },
        { "Ana\xff <ana@example.com>", NULL, NULL },
        { "ana@example.com>", NULL, NULL },
        { "<<ana@example.com>>", NULL, NULL },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct arena *arena = arena_new(0);
        struct mail_address address = { 0 };
        struct portico_error error = PORTICO_ERROR_INIT;
        int code = mail_address_parse(arena, rows[i].text, &address, &error);
        g_test_message("%zu: %s", i, rows[i].text);
        g_assert_cmpint(code, ==, rows[i].mailbox ? 0 : PORTICO_EINVAL);
        g_assert_cmpstr(address.mailbox, ==, rows[i].mailbox);
        g_assert_cmpstr(address.name, ==, rows[i].name);
        arena_free(arena);
    }
    char *local = g_strnfill(65, 'a');
    char *text = g_strconcat(local, "@example.com", NULL);
    g_assert_cmpint(mail_address_parse(NULL, text, NULL, NULL), ==, PORTICO_EINVAL);
    g_free(local);
    g_free(text);
}

static struct mail_message sample(void)
{
    return (struct mail_message){ .module = "shop",
                                  .to = "Ana <ana@example.com>",
                                  .subject = "Your order",
                                  .text = "Good day\n",
                                  .portal_url = "https://portal.example.com" };
}

static void no_line_of_a_message_can_hold_another(void)
{
    static const char *const injected = "x\r\nBcc: eve@example.com";
    struct portico_error error = PORTICO_ERROR_INIT;
    struct mail_message right = sample();
    g_assert_cmpint(mail_check(&right, &error), ==, 0);
    struct mail_message wrong[8];
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++)
        wrong[i] = sample();
    wrong[0].to = injected;
    wrong[1].subject = injected;
    wrong[2].reply_to = injected;
    wrong[3].thread = injected;
    wrong[4].unsubscribe = "/off\r\nBcc: eve@example.com";
    wrong[5].subject = "";
    wrong[6].text = NULL;
    wrong[7].html = "\xff";
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++)
        g_assert_cmpint(mail_check(&wrong[i], &error), ==, PORTICO_EINVAL);
}

static void a_message_links_to_its_own_portal_alone(void)
{
    static const struct {
        const char *link;
        bool fits;
    } rows[] = {
        { "/off?key=1", true },
        { "https://portal.example.com/off", true },
        { "https://portal.example.com", false },
        { "https://portal.example.com.evil.example/", false },
        { "https://other.example/off", false },
        { "//other.example/off", false },
        { "off", false },
        { "/off>, <mailto:eve@example.com", false },
        { "mailto:eve@example.com", false },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct mail_message message = sample();
        message.unsubscribe = rows[i].link;
        g_assert_true((mail_check(&message, NULL) == 0) == rows[i].fits);
    }
}

static char *rendered(const struct mail_message *message)
{
    struct buffer out = { 0 };
    struct portico_error error = PORTICO_ERROR_INIT;
    g_assert_cmpint(mail_render(message, "Portal <portal@example.com>", 42,
                                INT64_C(784111777000000), &out, &error),
                    ==, 0);
    char *text = g_strndup(out.data, out.length);
    buffer_free(&out);
    return text;
}

static void a_plain_message_is_written_as_rfc_5322_has_it(void)
{
    struct mail_message message = sample();
    char *text = rendered(&message);
    g_assert_cmpstr(text, ==,
                    "Date: Sun, 06 Nov 1994 08:49:37 +0000\r\n"
                    "From: \"Portal\"\r\n <portal@example.com>\r\n"
                    "To: \"Ana\"\r\n <ana@example.com>\r\n"
                    "Subject: Your order\r\n"
                    "Message-ID: <42@portal.example.com>\r\n"
                    "Auto-Submitted: auto-generated\r\n"
                    "MIME-Version: 1.0\r\n"
                    "Content-Type: text/plain; charset=utf-8\r\n"
                    "Content-Transfer-Encoding: quoted-printable\r\n"
                    "\r\n"
                    "Good day\r\n");
    g_free(text);
}

static void texts_are_quoted_and_folded_so_that_no_line_is_long(void)
{
    struct mail_message message = sample();
    char *words = g_strnfill(400, 'w');
    for (size_t i = 7; i < 400; i += 8)
        words[i] = ' ';
    char *long_text =
        g_strconcat(words, "\n=20 stays\ttab \n.\nGrüße 世界 ", words, "\r\nend ", NULL);
    message.subject = words;
    message.text = long_text;
    char *text = rendered(&message);
    char **lines = g_strsplit(text, "\r\n", -1);
    for (size_t i = 0; lines[i]; i++) {
        g_assert_cmpuint(strlen(lines[i]), <=, 78);
        g_assert_null(strpbrk(lines[i], "\r\n"));
    }
    g_strfreev(lines);
    g_assert_nonnull(
        strstr(text, "\r\n=3D20 stays\ttab=20\r\n.\r\nGr=C3=BC=C3=9Fe =E4=B8=96=E7=95=8C"));
    g_assert_nonnull(strstr(text, "\r\nend=20\r\n"));
    for (const char *c = text; *c; c++)
        g_assert_true((unsigned char)*c < 0x80);
    g_free(text);

    message.subject = "Grüße aus dem Süden, überall blühen Blümchen, und jeder Bär brüllt vor "
                      "Glück 🙂";
    text = rendered(&message);
    char *subject = strstr(text, "Subject: ") + strlen("Subject: ");
    *strstr(subject, "\r\nMessage-ID") = '\0';
    char **encoded = g_strsplit(subject, "\r\n ", -1);
    GString *decoded = g_string_new(NULL);
    for (size_t i = 0; encoded[i]; i++) {
        g_assert_cmpuint(strlen(encoded[i]), <=, 75);
        g_assert_true(g_str_has_prefix(encoded[i], "=?UTF-8?B?") &&
                      g_str_has_suffix(encoded[i], "?="));
        encoded[i][strlen(encoded[i]) - 2] = '\0';
        gsize length;
        guchar *part = g_base64_decode(encoded[i] + 10, &length);
        g_assert_true(g_utf8_validate((char *)part, (gssize)length, NULL));
        g_string_append_len(decoded, (char *)part, (gssize)length);
        g_free(part);
    }
    g_assert_cmpstr(decoded->str, ==, message.subject);
    g_string_free(decoded, TRUE);
    g_strfreev(encoded);
    g_free(text);
    g_free(words);
    g_free(long_text);
}

static void one_click_is_offered_over_https_alone(void)
{
    struct mail_message message = sample();
    message.unsubscribe = "/off?key=1";
    char *text = rendered(&message);
    g_assert_nonnull(strstr(text, "\r\nList-Unsubscribe: <https://portal.example.com/off?key=1>\r\n"
                                  "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"));
    g_free(text);
    message.portal_url = "http://portal.example.com:8080";
    text = rendered(&message);
    g_assert_nonnull(
        strstr(text, "List-Unsubscribe: <http://portal.example.com:8080/off?key=1>\r\n"));
    g_assert_null(strstr(text, "List-Unsubscribe-Post"));
    g_assert_nonnull(strstr(text, "Message-ID: <42@portal.example.com>"));
    g_free(text);
}

int main(int count, char **words)
{
    g_test_init(&count, &words, NULL);
    g_test_add_func("/mail/an address is read as RFC 5321 has it",
                    an_address_is_read_as_rfc_5321_has_it);
    g_test_add_func("/mail/no line of a message can hold another",
                    no_line_of_a_message_can_hold_another);
    g_test_add_func("/mail/a message links to its own portal alone",
                    a_message_links_to_its_own_portal_alone);
    g_test_add_func("/mail/a plain message is written as RFC 5322 has it",
                    a_plain_message_is_written_as_rfc_5322_has_it);
    g_test_add_func("/mail/texts are quoted and folded so that no line is long",
                    texts_are_quoted_and_folded_so_that_no_line_is_long);
    g_test_add_func("/mail/one click is offered over https alone",
                    one_click_is_offered_over_https_alone);
    return g_test_run();
}
