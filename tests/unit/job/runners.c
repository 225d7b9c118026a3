/* Many runners at once, threads and processes: no job is held by two, no lane runs twice at once,
 * none runs out of order, a stale runner's work does not count. */
#include "work.h"

#include "base/clock.h"
#include "base/id.h"
#include "job/schedule.h"

#include <sodium.h>
#include <sys/wait.h>

#define JOBS 120
#define LANES 5
#define PROCESSES 2
#define THREADS 3
#define DEADLINE INT64_C(120000000)

/* What runs now, with a key that a second one at the same time would break; and what has run. */
static const char tables[] = "CREATE TABLE shop_running (job {id} PRIMARY KEY);\n"
                             "CREATE TABLE shop_lane (lane {text} PRIMARY KEY);\n"
                             "CREATE TABLE shop_ran (id {id} PRIMARY KEY, job {id} NOT NULL, "
                             "fence {integer} NOT NULL, lane {text}, number {integer} NOT NULL, "
                             "place {integer} NOT NULL);";

static int work(struct store_session *session, const struct job_claim *claim,
                struct portico_error *error)
{
    struct value *rows;
    int64_t number = value_get(claim->arguments, TEXT("number"))->integer;
    int code = store_begin(session, error);
    if (code == 0)
        code = store_execute(session, "INSERT INTO shop_running (job) VALUES (?)",
                             PORTICO_ARGS(portico_arg_id(claim->id)), NULL, error);
    if (code == 0 && claim->lane)
        code = store_execute(session, "INSERT INTO shop_lane (lane) VALUES (?)",
                             PORTICO_ARGS(portico_arg_text(claim->lane)), NULL, error);
    if (code == 0)
        code = store_commit(session, error);
    if (code < 0)
        return code;
    code = store_begin(session, error);
    if (code == 0 && claim->lane)
        code = store_query(session, "SELECT count(*) FROM shop_ran WHERE lane = ?",
                           PORTICO_ARGS(portico_arg_text(claim->lane)), &rows, error);
    int64_t place = code == 0 && claim->lane ? value_rows_at(rows, 0)->integer : 0;
    if (code == 0)
        code = store_execute(
            session,
            "INSERT INTO shop_ran (id, job, fence, lane, number, place) VALUES (?, ?, ?, ?, ?, ?)",
            PORTICO_ARGS(portico_arg_id(id_new()), portico_arg_id(claim->id),
                         portico_arg_integer(claim->fence), portico_arg_text(claim->lane),
                         portico_arg_integer(number), portico_arg_integer(place)),
            NULL, error);
    if (code == 0)
        code = store_execute(session, "DELETE FROM shop_running WHERE job = ?",
                             PORTICO_ARGS(portico_arg_id(claim->id)), NULL, error);
    if (code == 0 && claim->lane)
        code = store_execute(session, "DELETE FROM shop_lane WHERE lane = ?",
                             PORTICO_ARGS(portico_arg_text(claim->lane)), NULL, error);
    return code == 0 ? store_commit(session, error) : code;
}

/* Claims and works until nothing is left. */
static gpointer run(gpointer data)
{
    struct store *store = data;
    struct portico_error error = PORTICO_ERROR_INIT;
    int64_t until = clock_steady() + DEADLINE;
    for (bool left = true; left;) {
        struct arena *arena = arena_new(0);
        struct store_session *session = store_session_new(store, arena, &store_viewer_host, "core");
        struct store_session *guarded = store_session_new(store, arena, &store_viewer_host, "shop");
        struct job_claim claim;
        int code = job_claim(session, &work_anybody, &claim, &error);
        database_must(code, &error);
        if (code == 1) {
            job_guard(guarded, &claim);
            database_must(work(guarded, &claim, &error), &error);
            database_must(job_done(session, &claim, &error), &error);
        } else {
            struct value *figures;
            database_must(job_figures(session, &figures, &error), &error);
            left = value_get(figures, TEXT("waiting"))->integer > 0;
            g_assert_cmpint(clock_steady(), <, until);
            g_thread_yield();
        }
        store_session_end(guarded);
        store_session_end(session);
        arena_free(arena);
    }
    return NULL;
}

static void run_threads(struct store *store)
{
    GThread *threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        threads[i] = g_thread_new("runner", run, store);
    for (size_t i = 0; i < THREADS; i++)
        g_thread_join(threads[i]);
}

static const char *program;

