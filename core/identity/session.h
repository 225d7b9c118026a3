/* Sessions: a random token in the browser's cookie, its hash here. */
#ifndef IDENTITY_SESSION_H
#define IDENTITY_SESSION_H

#include "identity/person.h"

/* What the browser said, kept for the person's own list of sessions. */
struct identity_device {
    const char *agent;   /* User-Agent; NULL or longer than 200 bytes: cut */
    const char *network; /* the client's address; NULL: unknown */
};

/* What staff look at in a session, instead of acting where it acts. */
struct identity_look {
    int64_t session; /* 0: they do not */
    int64_t asker;   /* whose it is */
    int64_t account; /* in this one; 0: in none */
    int64_t person;  /* in whose place; 0: their own */
    int64_t rights;  /* of both together, when it began */
    int64_t until;
};

/* A live session and whose it is. */
struct identity_session {
    int64_t id;
    struct identity_person person;
    int64_t created, last_seen, expires; /* expires: whatever comes first, of now */
    int64_t fresh;                       /* when the password was last typed in this session */
    bool proved;                         /* a second factor was shown, or its device is trusted */
    bool remembered;                     /* kept on its device */
    int64_t account;                     /* in which they act; 0: not said */
    struct identity_look look;           /* ask identity_look_holds */
    int64_t came_from;      /* a link took them from that account lately; 0: none did */
    const char *form_token; /* what its forms carry; NULL: identity_form_token of its own token */
    bool former;            /* found by the token before its own */
    bool due;               /* identity_session_seen would write */
    bool stale;             /* roles changed since: identity_session_rotate it with this answer */
};

/* Begins one. `ret_token` for the cookie; `remember` is ignored where the rules have none. */
int identity_session_start(struct identity *identity, struct store_session *session, int64_t person,
                           const struct identity_device *device, bool remember,
                           char ret_token[IDENTITY_TOKEN_SIZE], struct portico_error *error);
/* One statement. ENOENT: no such session, or it is over, or its person may not sign in. Does not
 * extend it. */
int identity_session_find(struct identity *identity, struct store_session *session,
                          const char *token, struct identity_session *ret_session,
                          struct portico_error *error);
/* Notes that it is in use, at most once a minute. */
int identity_session_seen(struct store_session *session, int64_t id, struct portico_error *error);
enum identity_rotation {
    IDENTITY_RIGHTS_CHANGED,  /* the old one is known for ten more seconds, for requests under way;
                               * forms that are open can still be sent */
    IDENTITY_ACCOUNT_CHANGED, /* as before, but forms that are open are another account's */
    IDENTITY_SECRET_CHANGED,  /* the old one and its forms are over */
};
/* A new token under today's rights. ENOENT: another request rotated it. */
int identity_session_rotate(struct store_session *session, int64_t id, const char *old_token,
                            enum identity_rotation why, char ret_token[IDENTITY_TOKEN_SIZE],
                            struct portico_error *error);
/* The password was typed again. */
int identity_session_fresh(struct store_session *session, int64_t id, struct portico_error *error);
/* A second factor was shown in it: of one just begun, and of one that goes on. */
int identity_session_proved(struct store_session *session, const char *token,
                            struct portico_error *error);
int identity_session_prove(struct store_session *session, int64_t id, struct portico_error *error);
/* What modules attach to it, as text: to one just begun, and of one that is that person's (NULL:
 * nothing, or there is no such session any more). In the session's arena. */
int identity_session_carry(struct store_session *session, const char *token, const char *carried,
                           struct portico_error *error);
int identity_session_carried(struct store_session *session, int64_t id, int64_t person,
                             const char **ret_carried, struct portico_error *error);
/* A session that something stays open for, the account it acted in then, and what its person's
 * rights were: their own number (and that of whom they look as), that of all, and until when they
 * hold. */
struct identity_watched {
    int64_t session, account, rights, number, until;
    int64_t as;      /* in whose place they look; 0: their own */
    uint64_t stream; /* the caller's: what stays open */
    bool token;      /* it is an access token, and `session` its id */
    bool over;       /* set: the session is, acts elsewhere, or its rights are not what they were */
};
/* Looks at all of them, in few statements. */
int identity_session_watch(struct identity *identity, struct store_session *session,
                           struct identity_watched *watched, size_t count,
                           struct portico_error *error);
/* Sign-out. A token that is none is fine. */
int identity_session_end(struct store_session *session, const char *token,
                         struct portico_error *error);
/* Rows "id created last_seen expires agent network remembered carried current", newest use first.
 */
int identity_session_list(struct identity *identity, struct store_session *session, int64_t person,
                          int64_t current, struct value **ret_rows, struct portico_error *error);
/* ENOENT: not one of that person's. */
int identity_session_end_one(struct store_session *session, int64_t person, int64_t id,
                             struct portico_error *error);
/* All but `keep` (0: all); how many, may be NULL. */
int identity_session_end_all(struct store_session *session, int64_t person, int64_t keep,
                             int64_t *ret_ended, struct portico_error *error);
/* Removes those that ended by time, at most `most`: rows "person", one of each. */
int identity_sessions_over(struct identity *identity, struct store_session *session, unsigned most,
                           struct value **ret_rows, struct portico_error *error);

/* What forms of a session (or of an anonymous visitor's token) carry: base64url of HMAC-SHA256
 * keyed by the token's bytes. false: the token is none. */
bool identity_form_token(const char *token, char ret_token[IDENTITY_TOKEN_SIZE]);
/* A fresh random token, for a visitor's cookie. */
void identity_token_make(char ret_token[IDENTITY_TOKEN_SIZE]);

#endif
