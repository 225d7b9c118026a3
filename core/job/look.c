/* What became of jobs: one, a list, figures; and the end of those that are long over. */
#include "job/room.h"

#include "base/clock.h"

#define LIST_MAX 1000u

static const char *const state_names[] = { "waiting", "running", "done", "failed", "cancelled" };

#define COLUMNS                                                                                    \
    "id AS \"id:id\", module, name, state, kind, "                                                 \
    "failures + CASE WHEN state IN (0, 1, 2) THEN 1 ELSE 0 END AS attempt, attempts, done, "       \
    "total, note, error, CASE WHEN state = 0 THEN due ELSE NULL END AS \"next:time\", lane, "      \
    "CASE WHEN state = 1 THEN runner ELSE NULL END AS runner, created AS \"created:time\", "       \
    "finished AS \"finished:time\", stop_asked AS \"stop_asked:boolean\", trace "
enum { STATE_COLUMN = 3 };

int job_state_named(const char *word)
{
    for (int i = JOB_WAITING; i <= JOB_CANCELLED; i++)
        if (strcmp(state_names[i], word) == 0)
            return i;
    return -1;
}

/* A row as an object with the state in a word. */
static struct value *object_of(const struct value *rows, uint32_t row)
{
    struct value *object = value_new(rows->arena, PORTICO_OBJECT);
    const struct value_cell *cells = value_rows_at(rows, row);
    for (uint32_t i = 0; object && i < rows->rows->column_count; i++) {
        struct value *value = value_from_cell(rows->arena, &cells[i]);
        if (i == STATE_COLUMN && cells[i].integer >= 0 && cells[i].integer <= JOB_CANCELLED)
            value = value_text(rows->arena, state_names[cells[i].integer],
                               strlen(state_names[cells[i].integer]));
        if (!value || value_set(object, rows->rows->columns[i], value) < 0)
            return NULL;
    }
    return object;
}

int job_look(struct store_session *session, const char *module, int64_t id, struct value **ret_job,
             struct portico_error *error)
{
    struct value *rows;
    int code =
        store_host_query(session,
                         QUEUE "SELECT " COLUMNS ", arguments FROM portico_job "
                               "WHERE id = ? AND module = coalesce(?, module)",
                         PORTICO_ARGS(portico_arg_id(id), portico_arg_text(module)), &rows, error);
    if (code < 0)
        return code;
    if (rows->count == 0)
        return error_set(error, PORTICO_ENOENT,
                         "There is no such job, or it has been over for so long that it is gone.");
    struct value *job = object_of(rows, 0);
    if (!job)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while a job was read.");
    *ret_job = job;
    return PORTICO_OK;
}

int job_list(struct store_session *session, int state, unsigned limit, struct value **ret_jobs,
             struct portico_error *error)
{
    struct value *rows;
    int code =
        store_host_query(session,
                         QUEUE "SELECT " COLUMNS "FROM portico_job "
                               "WHERE ? < 0 OR state = ? ORDER BY sequence DESC LIMIT ?",
                         PORTICO_ARGS(portico_arg_integer(state), portico_arg_integer(state),
                                      portico_arg_integer(limit < LIST_MAX ? limit : LIST_MAX)),
                         &rows, error);
    if (code < 0)
        return code;
    struct value *list = value_new(rows->arena, PORTICO_LISTING);
    for (uint32_t i = 0; list && i < rows->count; i++) {
        struct value *job = object_of(rows, i);
        if (!job || value_append(list, job) < 0)
            list = NULL;
    }
    if (!list)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while jobs were listed.");
    *ret_jobs = list;
    return PORTICO_OK;
}

