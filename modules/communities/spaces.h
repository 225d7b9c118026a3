/* Spaces as managers arrange them: made, described, ordered, opened and closed. The changes work on
 * the open transaction of the call. */
#ifndef COMMUNITIES_SPACES_H
#define COMMUNITIES_SPACES_H

#include "write.h"

#define SPACE_TITLE_MOST 80
#define SPACE_SLUG_MOST 40
#define SPACE_WORDS_MOST 500
#define SPACES_MOST 200

/* `writers` of spaces. */
enum space_writers { WRITERS_MEMBERS = 0, WRITERS_TEAM = 1 };

/* What a manager says of a space. */
struct space_words {
    const char *title;
    const char *description;
    enum space_kind kind;
    enum space_writers writers;
    int closed;          /* nobody begins topics */
    int64_t position;    /* 1: the first; 0: stays where it is, a new one at the end */
    portico_id audience; /* who reads it */
    int own_topics;      /* of its topics each account sees its own */
    int own_people;      /* of these each person their own; only with own_topics */
};

/* ECONFLICT: there are SPACES_MOST; EINVAL: another space has the address, or it leads to something
 * else. `slug` stands in addresses and stays. */
int space_create(struct portico_context *context, const struct space_words *words, const char *slug,
                 portico_id *ret_id, struct portico_error *error);
/* The row of a new one, with its id, a free address and the `position` as it is: nothing else.
 * ECONFLICT as above; until the commit nobody else makes one. */
int space_insert(struct portico_context *context, portico_id id, const struct space_words *words,
                 const char *slug, struct portico_error *error);
/* ENOENT: there is none. For others than before it is at once, its topics follow one after
 * another. */
int space_change(struct portico_context *context, portico_id space, const struct space_words *words,
                 int *ret_later, struct portico_error *error);
/* To a place in the list of all, 1 the first; beyond the end: the last. */
int space_place(struct portico_context *context, portico_id space, int64_t position,
                struct portico_error *error);
/* Behind its neighbour, or before it; the last and the first stay. */
int space_step(struct portico_context *context, portico_id space, int forward,
               struct portico_error *error);

/* Whether the viewer writes in a space of these columns `kind` and `writers`: answers and comments,
 * or topics. */
int space_may_answer(struct portico_context *context, const struct portico_value *row);
int space_may_begin(struct portico_context *context, const struct portico_value *row);

/* What the API shows of a row of space_read(). */
struct portico_value *space_object(struct portico_request *request,
                                   const struct portico_value *row);

/* Handlers. */
int page_spaces(struct portico_request *request);
int send_space(struct portico_request *request);
int send_space_change(struct portico_request *request);
int act_space_move(struct portico_request *request);
int api_space(struct portico_request *request);

#endif
