#include "identity/audit.h"
#include "identity/domain.h"
#include "identity/giving.h"
#include "identity/room.h"

#define ORIGIN "link" /* of records: what follows names the network */

enum { UNKNOWN, USED, EXPIRED, MOVED, WITHDRAWN, CLOSED, OUTSIDE };
static const char *const reasons[] = {
    [UNKNOWN] =
        /* translated */ "This link leads nowhere: copy it whole, or ask for a new one.",
    [USED] = /* translated */ "This link was used already.",
    [EXPIRED] = /* translated */ "This link is too old: ask for a new one.",
    [MOVED] = /* translated */ "This link went to an address that is not used here any more.",
    [WITHDRAWN] =
        /* translated */ "Whoever invited you may do so no more: ask for a new invitation.",
    [CLOSED] = /* translated */ "This portal takes in nobody new right now: ask whoever runs it.",
    [OUTSIDE] =
        /* translated */ "Nobody signs up with this address any more: ask for an invitation.",
};

static const int64_t times[] = {
    [IDENTITY_LINK_ADMIN] = DAY,  [IDENTITY_LINK_SIGN_UP] = DAY, [IDENTITY_LINK_INVITE] = 7 * DAY,
    [IDENTITY_LINK_RESET] = HOUR, [IDENTITY_LINK_ADDRESS] = DAY,
};

int64_t identity_link_time(enum identity_purpose purpose)
{
    return times[purpose];
}

static int make(struct store_session *session, enum identity_purpose purpose, int64_t person,
                const char *address, int64_t inviter, char ret_token[IDENTITY_TOKEN_SIZE],
                struct portico_error *error)
{
    char token[IDENTITY_TOKEN_SIZE], hash[IDENTITY_HASH_TEXT];
    struct identity_step step;
    int64_t now = clock_now();
    identity_token_new(token, hash);
    int code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    code = store_host_execute(session,
                              "DELETE FROM portico_link WHERE purpose = ? AND used IS NULL "
                              "AND coalesce(person, 0) = ? "
                              "AND coalesce(address, '') = coalesce(?, '')",
                              PORTICO_ARGS(portico_arg_integer(purpose),
                                           portico_arg_integer(person), portico_arg_text(address)),
                              NULL, error);
    if (code == 0)
        code = store_host_execute(
            session,
            "INSERT INTO portico_link (id, purpose, token_hash, person, address, inviter, created, "
            "expires) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            PORTICO_ARGS(portico_arg_id(id_new()), portico_arg_integer(purpose),
                         portico_arg_text(hash), portico_arg_id(person), portico_arg_text(address),
                         portico_arg_id(inviter), portico_arg_time(now),
                         portico_arg_time(now + times[purpose])),
            NULL, error);
    code = identity_step_end(&step, code, error);
    if (code == 0)
        memcpy(ret_token, token, sizeof token);
    return code;
}

int identity_link_make(struct store_session *session, enum identity_purpose purpose, int64_t person,
                       const char *address, char ret_token[IDENTITY_TOKEN_SIZE],
                       struct portico_error *error)
{
    return make(session, purpose, person, address, 0, ret_token, error);
}

int identity_link_invite(struct store_session *session, int64_t person, const char *address,
                         int64_t inviter, char ret_token[IDENTITY_TOKEN_SIZE],
                         struct portico_error *error)
{
    return make(session, IDENTITY_LINK_INVITE, person, address, inviter, ret_token, error);
}

/* One text for all that is written of one address. */
static const char *key_of(struct store_session *session, const char *address)
{
    const char *key = "";
    identity_address_check(address, store_session_arena(session), NULL, &key, NULL);
    return key;
}

