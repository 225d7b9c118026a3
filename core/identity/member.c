#include "identity/member.h"

#include "identity/contact.h"
#include "identity/person.h"
#include "identity/role.h"
#include "identity/room.h"

#define LIST_MAX 1000u
#define MEMBER                                                                                     \
    "SELECT m.id, m.account, m.person, m.title, m.source, m.state, m.below, m.valid_from, "        \
    "m.valid_until, m.created, m.brought_by FROM portico_membership m "

enum { ID, ACCOUNT, PERSON, TITLE, SOURCE, STATE, BELOW, FROM, UNTIL, CREATED, BY };

static int no_member(struct portico_error *error)
{
    return error_set(error, PORTICO_ENOENT, "This person does not belong to the account.");
}

static int look(struct store_session *session, const char *sql,
                const struct portico_argument *arguments, size_t count,
                struct identity_member *ret_member, struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(session, sql, arguments, count, &rows, error);
    if (code == 0 && rows->count == 0)
        code = no_member(error);
    if (code < 0)
        return code;
    const struct value_cell *cells = value_rows_at(rows, 0);
    *ret_member = (struct identity_member){
        .id = cells[ID].integer,
        .account = cells[ACCOUNT].integer,
        .person = cells[PERSON].integer,
        .title = cells[TITLE].text,
        .source = cells[SOURCE].text,
        .state = (enum identity_member_state)cells[STATE].integer,
        .below = cells[BELOW].integer != 0,
        .from = identity_integer(&cells[FROM]),
        .until = identity_integer(&cells[UNTIL]),
        .created = cells[CREATED].integer,
        .by = identity_integer(&cells[BY]),
    };
    return PORTICO_OK;
}

int identity_member_look(struct store_session *session, int64_t membership,
                         struct identity_member *ret_member, struct portico_error *error)
{
    return look(session, MEMBER "WHERE m.id = ?", PORTICO_ARGS(portico_arg_integer(membership)),
                ret_member, error);
}

int identity_member_of(struct store_session *session, int64_t account, int64_t person,
                       struct identity_member *ret_member, struct portico_error *error)
{
    return look(session, MEMBER "WHERE m.account = ? AND m.person = ?",
                PORTICO_ARGS(portico_arg_integer(account), portico_arg_integer(person)), ret_member,
                error);
}

/* ---- roles of one ---- */

static int check_role(struct store_session *session, int64_t account, const char *role,
                      struct portico_error *error)
{
    bool owner = account == IDENTITY_OWNER;
    int held = identity_role_hold(session, role, error);
    if (held == 0)
        held = identity_role_place(session, role, error);
    if (held < 0)
        return held;
    if ((held == IDENTITY_HELD_BY_OWNER) == owner)
        return PORTICO_OK;
    return error_set(error, PORTICO_EINVAL,
                     owner ? "The role \"%.40s\" is held in accounts of customers, not in the "
                             "owner's."
                           : "The role \"%.40s\" is held in the owner's account only.",
                     role);
}

static int for_each_role(const char *roles, int (*act)(const char *role, void *data), void *data)
{
    char **words = g_strsplit_set(roles ? roles : "", " \t\r\n", -1);
    int code = PORTICO_OK;
    for (char **word = words; code == 0 && *word; word++)
        if (**word)
            code = act(*word, data);
    g_strfreev(words);
    return code;
}

struct changing {
    struct store_session *session;
    int64_t account, membership;
    struct portico_error *error;
};

static int give(const char *role, void *data)
{
    const struct changing *changing = data;
    int code = check_role(changing->session, changing->account, role, changing->error);
    if (code < 0)
        return code;
    return store_host_execute(
        changing->session,
        "INSERT INTO portico_membership_role (membership, role) VALUES (?, ?) "
        "ON CONFLICT (membership, role) DO NOTHING",
        PORTICO_ARGS(portico_arg_id(changing->membership), portico_arg_text(role)), NULL,
        changing->error);
}

static int take(const char *role, void *data)
{
    const struct changing *changing = data;
    return store_host_execute(
        changing->session, "DELETE FROM portico_membership_role WHERE membership = ? AND role = ?",
        PORTICO_ARGS(portico_arg_id(changing->membership), portico_arg_text(role)), NULL,
        changing->error);
}

/* ---- adding one ---- */

