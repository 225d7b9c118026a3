#include "identity/audit.h"

#include "identity/room.h"

#include "base/buffer.h"
#include "base/text.h"

#include <sodium.h>

#define LOCK "portico_audit" /* of PostgreSQL; SQLite has one writer */

/* By key. */
static const struct identity_act_kind kinds[] = {
    { "access.asked", /* translated */ "Asked for a permission", true },
    { "access.confirmed", /* translated */ "Access reviewed in part", true },
    { "access.refused", /* translated */ "Permission not given", true },
    { "access.reviewed", /* translated */ "Access reviewed", true },
    { "account.changed", /* translated */ "Account changed", true },
    { "account.closed", /* translated */ "Account closed", true },
    { "account.entered", /* translated */ "Account entered by staff", true },
    { "account.fact", /* translated */ "Fact of the account changed", true },
    { "account.fact-inside", /* translated */ "Fact of the account changed that staff alone see",
      false },
    { "account.left", /* translated */ "Account left by staff", true },
    { "account.made", /* translated */ "Account made", true },
    { "account.moved", /* translated */ "Account moved", true },
    { "account.opened", /* translated */ "Account opened again", true },
    { "account.renamed", /* translated */ "Account renamed", true },
    { "account.suspended", /* translated */ "Account suspended", true },
    { "address.added", /* translated */ "Mail address given", false },
    { "address.confirmed", /* translated */ "Mail address confirmed", false },
    { "address.main", /* translated */ "Main mail address changed", false },
    { "address.removed", /* translated */ "Mail address removed", false },
    { "audit.exported", /* translated */ "Audit log exported", true },
    { "audit.pruned", /* translated */ "Old audit records removed", false },
    { "contact.changed", /* translated */ "Contact changed", true },
    { "delegation.accepted", /* translated */ "Delegation accepted", true },
    { "delegation.declined", /* translated */ "Delegation declined", true },
    { "delegation.ended", /* translated */ "Delegation ended", true },
    { "delegation.expired", /* translated */ "Delegation ran out", true },
    { "delegation.given", /* translated */ "Delegation given", true },
    { "delegation.lapsed", /* translated */ "Offer of a delegation ran out", true },
    { "delegation.offered", /* translated */ "Delegation offered", true },
    { "delegation.withdrawn", /* translated */ "Delegation withdrawn", true },
    { "domain.added", /* translated */ "Domain added", true },
    { "domain.removed", /* translated */ "Domain removed", true },
    { "domain.verified", /* translated */ "Domain confirmed as the company's", true },
    { "grant.given", /* translated */ "Shared with a person", true },
    { "grant.taken", /* translated */ "No longer shared with a person", true },
    { "import.run", /* translated */ "Accounts and people imported", false },
    { "invitation.accepted", /* translated */ "Invitation accepted", true },
    { "invitation.declined", /* translated */ "Invitation declined", false },
    { "invitation.sent", /* translated */ "Invitation sent", true },
    { "invitation.withdrawn", /* translated */ "Invitation withdrawn", true },
    { "key.made", /* translated */ "Key of the portal made", false },
    { "key.retired", /* translated */ "Key of the portal retired", false },
    { "mail.read", /* translated */ "Letter with a link to sign in read by staff", false },
    { "membership.applied", /* translated */ "Asked to join", true },
    { "membership.approved", /* translated */ "Member approved", true },
    { "membership.began", /* translated */ "Membership began by its first day", true },
    { "membership.changed", /* translated */ "Membership changed", true },
    { "membership.declined", /* translated */ "Member declined", true },
    { "membership.ended", /* translated */ "Membership ended by its last day", true },
    { "membership.made", /* translated */ "Member added", true },
    { "membership.removed", /* translated */ "Member removed", true },
    { "module.disabled", /* translated */ "Module switched off", false },
    { "module.enabled", /* translated */ "Module switched on", false },
    { "module.refused", /* translated */ "Module not taken up by the portal, left as it was",
      false },
    { "passkey.added", /* translated */ "Passkey added", false },
    { "passkey.removed", /* translated */ "Passkey removed", false },
    { "password.changed", /* translated */ "Password changed", false },
    { "password.link-sent", /* translated */ "Link for a new password sent", false },
    { "password.reset", /* translated */ "Password set by a link", false },
    { "people.exported", /* translated */ "List of people exported", true },
    { "person.disabled", /* translated */ "Person switched off", false },
    { "person.enabled", /* translated */ "Person switched on", false },
    { "person.erased", /* translated */ "Person erased", false },
    { "person.exported", /* translated */ "Personal data exported", false },
    { "person.invited", /* translated */ "Person invited", false },
    { "person.made", /* translated */ "Person made", false },
    { "person.merged", /* translated */ "People merged", true },
    { "person.renamed", /* translated */ "Name changed", false },
    { "recovery.made", /* translated */ "Recovery codes made", false },
    { "recovery.used", /* translated */ "Recovery code used", false },
    { "role.described", /* translated */ "Role described", false },
    { "role.given", /* translated */ "Role given", true },
    { "role.made", /* translated */ "Role made", false },
    { "role.removed", /* translated */ "Role removed", false },
    { "role.reset", /* translated */ "Rule of a role taken back", false },
    { "role.ruled", /* translated */ "Rule of a role set", false },
    { "role.taken", /* translated */ "Role taken", true },
    { "second-factor.added", /* translated */ "Second factor added", false },
    { "second-factor.removed", /* translated */ "Second factor removed", false },
    { "session.began", /* translated */ "Signed in", false },
    { "session.ended", /* translated */ "Signed out", false },
    { "session.refused", /* translated */ "Sign-in refused", false },
    { "sessions.ended", /* translated */ "Sessions ended", false },
    { "settings.changed", /* translated */ "Settings changed", false },
    { "settings.undone", /* translated */ "Settings taken back", false },
    { "team.changed", /* translated */ "Team changed", true },
    { "team.made", /* translated */ "Team made", true },
    { "team.removed", /* translated */ "Team removed", true },
    { "token.made", /* translated */ "Access token made", false },
    { "token.refused", /* translated */ "Access token used after its last day", false },
    { "token.revoked", /* translated */ "Access token revoked", false },
    { "view-as.began", /* translated */ "Looked at the portal in somebody's place", true },
    { "view-as.ended", /* translated */ "Stopped looking in somebody's place", true },
    { "view-as.moved", /* translated */ "Looked here in somebody's place", true },
};

