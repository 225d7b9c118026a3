/* The people who act in an account by one of its delegations now. Its admins read their names and
 * companies; whatever else there is to know of them is their own companies'. */
#ifndef IDENTITY_DELEGATE_H
#define IDENTITY_DELEGATE_H

#include "identity/identity.h"

#define IDENTITY_DELEGATES_MAX 1000u

/* Which of them. */
struct identity_delegates {
    int64_t account, delegation;
    const char *behind; /* key of the last row's name, and its id; NULL: from the first */
    int64_t id;
};
/* Rows "id name name_key until last_here" by name; `id` is the person's. */
int identity_delegates(struct store_session *session, const struct identity_delegates *wanted,
                       unsigned limit, struct value **ret_rows, struct portico_error *error);
int identity_delegates_count(struct store_session *session, int64_t account, int64_t delegation,
                             int64_t *ret_count, struct portico_error *error);
/* An admin of the account looked at it and left it so. */
int identity_delegation_reviewed(struct store_session *session, int64_t delegation,
                                 struct portico_error *error);

#endif