int job_list_own(struct store_session *session, const char *name, int64_t person, int64_t id,
                 unsigned limit, struct value **ret_jobs, struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(
        session,
        QUEUE "SELECT " COLUMNS ", arguments, saved FROM portico_job "
              "WHERE module = 'portico' AND person = ? AND name = ? AND (? = 0 OR id = ?) "
              "ORDER BY sequence DESC LIMIT ?",
        PORTICO_ARGS(portico_arg_id(person), portico_arg_text(name), portico_arg_integer(id),
                     portico_arg_integer(id), portico_arg_integer(limit)),
        &rows, error);
    if (code < 0)
        return code;
    struct value *list = value_new(rows->arena, PORTICO_LISTING);
    for (uint32_t i = 0; list && i < rows->count; i++) {
        const struct value_cell *last = value_rows_at(rows, i) + rows->rows->column_count - 2;
        struct value *job = object_of(rows, i);
        struct value *arguments = job_object(session, &last[0]);
        struct value *saved = job_object(session, &last[1]);
        if (!job || value_append(list, job) < 0 ||
            (arguments && value_set(job, TEXT("arguments"), arguments) < 0) ||
            (saved && value_set(job, TEXT("saved"), saved) < 0))
            list = NULL;
    }
    if (!list)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while jobs were listed.");
    *ret_jobs = list;
    return PORTICO_OK;
}

static int oldest_due(struct store_session *session, struct value *figures,
                      struct portico_error *error)
{
    int64_t now = clock_now();
    struct value *rows;
    int code = store_host_query(session,
                                QUEUE "SELECT min(due) FROM portico_job "
                                      "WHERE state < 2 AND state = 0 AND due <= ?",
                                PORTICO_ARGS(portico_arg_time(now)), &rows, error);
    if (code < 0)
        return code;
    const struct value_cell *due = value_rows_at(rows, 0);
    value_set_integer(figures, "oldest_due_age",
                      due->kind == PORTICO_NULL ? 0 : now - due->integer);
    return PORTICO_OK;
}

/* Sets the figures of the states from `first` to `last`, which `sql` counts. */
static int count_states(struct store_session *session, const char *sql, int first, int last,
                        struct value *figures, struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(session, sql, PORTICO_NO_ARGS, &rows, error);
    if (code < 0)
        return code;
    for (int i = first; i <= last; i++)
        value_set_integer(figures, state_names[i], 0);
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct value_cell *cells = value_rows_at(rows, i);
        if (cells[0].integer >= first && cells[0].integer <= last)
            value_set_integer(figures, state_names[cells[0].integer], cells[1].integer);
    }
    return PORTICO_OK;
}

int job_figures_open(struct store_session *session, struct value **ret_figures,
                     struct portico_error *error)
{
    struct value *figures = value_new(store_session_arena(session), PORTICO_OBJECT);
    if (!figures)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while jobs were counted.");
    int code = count_states(session, JOB_COUNT_OPEN, JOB_WAITING, JOB_RUNNING, figures, error);
    if (code == 0)
        code = oldest_due(session, figures, error);
    if (code == 0)
        *ret_figures = figures;
    return code;
}

int job_figures(struct store_session *session, struct value **ret_figures,
                struct portico_error *error)
{
    struct value *figures;
    int code = job_figures_open(session, &figures, error);
    if (code == 0)
        code = count_states(session, JOB_COUNT_OVER, JOB_DONE, JOB_CANCELLED, figures, error);
    if (code == 0)
        *ret_figures = figures;
    return code;
}

/* The newest row stays: the next one's place in the order is counted from it. */
int job_prune(struct store_session *session, int64_t age, unsigned most,
              struct portico_error *error)
{
    int64_t removed = 0;
    int code = store_host_execute(
        session,
        QUEUE "DELETE FROM portico_job WHERE id IN (SELECT id FROM portico_job "
              "WHERE state IN (2, 3, 4) AND finished < ? "
              "AND sequence < (SELECT max(sequence) FROM portico_job) LIMIT ?)",
        PORTICO_ARGS(portico_arg_time(clock_now() - age), portico_arg_integer(most)), &removed,
        error);
    return code < 0 ? code : (int)removed;
}
