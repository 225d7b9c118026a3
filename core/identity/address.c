/* Addresses of mail: one form, and whose they are. */
#include "identity/room.h"

#include "base/text.h"
#include "identity/idna.h"

#define ADDRESSES 5 /* of one person, waiting ones included */

/* RFC 5321's dot-atom, and letters beyond ASCII (RFC 6531). */
/* In ASCII (RFC 5321, 4.1.2), as mail is sent: of others no letter would arrive. */
static bool is_local(unsigned char c)
{
    return g_ascii_isalnum(c) || strchr("!#$%&'*+-/=?^_`{|}~.", c) != NULL;
}

static bool is_host(unsigned char c)
{
    return g_ascii_isalnum(c) || c >= 0x80 || c == '-' || c == '.';
}

/* Words between points: none empty, none at the ends, in a host's no hyphen at theirs. */
static bool words(const char *text, size_t length, bool (*takes)(unsigned char c), bool host)
{
    char before = '.';
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        bool ends = i + 1 == length || text[i + 1] == '.';
        if (!takes((unsigned char)c) || (c == '.' && (before == '.' || i + 1 == length)) ||
            (host && c == '-' && (before == '.' || ends)))
            return false;
        before = c;
    }
    return length > 0;
}

static bool is_address(const char *text)
{
    const char *at = strrchr(text, '@');
    if (!at || strlen(text) > IDENTITY_ADDRESS_MAX || at - text > 64)
        return false;
    return words(text, (size_t)(at - text), is_local, false) &&
           words(at + 1, strlen(at + 1), is_host, true) && strchr(at, '.') != NULL;
}

/* Every spelling of one mailbox has one; the domain's as the DNS has it. NULL: it is none. */
static const char *key_of(const char *address, struct arena *arena)
{
    const char *at = strrchr(address, '@');
    const char *local = arena_strndup(arena, address, (size_t)(at - address)), *folded;
    char domain[IDENTITY_IDNA_SIZE];
    if (!local || identity_fold(local, arena, &folded, NULL) < 0 ||
        identity_idna(at + 1, domain) < 0)
        return NULL;
    return arena_printf(arena, "%s@%s", folded, domain);
}

/* One label, or a piece of one: as it is where it is none of the DNS. */
static void add_label(GString *out, const char *label, size_t length)
{
    char *whole = g_strndup(label, length), ascii[IDENTITY_IDNA_SIZE];
    g_string_append(out, length && identity_idna(whole, ascii) == 0 ? ascii : whole);
    g_free(whole);
}

int identity_address_part(const char *part, struct arena *arena, const char **ret_part,
                          struct portico_error *error)
{
    const char *folded;
    int code = identity_fold(part, arena, &folded, error);
    if (code < 0)
        return code;
    const char *at = strrchr(folded, '@'), *domain = at ? at + 1 : folded;
    GString *out = g_string_new_len(folded, domain - folded);
    for (;; domain++) {
        const size_t length = strcspn(domain, ".");
        add_label(out, domain, length);
        domain += length;
        if (!*domain)
            break;
        g_string_append_c(out, '.');
    }
    *ret_part = arena_strdup(arena, out->str);
    g_string_free(out, TRUE);
    return *ret_part ? PORTICO_OK : identity_no_memory(error);
}

int identity_address_check(const char *written, struct arena *arena, const char **ret_address,
                           const char **ret_key, struct portico_error *error)
{
    struct text trimmed = text_trim(text_of(written));
    const char *address = arena_strndup(arena, trimmed.data, trimmed.length), *key;
    if (!address)
        return identity_no_memory(error);
    key = trimmed.length <= IDENTITY_ADDRESS_MAX && is_address(address) ? key_of(address, arena)
                                                                        : NULL;
    if (!key || !is_address(key))
        return error_set(error, PORTICO_EINVAL,
                         /* translated */ "Write a whole mail address, such as name@example.com.");
    if (ret_address)
        *ret_address = address;
    *ret_key = key;
    return PORTICO_OK;
}