const struct identity_act_kind *identity_act_kinds(size_t *ret_count)
{
    *ret_count = G_N_ELEMENTS(kinds);
    return kinds;
}

const struct identity_act_kind *identity_act_kind(const char *key)
{
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (strcmp(kinds[i].key, key) == 0)
            return &kinds[i];
    return NULL;
}

/* ---- one record ---- */

struct record {
    int64_t number, time;
    const char *kind;
    int64_t actor, as, person, account, other;
    const char *object, *origin;
};

static void write_id(struct buffer *line, const char *member, int64_t id)
{
    buffer_printf(line, id ? ",\"%s\":\"%lld\"" : ",\"%s\":null", member, (long long)id);
}

static void write_text(struct buffer *line, const char *member, const char *text)
{
    buffer_printf(line, ",\"%s\":", member);
    if (text)
        buffer_append_json_text(line, text, strlen(text));
    else
        buffer_append_text(line, "null");
}

/* The line that is sealed. NULL: memory ended. */
static const char *write_line(struct buffer *line, const struct record *record)
{
    char time[32];
    clock_rfc3339(record->time, time, sizeof time);
    buffer_clear(line);
    buffer_printf(line, "{\"number\":%lld", (long long)record->number);
    write_text(line, "time", time);
    write_text(line, "kind", record->kind);
    write_id(line, "actor", record->actor);
    write_id(line, "as", record->as);
    write_id(line, "person", record->person);
    write_id(line, "account", record->account);
    /* Records from before it was kept have no such member in what was sealed. */
    if (record->other)
        write_id(line, "other", record->other);
    write_text(line, "object", record->object);
    write_text(line, "origin", record->origin);
    buffer_append_char(line, '}');
    return buffer_text(line);
}

