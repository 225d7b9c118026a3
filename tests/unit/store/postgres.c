/* Tests of what only a server can do: go away, come back, be shared behind a pooler. */
#include "database.h"

#define TABLES "CREATE TABLE entry (\n    id {id} PRIMARY KEY,\n    body {text}\n);\n"

static bool fresh(struct database *database)
{
    if (!database_new(database, STORE_POSTGRES))
        return false;
    database_migrate(database, TABLES);
    return true;
}

/* Ends every other connection to the test's database, as a restart of the server does. */
static void end_connections(const struct database *database)
{
    const char *path = strstr(database->url, "/portico_test_") + 1;
    PGconn *server = PQconnectdb(database_cluster_url);
    char *sql = g_strdup_printf("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                                "WHERE datname = '%.*s'",
                                (int)strcspn(path, "?"), path);
    PGresult *result = PQexec(server, sql);
    g_assert_cmpint(PQresultStatus(result), ==, PGRES_TUPLES_OK);
    g_assert_cmpint(PQntuples(result), >, 0);
    PQclear(result);
    PQfinish(server);
    g_free(sql);
}

static void connections_that_ended_while_idle_are_replaced_unseen(void)
{
    struct database database;
    if (!fresh(&database))
        return;
    database_execute(&database, "INSERT INTO entry (id) VALUES (1)", PORTICO_NO_ARGS);
    end_connections(&database);
    database_execute(&database, "INSERT INTO entry (id) VALUES (2)", PORTICO_NO_ARGS);
    g_assert_cmpint(database_integer(&database, "SELECT count(*) FROM entry"), ==, 2);
    database_free(&database);
}

static void a_commit_whose_answer_is_lost_says_so(void)
{
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!fresh(&database))
        return;
    database_must(store_begin(database.session, &error), &error);
    database_execute(&database, "INSERT INTO entry (id) VALUES (1)", PORTICO_NO_ARGS);
    end_connections(&database);
    g_assert_cmpint(store_commit(database.session, &error), ==, PORTICO_EIO);
    g_assert_nonnull(strstr(error.message, "unknown"));
    g_assert_cmpint(database_integer(&database, "SELECT count(*) FROM entry"), ==, 0);
    database_free(&database);
}

static void a_server_that_is_not_there_is_said_at_once(void)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct store *store;
    struct store_options options = { .url = "postgresql://nobody@127.0.0.1:1/none" };
    g_assert_cmpint(store_open(&options, &store, &error), ==, PORTICO_EIO);
    g_assert_nonnull(strstr(error.message, "cannot be reached"));
}

static void a_full_pool_says_busy_and_recovers(void)
{
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!fresh(&database))
        return;
    database_close(&database);
    struct store_options options = database_options(&database);
    options.connections = 1;
    database_open(&database, &options);
    database_must(store_begin(database.session, &error), &error);
    struct store_session *other =
        store_session_new(database.store, database.arena, &store_viewer_everyone, "other");
    g_assert_cmpint(store_begin(other, &error), ==, PORTICO_EBUSY);
    store_rollback(database.session);
    database_must(store_begin(other, &error), &error);
    store_session_end(other);
    database_free(&database);
}

static void nothing_is_prepared_behind_a_pooler(void)
{
    struct database database;
    if (!fresh(&database))
        return;
    database_close(&database);
    char *plain = database.url;
    database.url =
        g_strdup_printf("%s%cportico_prepare=off", plain, strchr(plain, '?') ? '&' : '?');
    struct store_options options = database_options(&database);
    database_open(&database, &options);
    for (int64_t id = 1; id <= 3; id++)
        database_execute(&database, "INSERT INTO entry (id) VALUES (?)",
                         PORTICO_ARGS(portico_arg_id(id)));
    g_assert_cmpint(database_integer(&database, "{unfiltered the server's own list} "
                                                "SELECT count(*) FROM pg_prepared_statements"),
                    ==, 0);
    g_assert_cmpint(database_integer(&database, "SELECT count(*) FROM entry"), ==, 3);
    g_free(plain);
    database_free(&database);
}

static void a_database_with_other_strings_is_refused(void)
{
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!fresh(&database))
        return;
    database_close(&database);
    const char *path = strstr(database.url, "/portico_test_") + 1;
    char *name = g_strndup(path, strcspn(path, "?"));
    database_admin("ALTER", name, " SET standard_conforming_strings = off");
    struct store_options options = database_options(&database);
    struct store *store = NULL;
    g_assert_cmpint(store_open(&options, &store, &error), ==, PORTICO_EIO);
    g_assert_nonnull(strstr(error.message, "standard_conforming_strings"));
    g_free(name);
    database_free(&database);
}

/* ---- statements that wait for each other ---- */

/* Another program's connection. */
static PGconn *connect_beside(const struct database *database)
{
    PGconn *server = PQconnectdb(database->url);
    g_assert_cmpint(PQstatus(server), ==, CONNECTION_OK);
    return server;
}

