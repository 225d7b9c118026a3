#include "identity/team.h"

#include "identity/person.h"
#include "identity/room.h"

#define LIST_MAX 1000u

static int no_team(struct portico_error *error)
{
    return error_set(error, PORTICO_ENOENT, "There is no such team.");
}

static int check_room(struct store_session *session, int64_t account, struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(session, "SELECT count(*) FROM portico_team WHERE account = ?",
                                PORTICO_ARGS(portico_arg_integer(account)), &rows, error);
    if (code == 0 && value_rows_at(rows, 0)->integer >= IDENTITY_TEAMS_MAX)
        code = error_set(error, PORTICO_ELIMIT,
                         /* translated */ "A company has at most 200 teams.");
    return code;
}

int identity_team_make(struct store_session *session, int64_t account, const char *name,
                       int64_t *ret_team, struct portico_error *error)
{
    const char *kept, *key;
    struct arena *arena = store_session_arena(session);
    int64_t id = id_new(), changed = 0;
    int code = check_room(session, account, error);
    if (code == 0)
        code = identity_name_check(name, arena, &kept, error);
    if (code == 0)
        code = identity_fold(kept, arena, &key, error);
    if (code == 0)
        code = store_host_execute(session,
                                  "INSERT INTO portico_team (id, account, name, name_key, created) "
                                  "SELECT ?, a.id, ?, ?, ? FROM portico_account a WHERE a.id = ? "
                                  "ON CONFLICT (account, name_key) DO NOTHING",
                                  PORTICO_ARGS(portico_arg_id(id), portico_arg_text(kept),
                                               portico_arg_text(key), portico_arg_time(clock_now()),
                                               portico_arg_integer(account)),
                                  &changed, error);
    if (code == 0 && changed == 0)
        code = error_set(error, PORTICO_EEXIST,
                         /* translated */ "There is a team of that name already.");
    if (code == 0)
        *ret_team = id;
    return code;
}

static int add_to_team(struct store_session *session, int64_t team, int64_t person,
                       struct portico_error *error)
{
    int64_t changed = 0;
    int code = identity_raise(session, person, error);
    if (code == 0)
        code = store_host_execute(
            session,
            "INSERT INTO portico_team_member (team, person) SELECT t.id, m.person "
            "FROM portico_team t JOIN portico_membership m ON m.account = t.account "
            "WHERE t.id = ? AND m.person = ? AND m.state = 1 ON CONFLICT (team, person) DO UPDATE "
            "SET person = excluded.person",
            PORTICO_ARGS(portico_arg_integer(team), portico_arg_integer(person)), &changed, error);
    if (code == 0 && changed == 0)
        code = error_set(error, PORTICO_EINVAL,
                         /* translated */ "Only who belongs to the company joins its teams.");
    return code;
}

int identity_team_add(struct store_session *session, int64_t team, int64_t person,
                      struct portico_error *error)
{
    struct identity_step step;
    int code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    return identity_step_end(&step, add_to_team(session, team, person, error), error);
}

int identity_team_take(struct store_session *session, int64_t team, int64_t person,
                       struct portico_error *error)
{
    struct identity_step step;
    int code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    int64_t changed = 0;
    code = store_host_execute(
        session, "DELETE FROM portico_team_member WHERE team = ? AND person = ?",
        PORTICO_ARGS(portico_arg_integer(team), portico_arg_integer(person)), &changed, error);
    if (code == 0 && changed == 0)
        code = error_set(error, PORTICO_ENOENT, "They are not in that team.");
    if (code == 0)
        code = identity_raise(session, person, error);
    return identity_step_end(&step, code, error);
}

static int remove_team(struct store_session *session, int64_t team, struct portico_error *error)
{
    int64_t changed = 0;
    int code = store_host_execute(session, "DELETE FROM portico_team_member WHERE team = ?",
                                  PORTICO_ARGS(portico_arg_integer(team)), NULL, error);
    if (code == 0)
        code = store_host_execute(session, "DELETE FROM portico_team WHERE id = ?",
                                  PORTICO_ARGS(portico_arg_integer(team)), &changed, error);
    if (code == 0 && changed == 0)
        code = error_set(error, PORTICO_ENOENT, "There is no such team.");
    return code == 0 ? identity_rights_move(session, error) : code;
}

