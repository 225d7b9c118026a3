#include "identity/contact.h"

#include "identity/person.h"
#include "identity/room.h"

#define PHONE_MAX 40
#define ADDRESS                                                                                    \
    "(SELECT a.address FROM portico_address a WHERE a.person = p.id AND a.verified IS NOT NULL "   \
    "ORDER BY a.main DESC, a.id LIMIT 1) AS address "
/* A person `p` who belongs to account `m.account` now. */
#define BELONGS                                                                                    \
    "m.state = 1 AND p.state = 1 AND coalesce(m.valid_from, 0) <= ? "                              \
    "AND (m.valid_until IS NULL OR m.valid_until > ?) "

static int belongs(struct store_session *session, int64_t account, int64_t person,
                   bool *ret_belongs, struct portico_error *error)
{
    struct value *rows;
    const int64_t now = clock_now();
    int code = store_host_query(
        session,
        "SELECT m.id FROM portico_membership m JOIN portico_person p ON p.id = m.person "
        "WHERE m.account = ? AND m.person = ? AND " BELONGS,
        PORTICO_ARGS(portico_arg_integer(account), portico_arg_integer(person),
                     portico_arg_time(now), portico_arg_time(now)),
        &rows, error);
    if (code == 0)
        *ret_belongs = rows->count > 0;
    return code;
}

/* ---- the account team ---- */

int identity_account_team(struct store_session *session, int64_t account, struct value **ret_rows,
                          struct portico_error *error)
{
    const int64_t now = clock_now();
    return store_host_query(
        session,
        "SELECT p.id AS \"person:id\", p.handle, p.name, t.role, t.phone, " ADDRESS
        "FROM portico_account_team t JOIN portico_person p ON p.id = t.person "
        "JOIN portico_membership m ON m.person = t.person AND m.account = 1 "
        "WHERE t.account = ? AND " BELONGS "ORDER BY t.created, t.person",
        PORTICO_ARGS(portico_arg_integer(account), portico_arg_time(now), portico_arg_time(now)),
        ret_rows, error);
}

/* Digits and what people write between them. */
static bool is_phone(const char *phone)
{
    return strlen(phone) <= PHONE_MAX && phone[strspn(phone, "0123456789 +-()/.")] == '\0';
}

static int check_team(struct store_session *session, int64_t account, int64_t person,
                      const char *role, const char *phone, const char **ret_role,
                      struct portico_error *error)
{
    bool staff = person == 0;
    if (account == IDENTITY_OWNER)
        return error_set(error, PORTICO_EINVAL,
                         /* translated */ "The portal's own company has no account team.");
    if (!is_phone(phone))
        return error_set(error, PORTICO_EINVAL,
                         /* translated */ "Write a phone number, such as +49 30 901820.");
    int code = *role ? identity_name_check(role, store_session_arena(session), ret_role, error)
                     : error_set(error, PORTICO_EINVAL,
                                 /* translated */
                                 "Say what they are for the company, such as Account manager.");
    if (code == 0 && person)
        code = belongs(session, IDENTITY_OWNER, person, &staff, error);
    if (code == 0 && !staff)
        code = error_set(error, PORTICO_EINVAL,
                         /* translated */ "Only staff of the portal's own company is named here.");
    return code;
}

int identity_account_team_check(struct store_session *session, int64_t account, int64_t person,
                                const char *role, const char *phone, struct portico_error *error)
{
    const char *kept;
    return check_team(session, account, person, role, phone, &kept, error);
}

int identity_account_team_put(struct store_session *session, int64_t account, int64_t person,
                              const char *role, const char *phone, struct portico_error *error)
{
    const char *kept = "";
    int64_t changed = 0;
    int code = check_team(session, account, person, role, phone, &kept, error);
    if (code == 0)
        code = store_host_execute(
            session,
            "INSERT INTO portico_account_team (account, person, role, phone, created) "
            "SELECT a.id, ?, ?, ?, ? FROM portico_account a WHERE a.id = ? "
            "ON CONFLICT (account, person) DO UPDATE SET role = excluded.role, "
            "phone = excluded.phone",
            PORTICO_ARGS(portico_arg_integer(person), portico_arg_text(kept),
                         portico_arg_text(phone), portico_arg_time(clock_now()),
                         portico_arg_integer(account)),
            &changed, error);
    if (code == 0 && changed == 0)
        code = error_set(error, PORTICO_ENOENT, "There is no such account.");
    return code;
}

