/* What the holder of a lease may do: each statement names the fence, and changes nothing without
 * it. */
#include "job/room.h"

#include "base/clock.h"

#include <inttypes.h>
#include <sodium.h>

#define BACKOFF INT64_C(1000000)
#define BACKOFF_MOST INT64_C(3600000000)
#define KEY_TRIES 5
#define REASON_MAX 500

#define HELD "WHERE id = ? AND fence = ? AND state = 1"

static int lost(const struct job_claim *claim, struct portico_error *error)
{
    return error_set(error, PORTICO_ECONFLICT,
                     "Job %" PRId64 " (%s of %s) is not this runner's any more: its lease ran out "
                     "and another runner has it, so this change was not made.",
                     claim->id, claim->name, claim->module);
}

static int hold(struct store_session *session, const struct job_claim *claim, const char *sql,
                const struct portico_argument *arguments, size_t count, struct portico_error *error)
{
    int64_t changed = 0;
    int code = store_host_execute(session, sql, arguments, count, &changed, error);
    return code == 0 && changed == 0 ? lost(claim, error) : code;
}

static int advance(struct store_session *session, const struct job_claim *claim, const char *sql,
                   const struct portico_argument *arguments, size_t count,
                   struct portico_error *error)
{
    int code = lane_lock(session, claim->lane, error);
    if (code == 0)
        code = hold(session, claim, sql, arguments, count, error);
    return code == 0 ? lane_advance(session, claim->lane, error) : code;
}

/* As hold, for what ends the job: the next of its lane may run. */
static int end(struct store_session *session, const struct job_claim *claim, const char *sql,
               const struct portico_argument *arguments, size_t count, struct portico_error *error)
{
    if (!claim->lane)
        return hold(session, claim, sql, arguments, count, error);
    bool own = !store_in_transaction(session);
    int code = own ? store_begin(session, error) : PORTICO_OK;
    if (code < 0)
        return code;
    code = advance(session, claim, sql, arguments, count, error);
    if (own && code == 0)
        return store_commit(session, error);
    if (own)
        store_rollback(session);
    return code;
}

int job_renew(struct store_session *session, const struct job_claim *claim, bool *ret_stop_asked,
              struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(
        session, QUEUE "UPDATE portico_job SET due = ? " HELD " RETURNING stop_asked",
        PORTICO_ARGS(portico_arg_time(clock_now() + JOB_LEASE), portico_arg_id(claim->id),
                     portico_arg_integer(claim->fence)),
        &rows, error);
    if (code < 0)
        return code;
    if (rows->count == 0)
        return lost(claim, error);
    *ret_stop_asked = value_rows_at(rows, 0)->integer != 0;
    return PORTICO_OK;
}

int job_tell(struct store_session *session, const struct job_claim *claim, int64_t done,
             int64_t total, const char *note, struct portico_error *error)
{
    return hold(session, claim, QUEUE "UPDATE portico_job SET done = ?, total = ?, note = ? " HELD,
                PORTICO_ARGS(portico_arg_integer(done), portico_arg_integer(total),
                             portico_arg_text(note), portico_arg_id(claim->id),
                             portico_arg_integer(claim->fence)),
                error);
}

int job_save(struct store_session *session, const struct job_claim *claim,
             const struct value *state, struct portico_error *error)
{
    const char *text;
    int code = job_text(session, state, "What a job saves", &text, error);
    return code < 0 ? code
                    : hold(session, claim, QUEUE "UPDATE portico_job SET saved = ? " HELD,
                           PORTICO_ARGS(portico_arg_text(text), portico_arg_id(claim->id),
                                        portico_arg_integer(claim->fence)),
                           error);
}

/* What the host's own work was about is not kept once it is done: letters with their addresses and
 * links, who was told of whom. */
int job_done(struct store_session *session, const struct job_claim *claim,
             struct portico_error *error)
{
    return end(session, claim,
               QUEUE "UPDATE portico_job SET state = 2, finished = ?, error = NULL, "
                     "arguments = CASE WHEN kind = 3 THEN NULL ELSE arguments END, "
                     "saved = CASE WHEN kind = 3 THEN NULL ELSE saved END " HELD,
               PORTICO_ARGS(portico_arg_time(clock_now()), portico_arg_id(claim->id),
                            portico_arg_integer(claim->fence)),
               error);
}

