/* Delegations: an account lets a partner's account act for it, with some of its roles, until a day.
 *
 * One is offered first, and lets nobody in before an admin of the partner accepts it.
 * People of the partner who have the permission portico.account.act by a role they hold there act
 * in the account with the delegation's roles and no others. It does not pass on: not to accounts
 * below the one, and not to accounts that let the partner act in turn. Both companies see it, and
 * either ends it. Accepting and ending raise the number of the rights. */
#ifndef IDENTITY_DELEGATION_H
#define IDENTITY_DELEGATION_H

#include "identity/account.h"

#define IDENTITY_ACT_PERMISSION "portico.account.act"
#define IDENTITY_DELEGATIONS_MAX 200u                                /* that one account gives */
#define IDENTITY_REASON_MAX 300                                      /* bytes */
#define IDENTITY_DELEGATION_LONGEST (2 * 366 * INT64_C(86400000000)) /* µs from now on */

struct identity_new_delegation {
    int64_t account, partner;
    const char *roles;  /* keys separated by blanks; "account-member": sees what its members see */
    const char *reason; /* for both companies to read */
    int64_t giver;      /* a person; 0: a command */
    int64_t until;      /* it ends then */
    bool accepted;      /* the partner said so elsewhere: it holds at once */
};
/* One that is over gives way. EINVAL: the account is the owner's or no partner's, a role that is
 * none, no role or reason, a time that is over. EEXIST: the partner acts there already, or was
 * offered to. */
int identity_delegation_give(struct store_session *session,
                             const struct identity_new_delegation *made, int64_t *ret_delegation,
                             struct portico_error *error);

struct identity_delegation {
    int64_t id, account, partner;
    const char *account_name, *partner_name, *reason, *giver_name; /* giver_name "": none */
    const char *roles;                                             /* keys separated by blanks */
    int64_t giver;                                                 /* 0: a command, or erased */
    int64_t until, created, accepted;                              /* accepted: 0: it is offered */
    int64_t reviewed; /* by an admin of the account, in an access review; 0: not yet */
    bool commanded;
    bool told; /* that it is over by its day */
};
/* From now on it holds. EINVAL: it is over, nothing of its roles is left, or one of the companies
 * is none that it could be given to or by now. ENOENT: there is no offer of that id. */
int identity_delegation_accept(struct store_session *session, int64_t delegation,
                               struct portico_error *error);
/* In the memory of the session's arena. ENOENT. */
int identity_delegation_look(struct store_session *session, int64_t delegation,
                             struct identity_delegation *ret_delegation,
                             struct portico_error *error);
/* Which of them. */
struct identity_delegations {
    int64_t account;
    bool given;         /* those that the account gave; false: those it was given */
    const char *kind;   /* "offered", "accepted"; NULL: both */
    const char *part;   /* of the other's name; NULL: all */
    const char *behind; /* key of the last row's other name, and its id; NULL: from the first */
    int64_t id;
};
/* Rows "id name_key" by the other's name, those that are over as well. Of those given there are no
 * more than IDENTITY_DELEGATIONS_MAX. */
int identity_delegations(struct store_session *session, const struct identity_delegations *wanted,
                         unsigned limit, struct value **ret_rows, struct portico_error *error);
/* `ret_accepted` may be NULL: whether it held until now, or was only offered. ENOENT: there is none
 * of that id. */
int identity_delegation_end(struct store_session *session, int64_t delegation, bool *ret_accepted,
                            struct portico_error *error);

#endif
