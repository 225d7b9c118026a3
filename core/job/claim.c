/* Taking the next job: due, at the head of its lane, of a type with room, by one runner only. */
#include "job/room.h"

#include "base/clock.h"
#include "base/json.h"

#include <glib.h>

#define REFUSED_MAX 64u
#define PAGE 64u
#define PAGE_TEXT "64"
#define PARK_FROM 16u /* so many in a page wait for another */

/* What this process cannot take now, or the portal has no room for. */
struct refused {
    const char *module, *name;
    int64_t kind;
};
struct candidate {
    int64_t id, kind, state, failures, attempts;
    const char *module, *name, *lane;
    bool stop_asked;
    bool waits; /* for another of its lane */
};
struct search {
    struct store_session *session;
    const struct job_claimant *claimant;
    struct refused refused[REFUSED_MAX];
    unsigned refused_count;
    int64_t now;
};

static int read_open(const struct search *search, const char *text, const char *tail,
                     struct value **ret_rows, struct portico_error *error)
{
    struct portico_argument arguments[1 + 3 * REFUSED_MAX];
    size_t count = 0;
    GString *sql = g_string_new(text);
    arguments[count++] = portico_arg_time(search->now);
    for (unsigned i = 0; i < search->refused_count; i++) {
        g_string_append(sql, " AND NOT (j.module = ? AND j.name = ? AND j.kind = ?)");
        arguments[count++] = portico_arg_text(search->refused[i].module);
        arguments[count++] = portico_arg_text(search->refused[i].name);
        arguments[count++] = portico_arg_integer(search->refused[i].kind);
    }
    g_string_append(sql, tail);
    int code = store_host_query(search->session, sql->str, arguments, count, ret_rows, error);
    g_string_free(sql, TRUE);
    return code;
}

static struct candidate read_candidate(const struct value *rows, size_t index)
{
    const struct value_cell *cells = value_rows_at(rows, (uint32_t)index);
    return (struct candidate){
        .id = cells[0].integer,
        .module = cells[1].text,
        .name = cells[2].text,
        .kind = cells[3].integer,
        .state = cells[4].integer,
        .failures = cells[5].integer,
        .attempts = cells[6].integer,
        .stop_asked = cells[7].integer != 0,
        .lane = cells[8].kind == PORTICO_TEXT ? cells[8].text : NULL,
        .waits = cells[9].kind != PORTICO_NULL,
    };
}

/* The first, which the transaction holds. */
static int find(const struct search *search, struct candidate *ret_candidate,
                struct portico_error *error)
{
    static const struct {
        const char *text, *tail;
    } statements[] = {
        [STORE_SQLITE] = { JOB_CANDIDATE(JOB_AHEAD_SQLITE), JOB_ORDERED "1" },
        [STORE_POSTGRES] = { JOB_CANDIDATE(JOB_AHEAD_POSTGRES),
                             JOB_ORDERED "1 FOR UPDATE OF j SKIP LOCKED" },
    };
    enum store_kind kind = store_kind(store_session_store(search->session));
    struct value *rows;
    int code = read_open(search, statements[kind].text, statements[kind].tail, &rows, error);
    if (code < 0 || rows->count == 0)
        return code;
    *ret_candidate = read_candidate(rows, 0);
    return 1;
}

static bool refuse(struct search *search, const struct candidate *candidate)
{
    if (search->refused_count == REFUSED_MAX)
        return false;
    search->refused[search->refused_count++] =
        (struct refused){ candidate->module, candidate->name, candidate->kind };
    return true;
}

static bool is_refused(const struct search *search, const struct candidate *candidate)
{
    for (unsigned i = 0; i < search->refused_count; i++) {
        const struct refused *row = &search->refused[i];
        if (row->kind == candidate->kind && strcmp(row->module, candidate->module) == 0 &&
            strcmp(row->name, candidate->name) == 0)
            return true;
    }
    return false;
}

static bool takes(const struct search *search, const struct candidate *candidate)
{
    const struct job_claimant *claimant = search->claimant;
    return !claimant->takes || claimant->takes(candidate->module, candidate->name,
                                               (enum job_kind)candidate->kind, claimant->data);
}

