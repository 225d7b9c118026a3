/* What browsers send of passkeys (Web Authentication, level 2), read and verified. Pure: nothing
 * here knows a person or a database. Attestation is neither asked for nor looked at. */
#ifndef IDENTITY_WEBAUTHN_H
#define IDENTITY_WEBAUTHN_H

#include <portico/base.h>

#include <stddef.h>
#include <stdint.h>

#define WEBAUTHN_CHALLENGE_MAX 128  /* base64url, and the NUL */
#define WEBAUTHN_CREDENTIAL_MAX 512 /* bytes */
#define WEBAUTHN_KEY_MAX 1024       /* bytes */
#define WEBAUTHN_CLIENT_MAX 4096    /* bytes of what the browser says */
#define WEBAUTHN_DATA_MAX 4096      /* bytes of what the authenticator says */

/* COSE algorithms, the first liked most. */
#define WEBAUTHN_ALGORITHMS                                                                        \
    {                                                                                              \
        -7, -8, -257                                                                               \
    }

enum webauthn_type { WEBAUTHN_CREATE, WEBAUTHN_GET };

struct webauthn_bytes {
    const unsigned char *data;
    size_t length;
};
/* This portal, as browsers name it: "https://portal.example" and "portal.example". */
struct webauthn_party {
    const char *origin, *id;
};
/* What is kept of a passkey. */
struct webauthn_key {
    unsigned char credential[WEBAUTHN_CREDENTIAL_MAX];
    size_t credential_length;
    unsigned char key[WEBAUTHN_KEY_MAX];
    size_t key_length;
    int algorithm;
    uint32_t count; /* how often it was used, where it counts */
};

/* The client data: whether it is for this and for here; its challenge. EINVAL. */
int webauthn_client(struct webauthn_bytes client, enum webauthn_type type, const char *origin,
                    char ret_challenge[WEBAUTHN_CHALLENGE_MAX], struct portico_error *error);
/* A new passkey, of a user who was verified. EINVAL. */
int webauthn_register(const struct webauthn_party *party, struct webauthn_bytes data,
                      struct webauthn_key *ret_key, struct portico_error *error);
/* That it was used, by a user who was verified, on `client`. EPERM: the signature is another's;
 * EINVAL: it cannot be read. */
int webauthn_verify(const struct webauthn_party *party, const struct webauthn_key *key,
                    struct webauthn_bytes client, struct webauthn_bytes data,
                    struct webauthn_bytes signature, uint32_t *ret_count,
                    struct portico_error *error);

#endif
