#include "identity/acting.h"

#include "base/error.h"
#include "identity/looking.h"
#include "identity/person.h"
#include "identity/room.h"
#include "identity/standing.h"

#define LIST_MAX 1000u

/* ---- going over ---- */

/* Here and where they next sign in. */
static int act_in(struct store_session *session, int64_t id, int64_t person, int64_t account,
                  int64_t from, struct portico_error *error)
{
    const int64_t now = clock_now();
    /* The person first, as whatever ends sessions does. */
    int code = identity_person_hold(session, person, error);
    if (code == 0)
        code = store_host_execute(session,
                                  "UPDATE portico_session SET account = ?, came_from = ?, switched "
                                  "= ?, form_token = NULL "
                                  "WHERE id = ?",
                                  PORTICO_ARGS(portico_arg_id(account), portico_arg_id(from),
                                               portico_arg_time(now), portico_arg_id(id)),
                                  NULL, error);
    if (code == 0)
        code = store_host_execute(session, "UPDATE portico_person SET account = ? WHERE id = ?",
                                  PORTICO_ARGS(portico_arg_id(account), portico_arg_id(person)),
                                  NULL, error);
    if (code == 0)
        code = store_host_execute(
            session,
            "INSERT INTO portico_account_use (person, account, used) VALUES (?, ?, ?) "
            "ON CONFLICT (person, account) DO UPDATE SET used = excluded.used",
            PORTICO_ARGS(portico_arg_id(person), portico_arg_id(account), portico_arg_time(now)),
            NULL, error);
    return code;
}

int identity_session_move(struct store_session *session, const struct identity_switch *who,
                          char ret_token[IDENTITY_TOKEN_SIZE], struct portico_error *error)
{
    char hash[IDENTITY_HASH_TEXT] = "", form[IDENTITY_TOKEN_SIZE];
    int64_t changed = 0;
    if (!who->renewed)
        return identity_session_rotate(session, who->session, who->token, IDENTITY_ACCOUNT_CHANGED,
                                       ret_token, error);
    const bool good =
        identity_token_hash(who->token, hash) && identity_form_token(who->token, form);
    int code = store_host_execute(
        session, "UPDATE portico_session SET form_token = ? WHERE id = ? AND token_hash = ?",
        PORTICO_ARGS(portico_arg_text(good ? form : NULL), portico_arg_id(who->session),
                     portico_arg_text(hash)),
        &changed, error);
    if (code == 0 && changed == 0)
        code = error_set(error, PORTICO_ENOENT,
                         "The session ended, or another request gave it a new token.");
    if (code == 0)
        g_strlcpy(ret_token, who->token, IDENTITY_TOKEN_SIZE);
    return code;
}

static int go_over(struct identity *identity, struct store_session *session,
                   const struct identity_switch *wanted, char ret_token[IDENTITY_TOKEN_SIZE],
                   struct portico_error *error)
{
    struct identity_standing standing;
    int code =
        identity_standing(identity, session, wanted->person, wanted->account, &standing, error);
    if (code == 0 && (!wanted->account || standing.account != wanted->account))
        code = error_set(error, PORTICO_ENOENT, "There is no such account to act in.");
    /* The person first, as whatever ends sessions does; the log last. */
    if (code == 0)
        code = identity_person_hold(session, wanted->person, error);
    if (code == 0)
        code = identity_look_end(session, wanted->session, wanted->origin, error);
    if (code == 0)
        code =
            act_in(session, wanted->session, wanted->person, wanted->account, wanted->from, error);
    if (code == 0)
        code = identity_session_move(session, wanted, ret_token, NULL);
    /* Without a new token, forms of the account before would pass in this one. */
    if (code == PORTICO_ENOENT && standing.account == wanted->account)
        code = error_set(error, PORTICO_ECONFLICT,
                         "Your sign-in was renewed by another page at this moment. Try again.");
    return code;
}