static int give_up(struct store_session *session, const struct job_claim *claim, const char *reason,
                   struct portico_error *error)
{
    return end(session, claim,
               QUEUE "UPDATE portico_job SET state = 3, finished = ?, failures = failures + 1, "
                     "error = ? " HELD,
               PORTICO_ARGS(portico_arg_time(clock_now()), portico_arg_text(reason),
                            portico_arg_id(claim->id), portico_arg_integer(claim->fence)),
               error);
}

/* Waits again; or is cancelled, if that was asked meanwhile. The key may be taken between the look
 * and the write on PostgreSQL: then it is looked for once more. */
static int wait_again(struct store_session *session, const struct job_claim *claim, int64_t due,
                      int failures, const char *reason, struct portico_error *error)
{
    int64_t now = clock_now();
    int code = PORTICO_EEXIST;
    for (unsigned i = 0; code == PORTICO_EEXIST && i < KEY_TRIES; i++)
        code = end(session, claim,
                   QUEUE "UPDATE portico_job SET " KEY_IF_FREE ", "
                         "state = CASE WHEN stop_asked = ? THEN 4 ELSE 0 END, "
                         "finished = CASE WHEN stop_asked = ? THEN ? ELSE NULL END, "
                         "due = ?, failures = failures + ?, error = coalesce(?, error) " HELD,
                   PORTICO_ARGS(portico_arg_boolean(1), portico_arg_boolean(1),
                                portico_arg_time(now), portico_arg_time(due),
                                portico_arg_integer(failures), portico_arg_text(reason),
                                portico_arg_id(claim->id), portico_arg_integer(claim->fence)),
                   error);
    return code;
}

/* Half of the wait is certain, the other half chance: what failed together does not come back
 * together. */
static int64_t wait_for(unsigned failures, int64_t backoff, int64_t most)
{
    backoff = backoff > 0 ? backoff : BACKOFF;
    most = most > 0 ? most : BACKOFF_MOST;
    while (failures-- > 0 && backoff < most)
        backoff *= 2;
    backoff = backoff < most ? backoff : most;
    int64_t half = backoff / 2;
    return half + (int64_t)((double)randombytes_random() / UINT32_MAX * (double)(backoff - half));
}

int job_failed(struct store_session *session, const struct job_claim *claim, const char *reason,
               bool final, int64_t backoff, int64_t backoff_most, struct portico_error *error)
{
    size_t length = text_utf8_cut(reason, strnlen(reason, REASON_MAX));
    const char *kept = text_is_utf8(reason, length)
                           ? arena_strndup(store_session_arena(session), reason, length)
                           : "Its message was not UTF-8.";
    if (final || claim->failures + 1 >= claim->attempts)
        return give_up(session, claim, kept, error);
    int64_t due = clock_now() + wait_for(claim->failures, backoff, backoff_most);
    return wait_again(session, claim, due, 1, kept, error);
}

int job_put_back(struct store_session *session, const struct job_claim *claim,
                 struct portico_error *error)
{
    return wait_again(session, claim, clock_now(), 0, NULL, error);
}

int job_conclude(struct store_session *session, const struct job_claim *claim,
                 const struct job_policy *policy, int result, bool stopped, const char *reason,
                 struct portico_error *error)
{
    if (result >= 0)
        return job_done(session, claim, error);
    if (result == PORTICO_EBUSY && stopped)
        return job_put_back(session, claim, error);
    if (!reason || !*reason)
        reason = arena_printf(store_session_arena(session), "It returned %s without a message.",
                              error_name(result));
    return job_failed(session, claim, reason ? reason : "It failed.", result == PORTICO_EINVAL,
                      policy->backoff, policy->backoff_most, error);
}

/* PostgreSQL: whoever takes the job over locks its row, or skips it while this transaction is open;
 * the lease can still be renewed beside it. SQLite: the transaction is the only writer. */
static int check_fence(struct store_session *session, void *data, struct portico_error *error)
{
    static const char *const queries[] = {
        [STORE_SQLITE] = QUEUE "SELECT id FROM portico_job " HELD,
        [STORE_POSTGRES] = QUEUE "SELECT id FROM portico_job " HELD " FOR KEY SHARE",
    };
    const struct job_claim *claim = data;
    struct value *rows;
    int code = store_host_query(
        session, queries[store_kind(store_session_store(session))],
        PORTICO_ARGS(portico_arg_id(claim->id), portico_arg_integer(claim->fence)), &rows, error);
    return code == 0 && rows->count == 0 ? lost(claim, error) : code;
}

void job_guard(struct store_session *session, const struct job_claim *claim)
{
    store_session_guard(session, check_fence, (void *)(uintptr_t)claim);
}
