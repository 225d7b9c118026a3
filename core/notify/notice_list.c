/* What each person was told, and what they chose. */
#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "identity/audience.h"
#include "identity/standing.h"
#include "notify/notice.h"
#include "notify/rows.h"

#include <glib.h>

#define UNREAD_MOST 100

/* A statement about what a person may see of what they were told, and its parameters. */
struct asking {
    GString *sql;
    GArray *arguments;
};

static struct asking asking_new(const char *sql)
{
    return (struct asking){ g_string_new(sql),
                            g_array_new(FALSE, FALSE, sizeof(struct portico_argument)) };
}

static void ask(struct asking *asking, struct portico_argument argument)
{
    g_array_append_val(asking->arguments, argument);
}

/* What their notices, or those they have not read, are for, in the session's arena: of these, what
 * they see is asked. */
static int audiences_of(struct store_session *session, int64_t person, bool unread,
                        const int64_t **ret_ids, size_t *ret_count, struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(session,
                                unread ? NOTICES "SELECT DISTINCT audience FROM portico_notice "
                                                 "WHERE person = ? AND read_at IS NULL "
                                                 "AND audience IS NOT NULL"
                                       : NOTICES "SELECT DISTINCT audience FROM portico_notice "
                                                 "WHERE person = ? AND audience IS NOT NULL",
                                PORTICO_ARGS(portico_arg_id(person)), &rows, error);
    if (code < 0)
        return code;
    int64_t *ids = arena_alloc(store_session_arena(session), (rows->count + 1) * sizeof *ids);
    if (!ids)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while notices were listed.");
    for (uint32_t i = 0; i < rows->count; i++)
        ids[i] = row_integer(rows, i, 0);
    *ret_ids = ids;
    *ret_count = rows->count;
    return PORTICO_OK;
}

/* "(n.audience IS NULL OR n.audience IN (?, …))": as many as a power of two, so that few texts
 * serve all. */
static int ask_visible(struct asking *asking, struct store_session *session,
                       const struct notice_reader *reader, bool unread, struct portico_error *error)
{
    const int64_t *audiences;
    size_t count, places = 4;
    bool every = false;
    int code = audiences_of(session, reader->person, unread, &audiences, &count, error);
    if (code == 0)
        code = identity_sees_some(reader->identity, session, reader->person, reader->looks,
                                  &audiences, &count, &every, error);
    if (code < 0)
        return code;
    while (places < count)
        places *= 2;
    g_string_append(asking->sql, "(n.audience IS NULL OR n.audience IN (?");
    for (size_t i = 0; i < places; i++)
        ask(asking, portico_arg_integer(count ? audiences[MIN(i, count - 1)] : 0));
    for (size_t i = 1; i < places; i++)
        g_string_append(asking->sql, ", ?");
    g_string_append(asking->sql, every ? ") OR n.audience > ?) " : ")) ");
    if (every)
        ask(asking, portico_arg_integer(IDENTITY_AUDIENCE_FIXED));
    return PORTICO_OK;
}

/* `code`: of what was asked so far. */
static int asking_run(struct asking *asking, struct store_session *session, int code,
                      struct value **ret_rows, struct portico_error *error)
{
    if (code == 0)
        code = store_host_query(session, asking->sql->str,
                                (const struct portico_argument *)(void *)asking->arguments->data,
                                asking->arguments->len, ret_rows, error);
    g_string_free(asking->sql, TRUE);
    g_array_free(asking->arguments, TRUE);
    return code;
}

int notice_list(struct store_session *session, const struct notice_reader *reader,
                const struct notice_place *before, unsigned limit, struct value **ret_rows,
                struct portico_error *error)
{
    struct asking asking = asking_new(
        NOTICES "SELECT n.id AS \"id:id\", n.module AS \"module\", n.kind AS \"kind\", "
                "n.subject AS \"subject\", n.title AS \"title\", n.arguments AS \"arguments\", "
                "n.excerpt AS \"excerpt\", n.url AS \"url\", n.reason AS \"reason\", "
                "p.name AS \"actor_name\", n.actor AS \"actor:id\", n.repeats AS \"repeats\", "
                "n.changed AS \"changed:time\", n.read_at AS \"read:time\" "
                "FROM portico_notice n LEFT JOIN portico_person p ON p.id = n.actor "
                "WHERE n.person = ? AND n.on_page = ? AND ");
    const int64_t changed = before && before->changed ? before->changed : INT64_MAX;
    ask(&asking, portico_arg_id(reader->person));
    ask(&asking, portico_arg_boolean(1));
    int code = ask_visible(&asking, session, reader, false, error);
    g_string_append(asking.sql, "AND (n.changed < ? OR (n.changed = ? AND n.id < ?)) "
                                "ORDER BY n.changed DESC, n.id DESC LIMIT ?");
    ask(&asking, portico_arg_time(changed));
    ask(&asking, portico_arg_time(changed));
    ask(&asking, portico_arg_integer(before ? before->id : 0));
    ask(&asking, portico_arg_integer(limit));
    return asking_run(&asking, session, code, ret_rows, error);
}

