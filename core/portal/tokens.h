/* Access tokens, as pages of their person and of staff show and revoke them. */
#ifndef PORTAL_TOKENS_H
#define PORTAL_TOKENS_H

#include "portal/inside.h"

/* "tokens" and "any_tokens" of the view. */
int tokens_show(struct portico_request *request, struct store_session *session, int64_t person,
                struct portico_value *view, struct portico_error *error);
/* In the open transaction, with its record. ENOENT: not that person's. */
int tokens_revoke(struct portico_request *request, struct store_session *session, int64_t person,
                  int64_t id, struct portico_error *error);

#endif
