/* The account a session acts in, and going over to another one. */
#ifndef IDENTITY_ACTING_H
#define IDENTITY_ACTING_H

#include "identity/session.h"

/* Who goes over, and where to. */
struct identity_switch {
    int64_t session, person;
    int64_t account;
    int64_t from;       /* a link took them: the account they were in; 0: they chose */
    const char *token;  /* of the session; it gets another one */
    bool renewed;       /* the request that asks for this brought the session that token */
    const char *origin; /* for the record where that ends a look; see struct identity_act */
};
/* Takes the session to another account: a new token, or the renewed one, which no page knows yet;
 * forms that are open are over. `ret_token` is what the browser gets. Errors as of
 * identity_session_rotate. */
int identity_session_move(struct store_session *session, const struct identity_switch *who,
                          char ret_token[IDENTITY_TOKEN_SIZE], struct portico_error *error);
/* From now on the session acts there, and so will the person's next ones. The token is a new one,
 * so that no process goes by what it knew under the old one, and no form filled in for one account
 * is sent in the name of another; the old token is known for ten more seconds. ECONFLICT: another
 * request gave the session a new one at this moment. ENOENT: the person cannot act there. */
int identity_session_switch(struct identity *identity, struct store_session *session,
                            const struct identity_switch *wanted,
                            char ret_token[IDENTITY_TOKEN_SIZE], struct portico_error *error);
/* A session that did not say where it acts does from now on, so that it never slips into another
 * account by itself. */
int identity_session_settle(struct store_session *session, int64_t id, int64_t person,
                            int64_t account, struct portico_error *error);

/* Rows "id name through" of the accounts a person can act in, those used last first; `through` is
 * the name of the partner it lets act for it, "" where they belong to it. */
int identity_accounts_lately(struct store_session *session, int64_t person, unsigned limit,
                             struct value **ret_rows, struct portico_error *error);
/* The same of those they belong to, without that one (0: none): where nobody has to have chosen to
 * act for others. */
int identity_accounts_own(struct store_session *session, int64_t person, int64_t without,
                          unsigned limit, struct value **ret_rows, struct portico_error *error);
/* Rows "id name kind name_key through" by name behind `after` (NULL: from the first), where the
 * name has `part` ("": all) in it. */
struct identity_place;
int identity_accounts_search(struct store_session *session, int64_t person, const char *part,
                             const struct identity_place *after, unsigned limit,
                             struct value **ret_rows, struct portico_error *error);

#endif
