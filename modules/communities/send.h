/* What handlers of writing share: forms that were refused inside the transaction, tags as typed,
 * addresses to go on to. */
#ifndef COMMUNITIES_SEND_H
#define COMMUNITIES_SEND_H

#include "brakes.h"
#include "communities.h"
#include "write.h"

/* Undoes the transaction and answers: the form again with the sentence of `error` beside `field` or
 * above it, an error page, or what the host answered already. `view` may be NULL, as in
 * portico_form_reply(). */
struct sending {
    struct portico_form *form;
    const char *field; /* what EINVAL and ECONFLICT of a text belong to */
    const char *template;
    struct portico_value *view;
};
int send_refused(struct portico_request *request, const struct sending *sending, int code,
                 const struct portico_error *error);

/* The "tags" of a form as the topic's column holds them, lower case, each once; a tag that cannot
 * stand in an address is rejected beside the field. */
int send_tags(struct portico_request *request, struct portico_form *form,
              char ret_tags[WORDS_TAGS_MAX + 1]);

/* Counts and judges what is about to be created, in the open transaction. */
int send_judge(struct portico_request *request, struct portico_form *form, enum brakes_act act,
               struct brakes_verdict *ret_verdict, struct portico_error *error);
/* When the form on this page was opened first: what it says itself, or now. */
const char *send_opened(struct portico_request *request);
/* Where to go on: to `path`, or, held, to where one sees what waits. */
const char *send_onward(const struct brakes_verdict *verdict, const char *path);

/* 1: the request came to the API. */
int send_is_api(struct portico_request *request);
/* "/communities/topics/1/slug#post-2"; `anchor` NULL: the topic itself. */
const char *send_path(struct portico_request *request, portico_id topic, const char *slug,
                      const char *anchor, portico_id id);

#endif
