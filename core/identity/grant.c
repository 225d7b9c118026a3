#include "identity/grant.h"

#include "identity/audience.h"
#include "identity/known.h"
#include "identity/member.h"
#include "identity/room.h"
#include "store/twin.h"

#define UNFILTERED "{unfiltered grants are the host's own} "

/* Says in the row whether anybody has it. ENOENT: there is no such row. */
static int mark(struct store_session *session, const struct identity_object *object, bool granted,
                struct portico_error *error)
{
    int64_t changed = 0;
    char *sql =
        g_strdup_printf(UNFILTERED "UPDATE %s SET granted = ? WHERE id = ?", object->relation);
    int code = store_host_execute(
        session, sql, PORTICO_ARGS(portico_arg_boolean(granted), portico_arg_id(object->id)),
        &changed, error);
    g_free(sql);
    if (code == 0 && granted && changed == 0)
        return error_set(error, PORTICO_ENOENT, "There is no such row in %s to share.",
                         object->relation);
    return code;
}

static int count(struct store_session *session, const struct identity_object *object,
                 int64_t *ret_count, struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(
        session,
        "SELECT count(DISTINCT person) FROM portico_grant WHERE relation = ? AND object = ?",
        PORTICO_ARGS(portico_arg_text(object->relation), portico_arg_id(object->id)), &rows, error);
    if (code == 0)
        *ret_count = value_rows_at(rows, 0)->integer;
    return code;
}

static int nobody(struct portico_error *error)
{
    return error_set(error, PORTICO_ENOENT, "There is no such person to share with.");
}

/* Whoever that person is now, active and held, so that no merge passes by what they are given. */
static int hold_active(struct store_session *session, int64_t person, int64_t *ret_who,
                       struct portico_error *error)
{
    struct value *rows;
    int code = identity_person_hold_now(session, person, ret_who, error);
    if (code == PORTICO_ENOENT)
        return nobody(error);
    if (code == 0)
        code = store_host_query(
            session, "SELECT id FROM portico_person WHERE id = ? AND state = ?",
            PORTICO_ARGS(portico_arg_id(*ret_who), portico_arg_integer(IDENTITY_ACTIVE)), &rows,
            error);
    return code == 0 && rows->count == 0 ? nobody(error) : code;
}

/* The row first, which holds off whoever deletes it or shares it too. */
static int give(struct store_session *session, const struct identity_object *object, int64_t person,
                int64_t giver, int64_t audience, struct portico_error *error)
{
    int64_t changed = 0, granted = 0;
    int code = mark(session, object, true, error);
    if (code == 0)
        code = hold_active(session, person, &person, error);
    if (code == 0)
        code = store_host_execute(
            session,
            "INSERT INTO portico_grant (relation, object, person, giver, given, place) "
            "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            PORTICO_ARGS(portico_arg_text(object->relation), portico_arg_id(object->id),
                         portico_arg_id(person), portico_arg_id(giver),
                         portico_arg_time(clock_now()), portico_arg_id(audience)),
            &changed, error);
    if (code < 0 || changed == 0)
        return code;
    code = count(session, object, &granted, error);
    if (code == 0 && granted > IDENTITY_GRANTS_MAX)
        code = error_set(error, PORTICO_ELIMIT,
                         "This is shared with %d people by name already: share it with a team or "
                         "an account, or take somebody off first.",
                         IDENTITY_GRANTS_MAX);
    return code < 0 ? code : identity_raise(session, person, error);
}

/* As in give: holds off whoever deletes the row or shares it too. */
static int hold(struct store_session *session, const struct identity_object *object,
                struct portico_error *error)
{
    char *sql = g_strdup_printf(UNFILTERED "UPDATE %s SET granted = granted WHERE id = ?",
                                object->relation);
    int code =
        store_host_execute(session, sql, PORTICO_ARGS(portico_arg_id(object->id)), NULL, error);
    g_free(sql);
    return code;
}

static bool is_among(int64_t person, const int64_t *people, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (people[i] == person)
            return true;
    return false;
}

