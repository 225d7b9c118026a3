/* Events: CloudEvents written with the change they tell of, and a delivery job for each listener.
 */
#ifndef EVENT_EVENT_H
#define EVENT_EVENT_H

#include "job/job.h"

/* One listener of the generation. */
struct event_listener {
    const char *module, *name;
    const char *types; /* as in struct portico_event_handler */
    unsigned attempts;
    bool in_transaction;
    void *data; /* the module room's */
};
/* CloudEvents type against "a.b.c" or "a.b.*", separated by blanks. */
bool event_matches(const char *types, const char *type);
/* "portal.<module>.<entity>.<pastverb>" of this module; EINVAL otherwise. */
int event_type_check(const char *type, const char *module, struct portico_error *error);

struct event_record {
    int64_t id, time, person, account, audience;
    const char *type, *source, *subject, *trace;
    struct value *data;
};
struct event_emitter {
    const struct event_listener *listeners;
    size_t count;
    /* Runs a listener of the transaction; negative undoes all. */
    int (*run)(const struct event_listener *listener, struct store_session *session,
               const struct event_record *event, void *data, struct portico_error *error);
    void *data;
};
/* Fills id and time if they are 0, writes event and deliveries in the session's open transaction or
 * one of its own, runs the listeners of the transaction. */
int event_emit(struct store_session *session, const struct event_emitter *emitter,
               struct event_record *event, struct portico_error *error);
int event_load(struct store_session *session, int64_t id, struct event_record *ret_event,
               struct portico_error *error);
/* As a CloudEvents 1.0 JSON object (structured mode). */
struct value *event_to_cloudevent(const struct event_record *event, struct arena *arena,
                                  const char *canonical_url);
/* Those after `after`, oldest first, at most `limit`; for `portico event` and streams. */
int event_list(struct store_session *session, const char *types, int64_t after, unsigned limit,
               struct value **ret_events, struct portico_error *error);
int event_prune(struct store_session *session, int64_t age, unsigned most,
                struct portico_error *error);

#endif
