/* What is done with accounts, who belongs to them, and roles: the act, its event and its record in
 * one transaction, for pages and commands alike. */
#ifndef PORTAL_MANAGE_H
#define PORTAL_MANAGE_H

#include "identity/delegation.h"
#include "identity/giving.h"
#include "identity/member.h"

#include <portico/portico.h>

/* Who acts, in the open transaction of the context's database. */
struct manage {
    struct portico_context *context;
    struct store_session *session;
    struct identity *identity;
    int64_t actor;    /* a person; IDENTITY_OPERATOR: a command */
    int64_t through;  /* the partner for which they act; 0: none */
    const char *from; /* the network they are in, or "command line" */
};
/* Of a page; the transaction is begun by the caller. */
int manage_of(struct portico_request *request, struct manage *ret_manage,
              struct portico_error *error);

int manage_account_add(const struct manage *manage, const struct identity_new_account *made,
                       int64_t *ret_account, struct portico_error *error);
int manage_account_rename(const struct manage *manage, int64_t account, const char *name,
                          struct portico_error *error);
int manage_account_kind(const struct manage *manage, int64_t account, const char *kind,
                        struct portico_error *error);
int manage_account_move(const struct manage *manage, int64_t account, int64_t parent,
                        struct portico_error *error);
int manage_account_state(const struct manage *manage, int64_t account,
                         enum identity_account_state state, struct portico_error *error);
int manage_account_know(const struct manage *manage, int64_t account, const char *external,
                        struct portico_error *error);
int manage_account_forget(const struct manage *manage, int64_t account, const char *external,
                          struct portico_error *error);

/* The roles of these are held to identity_giving, "below" where it is turned on to
 * identity_giving_below: EPERM. */
int manage_member_add(const struct manage *manage, const struct identity_new_member *made,
                      int64_t *ret_membership, struct portico_error *error);
int manage_member_change(const struct manage *manage, int64_t membership,
                         const struct identity_member_change *change, struct portico_error *error);
/* Whether that change would be let through: EPERM, EINVAL. Changes nothing. */
int manage_member_may(const struct manage *manage, int64_t membership,
                      const struct identity_member_change *change, struct portico_error *error);
/* Of who belongs to it already: nothing. ECONFLICT: somebody else did it at the same moment. */
int manage_member_approve(const struct manage *manage, int64_t membership,
                          struct portico_error *error);
int manage_member_roles(const struct manage *manage, int64_t membership, const char *given,
                        const char *taken, struct portico_error *error);
/* Invitations that the person sent there and below are withdrawn. */
int manage_member_remove(const struct manage *manage, int64_t membership,
                         struct portico_error *error);

/* manage_staff.c: the roles moderator and admin, as bits. Who had none comes into the owner's
 * account by them, and leaves it without, unless they belong to it otherwise. The caller asks
 * identity_giving. */
int manage_staff_roles(const struct manage *manage, int64_t person, uint64_t added, uint64_t taken,
                       struct portico_error *error);

/* What the audit log keeps of an act; `person` 0 and `object` NULL: none. */
int manage_record(const struct manage *manage, const char *kind, int64_t account, int64_t person,
                  const char *object, struct portico_error *error);

/* One record for each of the roles, keys separated by blanks. */
int manage_record_roles(const struct manage *manage, const char *kind, const char *roles,
                        int64_t account, int64_t person, struct portico_error *error);

/* manage_contacts.c: the account team, whom of an account's people one asks about what, its domains
 * and its teams; an account's own alone, ENOENT otherwise. None of it gives a right. */
int manage_account_team_put(const struct manage *manage, int64_t account, int64_t person,
                            const char *role, const char *phone, struct portico_error *error);
int manage_account_team_take(const struct manage *manage, int64_t account, int64_t person,
                             struct portico_error *error);
int manage_contact(const struct manage *manage, int64_t account, const char *role, int64_t person,
                   bool wanted, struct portico_error *error);
int manage_domain_add(const struct manage *manage, int64_t account, const char *written,
                      bool approval, struct portico_error *error);
/* `how`: "dns" or "staff". */
int manage_domain_verified(const struct manage *manage, int64_t account, const char *domain,
                           const char *how, struct portico_error *error);
int manage_domain_remove(const struct manage *manage, int64_t account, const char *domain,
                         struct portico_error *error);
int manage_team_make(const struct manage *manage, int64_t account, const char *name,
                     int64_t *ret_team, struct portico_error *error);
int manage_team_rename(const struct manage *manage, int64_t account, int64_t team, const char *name,
                       struct portico_error *error);
int manage_team_person(const struct manage *manage, int64_t account, int64_t team, int64_t person,
                       bool wanted, struct portico_error *error);
int manage_team_remove(const struct manage *manage, int64_t account, int64_t team,
                       struct portico_error *error);
/* manage_delegation.c: both companies read of each step in their logs, and the admins of the other
 * one are told. Giving is held to identity_delegating: EPERM. */
int manage_delegation_give(const struct manage *manage, const struct identity_new_delegation *made,
                           struct portico_error *error);
/* For the partner; its giver is held to identity_delegating once more: EPERM. ENOENT: there is no
 * such offer to that account. */
int manage_delegation_accept(const struct manage *manage, int64_t partner, int64_t delegation,
                             struct portico_error *error);
/* For either of its companies; an offer is withdrawn by the one and declined by the other.
 * `ret_kind` may be NULL: what the audit log calls it. ENOENT: the account is none of these. */
int manage_delegation_end(const struct manage *manage, int64_t account, int64_t delegation,
                          const char **ret_kind, struct portico_error *error);

/* The days that come; day.h says when. In a transaction of their own, or in that of the act that
 * wrote the day: what was told already, and is not so, is left. manage_days.c: a membership begins
 * or ended; the person is told. */
int manage_member_days(const struct manage *manage, int64_t membership,
                       struct portico_error *error);
/* It ran out: the admins of both companies are told; */
int manage_delegation_over(const struct manage *manage, int64_t delegation,
                           struct portico_error *error);
/* it will soon: those of the company that may give it anew. */
int manage_delegation_near(const struct manage *manage, int64_t delegation,
                           struct portico_error *error);

/* Rules are held to identity_ruling: EPERM. */
enum manage_rule { MANAGE_ALLOW, MANAGE_DENY, MANAGE_RESET };
int manage_role_add(const struct manage *manage, const struct identity_new_role *made,
                    struct portico_error *error);
int manage_role_describe(const struct manage *manage, const char *key, const char *title,
                         const char *description, struct portico_error *error);
/* Held to identity_removing: EPERM. */
int manage_role_remove(const struct manage *manage, const char *key, struct portico_error *error);
int manage_role_rule(const struct manage *manage, const char *key, const char *permission,
                     enum manage_rule rule, struct portico_error *error);

#endif
