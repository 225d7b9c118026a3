#include "identity/idna.h"

#include "base/text.h"

#include <portico/base.h>

#include <glib.h>
#include <string.h>
#include <unicode/uidna.h>

#define WRITTEN_MOST 1024 /* bytes */
#define LABEL_MOST 63

/* RFC 5891 forbids "ab--cd" for what comes later; such names are in use. */
#define HARMLESS UIDNA_ERROR_HYPHEN_3_4

static const uint32_t options = UIDNA_USE_STD3_RULES | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ |
                                UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_NONTRANSITIONAL_TO_UNICODE;

static bool is_plain(const char *domain)
{
    if (!g_str_is_ascii(domain) || g_ascii_strncasecmp(domain, "xn--", 4) == 0)
        return false;
    for (const char *dot = strchr(domain, '.'); dot; dot = strchr(dot + 1, '.'))
        if (g_ascii_strncasecmp(dot + 1, "xn--", 4) == 0)
            return false;
    return true;
}

static bool labels_fit(const char *ascii)
{
    for (const char *at = ascii;; at++) {
        const size_t length = strcspn(at, ".");
        if (length == 0 || length > LABEL_MOST)
            return false;
        at += length;
        if (!*at)
            return true;
    }
}

static int convert(const char *domain, char ret_ascii[IDENTITY_IDNA_SIZE])
{
    UErrorCode status = U_ZERO_ERROR;
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    UIDNA *idna = uidna_openUTS46(options, &status);
    const int32_t length = U_SUCCESS(status)
                               ? uidna_nameToASCII_UTF8(idna, domain, -1, ret_ascii,
                                                        IDENTITY_IDNA_SIZE, &info, &status)
                               : 0;
    uidna_close(idna);
    return U_SUCCESS(status) && length > 0 && length < IDENTITY_IDNA_SIZE &&
                   !(info.errors & ~HARMLESS)
               ? PORTICO_OK
               : PORTICO_EINVAL;
}

int identity_idna(const char *domain, char ret_ascii[IDENTITY_IDNA_SIZE])
{
    char ascii[IDENTITY_IDNA_SIZE] = "";
    const size_t length = strlen(domain);
    int code = PORTICO_OK;
    if (length > WRITTEN_MOST || !text_is_utf8(domain, length))
        return PORTICO_EINVAL;
    if (!is_plain(domain))
        code = convert(domain, ascii);
    else if (length < IDENTITY_IDNA_SIZE)
        for (size_t i = 0; i <= length; i++)
            ascii[i] = g_ascii_tolower(domain[i]);
    else
        code = PORTICO_EINVAL;
    if (code < 0 || !labels_fit(ascii))
        return PORTICO_EINVAL;
    memcpy(ret_ascii, ascii, sizeof ascii);
    return PORTICO_OK;
}