static void start_processes(const struct database *database, GPid pids[PROCESSES])
{
    for (int i = 0; i < PROCESSES; i++) {
        char slot[16];
        g_snprintf(slot, sizeof slot, "%d", i + 2);
        const char *words[] = {
            program, "--runner", database->url, database->directory, slot, NULL
        };
        g_assert_true(g_spawn_async(NULL, (char **)(uintptr_t)words, NULL,
                                    G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pids[i], NULL));
    }
}

static void await_processes(const GPid pids[PROCESSES])
{
    for (int i = 0; i < PROCESSES; i++) {
        int status = -1;
        g_assert_cmpint(waitpid(pids[i], &status, 0), ==, pids[i]);
        g_assert_cmpint(status, ==, 0);
    }
}

static void new_shop(struct database *database)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    database_must(database_try_migrate(database, "shop", "0001-tables.before.sql", tables,
                                       MIGRATE_BEFORE, &error),
                  &error);
}

static void many_runners_hold_each_job_once_and_each_lane_in_order(gconstpointer kind)
{
    struct database database;
    if (!work_new(&database, kind))
        return;
    new_shop(&database);
    for (int i = 0; i < JOBS; i++) {
        struct job_request request = work_request("send");
        struct value *arguments = value_new(database.arena, PORTICO_OBJECT);
        value_set_integer(arguments, "number", i);
        char lane[16];
        g_snprintf(lane, sizeof lane, "topic/%d", i % LANES);
        request.arguments = arguments;
        request.lane = i % 4 ? lane : NULL;
        work_queue(&database, &request);
    }
    GPid pids[PROCESSES];
    start_processes(&database, pids);
    run_threads(database.store);
    await_processes(pids);

    database_next_session(&database);
    struct store_session *session =
        store_session_new(database.store, database.arena, &store_viewer_host, "shop");
    struct portico_error error = PORTICO_ERROR_INIT;
    struct value *rows;
    database_must(store_query(session,
                              "SELECT count(*), count(DISTINCT job), max(fence), "
                              "(SELECT count(*) FROM shop_running) FROM shop_ran",
                              PORTICO_NO_ARGS, &rows, &error),
                  &error);
    g_assert_cmpint(WORK_ROW(rows, 0, 0)->integer, ==, JOBS);
    g_assert_cmpint(WORK_ROW(rows, 0, 1)->integer, ==, JOBS);
    g_assert_cmpint(WORK_ROW(rows, 0, 2)->integer, ==, 1);
    g_assert_cmpint(WORK_ROW(rows, 0, 3)->integer, ==, 0);
    database_must(store_query(session,
                              "SELECT lane, number FROM shop_ran WHERE lane IS NOT NULL "
                              "ORDER BY lane, place",
                              PORTICO_NO_ARGS, &rows, &error),
                  &error);
    for (uint32_t i = 1; i < rows->count; i++)
        if (strcmp(WORK_ROW(rows, i, 0)->text, WORK_ROW(rows, i - 1, 0)->text) == 0)
            g_assert_cmpint(WORK_ROW(rows, i, 1)->integer, >, WORK_ROW(rows, i - 1, 1)->integer);
    store_session_end(session);
    database_free(&database);
}

/* Transactions that queue into one lane at once: whoever commits first is first. */
struct queuer {
    struct store *store;
    int number;
};

static gpointer queue_some(gpointer data)
{
    const struct queuer *queuer = data;
    struct portico_error error = PORTICO_ERROR_INIT;
    for (int i = 0; i < 15; i++) {
        struct arena *arena = arena_new(0);
        struct store_session *session =
            store_session_new(queuer->store, arena, &store_viewer_host, "shop");
        struct value *arguments = value_new(arena, PORTICO_OBJECT);
        struct value *rows;
        database_must(store_begin(session, &error), &error);
        struct job_request request = work_request("send");
        request.arguments = arguments;
        request.lane = "topic/1";
        database_must(job_queue(session, &request, NULL, &error), &error);
        /* The number each transaction reads is one more than what was committed before it. */
        database_must(
            store_query(session, "SELECT count(*) FROM shop_ran", PORTICO_NO_ARGS, &rows, &error),
            &error);
        int64_t id = id_new();
        database_must(store_execute(session,
                                    "INSERT INTO shop_ran (id, job, fence, lane, number, place) "
                                    "VALUES (?, ?, 0, 'order', ?, "
                                    "(SELECT count(*) FROM shop_ran))",
                                    PORTICO_ARGS(portico_arg_id(id), portico_arg_id(id),
                                                 portico_arg_integer(queuer->number)),
                                    NULL, &error),
                      &error);
        if (i % 5 == 4)
            store_rollback(session);
        else
            database_must(store_commit(session, &error), &error);
        store_session_end(session);
        arena_free(arena);
    }
    return NULL;
}

