/* Between the password and the session: a token of its own, for one browser and a few minutes, that
 * opens nothing but the second step. */
#include "identity/room.h"

#include "identity/second.h"
#include "identity/standing.h"

#include <inttypes.h>
#include <sodium.h>

#define NETWORK_SHARE 10 /* many sit behind one network */

static int over(struct portico_error *error)
{
    return error_set(error, PORTICO_ENOENT,
                     /* translated */ "This sign-in took too long: begin again.");
}

int identity_step_of(struct identity *identity, struct store_session *session, int64_t person,
                     unsigned *ret_step, struct portico_error *error)
{
    struct identity_second second;
    const char *role = NULL;
    int code = identity_second_look(session, person, &second, error);
    if (code == 0 && !second.any)
        code = identity_second_needed(identity, session, person, &role, error);
    if (code == 0)
        *ret_step = second.any ? IDENTITY_HALF_PROVE : role ? IDENTITY_HALF_ENROL : 0;
    return code;
}

int identity_step_due(struct identity *identity, struct store_session *session,
                      const struct identity_session *live, const struct identity_standing *standing,
                      unsigned *ret_step, struct portico_error *error)
{
    struct identity_second second;
    const char *role = NULL;
    int code = PORTICO_OK;
    *ret_step = 0;
    if (live->proved || !*identity->second_for)
        return PORTICO_OK;
    if (!standing->second)
        code = identity_second_needed(identity, session, live->person.id, &role, error);
    if (code < 0 || !(standing->second || role))
        return code;
    code = identity_second_look(session, live->person.id, &second, error);
    if (code == 0)
        *ret_step = second.any ? IDENTITY_HALF_PROVE : IDENTITY_HALF_ENROL;
    return code;
}

static int start(struct identity *identity, struct store_session *session, int64_t person,
                 enum identity_half_purpose purpose, bool remember, bool proved,
                 const char *browser, char ret_token[IDENTITY_TOKEN_SIZE],
                 struct portico_error *error)
{
    char token[IDENTITY_TOKEN_SIZE], hash[IDENTITY_HASH_TEXT], blind[IDENTITY_HASH_TEXT];
    int64_t now = clock_now(), begun = 0;
    identity_token_new(token, hash);
    identity_blind(identity, "browser", browser ? browser : "", blind);
    int code = store_host_execute(
        session,
        "INSERT INTO portico_half (id, token_hash, person, rights, purpose, remembered, proved, "
        "browser, expires) SELECT ?, ?, p.id, p.rights, ?, ?, ?, ?, ? FROM portico_person p "
        "WHERE p.id = ? AND p.state = 1",
        PORTICO_ARGS(portico_arg_id(id_new()), portico_arg_text(hash), portico_arg_integer(purpose),
                     portico_arg_boolean(remember), portico_arg_boolean(proved),
                     portico_arg_text(blind), portico_arg_time(now + IDENTITY_HALF_TIME),
                     portico_arg_id(person)),
        &begun, error);
    if (code == 0 && begun == 0)
        code = error_set(error, PORTICO_ENOENT, "There is no such person, or they are disabled.");
    if (code == 0)
        memcpy(ret_token, token, sizeof token);
    return code;
}

int identity_half_start(struct identity *identity, struct store_session *session, int64_t person,
                        enum identity_half_purpose purpose, bool remember, const char *browser,
                        char ret_token[IDENTITY_TOKEN_SIZE], struct portico_error *error)
{
    return start(identity, session, person, purpose, remember, false, browser, ret_token, error);
}

int identity_half_more(struct identity *identity, struct store_session *session, int64_t person,
                       bool remember, bool proved, const char *browser,
                       struct identity_signed_in *in, struct portico_error *error)
{
    if (!identity->rules.steps)
        return PORTICO_OK;
    in->step = IDENTITY_HALF_MORE;
    return start(identity, session, person, IDENTITY_HALF_MORE, remember, proved, browser,
                 in->token, error);
}

int identity_half_renew(struct store_session *session, const char *token,
                        struct portico_error *error)
{
    char hash[IDENTITY_HASH_TEXT] = "";
    identity_token_hash(token, hash);
    return store_host_execute(
        session,
        "UPDATE portico_half SET rights = (SELECT p.rights FROM portico_person p "
        "WHERE p.id = portico_half.person) WHERE token_hash = ?",
        PORTICO_ARGS(portico_arg_text(hash)), NULL, error);
}

