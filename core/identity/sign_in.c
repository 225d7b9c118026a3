#include "identity/room.h"

#include "identity/audit.h"
#include "identity/second.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdatomic.h>

#define NETWORK_SHARE 10 /* many sit behind one network */
#define DEVICES 100      /* of one person; the latest */

/* Somebody at the door. */
struct visitor {
    int64_t person;   /* 0: nobody */
    const char *hash; /* of an active person's password, or NULL */
    bool known;       /* the device signed them in before */
    bool trusted;     /* and is not asked for the second step */
    bool spent;       /* guesses under other names used up the person's: nothing is evaluated */
    char device[IDENTITY_HASH_TEXT];
    char keys[3][IDENTITY_HASH_TEXT]; /* budgets it was taken from */
    unsigned key_count;
};

static int wrong(struct portico_error *error)
{
    return error_set(error, PORTICO_EPERM,
                     /* translated */ "Name and password do not belong together.");
}

/* The same statements whoever it is. */
static int meet(struct store_session *session, const struct identity_sign_in *asked,
                struct visitor *visitor, struct portico_error *error)
{
    struct value *rows;
    int code = identity_find(session, asked->name, &visitor->person, error);
    if (code == 0)
        code = store_host_query(session,
                                "SELECT password FROM portico_person WHERE id = ? AND state = 1",
                                PORTICO_ARGS(portico_arg_integer(visitor->person)), &rows, error);
    if (code < 0)
        return code;
    visitor->hash = rows->count ? identity_text(value_rows_at(rows, 0)) : NULL;
    if (!identity_token_hash(asked->known, visitor->device))
        return PORTICO_OK;
    code = store_host_query(
        session,
        "SELECT coalesce(trusted, 0) FROM portico_device WHERE token_hash = ? AND person = ?",
        PORTICO_ARGS(portico_arg_text(visitor->device), portico_arg_integer(visitor->person)),
        &rows, error);
    visitor->known = code == 0 && rows->count > 0;
    visitor->trusted = visitor->known && value_rows_at(rows, 0)->integer > clock_now();
    return code;
}

const char *identity_network(const char *address, struct arena *arena)
{
    struct in6_addr parsed;
    const unsigned char *bytes = parsed.s6_addr;
    if (!address || inet_pton(AF_INET6, address, &parsed) != 1 || IN6_IS_ADDR_V4MAPPED(&parsed))
        return address ? address : "";
    char *network = arena_printf(arena, "%02x%02x:%02x%02x:%02x%02x:%02x%02x", bytes[0], bytes[1],
                                 bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]);
    return network ? network : "";
}

/* All of them or none. */
static int spend(struct identity *identity, struct store_session *session,
                 const struct identity_sign_in *asked, struct visitor *visitor, int64_t *ret_wait,
                 struct portico_error *error)
{
    struct arena *arena = store_session_arena(session);
    unsigned most = identity->rules.guesses;
    const char *name = "";
    identity_fold(asked->name, arena, &name, NULL);
    if (visitor->known) {
        identity_blind(identity, "device", visitor->device, visitor->keys[0]);
        visitor->key_count = 1;
        return identity_spend(session, visitor->keys[0], most, ret_wait, error);
    }
    const char *whom = visitor->person ? arena_printf(arena, "%" PRId64, visitor->person) : name;
    if (!whom)
        return identity_no_memory(error);
    identity_blind(identity, "network", identity_network(asked->device.network, arena),
                   visitor->keys[0]);
    identity_blind(identity, "name", name, visitor->keys[1]);
    identity_blind(identity, visitor->person ? "person" : "nobody", whom, visitor->keys[2]);
    int code = identity_spend(session, visitor->keys[0], most * NETWORK_SHARE, ret_wait, error);
    if (code == 0)
        code = identity_spend(session, visitor->keys[1], most, ret_wait, error);
    visitor->key_count = 2;
    if (code < 0)
        return code;
    /* That two names are one person's is not told: the answer is that of a wrong password. */
    code = identity_spend(session, visitor->keys[2], most, NULL, NULL);
    visitor->spent = code == PORTICO_ELIMIT;
    visitor->key_count += code == 0;
    return visitor->spent ? PORTICO_OK : code;
}

