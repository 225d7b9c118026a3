/* Into the queue and out of it again: queued, cancelled, tried again by hand. */
#include "job/room.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/json.h"

#include <glib.h>
#include <inttypes.h>

#define KEY_TRIES 5
#define KEY_MAX 255u

static void (*waker)(void *data);
static void *waker_data;

void job_set_waker(void (*wake)(void *data), void *data)
{
    waker = wake;
    waker_data = data;
}

void job_wake_on_commit(struct store_session *session)
{
    if (waker)
        store_on_commit(session, waker, waker_data);
}

int job_lock(struct store_session *session, const char *name, struct portico_error *error)
{
    if (job_is_lite(session))
        return PORTICO_OK;
    struct hash_sum sum = hash_sum_of(name, strlen(name));
    struct value *rows;
    return store_host_query(session, QUEUE "SELECT count(pg_advisory_xact_lock(?::BIGINT))",
                            PORTICO_ARGS(portico_arg_integer((int64_t)sum.words[0])), &rows, error);
}

int job_text(struct store_session *session, const struct value *object, const char *what,
             const char **ret_text, struct portico_error *error)
{
    if (!object) {
        *ret_text = NULL;
        return PORTICO_OK;
    }
    if (object->kind != PORTICO_OBJECT)
        return error_set(error, PORTICO_EINVAL, "%s must be an object.", what);
    struct buffer buffer = { 0 };
    json_write(&buffer, object);
    int code = PORTICO_OK;
    if (!buffer.failed && buffer.length > JOB_ARGUMENTS_MAX)
        code = error_set(error, PORTICO_ELIMIT,
                         "%s has %zu bytes as JSON, at most %d are taken: keep the data in a table "
                         "and pass its id.",
                         what, buffer.length, JOB_ARGUMENTS_MAX);
    char *text = code < 0 || buffer.failed
                     ? NULL
                     : arena_strndup(store_session_arena(session), buffer.data, buffer.length);
    buffer_free(&buffer);
    if (code == 0 && !text)
        code = error_set(error, PORTICO_ENOMEM, "Memory ended while %s was written.", what);
    if (code == 0)
        *ret_text = text;
    return code;
}

struct value *job_object(struct store_session *session, const struct value_cell *cell)
{
    struct value *value = NULL;
    if (cell->kind == PORTICO_TEXT)
        json_parse(store_session_arena(session), cell->text, cell->length, &value, NULL);
    return value;
}

/* The order of queueing is the order of commits within a lane: SQLite has one writer at a time, on
 * PostgreSQL the lane is locked until the transaction ends. */
#define INSERT(sequence)                                                                           \
    QUEUE "INSERT INTO portico_job (id, sequence, module, name, kind, arguments, unique_key, "     \
          "lane, state, due, failures, attempts, fence, stop_asked, done, total, created, "        \
          "person, account, trace) "                                                               \
          "VALUES (?, " sequence ", ?, ?, ?, ?, ?, ?, 0, ?, 0, ?, 0, ?, 0, 0, ?, ?, ?, ?) "        \
          "ON CONFLICT (module, name, unique_key) WHERE state = 0 DO NOTHING"
#define NEXT_LITE "(SELECT coalesce(max(sequence), 0) + 1 FROM portico_job)"
#define NEXT_POSTGRES "nextval('portico_job_order')"

static const char *lane_of(struct store_session *session, const struct job_request *request)
{
    return request->lane ? arena_printf(store_session_arena(session), "%d:%s:%s",
                                        (int)request->kind, request->module, request->lane)
                         : NULL;
}

static int insert(struct store_session *session, const struct job_request *request,
                  const char *arguments, const char *lane, int64_t id, int64_t *ret_changed,
                  struct portico_error *error)
{
    int64_t now = clock_now();
    const struct portico_argument values[] = {
        portico_arg_id(id),
        portico_arg_text(request->module),
        portico_arg_text(request->name),
        portico_arg_integer(request->kind),
        portico_arg_text(arguments),
        portico_arg_text(request->key),
        portico_arg_text(lane),
        portico_arg_time(request->not_before ? request->not_before : now),
        portico_arg_integer(request->attempts ? request->attempts : JOB_ATTEMPTS),
        portico_arg_boolean(0),
        portico_arg_time(now),
        portico_arg_id(request->person),
        portico_arg_id(request->account),
        portico_arg_text(request->trace),
    };
    return store_host_execute(session,
                              job_is_lite(session) ? INSERT(NEXT_LITE) : INSERT(NEXT_POSTGRES),
                              values, G_N_ELEMENTS(values), ret_changed, error);
}

/* The job that waits with this key; 0: none any more. */
static int find_waiting(struct store_session *session, const struct job_request *request,
                        int64_t *ret_id, struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(
        session,
        QUEUE "SELECT id FROM portico_job "
              "WHERE module = ? AND name = ? AND unique_key = ? AND state = 0",
        PORTICO_ARGS(portico_arg_text(request->module), portico_arg_text(request->name),
                     portico_arg_text(request->key)),
        &rows, error);
    if (code == 0)
        *ret_id = rows->count ? value_rows_at(rows, 0)->integer : 0;
    return code;
}

