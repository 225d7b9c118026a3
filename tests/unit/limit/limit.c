/* Rate limits: windows that slide, networks instead of addresses, one count for all who count. */
#include "../job/work.h"

#include "limit/limit.h"

#define SECOND INT64_C(1000000)
#define NOON (INT64_C(1768478400) * SECOND)

static int take(struct database *database, const char *key, uint32_t most, uint32_t seconds,
                int64_t now, int64_t *ret_wait)
{
    const struct limit limit = { key, most, seconds };
    return limit_take(database->session, &limit, now, ret_wait, NULL);
}

static void as_many_are_taken_as_the_limit_says(gconstpointer kind)
{
    struct database database;
    int64_t wait = 0;
    if (!work_new(&database, kind))
        return;
    for (unsigned i = 0; i < 3; i++)
        g_assert_cmpint(take(&database, "a", 3, 60, NOON + i * SECOND, NULL), ==, 0);
    g_assert_cmpint(take(&database, "a", 3, 60, NOON + 4 * SECOND, &wait), ==, PORTICO_ELIMIT);
    g_assert_cmpint(take(&database, "b", 3, 60, NOON + 4 * SECOND, NULL), ==, 0);
    g_assert_cmpint(wait, >, 0);
    g_assert_cmpint(take(&database, "a", 3, 60, NOON + 4 * SECOND + wait - 1, &wait), ==,
                    PORTICO_ELIMIT);
    database_free(&database);
}

static void after_the_wait_it_said_one_is_taken(gconstpointer kind)
{
    struct database database;
    int64_t wait = 0, now = NOON + 17 * SECOND;
    if (!work_new(&database, kind))
        return;
    g_assert_cmpint(take(&database, "a", 1, 3600, now, NULL), ==, 0);
    g_assert_cmpint(take(&database, "a", 1, 3600, now, &wait), ==, PORTICO_ELIMIT);
    g_assert_cmpint(wait, >=, 3600 * SECOND);
    g_assert_cmpint(wait, <=, (3600 + 3600 / LIMIT_STEPS) * SECOND);
    g_assert_cmpint(take(&database, "a", 1, 3600, now + wait - 1, &wait), ==, PORTICO_ELIMIT);
    g_assert_cmpint(wait, ==, 1);
    g_assert_cmpint(take(&database, "a", 1, 3600, now + 3780 * SECOND, NULL), ==, 0);
    database_free(&database);
}

/* However the times fall, no stretch of the window's length holds more than the limit. */
static void no_window_holds_more_than_the_limit(gconstpointer kind)
{
    struct database database;
    if (!work_new(&database, kind))
        return;
    GArray *taken = g_array_new(FALSE, FALSE, sizeof(int64_t));
    GRand *random = g_rand_new_with_seed(7);
    int64_t now = NOON;
    for (unsigned i = 0; i < 400; i++) {
        now += g_rand_int_range(random, 1, 3000000);
        int64_t wait = 0;
        if (take(&database, "a", 5, 20, now, &wait) == 0)
            g_array_append_val(taken, now);
        else
            g_assert_cmpint(wait, <=, 22 * SECOND);
        database_next_session(&database);
    }
    g_assert_cmpuint(taken->len, >, 100);
    for (guint i = 5; i < taken->len; i++)
        g_assert_cmpint(g_array_index(taken, int64_t, i) - g_array_index(taken, int64_t, i - 5), >,
                        20 * SECOND);
    g_rand_free(random);
    g_array_free(taken, TRUE);
    database_free(&database);
}

static void a_count_is_undone_with_its_transaction(gconstpointer kind)
{
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!work_new(&database, kind))
        return;
    database_must(store_begin(database.session, &error), &error);
    g_assert_cmpint(take(&database, "a", 1, 60, NOON, NULL), ==, 0);
    store_rollback(database.session);
    g_assert_cmpint(take(&database, "a", 1, 60, NOON, NULL), ==, 0);
    int64_t wait = 0;
    database_must(store_begin(database.session, &error), &error);
    g_assert_cmpint(take(&database, "a", 1, 60, NOON, &wait), ==, PORTICO_ELIMIT);
    g_assert_cmpint(take(&database, "b", 1, 60, NOON, &wait), ==, 0);
    database_must(store_commit(database.session, &error), &error);
    g_assert_cmpint(take(&database, "b", 1, 60, NOON, &wait), ==, PORTICO_ELIMIT);
    database_free(&database);
}

