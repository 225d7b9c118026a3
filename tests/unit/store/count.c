/* Counted lists: exact for each viewer, whatever changes, and whoever is killed. */
#include "store/count.h"
#include "database.h"

#include <sys/prctl.h>
#include <sys/wait.h>

#define TABLES                                                                                     \
    "CREATE TABLE shop_item (\n    id {id} PRIMARY KEY,\n    shelf {id},\n    kind {text},\n"      \
    "    audience {id} NOT NULL,\n    granted {boolean} NOT NULL,\n    price {integer}\n);\n"      \
    "INSERT INTO shop_item (id, shelf, kind, audience, granted)\n"                                 \
    "VALUES (1, 1, 'a', 1, FALSE), (2, 1, 'b', 20, TRUE), (3, 2, 'a', 30, TRUE);\n"                \
    "-- count: shop_item shelf\n-- count: shop_item kind shelf\n-- count: shop_item\n"

static const int64_t some[] = { 1, 2, 20 };
static const struct store_viewer guest = { .audiences = some, .audience_count = 1 };
static const struct store_viewer member = { .audiences = some, .audience_count = 3 };
static const struct store_viewer overseer = { .audiences = some,
                                              .audience_count = 1,
                                              .every_account = true };
static const struct store_viewer ann = { .audiences = some, .audience_count = 1, .person = 7 };
static const struct store_viewer *const viewers[] = { &guest, &member, &overseer, &ann,
                                                      &store_viewer_host };

/* With the host's tables. */
static bool fresh(struct database *database, gconstpointer kind)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!database_with_core(database, kind))
        return false;
    database_must(database_try_migrate(database, "shop", "0001-tables.before.sql", TABLES,
                                       MIGRATE_BEFORE, &error),
                  &error);
    return true;
}

static struct portico_page_query list_of(const char *where,
                                         const struct portico_argument *arguments, size_t count)
{
    return (struct portico_page_query){ .size = sizeof(struct portico_page_query),
                                        .table = "shop_item",
                                        .where = where,
                                        .arguments = arguments,
                                        .argument_count = count };
}

static int64_t count_for(struct database *database, const struct store_viewer *viewer,
                         const struct portico_page_query *query, bool *ret_more)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    int64_t count = -1;
    struct store_session *session =
        store_session_new(database->store, database->arena, viewer, "shop");
    database_must(store_page_count(session, query, &count, ret_more, &error), &error);
    store_session_end(session);
    return count;
}

/* Every viewer's count of every list against what the rows themselves say. */
static void check_all(struct database *database)
{
    static const char *const kinds[] = { "a", "b", "\xC3\xA4,1:x" };
    struct portico_error error = PORTICO_ERROR_INIT;
    for (size_t i = 0; i < G_N_ELEMENTS(viewers); i++)
        for (int64_t shelf = 1; shelf <= 3; shelf++)
            for (size_t kind = 0; kind < G_N_ELEMENTS(kinds); kind++) {
                bool more = true;
                struct value *rows;
                const struct portico_argument keys[] = { portico_arg_text(kinds[kind]),
                                                         portico_arg_id(shelf) };
                const struct portico_page_query one = list_of("t.shelf = ?", keys + 1, 1);
                const struct portico_page_query two =
                    list_of(" T.Kind = ?  and t.shelf=? ", keys, 2);
                const struct portico_page_query all = list_of(NULL, NULL, 0);
                struct store_session *session =
                    store_session_new(database->store, database->arena, viewers[i], "shop");
                database_must(store_query(session,
                                          "SELECT count(*), "
                                          "sum(CASE WHEN t.shelf = ? THEN 1 ELSE 0 END), "
                                          "sum(CASE WHEN t.shelf = ? AND t.kind = ? THEN 1 "
                                          "ELSE 0 END) FROM {visible shop_item} t",
                                          PORTICO_ARGS(keys[1], keys[1], keys[0]), &rows, &error),
                              &error);
                store_session_end(session);
                const struct value_cell *cells = value_rows_at(rows, 0);
                int64_t shelved = cells[1].kind == PORTICO_NULL ? 0 : cells[1].integer;
                int64_t both = cells[2].kind == PORTICO_NULL ? 0 : cells[2].integer;
                g_assert_cmpint(count_for(database, viewers[i], &all, &more), ==, cells[0].integer);
                g_assert_cmpint(count_for(database, viewers[i], &one, &more), ==, shelved);
                g_assert_cmpint(count_for(database, viewers[i], &two, &more), ==, both);
                g_assert_false(more);
            }
}

static int fold_once(struct database *database, unsigned most)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct store_session *session =
        store_session_new(database->store, database->arena, &store_viewer_host, "core");
    int folded = store_count_fold(session, most, &error);
    database_must(folded, &error);
    store_session_end(session);
    return folded;
}

