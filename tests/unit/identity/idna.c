/* Names of domains in their one form. The values are those of UTS 46 without transitional
 * processing, as its conformance tests have them. */
#include "identity/idna.h"

#include <portico/base.h>

#include <glib.h>
#include <string.h>

static const char *form(const char *domain)
{
    static char ascii[IDENTITY_IDNA_SIZE];
    return identity_idna(domain, ascii) == 0 ? ascii : NULL;
}

static void spellings_of_one_name_are_one(void)
{
    static const struct {
        const char *written, *ascii;
    } cases[] = {
        { "example.com", "example.com" },
        { "EXAMPLE.Com", "example.com" },
        { "r3---sn-4g5.example.com", "r3---sn-4g5.example.com" },
        { "müller.de", "xn--mller-kva.de" },
        { "MÜLLER.DE", "xn--mller-kva.de" },
        { "mu\u0308ller.de", "xn--mller-kva.de" }, /* not composed */
        { "xn--mller-kva.de", "xn--mller-kva.de" },
        { "XN--MLLER-KVA.de", "xn--mller-kva.de" },
        { "müller。de", "xn--mller-kva.de" },      /* the point of East Asia */
        { "ｍüller.ｄｅ", "xn--mller-kva.de" },    /* full width */
        { "mül\u00ADler.de", "xn--mller-kva.de" }, /* a soft hyphen is left out */
        { "straße.de", "xn--strae-oqa.de" },
        { "strasse.de", "strasse.de" },
        { "βόλος.com", "xn--nxasmm1c.com" },
        { "ΒΌΛΟΣ.com", "xn--nxasmq6b.com" }, /* no final sigma in capitals */
        { "βόλοσ.com", "xn--nxasmq6b.com" },
        { "نامه\u200Cای.com", "xn--mgba3gch31f060k.com" }, /* a joiner that Persian needs */
        { "日本語.jp", "xn--wgv71a119e.jp" },
        { "bücher.例え", "xn--bcher-kva.xn--r8jz45g" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].written);
        g_assert_cmpstr(form(cases[i].written), ==, cases[i].ascii);
    }
}

static void what_is_no_name_is_refused(void)
{
    static const char *const none[] = {
        "",
        ".",
        "example.com.",
        ".example.com",
        "müller..de",
        "müller.de.",
        "müller.de。",
        "a\u200Db.com",          /* a joiner that joins nothing */
        "xn--a.com",             /* decodes to nothing that is allowed */
        "xn--mller-kva1.de\x80", /* no UTF-8 */
        "xn--strasse-.de",
        "xn--BCHER-KVA-.de",
        "mü ller.de",
        "mü_ller.de",
        "mü/ller.de",
        "אa.com", /* two directions in one label */
        "-ü.de",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(none); i++) {
        g_test_message("%s", none[i]);
        g_assert_cmpstr(form(none[i]), ==, NULL);
    }
}

static void names_are_as_long_as_the_dns_takes_them(void)
{
    char *label = g_strnfill(63, 'a'), *labels[6];
    char *fits = g_strconcat(label, ".com", NULL), *longer = g_strconcat("a", fits, NULL);
    /* 58 letters of ASCII and one that makes seven of it. */
    char *letters = g_strnfill(60, 'a'), *wide = g_strconcat(letters, "ü.de", NULL);
    for (size_t i = 0; i < 5; i++)
        labels[i] = i < 4 ? label : NULL;
    char *whole = g_strjoinv(".", labels);
    g_assert_cmpstr(form(fits), ==, fits);
    g_assert_null(form(longer));
    g_assert_null(form(wide));
    g_assert_cmpuint(strlen(whole), ==, 255);
    g_assert_null(form(whole));
    whole[253] = '\0';
    g_assert_cmpstr(form(whole), ==, whole);
    g_free(whole);
    g_free(wide);
    g_free(letters);
    g_free(longer);
    g_free(fits);
    g_free(label);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/idna/one", spellings_of_one_name_are_one);
    g_test_add_func("/idna/none", what_is_no_name_is_refused);
    g_test_add_func("/idna/long", names_are_as_long_as_the_dns_takes_them);
    return g_test_run();
}
