#include "identity/looking.h"

#include "identity/audit.h"
#include "identity/giving.h"
#include "identity/room.h"
#include "identity/standing.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define ACCOUNTS_MAX 1000u

/* ---- what is written down ---- */

/* The next id of a list; 0: there is none. */
static int64_t next_id(const char **list)
{
    char *end;
    const int64_t id = strtoll(*list, &end, 10);
    *list = end;
    return id;
}

struct account_records {
    const char *accounts;
    int64_t account; /* whose data is looked at: it alone reads why */
    const char *reason;
    struct identity_act act;
};

/* The one with the reason last, so that it is the first to be read; of whoever looks in no
 * account's name it is of none. */
static int record(struct store_session *session, const struct account_records *records,
                  struct portico_error *error)
{
    struct identity_act act = records->act;
    const char *rest = records->accounts;
    int code = PORTICO_OK;
    while (code == 0 && (act.account = next_id(&rest)) != 0)
        if (act.account != records->account)
            code = identity_audit(session, &act, error);
    act.account = records->account;
    act.object = records->reason;
    return code < 0 ? code : identity_audit(session, &act, error);
}

/* ---- the end ---- */

#define GONE                                                                                       \
    "DELETE FROM portico_look WHERE session = ? "                                                  \
    "RETURNING asker, person, accounts, account, ended"
#define OVER                                                                                       \
    "UPDATE portico_look SET ended = TRUE WHERE session = ? AND NOT ended "                        \
    "RETURNING asker, person, accounts, account, FALSE"

/* Whoever ends it first writes it down. */
static int end_by(struct store_session *session, const char *sql, int64_t id, const char *origin,
                  struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(session, sql, PORTICO_ARGS(portico_arg_id(id)), &rows, error);
    if (code < 0 || rows->count == 0 || value_rows_at(rows, 0)[4].integer)
        return code;
    const struct value_cell *cells = value_rows_at(rows, 0);
    const int64_t person = identity_integer(&cells[1]);
    const struct account_records records = {
        .accounts = cells[2].text,
        .account = identity_integer(&cells[3]),
        .act = { .kind = person ? "view-as.ended" : "account.left",
                 .actor = cells[0].integer,
                 .as = person,
                 .person = person,
                 .origin = origin },
    };
    return record(session, &records, error);
}

static int end(struct store_session *session, int64_t id, const char *origin,
               struct portico_error *error)
{
    return end_by(session, GONE, id, origin, error);
}

int identity_look_end(struct store_session *session, int64_t id, const char *origin,
                      struct portico_error *error)
{
    struct identity_step step;
    int code = identity_step_begin(&step, session, error);
    return code < 0 ? code : identity_step_end(&step, end(session, id, origin, error), error);
}

/* Another request gave the session its new token: that is no reason to fail. */
static int rotate(struct store_session *session, const struct identity_switch *who,
                  char ret_token[IDENTITY_TOKEN_SIZE])
{
    int code = identity_session_move(session, who, ret_token, NULL);
    if (code != PORTICO_ENOENT)
        return code;
    *ret_token = '\0';
    return PORTICO_OK;
}

int identity_look_leave(struct store_session *session, const struct identity_switch *who,
                        char ret_token[IDENTITY_TOKEN_SIZE], struct portico_error *error)
{
    struct identity_step step;
    int code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    code = identity_person_hold(session, who->person, error);
    if (code == 0)
        code = end(session, who->session, who->origin, error);
    if (code == 0)
        code = rotate(session, who, ret_token);
    return identity_step_end(&step, code, error);
}

/* Of a session that lives on the row stays: its next reading takes its old forms from it. */
static int close_one(struct store_session *session, const struct value_cell *cells,
                     struct portico_error *error)
{
    struct identity_step step;
    const bool lives = identity_integer(&cells[1]) != 0;
    int code = identity_step_begin(&step, session, error);
    if (code == 0)
        code = identity_step_end(
            &step, end_by(session, lives ? OVER : GONE, cells[0].integer, "portal", error), error);
    return code;
}

int identity_looks_close(struct store_session *session, int64_t now, unsigned most,
                         struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(
        session,
        "SELECT l.session, s.id FROM portico_look l "
        "LEFT JOIN portico_session s ON s.id = l.session "
        "LEFT JOIN portico_person a ON a.id = l.asker AND a.state = 1 "
        "LEFT JOIN portico_person p ON p.id = l.person AND p.state = 1 "
        "WHERE s.id IS NULL OR (NOT l.ended AND (a.id IS NULL OR l.valid_until <= ? "
        "OR (l.person IS NOT NULL AND (p.id IS NULL OR a.rights + p.rights <> l.rights)))) "
        "ORDER BY l.session LIMIT ?",
        PORTICO_ARGS(portico_arg_time(now), portico_arg_integer(most)), &rows, error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++)
        code = close_one(session, value_rows_at(rows, i), error);
    return code < 0 ? code : (int)rows->count;
}

