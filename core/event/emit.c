/* Writing an event with its deliveries, and running those who listen in the transaction. */
#include "event/event.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "base/json.h"

#include <glib.h>
#include <inttypes.h>
#include <stdio.h>

#define EVENTS "{unfiltered the host's own events} "

#define INSERT(sequence)                                                                           \
    EVENTS "INSERT INTO portico_event (id, sequence, type, source, subject, time, person, "        \
           "account, audience, trace, data) "                                                      \
           "VALUES (?, " sequence ", ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING sequence"

/* CloudEvents 1.0.2, section 2.1, String: no control characters, no noncharacters. */
static bool is_string(const char *text, size_t most)
{
    size_t length = strlen(text);
    if (length > most || !text_is_utf8(text, length))
        return false;
    for (const char *at = text; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        bool control = c < 0x20 || (c >= 0x7f && c < 0xa0);
        bool none = (c >= 0xfdd0 && c <= 0xfdef) || (c & 0xfffe) == 0xfffe;
        if (control || none)
            return false;
    }
    return true;
}

static int check(const struct event_record *event, struct portico_error *error)
{
    if (!event->type || !*event->type || !event->source || !*event->source)
        return error_set(error, PORTICO_EINVAL, "An event needs its type and source.");
    if (!event->data || event->data->kind != PORTICO_OBJECT)
        return error_set(error, PORTICO_EINVAL, "The data of event %s must be an object.",
                         event->type);
    if (!is_string(event->subject, EVENT_SUBJECT_MAX))
        return error_set(error, PORTICO_EINVAL,
                         "The subject of event %s is longer than %d bytes or has characters that "
                         "cannot be shown: write such as \"topic/123\".",
                         event->type, EVENT_SUBJECT_MAX);
    return PORTICO_OK;
}

static int data_text(struct store_session *session, const struct event_record *event,
                     const char **ret_text, struct portico_error *error)
{
    struct buffer buffer = { 0 };
    json_write(&buffer, event->data);
    int code = PORTICO_OK;
    char *text = NULL;
    if (buffer.length > EVENT_DATA_MAX)
        code = error_set(error, PORTICO_ELIMIT,
                         "The data of event %s has %zu bytes as JSON, at most %d are taken: say "
                         "which row changed, not what it holds.",
                         event->type, buffer.length, EVENT_DATA_MAX);
    else if (!buffer.failed)
        text = arena_strndup(store_session_arena(session), buffer.data, buffer.length);
    buffer_free(&buffer);
    if (code == 0 && !text)
        code = error_set(error, PORTICO_ENOMEM, "Memory ended while an event was written.");
    if (code == 0)
        *ret_text = text;
    return code;
}

static int insert(struct store_session *session, struct event_record *event,
                  struct portico_error *error)
{
    static const char *const statements[] = {
        [STORE_SQLITE] = INSERT("(SELECT coalesce(max(sequence), 0) + 1 FROM portico_event)"),
        [STORE_POSTGRES] = INSERT("nextval('portico_event_order')"),
    };
    const char *data = NULL;
    int code = data_text(session, event, &data, error);
    if (code < 0)
        return code;
    struct value *rows;
    code = store_host_query(
        session, statements[store_kind(store_session_store(session))],
        PORTICO_ARGS(portico_arg_id(event->id), portico_arg_text(event->type),
                     portico_arg_text(event->source), portico_arg_text(event->subject),
                     portico_arg_time(event->time), portico_arg_id(event->person),
                     portico_arg_id(event->account), portico_arg_id(event->audience),
                     portico_arg_text(event->trace), portico_arg_text(data)),
        &rows, error);
    if (code == 0)
        event->sequence = value_rows_at(rows, 0)->integer;
    return code;
}

