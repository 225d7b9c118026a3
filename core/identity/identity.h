/* Who people are and what they may: the state of one process (rules, keys, the gate before hashing)
 * and the one place where roles become permissions.
 *
 * A library over a store_session: nothing here knows HTTP. Every function runs its statements as
 * the host, in the session's open transaction or one of its own; those that hash a password refuse
 * an open one (EINVAL), because a transaction must not wait for a hash. */
#ifndef IDENTITY_IDENTITY_H
#define IDENTITY_IDENTITY_H

#include "store/store.h"

struct config;

/* Roles as bits. Those the owner defined follow from bit 8 on; role.h. */
enum identity_role_bit {
    IDENTITY_EVERYONE = 1,        /* everybody has it */
    IDENTITY_MEMBER = 2,          /* everybody signed in */
    IDENTITY_MODERATOR = 4,       /* in the owner's account */
    IDENTITY_ADMIN = 8,           /* in the owner's account: may everything */
    IDENTITY_STAFF = 16,          /* every member of the owner's account */
    IDENTITY_ACCOUNT_MEMBER = 32, /* every member of the active account */
    IDENTITY_ACCOUNT_ADMIN = 64,
};
/* What is given in the owner's account, of those every portal has. */
#define IDENTITY_STORED (IDENTITY_MODERATOR | IDENTITY_ADMIN)

/* The role of a word such as "moderator"; 0: it is none. */
uint64_t identity_role_named(const char *word, size_t length);
/* "member moderator" as bits; EINVAL with a sentence that quotes the word that is none. "" is none.
 */
int identity_roles_read(const char *words, uint64_t *ret_roles, struct portico_error *error);
/* The words of the stored roles, separated by blanks, highest first: "admin moderator"; at most 32
 * bytes with the NUL. */
void identity_roles_write(uint64_t roles, char ret_words[32]);

/* A permission and who holds it before anybody changes that. */
struct identity_permission {
    const char *name;
    uint64_t roles; /* bits */
    bool owner;     /* of the owner's roles alone */
};
/* Whether somebody with these roles may. `permissions` is sorted by name; one that is not declared
 * is the admins' alone, who may everything. PORTICO_PUBLIC and PORTICO_SIGNED_IN are known. */
bool identity_may(const struct identity_permission *permissions, size_t count, uint64_t roles,
                  const char *permission);
/* The same, of somebody who holds these of them: bits in their order. */
bool identity_holds(const struct identity_permission *permissions, size_t count,
                    const uint64_t *held, uint64_t roles, const char *permission);
/* All that somebody with these roles may, of the declared ones: indexes into `permissions` are not
 * kept, names are borrowed from it. Room for `count` names; returns how many. */
size_t identity_rights(const struct identity_permission *permissions, size_t count, uint64_t roles,
                       const char **ret_names);
/* Audiences every portal has. */
#define IDENTITY_AUDIENCE_EVERYONE 1
#define IDENTITY_AUDIENCE_MEMBERS 2
#define IDENTITY_AUDIENCE_STAFF 3
/* The sorted ones of a viewer with these roles. Borrowed for ever. */
const int64_t *identity_audiences(uint64_t roles, size_t *ret_count);

/* Section [sign_in]; times in µs. */
struct identity_rules {
    const char *portal;     /* [portal] name: no password of anybody */
    bool sign_up;           /* people may sign up themselves */
    bool by_domain;         /* only with an address in a verified domain */
    bool closed;            /* companies invite nobody either */
    int64_t idle;           /* without a request a session ends */
    int64_t longest;        /* a session ends */
    int64_t invitation;     /* into an account, how long it is good for; 0: 14 days */
    int64_t remember;       /* a session that is kept on its device ends; 0: none is */
    int64_t trust;          /* a device is not asked for the second step again; 0: each time */
    int64_t tokens;         /* an access token is over; 0: it may have no end */
    bool steps;             /* modules are asked before a session begins */
    const char *second_for; /* roles that need a second factor, words; NULL: none */
    unsigned guesses;       /* evaluated for one name, and for one known device, in any hour */
    unsigned hashes;        /* made at a time for this process, once they are made apart */
};

/* The state of one process. Any thread. */
struct identity;
/* Reads [sign_in] and the portal's own key. */
int identity_open(const struct config *config, struct identity **ret_identity,
                  struct portico_error *error);
/* With given rules and key; texts are copied. */
#define IDENTITY_KEY_SIZE 32
int identity_new(const struct identity_rules *rules, const unsigned char key[IDENTITY_KEY_SIZE],
                 struct identity **ret_identity, struct portico_error *error);
/* From now on passwords are hashed by processes of their own (gate.h), and not by the thread that
 * asks. For a server; before other threads use it. `main` knows IDENTITY_HASHER_WORD (hasher.h). */
void identity_hash_apart(struct identity *identity);
/* Now and then, by one thread: ends such processes a minute after their last work. EIO: one of them
 * ended otherwise, or none could be started; the error is for the log, and all goes on. */
int identity_tend(struct identity *identity, struct portico_error *error);
void identity_close(struct identity *identity); /* wipes the key; accepts NULL */
const struct identity_rules *identity_rules(const struct identity *identity);

/* The permissions of the portal's modules, sorted by name and borrowed as long as the identity
 * lives: said once, before anybody is asked about. Without, there are none. */
void identity_declare(struct identity *identity, const struct identity_permission *permissions,
                      size_t count);

/* A secret given out once: base64url of 32 random bytes. Only its SHA-256 is kept. */
#define IDENTITY_TOKEN_SIZE 44 /* 43 characters and the NUL */

/* What one run of the hourly job removes: links, guesses and devices that are over, and sign-ups
 * nobody confirmed in three days. At most `most` rows of each; returns how many went. */
int identity_prune(struct store_session *session, unsigned most, struct portico_error *error);

#endif