/* ---- whether one may ---- */

/* Of both, who must be active: the rights may change only to where the look ends. */
static int rights_of(struct store_session *session, int64_t asker, int64_t person,
                     int64_t *ret_rights, struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(
        session, "SELECT rights FROM portico_person WHERE id IN (?, ?) AND state = 1",
        PORTICO_ARGS(portico_arg_id(asker), portico_arg_integer(person)), &rows, error);
    if (code == 0 && rows->count != (person ? 2u : 1u))
        code = error_set(error, PORTICO_ENOENT, "There is no such person who can sign in.");
    if (code < 0)
        return code;
    *ret_rights = 0;
    for (uint32_t i = 0; i < rows->count; i++)
        *ret_rights += value_rows_at(rows, i)->integer;
    return PORTICO_OK;
}

int identity_look_holds(struct identity *identity, struct store_session *session,
                        const struct identity_look *look, struct portico_error *error)
{
    int64_t rights = 0;
    struct identity_standing standing;
    int code;
    if (look->until <= clock_now())
        return 0;
    if (!look->person) {
        code = identity_standing_entered(identity, session, look->asker, look->account, &standing,
                                         error);
        return code < 0 ? code : standing.entered && standing.account == look->account;
    }
    code = rights_of(session, look->asker, look->person, &rights, error);
    if (code == 0 && rights != look->rights)
        return 0;
    if (code == 0)
        code = identity_viewing(identity, session, look->asker, look->person, error);
    return code == PORTICO_ENOENT || code == PORTICO_EPERM ? 0 : code < 0 ? code : 1;
}

/* ---- the beginning ---- */

static int check_account(struct identity *identity, struct store_session *session,
                         const struct identity_switch *wanted, struct portico_error *error)
{
    struct identity_standing standing;
    int code = identity_standing_entered(identity, session, wanted->person, wanted->account,
                                         &standing, error);
    if (code == 0 && (!wanted->account || standing.account != wanted->account))
        return error_set(error, PORTICO_ENOENT, "There is no such account to enter.");
    if (code == 0 && !standing.entered)
        return error_set(error, PORTICO_EEXIST,
                         /* translated */ "You act for this company already: switch to it.");
    return code;
}

/* Where the person acts, and every account whose rows they may come to see. */
static int find_accounts(struct identity *identity, struct store_session *session, int64_t person,
                         int64_t *ret_account, const char **ret_accounts,
                         struct portico_error *error)
{
    struct identity_standing standing;
    struct value *rows;
    int code = identity_standing(identity, session, person, 0, &standing, error);
    if (code == 0)
        code = identity_accounts_lately(session, person, ACCOUNTS_MAX, &rows, error);
    if (code < 0)
        return code;
    GString *accounts = g_string_new(" ");
    for (uint32_t i = 0; i < rows->count; i++)
        g_string_append_printf(accounts, "%" PRId64 " ", value_rows_at(rows, i)->integer);
    *ret_account = standing.account;
    *ret_accounts = arena_strdup(store_session_arena(session), accounts->str);
    g_string_free(accounts, TRUE);
    return *ret_accounts ? PORTICO_OK : identity_no_memory(error);
}

/* Both rows are held, the lower id first: what was checked is so until the commit. */
static int hold(struct store_session *session, int64_t asker, int64_t person,
                struct portico_error *error)
{
    int code = person && person < asker ? identity_person_hold(session, person, error) : 0;
    if (code == 0)
        code = identity_person_hold(session, asker, error);
    if (code == 0 && person > asker)
        code = identity_person_hold(session, person, error);
    return code;
}

static int check(struct identity *identity, struct store_session *session,
                 const struct identity_looking *wanted, int64_t *ret_account,
                 const char **ret_accounts, struct portico_error *error)
{
    const struct identity_switch *who = &wanted->who;
    int code = hold(session, who->person, wanted->person, error);
    if (code == 0 && wanted->person) {
        code = identity_viewing(identity, session, who->person, wanted->person, error);
        return code < 0 ? code
                        : find_accounts(identity, session, wanted->person, ret_account,
                                        ret_accounts, error);
    }
    if (code == 0)
        code = check_account(identity, session, who, error);
    *ret_account = who->account;
    *ret_accounts = arena_printf(store_session_arena(session), " %" PRId64 " ", who->account);
    return code == 0 && !*ret_accounts ? identity_no_memory(error) : code;
}

