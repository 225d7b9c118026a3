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
#include "limit/limit.h"
#include "module/form.h"
#include "module/notices.h"
#include "module/personal.h"
#include "search/search.h"
#include "server/mail.h"

#include <stdatomic.h>

#define KEPT_JOBS (7 * 24 * 3600 * INT64_C(1000000))   /* µs after their end; job.h promises it */
#define KEPT_RUNS (400 * 24 * 3600 * INT64_C(1000000)) /* of scenarios, µs after their end */
#define COUNTS 5000 /* added up in one transaction: they are small, and nobody waits for them */
#define PAGES 250   /* of the search index merged in one transaction: about a megabyte */
#define ROWS 500    /* removed in one transaction: other writers get their turn in between */

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

static bool file_removal_must_stop(void *data)
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
    int removed =
        blob_remove_unused(directory, call->session, KEPT_LOOSE_TIME, file_removal_must_stop,
                           (void *)(uintptr_t)call, code < 0 ? NULL : error);
    return code < 0 ? code : removed < 0 ? removed : PORTICO_OK;
}

/* Sessions, links and guesses that are over, and sign-ups that nobody confirmed. */
static int prune_people(const struct host_call *call, struct portico_error *error)
{
    int removed;
    do {
        removed = identity_prune(call->host->identity, call->session, ROWS, error);
    } while (removed >= ROWS && !must_stop(call));
    return removed < 0 ? removed : 0;
}

static int close_looks(const struct host_call *call, struct portico_error *error)
{
    return prune(call, clock_now(), identity_looks_close, error);
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

static bool retention_must_stop(void *data)
{
    return must_stop(data);
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
                                    retention_must_stop, (void *)(uintptr_t)call, error);
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
