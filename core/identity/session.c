#include "identity/room.h"

#include "base/text.h"

#define SEEN_STEP MINUTE
#define OVERLAP (10 * SECOND)
#define LED_TIME (10 * MINUTE) /* so long a page says where a link took somebody from */
#define AGENT_MAX 200
#define NETWORK_MAX 64

/* At most so many bytes, whole characters, no line ends. */
static const char *cut(const char *text, size_t most, struct arena *arena)
{
    size_t length = text ? strlen(text) : 0;
    if (!text || !text_is_utf8(text, length))
        return "";
    char *kept = arena_strndup(arena, text, length > most ? text_utf8_cut(text, most) : length);
    for (char *at = kept; at && *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7F)
            *at = ' ';
    return kept ? kept : "";
}

int identity_session_start(struct identity *identity, struct store_session *session, int64_t person,
                           const struct identity_device *device, bool remember,
                           char ret_token[IDENTITY_TOKEN_SIZE], struct portico_error *error)
{
    static const struct identity_device unknown;
    struct arena *arena = store_session_arena(session);
    const struct identity_rules *rules = &identity->rules;
    char token[IDENTITY_TOKEN_SIZE], hash[IDENTITY_HASH_TEXT];
    int64_t now = clock_now(), changed = 0;
    device = device ? device : &unknown;
    remember = remember && rules->remember > 0;
    identity_token_new(token, hash);
    int code = store_host_execute(
        session,
        "INSERT INTO portico_session (id, token_hash, person, rights, created, last_seen, "
        "expires, fresh, remembered, agent, network) "
        "SELECT ?, ?, p.id, p.rights, ?, ?, ?, ?, ?, ?, ? FROM portico_person p "
        "WHERE p.id = ? AND p.state = 1",
        PORTICO_ARGS(portico_arg_id(id_new()), portico_arg_text(hash), portico_arg_time(now),
                     portico_arg_time(now),
                     portico_arg_time(now + (remember ? rules->remember : rules->longest)),
                     portico_arg_time(now), portico_arg_boolean(remember),
                     portico_arg_text(cut(device->agent, AGENT_MAX, arena)),
                     portico_arg_text(cut(device->network, NETWORK_MAX, arena)),
                     portico_arg_id(person)),
        &changed, error);
    if (code == 0 && changed == 0)
        code = error_set(error, PORTICO_ENOENT, "There is no such person, or they are disabled.");
    if (code == 0)
        memcpy(ret_token, token, IDENTITY_TOKEN_SIZE);
    return code;
}

enum {
    SID,
    SCREATED,
    SSEEN,
    SEXPIRES,
    SFRESH,
    SREMEMBERED,
    SRIGHTS,
    SACCOUNT,
    SFROM,
    SSWITCHED,
    SPROVED,
    SASKER,
    SLOOKED,
    SAS,
    SLOOK_RIGHTS,
    SLOOK_UNTIL,
    SFORM,
    SCURRENT,
    SCELLS
};

/* The rules of today hold, also for sessions begun under others. */
static int64_t end_of(const struct identity_rules *rules, const struct value_cell *cells)
{
    bool remembered = cells[SREMEMBERED].integer != 0;
    int64_t longest = cells[SCREATED].integer + (remembered ? rules->remember : rules->longest);
    int64_t end = MIN(cells[SEXPIRES].integer, longest);
    return remembered ? end : MIN(end, cells[SSEEN].integer + rules->idle);
}

