#include "identity/audience.h"

#include "identity/room.h"

#include <inttypes.h>

static const char *const kinds[] = {
    [IDENTITY_FOR_ACCOUNT] = "account", [IDENTITY_FOR_BELOW] = "below",
    [IDENTITY_FOR_ROLE] = "role",       [IDENTITY_FOR_TEAM] = "team",
    [IDENTITY_FOR_KEEPERS] = "keepers",
};

static int find(struct store_session *session, const struct identity_audience *audience,
                int64_t *ret_id, struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(
        session,
        "SELECT id FROM portico_audience WHERE coalesce(account, 0) = ? AND kind = ? "
        "AND coalesce(role, '') = ? AND coalesce(team, 0) = ?",
        PORTICO_ARGS(portico_arg_integer(audience->account),
                     portico_arg_text(kinds[audience->kind]),
                     portico_arg_text(audience->role ? audience->role : ""),
                     portico_arg_integer(audience->team)),
        &rows, error);
    if (code == 0)
        *ret_id = rows->count ? value_rows_at(rows, 0)->integer : 0;
    return code;
}

/* What the audience names is there; a team brings its account. */
static int check(struct store_session *session, struct identity_audience *audience,
                 struct portico_error *error)
{
    struct value *rows;
    int code;
    if (audience->kind == IDENTITY_FOR_TEAM)
        code = store_host_query(session, "SELECT account FROM portico_team WHERE id = ?",
                                PORTICO_ARGS(portico_arg_integer(audience->team)), &rows, error);
    else
        code = store_host_query(session, "SELECT id FROM portico_account WHERE id = ?",
                                PORTICO_ARGS(portico_arg_integer(audience->account)), &rows, error);
    if (code < 0)
        return code;
    if (rows->count == 0)
        return error_set(error, PORTICO_EINVAL,
                         "There is no such account or team to show something to.");
    audience->account = value_rows_at(rows, 0)->integer;
    if (audience->kind == IDENTITY_FOR_ROLE && (!audience->role || !*audience->role))
        return error_set(error, PORTICO_EINVAL, "An audience of a role names the role.");
    if (audience->kind != IDENTITY_FOR_ROLE)
        audience->role = NULL;
    if (audience->kind != IDENTITY_FOR_TEAM)
        audience->team = 0;
    return PORTICO_OK;
}

static int make(struct store_session *session, const struct identity_audience *audience,
                int64_t *ret_id, struct portico_error *error)
{
    struct identity_step step;
    int code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    /* First the number, which whoever else makes one waits for. */
    code = identity_rights_move(session, error);
    if (code == 0)
        code = store_host_execute(
            session,
            "INSERT INTO portico_audience (id, kind, account, role, team) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT DO NOTHING",
            PORTICO_ARGS(portico_arg_id(id_new()), portico_arg_text(kinds[audience->kind]),
                         portico_arg_id(audience->account), portico_arg_text(audience->role),
                         portico_arg_id(audience->team)),
            NULL, error);
    if (code == 0)
        code = find(session, audience, ret_id, error);
    return identity_step_end(&step, code, error);
}

int identity_audience_of(struct store_session *session, const struct identity_audience *audience,
                         int64_t *ret_id, struct portico_error *error)
{
    struct identity_audience own = *audience;
    int64_t id = 0;
    int code = check(session, &own, error);
    if (code == 0)
        code = find(session, &own, &id, error);
    if (code == 0 && id == 0)
        code = make(session, &own, &id, error);
    if (code == 0)
        *ret_id = id;
    return code;
}

/* ---- one person ---- */

static int nobody_there(struct portico_error *error)
{
    return error_set(error, PORTICO_EINVAL,
                     "There is no such person or account to show something to.");
}

static int find_person(struct store_session *session, int64_t person, int64_t account,
                       int64_t *ret_id, struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(
        session,
        "SELECT id FROM portico_audience_person WHERE person = coalesce("
        "(SELECT p.merged_into FROM portico_person p WHERE p.id = ?), ?) "
        "AND account = ? AND former = 0",
        PORTICO_ARGS(portico_arg_id(person), portico_arg_id(person), portico_arg_id(account)),
        &rows, error);
    if (code == 0)
        *ret_id = rows->count ? value_rows_at(rows, 0)->integer : 0;
    return code;
}

static int make_person(struct store_session *session, int64_t person, int64_t account,
                       int64_t *ret_id, struct portico_error *error)
{
    struct identity_step step;
    int64_t made = 0, who = person;
    int code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    if (person != IDENTITY_NO_PERSON)
        code = identity_person_hold_now(session, person, &who, error);
    if (code == PORTICO_ENOENT)
        code = nobody_there(error);
    if (code < 0)
        return identity_step_end(&step, code, error);
    const struct portico_argument arguments[] = { portico_arg_id(id_new()), portico_arg_id(account),
                                                  portico_arg_id(who) };
    code = store_host_execute(
        session,
        person == IDENTITY_NO_PERSON
            ? "INSERT INTO portico_audience_person (id, person, account, former) "
              "SELECT ?, -1, a.id, 0 FROM portico_account a WHERE a.id = ? ON CONFLICT DO NOTHING"
            : "INSERT INTO portico_audience_person (id, person, account, former) "
              "SELECT ?, p.id, a.id, 0 FROM portico_account a, portico_person p "
              "WHERE a.id = ? AND p.id = ? ON CONFLICT DO NOTHING",
        arguments, person == IDENTITY_NO_PERSON ? 2 : 3, &made, error);
    if (code == 0 && made && person != IDENTITY_NO_PERSON)
        code = identity_shown(session, who, error);
    if (code == 0)
        code = find_person(session, who, account, ret_id, error);
    if (code == 0 && *ret_id == 0)
        code = nobody_there(error);
    return identity_step_end(&step, code, error);
}

int identity_audience_of_person(struct store_session *session, int64_t person, int64_t account,
                                int64_t *ret_id, struct portico_error *error)
{
    int64_t id = 0;
    int code = find_person(session, person, account, &id, error);
    if (code == 0 && id == 0)
        code = make_person(session, person, account, &id, error);
    if (code == 0)
        *ret_id = id;
    return code;
}

int identity_audience_move_person(struct store_session *session, int64_t from, int64_t to,
                                  struct portico_error *error)
{
    int code =
        store_host_execute(session,
                           "UPDATE portico_audience_person SET person = ?, "
                           "former = CASE WHEN former = 0 THEN id ELSE former END "
                           "WHERE person = ?",
                           PORTICO_ARGS(portico_arg_id(to), portico_arg_id(from)), NULL, error);
    if (code == 0)
        code = identity_shown(session, MIN(from, to), error);
    return code < 0 ? code : identity_shown(session, MAX(from, to), error);
}

int identity_audience_look(struct store_session *session, int64_t id, struct value **ret_rows,
                           struct portico_error *error)
{
    struct value *rows;
    int code =
        store_host_query(session,
                         "SELECT kind, account AS \"account:id\", role, team AS \"team:id\", "
                         "NULL AS \"person:id\" FROM portico_audience WHERE id = ? "
                         "UNION ALL SELECT 'person', account, NULL, NULL, person "
                         "FROM portico_audience_person WHERE id = ?",
                         PORTICO_ARGS(portico_arg_id(id), portico_arg_id(id)), &rows, error);
    if (code == 0 && rows->count == 0)
        code = error_set(error, PORTICO_ENOENT, "There is no such audience.");
    if (code == 0)
        *ret_rows = rows;
    return code;
}
