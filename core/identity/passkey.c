#include "identity/passkey.h"

#include "identity/room.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>

#define NONCE 16
#define MAC crypto_auth_hmacsha256_BYTES
#define CHALLENGE_SIZE (8 + NONCE + MAC)
#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING

/* ---- challenges ---- */

static void seal_challenge(const struct identity *identity, enum identity_passkey_use use,
                           int64_t person, const char *browser, const unsigned char head[8 + NONCE],
                           unsigned char ret_mac[MAC])
{
    crypto_auth_hmacsha256_state state;
    char words[64];
    int length = snprintf(words, sizeof words, "challenge %d %" PRId64 " ", use, person);
    crypto_auth_hmacsha256_init(&state, identity->key, sizeof identity->key);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)words, (size_t)length + 1);
    crypto_auth_hmacsha256_update(&state, head, 8 + NONCE);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)browser, strlen(browser));
    crypto_auth_hmacsha256_final(&state, ret_mac);
}

void identity_challenge(const struct identity *identity, enum identity_passkey_use use,
                        int64_t person, const char *browser,
                        char ret_challenge[WEBAUTHN_CHALLENGE_MAX])
{
    unsigned char bytes[CHALLENGE_SIZE];
    int64_t until = clock_now() + IDENTITY_CHALLENGE_TIME;
    _Static_assert(sodium_base64_ENCODED_LEN(CHALLENGE_SIZE, VARIANT) <= WEBAUTHN_CHALLENGE_MAX,
                   "it fits");
    memcpy(bytes, &until, sizeof until);
    randombytes_buf(bytes + 8, NONCE);
    seal_challenge(identity, use, person, browser, bytes, bytes + 8 + NONCE);
    sodium_bin2base64(ret_challenge, WEBAUTHN_CHALLENGE_MAX, bytes, sizeof bytes, VARIANT);
}

static int none(struct portico_error *error)
{
    return error_set(error, PORTICO_EINVAL, "What was signed is not of now, or was used before.");
}

/* It is ours, for this, and used now for the first time. */
static int spend_challenge(struct identity *identity, struct store_session *session,
                           const char *challenge, enum identity_passkey_use use, int64_t person,
                           const char *browser, struct portico_error *error)
{
    unsigned char bytes[CHALLENGE_SIZE], mac[MAC];
    char key[IDENTITY_HASH_TEXT];
    size_t length = 0;
    int64_t until, first = 0;
    if (sodium_base642bin(bytes, sizeof bytes, challenge, strlen(challenge), NULL, &length, NULL,
                          VARIANT) != 0 ||
        length != sizeof bytes)
        return none(error);
    seal_challenge(identity, use, person, browser, bytes, mac);
    memcpy(&until, bytes, sizeof until);
    if (sodium_memcmp(mac, bytes + 8 + NONCE, MAC) != 0 || until <= clock_now())
        return none(error);
    identity_blind(identity, "challenge", challenge, key);
    int code = store_host_execute(session,
                                  "INSERT INTO portico_challenge (challenge_key, expires) "
                                  "VALUES (?, ?) ON CONFLICT (challenge_key) DO NOTHING",
                                  PORTICO_ARGS(portico_arg_text(key), portico_arg_time(until)),
                                  &first, error);
    return code == 0 && first == 0 ? none(error) : code;
}

/* ---- what was sent ---- */

/* Bytes of base64url, in the arena. */
static bool decode(struct arena *arena, const char *text, size_t most, struct webauthn_bytes *ret)
{
    size_t size = text ? strlen(text) : 0, length = 0;
    unsigned char *bytes = size && size <= 2 * most ? arena_alloc(arena, size) : NULL;
    const char *end = NULL;
    if (!bytes || sodium_base642bin(bytes, size, text, size, NULL, &length, &end, VARIANT) != 0 ||
        *end || length == 0 || length > most)
        return false;
    *ret = (struct webauthn_bytes){ bytes, length };
    return true;
}

static const char *encode(struct arena *arena, const unsigned char *bytes, size_t length)
{
    size_t size = sodium_base64_ENCODED_LEN(length, VARIANT);
    char *text = arena_alloc(arena, size);
    return text ? sodium_bin2base64(text, size, bytes, length, VARIANT) : NULL;
}

