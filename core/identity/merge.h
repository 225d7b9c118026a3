/* Two people who are one: what the one who remains gets, and what ends with the other.
 *
 * Rights never grow by it beyond what each membership gave: where both belong to an account, that
 * membership counts which is in force, the remaining person's if both are; the other's roles are
 * added where they hold at least as long, and end otherwise; so do places in teams. Of two that are
 * not in force that counts which is not over. The remaining person's password, factors, sessions,
 * tokens and sign-in by a directory stay; those of the other end. What modules hold follows in a
 * job. */
#ifndef IDENTITY_MERGE_H
#define IDENTITY_MERGE_H

#include "identity/member.h"
#include "identity/person.h"

/* What becomes of the memberships in one account. Texts in the session's arena. */
struct identity_union {
    int64_t account;
    const char *name, *kind; /* of the account; the owner's has no name */
    int64_t from, into;      /* the memberships; 0: there is none */
    bool takes_over;         /* the vanishing person's counts from now on */
    bool adds;               /* it lasts as long: what hangs on it goes over */
    bool below;              /* it counts in the accounts below as well, and did not before */
    bool from_asked;         /* the vanishing person's was only asked for: no membership */
    bool into_asked;         /* likewise the remaining person's */
    bool loses_later;        /* the one that goes is yet to begin, and gave more: not to be done */
    const char *had;         /* roles of the one who remains, keys with blanks between */
    const char *gained;      /* those that are added */
    const char *lost;        /* those that end */
    const char *teams;       /* names: where it adds, those they come into; otherwise that end */
};
/* One row for each account that either belongs to, by its id. */
int identity_merge_look(struct store_session *session, int64_t from, int64_t into,
                        struct identity_union **ret_unions, size_t *ret_count,
                        struct portico_error *error);
/* Whether the one can become the other, by what they are: as of identity_merge_hold. */
int identity_merge_check(const struct identity_person *gone, const struct identity_person *remains,
                         struct portico_error *error);
/* First of all, in the open transaction: the accounts of both and both people are held until it
 * ends. ENOENT: no such person. ECONFLICT: one of them was merged already; the one who remains is
 * not active; or their accounts changed meanwhile. EINVAL: they are one. */
int identity_merge_hold(struct store_session *session, int64_t from, int64_t into,
                        struct portico_error *error);
/* Then, in the same: does what identity_merge_look says, moves addresses, places in teams, what was
 * shared by name, and ends all the vanishing person signed in with. Their handle leads to the other
 * from now on. */
int identity_merge(struct store_session *session, int64_t from, int64_t into,
                   struct portico_error *error);
/* Whether rows of modules still go over to, or from, that person. */
int identity_merging(struct store_session *session, int64_t person, bool *ret_merging,
                     struct portico_error *error);
/* The same in an open transaction, with the person held until it ends: of a merge and an erasure
 * that begin at the same moment one sees the other. Somebody who is no more is not held. */
int identity_merging_held(struct store_session *session, int64_t person, bool *ret_merging,
                          struct portico_error *error);
/* Whether they are being erased: the request is open. */
int identity_leaving(struct store_session *session, int64_t person, bool *ret_leaving,
                     struct portico_error *error);

#endif
