#include "portal/days.h"

#include "base/error.h"
#include "base/log.h"
#include "identity/day.h"
#include "identity/session.h"
#include "portal/inside.h"
#include "portal/manage.h"
#include "portal/portal.h"

#define MOST 200u /* looked up at a time */

static int (*const tell[IDENTITY_DAYS])(const struct manage *manage, int64_t id,
                                        struct portico_error *error) = {
    [IDENTITY_DAY_BEGAN] = manage_member_days,
    [IDENTITY_DAY_ENDED] = manage_member_days,
    [IDENTITY_DAY_OVER] = manage_delegation_over,
    [IDENTITY_DAY_NEAR] = manage_delegation_near,
};

struct one {
    enum identity_day day;
    int64_t id;
    bool settled;
};

static int tell_in(struct portico_context *context, struct store_session *session, void *data,
                   struct portico_error *error)
{
    const struct one *one = data;
    const struct manage manage = { .context = context,
                                   .session = session,
                                   .identity = inside_context_host(context)->identity,
                                   .actor = IDENTITY_OPERATOR,
                                   .from = "portal" };
    if (one->settled)
        inside_settle(context);
    return tell[one->day](&manage, one->id, error);
}

/* The day came whatever a module says: record, event and notice do not hang on it. */
static int tell_one(const struct days_run *run, struct one one, struct portico_error *error)
{
    struct portico_error refused = PORTICO_ERROR_INIT;
    int code = portal_work(run->host, DAYS_JOB, tell_in, &one, &refused);
    if (code == PORTICO_EPERM || (code < 0 && run->insist)) {
        log_warning("A day came, and a module would not have it; it is told without asking it. %s",
                    refused.message);
        one.settled = true;
        refused = (struct portico_error)PORTICO_ERROR_INIT;
        code = portal_work(run->host, DAYS_JOB, tell_in, &one, &refused);
    }
    return code < 0 ? error_set(error, code, "%s", refused.message) : code;
}

static int tell_rows(const struct days_run *run, enum identity_day day, const struct value *rows,
                     bool *ret_some, struct portico_error *error)
{
    int first = PORTICO_OK;
    *ret_some = false;
    for (uint32_t i = 0; i < rows->count; i++) {
        struct portico_error said = PORTICO_ERROR_INIT;
        const struct one one = { .day = day, .id = value_rows_at(rows, i)->integer };
        if (run->must_stop(run->data))
            return error_set(error, PORTICO_EBUSY, "It was asked to stop.");
        int code = tell_one(run, one, &said);
        *ret_some |= code == 0;
        if (code < 0 && first == 0)
            first = error_set(error, code, "%s", said.message);
    }
    return first;
}

/* What could not be told comes again with the next portion, which ends once all of one is that. */
static int tell_all(const struct days_run *run, enum identity_day day, struct portico_error *error)
{
    struct value *rows;
    bool some;
    int code;
    do {
        code = identity_days_due(run->session, day, MOST, &rows, error);
        if (code < 0)
            return code;
        code = tell_rows(run, day, rows, &some, error);
    } while (rows->count == MOST && some && !run->must_stop(run->data));
    return code;
}

/* In one transaction; nobody is asked, for nothing could keep them. */
static int end_sessions(struct portico_context *context, struct store_session *session, void *data,
                        struct portico_error *error)
{
    struct value *rows;
    uint32_t *ended = data;
    inside_settle(context);
    int code =
        identity_sessions_over(inside_context_host(context)->identity, session, MOST, &rows, error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++)
        code = portal_tell(context, "portal.portico.session.ended", value_rows_at(rows, i)->integer,
                           "time", error);
    *ended = code == 0 ? rows->count : 0;
    return code;
}

static int tell_sessions(const struct days_run *run, struct portico_error *error)
{
    uint32_t ended = MOST;
    int code = PORTICO_OK;
    while (code == 0 && ended == MOST)
        code = run->must_stop(run->data)
                   ? error_set(error, PORTICO_EBUSY, "It was asked to stop.")
                   : portal_work(run->host, DAYS_JOB, end_sessions, &ended, error);
    return code;
}

int days_tell(const struct days_run *run, struct portico_error *error)
{
    int first = tell_sessions(run, error);
    for (int day = 0; day < IDENTITY_DAYS; day++) {
        struct portico_error said = PORTICO_ERROR_INIT;
        int code = tell_all(run, (enum identity_day)day, &said);
        if (code < 0 && first == 0)
            first = error_set(error, code, "%s", said.message);
    }
    return first;
}
