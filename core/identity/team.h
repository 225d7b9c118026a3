/* Teams: some members of an account under a name. They see what is shared with their team, and may
 * nothing more. */
#ifndef IDENTITY_TEAM_H
#define IDENTITY_TEAM_H

#include "identity/account.h"

#define IDENTITY_TEAMS_MAX 200 /* of one account */

/* EEXIST: the account has a team of that name; ELIMIT. */
int identity_team_make(struct store_session *session, int64_t account, const char *name,
                       int64_t *ret_team, struct portico_error *error);
/* EINVAL: the person does not belong to the team's account. */
int identity_team_add(struct store_session *session, int64_t team, int64_t person,
                      struct portico_error *error);
int identity_team_take(struct store_session *session, int64_t team, int64_t person,
                       struct portico_error *error);
/* With its places; what only it might see, nobody sees from then on. */
int identity_team_remove(struct store_session *session, int64_t team, struct portico_error *error);
/* Rows "id name members" of an account, by name. */
int identity_teams(struct store_session *session, int64_t account, struct value **ret_rows,
                   struct portico_error *error);

struct identity_team {
    int64_t id;
    const char *name;
    int64_t created;
};
/* One of the account's; ENOENT. */
int identity_team_of(struct store_session *session, int64_t account, int64_t team,
                     struct identity_team *ret_team, struct portico_error *error);
/* EEXIST as above. */
int identity_team_rename(struct store_session *session, int64_t team, const char *name,
                         struct portico_error *error);
/* Rows "person membership name handle address" by name behind `after` (NULL: from the first). */
struct identity_place;
int identity_team_people(struct store_session *session, int64_t team,
                         const struct identity_place *after, unsigned limit,
                         struct value **ret_rows, struct portico_error *error);

#endif