/* Whoever was merged into somebody belongs nowhere any more. */
static int refuse_merged(struct store_session *session, int64_t person, struct portico_error *error)
{
    struct identity_person found;
    int code = identity_person_look(session, person, &found, error);
    if (code == 0 && found.merged_into)
        code = error_set(error, PORTICO_ENOENT,
                         "This person was merged into person %lld: name that one.",
                         (long long)found.merged_into);
    return code;
}

static int check_both(struct store_session *session, const struct identity_new_member *made,
                      struct portico_error *error)
{
    struct value *rows;
    int code = identity_raise(session, made->person, error);
    if (code == 0)
        code = refuse_merged(session, made->person, error);
    if (code == 0)
        code = store_host_query(session, "SELECT state FROM portico_account WHERE id = ?",
                                PORTICO_ARGS(portico_arg_integer(made->account)), &rows, error);
    if (code == 0 && rows->count == 0)
        code = error_set(error, PORTICO_ENOENT, "There is no such account.");
    if (code == 0 && value_rows_at(rows, 0)->integer == IDENTITY_CLOSED)
        code = error_set(error, PORTICO_EINVAL, "The account is closed: nobody joins it.");
    return code;
}

/* Whether it is one by its days at this moment. */
static bool holds(int64_t from, int64_t until)
{
    const int64_t now = clock_now();
    return from <= now && (!until || until > now);
}

static int add_in(struct store_session *session, const struct identity_new_member *made, int64_t id,
                  const char *title, struct portico_error *error)
{
    int64_t changed = 0;
    struct changing changing = { session, made->account, id, error };
    int code = check_both(session, made, error);
    if (code == 0)
        code = store_host_execute(
            session,
            "INSERT INTO portico_membership (id, account, person, title, state, below, source, "
            "valid_from, valid_until, created, brought_by, held, name_key) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
            "(SELECT p.name_key FROM portico_person p WHERE p.id = ?)) "
            "ON CONFLICT (person, account) DO NOTHING",
            PORTICO_ARGS(portico_arg_id(id), portico_arg_id(made->account),
                         portico_arg_id(made->person), portico_arg_text(title),
                         portico_arg_integer(made->waits ? IDENTITY_APPLIED : IDENTITY_MEMBERSHIP),
                         portico_arg_boolean(made->below), portico_arg_text(made->source),
                         identity_time(made->from), identity_time(made->until),
                         portico_arg_time(clock_now()),
                         made->by ? portico_arg_id(made->by) : portico_arg_text(NULL),
                         portico_arg_boolean(holds(made->from, made->until)),
                         portico_arg_id(made->person)),
            &changed, error);
    if (code == 0 && changed == 0)
        code = error_set(error, PORTICO_EEXIST,
                         /* translated */ "This person belongs to the account already.");
    return code == 0 ? for_each_role(made->roles, give, &changing) : code;
}

int identity_member_days(int64_t account, int64_t from, int64_t until, struct portico_error *error)
{
    if (account == IDENTITY_OWNER && (from || until))
        return error_set(error, PORTICO_EINVAL,
                         /* translated */
                         "Who belongs to the owner's account does so until they are taken out.");
    if (until && until <= from)
        return error_set(error, PORTICO_EINVAL,
                         /* translated */
                         "The first day lies after the last one: choose an earlier first day or a "
                         "later last one.");
    return PORTICO_OK;
}

static int check_title(struct store_session *session, const char *title, const char **ret_title,
                       struct portico_error *error)
{
    *ret_title = "";
    return title && *title
               ? identity_name_check(title, store_session_arena(session), ret_title, error)
               : PORTICO_OK;
}

int identity_member_add(struct store_session *session, const struct identity_new_member *made,
                        int64_t *ret_membership, struct portico_error *error)
{
    const char *title;
    struct identity_step step;
    int64_t id = id_new();
    int code = check_title(session, made->title, &title, error);
    if (code == 0)
        code = identity_member_days(made->account, made->from, made->until, error);
    if (code == 0)
        code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    code = identity_step_end(&step, add_in(session, made, id, title, error), error);
    if (code == 0 && ret_membership)
        *ret_membership = id;
    return code;
}

/* ---- changing one ---- */

/* A change in one step: looked up, the person's rights raised, and, where an admin of the portal
 * could go, one kept. */
