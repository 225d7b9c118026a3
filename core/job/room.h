/* What the files of this room share. */
#ifndef JOB_ROOM_H
#define JOB_ROOM_H

#include "job/job.h"

#include "base/error.h"

/* Before each statement of the queue. */
#define QUEUE "{unfiltered the host's own queue} "

/* A key that comes back to waiting while another job waits with it goes without. */
#define KEY_IF_FREE                                                                                \
    "unique_key = CASE WHEN EXISTS (SELECT 1 FROM portico_job o "                                  \
    "WHERE o.module = portico_job.module AND o.name = portico_job.name "                           \
    "AND o.unique_key = portico_job.unique_key AND o.state = 0 AND o.id <> portico_job.id) "       \
    "THEN NULL ELSE unique_key END"

/* What a look for work reads, in which order, and what is claimed. The head of a lane is its first
 * job that is not over; `due` of a running one is the end of its lease, so that one left by a dead
 * runner is found like any other. What was found to wait behind another is parked, so that a look
 * costs the same however long lanes are. */
#define JOB_AHEAD_SQLITE                                                                           \
    "(SELECT 1 FROM portico_job e WHERE e.lane = j.lane AND e.state < 2 "                          \
    "AND e.sequence < j.sequence LIMIT 1)"
/* A range of the lane's index alone: PostgreSQL would else read another one if a lane is long. */
#define JOB_AHEAD_POSTGRES                                                                         \
    "(SELECT 1 FROM portico_job e WHERE e.state < 2 AND e.lane >= j.lane "                         \
    "AND (e.lane, e.sequence) < (j.lane, j.sequence) ORDER BY e.lane, e.sequence LIMIT 1)"
#define JOB_COLUMNS                                                                                \
    QUEUE "SELECT j.id, j.module, j.name, j.kind, j.state, j.failures, j.attempts, j.stop_asked, " \
          "j.lane, "
#define JOB_OPEN " FROM portico_job j WHERE j.state < 2 AND j.parked = 0 AND j.due <= ?"
#define JOB_LOOK(ahead) JOB_COLUMNS ahead JOB_OPEN
#define JOB_CANDIDATE(ahead) JOB_COLUMNS "NULL" JOB_OPEN " AND " ahead " IS NULL"
#define JOB_ORDERED " ORDER BY j.due, j.sequence LIMIT "

/* Entries of an index alone: of what is open, which is little, and of all that is kept. */
#define JOB_COUNT_OPEN                                                                             \
    QUEUE "SELECT state, count(*) FROM portico_job WHERE state IN (0, 1) GROUP BY state"
#define JOB_COUNT_OVER                                                                             \
    QUEUE "SELECT state, count(*) FROM portico_job WHERE state IN (2, 3, 4) GROUP BY state"

static inline bool job_is_lite(const struct store_session *session)
{
    return store_kind(store_session_store(session)) == STORE_SQLITE;
}
/* PostgreSQL: the transaction holds `name` until it ends. SQLite has one writer at a time. */
int job_lock(struct store_session *session, const char *name, struct portico_error *error);
/* An object as JSON in the session's memory, NULL for NULL; ELIMIT past JOB_ARGUMENTS_MAX. */
int job_text(struct store_session *session, const struct value *object, const char *what,
             const char **ret_text, struct portico_error *error);
/* What job_text wrote, in the session's memory; NULL: nothing. */
struct value *job_object(struct store_session *session, const struct value_cell *cell);
/* Held by whoever parks jobs of the lane, and by whoever ends one, from before the end. */
int lane_lock(struct store_session *session, const char *lane, struct portico_error *error);
/* After the end of a job of the lane, in its transaction: the next one is looked at again. */
int lane_advance(struct store_session *session, const char *lane, struct portico_error *error);
/* In a transaction of its own: what is due in the lane and waits behind another is passed by from
 * now on. How many they were. */
int lane_park(struct store_session *session, const char *lane, int64_t now, int64_t *ret_parked,
              struct portico_error *error);
/* Runners are told once the open transaction has committed. */
void job_wake_on_commit(struct store_session *session);

#endif
