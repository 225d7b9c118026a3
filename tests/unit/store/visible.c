/* Tests of the one filter: what a statement may touch, and whose rows it sees. */
#include "database.h"

#define TABLES                                                                                     \
    "CREATE TABLE topic (\n    id {id} PRIMARY KEY,\n    audience {id} NOT NULL,\n"                \
    "    title {text},\n    score {integer} NOT NULL DEFAULT 0,\n    slug {text} UNIQUE\n);\n"     \
    "CREATE TABLE post (\n    id {id} PRIMARY KEY,\n    topic {id} NOT NULL,\n    body "           \
    "{text}\n);\n"

static bool fresh(struct database *database, gconstpointer kind)
{
    if (!database_new(database, (enum store_kind)GPOINTER_TO_INT(kind)))
        return false;
    database_migrate(database, TABLES);
    database_execute(
        database,
        "INSERT INTO topic (id, audience, title) "
        "VALUES (1, 1, 'all'), (2, 3, 'staff'), (3, 1, 'all too'), (4, 2, 'signed in')",
        PORTICO_NO_ARGS);
    database_execute(database, "INSERT INTO post (id, topic, body) VALUES (1, 1, 'a'), (2, 2, 'b')",
                     PORTICO_NO_ARGS);
    return true;
}

static void only_rows_of_the_viewers_audiences_are_there(gconstpointer kind)
{
    static const struct {
        const char *sql;
        int64_t count;
    } queries[] = {
        { "SELECT count(*) FROM {visible topic} t", 2 },
        { "SELECT count(*) FROM {visible topic}", 2 },
        { "SELECT count(*) FROM {visible topic} WHERE topic.id > 0", 2 },
        { "SELECT count(*) FROM {visible topic} AS x WHERE x.id = 2 OR 1 = 1", 2 },
        { "SELECT count(*) FROM {visible topic} t WHERE NOT (t.id = 1)", 1 },
        { "SELECT count(*) FROM post p JOIN {visible topic} t ON t.id = p.topic", 1 },
        { "SELECT count(t.id) FROM post p LEFT JOIN {visible topic} t ON t.id = p.topic", 1 },
        { "SELECT count(*) FROM {visible topic} a CROSS JOIN {visible topic} b", 4 },
        { "SELECT count(*) FROM post WHERE topic IN (SELECT id FROM {visible topic} t)", 1 },
        { "WITH seen AS (SELECT id FROM {visible topic} t) SELECT count(*) FROM seen", 2 },
    };
    struct database database;
    if (!fresh(&database, kind))
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(queries); i++)
        g_assert_cmpint(database_integer(&database, queries[i].sql), ==, queries[i].count);
    database_free(&database);
}

static void a_direct_touch_is_refused_when_first_prepared(gconstpointer kind)
{
    static const char *const refused[] = {
        "SELECT * FROM topic",
        "SELECT count(*) FROM topic",
        "SELECT 1 FROM topic",
        "SELECT t.id FROM {visible topic} t JOIN topic u ON u.id = t.id",
        "SELECT (SELECT max(score) FROM topic) FROM {visible topic} t",
        "SELECT p.id FROM post p WHERE EXISTS (SELECT 1 FROM \"topic\" WHERE id = p.topic)",
        "WITH x AS (SELECT * FROM topic) SELECT 1 FROM x",
        "UPDATE topic SET score = 1",
        "UPDATE {visible topic} SET score = (SELECT max(score) FROM topic u)",
        "DELETE FROM topic",
        "DELETE FROM topic WHERE id = 1",
        "DELETE FROM post WHERE topic IN (SELECT id FROM topic)",
        "INSERT INTO post (id, topic) SELECT id, id FROM topic",
        "INSERT INTO topic (id, audience) SELECT id + 10, 1 FROM topic",
        "INSERT INTO topic (id, audience) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET score = 9",
    };
    struct database database;
    if (!fresh(&database, kind))
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
        for (int round = 0; round < 2; round++) {
            struct portico_error error = PORTICO_ERROR_INIT;
            g_assert_cmpint(database_try(&database, refused[i], PORTICO_NO_ARGS, &error), ==,
                            PORTICO_EPERM);
            g_assert_nonnull(strstr(error.message, "{visible topic}"));
        }
    }
    database_free(&database);
}

static void names_and_words_cannot_open_the_filter(gconstpointer kind)
{
    static const char *const refused[] = {
        "WITH portico_visible_topic AS (SELECT 1 AS id) SELECT id FROM {visible topic} t",
        "SELECT * FROM portico_visible_topic",
        "SELECT * FROM \"portico_visible_topic\"",
        "SELECT * FROM {visible topic WHERE 1} t",
        "SELECT * FROM {visible topic, post} t",
        "UPDATE {visible topic} SET score = 1 WHERE 1 = 1) OR (1 = 1",
        "SELECT * FROM absent",
    };
    struct database database;
    if (!fresh(&database, kind))
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
        struct portico_error error = PORTICO_ERROR_INIT;
        g_assert_cmpint(database_try(&database, refused[i], PORTICO_NO_ARGS, &error), ==,
                        PORTICO_EINVAL);
    }
    database_free(&database);
}

