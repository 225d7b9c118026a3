/* One runner after another: queued, claimed, held, tried again, over. */
#include "work.h"

#include "base/clock.h"

#include <sodium.h>

static void a_job_is_queued_claimed_and_done_with_all_it_was_given(gconstpointer kind)
{
    struct database database;
    struct job_claim claim;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!work_new(&database, kind))
        return;
    g_assert_false(work_claim(&database, &claim));
    struct value *arguments = value_new(database.arena, PORTICO_OBJECT);
    value_set_text(arguments, "word", "tea");
    struct job_request request = work_request("tally");
    request.arguments = arguments;
    request.person = 7;
    request.account = 8;
    request.attempts = 3;
    request.trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    int64_t id = work_queue(&database, &request);
    g_assert_cmpstr(work_state(&database, id), ==, "waiting");

    g_assert_true(work_claim(&database, &claim));
    g_assert_cmpint(claim.id, ==, id);
    g_assert_cmpint(claim.fence, ==, 1);
    g_assert_cmpstr(claim.module, ==, "shop");
    g_assert_cmpstr(claim.name, ==, "tally");
    g_assert_cmpuint(claim.attempt, ==, 1);
    g_assert_cmpuint(claim.attempts, ==, 3);
    g_assert_cmpint(claim.person, ==, 7);
    g_assert_cmpint(claim.account, ==, 8);
    g_assert_cmpstr(claim.trace, ==, request.trace);
    g_assert_cmpstr(value_get(claim.arguments, TEXT("word"))->text, ==, "tea");
    g_assert_null(claim.saved);
    g_assert_cmpstr(work_state(&database, id), ==, "running");

    struct job_claim second;
    g_assert_false(work_claim(&database, &second));
    database_must(job_tell(database.session, &claim, 3, 9, "third", &error), &error);
    g_assert_cmpint(work_number(&database, id, "done"), ==, 3);
    g_assert_cmpint(work_number(&database, id, "total"), ==, 9);
    g_assert_cmpstr(value_get(work_look(&database, id), TEXT("note"))->text, ==, "third");
    database_must(job_done(database.session, &claim, &error), &error);
    g_assert_cmpstr(work_state(&database, id), ==, "done");
    g_assert_cmpint(job_done(database.session, &claim, &error), ==, PORTICO_ECONFLICT);
    database_free(&database);
}

/* Mail and what people are told of: whose address it was, and of whom, is nobody's business then.
 */
static void what_the_host_did_is_forgotten_once_it_is_done(gconstpointer kind)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct database database;
    struct job_claim claim;
    if (!work_new(&database, kind))
        return;
    for (unsigned i = 0; i < 2; i++) {
        struct job_request request = work_request("letter");
        struct value *arguments = value_new(database.arena, PORTICO_OBJECT);
        value_set_text(arguments, "to", "mara@example.com");
        request.arguments = arguments;
        request.kind = i ? JOB_HOST : JOB_MODULE;
        int64_t id = work_queue(&database, &request);
        g_assert_true(work_claim(&database, &claim));
        g_assert_cmpint(claim.id, ==, id);
        database_must(job_save(database.session, &claim, arguments, &error), &error);
        database_must(job_done(database.session, &claim, &error), &error);
        struct value *rows;
        database_must(store_host_query(database.session,
                                       "SELECT count(arguments), count(saved) FROM portico_job "
                                       "WHERE id = ?",
                                       PORTICO_ARGS(portico_arg_id(id)), &rows, &error),
                      &error);
        g_assert_cmpint(value_rows_at(rows, 0)[0].integer, ==, i ? 0 : 1);
        g_assert_cmpint(value_rows_at(rows, 0)[1].integer, ==, i ? 0 : 1);
    }
    database_free(&database);
}

static unsigned woken;
static void wake(void *data)
{
    g_assert_true(data == &woken);
    woken++;
}