static void seal(const char *before, const char *line, char ret_seal[IDENTITY_SEAL_SIZE])
{
    unsigned char sum[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const unsigned char *)before, strlen(before));
    crypto_hash_sha256_update(&state, (const unsigned char *)"\n", 1);
    crypto_hash_sha256_update(&state, (const unsigned char *)line, strlen(line));
    crypto_hash_sha256_final(&state, sum);
    sodium_bin2hex(ret_seal, IDENTITY_SEAL_SIZE, sum, sizeof sum);
}

static bool is_hidden(gunichar character)
{
    switch (g_unichar_type(character)) {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_UNASSIGNED:
    case G_UNICODE_PRIVATE_USE: return true;
    default: return false;
    }
}

/* One line that shows all that is in it, in the arena. */
static int object_shown(struct arena *arena, const char *object, const char **ret_object,
                        struct portico_error *error)
{
    *ret_object = NULL;
    if (!object)
        return PORTICO_OK;
    GString *shown = g_string_new(NULL);
    char *valid = g_utf8_make_valid(object, -1);
    for (const char *at = valid; *at; at = g_utf8_next_char(at)) {
        const gunichar character = g_utf8_get_char(at);
        const gsize length = shown->len;
        if (is_hidden(character))
            g_string_append_printf(shown, "\\u{%x}", (unsigned)character);
        else
            g_string_append_unichar(shown, character);
        if (shown->len > IDENTITY_AUDIT_OBJECT_MAX) {
            g_string_truncate(shown, length);
            break;
        }
    }
    *ret_object = arena_strdup(arena, shown->str);
    g_free(valid);
    g_string_free(shown, TRUE);
    return *ret_object ? PORTICO_OK : identity_no_memory(error);
}

/* ---- writing ---- */

int identity_audit_chain(struct store_session *session, struct identity_audit_chain *ret_chain,
                         struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(
        session, "SELECT last, last_hash, gone, gone_hash FROM portico_audit_chain WHERE id = 1",
        NULL, 0, &rows, error);
    if (code < 0)
        return code;
    if (rows->count != 1)
        return error_set(error, PORTICO_EIO,
                         "The audit log has lost the row that says where it stands: restore "
                         "portico_audit_chain from a backup.");
    const struct value_cell *cells = value_rows_at(rows, 0);
    ret_chain->last = cells[0].integer;
    ret_chain->gone = cells[2].integer;
    g_strlcpy(ret_chain->seal, cells[1].text, sizeof ret_chain->seal);
    g_strlcpy(ret_chain->gone_seal, cells[3].text, sizeof ret_chain->gone_seal);
    return PORTICO_OK;
}

/* NULL for 0. */
static struct portico_argument id_or_null(int64_t id)
{
    return id ? portico_arg_id(id) : portico_arg_text(NULL);
}

static int append(struct store_session *session, struct record *record, struct portico_error *error)
{
    struct identity_audit_chain chain;
    char hash[IDENTITY_SEAL_SIZE];
    int code = identity_lock(session, LOCK, error);
    if (code == 0)
        code = identity_audit_chain(session, &chain, error);
    if (code < 0)
        return code;
    record->number = chain.last + 1;
    record->time = clock_now();
    struct buffer buffer = { 0 };
    const char *line = write_line(&buffer, record);
    if (line)
        seal(chain.seal, line, hash);
    buffer_free(&buffer);
    if (!line)
        return identity_no_memory(error);
    code = store_host_execute(
        session,
        "INSERT INTO portico_audit (number, time, kind, actor, acted_as, person, account, object, "
        "origin, other, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        PORTICO_ARGS(portico_arg_integer(record->number), portico_arg_time(record->time),
                     portico_arg_text(record->kind), id_or_null(record->actor),
                     id_or_null(record->as), id_or_null(record->person),
                     id_or_null(record->account), portico_arg_text(record->object),
                     portico_arg_text(record->origin), id_or_null(record->other),
                     portico_arg_text(hash)),
        NULL, error);
    if (code == 0)
        code = store_host_execute(
            session, "UPDATE portico_audit_chain SET last = ?, last_hash = ? WHERE id = 1",
            PORTICO_ARGS(portico_arg_integer(record->number), portico_arg_text(hash)), NULL, error);
    return code;
}

