/* What a visible list costs as it grows: `bench_visible MIGRATIONS TOPICS…`, once for each number
 * of topics and each database. Prints lines "DATABASE TOPICS WHAT MICROSECONDS"; bench.mjs reads
 * them. The topics belong to 1,000 accounts; one in twenty is for everyone. */
#include "../unit/store/database.h"

#include "base/clock.h"
#include "identity/account.h"
#include "identity/member.h"
#include "identity/person.h"
#include "identity/standing.h"
#include "search/search.h"

#define HOUR INT64_C(3600000000)
#define TIMES 101
#define SEARCHED 100 /* documents that hold the word looked for, however many there are */

#define NUMBERS                                                                                    \
    "(WITH RECURSIVE bench_c AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM bench_c WHERE n < %s) " \
    "SELECT n FROM bench_c) q"

static const char tables[] =
    "CREATE TABLE bench_topic (id {id} PRIMARY KEY, space {id} NOT NULL, audience {id} NOT NULL, "
    "activity {time} NOT NULL, title {text} NOT NULL);\n"
    "INSERT INTO bench_topic (id, space, audience, activity, title) SELECT n, 1, CASE WHEN n %% 20 "
    "= 0 THEN 1 ELSE 100 + n %% 1000 END, n * 7919 %% 1000003, 'A topic about this and that' "
    "FROM " NUMBERS ";\n"
    "CREATE INDEX bench_topic_list ON bench_topic (space, audience, activity, id);\n"
    "-- count: bench_topic space\n";

static const char documents[] =
    "{unfiltered the bench fills its database} INSERT INTO portico_document (id, module, kind, "
    "subject, audience, time, title, body, url%s) SELECT n, 'bench', 'topic', n, CASE WHEN n <= %d "
    "THEN 1 ELSE 100 + n %% 1000 END, n, 'A topic', CASE WHEN n <= %d THEN 'a harbour' ELSE 'some "
    "words' END, '/bench'%s FROM " NUMBERS;

struct bench {
    struct database database;
    const char *topics; /* how many */
    struct identity *identity;
    int64_t person;
    const struct store_viewer *viewer;
    const struct portico_page_query *query;
    const char *sql;
};

static int64_t own[] = { 1, 2, 150, 250, 350, 450 };
static int64_t many[1000];

static void must(int code, const struct portico_error *error)
{
    database_must(code, error);
}

static int compare(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

/* The median of what one of `run` takes, each in a session of its own. */
static double measure(struct bench *bench, void (*run)(struct bench *, struct store_session *))
{
    int64_t taken[TIMES];
    for (int i = 0; i < TIMES; i++) {
        struct arena *arena = arena_new(0);
        struct store_session *session =
            store_session_new(bench->database.store, arena, bench->viewer, "bench");
        int64_t start = g_get_monotonic_time();
        for (int j = 0; j < 20; j++)
            run(bench, session);
        taken[i] = g_get_monotonic_time() - start;
        store_session_end(session);
        arena_free(arena);
    }
    qsort(taken, TIMES, sizeof *taken, compare);
    return (double)taken[TIMES / 2] / 20;
}

static void say(struct bench *bench, const char *what, double microseconds)
{
    printf("%s %s %s %.2f\n", bench->database.kind == STORE_SQLITE ? "sqlite" : "postgresql",
           bench->topics, what, microseconds);
    fflush(stdout);
}

static void run_page(struct bench *bench, struct store_session *session)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_page page = { .size = sizeof page };
    must(store_page(session, bench->query, &page, &error), &error);
    g_assert_cmpuint(value_of(page.rows)->count, >, 0);
}

static void run_count(struct bench *bench, struct store_session *session)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    int64_t count;
    bool more;
    must(store_page_count(session, bench->query, &count, &more, &error), &error);
    g_assert_true(count > 0 && !more);
}

static void run_search(struct bench *bench, struct store_session *session)
{
    static const struct portico_search_query query = { .size = sizeof query,
                                                       .text = "harbour",
                                                       .limit = 20 };
    struct portico_error error = PORTICO_ERROR_INIT;
    struct value *hits;
    (void)bench;
    must(search_query(session, NULL, &query, &hits, &error), &error);
    g_assert_cmpuint(hits->count, ==, 20);
}

static void run_sql(struct bench *bench, struct store_session *session)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct value *rows;
    must(store_query(session, bench->sql, PORTICO_ARGS(portico_arg_id(20)), &rows, &error), &error);
    g_assert_cmpint(value_rows_at(rows, 0)->integer, ==, 1);
}

static void run_standing(struct bench *bench, struct store_session *session)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct identity_standing standing;
    must(identity_standing(bench->identity, session, bench->person, 0, &standing, &error), &error);
    g_assert_cmpuint(standing.audience_count, >, 2);
}

