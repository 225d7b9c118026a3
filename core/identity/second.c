#include "identity/second.h"

#include "identity/room.h"

#include <inttypes.h>
#include <sodium.h>

#define OFFER_TIME HOUR
#define SEAL_WORDS "portico second factor"
#define SEAL_HEAD crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define SEAL_SIZE (SEAL_HEAD + TOTP_SECRET_SIZE + crypto_aead_xchacha20poly1305_ietf_ABYTES)
#define SEAL_TEXT (SEAL_SIZE * 2 + 1)

/* ---- secrets at rest ---- */

static void seal_key(const struct identity *identity, unsigned char ret_key[32])
{
    _Static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == 32, "a key is 32 bytes");
    crypto_generichash(ret_key, 32, (const unsigned char *)SEAL_WORDS, sizeof SEAL_WORDS - 1,
                       identity->key, sizeof identity->key);
}

/* Bound to its person: a row copied to somebody else's opens nothing. */
static void seal(const struct identity *identity, int64_t person,
                 const unsigned char secret[TOTP_SECRET_SIZE], char ret_text[SEAL_TEXT])
{
    unsigned char key[32], sealed[SEAL_SIZE];
    randombytes_buf(sealed, SEAL_HEAD);
    seal_key(identity, key);
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + SEAL_HEAD, NULL, secret, TOTP_SECRET_SIZE,
                                               (const unsigned char *)&person, sizeof person, NULL,
                                               sealed, key);
    sodium_bin2hex(ret_text, SEAL_TEXT, sealed, sizeof sealed);
    sodium_memzero(key, sizeof key);
}

static int unseal(const struct identity *identity, int64_t person, const char *text,
                  unsigned char ret_secret[TOTP_SECRET_SIZE], struct portico_error *error)
{
    unsigned char key[32], sealed[SEAL_SIZE];
    size_t length = 0;
    bool opened =
        sodium_hex2bin(sealed, sizeof sealed, text, strlen(text), NULL, &length, NULL) == 0 &&
        length == sizeof sealed;
    seal_key(identity, key);
    opened = opened && crypto_aead_xchacha20poly1305_ietf_decrypt(
                           ret_secret, NULL, NULL, sealed + SEAL_HEAD, sizeof sealed - SEAL_HEAD,
                           (const unsigned char *)&person, sizeof person, sealed, key) == 0;
    sodium_memzero(key, sizeof key);
    return opened ? PORTICO_OK
                  : error_set(error, PORTICO_EIO,
                              "The second factor of person %" PRId64 " was kept under another key. "
                              "Bring back the file of [secrets] key_file, or take the factor away: "
                              "portico user forget-second %" PRId64 ".",
                              person, person);
}

/* ---- what there is ---- */

int identity_second_look(struct store_session *session, int64_t person,
                         struct identity_second *ret_second, struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(
        session,
        "SELECT coalesce((SELECT a.confirmed FROM portico_app a WHERE a.person = p.id "
        "AND a.secret IS NOT NULL), 0), "
        "(SELECT count(*) FROM portico_recovery r WHERE r.person = p.id AND r.used IS NULL), "
        "(SELECT count(*) FROM portico_passkey k WHERE k.person = p.id) "
        "FROM portico_person p WHERE p.id = ?",
        PORTICO_ARGS(portico_arg_id(person)), &rows, error);
    if (code < 0)
        return code;
    if (rows->count == 0)
        return error_set(error, PORTICO_ENOENT, "There is no such person.");
    const struct value_cell *cells = value_rows_at(rows, 0);
    struct identity_second second = { .app_since = cells[0].integer,
                                      .recovery = (unsigned)cells[1].integer,
                                      .passkeys = (unsigned)cells[2].integer };
    second.app = second.app_since != 0;
    second.any = second.app || second.passkeys;
    *ret_second = second;
    return PORTICO_OK;
}

static bool is_named(const char *words, const char *role)
{
    size_t length = strlen(role);
    for (const char *at = words; (at = strstr(at, role)); at += length)
        if ((at == words || at[-1] == ' ') && (at[length] == '\0' || at[length] == ' '))
            return true;
    return false;
}

uint64_t identity_second_roles(const struct identity *identity, const struct identity_roles *roles,
                               uint64_t bits)
{
    uint64_t asking = 0;
    for (size_t i = 0; i < identity_roles_count(roles); i++) {
        const struct identity_role *role = identity_roles_at(roles, i);
        if (role->bit & bits && is_named(identity->second_for, role->key))
            asking |= role->bit;
    }
    return asking;
}

