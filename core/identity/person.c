#include "identity/api_token.h"
#include "identity/room.h"

#include "base/text.h"
#include "identity/invitation.h"
#include "identity/member.h"

#include <inttypes.h>

#define HANDLE_TRIES 50
#define EXTERNAL_MAX 200
#define ROLES_SOURCE "roles" /* of memberships made by giving one */
#define TAG_MAX 64           /* of a locale or time zone */

enum {
    ID,
    HANDLE,
    NAME,
    LOCALE,
    TIMEZONE,
    EXTERNAL,
    STATE,
    RIGHTS,
    CREATED,
    LAST_SIGN_IN,
    PASSWORD_CHANGED,
    ADDRESS,
    MODERATOR,
    ADMIN,
    STAFF,
    MERGED_INTO,
    SHOWN,
};

int identity_person_read(const struct value_cell *cells, struct arena *arena,
                         struct identity_person *ret_person, struct portico_error *error)
{
    const char *initials = identity_initials(cells[NAME].text, arena);
    enum identity_state state = (enum identity_state)cells[STATE].integer;
    uint64_t stored = (cells[MODERATOR].integer ? IDENTITY_MODERATOR : 0u) |
                      (cells[ADMIN].integer ? IDENTITY_ADMIN : 0u) |
                      (cells[STAFF].integer ? IDENTITY_STAFF : 0u);
    if (!initials)
        return identity_no_memory(error);
    *ret_person = (struct identity_person){
        .id = cells[ID].integer,
        .handle = cells[HANDLE].text,
        .name = cells[NAME].text,
        .initials = initials,
        .hue = identity_hue(cells[ID].integer),
        .locale = cells[LOCALE].text,
        .timezone = cells[TIMEZONE].text,
        .external = identity_text(&cells[EXTERNAL]),
        .address = identity_text(&cells[ADDRESS]),
        .state = state,
        .roles = stored | (state == IDENTITY_ACTIVE ? IDENTITY_EVERYONE | IDENTITY_MEMBER : 0u),
        .rights = cells[RIGHTS].integer,
        .shown = cells[SHOWN].integer,
        .created = cells[CREATED].integer,
        .last_sign_in = identity_integer(&cells[LAST_SIGN_IN]),
        .password_changed = identity_integer(&cells[PASSWORD_CHANGED]),
        .merged_into = identity_integer(&cells[MERGED_INTO]),
    };
    return PORTICO_OK;
}

static int nobody(struct portico_error *error)
{
    return error_set(error, PORTICO_ENOENT, "There is no such person.");
}

int identity_person_look(struct store_session *session, int64_t id,
                         struct identity_person *ret_person, struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(
        session, "SELECT " IDENTITY_PERSON_COLUMNS "FROM portico_person p WHERE p.id = ?",
        PORTICO_ARGS(portico_arg_id(id)), &rows, error);
    if (code < 0)
        return code;
    if (rows->count == 0)
        return nobody(error);
    return identity_person_read(value_rows_at(rows, 0), store_session_arena(session), ret_person,
                                error);
}

/* The cell of the person with that id elsewhere. */
static int find_external(struct store_session *session, const char *sql, const char *external,
                         int64_t *ret_id, struct portico_error *error)
{
    struct value *rows;
    int code =
        store_host_query(session, sql, PORTICO_ARGS(portico_arg_text(external)), &rows, error);
    if (code < 0)
        return code;
    if (rows->count == 0)
        return nobody(error);
    *ret_id = value_rows_at(rows, 0)->integer;
    return PORTICO_OK;
}

int identity_person_external(struct store_session *session, const char *external, int64_t *ret_id,
                             struct portico_error *error)
{
    return find_external(session,
                         "SELECT coalesce(merged_into, id) FROM portico_person WHERE external = ?",
                         external, ret_id, error);
}

