/* Turns of a session: whose statements it runs for a while, and those of the host between them. */
#include "store/driver.h"
#include "store/owner.h"

void store_session_as(struct store_session *session, const char *module,
                      struct store_turn *ret_turn)
{
    struct store_turn turn = { .cursors = session->cursors, .lent = session->lent };
    g_strlcpy(turn.module, session->module, sizeof turn.module);
    g_strlcpy(session->module, module, sizeof session->module);
    session->lent = false;
    *ret_turn = turn;
}

void store_session_lend(struct store_session *session, const char *module,
                        struct store_turn *ret_turn)
{
    store_session_as(session, module, ret_turn);
    session->lent = true;
}

void store_session_back(struct store_session *session, const struct store_turn *turn)
{
    while (session->lent && session->cursors && session->cursors != turn->cursors)
        store_cursor_close(session->cursors);
    g_strlcpy(session->module, turn->module, sizeof session->module);
    session->lent = turn->lent;
}

int store_host_query(struct store_session *session, const char *sql,
                     const struct portico_argument *arguments, size_t count,
                     struct value **ret_rows, struct portico_error *error)
{
    struct store_turn turn;
    store_session_as(session, OWNER_HOST, &turn);
    int code = store_query(session, sql, arguments, count, ret_rows, error);
    store_session_back(session, &turn);
    return code;
}

int store_host_execute(struct store_session *session, const char *sql,
                       const struct portico_argument *arguments, size_t count, int64_t *ret_changed,
                       struct portico_error *error)
{
    struct store_turn turn;
    store_session_as(session, OWNER_HOST, &turn);
    int code = store_execute(session, sql, arguments, count, ret_changed, error);
    store_session_back(session, &turn);
    return code;
}
