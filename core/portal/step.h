/* Between the password and the session: what the pages of that way share. */
#ifndef PORTAL_STEP_H
#define PORTAL_STEP_H

#include "identity/second.h"
#include "portal/visit.h"

/* One request of somebody who is nobody yet: what they have is a token that opens these pages. */
struct step {
    struct portico_request *request;
    struct store_session *session;
    struct identity_half half;
    const char *next;
};

/* ENOENT: there is no such step any more. */
int step_find(struct step *step, enum identity_half_purpose purpose, struct portico_error *error);
/* Back to name and password, with the reason. */
int step_over(struct portico_request *request, const char *next);
/* Takes one of the guesses; ELIMIT, which `form` (may be NULL) then says at `field`. */
int step_spend(const struct step *step, struct portico_form *form, const char *field,
               struct portico_error *error);
/* Modules are about to be asked, as IDENTITY_TRIES_MODULES says; ELIMIT: then step_wait answers. */
int step_ask(const struct step *step, int64_t *ret_wait, struct portico_error *error);
int step_answered(const struct step *step, struct portico_error *error);
/* Where visit_vetoed says so, once the transaction is rolled back: who showed the right thing and
 * is kept out by a module has the guess back. The answer. */
int step_kept_out(const struct step *step, int code, const struct portico_error *error);
/* Nobody is let in before `wait` is over: 429. */
int step_wait(struct portico_request *request, int64_t wait);
/* In the open transaction, as identity_half_finish. */
int step_finish(const struct step *step, bool trust, struct identity_signed_in *ret_in,
                struct portico_error *error);
/* After its commit: the cookies, and where to go on. */
int step_done(const struct step *step, const struct identity_signed_in *in, const char **ret_path);

#endif