static int change(struct store_session *session, int64_t membership,
                  int (*act)(struct store_session *session, const struct identity_member *member,
                             const void *data, struct portico_error *error),
                  const void *data, struct portico_error *error)
{
    struct identity_step step;
    struct identity_member member = { 0 };
    bool had_admin = false;
    int code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    code = identity_member_look(session, membership, &member, error);
    bool owner = code == 0 && member.account == IDENTITY_OWNER;
    if (owner)
        code = identity_lock(session, "identity admins", error);
    if (code == 0 && owner)
        code = identity_has_admin(session, &had_admin, error);
    if (code == 0)
        code = identity_raise(session, member.person, error);
    /* Now that nobody else changes it. */
    if (code == 0)
        code = identity_member_look(session, membership, &member, error);
    if (code == 0)
        code = act(session, &member, data, error);
    if (code == 0 && had_admin)
        code = identity_keep_admin(session, error);
    return identity_step_end(&step, code, error);
}

static int change_one(struct store_session *session, const struct identity_member *member,
                      const void *data, struct portico_error *error)
{
    const struct identity_member_change *wanted = data;
    const char *title = member->title;
    int64_t from = wanted->from < 0 ? member->from : wanted->from;
    int64_t until = wanted->until < 0 ? member->until : wanted->until;
    int code = wanted->title ? check_title(session, wanted->title, &title, error) : PORTICO_OK;
    if (code == 0)
        code = identity_member_days(member->account, from, until, error);
    if (code < 0)
        return code;
    /* One that is put off holds from its new first day on, and that is told then. */
    return store_host_execute(
        session,
        "UPDATE portico_membership SET title = ?, below = ?, valid_from = ?, valid_until = ?, "
        "held = held AND ? WHERE id = ?",
        PORTICO_ARGS(portico_arg_text(title),
                     portico_arg_boolean(wanted->below ? *wanted->below : member->below),
                     identity_time(from), identity_time(until),
                     portico_arg_boolean(from <= clock_now()), portico_arg_id(member->id)),
        NULL, error);
}

int identity_member_change(struct store_session *session, int64_t membership,
                           const struct identity_member_change *wanted, struct portico_error *error)
{
    return change(session, membership, change_one, wanted, error);
}

static int approve_one(struct store_session *session, const struct identity_member *member,
                       const void *data, struct portico_error *error)
{
    int64_t changed = 0;
    (void)data;
    int code = store_host_execute(
        session, "UPDATE portico_membership SET state = 1, held = ? WHERE id = ? AND state <> 1",
        PORTICO_ARGS(portico_arg_boolean(holds(member->from, member->until)),
                     portico_arg_id(member->id)),
        &changed, error);
    return code == 0 && changed == 0
               ? error_set(error, PORTICO_ECONFLICT,
                           /* translated */ "They belong to it already: somebody else approved it.")
               : code;
}

int identity_member_approve(struct store_session *session, int64_t membership,
                            struct portico_error *error)
{
    return change(session, membership, approve_one, NULL, error);
}

struct given_and_taken {
    const char *given, *taken;
};

static int change_roles(struct store_session *session, const struct identity_member *member,
                        const void *data, struct portico_error *error)
{
    const struct given_and_taken *roles = data;
    struct changing changing = { session, member->account, member->id, error };
    int code = for_each_role(roles->given, give, &changing);
    return code == 0 ? for_each_role(roles->taken, take, &changing) : code;
}

int identity_member_roles(struct store_session *session, int64_t membership, const char *given,
                          const char *taken, struct portico_error *error)
{
    const struct given_and_taken roles = { given, taken };
    return change(session, membership, change_roles, &roles, error);
}

static int remove_one(struct store_session *session, const struct identity_member *member,
                      const void *data, struct portico_error *error)
{
    (void)data;
    int code =
        store_host_execute(session, "DELETE FROM portico_membership_role WHERE membership = ?",
                           PORTICO_ARGS(portico_arg_id(member->id)), NULL, error);
    if (code == 0)
        code = store_host_execute(session,
                                  "DELETE FROM portico_membership_review WHERE membership = ?",
                                  PORTICO_ARGS(portico_arg_id(member->id)), NULL, error);
    if (code == 0)
        code = store_host_execute(
            session,
            "DELETE FROM portico_team_member WHERE person = ? "
            "AND team IN (SELECT t.id FROM portico_team t WHERE t.account = ?)",
            PORTICO_ARGS(portico_arg_id(member->person), portico_arg_id(member->account)), NULL,
            error);
    if (code == 0)
        code = identity_contact_leave(session, member->account, member->person, error);
    if (code == 0)
        code = store_host_execute(session, "DELETE FROM portico_membership WHERE id = ?",
                                  PORTICO_ARGS(portico_arg_id(member->id)), NULL, error);
    return code;
}