int identity_half_find(struct identity *identity, struct store_session *session, const char *token,
                       const char *browser, struct identity_half *ret_half,
                       struct portico_error *error)
{
    char hash[IDENTITY_HASH_TEXT], blind[IDENTITY_HASH_TEXT];
    struct value *rows;
    if (!identity_token_hash(token, hash))
        return over(error);
    identity_blind(identity, "browser", browser ? browser : "", blind);
    int code = store_host_query(
        session,
        "SELECT h.id, h.person, h.purpose, h.remembered, coalesce(h.proved, FALSE), h.passed, "
        "h.carried "
        "FROM portico_half h "
        "JOIN portico_person p ON p.id = h.person WHERE h.token_hash = ? AND h.browser = ? "
        "AND h.expires > ? AND p.state = 1 AND p.rights = h.rights",
        PORTICO_ARGS(portico_arg_text(hash), portico_arg_text(blind),
                     portico_arg_time(clock_now())),
        &rows, error);
    if (code < 0)
        return code;
    if (rows->count == 0)
        return over(error);
    const struct value_cell *cells = value_rows_at(rows, 0);
    *ret_half = (struct identity_half){ .id = cells[0].integer,
                                        .person = cells[1].integer,
                                        .purpose = (enum identity_half_purpose)cells[2].integer,
                                        .remembered = cells[3].integer != 0,
                                        .proved = cells[4].integer != 0,
                                        .passed = identity_text(&cells[5]),
                                        .carried = identity_text(&cells[6]) };
    return PORTICO_OK;
}

/* ---- guesses ---- */

struct budget {
    char keys[2][IDENTITY_HASH_TEXT]; /* of the person or their device; of the network */
    unsigned most[2], count;
};

/* Where the person signed in before, others cannot use up the guesses. */
static int own_key(struct identity *identity, struct store_session *session,
                   const struct identity_second_try *guess, const char *of_person,
                   const char *of_device, char ret_key[IDENTITY_HASH_TEXT],
                   struct portico_error *error)
{
    char device[IDENTITY_HASH_TEXT], whom[24];
    struct value *rows;
    bool known = false;
    if (identity_token_hash(guess->known, device)) {
        int code = store_host_query(
            session, "SELECT id FROM portico_device WHERE token_hash = ? AND person = ?",
            PORTICO_ARGS(portico_arg_text(device), portico_arg_id(guess->person)), &rows, error);
        if (code < 0)
            return code;
        known = rows->count > 0;
    }
    snprintf(whom, sizeof whom, "%" PRId64, guess->person);
    identity_blind(identity, known ? of_device : of_person, known ? device : whom, ret_key);
    return PORTICO_OK;
}

static int budget_of(struct identity *identity, struct store_session *session,
                     enum identity_tries which, const struct identity_second_try *try,
                     struct budget *ret_budget, struct portico_error *error)
{
    static const struct {
        const char *person, *device, *network; /* NULL: it is of no network */
    } kinds[] = {
        [IDENTITY_TRIES_GUESS] = { "second", "second device", "second network" },
        [IDENTITY_TRIES_MODULES] = { "modules", "modules device", NULL },
    };
    const unsigned most = identity->rules.guesses;
    int code = own_key(identity, session, try, kinds[which].person, kinds[which].device,
                       ret_budget->keys[0], error);
    ret_budget->count = kinds[which].network ? 2 : 1;
    if (kinds[which].network)
        identity_blind(identity, kinds[which].network,
                       identity_network(try->network, store_session_arena(session)),
                       ret_budget->keys[1]);
    ret_budget->most[0] = most;
    ret_budget->most[1] = most * NETWORK_SHARE;
    return code;
}

static int take(struct identity *identity, struct store_session *session, enum identity_tries which,
                const struct identity_second_try *try, int64_t *ret_wait,
                struct portico_error *error)
{
    struct budget budget;
    int code = budget_of(identity, session, which, try, &budget, error);
    for (unsigned i = budget.count; code == 0 && i > 0; i--)
        code = identity_spend(session, budget.keys[i - 1], budget.most[i - 1], ret_wait, error);
    return code;
}

static int give_back(struct identity *identity, struct store_session *session,
                     enum identity_tries which, const struct identity_second_try *try,
                     struct portico_error *error)
{
    struct budget budget;
    int code = budget_of(identity, session, which, try, &budget, error);
    /* In the order of take(): rows held in two orders are a deadlock. */
    for (unsigned i = budget.count; code == 0 && i > 0; i--)
        code = identity_unspend(session, budget.keys[i - 1], error);
    return code;
}

int identity_tries_take(struct identity *identity, struct store_session *session,
                        enum identity_tries which, const struct identity_second_try *try,
                        int64_t *ret_wait, struct portico_error *error)
{
    struct identity_step step;
    int code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    return identity_step_end(&step, take(identity, session, which, try, ret_wait, error), error);
}

int identity_tries_return(struct identity *identity, struct store_session *session,
                          enum identity_tries which, const struct identity_second_try *try,
                          struct portico_error *error)
{
    struct identity_step step;
    int code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    return identity_step_end(&step, give_back(identity, session, which, try, error), error);
}