int identity_person_elsewhere(struct store_session *session, const char *external, int64_t *ret_id,
                              struct portico_error *error)
{
    return find_external(session, "SELECT id FROM portico_person WHERE external = ?", external,
                         ret_id, error);
}

int identity_person_leading(struct store_session *session, int64_t person,
                            const char **ret_external, struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(
        session,
        "SELECT external FROM portico_person WHERE external IS NOT NULL AND (id = ? OR merged_into "
        "= ?) ORDER BY CASE WHEN merged_into IS NULL THEN 0 ELSE 1 END, id LIMIT 1",
        PORTICO_ARGS(portico_arg_id(person), portico_arg_id(person)), &rows, error);
    if (code == 0)
        *ret_external = rows->count ? value_rows_at(rows, 0)->text : NULL;
    return code;
}

int identity_person_named(struct store_session *session, const char *who,
                          struct identity_person *ret_person, struct portico_error *error)
{
    static const char prefix[] = "external:";
    long long number = 0;
    int64_t id = 0;
    int code = PORTICO_OK;
    if (strncmp(who, prefix, sizeof prefix - 1) == 0) {
        code = identity_person_external(session, who + sizeof prefix - 1, &id, NULL);
        code = code == PORTICO_ENOENT ? PORTICO_OK : code;
    } else if (text_to_int64(text_of(who), &number)) {
        id = number;
    } else {
        code = identity_find(session, who, &id, error);
    }
    if (code == 0)
        code = id ? identity_person_look(session, id, ret_person, error) : PORTICO_ENOENT;
    if (code == PORTICO_ENOENT)
        error_set(error, code, "Nobody is called \"%.100s\": give a handle, an address or an id.",
                  who);
    return code;
}

int identity_person_hold(struct store_session *session, int64_t person, struct portico_error *error)
{
    int64_t changed = 0;
    int code = store_host_execute(session, "UPDATE portico_person SET rights = rights WHERE id = ?",
                                  PORTICO_ARGS(portico_arg_id(person)), &changed, error);
    return code == 0 && changed == 0 ? nobody(error) : code;
}

int identity_person_hold_now(struct store_session *session, int64_t person, int64_t *ret_who,
                             struct portico_error *error)
{
    static const char who[] = "SELECT coalesce(merged_into, id) FROM portico_person WHERE id = ?";
    struct value *before, *after;
    int code = store_host_query(session, who, PORTICO_ARGS(portico_arg_id(person)), &before, error);
    if (code < 0 || before->count == 0)
        return code < 0 ? code : nobody(error);
    const int64_t one = value_rows_at(before, 0)->integer;
    code = identity_person_hold(session, one, error);
    if (code == 0)
        code = store_host_query(session, who, PORTICO_ARGS(portico_arg_id(one)), &after, error);
    if (code < 0 || after->count == 0)
        return code < 0 ? code : nobody(error);
    if (value_rows_at(after, 0)->integer != one)
        return error_set(
            error, PORTICO_EBUSY,
            "Person %" PRId64 " was merged into another at the same moment: try again.", one);
    *ret_who = one;
    return PORTICO_OK;
}

int identity_raise(struct store_session *session, int64_t person, struct portico_error *error)
{
    int64_t changed = 0;
    int code =
        store_host_execute(session, "UPDATE portico_person SET rights = rights + 1 WHERE id = ?",
                           PORTICO_ARGS(portico_arg_id(person)), &changed, error);
    return code == 0 && changed == 0 ? nobody(error) : code;
}

int identity_shown(struct store_session *session, int64_t person, struct portico_error *error)
{
    return store_host_execute(session, "UPDATE portico_person SET shown = shown + 1 WHERE id = ?",
                              PORTICO_ARGS(portico_arg_id(person)), NULL, error);
}

