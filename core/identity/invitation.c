#include "identity/invitation.h"

#include "identity/audit.h"
#include "identity/giving.h"
#include "identity/member.h"
#include "identity/person.h"
#include "identity/role.h"
#include "identity/room.h"

#define TIME (14 * DAY) /* where the rules name none */
#define INVITATION                                                                                 \
    "SELECT i.id, i.account, i.inviter, i.address, i.name, i.title, i.roles, i.locale, i.state, "  \
    "i.created, i.expires FROM portico_invitation i "

enum { ID, ACCOUNT, INVITER, ADDRESS, NAME, TITLE, ROLES, LOCALE, STATE, CREATED, EXPIRES };

static const char unknown[] =
    /* translated */ "This invitation leads nowhere: copy its link whole, or ask for a new one.";
static const char *const reasons[] = {
    [IDENTITY_INVITED] =
        /* translated */ "This invitation is too old: ask for a new one.",
    [IDENTITY_ACCEPTED] = /* translated */ "This invitation was accepted already: sign in.",
    [IDENTITY_WITHDRAWN] = unknown,
    [IDENTITY_DECLINED] = unknown,
};

static const char refused[] =
    /* translated */ "Whoever invited you may do so no more: ask somebody else who looks after the "
                     "company's people for a new invitation.";
static const char nobody_new[] = /* translated */ "This portal takes in nobody new.";

static int over(const char *reason, const char **ret_reason, struct portico_error *error)
{
    if (ret_reason)
        *ret_reason = reason;
    return error_set(error, PORTICO_ENOENT, "%s", reason);
}

static struct identity_invitation invitation_at(const struct value_cell *cells)
{
    return (struct identity_invitation){
        .id = cells[ID].integer,
        .account = cells[ACCOUNT].integer,
        .inviter = cells[INVITER].integer,
        .address = cells[ADDRESS].text,
        .name = cells[NAME].text,
        .title = cells[TITLE].text,
        .roles = cells[ROLES].text,
        .locale = cells[LOCALE].text,
        .state = (enum identity_invitation_state)cells[STATE].integer,
        .created = cells[CREATED].integer,
        .expires = cells[EXPIRES].integer,
    };
}

/* ---- sending ---- */

static int64_t end_of(const struct identity *identity)
{
    return clock_now() + (identity->rules.invitation ? identity->rules.invitation : TIME);
}

/* Whoever goes by the address belongs to the account. Of another one that they confirmed nothing is
 * told: it is invited as anybody's, and its person stays what they are. */
static int check_stranger(struct store_session *session, int64_t account, const char *key,
                          struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(
        session,
        "SELECT m.state FROM portico_address a JOIN portico_membership m ON m.person = a.person "
        "WHERE a.address_key = ? AND a.verified IS NOT NULL AND a.id = (SELECT b.id "
        "FROM portico_address b WHERE b.person = a.person AND b.verified IS NOT NULL "
        "ORDER BY b.main DESC, b.id LIMIT 1) AND m.account = ? AND m.state = 1 "
        "AND (m.valid_until IS NULL OR m.valid_until > ?)",
        PORTICO_ARGS(portico_arg_text(key), portico_arg_integer(account),
                     portico_arg_time(clock_now())),
        &rows, error);
    if (code == 0 && rows->count)
        code = error_set(error, PORTICO_EEXIST, /* translated */
                         "Whoever has this address belongs to the company already.");
    return code;
}