int identity_half_pass(struct identity *identity, struct store_session *session,
                       const struct identity_half *half, const struct identity_half *now,
                       const struct identity_second_try *guess, struct portico_error *error)
{
    struct identity_step step;
    int64_t done = 0;
    int code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    code = store_host_execute(session,
                              "UPDATE portico_half SET passed = ?, carried = ? WHERE id = ? "
                              "AND coalesce(passed, '') = ?",
                              PORTICO_ARGS(portico_arg_text(now->passed),
                                           portico_arg_text(now->carried), portico_arg_id(half->id),
                                           portico_arg_text(half->passed ? half->passed : "")),
                              &done, error);
    if (code == 0 && done == 0)
        code = error_set(error, PORTICO_ECONFLICT,
                         "Another step of this sign-in was answered at the same moment.");
    if (code == 0)
        code = give_back(identity, session, IDENTITY_TRIES_GUESS, guess, error);
    return identity_step_end(&step, code, error);
}

/* ---- the end of it ---- */

/* The device is the person's from now on, and trusted if they said so. */
static int know(struct identity *identity, struct store_session *session,
                const struct identity_half_end *end, struct identity_signed_in *in,
                struct portico_error *error)
{
    char device[IDENTITY_HASH_TEXT];
    int64_t now = clock_now();
    int64_t until = end->trust && identity->rules.trust ? now + identity->rules.trust : 0;
    int code = identity_device_recall(session, end->half->person, end->known, in->known, error);
    if (code < 0 || !until)
        return code;
    identity_token_hash(in->known, device);
    return store_host_execute(session, "UPDATE portico_device SET trusted = ? WHERE token_hash = ?",
                              PORTICO_ARGS(portico_arg_time(until), portico_arg_text(device)), NULL,
                              error);
}

/* All is shown: a session of the person's. */
static int enter(struct identity *identity, struct store_session *session,
                 const struct identity_half_end *end, struct identity_signed_in *in,
                 struct portico_error *error)
{
    const bool proved = end->half->purpose != IDENTITY_HALF_MORE || end->half->proved;
    int code = end->replaces ? identity_session_end(session, end->replaces, error) : PORTICO_OK;
    if (code == 0)
        code = identity_session_start(identity, session, in->person, &end->device,
                                      end->half->remembered, in->token, error);
    if (code == 0 && proved)
        code = identity_session_proved(session, in->token, error);
    if (code == 0 && end->half->carried)
        code = identity_session_carry(session, in->token, end->half->carried, error);
    if (code == 0)
        code = identity_signed(session, in->person, error);
    if (code == 0)
        code = know(identity, session, end, in, error);
    if (code == 0)
        code = identity_audit_began(session, in->person, end->device.network, error);
    return code < 0 ? code : identity_tell_opening(&end->opening, in->person, error);
}

/* In the open transaction. */
static int finish(struct identity *identity, struct store_session *session,
                  const struct identity_half_end *end, struct identity_signed_in *in,
                  struct portico_error *error)
{
    const struct identity_second_try guess = { end->half->person, end->known, end->device.network };
    const bool last = end->half->purpose == IDENTITY_HALF_MORE || !identity->rules.steps;
    int64_t gone = 0;
    int code = identity_person_hold(session, in->person, error);
    if (code == 0)
        code = store_host_execute(
            session,
            "DELETE FROM portico_half WHERE id = ? AND rights = "
            "(SELECT p.rights FROM portico_person p WHERE p.id = ? "
            "AND p.state = 1)",
            PORTICO_ARGS(portico_arg_id(end->half->id), portico_arg_id(in->person)), &gone, error);
    if (code == 0 && gone == 0)
        code = over(error);
    if (code == 0 && end->half->purpose != IDENTITY_HALF_MORE)
        code = give_back(identity, session, IDENTITY_TRIES_GUESS, &guess, error);
    if (code == 0 && last)
        return enter(identity, session, end, in, error);
    if (code == 0)
        code = know(identity, session, end, in, error);
    return code < 0 ? code
                    : identity_half_more(identity, session, in->person, end->half->remembered, true,
                                         end->browser, in, error);
}

int identity_half_finish(struct identity *identity, struct store_session *session,
                         const struct identity_half_end *end, struct identity_signed_in *ret_in,
                         struct portico_error *error)
{
    struct identity_signed_in in = { .person = end->half->person };
    struct identity_step step;
    int code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    code = identity_step_end(&step, finish(identity, session, end, &in, error), error);
    if (code == 0) {
        *ret_in = in;
        if (!in.step)
            identity_count(identity, code);
    }
    sodium_memzero(&in, sizeof in);
    return code;
}