int identity_links_end(struct store_session *session, int64_t person, const char *address,
                       struct portico_error *error)
{
    const char *key = address ? key_of(session, address) : NULL;
    struct value *rows;
    int code = store_host_query(
        session, "SELECT id, purpose, address FROM portico_link WHERE person = ? AND used IS NULL",
        PORTICO_ARGS(portico_arg_id(person)), &rows, error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++) {
        const struct value_cell *cells = value_rows_at(rows, i);
        const char *sent = identity_text(&cells[2]);
        if (key && cells[1].integer != IDENTITY_LINK_RESET &&
            !(sent && strcmp(key_of(session, sent), key) == 0))
            continue;
        code = store_host_execute(session, "DELETE FROM portico_link WHERE id = ?",
                                  PORTICO_ARGS(portico_arg_id(cells[0].integer)), NULL, error);
    }
    return code;
}

static int over(int which, const char **ret_reason, struct portico_error *error)
{
    if (ret_reason)
        *ret_reason = reasons[which];
    return error_set(error, PORTICO_ENOENT, "%s", reasons[which]);
}

enum { ID, PURPOSE, PERSON, ADDRESS, INVITER, CREATED, EXPIRES, USED_AT };

int identity_link_look(struct store_session *session, const char *token,
                       struct identity_link *ret_link, const char **ret_reason,
                       struct portico_error *error)
{
    char hash[IDENTITY_HASH_TEXT];
    struct value *rows;
    if (!identity_token_hash(token, hash))
        return over(UNKNOWN, ret_reason, error);
    int code =
        store_host_query(session,
                         "SELECT id, purpose, person, address, inviter, created, expires, used "
                         "FROM portico_link WHERE token_hash = ?",
                         PORTICO_ARGS(portico_arg_text(hash)), &rows, error);
    if (code < 0)
        return code;
    if (rows->count == 0)
        return over(UNKNOWN, ret_reason, error);
    const struct value_cell *cells = value_rows_at(rows, 0);
    if (cells[USED_AT].kind != PORTICO_NULL)
        return over(USED, ret_reason, error);
    if (cells[EXPIRES].integer <= clock_now())
        return over(EXPIRED, ret_reason, error);
    *ret_link = (struct identity_link){
        .id = cells[ID].integer,
        .purpose = (enum identity_purpose)cells[PURPOSE].integer,
        .person = identity_integer(&cells[PERSON]),
        .address = identity_text(&cells[ADDRESS]),
        .inviter = identity_integer(&cells[INVITER]),
        .created = cells[CREATED].integer,
        .expires = cells[EXPIRES].integer,
    };
    return PORTICO_OK;
}

static int use_in(struct store_session *session, const char *token, enum identity_purpose purpose,
                  struct identity_link *ret_link, const char **ret_reason,
                  struct portico_error *error)
{
    struct identity_link link;
    int64_t now = clock_now(), changed = 0;
    int code = identity_link_look(session, token, &link, ret_reason, error);
    if (code == 0 && link.purpose != purpose)
        code = over(UNKNOWN, ret_reason, error);
    if (code == 0)
        code = store_host_execute(
            session, "UPDATE portico_link SET used = ? WHERE id = ? AND used IS NULL",
            PORTICO_ARGS(portico_arg_time(now), portico_arg_id(link.id)), &changed, error);
    if (code == 0 && changed == 0)
        code = over(USED, ret_reason, error);
    if (code == 0)
        *ret_link = link;
    return code;
}

int identity_link_use(struct store_session *session, const char *token,
                      enum identity_purpose purpose, struct identity_link *ret_link,
                      const char **ret_reason, struct portico_error *error)
{
    struct identity_step step;
    int code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    return identity_step_end(&step, use_in(session, token, purpose, ret_link, ret_reason, error),
                             error);
}

/* ---- whether it is good still ---- */

