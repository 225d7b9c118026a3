/* The second factor: what somebody proves beside the password. Codes of an app, passkeys,
 * recovery codes for the day those are gone. */
#ifndef IDENTITY_SECOND_H
#define IDENTITY_SECOND_H

#include "identity/role.h"
#include "identity/sign_in.h"
#include "identity/totp.h"

#define IDENTITY_RECOVERY_CODES 10
#define IDENTITY_RECOVERY_SIZE 12 /* "xxxxx-xxxxx" and the NUL: 50 bits */

/* Shown once; only their keyed hashes are kept. */
struct identity_recovery {
    char codes[IDENTITY_RECOVERY_CODES][IDENTITY_RECOVERY_SIZE];
};

/* What somebody has. */
struct identity_second {
    bool any;          /* signing in takes a second step */
    bool app;          /* codes of an app */
    int64_t app_since; /* when it was set up; 0: never */
    unsigned recovery; /* recovery codes left */
    unsigned passkeys;
};
int identity_second_look(struct store_session *session, int64_t person,
                         struct identity_second *ret_second, struct portico_error *error);
/* The first of the rules' roles for which they need one, or NULL: they need none. In the session's
 * arena. */
int identity_second_needed(struct identity *identity, struct store_session *session, int64_t person,
                           const char **ret_role, struct portico_error *error);

/* Those of these roles (bits) of which the rules ask it, and whether there is one. */
uint64_t identity_second_roles(const struct identity *identity, const struct identity_roles *roles,
                               uint64_t bits);
bool identity_second_for(const struct identity *identity, const struct identity_roles *roles,
                         uint64_t bits);

/* Who sets up an app, and where: in a session, or half-way into one. */
struct identity_enrolling {
    int64_t person, id; /* of the session, or of the half */
    bool half;
};
/* A secret in base32 that waits there to be confirmed, for an hour: the same one until then, and
 * another for whoever else knows the password. ENOENT: the session or sign-in is over. */
int identity_app_offer(struct identity *identity, struct store_session *session,
                       const struct identity_enrolling *enrolling, char ret_secret[TOTP_TEXT_SIZE],
                       struct portico_error *error);
/* In the open transaction, before the half-made sign-in ends: what waits there, sealed, in the
 * session's arena. ENOENT: nothing does. */
int identity_app_offered(struct store_session *session, const struct identity_enrolling *enrolling,
                         const char **ret_sealed, struct portico_error *error);
/* The app shows the codes of what was offered: it counts from now on, in place of one before, and
 * new recovery codes do if there were none. In the open transaction or one of its own. EPERM: it is
 * not the code. `ret_recovery`: the first code is "" where the codes so far stay. */
int identity_app_confirm(struct identity *identity, struct store_session *session, int64_t person,
                         const char *sealed, const char *code,
                         struct identity_recovery *ret_recovery, struct portico_error *error);
/* ECONFLICT: a role of theirs needs a second factor. */
int identity_app_remove(struct identity *identity, struct store_session *session, int64_t person,
                        struct portico_error *error);
/* Ten others; those before are over. ENOENT: there is no second factor they could stand for. */
int identity_recovery_make(struct identity *identity, struct store_session *session, int64_t person,
                           struct identity_recovery *ret_recovery, struct portico_error *error);
/* All of it goes, whatever their roles need: for an admin, when everything is lost. */
int identity_second_forget(struct store_session *session, int64_t person,
                           struct portico_error *error);

/* In the open transaction: one of a person's factors came or changed; all devices are asked anew.
 */
int identity_second_changed(struct store_session *session, int64_t person,
                            struct portico_error *error);
/* The same of one that went. ECONFLICT: it was the last, and a role of theirs needs one. */
int identity_second_gone(struct identity *identity, struct store_session *session, int64_t person,
                         struct portico_error *error);

enum identity_proof {
    IDENTITY_PROOF_NONE,
    IDENTITY_PROOF_APP,
    IDENTITY_PROOF_RECOVERY,
};
/* In the open transaction: uses up a code, once whoever else tries. EPERM: it is none. */
int identity_code_use(struct identity *identity, struct store_session *session, int64_t person,
                      const char *code, enum identity_proof *ret_proof,
                      struct portico_error *error);

/* ---- between the password and the session ---- */

