#include "base/clock.h"
#include "job/room.h"

int job_release(struct store_session *session, const char *runner, struct portico_error *error)
{
    return job_execute(
        session, QUEUE "UPDATE portico_job SET due = ? WHERE state = 1 AND runner = ? AND due > ?",
        PORTICO_ARGS(portico_arg_time(clock_now()), portico_arg_text(runner),
                     portico_arg_time(clock_now())),
        NULL, error);
}
