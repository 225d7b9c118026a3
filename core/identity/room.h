/* What the files of this room share. */
#ifndef IDENTITY_ROOM_H
#define IDENTITY_ROOM_H

#include "identity/account.h"
#include "identity/link.h"
#include "identity/password.h"
#include "identity/session.h"
#include "identity/sign_in.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"

#include <glib.h>

#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

#define IDENTITY_HASH_TEXT 65 /* SHA-256 in hex and the NUL */

struct identity_gate;

struct identity {
    struct identity_rules rules;
    char *portal, *second_for;
    unsigned char key[IDENTITY_KEY_SIZE];
    struct identity_gate *gate;
    const struct identity_permission *declared;
    size_t declared_count;
    GMutex roles_mutex;
    struct identity_roles *roles; /* as last read; under the mutex */
    int (*verify)(void *data, const char *name, const char *password, struct arena *arena,
                  struct identity_verified *ret_verified, struct portico_error *error);
    void *verify_data; /* of `verify`, which may be NULL */
    _Atomic uint64_t outcomes[IDENTITY_OUTCOMES];
};

/* The open transaction, or one of its own that `identity_step_end` commits or undoes. */
struct identity_step {
    struct store_session *session;
    bool own;
};
int identity_step_begin(struct identity_step *step, struct store_session *session,
                        struct portico_error *error);
/* Returns `code`, or what the commit says. */
int identity_step_end(const struct identity_step *step, int code, struct portico_error *error);
/* EINVAL in an open transaction: what comes would hold it for too long. */
int identity_refuse_transaction(const struct store_session *session, struct portico_error *error);

/* SHA-256 of a token's text, in hex. False: it has not the form of a token. */
bool identity_token_hash(const char *token, char ret_hash[IDENTITY_HASH_TEXT]);
/* A new token and its hash. */
void identity_token_new(char ret_token[IDENTITY_TOKEN_SIZE], char ret_hash[IDENTITY_HASH_TEXT]);
/* A key that tells nothing of the text: HMAC-SHA256 of kind and text, in hex. */
void identity_blind(const struct identity *identity, const char *kind, const char *text,
                    char ret_key[IDENTITY_HASH_TEXT]);

/* NFKC and lower case for comparing, NFC for keeping; in the arena. EINVAL: no UTF-8 of that kind.
 */
int identity_fold(const char *text, struct arena *arena, const char **ret_text,
                  struct portico_error *error);
int identity_compose(const char *text, struct arena *arena, const char **ret_text,
                     struct portico_error *error);
/* NFKC; free with g_free after wiping. NULL: it is not UTF-8. */
char *identity_normal(const char *text, size_t *ret_characters);

/* Small Latin letters without marks, as a handle is made of; in the arena. ENOMEM. */
int identity_latin(const char *text, struct arena *arena, const char **ret_latin);

/* Everything that begins so, folded, lies from the one text to before the other: the first with
 * U+10FFFF behind it. In the arena. */
int identity_beginning(struct store_session *session, const char *beginning, const char **ret_from,
                       const char **ret_to, struct portico_error *error);

/* What LIKE ? ESCAPE '!' takes for everything that has `part` in it, folded. In the arena. */
int identity_containing(struct store_session *session, const char *part, const char **ret_pattern,
                        struct portico_error *error);

/* What somebody may type of an address, as the keys of addresses have it: folded, whole labels of
 * the domain (what stands behind an "@", or all of it) as the DNS has them. In the arena. */
int identity_address_part(const char *part, struct arena *arena, const char **ret_part,
                          struct portico_error *error);

/* Text of a cell, NULL for SQL's NULL. */
static inline const char *identity_text(const struct value_cell *cell)
{
    return cell->kind == PORTICO_TEXT ? cell->text : NULL;
}
static inline int64_t identity_integer(const struct value_cell *cell)
{
    return cell->kind == PORTICO_NULL ? 0 : cell->integer;
}
/* NULL for 0. */
static inline struct portico_argument identity_time(int64_t time)
{
    return time ? portico_arg_time(time) : portico_arg_text(NULL);
}
int identity_no_memory(struct portico_error *error);

