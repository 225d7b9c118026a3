#include "identity/api_token.h"

#include "identity/audit.h"
#include "identity/room.h"
#include "identity/second.h"

#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>

#define PREFIX_LENGTH (sizeof IDENTITY_API_TOKEN_PREFIX - 1)
#define NETWORK_SHARE 10 /* many sit behind one network */
#define USED_STEP MINUTE

/* ---- scopes ---- */

/* The next of words separated by blanks; 0: there is none. */
static size_t next_word(const char **words)
{
    *words += strspn(*words, " ");
    return strcspn(*words, " ");
}

static bool names(const char *words, const char *name)
{
    size_t length;
    for (; (length = next_word(&words)); words += length)
        if (strlen(name) == length && memcmp(words, name, length) == 0)
            return true;
    return false;
}

/* The permissions held that the scopes name; the rest is not held. */
static int cut(struct identity *identity, struct store_session *session, const char *scopes,
               struct identity_standing *standing, struct portico_error *error)
{
    struct identity_roles *roles;
    size_t count;
    int code = identity_roles_take(identity, session, standing->number, &roles, error);
    if (code < 0)
        return code;
    const struct identity_permission *permissions = identity_roles_permissions(roles, &count);
    size_t words = IDENTITY_HELD_WORDS(count) + 1;
    uint64_t *held = arena_zalloc(store_session_arena(session), words * sizeof *held);
    for (size_t i = 0; held && i < count; i++)
        if (standing->held[i / 64] >> (i % 64) & 1 && names(scopes, permissions[i].name))
            held[i / 64] |= UINT64_C(1) << (i % 64);
    identity_roles_drop(roles);
    if (!held)
        return identity_no_memory(error);
    standing->held = held;
    /* What is judged by a role is not in any scope. */
    standing->roles &=
        IDENTITY_EVERYONE | IDENTITY_MEMBER | IDENTITY_STAFF | IDENTITY_ACCOUNT_MEMBER;
    return PORTICO_OK;
}

/* Each named permission once: `ret_scopes`. */
static int check_scopes(struct identity *identity, struct store_session *session,
                        const struct identity_new_api_token *made, const char **ret_scopes,
                        struct portico_error *error)
{
    struct identity_standing standing;
    struct identity_roles *roles;
    size_t count, length;
    int code = identity_standing(identity, session, made->person, made->account, &standing, error);
    if (code == 0 && made->account && standing.account != made->account)
        return error_set(error, PORTICO_EPERM, "The person does not act in this account.");
    if (code == 0)
        code = identity_roles_take(identity, session, standing.number, &roles, error);
    if (code < 0)
        return code;
    const struct identity_permission *permissions = identity_roles_permissions(roles, &count);
    for (const char *at = made->scopes; code == 0 && (length = next_word(&at)); at += length) {
        bool held = false;
        for (size_t i = 0; i < count; i++)
            held |= strlen(permissions[i].name) == length &&
                    memcmp(permissions[i].name, at, length) == 0 &&
                    standing.held[i / 64] >> (i % 64) & 1;
        if (!held)
            code = error_set(error, PORTICO_EPERM, "The person does not hold %.*s in this account.",
                             (int)length, at);
    }
    const char *scopes = "";
    for (size_t i = 0; code == 0 && i < count; i++)
        if (scopes && names(made->scopes, permissions[i].name))
            scopes = arena_printf(store_session_arena(session), "%s%s%s", scopes,
                                  *scopes ? " " : "", permissions[i].name);
    identity_roles_drop(roles);
    if (code == 0 && !scopes)
        code = identity_no_memory(error);
    if (code == 0)
        *ret_scopes = scopes;
    return code;
}

/* ---- what it stands on ---- */

/* A token is good as long as the membership, and the delegation where one is needed, by which its
 * person acted in the account when it was made: what they are given there anew makes tokens anew.
 */
struct ground {
    int64_t membership, delegation;
};

/* Ways into the account that are open now: twice the time, between the person and the account. */
#define GROUND IDENTITY_ACTS_IN IDENTITY_ACTS_IN_NOW "AND w.account = ? "

/* EPERM: there is none. */
static int find_ground(struct store_session *session, int64_t person, int64_t account,
                       struct ground *ret_ground, struct portico_error *error)
{
    const int64_t now = clock_now();
    struct value *rows;
    int code = store_host_query(session,
                                "SELECT w.membership, w.delegation " GROUND
                                "ORDER BY w.delegation, w.below, w.membership LIMIT 1",
                                PORTICO_ARGS(portico_arg_id(person), portico_arg_time(now),
                                             portico_arg_time(now), portico_arg_id(account)),
                                &rows, error);
    if (code == 0 && rows->count == 0)
        return error_set(error, PORTICO_EPERM, "The person does not act in this account.");
    if (code == 0)
        *ret_ground =
            (struct ground){ value_rows_at(rows, 0)[0].integer, value_rows_at(rows, 0)[1].integer };
    return code;
}