/* 1: the row stands; 0: the handle is somebody's. */
static int insert(struct store_session *session, const struct identity_new_person *made, int64_t id,
                  const char *handle, const char *name, const char *name_key,
                  struct portico_error *error)
{
    int64_t changed = 0;
    int code = store_host_execute(
        session,
        "INSERT INTO portico_person (id, handle, name, name_key, locale, timezone, state, "
        "external, created, rights) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1) "
        "ON CONFLICT (handle) DO NOTHING",
        PORTICO_ARGS(portico_arg_id(id), portico_arg_text(handle), portico_arg_text(name),
                     portico_arg_text(name_key), portico_arg_text(made->locale ? made->locale : ""),
                     portico_arg_text(made->timezone ? made->timezone : ""),
                     portico_arg_integer(made->state), portico_arg_text(made->external),
                     portico_arg_time(made->created ? made->created : clock_now())),
        &changed, error);
    return code < 0 ? code : changed != 0;
}

static int insert_named(struct store_session *session, const struct identity_new_person *made,
                        int64_t id, const char *name, const char *name_key,
                        struct portico_error *error)
{
    struct arena *arena = store_session_arena(session);
    const char *base = made->handle, *handle;
    int code =
        base ? identity_handle_check(base, error) : identity_handle_make(name, arena, &base, error);
    if (code < 0)
        return code;
    code = insert(session, made, id, base, name, name_key, error);
    if (code == 0 && made->handle)
        return error_set(error, PORTICO_EEXIST, "The handle \"%s\" is somebody else's.", base);
    /* Many share a name: after some numbers in a row, any. */
    for (unsigned i = 2; code == 0 && i < HANDLE_TRIES; i++) {
        handle = arena_printf(arena, "%s%u", base,
                              i < HANDLE_TRIES / 2 ? i : (unsigned)g_random_int_range(100, 999999));
        code = handle ? insert(session, made, id, handle, name, name_key, error)
                      : identity_no_memory(error);
    }
    if (code == 0)
        return error_set(error, PORTICO_EBUSY,
                         "No free handle was found for this name: try again.");
    return code < 0 ? code : PORTICO_OK;
}

/* The person's membership in the owner's account, made if there is none: its id. */
static int owners_member(struct store_session *session, int64_t person, int64_t *ret_membership,
                         int *came, struct portico_error *error)
{
    struct identity_member member;
    const struct identity_new_member made = { .account = IDENTITY_OWNER,
                                              .person = person,
                                              .source = ROLES_SOURCE };
    int code = identity_member_of(session, IDENTITY_OWNER, person, &member, NULL);
    if (code == 0)
        *ret_membership = member.id;
    *came += code == PORTICO_ENOENT;
    return code == PORTICO_ENOENT ? identity_member_add(session, &made, ret_membership, error)
                                  : code;
}

/* Who was one of the staff for their roles alone is none without them. */
static int leave_without_roles(struct store_session *session, int64_t membership, int *came,
                               struct portico_error *error)
{
    struct identity_member member;
    struct value *rows;
    int code = identity_member_look(session, membership, &member, error);
    if (code == 0)
        code = identity_roles_of_member(session, membership, &rows, error);
    if (code < 0 || rows->count || strcmp(member.source, ROLES_SOURCE) != 0)
        return code;
    *came -= 1;
    return identity_member_remove(session, membership, error);
}

/* In the open transaction; `came` as of identity_person_staff. */
static int put_roles(struct store_session *session, int64_t person, uint64_t added, uint64_t taken,
                     int *came, struct portico_error *error)
{
    int64_t membership = 0;
    char given[32], gone[32];
    identity_roles_write(added, given);
    identity_roles_write(taken, gone);
    int code = identity_lock(session, "identity admins", error);
    if (code == 0)
        code = owners_member(session, person, &membership, came, error);
    if (code == 0)
        code = identity_member_roles(session, membership, given, gone, error);
    return code == 0 ? leave_without_roles(session, membership, came, error) : code;
}