/* The client data and the authenticator's, with the challenge spent. */
static int open_claim(struct identity *identity, struct store_session *session,
                      enum identity_passkey_use use, int64_t person,
                      const struct identity_passkey_claim *claim, struct webauthn_bytes *client,
                      struct webauthn_bytes *data, struct portico_error *error)
{
    struct arena *arena = store_session_arena(session);
    char challenge[WEBAUTHN_CHALLENGE_MAX];
    if (!decode(arena, claim->client, WEBAUTHN_CLIENT_MAX, client) ||
        !decode(arena, claim->data, WEBAUTHN_DATA_MAX, data))
        return none(error);
    int code =
        webauthn_client(*client, use == IDENTITY_PASSKEY_ADD ? WEBAUTHN_CREATE : WEBAUTHN_GET,
                        claim->party.origin, challenge, error);
    return code < 0
               ? code
               : spend_challenge(identity, session, challenge, use, person, claim->browser, error);
}

/* ---- adding one ---- */

static int count_of(struct store_session *session, int64_t person, int64_t *ret_count,
                    struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(session, "SELECT count(*) FROM portico_passkey WHERE person = ?",
                                PORTICO_ARGS(portico_arg_id(person)), &rows, error);
    if (code == 0)
        *ret_count = value_rows_at(rows, 0)->integer;
    return code;
}

static int keep(struct store_session *session, int64_t person, const char *name,
                const struct webauthn_key *key, struct portico_error *error)
{
    struct arena *arena = store_session_arena(session);
    const char *credential = encode(arena, key->credential, key->credential_length);
    const char *bytes = encode(arena, key->key, key->key_length);
    int64_t made = 0;
    if (!credential || !bytes)
        return identity_no_memory(error);
    int code = store_host_execute(
        session,
        "INSERT INTO portico_passkey (id, person, credential, public_key, algorithm, used_count, "
        "name, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (credential) DO NOTHING",
        PORTICO_ARGS(portico_arg_id(id_new()), portico_arg_id(person), portico_arg_text(credential),
                     portico_arg_text(bytes), portico_arg_integer(key->algorithm),
                     portico_arg_integer(key->count), portico_arg_text(name),
                     portico_arg_time(clock_now())),
        &made, error);
    if (code == 0 && made == 0)
        code = error_set(error, PORTICO_EEXIST, "This passkey is here already.");
    return code;
}

int identity_passkey_add(struct identity *identity, struct store_session *session, int64_t person,
                         const char *name, const struct identity_passkey_claim *claim,
                         struct portico_error *error)
{
    struct webauthn_bytes client, data;
    struct webauthn_key key;
    int64_t count = 0;
    int code = identity_person_hold(session, person, error);
    if (code == 0)
        code = open_claim(identity, session, IDENTITY_PASSKEY_ADD, person, claim, &client, &data,
                          error);
    if (code == 0)
        code = webauthn_register(&claim->party, data, &key, error);
    if (code == 0)
        code = count_of(session, person, &count, error);
    if (code == 0 && count >= IDENTITY_PASSKEYS_MAX)
        code = error_set(error, PORTICO_ELIMIT, "Nobody has more than %d passkeys.",
                         IDENTITY_PASSKEYS_MAX);
    if (code == 0)
        code = keep(session, person, name, &key, error);
    return code < 0 ? code : identity_second_changed(session, person, error);
}

/* ---- using one ---- */

static int no(struct portico_error *error)
{
    return error_set(error, PORTICO_EPERM, "This passkey opens nothing here.");
}

