/* Secrets: reading them, keeping things sealed, signing, random bytes. */
#ifndef PORTICO_SECRET_H
#define PORTICO_SECRET_H

#include "context.h"

#define PORTICO_SECRETS "portico.secret"

struct portico_secrets;

/**
 * `portico.secret` 1.0, remotable. Declare "portico.secret 1.0" in PORTICO_MODULE_USES. Keys are
 * derived from the portal's own for each module and `purpose` (a word of the module's choice), so
 * what one module seals or signs another cannot open or forge, nor the same module for another
 * purpose. Sealed texts and signatures name the key they were made with: after a rotation older
 * ones still open until the admin retires that key. Since 0.1.
 */
struct portico_secret_api {
    struct portico_table table;
    int (*read)(struct portico_secrets *secrets, const char *key, const char **ret_text,
                struct portico_error *error);
    int (*seal)(struct portico_secrets *secrets, const char *purpose, const void *bytes,
                size_t length, char **ret_text, struct portico_error *error);
    int (*open)(struct portico_secrets *secrets, const char *purpose, const char *text,
                void **ret_bytes, size_t *ret_length, struct portico_error *error);
    int (*sign)(struct portico_secrets *secrets, const char *purpose, const void *bytes,
                size_t length, char **ret_text, struct portico_error *error);
    int (*verify)(struct portico_secrets *secrets, const char *purpose, const void *bytes,
                  size_t length, const char *text, struct portico_error *error);
    int (*random)(struct portico_secrets *secrets, void *ret_bytes, size_t length);
};
/** Public head: its table. */
struct portico_secrets {
    const struct portico_secret_api *api;
};

/** The secrets of this call, or NULL if the module did not declare "portico.secret 1.0". */
#define portico_secrets(handle)                                                                    \
    ((struct portico_secrets *)portico_interface((handle), PORTICO_SECRETS, 1))

/** Text of a PORTICO_SETTING_SECRET as its file has it now (at most a second old): a secret changed
 * in the file is in use without a reload. Wiped when the call ends. ENOENT: not set. */
static inline int portico_secret_read(struct portico_secrets *secrets, const char *key,
                                      const char **ret_text, struct portico_error *error)
{
    return secrets ? secrets->api->read(secrets, key, ret_text, error) : PORTICO_EPERM;
}
/** Encrypts and authenticates `length` bytes into printable text for the database (libsodium
 * XChaCha20-Poly1305). In this call's memory. */
static inline int portico_seal(struct portico_secrets *secrets, const char *purpose,
                               const void *bytes, size_t length, char **ret_text,
                               struct portico_error *error)
{
    return secrets ? secrets->api->seal(secrets, purpose, bytes, length, ret_text, error)
                   : PORTICO_EPERM;
}
/** Opens what portico_seal made; `ret_bytes` is followed by a NUL. EINVAL: changed, cut, another
 * purpose, or its key was retired. */
static inline int portico_open(struct portico_secrets *secrets, const char *purpose,
                               const char *text, void **ret_bytes, size_t *ret_length,
                               struct portico_error *error)
{
    return secrets ? secrets->api->open(secrets, purpose, text, ret_bytes, ret_length, error)
                   : PORTICO_EPERM;
}
/** Signature of bytes (keyed BLAKE2b) as short printable text, for links and cookies. */
static inline int portico_sign(struct portico_secrets *secrets, const char *purpose,
                               const void *bytes, size_t length, char **ret_text,
                               struct portico_error *error)
{
    return secrets ? secrets->api->sign(secrets, purpose, bytes, length, ret_text, error)
                   : PORTICO_EPERM;
}
/** 0 if `text` is a signature of these bytes for this purpose (compared in constant time); EINVAL
 * otherwise. */
static inline int portico_verify(struct portico_secrets *secrets, const char *purpose,
                                 const void *bytes, size_t length, const char *text,
                                 struct portico_error *error)
{
    return secrets ? secrets->api->verify(secrets, purpose, bytes, length, text, error)
                   : PORTICO_EPERM;
}
/** Fills `length` bytes with randomness fit for keys. */
static inline int portico_random(struct portico_secrets *secrets, void *ret_bytes, size_t length)
{
    return secrets ? secrets->api->random(secrets, ret_bytes, length) : PORTICO_EPERM;
}

#endif
