#include "identity/totp.h"

#include <glib.h>
#include <sodium.h>
#include <string.h>

#define HMAC_SIZE 20

int64_t totp_step(int64_t time)
{
    return time / (TOTP_SECONDS * INT64_C(1000000));
}

void totp_code(const unsigned char secret[TOTP_SECRET_SIZE], int64_t step,
               char ret_code[TOTP_DIGITS + 1])
{
    unsigned char counter[8], mac[HMAC_SIZE];
    gsize length = sizeof mac;
    for (size_t i = 0; i < sizeof counter; i++)
        counter[i] = (unsigned char)((uint64_t)step >> (8 * (sizeof counter - 1 - i)));
    GHmac *hmac = g_hmac_new(G_CHECKSUM_SHA1, secret, TOTP_SECRET_SIZE);
    g_hmac_update(hmac, counter, sizeof counter);
    g_hmac_get_digest(hmac, mac, &length);
    g_hmac_unref(hmac);
    /* RFC 4226 section 5.3: the last four bits say where the 31 bits of the code begin. */
    const unsigned char *at = mac + (mac[HMAC_SIZE - 1] & 0x0f);
    uint32_t bits =
        ((uint32_t)(at[0] & 0x7f) << 24) | ((uint32_t)at[1] << 16) | ((uint32_t)at[2] << 8) | at[3];
    for (size_t i = TOTP_DIGITS; i > 0; i--) {
        ret_code[i - 1] = (char)('0' + bits % 10);
        bits /= 10;
    }
    ret_code[TOTP_DIGITS] = '\0';
    sodium_memzero(mac, sizeof mac);
}

int64_t totp_find(const unsigned char secret[TOTP_SECRET_SIZE], const char *code, int64_t step,
                  int64_t used)
{
    int64_t found = -1;
    if (strlen(code) != TOTP_DIGITS)
        return -1;
    for (int64_t at = step - TOTP_DRIFT; at <= step + TOTP_DRIFT; at++) {
        char right[TOTP_DIGITS + 1];
        totp_code(secret, at, right);
        if (sodium_memcmp(right, code, TOTP_DIGITS) == 0 && at > used)
            found = at;
        sodium_memzero(right, sizeof right);
    }
    return found;
}

void totp_text(const unsigned char secret[TOTP_SECRET_SIZE], char ret_text[TOTP_TEXT_SIZE])
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    _Static_assert(TOTP_SECRET_SIZE % 5 == 0, "every five bytes are eight letters");
    for (size_t i = 0; i < TOTP_SECRET_SIZE / 5; i++) {
        uint64_t bits = 0;
        for (size_t k = 0; k < 5; k++)
            bits = bits << 8 | secret[5 * i + k];
        for (size_t k = 8; k > 0; k--, bits >>= 5)
            ret_text[8 * i + k - 1] = letters[bits & 31];
    }
    ret_text[TOTP_TEXT_SIZE - 1] = '\0';
}

const char *totp_address(struct arena *arena, const char *portal, const char *person,
                         const char *secret_text)
{
    char *issuer = g_uri_escape_string(portal, NULL, FALSE);
    char *label = g_uri_escape_string(person, NULL, FALSE);
    const char *address = arena_printf(
        arena, "otpauth://totp/%s:%s?secret=%s&issuer=%s&algorithm=SHA1&digits=%d&period=%d",
        issuer, label, secret_text, issuer, TOTP_DIGITS, TOTP_SECONDS);
    g_free(issuer);
    g_free(label);
    return address;
}
