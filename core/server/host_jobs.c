#include "server/host_jobs.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "config/paths.h"
#include "event/scenario.h"
#include "file/kept.h"
#include "identity/audit.h"
#include "identity/grant.h"
#include "identity/identity.h"
#include "identity/looking.h"
#include "identity/merge.h"
#include "identity/person.h"
#include "limit/limit.h"
#include "module/form.h"
#include "module/notices.h"
#include "module/personal.h"
#include "portal/days.h"
#include "search/search.h"
#include "server/mail.h"

#include <stdatomic.h>

#define KEPT_JOBS (7 * 24 * 3600 * INT64_C(1000000))   /* µs after their end; job.h promises it */
#define KEPT_RUNS (400 * 24 * 3600 * INT64_C(1000000)) /* of scenarios, µs after their end */
#define COUNTS 5000  /* added up in one transaction: they are small, and nobody waits for them */
#define PAGES 250    /* of the search index merged in one transaction: about a megabyte */
#define DAYS_ASKED 3 /* tries after which a module that fails is not asked about a day */
#define ROWS 500     /* removed in one transaction: other writers get their turn in between */

/* One try of the job that puts one person in place of another. */
struct merge_run {
    const struct host_call *call;
    int64_t from, into; /* 0: whoever remained is erased */
    bool late;
    int64_t request;      /* the proof */
    struct value *report; /* its object: "into" and "rows" */
    int64_t rows;         /* of this try */
};

static bool must_stop(const struct host_call *call)
{
    return atomic_load(&call->watch->stop) || atomic_load(&call->watch->lost);
}

/* Until nothing is left that is older than `bound`, an age or a time as `remove` takes it. */
static int prune(const struct host_call *call, int64_t bound,
                 int (*remove)(struct store_session *session, int64_t bound, unsigned most,
                               struct portico_error *error),
                 struct portico_error *error)
{
    int removed;
    do {
        removed = remove(call->session, bound, ROWS, error);
    } while (removed == ROWS && !must_stop(call));
    return removed < 0 ? removed : 0;
}

static int prune_jobs(const struct host_call *call, struct portico_error *error)
{
    return prune(call, KEPT_JOBS, job_prune, error);
}

static int prune_events(const struct host_call *call, struct portico_error *error)
{
    int64_t before;
    int code = event_prune_before(call->session, call->settings->events_keep, &before, error);
    return code < 0 ? code : prune(call, before, event_prune, error);
}

/* The last seal goes to the log of the process, which is often kept where the database is not. */
static int keep_audit(const struct host_call *call, struct portico_error *error)
{
    struct identity_audit_chain chain;
    int code = prune(call, clock_now() - call->settings->audit_keep, identity_audit_prune, error);
    if (code == 0)
        code = identity_audit_chain(call->session, &chain, error);
    if (code == 0 && chain.last > 0)
        log_info("The audit log stands at %lld:%s; `portico audit verify` takes this.",
                 (long long)chain.last, chain.seal);
    return code;
}

static bool asked_to_stop(void *data)
{
    return must_stop(data);
}

static int sweep_files(const struct host_call *call, struct portico_error *error)
{
    int removed;
    do {
        removed = kept_sweep(call->session, ROWS, error);
    } while (removed >= ROWS && !must_stop(call));
    return removed < 0 ? removed : 0;
}

/* Rows first: what they referred to is looked at in the same run. Where some cannot be asked, the
 * disk is not to fill with what others left. */
static int prune_files(const struct host_call *call, struct portico_error *error)
{
    const char *directory = arena_printf(call->arena, "%s/files", call->settings->data);
    if (!directory)
        return error_set(error, PORTICO_ENOMEM, "Memory ended.");
    int code = prune(call, clock_now() - KEPT_LOOSE_TIME, kept_prune, error);
    if (code == 0)
        code = sweep_files(call, error);
    int removed = blob_remove_unused(directory, call->session, KEPT_LOOSE_TIME, asked_to_stop,
                                     (void *)(uintptr_t)call, code < 0 ? NULL : error);
    return code < 0 ? code : removed < 0 ? removed : PORTICO_OK;
}

/* Once in the life of a process is enough: what is written from now on has its form. */
static int settle_addresses(const struct host_call *call, struct portico_error *error)
{
    static _Atomic bool settled;
    int64_t clashes = 0;
    int code =
        atomic_load(&settled) ? 0 : identity_addresses_settle(call->session, &clashes, error);
    if (code == 0 && clashes)
        log_warning(
            "%lld addresses or domains, written with letters beyond ASCII, are spellings of "
            "others that are known already, and open nothing: find out whose they are, and "
            "remove the one of each pair that is not in use.",
            (long long)clashes);
    if (code == 0)
        atomic_store(&settled, true);
    return code;
}