static int put(struct identity *identity, struct store_session *session,
               const struct identity_new_invitation *made, const char *const texts[5],
               const char *hash, int64_t *ret_id, struct portico_error *error)
{
    const int64_t now = clock_now();
    struct value *rows;
    int code = store_host_execute(
        session,
        "INSERT INTO portico_invitation (id, account, inviter, address, address_key, name, "
        "name_key, title, roles, locale, state, token_hash, created, expires) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?) "
        "ON CONFLICT (account, address_key) DO UPDATE SET inviter = excluded.inviter, "
        "address = excluded.address, name = excluded.name, name_key = excluded.name_key, "
        "title = excluded.title, roles = excluded.roles, locale = excluded.locale, state = 1, "
        "token_hash = excluded.token_hash, created = excluded.created, expires = excluded.expires",
        PORTICO_ARGS(portico_arg_id(id_new()), portico_arg_id(made->account),
                     portico_arg_id(made->inviter), portico_arg_text(texts[0]),
                     portico_arg_text(texts[1]), portico_arg_text(texts[2]),
                     portico_arg_text(texts[3]), portico_arg_text(texts[4]),
                     portico_arg_text(made->roles ? made->roles : ""),
                     portico_arg_text(made->locale ? made->locale : ""), portico_arg_text(hash),
                     portico_arg_time(now), portico_arg_time(end_of(identity))),
        NULL, error);
    if (code == 0)
        code = store_host_query(
            session, "SELECT id FROM portico_invitation WHERE account = ? AND address_key = ?",
            PORTICO_ARGS(portico_arg_id(made->account), portico_arg_text(texts[1])), &rows, error);
    if (code == 0)
        *ret_id = value_rows_at(rows, 0)->integer;
    return code;
}

int identity_invite(struct identity *identity, struct store_session *session,
                    const struct identity_new_invitation *made, int64_t *ret_id,
                    char ret_token[IDENTITY_TOKEN_SIZE], struct portico_error *error)
{
    struct arena *arena = store_session_arena(session);
    const char *texts[5] = { "", "", "", "", "" }; /* address, its key, name, its key, title */
    char token[IDENTITY_TOKEN_SIZE], hash[IDENTITY_HASH_TEXT];
    struct identity_step step;
    int64_t id = 0;
    int code = identity_address_check(made->address, arena, &texts[0], &texts[1], error);
    if (code == 0 && made->name && *made->name)
        code = identity_name_check(made->name, arena, &texts[2], error);
    if (code == 0)
        code = identity_fold(*texts[2] ? texts[2] : texts[0], arena, &texts[3], error);
    if (code == 0 && made->title && *made->title)
        code = identity_name_check(made->title, arena, &texts[4], error);
    if (code == 0)
        code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    identity_token_new(token, hash);
    code = check_stranger(session, made->account, texts[1], error);
    if (code == 0)
        code = put(identity, session, made, texts, hash, &id, error);
    code = identity_step_end(&step, code, error);
    if (code < 0)
        return code;
    *ret_id = id;
    memcpy(ret_token, token, sizeof token);
    return PORTICO_OK;
}

int identity_invitation_of(struct store_session *session, int64_t account, int64_t id,
                           struct identity_invitation *ret_invitation, struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(session, INVITATION "WHERE i.id = ? AND i.account = ?",
                                PORTICO_ARGS(portico_arg_integer(id), portico_arg_integer(account)),
                                &rows, error);
    if (code == 0 && rows->count == 0)
        code = error_set(error, PORTICO_ENOENT, "There is no such invitation.");
    if (code == 0)
        *ret_invitation = invitation_at(value_rows_at(rows, 0));
    return code;
}

int identity_invitation_renew(struct identity *identity, struct store_session *session, int64_t id,
                              char ret_token[IDENTITY_TOKEN_SIZE], struct portico_error *error)
{
    char token[IDENTITY_TOKEN_SIZE], hash[IDENTITY_HASH_TEXT];
    int64_t changed = 0;
    identity_token_new(token, hash);
    int code =
        store_host_execute(session,
                           "UPDATE portico_invitation SET state = 1, token_hash = ?, expires = ? "
                           "WHERE id = ? AND state <> 2",
                           PORTICO_ARGS(portico_arg_text(hash), portico_arg_time(end_of(identity)),
                                        portico_arg_id(id)),
                           &changed, error);
    if (code == 0 && changed == 0)
        code = error_set(error, PORTICO_ENOENT, "There is no such invitation.");
    if (code == 0)
        memcpy(ret_token, token, sizeof token);
    return code;
}

