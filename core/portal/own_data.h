/* What the portal's other pages need to know of erasing. */
#ifndef PORTAL_OWN_DATA_H
#define PORTAL_OWN_DATA_H

#include "portal/inside.h"

/* Whether somebody is being erased: their sign-in stays off. */
int own_data_leaving(struct store_session *session, int64_t person, bool *ret_leaving,
                     struct portico_error *error);

#endif
