/* Sealing and signing with keys derived from the ring, one for each owner and purpose.
 *
 * Texts are "s1.NUMBER.BASE64URL" (sealed: nonce, ciphertext and tag of XChaCha20-Poly1305) and
 * "m1.NUMBER.BASE64URL" (signature: 24 bytes of keyed BLAKE2b); the head is authenticated too. */
#ifndef CONFIG_SEAL_H
#define CONFIG_SEAL_H

#include "base/arena.h"
#include "config/keyring.h"

#define SEAL_MOST ((size_t)16 * 1024 * 1024) /* bytes sealed at once */
#define SEAL_PURPOSE_MAX 63

/* Whose key: a module's id and its word. */
struct seal_use {
    struct keyring *ring;
    const char *owner, *purpose;
};

int seal_close(const struct seal_use *use, const void *bytes, size_t length, struct arena *arena,
               char **ret_text, struct portico_error *error);
/* The bytes, followed by a NUL, are wiped when the arena ends. EINVAL for every text that is not
 * one. */
int seal_open(const struct seal_use *use, const char *text, struct arena *arena, void **ret_bytes,
              size_t *ret_length, struct portico_error *error);
int seal_sign(const struct seal_use *use, const void *bytes, size_t length, struct arena *arena,
              char **ret_text, struct portico_error *error);
/* In constant time over signatures of the right form; EINVAL. */
int seal_verify(const struct seal_use *use, const void *bytes, size_t length, const char *text,
                struct portico_error *error);

/* Zeroes bytes of the arena when it ends. -1: memory ended, and they are zeroed now. */
int seal_wipe_with(struct arena *arena, void *bytes, size_t length);

#endif
