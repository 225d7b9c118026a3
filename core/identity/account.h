/* Accounts: companies, in a tree. Account 1 is the portal owner's own; its members are the staff.
 */
#ifndef IDENTITY_ACCOUNT_H
#define IDENTITY_ACCOUNT_H

#include "identity/identity.h"

#define IDENTITY_OWNER INT64_C(1) /* the owner's account */
#define IDENTITY_DEPTH_MAX 8      /* accounts above one */

enum identity_account_state {
    IDENTITY_OPEN = 1,
    IDENTITY_SUSPENDED = 2, /* nobody acts in it; its rows stay its own */
    IDENTITY_CLOSED = 3,    /* as suspended, and nobody joins it */
};

/* An account, in the memory of the session's arena. */
struct identity_account {
    int64_t id, parent; /* parent 0: none */
    const char *kind;   /* "owner", "customer" or "partner" */
    const char *name;   /* "" only for the owner's: the portal's name stands there */
    enum identity_account_state state;
    int64_t created;
};

/* What makes an account. */
struct identity_new_account {
    const char *name;
    const char *kind;     /* "customer" or "partner"; NULL: customer */
    const char *external; /* id elsewhere: "crm:0815"; or NULL */
    int64_t parent;       /* 0: none; never the owner's */
    int64_t created;      /* 0: now */
};
/* EINVAL: a name or kind that is none, or a parent that is not there, is closed or lies too deep;
 * EEXIST: the external id is another's. */
int identity_account_make(struct store_session *session, const struct identity_new_account *made,
                          int64_t *ret_account, struct portico_error *error);
/* ENOENT: there is none of that id. */
int identity_account_look(struct store_session *session, int64_t id,
                          struct identity_account *ret_account, struct portico_error *error);
/* By what people call it: "external:…", id, or its name where only one has it. ENOENT with `who`;
 * ECONFLICT: several have the name. */
int identity_account_named(struct store_session *session, const char *who,
                           struct identity_account *ret_account, struct portico_error *error);
int identity_account_external(struct store_session *session, const char *external, int64_t *ret_id,
                              struct portico_error *error);
/* Another id elsewhere. EEXIST: it is another account's. */
int identity_account_known_as(struct store_session *session, int64_t account, const char *external,
                              struct portico_error *error);
/* ENOENT: it is not one of this account's. */
int identity_account_forget(struct store_session *session, int64_t account, const char *external,
                            struct portico_error *error);

/* Which ones; NULL and 0: all. */
struct identity_account_filter {
    const char *beginning; /* of the name; or the whole of an id elsewhere */
    const char *kind;
    int state; /* enum identity_account_state */
};
/* Rows "id parent kind name state created members" by name behind `after` (name and id of the last
 * one; NULL: from the first), the owner's left out. */
struct identity_place;
int identity_account_list(struct store_session *session, const struct identity_account_filter *of,
                          const struct identity_place *after, unsigned limit,
                          struct value **ret_rows, struct portico_error *error);
/* Rows "id name kind state" of those above one, the highest first; */
int identity_account_above(struct store_session *session, int64_t account, struct value **ret_rows,
                           struct portico_error *error);
/* of those right below it, by name; */
int identity_account_below(struct store_session *session, int64_t account, unsigned limit,
                           struct value **ret_rows, struct portico_error *error);
/* and rows "external" of its ids elsewhere. */
int identity_account_externals(struct store_session *session, int64_t account,
                               struct value **ret_rows, struct portico_error *error);
/* Another name. EPERM: the owner's, which is the portal's. */
int identity_account_rename(struct store_session *session, int64_t account, const char *name,
                            struct portico_error *error);
/* Below another parent, or none (0), with all that is below it. `ret_former` may be NULL: what it
 * was below until now; 0: none. EINVAL: below itself, too deep, or the owner's. */
int identity_account_move(struct store_session *session, int64_t account, int64_t parent,
                          int64_t *ret_former, struct portico_error *error);
int identity_account_kind(struct store_session *session, int64_t account, const char *kind,
                          struct portico_error *error);
int identity_account_state(struct store_session *session, int64_t account,
                           enum identity_account_state state, struct portico_error *error);

/* In the open transaction: what many people may has changed, which every process learns within a
 * second. */
int identity_rights_move(struct store_session *session, struct portico_error *error);
/* How often that happened. */
int identity_rights_number(struct store_session *session, int64_t *ret_number,
                           struct portico_error *error);

#endif
