#include "config/seal.h"

#include "base/error.h"

#include <glib.h>
#include <sodium.h>
#include <string.h>

#define NONCE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG crypto_aead_xchacha20poly1305_ietf_ABYTES
#define SIGNATURE 24
#define BASE64 sodium_base64_VARIANT_URLSAFE_NO_PADDING
#define HEAD_MAX 16 /* "s1.500." */

enum work { SEALING, SIGNING };
static const struct {
    const char *head, *label;
} works[] = {
    [SEALING] = { "s1.", "seal" },
    [SIGNING] = { "m1.", "sign" },
};

struct wiped {
    void *bytes;
    size_t length;
};

static void wipe(void *object)
{
    struct wiped *wiped = object;
    sodium_memzero(wiped->bytes, wiped->length);
}

int seal_wipe_with(struct arena *arena, void *bytes, size_t length)
{
    struct wiped *wiped = arena_alloc(arena, sizeof *wiped);
    if (wiped) {
        *wiped = (struct wiped){ bytes, length };
        if (arena_defer(arena, wipe, wiped) == 0)
            return 0;
    }
    sodium_memzero(bytes, length);
    return -1;
}

static int check_purpose(const char *purpose, struct portico_error *error)
{
    size_t length = purpose ? strlen(purpose) : 0;
    if (length >= 1 && length <= SEAL_PURPOSE_MAX &&
        strspn(purpose, "abcdefghijklmnopqrstuvwxyz0123456789-._") == length)
        return 0;
    return error_set(error, PORTICO_EINVAL,
                     "The purpose of a seal or signature is a word of lower-case letters, digits, "
                     "\"-\", \".\" and \"_\", at most %d.",
                     SEAL_PURPOSE_MAX);
}

/* Its parts are separated by NUL, which none of them holds: no two uses share a key. */
static int derive(const struct seal_use *use, enum work work, unsigned number, unsigned *ret_number,
                  unsigned char ret_key[KEYRING_KEY_SIZE], struct portico_error *error)
{
    unsigned char root[KEYRING_KEY_SIZE];
    int code = check_purpose(use->purpose, error);
    if (code == 0)
        code = keyring_key(use->ring, number, ret_number, root, error);
    if (code < 0)
        return code;
    const char *const parts[] = { "portico", works[work].label, use->owner, use->purpose };
    crypto_generichash_state state;
    crypto_generichash_init(&state, root, sizeof root, KEYRING_KEY_SIZE);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        crypto_generichash_update(&state, (const unsigned char *)parts[i], strlen(parts[i]) + 1);
    crypto_generichash_final(&state, ret_key, KEYRING_KEY_SIZE);
    sodium_memzero(&state, sizeof state);
    sodium_memzero(root, sizeof root);
    return 0;
}

/* "s1.12." with its NUL; returns its length. */
static size_t write_head(enum work work, unsigned number, char ret_head[HEAD_MAX])
{
    return (size_t)g_snprintf(ret_head, HEAD_MAX, "%s%u.", works[work].head, number);
}

/* The number in the head, and where what follows it begins; 0 for any other text. */
static unsigned read_head(enum work work, const char *text, const char **ret_rest)
{
    size_t length = strlen(works[work].head);
    if (!text || strncmp(text, works[work].head, length) != 0)
        return 0;
    unsigned number = 0;
    const char *c = text + length;
    for (; *c >= '0' && *c <= '9' && number <= KEYRING_MAX; c++)
        number = number * 10 + (unsigned)(*c - '0');
    char again[HEAD_MAX];
    bool plain = number >= 1 && number <= KEYRING_MAX && *c == '.' &&
                 strncmp(text, again, write_head(work, number, again)) == 0;
    if (!plain)
        return 0;
    *ret_rest = c + 1;
    return number;
}

static char *write_text(struct arena *arena, const char *head, size_t head_length,
                        const unsigned char *bytes, size_t length)
{
    size_t room = sodium_base64_ENCODED_LEN(length, BASE64);
    char *text = arena_alloc(arena, head_length + room);
    if (!text)
        return NULL;
    memcpy(text, head, head_length);
    sodium_bin2base64(text + head_length, room, bytes, length, BASE64);
    return text;
}

static int no_memory(struct portico_error *error)
{
    return error_set(error, PORTICO_ENOMEM, "Memory ended while bytes were sealed.");
}

