/* Taking notices back: all about a subject, or of a part of it alone. */
#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "notify/notice.h"
#include "notify/rows.h"

/* A subject has no blanks, so no subject is one with a part. */
static const char *mark_of(struct store_session *session, const char *subject, const char *part)
{
    return part ? arena_printf(store_session_arena(session), "%s %s", subject, part) : subject;
}

/* Locks the mark to the end of the transaction; `last` 0 leaves what it says. */
static int set_mark(struct store_session *session, const char *module, const char *mark,
                    int64_t last, struct portico_error *error)
{
    if (!mark)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while notices were taken back.");
    return store_host_execute(
        session,
        "INSERT INTO portico_notice_withdrawn (module, subject, last, changed) "
        "VALUES (?, ?, ?, ?) ON CONFLICT (module, subject) DO UPDATE SET "
        "last = CASE WHEN excluded.last > portico_notice_withdrawn.last THEN excluded.last "
        "ELSE portico_notice_withdrawn.last END, changed = excluded.changed",
        PORTICO_ARGS(portico_arg_text(module), portico_arg_text(mark), portico_arg_integer(last),
                     portico_arg_time(clock_now())),
        NULL, error);
}

int notice_is_withdrawn(struct store_session *session, const char *module, const char *subject,
                        const char *part, int64_t told, struct portico_error *error)
{
    struct value *rows = NULL;
    const char *mark = mark_of(session, subject, part);
    if (!mark)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while people were told.");
    int code = store_host_query(
        session,
        "SELECT last FROM portico_notice_withdrawn WHERE module = ? AND subject IN (?, ?) AND "
        "last > ?",
        PORTICO_ARGS(portico_arg_text(module), portico_arg_text(subject), portico_arg_text(mark),
                     portico_arg_integer(told)),
        &rows, error);
    return code < 0 ? code : rows->count > 0;
}

int notice_lock(struct store_session *session, const char *module, const char *subject,
                const char *part, struct portico_error *error)
{
    int code = set_mark(session, module, subject, 0, error);
    return code < 0 || !part ? code
                             : set_mark(session, module, mark_of(session, subject, part), 0, error);
}

/* Where the news of the part stand for earlier ones, these stay; whose they were is not known. */
static int remove_part(struct store_session *session, const char *module, const char *subject,
                       const char *part, struct portico_error *error)
{
    int code = store_host_execute(
        session,
        NOTICES "UPDATE portico_notice SET excerpt = NULL, actor = NULL, part = NULL, "
                "repeats = repeats - 1 "
                "WHERE module = ? AND subject = ? AND part = ? AND repeats > 1",
        PORTICO_ARGS(portico_arg_text(module), portico_arg_text(subject), portico_arg_text(part)),
        NULL, error);
    return code < 0
               ? code
               : store_host_execute(session,
                                    NOTICES "DELETE FROM portico_notice "
                                            "WHERE module = ? AND subject = ? AND part = ?",
                                    PORTICO_ARGS(portico_arg_text(module),
                                                 portico_arg_text(subject), portico_arg_text(part)),
                                    NULL, error);
}

/* The subject's mark first, as telling does: neither waits for the other in a circle. */
static int withdraw(struct store_session *session, const char *module, const char *subject,
                    const char *part, struct portico_error *error)
{
    int code = set_mark(session, module, subject, part ? 0 : id_new(), error);
    if (code == 0 && part)
        code = set_mark(session, module, mark_of(session, subject, part), id_new(), error);
    if (code < 0 || part)
        return code < 0 ? code : remove_part(session, module, subject, part, error);
    return store_host_execute(
        session, NOTICES "DELETE FROM portico_notice WHERE module = ? AND subject = ?",
        PORTICO_ARGS(portico_arg_text(module), portico_arg_text(subject)), NULL, error);
}

int notice_withdraw(struct store_session *session, const char *module, const char *subject,
                    const char *part, struct portico_error *error)
{
    int code = notice_check_subject(subject, error);
    if (code == 0 && part)
        code = notice_check_subject(part, error);
    if (code < 0 || store_in_transaction(session))
        return code < 0 ? code : withdraw(session, module, subject, part, error);
    code = store_begin(session, error);
    if (code == 0)
        code = withdraw(session, module, subject, part, error);
    if (code < 0)
        store_rollback(session);
    return code < 0 ? code : store_commit(session, error);
}
