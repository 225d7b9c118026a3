/* Brakes: how often somebody may write, vote and report, and what new text waits for a moderator.
 * Everything is decided here, without asking anybody outside. Called inside the transaction that
 * writes, so that what is undone was not counted. */
#ifndef COMMUNITIES_BRAKES_H
#define COMMUNITIES_BRAKES_H

#include "write.h"

enum brakes_act {
    BRAKES_QUESTION,
    BRAKES_ANSWER,
    BRAKES_COMMENT,
    BRAKES_VOTE,
    BRAKES_FLAG,
    BRAKES_EDIT
};

/* Counts one of them for who is signed in. PORTICO_ELIMIT: too many in an hour; return it, the
 * host's answer says when to try again. Moderators are not counted. */
int brakes_take(struct portico_context *context, enum brakes_act act, struct portico_error *error);

/* New text before it is created. Texts are borrowed. */
struct brakes_text {
    enum brakes_act act;
    const char *title;   /* of a question; else NULL */
    const char *source;  /* Markdown */
    portico_time opened; /* when its form was opened; 0: none was, as with programs */
};

/* What to do with it: `status` goes into topic_new, answer_new or comment_new. */
struct brakes_verdict {
    enum status status; /* STATUS_SHOWN or STATUS_HELD */
    const char *reason; /* held: why, English source text for moderators; shown: NULL */
    int64_t number;     /* what {n} in the reason stands for */
};

/* Counts it (as brakes_take) and judges it. PORTICO_ELIMIT: as there. PORTICO_ECONFLICT: the same
 * person wrote the same here before, with a sentence to show beside the text. */
int brakes_write(struct portico_context *context, const struct brakes_text *text,
                 struct brakes_verdict *ret_verdict, struct portico_error *error);

/* What is edited, by who is signed in: counted, and judged as if it were new. What a moderator let
 * through is not held for the same again. PORTICO_ELIMIT: as above. */
int brakes_edit(struct portico_context *context, const struct brakes_text *before,
                const struct brakes_text *after, struct brakes_verdict *ret_verdict,
                struct portico_error *error);

/* After it was created: why it waits, for queue and log. `target` is the post or comment. Nothing
 * to do if it is shown. */
int brakes_held(struct portico_context *context, const struct brakes_verdict *verdict,
                portico_id topic, portico_id target, struct portico_error *error);

#endif
