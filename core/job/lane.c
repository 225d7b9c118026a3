/* Lanes: of each, only the first job that is not over may run.
 *
 * A look for work reads what is due in its order, and would read everything that waits in a long
 * lane again and again. So whoever comes upon such jobs parks them, and whoever ends a job lets the
 * next of its lane go. Both hold the lane's lock: no job is parked behind one that just ended. */
#include "job/room.h"

#define PARK_MOST 1000 /* in one transaction: other writers get their turn in between */

int lane_lock(struct store_session *session, const char *lane, struct portico_error *error)
{
    const char *name = arena_printf(store_session_arena(session), "end:%s", lane);
    return name ? job_lock(session, name, error)
                : error_set(error, PORTICO_ENOMEM, "Memory ended while a lane was locked.");
}

int lane_advance(struct store_session *session, const char *lane, struct portico_error *error)
{
    return store_host_execute(
        session,
        QUEUE "UPDATE portico_job SET parked = 0 WHERE parked = 1 AND id = "
              "(SELECT id FROM portico_job WHERE lane = ? AND state < 2 ORDER BY sequence LIMIT 1)",
        PORTICO_ARGS(portico_arg_text(lane)), NULL, error);
}

#define PARK(locked)                                                                               \
    QUEUE "UPDATE portico_job SET parked = 1 WHERE id IN "                                         \
          "(SELECT id FROM portico_job WHERE lane = ? AND state = 0 AND parked = 0 AND due <= ? "  \
          "AND sequence > (SELECT min(e.sequence) FROM portico_job e "                             \
          "WHERE e.lane = ? AND e.state < 2) ORDER BY sequence LIMIT ?" locked ")"

static int park_in(struct store_session *session, const char *lane, int64_t now,
                   int64_t *ret_parked, struct portico_error *error)
{
    /* Rows that others hold are left to the next look: nobody waits here for long. */
    static const char *const statements[] = {
        [STORE_SQLITE] = PARK(""),
        [STORE_POSTGRES] = PARK(" FOR UPDATE SKIP LOCKED"),
    };
    int code = lane_lock(session, lane, error);
    if (code == 0)
        code =
            store_host_execute(session, statements[store_kind(store_session_store(session))],
                               PORTICO_ARGS(portico_arg_text(lane), portico_arg_time(now),
                                            portico_arg_text(lane), portico_arg_integer(PARK_MOST)),
                               ret_parked, error);
    return code;
}

int lane_park(struct store_session *session, const char *lane, int64_t now, int64_t *ret_parked,
              struct portico_error *error)
{
    int code = store_begin(session, error);
    if (code < 0)
        return code;
    code = park_in(session, lane, now, ret_parked, error);
    if (code == 0)
        return store_commit(session, error);
    store_rollback(session);
    return code;
}

#define STRANDED                                                                                   \
    "parked = 1 AND NOT EXISTS (SELECT 1 FROM portico_job e WHERE e.lane = portico_job.lane "      \
    "AND e.state < 2 AND e.sequence < portico_job.sequence)"

/* A host of before lanes had marks may have ended jobs beside this one. */
int job_unpark(struct store_session *session, struct portico_error *error)
{
    struct value *rows;
    int code =
        store_host_query(session, QUEUE "SELECT id FROM portico_job WHERE " STRANDED " LIMIT 1",
                         PORTICO_NO_ARGS, &rows, error);
    return code < 0 || rows->count == 0
               ? code
               : store_host_execute(session,
                                    QUEUE "UPDATE portico_job SET parked = 0 WHERE " STRANDED,
                                    PORTICO_NO_ARGS, NULL, error);
}