static void a_lane_is_queued_to_by_one_transaction_at_a_time(gconstpointer kind)
{
    struct database database;
    if (!work_new(&database, kind))
        return;
    new_shop(&database);
    struct queuer queuers[4];
    GThread *threads[4];
    for (int i = 0; i < 4; i++) {
        queuers[i] = (struct queuer){ database.store, i };
        threads[i] = g_thread_new("queuer", queue_some, &queuers[i]);
    }
    for (int i = 0; i < 4; i++)
        g_thread_join(threads[i]);
    struct portico_error error = PORTICO_ERROR_INIT;
    struct store_session *session =
        store_session_new(database.store, database.arena, &store_viewer_host, "shop");
    struct value *rows;
    /* Were two of them open at once, two would have read the same place. */
    database_must(store_query(session, "SELECT count(*), count(DISTINCT place) FROM shop_ran",
                              PORTICO_NO_ARGS, &rows, &error),
                  &error);
    g_assert_cmpint(WORK_ROW(rows, 0, 0)->integer, ==, 4 * 12);
    g_assert_cmpint(WORK_ROW(rows, 0, 1)->integer, ==, 4 * 12);
    store_session_end(session);
    g_assert_cmpint(database_integer(&database, "SELECT count(*) FROM portico_job"), ==, 4 * 12);
    database_free(&database);
}

/* While a stale runner's transaction is open its job is not taken over; afterwards it is, and the
 * runner's next one is refused. */
static void a_guarded_transaction_and_a_take_over_exclude_each_other(gconstpointer kind)
{
    struct database database;
    struct job_claim slow, fast;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!work_new(&database, kind))
        return;
    new_shop(&database);
    struct job_request request = work_request("send");
    int64_t id = work_queue(&database, &request);
    g_assert_true(work_claim(&database, &slow));
    work_expire(&database, id);
    struct store_session *session =
        store_session_new(database.store, database.arena, &store_viewer_host, "shop");
    job_guard(session, &slow);
    database_must(store_begin(session, &error), &error);
    if (database.kind == STORE_POSTGRES) /* on SQLite it would wait for the one writer */
        g_assert_false(work_claim(&database, &fast));
    database_must(store_execute(session, "INSERT INTO shop_running (job) VALUES (1)",
                                PORTICO_NO_ARGS, NULL, &error),
                  &error);
    bool stop;
    if (database.kind == STORE_POSTGRES) {
        database_must(job_renew(database.session, &slow, &stop, &error), &error);
    }
    database_must(store_commit(session, &error), &error);
    work_expire(&database, id);
    g_assert_true(work_claim(&database, &fast));
    g_assert_cmpint(fast.fence, ==, 2);
    g_assert_cmpint(store_begin(session, &error), ==, PORTICO_ECONFLICT);
    store_session_end(session);
    database_free(&database);
}

static gpointer run_schedule(gpointer data)
{
    struct store *store = data;
    struct portico_error error = PORTICO_ERROR_INIT;
    struct schedule_entry entry = { .module = "shop", .name = "tally", .text = "every 1h" };
    database_must(schedule_parse(entry.text, &entry.schedule, &error), &error);
    for (int i = 0; i < 10; i++) {
        struct arena *arena = arena_new(0);
        struct store_session *session = store_session_new(store, arena, &store_viewer_host, "core");
        int64_t next = 0;
        database_must(schedule_run(session, &entry, 1, clock_now(), &next, &error), &error);
        g_assert_cmpint(next, >, clock_now());
        store_session_end(session);
        arena_free(arena);
    }
    return NULL;
}

static void what_was_missed_is_queued_once_over_all_runners(gconstpointer kind)
{
    struct database database;
    if (!work_new(&database, kind))
        return;
    run_schedule(database.store); /* a new entry waits for its time */
    g_assert_cmpint(database_integer(&database, "SELECT count(*) FROM portico_job"), ==, 0);
    database_execute(&database, "UPDATE portico_schedule SET next_at = 1", PORTICO_NO_ARGS);
    GThread *threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        threads[i] = g_thread_new("runner", run_schedule, database.store);
    for (size_t i = 0; i < THREADS; i++)
        g_thread_join(threads[i]);
    g_assert_cmpint(database_integer(&database, "SELECT count(*) FROM portico_job"), ==, 1);
    g_assert_cmpint(database_integer(&database, "SELECT max(next_at) FROM portico_schedule"), >,
                    clock_now());
    database_free(&database);
}

#define ENTRIES 200