/* In the commit: nothing waits for this transaction any more but to end. */
static int append_last(struct store_session *session, void *data, struct portico_error *error)
{
    int code = append(session, data, error);
    if (code == 0)
        return code;
    /* A table that is gone is nothing the asker did wrong. */
    if (code == PORTICO_EINVAL || code == PORTICO_ENOENT)
        code = PORTICO_EIO;
    const struct portico_error reason = *error;
    return error_set(error, code, "The audit log cannot be written, so nothing was done: %s",
                     reason.message);
}

/* A copy that lives as long as the transaction; NULL stays NULL. */
static int copy(struct arena *arena, const char **text, struct portico_error *error)
{
    const char *kept = *text ? arena_strdup(arena, *text) : NULL;
    if (*text && !kept)
        return identity_no_memory(error);
    *text = kept;
    return PORTICO_OK;
}

static int queue(struct store_session *session, const struct identity_act *act,
                 struct portico_error *error)
{
    struct arena *arena = store_session_arena(session);
    struct record *record = arena_zalloc(arena, sizeof *record);
    if (!record)
        return identity_no_memory(error);
    *record = (struct record){ .kind = identity_act_kind(act->kind)->key,
                               .actor = act->actor,
                               .as = act->as,
                               .person = act->person,
                               .account = act->account,
                               .other = act->other,
                               .origin = act->origin ? act->origin : "portal" };
    int code = object_shown(arena, act->object, &record->object, error);
    if (code == 0)
        code = copy(arena, &record->origin, error);
    return code < 0 ? code : store_before_commit(session, append_last, record, error);
}

int identity_audit(struct store_session *session, const struct identity_act *act,
                   struct portico_error *error)
{
    struct identity_step step;
    if (!act->kind || !identity_act_kind(act->kind))
        return error_set(error, PORTICO_EINVAL, "The audit log knows no act \"%.40s\".",
                         act->kind ? act->kind : "");
    int code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    return identity_step_end(&step, queue(session, act, error), error);
}

int identity_audit_roles(struct store_session *session, const struct identity_act *act,
                         uint64_t before, uint64_t after, struct portico_error *error)
{
    static const uint64_t each[] = { IDENTITY_MODERATOR, IDENTITY_ADMIN };
    struct identity_act done = *act;
    int code = 0;
    done.account = IDENTITY_OWNER;
    for (size_t i = 0; code == 0 && i < G_N_ELEMENTS(each); i++) {
        char role[32];
        identity_roles_write(each[i], role);
        done.kind = after & each[i] ? "role.given" : "role.taken";
        done.object = role;
        if ((before ^ after) & each[i])
            code = identity_audit(session, &done, error);
    }
    return code;
}

/* ---- reading ---- */

struct question {
    GString *sql;
    char *end; /* behind the last kind asked for */
    struct portico_argument arguments[12];
    size_t count;
};

static void narrow(struct question *question, const char *condition, struct portico_argument value)
{
    g_string_append_printf(question->sql, " AND %s", condition);
    question->arguments[question->count++] = value;
}

/* Keys are ours: no quotes in them. */
static void only_customers(GString *sql)
{
    const char *before = " AND l.kind IN (";
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (kinds[i].customers) {
            g_string_append_printf(sql, "%s'%s'", before, kinds[i].key);
            before = ", ";
        }
    g_string_append_c(sql, ')');
}

static void narrow_kind(struct question *question, const char *kind)
{
    const size_t length = strlen(kind);
    if (length == 0 || kind[length - 1] != '.') {
        narrow(question, "l.kind = ?", portico_arg_text(kind));
        return;
    }
    /* '/' follows '.'. */
    question->end = g_strdup(kind);
    question->end[length - 1] = '/';
    narrow(question, "l.kind >= ?", portico_arg_text(kind));
    narrow(question, "l.kind < ?", portico_arg_text(question->end));
}