static void
what_is_rolled_back_was_never_queued_and_the_waker_hears_of_commits_only(gconstpointer kind)
{
    struct database database;
    struct job_claim claim;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!work_new(&database, kind))
        return;
    struct job_request request = work_request("tally");
    woken = 0;
    job_set_waker(wake, &woken);
    database_must(store_begin(database.session, &error), &error);
    work_queue(&database, &request);
    store_rollback(database.session);
    g_assert_cmpuint(woken, ==, 0);
    g_assert_false(work_claim(&database, &claim));

    database_must(store_begin(database.session, &error), &error);
    work_queue(&database, &request);
    work_queue(&database, &request);
    g_assert_cmpuint(woken, ==, 0);
    database_must(store_commit(database.session, &error), &error);
    g_assert_cmpuint(woken, ==, 1);
    work_queue(&database, &request);
    g_assert_cmpuint(woken, ==, 2);
    job_set_waker(NULL, NULL);
    database_free(&database);
}

static void a_key_is_queued_once_while_it_waits(gconstpointer kind)
{
    struct database database;
    struct job_claim claim, second;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!work_new(&database, kind))
        return;
    struct job_request request = work_request("tally");
    request.key = "acme";
    int64_t first = work_queue(&database, &request), again = 0;
    database_must(store_begin(database.session, &error), &error);
    g_assert_cmpint(job_queue(database.session, &request, &again, &error), ==, PORTICO_EEXIST);
    g_assert_cmpint(again, ==, first);
    /* It is an answer, not a failed statement: the transaction goes on. */
    database_must(store_commit(database.session, &error), &error);

    g_assert_true(work_claim(&database, &claim));
    int64_t other = work_queue(&database, &request);
    g_assert_cmpint(other, !=, first);
    /* The first comes back while the other waits with the key: both wait, one of them without. */
    database_must(job_failed(database.session, &claim, "No tea.", false, 1, 1, &error), &error);
    g_assert_cmpstr(work_state(&database, first), ==, "waiting");
    g_assert_cmpint(job_queue(database.session, &request, &again, &error), ==, PORTICO_EEXIST);
    g_assert_cmpint(again, ==, other);
    work_expire(&database, first);
    g_assert_true(work_claim(&database, &second));
    g_assert_true(work_claim(&database, &second));
    database_free(&database);
}

static void a_lane_runs_in_the_order_of_queueing_and_waits_for_its_head(gconstpointer kind)
{
    struct database database;
    struct job_claim claim, other;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!work_new(&database, kind))
        return;
    struct job_request request = work_request("send");
    request.lane = "topic/1";
    int64_t first = work_queue(&database, &request);
    int64_t second = work_queue(&database, &request);
    request.module = "other"; /* a lane is a module's own */
    int64_t elsewhere = work_queue(&database, &request);

    g_assert_true(work_claim(&database, &claim));
    g_assert_cmpint(claim.id, ==, first);
    g_assert_true(work_claim(&database, &other));
    g_assert_cmpint(other.id, ==, elsewhere);
    g_assert_false(work_claim(&database, &other));
    int64_t next = 0;
    database_must(job_failed(database.session, &claim, "No answer.", false, 3600000000, 0, &error),
                  &error);
    g_assert_false(work_claim(&database, &other));
    database_must(job_next_due(database.session, &next, &error), &error);
    g_assert_cmpint(next, >, clock_now());
    work_expire(&database, first);
    g_assert_true(work_claim(&database, &claim));
    g_assert_cmpint(claim.id, ==, first);
    g_assert_cmpuint(claim.attempt, ==, 2);
    database_must(job_done(database.session, &claim, &error), &error);
    g_assert_true(work_claim(&database, &claim));
    g_assert_cmpint(claim.id, ==, second);

    /* Tried again by hand it stands behind what its lane queued meanwhile. */
    request.module = "shop";
    int64_t third = work_queue(&database, &request);
    database_must(job_failed(database.session, &claim, "Wrong.", true, 0, 0, &error), &error);
    g_assert_cmpstr(work_state(&database, second), ==, "failed");
    database_must(job_retry(database.session, second, &error), &error);
    g_assert_true(work_claim(&database, &claim));
    g_assert_cmpint(claim.id, ==, third);
    g_assert_false(work_claim(&database, &other));
    database_must(job_done(database.session, &claim, &error), &error);
    g_assert_true(work_claim(&database, &claim));
    g_assert_cmpint(claim.id, ==, second);
    g_assert_cmpuint(claim.attempt, ==, 1);
    database_free(&database);
}

