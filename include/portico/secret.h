/* Secrets: reading them, keeping things sealed, signing, random bytes. */
#ifndef PORTICO_SECRET_H
#define PORTICO_SECRET_H

#include "context.h"

/** Name of the interface. */
#define PORTICO_SECRETS "portico.secret"

/** Secrets and keys within one call; see portico_secrets(). Since 0.1. */
struct portico_secrets;

/**
 * `portico.secret` 1.0, remotable. Declare "portico.secret 1.0" in PORTICO_MODULE_USES. Keys are
 * derived from the portal's own for each module and `purpose` (a word of the module's choice), so
 * what one module seals or signs another cannot open or forge, nor the same module for another
 * purpose. Sealed texts and signatures name the key they were made with: after a rotation older
 * ones still open until the admin retires that key. Since 0.1.
 */
struct portico_secret_api {
    struct portico_table table; /**< size and version of this table */
    /** As portico_secret_read(). */
    int (*read)(struct portico_secrets *secrets, const char *key, const char **ret_text,
                struct portico_error *error);
    /** As portico_seal(). */
    int (*seal)(struct portico_secrets *secrets, const char *purpose, const void *bytes,
                size_t length, char **ret_text, struct portico_error *error);
    /** As portico_open(). */
    int (*open)(struct portico_secrets *secrets, const char *purpose, const char *text,
                void **ret_bytes, size_t *ret_length, struct portico_error *error);
    /** As portico_sign(). */
    int (*sign)(struct portico_secrets *secrets, const char *purpose, const void *bytes,
                size_t length, char **ret_text, struct portico_error *error);
    /** As portico_verify(). */
    int (*verify)(struct portico_secrets *secrets, const char *purpose, const void *bytes,
                  size_t length, const char *text, struct portico_error *error);
    /** As portico_random(). */
    int (*random)(struct portico_secrets *secrets, void *ret_bytes, size_t length);
};
/** Public head: its table. Since 0.1. */
struct portico_secrets {
    const struct portico_secret_api *api; /**< called through the functions below */
};

/** The secrets of this call, or NULL if the module did not declare "portico.secret 1.0"; the
 * functions below then give PORTICO_EPERM. Borrowed; the calling thread's. Since 0.1. */
#define portico_secrets(handle)                                                                    \
    ((struct portico_secrets *)portico_interface((handle), PORTICO_SECRETS, 1))

/**
 * Text of this module's PORTICO_SETTING_SECRET `key`, as its file has it now (at most a second
 * old): a secret changed in the file is in use without a reload. While the file cannot be read, the
 * text read last. In this call's memory, which is wiped when the call ends: do not keep it. ENOENT:
 * not set; EINVAL: no such setting; EIO: it could never be read. Since 0.1.
 */
static inline int portico_secret_read(struct portico_secrets *secrets, const char *key,
                                      const char **ret_text, struct portico_error *error)
{
    return secrets ? secrets->api->read(secrets, key, ret_text, error) : portico_undeclared(error);
}
/**
 * Encrypts and authenticates `length` bytes (at most 16 MiB) into printable ASCII for the database
 * (XChaCha20-Poly1305), "s1.KEY.…", each time another. In this call's memory. `purpose`: lower-case
 * letters, digits, "-", "." and "_", at most 63. EINVAL: the purpose; ELIMIT: too long; EIO: no
 * key. Since 0.1.
 */
static inline int portico_seal(struct portico_secrets *secrets, const char *purpose,
                               const void *bytes, size_t length, char **ret_text,
                               struct portico_error *error)
{
    return secrets ? secrets->api->seal(secrets, purpose, bytes, length, ret_text, error)
                   : portico_undeclared(error);
}
/** Opens what portico_seal made; `ret_bytes` is followed by a NUL that `ret_length` does not count.
 * In this call's memory, wiped when the call ends. EINVAL: changed, cut, NULL, another module or
 * purpose, or its key was retired. Since 0.1. */
static inline int portico_open(struct portico_secrets *secrets, const char *purpose,
                               const char *text, void **ret_bytes, size_t *ret_length,
                               struct portico_error *error)
{
    return secrets ? secrets->api->open(secrets, purpose, text, ret_bytes, ret_length, error)
                   : portico_undeclared(error);
}
/** Signature of bytes (keyed BLAKE2b, 192 bits) as short text, "m1.KEY.…", that stands in links and
 * cookies as it is. The same bytes give the same until the keys are rotated. In this call's memory.
 * Errors as portico_seal(). Since 0.1. */
static inline int portico_sign(struct portico_secrets *secrets, const char *purpose,
                               const void *bytes, size_t length, char **ret_text,
                               struct portico_error *error)
{
    return secrets ? secrets->api->sign(secrets, purpose, bytes, length, ret_text, error)
                   : portico_undeclared(error);
}
/** 0 if `text` is a signature of these bytes for this purpose (compared in constant time); EINVAL
 * otherwise, NULL and a retired key included. Since 0.1. */
static inline int portico_verify(struct portico_secrets *secrets, const char *purpose,
                                 const void *bytes, size_t length, const char *text,
                                 struct portico_error *error)
{
    return secrets ? secrets->api->verify(secrets, purpose, bytes, length, text, error)
                   : portico_undeclared(error);
}
/** Fills `length` bytes with randomness fit for keys. Since 0.1. */
static inline int portico_random(struct portico_secrets *secrets, void *ret_bytes, size_t length)
{
    return secrets ? secrets->api->random(secrets, ret_bytes, length) : PORTICO_EPERM;
}

#endif
