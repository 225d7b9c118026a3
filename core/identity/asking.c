#include "identity/asking.h"

#include "identity/room.h"

#define AGAIN DAY /* how soon the same may be told again */

#define COLUMNS                                                                                    \
    "SELECT a.id, a.person, a.account, a.permission, a.path, a.words, a.asked, a.answered, "       \
    "a.answerer, a.role FROM portico_asking a "

static int read_one(struct store_session *session, const char *sql,
                    const struct portico_argument *arguments, size_t count,
                    struct identity_asking *ret_asking, struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(session, sql, arguments, count, &rows, error);
    if (code == 0 && rows->count == 0)
        return error_set(error, PORTICO_ENOENT, "Nobody asked for that.");
    if (code < 0)
        return code;
    const struct value_cell *cells = value_rows_at(rows, 0);
    *ret_asking = (struct identity_asking){
        .id = cells[0].integer,
        .person = cells[1].integer,
        .account = cells[2].integer,
        .permission = cells[3].text,
        .path = cells[4].text,
        .words = cells[5].text,
        .asked = cells[6].integer,
        .answered = identity_integer(&cells[7]),
        .answerer = identity_integer(&cells[8]),
        .role = identity_text(&cells[9]),
    };
    return 0;
}

int identity_asking_look(struct store_session *session, int64_t id,
                         struct identity_asking *ret_asking, struct portico_error *error)
{
    return read_one(session, COLUMNS "WHERE a.id = ?", PORTICO_ARGS(portico_arg_id(id)), ret_asking,
                    error);
}

int identity_asking_of(struct store_session *session, int64_t person, int64_t account,
                       const char *permission, struct identity_asking *ret_asking,
                       struct portico_error *error)
{
    return read_one(
        session, COLUMNS "WHERE a.person = ? AND a.account = ? AND a.permission = ?",
        PORTICO_ARGS(portico_arg_id(person), portico_arg_id(account), portico_arg_text(permission)),
        ret_asking, error);
}

static int check_room(struct store_session *session, int64_t person, struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(
        session, "SELECT count(*) FROM portico_asking WHERE person = ? AND answered IS NULL",
        PORTICO_ARGS(portico_arg_id(person)), &rows, error);
    if (code == 0 && value_rows_at(rows, 0)->integer >= IDENTITY_ASKINGS_MAX)
        return error_set(error, PORTICO_ELIMIT,
                         "%d of their requests wait for an answer: more are not taken.",
                         IDENTITY_ASKINGS_MAX);
    return code;
}

static int write_asking(struct store_session *session, const struct identity_asking *wanted,
                        struct portico_error *error)
{
    return store_host_execute(
        session,
        "INSERT INTO portico_asking (id, person, account, permission, path, words, asked) "
        "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (person, account, permission) DO UPDATE SET "
        "path = excluded.path, words = excluded.words, asked = excluded.asked, answered = NULL, "
        "answerer = NULL, role = NULL",
        PORTICO_ARGS(portico_arg_id(id_new()), portico_arg_id(wanted->person),
                     portico_arg_id(wanted->account), portico_arg_text(wanted->permission),
                     portico_arg_text(wanted->path), portico_arg_text(wanted->words),
                     portico_arg_time(clock_now())),
        NULL, error);
}

int identity_ask(struct store_session *session, const struct identity_asking *wanted,
                 int64_t *ret_id, bool *ret_new, struct portico_error *error)
{
    struct identity_asking before = { 0 };
    /* Two clicks at once take turns: the second finds what the first asked. */
    int code = identity_person_hold(session, wanted->person, error);
    if (code == 0)
        code = identity_asking_of(session, wanted->person, wanted->account, wanted->permission,
                                  &before, error);
    const bool known = code == 0;
    if (code < 0 && code != PORTICO_ENOENT)
        return code;
    if (known && clock_now() - before.asked < AGAIN) {
        *ret_id = before.id;
        *ret_new = false;
        return 0;
    }
    code = known && !before.answered ? 0 : check_room(session, wanted->person, error);
    if (code == 0)
        code = write_asking(session, wanted, error);
    if (code == 0)
        code = identity_asking_of(session, wanted->person, wanted->account, wanted->permission,
                                  &before, error);
    if (code < 0)
        return code;
    *ret_id = before.id;
    *ret_new = true;
    return 0;
}

int identity_asking_answer(struct store_session *session, int64_t id, int64_t answerer,
                           const char *role, struct portico_error *error)
{
    int64_t changed = 0;
    int code =
        store_host_execute(session,
                           "UPDATE portico_asking SET answered = ?, answerer = ?, role = ? "
                           "WHERE id = ? AND answered IS NULL",
                           PORTICO_ARGS(portico_arg_time(clock_now()), portico_arg_id(answerer),
                                        portico_arg_text(role), portico_arg_id(id)),
                           &changed, error);
    if (code == 0 && changed == 0)
        return error_set(error, PORTICO_ECONFLICT, "Somebody answered it already.");
    return code;
}

int identity_askings(struct store_session *session, int64_t account, int64_t after, unsigned limit,
                     struct value **ret_rows, struct portico_error *error)
{
    return store_host_query(
        session,
        "SELECT a.id AS \"id:id\", a.person AS \"person:id\", p.name, p.handle, a.permission, "
        "a.words, a.asked AS \"asked:time\" FROM portico_asking a "
        "JOIN portico_person p ON p.id = a.person "
        "JOIN portico_membership m ON m.person = a.person AND m.account = a.account "
        "WHERE a.answered IS NULL AND (a.account = ? OR ? = 0) AND a.id > ? AND p.state = 1 "
        "AND m.state = 1 ORDER BY a.id LIMIT ?",
        PORTICO_ARGS(portico_arg_id(account), portico_arg_integer(account),
                     portico_arg_integer(after), portico_arg_integer(limit)),
        ret_rows, error);
}
