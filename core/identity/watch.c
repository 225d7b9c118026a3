/* Sessions that something stays open for. */
#include "identity/room.h"

#define CHUNK 40
#define TEN "?, ?, ?, ?, ?, ?, ?, ?, ?, ?"

enum { WID, WCREATED, WSEEN, WEXPIRES, WREMEMBERED, WRIGHTS, WACCOUNT, WNUMBER };

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
           cells[WNUMBER].integer == watched->number;
}

static int watch_chunk(struct identity *identity, struct store_session *session,
                       struct identity_watched *watched, size_t count, struct portico_error *error)
{
    struct portico_argument ids[CHUNK];
    struct value *rows = NULL;
    int64_t now = clock_now();
    for (size_t i = 0; i < CHUNK; i++)
        ids[i] = portico_arg_integer(i < count ? watched[i].session : 0);
    int code =
        store_host_query(session,
                         "SELECT s.id, s.created, s.last_seen, s.expires, s.remembered, p.rights, "
                         "s.account, (SELECT number FROM portico_rights WHERE id = 1) "
                         "FROM portico_session s JOIN portico_person p ON p.id = s.person "
                         "WHERE p.state = 1 AND s.id IN (" TEN ", " TEN ", " TEN ", " TEN ")",
                         ids, CHUNK, &rows, error);
    for (size_t i = 0; code == 0 && i < count; i++) {
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

int identity_session_watch(struct identity *identity, struct store_session *session,
                           struct identity_watched *watched, size_t count,
                           struct portico_error *error)
{
    int code = PORTICO_OK;
    for (size_t done = 0; code == 0 && done < count; done += CHUNK)
        code =
            watch_chunk(identity, session, watched + done, MIN(count - done, (size_t)CHUNK), error);
    return code;
}
