/* Keys from before domains had one form: those with letters beyond ASCII get it, once. Two rows
 * that turn out to be one mailbox or domain stay as they are: whose it is, people decide. */
#include "identity/domain.h"
#include "identity/idna.h"
#include "identity/room.h"

/* Rows "id known written" of all, for both databases know no way to ask for letters beyond ASCII;
 * and what puts the new key where nothing else stands in its way: the key, the id and the key
 * before, the key again. */
static const struct {
    const char *all, *put;
} tables[] = {
    { "SELECT id, address_key AS known, address AS written FROM portico_address",
      "UPDATE portico_address SET address_key = ? WHERE id = ? AND address_key = ? AND NOT EXISTS "
      "(SELECT 1 FROM portico_address o WHERE o.address_key = ? AND o.id <> portico_address.id "
      "AND (o.person = portico_address.person "
      "OR (o.verified IS NOT NULL AND portico_address.verified IS NOT NULL)))" },
    { "SELECT id, address_key AS known, address AS written FROM portico_invitation",
      "UPDATE portico_invitation SET address_key = ? WHERE id = ? AND address_key = ? "
      "AND NOT EXISTS (SELECT 1 FROM portico_invitation o WHERE o.address_key = ? "
      "AND o.account = portico_invitation.account AND o.id <> portico_invitation.id)" },
    { "SELECT account AS id, domain AS known, domain AS written FROM portico_account_domain",
      "UPDATE portico_account_domain SET domain = ? WHERE account = ? AND domain = ? "
      "AND NOT EXISTS (SELECT 1 FROM portico_account_domain o WHERE o.domain = ?)" },
};

struct row {
    int64_t id;
    const char *before, *key;
};

/* The key it has today; NULL: it is nothing any more that has one. */
static const char *key_today(const char *written, struct arena *arena)
{
    const char *key = NULL;
    char domain[IDENTITY_IDNA_SIZE];
    if (strchr(written, '@'))
        return identity_address_check(written, arena, NULL, &key, NULL) == 0 ? key : NULL;
    return identity_idna(written, domain) == 0 ? arena_strdup(arena, domain) : NULL;
}

/* Those that have another key today. */
static int find(struct store_session *session, const char *sql, GArray *found,
                struct portico_error *error)
{
    struct arena *arena = store_session_arena(session);
    struct store_cursor *cursor = NULL;
    struct store_turn turn;
    struct value *row;
    store_session_as(session, "core", &turn);
    int got = store_cursor_open(session, sql, NULL, 0, &cursor, error);
    bool more = got == 0;
    while (more && (got = store_cursor_next(cursor, &row, error)) > 0) {
        const struct portico_value *cells = value_public(row);
        const char *known = portico_get_text(cells, "known", "");
        if (g_str_is_ascii(known))
            continue;
        const struct row one = { portico_get_integer(cells, "id", 0), arena_strdup(arena, known),
                                 key_today(portico_get_text(cells, "written", ""), arena) };
        if (one.before && one.key && strcmp(one.before, one.key) != 0)
            g_array_append_val(found, one);
    }
    store_cursor_close(cursor);
    store_session_back(session, &turn);
    return got;
}

int identity_addresses_settle(struct store_session *session, int64_t *ret_clashes,
                              struct portico_error *error)
{
    int64_t clashes = 0;
    int code = PORTICO_OK;
    for (size_t i = 0; code == 0 && i < G_N_ELEMENTS(tables); i++) {
        GArray *found = g_array_new(FALSE, FALSE, sizeof(struct row));
        code = find(session, tables[i].all, found, error);
        for (guint n = 0; code == 0 && n < found->len; n++) {
            const struct row *row = &g_array_index(found, struct row, n);
            int64_t changed = 0;
            code = store_host_execute(
                session, tables[i].put,
                PORTICO_ARGS(portico_arg_text(row->key), portico_arg_id(row->id),
                             portico_arg_text(row->before), portico_arg_text(row->key)),
                &changed, error);
            clashes += code == 0 && changed == 0;
        }
        g_array_free(found, TRUE);
    }
    if (code == 0)
        *ret_clashes = clashes;
    return code;
}
