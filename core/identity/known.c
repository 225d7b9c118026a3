#include "identity/known.h"

#include "identity/room.h"

#define SLICE 50 /* ids of one statement, so that it is the same each time */
#define IDS_MAX 1000u
#define LIST_MAX 1000u

/* An account `a` that somebody acts in counts for who asks within one: its id, or 0 for each. */
#define WITHIN "AND ? IN (0, a.id) "
/* 1: whoever asks knows of account `k`: the flag, the person, twice the time, and within which. */
#define KNOWN                                                                                      \
    "(? = 1 OR k.id = 1 OR EXISTS (SELECT 1 " IDENTITY_ACTS_IN                                     \
    "JOIN portico_account_above b ON b.account = w.account "                                       \
    "AND (w.delegation = 0 OR b.distance = 0) " IDENTITY_ACTS_IN_NOW WITHIN "AND b.above = k.id))"
#define KNOWN_ARGUMENTS(knower, now)                                                               \
    portico_arg_integer((knower)->all), portico_arg_integer((knower)->person),                     \
        portico_arg_time(now), portico_arg_time(now), portico_arg_integer((knower)->within)
#define KNOWN_COUNT 5
#define ACCOUNTS "SELECT k.id, k.name, k.kind, k.parent FROM portico_account k WHERE " KNOWN

static const struct text columns[] = { { "id", 2 }, { "name", 4 }, { "kind", 4 }, { "parent", 6 } };

/* Behind those that are there; the owner's by the portal's name. */
static int add(const struct identity *identity, struct value *accounts, const struct value *rows,
               struct portico_error *error)
{
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct value_cell *from = value_rows_at(rows, i);
        struct value_cell *to = value_rows_add(accounts);
        if (!to)
            return identity_no_memory(error);
        memcpy(to, from, G_N_ELEMENTS(columns) * sizeof *to);
        to[0].kind = PORTICO_ID;
        to[3].kind = from[3].kind == PORTICO_NULL ? PORTICO_NULL : PORTICO_ID;
        if (from[0].integer == IDENTITY_OWNER) {
            to[1].text = arena_strdup(accounts->arena, identity->portal ? identity->portal : "");
            to[1].length = to[1].text ? (uint32_t)strlen(to[1].text) : 0;
            if (!to[1].text)
                return identity_no_memory(error);
        }
    }
    return PORTICO_OK;
}

static struct value *new_rows(struct store_session *session)
{
    return value_rows_new(store_session_arena(session), columns, G_N_ELEMENTS(columns));
}

#define TEN "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "

int identity_known(struct identity *identity, struct store_session *session,
                   const struct identity_knower *knower, const int64_t *ids, size_t count,
                   struct value **ret_rows, struct portico_error *error)
{
    int64_t now = clock_now();
    struct portico_argument arguments[KNOWN_COUNT + SLICE] = { KNOWN_ARGUMENTS(knower, now) };
    struct value *rows, *accounts = new_rows(session);
    int code = accounts ? PORTICO_OK : identity_no_memory(error);
    if (count > IDS_MAX)
        return error_set(error, PORTICO_ELIMIT, "At most %u accounts are looked up at once.",
                         IDS_MAX);
    for (size_t from = 0; code == 0 && from < count; from += SLICE) {
        for (size_t i = 0; i < SLICE; i++)
            arguments[KNOWN_COUNT + i] = portico_arg_integer(from + i < count ? ids[from + i] : 0);
        code = store_host_query(session, ACCOUNTS " AND k.id IN (" TEN TEN TEN TEN TEN "0)",
                                arguments, G_N_ELEMENTS(arguments), &rows, error);
        if (code == 0)
            code = add(identity, accounts, rows, error);
    }
    if (code == 0)
        *ret_rows = accounts;
    return code;
}

int identity_knows(struct store_session *session, const struct identity_knower *knower,
                   int64_t account, struct portico_error *error)
{
    int64_t now = clock_now();
    struct value *rows;
    int code = store_host_query(
        session, ACCOUNTS " AND k.id = ?",
        PORTICO_ARGS(KNOWN_ARGUMENTS(knower, now), portico_arg_integer(account)), &rows, error);
    return code < 0 ? code : rows->count > 0;
}

int identity_known_of(struct identity *identity, struct store_session *session,
                      const struct identity_knower *knower, int64_t person, unsigned limit,
                      struct value **ret_rows, struct portico_error *error)
{
    int64_t now = clock_now();
    struct value *rows, *accounts = new_rows(session);
    int code = accounts
                   ? store_host_query(
                         session,
                         ACCOUNTS " AND k.id IN (SELECT a.id " IDENTITY_ACTS_IN IDENTITY_ACTS_IN_NOW
                                  ") ORDER BY k.name_key, k.id LIMIT ?",
                         PORTICO_ARGS(KNOWN_ARGUMENTS(knower, now), portico_arg_integer(person),
                                      portico_arg_time(now), portico_arg_time(now),
                                      portico_arg_integer(MIN(limit, LIST_MAX))),
                         &rows, error)
                   : identity_no_memory(error);
    if (code == 0)
        code = add(identity, accounts, rows, error);
    if (code == 0)
        *ret_rows = accounts;
    return code;
}