/* A verified address or a handle. Its id, or 0: nobody's. */
int identity_find(struct store_session *session, const char *name, int64_t *ret_person,
                  struct portico_error *error);
/* 1: `p` has that role in the owner's account, or is a member of it. */
#define IDENTITY_HAS_ROLE                                                                          \
    "(SELECT count(*) FROM portico_membership m JOIN portico_membership_role r "                   \
    "ON r.membership = m.id WHERE m.person = p.id AND m.account = 1 AND m.state = 1 AND r.role = "
#define IDENTITY_IS_MODERATOR IDENTITY_HAS_ROLE "'moderator') "
#define IDENTITY_IS_ADMIN IDENTITY_HAS_ROLE "'admin') "
#define IDENTITY_IS_STAFF                                                                          \
    "(SELECT count(*) FROM portico_membership m WHERE m.person = p.id AND m.account = 1 "          \
    "AND m.state = 1) "
/* A membership `m` whose roles, as they are in its account, hold portico.account.act. */
#define IDENTITY_MAY_ACT                                                                           \
    "(EXISTS (SELECT 1 FROM portico_role_rule y WHERE y.permission = 'portico.account.act' "       \
    "AND y.role IN ('member', 'account-member') AND y.allowed) "                                   \
    "OR EXISTS (SELECT 1 FROM portico_membership_role x LEFT JOIN portico_role_rule y "            \
    "ON y.role = x.role AND y.permission = 'portico.account.act' "                                 \
    "WHERE x.membership = m.id AND coalesce(y.allowed, x.role = 'account-admin')))"
/* The accounts `a` somebody acts in, and how, as `w`: by a `membership` in it or in one above, or
 * (`delegation` is not 0) because it lets the account `through`, of which they are, act for it. The
 * person, and twice the time. */
#define IDENTITY_ACTS_IN                                                                           \
    "FROM (SELECT m.person, m.id AS membership, m.below, d.account, 0 AS delegation, "             \
    "0 AS through, m.valid_from, m.valid_until FROM portico_membership m "                         \
    "JOIN portico_account o ON o.id = m.account "                                                  \
    "JOIN portico_account_above d ON d.above = m.account AND (d.distance = 0 OR m.below) "         \
    "WHERE m.state = 1 AND o.state = 1 "                                                           \
    "UNION ALL SELECT m.person, m.id, FALSE, g.account, g.id, g.partner, m.valid_from, "           \
    "CASE WHEN m.valid_until < g.valid_until THEN m.valid_until ELSE g.valid_until END "           \
    "FROM portico_membership m JOIN portico_account o ON o.id = m.account "                        \
    "JOIN portico_account_above d ON d.above = m.account AND (d.distance = 0 OR m.below) "         \
    "JOIN portico_account q ON q.id = d.account AND q.kind = 'partner' AND q.state = 1 "           \
    "JOIN portico_delegation g ON g.partner = q.id AND g.accepted IS NOT NULL "                    \
    "AND EXISTS (SELECT 1 FROM portico_delegation_role v WHERE v.delegation = g.id) "              \
    "WHERE m.state = 1 AND o.state = 1 AND " IDENTITY_MAY_ACT ") w "                               \
    "JOIN portico_account a ON a.id = w.account "
#define IDENTITY_ACTS_IN_NOW                                                                       \
    "WHERE w.person = ? AND a.state = 1 "                                                          \
    "AND coalesce(w.valid_from, 0) <= ? AND (w.valid_until IS NULL OR w.valid_until > ?) "
/* Not by a delegation that leaves out what the account's members are. */
#define IDENTITY_ACTS_AS_MEMBER                                                                    \
    "AND (w.delegation = 0 OR EXISTS (SELECT 1 FROM portico_delegation_role v "                    \
    "WHERE v.delegation = w.delegation AND v.role = 'account-member')) "

/* Rows of people as identity.h's callers show them: IDENTITY_PEOPLE and what follows it. */
#define IDENTITY_PEOPLE                                                                            \
    "SELECT p.id, p.handle, p.name, p.state, " IDENTITY_IS_STAFF "FROM portico_person p "
