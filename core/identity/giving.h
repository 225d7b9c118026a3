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
/* The same of who invites: they also look after the account's people (portico.company) still. */
int identity_inviting(struct identity *identity, struct store_session *session, int64_t inviter,
                      int64_t account, int64_t person, const char *roles,
                      struct portico_error *error);
/* The same of one of the staff who invites into the portal: they administer it (portico.admin)
 * still. */
int identity_inviting_staff(struct identity *identity, struct store_session *session,
                            int64_t inviter, int64_t person, const char *roles,
                            struct portico_error *error);
/* That a role holds a permission from now on, or does not. */
struct identity_ruling {
    const char *role, *permission;
    bool allow;
};
/* Whether `giver` may rule so. EPERM; EINVAL: no module declares the permission, or it is the
 * owner's roles' and this is none. */
int identity_ruling(struct identity *identity, struct store_session *session, int64_t giver,
                    const struct identity_ruling *ruling, struct portico_error *error);
/* Whether `remover` may remove that role: they hold what it contains, and nobody gave it to them.
 * EPERM. */
int identity_removing(struct identity *identity, struct store_session *session, int64_t remover,
                      const char *role, struct portico_error *error);
/* Whether `actor` may act on the sign-in of `person`: on one's own, or of who holds no more in the
 * owner's account. EPERM. */
int identity_over(struct identity *identity, struct store_session *session, int64_t actor,
                  int64_t person, struct portico_error *error);
/* Whether `actor` may read a letter to that person (0: nobody's) at an address (NULL: theirs),
 * whose links let in: as identity_over of whoever it is for, as who looks after companies where
 * they belong to one or are nobody yet, and of what an invitation to it gives. EPERM. */
int identity_over_letter(struct identity *identity, struct store_session *session, int64_t actor,
                         int64_t person, const char *to, struct portico_error *error);
/* Whether `actor` may look at the portal in that person's place: they are of the owner's people and
 * hold IDENTITY_VIEW_PERMISSION by a role of the owner's, and the other holds no more there. EPERM.
 */
int identity_viewing(struct identity *identity, struct store_session *session, int64_t actor,
                     int64_t person, struct portico_error *error);
/* The same of nobody in particular. */
int identity_may_view(struct identity *identity, struct store_session *session, int64_t actor,
                      struct portico_error *error);
/* Whether `giver` may make a membership of the account count in all below it: who acts below it
 * themselves may, or who looks after all accounts. EPERM. */
int identity_giving_below(struct identity *identity, struct store_session *session, int64_t giver,
                          int64_t account, struct portico_error *error);

/* Whether `giver` may let the partner act for the account with these roles: they hold what these
 * contain, are not of the partner themselves, and do not act there for another. EPERM. */
int identity_delegating(struct identity *identity, struct store_session *session, int64_t giver,
                        int64_t account, int64_t partner, const char *roles,
                        struct portico_error *error);

#endif
