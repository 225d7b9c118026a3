#include "identity/delegation.h"

#include "base/text.h"
#include "identity/role.h"
#include "identity/room.h"

#include <string.h>

/* ---- giving ---- */

static int check_words(const struct identity_new_delegation *made, struct portico_error *error)
{
    const size_t length = strspn(made->reason, " \t\r\n") + 1;
    if (strlen(made->reason) < length)
        return error_set(error, PORTICO_EINVAL,
                         /* translated */
                         "A reason is missing: both companies read it.");
    if (strlen(made->reason) > IDENTITY_REASON_MAX ||
        !text_is_utf8(made->reason, strlen(made->reason)))
        return error_set(error, PORTICO_EINVAL,
                         /* translated */ "A reason has at most 300 bytes.");
    if (made->until <= clock_now())
        return error_set(error, PORTICO_EINVAL,
                         /* translated */ "The last day is over already: choose a later one.");
    if (made->until > clock_now() + IDENTITY_DELEGATION_LONGEST)
        return error_set(error, PORTICO_EINVAL,
                         /* translated */
                         "It ends within two years: choose an earlier last day, and give it again "
                         "then.");
    if (!made->roles[strspn(made->roles, " ")])
        return error_set(error, PORTICO_EINVAL,
                         /* translated */ "Choose at least one role that the partner acts with.");
    return PORTICO_OK;
}

static int check_accounts(struct store_session *session, int64_t of, int64_t by,
                          struct portico_error *error)
{
    struct identity_account account, partner;
    int code = identity_account_look(session, of, &account, error);
    if (code == 0)
        code = identity_account_look(session, by, &partner, error);
    if (code < 0)
        return code;
    if (account.id == IDENTITY_OWNER || account.state != IDENTITY_OPEN)
        return error_set(error, PORTICO_EINVAL,
                         /* translated */
                         "Nobody can be let act for this company: it is the "
                         "portal owner's, suspended or closed.");
    if (strcmp(partner.kind, "partner") != 0 || partner.state != IDENTITY_OPEN ||
        partner.id == account.id)
        return error_set(error, PORTICO_EINVAL,
                         /* translated */
                         "Only another company that is a partner can be let act "
                         "for one.");
    return PORTICO_OK;
}

static int give_role(struct store_session *session, int64_t delegation, const char *role,
                     struct portico_error *error)
{
    if (strcmp(role, "account-member") != 0) {
        int place = identity_role_hold(session, role, error);
        if (place == 0)
            place = identity_role_place(session, role, error);
        if (place < 0)
            return place;
        if (place != IDENTITY_HELD_BY_ACCOUNTS)
            return error_set(error, PORTICO_EINVAL,
                             "The role \"%.40s\" is held in the owner's account only.", role);
    }
    return store_host_execute(session,
                              "INSERT INTO portico_delegation_role (delegation, role) "
                              "VALUES (?, ?) ON CONFLICT (delegation, role) DO NOTHING",
                              PORTICO_ARGS(portico_arg_id(delegation), portico_arg_text(role)),
                              NULL, error);
}

/* What it was at that moment: somebody may have accepted it since it was looked at. */
static int remove_one(struct store_session *session, int64_t delegation, bool *ret_accepted,
                      struct portico_error *error)
{
    struct value *rows;
    int code =
        store_host_execute(session, "DELETE FROM portico_delegation_role WHERE delegation = ?",
                           PORTICO_ARGS(portico_arg_id(delegation)), NULL, error);
    if (code == 0)
        code = store_host_query(
            session, "DELETE FROM portico_delegation WHERE id = ? RETURNING accepted IS NOT NULL",
            PORTICO_ARGS(portico_arg_id(delegation)), &rows, error);
    if (code < 0)
        return code;
    if (rows->count == 0)
        return error_set(error, PORTICO_ENOENT, "There is no such delegation any more.");
    if (ret_accepted)
        *ret_accepted = value_rows_at(rows, 0)->integer != 0;
    return PORTICO_OK;
}

/* The one there is, if it is over or has no role left. */
static int make_room(struct store_session *session, const struct identity_new_delegation *made,
                     struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(
        session,
        "SELECT g.id FROM portico_delegation g WHERE g.account = ? AND g.partner = ? "
        "AND (g.valid_until <= ? OR NOT EXISTS (SELECT 1 FROM portico_delegation_role r "
        "WHERE r.delegation = g.id))",
        PORTICO_ARGS(portico_arg_id(made->account), portico_arg_id(made->partner),
                     portico_arg_time(clock_now())),
        &rows, error);
    return code == 0 && rows->count
               ? remove_one(session, value_rows_at(rows, 0)->integer, NULL, error)
               : code;
}

