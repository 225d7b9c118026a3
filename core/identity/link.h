/* One-time links: for whom, for what, once, until when. And the steps that people take with them.
 *
 * Nobody types a password before their address is proven: signing up, an invitation, a forgotten
 * password and the first admin all end on one page that sets it. So nobody can prepare an account
 * with somebody else's address and wait for its owner to confirm it. */
#ifndef IDENTITY_LINK_H
#define IDENTITY_LINK_H

#include "identity/person.h"

enum identity_purpose {
    IDENTITY_LINK_ADMIN = 1,   /* the first admin of an empty portal; nobody's yet */
    IDENTITY_LINK_SIGN_UP = 2, /* confirms the address, sets the first password */
    IDENTITY_LINK_INVITE = 3,  /* the same, made by an admin */
    IDENTITY_LINK_RESET = 4,   /* sets a new password */
    IDENTITY_LINK_ADDRESS = 5, /* confirms one more address */
};

/* Where the portal's page for all of them lies: its URL, this, and the token. */
#define IDENTITY_LINK_PATH "/account/link/"

struct identity_link {
    int64_t id;
    enum identity_purpose purpose;
    int64_t person;      /* 0: nobody's */
    const char *address; /* it was sent there; NULL: nowhere */
    int64_t inviter;     /* of the staff; 0: it is no invitation, or the operator's */
    int64_t created, expires;
};

/* How long a link of that purpose lasts: a day, an invitation a week, a reset an hour. */
int64_t identity_link_time(enum identity_purpose purpose);
/* Links of one purpose for one person and address replace each other. */
int identity_link_make(struct store_session *session, enum identity_purpose purpose, int64_t person,
                       const char *address, char ret_token[IDENTITY_TOKEN_SIZE],
                       struct portico_error *error);
/* An invitation by one of the staff, good as long as they may give what the person has by now. */
int identity_link_invite(struct store_session *session, int64_t person, const char *address,
                         int64_t inviter, char ret_token[IDENTITY_TOKEN_SIZE],
                         struct portico_error *error);
/* In the open transaction, the person held: what was mailed to that address of theirs opens nothing
 * any more, and no link resets their password. "": none resets it, and that is all; NULL: nothing
 * that was mailed to them opens anything. */
int identity_links_end(struct store_session *session, int64_t person, const char *address,
                       struct portico_error *error);
/* Looks without using it, whatever its purpose. ENOENT; `ret_reason` (may be NULL) is then an
 * English source text of the host's catalogue: used, expired, or no link at all. */
int identity_link_look(struct store_session *session, const char *token,
                       struct identity_link *ret_link, const char **ret_reason,
                       struct portico_error *error);
/* Whether it may be used as things stand now: its address still stands at its person, and where
 * they would come in anew, the rules let them, and so may whoever invited them. ENOENT as above. */
int identity_link_good(struct identity *identity, struct store_session *session,
                       const struct identity_link *link, const char **ret_reason,
                       struct portico_error *error);
/* Uses it: once, whoever else tries at the same time. In the open transaction of what it allows. */
int identity_link_use(struct store_session *session, const char *token,
                      enum identity_purpose purpose, struct identity_link *ret_link,
                      const char **ret_reason, struct portico_error *error);

/* What is to be mailed, the same whether or not somebody is known: the answer to the browser is. */
struct identity_letter {
    enum identity_letter_kind {
        IDENTITY_LETTER_NONE,    /* nobody to write to; say what you always say */
        IDENTITY_LETTER_LINK,    /* to `address`, with `token` */
        IDENTITY_LETTER_ALREADY, /* to `address`, which is known: "you have a sign-in", `token`
                                    resets its password */
    } kind;
    enum identity_purpose purpose; /* of the token */
    int64_t person;
    const char *address;
    const char *locale; /* of the person, "" unknown */
    char token[IDENTITY_TOKEN_SIZE];
};
/* EPERM: signing up is closed; EINVAL: no name or no address, `ret_field` is "name" or "address";
 * ELIMIT: too many sign-ups from this network, or letters to this address, in an hour; `ret_wait`
 * (may be NULL) is then after how many µs one may be tried. */
struct identity_sign_up {
    const char *name, *address, *locale, *timezone, *network;
};
int identity_sign_up(struct identity *identity, struct store_session *session,
                     const struct identity_sign_up *asked, struct identity_letter *ret_letter,
                     const char **ret_field, int64_t *ret_wait, struct portico_error *error);
/* A forgotten password, by address or handle. ELIMIT: too often for this name or network. */
int identity_forgot(struct identity *identity, struct store_session *session, const char *name,
                    const char *network, struct identity_letter *ret_letter, int64_t *ret_wait,
                    struct portico_error *error);
/* Before somebody signed in has mail sent to an address of their choice, in this order: one of
 * their budget, and of their account's where it is an invitation into it; then of what the account,
 * or without one the person, sends to that address in an hour, and of what all of their kind do.
 * ELIMIT; `ret_wait` as above. */
struct identity_writer {
    int64_t person;
    int64_t account; /* of the invitation; 0: they confirm an address of theirs */
};
int identity_letter_take_sender(struct identity *identity, struct store_session *session,
                                const struct identity_writer *writer, int64_t *ret_wait,
                                struct portico_error *error);
int identity_letter_take_address(struct identity *identity, struct store_session *session,
                                 const struct identity_writer *writer, const char *address,
                                 int64_t *ret_wait, struct portico_error *error);
/* One more address of somebody signed in. */
int identity_letter_for_address(struct store_session *session, int64_t person, const char *address,
                                struct identity_letter *ret_letter, struct portico_error *error);

/* Told, in the transaction, of the company whose domain the confirmed address lies in, or that
 * invited them: they belong to it now, or ask to. A negative result undoes all of it. */
struct identity_joining {
    int (*joined)(void *data, int64_t person, int64_t account, struct portico_error *error);
    void *data;
    /* Likewise of a password that a link set anew; NULL: nobody is told. */
    int (*set)(void *data, int64_t person, struct portico_error *error);
};
/* SIGN_UP, INVITE, RESET: uses the link, confirms its address, sets the password, makes the person
 * active, ends their sessions. ENOENT: the link is over, or not good any more; EINVAL: the password
 * is not good enough (the link stays); EEXIST: the address became somebody else's meanwhile; EPERM:
 * disabled. `joining` may be NULL. */
int identity_link_password(struct identity *identity, struct store_session *session,
                           const char *token, const char *password,
                           const struct identity_joining *joining, int64_t *ret_person,
                           const char **ret_reason, struct portico_error *error);
/* ADDRESS: uses the link, the address counts. `person` is who sits there. EPERM: the link is
 * another person's, or they may not sign in. */
int identity_link_address(struct identity *identity, struct store_session *session,
                          const char *token, int64_t person, struct identity_link *ret_link,
                          const char **ret_reason, struct portico_error *error);
/* ADMIN: uses the link, makes the person with the role, its address verified. ECONFLICT: there is
 * an admin by now. */
struct identity_first_admin {
    const char *name, *address, *password, *locale, *timezone;
    const struct identity_joining *joining; /* of the owner's account; NULL: nobody is told */
};
int identity_link_admin(struct identity *identity, struct store_session *session, const char *token,
                        const struct identity_first_admin *admin, int64_t *ret_person,
                        const char **ret_field, const char **ret_reason,
                        struct portico_error *error);

#endif
