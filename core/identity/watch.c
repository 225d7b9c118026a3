/* Sessions that something stays open for. */
#include "identity/room.h"

#define CHUNK 40
#define TEN "?, ?, ?, ?, ?, ?, ?, ?, ?, ?"

enum { WID, WCREATED, WSEEN, WEXPIRES, WREMEMBERED, WRIGHTS, WACCOUNT, WNUMBER, WAS };

static bool holds(const struct identity_rules *rules, const struct value_cell *cells,
                  const struct identity_watched *watched, int64_t now)
{
    bool remembered = cells[WREMEMBERED].integer != 0;
    int64_t longest = cells[WCREATED].integer + (remembered ? rules->remember : rules->longest);
    int64_t end = MIN(cells[WEXPIRES].integer, longest);
    if (!remembered)
        end = MIN(end, cells[WSEEN].integer + rules->idle);
    return end > now && watched->until > now && cells[WRIGHTS].integer == watched->rights &&
           identity_integer(&cells[WACCOUNT]) == watched->account &&
           identity_integer(&cells[WAS]) == watched->as &&
           cells[WNUMBER].integer == watched->number;
}

static int watch_chunk(struct identity *identity, struct store_session *session,
                       struct identity_watched *watched, size_t count, struct portico_error *error)
{
    struct portico_argument ids[1 + CHUNK];
    struct value *rows = NULL;
    int64_t now = clock_now();
    ids[0] = portico_arg_time(now);
    for (size_t i = 0; i < CHUNK; i++)
        ids[1 + i] = portico_arg_integer(i < count ? watched[i].session : 0);
    int code =
        store_host_query(session,
                         "SELECT s.id, s.created, s.last_seen, s.expires, s.remembered, "
                         "p.rights + p.shown + coalesce(v.rights + v.shown, 0), "
                         "CASE WHEN l.session IS NULL THEN s.account ELSE l.account END, "
                         "(SELECT number FROM portico_rights WHERE id = 1), v.id "
                         "FROM portico_session s JOIN portico_person p ON p.id = s.person "
                         "LEFT JOIN portico_look l ON l.session = s.id AND l.valid_until > ? "
                         "AND NOT l.ended "
                         "LEFT JOIN portico_person v ON v.id = l.person AND v.state = 1 "
                         "WHERE p.state = 1 AND s.id IN (" TEN ", " TEN ", " TEN ", " TEN ")",
                         ids, 1 + CHUNK, &rows, error);
    for (size_t i = 0; code == 0 && i < count; i++) {
        if (watched[i].token)
            continue;
        watched[i].over = true;
        for (uint32_t row = 0; row < rows->count; row++) {
            const struct value_cell *cells = value_rows_at(rows, row);
            if (cells[WID].integer == watched[i].session &&
                holds(&identity->rules, cells, &watched[i], now))
                watched[i].over = false;
        }
    }
    return code;
}

/* Their end stands in `until`, and in which account they act never changes. */
static int watch_tokens(struct store_session *session, struct identity_watched *watched,
                        size_t count, struct portico_error *error)
{
    struct portico_argument ids[CHUNK];
    struct value *rows = NULL;
    const int64_t now = clock_now();
    bool any = false;
    for (size_t i = 0; i < CHUNK; i++) {
        const bool token = i < count && watched[i].token;
        ids[i] = portico_arg_integer(token ? watched[i].session : 0);
        any |= token;
    }
    if (!any)
        return PORTICO_OK;
    int code = store_host_query(
        session,
        "SELECT t.id, p.rights + p.shown, (SELECT number FROM portico_rights WHERE id = 1) "
        "FROM portico_api_token t JOIN portico_person p ON p.id = t.person "
        "WHERE p.state = 1 AND t.id IN (" TEN ", " TEN ", " TEN ", " TEN ")",
        ids, CHUNK, &rows, error);
    for (size_t i = 0; code == 0 && i < count; i++) {
        if (!watched[i].token)
            continue;
        watched[i].over = true;
        for (uint32_t row = 0; row < rows->count; row++) {
            const struct value_cell *cells = value_rows_at(rows, row);
            if (cells[0].integer == watched[i].session && cells[1].integer == watched[i].rights &&
                cells[2].integer == watched[i].number && watched[i].until > now)
                watched[i].over = false;
        }
    }
    return code;
}

int identity_session_watch(struct identity *identity, struct store_session *session,
                           struct identity_watched *watched, size_t count,
                           struct portico_error *error)
{
    int code = PORTICO_OK;
    for (size_t done = 0; code == 0 && done < count; done += CHUNK) {
        const size_t chunk = MIN(count - done, (size_t)CHUNK);
        code = watch_chunk(identity, session, watched + done, chunk, error);
        if (code == 0)
            code = watch_tokens(session, watched + done, chunk, error);
    }
    return code;
}