static int deliver(struct store_session *session, const struct event_listener *listener,
                   const struct event_record *event, struct portico_error *error)
{
    struct arena *arena = store_session_arena(session);
    struct value *arguments = value_new(arena, PORTICO_OBJECT);
    char id[24];
    snprintf(id, sizeof id, "%" PRId64, event->id);
    bool ordered = *event->subject && !listener->one_lane;
    const char *lane = listener->one_lane ? listener->name : NULL;
    if (ordered)
        lane = arena_printf(arena, "%s:%s:%s", listener->name, event->source, event->subject);
    if (!arguments || value_set_text(arguments, "event", id) < 0 || (ordered && !lane))
        return error_set(error, PORTICO_ENOMEM, "Memory ended while an event was written.");
    const struct job_request request = {
        .module = listener->module,
        .name = listener->name,
        .kind = JOB_EVENT,
        .arguments = arguments,
        .lane = lane,
        .attempts = listener->attempts,
        .person = event->person,
        .account = event->account,
        .trace = event->trace,
    };
    return job_queue(session, &request, NULL, error);
}

int64_t event_of_delivery(const struct job_claim *claim)
{
    const struct value *id = claim->arguments ? value_get(claim->arguments, TEXT("event")) : NULL;
    long long number = 0;
    if (!id || id->kind != PORTICO_TEXT ||
        !text_to_int64((struct text){ id->text, id->count }, &number))
        return 0;
    return number;
}

/* Deliveries first: what a handler in the transaction emits about the same subject comes after. */
static int write_all(struct store_session *session, const struct event_emitter *emitter,
                     struct event_record *event, struct portico_error *error)
{
    int code = insert(session, event, error);
    for (size_t i = 0; code == 0 && i < emitter->count; i++) {
        const struct event_listener *listener = &emitter->listeners[i];
        if (!listener->in_transaction && event_matches(listener->types, event->type))
            code = deliver(session, listener, event, error);
    }
    return code;
}

static int run_all(struct store_session *session, const struct event_emitter *emitter,
                   const struct event_record *event, struct portico_error *error)
{
    struct portico_error said = PORTICO_ERROR_INIT;
    for (size_t i = 0; i < emitter->count; i++) {
        const struct event_listener *listener = &emitter->listeners[i];
        if (!listener->in_transaction || !event_matches(listener->types, event->type))
            continue;
        int code = emitter->run(listener, session, event, emitter->data, &said);
        if (code >= 0)
            continue;
        char reason[PORTICO_ERROR_MESSAGE_MAX + 300];
        snprintf(
            reason, sizeof reason,
            "The handler %s of module %s refused the event %s in this transaction, " EVENT_REFUSED
            "%s",
            listener->name, listener->module, event->type,
            said.message[0] ? said.message : error_name(code));
        store_doom(session, reason);
        return error_set(error, code, "%s", reason);
    }
    return PORTICO_OK;
}

static int emit_in(struct store_session *session, const struct event_emitter *emitter,
                   struct event_record *event, struct portico_error *error)
{
    int code = write_all(session, emitter, event, error);
    if (emitter->outdates)
        store_outdate(session);
    if (code == 0 && emitter->committed)
        store_on_commit(session, emitter->committed, emitter->committed_data);
    if (code < 0)
        store_doom(session, "An event of this transaction could not be written: roll it back.");
    return code < 0 ? code : run_all(session, emitter, event, error);
}

int event_emit(struct store_session *session, const struct event_emitter *emitter,
               struct event_record *event, struct portico_error *error)
{
    if (!event->subject)
        event->subject = "";
    int code = check(event, error);
    if (code < 0)
        return code;
    if (emitter->depth >= EVENT_DEPTH_MAX)
        return error_set(error, PORTICO_ELIMIT,
                         "The event %s comes from handlers in a transaction that emit in turn, "
                         "%d deep: one of them listens to what it causes. Make it an "
                         "after-commit handler.",
                         event->type, EVENT_DEPTH_MAX);
    if (!event_trace_is_good(event->trace)) {
        char *trace = arena_alloc(store_session_arena(session), EVENT_TRACE_SIZE);
        if (!trace)
            return error_set(error, PORTICO_ENOMEM, "Memory ended while an event was written.");
        event_trace_make(trace);
        event->trace = trace;
    }
    event->id = event->id ? event->id : id_new();
    event->time = event->time ? event->time : clock_now();
    if (store_in_transaction(session))
        return emit_in(session, emitter, event, error);
    code = store_begin(session, error);
    if (code < 0)
        return code;
    code = emit_in(session, emitter, event, error);
    if (code == 0)
        return store_commit(session, error);
    store_rollback(session);
    return code;
}