struct crowd {
    struct database *database;
    int taken; /* atomically */
};

static gpointer crowd_in(gpointer data)
{
    struct crowd *crowd = data;
    for (unsigned i = 0; i < 10; i++) {
        struct arena *arena = arena_new(0);
        struct store_session *session =
            store_session_new(crowd->database->store, arena, &store_viewer_everyone, "core");
        const struct limit limit = { "crowd", 25, 60 };
        struct portico_error error = PORTICO_ERROR_INIT;
        int64_t wait;
        int code = limit_take(session, &limit, NOON, &wait, &error);
        if (code != PORTICO_ELIMIT)
            database_must(code, &error);
        if (code == 0)
            g_atomic_int_inc(&crowd->taken);
        store_session_end(session);
        arena_free(arena);
    }
    return NULL;
}

static void a_crowd_takes_exactly_the_limit(gconstpointer kind)
{
    struct database database;
    if (!work_new(&database, kind))
        return;
    struct crowd crowd = { &database, 0 };
    GThread *threads[8];
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new(NULL, crowd_in, &crowd);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
    g_assert_cmpint(crowd.taken, ==, 25);
    database_free(&database);
}

static void what_no_window_reaches_is_removed(gconstpointer kind)
{
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!work_new(&database, kind))
        return;
    g_assert_cmpint(take(&database, "a", 5, 60, NOON, NULL), ==, 0);
    g_assert_cmpint(take(&database, "b", 5, 3600, NOON, NULL), ==, 0);
    g_assert_cmpint(limit_prune(database.session, NOON + 100 * SECOND, 10, &error), ==, 1);
    g_assert_cmpint(database_integer(&database, "SELECT count(*) FROM portico_limit"), ==, 1);
    database_free(&database);
}

static void a_limit_that_is_none_is_refused(gconstpointer kind)
{
    struct database database;
    if (!work_new(&database, kind))
        return;
    g_assert_cmpint(take(&database, "a", 0, 60, NOON, NULL), ==, PORTICO_EINVAL);
    g_assert_cmpint(take(&database, "a", 1, 0, NOON, NULL), ==, PORTICO_EINVAL);
    g_assert_cmpint(take(&database, "a", 1, LIMIT_SECONDS_MOST + 1, NOON, NULL), ==,
                    PORTICO_EINVAL);
    database_free(&database);
}

static void addresses_of_one_network_are_one(void)
{
    static const struct {
        const char *address, *network;
    } rows[] = {
        { "203.0.113.77", "203.0.113.0/24" },
        { "::ffff:203.0.113.9", "203.0.113.0/24" },
        { "2001:db8:aa:bbcc:1:2:3:4", "2001:db8:aa:bb00::/56" },
        { "2001:db8:aa:bb01::9", "2001:db8:aa:bb00::/56" },
        { "2001:db8:aa:bc01::9", "2001:db8:aa:bc00::/56" },
        { "unix", "unix" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        char network[LIMIT_NETWORK_SIZE];
        limit_network(rows[i].address, network);
        g_assert_cmpstr(network, ==, rows[i].network);
    }
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(gconstpointer kind);
    } tests[] = {
        { "as many are taken as the limit says", as_many_are_taken_as_the_limit_says },
        { "after the wait it said, one is taken", after_the_wait_it_said_one_is_taken },
        { "no window holds more than the limit", no_window_holds_more_than_the_limit },
        { "a count is undone with its transaction", a_count_is_undone_with_its_transaction },
        { "a crowd takes exactly the limit", a_crowd_takes_exactly_the_limit },
        { "what no window reaches is removed", what_no_window_reaches_is_removed },
        { "a limit that is none is refused", a_limit_that_is_none_is_refused },
    };
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        for (int kind = STORE_SQLITE; kind <= STORE_POSTGRES; kind++) {
            char *path = g_strdup_printf(
                "/limit/%s/%s", kind == STORE_SQLITE ? "sqlite" : "postgres", tests[i].name);
            g_test_add_data_func(path, GINT_TO_POINTER(kind), tests[i].run);
            g_free(path);
        }
    g_test_add_func("/limit/addresses of one network are one", addresses_of_one_network_are_one);
    return g_test_run();
}
