/* The edition of what is shown: a number that grows with each transaction that takes something from
 * view. Whoever keeps answers reads it before they are made, and shows them while it is the same.
 */
#include "store/driver.h"

void store_outdate(struct store_session *session)
{
    if (session->in_transaction)
        session->outdates = true;
}

/* The last statement of the transaction: all that outdate meet in this one row, and would otherwise
 * wait for one another with what they hold. */
int store_edition_move(struct store_session *session, struct portico_error *error)
{
    if (!session->outdates)
        return PORTICO_OK;
    session->outdates = false;
    return store_host_execute(session,
                              "UPDATE portico_edition\n"
                              "SET number = number + 1\n"
                              "WHERE id = 1",
                              NULL, 0, NULL, error);
}

int store_edition(struct store_session *session, int64_t *ret_edition, struct portico_error *error)
{
    struct value *rows = NULL;
    int code = store_host_query(session,
                                "SELECT number\n"
                                "FROM portico_edition\n"
                                "WHERE id = 1",
                                NULL, 0, &rows, error);
    if (code == 0 && rows->count == 0)
        return PORTICO_ENOENT;
    if (code == 0)
        *ret_edition = value_rows_at(rows, 0)->integer;
    return code;
}