bool identity_second_for(const struct identity *identity, const struct identity_roles *roles,
                         uint64_t bits)
{
    return identity_second_roles(identity, roles, bits) != 0;
}

static const char *needed_of(const char *words, const struct value *rows)
{
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct value_cell *cells = value_rows_at(rows, i);
        const char *everybody = cells[1].integer == IDENTITY_OWNER ? "staff" : "account-member";
        const char *role = identity_text(&cells[0]);
        if (role && is_named(words, role))
            return role;
        if (is_named(words, everybody))
            return everybody;
    }
    return is_named(words, "member") ? "member" : NULL;
}

int identity_second_needed(struct identity *identity, struct store_session *session, int64_t person,
                           const char **ret_role, struct portico_error *error)
{
    struct value *rows;
    const int64_t now = clock_now();
    *ret_role = NULL;
    if (!*identity->second_for)
        return PORTICO_OK;
    int code = store_host_query(
        session,
        "SELECT r.role, m.account FROM portico_membership m LEFT JOIN portico_membership_role r "
        "ON r.membership = m.id WHERE m.person = ? AND m.state = 1 "
        "AND coalesce(m.valid_from, 0) <= ? AND (m.valid_until IS NULL OR m.valid_until > ?) "
        "ORDER BY m.account, r.role",
        PORTICO_ARGS(portico_arg_id(person), portico_arg_time(now), portico_arg_time(now)), &rows,
        error);
    if (code == 0)
        *ret_role = needed_of(identity->second_for, rows);
    return code;
}

/* What changed is known to all devices and half-made sign-ins of the person: they are asked anew,
 * and no secret that was shown before counts any more. */
int identity_second_changed(struct store_session *session, int64_t person,
                            struct portico_error *error)
{
    static const char *const begun[] = {
        "UPDATE portico_device SET trusted = NULL WHERE person = ?",
        "UPDATE portico_session SET offer = NULL, offer_made = NULL WHERE person = ? "
        "AND offer IS NOT NULL",
        "UPDATE portico_half SET offer = NULL, offer_made = NULL WHERE person = ? "
        "AND offer IS NOT NULL",
    };
    int code = PORTICO_OK;
    for (size_t i = 0; code == 0 && i < G_N_ELEMENTS(begun); i++)
        code = store_host_execute(session, begun[i], PORTICO_ARGS(portico_arg_id(person)), NULL,
                                  error);
    return code < 0 ? code : identity_raise(session, person, error);
}

/* ---- the app ---- */

/* What waits stands with whoever opened it, so that nobody confirms a secret that somebody else who
 * knows the password was shown before. */
static const struct {
    const char *look, *put;
} places[] = {
    { "SELECT offer, offer_made FROM portico_session WHERE id = ? AND person = ?",
      "UPDATE portico_session SET offer = ?, offer_made = ? WHERE id = ? AND person = ?" },
    { "SELECT offer, offer_made FROM portico_half WHERE id = ? AND person = ?",
      "UPDATE portico_half SET offer = ?, offer_made = ? WHERE id = ? AND person = ?" },
};

/* The sealed secret that waits there, or NULL. ENOENT: the sign-in or session is over. */
static int look_offer(struct store_session *session, const struct identity_enrolling *enrolling,
                      const char **ret_sealed, struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(
        session, places[enrolling->half].look,
        PORTICO_ARGS(portico_arg_id(enrolling->id), portico_arg_id(enrolling->person)), &rows,
        error);
    if (code < 0)
        return code;
    if (rows->count == 0)
        return error_set(error, PORTICO_ENOENT, "This sign-in is over: begin again.");
    const struct value_cell *cells = value_rows_at(rows, 0);
    const bool waits =
        identity_text(&cells[0]) && clock_now() - identity_integer(&cells[1]) < OFFER_TIME;
    *ret_sealed = waits ? cells[0].text : NULL;
    return PORTICO_OK;
}