int identity_team_remove(struct store_session *session, int64_t team, struct portico_error *error)
{
    struct identity_step step;
    int code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    return identity_step_end(&step, remove_team(session, team, error), error);
}

int identity_teams(struct store_session *session, int64_t account, struct value **ret_rows,
                   struct portico_error *error)
{
    return store_host_query(
        session,
        "SELECT t.id AS \"id:id\", t.name, (SELECT count(*) FROM portico_team_member m "
        "WHERE m.team = t.id) AS members FROM portico_team t WHERE t.account = ? "
        "ORDER BY t.name_key",
        PORTICO_ARGS(portico_arg_integer(account)), ret_rows, error);
}

int identity_team_of(struct store_session *session, int64_t account, int64_t team,
                     struct identity_team *ret_team, struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(
        session, "SELECT id, name, created FROM portico_team WHERE id = ? AND account = ?",
        PORTICO_ARGS(portico_arg_integer(team), portico_arg_integer(account)), &rows, error);
    if (code == 0 && rows->count == 0)
        return no_team(error);
    if (code == 0)
        *ret_team = (struct identity_team){ .id = value_rows_at(rows, 0)->integer,
                                            .name = value_rows_at(rows, 0)[1].text,
                                            .created = value_rows_at(rows, 0)[2].integer };
    return code;
}

static int rename_team(struct store_session *session, int64_t team, const char *name,
                       const char *key, struct portico_error *error)
{
    struct value *rows;
    int64_t changed = 0;
    int code = store_host_query(
        session,
        "SELECT o.id FROM portico_team t JOIN portico_team o ON o.account = t.account "
        "AND o.name_key = ? AND o.id <> t.id WHERE t.id = ?",
        PORTICO_ARGS(portico_arg_text(key), portico_arg_integer(team)), &rows, error);
    if (code == 0 && rows->count)
        code = error_set(error, PORTICO_EEXIST,
                         /* translated */ "There is a team of that name already.");
    if (code == 0)
        code = store_host_execute(
            session, "UPDATE portico_team SET name = ?, name_key = ? WHERE id = ?",
            PORTICO_ARGS(portico_arg_text(name), portico_arg_text(key), portico_arg_integer(team)),
            &changed, error);
    return code == 0 && changed == 0 ? no_team(error) : code;
}

int identity_team_rename(struct store_session *session, int64_t team, const char *name,
                         struct portico_error *error)
{
    const char *kept, *key;
    struct identity_step step;
    struct arena *arena = store_session_arena(session);
    int code = identity_name_check(name, arena, &kept, error);
    if (code == 0)
        code = identity_fold(kept, arena, &key, error);
    if (code == 0)
        code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    return identity_step_end(&step, rename_team(session, team, kept, key, error), error);
}

int identity_team_people(struct store_session *session, int64_t team,
                         const struct identity_place *after, unsigned limit,
                         struct value **ret_rows, struct portico_error *error)
{
    const char *behind = "";
    int code = after ? identity_fold(after->name, store_session_arena(session), &behind, error) : 0;
    if (code < 0)
        return code;
    return store_host_query(
        session,
        "SELECT p.id AS \"person:id\", m.id AS \"membership:id\", p.name, p.handle, "
        "(SELECT a.address FROM portico_address a WHERE a.person = p.id "
        "AND a.verified IS NOT NULL ORDER BY a.main DESC, a.id LIMIT 1) AS address "
        "FROM portico_team_member c JOIN portico_team t ON t.id = c.team "
        "JOIN portico_person p ON p.id = c.person "
        "JOIN portico_membership m ON m.person = c.person AND m.account = t.account "
        "WHERE c.team = ? AND (p.name_key, p.id) > (?, ?) ORDER BY p.name_key, p.id LIMIT ?",
        PORTICO_ARGS(portico_arg_integer(team), portico_arg_text(behind),
                     portico_arg_integer(after ? after->id : 0),
                     portico_arg_integer(MIN(limit, LIST_MAX))),
        ret_rows, error);
}
