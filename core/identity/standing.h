/* How somebody stands in one account: what they may and see there. */
#ifndef IDENTITY_STANDING_H
#define IDENTITY_STANDING_H

#include "identity/role.h"

/* Most audiences of one person: a page's time grows with them. */
#define IDENTITY_AUDIENCES_MAX 1024

struct identity_standing {
    int64_t account;          /* the active one; 0: the person belongs to none */
    const char *name;         /* of it, or "" */
    uint64_t roles;           /* bits of the snapshot */
    const uint64_t *held;     /* of the declared permissions: bits in their order */
    const int64_t *audiences; /* sorted */
    size_t audience_count;
    int64_t until;  /* µs: when a membership begins or ends; INT64_MAX: none does */
    int64_t number; /* of the rights it is true for */
};
/* In the account asked for; whoever has no standing there acts in none, and never by itself in
 * another. 0 asks for the one they acted in last, the first customer's they belong to, or the
 * owner's. `person` must be active. In the session's arena. ELIMIT: more than
 * IDENTITY_AUDIENCES_MAX audiences. */
int identity_standing(struct identity *identity, struct store_session *session, int64_t person,
                      int64_t account, struct identity_standing *ret_standing,
                      struct portico_error *error);
/* All that an active person sees in any account they belong to: for what reaches them wherever they
 * are, such as notices. Sorted, in the session's arena. ELIMIT as above. */
int identity_sees(struct store_session *session, int64_t person, const int64_t **ret_audiences,
                  size_t *ret_count, struct portico_error *error);
/* 1: the person is active and sees the audience, in any account they belong to; 0: not. */
struct identity_person;
int identity_may_see(struct store_session *session, const struct identity_person *person,
                     int64_t audience, struct portico_error *error);

#endif