static int make_in(struct store_session *session, const struct identity_new_person *made,
                   int64_t id, const char *name, const char *name_key, struct portico_error *error)
{
    int64_t other = 0, address = 0;
    bool taken;
    int came = 0, code = PORTICO_OK;
    if (made->external) {
        code = identity_lock(session, made->external, error);
        if (code == 0 && identity_person_external(session, made->external, &other, NULL) == 0)
            code = error_set(error, PORTICO_EEXIST, "The id \"%.100s\" is somebody's already.",
                             made->external);
    }
    if (code == 0)
        code = insert_named(session, made, id, name, name_key, error);
    if (code == 0 && made->roles & IDENTITY_STORED)
        code = put_roles(session, id, made->roles, 0, &came, error);
    if (code == 0 && made->address)
        code = made->verified
                   ? identity_address_count(session, id, made->address, error)
                   : identity_address_add(session, id, made->address, &address, &taken, error);
    return code;
}

static int check_made(const struct identity_new_person *made, struct portico_error *error)
{
    if ((made->locale && strlen(made->locale) > TAG_MAX) ||
        (made->timezone && strlen(made->timezone) > TAG_MAX))
        return error_set(error, PORTICO_EINVAL, "A language or time zone has at most %d bytes.",
                         TAG_MAX);
    if (made->external && (!*made->external || strlen(made->external) > EXTERNAL_MAX))
        return error_set(error, PORTICO_EINVAL, "An id elsewhere has 1 to %d bytes.", EXTERNAL_MAX);
    return PORTICO_OK;
}

int identity_person_make(struct store_session *session, const struct identity_new_person *made,
                         int64_t *ret_person, struct portico_error *error)
{
    struct arena *arena = store_session_arena(session);
    const char *name, *key;
    struct identity_step step;
    int64_t id = id_new();
    int code = check_made(made, error);
    if (code == 0)
        code = identity_name_check(made->name, arena, &name, error);
    if (code == 0)
        code = identity_fold(name, arena, &key, error);
    if (code == 0 && made->address)
        code = identity_address_check(made->address, arena, NULL, &(const char *){ NULL }, error);
    if (code == 0)
        code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    code = identity_step_end(&step, make_in(session, made, id, name, key, error), error);
    if (code == 0)
        *ret_person = id;
    return code;
}

int identity_has_admin(struct store_session *session, bool *ret_has, struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(session,
                                "SELECT p.id FROM portico_membership_role r "
                                "JOIN portico_membership m ON m.id = r.membership "
                                "JOIN portico_person p ON p.id = m.person "
                                "WHERE r.role = 'admin' AND m.account = 1 AND m.state = 1 "
                                "AND m.valid_until IS NULL AND p.state = 1 LIMIT 1",
                                NULL, 0, &rows, error);
    if (code == 0)
        *ret_has = rows->count > 0;
    return code;
}

int identity_keep_admin(struct store_session *session, struct portico_error *error)
{
    bool has;
    int code = identity_has_admin(session, &has, error);
    if (code == 0 && !has)
        code = error_set(
            error, PORTICO_ECONFLICT,
            /* translated */ "This is the last active admin: make somebody else an admin first.");
    return code;
}

int identity_person_roles(struct store_session *session, int64_t person, uint64_t added,
                          uint64_t taken, struct portico_error *error)
{
    return identity_person_staff(session, person, added, taken, &(int){ 0 }, error);
}

int identity_person_staff(struct store_session *session, int64_t person, uint64_t added,
                          uint64_t taken, int *ret_came, struct portico_error *error)
{
    struct identity_step step;
    int came = 0;
    if ((added | taken) & ~(uint64_t)IDENTITY_STORED)
        return error_set(error, PORTICO_EINVAL,
                         "Only the roles moderator and admin are given and taken.");
    int code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    code = identity_step_end(&step, put_roles(session, person, added & ~taken, taken, &came, error),
                             error);
    if (code == 0)
        *ret_came = came;
    return code;
}