/* The address it went to stands at its person as it did then. */
static int check_address(struct store_session *session, const struct identity_link *link,
                         const char **ret_reason, struct portico_error *error)
{
    struct value *rows;
    if (!link->address)
        return PORTICO_OK;
    int code = store_host_query(
        session, "SELECT verified FROM portico_address WHERE person = ? AND address_key = ?",
        PORTICO_ARGS(portico_arg_id(link->person),
                     portico_arg_text(key_of(session, link->address))),
        &rows, error);
    if (code < 0)
        return code;
    const bool stands = rows->count && (link->purpose != IDENTITY_LINK_RESET ||
                                        identity_integer(&value_rows_at(rows, 0)[0]) != 0);
    return stands ? PORTICO_OK : over(MOVED, ret_reason, error);
}

/* Who comes in anew does so by the rules of now. Who is here goes on. */
static int check_rules(struct identity *identity, struct store_session *session,
                       const struct identity_link *link, const char **ret_reason,
                       struct portico_error *error)
{
    const struct identity_rules *rules = &identity->rules;
    int64_t company = 0;
    if (link->purpose == IDENTITY_LINK_INVITE)
        return rules->closed ? over(CLOSED, ret_reason, error) : PORTICO_OK;
    if (link->purpose != IDENTITY_LINK_SIGN_UP)
        return PORTICO_OK;
    if (!rules->sign_up)
        return over(rules->closed ? CLOSED : OUTSIDE, ret_reason, error);
    if (!rules->by_domain)
        return PORTICO_OK;
    int code =
        identity_domain_of(session, link->address ? link->address : "", &company, NULL, error);
    return code == 0 && !company ? over(OUTSIDE, ret_reason, error) : code;
}

/* Whoever of the staff invited them may give what the person has by now. */
static int check_inviter(struct identity *identity, struct store_session *session,
                         const struct identity_link *link, const struct identity_person *whose,
                         const char **ret_reason, struct portico_error *error)
{
    struct identity_person inviter;
    char roles[32];
    if (!link->inviter)
        return PORTICO_OK;
    int code = identity_person_look(session, link->inviter, &inviter, error);
    if (code == PORTICO_ENOENT || (code == 0 && inviter.state != IDENTITY_ACTIVE))
        return over(WITHDRAWN, ret_reason, error);
    identity_roles_write(whose->roles, roles);
    if (code == 0)
        code = identity_inviting_staff(identity, session, inviter.id, whose->id, roles, error);
    return code == PORTICO_EPERM ? over(WITHDRAWN, ret_reason, error) : code;
}

int identity_link_good(struct identity *identity, struct store_session *session,
                       const struct identity_link *link, const char **ret_reason,
                       struct portico_error *error)
{
    struct identity_person whose;
    if (!link->person)
        return PORTICO_OK;
    int code = identity_person_look(session, link->person, &whose, error);
    if (code == 0)
        code = check_address(session, link, ret_reason, error);
    if (code == 0 && whose.state == IDENTITY_WAITING)
        code = check_rules(identity, session, link, ret_reason, error);
    if (code == 0 && whose.state == IDENTITY_WAITING)
        code = check_inviter(identity, session, link, &whose, ret_reason, error);
    return code;
}

/* The link, its person held from here to the commit, and both as good as they have to be. */
static int take_in(struct identity *identity, struct store_session *session, const char *token,
                   enum identity_purpose purpose, struct identity_link *link,
                   const char **ret_reason, struct portico_error *error)
{
    int code = identity_link_look(session, token, link, ret_reason, error);
    if (code == 0)
        code = identity_person_hold(session, link->person, error);
    if (code == 0)
        code = use_in(session, token, purpose, link, ret_reason, error);
    return code < 0 ? code : identity_link_good(identity, session, link, ret_reason, error);
}

/* Whoever signed up with an address in a company's domain belongs to it, or asks to. */
static int join_by_domain(struct store_session *session, const struct identity_link *link,
                          const struct identity_joining *joining, struct portico_error *error)
{
    static const char *const kinds[] = { NULL, "membership.made", "membership.applied" };
    struct identity_act act = { .actor = link->person, .person = link->person, .origin = "portal" };
    int joined = identity_domain_join(session, link->person, link->address, &act.account, error);
    if (joined <= 0)
        return joined;
    act.kind = kinds[joined];
    int code = identity_audit(session, &act, error);
    return code == 0 && joining ? joining->joined(joining->data, link->person, act.account, error)
                                : code;
}