enum identity_half_purpose {
    IDENTITY_HALF_PROVE = 1, /* show the second factor */
    IDENTITY_HALF_ENROL = 2, /* set one up first: a role needs it */
    IDENTITY_HALF_MORE = 3,  /* all of that is done: modules are asked before the session begins */
};
/* What somebody has to do beside the password: 0, or one of these. */
int identity_step_of(struct identity *identity, struct store_session *session, int64_t person,
                     unsigned *ret_step, struct portico_error *error);
/* The same of somebody signed in whose session was not opened with a second factor, now that they
 * stand so: as long as it is due, the session opens nothing else. */
struct identity_standing;
int identity_step_due(struct identity *identity, struct store_session *session,
                      const struct identity_session *live, const struct identity_standing *standing,
                      unsigned *ret_step, struct portico_error *error);
/* Somebody whose password was right, in this browser: nobody yet. */
struct identity_half {
    int64_t id, person;
    enum identity_half_purpose purpose;
    bool remembered;
    bool proved;         /* of MORE: a second factor was shown */
    const char *passed;  /* of MORE: the steps that are done, words; in the session's arena */
    const char *carried; /* of MORE: what they attach to the session, as text; likewise */
};
#define IDENTITY_HALF_TIME INT64_C(600000000) /* µs that it lasts */
/* In the open transaction. `browser`: what only this browser has; NULL: nothing is known. */
int identity_half_start(struct identity *identity, struct store_session *session, int64_t person,
                        enum identity_half_purpose purpose, bool remember, const char *browser,
                        char ret_token[IDENTITY_TOKEN_SIZE], struct portico_error *error);
/* Where the rules have steps, one of kind MORE begins for somebody who has shown all else, and `in`
 * says so; else nothing happens. In the open transaction. */
int identity_half_more(struct identity *identity, struct store_session *session, int64_t person,
                       bool remember, bool proved, const char *browser,
                       struct identity_signed_in *in, struct portico_error *error);
/* A step of it is done, as `now` says of what `half` was when it was read, and the guess given
 * back. ECONFLICT: another was done since: it is to be read again. */
struct identity_second_try;
int identity_half_pass(struct identity *identity, struct store_session *session,
                       const struct identity_half *half, const struct identity_half *now,
                       const struct identity_second_try *guess, struct portico_error *error);
/* The person's rights changed in this transaction by what they did at it: it goes on. */
int identity_half_renew(struct store_session *session, const char *token,
                        struct portico_error *error);
/* ENOENT: there is none, it is over, of another browser, or of somebody who may not sign in or
 * whose rights changed since. */
int identity_half_find(struct identity *identity, struct store_session *session, const char *token,
                       const char *browser, struct identity_half *ret_half,
                       struct portico_error *error);
/* What is counted while somebody is at a step. */
enum identity_tries {
    IDENTITY_TRIES_GUESS, /* guesses: the person's, or the known device's, and the network's */
    /* That modules are about to be asked, at a step of kind MORE: the person's, or the known
     * device's. It is given back once they answered, so that only what fails is counted, and of no
     * network: where a directory is out, its people are not kept out for longer. */
    IDENTITY_TRIES_MODULES,
};
struct identity_second_try {
    int64_t person;
    const char *known; /* what the device's cookie holds; or NULL */
    const char *network;
};
/* Takes one of them. ELIMIT: none is left before `ret_wait` µs are over. */
int identity_tries_take(struct identity *identity, struct store_session *session,
                        enum identity_tries which, const struct identity_second_try *try,
                        int64_t *ret_wait, struct portico_error *error);
/* Gives it back: what was answered is right, or who was asked answered. */
int identity_tries_return(struct identity *identity, struct store_session *session,
                          enum identity_tries which, const struct identity_second_try *try,
                          struct portico_error *error);
/* In the open transaction: the half becomes a session, once; or one of kind MORE, as `ret_in->step`
 * says. `trust`: the device is not asked again, as long as the rules say. Gives the guess back.
 * ENOENT: it was over. */
struct identity_half_end {
    const struct identity_half *half;
    const char *known, *replaces, *browser; /* as in identity_sign_in */
    bool trust;
    struct identity_device device;
    struct identity_opening opening;
};
int identity_half_finish(struct identity *identity, struct store_session *session,
                         const struct identity_half_end *end, struct identity_signed_in *ret_in,
                         struct portico_error *error);

#endif