/* Links and guesses that are over, and sign-ups that nobody confirmed. */
static int prune_people(const struct host_call *call, struct portico_error *error)
{
    int removed;
    do {
        removed = identity_prune(call->session, ROWS, error);
    } while (removed >= ROWS && !must_stop(call));
    return removed < 0 ? removed : settle_addresses(call, error);
}

static int close_looks(const struct host_call *call, struct portico_error *error)
{
    return prune(call, clock_now(), identity_looks_close, error);
}

static int tell_days(const struct host_call *call, struct portico_error *error)
{
    const struct days_run run = { .host = call->host,
                                  .session = call->session,
                                  .insist = call->claim->attempt >= DAYS_ASKED,
                                  .must_stop = asked_to_stop,
                                  .data = (void *)(uintptr_t)call };
    return days_tell(&run, error);
}

static int sweep_grants(const struct host_call *call, struct portico_error *error)
{
    return identity_grants_sweep(call->session, error);
}

static int fold_counts(const struct host_call *call, struct portico_error *error)
{
    int folded;
    do {
        folded = store_count_fold(call->session, COUNTS, error);
    } while (folded == COUNTS && !must_stop(call));
    return folded < 0 ? folded : 0;
}

/* Only the first step begins anew: what is indexed meanwhile is for the next night. */
static int tidy_search(const struct host_call *call, struct portico_error *error)
{
    bool more = true;
    int code = search_tidy(call->session, PAGES, true, &more, error);
    while (code == 0 && more && !must_stop(call))
        code = search_tidy(call->session, PAGES, false, &more, error);
    return code;
}

static int follow_scenarios(const struct host_call *call, const struct event_record *event,
                            struct portico_error *error)
{
    size_t count;
    const struct scenario_entry *entries = registry_scenarios(call->host->registry, &count);
    return scenario_take(call->session, entries, count, event, error);
}

/* Runs without news are given up; those long over are removed. */
static int close_scenarios(const struct host_call *call, struct portico_error *error)
{
    size_t count;
    int64_t rows, now = clock_now();
    const struct scenario_entry *entries = registry_scenarios(call->host->registry, &count);
    int code;
    do {
        code = scenario_abandon(call->session, entries, count, now, ROWS, &rows, error);
    } while (code == 0 && rows >= ROWS && !must_stop(call));
    do {
        code =
            code == 0 ? scenario_prune(call->session, now - KEPT_RUNS, ROWS, &rows, error) : code;
    } while (code == 0 && rows == ROWS && !must_stop(call));
    return code;
}

/* What form.h promises: answers for a day, drafts for ninety. */
static int prune_forms(const struct host_call *call, struct portico_error *error)
{
    int code = prune(call, FORM_SENT_KEPT, form_prune_sent, error);
    return code < 0 ? code : prune(call, FORM_DRAFT_KEPT, form_prune_drafts, error);
}

static int tell_notices(const struct host_call *call, struct portico_error *error)
{
    return module_tell_notices(call->host, call->claim, call->watch, error);
}

static int prune_notices_by_time(struct store_session *session, int64_t now, unsigned most,
                                 struct portico_error *error)
{
    int rows = notice_prune(session, now, most, error);
    int limits = rows < 0 ? rows : limit_prune(session, now, most, error);
    return limits < 0 || limits > rows ? limits : rows;
}

static int prune_notices(const struct host_call *call, struct portico_error *error)
{
    return prune(call, clock_now(), prune_notices_by_time, error);
}

static int open_book(const struct host_call *call, struct personal_book **ret_book,
                     struct portico_error *error)
{
    const char *migrations = arena_printf(call->arena, "%s/migrations", paths_share_directory());
    return migrations ? personal_book_open(call->host->registry, migrations, ret_book, error)
                      : error_set(error, PORTICO_ENOMEM, "Memory ended.");
}

static int retain_personal_data(const struct host_call *call, struct portico_error *error)
{
    struct personal_book *book = NULL;
    int code = open_book(call, &book, error);
    if (code == 0)
        code = personal_book_retain(book, call->session, clock_now(), ROWS, false, NULL,
                                    asked_to_stop, (void *)(uintptr_t)call, error);
    personal_book_close(book);
    return code;
}

/* Asked for on a page of the portal's: whom, "person". Tried again while events and jobs of theirs
 * are under way. */
static int erase_person(const struct host_call *call, struct portico_error *error)
{
    static const struct personal_slices slices = { .most = ROWS };
    const int64_t person = portico_get_integer(value_public(call->claim->arguments), "person", 0);
    struct personal_book *book = NULL;
    int code = open_book(call, &book, error);
    if (code == 0)
        code = personal_book_erase(book, call->host, call->session, person, &slices, NULL, error);
    personal_book_close(book);
    return code;
}