/* Lists and reviews show as many, so that nobody acts somewhere whom nobody there sees. */
static int check_number(struct store_session *session, int64_t account, struct portico_error *error)
{
    struct value *rows;
    int code =
        store_host_query(session, "SELECT count(*) FROM portico_delegation WHERE account = ?",
                         PORTICO_ARGS(portico_arg_id(account)), &rows, error);
    if (code == 0 && value_rows_at(rows, 0)->integer >= IDENTITY_DELEGATIONS_MAX)
        code = error_set(error, PORTICO_ELIMIT,
                         /* translated */
                         "At most 200 companies act for one, or are asked to: end one first.");
    return code;
}

static int give(struct store_session *session, const struct identity_new_delegation *made,
                int64_t id, struct portico_error *error)
{
    int64_t changed = 0;
    const int64_t now = clock_now();
    int code = check_accounts(session, made->account, made->partner, error);
    if (code == 0)
        code = make_room(session, made, error);
    if (code == 0)
        code = check_number(session, made->account, error);
    if (code == 0)
        code = store_host_execute(
            session,
            "INSERT INTO portico_delegation (id, account, partner, reason, giver, commanded, "
            "valid_until, created, accepted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (account, partner) DO NOTHING",
            PORTICO_ARGS(portico_arg_id(id), portico_arg_id(made->account),
                         portico_arg_id(made->partner), portico_arg_text(made->reason),
                         made->giver ? portico_arg_id(made->giver) : portico_arg_text(NULL),
                         portico_arg_boolean(!made->giver), portico_arg_time(made->until),
                         portico_arg_time(now),
                         made->accepted ? portico_arg_time(now) : portico_arg_text(NULL)),
            &changed, error);
    if (code == 0 && changed == 0)
        code = error_set(error, PORTICO_EEXIST,
                         /* translated */
                         "That company may act here already, or is asked to: end that first.");
    char **words = g_strsplit_set(made->roles, " \t\r\n", -1);
    for (char **word = words; code == 0 && *word; word++)
        if (**word)
            code = give_role(session, id, *word, error);
    g_strfreev(words);
    return code == 0 && made->accepted ? identity_rights_move(session, error) : code;
}

int identity_delegation_give(struct store_session *session,
                             const struct identity_new_delegation *made, int64_t *ret_delegation,
                             struct portico_error *error)
{
    const int64_t id = id_new();
    struct identity_step step;
    int code = check_words(made, error);
    if (code == 0)
        code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    code = identity_step_end(&step, give(session, made, id, error), error);
    if (code == 0)
        *ret_delegation = id;
    return code;
}

/* ---- looking ---- */

static int read_roles(struct store_session *session, int64_t delegation, const char **ret_roles,
                      struct portico_error *error)
{
    struct value *rows;
    const char *roles = "";
    int code = store_host_query(
        session, "SELECT role FROM portico_delegation_role WHERE delegation = ? ORDER BY role",
        PORTICO_ARGS(portico_arg_id(delegation)), &rows, error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++) {
        roles = arena_printf(store_session_arena(session), "%s%s%s", roles, i ? " " : "",
                             value_rows_at(rows, i)->text);
        if (!roles)
            return identity_no_memory(error);
    }
    if (code == 0)
        *ret_roles = roles;
    return code;
}

