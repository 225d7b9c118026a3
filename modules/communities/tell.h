/* What happened here, told inside the transaction it happens in: events for whoever listens,
 * notices for people. */
#ifndef COMMUNITIES_TELL_H
#define COMMUNITIES_TELL_H

#include <portico/portico.h>

/* What it is about. Texts are borrowed until the call returns. */
struct told {
    portico_id topic;            /* always */
    portico_id post;             /* the question or answer; of a comment: what it stands under */
    portico_id comment;          /* 0: not about a comment */
    portico_id author;           /* communities_author of who wrote it */
    portico_id audience;         /* who may see it */
    const char *title;           /* of the question */
    const char *slug;            /* of the question */
    const char *text;            /* plain words of what was written; "" */
    const portico_id *mentioned; /* people named in it with "@", each once; NULL: none */
    size_t mentioned_count;
};

/* Each 0, or negative with `error` set: then the transaction is to be rolled back. Called when the
 * thing is shown to its audience; a held one is told of by tell_held and again when approved. */
int tell_topic_created(struct portico_context *context, const struct told *told,
                       struct portico_error *error);
int tell_answered(struct portico_context *context, const struct told *told,
                  struct portico_error *error);
int tell_commented(struct portico_context *context, const struct told *told,
                   struct portico_error *error);
/* A question or answer (comment 0) or a comment says something else now. */
int tell_edited(struct portico_context *context, const struct told *told,
                struct portico_error *error);
/* To the people in `mentioned`, who were not named in it before. */
int tell_mentioned(struct portico_context *context, const struct told *told,
                   struct portico_error *error);
/* It waits for a moderator. */
int tell_held(struct portico_context *context, const struct told *told,
              struct portico_error *error);

/* What somebody did with it. `text` is the reason given, "" if none; of tell_flagged what was
 * reported. Told to the author where it was not the author who did it; the rest are events. */
int tell_flagged(struct portico_context *context, const struct told *told,
                 struct portico_error *error);
int tell_approved(struct portico_context *context, const struct told *told,
                  struct portico_error *error);
/* Takes back what moderators were told of it and wait to read: it is decided. No event. */
int tell_decided(struct portico_context *context, const struct told *told,
                 struct portico_error *error);
int tell_removed(struct portico_context *context, const struct told *told,
                 struct portico_error *error);
int tell_restored(struct portico_context *context, const struct told *told,
                  struct portico_error *error);
int tell_closed(struct portico_context *context, const struct told *told,
                struct portico_error *error);
int tell_reopened(struct portico_context *context, const struct told *told,
                  struct portico_error *error);
int tell_moved(struct portico_context *context, const struct told *told, const char *space,
               struct portico_error *error);
/* `told` went into `whole`. */
int tell_merged(struct portico_context *context, const struct told *told, const struct told *whole,
                struct portico_error *error);
/* An answer was accepted, or is no longer. */
int tell_solved(struct portico_context *context, const struct told *told,
                struct portico_error *error);
int tell_unsolved(struct portico_context *context, const struct told *told,
                  struct portico_error *error);
/* Votes: an event, nobody is told. `value` is -1, 0 or 1. */
int tell_voted(struct portico_context *context, const struct told *told, int value, int64_t score,
               struct portico_error *error);

/* A space was opened, or is another now; not about a topic. */
int tell_space_created(struct portico_context *context, portico_id space,
                       struct portico_error *error);
int tell_space_changed(struct portico_context *context, portico_id space,
                       struct portico_error *error);

/* Where it stands, in the call's memory. */
const char *told_path(struct portico_context *context, const struct told *told);

#endif
