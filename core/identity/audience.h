/* Audiences: who may see a row, interned, few and shared. */
#ifndef IDENTITY_AUDIENCE_H
#define IDENTITY_AUDIENCE_H

#include "identity/account.h"

/* Ids up to this one are the same in every portal. */
#define IDENTITY_AUDIENCE_FIXED 15
#define IDENTITY_AUDIENCE_NOBODY 4

enum identity_audience_kind {
    IDENTITY_FOR_ACCOUNT, /* its members */
    IDENTITY_FOR_BELOW,   /* its members and those of all accounts below it */
    IDENTITY_FOR_ROLE,    /* its members with a role */
    IDENTITY_FOR_TEAM,    /* a team of it */
    /* Whoever looks after its people: its own, or those above it, with portico.company there; of
     * the owner's account the staff with portico.accounts. Partners who act there are not among
     * them. */
    IDENTITY_FOR_KEEPERS,
};

struct identity_audience {
    enum identity_audience_kind kind;
    int64_t account;
    const char *role; /* of FOR_ROLE */
    int64_t team;     /* of FOR_TEAM; the account is its own */
};
/* The id, the same each time; made when first asked for, in the open transaction or one of its own.
 * EINVAL: no such account or team, or no role named. */
int identity_audience_of(struct store_session *session, const struct identity_audience *audience,
                         int64_t *ret_id, struct portico_error *error);
/* The audience of one person while they act in an account, and of nobody else; made as those above,
 * and then only what this person sees is read anew. IDENTITY_NO_PERSON: what nobody there sees, but
 * whoever sees all accounts'. EINVAL: there is no such person or account. */
#define IDENTITY_NO_PERSON (-1)
int identity_audience_of_person(struct store_session *session, int64_t person, int64_t account,
                                int64_t *ret_id, struct portico_error *error);
/* In the open transaction: what was shown to `from` alone is shown to `to` alone from now on, under
 * the same numbers, so that no row changes. Both are held, and `from` says into whom they were
 * merged when the transaction ends: what is asked for of them later is of whom they became. */
int identity_audience_move_person(struct store_session *session, int64_t from, int64_t to,
                                  struct portico_error *error);
/* Back: rows "kind account role team person" of one; "person" is a kind as well. ENOENT. */
int identity_audience_look(struct store_session *session, int64_t id, struct value **ret_rows,
                           struct portico_error *error);

#endif