/* What a merge gave to who remains is taken from them, if they are none of `but`. */
static int take(struct store_session *session, const struct identity_object *object, int64_t person,
                const int64_t *but, size_t number, struct portico_error *error)
{
    struct portico_error unsaid = PORTICO_ERROR_INIT;
    int64_t changed = 0, granted = 0, who = person;
    int code = hold(session, object, error);
    if (code < 0)
        return code;
    code = identity_person_hold_now(session, person, &who, &unsaid);
    const bool there = code == 0;
    if (code < 0 && code != PORTICO_ENOENT)
        return error_set(error, code, "%s", unsaid.message);
    if (is_among(who, but, number))
        return PORTICO_OK;
    code = store_host_execute(
        session, "DELETE FROM portico_grant WHERE relation = ? AND object = ? AND person = ?",
        PORTICO_ARGS(portico_arg_text(object->relation), portico_arg_id(object->id),
                     portico_arg_id(who)),
        &changed, error);
    if (code < 0 || changed == 0)
        return code;
    code = count(session, object, &granted, error);
    if (code == 0 && granted == 0)
        code = mark(session, object, false, error);
    return code < 0 || !there ? code : identity_raise(session, who, error);
}

int identity_grant_give(struct store_session *session, const struct identity_object *object,
                        int64_t person, int64_t giver, struct portico_error *error)
{
    struct identity_step step;
    int code = store_check_grantable(session, object->relation, error);
    if (code == 0)
        code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    code = give(session, object, person, giver, IDENTITY_AUDIENCE_EVERYONE, error);
    return identity_step_end(&step, code, error);
}

int identity_grant_take(struct store_session *session, const struct identity_object *object,
                        int64_t person, struct portico_error *error)
{
    struct identity_step step;
    int code = store_check_grantable(session, object->relation, error);
    if (code == 0)
        code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    code = take(session, object, person, NULL, 0, error);
    return identity_step_end(&step, code, error);
}

static bool has(const struct value *rows, int64_t person)
{
    for (uint32_t i = 0; i < rows->count; i++)
        if (value_rows_at(rows, i)->integer == person)
            return true;
    return false;
}

/* In place of who was merged, and has it no more, stands who remains. */
static int name_now(struct store_session *session, const struct value *rows, int64_t *people,
                    size_t number, struct portico_error *error)
{
    static const char who[] = "SELECT coalesce(merged_into, id) FROM portico_person WHERE id = ?";
    struct value *found;
    int code = PORTICO_OK;
    for (size_t i = 0; code == 0 && i < number; i++) {
        if (has(rows, people[i]))
            continue;
        code =
            store_host_query(session, who, PORTICO_ARGS(portico_arg_id(people[i])), &found, error);
        if (code == 0 && found->count)
            people[i] = value_rows_at(found, 0)->integer;
    }
    return code;
}

/* Of people of other companies the log of this one says nothing. */
static int record(struct store_session *session, const struct identity_object *object,
                  const struct identity_act *base, const char *kind, int64_t person,
                  struct portico_error *error)
{
    struct identity_act act = *base;
    struct identity_member member;
    int code = act.account ? identity_member_of(session, act.account, person, &member, error) : 0;
    if (code == PORTICO_ENOENT)
        act.account = 0;
    else if (code < 0)
        return code;
    char *name = g_strdup_printf("%s/%lld", object->relation, (long long)object->id);
    act.kind = kind;
    act.person = person;
    act.object = name;
    code = identity_audit(session, &act, error);
    g_free(name);
    return code;
}

/* Whoever can act in the account where it is shown sees it while they do: its members by what is
 * theirs, others, such as a partner's people, by what is their own there. Staff see it as long as
 * they are staff, anybody else wherever they are. */
static int find_audience(struct store_session *session, int64_t account, int64_t person,
                         int64_t *ret_audience, struct portico_error *error)
{
    const struct identity_audience all = { .kind = IDENTITY_FOR_ACCOUNT, .account = account };
    *ret_audience = IDENTITY_AUDIENCE_EVERYONE;
    if (account && account != IDENTITY_OWNER) {
        int acts = identity_acts_as_member(session, person, account, error);
        if (acts != 0)
            return acts < 0 ? acts : identity_audience_of(session, &all, ret_audience, error);
        acts = identity_acts_in(session, person, account, error);
        if (acts != 0)
            return acts < 0
                       ? acts
                       : identity_audience_of_person(session, person, account, ret_audience, error);
    }
    int staff = account ? identity_acts_in(session, person, IDENTITY_OWNER, error) : 0;
    if (staff > 0)
        *ret_audience = IDENTITY_AUDIENCE_STAFF;
    return MIN(staff, 0);
}