/* 1 if there is room for one more of its type. Counted under a lock of the type. */
static int has_room(struct search *search, const struct candidate *candidate,
                    struct portico_error *error)
{
    const struct job_claimant *claimant = search->claimant;
    unsigned most = claimant->concurrency
                        ? claimant->concurrency(candidate->module, candidate->name,
                                                (enum job_kind)candidate->kind, claimant->data)
                        : 0;
    if (most == 0)
        return 1;
    struct store_session *session = search->session;
    const char *name = arena_printf(store_session_arena(session), "type:%d:%s:%s",
                                    (int)candidate->kind, candidate->module, candidate->name);
    int code = name ? job_lock(session, name, error)
                    : error_set(error, PORTICO_ENOMEM, "Memory ended while a job was claimed.");
    struct value *rows;
    if (code == 0)
        code = store_host_query(
            session,
            QUEUE "SELECT count(*) FROM portico_job WHERE module = ? AND name = ? "
                  "AND kind = ? AND state = 1 AND due > ?",
            PORTICO_ARGS(portico_arg_text(candidate->module), portico_arg_text(candidate->name),
                         portico_arg_integer(candidate->kind), portico_arg_time(search->now)),
            &rows, error);
    return code < 0 ? code : value_rows_at(rows, 0)->integer < most;
}

static const char *text_or_null(const struct value_cell *cell)
{
    return cell->kind == PORTICO_TEXT ? cell->text : NULL;
}

static int take(struct search *search, const struct candidate *candidate,
                struct job_claim *ret_claim, struct portico_error *error)
{
    int64_t failures = candidate->failures + (candidate->state == JOB_RUNNING);
    struct value *rows;
    int code = store_host_query(
        search->session,
        QUEUE "UPDATE portico_job SET state = 1, fence = fence + 1, due = ?, "
              "failures = ?, runner = ? WHERE id = ? "
              "RETURNING fence, lane, trace, arguments, saved, person, account, "
              "created",
        PORTICO_ARGS(portico_arg_time(search->now + JOB_LEASE), portico_arg_integer(failures),
                     portico_arg_text(search->claimant->runner), portico_arg_id(candidate->id)),
        &rows, error);
    if (code < 0)
        return code;
    const struct value_cell *cells = value_rows_at(rows, 0);
    *ret_claim = (struct job_claim){
        .id = candidate->id,
        .fence = cells[0].integer,
        .kind = (enum job_kind)candidate->kind,
        .module = candidate->module,
        .name = candidate->name,
        .lane = text_or_null(&cells[1]),
        .trace = text_or_null(&cells[2]),
        .arguments = job_object(search->session, &cells[3]),
        .saved = job_object(search->session, &cells[4]),
        .attempt = (unsigned)failures + 1,
        .failures = (unsigned)failures,
        .attempts = (unsigned)candidate->attempts,
        .person = cells[5].kind == PORTICO_NULL ? 0 : cells[5].integer,
        .account = cells[6].kind == PORTICO_NULL ? 0 : cells[6].integer,
        .created = cells[7].integer,
    };
    return 1;
}

static int write_end(const struct search *search, const struct candidate *candidate,
                     struct portico_error *error)
{
    bool stopped = candidate->stop_asked;
    return store_host_execute(
        search->session,
        QUEUE "UPDATE portico_job SET state = ?, fence = fence + 1, finished = ?, "
              "failures = failures + 1, error = ? WHERE id = ?",
        PORTICO_ARGS(portico_arg_integer(stopped ? JOB_CANCELLED : JOB_FAILED),
                     portico_arg_time(search->now),
                     portico_arg_text("Its runner ended, or did not answer for the time of a "
                                      "lease, in the middle of its last try."),
                     portico_arg_id(candidate->id)),
        NULL, error);
}

/* Its runner died with it, and it has no tries left, or was to stop anyway. The fence rises, so
 * that a runner that was only slow changes nothing any more. */
static int bury(const struct search *search, const struct candidate *candidate,
                struct portico_error *error)
{
    const char *lane = candidate->lane;
    int code = lane ? lane_lock(search->session, lane, error) : PORTICO_OK;
    if (code == 0)
        code = write_end(search, candidate, error);
    return code == 0 && lane ? lane_advance(search->session, lane, error) : code;
}

/* One transaction: 1 with a claim, 0 for none, 2: once more, with one type less or one dead job
 * less. */
