/* Whom an account asks at the owner's, and whom of its people one asks about what. Neither gives a
 * right. */
#ifndef IDENTITY_CONTACT_H
#define IDENTITY_CONTACT_H

#include "identity/account.h"

/* ---- the account team: staff who look after an account ---- */

/* Rows "person handle name role phone address" of those that are staff still, in the order they
 * were named; */
int identity_account_team(struct store_session *session, int64_t account, struct value **ret_rows,
                          struct portico_error *error);
/* Names somebody, or once more with another role and phone. EINVAL: no staff, no such role or
 * phone, or the owner's own account. */
int identity_account_team_put(struct store_session *session, int64_t account, int64_t person,
                              const char *role, const char *phone, struct portico_error *error);
/* Whether that would be taken: EINVAL. Changes nothing; account and person 0: who is made first. */
int identity_account_team_check(struct store_session *session, int64_t account, int64_t person,
                                const char *role, const char *phone, struct portico_error *error);
/* ENOENT: they are not in it. */
int identity_account_team_take(struct store_session *session, int64_t account, int64_t person,
                               struct portico_error *error);

/* ---- contact roles: people of the account ---- */

#define IDENTITY_CONTACTS_MAX 20 /* people of one role */

/* "billing", "technical", "security", "legal", in this order; NULL behind the last. `ret_title`
 * (may be NULL) is an English source text. */
const char *identity_contact_role(size_t index, const char **ret_title);
/* Rows "role person membership name handle address" of those that belong to the account now, by
 * role and name. */
int identity_contacts(struct store_session *session, int64_t account, struct value **ret_rows,
                      struct portico_error *error);
/* EINVAL: there is no such role, or the person does not belong to the account; ELIMIT. Once more is
 * fine: 0 in `ret_changed`. */
int identity_contact_put(struct store_session *session, int64_t account, const char *role,
                         int64_t person, bool *ret_changed, struct portico_error *error);
int identity_contact_take(struct store_session *session, int64_t account, const char *role,
                          int64_t person, bool *ret_changed, struct portico_error *error);
/* Whether it would be put where there is room: EINVAL. Changes nothing; account or person 0: who is
 * made first. */
int identity_contact_check(struct store_session *session, int64_t account, const char *role,
                           int64_t person, struct portico_error *error);
/* ELIMIT: nobody else fits in, beside so many `more` that would be named or, below 0, taken away.
 */
int identity_contact_room(struct store_session *session, int64_t account, const char *role,
                          int64_t more, struct portico_error *error);
/* Of nothing any more: they left the account. */
int identity_contact_leave(struct store_session *session, int64_t account, int64_t person,
                           struct portico_error *error);

#endif
