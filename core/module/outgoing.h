/* What a host keeps for what its modules seal, sign, read as secrets and fetch. */
#ifndef MODULE_OUTGOING_H
#define MODULE_OUTGOING_H

#include "config/follow.h"
#include "config/keyring.h"
#include "fetch/place.h"
#include "module/registry.h"

struct module_outgoing {
    struct keyring *ring; /* NULL: no module of this host declared an interface that needs it */
    struct follow *secrets;
    struct fetch_rules rules;
};

/* Sets host->outgoing. The ring is opened now, so that a broken one is refused before it is missed;
 * a host without config gets neither ring nor rules. */
int outgoing_open(struct registry *registry, struct module_host *host, struct portico_error *error);
void outgoing_close(struct module_host *host);

#endif
