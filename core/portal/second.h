/* What the pages about a second factor share, while signing in and on the account. */
#ifndef PORTAL_SECOND_H
#define PORTAL_SECOND_H

#include "portal/inside.h"

#include "identity/second.h"

/* Members of `view`: "qr", "side", "key" (in fours), "app_link", of the secret that waits. The
 * answer is not to be kept. */
int second_show_offer(struct portico_request *request, struct store_session *session,
                      const struct identity_enrolling *enrolling, struct portico_value *view,
                      struct portico_error *error);
/* The code that should confirm it was not its. */
void second_refuse(struct portico_request *request, struct portico_form *form);
/* The page with recovery codes, shown this once, or without new ones; wipes them. `saved`: a
 * sentence above, or NULL. */
int second_show_codes(struct portico_request *request, struct identity_recovery *recovery,
                      const char *next, const char *saved);

#endif
