/* Long lanes: a look for work does not read all that waits in them, and nothing stays behind. */
#include "work.h"

#include "base/clock.h"
#include "job/room.h"

#include <sodium.h>
#include <sqlite3.h>

#define LONG 10000
#define BATCH 500
#define LOOKED_AT 64 /* what a look may leave to be read again */

static int64_t queue_many(struct database *database, const char *lane, int count)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct job_request request = work_request("tally");
    int64_t first = 0, id = 0;
    request.lane = lane;
    for (int i = 0; i < count; i++) {
        if (i % BATCH == 0) {
            database_next_session(database);
            database_must(store_begin(database->session, &error), &error);
        }
        database_must(job_queue(database->session, &request, &id, &error), &error);
        first = first ? first : id;
        if ((i + 1) % BATCH == 0 || i + 1 == count)
            database_must(store_commit(database->session, &error), &error);
    }
    database_next_session(database);
    return first;
}

static void finish(struct database *database, const struct job_claim *claim)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    database_must(job_done(database->session, claim, &error), &error);
}

static int64_t open_rows(struct database *database)
{
    return database_integer(database, "{unfiltered a test} SELECT count(*) FROM portico_job "
                                      "WHERE state < 2 AND parked = 0");
}

/* The text as the drivers run it. */
static char *plain(const char *text, const char *limit)
{
    char *now = g_strdup_printf("%lld", (long long)clock_now());
    char **parts = g_strsplit(strchr(text, '}') + 1, "?", -1);
    char *filled = g_strjoinv(now, parts);
    char *sql = g_strconcat(filled, JOB_ORDERED, limit, NULL);
    g_strfreev(parts);
    g_free(filled);
    g_free(now);
    return sql;
}

static char *ask_postgres(const char *url, const char *sql, const char *verb)
{
    GString *plan = g_string_new(NULL);
    PGconn *server = PQconnectdb(url);
    char *text = g_strconcat(verb, sql, NULL);
    PGresult *result = PQexec(server, text);
    if (*PQresultErrorMessage(result))
        g_error("%s: %s", text, PQresultErrorMessage(result));
    for (int i = 0; i < PQntuples(result); i++)
        g_string_append_printf(plan, "%s\n", PQgetvalue(result, i, 0));
    PQclear(result);
    PQfinish(server);
    g_free(text);
    return g_string_free(plan, FALSE);
}

static int add_line(void *data, int count, char **values, char **names)
{
    (void)names;
    g_string_append_printf(data, "%s\n", values[count - 1]);
    return 0;
}

/* The store is closed: nobody else in this process has the file open. */
static char *plan_of_sqlite(const char *url, const char *sql)
{
    GString *plan = g_string_new(NULL);
    sqlite3 *database = NULL;
    char *text = g_strconcat("EXPLAIN QUERY PLAN ", sql, NULL);
    g_assert_cmpint(sqlite3_open(url + strlen("sqlite:"), &database), ==, SQLITE_OK);
    g_assert_cmpint(sqlite3_exec(database, text, add_line, plan, NULL), ==, SQLITE_OK);
    sqlite3_close(database);
    g_free(text);
    return g_string_free(plan, FALSE);
}

static void has_words(const char *plan, const char *const *words)
{
    for (size_t i = 0; words[i]; i++)
        if (!strstr(plan, words[i]))
            g_error("The plan does not have “%s”:\n%s", words[i], plan);
}

static void explain(struct database *database, const char *text, const char *limit)
{
    static const char *const indexes[] = { "portico_job_open", "portico_job_lane", NULL };
    char *sql = plain(text, limit), *plan;
    if (database->kind == STORE_POSTGRES)
        plan = ask_postgres(database->url, sql, "EXPLAIN ");
    else
        plan = plan_of_sqlite(database->url, sql);
    g_test_message("%s", plan);
    has_words(plan, indexes);
    g_assert_null(strstr(plan, "Seq Scan"));
    g_assert_null(strstr(plan, "SCAN j"));
    g_assert_null(strstr(plan, "TEMP B-TREE"));
    g_assert_null(strstr(plan, "Sort"));
    g_free(plan);
    g_free(sql);
}

static int64_t time_a_claim(struct database *database, struct job_claim *claim, bool expected)
{
    int64_t begun = clock_steady();
    g_assert_cmpint(work_claim(database, claim), ==, expected);
    int64_t took = clock_steady() - begun;
    database_next_session(database);
    return took;
}

