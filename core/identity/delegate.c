#include "identity/delegate.h"

#include "identity/room.h"

/* Who acts by a delegation: the account, the delegation, and twice the time. */
#define DELEGATES                                                                                  \
    IDENTITY_ACTS_IN                                                                               \
    "JOIN portico_person p ON p.id = w.person AND p.state = 1 "                                    \
    "WHERE w.account = ? AND w.delegation = ? AND w.delegation <> 0 AND a.state = 1 "              \
    "AND coalesce(w.valid_from, 0) <= ? AND w.valid_until > ? "

int identity_delegates(struct store_session *session, const struct identity_delegates *wanted,
                       unsigned limit, struct value **ret_rows, struct portico_error *error)
{
    const struct portico_argument now = portico_arg_time(clock_now());
    return store_host_query(
        session,
        "SELECT p.id AS \"id:id\", p.name, p.name_key, max(w.valid_until) AS \"until:time\", "
        "(SELECT u.used FROM portico_account_use u WHERE u.person = p.id AND u.account = ?) "
        "AS \"last_here:time\" " DELEGATES "AND (p.name_key, p.id) > (?, ?) "
        "GROUP BY p.id, p.name, p.name_key ORDER BY p.name_key, p.id LIMIT ?",
        PORTICO_ARGS(portico_arg_id(wanted->account), portico_arg_id(wanted->account),
                     portico_arg_id(wanted->delegation), now, now,
                     portico_arg_text(wanted->behind ? wanted->behind : ""),
                     portico_arg_integer(wanted->behind ? wanted->id : 0),
                     portico_arg_integer(MIN(limit, IDENTITY_DELEGATES_MAX))),
        ret_rows, error);
}

int identity_delegates_count(struct store_session *session, int64_t account, int64_t delegation,
                             int64_t *ret_count, struct portico_error *error)
{
    struct value *rows;
    const struct portico_argument now = portico_arg_time(clock_now());
    int code = store_host_query(
        session, "SELECT count(DISTINCT p.id) " DELEGATES,
        PORTICO_ARGS(portico_arg_id(account), portico_arg_id(delegation), now, now), &rows, error);
    if (code == 0)
        *ret_count = value_rows_at(rows, 0)->integer;
    return code;
}

int identity_delegation_reviewed(struct store_session *session, int64_t delegation,
                                 struct portico_error *error)
{
    return store_host_execute(
        session, "UPDATE portico_delegation SET reviewed = ? WHERE id = ?",
        PORTICO_ARGS(portico_arg_time(clock_now()), portico_arg_id(delegation)), NULL, error);
}