/* 1: it holds still. */
static int holds_still(struct store_session *session, int64_t person, int64_t account,
                       const struct ground *ground, struct portico_error *error)
{
    const int64_t now = clock_now();
    struct value *rows;
    int code = store_host_query(
        session, "SELECT 1 " GROUND "AND w.membership = ? AND w.delegation = ? LIMIT 1",
        PORTICO_ARGS(portico_arg_id(person), portico_arg_time(now), portico_arg_time(now),
                     portico_arg_id(account), portico_arg_id(ground->membership),
                     portico_arg_integer(ground->delegation)),
        &rows, error);
    return code < 0 ? code : rows->count > 0;
}

/* ---- making one ---- */

static int check_words(const struct identity *identity, const struct identity_new_api_token *made,
                       struct portico_error *error)
{
    int64_t now = clock_now(), most = identity->rules.tokens;
    size_t length = made->name ? strlen(made->name) : 0;
    if (!length || length > IDENTITY_API_TOKEN_NAME_MAX || !text_is_line(made->name, length))
        return error_set(error, PORTICO_EINVAL, "A token needs a name of at most %d bytes.",
                         IDENTITY_API_TOKEN_NAME_MAX);
    if (made->expires && made->expires <= now)
        return error_set(error, PORTICO_EINVAL, "The last day of a token is today or later.");
    if (most && (!made->expires || made->expires > now + most + DAY))
        return error_set(error, PORTICO_EINVAL, "A token is good for at most %" PRId64 " days.",
                         most / DAY);
    return PORTICO_OK;
}

static int count_of(struct store_session *session, int64_t person, int64_t *ret_count,
                    struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(session, "SELECT count(*) FROM portico_api_token WHERE person = ?",
                                PORTICO_ARGS(portico_arg_id(person)), &rows, error);
    if (code == 0)
        *ret_count = value_rows_at(rows, 0)->integer;
    return code;
}

int identity_api_token_make(struct identity *identity, struct store_session *session,
                            const struct identity_new_api_token *made,
                            char ret_token[IDENTITY_API_TOKEN_SIZE], int64_t *ret_id,
                            struct portico_error *error)
{
    char token[IDENTITY_TOKEN_SIZE], hash[IDENTITY_HASH_TEXT];
    const char *scopes = NULL;
    struct ground ground = { 0 };
    int64_t count = 0, id = id_new();
    int code = check_words(identity, made, error);
    if (code == 0)
        code = identity_person_hold(session, made->person, error);
    if (code == 0)
        code = count_of(session, made->person, &count, error);
    if (code == 0 && count >= IDENTITY_API_TOKENS_MAX)
        code = error_set(error, PORTICO_ELIMIT, "%d tokens are the most: revoke one first.",
                         IDENTITY_API_TOKENS_MAX);
    if (code == 0)
        code = check_scopes(identity, session, made, &scopes, error);
    if (code == 0 && made->account)
        code = find_ground(session, made->person, made->account, &ground, error);
    if (code < 0)
        return code;
    identity_token_new(token, hash);
    code = store_host_execute(
        session,
        "INSERT INTO portico_api_token (id, person, account, name, token_hash, scopes, proved, "
        "created, expires, membership, delegation) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        PORTICO_ARGS(portico_arg_id(id), portico_arg_id(made->person),
                     made->account ? portico_arg_id(made->account) : portico_arg_text(NULL),
                     portico_arg_text(made->name), portico_arg_text(hash), portico_arg_text(scopes),
                     portico_arg_boolean(made->proved), portico_arg_time(clock_now()),
                     identity_time(made->expires),
                     made->account ? portico_arg_id(ground.membership) : portico_arg_text(NULL),
                     portico_arg_integer(ground.delegation)),
        NULL, error);
    if (code == 0) {
        memcpy(ret_token, IDENTITY_API_TOKEN_PREFIX, PREFIX_LENGTH);
        memcpy(ret_token + PREFIX_LENGTH, token, sizeof token);
        *ret_id = id;
    }
    identity_forget(token, sizeof token);
    return code;
}

/* ---- using one ---- */

