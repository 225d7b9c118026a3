/* Which accounts the viewer of a call may know about. */
#ifndef MODULE_KNOWER_H
#define MODULE_KNOWER_H

#include "identity/known.h"
#include "module/registry.h"

/* Whoever has "portico.accounts.see", and the host itself, knows all. */
struct identity_knower knower_of(const struct viewer *viewer);

#endif