int identity_invitation_end(struct store_session *session, int64_t id,
                            enum identity_invitation_state state, struct portico_error *error)
{
    int64_t changed = 0;
    int code = store_host_execute(
        session, "UPDATE portico_invitation SET state = ? WHERE id = ? AND state = 1",
        PORTICO_ARGS(portico_arg_integer(state), portico_arg_id(id)), &changed, error);
    if (code == 0 && changed == 0)
        code = error_set(error, PORTICO_ENOENT, "There is no such invitation any more.");
    return code;
}

int identity_invitations_end(struct store_session *session, int64_t inviter, int64_t account,
                             struct portico_error *error)
{
    int code = store_host_execute(
        session,
        "UPDATE portico_invitation SET state = 3 WHERE inviter = ? AND state = 1 AND (? = 0 "
        "OR account IN (SELECT b.account FROM portico_account_above b WHERE b.above = ?))",
        PORTICO_ARGS(portico_arg_id(inviter), portico_arg_integer(account),
                     portico_arg_integer(account)),
        NULL, error);
    /* Those into the portal itself, which only the owner's people send. */
    if (code == 0 && (!account || account == IDENTITY_OWNER))
        code = store_host_execute(session,
                                  "DELETE FROM portico_link WHERE inviter = ? AND used IS NULL",
                                  PORTICO_ARGS(portico_arg_id(inviter)), NULL, error);
    return code;
}

/* ---- accepting ---- */

int identity_invitation_look(struct store_session *session, const char *token,
                             struct identity_invitation *ret_invitation, const char **ret_reason,
                             struct portico_error *error)
{
    char hash[IDENTITY_HASH_TEXT];
    struct value *rows;
    if (!identity_token_hash(token, hash))
        return over(unknown, ret_reason, error);
    int code = store_host_query(session,
                                INVITATION "JOIN portico_account a ON a.id = i.account "
                                           "WHERE i.token_hash = ? AND a.state = 1",
                                PORTICO_ARGS(portico_arg_text(hash)), &rows, error);
    if (code < 0)
        return code;
    if (rows->count == 0)
        return over(unknown, ret_reason, error);
    const struct identity_invitation found = invitation_at(value_rows_at(rows, 0));
    if (found.state != IDENTITY_INVITED || found.expires <= clock_now())
        return over(reasons[found.state], ret_reason, error);
    *ret_invitation = found;
    return PORTICO_OK;
}

int identity_invitation_whose(struct store_session *session,
                              const struct identity_invitation *invitation, int64_t *ret_person,
                              struct portico_error *error)
{
    const char *key = "";
    struct value *rows;
    identity_address_check(invitation->address, store_session_arena(session), NULL, &key, NULL);
    int code = store_host_query(session,
                                "SELECT person FROM portico_address "
                                "WHERE address_key = ? AND verified IS NOT NULL",
                                PORTICO_ARGS(portico_arg_text(key)), &rows, error);
    if (code == 0)
        *ret_person = rows->count ? value_rows_at(rows, 0)->integer : 0;
    return code;
}

/* Of its roles those that there are still. */
static const char *roles_left(struct store_session *session,
                              const struct identity_invitation *invitation)
{
    char **words = g_strsplit(invitation->roles, " ", -1);
    GString *left = g_string_new(NULL);
    for (char **word = words; *word; word++)
        if (**word && identity_role_place(session, *word, NULL) == IDENTITY_HELD_BY_ACCOUNTS)
            g_string_append_printf(left, " %s", *word);
    const char *kept = arena_strdup(store_session_arena(session), left->str);
    g_strfreev(words);
    g_string_free(left, TRUE);
    return kept;
}

/* Whether the inviter may still give what they promised, as things stand now. */
static int check_inviter(struct identity *identity, struct store_session *session,
                         const struct identity_invitation *invitation, int64_t person,
                         const char *roles, const char **ret_reason, struct portico_error *error)
{
    struct identity_person inviter;
    int code = identity_person_look(session, invitation->inviter, &inviter, error);
    if (code == PORTICO_ENOENT || (code == 0 && inviter.state != IDENTITY_ACTIVE))
        return over(refused, ret_reason, error);
    if (code == 0)
        code = identity_inviting(identity, session, inviter.id, invitation->account, person, roles,
                                 error);
    return code == PORTICO_EPERM ? over(refused, ret_reason, error) : code;
}