static void fold(struct database *database, unsigned most)
{
    while (fold_once(database, most) == (int)most)
        ;
}

static void counts_follow_every_change(gconstpointer kind)
{
    static const char *const changes[] = {
        "INSERT INTO shop_item (id, shelf, kind, audience, granted) VALUES (4, 1, 'a', 20, FALSE), "
        "(5, 1, 'a', 1, TRUE), (6, NULL, 'b', 1, FALSE), (7, 3, '\xC3\xA4,1:x', 40, FALSE)",
        "{unfiltered a test} UPDATE shop_item SET audience = 30 WHERE id IN (1, 2)",
        "{unfiltered a test} UPDATE shop_item SET shelf = 2, kind = 'a' WHERE shelf = 1",
        "{unfiltered a test} UPDATE shop_item SET price = 3",
        "{unfiltered a test} UPDATE shop_item SET shelf = NULL WHERE id = 5",
        "INSERT INTO shop_item (id, shelf, kind, audience, granted) VALUES (4, 1, 'a', 1, FALSE) "
        "ON CONFLICT (id) DO NOTHING",
        "{unfiltered a test} INSERT INTO shop_item (id, shelf, kind, audience, granted) VALUES "
        "(4, 3, 'b', 1, FALSE), (9, 3, 'b', 1, FALSE) ON CONFLICT (id) DO UPDATE SET "
        "shelf = excluded.shelf, kind = excluded.kind",
        "{unfiltered a test} DELETE FROM shop_item WHERE id IN (3, 4)",
        "{unfiltered a test} UPDATE shop_item SET id = id + 100, audience = 20",
        "{unfiltered a test} DELETE FROM shop_item",
    };
    struct database database;
    if (!fresh(&database, kind))
        return;
    database_execute(&database,
                     "INSERT INTO portico_grant (relation, object, person, given) VALUES "
                     "('shop_item', 2, 7, 0), ('shop_item', 5, 7, 0), ('shop_item', 3, 7, 0)",
                     PORTICO_NO_ARGS);
    check_all(&database);
    for (size_t i = 0; i < G_N_ELEMENTS(changes); i++) {
        struct portico_error error = PORTICO_ERROR_INIT;
        struct store_turn turn;
        store_session_as(database.session, "shop", &turn);
        database_must(store_execute(database.session, changes[i], NULL, 0, NULL, &error), &error);
        store_session_back(database.session, &turn);
        check_all(&database);
        if (i % 2)
            fold(&database, 2);
        check_all(&database);
    }
    fold(&database, 100);
    g_assert_cmpint(
        database_integer(&database, "{unfiltered a test} SELECT count(*) FROM portico_count"), ==,
        0);
    g_assert_cmpint(database_integer(
                        &database, "{unfiltered a test} SELECT count(*) FROM portico_count_change"),
                    ==, 0);
    database_free(&database);
}

static void what_is_rolled_back_is_not_counted(gconstpointer kind)
{
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!fresh(&database, kind))
        return;
    database_must(store_begin(database.session, &error), &error);
    database_execute(&database, "{unfiltered a test} UPDATE shop_item SET audience = 40",
                     PORTICO_NO_ARGS);
    store_rollback(database.session);
    check_all(&database);
    database_free(&database);
}

static void what_is_not_declared_is_counted_to_a_thousand(gconstpointer kind)
{
    struct database database;
    if (!fresh(&database, kind))
        return;
    database_execute(&database,
                     "INSERT INTO shop_item (id, shelf, kind, audience, granted, price) "
                     "SELECT n + 1000, 1, 'c', 1, FALSE, n FROM (WITH RECURSIVE c (n) AS "
                     "(SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 1500) SELECT n FROM c) q",
                     PORTICO_NO_ARGS);
    bool more = false;
    const struct portico_argument price[] = { portico_arg_integer(1000), portico_arg_id(1) };
    const struct portico_page_query few = list_of("t.price < ? AND t.shelf = ?", price, 2);
    g_assert_cmpint(count_for(&database, &guest, &few, &more), ==, 999);
    g_assert_false(more);
    const struct portico_argument high[] = { portico_arg_integer(1002), portico_arg_id(1) };
    const struct portico_page_query many = list_of("t.price < ? AND t.shelf = ?", high, 2);
    g_assert_cmpint(count_for(&database, &guest, &many, &more), ==, 1000);
    g_assert_true(more);
    const struct portico_argument shelf[] = { portico_arg_id(1) };
    struct portico_page_query joined = list_of("t.shelf = ?", shelf, 1);
    g_assert_cmpint(count_for(&database, &guest, &joined, &more), ==, 1501);
    g_assert_false(more);
    joined.joins = "JOIN {visible shop_item} o ON o.id = t.id AND o.price = 5";
    g_assert_cmpint(count_for(&database, &guest, &joined, &more), ==, 1);
    const struct portico_argument nothing[] = { portico_arg_text(NULL) };
    const struct portico_page_query null = list_of("t.shelf = ?", nothing, 1);
    g_assert_cmpint(count_for(&database, &guest, &null, &more), ==, 0);
    database_free(&database);
}

