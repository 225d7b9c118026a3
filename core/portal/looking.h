/* Looking at the portal in somebody's place: what the pages that begin it share. */
#ifndef PORTAL_LOOKING_H
#define PORTAL_LOOKING_H

#include "portal/inside.h"

/* Why a look at a person did not begin, as a sentence for the page it was asked for from; NULL. */
const char *looking_lacks(struct portico_request *request);

#endif