static void failures_wait_twice_as_long_each_time_up_to_a_limit_and_end(gconstpointer kind)
{
    struct database database;
    struct job_claim claim;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!work_new(&database, kind))
        return;
    struct job_request request = work_request("tally");
    request.attempts = 5;
    int64_t id = work_queue(&database, &request);
    static const int64_t waits[] = { 8000000, 16000000, 32000000, 40000000 };
    for (size_t i = 0; i < G_N_ELEMENTS(waits); i++) {
        g_assert_true(work_claim(&database, &claim));
        int64_t before = clock_now();
        database_must(
            job_failed(database.session, &claim, "No tea.", false, 8000000, 40000000, &error),
            &error);
        int64_t after = clock_now();
        int64_t next = work_number(&database, id, "next");
        g_assert_cmpint(next, >=, before + waits[i] / 2);
        g_assert_cmpint(next, <=, after + waits[i]);
        g_assert_cmpstr(value_get(work_look(&database, id), TEXT("error"))->text, ==, "No tea.");
        work_expire(&database, id);
    }
    g_assert_true(work_claim(&database, &claim));
    g_assert_cmpuint(claim.attempt, ==, 5);
    database_must(job_failed(database.session, &claim, "No tea.", false, 1, 1, &error), &error);
    g_assert_cmpstr(work_state(&database, id), ==, "failed");
    g_assert_cmpint(work_number(&database, id, "attempt"), ==, 5);
    g_assert_cmpint(job_cancel(database.session, "shop", id, &error), ==, PORTICO_ENOENT);
    database_free(&database);
}

static void a_result_is_judged_by_its_code(gconstpointer kind)
{
    static const struct {
        int result;
        bool stopped;
        const char *state;
        int64_t attempt;
    } rows[] = {
        { 0, false, "done", 1 },
        { PORTICO_EBUSY, true, "waiting", 1 },
        { PORTICO_EBUSY, false, "waiting", 2 },
        { PORTICO_EINVAL, false, "failed", 1 },
        { PORTICO_EIO, false, "waiting", 2 },
        { PORTICO_EIO, true, "waiting", 2 },
    };
    struct database database;
    struct job_claim claim;
    struct portico_error error = PORTICO_ERROR_INIT;
    const struct job_policy policy = { 0 };
    if (!work_new(&database, kind))
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct job_request request = work_request("tally");
        int64_t id = work_queue(&database, &request);
        g_assert_true(work_claim(&database, &claim));
        g_assert_cmpint(claim.id, ==, id);
        database_must(job_conclude(database.session, &claim, &policy, rows[i].result,
                                   rows[i].stopped, "", &error),
                      &error);
        g_assert_cmpstr(work_state(&database, id), ==, rows[i].state);
        g_assert_cmpint(work_number(&database, id, "attempt"), ==, rows[i].attempt);
        if (rows[i].result == PORTICO_EIO)
            g_assert_cmpstr(value_get(work_look(&database, id), TEXT("error"))->text, ==,
                            "It returned EIO without a message.");
        database_execute(&database, "DELETE FROM portico_job", PORTICO_NO_ARGS);
    }
    database_free(&database);
}

