/* Whom spaces and their topics are for. A topic is for whom its space is for, except where each
 * account sees its own topics only: there it is for the account it was asked for; or each person
 * theirs: there it is for whoever asked it, while they act in that account; and what was asked so
 * stays so, whatever the space becomes. */
#ifndef COMMUNITIES_REACH_H
#define COMMUNITIES_REACH_H

#include "spaces.h"

/* Audience of a topic `t` that is shown in a space `s`. */
#define REACH_OF_TOPIC                                                                             \
    "CASE WHEN t.asked_alone THEN t.own_person WHEN NOT s.own_topics THEN s.audience "             \
    "WHEN s.own_people THEN t.own_person ELSE t.own END"

/* Whom what the viewer asks would be for in a space of own topics: the account they act in. The
 * staff's is the staff's. In the open transaction. */
int reach_own(struct portico_context *context, portico_id *ret_audience,
              struct portico_error *error);

/* In the open transaction: a topic of a space where each person sees their own is for whoever asked
 * it, if it was not yet; for nobody of its account where they are no person of the portal; what was
 * asked for no customer's account stays the staff's. */
int reach_fill(struct portico_context *context, portico_id topic, struct portico_error *error);
/* The same of one that is asked now, and with the promise that it stays so. */
int reach_promise(struct portico_context *context, portico_id topic, struct portico_error *error);
/* 1: something was asked in the space that stays for one person alone. */
int reach_is_promised(struct portico_context *context, portico_id space,
                      struct portico_error *error);
/* Whom a topic is for once it is shown. */
int reach_of(struct portico_context *context, portico_id topic, portico_id *ret_audience,
             struct portico_error *error);
/* 1: all who see what is for the first see what is for the second. */
int reach_is_within(portico_id audience, portico_id wider);
/* The viewer may be about to ask where each person sees their own: what is for them alone is known
 * of them by the time they send it. Nothing that fails here is lost. */
void reach_prepare(struct portico_request *request);

/* 1: to ask in this space, with column own_topics, the viewer lacks an account that it would be
 * for. */
int reach_lacks_account(struct portico_context *context, const struct portico_value *space);

/* Who reads a space, of audience, own_topics and own_people, in a calm sentence for the viewer; and
 * in a word or two. */
const char *reach_sentence(struct portico_request *request, const struct portico_value *space);
const char *reach_word(struct portico_request *request, const struct portico_value *space);
/* "Contracts · Own questions only": a space where one chooses among them. */
const char *reach_choice(struct portico_request *request, const struct portico_value *space);
/* Who reads a topic, by TOPIC_COLUMNS; NULL: everybody. */
const char *reach_of_topic(struct portico_request *request, const struct portico_value *topic);
/* Who reads there in the shape of PORTICO_FIELD_SHARING: {"level", …}. NULL: the viewer may not
 * know. */
struct portico_value *reach_object(struct portico_request *request,
                                   const struct portico_value *space);

/* Most topics that go with a change of their space. */
#define REACH_TOPICS_WITH_IT 100

/* Before a space is locked that may be for others from then on: its topics and their tags, in the
 * order of write.h. Of many none is: NULL. */
int reach_lock(struct portico_context *context, portico_id space, struct portico_value **ret_topics,
               struct portico_error *error);
/* What follows when a space is for others than before: its topics go to whom it is for now, with
 * their files and what is found of them. Those of reach_lock() go with it, in the open transaction;
 * of many, and where others came meanwhile, a job takes one after another, and ret_later is 1.
 * Until then nobody sees more of one than before in lists and pages, since these are looked up
 * through the space. */
int reach_spread(struct portico_context *context, portico_id space,
                 const struct portico_value *topics, int *ret_later, struct portico_error *error);
/* The job. */
#define REACH_JOB "spread"
int reach_run(struct portico_context *context, struct portico_job *job,
              struct portico_error *error);

#endif