/* Each reads or changes rows 2 and 4, which are not the viewer's, if the two readers of the
 * statement
 * - the check and the database - can be made to see different relations in it. */
static void no_second_reading_opens_the_filter(gconstpointer kind)
{
    static const char *const refused[] = {
        /* PostgreSQL: a common table expression does not see those written after it. */
        "WITH a AS (SELECT id FROM topic), topic AS (SELECT 1 AS id) SELECT id FROM a",
        /* A table's place in {visible …} taken by a relation of the author's own. */
        "WITH topic AS (SELECT id, 1 AS audience FROM main.topic) SELECT id FROM {visible topic} t",
        "WITH topic AS (SELECT id, 1 AS audience FROM topic) SELECT id FROM {visible topic} t",
        "WITH post AS (SELECT id, 1 AS audience FROM topic) SELECT id FROM {visible post} p",
        "WITH \"post\" (id, audience) AS (SELECT id, 1 FROM topic) SELECT id FROM {visible post} p",
        "WITH Post AS NOT MATERIALIZED (SELECT id, 1 AS audience FROM topic) "
        "SELECT id FROM {visible post} p",
        "SELECT id FROM (WITH post AS/**/(SELECT id, 1 AS audience FROM topic) "
        "SELECT id FROM {visible post} p) q",
        /* A relation with the name of a trigger, whose reads are the schema's own. */
        "WITH topic_kept AS (SELECT id FROM topic) SELECT id FROM topic_kept",
        /* INSERT that changes rows, behind something else. */
        "WITH x AS (SELECT 1) INSERT INTO topic (id, audience) VALUES (2, 1) "
        "ON CONFLICT (id) DO UPDATE SET score = 9",
        "\f INSERT INTO topic (id, audience) VALUES (2, 1) "
        "ON CONFLICT (id) DO UPDATE SET score = 9",
        "INSERT OR REPLACE INTO topic (id, audience, title) VALUES (2, 1, 'mine')",
        /* Strings and names that the two databases end at different places. */
        "SELECT e'\\'' || max(id) FROM topic --' FROM post",
        "SELECT U&'!' UESCAPE '!' FROM post",
        "UPDATE {visible topic} SET score = 1 WHERE 1 = 1 AND `a'` = 1 -- '",
        "UPDATE {visible topic} SET [where] = 1 WHERE 1 = 1",
        "SELECT id FROM post WHERE a$$ = 1 OR $$ = 1",
    };
    struct database database;
    if (!fresh(&database, kind))
        return;
    struct portico_error failure = PORTICO_ERROR_INIT;
    database_must(
        database_try_migrate(&database, "core", "0002-kept.before.sql",
                             "ALTER TABLE post ADD COLUMN e {text};\n"
                             "-- sqlite:\nCREATE TRIGGER topic_kept AFTER DELETE ON topic BEGIN\n"
                             "    DELETE FROM post WHERE topic = old.id;\nEND;\n",
                             MIGRATE_BEFORE, &failure),
        &failure);
    for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
        struct portico_error error = PORTICO_ERROR_INIT;
        int code = database_try(&database, refused[i], PORTICO_NO_ARGS, &error);
        if (code != PORTICO_EINVAL && code != PORTICO_EPERM)
            g_error("%d %s: %s", code, error.message, refused[i]);
    }
    g_assert_cmpint(database_integer(&database, "{unfiltered what is left} "
                                                "SELECT sum(score) + count(*) FROM topic"),
                    ==, 4);
    g_assert_cmpint(database_integer(&database,
                                     "WITH own AS (SELECT id, title FROM {visible topic} t), "
                                     "more (id, title) AS (SELECT id, title FROM own) "
                                     "SELECT count(*) FROM more WHERE title <> '\\'"),
                    ==, 2);
    database_free(&database);
}

static void unfiltered_with_a_reason_sees_all(gconstpointer kind)
{
    struct database database;
    if (!fresh(&database, kind))
        return;
    g_assert_cmpint(database_integer(&database, "{unfiltered a count for staff} "
                                                "SELECT count(*) FROM topic"),
                    ==, 4);
    struct portico_error error = PORTICO_ERROR_INIT;
    g_assert_cmpint(
        database_try(&database, "{unfiltered} SELECT count(*) FROM topic", PORTICO_NO_ARGS, &error),
        ==, PORTICO_EINVAL);
    database_free(&database);
}