enum {
    TID,
    TACCOUNT,
    TSCOPES,
    TPROVED,
    TCREATED,
    TEXPIRES,
    TUSED,
    TMEMBERSHIP,
    TDELEGATION,
    TCELLS
};

/* The rules of today hold, also for tokens made under others; 0: it has no end. */
static int64_t end_of(const struct identity *identity, int64_t created, int64_t expires)
{
    int64_t most = identity->rules.tokens ? created + identity->rules.tokens + DAY : 0;
    return expires && most ? MIN(expires, most) : expires ? expires : most;
}

static int over(struct portico_error *error)
{
    return error_set(error, PORTICO_ENOENT, "There is no such token, or it is over.");
}

/* Once an hour for each: whoever sends it does so without an end. */
static int record_late(struct identity *identity, struct store_session *session,
                       const struct value_cell *cells, int64_t person, const char *network,
                       struct portico_error *error)
{
    struct identity_step step;
    char key[24];
    snprintf(key, sizeof key, "%" PRId64, cells[TID].integer);
    const struct identity_act act = { .kind = "token.refused",
                                      .actor = person,
                                      .person = person,
                                      .account = identity_integer(&cells[TACCOUNT]),
                                      .object = key,
                                      .origin = network };
    int code = identity_guess_take(identity, session, "late token", key, 1, NULL, NULL);
    if (code == PORTICO_ELIMIT)
        return over(error);
    code = identity_step_begin(&step, session, error);
    if (code == 0)
        code = identity_step_end(&step, identity_audit(session, &act, error), error);
    return code < 0 ? code : over(error);
}

static int find(struct identity *identity, struct store_session *session, const char *token,
                const char *network, const struct value_cell **ret_cells,
                struct identity_api_token *used, struct portico_error *error)
{
    char hash[IDENTITY_HASH_TEXT];
    struct value *rows;
    if (strncmp(token, IDENTITY_API_TOKEN_PREFIX, PREFIX_LENGTH) != 0 ||
        !identity_token_hash(token + PREFIX_LENGTH, hash))
        return over(error);
    int code = store_host_query(session,
                                "SELECT t.id, t.account, t.scopes, t.proved, t.created, t.expires, "
                                "t.used, t.membership, t.delegation, " IDENTITY_PERSON_COLUMNS
                                "FROM portico_api_token t JOIN portico_person p ON p.id = t.person "
                                "WHERE t.token_hash = ? AND p.state = 1",
                                PORTICO_ARGS(portico_arg_text(hash)), &rows, error);
    if (code < 0)
        return code;
    const struct value_cell *cells = rows->count ? value_rows_at(rows, 0) : NULL;
    if (!cells)
        return over(error);
    code = identity_person_read(cells + TCELLS, store_session_arena(session), &used->person, error);
    int64_t end = end_of(identity, cells[TCREATED].integer, identity_integer(&cells[TEXPIRES]));
    if (code == 0 && end && end <= clock_now())
        code = record_late(identity, session, cells, used->person.id, network, error);
    used->id = cells[TID].integer;
    used->standing.until = end ? end : INT64_MAX;
    *ret_cells = cells;
    return code;
}

static int stand(struct identity *identity, struct store_session *session,
                 const struct value_cell *cells, struct identity_api_token *used,
                 struct portico_error *error)
{
    const int64_t account = identity_integer(&cells[TACCOUNT]), end = used->standing.until;
    const struct identity_session live = { .person = used->person,
                                           .proved = cells[TPROVED].integer != 0 };
    int code =
        identity_standing(identity, session, used->person.id, account, &used->standing, error);
    /* One made by who belonged nowhere does not come along into what they join. */
    if (code == 0 && used->standing.account != account)
        code = over(error);
    if (code == 0 && account) {
        const struct ground ground = { identity_integer(&cells[TMEMBERSHIP]),
                                       cells[TDELEGATION].integer };
        const int stands = holds_still(session, used->person.id, account, &ground, error);
        code = stands == 0 ? over(error) : MIN(stands, 0);
    }
    if (code == 0)
        code = identity_step_due(identity, session, &live, &used->standing, &used->step, error);
    if (code == 0)
        code = cut(identity, session, identity_text(&cells[TSCOPES]), &used->standing, error);
    used->standing.until = MIN(used->standing.until, end);
    return code;
}

static int note_use(struct store_session *session, const struct value_cell *cells,
                    struct portico_error *error)
{
    int64_t now = clock_now();
    if (now - identity_integer(&cells[TUSED]) < USED_STEP)
        return PORTICO_OK;
    return store_host_execute(
        session, "UPDATE portico_api_token SET used = ? WHERE id = ?",
        PORTICO_ARGS(portico_arg_time(now), portico_arg_id(cells[TID].integer)), NULL, error);
}

