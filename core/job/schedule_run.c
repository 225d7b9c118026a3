/* Queueing what is due: the row of an entry moves on in the transaction that queues its job, so one
 * process queues it and no other. */
#include "job/room.h"
#include "job/schedule.h"

#include <string.h>

/* How long the row of an entry that no process has is kept: an update of the portal is over by
 * then, and a module that was only off for a while makes up for its missed time. */
#define GRACE INT64_C(604800000000)

/* Entries that one call writes for. */
#define PORTION 64

#define OF_ENTRY "WHERE module = ? AND name = ?"

static int add(struct store_session *session, const struct schedule_entry *entry, int64_t next,
               struct portico_error *error)
{
    return store_host_execute(
        session,
        QUEUE "INSERT INTO portico_schedule (module, name, schedule, next_at) "
              "VALUES (?, ?, ?, ?) ON CONFLICT (module, name) DO NOTHING",
        PORTICO_ARGS(portico_arg_text(entry->module), portico_arg_text(entry->name),
                     portico_arg_text(entry->text), portico_arg_time(next)),
        NULL, error);
}

static int change(struct store_session *session, const struct schedule_entry *entry, int64_t next,
                  struct portico_error *error)
{
    return store_host_execute(
        session,
        QUEUE "UPDATE portico_schedule SET schedule = ?, next_at = ? " OF_ENTRY
              " AND schedule <> ?",
        PORTICO_ARGS(portico_arg_text(entry->text), portico_arg_time(next),
                     portico_arg_text(entry->module), portico_arg_text(entry->name),
                     portico_arg_text(entry->text)),
        NULL, error);
}

/* While one of an entry still waits, the next would only do its work again. */
static int queue_in(struct store_session *session, const struct schedule_entry *entry, int64_t due,
                    int64_t next, struct portico_error *error)
{
    int64_t changed = 0;
    int code = store_host_execute(
        session, QUEUE "UPDATE portico_schedule SET next_at = ? " OF_ENTRY " AND next_at = ?",
        PORTICO_ARGS(portico_arg_time(next), portico_arg_text(entry->module),
                     portico_arg_text(entry->name), portico_arg_time(due)),
        &changed, error);
    if (code < 0 || changed == 0)
        return code;
    const struct job_request request = {
        .module = entry->module,
        .name = entry->name,
        .kind = strcmp(entry->module, "core") == 0 ? JOB_HOST : JOB_MODULE,
        .key = "schedule",
        .attempts = entry->attempts,
    };
    code = job_queue(session, &request, NULL, error);
    return code == PORTICO_EEXIST ? PORTICO_OK : code;
}

static int queue(struct store_session *session, const struct schedule_entry *entry, int64_t due,
                 int64_t next, struct portico_error *error)
{
    int code = store_begin(session, error);
    if (code < 0)
        return code;
    code = queue_in(session, entry, due, next, error);
    if (code == 0)
        return store_commit(session, error);
    store_rollback(session);
    return code;
}

static const struct value_cell *find(const struct value *rows, const struct schedule_entry *entry)
{
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct value_cell *cells = value_rows_at(rows, i);
        if (strcmp(cells[0].text, entry->module) == 0 && strcmp(cells[1].text, entry->name) == 0)
            return cells;
    }
    return NULL;
}

/* 1 if it wrote, 0 if the entry waits for its time; sets when that is. */
static int run_entry(struct store_session *session, const struct schedule_entry *entry,
                     const struct value_cell *row, int64_t now, int64_t *ret_next,
                     struct portico_error *error)
{
    bool same = row && strcmp(row[2].text, entry->text) == 0;
    if (same && row[3].integer > now) {
        *ret_next = row[3].integer;
        return 0;
    }
    int64_t next = schedule_next(&entry->schedule, now);
    int code = same  ? queue(session, entry, row[3].integer, next, error)
               : row ? change(session, entry, next, error)
                     : add(session, entry, next, error);
    if (code < 0)
        return code;
    *ret_next = next;
    return 1;
}

int schedule_run(struct store_session *session, const struct schedule_entry *entries, size_t count,
                 int64_t now, int64_t *ret_next, struct portico_error *error)
{
    struct value *rows;
    int64_t first = INT64_MAX;
    unsigned written = 0;
    bool stale = false;
    int code = store_host_query(
        session, QUEUE "SELECT module, name, schedule, next_at FROM portico_schedule",
        PORTICO_NO_ARGS, &rows, error);
    for (size_t i = 0; code == 0 && i < count && written < PORTION; i++) {
        int64_t next = INT64_MAX;
        int wrote = run_entry(session, &entries[i], find(rows, &entries[i]), now, &next, error);
        code = wrote < 0 ? wrote : 0;
        written += wrote > 0;
        first = next < first ? next : first;
    }
    for (uint32_t i = 0; code == 0 && i < rows->count; i++)
        stale |= value_rows_at(rows, i)[3].integer < now - GRACE;
    if (code == 0 && stale)
        code = store_host_execute(session, QUEUE "DELETE FROM portico_schedule WHERE next_at < ?",
                                  PORTICO_ARGS(portico_arg_time(now - GRACE)), NULL, error);
    if (code == 0)
        *ret_next = written < PORTION ? first : now;
    return code;
}
