/* Signing in: a name, a password, a budget of guesses. The answer and the work are the same whether
 * or not the name is known. */
#ifndef IDENTITY_SIGN_IN_H
#define IDENTITY_SIGN_IN_H

#include "identity/session.h"

/* Told of a session in the transaction that begins it: a negative result undoes the sign-in. */
struct identity_opening {
    int (*began)(void *data, int64_t person, struct portico_error *error);
    void *data;
};

/* What is known elsewhere of a name and a password: in a company directory. */
struct identity_verified {
    bool right;           /* they belong together */
    const char *external; /* who it is there, for ever: the person's id elsewhere; where it is
                           * known, also of a wrong password */
    const char *name;     /* what people call them; or NULL */
};
/* Asked about whatever name and password are not the portal's own, from now on; before other
 * threads use the identity. The texts lie in `arena`. Negative: it failed, and nobody is let in. */
void identity_ask_elsewhere(struct identity *identity,
                            int (*verify)(void *data, const char *name, const char *password,
                                          struct arena *arena,
                                          struct identity_verified *ret_verified,
                                          struct portico_error *error),
                            void *data);

struct identity_sign_in {
    const char *name; /* address or handle, as typed */
    const char *password;
    const char *known;    /* what the device's cookie holds; NULL: none */
    const char *replaces; /* token of the browser's session so far, which ends; NULL: none */
    bool remember;
    const char
        *browser; /* what only this browser has, for the second step; NULL: nothing is known */
    struct identity_device device;
    struct identity_opening opening; /* .began NULL: nobody is told */
};
struct identity_signed_in {
    int64_t person;
    unsigned step; /* 0: signed in; else an enum identity_half_purpose, and nobody is */
    char token[IDENTITY_TOKEN_SIZE]; /* of the session, or of what second.h calls a half */
    char known[IDENTITY_TOKEN_SIZE]; /* for the device's cookie, a year long; "" before the session
                                      */
};
/* EPERM: name and password do not belong together, or the person may not sign in, which is not
 * told apart; ELIMIT: no guesses are left, `ret_wait` (may be NULL) is how many µs to wait; EBUSY:
 * the gate before hashing is full. */
int identity_sign_in(struct identity *identity, struct store_session *session,
                     const struct identity_sign_in *asked, struct identity_signed_in *ret_in,
                     int64_t *ret_wait, struct portico_error *error);
/* How tries to sign in ended in this process, so far. Any thread. */
enum identity_outcome {
    IDENTITY_SIGNED_IN,
    IDENTITY_WRONG,   /* EPERM */
    IDENTITY_LIMITED, /* ELIMIT */
    IDENTITY_FAILED,  /* no answer could be found: the gate is full, the database away */
    IDENTITY_OUTCOMES,
};
uint64_t identity_sign_ins(const struct identity *identity, enum identity_outcome outcome);
/* Writes down that somebody was not let in, `why` in a word or two; some of each network and of all
 * in any hour, so that nobody fills the log. A record that cannot be written changes nothing of the
 * refusal. */
void identity_refused(struct identity *identity, struct store_session *session, int64_t person,
                      const char *origin, const char *why);
/* When they last signed in is now. */
int identity_signed(struct store_session *session, int64_t person, struct portico_error *error);
/* A second step that failed so is one more of them. */
void identity_count(struct identity *identity, int code);
/* The device becomes one of the person's, after a link set their password. */
int identity_device_know(struct store_session *session, int64_t person,
                         char ret_known[IDENTITY_TOKEN_SIZE], struct portico_error *error);

/* The same where the device may be theirs already: `known` is what its cookie holds, or NULL. */
int identity_device_recall(struct store_session *session, int64_t person, const char *known,
                           char ret_known[IDENTITY_TOKEN_SIZE], struct portico_error *error);

/* Takes one of `most` in any hour for `key`, counted for all processes and kept. ELIMIT with
 * `ret_wait`. The key is kept as an HMAC. */
int identity_guess_take(struct identity *identity, struct store_session *session, const char *kind,
                        const char *key, unsigned most, int64_t *ret_wait,
                        struct portico_error *error);
/* Gives one back: it was no wrong guess. */
int identity_guess_return(struct identity *identity, struct store_session *session,
                          const char *kind, const char *key, struct portico_error *error);

#endif