/* A member from now on: 1. Who is one already stays what they are: 0; of a membership that ended
 * nothing comes back. */
static int make_member(struct store_session *session, const struct identity_invitation *invitation,
                       int64_t person, const char *roles, struct portico_error *error)
{
    struct identity_member member;
    const struct identity_new_member made = { .account = invitation->account,
                                              .person = person,
                                              .title = invitation->title,
                                              .source = "invited",
                                              .roles = roles,
                                              .by = invitation->inviter };
    int code = identity_member_of(session, invitation->account, person, &member, NULL);
    const bool ended = code == 0 && member.until && member.until <= clock_now();
    if (ended)
        code = identity_member_remove(session, member.id, error);
    if (code == PORTICO_ENOENT || (code == 0 && ended))
        code = identity_member_add(session, &made, NULL, error);
    else if (code < 0 || member.state == IDENTITY_MEMBERSHIP)
        return code;
    else {
        code = identity_member_approve(session, member.id, error);
        if (code == 0)
            code = identity_member_roles(session, member.id, roles, NULL, error);
    }
    return code < 0 ? code : 1;
}

/* Who came in by it, and the roles it gave. */
static int record(struct store_session *session, const struct identity_invitation *invitation,
                  int64_t person, const char *given, const char *origin,
                  struct portico_error *error)
{
    struct identity_act act = { .kind = "invitation.accepted",
                                .actor = person,
                                .person = person,
                                .account = invitation->account,
                                .object = arena_printf(store_session_arena(session), "%lld",
                                                       (long long)invitation->id),
                                .origin = origin };
    int code = identity_audit(session, &act, error);
    char **words = g_strsplit(given, " ", -1);
    act.kind = "role.given";
    act.actor = invitation->inviter;
    for (char **word = words; code == 0 && *word; word++) {
        act.object = *word;
        if (**word)
            code = identity_audit(session, &act, error);
    }
    g_strfreev(words);
    return code;
}

/* In the open transaction; whoever else tries at the same time finds it used. */
static int use(struct identity *identity, struct store_session *session, const char *token,
               int64_t person, const char *origin, const struct identity_joining *joining,
               struct identity_invitation *invitation, const char **ret_reason,
               struct portico_error *error)
{
    int64_t open = 0, changed = 0;
    int code = identity_invitation_look(session, token, invitation, ret_reason, error);
    if (code == 0)
        code = store_host_execute(
            session, "UPDATE portico_account SET state = state WHERE id = ? AND state = 1",
            PORTICO_ARGS(portico_arg_id(invitation->account)), &open, error);
    if (code == 0 && open == 0)
        return over(unknown, ret_reason, error);
    if (code == 0)
        code = store_host_execute(
            session, "UPDATE portico_invitation SET state = 2 WHERE id = ? AND state = 1",
            PORTICO_ARGS(portico_arg_id(invitation->id)), &changed, error);
    if (code == 0 && changed == 0)
        return over(reasons[IDENTITY_ACCEPTED], ret_reason, error);
    const char *roles = code == 0 ? roles_left(session, invitation) : NULL;
    if (code == 0 && !roles)
        return identity_no_memory(error);
    if (code == 0)
        code = check_inviter(identity, session, invitation, person, roles, ret_reason, error);
    const int made = code == 0 ? make_member(session, invitation, person, roles, error) : code;
    code = made < 0 ? made : record(session, invitation, person, made ? roles : "", origin, error);
    return code == 0 && made && joining
               ? joining->joined(joining->data, person, invitation->account, error)
               : code;
}

