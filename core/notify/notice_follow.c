/* How people stand to subjects. */
#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "notify/notice.h"
#include "notify/rows.h"

int notice_check_subject(const char *subject, struct portico_error *error)
{
    size_t length = subject ? strlen(subject) : 0;
    bool fits = length >= 1 && length <= NOTICE_SUBJECT_MAX && text_is_utf8(subject, length);
    for (size_t i = 0; fits && i < length; i++)
        fits = (unsigned char)subject[i] > ' ' && subject[i] != 0x7f;
    return fits ? 0
                : error_set(error, PORTICO_EINVAL,
                            "A subject of notices is 1 to %d bytes without blanks, such as "
                            "\"topic/123\".",
                            NOTICE_SUBJECT_MAX);
}

int notice_follow(struct store_session *session, const char *module, int64_t person,
                  const char *subject, int level, struct portico_error *error)
{
    int code = notice_check_subject(subject, error);
    if (code < 0)
        return code;
    if (person <= 0 || level < PORTICO_MUTED || level > PORTICO_FOLLOWS)
        return error_set(error, PORTICO_EINVAL,
                         "Somebody follows, mutes or neither: %d is no such level, or nobody was "
                         "named.",
                         level);
    if (level == PORTICO_NORMAL)
        return store_host_execute(
            session, "DELETE FROM portico_follow WHERE module = ? AND subject = ? AND person = ?",
            PORTICO_ARGS(portico_arg_text(module), portico_arg_text(subject),
                         portico_arg_id(person)),
            NULL, error);
    return store_host_execute(
        session,
        "INSERT INTO portico_follow (module, subject, person, level, mark, changed) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (module, subject, person) "
        "DO UPDATE SET level = excluded.level, mark = excluded.mark, changed = excluded.changed "
        "WHERE portico_follow.level <> excluded.level",
        PORTICO_ARGS(portico_arg_text(module), portico_arg_text(subject), portico_arg_id(person),
                     portico_arg_integer(level), portico_arg_id(id_new()),
                     portico_arg_time(clock_now())),
        NULL, error);
}

int notice_following(struct store_session *session, const char *module, int64_t person,
                     const char *subject, int *ret_level, struct portico_error *error)
{
    struct value *rows = NULL;
    int code = notice_check_subject(subject, error);
    if (code == 0)
        code = store_host_query(session,
                                "SELECT level FROM portico_follow WHERE module = ? AND "
                                "subject = ? AND person = ?",
                                PORTICO_ARGS(portico_arg_text(module), portico_arg_text(subject),
                                             portico_arg_id(person)),
                                &rows, error);
    if (code == 0)
        *ret_level = rows->count ? (int)row_integer(rows, 0, 0) : PORTICO_NORMAL;
    return code;
}

int notice_followers(struct store_session *session, const char *module, const char *subject,
                     int64_t *ret_count, struct portico_error *error)
{
    struct value *rows = NULL;
    int code = notice_check_subject(subject, error);
    if (code == 0)
        code = store_host_query(session,
                                "SELECT count(*) FROM portico_follow WHERE module = ? AND "
                                "subject = ? AND level = 1",
                                PORTICO_ARGS(portico_arg_text(module), portico_arg_text(subject)),
                                &rows, error);
    if (code == 0)
        *ret_count = row_integer(rows, 0, 0);
    return code;
}

/* "1785571200000000/topic/123"; where nothing stands before it is the end of time. */
static bool read_place(const char *after, int64_t *ret_changed, const char **ret_subject)
{
    long long changed = INT64_MAX;
    const char *slash = after ? strchr(after, '/') : NULL;
    if (after &&
        (!slash || !text_to_int64((struct text){ after, (size_t)(slash - after) }, &changed)))
        return false;
    *ret_changed = changed;
    *ret_subject = slash ? slash + 1 : "";
    return !after || notice_check_subject(*ret_subject, NULL) == 0;
}

