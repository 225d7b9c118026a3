/* Events read back: one for its delivery, many for status; and the end of old ones. */
#include "event/event.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"

#define EVENTS "{unfiltered the host's own events} "
#define COLUMNS "id, sequence, type, source, subject, time, person, account, audience, trace, data "
#define LIST_MAX 1000u
#define BATCH 1000
#define DAY INT64_C(86400000000) /* µs */

static int64_t id_or_none(const struct value_cell *cell)
{
    return cell->kind == PORTICO_NULL ? 0 : cell->integer;
}

static int read_row(const struct value *rows, uint32_t row, struct event_record *ret_event,
                    struct portico_error *error)
{
    const struct value_cell *cells = value_rows_at(rows, row);
    struct value *data = NULL;
    int code = json_parse(rows->arena, cells[10].text, cells[10].length, &data, error);
    if (code < 0)
        return code;
    *ret_event = (struct event_record){
        .id = cells[0].integer,
        .sequence = cells[1].integer,
        .type = cells[2].text,
        .source = cells[3].text,
        .subject = cells[4].text,
        .time = cells[5].integer,
        .person = id_or_none(&cells[6]),
        .account = id_or_none(&cells[7]),
        .audience = id_or_none(&cells[8]),
        .trace = cells[9].text,
        .data = data,
    };
    return PORTICO_OK;
}

int event_load(struct store_session *session, int64_t id, struct event_record *ret_event,
               struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(session, EVENTS "SELECT " COLUMNS "FROM portico_event WHERE id = ?",
                                PORTICO_ARGS(portico_arg_id(id)), &rows, error);
    if (code < 0)
        return code;
    if (rows->count == 0)
        return error_set(error, PORTICO_ENOENT,
                         "The event is not there any more: it was older than events are kept.");
    return read_row(rows, 0, ret_event, error);
}

static int set_number(struct value *object, const char *key, uint32_t kind, int64_t number)
{
    struct value *value = value_scalar(object->arena, number ? kind : PORTICO_NULL, number, 0);
    return value ? value_set(object, text_of(key), value) : -1;
}

static struct value *object_of(struct arena *arena, const struct event_record *event)
{
    struct value *object = value_new(arena, PORTICO_OBJECT);
    if (!object)
        return NULL;
    int failed = set_number(object, "id", PORTICO_ID, event->id);
    failed |= value_set_integer(object, "sequence", event->sequence);
    failed |= value_set_text(object, "type", event->type);
    failed |= value_set_text(object, "source", event->source);
    failed |= value_set_text(object, "subject", event->subject);
    failed |= set_number(object, "time", PORTICO_TIME, event->time);
    failed |= set_number(object, "person", PORTICO_ID, event->person);
    failed |= set_number(object, "account", PORTICO_ID, event->account);
    failed |= set_number(object, "audience", PORTICO_ID, event->audience);
    failed |= value_set_text(object, "trace", event->trace);
    failed |= value_set(object, TEXT("data"), event->data);
    return failed ? NULL : object;
}

/* Adds those of a batch that match; 0 when it was the last. */
static int add_batch(struct store_session *session, const char *types, int64_t *after,
                     unsigned limit, struct value *list, struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(
        session,
        EVENTS "SELECT " COLUMNS "FROM portico_event WHERE sequence > ? "
               "ORDER BY sequence LIMIT ?",
        PORTICO_ARGS(portico_arg_integer(*after), portico_arg_integer(BATCH)), &rows, error);
    for (uint32_t i = 0; code == 0 && i < rows->count && list->count < limit; i++) {
        struct event_record event;
        code = read_row(rows, i, &event, error);
        if (code < 0)
            return code;
        *after = event.sequence;
        if (types && !event_matches(types, event.type))
            continue;
        struct value *object = object_of(rows->arena, &event);
        if (!object || value_append(list, object) < 0)
            return error_set(error, PORTICO_ENOMEM, "Memory ended while events were listed.");
    }
    return code < 0 ? code : rows->count == BATCH && list->count < limit;
}

int event_list(struct store_session *session, const char *types, int64_t after, unsigned limit,
               struct value **ret_events, struct portico_error *error)
{
    struct value *list = value_new(store_session_arena(session), PORTICO_LISTING);
    if (!list)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while events were listed.");
    int code;
    limit = limit < LIST_MAX ? limit : LIST_MAX;
    do {
        code = add_batch(session, types, &after, limit, list, error);
    } while (code == 1);
    if (code == 0)
        *ret_events = list;
    return code;
}

/* A delivery that is not over keeps all events from a day before it was queued, which is more than
 * any call takes. */
int event_prune_before(struct store_session *session, int64_t age, int64_t *ret_before,
                       struct portico_error *error)
{
    int64_t before = clock_now() - age;
    struct value *rows;
    int code = store_host_query(
        session, EVENTS "SELECT min(created) FROM portico_job WHERE state < 2 AND kind = 2",
        PORTICO_NO_ARGS, &rows, error);
    if (code < 0)
        return code;
    const struct value_cell *oldest = value_rows_at(rows, 0);
    if (oldest->kind != PORTICO_NULL && oldest->integer - DAY < before)
        before = oldest->integer - DAY;
    *ret_before = before;
    return PORTICO_OK;
}

/* The newest row stays: the next one's place in the order is counted from it. */
int event_prune(struct store_session *session, int64_t before, unsigned most,
                struct portico_error *error)
{
    int64_t removed = 0;
    int code = store_host_execute(
        session,
        EVENTS "DELETE FROM portico_event WHERE id IN (SELECT id FROM portico_event "
               "WHERE time < ? AND sequence < (SELECT max(sequence) FROM portico_event) LIMIT ?)",
        PORTICO_ARGS(portico_arg_time(before), portico_arg_integer(most)), &removed, error);
    return code < 0 ? code : (int)removed;
}
