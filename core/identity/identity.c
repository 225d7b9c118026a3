#include "identity/room.h"

#include "base/hash.h"
#include "config/config.h"
#include "identity/gate.h"
#include "identity/role.h"

#include <sodium.h>

#define KEY_WORDS "portico identity"
#define WAITING_TIME (3 * DAY)
#define DEVICE_TIME (400 * DAY)
#define TOKEN_KEPT (30 * DAY)      /* so that its person sees that it was over */
#define LINK_KEPT (30 * DAY)       /* so that a used link says so for a while */
#define INVITATION_KEPT (30 * DAY) /* after it was over */

int identity_new(const struct identity_rules *rules, const unsigned char key[IDENTITY_KEY_SIZE],
                 struct identity **ret_identity, struct portico_error *error)
{
    if (sodium_init() < 0)
        return error_set(error, PORTICO_EFAULT, "libsodium does not start on this machine.");
    struct identity *identity = g_new0(struct identity, 1);
    identity->rules = *rules;
    identity->portal = g_strdup(rules->portal ? rules->portal : "");
    identity->rules.portal = identity->portal;
    identity->second_for = g_strdup(rules->second_for ? rules->second_for : "");
    identity->rules.second_for = identity->second_for;
    /* A key of its own: the portal's signs other things too. */
    crypto_generichash(identity->key, sizeof identity->key, (const unsigned char *)KEY_WORDS,
                       sizeof KEY_WORDS - 1, key, IDENTITY_KEY_SIZE);
    g_mutex_init(&identity->roles_mutex);
    *ret_identity = identity;
    return PORTICO_OK;
}

int identity_open(const struct config *config, struct identity **ret_identity,
                  struct portico_error *error)
{
    unsigned char key[CONFIG_SECRET_KEY_SIZE];
    _Static_assert(CONFIG_SECRET_KEY_SIZE == IDENTITY_KEY_SIZE, "one is made of the other");
    int code = config_secret_key(config, key, error);
    if (code < 0)
        return code;
    const char *way = config_text(config, "sign_in", "sign_up");
    const struct identity_rules rules = {
        .portal = config_text(config, "portal", "name"),
        .sign_up = strcmp(way, "open") == 0 || strcmp(way, "domain") == 0,
        .by_domain = strcmp(way, "domain") == 0,
        .closed = strcmp(way, "closed") == 0,
        .idle = config_integer(config, "sign_in", "idle"),
        .longest = config_integer(config, "sign_in", "longest"),
        .invitation = config_integer(config, "sign_in", "invitation"),
        .remember = config_integer(config, "sign_in", "remember"),
        .trust = config_integer(config, "sign_in", "trust"),
        .tokens = config_integer(config, "sign_in", "tokens"),
        .second_for = config_text(config, "sign_in", "second_factor"),
        .steps = *config_text(config, "sign_in", "steps") ||
                 *config_text(config, "sign_in", "decorators"),
        .guesses = (unsigned)config_integer(config, "sign_in", "guesses"),
        .hashes = (unsigned)config_integer(config, "sign_in", "hashes"),
    };
    code = identity_new(&rules, key, ret_identity, error);
    sodium_memzero(key, sizeof key);
    return code;
}

void identity_hash_apart(struct identity *identity)
{
    identity->gate = identity_gate_new(identity->rules.hashes);
}

int identity_tend(struct identity *identity, struct portico_error *error)
{
    return identity->gate ? identity_gate_tend(identity->gate, MINUTE, error) : PORTICO_OK;
}

void identity_ask_elsewhere(struct identity *identity,
                            int (*verify)(void *data, const char *name, const char *password,
                                          struct arena *arena,
                                          struct identity_verified *ret_verified,
                                          struct portico_error *error),
                            void *data)
{
    identity->verify = verify;
    identity->verify_data = data;
}

void identity_close(struct identity *identity)
{
    if (!identity)
        return;
    identity_gate_free(identity->gate);
    identity_roles_drop(identity->roles);
    g_mutex_clear(&identity->roles_mutex);
    sodium_memzero(identity->key, sizeof identity->key);
    g_free(identity->portal);
    g_free(identity->second_for);
    g_free(identity);
}

void identity_declare(struct identity *identity, const struct identity_permission *permissions,
                      size_t count)
{
    identity->declared = permissions;
    identity->declared_count = count;
}

const struct identity_rules *identity_rules(const struct identity *identity)
{
    return &identity->rules;
}

int identity_no_memory(struct portico_error *error)
{
    return error_set(error, PORTICO_ENOMEM, "Memory ended.");
}

int identity_step_begin(struct identity_step *step, struct store_session *session,
                        struct portico_error *error)
{
    *step = (struct identity_step){ session, !store_in_transaction(session) };
    return step->own ? store_begin(session, error) : PORTICO_OK;
}

int identity_step_end(const struct identity_step *step, int code, struct portico_error *error)
{
    if (!step->own)
        return code;
    if (code < 0) {
        store_rollback(step->session);
        return code;
    }
    int result = store_commit(step->session, error);
    return result < 0 ? result : code;
}