/* ---- two people who are one ---- */

#define MERGE_AGAIN (3600 * INT64_C(1000000)) /* µs: by then what was under way is over */

/* What went over is noted slice by slice, so that the proof has it whatever is cut off. */
static int note_merged(const char *table, int64_t rows, void *data, struct portico_error *error)
{
    struct merge_run *run = data;
    struct store_session *session = run->call->session;
    const int64_t before = portico_get_integer(value_public(run->report), "rows", 0);
    run->rows += rows;
    if (value_set_integer(run->report, "rows", before + rows) < 0)
        return error_set(error, PORTICO_ENOMEM, "Memory ended.");
    int code =
        rows ? personal_request_note(session, run->request, run->report, false, error) : PORTICO_OK;
    if (code < 0)
        return code;
    if (must_stop(run->call))
        return error_set(error, PORTICO_EBUSY, "It was asked to stop; it goes on where it was.");
    return job_tell(session, run->call->claim, run->rows, 0, table, error);
}

static int queue_late(const struct merge_run *run, struct portico_error *error)
{
    int64_t id = 0;
    struct value *again = value_new(run->call->arena, PORTICO_OBJECT);
    const struct job_request late = { .module = HOST_MODULE,
                                      .name = PERSONAL_MERGE_JOB,
                                      .kind = JOB_HOST,
                                      .arguments = again,
                                      .not_before = clock_now() + MERGE_AGAIN };
    if (!again || value_set_integer(again, "from", run->from) < 0 ||
        value_set_integer(again, "into", run->into) < 0 || value_set_integer(again, "late", 1) < 0)
        return error_set(error, PORTICO_ENOMEM, "Memory ended.");
    return job_queue(run->call->session, &late, &id, error);
}

/* The proof is closed; after the first run, what came late is looked for once more. */
static int close_merge(const struct merge_run *run, struct portico_error *error)
{
    struct store_session *session = run->call->session;
    if (value_set_integer(run->report, "into", run->into) < 0)
        return error_set(error, PORTICO_ENOMEM, "Memory ended.");
    int code = store_begin(session, error);
    if (code < 0)
        return code;
    code = personal_request_note(session, run->request, run->report, true, error);
    if (code == 0 && !run->late)
        code = queue_late(run, error);
    if (code == 0)
        return store_commit(session, error);
    store_rollback(session);
    return code;
}

/* Who remained may have been merged in turn, or erased: `run->into` 0. */
static int follow_into(struct merge_run *run, struct portico_error *error)
{
    struct identity_person into;
    int code = identity_person_look(run->call->session, run->into, &into, error);
    if (code == PORTICO_ENOENT)
        run->into = 0;
    else if (code == 0 && into.merged_into)
        run->into = into.merged_into;
    return code == PORTICO_ENOENT ? PORTICO_OK : code;
}

/* In a transaction that holds who remains. A late run waits for their erasure, and an erasure for
 * rows that go over. */
static int check_in(struct merge_run *run, struct portico_error *error)
{
    struct store_session *session = run->call->session;
    bool merging = false, leaving = false;
    int code = identity_merging_held(session, run->into, &merging, error);
    if (code == 0 && run->late)
        code = identity_leaving(session, run->into, &leaving, error);
    if (code == 0 && leaving)
        code = error_set(error, PORTICO_EBUSY, "Person %lld is being erased: that comes first.",
                         (long long)run->into);
    if (code == 0)
        code = follow_into(run, error);
    if (code == 0 && run->into)
        code =
            personal_request_open(session, "merge", run->from, &run->request, &run->report, error);
    return code;
}

static int open_merge(struct merge_run *run, struct portico_error *error)
{
    struct store_session *session = run->call->session;
    int code = follow_into(run, error);
    if (code < 0 || !run->into)
        return code;
    code = store_begin(session, error);
    if (code < 0)
        return code;
    code = check_in(run, error);
    if (code == 0)
        return store_commit(session, error);
    store_rollback(session);
    return code;
}

static int put_over(struct merge_run *run, const struct personal_book *book,
                    struct portico_error *error)
{
    const struct personal_merging tables = { .session = run->call->session,
                                             .from = run->from,
                                             .into = run->into,
                                             .most = ROWS,
                                             .told = note_merged,
                                             .data = run };
    struct portico_error unheard = PORTICO_ERROR_INIT;
    int64_t rows = 0;
    int code = personal_book_merge(book, run->call->host, &tables, &rows, error);
    /* A late run that failed comes again: until then nothing waits for it. */
    if (code < 0 && run->late)
        close_merge(run, &unheard);
    return code < 0 ? code : close_merge(run, error);
}

