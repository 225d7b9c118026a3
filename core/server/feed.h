/* The thread beside the streams: reads new live events, what a stream missed, and which sessions
 * ended. While nobody asks it to, it reads nothing. */
#ifndef SERVER_FEED_H
#define SERVER_FEED_H

#include "identity/session.h"
#include "module/registry.h"

#define FEED_MISSED_TIME ((int64_t)5 * 60 * 1000000) /* what a stream missed longer ago is lost */
#define FEED_MISSED_MOST 500

/* A live event. */
struct feed_event {
    int64_t id, time, person, audience;
    const char *type, *subject;
};

/* A stream that wants what it missed, and what was found. */
struct feed_join {
    uint64_t stream;
    int64_t last;  /* id of the last event it had; 0: none */
    int64_t since; /* time its page was made; 0: not said */
    struct feed_event *missed;
    size_t count;
    bool lost; /* more happened than can be told: the page reads anew */
};

/* What one round found; all in its arena. */
struct feed_batch {
    struct feed_batch *next;
    struct arena *arena;
    struct feed_event *events; /* new ones, for all streams that have joined */
    size_t event_count;
    struct feed_join *joins; /* they have joined with this */
    size_t join_count;
    uint64_t *over; /* streams whose session is, or whose rights are not what they were */
    size_t over_count;
    bool failed; /* the database does not answer: who may see what cannot be told */
};

struct feed;
struct feed_options {
    struct module_host *host;
    int signal; /* eventfd, written when a batch is there */
};

int feed_new(const struct feed_options *options, struct feed **ret_feed,
             struct portico_error *error);
/* Ends the thread. Accepts NULL. */
void feed_free(struct feed *feed);
/* Loop thread. Whether there are streams at all. */
void feed_watch(struct feed *feed, bool on);
void feed_join(struct feed *feed, uint64_t stream, int64_t last, int64_t since);
/* The sessions to look at in the next round; replaces those before. */
void feed_sessions(struct feed *feed, const struct identity_watched *sessions, size_t count);
/* Something was committed here; any thread. `feed` is a struct feed. */
void feed_nudge(void *feed);
/* All batches so far, oldest first; each freed with feed_batch_free. */
struct feed_batch *feed_take(struct feed *feed);
void feed_batch_free(struct feed_batch *batch);

#endif
