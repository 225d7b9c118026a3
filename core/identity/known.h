/* What somebody may know of accounts and of those who belong to them: the accounts they can act in,
 * all above these, and the owner's. What is not known does not exist. */
#ifndef IDENTITY_KNOWN_H
#define IDENTITY_KNOWN_H

#include "identity/identity.h"

#define IDENTITY_NO_ACCOUNT INT64_C(-1)

/* Who asks: a person, or nobody (0); `all`: every account is known. `within`: of the accounts they
 * act in this one counts alone, and what lies above it; IDENTITY_NO_ACCOUNT: none; 0: each. */
struct identity_knower {
    int64_t person;
    bool all;
    int64_t within;
};

/* Those of `ids` that are known: rows "id name kind parent", each once. The owner's has the
 * portal's name. At most 1,000 ids. */
int identity_known(struct identity *identity, struct store_session *session,
                   const struct identity_knower *knower, const int64_t *ids, size_t count,
                   struct value **ret_rows, struct portico_error *error);
/* 1 or 0; negative where it cannot be read. */
int identity_knows(struct store_session *session, const struct identity_knower *knower,
                   int64_t account, struct portico_error *error);
/* Of those a person can act in, the known ones, by name: the same rows. */
int identity_known_of(struct identity *identity, struct store_session *session,
                      const struct identity_knower *knower, int64_t person, unsigned limit,
                      struct value **ret_rows, struct portico_error *error);
/* Active people who can act in the account, whose name or handle begins so ("": all), by name:
 * rows as of identity_people. */
int identity_people_in(struct store_session *session, int64_t account, const char *beginning,
                       unsigned limit, struct value **ret_rows, struct portico_error *error);

/* 1: the person can act in the account; 0: not. */
int identity_acts_in(struct store_session *session, int64_t person, int64_t account,
                     struct portico_error *error);
/* The same of who asks, and within which account they do. */
int identity_knower_acts(struct store_session *session, const struct identity_knower *knower,
                         int64_t account, struct portico_error *error);
/* The same of who knows its people, teams and roles: a delegate only where account-member is lent.
 */
int identity_acts_as_member(struct store_session *session, int64_t person, int64_t account,
                            struct portico_error *error);
/* Whom somebody may name, to show them something: active people of accounts they act in as members,
 * and the staff; who belongs to no account may name others who do not; and who knows all accounts,
 * everybody. Rows as of identity_people, of those whose name or handle begins so (not ""): whose
 * handle it is before the others, which are by name. */
int identity_nameable(struct store_session *session, const struct identity_knower *knower,
                      const char *beginning, unsigned limit, struct value **ret_rows,
                      struct portico_error *error);
/* The one of this handle, in any case. ENOENT, whether there is nobody or they may not be named. */
int identity_nameable_one(struct store_session *session, const struct identity_knower *knower,
                          const char *handle, int64_t *ret_person, struct portico_error *error);

#endif
