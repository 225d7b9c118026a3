/* What a visible list costs as it grows: `bench_visible MIGRATIONS TOPICS…`, on each database with
 * each number of topics. Prints lines "DATABASE TOPICS WHAT MICROSECONDS"; bench.mjs reads them.
 * The numbers take turns, so that a busy moment of the machine falls on all of them. The topics
 * belong to 1,000 accounts; one in twenty is for everyone. */
#include "../unit/store/database.h"

#include "base/clock.h"
#include "identity/account.h"
#include "identity/member.h"
#include "identity/person.h"
#include "identity/standing.h"
#include "search/search.h"

#define HOUR INT64_C(3600000000)
#define TIMES 101
#define NUMBERS_MAX 4
#define SEARCHED 100 /* documents that hold the word looked for, however many there are */

#define NUMBERS                                                                                    \
    "(WITH RECURSIVE bench_c AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM bench_c WHERE n < %s) " \
    "SELECT n FROM bench_c) q"

static const char tables[] =
    "CREATE TABLE bench_topic (id {id} PRIMARY KEY, space {id} NOT NULL, audience {id} NOT NULL, "
    "activity {time} NOT NULL, title {text} NOT NULL);\n"
    "INSERT INTO bench_topic (id, space, audience, activity, title) SELECT n, 1, CASE WHEN n %% 20 "
    "= 0 THEN 1 ELSE 100 + n %% 1000 END, n * CAST(7919 AS bigint) %% 1000003, 'A topic about this "
    "and that' "
    "FROM " NUMBERS ";\n"
    "CREATE INDEX bench_topic_list ON bench_topic (space, audience, activity DESC, id DESC);\n"
    "CREATE INDEX bench_topic_home ON bench_topic (audience, activity DESC, id DESC);\n"
    "-- count: bench_topic space\n-- count: bench_topic\n";

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
    struct portico_page_query query;
    GPtrArray *cursors; /* behind each page but the last */
    const char *sql;
};

/* Of one database, by the number of topics. */
struct bench_row {
    struct bench benches[NUMBERS_MAX];
    size_t count;
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

static int64_t once(struct bench *bench, void (*run)(struct bench *, struct store_session *))
{
    struct arena *arena = arena_new(0);
    struct store_session *session =
        store_session_new(bench->database.store, arena, bench->viewer, "bench");
    int64_t start = g_get_monotonic_time();
    for (int i = 0; i < 20; i++)
        run(bench, session);
    int64_t taken = g_get_monotonic_time() - start;
    store_session_end(session);
    arena_free(arena);
    return taken;
}

/* The median of what one of `run` takes, of each. */
static void measure(struct bench_row *row, void (*run)(struct bench *, struct store_session *),
                    double ret_taken[NUMBERS_MAX])
{
    int64_t taken[NUMBERS_MAX][TIMES];
    for (int i = 0; i < TIMES; i++)
        for (size_t j = 0; j < row->count; j++)
            taken[j][i] = once(&row->benches[j], run);
    for (size_t j = 0; j < row->count; j++) {
        qsort(taken[j], TIMES, sizeof *taken[j], compare);
        ret_taken[j] = (double)taken[j][TIMES / 2] / 20;
    }
}

static void say(struct bench_row *row, const char *what, const double taken[NUMBERS_MAX])
{
    for (size_t i = 0; i < row->count; i++)
        printf("%s %s %s %.2f\n",
               row->benches[i].database.kind == STORE_SQLITE ? "sqlite" : "postgresql",
               row->benches[i].topics, what, taken[i]);
    fflush(stdout);
}

static void measure_and_say(struct bench_row *row, const char *what,
                            void (*run)(struct bench *, struct store_session *))
{
    double taken[NUMBERS_MAX];
    measure(row, run, taken);
    say(row, what, taken);
}

static void run_page(struct bench *bench, struct store_session *session)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_page page = { .size = sizeof page };
    must(store_page(session, &bench->query, &page, &error), &error);
    g_assert_cmpuint(value_of(page.rows)->count, >, 0);
}

static void run_count(struct bench *bench, struct store_session *session)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    int64_t count;
    bool more;
    must(store_page_count(session, &bench->query, &count, &more, &error), &error);
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

/* What a home page shows: the five topics of all spaces that had the last activity, and how many
 * there are. */
static void run_home(struct bench *bench, struct store_session *session)
{
    run_page(bench, session);
    run_count(bench, session);
}

static void measure_home(struct bench_row *row)
{
    for (size_t i = 0; i < row->count; i++)
        row->benches[i].query = (struct portico_page_query){ .size = sizeof row->benches[i].query,
                                                             .limit = 5,
                                                             .table = "bench_topic",
                                                             .columns = "t.id, t.title",
                                                             .order = "activity DESC, id DESC" };
    measure_and_say(row, "home", run_home);
}

