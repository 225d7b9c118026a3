/* Roles and what they may: those every portal has, those the owner defined, and the owner's rules.
 *
 * A role is held in an account. Those of the owner's account hold everywhere, others while that
 * account is the active one. */
#ifndef IDENTITY_ROLE_H
#define IDENTITY_ROLE_H

#include "identity/identity.h"

#define IDENTITY_ROLE_MAX 40          /* bytes of a key: [a-z][a-z0-9-]* */
#define IDENTITY_ROLES_DEFINED_MAX 56 /* roles the owner may define */

struct identity_role {
    const char *key, *title, *description;
    bool owner;    /* held in the owner's account; else in others */
    bool built_in; /* every portal has it */
    bool given;    /* by somebody; else by being a member, or by signing in */
    uint64_t bit;
};

/* All roles and permissions as they were at one number of the rights. Never changes; any thread. */
struct identity_roles;
/* As they are at `number` (-1: now), read again only when that has changed. Give it back with
 * identity_roles_drop. */
int identity_roles_take(struct identity *identity, struct store_session *session, int64_t number,
                        struct identity_roles **ret_roles, struct portico_error *error);
void identity_roles_drop(struct identity_roles *roles); /* accepts NULL */
int64_t identity_roles_number(const struct identity_roles *roles);
size_t identity_roles_count(const struct identity_roles *roles);
const struct identity_role *identity_roles_at(const struct identity_roles *roles, size_t index);
/* NULL: there is none of that key. */
const struct identity_role *identity_roles_find(const struct identity_roles *roles,
                                                const char *key);
/* The declared permissions with the roles that hold them now, sorted by name. */
const struct identity_permission *identity_roles_permissions(const struct identity_roles *roles,
                                                             size_t *ret_count);
/* Whether that role may hold it: what is the owner's is no other's. */
bool identity_roles_fit(const struct identity_role *role,
                        const struct identity_permission *permission);
/* What these roles (bits) hold of them, as bits in their order: words of 64. */
void identity_roles_held(const struct identity_roles *roles, uint64_t mask, uint64_t *ret_held);
#define IDENTITY_HELD_WORDS(count) (((count) + 63) / 64)
/* Whether they hold this one; admins hold all, others none that no module declares. */
bool identity_roles_hold(const struct identity_roles *roles, uint64_t mask, const char *name);
/* Whether somebody with these roles may give away `role`: they hold all that it contains. One that
 * contains nothing is given by who holds it, and one of an account by its admins. */
bool identity_roles_may_give(const struct identity_roles *roles, uint64_t mask,
                             const struct identity_role *role);

/* Where a role is held. ENOENT: there is none of that key; EINVAL: nobody is given it. */
enum { IDENTITY_HELD_BY_OWNER = 1, IDENTITY_HELD_BY_ACCOUNTS = 2 };
int identity_role_place(struct store_session *session, const char *key,
                        struct portico_error *error);

/* What makes a role of the owner's. EEXIST: the key is taken; ELIMIT: there are as many as there
 * can be. */
struct identity_new_role {
    const char *key, *title, *description;
    bool owner;
};
int identity_role_make(struct store_session *session, const struct identity_new_role *made,
                       struct portico_error *error);
int identity_role_describe(struct store_session *session, const char *key, const char *title,
                           const char *description, struct portico_error *error);
/* Nobody holds it any more. EPERM: every portal has it. */
int identity_role_remove(struct store_session *session, const char *key,
                         struct portico_error *error);
/* How many people were given it, whoever they are and wherever. */
int identity_role_holders(struct store_session *session, const char *key, int64_t *ret_count,
                          struct portico_error *error);
/* Rows "permission allowed" of the rules on one. */
int identity_role_rules(struct store_session *session, const char *key, struct value **ret_rows,
                        struct portico_error *error);
/* Allowed or not, whatever the modules said. EPERM: of admins, who may everything, and of everyone:
 * what guests may, modules say. */
int identity_role_rule(struct store_session *session, const char *key, const char *permission,
                       bool allowed, struct portico_error *error);
/* As the modules said again. */
int identity_role_reset(struct store_session *session, const char *key, const char *permission,
                        struct portico_error *error);

#endif