static void a_declaration_that_is_wrong_is_refused_with_its_line(gconstpointer kind)
{
    static const struct {
        const char *line, *say;
    } wrong[] = {
        { "-- count: forum_topic space\n", "0002-more.before.sql:2: \"forum_topic\" is no table" },
        { "-- count:\n", "\"\" is no table" },
        { "-- count: shop_item Shelf\n", "is no name in lower case" },
        { "-- count: shop_item shelf);\n", "is no name in lower case" },
        { "-- count: shop_item a b c d e f g h i\n", "one key too many" },
        { "-- count: shop_item absent\n", "absent" },
    };
    struct database database;
    if (!fresh(&database, kind))
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        struct portico_error error = PORTICO_ERROR_INIT;
        char *text = g_strdup_printf("-- more lists\n%s", wrong[i].line);
        g_assert_cmpint(database_try_migrate(&database, "shop", "0002-more.before.sql", text,
                                             MIGRATE_BEFORE, &error),
                        <, 0);
        g_test_message("%s", error.message);
        g_assert_nonnull(strstr(error.message, wrong[i].say));
        g_free(text);
    }
    check_all(&database);
    database_free(&database);
}

static void another_modules_list_is_not_counted_and_no_value_that_none_keeps(gconstpointer kind)
{
    static const struct portico_argument wrong[] = {
        { .kind = PORTICO_TEXT, .text = "a\xF0", .length = 2 },
        { .kind = PORTICO_TEXT, .text = "\xFF", .length = 1 },
        { .kind = PORTICO_TEXT, .text = "a\0b", .length = 3 },
    };
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    int64_t count = 0;
    bool more;
    if (!fresh(&database, kind))
        return;
    const struct portico_argument keys[] = { portico_arg_text("a"), portico_arg_id(1) };
    const struct portico_page_query lists[] = { list_of("t.shelf = ?", keys + 1, 1),
                                                list_of("t.kind = ? AND t.shelf = ?", keys, 2),
                                                list_of(NULL, NULL, 0) };
    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
        struct store_session *forum =
            store_session_new(database.store, database.arena, &member, "forum");
        g_assert_cmpint(store_page_count(forum, &lists[i], &count, &more, &error), ==,
                        PORTICO_EPERM);
        g_assert_nonnull(strstr(error.message, "belongs to module shop"));
        store_session_end(forum);
        g_assert_cmpint(count_for(&database, &member, &lists[i], &more), ==, i == 1 ? 1 : 2);
    }
    struct store_session *shop = store_session_new(database.store, database.arena, &member, "shop");
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        const struct portico_argument values[] = { wrong[i], keys[1] };
        const struct portico_page_query list = list_of("t.kind = ? AND t.shelf = ?", values, 2);
        g_assert_cmpint(store_page_count(shop, &list, &count, &more, &error), ==, PORTICO_EINVAL);
        g_assert_true(store_refused_value(shop));
        g_assert_nonnull(strstr(error.message, "Parameter 1 is a text that"));
    }
    store_session_end(shop);
    check_all(&database);
    database_free(&database);
}

static void *fold_in_a_store_of_its_own(void *data)
{
    struct database database = *(const struct database *)data;
    struct store_options options = database_options(&database);
    database_open(&database, &options);
    fold(&database, 100);
    database_close(&database);
    return NULL;
}

static void *declare_in_a_store_of_its_own(void *data)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct database database = *(const struct database *)data;
    struct store_options options = database_options(&database);
    database_open(&database, &options);
    database_must(database_try_migrate(&database, "shop", "0002-again.before.sql",
                                       "-- count: shop_item shelf\n", MIGRATE_BEFORE, &error),
                  &error);
    database_close(&database);
    return NULL;
}

static void wait_for_waiting(struct database *database, int64_t number)
{
    int64_t deadline = g_get_monotonic_time() + 60 * G_USEC_PER_SEC;
    while (database_integer(database, "{unfiltered a test} SELECT count(*) FROM pg_stat_activity "
                                      "WHERE wait_event_type = 'Lock' AND datname = "
                                      "current_database()") < number) {
        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        database_next_session(database);
        g_usleep(1000);
    }
}

