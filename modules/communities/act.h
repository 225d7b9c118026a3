/* What handlers of acts share. */
#ifndef COMMUNITIES_ACT_H
#define COMMUNITIES_ACT_H

#include "acts.h"
#include "send.h"

/* The target a request names by {id}. */
int act_target(struct portico_request *request, int is_comment, struct target *ret_target,
               struct portico_error *error);
/* Answers a program with how the target stands now, a reader with its page: `did` (a word for
 * did_word, or NULL) is said there. */
int act_done(struct portico_request *request, const struct target *target, const char *did);
/* The object of the API, read again after the change. */
struct portico_value *act_object(struct portico_request *request, const struct target *target);
/* Where a reader goes on: the target's place, or the list above it where they no longer see it. */
const char *act_path(struct portico_request *request, const struct target *target, const char *did);
/* "flag" to "Thank you. …" in the reader's language; NULL: nothing to say. */
const char *did_word(struct portico_request *request, const char *did);

#endif