int identity_delegation_look(struct store_session *session, int64_t delegation,
                             struct identity_delegation *ret_delegation,
                             struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(
        session,
        "SELECT g.id, g.account, g.partner, a.name, b.name, g.reason, coalesce(p.name, ''), "
        "g.valid_until, g.created, g.giver, g.accepted, g.commanded, g.reviewed, "
        "coalesce(g.told = g.valid_until, FALSE) FROM portico_delegation g "
        "JOIN portico_account a ON a.id = g.account JOIN portico_account b ON b.id = g.partner "
        "LEFT JOIN portico_person p ON p.id = g.giver WHERE g.id = ?",
        PORTICO_ARGS(portico_arg_integer(delegation)), &rows, error);
    if (code < 0)
        return code;
    if (rows->count == 0)
        return error_set(error, PORTICO_ENOENT, "There is no such delegation any more.");
    const struct value_cell *cells = value_rows_at(rows, 0);
    struct identity_delegation found = { .id = cells[0].integer,
                                         .account = cells[1].integer,
                                         .partner = cells[2].integer,
                                         .account_name = cells[3].text,
                                         .partner_name = cells[4].text,
                                         .reason = cells[5].text,
                                         .giver_name = cells[6].text,
                                         .until = cells[7].integer,
                                         .created = cells[8].integer,
                                         .giver = identity_integer(&cells[9]),
                                         .accepted = identity_integer(&cells[10]),
                                         .commanded = cells[11].integer != 0,
                                         .reviewed = identity_integer(&cells[12]),
                                         .told = cells[13].integer != 0 };
    code = read_roles(session, delegation, &found.roles, error);
    if (code == 0)
        *ret_delegation = found;
    return code;
}

#define LIST(other, own)                                                                           \
    "SELECT g.id AS \"id:id\", o.name_key FROM portico_delegation g "                              \
    "JOIN portico_account o ON o.id = g." other " WHERE g." own " = ? "                            \
    "AND (o.name_key, g.id) > (?, ?) AND o.name_key LIKE ? ESCAPE '!' "                            \
    "AND (? = '' OR (? = 'offered') = (g.accepted IS NULL)) ORDER BY o.name_key, g.id LIMIT ?"

int identity_delegations(struct store_session *session, const struct identity_delegations *wanted,
                         unsigned limit, struct value **ret_rows, struct portico_error *error)
{
    const struct portico_argument kind = portico_arg_text(wanted->kind ? wanted->kind : "");
    const char *pattern;
    int code = identity_containing(session, wanted->part ? wanted->part : "", &pattern, error);
    if (code < 0)
        return code;
    return store_host_query(
        session, wanted->given ? LIST("partner", "account") : LIST("account", "partner"),
        PORTICO_ARGS(portico_arg_id(wanted->account),
                     portico_arg_text(wanted->behind ? wanted->behind : ""),
                     portico_arg_integer(wanted->behind ? wanted->id : 0),
                     portico_arg_text(pattern), kind, kind, portico_arg_integer(limit)),
        ret_rows, error);
}

/* ---- accepting ---- */

static int check_offer(struct store_session *session, const struct identity_delegation *offer,
                       struct portico_error *error)
{
    if (offer->accepted)
        return error_set(error, PORTICO_ENOENT, "There is no such offer any more.");
    if (offer->until <= clock_now())
        return error_set(error, PORTICO_EINVAL,
                         /* translated */
                         "Its last day is over: the company offers it again if you ask.");
    if (!*offer->roles)
        return error_set(error, PORTICO_EINVAL,
                         /* translated */
                         "The roles it was for are gone: the company offers it again if you ask.");
    return check_accounts(session, offer->account, offer->partner, error);
}

static int accept(struct store_session *session, int64_t delegation, struct portico_error *error)
{
    struct identity_delegation offer;
    int64_t changed = 0;
    int code = identity_delegation_look(session, delegation, &offer, error);
    if (code == 0)
        code = check_offer(session, &offer, error);
    if (code == 0)
        code = store_host_execute(
            session, "UPDATE portico_delegation SET accepted = ? WHERE id = ? AND accepted IS NULL",
            PORTICO_ARGS(portico_arg_time(clock_now()), portico_arg_id(delegation)), &changed,
            error);
    if (code == 0 && changed == 0)
        code = error_set(error, PORTICO_ENOENT, "There is no such offer any more.");
    return code == 0 ? identity_rights_move(session, error) : code;
}

int identity_delegation_accept(struct store_session *session, int64_t delegation,
                               struct portico_error *error)
{
    struct identity_step step;
    int code = identity_step_begin(&step, session, error);
    return code < 0 ? code : identity_step_end(&step, accept(session, delegation, error), error);
}

/* ---- ending ---- */

int identity_delegation_end(struct store_session *session, int64_t delegation, bool *ret_accepted,
                            struct portico_error *error)
{
    struct identity_step step;
    int code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    code = remove_one(session, delegation, ret_accepted, error);
    if (code == 0)
        code = identity_rights_move(session, error);
    return identity_step_end(&step, code, error);
}