int identity_audit_list(struct store_session *session, const struct identity_audit_filter *filter,
                        unsigned limit, struct value **ret_rows, struct portico_error *error)
{
    struct question question = {
        .sql = g_string_new(
            "SELECT l.number, l.time AS \"time:time\", l.kind, l.actor AS \"actor:id\", "
            "a.name AS actor_name, l.acted_as AS \"as:id\", "
            "s.name AS as_name, l.person AS \"person:id\", "
            "p.name AS person_name, l.account AS \"account:id\", "
            "c.name AS account_name, l.object, l.origin, l.hash, l.other AS \"other:id\", "
            "o.name AS other_name "
            "FROM portico_audit l "
            "LEFT JOIN portico_person a ON a.id = l.actor "
            "LEFT JOIN portico_person s ON s.id = l.acted_as "
            "LEFT JOIN portico_person p ON p.id = l.person "
            "LEFT JOIN portico_account c ON c.id = l.account "
            "LEFT JOIN portico_account o ON o.id = l.other "
            "WHERE 1 = 1")
    };
    if (filter->customers && !filter->account) {
        g_string_free(question.sql, TRUE);
        return error_set(error, PORTICO_EINVAL, "What customers may read is of one account.");
    }
    if (filter->account)
        narrow(&question, "l.account = ?", portico_arg_id(filter->account));
    if (filter->customers)
        only_customers(question.sql);
    if (filter->person) {
        /* Also what they did, and what was done to them, as somebody who became them. */
        static const char one[] = "IN (SELECT ? UNION ALL SELECT x.id FROM portico_person x "
                                  "WHERE x.merged_into = ?)";
        if (filter->about)
            g_string_append_printf(question.sql, " AND l.person %s", one);
        else
            g_string_append_printf(question.sql, " AND (l.person %s OR l.actor %s)", one, one);
        for (unsigned i = 0; i < (filter->about ? 2 : 4); i++)
            question.arguments[question.count++] = portico_arg_id(filter->person);
    }
    if (filter->kind)
        narrow_kind(&question, filter->kind);
    if (filter->before)
        narrow(&question, "l.number < ?", portico_arg_integer(filter->before));
    g_string_append(question.sql, " ORDER BY l.number DESC LIMIT ?");
    question.arguments[question.count++] = portico_arg_integer(limit);
    int code = store_host_query(session, question.sql->str, question.arguments, question.count,
                                ret_rows, error);
    g_free(question.end);
    g_string_free(question.sql, TRUE);
    return code;
}

/* ---- the chain ---- */

static int broken(int64_t number, const char *how, struct portico_error *error)
{
    return error_set(error, PORTICO_EIO,
                     "Record %lld of the audit log %s: what is before it can be trusted, it and "
                     "what follows cannot. Compare it with a backup and with the seals in the "
                     "portal's log.",
                     (long long)number, how);
}

struct walk {
    struct identity_audit_chain chain; /* as it stood when the walk began */
    struct buffer line;
    int64_t number; /* the last record that was right */
    char seal[IDENTITY_SEAL_SIZE];
    int64_t after;
    int (*each)(void *data, int64_t number, const char *seal, const char *line,
                struct portico_error *error);
    void *data;
};

static struct record record_of(const struct portico_value *row)
{
    return (struct record){ .number = portico_get_integer(row, "number", 0),
                            .time = portico_get_integer(row, "time", 0),
                            .kind = portico_get_text(row, "kind", ""),
                            .actor = portico_get_integer(row, "actor", 0),
                            .as = portico_get_integer(row, "acted_as", 0),
                            .person = portico_get_integer(row, "person", 0),
                            .account = portico_get_integer(row, "account", 0),
                            .other = portico_get_integer(row, "other", 0),
                            .object = portico_get_text(row, "object", NULL),
                            .origin = portico_get_text(row, "origin", "") };
}

/* Without the closing brace, so that the seal can follow. */
static int hand(struct walk *walk, struct portico_error *error)
{
    walk->line.length--;
    buffer_printf(&walk->line, ",\"hash\":\"%s\"}", walk->seal);
    const char *line = buffer_text(&walk->line);
    return line ? walk->each(walk->data, walk->number, walk->seal, line, error)
                : identity_no_memory(error);
}

static int take(struct walk *walk, const struct portico_value *row, struct portico_error *error)
{
    const struct record record = record_of(row);
    char expected[IDENTITY_SEAL_SIZE];
    const char *line = write_line(&walk->line, &record);
    if (!line)
        return identity_no_memory(error);
    if (record.number != walk->number + 1)
        return broken(walk->number + 1, "is missing", error);
    seal(walk->seal, line, expected);
    if (strcmp(expected, portico_get_text(row, "hash", "")) != 0 ||
        (record.number == walk->chain.last && strcmp(expected, walk->chain.seal) != 0))
        return broken(record.number, "is not the one that was sealed", error);
    walk->number = record.number;
    memcpy(walk->seal, expected, sizeof expected);
    return record.number > walk->after ? hand(walk, error) : 0;
}

