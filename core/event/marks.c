/* Events as those see them who are told that something happened: without data, in their order. */
#include "event/event.h"

#include "base/error.h"

#define EVENTS "{unfiltered the host's own events} "
#define COLUMNS "id, sequence, time, person, audience, type, subject "

static int64_t id_or_none(const struct value_cell *cell)
{
    return cell->kind == PORTICO_NULL ? 0 : cell->integer;
}

static int read_marks(struct store_session *session, const struct value *rows,
                      struct event_mark **ret_marks, size_t *ret_count, struct portico_error *error)
{
    struct event_mark *marks =
        arena_alloc(store_session_arena(session), (rows->count + 1) * sizeof *marks);
    if (!marks)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while events were read.");
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct value_cell *cells = value_rows_at(rows, i);
        marks[i] = (struct event_mark){ .id = cells[0].integer,
                                        .sequence = cells[1].integer,
                                        .time = cells[2].integer,
                                        .person = id_or_none(&cells[3]),
                                        .audience = id_or_none(&cells[4]),
                                        .type = cells[5].text,
                                        .subject = cells[6].text };
    }
    *ret_marks = marks;
    *ret_count = rows->count;
    return PORTICO_OK;
}

int event_marks_after(struct store_session *session, int64_t after, struct event_mark **ret_marks,
                      size_t *ret_count, struct portico_error *error)
{
    struct value *rows = NULL;
    int code = store_host_query(
        session,
        EVENTS "SELECT " COLUMNS "FROM portico_event WHERE sequence > ? ORDER BY sequence LIMIT ?",
        PORTICO_ARGS(portico_arg_integer(after), portico_arg_integer(EVENT_MARKS_MAX)), &rows,
        error);
    return code < 0 ? code : read_marks(session, rows, ret_marks, ret_count, error);
}

int event_marks_last(struct store_session *session, struct event_mark **ret_marks,
                     size_t *ret_count, struct portico_error *error)
{
    struct value *rows = NULL;
    int code = store_host_query(
        session, EVENTS "SELECT " COLUMNS "FROM portico_event ORDER BY sequence DESC LIMIT ?",
        PORTICO_ARGS(portico_arg_integer(EVENT_MARKS_MAX)), &rows, error);
    return code < 0 ? code : read_marks(session, rows, ret_marks, ret_count, error);
}

/* By the index of times: the signs keep the database from walking the whole order instead. */
int event_marks_since(struct store_session *session, int64_t time, int64_t after,
                      struct event_mark **ret_marks, size_t *ret_count, struct portico_error *error)
{
    struct value *rows = NULL;
    int code = store_host_query(session,
                                EVENTS "SELECT " COLUMNS
                                       "FROM portico_event WHERE time >= ? AND + sequence > ? "
                                       "ORDER BY + sequence LIMIT ?",
                                PORTICO_ARGS(portico_arg_time(time), portico_arg_integer(after),
                                             portico_arg_integer(EVENT_MARKS_MAX)),
                                &rows, error);
    return code < 0 ? code : read_marks(session, rows, ret_marks, ret_count, error);
}

int event_mark_find(struct store_session *session, int64_t id, int64_t *ret_sequence,
                    struct portico_error *error)
{
    struct value *rows = NULL;
    int code = store_host_query(session, EVENTS "SELECT sequence FROM portico_event WHERE id = ?",
                                PORTICO_ARGS(portico_arg_id(id)), &rows, error);
    if (code < 0)
        return code;
    if (rows->count == 0)
        return error_set(error, PORTICO_ENOENT, "There is no such event, or not any more.");
    *ret_sequence = value_rows_at(rows, 0)->integer;
    return PORTICO_OK;
}