static int offer_in(struct identity *identity, struct store_session *session,
                    const struct identity_enrolling *enrolling,
                    unsigned char secret[TOTP_SECRET_SIZE], struct portico_error *error)
{
    char text[SEAL_TEXT];
    const char *sealed;
    const int64_t person = enrolling->person;
    int code = identity_person_hold(session, person, error);
    if (code == 0)
        code = look_offer(session, enrolling, &sealed, error);
    if (code < 0)
        return code;
    if (sealed)
        return unseal(identity, person, sealed, secret, error);
    randombytes_buf(secret, TOTP_SECRET_SIZE);
    seal(identity, person, secret, text);
    return store_host_execute(session, places[enrolling->half].put,
                              PORTICO_ARGS(portico_arg_text(text), portico_arg_time(clock_now()),
                                           portico_arg_id(enrolling->id), portico_arg_id(person)),
                              NULL, error);
}

int identity_app_offer(struct identity *identity, struct store_session *session,
                       const struct identity_enrolling *enrolling, char ret_secret[TOTP_TEXT_SIZE],
                       struct portico_error *error)
{
    unsigned char secret[TOTP_SECRET_SIZE];
    struct identity_step step;
    int code = identity_step_begin(&step, session, error);
    if (code == 0)
        code =
            identity_step_end(&step, offer_in(identity, session, enrolling, secret, error), error);
    if (code == 0)
        totp_text(secret, ret_secret);
    sodium_memzero(secret, sizeof secret);
    return code;
}

int identity_app_offered(struct store_session *session, const struct identity_enrolling *enrolling,
                         const char **ret_sealed, struct portico_error *error)
{
    int code = look_offer(session, enrolling, ret_sealed, error);
    if (code == 0 && !*ret_sealed)
        code = error_set(error, PORTICO_ENOENT,
                         /* translated */ "This took longer than an hour: begin again.");
    return code;
}

static int wrong(struct portico_error *error)
{
    return error_set(error, PORTICO_EPERM, /* translated */ "This code is not right.");
}

/* The digits of what somebody typed: "123 456". False: it is no such code. */
static bool digits_of(const char *code, char ret_digits[TOTP_DIGITS + 1])
{
    size_t count = 0;
    for (; *code; code++) {
        if (*code == ' ' || *code == '-')
            continue;
        if (*code < '0' || *code > '9' || count == TOTP_DIGITS)
            return false;
        ret_digits[count++] = *code;
    }
    ret_digits[count] = '\0';
    return count == TOTP_DIGITS;
}

static int confirm_in(struct identity *identity, struct store_session *session, int64_t person,
                      const char *sealed, const char *code, struct identity_recovery *recovery,
                      struct portico_error *error)
{
    unsigned char secret[TOTP_SECRET_SIZE];
    char digits[TOTP_DIGITS + 1];
    struct identity_second before = { 0 };
    int64_t now = clock_now(), step = -1;
    int result = identity_person_hold(session, person, error);
    if (result == 0)
        result = identity_second_look(session, person, &before, error);
    if (result == 0)
        result = unseal(identity, person, sealed, secret, error);
    if (result == 0 && digits_of(code, digits))
        step = totp_find(secret, digits, totp_step(now), 0);
    sodium_memzero(secret, sizeof secret);
    if (result == 0 && step < 0)
        result = wrong(error);
    if (result == 0)
        result = store_host_execute(
            session,
            "INSERT INTO portico_app (person, secret, step, confirmed) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (person) DO UPDATE SET secret = excluded.secret, step = excluded.step, "
            "confirmed = excluded.confirmed",
            PORTICO_ARGS(portico_arg_id(person), portico_arg_text(sealed),
                         portico_arg_integer(step), portico_arg_time(now)),
            NULL, error);
    if (result == 0)
        result = identity_second_changed(session, person, error);
    if (result == 0 && before.recovery == 0)
        result = identity_recovery_make(identity, session, person, recovery, error);
    return result;
}

int identity_app_confirm(struct identity *identity, struct store_session *session, int64_t person,
                         const char *sealed, const char *code,
                         struct identity_recovery *ret_recovery, struct portico_error *error)
{
    struct identity_step step;
    struct identity_recovery recovery = { 0 };
    int result = identity_step_begin(&step, session, error);
    if (result == 0)
        result = identity_step_end(
            &step, confirm_in(identity, session, person, sealed, code, &recovery, error), error);
    if (result == 0)
        *ret_recovery = recovery;
    sodium_memzero(&recovery, sizeof recovery);
    return result;
}

/* Without a factor there is nothing that recovery codes stand for; with a role that needs one, the
 * last one stays. */