int identity_session_switch(struct identity *identity, struct store_session *session,
                            const struct identity_switch *wanted,
                            char ret_token[IDENTITY_TOKEN_SIZE], struct portico_error *error)
{
    struct identity_step step;
    char token[IDENTITY_TOKEN_SIZE] = "";
    int code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    code = identity_step_end(&step, go_over(identity, session, wanted, token, error), error);
    if (code == 0)
        memcpy(ret_token, token, sizeof token);
    identity_forget(token, sizeof token);
    return code;
}

int identity_session_settle(struct store_session *session, int64_t id, int64_t person,
                            int64_t account, struct portico_error *error)
{
    struct identity_step step;
    int code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    return identity_step_end(&step, act_in(session, id, person, account, 0, error), error);
}

/* ---- lists ---- */

/* The person, and twice the time; then what is asked of `c` and BY_LAST_USE. */
#define ACCOUNTS_OF                                                                                \
    "SELECT c.id AS \"id:id\", c.name, coalesce(t.name, '') AS through FROM "                      \
    "(SELECT a.id, a.name, a.name_key, w.person, min(w.through) AS through " IDENTITY_ACTS_IN      \
        IDENTITY_ACTS_IN_NOW "GROUP BY a.id, a.name, a.name_key, w.person) c "                     \
    "LEFT JOIN portico_account t ON t.id = c.through "                                             \
    "LEFT JOIN portico_account_use u ON u.person = c.person AND u.account = c.id "
#define BY_LAST_USE "ORDER BY coalesce(u.used, 0) DESC, c.name_key, c.id LIMIT ?"

int identity_accounts_lately(struct store_session *session, int64_t person, unsigned limit,
                             struct value **ret_rows, struct portico_error *error)
{
    const int64_t now = clock_now();
    return store_host_query(session, ACCOUNTS_OF BY_LAST_USE,
                            PORTICO_ARGS(portico_arg_id(person), portico_arg_time(now),
                                         portico_arg_time(now),
                                         portico_arg_integer(MIN(limit, LIST_MAX))),
                            ret_rows, error);
}

int identity_accounts_own(struct store_session *session, int64_t person, int64_t without,
                          unsigned limit, struct value **ret_rows, struct portico_error *error)
{
    const int64_t now = clock_now();
    return store_host_query(session, ACCOUNTS_OF "WHERE c.through = 0 AND c.id <> ? " BY_LAST_USE,
                            PORTICO_ARGS(portico_arg_id(person), portico_arg_time(now),
                                         portico_arg_time(now), portico_arg_integer(without),
                                         portico_arg_integer(MIN(limit, LIST_MAX))),
                            ret_rows, error);
}

int identity_accounts_search(struct store_session *session, int64_t person, const char *part,
                             const struct identity_place *after, unsigned limit,
                             struct value **ret_rows, struct portico_error *error)
{
    const int64_t now = clock_now();
    const char *pattern, *behind = "";
    int code = identity_containing(session, part, &pattern, error);
    if (code == 0 && after)
        code = identity_fold(after->name, store_session_arena(session), &behind, error);
    if (code < 0)
        return code;
    return store_host_query(
        session,
        "SELECT c.id AS \"id:id\", c.name, c.kind, c.name_key, coalesce(t.name, '') AS through "
        "FROM (SELECT a.id, a.name, a.kind, a.name_key, min(w.through) AS through " IDENTITY_ACTS_IN
            IDENTITY_ACTS_IN_NOW "AND a.name_key LIKE ? ESCAPE '!' AND (a.name_key, a.id) > (?, ?) "
        "GROUP BY a.id, a.name, a.kind, a.name_key) c "
        "LEFT JOIN portico_account t ON t.id = c.through ORDER BY c.name_key, c.id LIMIT ?",
        PORTICO_ARGS(portico_arg_id(person), portico_arg_time(now), portico_arg_time(now),
                     portico_arg_text(pattern), portico_arg_text(behind),
                     portico_arg_integer(after ? after->id : 0),
                     portico_arg_integer(MIN(limit, LIST_MAX))),
        ret_rows, error);
}