static int walk_records(struct store_session *session, struct walk *walk,
                        struct portico_error *error)
{
    struct store_cursor *cursor = NULL;
    int code = store_cursor_open(session,
                                 "SELECT number, time, kind, actor, acted_as, person, account, "
                                 "object, origin, other, hash FROM portico_audit ORDER BY number",
                                 NULL, 0, &cursor, error);
    for (int got = 1; code == 0 && got > 0;) {
        struct value *row = NULL;
        got = store_cursor_next(cursor, &row, error);
        code = got > 0 ? take(walk, value_public(row), error) : got;
    }
    store_cursor_close(cursor);
    return code;
}

static int walk_from(struct store_session *session, struct walk *walk, struct portico_error *error)
{
    struct store_turn turn;
    walk->number = walk->chain.gone;
    memcpy(walk->seal, walk->chain.gone_seal, sizeof walk->seal);
    store_session_as(session, "core", &turn);
    int code = walk_records(session, walk, error);
    store_session_back(session, &turn);
    if (code == 0 && walk->number < walk->chain.last)
        code = broken(walk->number + 1, "is missing", error);
    return code;
}

int identity_audit_walk(struct store_session *session, int64_t after,
                        int (*each)(void *data, int64_t number, const char *seal, const char *line,
                                    struct portico_error *error),
                        void *data, struct portico_error *error)
{
    struct walk walk = { .after = after, .each = each, .data = data };
    int code = identity_audit_chain(session, &walk.chain, error);
    for (int64_t gone = -1; code == 0 && gone != walk.chain.gone;) {
        gone = walk.chain.gone;
        code = walk_from(session, &walk, error);
        /* Old records may have gone from the front between the two readings: from the new one. */
        if (code != PORTICO_EIO || walk.number != gone ||
            identity_audit_chain(session, &walk.chain, NULL) < 0 || walk.chain.gone == gone)
            break;
        code = 0;
    }
    buffer_free(&walk.line);
    return code;
}

/* ---- letting go ---- */

static int cut_front(struct store_session *session, int64_t before, unsigned most, int *ret_removed,
                     struct portico_error *error)
{
    struct identity_audit_chain chain;
    struct value *rows;
    int code = identity_lock(session, LOCK, error);
    if (code == 0)
        code = identity_audit_chain(session, &chain, error);
    if (code == 0)
        code = store_host_query(
            session,
            "SELECT number, time, hash FROM portico_audit WHERE number > ? "
            "ORDER BY number LIMIT ?",
            PORTICO_ARGS(portico_arg_integer(chain.gone), portico_arg_integer(most)), &rows, error);
    if (code < 0)
        return code;
    uint32_t old = 0;
    while (old < rows->count && value_rows_at(rows, old)[1].integer < before)
        old++;
    *ret_removed = (int)old;
    if (old == 0)
        return PORTICO_OK;
    const struct value_cell *last = value_rows_at(rows, old - 1);
    code = store_host_execute(session, "DELETE FROM portico_audit WHERE number <= ?",
                              PORTICO_ARGS(portico_arg_integer(last[0].integer)), NULL, error);
    if (code == 0)
        code = store_host_execute(
            session, "UPDATE portico_audit_chain SET gone = ?, gone_hash = ? WHERE id = 1",
            PORTICO_ARGS(portico_arg_integer(last[0].integer), portico_arg_text(last[2].text)),
            NULL, error);
    const char *upto =
        arena_printf(store_session_arena(session), "1–%lld", (long long)last[0].integer);
    const struct identity_act act = { .kind = "audit.pruned", .object = upto };
    return code == 0 ? identity_audit(session, &act, error) : code;
}

int identity_audit_prune(struct store_session *session, int64_t before, unsigned most,
                         struct portico_error *error)
{
    struct identity_step step;
    int removed = 0;
    int code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    code = identity_step_end(&step, cut_front(session, before, most, &removed, error), error);
    return code < 0 ? code : removed;
}
