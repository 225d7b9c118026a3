/* Tests of the one filter: what a statement may touch, and whose rows it sees. */
#include "database.h"
#include "store/statement.h"

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
            const struct store_viewer viewer = { .audiences = audiences, .audience_count = size };
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

/* One viewer's count of topics. */
static int64_t seen_by(struct database *database, const struct store_viewer *viewer)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct value *rows;
    struct store_session *session =
        store_session_new(database->store, database->arena, viewer, "core");
    database_must(store_query(session,
                              "SELECT count(*) FROM {visible topic} t WHERE ? < t.id AND t.id < ? "
                              "AND t.id IN (SELECT u.id FROM {visible topic} u WHERE u.id < ?)",
                              PORTICO_ARGS(portico_arg_integer(0), portico_arg_integer(50000),
                                           portico_arg_integer(50001)),
                              &rows, &error),
                  &error);
    store_session_end(session);
    return value_rows_at(rows, 0)->integer;
}

static void a_set_of_any_size_is_passed_whole(gconstpointer kind)
{
    static const size_t sizes[] = { 0, 1, 2, 3, 4, 5, 8, 9, 31, 33, 64, 500, 1023, 1024 };
    static int64_t audiences[STORE_AUDIENCES_MAX + 1];
    struct database database;
    if (!fresh(&database, kind))
        return;
    database_execute(&database, "DELETE FROM {visible topic}", PORTICO_NO_ARGS);
    for (size_t i = 0; i <= STORE_AUDIENCES_MAX; i++)
        audiences[i] = (int64_t)(100 + 7 * i);
    database_must(store_begin(database.session, NULL), NULL);
    for (int64_t i = 0; i <= STORE_AUDIENCES_MAX; i++)
        database_execute(&database, "INSERT INTO topic (id, audience) VALUES (?, ?)",
                         PORTICO_ARGS(portico_arg_id(100 + i), portico_arg_id(audiences[i])));
    database_must(store_commit(database.session, NULL), NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        const struct store_viewer viewer = { .audiences = audiences, .audience_count = sizes[i] };
        g_assert_cmpint(seen_by(&database, &viewer), ==, (int64_t)sizes[i]);
    }
    const struct store_viewer all = { .audiences = audiences, .every_account = true };
    g_assert_cmpint(seen_by(&database, &all), ==, STORE_AUDIENCES_MAX + 1);
    g_assert_cmpint(seen_by(&database, &store_viewer_host), ==, STORE_AUDIENCES_MAX + 3);
    database_free(&database);
}

static void more_audiences_than_a_page_can_bear_are_refused(gconstpointer kind)
{
    static int64_t audiences[STORE_AUDIENCES_MAX + 1];
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    struct value *rows;
    if (!fresh(&database, kind))
        return;
    const struct store_viewer viewer = { .audiences = audiences,
                                         .audience_count = STORE_AUDIENCES_MAX + 1 };
    struct store_session *session =
        store_session_new(database.store, database.arena, &viewer, "core");
    g_assert_cmpint(
        store_query(session, "SELECT id FROM {visible topic} t", NULL, 0, &rows, &error), ==,
        PORTICO_ELIMIT);
    g_assert_nonnull(strstr(error.message, "1025 audiences"));
    static const char *const sets[] = {
        "{unfiltered a test} SELECT id FROM topic WHERE audience IN ({audiences})",
        "{unfiltered a test} SELECT * FROM ({audience rows}) v",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(sets); i++) {
        error.message[0] = '\0';
        g_assert_cmpint(store_query(session, sets[i], NULL, 0, &rows, &error), ==, PORTICO_ELIMIT);
        g_assert_nonnull(strstr(error.message, "1025 audiences"));
    }
    store_session_end(session);
    database_free(&database);
}

static bool is_topic(const char *table, void *data)
{
    (void)data;
    return strcmp(table, "topic") == 0;
}

static char *text_for(const struct store_viewer *viewer, enum statement_dialect dialect)
{
    static const char source[] = "UPDATE {visible Topic} t SET score = ? WHERE t.id = ? AND t.id "
                                 "IN (SELECT topic FROM {visible post})";
    struct portico_error error = PORTICO_ERROR_INIT;
    const struct statement_reader reader = { .viewer = viewer, .is_granted = is_topic };
    struct statement statement;
    database_must(statement_expand(source, dialect, &reader, &statement, &error), &error);
    g_assert_cmpuint(statement.parameters, ==, 2);
    char *text = g_strdup(statement.sql);
    statement_free(&statement);
    return text;
}

