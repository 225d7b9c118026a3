/* Random tokens, their hashes, and keys that tell nothing of what they were made from. */
#include "identity/room.h"

#include <sodium.h>

#define TOKEN_BYTES 32
#define FORM_WORD "csrf"

static void in_hex(const unsigned char *bytes, size_t count, char ret_hash[IDENTITY_HASH_TEXT])
{
    sodium_bin2hex(ret_hash, IDENTITY_HASH_TEXT, bytes, count);
}

static bool bytes_of(const char *token, unsigned char ret_bytes[TOKEN_BYTES])
{
    size_t length = 0;
    const char *end = NULL;
    return token && strlen(token) == IDENTITY_TOKEN_SIZE - 1 &&
           sodium_base642bin(ret_bytes, TOKEN_BYTES, token, IDENTITY_TOKEN_SIZE - 1, NULL, &length,
                             &end, sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
           length == TOKEN_BYTES && *end == '\0';
}

bool identity_token_hash(const char *token, char ret_hash[IDENTITY_HASH_TEXT])
{
    unsigned char bytes[TOKEN_BYTES], hash[crypto_hash_sha256_BYTES];
    if (!bytes_of(token, bytes))
        return false;
    crypto_hash_sha256(hash, bytes, sizeof bytes);
    in_hex(hash, sizeof hash, ret_hash);
    sodium_memzero(bytes, sizeof bytes);
    return true;
}

void identity_token_make(char ret_token[IDENTITY_TOKEN_SIZE])
{
    unsigned char bytes[TOKEN_BYTES];
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2base64(ret_token, IDENTITY_TOKEN_SIZE, bytes, sizeof bytes,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(bytes, sizeof bytes);
}

void identity_token_new(char ret_token[IDENTITY_TOKEN_SIZE], char ret_hash[IDENTITY_HASH_TEXT])
{
    identity_token_make(ret_token);
    identity_token_hash(ret_token, ret_hash);
}

bool identity_form_token(const char *token, char ret_token[IDENTITY_TOKEN_SIZE])
{
    unsigned char key[TOKEN_BYTES], mac[crypto_auth_hmacsha256_BYTES];
    _Static_assert(sizeof key == crypto_auth_hmacsha256_KEYBYTES, "a token is a key");
    _Static_assert(sizeof mac == TOKEN_BYTES, "and gives one");
    if (!bytes_of(token, key))
        return false;
    crypto_auth_hmacsha256(mac, (const unsigned char *)FORM_WORD, sizeof FORM_WORD - 1, key);
    sodium_bin2base64(ret_token, IDENTITY_TOKEN_SIZE, mac, sizeof mac,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(key, sizeof key);
    return true;
}

void identity_forget(void *bytes, size_t length)
{
    sodium_memzero(bytes, length);
}

void identity_blind(const struct identity *identity, const char *kind, const char *text,
                    char ret_key[IDENTITY_HASH_TEXT])
{
    crypto_auth_hmacsha256_state state;
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_init(&state, identity->key, sizeof identity->key);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)kind, strlen(kind) + 1);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)text, strlen(text));
    crypto_auth_hmacsha256_final(&state, mac);
    in_hex(mac, sizeof mac, ret_key);
    sodium_memzero(&state, sizeof state);
}