static int try_once(struct search *search, struct job_claim *ret_claim, struct portico_error *error)
{
    struct candidate candidate = { 0 };
    int code = find(search, &candidate, error);
    if (code <= 0)
        return code;
    bool dead = candidate.state == JOB_RUNNING;
    if (dead && (candidate.stop_asked || candidate.failures + 1 >= candidate.attempts)) {
        code = bury(search, &candidate, error);
        return code < 0 ? code : 2;
    }
    code = takes(search, &candidate) ? has_room(search, &candidate, error) : 0;
    if (code == 1)
        return take(search, &candidate, ret_claim, error);
    if (code == 0)
        code = refuse(search, &candidate) ? 2 : 0;
    return code;
}

/* The lanes of those in the page that wait for another. How many jobs were parked. */
static int64_t park(const struct search *search, const struct value *rows,
                    struct portico_error *error)
{
    const char *last = NULL;
    int64_t all = 0, parked = 0;
    int code = 0;
    for (uint32_t i = 0; code == 0 && i < rows->count; i++) {
        struct candidate candidate = read_candidate(rows, i);
        if (!candidate.waits || (last && strcmp(last, candidate.lane) == 0))
            continue;
        last = candidate.lane;
        code = lane_park(search->session, last, search->now, &parked, error);
        all += parked;
    }
    return code < 0 ? code : all;
}

/* 1: somebody may take one of the page; 2: look again, some types are refused by now; 0: none. */
static int look_at(struct search *search, const struct value *rows, unsigned *ret_waiting)
{
    bool refused = false;
    *ret_waiting = 0;
    for (uint32_t i = 0; i < rows->count; i++) {
        struct candidate candidate = read_candidate(rows, i);
        if (candidate.waits) {
            ++*ret_waiting;
            continue;
        }
        if (candidate.state == JOB_RUNNING || takes(search, &candidate))
            return 1;
        if (!is_refused(search, &candidate) && !refuse(search, &candidate))
            return 0;
        refused = true;
    }
    return refused ? 2 : 0;
}

/* Reads first: what waits for nothing takes no write lock. */
static int has_candidate(struct search *search, struct portico_error *error)
{
    const char *look =
        job_is_lite(search->session) ? JOB_LOOK(JOB_AHEAD_SQLITE) : JOB_LOOK(JOB_AHEAD_POSTGRES);
    for (;;) {
        struct value *rows;
        unsigned waiting;
        int code = read_open(search, look, JOB_ORDERED PAGE_TEXT, &rows, error);
        if (code < 0)
            return code;
        int found = look_at(search, rows, &waiting);
        int64_t parked = waiting >= PARK_FROM ? park(search, rows, error) : 0;
        if (parked < 0)
            return (int)parked;
        /* A full page without one that can be taken says nothing of what comes after it. */
        bool more = rows->count == PAGE && (found == 2 || parked > 0);
        if (found == 1 || !more)
            return found == 1;
    }
}

int job_claim(struct store_session *session, const struct job_claimant *claimant,
              struct job_claim *ret_claim, struct portico_error *error)
{
    struct search *search = arena_zalloc(store_session_arena(session), sizeof *search);
    if (!search)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while a job was claimed.");
    search->session = session;
    search->claimant = claimant;
    search->now = clock_now();
    int code = has_candidate(search, error);
    if (code <= 0)
        return code;
    struct job_claim claim;
    do {
        code = store_begin(session, error);
        if (code < 0)
            return code;
        code = try_once(search, &claim, error);
        if (code < 0) {
            store_rollback(session);
            return code;
        }
        int committed = store_commit(session, error);
        if (committed < 0)
            return committed;
    } while (code == 2);
    if (code == 1)
        *ret_claim = claim;
    return code;
}

int job_next_due(struct store_session *session, int64_t *ret_time, struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(
        session, QUEUE "SELECT min(due) FROM portico_job WHERE state < 2 AND due > ?",
        PORTICO_ARGS(portico_arg_time(clock_now())), &rows, error);
    if (code < 0)
        return code;
    const struct value_cell *due = value_rows_at(rows, 0);
    *ret_time = due->kind == PORTICO_NULL ? INT64_MAX : due->integer;
    return PORTICO_OK;
}

int job_release(struct store_session *session, const char *runner, struct portico_error *error)
{
    int64_t now = clock_now();
    return store_host_execute(
        session, QUEUE "UPDATE portico_job SET due = ? WHERE state = 1 AND runner = ? AND due > ?",
        PORTICO_ARGS(portico_arg_time(now), portico_arg_text(runner), portico_arg_time(now)), NULL,
        error);
}