static void a_dead_runners_job_is_taken_over_and_its_fence_changes_nothing(gconstpointer kind)
{
    struct database database;
    struct job_claim dead, alive;
    struct portico_error error = PORTICO_ERROR_INIT;
    bool stop;
    if (!work_new(&database, kind))
        return;
    database_must(database_try_migrate(&database, "shop", "0001-rows.before.sql",
                                       "CREATE TABLE shop_row (id {id} PRIMARY KEY);",
                                       MIGRATE_BEFORE, &error),
                  &error);
    struct job_request request = work_request("tally");
    int64_t id = work_queue(&database, &request);
    g_assert_true(work_claim(&database, &dead));
    struct value *state = value_new(database.arena, PORTICO_OBJECT);
    value_set_integer(state, "row", 12);
    database_must(job_save(database.session, &dead, state, &error), &error);
    database_must(job_renew(database.session, &dead, &stop, &error), &error);
    g_assert_false(stop);
    work_expire(&database, id);
    g_assert_true(work_claim(&database, &alive));
    g_assert_cmpint(alive.id, ==, id);
    g_assert_cmpint(alive.fence, ==, dead.fence + 1);
    g_assert_cmpuint(alive.attempt, ==, 2);
    g_assert_cmpint(value_get(alive.saved, TEXT("row"))->integer, ==, 12);

    g_assert_cmpint(job_renew(database.session, &dead, &stop, &error), ==, PORTICO_ECONFLICT);
    g_assert_nonnull(strstr(error.message, "another runner has it"));
    g_assert_cmpint(job_tell(database.session, &dead, 1, 1, NULL, &error), ==, PORTICO_ECONFLICT);
    g_assert_cmpint(job_save(database.session, &dead, state, &error), ==, PORTICO_ECONFLICT);
    g_assert_cmpint(job_done(database.session, &dead, &error), ==, PORTICO_ECONFLICT);
    g_assert_cmpint(job_put_back(database.session, &dead, &error), ==, PORTICO_ECONFLICT);
    g_assert_cmpint(job_failed(database.session, &dead, "x", true, 0, 0, &error), ==,
                    PORTICO_ECONFLICT);

    /* Its own tables neither: a statement, a transaction, a query that writes. */
    static const char insert[] = "INSERT INTO shop_row (id) VALUES (?)";
    static const char insert_returning[] = "INSERT INTO shop_row (id) VALUES (?) RETURNING id";
    struct value *rows;
    struct store_session *slow =
        store_session_new(database.store, database.arena, &store_viewer_host, "shop");
    job_guard(slow, &dead);
    g_assert_cmpint(store_execute(slow, insert, PORTICO_ARGS(portico_arg_id(1)), NULL, &error), ==,
                    PORTICO_ECONFLICT);
    g_assert_nonnull(strstr(error.message, "another runner has it"));
    g_assert_cmpint(
        store_query(slow, insert_returning, PORTICO_ARGS(portico_arg_id(2)), &rows, &error), ==,
        PORTICO_ECONFLICT);
    g_assert_cmpint(store_begin(slow, &error), ==, PORTICO_ECONFLICT);
    g_assert_false(store_in_transaction(slow));
    g_assert_cmpint(
        store_query(slow, "SELECT count(*) FROM shop_row", PORTICO_NO_ARGS, &rows, &error), ==, 0);
    store_session_end(slow);

    struct store_session *holder =
        store_session_new(database.store, database.arena, &store_viewer_host, "shop");
    job_guard(holder, &alive);
    database_must(store_execute(holder, insert, PORTICO_ARGS(portico_arg_id(3)), NULL, &error),
                  &error);
    database_must(
        store_query(holder, insert_returning, PORTICO_ARGS(portico_arg_id(4)), &rows, &error),
        &error);
    g_assert_cmpint(WORK_ROW(rows, 0, 0)->integer, ==, 4);
    database_must(store_begin(holder, &error), &error);
    database_must(store_execute(holder, insert, PORTICO_ARGS(portico_arg_id(5)), NULL, &error),
                  &error);
    value_set_integer(state, "row", 13);
    database_must(job_save(holder, &alive, state, &error), &error);
    store_rollback(holder);
    store_session_end(holder);
    g_assert_cmpint(database_integer(&database, "SELECT count(*) FROM shop_row"), ==, 2);
    /* Work and place went back together. */
    work_expire(&database, id);
    g_assert_true(work_claim(&database, &alive));
    g_assert_cmpint(value_get(alive.saved, TEXT("row"))->integer, ==, 12);
    database_free(&database);
}

static void a_job_whose_runners_die_is_given_up_with_its_last_try(gconstpointer kind)
{
    struct database database;
    struct job_claim claim;
    if (!work_new(&database, kind))
        return;
    struct job_request request = work_request("crash");
    request.attempts = 2;
    int64_t id = work_queue(&database, &request);
    g_assert_true(work_claim(&database, &claim));
    work_expire(&database, id);
    g_assert_true(work_claim(&database, &claim));
    work_expire(&database, id);
    g_assert_false(work_claim(&database, &claim));
    g_assert_cmpstr(work_state(&database, id), ==, "failed");
    g_assert_nonnull(
        strstr(value_get(work_look(&database, id), TEXT("error"))->text, "Its runner ended"));
    database_free(&database);
}

