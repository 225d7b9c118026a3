#include "identity/webauthn.h"

#include "base/error.h"

#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>
#include <jansson.h>
#include <sodium.h>
#include <stdbool.h>
#include <string.h>

#define HASH_SIZE crypto_hash_sha256_BYTES
#define HEAD_SIZE (HASH_SIZE + 5) /* hash of the party, flags, counter */
#define PRESENT 0x01
#define VERIFIED 0x04
#define CREDENTIAL 0x40
#define EXTENSIONS 0x80
#define ID_AT 18 /* of a credential: behind its model and the length of its id */

static int unreadable(struct portico_error *error)
{
    return error_set(error, PORTICO_EINVAL, "What the browser sent of the passkey is none.");
}

/* ---- what the browser says ---- */

static bool says(json_t *object, const char *member, const char *text)
{
    const char *said = json_string_value(json_object_get(object, member));
    return said && strcmp(said, text) == 0;
}

int webauthn_client(struct webauthn_bytes client, enum webauthn_type type, const char *origin,
                    char ret_challenge[WEBAUTHN_CHALLENGE_MAX], struct portico_error *error)
{
    json_t *object =
        client.length <= WEBAUTHN_CLIENT_MAX
            ? json_loadb((const char *)client.data, client.length, JSON_REJECT_DUPLICATES, NULL)
            : NULL;
    const char *challenge = json_string_value(json_object_get(object, "challenge"));
    size_t length = challenge ? strlen(challenge) : 0;
    bool good = length > 0 && length < WEBAUTHN_CHALLENGE_MAX && says(object, "origin", origin) &&
                says(object, "type", type == WEBAUTHN_GET ? "webauthn.get" : "webauthn.create") &&
                !json_is_true(json_object_get(object, "crossOrigin"));
    if (good)
        memcpy(ret_challenge, challenge, length + 1);
    json_decref(object);
    return good ? PORTICO_OK : unreadable(error);
}

/* ---- CBOR, before a library trusts its lengths ---- */

#define NESTING_MAX 4 /* CTAP 2.1 section 8: so deep at most */

enum { BYTES = 2, TEXT, ARRAY, MAP, TAG };

static void skip(struct webauthn_bytes *at, size_t length)
{
    at->data += length;
    at->length -= length;
}

/* The head of an item (RFC 8949 section 3): its type, and the number that stands with it. */
static bool read_head(struct webauthn_bytes *at, unsigned *ret_type, uint64_t *ret_number)
{
    if (at->length == 0)
        return false;
    const unsigned info = at->data[0] & 31;
    const size_t more = info < 24 ? 0 : info < 28 ? (size_t)1 << (info - 24) : SIZE_MAX;
    *ret_type = at->data[0] >> 5;
    *ret_number = info;
    skip(at, 1);
    if (more > at->length)
        return false; /* also of unknown length, which CTAP forbids */
    for (size_t i = 0; i < more; i++)
        *ret_number = (i ? *ret_number << 8 : 0) | at->data[i];
    skip(at, more);
    return true;
}

/* Past one item, none of whose lengths says more than there is. */
static bool skip_item(struct webauthn_bytes *at, unsigned nesting)
{
    unsigned type;
    uint64_t number;
    if (!read_head(at, &type, &number) || type == TAG || nesting > NESTING_MAX)
        return false;
    if (type == BYTES || type == TEXT) {
        if (number > at->length)
            return false;
        skip(at, (size_t)number);
    }
    if (type != ARRAY && type != MAP)
        return true;
    if (number > at->length / (type == MAP ? 2 : 1))
        return false;
    for (uint64_t left = type == MAP ? number * 2 : number; left > 0; left--)
        if (!skip_item(at, nesting + 1))
            return false;
    return true;
}

/* What an authenticator says (WebAuthn section 6.1): a head, which is there, then a credential and
 * extensions where the flags say so, and nothing else. */
static bool is_whole(struct webauthn_bytes at)
{
    const unsigned flags = at.data[HASH_SIZE];
    skip(&at, HEAD_SIZE);
    if (flags & CREDENTIAL) {
        const size_t id =
            at.length >= ID_AT ? (size_t)(at.data[ID_AT - 2] << 8 | at.data[ID_AT - 1]) : 0;
        if (at.length < ID_AT + id)
            return false;
        skip(&at, ID_AT + id);
        if (!skip_item(&at, 1))
            return false;
    }
    return (!(flags & EXTENSIONS) || skip_item(&at, 1)) && at.length == 0;
}

/* ---- what the authenticator says ---- */

/* The user was there and verified, for this portal. */
static bool is_ours(const struct webauthn_party *party, struct webauthn_bytes data)
{
    unsigned char hash[HASH_SIZE];
    if (data.length < HEAD_SIZE || data.length > WEBAUTHN_DATA_MAX)
        return false;
    crypto_hash_sha256(hash, (const unsigned char *)party->id, strlen(party->id));
    unsigned char flags = data.data[HASH_SIZE];
    return memcmp(hash, data.data, HASH_SIZE) == 0 && (flags & PRESENT) && (flags & VERIFIED) &&
           is_whole(data);
}