static int change_state(struct store_session *session, int64_t person, enum identity_state state,
                        struct portico_error *error)
{
    int64_t changed = 0;
    bool had_admin = false;
    int code = identity_lock(session, "identity admins", error);
    if (code == 0)
        code = identity_has_admin(session, &had_admin, error);
    if (code == 0)
        code = store_host_execute(
            session,
            "UPDATE portico_person SET state = ?, rights = rights + 1 WHERE id = ? "
            "AND merged_into IS NULL",
            PORTICO_ARGS(portico_arg_integer(state), portico_arg_id(person)), &changed, error);
    if (code == 0 && changed == 0)
        code = nobody(error);
    if (code == 0 && state == IDENTITY_DISABLED)
        code = identity_invitations_end(session, person, 0, error);
    if (code == 0 && state == IDENTITY_DISABLED)
        code = identity_links_end(session, person, NULL, error);
    if (code == 0 && state == IDENTITY_DISABLED) {
        code = identity_session_end_all(session, person, 0, NULL, error);
        /* Switched on again, they have none that somebody else may have made. */
        if (code == 0)
            code = identity_api_tokens_revoke(session, person, NULL, error);
        /* A portal that has no admin yet loses none. */
        if (code == 0 && had_admin)
            code = identity_keep_admin(session, error);
    }
    return code;
}

int identity_person_state(struct store_session *session, int64_t person, enum identity_state state,
                          struct portico_error *error)
{
    struct identity_step step;
    if (state != IDENTITY_ACTIVE && state != IDENTITY_DISABLED)
        return error_set(error, PORTICO_EINVAL, "A person is active or disabled.");
    int code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    return identity_step_end(&step, change_state(session, person, state, error), error);
}

static int change_in(struct store_session *session, int64_t person,
                     const struct identity_profile *profile, const char *name, const char *key,
                     struct portico_error *error)
{
    struct value *rows;
    int code = identity_person_hold(session, person, error);
    if (code == 0 && profile->handle) {
        code = identity_lock(session, profile->handle, error);
        if (code == 0)
            code = store_host_query(
                session, "SELECT id FROM portico_person WHERE handle = ? AND id <> ?",
                PORTICO_ARGS(portico_arg_text(profile->handle), portico_arg_id(person)), &rows,
                error);
        if (code == 0 && rows->count)
            code = error_set(error, PORTICO_EEXIST, "The handle \"%s\" is somebody else's.",
                             profile->handle);
    }
    if (code == 0 && key)
        code = store_host_execute(
            session, "UPDATE portico_membership SET name_key = ? WHERE person = ?",
            PORTICO_ARGS(portico_arg_text(key), portico_arg_id(person)), NULL, error);
    if (code < 0)
        return code;
    return store_host_execute(
        session,
        "UPDATE portico_person SET name = coalesce(?, name), name_key = coalesce(?, name_key), "
        "handle = coalesce(?, handle), locale = coalesce(?, locale), "
        "timezone = coalesce(?, timezone) WHERE id = ?",
        PORTICO_ARGS(portico_arg_text(name), portico_arg_text(key),
                     portico_arg_text(profile->handle), portico_arg_text(profile->locale),
                     portico_arg_text(profile->timezone), portico_arg_id(person)),
        NULL, error);
}

int identity_person_change(struct store_session *session, int64_t person,
                           const struct identity_profile *profile, struct portico_error *error)
{
    struct arena *arena = store_session_arena(session);
    const char *name = NULL, *key = NULL;
    struct identity_step step;
    const struct identity_new_person tags = { .locale = profile->locale,
                                              .timezone = profile->timezone };
    int code = check_made(&tags, error);
    if (code == 0 && profile->name)
        code = identity_name_check(profile->name, arena, &name, error);
    if (code == 0 && name)
        code = identity_fold(name, arena, &key, error);
    if (code == 0 && profile->handle)
        code = identity_handle_check(profile->handle, error);
    if (code == 0)
        code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    return identity_step_end(&step, change_in(session, person, profile, name, key, error), error);
}
