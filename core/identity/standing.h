/* How somebody stands in one account: what they may and see there. */
#ifndef IDENTITY_STANDING_H
#define IDENTITY_STANDING_H

#include "identity/role.h"

/* Most audiences of one person: a page's time grows with them. What is for them alone fills the
 * room that the others leave, the latest first, and takes none of theirs. */
#define IDENTITY_AUDIENCES_MAX 1024

struct identity_standing {
    int64_t account;          /* the active one; 0: the person belongs to none */
    const char *name;         /* of it, or "" */
    uint64_t roles;           /* bits of the snapshot */
    const uint64_t *held;     /* of the declared permissions: bits in their order */
    const int64_t *audiences; /* sorted */
    size_t audience_count;
    bool second;              /* one of the roles needs a second factor */
    bool every_account;       /* sees the rows of every account's audiences too */
    int64_t through;          /* the account, a partner, for which they act there; 0: they belong */
    const char *through_name; /* of it, or "" */
    bool entered;             /* they looked into it as staff, and only so */
    int64_t until;  /* µs: when what it rests on begins or ends; INT64_MAX: nothing does */
    int64_t number; /* of the rights it is true for */
};
/* Sees the rows of all accounts: for people of the owner's. */
#define IDENTITY_SEE_PERMISSION "portico.accounts.see"
/* May look into an account they do not belong to, with the owner's roles alone. */
#define IDENTITY_ENTER_PERMISSION "portico.accounts.enter"
/* May look at the portal in the place of who may do no more. */
#define IDENTITY_VIEW_PERMISSION "portico.people.view_as"
/* In the account asked for; whoever has no standing there acts in none, and never by itself in
 * another. 0 asks for the one they acted in last, the first customer's they belong to, or the
 * owner's. `person` must be active. In the session's arena. ELIMIT: more than
 * IDENTITY_AUDIENCES_MAX audiences. */
int identity_standing(struct identity *identity, struct store_session *session, int64_t person,
                      int64_t account, struct identity_standing *ret_standing,
                      struct portico_error *error);
/* The same of who entered that account as staff: if nothing else lets them act there, they see what
 * all its members see, be it suspended or closed, and keep what they may as staff. */
int identity_standing_entered(struct identity *identity, struct store_session *session,
                              int64_t person, int64_t account,
                              struct identity_standing *ret_standing, struct portico_error *error);
/* The same as whoever looks in their place sees it: without what is for the person alone. */
int identity_standing_looked(struct identity *identity, struct store_session *session,
                             int64_t person, int64_t account,
                             struct identity_standing *ret_standing, struct portico_error *error);
/* All that an active person sees in any account they belong to: for lists of all of them. Sorted,
 * in the session's arena. `looks`: without what is for them alone, as above. `ret_every`: they see
 * the audiences of every account besides. ELIMIT as above. */
int identity_sees(struct identity *identity, struct store_session *session, int64_t person,
                  bool looks, const int64_t **ret_audiences, size_t *ret_count, bool *ret_every,
                  struct portico_error *error);
/* The same of some audiences alone, however many there are: in, ids; out, those of them that the
 * person sees. No ELIMIT. */
int identity_sees_some(struct identity *identity, struct store_session *session, int64_t person,
                       bool looks, const int64_t **audiences, size_t *count, bool *ret_every,
                       struct portico_error *error);
/* 1: the person is active and sees the audience, in any account they belong to or as one of the
 * owner's people who see every account's; 0: not. */
struct identity_person;
int identity_may_see(struct identity *identity, struct store_session *session,
                     const struct identity_person *person, int64_t audience,
                     struct portico_error *error);

#endif