static void viewers_of_one_size_have_one_text(void)
{
    static const int64_t some[] = { 1, 2, 30, 40 }, others[] = { 2, 7, 50, 90 };
    static const enum statement_dialect dialects[] = { STATEMENT_SQLITE, STATEMENT_POSTGRES };
    const struct store_viewer one = { .audiences = some, .audience_count = 4, .person = 7 };
    const struct store_viewer other = { .audiences = others, .audience_count = 2 };
    const struct store_viewer guest = { .audiences = some, .audience_count = 1 };
    for (size_t i = 0; i < G_N_ELEMENTS(dialects); i++) {
        char *first = text_for(&one, dialects[i]), *second = text_for(&other, dialects[i]);
        char *guests = text_for(&guest, dialects[i]);
        g_assert_cmpstr(first, ==, second);
        g_assert_cmpstr(first, !=, guests);
        g_free(first);
        g_free(second);
        g_free(guests);
    }
    char *text = text_for(&guest, STATEMENT_SQLITE);
    g_assert_cmpstr(text, ==,
                    "UPDATE Topic t SET score = ?1 WHERE (t.audience IN (?3) OR (t.granted AND "
                    "t.id IN (SELECT g.object FROM portico_grant g WHERE g.person = ?4 AND "
                    "g.relation = 'topic' AND g.place IN (?3)))) AND ( t.id = ?2 AND t.id IN "
                    "(SELECT topic FROM "
                    "(SELECT * FROM post WHERE (audience IN (?3))) AS post))");
    g_free(text);
}

static void every_account_adds_all_but_the_fixed_audiences(gconstpointer kind)
{
    static const int64_t audiences[] = { 1, 2 };
    struct database database;
    if (!fresh(&database, kind))
        return;
    database_execute(&database,
                     "INSERT INTO topic (id, audience) VALUES (10, 4), (11, 15), (12, 16), "
                     "(13, 9000000000)",
                     PORTICO_NO_ARGS);
    struct store_viewer viewer = { .audiences = audiences, .audience_count = 2 };
    g_assert_cmpint(seen_by(&database, &viewer), ==, 3);
    viewer.every_account = true;
    g_assert_cmpint(seen_by(&database, &viewer), ==, 5);
    g_assert_true(store_viewer_sees(&viewer, 16) && !store_viewer_sees(&viewer, 15));
    database_free(&database);
}

static void what_was_granted_by_name_is_there_too(gconstpointer kind)
{
    static const int64_t everyone[] = { 1 };
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!fresh(&database, kind))
        return;
    database_must(
        database_try_migrate(
            &database, "core", "0002-granted.before.sql",
            "ALTER TABLE topic ADD COLUMN granted {boolean};\nUPDATE topic SET granted = TRUE "
            "WHERE id IN (1, 2);\nCREATE TABLE portico_grant (relation {text}, object {id}, "
            "person {id}, place {id} DEFAULT 1);\n"
            "INSERT INTO portico_grant (relation, object, person) VALUES "
            "('topic', 1, 7), ('topic', 2, 7), ('topic', 4, 7), ('other', 2, 8);\n",
            MIGRATE_BEFORE, &error),
        &error);
    struct store_viewer viewer = { .audiences = everyone, .audience_count = 1, .person = 7 };
    g_assert_cmpint(seen_by(&database, &viewer), ==, 3); /* 4 does not say that it is granted */
    viewer.person = 8;
    g_assert_cmpint(seen_by(&database, &viewer), ==, 2);
    viewer.person = 0;
    g_assert_cmpint(seen_by(&database, &viewer), ==, 2);
    viewer.person = 7;
    struct store_session *session =
        store_session_new(database.store, database.arena, &viewer, "core");
    int64_t changed = 0;
    database_must(store_execute(session, "UPDATE {visible topic} SET score = ? WHERE id < ?",
                                PORTICO_ARGS(portico_arg_integer(3), portico_arg_id(3)), &changed,
                                &error),
                  &error);
    g_assert_cmpint(changed, ==, 2);
    database_must(store_execute(session, "DELETE FROM {visible topic} AS g WHERE g.id <> ?",
                                PORTICO_ARGS(portico_arg_id(1)), &changed, &error),
                  &error);
    g_assert_cmpint(changed, ==, 2);
    store_session_end(session);
    database_free(&database);
}