/* The key of a credential of an active person, and whose it is. */
static int find_key(struct store_session *session, int64_t person, const char *credential,
                    struct webauthn_key *key, int64_t *ret_id, int64_t *ret_person,
                    struct portico_error *error)
{
    struct value *rows;
    struct webauthn_bytes bytes;
    int code = store_host_query(
        session,
        "SELECT k.id, k.person, k.public_key, k.algorithm, k.used_count FROM portico_passkey k "
        "JOIN portico_person p ON p.id = k.person WHERE k.credential = ? AND p.state = 1 "
        "AND (k.person = ? OR ? = 0)",
        PORTICO_ARGS(portico_arg_text(credential), portico_arg_integer(person),
                     portico_arg_integer(person)),
        &rows, error);
    if (code < 0)
        return code;
    const struct value_cell *cells = rows->count ? value_rows_at(rows, 0) : NULL;
    if (!cells || !decode(store_session_arena(session), cells[2].text, WEBAUTHN_KEY_MAX, &bytes))
        return no(error);
    *key = (struct webauthn_key){ .key_length = bytes.length,
                                  .algorithm = (int)cells[3].integer,
                                  .count = (uint32_t)cells[4].integer };
    memcpy(key->key, bytes.data, bytes.length);
    *ret_id = cells[0].integer;
    *ret_person = cells[1].integer;
    return PORTICO_OK;
}

/* A counter that does not rise says that there are two of the same. Those that do not count stay at
 * 0. Who comes first at the same time has it. */
static int note_use(struct store_session *session, int64_t id, const struct webauthn_key *key,
                    uint32_t count, struct portico_error *error)
{
    int64_t changed = 0;
    if ((count || key->count) && count <= key->count)
        return no(error);
    int code = store_host_execute(
        session,
        "UPDATE portico_passkey SET used_count = ?, used = ? WHERE id = ? AND used_count = ?",
        PORTICO_ARGS(portico_arg_integer(count), portico_arg_time(clock_now()), portico_arg_id(id),
                     portico_arg_integer(key->count)),
        &changed, error);
    return code == 0 && changed == 0 ? no(error) : code;
}

static int use_it(struct identity *identity, struct store_session *session,
                  enum identity_passkey_use use, int64_t person,
                  const struct identity_passkey_claim *claim, int64_t *ret_person,
                  struct portico_error *error)
{
    struct webauthn_bytes client, data, signature;
    struct webauthn_key key;
    uint32_t count = 0;
    int64_t id = 0, whose = 0;
    int code = open_claim(identity, session, use, person, claim, &client, &data, error);
    if (code == 0 && (!claim->credential || !decode(store_session_arena(session), claim->signature,
                                                    WEBAUTHN_DATA_MAX, &signature)))
        code = no(error);
    if (code == 0)
        code = find_key(session, person, claim->credential, &key, &id, &whose, error);
    if (code == 0)
        code = webauthn_verify(&claim->party, &key, client, data, signature, &count, error);
    if (code == 0)
        code = note_use(session, id, &key, count, error);
    if (code == 0)
        *ret_person = whose;
    return code;
}

int identity_passkey_use(struct identity *identity, struct store_session *session,
                         enum identity_passkey_use use, int64_t person,
                         const struct identity_passkey_claim *claim, int64_t *ret_person,
                         struct portico_error *error)
{
    int code = use_it(identity, session, use, person, claim, ret_person, error);
    return code == PORTICO_EINVAL ? no(error) : code;
}

/* ---- looking after them ---- */

int identity_passkeys(struct store_session *session, int64_t person, struct value **ret_rows,
                      struct portico_error *error)
{
    return store_host_query(
        session,
        "SELECT id AS \"id:id\", name, credential, created AS \"created:time\", "
        "used AS \"used:time\" FROM portico_passkey WHERE person = ? ORDER BY id",
        PORTICO_ARGS(portico_arg_id(person)), ret_rows, error);
}

int identity_passkey_remove(struct identity *identity, struct store_session *session,
                            int64_t person, int64_t id, struct portico_error *error)
{
    struct identity_step step;
    int64_t gone = 0;
    int code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    code = identity_person_hold(session, person, error);
    if (code == 0)
        code = store_host_execute(
            session, "DELETE FROM portico_passkey WHERE id = ? AND person = ?",
            PORTICO_ARGS(portico_arg_id(id), portico_arg_id(person)), &gone, error);
    if (code == 0 && gone == 0)
        code = error_set(error, PORTICO_ENOENT, "There is no such passkey.");
    if (code == 0)
        code = identity_second_gone(identity, session, person, error);
    return identity_step_end(&step, code, error);
}
