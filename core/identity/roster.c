#include "identity/roster.h"

#include "identity/room.h"

#define LIST_MAX 1000u
/* Each in the order of an index, so that a page reads a page of each. */
#define MEMBERS                                                                                    \
    "SELECT m.id, m.person, CASE m.state WHEN 0 THEN 'applied' ELSE 'member' END AS kind, "        \
    "p.name, m.name_key, (SELECT a.address FROM portico_address a WHERE a.person = p.id "          \
    "AND a.verified IS NOT NULL ORDER BY a.main DESC, a.id LIMIT 1) AS address, m.title, "         \
    "p.state, m.below, m.valid_from, m.valid_until, p.last_sign_in, CAST(NULL AS BIGINT) AS "      \
    "expires, "                                                                                    \
    "'' AS roles, m.reviewed, m.reviewer, '' AS company, (SELECT u.used FROM portico_account_use " \
    "u WHERE u.person = m.person AND u.account = m.account) AS last_here "                         \
    "FROM portico_membership m "                                                                   \
    "JOIN portico_person p ON p.id = m.person WHERE m.account = ? AND p.state <> 0 "               \
    "AND (m.name_key, m.id) > (?, ?) AND (m.name_key LIKE ? ESCAPE '!' OR "                        \
    "EXISTS (SELECT 1 FROM portico_address a WHERE a.id = (SELECT b.id FROM portico_address b "    \
    "WHERE b.person = p.id AND b.verified IS NOT NULL ORDER BY b.main DESC, b.id LIMIT 1) "        \
    "AND (a.address_key LIKE ? ESCAPE '!' OR a.address_key LIKE ? ESCAPE '!'))) "                  \
    "AND (? = '' OR (? IN ('member', 'reviewed') AND m.state = 1) OR (? IN ('applied', "           \
    "'waiting') AND m.state = 0)) ORDER BY m.name_key, m.id LIMIT ?"
#define INVITED                                                                                    \
    "SELECT i.id, CAST(NULL AS BIGINT) AS person, 'invited' AS kind, "                             \
    "CASE i.name WHEN '' THEN i.address ELSE i.name END AS name, "                                 \
    "i.name_key, i.address, i.title, 1 AS state, FALSE AS below, "                                 \
    "CAST(NULL AS BIGINT) AS valid_from, CAST(NULL AS BIGINT) AS valid_until, "                    \
    "CAST(NULL AS BIGINT) AS last_sign_in, i.expires, i.roles, CAST(NULL AS BIGINT) AS reviewed, " \
    "CAST(NULL AS BIGINT) AS reviewer, '' AS company, CAST(NULL AS BIGINT) AS last_here "          \
    "FROM portico_invitation i WHERE i.account = ? AND i.state "                                   \
    "= 1 "                                                                                         \
    "AND (i.name_key, i.id) > (?, ?) AND (i.name_key LIKE ? ESCAPE '!' "                           \
    "OR i.address_key LIKE ? ESCAPE '!' OR i.address_key LIKE ? ESCAPE '!') AND ? IN ('', "        \
    "'invited', 'waiting') "                                                                       \
    "ORDER BY i.name_key, i.id LIMIT ?"
/* Memberships `m` of accounts `o` above one that reach into it, now or later, as IDENTITY_ACTS_IN
 * lets them act there. The account, and the time. */
#define ABOVE_OF                                                                                   \
    "FROM portico_account_above d JOIN portico_account o ON o.id = d.above AND o.state = 1 "       \
    "JOIN portico_membership m ON m.account = d.above AND m.below AND m.state = 1 "                \
    "JOIN portico_person p ON p.id = m.person AND p.state = 1 "                                    \
    "LEFT JOIN portico_membership_review v ON v.membership = m.id AND v.account = d.account "      \
    "WHERE d.account = ? AND d.distance > 0 AND (m.valid_until IS NULL OR m.valid_until > ?) "