int identity_session_find(struct identity *identity, struct store_session *session,
                          const char *token, struct identity_session *ret_session,
                          struct portico_error *error)
{
    char hash[IDENTITY_HASH_TEXT];
    struct value *rows = NULL;
    struct identity_session found;
    int64_t now = clock_now();
    int code = PORTICO_OK;
    if (identity_token_hash(token, hash))
        code = store_host_query(
            session,
            "SELECT s.id, s.created, s.last_seen, s.expires, s.fresh, s.remembered, s.rights, "
            "s.account, s.came_from, s.switched, s.proved, l.asker, l.account, l.person, "
            "l.rights, CASE WHEN l.ended THEN 0 ELSE l.valid_until END, s.form_token, "
            "CASE WHEN s.token_hash = ? THEN 1 ELSE 0 "
            "END, " IDENTITY_PERSON_COLUMNS
            "FROM portico_session s JOIN portico_person p ON p.id = s.person "
            "LEFT JOIN portico_look l ON l.session = s.id "
            "WHERE s.id = coalesce((SELECT n.id FROM portico_session n WHERE n.token_hash = ?), "
            "(SELECT o.id FROM portico_session o WHERE o.previous_hash = ? "
            "AND o.previous_until > ?)) AND p.state = 1",
            PORTICO_ARGS(portico_arg_text(hash), portico_arg_text(hash), portico_arg_text(hash),
                         portico_arg_time(now)),
            &rows, error);
    if (code < 0)
        return code;
    const struct value_cell *cells = rows && rows->count ? value_rows_at(rows, 0) : NULL;
    if (!cells || end_of(&identity->rules, cells) <= now)
        return error_set(error, PORTICO_ENOENT, "There is no such session, or it is over.");
    found = (struct identity_session){
        .id = cells[SID].integer,
        .created = cells[SCREATED].integer,
        .last_seen = cells[SSEEN].integer,
        .expires = end_of(&identity->rules, cells),
        .fresh = cells[SFRESH].integer,
        .remembered = cells[SREMEMBERED].integer != 0,
        .proved = identity_integer(&cells[SPROVED]) != 0,
        .account = identity_integer(&cells[SACCOUNT]),
        .came_from = identity_integer(&cells[SSWITCHED]) > now - LED_TIME
                         ? identity_integer(&cells[SFROM])
                         : 0,
        .form_token = identity_text(&cells[SFORM]),
        .former = cells[SCURRENT].integer == 0,
        .due = now - cells[SSEEN].integer >= SEEN_STEP,
    };
    if (identity_integer(&cells[SASKER]))
        found.look = (struct identity_look){ .session = found.id,
                                             .asker = identity_integer(&cells[SASKER]),
                                             .account = identity_integer(&cells[SLOOKED]),
                                             .person = identity_integer(&cells[SAS]),
                                             .rights = identity_integer(&cells[SLOOK_RIGHTS]),
                                             .until = identity_integer(&cells[SLOOK_UNTIL]) };
    code = identity_person_read(cells + SCELLS, store_session_arena(session), &found.person, error);
    found.stale = cells[SCURRENT].integer && cells[SRIGHTS].integer != found.person.rights;
    if (code == 0)
        *ret_session = found;
    return code;
}

int identity_session_seen(struct store_session *session, int64_t id, struct portico_error *error)
{
    int64_t now = clock_now();
    return store_host_execute(
        session, "UPDATE portico_session SET last_seen = ? WHERE id = ? AND last_seen <= ?",
        PORTICO_ARGS(portico_arg_time(now), portico_arg_id(id), portico_arg_time(now - SEEN_STEP)),
        NULL, error);
}

int identity_session_rotate(struct store_session *session, int64_t id, const char *old_token,
                            enum identity_rotation why, char ret_token[IDENTITY_TOKEN_SIZE],
                            struct portico_error *error)
{
    char token[IDENTITY_TOKEN_SIZE], hash[IDENTITY_HASH_TEXT], old[IDENTITY_HASH_TEXT] = "";
    char form[IDENTITY_TOKEN_SIZE];
    const bool overlap = why != IDENTITY_SECRET_CHANGED;
    const bool kept = why == IDENTITY_RIGHTS_CHANGED;
    int64_t changed = 0;
    identity_token_hash(old_token, old);
    identity_token_new(token, hash);
    /* That of the new one otherwise: who comes by the old one is shown no forms that are over. */
    const bool forms = identity_form_token(kept ? old_token : token, form);
    int code = store_host_execute(
        session,
        "UPDATE portico_session SET token_hash = ?, previous_hash = ?, previous_until = ?, "
        "form_token = CASE WHEN ? THEN coalesce(form_token, ?) ELSE ? END, "
        "rights = (SELECT p.rights FROM portico_person p WHERE p.id = portico_session.person) "
        "WHERE id = ? AND token_hash = ?",
        PORTICO_ARGS(portico_arg_text(hash), portico_arg_text(overlap ? old : NULL),
                     portico_arg_time(overlap ? clock_now() + OVERLAP : 0),
                     portico_arg_boolean(kept), portico_arg_text(forms ? form : NULL),
                     portico_arg_text(forms ? form : NULL), portico_arg_id(id),
                     portico_arg_text(old)),
        &changed, error);
    if (code == 0 && changed == 0)
        code = error_set(error, PORTICO_ENOENT,
                         "The session ended, or another request gave it a new token.");
    if (code == 0)
        memcpy(ret_token, token, IDENTITY_TOKEN_SIZE);
    return code;
}

int identity_session_fresh(struct store_session *session, int64_t id, struct portico_error *error)
{
    return store_host_execute(session, "UPDATE portico_session SET fresh = ? WHERE id = ?",
                              PORTICO_ARGS(portico_arg_time(clock_now()), portico_arg_id(id)), NULL,
                              error);
}

int identity_session_proved(struct store_session *session, const char *token,
                            struct portico_error *error)
{
    char hash[IDENTITY_HASH_TEXT] = "";
    identity_token_hash(token, hash);
    return store_host_execute(session, "UPDATE portico_session SET proved = ? WHERE token_hash = ?",
                              PORTICO_ARGS(portico_arg_time(clock_now()), portico_arg_text(hash)),
                              NULL, error);
}

