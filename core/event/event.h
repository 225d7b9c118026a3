/* Events: CloudEvents written with the change they tell of, and a delivery job for each listener.
 */
#ifndef EVENT_EVENT_H
#define EVENT_EVENT_H

#include "job/job.h"

#define EVENT_DATA_MAX 65536
#define EVENT_SUBJECT_MAX 200
#define EVENT_TRACE_SIZE 56 /* a traceparent and its NUL */
/* How deep events may come from handlers in the transaction of an event. */
#define EVENT_DEPTH_MAX 8

/* Stands before what a handler in the transaction said when it refused an event. */
#define EVENT_REFUSED "of which only the rollback is left: "

/* One listener of the generation. */
struct event_listener {
    const char *module, *name;
    const char *types; /* as in struct portico_event_handler */
    unsigned attempts;
    bool in_transaction;
    bool one_lane; /* its deliveries come one after another whatever their subject */
    void *data;    /* the module room's */
};
/* CloudEvents type against "a.b.c" or "a.b.*", separated by blanks. */
bool event_matches(const char *types, const char *type);
/* EINVAL with a sentence that quotes the first pattern that is none. */
int event_patterns_check(const char *types, struct portico_error *error);
/* "portal.<module>.<entity>.<pastverb>" of this module; EINVAL otherwise. */
int event_type_check(const char *type, const char *module, struct portico_error *error);

struct event_record {
    int64_t id, time, person, account, audience;
    int64_t sequence; /* set by event_emit and event_load */
    const char *type, *source;
    const char *subject; /* "" if none */
    const char *trace;   /* a traceparent */
    struct value *data;  /* an object */
};
struct event_emitter {
    const struct event_listener *listeners;
    size_t count;
    /* Runs a listener of the transaction; negative undoes all. */
    int (*run)(const struct event_listener *listener, struct store_session *session,
               const struct event_record *event, void *data, struct portico_error *error);
    void *data;
    unsigned depth; /* of handlers in the transaction that this emission comes from */
    /* Told once the transaction has committed, on its thread; NULL: nobody is. */
    void (*committed)(void *data);
    void *committed_data;
    bool outdates; /* the transaction takes something from view, see store_outdate */
};
/* Fills id and time if they are 0 and the trace if it is NULL or wrong, writes event and deliveries
 * in the session's open transaction or one of its own, runs the listeners of the transaction. When
 * a listener fails, only a rollback of the open transaction is left. A delivery's lane is handler,
 * source and subject: they reach a handler in the order they were committed. */
int event_emit(struct store_session *session, const struct event_emitter *emitter,
               struct event_record *event, struct portico_error *error);
/* In the session's memory; ENOENT: pruned. */
int event_load(struct store_session *session, int64_t id, struct event_record *ret_event,
               struct portico_error *error);
/* The event a delivery job is for; 0 if the arguments are none. */
int64_t event_of_delivery(const struct job_claim *claim);

/* As a CloudEvents 1.0.2 JSON object (structured mode). `canonical_url` NULL or "": the source
 * stays relative. NULL when memory ended. */
struct value *event_to_cloudevent(const struct event_record *event, struct arena *arena,
                                  const char *canonical_url);

/* Those whose sequence is greater than `after`, lowest first, at most `limit`; `types` NULL: all.
 * On PostgreSQL one that was emitted earlier may be committed later: whoever must not miss any is a
 * handler. Objects: "id", "sequence", "type", "source", "subject", "time", "person", "account",
 * "audience", "trace", "data". */
int event_list(struct store_session *session, const char *types, int64_t after, unsigned limit,
               struct value **ret_events, struct portico_error *error);
/* An event without its data, for those who are told that it happened. */
struct event_mark {
    int64_t id, sequence, time, person, audience;
    const char *type, *subject;
};
#define EVENT_MARKS_MAX 1000
/* At most EVENT_MARKS_MAX each, in the session's memory. `_after`: of a greater sequence, lowest
 * first. `_last`: the newest, highest first. `_since`: of that time or later and of a greater
 * sequence, lowest first. On PostgreSQL see event_list. */
int event_marks_after(struct store_session *session, int64_t after, struct event_mark **ret_marks,
                      size_t *ret_count, struct portico_error *error);
int event_marks_last(struct store_session *session, struct event_mark **ret_marks,
                     size_t *ret_count, struct portico_error *error);
int event_marks_since(struct store_session *session, int64_t time, int64_t after,
                      struct event_mark **ret_marks, size_t *ret_count,
                      struct portico_error *error);
/* ENOENT: it is not there, or not any more. */
int event_mark_find(struct store_session *session, int64_t id, int64_t *ret_sequence,
                    struct portico_error *error);

/* The time before which events may go: older than `age` µs, and none that a delivery under way may
 * need. It holds for one run of event_prune in slices. */
int event_prune_before(struct store_session *session, int64_t age, int64_t *ret_before,
                       struct portico_error *error);
/* Removes events of before `before`, at most `most`. How many they were. */
int event_prune(struct store_session *session, int64_t before, unsigned most,
                struct portico_error *error);

/* W3C Trace Context: whether `text` is a traceparent this portal may pass on, and a new one. */
bool event_trace_is_good(const char *text);
void event_trace_make(char ret_trace[EVENT_TRACE_SIZE]);

#endif