/* The cursors on the way through a list are asked for one by one. */
static void walk(struct bench *bench)
{
    static struct portico_argument space;
    space = portico_arg_id(1);
    bench->query = (struct portico_page_query){ .size = sizeof bench->query,
                                                .limit = 20,
                                                .table = "bench_topic",
                                                .columns = "t.id, t.title",
                                                .where = "t.space = ?",
                                                .arguments = &space,
                                                .argument_count = 1,
                                                .order = "activity DESC, id DESC" };
    bench->cursors = g_ptr_array_new_with_free_func(g_free);
    do {
        struct portico_error error = PORTICO_ERROR_INIT;
        struct portico_page page = { .size = sizeof page };
        struct arena *arena = arena_new(0);
        struct store_session *session =
            store_session_new(bench->database.store, arena, bench->viewer, "bench");
        must(store_page(session, &bench->query, &page, &error), &error);
        bench->query.cursor = NULL;
        if (page.next)
            g_ptr_array_add(bench->cursors, g_strdup(page.next));
        if (page.next)
            bench->query.cursor = bench->cursors->pdata[bench->cursors->len - 1];
        store_session_end(session);
        arena_free(arena);
    } while (bench->query.cursor);
    g_assert_cmpuint(bench->cursors->len, >, 2);
}

static void measure_pages(struct bench_row *row)
{
    static const char *const names[] = { "first-page", "middle-page", "last-page" };
    for (size_t i = 0; i < row->count; i++)
        walk(&row->benches[i]);
    for (size_t at = 0; at < G_N_ELEMENTS(names); at++) {
        for (size_t i = 0; i < row->count; i++) {
            GPtrArray *cursors = row->benches[i].cursors;
            row->benches[i].query.cursor =
                at ? cursors->pdata[at == 1 ? cursors->len / 2 : cursors->len - 1] : NULL;
        }
        measure_and_say(row, names[at], run_page);
    }
    for (size_t i = 0; i < row->count; i++)
        row->benches[i].query.cursor = NULL;
    measure_and_say(row, "count", run_count);
    for (size_t i = 0; i < row->count; i++)
        g_ptr_array_free(row->benches[i].cursors, TRUE);
}

/* What the filter adds to the shortest statement there is, by the size of the set. */
static void measure_predicate(struct bench_row *row)
{
    static const size_t sizes[] = { 1, 10, 100, 1000 };
    const struct store_viewer *before = row->benches[0].viewer;
    double bare[NUMBERS_MAX], taken[NUMBERS_MAX];
    for (size_t i = 0; i < row->count; i++)
        row->benches[i].sql = "{unfiltered the bench compares} SELECT count(*) FROM bench_topic t "
                              "WHERE t.id = ?";
    measure(row, run_sql, bare);
    for (size_t at = 0; at < G_N_ELEMENTS(sizes); at++) {
        const struct store_viewer viewer = { .audiences = many, .audience_count = sizes[at] };
        char *what = g_strdup_printf("filter-%zu", sizes[at]);
        for (size_t i = 0; i < row->count; i++) {
            row->benches[i].sql = "SELECT count(*) FROM {visible bench_topic} t WHERE t.id = ?";
            row->benches[i].viewer = &viewer;
        }
        measure(row, run_sql, taken);
        for (size_t i = 0; i < row->count; i++) {
            taken[i] -= bare[i];
            row->benches[i].viewer = before;
        }
        say(row, what, taken);
        g_free(what);
    }
}

/* One person in an account with its audiences and eight teams. */
static void settle(struct bench *bench)
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
                     "(id, kind, account) VALUES (5001, 'below', ?)",
                     PORTICO_ARGS(portico_arg_id(member.account)));
    bench->person = member.person;
}

/* As the portal does by itself at night. */
static void tidy(struct bench *bench)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    bool more = true;
    for (bool anew = true; more; anew = false)
        must(search_tidy(bench->database.session, 250, anew, &more, &error), &error);
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
    if (lite)
        tidy(bench);
    else
        vacuum(database);
    g_free(text);
    g_free(sql);
}

static bool open_bench(struct bench *bench, enum store_kind kind, const char *migrations)
{
    if (!database_new(&bench->database, kind))
        return false;
    database_close(&bench->database);
    struct store_options options = database_options(&bench->database);
    options.statement_time = options.transaction_time = HOUR;
    database_open(&bench->database, &options);
    fill(bench, migrations);
    settle(bench);
    return true;
}

static void run_on(enum store_kind kind, char **topics, size_t count, const char *migrations)
{
    static const struct store_viewer viewer = { .audiences = own,
                                                .audience_count = G_N_ELEMENTS(own) };
    struct bench_row row = { .count = count };
    for (size_t i = 0; i < count; i++) {
        row.benches[i] = (struct bench){ .topics = topics[i], .viewer = &viewer };
        if (!open_bench(&row.benches[i], kind, migrations))
            return;
    }
    measure_pages(&row);
    measure_home(&row);
    measure_and_say(&row, "search", run_search);
    measure_predicate(&row);
    measure_and_say(&row, "standing", run_standing);
    for (size_t i = 0; i < count; i++) {
        identity_close(row.benches[i].identity);
        database_free(&row.benches[i].database);
    }
}

int main(int argc, char **argv)
{
    if (argc < 3 || argc > 2 + NUMBERS_MAX)
        return 2;
    for (size_t i = 0; i < G_N_ELEMENTS(many); i++)
        many[i] = (int64_t)i + 1;
    run_on(STORE_SQLITE, argv + 2, (size_t)argc - 2, argv[1]);
    run_on(STORE_POSTGRES, argv + 2, (size_t)argc - 2, argv[1]);
    return 0;
}
