/* Lists of people. */
#include "identity/room.h"

#define SLICE 50 /* ids of one statement, so that it is the same each time */
#define IDS_MAX 1000u
#define LIST_MAX 1000u

static const struct text columns[] = {
    { "id", 2 },  { "handle", 6 }, { "name", 4 },   { "initials", 8 },
    { "hue", 3 }, { "staff", 5 },  { "active", 6 },
};

static struct value_cell text_cell(const char *text)
{
    return (
        struct value_cell){ .kind = PORTICO_TEXT, .length = (uint32_t)strlen(text), .text = text };
}

static struct value_cell number_cell(uint32_t kind, int64_t number)
{
    return (struct value_cell){ .kind = kind, .integer = number };
}

/* Rows of IDENTITY_PEOPLE as the public ones, behind those that are there. */
static int add(struct value *people, const struct value *rows, struct portico_error *error)
{
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct value_cell *from = value_rows_at(rows, i);
        const char *initials = identity_initials(from[2].text, people->arena);
        struct value_cell *to = value_rows_add(people);
        if (!to || !initials)
            return identity_no_memory(error);
        bool active = from[3].integer == IDENTITY_ACTIVE;
        to[0] = number_cell(PORTICO_ID, from[0].integer);
        to[1] = text_cell(from[1].text);
        to[2] = text_cell(from[2].text);
        to[3] = text_cell(initials);
        to[4] = number_cell(PORTICO_INTEGER, identity_hue(from[0].integer));
        to[5] = number_cell(PORTICO_BOOLEAN, active && from[4].integer > 0);
        to[6] = number_cell(PORTICO_BOOLEAN, active);
    }
    return PORTICO_OK;
}

static struct value *new_rows(struct store_session *session)
{
    return value_rows_new(store_session_arena(session), columns, G_N_ELEMENTS(columns));
}

int identity_people_rows(struct store_session *session, const char *sql,
                         const struct portico_argument *arguments, size_t count,
                         struct value **ret_rows, struct portico_error *error)
{
    struct value *rows, *people = new_rows(session);
    int code = people ? store_host_query(session, sql, arguments, count, &rows, error)
                      : identity_no_memory(error);
    if (code == 0)
        code = add(people, rows, error);
    if (code == 0)
        *ret_rows = people;
    return code;
}

#define FIVE "?, ?, ?, ?, ?, "
#define TWENTY_FIVE FIVE FIVE FIVE FIVE FIVE

int identity_people(struct store_session *session, const int64_t *ids, size_t count,
                    struct value **ret_rows, struct portico_error *error)
{
    struct portico_argument arguments[SLICE + 1];
    struct value *rows, *people = new_rows(session);
    int code = people ? PORTICO_OK : identity_no_memory(error);
    if (count > IDS_MAX)
        return error_set(error, PORTICO_ELIMIT, "At most %u people are looked up at once.",
                         IDS_MAX);
    for (size_t from = 0; code == 0 && from < count; from += SLICE) {
        for (size_t i = 0; i < SLICE; i++)
            arguments[i] = portico_arg_integer(from + i < count ? ids[from + i] : 0);
        code = store_host_query(session,
                                "SELECT o.id, p.handle, p.name, p.state, " IDENTITY_IS_STAFF
                                "FROM portico_person o JOIN portico_person p "
                                "ON p.id = coalesce(o.merged_into, o.id) "
                                "WHERE o.id IN (" TWENTY_FIVE TWENTY_FIVE "0) AND p.state <> 0",
                                arguments, SLICE, &rows, error);
        if (code == 0)
            code = add(people, rows, error);
    }
    if (code == 0)
        *ret_rows = people;
    return code;
}

int identity_beginning(struct store_session *session, const char *beginning, const char **ret_from,
                       const char **ret_to, struct portico_error *error)
{
    int code = identity_fold(beginning, store_session_arena(session), ret_from, error);
    if (code < 0)
        return code;
    *ret_to = arena_printf(store_session_arena(session), "%s\xF4\x8F\xBF\xBF", *ret_from);
    return *ret_to ? PORTICO_OK : identity_no_memory(error);
}

int identity_containing(struct store_session *session, const char *part, const char **ret_pattern,
                        struct portico_error *error)
{
    const char *folded;
    int code = identity_fold(part, store_session_arena(session), &folded, error);
    if (code < 0)
        return code;
    GString *pattern = g_string_new("%");
    for (const char *at = folded; *at; at++) {
        if (strchr("%_!", *at))
            g_string_append_c(pattern, '!');
        g_string_append_c(pattern, *at);
    }
    g_string_append_c(pattern, '%');
    *ret_pattern = arena_strdup(store_session_arena(session), pattern->str);
    g_string_free(pattern, TRUE);
    return *ret_pattern ? PORTICO_OK : identity_no_memory(error);
}

int identity_people_list(struct store_session *session, const char *beginning,
                         const struct identity_place *after, unsigned limit,
                         struct value **ret_rows, struct portico_error *error)
{
    const char *from, *to, *address = beginning, *last, *behind = "";
    int64_t id = after ? after->id : 0;
    int code = identity_beginning(session, beginning, &from, &to, error);
    if (code == 0 && strchr(beginning, '@')) /* before it is no domain */
        code = identity_address_part(beginning, store_session_arena(session), &address, error);
    if (code == 0)
        code = identity_beginning(session, address, &address, &last, error);
    if (code == 0 && after)
        code = identity_fold(after->name, store_session_arena(session), &behind, error);
    if (code < 0)
        return code;
    return store_host_query(
        session,
        "SELECT p.id AS \"id:id\", p.handle, p.name, "
        "(SELECT a.address FROM portico_address a WHERE a.person = p.id "
        "AND a.verified IS NOT NULL ORDER BY a.main DESC, a.id LIMIT 1) AS address, "
        "CASE WHEN " IDENTITY_IS_ADMIN "> 0 THEN 'admin ' ELSE '' END || "
        "CASE WHEN " IDENTITY_IS_MODERATOR "> 0 THEN 'moderator' ELSE '' END AS roles, "
        "CASE p.state WHEN 0 THEN 'waiting' WHEN 1 THEN 'active' ELSE 'disabled' END AS state, "
        "p.created AS \"created:time\", p.last_sign_in AS \"last_sign_in:time\", "
        "(SELECT count(*) FROM portico_session s WHERE s.person = p.id) AS sessions "
        "FROM portico_person p WHERE p.merged_into IS NULL AND (p.name_key, p.id) > (?, ?) "
        "AND (? = '' OR (p.name_key >= ? AND p.name_key < ?) OR (p.handle >= ? AND p.handle < ?) "
        "OR EXISTS (SELECT 1 FROM portico_address a WHERE a.person = p.id "
        "AND a.address_key >= ? AND a.address_key < ?)) ORDER BY p.name_key, p.id LIMIT ?",
        PORTICO_ARGS(portico_arg_text(behind), portico_arg_integer(id), portico_arg_text(from),
                     portico_arg_text(from), portico_arg_text(to), portico_arg_text(from),
                     portico_arg_text(to), portico_arg_text(address), portico_arg_text(last),
                     portico_arg_integer(MIN(limit, LIST_MAX))),
        ret_rows, error);
}
