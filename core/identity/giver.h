/* Who could give somebody a role that holds what they lack, and would be asked for it. */
#ifndef IDENTITY_GIVER_H
#define IDENTITY_GIVER_H

#include "identity/identity.h"

#define IDENTITY_GIVERS_MAX 5

struct identity_giver {
    int64_t id;
    const char *handle, *name;
    int64_t account; /* where they look after who may what */
};
/* The first of the account's own people who look after its people (portico.company) and may give
 * one of its roles that holds the permission, then of those who look after the portal
 * (portico.admin); the person is none of them. In the session's arena; room for
 * IDENTITY_GIVERS_MAX. `account` 0 or the owner's: only the latter. */
int identity_givers(struct identity *identity, struct store_session *session, int64_t account,
                    int64_t person, const char *permission, struct identity_giver *ret_givers,
                    size_t *ret_count, struct portico_error *error);

#endif