#define ABOVE                                                                                      \
    "SELECT m.id, m.person, 'above' AS kind, p.name, m.name_key, CAST(NULL AS TEXT) AS address, "  \
    "'' AS title, p.state, m.below, m.valid_from, m.valid_until, "                                 \
    "CAST(NULL AS BIGINT) AS last_sign_in, CAST(NULL AS BIGINT) AS expires, '' AS roles, "         \
    "v.reviewed, CAST(NULL AS BIGINT) AS reviewer, o.name AS company, "                            \
    "(SELECT u.used FROM portico_account_use u WHERE u.person = m.person "                         \
    "AND u.account = d.account) AS last_here " ABOVE_OF                                            \
    "AND (m.name_key, m.id) > (?, ?) AND m.name_key LIKE ? ESCAPE '!' "                            \
    "AND ? IN ('', 'reviewed') ORDER BY m.name_key, m.id LIMIT ?"

int identity_roster(struct store_session *session, const struct identity_roster *wanted,
                    unsigned limit, struct value **ret_rows, struct portico_error *error)
{
    const char *pattern, *typed;
    int code = identity_containing(session, wanted->part, &pattern, error);
    if (code == 0)
        code = identity_address_part(wanted->part, store_session_arena(session), &typed, error);
    if (code == 0)
        code = identity_containing(session, typed, &typed, error);
    if (code < 0)
        return code;
    const struct portico_argument account = portico_arg_integer(wanted->account);
    const struct portico_argument behind = portico_arg_text(wanted->behind ? wanted->behind : "");
    const struct portico_argument id = portico_arg_integer(wanted->behind ? wanted->id : 0);
    const struct portico_argument part = portico_arg_text(pattern);
    const struct portico_argument mail = portico_arg_text(typed);
    const struct portico_argument kind = portico_arg_text(wanted->kind);
    const struct portico_argument most = portico_arg_integer(MIN(limit, LIST_MAX));
    const struct portico_argument now = portico_arg_time(clock_now());
    return store_host_query(
        session,
        "SELECT c.id AS \"id:id\", c.person AS \"person:id\", c.kind, c.name, c.name_key, "
        "c.address, c.title, c.state, c.below AS \"below:boolean\", "
        "c.valid_from AS \"from:time\", c.valid_until AS \"until:time\", "
        "c.last_sign_in AS \"last_sign_in:time\", c.expires AS \"expires:time\", c.roles, "
        "c.reviewed AS \"reviewed:time\", c.reviewer AS \"reviewer:id\", c.company, "
        "c.last_here AS \"last_here:time\" "
        "FROM (SELECT * FROM (" MEMBERS ") e UNION ALL SELECT * FROM (" INVITED
        ") f UNION ALL SELECT * FROM (" ABOVE ") g) c "
        "ORDER BY c.name_key, c.id LIMIT ?",
        PORTICO_ARGS(account, behind, id, part, part, mail, kind, kind, kind, most, account, behind,
                     id, part, part, mail, kind, most, account, now, behind, id, part, kind, most,
                     most),
        ret_rows, error);
}

#define FIVE "?, ?, ?, ?, ?"

int identity_roster_roles(struct store_session *session, const int64_t *memberships, size_t count,
                          struct value **ret_rows, struct portico_error *error)
{
    struct portico_argument ids[IDENTITY_ROSTER_PAGE];
    for (size_t i = 0; i < IDENTITY_ROSTER_PAGE; i++)
        ids[i] = portico_arg_integer(i < count ? memberships[i] : 0);
    return store_host_query(session,
                            "SELECT membership AS \"membership:id\", role "
                            "FROM portico_membership_role WHERE membership IN (" FIVE ", " FIVE
                            ", " FIVE ", " FIVE ", " FIVE ") ORDER BY role",
                            ids, IDENTITY_ROSTER_PAGE, ret_rows, error);
}

/* Delegations that hold. The account, and the time. */
#define LENT                                                                                       \
    "FROM portico_delegation g WHERE g.account = ? AND g.accepted IS NOT NULL "                    \
    "AND g.valid_until > ? "

int identity_roster_counts(struct store_session *session, int64_t account, struct value **ret_rows,
                           struct portico_error *error)
{
    const struct portico_argument whose = portico_arg_integer(account);
    const struct portico_argument now = portico_arg_time(clock_now());
    return store_host_query(
        session,
        "SELECT CASE m.state WHEN 0 THEN 'applied' ELSE 'member' END AS kind, count(*) AS count "
        "FROM portico_membership m JOIN portico_person p ON p.id = m.person "
        "WHERE m.account = ? AND p.state <> 0 GROUP BY m.state "
        "UNION ALL SELECT 'invited', count(*) FROM portico_invitation "
        "WHERE account = ? AND state = 1 "
        "UNION ALL SELECT 'above', count(*) " ABOVE_OF "UNION ALL SELECT 'partner', count(*) " LENT,
        PORTICO_ARGS(whose, whose, whose, now, whose, now), ret_rows, error);
}