static void cancelling_takes_a_waiting_job_out_and_asks_a_running_one_to_stop(gconstpointer kind)
{
    struct database database;
    struct job_claim claim;
    struct portico_error error = PORTICO_ERROR_INIT;
    bool stop = false;
    if (!work_new(&database, kind))
        return;
    struct job_request request = work_request("tally");
    int64_t id = work_queue(&database, &request);
    g_assert_cmpint(job_cancel(database.session, "other", id, &error), ==, PORTICO_ENOENT);
    database_must(job_cancel(database.session, "shop", id, &error), &error);
    g_assert_cmpstr(work_state(&database, id), ==, "cancelled");
    g_assert_false(work_claim(&database, &claim));
    database_must(job_retry(database.session, id, &error), &error);
    g_assert_true(work_claim(&database, &claim));
    database_must(job_cancel(database.session, NULL, id, &error), &error);
    g_assert_cmpstr(work_state(&database, id), ==, "running");
    database_must(job_renew(database.session, &claim, &stop, &error), &error);
    g_assert_true(stop);
    database_must(job_put_back(database.session, &claim, &error), &error);
    g_assert_cmpstr(work_state(&database, id), ==, "cancelled");

    /* One whose runner is dead is cancelled by the next who looks for work. */
    database_must(job_retry(database.session, id, &error), &error);
    g_assert_true(work_claim(&database, &claim));
    database_must(job_cancel(database.session, "shop", id, &error), &error);
    work_expire(&database, id);
    g_assert_false(work_claim(&database, &claim));
    g_assert_cmpstr(work_state(&database, id), ==, "cancelled");
    database_free(&database);
}

static bool not_send(const char *module, const char *name, enum job_kind kind, void *data)
{
    (void)module, (void)kind, (void)data;
    return strcmp(name, "send") != 0;
}
static unsigned two(const char *module, const char *name, enum job_kind kind, void *data)
{
    (void)module, (void)kind, (void)data;
    return strcmp(name, "scan") == 0 ? 2 : 0;
}

static void what_a_process_does_not_take_or_has_no_room_for_holds_up_nothing(gconstpointer kind)
{
    struct database database;
    struct job_claim claim;
    struct portico_error error = PORTICO_ERROR_INIT;
    const struct job_claimant claimant = { .runner = "r", .takes = not_send, .concurrency = two };
    if (!work_new(&database, kind))
        return;
    static const char *const names[] = { "send", "send", "scan", "scan", "scan", "tally" };
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        struct job_request request = work_request(names[i]);
        work_queue(&database, &request);
    }
    static const char *const expected[] = { "scan", "scan", "tally" };
    for (size_t i = 0; i < G_N_ELEMENTS(expected); i++) {
        g_assert_cmpint(job_claim(database.session, &claimant, &claim, &error), ==, 1);
        g_assert_cmpstr(claim.name, ==, expected[i]);
    }
    g_assert_cmpint(job_claim(database.session, &claimant, &claim, &error), ==, 0);
    database_free(&database);
}

static void a_job_waits_for_its_time_and_the_next_time_is_known(gconstpointer kind)
{
    struct database database;
    struct job_claim claim;
    struct portico_error error = PORTICO_ERROR_INIT;
    int64_t due = 0;
    if (!work_new(&database, kind))
        return;
    database_must(job_next_due(database.session, &due, &error), &error);
    g_assert_cmpint(due, ==, INT64_MAX);
    struct job_request request = work_request("tally");
    request.not_before = clock_now() + 3600000000;
    work_queue(&database, &request);
    g_assert_false(work_claim(&database, &claim));
    database_must(job_next_due(database.session, &due, &error), &error);
    g_assert_cmpint(due, ==, request.not_before);
    database_free(&database);
}

