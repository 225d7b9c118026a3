/* Passwords: which are good enough, and argon2id behind a gate, so that a server never hashes more
 * at a time than the rules say. */
#ifndef IDENTITY_PASSWORD_H
#define IDENTITY_PASSWORD_H

#include "identity/identity.h"

#define IDENTITY_PASSWORD_LEAST 8 /* characters, as NFKC counts them */
#define IDENTITY_PASSWORD_MOST 200
#define IDENTITY_HASH_SIZE 128 /* of the text that is kept, with its NUL */

/* Who sets it: none of these words makes a password. Any may be NULL. */
struct identity_password_context {
    const char *portal, *name, *handle, *address;
};
/* EINVAL; `ret_reason` (may be NULL) is then an English source text of the host's catalogue, for
 * the page, and the error has the same words. */
int identity_password_check(const char *password, const struct identity_password_context *context,
                            const char **ret_reason, struct portico_error *error);

/* EBUSY: too many wait for the gate already, or no process is to be had (answer 503 and try again).
 * EINVAL: the password is no text, or longer than one may be. */
int identity_hash(struct identity *identity, const char *password,
                  char ret_hash[IDENTITY_HASH_SIZE], struct portico_error *error);
/* 1: it is the password; 0: it is not. `hash` NULL or "" (nobody, or no password set) takes the
 * same time and is 0. `ret_old`: its parameters are below today's, hash it again. */
int identity_verify(struct identity *identity, const char *hash, const char *password,
                    bool *ret_old, struct portico_error *error);

/* Sets it, checked, raising the rights; all sessions end but `keep` (0: none), which must be
 * rotated then. With the record of it: `act` says who does so and from where; NULL: none is kept.
 * EINVAL: not good enough; ENOENT: nobody. */
struct identity_act;
int identity_password_set(struct identity *identity, struct store_session *session, int64_t person,
                          const char *password, int64_t keep, const struct identity_act *act,
                          const char **ret_reason, struct portico_error *error);
/* The same. `set` is told in the transaction, and may refuse it. */
struct identity_opening;
int identity_password_set_by(struct identity *identity, struct store_session *session,
                             int64_t person, const char *password, int64_t keep,
                             const struct identity_act *act, const struct identity_opening *set,
                             const char **ret_reason, struct portico_error *error);

#endif
