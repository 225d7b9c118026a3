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

static inline bool job_is_lite(const struct store_session *session)
{
    return store_kind(store_session_store(session)) == STORE_SQLITE;
}
/* PostgreSQL: the transaction holds `name` until it ends. SQLite has one writer at a time. */
int job_lock(struct store_session *session, const char *name, struct portico_error *error);
/* An object as JSON in the session's memory, NULL for NULL; ELIMIT past JOB_ARGUMENTS_MAX. */
int job_text(struct store_session *session, const struct value *object, const char *what,
             const char **ret_text, struct portico_error *error);
/* Runners are told once the open transaction has committed. */
void job_wake_on_commit(struct store_session *session);

#endif