static void figures_lists_and_pruning_follow_the_states(gconstpointer kind)
{
    struct database database;
    struct job_claim claim;
    struct portico_error error = PORTICO_ERROR_INIT;
    struct value *figures, *list;
    if (!work_new(&database, kind))
        return;
    int64_t ids[4];
    for (size_t i = 0; i < 4; i++) {
        struct job_request request = work_request("tally");
        ids[i] = work_queue(&database, &request);
    }
    g_assert_true(work_claim(&database, &claim));
    database_must(job_done(database.session, &claim, &error), &error);
    g_assert_true(work_claim(&database, &claim));
    database_must(job_cancel(database.session, "shop", ids[3], &error), &error);
    database_must(job_figures_open(database.session, &figures, &error), &error);
    g_assert_cmpint(value_get(figures, TEXT("running"))->integer, ==, 1);
    g_assert_cmpint(value_get(figures, TEXT("waiting"))->integer, ==, 1);
    g_assert_null(value_get(figures, TEXT("done")));
    database_must(job_figures(database.session, &figures, &error), &error);
    g_assert_cmpint(value_get(figures, TEXT("done"))->integer, ==, 1);
    g_assert_cmpint(value_get(figures, TEXT("running"))->integer, ==, 1);
    g_assert_cmpint(value_get(figures, TEXT("waiting"))->integer, ==, 1);
    g_assert_cmpint(value_get(figures, TEXT("cancelled"))->integer, ==, 1);
    g_assert_cmpint(value_get(figures, TEXT("failed"))->integer, ==, 0);
    g_assert_cmpint(value_get(figures, TEXT("oldest_due_age"))->integer, >, 0);
    database_must(job_list(database.session, -1, 3, &list, &error), &error);
    g_assert_cmpuint(list->count, ==, 3);
    g_assert_cmpint(value_get(value_at(list, 0), TEXT("id"))->integer, ==, ids[3]);
    database_must(job_list(database.session, JOB_RUNNING, 9, &list, &error), &error);
    g_assert_cmpuint(list->count, ==, 1);
    g_assert_cmpstr(value_get(value_at(list, 0), TEXT("runner"))->text, ==, "here/1/0");

    database_must(job_prune(database.session, 3600000000, 10, &error), &error);
    g_assert_cmpint(database_integer(&database, "SELECT count(*) FROM portico_job"), ==, 4);
    database_must(job_prune(database.session, -1000000, 10, &error), &error);
    /* What is over goes, but for the newest row, from which the order is counted on. */
    g_assert_cmpint(database_integer(&database, "SELECT count(*) FROM portico_job"), ==, 3);
    struct portico_error missing = PORTICO_ERROR_INIT;
    struct value *job;
    g_assert_cmpint(job_look(database.session, "shop", ids[0], &job, &missing), ==, PORTICO_ENOENT);
    database_free(&database);
}

static void arguments_have_a_limit(gconstpointer kind)
{
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!work_new(&database, kind))
        return;
    struct value *arguments = value_new(database.arena, PORTICO_OBJECT);
    char *text = g_strnfill(JOB_ARGUMENTS_MAX, 'x');
    value_set_text(arguments, "text", text);
    struct job_request request = work_request("tally");
    request.arguments = arguments;
    g_assert_cmpint(job_queue(database.session, &request, NULL, &error), ==, PORTICO_ELIMIT);
    request.arguments = value_text(database.arena, "x", 1);
    g_assert_cmpint(job_queue(database.session, &request, NULL, &error), ==, PORTICO_EINVAL);
    g_free(text);
    database_free(&database);
}

int main(int argc, char **argv)
{
    g_assert_cmpint(sodium_init(), >=, 0);
    g_test_init(&argc, &argv, NULL);
    DATABASE_TEST("queue", a_job_is_queued_claimed_and_done_with_all_it_was_given);
    DATABASE_TEST("queue", what_the_host_did_is_forgotten_once_it_is_done);
    DATABASE_TEST("queue",
                  what_is_rolled_back_was_never_queued_and_the_waker_hears_of_commits_only);
    DATABASE_TEST("queue", a_key_is_queued_once_while_it_waits);
    DATABASE_TEST("queue", a_lane_runs_in_the_order_of_queueing_and_waits_for_its_head);
    DATABASE_TEST("queue", failures_wait_twice_as_long_each_time_up_to_a_limit_and_end);
    DATABASE_TEST("queue", a_result_is_judged_by_its_code);
    DATABASE_TEST("queue", a_dead_runners_job_is_taken_over_and_its_fence_changes_nothing);
    DATABASE_TEST("queue", a_job_whose_runners_die_is_given_up_with_its_last_try);
    DATABASE_TEST("queue", cancelling_takes_a_waiting_job_out_and_asks_a_running_one_to_stop);
    DATABASE_TEST("queue", what_a_process_does_not_take_or_has_no_room_for_holds_up_nothing);
    DATABASE_TEST("queue", a_job_waits_for_its_time_and_the_next_time_is_known);
    DATABASE_TEST("queue", figures_lists_and_pruning_follow_the_states);
    DATABASE_TEST("queue", arguments_have_a_limit);
    return g_test_run();
}
