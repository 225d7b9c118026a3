/* Days that come: what begins or runs out by its day is told once.
 *
 * Whether something holds is asked where it is read, by the days that stand in its row, and nothing
 * here changes that. Kept is what was told: of a membership, whether it holds (`held`, which acts
 * by hand set with what they tell themselves); of a delegation, the end that was told (`told`) and
 * the one that was reminded of (`reminded`). So another end is another day to tell of. */
#ifndef IDENTITY_DAY_H
#define IDENTITY_DAY_H

#include "identity/identity.h"

/* How long before its end a delegation is reminded of; one that was accepted later is not. */
#define IDENTITY_DAYS_BEFORE (14 * INT64_C(86400000000)) /* µs */

enum identity_day {
    IDENTITY_DAY_BEGAN, /* a membership holds, and was not told to */
    IDENTITY_DAY_ENDED, /* its last day is over */
    IDENTITY_DAY_OVER,  /* that of a delegation is, accepted or only offered */
    IDENTITY_DAY_NEAR,  /* a delegation that holds ends within IDENTITY_DAYS_BEFORE */
};
#define IDENTITY_DAYS (IDENTITY_DAY_NEAR + 1)

/* Ids of the memberships, or delegations, that there is something to tell of by now, at most
 * `most`.
 */
int identity_days_due(struct store_session *session, enum identity_day day, unsigned most,
                      struct value **ret_rows, struct portico_error *error);
/* In the open transaction: 1: it is this caller's to tell, and nobody else's; 0: it was told, or
 * is not so any more. */
int identity_day_take(struct store_session *session, enum identity_day day, int64_t id,
                      struct portico_error *error);

#endif
