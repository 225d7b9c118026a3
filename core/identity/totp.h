/* One-time codes of an app (RFC 6238): six digits of HMAC-SHA-1, a new one every 30 seconds. Pure:
 * nothing here knows a person or a database. */
#ifndef IDENTITY_TOTP_H
#define IDENTITY_TOTP_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TOTP_SECRET_SIZE 20 /* bytes, as many as SHA-1 gives */
#define TOTP_TEXT_SIZE 33   /* the secret in base32, and the NUL */
#define TOTP_DIGITS 6
#define TOTP_SECONDS 30 /* a step */
#define TOTP_DRIFT 1    /* steps that a clock may be wrong, each way */

/* Which step it is at a time of µs UTC. */
int64_t totp_step(int64_t time);
/* The code of a step, six digits and the NUL. */
void totp_code(const unsigned char secret[TOTP_SECRET_SIZE], int64_t step,
               char ret_code[TOTP_DIGITS + 1]);
/* The step whose code it is, among those around `step` that lie behind `used`; -1: none. All are
 * compared, in constant time. */
int64_t totp_find(const unsigned char secret[TOTP_SECRET_SIZE], const char *code, int64_t step,
                  int64_t used);
/* Base32 (RFC 4648) without padding. */
void totp_text(const unsigned char secret[TOTP_SECRET_SIZE], char ret_text[TOTP_TEXT_SIZE]);
/* What the QR code holds: "otpauth://totp/PORTAL:PERSON?secret=…&issuer=PORTAL", percent-encoded,
 * in the arena; NULL: memory ended. */
const char *totp_address(struct arena *arena, const char *portal, const char *person,
                         const char *secret_text);

#endif
