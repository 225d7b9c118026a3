/* Everybody of an account in one list: members, those who applied, those who are invited, and
 * members of accounts above whose membership reaches into it. Of these, who are not its own, the
 * list has the name and the company. People of partners: delegate.h. */
#ifndef IDENTITY_ROSTER_H
#define IDENTITY_ROSTER_H

#include "identity/person.h"

#define IDENTITY_ROSTER_PAGE 25u /* rows identity_roster_roles takes at once */

/* Which of them. */
struct identity_roster {
    int64_t account;
    const char *part;   /* of name or address, of those above of the name alone; "": all */
    const char *kind;   /* "member", "applied", "invited", "waiting" (the last two), "reviewed"
                           (members and those above); "": all */
    const char *behind; /* key of the last row's name, and its id; NULL: from the first */
    int64_t id;
};
/* Rows "id person kind name name_key address title state below from until last_sign_in expires
 * roles reviewed reviewer company last_here" by name; `roles` of invitations only. Of those above,
 * whose `kind` is "above": `company` is theirs, and `reviewed` when it was here. */
int identity_roster(struct store_session *session, const struct identity_roster *wanted,
                    unsigned limit, struct value **ret_rows, struct portico_error *error);
/* Rows "membership role" of up to IDENTITY_ROSTER_PAGE memberships. */
int identity_roster_roles(struct store_session *session, const int64_t *memberships, size_t count,
                          struct value **ret_rows, struct portico_error *error);
/* Rows "kind count" of an account; kind "partner": its delegations that hold now. */
int identity_roster_counts(struct store_session *session, int64_t account, struct value **ret_rows,
                           struct portico_error *error);
/* When what people may is to be looked at again: so long after the one who waits longest for it, a
 * member, somebody above or a delegation. 0: there is none. */
#define IDENTITY_REVIEW_EVERY (180 * INT64_C(86400000000))
int identity_roster_due(struct store_session *session, int64_t account, int64_t *ret_due,
                        struct portico_error *error);
/* Members and those above, as identity_roster lists them, and delegations that hold, which nobody
 * looked at since then and which did not come since. */
int identity_roster_unreviewed(struct store_session *session, int64_t account, int64_t since,
                               int64_t *ret_count, struct portico_error *error);
/* An admin looked at what they may and left it so. */
int identity_member_reviewed(struct store_session *session, int64_t membership, int64_t reviewer,
                             struct portico_error *error);
/* The same of somebody above: an admin of `account`, into which it reaches. ENOENT: it does not. */
int identity_above_reviewed(struct store_session *session, int64_t membership, int64_t account,
                            struct portico_error *error);
/* In the open transaction: the account's row is held, first of all rows. ENOENT. */
int identity_account_hold(struct store_session *session, int64_t account,
                          struct portico_error *error);

#endif