static void changes_reach_only_visible_rows(gconstpointer kind)
{
    struct database database;
    if (!fresh(&database, kind))
        return;
    g_assert_cmpint(
        database_execute(&database, "UPDATE {visible topic} SET score = 5", PORTICO_NO_ARGS), ==,
        2);
    g_assert_cmpint(database_execute(&database,
                                     "UPDATE {visible topic} SET score = score + ? "
                                     "WHERE id = 2 OR topic.id = ?",
                                     PORTICO_ARGS(portico_arg_integer(1), portico_arg_id(3))),
                    ==, 1);
    g_assert_cmpint(
        database_execute(&database,
                         "UPDATE {visible topic} AS t SET score = 7 WHERE t.id > 0 OR 1 = 1",
                         PORTICO_NO_ARGS),
        ==, 2);
    struct value *rows =
        database_query(&database,
                       "UPDATE {visible topic} SET score = 8 WHERE id < 3 OR id = 4 "
                       "RETURNING id",
                       PORTICO_NO_ARGS);
    g_assert_cmpuint(rows->count, ==, 1);
    g_assert_cmpint(database_execute(&database,
                                     "DELETE FROM {visible topic} WHERE id = 2 OR id = 3",
                                     PORTICO_NO_ARGS),
                    ==, 1);
    g_assert_cmpint(database_execute(&database, "DELETE FROM {visible topic}", PORTICO_NO_ARGS), ==,
                    1);
    g_assert_cmpint(database_integer(&database, "{unfiltered what is left} "
                                                "SELECT sum(score) + count(*) FROM topic"),
                    ==, 2);
    database_free(&database);
}

static void inserts_need_no_token(gconstpointer kind)
{
    struct database database;
    if (!fresh(&database, kind))
        return;
    struct value *rows =
        database_query(&database,
                       "INSERT INTO topic (id, audience, slug) VALUES (9, 1, 'nine') "
                       "ON CONFLICT (slug) DO NOTHING RETURNING id",
                       PORTICO_NO_ARGS);
    g_assert_cmpuint(rows->count, ==, 1);
    g_assert_cmpint(
        database_execute(&database,
                         "INSERT INTO topic (id, audience, slug) VALUES (10, 1, 'nine') "
                         "ON CONFLICT (slug) DO NOTHING",
                         PORTICO_NO_ARGS),
        ==, 0);
    g_assert_cmpint(database_execute(&database,
                                     "{unfiltered the import owns its rows} "
                                     "INSERT INTO topic (id, audience) VALUES (9, 1) "
                                     "ON CONFLICT (id) DO UPDATE SET score = topic.score + 3",
                                     PORTICO_NO_ARGS),
                    ==, 1);
    g_assert_cmpint(database_integer(&database, "SELECT score FROM {visible topic} t WHERE id = 9"),
                    ==, 3);
    database_free(&database);
}

static void each_viewer_sees_with_its_own_eyes(gconstpointer kind)
{
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!fresh(&database, kind))
        return;
    static const int64_t audiences[] = { 1, 2, 3 };
    static const int64_t counts[] = { 0, 2, 3, 4 };
    for (int round = 0; round < 2; round++)
        for (size_t size = 0; size < 4; size++) {
            const struct store_viewer viewer = { audiences, size, false };
            struct store_session *session =
                store_session_new(database.store, database.arena, &viewer, "core");
            struct value *rows;
            database_must(store_query(session, "SELECT count(*) FROM {visible topic} t", NULL, 0,
                                      &rows, &error),
                          &error);
            g_assert_cmpint(value_rows_at(rows, 0)->integer, ==, counts[size]);
            store_session_end(session);
        }
    database_free(&database);
}

static void a_table_that_came_later_is_known(gconstpointer kind)
{
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!fresh(&database, kind))
        return;
    g_assert_cmpint(database_try(&database, "SELECT id FROM idea", PORTICO_NO_ARGS, &error), ==,
                    PORTICO_EINVAL);
    database_must(database_try_migrate(&database, "core", "0002-ideas.before.sql",
                                       "CREATE TABLE idea (\n    id {id} PRIMARY KEY,\n"
                                       "    audience {id}\n);\n",
                                       MIGRATE_BEFORE, &error),
                  &error);
    g_assert_cmpint(database_try(&database, "SELECT id FROM idea", PORTICO_NO_ARGS, &error), ==,
                    PORTICO_EPERM);
    g_assert_cmpint(database_integer(&database, "SELECT count(*) FROM {visible idea} i"), ==, 0);
    database_free(&database);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DATABASE_TEST("visible", only_rows_of_the_viewers_audiences_are_there);
    DATABASE_TEST("visible", a_direct_touch_is_refused_when_first_prepared);
    DATABASE_TEST("visible", names_and_words_cannot_open_the_filter);
    DATABASE_TEST("visible", no_second_reading_opens_the_filter);
    DATABASE_TEST("visible", unfiltered_with_a_reason_sees_all);
    DATABASE_TEST("visible", changes_reach_only_visible_rows);
    DATABASE_TEST("visible", inserts_need_no_token);
    DATABASE_TEST("visible", each_viewer_sees_with_its_own_eyes);
    DATABASE_TEST("visible", a_table_that_came_later_is_known);
    return g_test_run();
}