int identity_people_rows(struct store_session *session, const char *sql,
                         const struct portico_argument *arguments, size_t count,
                         struct value **ret_rows, struct portico_error *error);
/* Columns of a person as `p`, and how to read them from the cell on. */
#define IDENTITY_PERSON_COLUMNS                                                                    \
    "p.id, p.handle, p.name, p.locale, p.timezone, p.external, p.state, p.rights, p.created, "     \
    "p.last_sign_in, p.password_changed, "                                                         \
    "(SELECT a.address FROM portico_address a WHERE a.person = p.id AND a.verified IS NOT NULL "   \
    "ORDER BY a.main DESC, a.id LIMIT 1), " IDENTITY_IS_MODERATOR ", " IDENTITY_IS_ADMIN           \
    ", " IDENTITY_IS_STAFF ", p.merged_into, p.shown "
#define IDENTITY_PERSON_CELLS 17
int identity_person_read(const struct value_cell *cells, struct arena *arena,
                         struct identity_person *ret_person, struct portico_error *error);
/* In the open transaction: the person's row is held until it ends, so that what is read of them is
 * true at the commit. ENOENT. */
int identity_person_hold(struct store_session *session, int64_t person,
                         struct portico_error *error);
/* The same of whoever that person is now, be it the one they were merged into, so that no merge
 * passes by what is written of them. EBUSY: they were just being merged; try again. */
int identity_person_hold_now(struct store_session *session, int64_t person, int64_t *ret_who,
                             struct portico_error *error);
/* In the open transaction: rights one higher. */
int identity_raise(struct store_session *session, int64_t person, struct portico_error *error);
/* In the open transaction: what is for them alone is another than before. Sessions and sign-ins go
 * on, and only what this person sees is read anew. */
int identity_shown(struct store_session *session, int64_t person, struct portico_error *error);
/* In the open transaction: the address counts for the person from now on, as the main one if there
 * is none. EEXIST: it is somebody else's. */
int identity_address_count(struct store_session *session, int64_t person, const char *address,
                           struct portico_error *error);
/* In the open transaction: sets an already computed hash, raises the rights, ends sessions. */
int identity_password_put(struct store_session *session, int64_t person, const char *hash,
                          int64_t keep, struct portico_error *error);
/* In the open transaction: one of a budget's `most`, and one given back. The key is blind already.
 */
int identity_spend(struct store_session *session, const char *key, unsigned most, int64_t *ret_wait,
                   struct portico_error *error);
int identity_unspend(struct store_session *session, const char *key, struct portico_error *error);
/* Whether it is the password of somebody signed in: a guess of its own budget. EPERM: it is not. */
int identity_again(struct identity *identity, struct store_session *session, int64_t person,
                   const char *password, struct portico_error *error);
/* What a limit counts by; IPv6: whoever has one address has its /64. */
const char *identity_network(const char *address, struct arena *arena);
/* The record that somebody signed in, from that network or an unknown one. */
int identity_audit_began(struct store_session *session, int64_t person, const char *network,
                         struct portico_error *error);
/* Tells of the session that begins in the open transaction. */
static inline int identity_tell_opening(const struct identity_opening *opening, int64_t person,
                                        struct portico_error *error)
{
    return opening->began ? opening->began(opening->data, person, error) : PORTICO_OK;
}
/* Wipes. */
void identity_forget(void *bytes, size_t length);
/* ECONFLICT if no active admin is left. */
int identity_keep_admin(struct store_session *session, struct portico_error *error);
/* PostgreSQL: held until the transaction ends. SQLite has one writer at a time. */
int identity_lock(struct store_session *session, const char *name, struct portico_error *error);
/* The same with others who share it, while nobody holds it alone. */
int identity_lock_shared(struct store_session *session, const char *name,
                         struct portico_error *error);
/* In the open transaction: the role, if it is the owner's, stays until that ends. */
int identity_role_hold(struct store_session *session, const char *key, struct portico_error *error);

#endif