static int queue_in(struct store_session *session, const struct job_request *request,
                    const char *arguments, int64_t *ret_id, struct portico_error *error)
{
    const char *lane = lane_of(session, request);
    if (request->lane && !lane)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while a job was queued.");
    int code = lane ? job_lock(session, lane, error) : PORTICO_OK;
    int64_t id = id_new();
    for (unsigned i = 0; code == 0 && i < KEY_TRIES; i++) {
        int64_t changed = 0, waiting = 0;
        code = insert(session, request, arguments, lane, id, &changed, error);
        if (code == 0 && changed) {
            job_wake_on_commit(session);
            *ret_id = id;
            return PORTICO_OK;
        }
        /* It may have been claimed in between: then this one is added after all. */
        if (code == 0)
            code = find_waiting(session, request, &waiting, error);
        if (code == 0 && waiting) {
            *ret_id = waiting;
            return PORTICO_EEXIST;
        }
    }
    return code < 0 ? code
                    : error_set(error, PORTICO_EBUSY,
                                "Jobs with the key \"%.80s\" come and go too fast: try again.",
                                request->key);
}

int job_queue(struct store_session *session, const struct job_request *request, int64_t *ret_id,
              struct portico_error *error)
{
    const char *arguments = NULL;
    int64_t id = 0;
    int code =
        job_text(session, request->arguments, "What a job is queued with", &arguments, error);
    if (code < 0)
        return code;
    if ((request->key && strlen(request->key) > KEY_MAX) ||
        (request->lane && strlen(request->lane) > 2 * KEY_MAX))
        return error_set(error, PORTICO_EINVAL,
                         "The key or lane of job %s is longer than %u bytes: hash it.",
                         request->name, KEY_MAX);
    bool own = !store_in_transaction(session);
    code = own ? store_begin(session, error) : PORTICO_OK;
    if (code < 0)
        return code;
    code = queue_in(session, request, arguments, &id, error);
    if (own && code == 0)
        code = store_commit(session, error);
    else if (own)
        store_rollback(session);
    if (code == PORTICO_EEXIST)
        error_set(error, code, "Job %s waits with the key \"%.80s\" already.", request->name,
                  request->key);
    if ((code == 0 || code == PORTICO_EEXIST) && ret_id)
        *ret_id = id;
    return code;
}

static int cancel_in(struct store_session *session, const char *module, int64_t id,
                     struct portico_error *error)
{
    struct value *rows;
    int64_t changed = 0;
    int code =
        store_host_query(session, QUEUE "SELECT lane FROM portico_job WHERE id = ? AND state < 2",
                         PORTICO_ARGS(portico_arg_id(id)), &rows, error);
    const struct value_cell *lane = code == 0 && rows->count ? value_rows_at(rows, 0) : NULL;
    bool laned = lane && lane->kind == PORTICO_TEXT;
    if (laned)
        code = lane_lock(session, lane->text, error);
    if (code == 0)
        code =
            store_host_execute(session,
                               QUEUE "UPDATE portico_job SET "
                                     "stop_asked = ?, "
                                     "finished = CASE WHEN state = 0 THEN ? ELSE finished END, "
                                     "state = CASE WHEN state = 0 THEN 4 ELSE state END "
                                     "WHERE id = ? AND module = coalesce(?, module) AND state < 2",
                               PORTICO_ARGS(portico_arg_boolean(1), portico_arg_time(clock_now()),
                                            portico_arg_id(id), portico_arg_text(module)),
                               &changed, error);
    if (code == 0 && changed == 0)
        return error_set(error, PORTICO_ENOENT, "There is no job %" PRId64 ", or it is over.", id);
    return code == 0 && laned ? lane_advance(session, lane->text, error) : code;
}

int job_cancel(struct store_session *session, const char *module, int64_t id,
               struct portico_error *error)
{
    bool own = !store_in_transaction(session);
    int code = own ? store_begin(session, error) : PORTICO_OK;
    if (code < 0)
        return code;
    code = cancel_in(session, module, id, error);
    if (own && code == 0)
        return store_commit(session, error);
    if (own)
        store_rollback(session);
    return code;
}

#define RETRY(sequence)                                                                            \
    QUEUE "UPDATE portico_job SET sequence = " sequence ", " KEY_IF_FREE ", "                      \
          "state = 0, parked = 0, due = ?, failures = 0, stop_asked = ?, finished = NULL, runner " \
          "= NULL "                                                                                \
          "WHERE id = ? AND state > 2"

/* Behind those of its lane that wait now: one lane never runs twice. */
static int retry_in(struct store_session *session, int64_t id, struct portico_error *error)
{
    struct value *rows;
    int code =
        store_host_query(session, QUEUE "SELECT lane FROM portico_job WHERE id = ? AND state > 2",
                         PORTICO_ARGS(portico_arg_id(id)), &rows, error);
    if (code < 0)
        return code;
    if (rows->count == 0)
        return error_set(error, PORTICO_ENOENT,
                         "There is no job %" PRId64 " that was given up or cancelled.", id);
    const struct value_cell *lane = value_rows_at(rows, 0);
    if (lane->kind == PORTICO_TEXT)
        code = job_lock(session, lane->text, error);
    int64_t changed = 0;
    if (code == 0)
        code = store_host_execute(
            session, job_is_lite(session) ? RETRY(NEXT_LITE) : RETRY(NEXT_POSTGRES),
            PORTICO_ARGS(portico_arg_time(clock_now()), portico_arg_boolean(0), portico_arg_id(id)),
            &changed, error);
    if (code == 0)
        job_wake_on_commit(session);
    return code;
}

int job_retry(struct store_session *session, int64_t id, struct portico_error *error)
{
    bool own = !store_in_transaction(session);
    int code = own ? store_begin(session, error) : PORTICO_OK;
    if (code < 0)
        return code;
    code = retry_in(session, id, error);
    if (own && code == 0)
        return store_commit(session, error);
    if (own)
        store_rollback(session);
    return code;
}