int notice_followed(struct store_session *session, const char *module, int64_t person,
                    const char *prefix, const char *after, unsigned most, struct value **ret_rows,
                    struct portico_error *error)
{
    int64_t changed;
    const char *subject;
    if (most < 1 || most > NOTICE_FOLLOWED_MOST)
        return error_set(error, PORTICO_EINVAL,
                         "A page of what somebody follows has 1 to %d subjects, not %u.",
                         NOTICE_FOLLOWED_MOST, most);
    if (!prefix || !read_place(after, &changed, &subject))
        return error_set(error, PORTICO_EINVAL,
                         "What somebody follows is listed by the beginning of its subjects, such "
                         "as \"topic/\", and behind the place of one of the list.");
    return store_host_query(
        session,
        "SELECT subject, changed AS \"changed:time\", "
        "changed || '/' || subject AS place FROM portico_follow "
        "WHERE person = ? AND module = ? AND level = 1 AND substr(subject, 1, length(?)) = ? "
        "AND (changed, subject) < (?, ?) ORDER BY changed DESC, subject DESC LIMIT ?",
        PORTICO_ARGS(portico_arg_id(person), portico_arg_text(module), portico_arg_text(prefix),
                     portico_arg_text(prefix), portico_arg_time(changed), portico_arg_text(subject),
                     portico_arg_integer(most)),
        ret_rows, error);
}

/* An unread notice of the same kind about `into` stays the one; that about `from` is then read. */
static int move_notices(struct store_session *session, const char *module, const char *from,
                        const char *into, struct portico_error *error)
{
    int code = store_host_execute(
        session,
        NOTICES "UPDATE portico_notice SET read_at = ? WHERE module = ? AND subject = ? AND "
                "read_at IS NULL AND EXISTS (SELECT 1 FROM portico_notice o "
                "WHERE o.person = portico_notice.person AND o.module = portico_notice.module "
                "AND o.kind = portico_notice.kind AND o.subject = ? AND o.read_at IS NULL)",
        PORTICO_ARGS(portico_arg_time(clock_now()), portico_arg_text(module),
                     portico_arg_text(from), portico_arg_text(into)),
        NULL, error);
    return code < 0
               ? code
               : store_host_execute(session,
                                    NOTICES "UPDATE portico_notice SET subject = ? "
                                            "WHERE module = ? AND subject = ?",
                                    PORTICO_ARGS(portico_arg_text(into), portico_arg_text(module),
                                                 portico_arg_text(from)),
                                    NULL, error);
}

static int move(struct store_session *session, const char *module, const char *from,
                const char *into, struct portico_error *error)
{
    int code = store_host_execute(
        session,
        "INSERT INTO portico_follow (module, subject, person, level, mark, changed) "
        "SELECT f.module, ?, f.person, f.level, f.mark, f.changed FROM portico_follow f "
        "WHERE f.module = ? AND f.subject = ? ON CONFLICT (module, subject, person) DO NOTHING",
        PORTICO_ARGS(portico_arg_text(into), portico_arg_text(module), portico_arg_text(from)),
        NULL, error);
    if (code == 0)
        code = store_host_execute(
            session, "DELETE FROM portico_follow WHERE module = ? AND subject = ?",
            PORTICO_ARGS(portico_arg_text(module), portico_arg_text(from)), NULL, error);
    return code < 0 ? code : move_notices(session, module, from, into, error);
}

int notice_follow_move(struct store_session *session, const char *module, const char *from,
                       const char *into, struct portico_error *error)
{
    int code = notice_check_subject(from, error);
    if (code == 0)
        code = notice_check_subject(into, error);
    if (code < 0 || strcmp(from, into) == 0)
        return code;
    if (store_in_transaction(session))
        return move(session, module, from, into, error);
    code = store_begin(session, error);
    if (code == 0)
        code = move(session, module, from, into, error);
    if (code < 0)
        store_rollback(session);
    return code < 0 ? code : store_commit(session, error);
}