/* Whoever was shown it elsewhere is shown it here too; nothing that is bound to a place is let
 * loose because somebody of another company saves the list as it is. */
static bool has_here(const struct value *rows, int64_t person, int64_t audience)
{
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct value_cell *cells = value_rows_at(rows, i);
        if (cells[0].integer == person &&
            (audience == IDENTITY_AUDIENCE_EVERYONE || cells[1].integer == audience))
            return true;
    }
    return false;
}

static gint by_number(gconstpointer left, gconstpointer right)
{
    const int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

/* All whose rows a new list touches, before the first is: in the order of their ids, so that two
 * lists of the same people wait for each other and do not meet crosswise. */
static int hold_people(struct store_session *session, const struct value *rows,
                       const int64_t *people, size_t number, struct portico_error *error)
{
    GArray *all = g_array_new(FALSE, FALSE, sizeof(int64_t));
    for (size_t i = 0; i < number; i++)
        if (!has(rows, people[i]))
            g_array_append_val(all, people[i]);
    for (uint32_t i = 0; i < rows->count; i++)
        if (!is_among(value_rows_at(rows, i)->integer, people, number))
            g_array_append_val(all, value_rows_at(rows, i)->integer);
    g_array_sort(all, by_number);
    int code = PORTICO_OK;
    for (guint i = 0; code == 0 && i < all->len; i++) {
        struct portico_error unsaid = PORTICO_ERROR_INIT;
        code = identity_person_hold(session, g_array_index(all, int64_t, i), &unsaid);
        /* Whoever there is none of is said later, or was erased. */
        if (code == PORTICO_ENOENT)
            code = PORTICO_OK;
        else if (code < 0)
            error_set(error, code, "%s", unsaid.message);
    }
    g_array_free(all, TRUE);
    return code;
}

/* Who has it keeps it, also who is not active any more. */
static int put(struct store_session *session, const struct identity_object *object, int64_t *people,
               size_t number, const struct identity_act *act, struct portico_error *error)
{
    struct value *rows;
    int code = hold(session, object, error);
    if (code == 0)
        code = store_host_query(
            session,
            "SELECT person, place FROM portico_grant WHERE relation = ? AND object = ? "
            "ORDER BY person, place",
            PORTICO_ARGS(portico_arg_text(object->relation), portico_arg_id(object->id)), &rows,
            error);
    if (code == 0)
        code = name_now(session, rows, people, number, error);
    if (code == 0)
        code = hold_people(session, rows, people, number, error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++) {
        int64_t person = value_rows_at(rows, i)->integer;
        bool again = i > 0 && value_rows_at(rows, i - 1)->integer == person;
        if (again || is_among(person, people, number))
            continue;
        code = take(session, object, person, people, number, error);
        if (code == 0)
            code = record(session, object, act, "grant.taken", person, error);
    }
    for (size_t i = 0; code == 0 && i < number; i++) {
        if (is_among(people[i], people, i))
            continue;
        int64_t audience;
        code = find_audience(session, act->account, people[i], &audience, error);
        if (code == 0 && has_here(rows, people[i], audience))
            continue;
        if (code == 0)
            code = give(session, object, people[i], act->actor, audience, error);
        if (code == 0)
            code = record(session, object, act, "grant.given", people[i], error);
        else if (code == PORTICO_ENOENT && has(rows, people[i]))
            code = PORTICO_OK;
    }
    return code;
}

int identity_grants_put(struct store_session *session, const struct identity_object *object,
                        const int64_t *people, size_t number, const struct identity_act *act,
                        struct portico_error *error)
{
    struct identity_step step;
    int64_t *now = arena_alloc(store_session_arena(session), (number + 1) * sizeof *now);
    int code = store_check_grantable(session, object->relation, error);
    if (code == 0 && !now)
        code = identity_no_memory(error);
    if (code == 0)
        code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    for (size_t i = 0; i < number; i++)
        now[i] = people[i];
    code = put(session, object, now, number, act, error);
    return identity_step_end(&step, code, error);
}

int identity_grants(struct store_session *session, const struct identity_object *object,
                    struct value **ret_rows, struct portico_error *error)
{
    int code = store_check_grantable(session, object->relation, error);
    if (code < 0)
        return code;
    return store_host_query(
        session,
        "SELECT g.person AS \"person:id\", p.handle, p.name, min(g.giver) AS \"giver:id\", "
        "min(g.given) AS \"given:time\" FROM portico_grant g "
        "JOIN portico_person p ON p.id = g.person WHERE g.relation = ? AND g.object = ? "
        "GROUP BY g.person, p.handle, p.name, p.name_key, p.id ORDER BY p.name_key, p.id",
        PORTICO_ARGS(portico_arg_text(object->relation), portico_arg_id(object->id)), ret_rows,
        error);
}

static int move(struct store_session *session, int64_t from, int64_t to,
                struct portico_error *error)
{
    int64_t given = 0, taken = 0;
    int code = store_host_execute(
        session,
        "INSERT INTO portico_grant (relation, object, person, giver, given, place) "
        "SELECT relation, object, ?, giver, given, place FROM portico_grant WHERE person = ? "
        "ON CONFLICT DO NOTHING",
        PORTICO_ARGS(portico_arg_id(to), portico_arg_id(from)), &given, error);
    if (code == 0)
        code = store_host_execute(session, "DELETE FROM portico_grant WHERE person = ?",
                                  PORTICO_ARGS(portico_arg_id(from)), &taken, error);
    if (code == 0 && given)
        code = identity_raise(session, to, error);
    return code < 0 || !taken ? code : identity_raise(session, from, error);
}

int identity_grants_move(struct store_session *session, int64_t from, int64_t to,
                         struct portico_error *error)
{
    struct identity_step step;
    int code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    code = move(session, from, to, error);
    return identity_step_end(&step, code, error);
}

/* A table that is no more has nothing to show by name. The database says so itself: what this
 * process knows of the schema may be older. */
static int forget_tables(struct store_session *session, const char *const *tables,
                         struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(session, "SELECT DISTINCT relation FROM portico_grant", NULL, 0,
                                &rows, error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++) {
        const char *relation = value_rows_at(rows, i)->text;
        bool is_there = g_strv_contains(tables, relation);
        if (!is_there)
            code = twin_has_table(session, relation, &is_there, error);
        if (code == 0 && !is_there)
            code = store_host_execute(session, "DELETE FROM portico_grant WHERE relation = ?",
                                      PORTICO_ARGS(portico_arg_text(relation)), NULL, error);
    }
    return code;
}

/* Who gave it and was erased is nobody any more. */
static int forget_givers(struct store_session *session, struct portico_error *error)
{
    return store_host_execute(session,
                              "UPDATE portico_grant SET giver = NULL WHERE giver IS NOT NULL AND "
                              "NOT EXISTS (SELECT 1 FROM portico_person p WHERE p.id = "
                              "portico_grant.giver)",
                              NULL, 0, NULL, error);
}

int identity_grants_sweep(struct store_session *session, struct portico_error *error)
{
    const char *const *tables = store_granted_tables(session);
    if (!tables)
        return error_set(error, PORTICO_EIO,
                         "The schema could not be read, so no grants were looked through: they are "
                         "with the next run.");
    int code = forget_tables(session, tables, error);
    if (code == 0)
        code = forget_givers(session, error);
    for (const char *const *table = tables; code == 0 && *table; table++) {
        char *sql = g_strdup_printf(UNFILTERED "DELETE FROM portico_grant WHERE relation = ? AND "
                                               "NOT EXISTS (SELECT 1 FROM %s t WHERE t.id = "
                                               "portico_grant.object)",
                                    *table);
        code =
            store_host_execute(session, sql, PORTICO_ARGS(portico_arg_text(*table)), NULL, error);
        g_free(sql);
    }
    return code;
}
