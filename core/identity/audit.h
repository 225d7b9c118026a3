/* The audit log: one record for each act that bears on security, sealed in a chain of hashes.
 *
 * A record is written in the transaction of the act: if it cannot be written, the act did not
 * happen. It names people, accounts and other things by id and key, never by name or address, so
 * that erasing a person leaves nothing of them here.
 *
 * The seal of a record is SHA-256, in hex, of the seal before it (64 zeros before the first), a
 * line feed and the record as one line of JSON, the same that an export has without its last
 * member "hash". Whoever kept a number and its seal can tell later whether anything up to there was
 * changed, left out or added. */
#ifndef IDENTITY_AUDIT_H
#define IDENTITY_AUDIT_H

#include "identity/identity.h"

#define IDENTITY_SEAL_SIZE 65         /* SHA-256 in hex and the NUL */
#define IDENTITY_AUDIT_OBJECT_MAX 200 /* bytes of what else an act is about; the rest is cut */

struct identity_act {
    const char *kind; /* of identity_act_kinds */
    int64_t actor;    /* who did it; 0: the portal itself, or its operator */
    int64_t as;       /* in whose place they looked and acted; 0: their own */
    int64_t person;   /* whom it is about; 0: nobody */
    int64_t account;  /* where it happened or what it is about; 0: the whole portal */
    int64_t other;    /* the partner for which the actor acted there, or whom it is with; 0: none */
    const char *object; /* what else: "billing-contact", "[sign_in] sign_up"; NULL: nothing */
    const char *origin; /* a network such as "192.0.2.0/24", "command line" or "portal" */
};
/* Written by the commit of the open transaction, as the last thing it does, so that nobody waits
 * for the log longer than that; or in a transaction of its own. If it cannot be written the commit
 * fails with the reason. Characters of `object` that are not to be seen are
 * written as \u{…}. EINVAL: a kind that is none. */
int identity_audit(struct store_session *session, const struct identity_act *act,
                   struct portico_error *error);

/* A record for each of the owner's stored roles (bits) that is given or taken; `act` says all but
 * kind, account and object. */
int identity_audit_roles(struct store_session *session, const struct identity_act *act,
                         uint64_t before, uint64_t after, struct portico_error *error);

/* What acts there are, by key. Those that the admins of the account may read are marked. */
struct identity_act_kind {
    const char *key;   /* "role.given" */
    const char *words; /* "Role given", to be translated */
    bool customers;
};
const struct identity_act_kind *identity_act_kinds(size_t *ret_count);
/* NULL: there is none of that key. */
const struct identity_act_kind *identity_act_kind(const char *key);

/* Which records. Zeros and NULL: all. */
struct identity_audit_filter {
    int64_t account;
    bool customers;   /* only what the admins of the account may read; needs `account` */
    int64_t person;   /* it is about them, or they did it */
    bool about;       /* only the first; needs `person` */
    const char *kind; /* this one; with a dot at its end all that begin so */
    int64_t before;   /* of a lower number than that */
};
/* Rows "number time kind actor actor_name as as_name person person_name account account_name object
 * origin hash other other_name", newest first, at most `limit`. Names are those of today, NULL of
 * the erased. */
int identity_audit_list(struct store_session *session, const struct identity_audit_filter *filter,
                        unsigned limit, struct value **ret_rows, struct portico_error *error);

/* Where the chain stands: its last record, the first one still kept, and how many were kept. */
struct identity_audit_chain {
    int64_t last, gone;
    char seal[IDENTITY_SEAL_SIZE], gone_seal[IDENTITY_SEAL_SIZE];
};
int identity_audit_chain(struct store_session *session, struct identity_audit_chain *ret_chain,
                         struct portico_error *error);
/* Calls `each` with the records after `after`, oldest first, as lines of JSON with their seals and
 * without a line feed; goes on while it returns 0, and returns what else it returned. Every seal is
 * calculated anew: EIO says which record is not the one that was sealed, or is missing. */
int identity_audit_walk(struct store_session *session, int64_t after,
                        int (*each)(void *data, int64_t number, const char *seal, const char *line,
                                    struct portico_error *error),
                        void *data, struct portico_error *error);
/* Removes at most `most` records older than `before`, from the front. Returns how many. */
int identity_audit_prune(struct store_session *session, int64_t before, unsigned most,
                         struct portico_error *error);

#endif