int identity_api_token_use(struct identity *identity, struct store_session *session,
                           const char *token, const char *network,
                           struct identity_api_token *ret_used, struct portico_error *error)
{
    struct identity_api_token used = { 0 };
    const struct value_cell *cells = NULL;
    struct arena *arena = store_session_arena(session);
    int code = identity_refuse_transaction(session, error);
    if (code == 0)
        code = find(identity, session, token, network, &cells, &used, error);
    if (code == 0)
        code = stand(identity, session, cells, &used, error);
    if (code == 0)
        code = note_use(session, cells, error);
    if (code == 0)
        *ret_used = used;
    if (code != PORTICO_ENOENT)
        return code;
    code = identity_guess_take(identity, session, "api token", identity_network(network, arena),
                               identity->rules.guesses * NETWORK_SHARE, NULL, error);
    return code < 0 ? code : over(error);
}

/* ---- looking after them ---- */

/* INT64_MAX, now, the oldest that may be; now, now. WHOSE is compared with who acts somewhere:
 * SQLite looks one person up, and reads all there are for one that differs from row to row. */
#define TOKENS(WHOSE)                                                                              \
    "SELECT t.id AS \"id:id\", t.name, t.account AS \"account:id\", a.name AS account_name, "      \
    "t.scopes, t.created AS \"created:time\", t.expires AS \"expires:time\", "                     \
    "t.used AS \"used:time\", p.id AS \"person:id\", p.handle, "                                   \
    "CASE WHEN coalesce(t.expires, ?) <= ? OR t.created <= ? "                                     \
    "OR (t.account IS NOT NULL AND NOT EXISTS (SELECT 1 " IDENTITY_ACTS_IN                         \
    "WHERE w.person = " WHOSE " AND w.account = t.account AND w.membership = t.membership "        \
    "AND w.delegation = t.delegation AND a.state = 1 AND coalesce(w.valid_from, 0) <= ? "          \
    "AND (w.valid_until IS NULL OR w.valid_until > ?))) "                                          \
    "THEN 1 ELSE 0 END AS \"over:boolean\" "                                                       \
    "FROM portico_api_token t JOIN portico_person p ON p.id = t.person "                           \
    "LEFT JOIN portico_account a ON a.id = t.account "
#define TOKENS_ORDER "ORDER BY t.created DESC, t.id DESC LIMIT 1000"

int identity_api_tokens(struct identity *identity, struct store_session *session, int64_t person,
                        struct value **ret_rows, struct portico_error *error)
{
    const struct portico_argument now = portico_arg_time(clock_now()),
                                  ever = portico_arg_time(INT64_MAX),
                                  who = portico_arg_integer(person);
    const int64_t most = identity->rules.tokens;
    const struct portico_argument oldest = portico_arg_time(most ? clock_now() - most - DAY : 0);
    return person == 0
               ? store_host_query(session, TOKENS("t.person") TOKENS_ORDER,
                                  PORTICO_ARGS(ever, now, oldest, now, now), ret_rows, error)
               : store_host_query(session, TOKENS("?") "WHERE t.person = ? " TOKENS_ORDER,
                                  PORTICO_ARGS(ever, now, oldest, who, now, now, who), ret_rows,
                                  error);
}

int identity_api_token_revoke(struct store_session *session, int64_t person, int64_t id,
                              int64_t *ret_person, struct portico_error *error)
{
    struct value *rows;
    int64_t changed = 0;
    int code = store_host_query(
        session, "SELECT person FROM portico_api_token WHERE id = ? AND (? OR person = ?)",
        PORTICO_ARGS(portico_arg_id(id), portico_arg_boolean(person == IDENTITY_ANYBODY),
                     portico_arg_integer(person)),
        &rows, error);
    if (code == 0 && rows->count)
        code = store_host_execute(session, "DELETE FROM portico_api_token WHERE id = ?",
                                  PORTICO_ARGS(portico_arg_id(id)), &changed, error);
    if (code == 0 && !changed)
        return error_set(error, PORTICO_ENOENT, "There is no such token any more.");
    if (code == 0)
        *ret_person = value_rows_at(rows, 0)->integer;
    return code;
}

int identity_api_tokens_revoke(struct store_session *session, int64_t person, int64_t *ret_count,
                               struct portico_error *error)
{
    return store_host_execute(session, "DELETE FROM portico_api_token WHERE person = ?",
                              PORTICO_ARGS(portico_arg_id(person)), ret_count, error);
}