/* What a password set by a link does, all at once. */
static int open_up(struct identity *identity, struct store_session *session, const char *token,
                   enum identity_purpose purpose, const char *hash,
                   const struct identity_joining *joining, struct identity_link *link,
                   const char **ret_reason, struct portico_error *error)
{
    struct identity_person whose;
    int code = take_in(identity, session, token, purpose, link, ret_reason, error);
    if (code == 0)
        code = identity_person_look(session, link->person, &whose, error);
    if (code == 0 && whose.state == IDENTITY_DISABLED)
        code = error_set(error, PORTICO_EPERM, /* translated */ "This sign-in is disabled.");
    if (code == 0 && link->address)
        code = identity_address_count(session, link->person, link->address, error);
    if (code == 0)
        code = identity_password_put(session, link->person, hash, 0, error);
    const struct identity_act act = {
        .kind = "password.reset", .actor = link->person, .person = link->person, .origin = ORIGIN
    };
    if (code == 0)
        code = identity_audit(session, &act, error);
    if (code == 0)
        code = store_host_execute(session, "UPDATE portico_person SET state = 1 WHERE id = ?",
                                  PORTICO_ARGS(portico_arg_id(link->person)), NULL, error);
    if (code == 0 && purpose == IDENTITY_LINK_SIGN_UP && link->address)
        code = join_by_domain(session, link, joining, error);
    if (code == 0 && whose.password_changed && joining && joining->set)
        code = joining->set(joining->data, link->person, error);
    return code;
}

int identity_link_password(struct identity *identity, struct store_session *session,
                           const char *token, const char *password,
                           const struct identity_joining *joining, int64_t *ret_person,
                           const char **ret_reason, struct portico_error *error)
{
    struct identity_link link;
    struct identity_person whose;
    struct identity_step step;
    char hash[IDENTITY_HASH_SIZE];
    int code = identity_refuse_transaction(session, error);
    if (code == 0)
        code = identity_link_look(session, token, &link, ret_reason, error);
    if (code == 0 && link.purpose != IDENTITY_LINK_SIGN_UP &&
        link.purpose != IDENTITY_LINK_INVITE && link.purpose != IDENTITY_LINK_RESET)
        code = over(UNKNOWN, ret_reason, error);
    if (code == 0)
        code = identity_person_look(session, link.person, &whose, error);
    if (code < 0)
        return code;
    const struct identity_password_context context = { identity->portal, whose.name, whose.handle,
                                                       link.address ? link.address
                                                                    : whose.address };
    code = identity_password_check(password, &context, ret_reason, error);
    if (code == 0)
        code = identity_hash(identity, password, hash, error);
    if (code == 0)
        code = identity_step_begin(&step, session, error);
    if (code == 0)
        code = identity_step_end(&step,
                                 open_up(identity, session, token, link.purpose, hash, joining,
                                         &link, ret_reason, error),
                                 error);
    if (code == 0)
        *ret_person = link.person;
    identity_forget(hash, sizeof hash);
    return code;
}

static int address_in(struct identity *identity, struct store_session *session, const char *token,
                      int64_t person, struct identity_link *link, const char **ret_reason,
                      struct portico_error *error)
{
    struct identity_person whose;
    int code = take_in(identity, session, token, IDENTITY_LINK_ADDRESS, link, ret_reason, error);
    if (code == 0)
        code = identity_person_look(session, link->person, &whose, error);
    if (code == 0 && (link->person != person || whose.state != IDENTITY_ACTIVE))
        code = error_set(error, PORTICO_EPERM, "An address is confirmed by whose it is to be.");
    if (code == 0)
        code = identity_address_count(session, link->person, link->address, error);
    const struct identity_act act = {
        .kind = "address.confirmed", .actor = person, .person = link->person, .origin = ORIGIN
    };
    return code < 0 ? code : identity_audit(session, &act, error);
}