/* Nobody is left whose the rows could be: what came late is erased as well. */
static int erase_late(const struct merge_run *run, const struct personal_book *book,
                      struct portico_error *error)
{
    static const struct personal_slices slices = { .most = ROWS };
    return personal_book_erase(book, run->call->host, run->call->session, run->from, &slices, NULL,
                               error);
}

/* What an earlier try left open. */
static int shut(const struct merge_run *run, struct portico_error *error)
{
    struct value *report = NULL;
    int64_t request = 0;
    int code =
        personal_request_open(run->call->session, "merge", run->from, &request, &report, error);
    return code < 0 ? code
                    : personal_request_note(run->call->session, request, report, true, error);
}

/* Queued by the act that merged them, and once more, "late", by itself. */
static int merge_people(const struct host_call *call, struct portico_error *error)
{
    const struct portico_value *arguments = value_public(call->claim->arguments);
    struct merge_run run = { .call = call,
                             .from = portico_get_integer(arguments, "from", 0),
                             .into = portico_get_integer(arguments, "into", 0),
                             .late = portico_get_integer(arguments, "late", 0) != 0 };
    struct personal_book *book = NULL;
    bool open = false;
    int code = identity_merging(call->session, run.from, &open, error);
    /* Killed behind its end: the proof is closed and the late run queued. */
    if (code < 0 || (!run.late && !open))
        return code;
    code = run.late && open ? shut(&run, error) : 0;
    if (code == 0)
        code = open_merge(&run, error);
    if (code == 0 && !run.late && !run.into)
        code = shut(&run, error);
    if (code == 0)
        code = open_book(call, &book, error);
    if (code == 0)
        code = run.into ? put_over(&run, book, error) : erase_late(&run, book, error);
    personal_book_close(book);
    return code;
}

const struct host_job host_jobs[] = {
    { .name = "scenarios", .schedule = "7 * * * *", .concurrency = 1, .run = close_scenarios },
    { .name = "retention",
      .schedule = "41 2 * * *",
      .deadline = 3600 * INT64_C(1000000),
      .concurrency = 1,
      .run = retain_personal_data },
    { .name = "audit", .schedule = "53 * * * *", .concurrency = 1, .run = keep_audit },
    { .name = "prune-jobs", .schedule = "17 * * * *", .concurrency = 1, .run = prune_jobs },
    { .name = "prune-people", .schedule = "12 * * * *", .concurrency = 1, .run = prune_people },
    { .name = "prune-events", .schedule = "27 * * * *", .concurrency = 1, .run = prune_events },
    { .name = "close-looks", .schedule = "*/5 * * * *", .concurrency = 1, .run = close_looks },
    /* Days begin at midnight, UTC; what could not be told then is soon tried again. */
    { .name = DAYS_JOB, .schedule = "*/5 * * * *", .concurrency = 1, .run = tell_days },
    { .name = "sweep-grants", .schedule = "22 * * * *", .concurrency = 1, .run = sweep_grants },
    { .name = "fold-counts", .schedule = "*/5 * * * *", .concurrency = 1, .run = fold_counts },
    { .name = "tidy-search",
      .schedule = "11 3 * * *",
      .deadline = 3600 * INT64_C(1000000),
      .concurrency = 1,
      .run = tidy_search },
    { .name = "prune-forms", .schedule = "37 * * * *", .concurrency = 1, .run = prune_forms },
    { .name = "prune-notices", .schedule = "47 * * * *", .concurrency = 1, .run = prune_notices },
    { .name = NOTICE_JOB, .run = tell_notices },
    { .name = PERSONAL_ERASE_JOB,
      .deadline = 3600 * INT64_C(1000000),
      .attempts = 60,
      .backoff_most = 600 * INT64_C(1000000),
      .run = erase_person },
    { .name = PERSONAL_MERGE_JOB,
      .deadline = 3600 * INT64_C(1000000),
      .attempts = 60,
      .backoff_most = 600 * INT64_C(1000000),
      .run = merge_people },
    { .name = "prune-files",
      .schedule = "37 * * * *",
      .deadline = 3600 * INT64_C(1000000),
      .concurrency = 1,
      .run = prune_files },
    { .name = MAIL_JOB,
      .backoff = MAIL_BACKOFF,
      .backoff_most = MAIL_BACKOFF_MOST,
      .deadline = 2 * 60 * INT64_C(1000000),
      .run = mail_job },
};
const size_t host_job_count = sizeof host_jobs / sizeof *host_jobs;

static const struct host_listener listeners[] = {
    /* The registry names its types: those of the generation's scenarios. */
    { .name = SCENARIO_LISTENER, .handle = follow_scenarios },
    { .name = NULL },
};

const struct host_listener *host_listener_at(size_t index)
{
    const struct host_listener *listener = &listeners[index];
    return listener->name ? listener : NULL;
}
