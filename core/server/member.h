/* What every process of a generation has beside its work: the modules, a loop, the channel to the
 * supervisor, shared pages, a beat, and the way out. worker.c and jobs.c add what they do. */
#ifndef SERVER_MEMBER_H
#define SERVER_MEMBER_H

#include "server/board.h"
#include "server/room.h"
#include "server/shared.h"
#include "server/worker.h"

#include <event2/event.h>

struct member;

/* What a kind of process does with what happens to it. All on the loop. */
struct member_kind {
    const char *word; /* in log lines: "worker 3" */
    bool files;       /* serves static files */
    /* A message of the supervisor other than "drain". */
    void (*message)(struct member *member, const char *type, const struct value *message);
    /* Once: take nothing new, call member_end when what is under way is done. `give` is where idle
     * connections go, or -1; the callee's to close. */
    void (*drain)(struct member *member, int give);
    void (*late)(struct member *member); /* the draining time is over */
    void (*beat)(struct member *member); /* five times a second */
    void (*turn)(struct member *member); /* after every turn of the loop */
};

struct member {
    const struct member_kind *kind;
    const struct worker_options *options;
    struct server_page *page;
    struct board *board;
    struct room room;
    struct event_base *base;
    struct event *channel_event, *beat_event, *limit_event, *term_event;
    bool draining, ended;
    int exit_code;
    char name[32];
};

/* Opens all of it and starts the modules; `member` is zero. Config problems are in `report`. */
int member_open(struct member *member, const struct member_kind *kind,
                const struct worker_options *options, struct buffer *report,
                struct portico_error *error);
/* Turns the loop until member_end. */
void member_loop(struct member *member);
void member_end(struct member *member, int exit_code);
/* Begins draining by itself, with this limit in µs. */
void member_drain(struct member *member, int give, int64_t limit);
/* Frees what member_open made; accepts a half-open one. */
void member_close(struct member *member);

/* Tells the supervisor why this process does not start; returns the exit code to end with. */
int member_refuse(struct buffer *report, const char *message);
/* A message of one text member (`key` NULL: none). */
void member_send(const char *type, const char *key, const char *text);
/* A label's state changed by its own calls: "open" for at least `wait` µs, "closed", "tried". */
void member_send_state(const char *label, const char *state, int64_t wait);
/* The self-test went well: this process may serve. */
void member_send_ready(const struct member *member);

#endif