static void a_look_past_a_lane_of_10000_reads_a_page_of_it_once_it_was_seen(gconstpointer kind)
{
    struct database database;
    struct job_claim claim, none, other;
    if (!work_new(&database, kind))
        return;
    int64_t first = queue_many(&database, "long", LONG);
    if (database.kind == STORE_POSTGRES) {
        /* The server does it by itself within a minute. */
        g_free(ask_postgres(database.url, "portico_job", "ANALYZE "));
        explain(&database, JOB_LOOK(JOB_AHEAD_POSTGRES), "64");
        explain(&database, JOB_CANDIDATE(JOB_AHEAD_POSTGRES), "1");
    }
    int64_t head = time_a_claim(&database, &claim, true);
    g_assert_cmpint(claim.id, ==, first);
    int64_t seeing = time_a_claim(&database, &none, false);
    g_assert_cmpint(open_rows(&database), <=, 1 + LOOKED_AT);
    int64_t again = time_a_claim(&database, &none, false);
    struct job_request request = work_request("tally");
    int64_t id = work_queue(&database, &request);
    int64_t past = time_a_claim(&database, &other, true);
    g_assert_cmpint(other.id, ==, id);
    g_test_message("%d in a lane on %s: the head %lld us, the first look past it %lld us, the next "
                   "%lld us, a claim past it %lld us",
                   LONG, database.kind == STORE_SQLITE ? "SQLite" : "PostgreSQL", (long long)head,
                   (long long)seeing, (long long)again, (long long)past);
    if (database.kind == STORE_SQLITE) {
        database_close(&database);
        explain(&database, JOB_LOOK(JOB_AHEAD_SQLITE), "64");
        explain(&database, JOB_CANDIDATE(JOB_AHEAD_SQLITE), "1");
    }
    database_free(&database);
}

/* Once a second while work moves: no row of the table, and none of the index that is over. */
static void open_jobs_are_counted_in_an_index_alone(void)
{
    struct database database;
    if (!work_new(&database, GINT_TO_POINTER(STORE_SQLITE)))
        return;
    database_close(&database);
    char *plan = plan_of_sqlite(database.url, strchr(JOB_COUNT_OPEN, '}') + 1);
    g_assert_nonnull(strstr(plan, "SEARCH portico_job USING COVERING INDEX portico_job_over "
                                  "(state=?)"));
    g_assert_null(strstr(plan, "SCAN"));
    g_assert_null(strstr(plan, "TEMP B-TREE"));
    g_free(plan);
    database_free(&database);
}

/* Each way in which a job ends, and one that was passed by while it did. */
static void whatever_ends_a_job_lets_the_next_of_its_lane_go(gconstpointer kind)
{
    struct database database;
    struct job_claim claim, none;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!work_new(&database, kind))
        return;
    queue_many(&database, "line", 40);
    struct value *ids = database_query(
        &database, "{unfiltered a test} SELECT id FROM portico_job ORDER BY sequence",
        PORTICO_NO_ARGS);
    int64_t id[40];
    for (uint32_t i = 0; i < 40; i++)
        id[i] = value_rows_at(ids, i)->integer;
    for (int i = 0; i < 6; i++) {
        database_next_session(&database);
        g_assert_true(work_claim(&database, &claim));
        g_assert_cmpint(claim.id, ==, id[i]);
        g_assert_false(work_claim(&database, &none));
        g_assert_cmpint(open_rows(&database), ==, 1);
        switch (i) {
        case 0: finish(&database, &claim); break;
        case 1:
            database_must(job_failed(database.session, &claim, "Broken.", true, 0, 0, &error),
                          &error);
            break;
        case 2: /* asked to stop, and put back */
            database_must(job_cancel(database.session, NULL, id[i], &error), &error);
            database_must(job_put_back(database.session, &claim, &error), &error);
            break;
        case 3: /* cancelled while it waits for its next try */
            database_must(job_put_back(database.session, &claim, &error), &error);
            database_must(job_cancel(database.session, NULL, id[i], &error), &error);
            break;
        case 4: /* its runners die until it is given up */
            database_execute(&database, "UPDATE portico_job SET attempts = 1 WHERE id = ?",
                             PORTICO_ARGS(portico_arg_id(id[i])));
            work_expire(&database, id[i]);
            break;
        default: /* the next was cancelled meanwhile */
            database_must(job_cancel(database.session, NULL, id[i + 1], &error), &error);
            finish(&database, &claim);
        }
    }
    for (int i = 7; i < 40; i++) {
        database_next_session(&database);
        g_assert_true(work_claim(&database, &claim));
        g_assert_cmpint(claim.id, ==, id[i]);
        finish(&database, &claim);
    }
    g_assert_false(work_claim(&database, &none));
    database_free(&database);
}

static void what_an_earlier_host_left_parked_is_found(gconstpointer kind)
{
    struct database database;
    struct job_claim claim, none;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!work_new(&database, kind))
        return;
    queue_many(&database, "line", 30);
    g_assert_true(work_claim(&database, &claim));
    g_assert_false(work_claim(&database, &none));
    database_execute(&database, "UPDATE portico_job SET state = 2 WHERE id = ?",
                     PORTICO_ARGS(portico_arg_id(claim.id)));
    g_assert_false(work_claim(&database, &none));
    database_must(job_unpark(database.session, &error), &error);
    g_assert_cmpint(open_rows(&database), ==, 1);
    g_assert_true(work_claim(&database, &claim));
    database_free(&database);
}

int main(int argc, char **argv)
{
    g_assert_cmpint(sodium_init(), >=, 0);
    g_test_init(&argc, &argv, NULL);
    DATABASE_TEST("lanes", a_look_past_a_lane_of_10000_reads_a_page_of_it_once_it_was_seen);
    g_test_add_func("/lanes/open jobs are counted in an index alone",
                    open_jobs_are_counted_in_an_index_alone);
    DATABASE_TEST("lanes", whatever_ends_a_job_lets_the_next_of_its_lane_go);
    DATABASE_TEST("lanes", what_an_earlier_host_left_parked_is_found);
    return g_test_run();
}