int seal_close(const struct seal_use *use, const void *bytes, size_t length, struct arena *arena,
               char **ret_text, struct portico_error *error)
{
    if (length > SEAL_MOST)
        return error_set(error, PORTICO_ELIMIT, "More than 16 MiB cannot be sealed at once.");
    unsigned char key[KEYRING_KEY_SIZE];
    unsigned number;
    int code = derive(use, SEALING, 0, &number, key, error);
    if (code < 0)
        return code;
    char head[HEAD_MAX];
    size_t head_length = write_head(SEALING, number, head);
    unsigned char *sealed = arena_alloc(arena, NONCE + length + TAG);
    if (sealed) {
        randombytes_buf(sealed, NONCE);
        crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + NONCE, NULL, bytes, length,
                                                   (const unsigned char *)head, head_length, NULL,
                                                   sealed, key);
    }
    sodium_memzero(key, sizeof key);
    char *text = sealed ? write_text(arena, head, head_length, sealed, NONCE + length + TAG) : NULL;
    if (!text)
        return no_memory(error);
    *ret_text = text;
    return 0;
}

static int not_sealed(struct portico_error *error)
{
    return error_set(error, PORTICO_EINVAL,
                     "The sealed text cannot be opened: it was changed or cut, belongs to another "
                     "purpose, or its key was retired.");
}

int seal_open(const struct seal_use *use, const char *text, struct arena *arena, void **ret_bytes,
              size_t *ret_length, struct portico_error *error)
{
    const char *rest = NULL;
    unsigned number = read_head(SEALING, text, &rest);
    size_t room = number ? strlen(rest) / 4 * 3 + 3 : 0, length = 0;
    if (!number || room > SEAL_MOST + NONCE + TAG + 3)
        return not_sealed(error);
    unsigned char *sealed = arena_alloc(arena, room);
    if (!sealed)
        return no_memory(error);
    if (sodium_base642bin(sealed, room, rest, strlen(rest), NULL, &length, NULL, BASE64) != 0 ||
        length < NONCE + TAG)
        return not_sealed(error);
    unsigned char key[KEYRING_KEY_SIZE];
    int code = derive(use, SEALING, number, &number, key, error);
    if (code < 0)
        return code == PORTICO_ENOENT ? not_sealed(error) : code;
    size_t opened = length - NONCE - TAG;
    unsigned char *bytes = arena_alloc(arena, opened + 1);
    int matches = bytes ? crypto_aead_xchacha20poly1305_ietf_decrypt(
                              bytes, NULL, NULL, sealed + NONCE, length - NONCE,
                              (const unsigned char *)text, (size_t)(rest - text), sealed, key)
                        : -1;
    sodium_memzero(key, sizeof key);
    if (!bytes)
        return no_memory(error);
    if (matches != 0)
        return not_sealed(error);
    bytes[opened] = '\0';
    if (seal_wipe_with(arena, bytes, opened) < 0)
        return no_memory(error);
    *ret_bytes = bytes;
    *ret_length = opened;
    return 0;
}

static int make_signature(const struct seal_use *use, const void *bytes, size_t length,
                          unsigned *number, unsigned char ret_signature[SIGNATURE],
                          struct portico_error *error)
{
    unsigned char key[KEYRING_KEY_SIZE];
    int code = derive(use, SIGNING, *number, number, key, error);
    if (code < 0)
        return code;
    crypto_generichash(ret_signature, SIGNATURE, bytes, length, key, sizeof key);
    sodium_memzero(key, sizeof key);
    return 0;
}

int seal_sign(const struct seal_use *use, const void *bytes, size_t length, struct arena *arena,
              char **ret_text, struct portico_error *error)
{
    unsigned char signature[SIGNATURE];
    unsigned number = 0;
    int code = make_signature(use, bytes, length, &number, signature, error);
    if (code < 0)
        return code;
    char head[HEAD_MAX];
    size_t head_length = write_head(SIGNING, number, head);
    char *text = write_text(arena, head, head_length, signature, sizeof signature);
    if (!text)
        return no_memory(error);
    *ret_text = text;
    return 0;
}

int seal_verify(const struct seal_use *use, const void *bytes, size_t length, const char *text,
                struct portico_error *error)
{
    const char *rest = NULL;
    unsigned number = read_head(SIGNING, text, &rest);
    unsigned char given[SIGNATURE], right[SIGNATURE];
    size_t given_length = 0;
    bool formed = number && strlen(rest) == SIGNATURE / 3 * 4 &&
                  sodium_base642bin(given, sizeof given, rest, strlen(rest), NULL, &given_length,
                                    NULL, BASE64) == 0 &&
                  given_length == SIGNATURE;
    int code = formed ? make_signature(use, bytes, length, &number, right, error) : PORTICO_ENOENT;
    if (code < 0 && code != PORTICO_ENOENT)
        return code;
    if (code == 0 && sodium_memcmp(given, right, SIGNATURE) == 0)
        return 0;
    return error_set(error, PORTICO_EINVAL,
                     "The signature does not fit: text or signature was changed, it belongs to "
                     "another purpose, or its key was retired.");
}