bool identity_address_is(struct store_session *session, const char *written, const char *address)
{
    struct arena *arena = store_session_arena(session);
    const char *one, *other;
    return address && identity_address_check(written, arena, NULL, &one, NULL) == 0 &&
           identity_address_check(address, arena, NULL, &other, NULL) == 0 &&
           strcmp(one, other) == 0;
}

int identity_addresses(struct store_session *session, int64_t person, struct value **ret_rows,
                       struct portico_error *error)
{
    return store_host_query(
        session,
        "SELECT id AS \"id:id\", address, verified AS \"verified:time\", main AS \"main:boolean\", "
        "created AS \"created:time\" FROM portico_address WHERE person = ? "
        "ORDER BY main DESC, id",
        PORTICO_ARGS(portico_arg_id(person)), ret_rows, error);
}

int identity_address_of(struct store_session *session, int64_t person, const char **ret_address,
                        struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(session,
                                "SELECT address FROM portico_address "
                                "WHERE person = ? AND verified IS NOT NULL "
                                "ORDER BY main DESC, id LIMIT 1",
                                PORTICO_ARGS(portico_arg_id(person)), &rows, error);
    if (code < 0)
        return code;
    if (rows->count == 0)
        return error_set(error, PORTICO_ENOENT, "This person has no verified address.");
    *ret_address = value_rows_at(rows, 0)->text;
    return PORTICO_OK;
}

/* Whose it is, verified; 0: nobody's. */
static int owner_of(struct store_session *session, const char *key, int64_t *ret_person,
                    struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(session,
                                "SELECT person FROM portico_address "
                                "WHERE address_key = ? AND verified IS NOT NULL",
                                PORTICO_ARGS(portico_arg_text(key)), &rows, error);
    if (code == 0)
        *ret_person = rows->count ? value_rows_at(rows, 0)->integer : 0;
    return code;
}

int identity_find(struct store_session *session, const char *name, int64_t *ret_person,
                  struct portico_error *error)
{
    struct arena *arena = store_session_arena(session);
    const char *key = "", *handle = "";
    struct value *rows;
    /* What is neither is looked for all the same: it takes as long. */
    identity_address_check(name, arena, NULL, &key, NULL);
    identity_fold(name, arena, &handle, NULL);
    int code = store_host_query(
        session,
        "SELECT person FROM portico_address WHERE address_key = ? AND verified IS NOT NULL "
        "UNION ALL SELECT coalesce(merged_into, id) FROM portico_person WHERE handle = ? "
        "AND state <> 0",
        PORTICO_ARGS(portico_arg_text(key), portico_arg_text(handle)), &rows, error);
    if (code == 0)
        *ret_person = rows->count ? value_rows_at(rows, 0)->integer : 0;
    return code;
}

static int add_in(struct store_session *session, int64_t person, const char *address,
                  const char *key, int64_t *ret_id, struct portico_error *error)
{
    struct value *rows;
    int code = identity_person_hold(session, person, error);
    if (code == 0)
        code = store_host_query(session,
                                "SELECT id, address_key FROM portico_address WHERE person = ?",
                                PORTICO_ARGS(portico_arg_id(person)), &rows, error);
    if (code < 0)
        return code;
    for (uint32_t i = 0; i < rows->count; i++)
        if (strcmp(value_rows_at(rows, i)[1].text, key) == 0) {
            *ret_id = value_rows_at(rows, i)[0].integer;
            return PORTICO_OK;
        }
    if (rows->count >= ADDRESSES)
        return error_set(
            error, PORTICO_ELIMIT,
            /* translated */ "One person has at most five addresses: remove one first.");
    int64_t id = id_new();
    code = store_host_execute(
        session,
        "INSERT INTO portico_address (id, person, address, address_key, verified, main, created) "
        "VALUES (?, ?, ?, ?, NULL, ?, ?)",
        PORTICO_ARGS(portico_arg_id(id), portico_arg_id(person), portico_arg_text(address),
                     portico_arg_text(key), portico_arg_boolean(0), portico_arg_time(clock_now())),
        NULL, error);
    if (code == 0)
        *ret_id = id;
    return code;
}