int identity_people_in(struct store_session *session, int64_t account, const char *beginning,
                       unsigned limit, struct value **ret_rows, struct portico_error *error)
{
    const char *from, *to;
    int64_t now = clock_now();
    int code = identity_beginning(session, beginning, &from, &to, error);
    if (code < 0)
        return code;
    return identity_people_rows(
        session,
        IDENTITY_PEOPLE "WHERE p.state = 1 AND ((p.name_key >= ? AND p.name_key < ?) "
                        "OR (p.handle >= ? AND p.handle < ?)) "
                        "AND p.id IN (SELECT m.person FROM portico_account_above d "
                        "JOIN portico_membership m ON m.account = d.above "
                        "AND (d.distance = 0 OR m.below) "
                        "JOIN portico_account o ON o.id = m.account "
                        "JOIN portico_account a ON a.id = d.account "
                        "WHERE d.account = ? AND m.state = 1 AND o.state = 1 AND a.state = 1 "
                        "AND coalesce(m.valid_from, 0) <= ? "
                        "AND (m.valid_until IS NULL OR m.valid_until > ?)) "
                        "ORDER BY p.name_key, p.id LIMIT ?",
        PORTICO_ARGS(portico_arg_text(from), portico_arg_text(to), portico_arg_text(from),
                     portico_arg_text(to), portico_arg_integer(account), portico_arg_time(now),
                     portico_arg_time(now), portico_arg_integer(MIN(limit, LIST_MAX))),
        ret_rows, error);
}

static int acts(struct store_session *session, const char *sql, int64_t person, int64_t account,
                struct portico_error *error)
{
    int64_t now = clock_now();
    struct value *rows;
    int code = store_host_query(session, sql,
                                PORTICO_ARGS(portico_arg_integer(person), portico_arg_time(now),
                                             portico_arg_time(now), portico_arg_integer(account)),
                                &rows, error);
    return code < 0 ? code : rows->count > 0;
}

int identity_acts_in(struct store_session *session, int64_t person, int64_t account,
                     struct portico_error *error)
{
    return acts(session,
                "SELECT a.id " IDENTITY_ACTS_IN IDENTITY_ACTS_IN_NOW "AND a.id = ? LIMIT 1", person,
                account, error);
}

int identity_knower_acts(struct store_session *session, const struct identity_knower *knower,
                         int64_t account, struct portico_error *error)
{
    return knower->within && knower->within != account
               ? 0
               : identity_acts_in(session, knower->person, account, error);
}

int identity_acts_as_member(struct store_session *session, int64_t person, int64_t account,
                            struct portico_error *error)
{
    return acts(session,
                "SELECT a.id " IDENTITY_ACTS_IN IDENTITY_ACTS_IN_NOW IDENTITY_ACTS_AS_MEMBER
                "AND a.id = ? LIMIT 1",
                person, account, error);
}

/* ---- whom one may name ---- */

/* The flag; person, time, time, within which; time, time; person. */
#define NAMEABLE                                                                                   \
    "AND p.state = 1 AND (? = 1 OR " IDENTITY_IS_STAFF "> 0 "                                      \
    "OR EXISTS (SELECT 1 " IDENTITY_ACTS_IN IDENTITY_ACTS_IN_NOW IDENTITY_ACTS_AS_MEMBER WITHIN    \
    "AND EXISTS (SELECT 1 FROM portico_account_above e "                                           \
    "JOIN portico_membership n ON n.account = e.above AND (e.distance = 0 OR n.below) "            \
    "JOIN portico_account c ON c.id = n.account "                                                  \
    "WHERE e.account = a.id AND n.person = p.id AND n.state = 1 AND c.state = 1 "                  \
    "AND coalesce(n.valid_from, 0) <= ? AND (n.valid_until IS NULL OR n.valid_until > ?))) "       \
    "OR NOT EXISTS (SELECT 1 FROM portico_membership n WHERE n.person IN (p.id, ?))) "
#define NAMEABLE_ARGUMENTS(knower, now)                                                            \
    portico_arg_integer((knower)->all), portico_arg_integer((knower)->person),                     \
        portico_arg_time(now), portico_arg_time(now), portico_arg_integer((knower)->within),       \
        portico_arg_time(now), portico_arg_time(now), portico_arg_integer((knower)->person)

int identity_nameable(struct store_session *session, const struct identity_knower *knower,
                      const char *beginning, unsigned limit, struct value **ret_rows,
                      struct portico_error *error)
{
    const char *from, *to;
    int64_t now = clock_now();
    int code = identity_beginning(session, beginning, &from, &to, error);
    if (code < 0)
        return code;
    return identity_people_rows(
        session,
        IDENTITY_PEOPLE "WHERE ((p.name_key >= ? AND p.name_key < ?) "
                        "OR (p.handle >= ? AND p.handle < ?)) " NAMEABLE
                        "ORDER BY CASE WHEN p.handle = ? THEN 0 ELSE 1 END, "
                        "p.name_key, p.id LIMIT ?",
        PORTICO_ARGS(portico_arg_text(from), portico_arg_text(to), portico_arg_text(from),
                     portico_arg_text(to), NAMEABLE_ARGUMENTS(knower, now), portico_arg_text(from),
                     portico_arg_integer(MIN(limit, LIST_MAX))),
        ret_rows, error);
}

int identity_nameable_one(struct store_session *session, const struct identity_knower *knower,
                          const char *handle, int64_t *ret_person, struct portico_error *error)
{
    struct value *rows;
    const char *key;
    int64_t now = clock_now();
    int code = identity_fold(handle, store_session_arena(session), &key, error);
    if (code == 0)
        code = store_host_query(
            session, "SELECT p.id FROM portico_person p WHERE p.handle = ? " NAMEABLE,
            PORTICO_ARGS(portico_arg_text(key), NAMEABLE_ARGUMENTS(knower, now)), &rows, error);
    if (code == 0 && rows->count == 0)
        code = error_set(error, PORTICO_ENOENT, "There is nobody called \"%.60s\".", handle);
    if (code == 0)
        *ret_person = value_rows_at(rows, 0)->integer;
    return code;
}