static int begin(struct identity *identity, struct store_session *session,
                 const struct identity_looking *wanted, struct portico_error *error)
{
    const struct identity_switch *who = &wanted->who;
    int64_t account = 0, rights = 0;
    const char *accounts = "";
    int code = hold(session, who->person, wanted->person, error);
    if (code == 0)
        code = end(session, who->session, who->origin, error);
    if (code == 0)
        code = check(identity, session, wanted, &account, &accounts, error);
    if (code == 0)
        code = rights_of(session, who->person, wanted->person, &rights, error);
    if (code == 0)
        code = store_host_execute(
            session,
            "INSERT INTO portico_look (session, asker, account, person, accounts, reason, rights, "
            "valid_until, ended) VALUES (?, ?, ?, ?, ?, ?, ?, ?, FALSE)",
            PORTICO_ARGS(portico_arg_id(who->session), portico_arg_id(who->person),
                         account ? portico_arg_id(account) : portico_arg_text(NULL),
                         wanted->person ? portico_arg_id(wanted->person) : portico_arg_text(NULL),
                         portico_arg_text(accounts), portico_arg_text(wanted->reason),
                         portico_arg_integer(rights),
                         portico_arg_time(clock_now() + IDENTITY_LOOK_TIME)),
            NULL, error);
    const struct account_records records = {
        .accounts = accounts,
        .account = account,
        .reason = wanted->reason,
        .act = { .kind = wanted->person ? "view-as.began" : "account.entered",
                 .actor = who->person,
                 .as = wanted->person,
                 .person = wanted->person,
                 .origin = who->origin },
    };
    return code < 0 ? code : record(session, &records, error);
}

int identity_look_begin(struct identity *identity, struct store_session *session,
                        const struct identity_looking *wanted, char ret_token[IDENTITY_TOKEN_SIZE],
                        struct portico_error *error)
{
    struct identity_step step;
    int code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    code = begin(identity, session, wanted, error);
    if (code == 0)
        code = rotate(session, &wanted->who, ret_token);
    return identity_step_end(&step, code, error);
}

/* ---- meanwhile ---- */

int identity_look_accounts(struct store_session *session, int64_t id, const char **ret_accounts,
                           struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(session, "SELECT accounts FROM portico_look WHERE session = ?",
                                PORTICO_ARGS(portico_arg_id(id)), &rows, error);
    if (code == 0)
        *ret_accounts = rows->count ? value_rows_at(rows, 0)->text : "";
    return code;
}

/* The company that is looked at from here on reads why. */
static int record_move(struct store_session *session, const struct identity_switch *wanted,
                       const struct value_cell *cells, struct portico_error *error)
{
    const struct identity_act act = { .kind = "view-as.moved",
                                      .actor = cells[0].integer,
                                      .as = wanted->person,
                                      .person = wanted->person,
                                      .account = wanted->account,
                                      .object = identity_text(&cells[1]),
                                      .origin = wanted->origin };
    return identity_audit(session, &act, error);
}

static int move(struct identity *identity, struct store_session *session,
                const struct identity_switch *wanted, struct portico_error *error)
{
    struct identity_standing standing;
    struct value *rows;
    const char *accounts;
    char word[32];
    int code =
        identity_standing(identity, session, wanted->person, wanted->account, &standing, error);
    if (code == 0)
        code = identity_look_accounts(session, wanted->session, &accounts, error);
    if (code < 0)
        return code;
    snprintf(word, sizeof word, " %" PRId64 " ", wanted->account);
    if (standing.account != wanted->account || !strstr(accounts, word))
        return error_set(error, PORTICO_ENOENT, "There is no such account to act in.");
    code = store_host_query(session,
                            "UPDATE portico_look SET account = ? WHERE session = ? AND person = ? "
                            "RETURNING asker, reason",
                            PORTICO_ARGS(portico_arg_id(wanted->account),
                                         portico_arg_id(wanted->session),
                                         portico_arg_id(wanted->person)),
                            &rows, error);
    return code < 0 || rows->count == 0
               ? code
               : record_move(session, wanted, value_rows_at(rows, 0), error);
}

int identity_look_switch(struct identity *identity, struct store_session *session,
                         const struct identity_switch *wanted, char ret_token[IDENTITY_TOKEN_SIZE],
                         struct portico_error *error)
{
    struct identity_step step;
    int code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    code = move(identity, session, wanted, error);
    if (code == 0)
        code = rotate(session, wanted, ret_token);
    return identity_step_end(&step, code, error);
}
