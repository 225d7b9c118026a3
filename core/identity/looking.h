/* Staff look into an account that they do not belong to, or at the portal in somebody's place: for
 * an hour at most, with a reason, and reading only. What begins and ends is written down for each
 * account that may be seen meanwhile. */
#ifndef IDENTITY_LOOKING_H
#define IDENTITY_LOOKING_H

#include "identity/acting.h"

#define IDENTITY_LOOK_TIME INT64_C(3600000000) /* µs */

struct identity_looking {
    struct identity_switch who; /* .account: into this one; 0: where .person acted last */
    int64_t person;             /* in whose place; 0: their own */
    const char *reason;
};
/* The session looks there until it stops, goes over to another account, or the time is over; where
 * it acted before it acts again then. It gets another token, as with identity_session_switch.
 * ENOENT: there is no such account or person, or they may not look there. EEXIST: they act there
 * without entering. EPERM: as of identity_viewing. */
int identity_look_begin(struct identity *identity, struct store_session *session,
                        const struct identity_looking *wanted, char ret_token[IDENTITY_TOKEN_SIZE],
                        struct portico_error *error);
/* Stops, in the open transaction or one of its own; of whatever does not look: nothing. */
int identity_look_end(struct store_session *session, int64_t id, const char *origin,
                      struct portico_error *error);
/* The same, and gives the session another token. */
int identity_look_leave(struct store_session *session, const struct identity_switch *who,
                        char ret_token[IDENTITY_TOKEN_SIZE], struct portico_error *error);
/* Who looks in somebody's place goes over to another of the accounts that was written down. ENOENT.
 */
int identity_look_switch(struct identity *identity, struct store_session *session,
                         const struct identity_switch *wanted, char ret_token[IDENTITY_TOKEN_SIZE],
                         struct portico_error *error);
/* 1: it may go on; 0: its time is over, somebody's rights are others than they were, or they may
 * not look there any more. */
int identity_look_holds(struct identity *identity, struct store_session *session,
                        const struct identity_look *look, struct portico_error *error);
/* Writes down the end of those whose time or session is over, or whose rights changed, at most
 * `most`. Returns how many. */
int identity_looks_close(struct store_session *session, int64_t now, unsigned most,
                         struct portico_error *error);
/* The accounts whose records have it: ids between blanks, in the session's arena; "": none looks.
 */
int identity_look_accounts(struct store_session *session, int64_t id, const char **ret_accounts,
                           struct portico_error *error);

#endif
