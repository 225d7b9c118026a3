/* Grants: a row shown to named people, beside those whom its audience shows it to.
 *
 * A module's table opts in with a column `granted {boolean} NOT NULL` beside `id` and `audience`;
 * `{visible TABLE}` then holds the rows granted to the viewer's person too. The column is the
 * store's to keep: TRUE while a row is granted to anybody. Each change raises the rights of the
 * person concerned, so that what is open to them is asked anew within a second.
 *
 * `relation` is the table's name. It belongs to the module in whose name the session is
 * (store_session_as): another's is EPERM, one without the columns EINVAL. Who may share what is the
 * caller's to decide: these functions do not ask. What a row that is deleted was granted shows
 * nobody anything, and goes within the hour; what a person who is erased was granted goes at once.
 * Who merges two people moves the grants of one to the other: identity_grants_move. Whoever was
 * merged stands for the one who remains wherever a person is named here; EBUSY: they are being
 * merged at this moment, and the same can be asked again. */
#ifndef IDENTITY_GRANT_H
#define IDENTITY_GRANT_H

#include "identity/audit.h"

/* Most people of one row: for more, an audience is the better way. */
#define IDENTITY_GRANTS_MAX 200

/* One row of a module's table. */
struct identity_object {
    const char *relation;
    int64_t id;
};
/* Shows the row to an active person; given again it changes nothing. ENOENT: no such row or active
 * person. ELIMIT: the row has IDENTITY_GRANTS_MAX. `giver` 0: the portal itself. In the open
 * transaction, as all that follow, or in one of its own. */
int identity_grant_give(struct store_session *session, const struct identity_object *object,
                        int64_t person, int64_t giver, struct portico_error *error);
/* Nothing to take is no error. */
int identity_grant_take(struct store_session *session, const struct identity_object *object,
                        int64_t person, struct portico_error *error);
/* These people and nobody else: `count` may be 0. Who can act in the account where `act` says
 * this happened sees it while they act there, staff while they are staff, others wherever they are.
 * Who has it keeps it, and from whom, also where they are not active any more. `act` says by whom
 * and where, all but kind, person and object: each change is recorded. */
int identity_grants_put(struct store_session *session, const struct identity_object *object,
                        const int64_t *people, size_t count, const struct identity_act *act,
                        struct portico_error *error);
/* To whom the row is granted: rows "person:id handle name giver:id given:time", by name. */
int identity_grants(struct store_session *session, const struct identity_object *object,
                    struct value **ret_rows, struct portico_error *error);
/* What rows that are gone were granted goes too, and givers who were erased are forgotten. */
int identity_grants_sweep(struct store_session *session, struct portico_error *error);
/* All that `from` was granted is granted to `to` instead. */
int identity_grants_move(struct store_session *session, int64_t from, int64_t to,
                         struct portico_error *error);

#endif
