/* Who asked for a permission that they lack, and what became of it. */
#ifndef IDENTITY_ASKING_H
#define IDENTITY_ASKING_H

#include "identity/identity.h"

#define IDENTITY_ASKINGS_MAX 20   /* of one person, unanswered */
#define IDENTITY_ASKING_WORDS 500 /* bytes of what they say to it */
#define IDENTITY_ASKING_PATH 1000

/* In the session's arena. */
struct identity_asking {
    int64_t id, person, account;
    const char *permission, *path, *words;
    int64_t asked, answered; /* answered 0: it waits */
    int64_t answerer;
    const char *role; /* that was given; NULL: none */
};
/* Asks, in the open transaction. What waits already waits on: `ret_new` says whether somebody is to
 * be told, which is so once a day at most. ELIMIT: too much of theirs waits. */
int identity_ask(struct store_session *session, const struct identity_asking *wanted,
                 int64_t *ret_id, bool *ret_new, struct portico_error *error);
/* ENOENT. */
int identity_asking_look(struct store_session *session, int64_t id,
                         struct identity_asking *ret_asking, struct portico_error *error);
/* What somebody asked for there last. ENOENT. */
int identity_asking_of(struct store_session *session, int64_t person, int64_t account,
                       const char *permission, struct identity_asking *ret_asking,
                       struct portico_error *error);
/* In the open transaction; `role` NULL: it is not given. ECONFLICT: it was answered already. */
int identity_asking_answer(struct store_session *session, int64_t id, int64_t answerer,
                           const char *role, struct portico_error *error);
/* Rows "id person name handle permission words asked" of what waits in an account (0: in all),
 * oldest first, behind the row `after`; of people who can sign in and still belong to it. */
int identity_askings(struct store_session *session, int64_t account, int64_t after, unsigned limit,
                     struct value **ret_rows, struct portico_error *error);

#endif
