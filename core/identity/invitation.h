/* Invitations into an account, by address: sent by those who look after its people, accepted once
 * by whoever the address belongs to. Only the hash of the link's token is kept. */
#ifndef IDENTITY_INVITATION_H
#define IDENTITY_INVITATION_H

#include "identity/account.h"
#include "identity/link.h"

/* Where the portal's page for them lies: its URL, this, and the token. */
#define IDENTITY_INVITATION_PATH "/account/invitation/"

enum identity_invitation_state {
    IDENTITY_INVITED = 1,
    IDENTITY_ACCEPTED = 2,
    IDENTITY_WITHDRAWN = 3,
    IDENTITY_DECLINED = 4,
};

/* In the memory of the session's arena. */
struct identity_invitation {
    int64_t id, account, inviter;
    const char *address, *name, *title, *roles, *locale;
    enum identity_invitation_state state;
    int64_t created, expires;
};

/* What makes one. */
struct identity_new_invitation {
    int64_t account, inviter;
    const char *address;
    const char *name, *title, *roles, *locale; /* NULL: none */
};
/* Somebody is invited, or once more, with what is said now. EINVAL: no address, name or title;
 * EEXIST: whose main address it is belongs to the account. The roles are the caller's to check. */
int identity_invite(struct identity *identity, struct store_session *session,
                    const struct identity_new_invitation *made, int64_t *ret_id,
                    char ret_token[IDENTITY_TOKEN_SIZE], struct portico_error *error);
/* One of the account's; ENOENT. */
int identity_invitation_of(struct store_session *session, int64_t account, int64_t id,
                           struct identity_invitation *ret_invitation, struct portico_error *error);
/* Another link with the whole time before it; the one before opens nothing more. */
int identity_invitation_renew(struct identity *identity, struct store_session *session, int64_t id,
                              char ret_token[IDENTITY_TOKEN_SIZE], struct portico_error *error);
/* Withdrawn or declined: its link opens nothing more. ENOENT: it waits no longer. */
int identity_invitation_end(struct store_session *session, int64_t id,
                            enum identity_invitation_state state, struct portico_error *error);

/* All that somebody sent into the account and those below it (0: anywhere) and that wait still are
 * withdrawn. */
int identity_invitations_end(struct store_session *session, int64_t inviter, int64_t account,
                             struct portico_error *error);

/* By its link, without using it. ENOENT; `ret_reason` (may be NULL) is then an English source text
 * of the host's catalogue. */
int identity_invitation_look(struct store_session *session, const char *token,
                             struct identity_invitation *ret_invitation, const char **ret_reason,
                             struct portico_error *error);
/* Whose verified address it went to; 0: nobody's. */
int identity_invitation_whose(struct store_session *session,
                              const struct identity_invitation *invitation, int64_t *ret_person,
                              struct portico_error *error);
/* Somebody signed in accepts it: once, with those of its roles that there are still, none where
 * they belong to the account already. `joining` (NULL: nobody) is told where they did not. EPERM:
 * the address is not verified as theirs. ENOENT as above, also where the inviter may give them no
 * more. */
int identity_invitation_accept(struct identity *identity, struct store_session *session,
                               const char *token, int64_t person, const char *origin,
                               const struct identity_joining *joining,
                               struct identity_invitation *ret_invitation, const char **ret_reason,
                               struct portico_error *error);
/* Somebody new accepts it: a person of that name and password, whose address is confirmed by the
 * link. ENOENT as above, also where the portal takes in nobody new; EEXIST: the address is
 * somebody's by now; EINVAL: `ret_field` is "name" or "password",
 * `ret_reason` says why. */
struct identity_newcomer {
    const char *name, *password, *locale, *timezone;
    const char *origin;                     /* for the audit log */
    const struct identity_joining *joining; /* told in the transaction; NULL: nobody */
};
int identity_invitation_join(struct identity *identity, struct store_session *session,
                             const char *token, const struct identity_newcomer *newcomer,
                             int64_t *ret_person, struct identity_invitation *ret_invitation,
                             const char **ret_field, const char **ret_reason,
                             struct portico_error *error);

#endif