static int spend_all(struct identity *identity, struct store_session *session,
                     const struct identity_sign_in *asked, struct visitor *visitor,
                     int64_t *ret_wait, struct portico_error *error)
{
    struct identity_step step;
    int code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    return identity_step_end(&step, spend(identity, session, asked, visitor, ret_wait, error),
                             error);
}

int identity_signed(struct store_session *session, int64_t person, struct portico_error *error)
{
    return store_host_execute(session, "UPDATE portico_person SET last_sign_in = ? WHERE id = ?",
                              PORTICO_ARGS(portico_arg_time(clock_now()), portico_arg_id(person)),
                              NULL, error);
}

int identity_audit_began(struct store_session *session, int64_t person, const char *network,
                         struct portico_error *error)
{
    const struct identity_act act = {
        .kind = "session.began", .actor = person, .person = person, .origin = network
    };
    return identity_audit(session, &act, error);
}

static int know(struct store_session *session, int64_t person, char ret_known[IDENTITY_TOKEN_SIZE],
                struct portico_error *error)
{
    char token[IDENTITY_TOKEN_SIZE], hash[IDENTITY_HASH_TEXT];
    int64_t now = clock_now();
    identity_token_new(token, hash);
    int code = store_host_execute(
        session,
        "INSERT INTO portico_device (id, person, token_hash, created, last_seen) "
        "VALUES (?, ?, ?, ?, ?)",
        PORTICO_ARGS(portico_arg_id(id_new()), portico_arg_id(person), portico_arg_text(hash),
                     portico_arg_time(now), portico_arg_time(now)),
        NULL, error);
    if (code == 0)
        code = store_host_execute(session,
                                  "DELETE FROM portico_device WHERE person = ? AND id NOT IN "
                                  "(SELECT d.id FROM portico_device d WHERE d.person = ? "
                                  "ORDER BY d.last_seen DESC, d.id DESC LIMIT ?)",
                                  PORTICO_ARGS(portico_arg_id(person), portico_arg_id(person),
                                               portico_arg_integer(DEVICES)),
                                  NULL, error);
    if (code == 0)
        memcpy(ret_known, token, sizeof token);
    return code;
}

int identity_device_know(struct store_session *session, int64_t person,
                         char ret_known[IDENTITY_TOKEN_SIZE], struct portico_error *error)
{
    struct identity_step step;
    int code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    return identity_step_end(&step, know(session, person, ret_known, error), error);
}

/* What is missing beside the password, if anything: then nobody is let in yet. */
static int ask_more(struct identity *identity, struct store_session *session,
                    const struct identity_sign_in *asked, const struct visitor *visitor,
                    struct identity_signed_in *ret_in, struct portico_error *error)
{
    int code = identity_step_of(identity, session, visitor->person, &ret_in->step, error);
    if (code == 0 && ret_in->step == IDENTITY_HALF_PROVE && visitor->trusted)
        ret_in->step = 0;
    if (code < 0 || !ret_in->step)
        return code;
    return identity_half_start(identity, session, visitor->person, ret_in->step, asked->remember,
                               asked->browser, ret_in->token, error);
}

/* The password that was right is still the person's, and they may still sign in. */
static int note_password(struct store_session *session, const struct visitor *visitor,
                         const char *hash, struct portico_error *error)
{
    int64_t changed = 0;
    int code = store_host_execute(
        session,
        "UPDATE portico_person SET password = ? WHERE id = ? AND state = 1 AND password = ?",
        PORTICO_ARGS(portico_arg_text(hash), portico_arg_id(visitor->person),
                     portico_arg_text(visitor->hash)),
        &changed, error);
    return code == 0 && changed == 0 ? wrong(error) : code;
}