/* libfido2 reads it as of one algorithm. */
static fido_cred_t *read_as(int algorithm, struct webauthn_bytes data)
{
    fido_cred_t *credential = fido_cred_new();
    if (credential && fido_cred_set_type(credential, algorithm) == FIDO_OK &&
        fido_cred_set_authdata_raw(credential, data.data, data.length) == FIDO_OK &&
        fido_cred_id_ptr(credential) && fido_cred_pubkey_ptr(credential))
        return credential;
    fido_cred_free(&credential);
    return NULL;
}

int webauthn_register(const struct webauthn_party *party, struct webauthn_bytes data,
                      struct webauthn_key *ret_key, struct portico_error *error)
{
    static const int algorithms[] = WEBAUTHN_ALGORITHMS;
    fido_cred_t *credential = NULL;
    int code = PORTICO_OK;
    if (!is_ours(party, data))
        return unreadable(error);
    fido_init(0);
    for (size_t i = 0; !credential && i < sizeof algorithms / sizeof *algorithms; i++)
        credential = read_as(algorithms[i], data);
    if (!credential)
        return unreadable(error);
    size_t id = fido_cred_id_len(credential), key = fido_cred_pubkey_len(credential);
    if (id == 0 || id > WEBAUTHN_CREDENTIAL_MAX || key == 0 || key > WEBAUTHN_KEY_MAX) {
        code = unreadable(error);
    } else {
        *ret_key = (struct webauthn_key){ .credential_length = id,
                                          .key_length = key,
                                          .algorithm = fido_cred_type(credential),
                                          .count = fido_cred_sigcount(credential) };
        memcpy(ret_key->credential, fido_cred_id_ptr(credential), id);
        memcpy(ret_key->key, fido_cred_pubkey_ptr(credential), key);
    }
    fido_cred_free(&credential);
    return code;
}

static int verify_es256(const fido_assert_t *assertion, const struct webauthn_key *key)
{
    es256_pk_t *public = es256_pk_new();
    int result = es256_pk_from_ptr(public, key->key, key->key_length);
    if (result == FIDO_OK)
        result = fido_assert_verify(assertion, 0, COSE_ES256, public);
    es256_pk_free(&public);
    return result;
}

static int verify_eddsa(const fido_assert_t *assertion, const struct webauthn_key *key)
{
    eddsa_pk_t *public = eddsa_pk_new();
    int result = eddsa_pk_from_ptr(public, key->key, key->key_length);
    if (result == FIDO_OK)
        result = fido_assert_verify(assertion, 0, COSE_EDDSA, public);
    eddsa_pk_free(&public);
    return result;
}

static int verify_rs256(const fido_assert_t *assertion, const struct webauthn_key *key)
{
    rs256_pk_t *public = rs256_pk_new();
    int result = rs256_pk_from_ptr(public, key->key, key->key_length);
    if (result == FIDO_OK)
        result = fido_assert_verify(assertion, 0, COSE_RS256, public);
    rs256_pk_free(&public);
    return result;
}

static bool is_signed(const fido_assert_t *assertion, const struct webauthn_key *key)
{
    switch (key->algorithm) {
    case COSE_ES256: return verify_es256(assertion, key) == FIDO_OK;
    case COSE_EDDSA: return verify_eddsa(assertion, key) == FIDO_OK;
    case COSE_RS256: return verify_rs256(assertion, key) == FIDO_OK;
    default: return false;
    }
}

int webauthn_verify(const struct webauthn_party *party, const struct webauthn_key *key,
                    struct webauthn_bytes client, struct webauthn_bytes data,
                    struct webauthn_bytes signature, uint32_t *ret_count,
                    struct portico_error *error)
{
    unsigned char hash[HASH_SIZE];
    if (!is_ours(party, data) || signature.length == 0)
        return unreadable(error);
    fido_init(0);
    crypto_hash_sha256(hash, client.data, client.length);
    fido_assert_t *assertion = fido_assert_new();
    int code = PORTICO_OK;
    if (!assertion || fido_assert_set_count(assertion, 1) != FIDO_OK ||
        fido_assert_set_rp(assertion, party->id) != FIDO_OK ||
        fido_assert_set_up(assertion, FIDO_OPT_TRUE) != FIDO_OK ||
        fido_assert_set_uv(assertion, FIDO_OPT_TRUE) != FIDO_OK ||
        fido_assert_set_clientdata_hash(assertion, hash, sizeof hash) != FIDO_OK ||
        fido_assert_set_authdata_raw(assertion, 0, data.data, data.length) != FIDO_OK ||
        fido_assert_set_sig(assertion, 0, signature.data, signature.length) != FIDO_OK)
        code = unreadable(error);
    else if (!is_signed(assertion, key))
        code = error_set(error, PORTICO_EPERM, "The passkey did not sign this.");
    else
        *ret_count = fido_assert_sigcount(assertion, 0);
    fido_assert_free(&assertion);
    return code;
}
