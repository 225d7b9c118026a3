/* Which network an address belongs to, as limits count: one line or household is one of them. */
#ifndef MODULE_NETWORK_H
#define MODULE_NETWORK_H

#include "base/arena.h"

/* Of "192.0.2.7" "192.0.2.0/24", of "2001:db8:1:2::7" "2001:db8:1::/56"; anything else ("unix") as
 * it is. In the arena; NULL: memory ended. */
const char *network_of(struct arena *arena, const char *address);

#endif
