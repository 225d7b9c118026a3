/* Which accounts the viewer of a call may know about. */
#ifndef MODULE_KNOWER_H
#define MODULE_KNOWER_H

#include "identity/known.h"
#include "module/registry.h"

struct scope;

/* Whoever has "portico.accounts.see", and the host itself, knows all; of others, a call by an
 * access token knows the token's account alone, with what lies above it: whoever has the token has
 * not more of the person than that. */
struct identity_knower knower_of(const struct viewer *viewer);
/* ENOENT, in the same words for accounts there are none of and those that the viewer of the call
 * may not know about. */
int knower_must_know(struct scope *scope, int64_t account, struct portico_error *error);

#endif