int identity_roster_due(struct store_session *session, int64_t account, int64_t *ret_due,
                        struct portico_error *error)
{
    struct value *rows;
    const struct portico_argument whose = portico_arg_integer(account);
    const struct portico_argument now = portico_arg_time(clock_now());
    int code = store_host_query(
        session,
        "SELECT min(c.looked) FROM (SELECT min(coalesce(m.reviewed, m.created)) AS looked "
        "FROM portico_membership m "
        "JOIN portico_person p ON p.id = m.person WHERE m.account = ? AND m.state = 1 "
        "AND p.state = 1 AND (m.valid_until IS NULL OR m.valid_until > ?) "
        "UNION ALL SELECT min(coalesce(v.reviewed, m.created)) " ABOVE_OF
        "UNION ALL SELECT min(coalesce(g.reviewed, g.accepted)) " LENT ") c",
        PORTICO_ARGS(whose, now, whose, now, whose, now), &rows, error);
    const int64_t first = code == 0 ? identity_integer(value_rows_at(rows, 0)) : 0;
    if (code == 0)
        *ret_due = first ? first + IDENTITY_REVIEW_EVERY : 0;
    return code;
}

int identity_roster_unreviewed(struct store_session *session, int64_t account, int64_t since,
                               int64_t *ret_count, struct portico_error *error)
{
    struct value *rows;
    const struct portico_argument whose = portico_arg_integer(account);
    const struct portico_argument now = portico_arg_time(clock_now());
    const struct portico_argument then = portico_arg_time(since);
    int code = store_host_query(
        session,
        "SELECT count(*) FROM (SELECT m.id "
        "FROM portico_membership m JOIN portico_person p ON p.id = m.person "
        "WHERE m.account = ? AND m.state = 1 AND p.state <> 0 "
        "AND coalesce(m.reviewed, m.created) < ? UNION ALL SELECT m.id " ABOVE_OF
        "AND coalesce(v.reviewed, m.created) < ? UNION ALL SELECT g.id " LENT
        "AND coalesce(g.reviewed, g.accepted) < ?) c",
        PORTICO_ARGS(whose, then, whose, now, then, whose, now, then), &rows, error);
    if (code == 0)
        *ret_count = value_rows_at(rows, 0)->integer;
    return code;
}

int identity_member_reviewed(struct store_session *session, int64_t membership, int64_t reviewer,
                             struct portico_error *error)
{
    return store_host_execute(
        session, "UPDATE portico_membership SET reviewed = ?, reviewer = ? WHERE id = ?",
        PORTICO_ARGS(portico_arg_time(clock_now()), portico_arg_id(reviewer),
                     portico_arg_id(membership)),
        NULL, error);
}

int identity_above_reviewed(struct store_session *session, int64_t membership, int64_t account,
                            struct portico_error *error)
{
    struct value *rows;
    const struct portico_argument now = portico_arg_time(clock_now());
    int code = store_host_query(
        session, "SELECT m.id " ABOVE_OF "AND m.id = ?",
        PORTICO_ARGS(portico_arg_id(account), now, portico_arg_id(membership)), &rows, error);
    if (code == 0 && rows->count == 0)
        code = error_set(error, PORTICO_ENOENT, "That membership does not reach below any more.");
    if (code < 0)
        return code;
    return store_host_execute(
        session,
        "INSERT INTO portico_membership_review (membership, account, reviewed) VALUES (?, ?, ?) "
        "ON CONFLICT (membership, account) DO UPDATE SET reviewed = excluded.reviewed",
        PORTICO_ARGS(portico_arg_id(membership), portico_arg_id(account), now), NULL, error);
}

int identity_account_hold(struct store_session *session, int64_t account,
                          struct portico_error *error)
{
    int64_t changed = 0;
    int code = store_host_execute(session, "UPDATE portico_account SET state = state WHERE id = ?",
                                  PORTICO_ARGS(portico_arg_integer(account)), &changed, error);
    if (code == 0 && changed == 0)
        code = error_set(error, PORTICO_ENOENT, "There is no such account.");
    return code;
}
