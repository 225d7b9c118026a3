/* Somebody signed in proves again that it is them, before something grave. */
#ifndef IDENTITY_AGAIN_H
#define IDENTITY_AGAIN_H

#include "identity/second.h"

#define IDENTITY_FRESH_TIME INT64_C(600000000) /* µs that a proof holds */

/* Whether the session's person proved it within that time; signing in is a proof. */
int identity_is_fresh(struct store_session *session, int64_t current, bool *ret_fresh,
                      struct portico_error *error);
/* By the password, a code of their app or a recovery code: a guess of its own budget. Never in an
 * open transaction. EPERM: it is none of them; ELIMIT: too many guesses. */
int identity_prove_again(struct identity *identity, struct store_session *session, int64_t person,
                         int64_t current, const char *proof, struct portico_error *error);

/* The same. `used` is told of a recovery code in the transaction that uses it up. */
int identity_prove_again_by(struct identity *identity, struct store_session *session,
                            int64_t person, int64_t current, const char *proof,
                            const struct identity_opening *used, struct portico_error *error);

#endif