int identity_account_team_take(struct store_session *session, int64_t account, int64_t person,
                               struct portico_error *error)
{
    int64_t changed = 0;
    int code = store_host_execute(
        session, "DELETE FROM portico_account_team WHERE account = ? AND person = ?",
        PORTICO_ARGS(portico_arg_integer(account), portico_arg_integer(person)), &changed, error);
    if (code == 0 && changed == 0)
        code = error_set(error, PORTICO_ENOENT,
                         /* translated */ "They are not in the account team.");
    return code;
}

/* ---- contact roles ---- */

static const struct {
    const char *key, *title;
} roles[] = {
    { "billing", /* translated */ "Billing" },
    { "technical", /* translated */ "Technical" },
    { "security", /* translated */ "Security" },
    { "legal", /* translated */ "Legal" },
};

const char *identity_contact_role(size_t index, const char **ret_title)
{
    if (index >= G_N_ELEMENTS(roles))
        return NULL;
    if (ret_title)
        *ret_title = roles[index].title;
    return roles[index].key;
}

static int check_contact(const char *role, struct portico_error *error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(roles); i++)
        if (strcmp(roles[i].key, role) == 0)
            return PORTICO_OK;
    return error_set(
        error, PORTICO_EINVAL,
        "\"%.40s\" is no kind of contact: write billing, technical, security or legal.", role);
}

int identity_contacts(struct store_session *session, int64_t account, struct value **ret_rows,
                      struct portico_error *error)
{
    const int64_t now = clock_now();
    return store_host_query(
        session,
        "SELECT c.role, p.id AS \"person:id\", m.id AS \"membership:id\", p.name, "
        "p.handle, " ADDRESS "FROM portico_account_contact c "
        "JOIN portico_person p ON p.id = c.person "
        "JOIN portico_membership m ON m.person = c.person AND m.account = c.account "
        "WHERE c.account = ? AND " BELONGS "ORDER BY c.role, p.name_key, p.id",
        PORTICO_ARGS(portico_arg_integer(account), portico_arg_time(now), portico_arg_time(now)),
        ret_rows, error);
}

int identity_contact_room(struct store_session *session, int64_t account, const char *role,
                          int64_t more, struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(
        session, "SELECT count(*) FROM portico_account_contact WHERE account = ? AND role = ?",
        PORTICO_ARGS(portico_arg_integer(account), portico_arg_text(role)), &rows, error);
    if (code == 0 && value_rows_at(rows, 0)->integer + more >= IDENTITY_CONTACTS_MAX)
        code = error_set(error, PORTICO_ELIMIT,
                         /* translated */ "At most 20 people are named for one thing.");
    return code;
}

int identity_contact_check(struct store_session *session, int64_t account, const char *role,
                           int64_t person, struct portico_error *error)
{
    bool member = false;
    int code = check_contact(role, error);
    if (code < 0 || !account || !person)
        return code;
    code = belongs(session, account, person, &member, error);
    if (code == 0 && !member)
        code = error_set(error, PORTICO_EINVAL,
                         /* translated */ "Only who belongs to the company is named here.");
    return code;
}

int identity_contact_put(struct store_session *session, int64_t account, const char *role,
                         int64_t person, bool *ret_changed, struct portico_error *error)
{
    int64_t changed = 0;
    int code = identity_contact_check(session, account, role, person, error);
    if (code == 0)
        code = identity_contact_room(session, account, role, 0, error);
    if (code == 0)
        code = store_host_execute(
            session,
            "INSERT INTO portico_account_contact (account, role, person) VALUES (?, ?, ?) "
            "ON CONFLICT (account, role, person) DO NOTHING",
            PORTICO_ARGS(portico_arg_id(account), portico_arg_text(role), portico_arg_id(person)),
            &changed, error);
    if (code == 0)
        *ret_changed = changed > 0;
    return code;
}

int identity_contact_take(struct store_session *session, int64_t account, const char *role,
                          int64_t person, bool *ret_changed, struct portico_error *error)
{
    int64_t changed = 0;
    int code = check_contact(role, error);
    if (code == 0)
        code = store_host_execute(
            session,
            "DELETE FROM portico_account_contact WHERE account = ? AND role = ? AND person = ?",
            PORTICO_ARGS(portico_arg_integer(account), portico_arg_text(role),
                         portico_arg_integer(person)),
            &changed, error);
    if (code == 0)
        *ret_changed = changed > 0;
    return code;
}

int identity_contact_leave(struct store_session *session, int64_t account, int64_t person,
                           struct portico_error *error)
{
    return store_host_execute(
        session, "DELETE FROM portico_account_contact WHERE account = ? AND person = ?",
        PORTICO_ARGS(portico_arg_integer(account), portico_arg_integer(person)), NULL, error);
}