int identity_member_remove(struct store_session *session, int64_t membership,
                           struct portico_error *error)
{
    return change(session, membership, remove_one, NULL, error);
}

/* ---- lists ---- */

int identity_member_called(struct store_session *session, int64_t account, const char *name,
                           int64_t *ret_person, struct portico_error *error)
{
    struct arena *arena = store_session_arena(session);
    struct value *rows = NULL;
    const char *tidy, *key;
    if (identity_name_check(name, arena, &tidy, NULL) < 0)
        return error_set(error, PORTICO_ENOENT, "No member is called \"%.100s\".", name);
    int code = identity_fold(tidy, arena, &key, error);
    if (code == 0)
        code = store_host_query(session,
                                "SELECT m.person FROM portico_membership m "
                                "JOIN portico_person p ON p.id = m.person WHERE m.account = ? "
                                "AND m.state = 1 AND p.state <> 0 AND m.name_key = ? LIMIT 2",
                                PORTICO_ARGS(portico_arg_integer(account), portico_arg_text(key)),
                                &rows, error);
    if (code == 0 && rows->count != 1)
        code = error_set(error, rows->count ? PORTICO_ECONFLICT : PORTICO_ENOENT,
                         rows->count ? "Several members are called \"%.100s\"."
                                     : "No member is called \"%.100s\".",
                         name);
    if (code == 0)
        *ret_person = value_rows_at(rows, 0)->integer;
    return code;
}

int identity_members(struct store_session *session, int64_t account, const char *beginning,
                     const struct identity_place *after, unsigned limit, struct value **ret_rows,
                     struct portico_error *error)
{
    const char *from, *to, *behind = "";
    int code = identity_beginning(session, beginning, &from, &to, error);
    if (code == 0 && after)
        code = identity_fold(after->name, store_session_arena(session), &behind, error);
    if (code < 0)
        return code;
    return store_host_query(
        session,
        "SELECT m.id AS \"id:id\", p.id AS \"person:id\", p.name, p.handle, "
        "(SELECT a.address FROM portico_address a WHERE a.person = p.id "
        "AND a.verified IS NOT NULL ORDER BY a.main DESC, a.id LIMIT 1) AS address, m.title, "
        "m.state, p.state AS person_state, m.below AS \"below:boolean\", "
        "m.valid_from AS \"from:time\", m.valid_until AS \"until:time\", "
        "m.created AS \"created:time\", p.last_sign_in AS \"last_sign_in:time\", m.source "
        "FROM portico_membership m JOIN portico_person p ON p.id = m.person "
        "WHERE m.account = ? AND p.state <> 0 AND (m.name_key, m.person) > (?, ?) "
        "AND m.name_key >= ? AND m.name_key < ? ORDER BY m.name_key, m.person LIMIT ?",
        PORTICO_ARGS(portico_arg_integer(account), portico_arg_text(behind),
                     portico_arg_integer(after ? after->id : 0), portico_arg_text(from),
                     portico_arg_text(to), portico_arg_integer(MIN(limit, LIST_MAX))),
        ret_rows, error);
}

int identity_memberships(struct store_session *session, int64_t person, struct value **ret_rows,
                         struct portico_error *error)
{
    return store_host_query(
        session,
        "SELECT m.id AS \"id:id\", a.id AS \"account:id\", a.name, a.kind, "
        "a.state AS account_state, m.title, m.state, m.below AS \"below:boolean\", "
        "m.valid_from AS \"from:time\", m.valid_until AS \"until:time\", "
        "m.created AS \"created:time\" FROM portico_membership m "
        "JOIN portico_account a ON a.id = m.account WHERE m.person = ? "
        "ORDER BY m.created, m.id",
        PORTICO_ARGS(portico_arg_integer(person)), ret_rows, error);
}

int identity_roles_of_member(struct store_session *session, int64_t membership,
                             struct value **ret_rows, struct portico_error *error)
{
    return store_host_query(
        session, "SELECT role FROM portico_membership_role WHERE membership = ? ORDER BY role",
        PORTICO_ARGS(portico_arg_integer(membership)), ret_rows, error);
}