static void run_beside(PGconn *server, const char *sql)
{
    PGresult *result = PQexec(server, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        g_error("%s: %s", sql, PQerrorMessage(server));
    PQclear(result);
}

/* Until somebody waits for a lock on the table, or nobody does. */
static void await_waiting(PGconn *server, const char *table, bool waiting)
{
    char *sql = g_strdup_printf("SELECT 1 FROM pg_locks WHERE NOT granted "
                                "AND relation = '%s'::regclass",
                                table);
    for (bool waits = !waiting; waits != waiting; g_usleep(5000)) {
        PGresult *result = PQexec(server, sql);
        g_assert_cmpint(PQresultStatus(result), ==, PGRES_TUPLES_OK);
        waits = PQntuples(result) > 0;
        PQclear(result);
    }
    g_free(sql);
}

/* A session of the store in a thread of its own. */
struct beside {
    struct database *database;
    const char *sql;
    enum { READS, COMMITS, MIGRATES } does;
    int code;
    struct portico_error error;
};

static gpointer go_beside(gpointer data)
{
    struct beside *beside = data;
    struct arena *arena = arena_new(0);
    struct store_session *session =
        store_session_new(beside->database->store, arena, &store_viewer_everyone, "core");
    struct value *rows;
    if (beside->does == MIGRATES)
        beside->code = database_try_migrate(beside->database, "core", "0002-b.before.sql",
                                            beside->sql, MIGRATE_BEFORE, &beside->error);
    else if (beside->does == COMMITS) {
        database_must(store_begin(session, &beside->error), &beside->error);
        beside->code = store_query(session, beside->sql, NULL, 0, &rows, &beside->error);
        store_rollback(session);
    } else
        beside->code = store_query(session, beside->sql, NULL, 0, &rows, &beside->error);
    store_session_end(session);
    arena_free(arena);
    return NULL;
}

/* The reader has one table and waits for the other, whose owner waits for the reader's: whoever
 * waited longest is undone by the server. */
static int read_into_a_deadlock(bool in_transaction)
{
    struct database database;
    struct beside beside = { .database = &database,
                             .does = in_transaction ? COMMITS : READS,
                             .sql = "SELECT e.id FROM entry e JOIN other o ON o.id = e.id" };
    if (!database_new(&database, STORE_POSTGRES))
        return in_transaction ? PORTICO_ECONFLICT : PORTICO_OK;
    database_migrate(&database, TABLES "CREATE TABLE other (\n    id {id} PRIMARY KEY\n);\n");
    PGconn *owner = connect_beside(&database), *watch = connect_beside(&database);
    /* The next to wait for a lock looks for a deadlock only after the reader has. */
    run_beside(owner, "SET deadlock_timeout = '1h'");
    run_beside(owner, "BEGIN; LOCK TABLE other IN ACCESS EXCLUSIVE MODE");
    GThread *reader = g_thread_new("reader", go_beside, &beside);
    await_waiting(watch, "other", true);
    run_beside(owner, "LOCK TABLE entry IN ACCESS EXCLUSIVE MODE; COMMIT");
    g_thread_join(reader);
    PQfinish(owner);
    PQfinish(watch);
    database_free(&database);
    return beside.code;
}

static void a_statement_alone_that_gave_way_is_made_again(void)
{
    g_assert_cmpint(read_into_a_deadlock(false), ==, PORTICO_OK);
}

static void a_transaction_that_gave_way_says_so(void)
{
    g_assert_cmpint(read_into_a_deadlock(true), ==, PORTICO_ECONFLICT);
}

/* A long reader keeps the table; those who come behind the migration read all the same. */
static void a_migration_lets_readers_pass(void)
{
    struct database database;
    struct beside beside = { .database = &database,
                             .does = MIGRATES,
                             .sql = "ALTER TABLE entry ADD COLUMN more {text};\n" };
    if (!fresh(&database))
        return;
    PGconn *owner = connect_beside(&database), *watch = connect_beside(&database);
    run_beside(owner, "BEGIN; SELECT count(*) FROM entry");
    GThread *migration = g_thread_new("migration", go_beside, &beside);
    for (int i = 0; i < 3; i++) {
        await_waiting(watch, "entry", true);
        await_waiting(watch, "entry", false);
        run_beside(watch, "SELECT count(*) FROM entry");
    }
    run_beside(owner, "COMMIT");
    g_thread_join(migration);
    database_must(beside.code, &beside.error);
    g_assert_cmpint(database_integer(&database, "SELECT count(more) FROM entry"), ==, 0);
    PQfinish(owner);
    PQfinish(watch);
    database_free(&database);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/postgres/connections_that_ended_while_idle_are_replaced_unseen",
                    connections_that_ended_while_idle_are_replaced_unseen);
    g_test_add_func("/postgres/a_commit_whose_answer_is_lost_says_so",
                    a_commit_whose_answer_is_lost_says_so);
    g_test_add_func("/postgres/a_server_that_is_not_there_is_said_at_once",
                    a_server_that_is_not_there_is_said_at_once);
    g_test_add_func("/postgres/a_full_pool_says_busy_and_recovers",
                    a_full_pool_says_busy_and_recovers);
    g_test_add_func("/postgres/nothing_is_prepared_behind_a_pooler",
                    nothing_is_prepared_behind_a_pooler);
    g_test_add_func("/postgres/a_database_with_other_strings_is_refused",
                    a_database_with_other_strings_is_refused);
    g_test_add_func("/postgres/a_statement_alone_that_gave_way_is_made_again",
                    a_statement_alone_that_gave_way_is_made_again);
    g_test_add_func("/postgres/a_transaction_that_gave_way_says_so",
                    a_transaction_that_gave_way_says_so);
    g_test_add_func("/postgres/a_migration_lets_readers_pass", a_migration_lets_readers_pass);
    return g_test_run();
}
