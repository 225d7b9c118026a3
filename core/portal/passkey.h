/* What the pages that use passkeys share. */
#ifndef PORTAL_PASSKEY_H
#define PORTAL_PASSKEY_H

#include "portal/inside.h"

#include "identity/passkey.h"

/* Sets `view`'s member "passkey" for the part "passkey-use" or for adding one: where it is sent
 * (`action`), the challenge, and which ones are meant. Nothing is set where the portal has no URL
 * of its own, or somebody has none to use. */
int passkey_offer(struct portico_request *request, struct portico_value *view,
                  enum identity_passkey_use use, int64_t person, const char *action,
                  const char *next, struct portico_error *error);
/* What this request brings of a passkey. */
void passkey_claim(struct portico_request *request, struct identity_passkey_claim *ret_claim);

#endif