int identity_second_gone(struct identity *identity, struct store_session *session, int64_t person,
                         struct portico_error *error)
{
    struct identity_second left;
    const char *role = NULL;
    int code = identity_second_look(session, person, &left, error);
    if (code == 0 && !left.any)
        code = identity_second_needed(identity, session, person, &role, error);
    if (code == 0 && role)
        code = error_set(error, PORTICO_ECONFLICT,
                         "Who has the role %s needs a second factor: it stays.", role);
    if (code == 0 && !left.any)
        code = store_host_execute(session, "DELETE FROM portico_recovery WHERE person = ?",
                                  PORTICO_ARGS(portico_arg_id(person)), NULL, error);
    return code < 0 ? code : identity_second_changed(session, person, error);
}

static int remove_in(struct identity *identity, struct store_session *session, int64_t person,
                     struct portico_error *error)
{
    int code = identity_person_hold(session, person, error);
    if (code == 0)
        code = store_host_execute(session, "DELETE FROM portico_app WHERE person = ?",
                                  PORTICO_ARGS(portico_arg_id(person)), NULL, error);
    return code < 0 ? code : identity_second_gone(identity, session, person, error);
}

int identity_app_remove(struct identity *identity, struct store_session *session, int64_t person,
                        struct portico_error *error)
{
    struct identity_step step;
    int code = identity_step_begin(&step, session, error);
    return code < 0 ? code
                    : identity_step_end(&step, remove_in(identity, session, person, error), error);
}

static int forget_in(struct store_session *session, int64_t person, struct portico_error *error)
{
    static const char *const gone[] = {
        "DELETE FROM portico_app WHERE person = ?",
        "DELETE FROM portico_recovery WHERE person = ?",
        "DELETE FROM portico_passkey WHERE person = ?",
    };
    int code = identity_person_hold(session, person, error);
    for (size_t i = 0; code == 0 && i < G_N_ELEMENTS(gone); i++)
        code =
            store_host_execute(session, gone[i], PORTICO_ARGS(portico_arg_id(person)), NULL, error);
    return code < 0 ? code : identity_second_changed(session, person, error);
}

int identity_second_forget(struct store_session *session, int64_t person,
                           struct portico_error *error)
{
    struct identity_step step;
    int code = identity_step_begin(&step, session, error);
    return code < 0 ? code : identity_step_end(&step, forget_in(session, person, error), error);
}

/* ---- recovery codes ---- */

/* Letters that nobody mistakes for others when reading from paper. */
static const char letters[] = "abcdefghjkmnpqrstuvwxyz123456789";

static void make_code(char ret_code[IDENTITY_RECOVERY_SIZE])
{
    _Static_assert(sizeof letters - 1 == 32, "five bits a letter");
    for (size_t i = 0; i < IDENTITY_RECOVERY_SIZE - 1; i++)
        ret_code[i] = i == 5 ? '-' : letters[randombytes_uniform(32)];
    ret_code[IDENTITY_RECOVERY_SIZE - 1] = '\0';
}

/* As it was shown, whatever the case, the hyphen and the blanks. False: it is no such code. */
static bool recovery_of(const char *code, char ret_code[IDENTITY_RECOVERY_SIZE])
{
    size_t count = 0;
    for (; *code; code++) {
        char letter = g_ascii_tolower(*code);
        if (letter == ' ' || letter == '-')
            continue;
        if (!strchr(letters, letter) || count == IDENTITY_RECOVERY_SIZE - 1)
            return false;
        if (count == 5)
            ret_code[count++] = '-';
        ret_code[count++] = letter;
    }
    ret_code[count] = '\0';
    return count == IDENTITY_RECOVERY_SIZE - 1;
}

static void recovery_hash(const struct identity *identity, int64_t person, const char *code,
                          char ret_hash[IDENTITY_HASH_TEXT])
{
    char text[IDENTITY_RECOVERY_SIZE + 24];
    snprintf(text, sizeof text, "%" PRId64 " %s", person, code);
    identity_blind(identity, "recovery", text, ret_hash);
    sodium_memzero(text, sizeof text);
}

