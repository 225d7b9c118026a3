/* Passkeys: what somebody signs in with instead of a password, or shows as the second factor. */
#ifndef IDENTITY_PASSKEY_H
#define IDENTITY_PASSKEY_H

#include "identity/second.h"
#include "identity/webauthn.h"

#define IDENTITY_PASSKEYS_MAX 20 /* of one person */
#define IDENTITY_CHALLENGE_TIME INT64_C(600000000)

/* What a passkey is asked for; a challenge for one is none for another. */
enum identity_passkey_use {
    IDENTITY_PASSKEY_ADD,    /* by somebody signed in */
    IDENTITY_PASSKEY_ENTER,  /* instead of name and password */
    IDENTITY_PASSKEY_SECOND, /* beside the password */
    IDENTITY_PASSKEY_AGAIN,  /* by somebody signed in, before something grave */
};
/* A challenge: whom and what it is for and until when stand in it, sealed; nothing is written.
 * `person` 0: of ENTER. `browser` as of a half. */
void identity_challenge(const struct identity *identity, enum identity_passkey_use use,
                        int64_t person, const char *browser,
                        char ret_challenge[WEBAUTHN_CHALLENGE_MAX]);

/* What the browser sent, base64url as its script wrote it. */
struct identity_passkey_claim {
    struct webauthn_party party;
    const char *browser;
    const char *client, *data;          /* of all */
    const char *credential, *signature; /* of a use */
};
/* In the open transaction: one more passkey of the person, called `name`. EINVAL: it is none, or
 * the challenge is over or used; EEXIST: it is here already; ELIMIT: there are too many. */
int identity_passkey_add(struct identity *identity, struct store_session *session, int64_t person,
                         const char *name, const struct identity_passkey_claim *claim,
                         struct portico_error *error);
/* In the open transaction: it was used now, for `use`; `person` 0: whose it is was not said. EPERM:
 * it is nobody's who may sign in, or not good for any reason, which is not told apart. */
int identity_passkey_use(struct identity *identity, struct store_session *session,
                         enum identity_passkey_use use, int64_t person,
                         const struct identity_passkey_claim *claim, int64_t *ret_person,
                         struct portico_error *error);
/* Rows "id name credential created used", the oldest first. */
int identity_passkeys(struct store_session *session, int64_t person, struct value **ret_rows,
                      struct portico_error *error);
/* ENOENT: not theirs; ECONFLICT: a role of theirs needs a second factor, and it is the last. */
int identity_passkey_remove(struct identity *identity, struct store_session *session,
                            int64_t person, int64_t id, struct portico_error *error);

#endif
