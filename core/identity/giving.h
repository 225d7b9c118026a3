/* Who may change what somebody may: nobody gives or takes what they lack, and nobody changes their
 * own. Asked in the transaction of the change, of the rights as they are there. */
#ifndef IDENTITY_GIVING_H
#define IDENTITY_GIVING_H

#include "identity/role.h"

/* Whoever runs a command on the machine: may give everything, to themselves too. */
#define IDENTITY_OPERATOR INT64_C(0)

/* Whether `giver` may give to, or take from, `person` these roles (keys separated by blanks) in the
 * account. EPERM, as the sentence says. */
int identity_giving(struct identity *identity, struct store_session *session, int64_t giver,
                    int64_t account, int64_t person, const char *roles,
                    struct portico_error *error);
/* Whether `giver` may make that role hold the permission, or not hold it. EPERM; EINVAL: no module
 * declares the permission. */
int identity_ruling(struct identity *identity, struct store_session *session, int64_t giver,
                    const char *role, const char *permission, struct portico_error *error);

#endif