static int accept_in(struct identity *identity, struct store_session *session, const char *token,
                     int64_t person, const char *origin, const struct identity_joining *joining,
                     struct identity_invitation *invitation, const char **ret_reason,
                     struct portico_error *error)
{
    int64_t whose = 0;
    int code = identity_invitation_look(session, token, invitation, ret_reason, error);
    if (code == 0)
        code = identity_invitation_whose(session, invitation, &whose, error);
    if (code == 0 && whose != person)
        code =
            error_set(error, PORTICO_EPERM, "The invitation went to an address that is not yours.");
    return code < 0 ? code
                    : use(identity, session, token, person, origin, joining, invitation, ret_reason,
                          error);
}

int identity_invitation_accept(struct identity *identity, struct store_session *session,
                               const char *token, int64_t person, const char *origin,
                               const struct identity_joining *joining,
                               struct identity_invitation *ret_invitation, const char **ret_reason,
                               struct portico_error *error)
{
    struct identity_invitation found;
    struct identity_step step;
    int code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    code = identity_step_end(
        &step,
        accept_in(identity, session, token, person, origin, joining, &found, ret_reason, error),
        error);
    if (code == 0)
        *ret_invitation = found;
    return code;
}

static int join_in(struct identity *identity, struct store_session *session, const char *token,
                   const struct identity_newcomer *newcomer, const char *hash, int64_t *ret_person,
                   struct identity_invitation *invitation, const char **ret_reason,
                   struct portico_error *error)
{
    int64_t person = 0;
    int code = identity_invitation_look(session, token, invitation, ret_reason, error);
    if (code < 0)
        return code;
    const struct identity_new_person made = { .name = newcomer->name,
                                              .address = invitation->address,
                                              .verified = true,
                                              .locale = newcomer->locale,
                                              .timezone = newcomer->timezone,
                                              .state = IDENTITY_ACTIVE };
    code = identity_person_make(session, &made, &person, error);
    if (code == 0)
        code = identity_password_put(session, person, hash, 0, error);
    if (code == 0)
        code = use(identity, session, token, person, newcomer->origin, newcomer->joining,
                   invitation, ret_reason, error);
    if (code == 0)
        *ret_person = person;
    return code;
}

/* What they were invited by is theirs to keep. */
static int newcomer_name(const struct identity *identity, struct store_session *session,
                         const struct identity_newcomer *newcomer,
                         const struct identity_invitation *invitation, const char **ret_name,
                         struct portico_error *error)
{
    struct arena *arena = store_session_arena(session);
    return invitation->name && strcmp(newcomer->name, invitation->name) == 0
               ? identity_name_check(newcomer->name, arena, ret_name, error)
               : identity_name_chosen(identity, newcomer->name, arena, ret_name, error);
}

int identity_invitation_join(struct identity *identity, struct store_session *session,
                             const char *token, const struct identity_newcomer *newcomer,
                             int64_t *ret_person, struct identity_invitation *ret_invitation,
                             const char **ret_field, const char **ret_reason,
                             struct portico_error *error)
{
    struct identity_invitation found = { 0 };
    struct identity_step step;
    char hash[IDENTITY_HASH_SIZE];
    const char *name, *field = NULL;
    int64_t person = 0;
    int code = identity_refuse_transaction(session, error);
    if (code == 0)
        code = identity_invitation_look(session, token, &found, ret_reason, error);
    if (code == 0 && identity->rules.closed)
        return over(nobody_new, ret_reason, error);
    if (code < 0)
        return code;
    code = newcomer_name(identity, session, newcomer, &found, &name, error);
    field = code < 0 ? "name" : NULL;
    if (code == 0) {
        const struct identity_password_context context = { identity->portal, name, NULL,
                                                           found.address };
        code = identity_password_check(newcomer->password, &context, ret_reason, error);
        field = code < 0 ? "password" : NULL;
    }
    *ret_field = field;
    if (code == 0)
        code = identity_hash(identity, newcomer->password, hash, error);
    if (code == 0)
        code = identity_step_begin(&step, session, error);
    if (code == 0)
        code = identity_step_end(
            &step,
            join_in(identity, session, token, newcomer, hash, &person, &found, ret_reason, error),
            error);
    identity_forget(hash, sizeof hash);
    if (code < 0)
        return code;
    *ret_person = person;
    *ret_invitation = found;
    return PORTICO_OK;
}