/* How many calls it took until nothing was due, and the most that one of them wrote. */
static unsigned run_portions(struct database *database, const struct schedule_entry *entries,
                             int64_t now, const char *written, int64_t *ret_most)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    int64_t next = now, before = 0;
    unsigned calls = 0;
    *ret_most = 0;
    for (; next <= now; calls++) {
        database_must(schedule_run(database->session, entries, ENTRIES, now, &next, &error),
                      &error);
        int64_t count = database_integer(database, written);
        *ret_most = MAX(*ret_most, count - before);
        before = count;
        g_assert_cmpuint(calls, <, ENTRIES);
    }
    g_assert_cmpint(before, ==, ENTRIES);
    return calls;
}

static void many_that_are_due_are_queued_in_portions(gconstpointer kind)
{
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!work_new(&database, kind))
        return;
    static char names[ENTRIES][8];
    static struct schedule_entry entries[ENTRIES];
    for (int i = 0; i < ENTRIES; i++) {
        g_snprintf(names[i], sizeof names[i], "j%d", i);
        entries[i] = (struct schedule_entry){ .module = "shop", .name = names[i] };
        entries[i].text = "every 1s";
        database_must(schedule_parse(entries[i].text, &entries[i].schedule, &error), &error);
    }
    int64_t now = INT64_C(1767225600000000), most;
    unsigned calls =
        run_portions(&database, entries, now, "SELECT count(*) FROM portico_schedule", &most);
    g_assert_cmpuint(calls, >, 1);
    g_assert_cmpint(most, <, ENTRIES);
    now += 1000000;
    calls = run_portions(&database, entries, now, "SELECT count(*) FROM portico_job", &most);
    g_assert_cmpuint(calls, >, 1);
    g_assert_cmpint(most, <, ENTRIES);
    database_free(&database);
}

static void a_schedule_that_changed_begins_anew_and_one_long_gone_is_forgotten(gconstpointer kind)
{
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!work_new(&database, kind))
        return;
    struct schedule_entry entry = { .module = "shop", .name = "tally", .text = "0 3 * * *" };
    int64_t next, now = INT64_C(1767225600000000); /* 2026-01-01 00:00 */
    database_must(schedule_parse(entry.text, &entry.schedule, &error), &error);
    database_must(schedule_run(database.session, &entry, 1, now, &next, &error), &error);
    g_assert_cmpint(next, ==, now + INT64_C(3) * 3600000000);
    entry.text = "0 5 * * *";
    database_must(schedule_parse(entry.text, &entry.schedule, &error), &error);
    now += INT64_C(4) * 3600000000; /* three o'clock passed, but it is not its time any more */
    database_must(schedule_run(database.session, &entry, 1, now, &next, &error), &error);
    g_assert_cmpint(next, ==, now + INT64_C(3600000000));
    g_assert_cmpint(database_integer(&database, "SELECT count(*) FROM portico_job"), ==, 0);
    database_must(schedule_run(database.session, NULL, 0, now, &next, &error), &error);
    g_assert_cmpint(next, ==, INT64_MAX);
    g_assert_cmpint(database_integer(&database, "SELECT count(*) FROM portico_schedule"), ==, 1);
    now += INT64_C(8) * 86400000000;
    database_must(schedule_run(database.session, NULL, 0, now, &next, &error), &error);
    g_assert_cmpint(database_integer(&database, "SELECT count(*) FROM portico_schedule"), ==, 0);
    database_free(&database);
}

/* This program again, as one more process with runners. */
static int run_process(char **argv)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const struct store_options options = { .url = argv[2], .directory = argv[3] };
    struct store *store;
    id_set_slot((unsigned)atoi(argv[4]));
    database_must(store_open(&options, &store, &error), &error);
    run_threads(store);
    store_close(store);
    return 0;
}

int main(int argc, char **argv)
{
    program = argv[0];
    g_assert_cmpint(sodium_init(), >=, 0);
    if (argc == 5 && strcmp(argv[1], "--runner") == 0)
        return run_process(argv);
    g_test_init(&argc, &argv, NULL);
    DATABASE_TEST("runners", many_runners_hold_each_job_once_and_each_lane_in_order);
    DATABASE_TEST("runners", a_lane_is_queued_to_by_one_transaction_at_a_time);
    DATABASE_TEST("runners", a_guarded_transaction_and_a_take_over_exclude_each_other);
    DATABASE_TEST("runners", what_was_missed_is_queued_once_over_all_runners);
    DATABASE_TEST("runners", many_that_are_due_are_queued_in_portions);
    DATABASE_TEST("runners", a_schedule_that_changed_begins_anew_and_one_long_gone_is_forgotten);
    return g_test_run();
}
