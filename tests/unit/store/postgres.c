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
    return g_test_run();
}