int notice_unread(struct store_session *session, const struct notice_reader *reader,
                  int64_t *ret_count, struct portico_error *error)
{
    struct value *rows = NULL;
    struct asking asking = asking_new(
        NOTICES "SELECT count(*) FROM (SELECT 1 FROM portico_notice n WHERE n.person = ? AND "
                "n.read_at IS NULL AND n.on_page = ? AND ");
    ask(&asking, portico_arg_id(reader->person));
    ask(&asking, portico_arg_boolean(1));
    int code = ask_visible(&asking, session, reader, true, error);
    g_string_append(asking.sql, "LIMIT ?) AS unread");
    ask(&asking, portico_arg_integer(UNREAD_MOST));
    code = asking_run(&asking, session, code, &rows, error);
    if (code == 0)
        *ret_count = row_integer(rows, 0, 0);
    return code;
}

int notice_read(struct store_session *session, int64_t person, int64_t id, int64_t until,
                struct portico_error *error)
{
    return store_host_execute(
        session,
        NOTICES "UPDATE portico_notice SET read_at = ? WHERE person = ? AND read_at IS NULL AND "
                "(id = ? OR (? = 0 AND changed <= ?))",
        PORTICO_ARGS(portico_arg_time(clock_now()), portico_arg_id(person), portico_arg_integer(id),
                     portico_arg_integer(id), portico_arg_time(until)),
        NULL, error);
}

int notice_seen(struct store_session *session, const char *module, int64_t person,
                const char *subject, struct portico_error *error)
{
    struct value *rows = NULL;
    int code = notice_check_subject(subject, error);
    if (code < 0 || person == 0)
        return code;
    code = store_host_query(
        session,
        NOTICES "SELECT id FROM portico_notice WHERE module = ? AND "
                "subject = ? AND person = ? AND read_at IS NULL",
        PORTICO_ARGS(portico_arg_text(module), portico_arg_text(subject), portico_arg_id(person)),
        &rows, error);
    for (size_t i = 0; code == 0 && i < rows->count; i++)
        code = notice_read(session, person, row_integer(rows, i, 0), 0, error);
    return code;
}

int notice_choice(struct store_session *session, int64_t person, const char *module,
                  const char *kind, struct notice_choice *choice, struct portico_error *error)
{
    struct value *rows = NULL;
    int code = store_host_query(
        session,
        "SELECT on_page, by_mail FROM portico_notice_choice WHERE person = ? AND module = ? AND "
        "kind = ?",
        PORTICO_ARGS(portico_arg_id(person), portico_arg_text(module), portico_arg_text(kind)),
        &rows, error);
    if (code == 0 && rows->count)
        *choice =
            (struct notice_choice){ row_integer(rows, 0, 0) != 0, row_integer(rows, 0, 1) != 0 };
    return code;
}

int notice_choose(struct store_session *session, int64_t person, const char *module,
                  const char *kind, const struct notice_choice *choice, struct portico_error *error)
{
    return store_host_execute(
        session,
        "INSERT INTO portico_notice_choice (person, module, kind, on_page, by_mail) "
        "VALUES (?, ?, ?, ?, ?) ON CONFLICT (person, module, kind) "
        "DO UPDATE SET on_page = excluded.on_page, by_mail = excluded.by_mail",
        PORTICO_ARGS(portico_arg_id(person), portico_arg_text(module), portico_arg_text(kind),
                     portico_arg_boolean(choice->on_page), portico_arg_boolean(choice->by_mail)),
        NULL, error);
}

int notice_follows_of(struct store_session *session, int64_t person, int level, unsigned limit,
                      struct value **ret_rows, struct portico_error *error)
{
    return store_host_query(
        session,
        NOTICES "SELECT f.module AS \"module\", f.subject AS \"subject\", f.level AS \"level\", "
                "f.changed AS \"changed:time\", (SELECT n.url FROM portico_notice n WHERE "
                "n.person = f.person AND n.module = f.module AND n.subject = f.subject "
                "ORDER BY n.changed DESC LIMIT 1) AS \"url\" FROM portico_follow f "
                "WHERE f.person = ? AND f.level = ? "
                "ORDER BY f.changed DESC, f.module, f.subject LIMIT ?",
        PORTICO_ARGS(portico_arg_id(person), portico_arg_integer(level),
                     portico_arg_integer(limit)),
        ret_rows, error);
}

int notice_prune(struct store_session *session, int64_t now, unsigned most,
                 struct portico_error *error)
{
    int64_t notices = 0, marks = 0;
    int code = store_host_execute(
        session,
        NOTICES "DELETE FROM portico_notice WHERE id IN (SELECT o.id FROM portico_notice o "
                "WHERE o.changed < ? LIMIT ?)",
        PORTICO_ARGS(portico_arg_time(now - NOTICE_KEPT), portico_arg_integer(most)), &notices,
        error);
    if (code == 0)
        code = store_host_execute(
            session,
            "DELETE FROM portico_notice_withdrawn WHERE (module, subject) IN (SELECT w.module, "
            "w.subject FROM portico_notice_withdrawn w WHERE w.changed < ? LIMIT ?)",
            PORTICO_ARGS(portico_arg_time(now - NOTICE_KEPT), portico_arg_integer(most)), &marks,
            error);
    return code < 0 ? code : (int)(notices > marks ? notices : marks);
}
