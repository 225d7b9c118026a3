/* Access tokens of the API: a secret that acts in its person's name, in one account, cut to what
 * was chosen. What its person may is looked up at each use; it never may more. It ends with the
 * membership or delegation by which they acted there when it was made. */
#ifndef IDENTITY_API_TOKEN_H
#define IDENTITY_API_TOKEN_H

#include "identity/session.h"
#include "identity/standing.h"

#define IDENTITY_API_TOKEN_PREFIX "ptk_" /* what scanners for secrets look for */
#define IDENTITY_API_TOKEN_SIZE (IDENTITY_TOKEN_SIZE + 4)
#define IDENTITY_API_TOKENS_MAX 50 /* of one person */
#define IDENTITY_API_TOKEN_NAME_MAX 60

struct identity_new_api_token {
    int64_t person;
    int64_t account; /* in which it acts; 0: none */
    const char *name;
    const char *scopes; /* permissions, separated by blanks */
    int64_t expires;    /* the first moment after its last day; 0: it has no last day */
    bool proved;        /* the session it is made in was opened with a second factor */
};
/* In the open transaction. EPERM: a scope they do not hold in that account, or an account they do
 * not act in; EINVAL: no name, a last day that is over, later than the rules allow, or none where
 * they ask for one; ELIMIT: there are too many. */
int identity_api_token_make(struct identity *identity, struct store_session *session,
                            const struct identity_new_api_token *made,
                            char ret_token[IDENTITY_API_TOKEN_SIZE], int64_t *ret_id,
                            struct portico_error *error);

/* One that was shown, and how its person stands with it. */
struct identity_api_token {
    int64_t id;
    struct identity_person person;
    struct identity_standing standing; /* cut to the scopes; until its end at most */
    unsigned step;                     /* as of identity_step_due: then it opens nothing */
};
/* Never in an open transaction. ENOENT: it is none, it is over or revoked, its person may not sign
 * in or acts in its account no more: a guess of the network's; ELIMIT: too many of those. */
int identity_api_token_use(struct identity *identity, struct store_session *session,
                           const char *token, const char *network,
                           struct identity_api_token *ret_used, struct portico_error *error);
/* Rows "id name account account_name scopes created expires used person handle over", newest first;
 * of everybody for person 0. "over": its last day is over, the rules of today say so, or its person
 * acts in the account no more by what they did so when it was made. */
int identity_api_tokens(struct identity *identity, struct store_session *session, int64_t person,
                        struct value **ret_rows, struct portico_error *error);
/* In the open transaction. ENOENT: not that person's, or IDENTITY_ANYBODY's; whose it was is
 * `ret_person`. */
#define IDENTITY_ANYBODY INT64_C(-1)
int identity_api_token_revoke(struct store_session *session, int64_t person, int64_t id,
                              int64_t *ret_person, struct portico_error *error);
/* All of somebody's; how many. */
int identity_api_tokens_revoke(struct store_session *session, int64_t person, int64_t *ret_count,
                               struct portico_error *error);

#endif