static int let_in(struct identity *identity, struct store_session *session,
                  const struct identity_sign_in *asked, const struct visitor *visitor,
                  const char *hash, struct identity_signed_in *ret_in, struct portico_error *error)
{
    int code = note_password(session, visitor, hash, error);
    for (unsigned i = 0; code == 0 && i < visitor->key_count; i++)
        code = identity_unspend(session, visitor->keys[i], error);
    if (code == 0)
        code = ask_more(identity, session, asked, visitor, ret_in, error);
    if (code < 0 || ret_in->step)
        return code;
    code = identity_signed(session, visitor->person, error);
    if (code == 0 && asked->replaces)
        code = identity_session_end(session, asked->replaces, error);
    if (code == 0)
        code = identity_session_start(identity, session, visitor->person, &asked->device,
                                      asked->remember, ret_in->token, error);
    if (code < 0)
        return code;
    if (visitor->known) {
        g_strlcpy(ret_in->known, asked->known, sizeof ret_in->known);
        code = store_host_execute(
            session, "UPDATE portico_device SET last_seen = ? WHERE token_hash = ?",
            PORTICO_ARGS(portico_arg_time(clock_now()), portico_arg_text(visitor->device)), NULL,
            error);
    } else {
        code = know(session, visitor->person, ret_in->known, error);
    }
    return code < 0 ? code
                    : identity_audit_began(session, visitor->person, asked->device.network, error);
}

static int try_in(struct identity *identity, struct store_session *session,
                  const struct identity_sign_in *asked, struct identity_signed_in *ret_in,
                  int64_t *ret_wait, struct portico_error *error)
{
    struct visitor visitor = { 0 };
    struct identity_signed_in in = { 0 };
    struct identity_step step;
    char hash[IDENTITY_HASH_SIZE];
    bool old = false;
    int code = identity_refuse_transaction(session, error);
    if (code == 0)
        code = meet(session, asked, &visitor, error);
    if (code == 0)
        code = spend_all(identity, session, asked, &visitor, ret_wait, error);
    if (code < 0)
        return code;
    code = identity_verify(identity, visitor.spent ? NULL : visitor.hash, asked->password, &old,
                           error);
    if (code <= 0)
        return code == 0 ? wrong(error) : code;
    /* Parameters rose since it was set; if there is no time for it now, another sign-in does it. */
    if (!old || identity_hash(identity, asked->password, hash, NULL) < 0)
        g_strlcpy(hash, visitor.hash, sizeof hash);
    code = identity_step_begin(&step, session, error);
    if (code == 0)
        code = identity_step_end(
            &step, let_in(identity, session, asked, &visitor, hash, &in, error), error);
    if (code == 0) {
        in.person = visitor.person;
        *ret_in = in;
    }
    sodium_memzero(hash, sizeof hash);
    sodium_memzero(&in, sizeof in);
    return code;
}

static enum identity_outcome outcome_of(int code)
{
    switch (code) {
    case PORTICO_OK: return IDENTITY_SIGNED_IN;
    case PORTICO_EPERM: return IDENTITY_WRONG;
    case PORTICO_ELIMIT: return IDENTITY_LIMITED;
    default: return IDENTITY_FAILED;
    }
}

int identity_sign_in(struct identity *identity, struct store_session *session,
                     const struct identity_sign_in *asked, struct identity_signed_in *ret_in,
                     int64_t *ret_wait, struct portico_error *error)
{
    int code = try_in(identity, session, asked, ret_in, ret_wait, error);
    if (code < 0 || !ret_in->step)
        identity_count(identity, code);
    return code;
}

void identity_count(struct identity *identity, int code)
{
    atomic_fetch_add_explicit(&identity->outcomes[outcome_of(code)], 1, memory_order_relaxed);
}

uint64_t identity_sign_ins(const struct identity *identity, enum identity_outcome outcome)
{
    return atomic_load_explicit(&identity->outcomes[outcome], memory_order_relaxed);
}

int identity_again(struct identity *identity, struct store_session *session, int64_t person,
                   const char *password, struct portico_error *error)
{
    char key[24];
    struct value *rows;
    snprintf(key, sizeof key, "%" PRId64, person);
    int code = identity_refuse_transaction(session, error);
    if (code == 0)
        code = identity_guess_take(identity, session, "again", key, identity->rules.guesses, NULL,
                                   error);
    if (code == 0)
        code = store_host_query(session,
                                "SELECT password FROM portico_person WHERE id = ? AND state = 1",
                                PORTICO_ARGS(portico_arg_id(person)), &rows, error);
    if (code < 0)
        return code;
    code = identity_verify(identity, rows->count ? identity_text(value_rows_at(rows, 0)) : NULL,
                           password, NULL, error);
    if (code == 0)
        return error_set(error, PORTICO_EPERM, /* translated */ "This is not your password.");
    return code < 0 ? code : identity_guess_return(identity, session, "again", key, error);
}