/* The session's connection stays the same. */
static void what_was_prepared_before_the_schema_changed_is_checked_again(gconstpointer kind)
{
    static const int64_t everyone[] = { 1 };
    static const struct store_viewer ann = { .audiences = everyone,
                                             .audience_count = 1,
                                             .person = 7 };
    static const char direct[] = "SELECT count(*) FROM shop_item";
    static const char seen[] = "SELECT count(*) FROM {visible shop_note} n";
    struct portico_error error = PORTICO_ERROR_INIT;
    struct database database;
    struct value *rows;
    if (!fresh(&database, kind))
        return;
    database_must(database_try_migrate(
                      &database, "core", "0002-grants.before.sql",
                      "CREATE TABLE portico_grant (\n    relation {text},\n    object {id},\n"
                      "    person {id},\n    place {id}\n);\n"
                      "INSERT INTO portico_grant VALUES ('shop_note', 2, 7, 1);\n",
                      MIGRATE_BEFORE, &error),
                  &error);
    database_must(database_try_migrate(&database, "shop", "0001-tables.before.sql",
                                       "CREATE TABLE shop_item (\n    id {id} PRIMARY KEY\n);\n"
                                       "CREATE TABLE shop_note (\n    id {id} PRIMARY KEY,\n"
                                       "    audience {id} NOT NULL\n);\n"
                                       "INSERT INTO shop_note (id, audience) VALUES (1, 1), "
                                       "(2, 4);\n",
                                       MIGRATE_BEFORE, &error),
                  &error);
    struct store_session *shop = store_session_new(database.store, database.arena, &ann, "shop");
    for (int i = 0; i < 3; i++) {
        database_must(store_query(shop, direct, NULL, 0, &rows, &error), &error);
        database_must(store_query(shop, seen, NULL, 0, &rows, &error), &error);
        g_assert_cmpint(value_rows_at(rows, 0)->integer, ==, 1);
    }
    database_must(database_try_migrate(&database, "shop", "0002-more.before.sql",
                                       "ALTER TABLE shop_item ADD COLUMN audience {id};\n"
                                       "ALTER TABLE shop_note ADD COLUMN granted {boolean};\n"
                                       "UPDATE shop_note SET granted = TRUE;\n",
                                       MIGRATE_BEFORE, &error),
                  &error);
    g_assert_cmpint(store_query(shop, direct, NULL, 0, &rows, &error), ==, PORTICO_EPERM);
    store_session_end(shop);
    shop = store_session_new(database.store, database.arena, &ann, "shop");
    g_assert_cmpint(store_query(shop, direct, NULL, 0, &rows, &error), ==, PORTICO_EPERM);
    database_must(store_query(shop, seen, NULL, 0, &rows, &error), &error);
    g_assert_cmpint(value_rows_at(rows, 0)->integer, ==, 2);
    store_session_end(shop);
    database_free(&database);
}

#define PEEK                                                                                       \
    "CREATE TABLE shop_secret (id INTEGER PRIMARY KEY, title TEXT, audience INTEGER);"             \
    "CREATE TABLE shop_list (id INTEGER PRIMARY KEY);"                                             \
    "CREATE VIEW shop_peek AS SELECT id, title FROM shop_secret;"                                  \
    "CREATE TRIGGER Shop_Peek AFTER INSERT ON shop_list BEGIN DELETE FROM shop_list WHERE id < "   \
    "0; END;"

/* A trigger may touch what a statement may not; what a view reads is the statement's. */
static void a_view_is_no_trigger_whatever_it_is_called(gconstpointer kind)
{
    static const char *const ways[] = { "SELECT title FROM shop_peek",
                                        "SELECT title FROM Shop_Peek",
                                        "SELECT p.title FROM SHOP_PEEK p" };
    struct portico_error error = PORTICO_ERROR_INIT;
    struct database database;
    struct value *rows;
    if (!fresh(&database, kind))
        return;
    /* As a database has it that an earlier version migrated. */
    database_execute(&database,
                     "{unfiltered a test} INSERT INTO portico_migration (place, module, file, "
                     "checksum, script, applied) SELECT MAX(place) + 1, 'shop', 'x', 'x', "
                     "?, 0 FROM portico_migration",
                     PORTICO_ARGS(portico_arg_text(PEEK)));
    struct store_session *shop =
        store_session_new(database.store, database.arena, &store_viewer_everyone, "shop");
    for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
        g_assert_cmpint(store_query(shop, ways[i], NULL, 0, &rows, &error), ==, PORTICO_EPERM);
        g_assert_nonnull(strstr(error.message, "shop_secret"));
    }
    store_session_end(shop);
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
    DATABASE_TEST("visible", a_set_of_any_size_is_passed_whole);
    DATABASE_TEST("visible", more_audiences_than_a_page_can_bear_are_refused);
    g_test_add_func("/visible/viewers_of_one_size_have_one_text",
                    viewers_of_one_size_have_one_text);
    DATABASE_TEST("visible", every_account_adds_all_but_the_fixed_audiences);
    DATABASE_TEST("visible", what_was_granted_by_name_is_there_too);
    DATABASE_TEST("visible", what_was_prepared_before_the_schema_changed_is_checked_again);
    DATABASE_TEST("visible", a_view_is_no_trigger_whatever_it_is_called);
    return g_test_run();
}
