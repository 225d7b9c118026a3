/* A session in other hands: lent to a handler, doomed, closed cursors, told of its commit. */
#include "database.h"

static void told(void *data)
{
    (*(unsigned *)data)++;
}

static void whoever_is_lent_a_transaction_cannot_end_it_but_doom_it(gconstpointer kind)
{
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    struct store_turn turn;
    struct store_cursor *cursor;
    struct value *rows;
    unsigned commits = 0;
    if (!database_new(&database, (enum store_kind)GPOINTER_TO_INT(kind)))
        return;
    struct store_session *session = database.session;
    database_must(store_begin(session, &error), &error);
    store_on_commit(session, told, &commits);
    store_on_commit(session, told, &commits);
    store_session_lend(session, "guest", &turn);
    g_assert_cmpint(store_begin(session, &error), ==, PORTICO_EINVAL);
    g_assert_nonnull(strstr(error.message, "guest"));
    g_assert_cmpint(store_commit(session, &error), ==, PORTICO_EINVAL);
    g_assert_true(store_in_transaction(session));
    database_must(store_cursor_open(session, "SELECT 1", NULL, 0, &cursor, &error), &error);
    store_session_back(session, &turn); /* closes the cursor: the session could not end else */
    database_must(store_commit(session, &error), &error);
    g_assert_cmpuint(commits, ==, 1);

    database_must(store_begin(session, &error), &error);
    store_on_commit(session, told, &commits);
    store_session_lend(session, "guest", &turn);
    store_rollback(session);
    g_assert_true(store_in_transaction(session));
    store_session_back(session, &turn);
    g_assert_cmpint(store_query(session, "SELECT 1", NULL, 0, &rows, &error), ==,
                    PORTICO_ECONFLICT);
    g_assert_nonnull(strstr(error.message, "rolled this transaction back"));
    g_assert_cmpint(store_commit(session, &error), ==, PORTICO_ECONFLICT);
    g_assert_false(store_in_transaction(session));
    g_assert_cmpuint(commits, ==, 1);
    database_must(store_query(session, "SELECT 1", NULL, 0, &rows, &error), &error);
    database_free(&database);
}

/* Reading goes on, in a transaction too; nothing is written, by whatever call and in whoever's
 * name. */
static void whoever_only_looks_changes_nothing(gconstpointer kind)
{
    static const struct store_viewer looker = { .looks = true };
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    struct store_cursor *cursor;
    struct value *rows;
    if (!database_new(&database, (enum store_kind)GPOINTER_TO_INT(kind)))
        return;
    struct store_session *session =
        store_session_new(database.store, database.arena, &looker, "guest");
    static const char *const writes[] = {
        "INSERT INTO guest_note (id) VALUES (1)",
        "INSERT INTO guest_note (id) VALUES (1) RETURNING id",
        "WITH w AS (SELECT 1 AS id) INSERT INTO guest_note (id) SELECT id FROM w",
        "UPDATE guest_note SET id = 2",
        "/* SELECT */ DELETE FROM guest_note",
    };
    database_must(store_begin(session, &error), &error);
    for (size_t i = 0; i < G_N_ELEMENTS(writes); i++) {
        g_assert_cmpint(store_execute(session, writes[i], NULL, 0, NULL, &error), ==,
                        PORTICO_EPERM);
        g_assert_cmpint(store_query(session, writes[i], NULL, 0, &rows, &error), ==, PORTICO_EPERM);
        g_assert_cmpint(store_host_query(session, writes[i], NULL, 0, &rows, &error), ==,
                        PORTICO_EPERM);
        g_assert_cmpint(store_cursor_open(session, writes[i], NULL, 0, &cursor, &error), ==,
                        PORTICO_EPERM);
    }
    database_must(store_query(session, "SELECT 1", NULL, 0, &rows, &error), &error);
    database_must(store_commit(session, &error), &error);
    store_session_end(session);
    database_free(&database);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DATABASE_TEST("turns", whoever_is_lent_a_transaction_cannot_end_it_but_doom_it);
    DATABASE_TEST("turns", whoever_only_looks_changes_nothing);
    return g_test_run();
}
