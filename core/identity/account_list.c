/* Accounts as lists: all of them, and what is above, below and beside one. */
#include "identity/account.h"
#include "identity/person.h"
#include "identity/room.h"

#define LIST_MAX 1000u
#define STATE_WORD                                                                                 \
    "CASE a.state WHEN 1 THEN 'open' WHEN 2 THEN 'suspended' ELSE 'closed' END AS state "

int identity_account_list(struct store_session *session, const struct identity_account_filter *of,
                          const struct identity_place *after, unsigned limit,
                          struct value **ret_rows, struct portico_error *error)
{
    const char *from, *to, *behind = "", *kind = of->kind ? of->kind : "";
    const char *beginning = of->beginning ? of->beginning : "";
    int code = identity_beginning(session, beginning, &from, &to, error);
    if (code == 0 && after)
        code = identity_fold(after->name, store_session_arena(session), &behind, error);
    if (code < 0)
        return code;
    return store_host_query(
        session,
        "SELECT a.id AS \"id:id\", a.parent AS \"parent:id\", a.kind, a.name, " STATE_WORD
        ", a.created AS \"created:time\", (SELECT count(*) FROM portico_membership m "
        "WHERE m.account = a.id AND m.state = 1) AS members FROM portico_account a WHERE a.id <> 1 "
        "AND (a.name_key, a.id) > (?, ?) "
        "AND ((a.name_key >= ? AND a.name_key < ?) OR a.id = "
        "(SELECT e.account FROM portico_account_external e WHERE e.external = ?)) "
        "AND (? = '' OR a.kind = ?) AND (? = 0 OR a.state = ?) "
        "ORDER BY a.name_key, a.id LIMIT ?",
        PORTICO_ARGS(portico_arg_text(behind), portico_arg_integer(after ? after->id : 0),
                     portico_arg_text(from), portico_arg_text(to), portico_arg_text(beginning),
                     portico_arg_text(kind), portico_arg_text(kind), portico_arg_integer(of->state),
                     portico_arg_integer(of->state), portico_arg_integer(MIN(limit, LIST_MAX))),
        ret_rows, error);
}

int identity_account_above(struct store_session *session, int64_t account, struct value **ret_rows,
                           struct portico_error *error)
{
    return store_host_query(session,
                            "SELECT a.id AS \"id:id\", a.name, a.kind, " STATE_WORD
                            "FROM portico_account_above b JOIN portico_account a ON a.id = b.above "
                            "WHERE b.account = ? AND b.distance > 0 ORDER BY b.distance DESC",
                            PORTICO_ARGS(portico_arg_id(account)), ret_rows, error);
}

int identity_account_below(struct store_session *session, int64_t account, unsigned limit,
                           struct value **ret_rows, struct portico_error *error)
{
    return store_host_query(
        session,
        "SELECT a.id AS \"id:id\", a.name, a.kind, " STATE_WORD "FROM portico_account a "
        "WHERE a.parent = ? ORDER BY a.name_key, a.id LIMIT ?",
        PORTICO_ARGS(portico_arg_id(account), portico_arg_integer(MIN(limit, LIST_MAX))), ret_rows,
        error);
}

int identity_account_externals(struct store_session *session, int64_t account,
                               struct value **ret_rows, struct portico_error *error)
{
    return store_host_query(
        session,
        "SELECT external FROM portico_account_external WHERE account = ? ORDER BY external",
        PORTICO_ARGS(portico_arg_id(account)), ret_rows, error);
}
