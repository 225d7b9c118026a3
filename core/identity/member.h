/* Memberships: who belongs to which account, as what, and until when. A change raises
 * the person's rights, so that it holds everywhere within a second. */
#ifndef IDENTITY_MEMBER_H
#define IDENTITY_MEMBER_H

#include "identity/account.h"

enum identity_member_state {
    IDENTITY_APPLIED = 0, /* waits for approval: nothing yet */
    IDENTITY_MEMBERSHIP = 1,
};

/* What makes a membership. */
struct identity_new_member {
    int64_t account, person;
    const char *title;   /* what they do there; NULL: not said */
    const char *source;  /* how they came: "invited", "domain", "import", "staff", or "roles": for
                            them alone */
    const char *roles;   /* keys separated by blanks; NULL: none */
    bool below;          /* in the accounts below as well */
    bool waits;          /* for approval */
    int64_t from, until; /* 0: at once, for ever; in the owner's account always so */
    int64_t by;          /* who invited or took them in; 0: nobody */
};
/* Whether a membership of the account may hold so: EINVAL. */
int identity_member_days(int64_t account, int64_t from, int64_t until, struct portico_error *error);
/* EEXIST: the person belongs to the account already. EINVAL: a role that is none, or none that is
 * held there. ENOENT: no such person or account. */
int identity_member_add(struct store_session *session, const struct identity_new_member *made,
                        int64_t *ret_membership, struct portico_error *error);

/* A membership, in the memory of the session's arena. */
struct identity_member {
    int64_t id, account, person;
    const char *title, *source;
    enum identity_member_state state;
    bool below;
    int64_t from, until, created; /* from and until 0: no end on that side */
    int64_t by;                   /* who invited or took them in; 0: nobody is known */
};
int identity_member_look(struct store_session *session, int64_t membership,
                         struct identity_member *ret_member, struct portico_error *error);
/* That of a person in an account. ENOENT. */
int identity_member_of(struct store_session *session, int64_t account, int64_t person,
                       struct identity_member *ret_member, struct portico_error *error);

/* What may change of one; NULL, or -1 of a time, leaves it. */
struct identity_member_change {
    const char *title;
    const bool *below;
    int64_t from, until;
};
int identity_member_change(struct store_session *session, int64_t membership,
                           const struct identity_member_change *change,
                           struct portico_error *error);
/* Who applied belongs from now on. */
int identity_member_approve(struct store_session *session, int64_t membership,
                            struct portico_error *error);
/* Role keys separated by blanks, given and taken. ECONFLICT: the last active admin of the portal
 * would be gone. */
int identity_member_roles(struct store_session *session, int64_t membership, const char *given,
                          const char *taken, struct portico_error *error);
/* With roles and places in the account's teams. ECONFLICT as above. */
int identity_member_remove(struct store_session *session, int64_t membership,
                           struct portico_error *error);

/* The member who is called so, however they write it: ENOENT: nobody; ECONFLICT: several. */
int identity_member_called(struct store_session *session, int64_t account, const char *name,
                           int64_t *ret_person, struct portico_error *error);
/* Rows "id person name handle address title state person_state below from until created
 * last_sign_in source" by name behind `after`, where the name begins with `beginning` ("": all). */
struct identity_place;
int identity_members(struct store_session *session, int64_t account, const char *beginning,
                     const struct identity_place *after, unsigned limit, struct value **ret_rows,
                     struct portico_error *error);
/* Rows "id account name kind account_state title state below from until created" of a person,
 * oldest first. */
int identity_memberships(struct store_session *session, int64_t person, struct value **ret_rows,
                         struct portico_error *error);

/* Rows "role". */
int identity_roles_of_member(struct store_session *session, int64_t membership,
                             struct value **ret_rows, struct portico_error *error);

#endif