static int replace_codes(struct identity *identity, struct store_session *session, int64_t person,
                         struct identity_recovery *recovery, struct portico_error *error)
{
    struct identity_second second;
    char hash[IDENTITY_HASH_TEXT];
    int code = identity_person_hold(session, person, error);
    if (code == 0)
        code = identity_second_look(session, person, &second, error);
    if (code == 0 && !second.any)
        code = error_set(error, PORTICO_ENOENT, "There is no second factor to recover from.");
    if (code == 0)
        code = store_host_execute(session, "DELETE FROM portico_recovery WHERE person = ?",
                                  PORTICO_ARGS(portico_arg_id(person)), NULL, error);
    for (size_t i = 0; code == 0 && i < IDENTITY_RECOVERY_CODES; i++) {
        make_code(recovery->codes[i]);
        recovery_hash(identity, person, recovery->codes[i], hash);
        code = store_host_execute(
            session, "INSERT INTO portico_recovery (person, code_hash, made) VALUES (?, ?, ?)",
            PORTICO_ARGS(portico_arg_id(person), portico_arg_text(hash),
                         portico_arg_time(clock_now())),
            NULL, error);
    }
    return code;
}

int identity_recovery_make(struct identity *identity, struct store_session *session, int64_t person,
                           struct identity_recovery *ret_recovery, struct portico_error *error)
{
    struct identity_step step;
    struct identity_recovery recovery = { 0 };
    int code = identity_step_begin(&step, session, error);
    if (code == 0)
        code = identity_step_end(&step, replace_codes(identity, session, person, &recovery, error),
                                 error);
    if (code == 0)
        *ret_recovery = recovery;
    sodium_memzero(&recovery, sizeof recovery);
    return code;
}

/* ---- using one ---- */

static int use_app(struct identity *identity, struct store_session *session, int64_t person,
                   const char *digits, struct portico_error *error)
{
    unsigned char secret[TOTP_SECRET_SIZE];
    struct value *rows;
    int64_t used = 0;
    int code = store_host_query(
        session, "SELECT secret, step FROM portico_app WHERE person = ? AND secret IS NOT NULL",
        PORTICO_ARGS(portico_arg_id(person)), &rows, error);
    if (code < 0)
        return code;
    if (rows->count == 0)
        return wrong(error);
    const struct value_cell *cells = value_rows_at(rows, 0);
    code = unseal(identity, person, cells[0].text, secret, error);
    int64_t step =
        code == 0 ? totp_find(secret, digits, totp_step(clock_now()), cells[1].integer) : -1;
    sodium_memzero(secret, sizeof secret);
    if (code < 0 || step < 0)
        return code < 0 ? code : wrong(error);
    /* Who comes first at the same time has it. */
    code = store_host_execute(
        session, "UPDATE portico_app SET step = ? WHERE person = ? AND step < ?",
        PORTICO_ARGS(portico_arg_integer(step), portico_arg_id(person), portico_arg_integer(step)),
        &used, error);
    return code == 0 && used == 0 ? wrong(error) : code;
}

static int use_recovery(struct identity *identity, struct store_session *session, int64_t person,
                        const char *code, struct portico_error *error)
{
    char hash[IDENTITY_HASH_TEXT];
    int64_t used = 0;
    recovery_hash(identity, person, code, hash);
    int result = store_host_execute(
        session,
        "UPDATE portico_recovery SET used = ? WHERE person = ? AND code_hash = ? AND used IS NULL",
        PORTICO_ARGS(portico_arg_time(clock_now()), portico_arg_id(person), portico_arg_text(hash)),
        &used, error);
    return result == 0 && used == 0 ? wrong(error) : result;
}

int identity_code_use(struct identity *identity, struct store_session *session, int64_t person,
                      const char *code, enum identity_proof *ret_proof, struct portico_error *error)
{
    char digits[TOTP_DIGITS + 1], recovery[IDENTITY_RECOVERY_SIZE];
    enum identity_proof proof = IDENTITY_PROOF_NONE;
    /* The person first, as whoever changes their second factor does. */
    int result = identity_person_hold(session, person, error);
    if (result < 0)
        return result;
    if (digits_of(code, digits)) {
        proof = IDENTITY_PROOF_APP;
        result = use_app(identity, session, person, digits, error);
    } else if (recovery_of(code, recovery)) {
        proof = IDENTITY_PROOF_RECOVERY;
        result = use_recovery(identity, session, person, recovery, error);
    } else {
        result = wrong(error);
    }
    if (result == 0)
        *ret_proof = proof;
    return result;
}