/* The fold has put its sums and waits for a row that is held here; SQLite has one writer. */
static void a_list_declared_anew_during_a_fold_is_counted_once(void)
{
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!fresh(&database, GINT_TO_POINTER(STORE_POSTGRES)))
        return;
    database_execute(&database,
                     "{unfiltered a test} INSERT INTO portico_count (list, key, audience, number) "
                     "VALUES ('held', '', 0, 0)",
                     PORTICO_NO_ARGS);
    struct store_session *holder =
        store_session_new(database.store, database.arena, &store_viewer_host, "core");
    database_must(store_begin(holder, &error), &error);
    database_must(store_execute(holder,
                                "{unfiltered a test} UPDATE portico_count SET audience = 0 WHERE "
                                "list = 'held'",
                                NULL, 0, NULL, &error),
                  &error);
    struct database watching = database;
    struct store_options options = database_options(&database);
    database_open(&watching, &options);
    GThread *folds = g_thread_new("fold", fold_in_a_store_of_its_own, &database);
    wait_for_waiting(&watching, 1);
    GThread *declares = g_thread_new("declare", declare_in_a_store_of_its_own, &database);
    wait_for_waiting(&watching, 2);
    store_rollback(holder);
    store_session_end(holder);
    g_thread_join(folds);
    g_thread_join(declares);
    database_close(&watching);
    check_all(&database);
    fold(&database, 100);
    check_all(&database);
    database_free(&database);
}

/* Rows that writers of a process of their own move about until they are killed. */
static void write_for_ever(const struct database *database, int64_t own)
{
    static const char *const changes[] = {
        "INSERT INTO shop_item (id, shelf, kind, audience, granted) VALUES (?, 1, 'a', 1, FALSE)",
        "{unfiltered a test} UPDATE shop_item SET shelf = 3 - shelf, audience = 21 - audience "
        "WHERE id = ?",
        "{unfiltered a test} DELETE FROM shop_item WHERE id = ? AND shelf = 2",
    };
    struct portico_error error = PORTICO_ERROR_INIT;
    struct store_options options = database_options(database);
    struct store *store;
    database_must(store_open(&options, &store, &error), &error);
    for (int64_t round = 0;; round++) {
        struct arena *arena = arena_new(0);
        struct store_session *session = store_session_new(store, arena, &store_viewer_host, "shop");
        const struct portico_argument id = portico_arg_id(own + round / 4);
        /* Whoever loses against another tries the next row. */
        store_execute(session, changes[round % 4 % 3], &id, 1, NULL, &error);
        store_session_end(session);
        arena_free(arena);
    }
}

static pid_t start_writer(const struct database *database, int64_t own)
{
    const pid_t test = getpid();
    pid_t writer = fork();
    if (writer == 0) {
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != test)
            _exit(1);
        write_for_ever(database, own);
        _exit(0);
    }
    return writer;
}

static int64_t rows_now(struct database *database)
{
    return database_integer(database, "{unfiltered a test} SELECT count(*) FROM shop_item");
}

/* The fork comes before this process opens the database. */
static void killed_writers_leave_exact_counts(gconstpointer kind)
{
    struct database database;
    pid_t writers[3];
    if (!fresh(&database, kind))
        return;
    database_close(&database);
    for (int i = 0; i < 3; i++)
        writers[i] = start_writer(&database, 1000000 * (i + 1));
    struct store_options options = database_options(&database);
    database_open(&database, &options);
    int64_t before = rows_now(&database), deadline = g_get_monotonic_time() + 60 * G_USEC_PER_SEC;
    for (int64_t grown = 20; grown <= 100; grown += 20) {
        while (rows_now(&database) < before + grown) {
            g_assert_cmpint(g_get_monotonic_time(), <, deadline);
            /* Once: nobody catches up with writers who never pause. */
            fold_once(&database, 50);
            database_next_session(&database);
        }
        if (grown % 40 == 0) {
            kill(writers[grown / 40 - 1], SIGKILL);
            waitpid(writers[grown / 40 - 1], NULL, 0);
        }
    }
    kill(writers[2], SIGKILL);
    waitpid(writers[2], NULL, 0);
    database_next_session(&database);
    check_all(&database);
    fold(&database, 1000);
    check_all(&database);
    database_free(&database);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DATABASE_TEST("count", counts_follow_every_change);
    DATABASE_TEST("count", what_is_rolled_back_is_not_counted);
    DATABASE_TEST("count", what_is_not_declared_is_counted_to_a_thousand);
    DATABASE_TEST("count", a_declaration_that_is_wrong_is_refused_with_its_line);
    DATABASE_TEST("count", another_modules_list_is_not_counted_and_no_value_that_none_keeps);
    g_test_add_func("/count/postgresql/a_list_declared_anew_during_a_fold_is_counted_once",
                    a_list_declared_anew_during_a_fold_is_counted_once);
    DATABASE_TEST("count", killed_writers_leave_exact_counts);
    return g_test_run();
}
