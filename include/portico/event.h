/* Events: what happened, told to whoever listens, never lost once the change is committed.
 *
 * An event is a CloudEvents 1.0 record. It is written in the transaction of the change it tells of,
 * so there is never one without the other. Handlers run inside that transaction, or after it in a
 * jobs process: there at least once, in the order the events of one subject were committed, again
 * with back-off after a failure. */
#ifndef PORTICO_EVENT_H
#define PORTICO_EVENT_H

#include "context.h"

/** Name of the interface. Since 0.1. */
#define PORTICO_EVENTS "portico.event"

/** How an event type behaves beyond its schema; combine with |. */
enum portico_event_type_flag {
    /** Open pages that watch its subject are told that it happened, if the person who reads them is
     * in its audience: type, subject and time, never the data. */
    PORTICO_EVENT_LIVE = 1u << 0,
    /** Something that was shown may be shown no longer, or not in these words: it was removed,
     * held, moved or edited. Answers kept for others (portico_route.cache_seconds), in whichever
     * process, are given out for less than a second more. */
    PORTICO_EVENT_OUTDATES = 1u << 1,
};

/** An event this module emits: its contract with every listener. In .event_types. Since 0.1. */
struct portico_event_type {
    const char *type;  /**< "portal.<id>.<entity>.<pastverb>", such as "portal.ideas.idea.voted" */
    const char *title; /**< English source text */
    const char *description; /**< English source text, for those who listen; NULL: none */
    const char *data_schema; /**< JSON Schema of the data, checked when emitted; required */
    uint32_t flags;          /**< enum portico_event_type_flag */
    uint32_t reserved;       /**< 0 */
};

/** One event as a handler sees it. Everything is borrowed for the call. Since 0.1. */
struct portico_event {
    uint32_t size;    /**< bytes of the struct as this host knows it */
    uint32_t attempt; /**< 1 for the first delivery to this handler */
    portico_id id;    /**< CloudEvents `id`: the same in every delivery; use it to do things once */
    const char *type; /**< CloudEvents `type` */
    const char *source;               /**< CloudEvents `source`: "/modules/<id>" of the emitter */
    const char *subject;              /**< CloudEvents `subject`, such as "topic/123"; "" if none */
    portico_time time;                /**< CloudEvents `time`: when it was emitted */
    portico_id person;                /**< who did it; 0: nobody signed in */
    portico_id account;               /**< for which account; 0: none */
    portico_id audience;              /**< who may learn of it; 0: handlers only */
    const char *trace;                /**< W3C traceparent of the request it came from, or "" */
    const struct portico_value *data; /**< an object that fits the type's schema */
};

/** When a handler runs. */
enum portico_event_phase {
    PORTICO_AFTER_COMMIT = 0,   /**< in a jobs process, once the change is on disk */
    PORTICO_IN_TRANSACTION = 1, /**< at once, in the emitter's transaction */
};

/** A listener. In .event_handlers. Since 0.1. */
struct portico_event_handler {
    const char *name; /**< unique in the module; stays the same over versions */
    /** Types separated by blanks. "portal.ideas.*" stands for all that begin so. */
    const char *types;
    uint32_t phase; /**< enum portico_event_phase */
    /** After commit: tries before it is given up (and shown to admins); 0: 10. */
    uint32_t attempts;
    uint32_t deadline_ms; /**< after commit: running time of one try; 0: 30 s */
    /**
     * After commit, a negative result is tried again with back-off; PORTICO_EINVAL gives up at
     * once. In the transaction, a negative result undoes the emitter's whole transaction, and its
     * time counts in that transaction's 2 s; the context's database is that transaction, and
     * portico_begin in it is refused. The viewer is the emitter's in the transaction, and the host
     * itself after it (no rows are hidden).
     */
    int (*handle)(struct portico_context *context, const struct portico_event *event,
                  struct portico_error *error);
};

/** What is emitted. Since 0.1. */
struct portico_emission {
    uint32_t size;       /**< sizeof(struct portico_emission) */
    const char *type;    /**< one of .event_types of this module */
    const char *subject; /**< such as "topic/123"; NULL: none; orders deliveries */
    portico_id audience; /**< who may learn of it (streams, webhooks); 0: handlers only */
    portico_id account;  /**< 0: the viewer's active account */
    const struct portico_value *data; /**< an object that fits the type's schema, 64 KiB at most */
};

/** The events of a call. Opaque; ends with the call. Since 0.1. */
struct portico_events;

/**
 * `portico.event` 1.0, remotable. Declare "portico.event 1.0" in PORTICO_MODULE_USES. Listening
 * alone needs no declaration. Source: CloudEvents 1.0.2. Since 0.1.
 */
struct portico_event_api {
    struct portico_table table; /**< size and version of this table */
    /** As portico_emit(). */
    int (*emit)(struct portico_events *events, const struct portico_emission *emission,
                portico_id *ret_id, struct portico_error *error);
};
/** Public head: its table. */
struct portico_events {
    const struct portico_event_api *api; /**< what can be done with it */
};

/** The events of this call, or NULL if the module did not declare "portico.event 1.0". Borrowed.
 * Since 0.1. */
#define portico_events(handle)                                                                     \
    ((struct portico_events *)portico_interface((handle), PORTICO_EVENTS, 1))

/**
 * Records an event in the open transaction of this call's database, or in one of its own if none is
 * open, and runs the handlers of that transaction. `ret_id` (may be NULL) gets the event's id. The
 * trace is that of the request, job or event this call is for. EINVAL: the type is not declared,
 * the data does not fit its schema, or the subject has more than 200 bytes or control characters;
 * ELIMIT: the data is larger than 64 KiB, or handlers in the transaction emit more than eight deep;
 * EPERM: portico.event is not declared; otherwise what a handler in the transaction returned, with
 * its sentence: then only a rollback is left. Handler thread. Since 0.1.
 */
static inline int portico_emit(struct portico_events *events,
                               const struct portico_emission *emission, portico_id *ret_id,
                               struct portico_error *error)
{
    return events ? events->api->emit(events, emission, ret_id, error) : portico_undeclared(error);
}

#endif