int identity_address_add(struct store_session *session, int64_t person, const char *written,
                         int64_t *ret_id, bool *ret_taken, struct portico_error *error)
{
    const char *address, *key;
    int64_t owner = 0, id = 0;
    struct identity_step step;
    int code = identity_address_check(written, store_session_arena(session), &address, &key, error);
    if (code == 0)
        code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    code = add_in(session, person, address, key, &id, error);
    if (code == 0)
        code = owner_of(session, key, &owner, error);
    code = identity_step_end(&step, code, error);
    if (code == 0) {
        *ret_id = id;
        *ret_taken = owner != 0 && owner != person;
    }
    return code;
}

/* Two who confirm one address at once wait for each other here. */
int identity_address_count(struct store_session *session, int64_t person, const char *written,
                           struct portico_error *error)
{
    const char *address, *key;
    int64_t owner = 0, id = 0, mains = 0;
    struct value *rows;
    int code = identity_address_check(written, store_session_arena(session), &address, &key, error);
    if (code == 0)
        code = identity_lock(session, key, error);
    if (code == 0)
        code = owner_of(session, key, &owner, error);
    if (code == 0 && owner != 0 && owner != person)
        return error_set(error, PORTICO_EEXIST,
                         /* translated */ "This address belongs to another sign-in.");
    if (code == 0)
        code = add_in(session, person, address, key, &id, error);
    if (code == 0)
        code = store_host_query(session,
                                "SELECT count(*) FROM portico_address "
                                "WHERE person = ? AND main AND verified IS NOT NULL AND id <> ?",
                                PORTICO_ARGS(portico_arg_id(person), portico_arg_id(id)), &rows,
                                error);
    if (code < 0)
        return code;
    mains = value_rows_at(rows, 0)->integer;
    return store_host_execute(
        session,
        "UPDATE portico_address SET verified = coalesce(verified, ?), main = ? WHERE id = ?",
        PORTICO_ARGS(portico_arg_time(clock_now()), portico_arg_boolean(mains == 0),
                     portico_arg_id(id)),
        NULL, error);
}

int identity_address_main(struct store_session *session, int64_t person, int64_t id,
                          struct portico_error *error)
{
    struct identity_step step;
    int64_t changed = 0;
    int code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    code = identity_person_hold(session, person, error);
    if (code == 0)
        code = store_host_execute(
            session,
            "UPDATE portico_address SET main = ? "
            "WHERE id = ? AND person = ? AND verified IS NOT NULL",
            PORTICO_ARGS(portico_arg_boolean(1), portico_arg_id(id), portico_arg_id(person)),
            &changed, error);
    if (code == 0 && changed == 0)
        code = error_set(error, PORTICO_ENOENT,
                         "There is no such verified address: confirm it first.");
    if (code == 0)
        code = store_host_execute(
            session, "UPDATE portico_address SET main = ? WHERE person = ? AND id <> ?",
            PORTICO_ARGS(portico_arg_boolean(0), portico_arg_id(person), portico_arg_id(id)), NULL,
            error);
    /* What resets the password went to the one before. */
    if (code == 0)
        code = identity_links_end(session, person, "", error);
    return identity_step_end(&step, code, error);
}

int identity_address_remove(struct store_session *session, int64_t person, int64_t id,
                            struct portico_error *error)
{
    struct identity_step step;
    struct value *rows;
    int code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    code = identity_person_hold(session, person, error);
    if (code == 0)
        code = store_host_query(
            session, "SELECT main, address FROM portico_address WHERE id = ? AND person = ?",
            PORTICO_ARGS(portico_arg_id(id), portico_arg_id(person)), &rows, error);
    if (code == 0 && rows->count == 0)
        code = error_set(error, PORTICO_ENOENT, "There is no such address.");
    if (code == 0 && value_rows_at(rows, 0)->integer)
        code = error_set(
            error, PORTICO_ECONFLICT,
            /* translated */ "The main address stays: make another one the main one first.");
    if (code == 0)
        code = identity_links_end(session, person, value_rows_at(rows, 0)[1].text, error);
    if (code == 0)
        code = store_host_execute(session, "DELETE FROM portico_address WHERE id = ?",
                                  PORTICO_ARGS(portico_arg_id(id)), NULL, error);
    return identity_step_end(&step, code, error);
}