int identity_link_address(struct identity *identity, struct store_session *session,
                          const char *token, int64_t person, struct identity_link *ret_link,
                          const char **ret_reason, struct portico_error *error)
{
    struct identity_step step;
    struct identity_link link;
    int code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    code = identity_step_end(
        &step, address_in(identity, session, token, person, &link, ret_reason, error), error);
    if (code == 0)
        *ret_link = link;
    return code;
}

static int admin_in(struct store_session *session, const char *token,
                    const struct identity_first_admin *admin, const char *hash, int64_t *ret_person,
                    const char **ret_reason, struct portico_error *error)
{
    const struct identity_new_person made = {
        .name = admin->name,
        .address = admin->address,
        .verified = true,
        .locale = admin->locale,
        .timezone = admin->timezone,
        .roles = IDENTITY_ADMIN,
        .state = IDENTITY_ACTIVE,
    };
    struct identity_link link;
    bool has = false;
    int code = identity_lock(session, "identity admins", error);
    if (code == 0)
        code = use_in(session, token, IDENTITY_LINK_ADMIN, &link, ret_reason, error);
    if (code == 0)
        code = identity_has_admin(session, &has, error);
    if (code == 0 && has)
        code = error_set(error, PORTICO_ECONFLICT,
                         /* translated */ "This portal has an admin: ask them for an invitation.");
    if (code == 0)
        code = identity_person_make(session, &made, ret_person, error);
    if (code == 0)
        code = identity_password_put(session, *ret_person, hash, 0, error);
    const struct identity_act act = { .kind = "membership.made",
                                      .person = *ret_person,
                                      .account = IDENTITY_OWNER,
                                      .origin = ORIGIN };
    if (code == 0)
        code = identity_audit(session, &act, error);
    if (code == 0)
        code = identity_audit_roles(session, &act, 0, IDENTITY_ADMIN, error);
    return code == 0 && admin->joining
               ? admin->joining->joined(admin->joining->data, *ret_person, IDENTITY_OWNER, error)
               : code;
}

/* Says which field is wrong before anything is hashed. */
static int check_admin(struct identity *identity, struct arena *arena,
                       const struct identity_first_admin *admin, const char **ret_field,
                       const char **ret_reason, struct portico_error *error)
{
    const char *name, *key;
    *ret_field = "name";
    int code = identity_name_check(admin->name, arena, &name, error);
    if (code < 0)
        return code;
    *ret_field = "address";
    code = identity_address_check(admin->address, arena, NULL, &key, error);
    if (code < 0)
        return code;
    const struct identity_password_context context = { identity->portal, name, NULL, key };
    *ret_field = "password";
    code = identity_password_check(admin->password, &context, ret_reason, error);
    if (code == 0)
        *ret_field = NULL;
    return code;
}

int identity_link_admin(struct identity *identity, struct store_session *session, const char *token,
                        const struct identity_first_admin *admin, int64_t *ret_person,
                        const char **ret_field, const char **ret_reason,
                        struct portico_error *error)
{
    struct identity_link link;
    struct identity_step step;
    char hash[IDENTITY_HASH_SIZE];
    const char *field = NULL;
    int64_t person = 0;
    int code = identity_refuse_transaction(session, error);
    if (code == 0)
        code = identity_link_look(session, token, &link, ret_reason, error);
    if (code == 0)
        code =
            check_admin(identity, store_session_arena(session), admin, &field, ret_reason, error);
    if (ret_field)
        *ret_field = field;
    if (code == 0)
        code = identity_hash(identity, admin->password, hash, error);
    if (code == 0)
        code = identity_step_begin(&step, session, error);
    if (code == 0)
        code = identity_step_end(
            &step, admin_in(session, token, admin, hash, &person, ret_reason, error), error);
    if (code == 0)
        *ret_person = person;
    identity_forget(hash, sizeof hash);
    return code;
}
