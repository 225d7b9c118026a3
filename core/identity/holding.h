/* What somebody else than the one who asks may, by their standing and the owner's rules; and who
 * may something. */
#ifndef IDENTITY_HOLDING_H
#define IDENTITY_HOLDING_H

#include "identity/identity.h"

/* 1: the person is active and has the permission in the account; 0: not. Account 0: wherever they
 * act, by the roles that hold everywhere. */
int identity_person_may(struct identity *identity, struct store_session *session, int64_t person,
                        int64_t account, const char *permission, struct portico_error *error);
/* Active people who have it by a role that not everybody has: rows as of identity_people. With an
 * account its own people first; then moderators, then by name. None of what every member has.
 * EINVAL: no module declared it. */
int identity_people_holding(struct identity *identity, struct store_session *session,
                            int64_t account, const char *permission, unsigned limit,
                            struct value **ret_rows, struct portico_error *error);
/* Active people who look after an account's people, rows as above: its own with portico.company; if
 * there is none, those who hold it there from an account above; if there is none either, the staff
 * with portico.accounts, and `ret_staff` says so. */
int identity_people_looking_after(struct identity *identity, struct store_session *session,
                                  int64_t account, unsigned limit, struct value **ret_rows,
                                  bool *ret_staff, struct portico_error *error);

#endif