/* First, middle and last page: the cursors on the way are asked for one by one. */
static void measure_pages(struct bench *bench)
{
    const struct portico_argument space = portico_arg_id(1);
    struct portico_page_query query = { .size = sizeof query,
                                        .limit = 20,
                                        .table = "bench_topic",
                                        .columns = "t.id, t.title",
                                        .where = "t.space = ?",
                                        .arguments = &space,
                                        .argument_count = 1,
                                        .order = "activity DESC, id DESC" };
    GPtrArray *cursors = g_ptr_array_new_with_free_func(g_free);
    bench->query = &query;
    say(bench, "first-page", measure(bench, run_page));
    do {
        struct portico_error error = PORTICO_ERROR_INIT;
        struct portico_page page = { .size = sizeof page };
        struct arena *arena = arena_new(0);
        struct store_session *session =
            store_session_new(bench->database.store, arena, bench->viewer, "bench");
        must(store_page(session, &query, &page, &error), &error);
        query.cursor = NULL;
        if (page.next)
            g_ptr_array_add(cursors, g_strdup(page.next));
        if (page.next)
            query.cursor = cursors->pdata[cursors->len - 1];
        store_session_end(session);
        arena_free(arena);
    } while (query.cursor);
    g_assert_cmpuint(cursors->len, >, 2);
    query.cursor = cursors->pdata[cursors->len / 2];
    say(bench, "middle-page", measure(bench, run_page));
    query.cursor = cursors->pdata[cursors->len - 1];
    say(bench, "last-page", measure(bench, run_page));
    query.cursor = NULL;
    say(bench, "count", measure(bench, run_count));
    g_ptr_array_free(cursors, TRUE);
}

/* What the filter adds to the shortest statement there is, by the size of the set. */
static void measure_predicate(struct bench *bench)
{
    static const size_t sizes[] = { 1, 10, 100, 1000 };
    const struct store_viewer *before = bench->viewer;
    bench->sql = "{unfiltered the bench compares} SELECT count(*) FROM bench_topic t "
                 "WHERE t.id = ?";
    double bare = measure(bench, run_sql);
    bench->sql = "SELECT count(*) FROM {visible bench_topic} t WHERE t.id = ?";
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        const struct store_viewer viewer = { .audiences = many, .audience_count = sizes[i] };
        char *what = g_strdup_printf("filter-%zu", sizes[i]);
        bench->viewer = &viewer;
        say(bench, what, measure(bench, run_sql) - bare);
        g_free(what);
    }
    bench->viewer = before;
}

/* One person in an account with its audiences and eight teams. */
static void measure_standing(struct bench *bench)
{
    static const struct identity_rules rules = { .portal = "Bench", .idle = HOUR, .longest = HOUR };
    static const unsigned char key[IDENTITY_KEY_SIZE] = "a key for the bench";
    static const struct identity_new_account account = { .name = "Acme" };
    static const struct identity_new_person dana = {
        .name = "Dana", .address = "dana@example.com", .verified = true, .state = IDENTITY_ACTIVE
    };
    struct portico_error error = PORTICO_ERROR_INIT;
    struct store_session *session = bench->database.session;
    struct identity_new_member member = { .source = "invited" };
    int64_t ignored;
    must(identity_new(&rules, key, &bench->identity, &error), &error);
    identity_declare(bench->identity, NULL, 0);
    must(identity_account_make(session, &account, &member.account, &error), &error);
    must(identity_person_make(session, &dana, &member.person, &error), &error);
    must(identity_member_add(session, &member, &ignored, &error), &error);
    database_execute(&bench->database,
                     "{unfiltered the bench fills its database} INSERT INTO portico_audience "
                     "(id, kind, account) VALUES (5000, 'account', ?), (5001, 'below', ?)",
                     PORTICO_ARGS(portico_arg_id(member.account), portico_arg_id(member.account)));
    bench->person = member.person;
    say(bench, "standing", measure(bench, run_standing));
    identity_close(bench->identity);
}

/* As the server does by itself after a while. */
static void vacuum(const struct database *database)
{
    PGconn *server = PQconnectdb(database->url);
    PQclear(PQexec(server, "VACUUM ANALYZE"));
    PQfinish(server);
}

static void fill(struct bench *bench, const char *migrations)
{
    struct database *database = &bench->database;
    struct portico_error error = PORTICO_ERROR_INIT;
    bool lite = database->kind == STORE_SQLITE;
    const struct migrate_source core = { "core", migrations };
    must(migrate_apply(database->store, &core, 1, MIGRATE_BEFORE, NULL, &error), &error);
    char *text = g_strdup_printf(tables, bench->topics);
    must(database_try_migrate(database, "bench", "0001-topics.before.sql", text, MIGRATE_BEFORE,
                              &error),
         &error);
    char *sql = g_strdup_printf(documents, lite ? "" : ", words", SEARCHED, SEARCHED,
                                lite ? ""
                                     : ", to_tsvector('english', CASE WHEN n <= 100 THEN "
                                       "'a harbour' ELSE 'some words' END)",
                                bench->topics);
    database_execute(database, sql, PORTICO_NO_ARGS);
    must(store_count_fold(database->session, 1000000, &error), &error);
    if (!lite)
        vacuum(database);
    g_free(text);
    g_free(sql);
}

static void run_on(enum store_kind kind, const char *topics, const char *migrations)
{
    const struct store_viewer viewer = { .audiences = own, .audience_count = G_N_ELEMENTS(own) };
    struct bench bench = { .topics = topics, .viewer = &viewer };
    if (!database_new(&bench.database, kind))
        return;
    database_close(&bench.database);
    struct store_options options = database_options(&bench.database);
    options.statement_time = options.transaction_time = HOUR;
    database_open(&bench.database, &options);
    fill(&bench, migrations);
    measure_pages(&bench);
    say(&bench, "search", measure(&bench, run_search));
    measure_predicate(&bench);
    measure_standing(&bench);
    database_free(&bench.database);
}

int main(int argc, char **argv)
{
    for (size_t i = 0; i < G_N_ELEMENTS(many); i++)
        many[i] = (int64_t)i + 1;
    for (int i = 2; i < argc; i++) {
        run_on(STORE_SQLITE, argv[i], argv[1]);
        run_on(STORE_POSTGRES, argv[i], argv[1]);
    }
    return argc > 2 ? 0 : 2;
}