int identity_session_prove(struct store_session *session, int64_t id, struct portico_error *error)
{
    return store_host_execute(session, "UPDATE portico_session SET proved = ? WHERE id = ?",
                              PORTICO_ARGS(portico_arg_time(clock_now()), portico_arg_id(id)), NULL,
                              error);
}

int identity_session_carry(struct store_session *session, const char *token, const char *carried,
                           struct portico_error *error)
{
    char hash[IDENTITY_HASH_TEXT] = "";
    identity_token_hash(token, hash);
    return store_host_execute(
        session, "UPDATE portico_session SET carried = ? WHERE token_hash = ?",
        PORTICO_ARGS(portico_arg_text(carried), portico_arg_text(hash)), NULL, error);
}

int identity_session_carried(struct store_session *session, int64_t id, int64_t person,
                             const char **ret_carried, struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(
        session, "SELECT carried FROM portico_session WHERE id = ? AND person = ?",
        PORTICO_ARGS(portico_arg_id(id), portico_arg_integer(person)), &rows, error);
    if (code == 0)
        *ret_carried = rows->count ? identity_text(value_rows_at(rows, 0)) : NULL;
    return code;
}

int identity_session_end(struct store_session *session, const char *token,
                         struct portico_error *error)
{
    char hash[IDENTITY_HASH_TEXT];
    if (!identity_token_hash(token, hash))
        return PORTICO_OK;
    return store_host_execute(
        session, "DELETE FROM portico_session WHERE token_hash = ? OR previous_hash = ?",
        PORTICO_ARGS(portico_arg_text(hash), portico_arg_text(hash)), NULL, error);
}

int identity_session_list(struct identity *identity, struct store_session *session, int64_t person,
                          int64_t current, struct value **ret_rows, struct portico_error *error)
{
    const struct identity_rules *rules = &identity->rules;
    int64_t now = clock_now();
    return store_host_query(
        session,
        "SELECT id AS \"id:id\", created AS \"created:time\", last_seen AS \"last_seen:time\", "
        "expires AS \"expires:time\", agent, network, remembered AS \"remembered:boolean\", "
        "carried, "
        "CASE WHEN id = ? THEN 1 ELSE 0 END AS \"current:boolean\", "
        "CASE WHEN proved IS NULL THEN 0 ELSE 1 END AS \"proved:boolean\" FROM portico_session "
        "WHERE person = ? AND expires > ? AND ((remembered AND created > ?) "
        "OR (NOT remembered AND created > ? AND last_seen > ?)) ORDER BY last_seen DESC, id DESC",
        PORTICO_ARGS(portico_arg_integer(current), portico_arg_id(person), portico_arg_time(now),
                     portico_arg_time(now - rules->remember),
                     portico_arg_time(now - rules->longest), portico_arg_time(now - rules->idle)),
        ret_rows, error);
}

int identity_session_end_one(struct store_session *session, int64_t person, int64_t id,
                             struct portico_error *error)
{
    int64_t changed = 0;
    int code = store_host_execute(
        session, "DELETE FROM portico_session WHERE id = ? AND person = ?",
        PORTICO_ARGS(portico_arg_id(id), portico_arg_id(person)), &changed, error);
    if (code == 0 && changed == 0)
        code = error_set(error, PORTICO_ENOENT, "There is no such session any more.");
    return code;
}

int identity_sessions_over(struct identity *identity, struct store_session *session, unsigned most,
                           struct value **ret_rows, struct portico_error *error)
{
    const int64_t now = clock_now();
    return store_host_query(
        session,
        "DELETE FROM portico_session WHERE id IN (SELECT id FROM portico_session "
        "WHERE expires < ? OR (last_seen < ? AND NOT remembered) LIMIT ?) "
        "RETURNING person AS \"person:id\"",
        PORTICO_ARGS(portico_arg_time(now), portico_arg_time(now - identity->rules.idle),
                     portico_arg_integer(most)),
        ret_rows, error);
}

int identity_session_end_all(struct store_session *session, int64_t person, int64_t keep,
                             int64_t *ret_ended, struct portico_error *error)
{
    /* With what stands half-way: devices trusted, sign-ins begun, an app shown and not confirmed.
     */
    static const char *const begun[] = {
        "UPDATE portico_device SET trusted = NULL WHERE person = ?",
        "DELETE FROM portico_half WHERE person = ?",
        "UPDATE portico_session SET offer = NULL, offer_made = NULL WHERE person = ?",
    };
    int64_t changed = 0;
    int code = store_host_execute(
        session, "DELETE FROM portico_session WHERE person = ? AND id <> ?",
        PORTICO_ARGS(portico_arg_id(person), portico_arg_integer(keep)), &changed, error);
    for (size_t i = 0; code == 0 && i < G_N_ELEMENTS(begun); i++)
        code = store_host_execute(session, begun[i], PORTICO_ARGS(portico_arg_id(person)), NULL,
                                  error);
    if (code == 0 && ret_ended)
        *ret_ended = changed;
    return code;
}