int identity_refuse_transaction(const struct store_session *session, struct portico_error *error)
{
    if (!store_in_transaction(session))
        return PORTICO_OK;
    return error_set(error, PORTICO_EINVAL,
                     "A password is not hashed in an open transaction: commit it first.");
}

static int lock(struct store_session *session, const char *name, const char *sql,
                struct portico_error *error)
{
    if (store_kind(store_session_store(session)) == STORE_SQLITE)
        return PORTICO_OK;
    struct hash_sum sum = hash_sum_of(name, strlen(name));
    struct value *rows;
    return store_host_query(session, sql, PORTICO_ARGS(portico_arg_integer((int64_t)sum.words[0])),
                            &rows, error);
}

int identity_lock(struct store_session *session, const char *name, struct portico_error *error)
{
    return lock(session, name,
                "{unfiltered no table} SELECT count(pg_advisory_xact_lock(?::BIGINT))", error);
}

int identity_lock_shared(struct store_session *session, const char *name,
                         struct portico_error *error)
{
    return lock(session, name,
                "{unfiltered no table} SELECT count(pg_advisory_xact_lock_shared(?::BIGINT))",
                error);
}

/* Each removes at most so many rows that are older than a time. */
static const struct {
    const char *sql;
    int64_t age;
} pruned[] = {
    { "DELETE FROM portico_link WHERE id IN "
      "(SELECT id FROM portico_link WHERE expires < ? ORDER BY expires LIMIT ?)",
      LINK_KEPT },
    { "DELETE FROM portico_invitation WHERE id IN "
      "(SELECT id FROM portico_invitation WHERE expires < ? ORDER BY expires LIMIT ?)",
      INVITATION_KEPT },
    { "DELETE FROM portico_device WHERE id IN "
      "(SELECT id FROM portico_device WHERE last_seen < ? ORDER BY last_seen LIMIT ?)",
      DEVICE_TIME },
    { "DELETE FROM portico_half WHERE id IN "
      "(SELECT id FROM portico_half WHERE expires < ? ORDER BY expires LIMIT ?)",
      0 },
    { "DELETE FROM portico_api_token WHERE id IN "
      "(SELECT id FROM portico_api_token WHERE expires < ? ORDER BY expires LIMIT ?)",
      TOKEN_KEPT },
    { "DELETE FROM portico_challenge WHERE challenge_key IN "
      "(SELECT challenge_key FROM portico_challenge WHERE expires < ? ORDER BY expires LIMIT ?)",
      0 },
};

/* What hangs on a sign-up that nobody confirmed goes with it. */
static const char *const waiting[] = {
    "DELETE FROM portico_membership_role WHERE membership IN "
    "(SELECT m.id FROM portico_membership m WHERE m.person IN "
    "(SELECT id FROM portico_person WHERE state = 0 AND created < ? ORDER BY created, id LIMIT ?))",
    "DELETE FROM portico_team_member WHERE person IN "
    "(SELECT id FROM portico_person WHERE state = 0 AND created < ? ORDER BY created, id LIMIT ?)",
    "DELETE FROM portico_membership WHERE person IN "
    "(SELECT id FROM portico_person WHERE state = 0 AND created < ? ORDER BY created, id LIMIT ?)",
    "DELETE FROM portico_address WHERE person IN "
    "(SELECT id FROM portico_person WHERE state = 0 AND created < ? ORDER BY created, id LIMIT ?)",
    "DELETE FROM portico_link WHERE person IN "
    "(SELECT id FROM portico_person WHERE state = 0 AND created < ? ORDER BY created, id LIMIT ?)",
    "DELETE FROM portico_person WHERE id IN "
    "(SELECT id FROM portico_person WHERE state = 0 AND created < ? ORDER BY created, id LIMIT ?)",
};

static int prune_one(struct store_session *session, const char *sql, int64_t before, unsigned most,
                     int *removed, struct portico_error *error)
{
    int64_t changed = 0;
    int code = store_host_execute(session, sql,
                                  PORTICO_ARGS(portico_arg_time(before), portico_arg_integer(most)),
                                  &changed, error);
    *removed += code < 0 ? 0 : (int)changed;
    return code;
}

static int prune_waiting(struct store_session *session, int64_t now, unsigned most, int *removed,
                         struct portico_error *error)
{
    struct identity_step step;
    int code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    for (size_t i = 0; code == 0 && i < G_N_ELEMENTS(waiting); i++)
        code = prune_one(session, waiting[i], now - WAITING_TIME, most, removed, error);
    return identity_step_end(&step, code, error);
}

int identity_prune(struct store_session *session, unsigned most, struct portico_error *error)
{
    int removed = 0, code = PORTICO_OK;
    int64_t now = clock_now(), changed = 0;
    for (size_t i = 0; code == 0 && i < G_N_ELEMENTS(pruned); i++)
        code = prune_one(session, pruned[i].sql, now - pruned[i].age, most, &removed, error);
    if (code == 0)
        code = store_host_execute(
            session, "DELETE FROM portico_guess WHERE span < ?",
            PORTICO_ARGS(portico_arg_integer((now - 2 * HOUR) / (10 * MINUTE))), &changed, error);
    removed += code == 0 ? (int)changed : 0;
    if (code == 0)
        code = prune_waiting(session, now, most, &removed, error);
    return code < 0 ? code : removed;
}
