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
    bool off;         /* who a directory let in may not sign in here */
    bool spent;       /* guesses under other names used up the person's: nothing is evaluated */
    bool kept_out;    /* all of it was right, and whoever was told of the session refused it */
    char device[IDENTITY_HASH_TEXT];
    char keys[4][IDENTITY_HASH_TEXT]; /* budgets it was taken from; the network's is the first of
                                       * an unknown device */
    unsigned key_count;
    const struct identity_verified *elsewhere; /* who it is in a directory; NULL: not asked there */
};

static int wrong(struct portico_error *error)
{
    return error_set(error, PORTICO_EPERM,
                     /* translated */ "Name and password do not belong together.");
}

/* Who was let in under that name by a directory, where it is no name of the portal's. */
static int find_elsewhere(struct store_session *session, const char *name, int64_t *person,
                          struct portico_error *error)
{
    const char *folded = "";
    struct value *rows;
    identity_fold(name, store_session_arena(session), &folded, NULL);
    int code = store_host_query(session, "SELECT person FROM portico_verified WHERE name = ?",
                                PORTICO_ARGS(portico_arg_text(folded)), &rows, error);
    if (code == 0 && !*person && rows->count)
        *person = value_rows_at(rows, 0)->integer;
    return code;
}

/* The same statements whoever it is. */
static int meet(struct store_session *session, const struct identity_sign_in *asked,
                struct visitor *visitor, struct portico_error *error)
{
    struct value *rows;
    int code = identity_find(session, asked->name, &visitor->person, error);
    if (code == 0)
        code = find_elsewhere(session, asked->name, &visitor->person, error);
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

int identity_device_recall(struct store_session *session, int64_t person, const char *known,
                           char ret_known[IDENTITY_TOKEN_SIZE], struct portico_error *error)
{
    char device[IDENTITY_HASH_TEXT];
    int64_t seen = 0;
    int code = PORTICO_OK;
    if (identity_token_hash(known, device))
        code = store_host_execute(
            session, "UPDATE portico_device SET last_seen = ? WHERE token_hash = ? AND person = ?",
            PORTICO_ARGS(portico_arg_time(clock_now()), portico_arg_text(device),
                         portico_arg_id(person)),
            &seen, error);
    if (code < 0 || !seen)
        return code < 0 ? code : identity_device_know(session, person, ret_known, error);
    g_strlcpy(ret_known, known, IDENTITY_TOKEN_SIZE);
    return PORTICO_OK;
}

/* What is missing beside the password, if anything: then nobody is let in yet. */
static int ask_more(struct identity *identity, struct store_session *session,
                    const struct identity_sign_in *asked, const struct visitor *visitor,
                    struct identity_signed_in *ret_in, struct portico_error *error)
{
    int code = identity_step_of(identity, session, visitor->person, &ret_in->step, error);
    if (code == 0 && ret_in->step == IDENTITY_HALF_PROVE && visitor->trusted)
        ret_in->step = 0;
    if (code == 0 && !ret_in->step)
        return identity_half_more(identity, session, visitor->person, asked->remember,
                                  visitor->trusted, asked->browser, ret_in, error);
    if (code < 0)
        return code;
    return identity_half_start(identity, session, visitor->person, ret_in->step, asked->remember,
                               asked->browser, ret_in->token, error);
}

/* ---- passwords of elsewhere ---- */

/* A guess of whoever it is there, under whatever names; ELIMIT. Of who is unknown the name stands
 * for them, so that the work is the same. */
static int spend_elsewhere(struct identity *identity, struct store_session *session,
                           const char *whom, struct visitor *visitor, struct portico_error *error)
{
    struct identity_step step;
    char *key = visitor->keys[visitor->key_count];
    if (visitor->known)
        return PORTICO_OK;
    identity_blind(identity, "elsewhere", whom, key);
    int code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    code = identity_step_end(
        &step, identity_spend(session, key, identity->rules.guesses, NULL, error), error);
    visitor->key_count += code == 0;
    return code;
}

/* Whoever asked there has said why in the log. */
static int silent(struct portico_error *error)
{
    return error_set(error, PORTICO_EBUSY, /* translated */
                     "Passwords cannot be checked at this moment: try again soon.");
}

/* From the `first` budget on. */
static int give_back(struct store_session *session, const struct visitor *visitor, unsigned first,
                     struct portico_error *error)
{
    int code = PORTICO_OK;
    for (unsigned i = first; code == 0 && i < visitor->key_count; i++)
        code = identity_unspend(session, visitor->keys[i], error);
    return code;
}

/* 1: a directory knows the two; 0: none does. Never asked without a password, which some
 * directories take for a visitor who wants to stay unknown. */
static int ask_elsewhere(struct identity *identity, struct store_session *session,
                         const struct identity_sign_in *asked, struct visitor *visitor,
                         struct identity_verified *found, struct portico_error *error)
{
    struct arena *arena = store_session_arena(session);
    size_t characters = 0;
    const char *name = "";
    char *normal = identity_normal(asked->password, &characters);
    g_free(normal);
    if (!identity->verify || !normal || !characters || characters > IDENTITY_PASSWORD_MOST ||
        identity_fold(asked->name, arena, &name, NULL) < 0 || !*name)
        return 0;
    if (identity->verify(identity->verify_data, asked->name, asked->password, arena, found, NULL) <
        0) {
        /* Without an answer nothing was guessed, but the network asked. */
        give_back(session, visitor, visitor->known ? 0 : 1, NULL);
        return silent(error);
    }
    int code = spend_elsewhere(identity, session, found->external ? found->external : name, visitor,
                               error);
    if (code < 0 && code != PORTICO_ELIMIT)
        return code;
    visitor->elsewhere = found;
    return code == 0 && found->right && !visitor->spent;
}

/* In the open transaction: the portal's person of that id elsewhere, made where there is none, who
 * may sign in. */
static int person_elsewhere(struct store_session *session, const struct identity_sign_in *asked,
                            const struct identity_verified *found, int64_t *ret_person,
                            struct portico_error *error)
{
    struct arena *arena = store_session_arena(session);
    const bool named =
        found->name && identity_name_check(found->name, arena, &(const char *){ NULL }, NULL) == 0;
    const struct identity_new_person made = { .name = named ? found->name : asked->name,
                                              .external = found->external,
                                              .state = IDENTITY_ACTIVE };
    int64_t person = 0, held = 0;
    int code = identity_person_elsewhere(session, found->external, &person, NULL);
    if (code == PORTICO_ENOENT) {
        code = identity_person_make(session, &made, &person, error);
        const struct identity_act act = { .kind = "person.made",
                                          .person = person,
                                          .object = found->external,
                                          .origin = asked->device.network };
        if (code == 0)
            code = identity_audit(session, &act, error);
    }
    if (code == 0)
        code = store_host_execute(
            session, "UPDATE portico_person SET rights = rights WHERE id = ? AND state = 1",
            PORTICO_ARGS(portico_arg_id(person)), &held, error);
    *ret_person = person;
    return code == 0 && held == 0 ? wrong(error) : code;
}

/* By which name they are known there from now on. */
static int note_elsewhere(struct store_session *session, const char *name, int64_t person,
                          struct portico_error *error)
{
    const char *folded = "";
    identity_fold(name, store_session_arena(session), &folded, NULL);
    int code = store_host_execute(
        session, "DELETE FROM portico_verified WHERE name = ? AND person <> ?",
        PORTICO_ARGS(portico_arg_text(folded), portico_arg_id(person)), NULL, error);
    return code < 0
               ? code
               : store_host_execute(session,
                                    "INSERT INTO portico_verified (person, name) VALUES (?, ?) "
                                    "ON CONFLICT (person) DO UPDATE SET name = excluded.name",
                                    PORTICO_ARGS(portico_arg_id(person), portico_arg_text(folded)),
                                    NULL, error);
}

/* The visitor is that person, whoever the typed name belongs to here. */
static int meet_elsewhere(struct store_session *session, const struct identity_sign_in *asked,
                          struct visitor *visitor, struct portico_error *error)
{
    int64_t person = 0;
    int code = person_elsewhere(session, asked, visitor->elsewhere, &person, error);
    if (person != visitor->person)
        visitor->known = visitor->trusted = false;
    visitor->person = person;
    visitor->off = code == PORTICO_EPERM;
    return code < 0 ? code : note_elsewhere(session, asked->name, person, error);
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
                  const struct identity_sign_in *asked, struct visitor *visitor, const char *hash,
                  struct identity_signed_in *ret_in, struct portico_error *error)
{
    int code = visitor->elsewhere ? meet_elsewhere(session, asked, visitor, error)
                                  : note_password(session, visitor, hash, error);
    if (code == 0)
        code = give_back(session, visitor, 0, error);
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
    if (code == 0 && visitor->trusted)
        code = identity_session_proved(session, ret_in->token, error);
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
    if (code == 0)
        code = identity_audit_began(session, visitor->person, asked->device.network, error);
    if (code < 0)
        return code;
    code = identity_tell_opening(&asked->opening, visitor->person, error);
    visitor->kept_out = code < 0;
    return code;
}

/* ---- what is written down of it ---- */

/* In any hour so many records for one network, and for all of them: the log is nobody's to fill. */
#define RECORDED_OF_NETWORK 20
#define RECORDED 1000

static int record_refused(struct identity *identity, struct store_session *session, int64_t person,
                          const char *origin, const char *why, struct portico_error *error)
{
    char network[IDENTITY_HASH_TEXT], all[IDENTITY_HASH_TEXT];
    const struct identity_act act = {
        .kind = "session.refused", .person = person, .object = why, .origin = origin
    };
    identity_blind(identity, "refused", identity_network(origin, store_session_arena(session)),
                   network);
    identity_blind(identity, "refused", "", all);
    int code = identity_spend(session, network, RECORDED_OF_NETWORK, NULL, error);
    if (code == 0)
        code = identity_spend(session, all, RECORDED, NULL, error);
    return code < 0 ? code : identity_audit(session, &act, error);
}

void identity_refused(struct identity *identity, struct store_session *session, int64_t person,
                      const char *origin, const char *why)
{
    struct identity_step step;
    if (identity_step_begin(&step, session, NULL) == 0)
        identity_step_end(&step, record_refused(identity, session, person, origin, why, NULL),
                          NULL);
}

/* The same statements whoever it was, told or not. */
static int refuse(struct identity *identity, struct store_session *session,
                  const struct identity_sign_in *asked, const struct visitor *visitor, int code,
                  struct portico_error *error)
{
    identity_refused(identity, session, visitor->person, asked->device.network,
                     code < 0 ? "module failed" : "password");
    return code == 0 ? wrong(error) : code;
}

static int try_in(struct identity *identity, struct store_session *session,
                  const struct identity_sign_in *asked, struct identity_signed_in *ret_in,
                  int64_t *ret_wait, struct portico_error *error)
{
    struct visitor visitor = { 0 };
    struct identity_verified found = { 0 };
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
    if (code == 0)
        code = ask_elsewhere(identity, session, asked, &visitor, &found, error);
    if (code <= 0)
        return refuse(identity, session, asked, &visitor, code, error);
    /* Parameters rose since it was set; if there is no time for it now, another sign-in does it. */
    if (!old || identity_hash(identity, asked->password, hash, NULL) < 0)
        g_strlcpy(hash, visitor.hash ? visitor.hash : "", sizeof hash);
    code = identity_step_begin(&step, session, error);
    if (code == 0)
        code = identity_step_end(
            &step, let_in(identity, session, asked, &visitor, hash, &in, error), error);
    if (code < 0 && visitor.kept_out)
        give_back(session, &visitor, 0, NULL);
    if (code < 0 && visitor.off)
        code = refuse(identity, session, asked, &visitor, 0, error);
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

/* 1: it is the password of the directory that let them in; 0: it is not, or none did. */
static int again_elsewhere(struct identity *identity, struct store_session *session, int64_t person,
                           const char *password, struct portico_error *error)
{
    struct identity_verified found = { 0 };
    struct value *rows;
    if (!identity->verify || !*password)
        return 0;
    int code = store_host_query(
        session,
        "SELECT v.name, p.external FROM portico_verified v JOIN portico_person p "
        "ON p.id = v.person WHERE v.person = ? AND p.state = 1 AND p.external IS NOT NULL",
        PORTICO_ARGS(portico_arg_id(person)), &rows, error);
    if (code < 0 || !rows->count)
        return code;
    const struct value_cell *cells = value_rows_at(rows, 0);
    if (identity->verify(identity->verify_data, identity_text(&cells[0]), password,
                         store_session_arena(session), &found, NULL) < 0)
        return silent(error);
    return found.right && strcmp(found.external, identity_text(&cells[1])) == 0;
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
        code = again_elsewhere(identity, session, person, password, error);
    if (code == 0)
        return error_set(error, PORTICO_EPERM, /* translated */ "This is not your password.");
    return code < 0 ? code : identity_guess_return(identity, session, "again", key, error);
}
