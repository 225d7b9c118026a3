/* Tests of ownership: what a module's migrations may make, and what its statements may touch. */
#include "store/owner.h"
#include "database.h"
#include "store/driver.h"

#define OWN                                                                                        \
    "CREATE TABLE ideas_idea (\n    id {id} PRIMARY KEY,\n    audience {id} NOT NULL,\n"           \
    "    title {text},\n    score {integer} NOT NULL DEFAULT 0\n);\n"                              \
    "CREATE TABLE ideas_vote (\n    idea {id} NOT NULL,\n    person {id} NOT NULL,\n"              \
    "    PRIMARY KEY (idea, person)\n);\n"                                                         \
    "CREATE INDEX ideas_vote_person ON ideas_vote (person);\n"
#define OTHER                                                                                      \
    "CREATE TABLE ideas_box_slot (\n    id {id} PRIMARY KEY,\n    secret {text},\n"                \
    "    idea {id}\n);\n"

static int migrate(struct database *database, const char *module, const char *file,
                   const char *text, struct portico_error *error)
{
    return database_try_migrate(database, module, file, text, MIGRATE_BEFORE, error);
}

static void be(struct database *database, const char *module)
{
    store_session_end(database->session);
    database->session =
        store_session_new(database->store, database->arena, &store_viewer_everyone, module);
}

/* Module "ideas", beside it "ideas-box", whose tables begin as if they were of "ideas". */
static bool fresh(struct database *database, gconstpointer kind)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!database_new(database, (enum store_kind)GPOINTER_TO_INT(kind)))
        return false;
    database_must(migrate(database, "core", "0001-host.before.sql",
                          "CREATE TABLE portico_thing (\n    id {id} PRIMARY KEY\n);\n", &error),
                  &error);
    database_must(migrate(database, "ideas", "0001-ideas.before.sql", OWN, &error), &error);
    database_must(migrate(database, "ideas-box", "0001-box.before.sql", OTHER, &error), &error);
    be(database, "ideas");
    return true;
}

static void a_modules_own_tables_are_open_to_it(gconstpointer kind)
{
    static const char *const fine[] = {
        "SELECT count(*), max(score), coalesce(sum(score), 0) FROM {visible ideas_idea} i",
        "SELECT i.title FROM {visible ideas_idea} i JOIN ideas_vote v ON v.idea = i.id",
        "WITH mine AS (SELECT idea FROM ideas_vote WHERE person = 1) SELECT count(*) FROM mine",
        "WITH mine AS (SELECT idea FROM ideas_vote) SELECT 1 FROM mine, ideas_vote v",
        "SELECT count(*) FROM \"ideas_vote\"",
        "SELECT COUNT(*) FROM IDEAS_VOTE",
        "{unfiltered a count for staff} SELECT count(*) FROM ideas_idea",
        "SELECT v.idea, rank() OVER (ORDER BY v.person) FROM ideas_vote v",
        "SELECT upper(title), lower(trim(title)), length(title), substr(title, 1, 2), "
        "replace(title, 'a', 'b'), abs(score), nullif(score, 0) FROM {visible ideas_idea} i",
        "SELECT person AS \"person:id\" FROM ideas_vote WHERE idea IN (SELECT 1)",
        "SELECT title FROM {visible ideas_idea} i WHERE title LIKE 'a%'",
    };
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!fresh(&database, kind))
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(fine); i++) {
        struct value *rows = NULL;
        int code = store_query(database.session, fine[i], NULL, 0, &rows, &error);
        if (code < 0)
            g_error("%s: %s", fine[i], error.message);
    }
    g_assert_cmpint(database_execute(&database,
                                     "INSERT INTO ideas_vote (idea, person) VALUES (1, 2) "
                                     "ON CONFLICT (idea, person) DO NOTHING",
                                     PORTICO_NO_ARGS),
                    ==, 1);
    g_assert_cmpint(database_execute(&database,
                                     "UPDATE ideas_vote SET person = 3 WHERE person IN "
                                     "(SELECT person FROM ideas_vote)",
                                     PORTICO_NO_ARGS),
                    ==, 1);
    g_assert_cmpint(database_execute(&database, "DELETE FROM ideas_vote", PORTICO_NO_ARGS), ==, 1);
    database_free(&database);
}

static void what_is_not_a_modules_is_shut_to_it(gconstpointer kind)
{
    static const char *const refused[] = {
        /* Another module's, and the host's, in every place a relation can stand. */
        "SELECT secret FROM ideas_box_slot",
        "SELECT count(*) FROM ideas_box_slot",
        "SELECT 1 FROM IDEAS_BOX_SLOT",
        "SELECT 1 FROM \"ideas_box_slot\"",
        "SELECT 1 FROM ideas_vote v JOIN ideas_box_slot s ON s.idea = v.idea",
        "SELECT (SELECT max(secret) FROM ideas_box_slot) FROM ideas_vote",
        "SELECT 1 FROM ideas_vote v WHERE EXISTS (SELECT 1 FROM ideas_box_slot)",
        "SELECT 1 FROM ideas_vote ORDER BY (SELECT secret FROM ideas_box_slot)",
        "WITH s AS (SELECT * FROM ideas_box_slot) SELECT 1 FROM s",
        "WITH s AS (SELECT * FROM ideas_box_slot) INSERT INTO ideas_vote (idea, person) "
        "SELECT id, id FROM s",
        "WITH ideas_box_slot AS (SELECT 1 AS secret) SELECT secret FROM ideas_box_slot",
        "SELECT 1 FROM (WITH pragma_database_list AS (SELECT 1) "
        "SELECT 1 FROM pragma_database_list) a, pragma_database_list b",
        "SELECT idea FROM ideas_vote UNION SELECT id FROM ideas_box_slot",
        "INSERT INTO ideas_box_slot (id) VALUES (1)",
        "INSERT INTO ideas_vote (idea, person) SELECT id, id FROM ideas_box_slot",
        "UPDATE ideas_box_slot SET secret = 'x'",
        "UPDATE ideas_vote SET person = (SELECT id FROM ideas_box_slot)",
        "UPDATE ideas_vote SET person = s.id FROM ideas_box_slot s WHERE s.idea = ideas_vote.idea",
        "DELETE FROM ideas_box_slot",
        "DELETE FROM ideas_vote WHERE idea IN (SELECT id FROM ideas_box_slot)",
        "INSERT INTO ideas_vote (idea, person) VALUES (1, 1) RETURNING "
        "(SELECT secret FROM ideas_box_slot)",
        "{unfiltered the author says so} SELECT secret FROM ideas_box_slot",
        "{unfiltered the author says so} SELECT id FROM portico_thing",
        "SELECT id FROM portico_thing",
        "SELECT script FROM portico_migration",
        "{unfiltered} SELECT 1",
        "SELECT 1 FROM {visible ideas_box_slot} s",
        "SELECT id FROM \"Portico_Thing\"",
        /* The databases' own. */
        "SELECT * FROM sqlite_master",
        "SELECT * FROM sqlite_schema",
        "SELECT 1 FROM main.sqlite_master",
        "SELECT name FROM pragma_table_info('ideas_vote')",
        "SELECT * FROM information_schema.tables",
        "SELECT * FROM pg_class",
        "SELECT * FROM pg_catalog.pg_class",
        "SELECT 1 FROM pg_catalog . pg_authid",
        "SELECT value FROM json_each('[1]')",
        "SELECT CAST('portico_thing' AS regclass) FROM ideas_vote",
        "SELECT CAST('x' AS \"regclass\") FROM ideas_vote",
        "SELECT current_user",
        /* Functions that look at more than their arguments. */
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT \"pg_read_file\"('/etc/passwd')",
        "SELECT lo_import('/etc/passwd')",
        "SELECT set_config('role', 'x', true)",
        "SELECT current_setting('data_directory')",
        "SELECT dblink('dbname=x', 'SELECT 1')",
        "{unfiltered the author says so} SELECT pg_sleep(9)",
        "{unfiltered the author says so} SELECT query_to_xml('SELECT 1', true, true, '')",
        "SELECT random()",
        "SELECT load_extension('x')",
        "SELECT sqlite_version()",
        "SELECT readfile('/etc/passwd')",
        "SELECT ideas_vote FROM ideas_vote",
        "SELECT v.pg_column_size FROM ideas_vote v",
        "SELECT 1 FROM ideas_vote ORDER BY random()",
        "INSERT INTO ideas_vote (idea, person) VALUES (1, lastval())",
        /* Other ways to change what others have. */
        "CREATE TABLE ideas_more (id INTEGER)",
        "DROP TABLE ideas_vote",
        "TRUNCATE ideas_vote",
        "COPY ideas_vote TO '/tmp/x'",
        "SET search_path = x",
        "PRAGMA writable_schema = 1",
        "ATTACH '/tmp/x' AS y",
        "VACUUM",
        "EXPLAIN SELECT 1",
        "SELECT * INTO ideas_copy FROM ideas_vote",
    };
    struct database database;
    if (!fresh(&database, kind))
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
        struct portico_error error = PORTICO_ERROR_INIT;
        struct value *rows = NULL;
        int code = store_query(database.session, refused[i], NULL, 0, &rows, &error);
        if (code != PORTICO_EPERM && code != PORTICO_EINVAL)
            g_error("not refused: %s (%d)", refused[i], code);
        if (code == PORTICO_EPERM)
            g_assert_nonnull(strstr(error.message, "Module ideas"));
    }
    database_free(&database);
}

static void a_refusal_says_whose_it_is_and_what_to_do(gconstpointer kind)
{
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!fresh(&database, kind))
        return;
    g_assert_cmpint(
        database_try(&database, "SELECT secret FROM ideas_box_slot", PORTICO_NO_ARGS, &error), ==,
        PORTICO_EPERM);
    g_assert_cmpstr(error.message, ==,
                    "Module ideas touches \"ideas_box_slot\", which belongs to module ideas-box: a "
                    "module reads and writes its own tables only (\"ideas_…\"); ask another's "
                    "through a service, or listen to its events.");
    database_free(&database);
}

/* The same text, first from its owner, then from another: what was kept for one is not given out.
 */
static void a_kept_statement_is_nobody_elses(gconstpointer kind)
{
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    struct value *rows;
    if (!fresh(&database, kind))
        return;
    const char *sql = "SELECT secret FROM ideas_box_slot";
    for (int round = 0; round < 3; round++) {
        struct store_turn turn;
        store_session_as(database.session, "ideas-box", &turn);
        database_must(store_query(database.session, sql, NULL, 0, &rows, &error), &error);
        store_session_back(database.session, &turn);
        g_assert_cmpint(store_query(database.session, sql, NULL, 0, &rows, &error), ==,
                        PORTICO_EPERM);
    }
    database_free(&database);
}

static void lists_keep_to_the_modules_tables(gconstpointer kind)
{
    static const struct {
        const char *table, *columns, *joins, *where;
        int code;
    } lists[] = {
        { "ideas_idea", "t.id, t.title", NULL, NULL, 0 },
        { "ideas_idea", "t.id", "LEFT JOIN ideas_vote v ON v.idea = t.id", "t.score = 0", 0 },
        { "portico_thing", "t.id", NULL, NULL, PORTICO_EPERM },
        { "ideas_idea", "(SELECT secret FROM ideas_box_slot) AS s", NULL, NULL, PORTICO_EPERM },
        { "ideas_idea", "t.id", "JOIN ideas_box_slot s ON s.idea = t.id", NULL, PORTICO_EPERM },
        { "ideas_idea", "pg_read_file('x') AS x", NULL, NULL, PORTICO_EPERM },
        { "ideas_idea", "t.id", NULL, "1 = 1) OR (1 = 1", PORTICO_EINVAL },
        { "ideas_idea", "t.id) AS x, (t.score", NULL, NULL, PORTICO_EINVAL },
        { "ideas_idea", "t.id, '", NULL, "1 = 1 OR '' = '", PORTICO_EINVAL },
        { "ideas_idea", "portico_branch.audience", NULL, NULL, PORTICO_EPERM },
    };
    struct database database;
    if (!fresh(&database, kind))
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
        struct portico_error error = PORTICO_ERROR_INIT;
        const struct portico_page_query query = { .size = sizeof query,
                                                  .limit = 10,
                                                  .table = lists[i].table,
                                                  .columns = lists[i].columns,
                                                  .joins = lists[i].joins,
                                                  .where = lists[i].where,
                                                  .order = "id" };
        struct portico_page page = { .size = sizeof page };
        int code = store_page(database.session, &query, &page, &error);
        if (code != lists[i].code)
            g_error("list %zu: %d %s", i, code, error.message);
    }
    database_free(&database);
}

static void a_migration_makes_only_what_begins_with_its_name(gconstpointer kind)
{
    static const char *const fine[] = {
        "CREATE TABLE IF NOT EXISTS guest_book_page (id {id} PRIMARY KEY, number NUMERIC(10, 2), "
        "CHECK (id > 0 AND length('x') = 1));\n"
        "CREATE UNIQUE INDEX guest_book_page_number ON guest_book_page (number) WHERE id > 1;\n"
        "ALTER TABLE guest_book_page ADD COLUMN title {text};\n"
        "INSERT INTO guest_book_page (id, title) VALUES (1, 'a [b] $c'), (2, upper('x'));\n"
        "UPDATE guest_book_page SET title = coalesce(title, '') WHERE id IN (1, 2);\n"
        "CREATE VIEW guest_book_list AS SELECT id FROM guest_book_page;\n"
        "DELETE FROM guest_book_page WHERE EXISTS (SELECT 1 FROM guest_book_page);\n"
        "-- sqlite:\nCREATE TRIGGER guest_book_kept AFTER DELETE ON guest_book_page BEGIN\n"
        "    INSERT INTO guest_book_page (id) VALUES (old.id);\nEND;\n-- all:\n"
        "DROP VIEW guest_book_list;\n"
        "CREATE VIEW guest_book_pair AS SELECT a.id, b.title FROM guest_book_page a\n"
        "    JOIN guest_book_page b USING (id), guest_book_page c, (SELECT 1 AS one) d\n"
        "    WHERE a.id IN (1, 2) GROUP BY a.id, b.title ORDER BY a.id, b.title;\n"
        "CREATE TABLE guest_book_mark (page {id} REFERENCES guest_book_page (id)\n"
        "    ON UPDATE CASCADE ON DELETE SET NULL, place {id}, PRIMARY KEY (page, place));\n"
        "ALTER TABLE guest_book_mark RENAME COLUMN place TO position;\n"
        "ALTER TABLE guest_book_mark RENAME TO guest_book_sign;\n"
        "UPDATE guest_book_sign SET position = 1, page = 2 WHERE page = 1;\n"
        "-- sqlite:\nCREATE TRIGGER guest_book_moved AFTER UPDATE OF position ON guest_book_sign\n"
        "BEGIN\n    UPDATE guest_book_page SET title = 'x', number = 2 WHERE id = 1;\nEND;\n",
    };
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!fresh(&database, kind))
        return;
    database_must(migrate(&database, "guest-book", "0001-page.before.sql", fine[0], &error),
                  &error);
    database_free(&database);
}

static void a_migration_that_reaches_further_is_refused(gconstpointer kind)
{
    static const char *const refused[] = {
        "CREATE TABLE page (id {id});",
        "CREATE TABLE guest (id {id});",
        "CREATE TABLE guestbook (id {id});",
        "CREATE TABLE \"ideas_more\" (id {id});",
        "CREATE TABLE main.guest_page (id {id});",
        "CREATE TABLE public.guest_page (id {id});",
        "CREATE TEMP TABLE guest_page (id {id});",
        "CREATE VIRTUAL TABLE guest_words USING fts5 (x);",
        "CREATE INDEX vote ON ideas_vote (idea);",
        "CREATE INDEX guest_vote ON ideas_vote (idea);",
        "CREATE VIEW guest_spy AS SELECT * FROM ideas_box_slot;",
        "CREATE VIEW guest_spy AS SELECT * FROM portico_thing;",
        "CREATE VIEW guest_spy AS SELECT * FROM not_there_yet;",
        "CREATE TABLE guest_copy AS SELECT * FROM ideas_vote;",
        "CREATE TABLE guest_page (id {id} REFERENCES ideas_idea (id) ON DELETE CASCADE);",
        "DROP TABLE ideas_vote;",
        "DROP TABLE IF EXISTS portico_thing;",
        "ALTER TABLE portico_thing ADD COLUMN x {id};",
        "UPDATE ideas_vote SET person = 1;",
        "DELETE FROM portico_thing;",
        "INSERT INTO portico_thing (id) VALUES (1);",
        "CREATE TABLE guest_a (id {id}); INSERT INTO guest_a SELECT id FROM ideas_box_slot;",
        "CREATE TABLE guest_a (id {id}); INSERT INTO guest_a SELECT id FROM \"Ideas_Box_Slot\";",
        "SELECT 1;",
        "GRANT ALL ON ideas_vote TO public;",
        "-- postgresql:\nCOPY ideas_vote TO PROGRAM 'id';",
        "-- postgresql:\nDO $$BEGIN DROP TABLE ideas_vote; END$$;",
        "-- postgresql:\nCREATE FUNCTION guest_f() RETURNS INT LANGUAGE sql AS 'SELECT 1';",
        "-- postgresql:\nSET search_path = pg_catalog;",
        "-- postgresql:\nCREATE TABLE guest_a AS SELECT pg_read_file('x');",
        "-- postgresql:\nCREATE TABLE guest_a (id BIGINT DEFAULT lo_import('x'));",
        "-- postgresql:\nCREATE TABLE guest_a (id TEXT DEFAULT E'\\' || query_to_xml(''');",
        "-- postgresql:\nCREATE TABLE guest_a (id TEXT /* /* */ ' */, x TEXT DEFAULT lastval()"
        " /* ' */);",
        "CREATE TABLE guest_a (id {id}); ALTER TABLE guest_a RENAME TO ideas_more;",
        "CREATE TABLE guest_a (id {id}); ALTER TABLE guest_a RENAME TO \"ideas_more\";",
        "CREATE TABLE guest_a (id {id}); -- and\rDROP TABLE ideas_vote;\n",
        "CREATE TABLE guest_a (id {id}); -- and\rDROP TABLE accounts;\n",
        /* Of nobody here: another program's in the same database. */
        "CREATE TABLE guest_a (id {id}); CREATE VIEW guest_v AS SELECT 1 FROM guest_a, accounts;",
        "CREATE VIEW guest_v AS SELECT 1 FROM (SELECT 1) a, (SELECT 2) b, private.accounts c;",
        "CREATE TABLE guest_a (id {id}); CREATE VIEW guest_v AS "
        "SELECT a.id FROM guest_a a JOIN guest_a b ON a.id = b.id, \"accounts\";",
        "CREATE TABLE guest_a (id {id}); CREATE VIEW guest_v AS SELECT 1 FROM guest_a -- all, of\n"
        ", -- them\naccounts;",
        "-- postgresql:\nCREATE VIEW guest_v AS TABLE accounts;",
        "-- postgresql:\nCREATE VIEW guest_v AS SELECT 1 FROM ONLY accounts;",
        "-- postgresql:\nCREATE VIEW guest_v AS SELECT 1 FROM LATERAL (SELECT 1) x, accounts;",
        "-- postgresql:\nCREATE TABLE guest_a (id BIGINT);\nDELETE FROM guest_a USING accounts;",
        "-- postgresql:\nCREATE TABLE guest_a (id BIGINT);\nINSERT INTO guest_a "
        "WITH x AS (UPDATE accounts SET id = 1 RETURNING id) SELECT id FROM x;",
        "-- sqlite:\nPRAGMA writable_schema = 1;",
        "-- sqlite:\nATTACH 'x' AS y;",
        "-- sqlite:\nCREATE TABLE guest_a (id INTEGER);\nCREATE TRIGGER guest_t AFTER INSERT ON "
        "guest_a BEGIN\n    DELETE FROM ideas_vote;\nEND;",
        "-- sqlite:\nCREATE TRIGGER ideas_t AFTER INSERT ON ideas_vote BEGIN\n    SELECT 1;\nEND;",
    };
    struct database database;
    if (!fresh(&database, kind))
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
        struct portico_error error = PORTICO_ERROR_INIT;
        int code = migrate(&database, "guest", "0001-all.before.sql", refused[i], &error);
        if (code != PORTICO_EPERM)
            g_error("%s: %d %s", refused[i], code, error.message);
        g_assert_nonnull(strstr(error.message, "guest/0001-all.before.sql:"));
    }
    struct portico_error error = PORTICO_ERROR_INIT;
    migrate(&database, "guest", "0001-all.before.sql", refused[0], &error);
    g_assert_true(g_str_has_suffix(
        error.message,
        "0001-all.before.sql:1: It makes \"page\", which is not module guest's: what a "
        "module makes and touches begins with \"guest_\", such as guest_item."));
    database_free(&database);
}

/* A view and a trigger that were made before their host's tables were guarded stay shut. */
static void views_and_triggers_reach_no_further_than_statements(gconstpointer kind)
{
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!fresh(&database, kind))
        return;
    database_must(migrate(&database, "core", "0002-view.before.sql",
                          "CREATE VIEW portico_things AS SELECT id FROM portico_thing;\n", &error),
                  &error);
    g_assert_cmpint(
        database_try(&database, "SELECT id FROM portico_things", PORTICO_NO_ARGS, &error), ==,
        PORTICO_EPERM);
    database_must(migrate(&database, "ideas", "0002-list.before.sql",
                          "CREATE VIEW ideas_list AS SELECT idea FROM ideas_vote;\n", &error),
                  &error);
    be(&database, "ideas");
    g_assert_cmpint(database_integer(&database, "SELECT count(*) FROM ideas_list"), ==, 0);
    database_free(&database);
}

/* "accounts" is another program's table beside the portal's. */
static void a_relation_of_with_is_never_a_table_that_nobody_checked(gconstpointer kind)
{
    static const struct {
        const char *sql;
        int64_t number;
    } rows[] = {
        { "WITH accounts AS (SELECT 1 AS id UNION ALL SELECT id + 1 FROM accounts WHERE id < 3) "
          "SELECT max(id) FROM accounts",
          3 },
        { "WITH \"accounts\" (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM accounts WHERE id < 3) "
          "SELECT max(id) FROM accounts",
          3 },
        { "WITH RECURSIVE accounts AS "
          "(SELECT 1 AS id UNION ALL SELECT id + 1 FROM accounts WHERE id < 3) "
          "SELECT max(id) FROM accounts",
          3 },
        { "WITH a AS (SELECT id FROM accounts), accounts AS (SELECT 2 AS id) "
          "SELECT max(id) FROM a",
          2 },
        { "SELECT (WITH accounts AS "
          "(SELECT 1 AS id UNION ALL SELECT id + 1 FROM accounts WHERE id < 3) "
          "SELECT max(id) FROM accounts) FROM (SELECT 1 AS one) o",
          3 },
    };
    struct database database;
    if (!fresh(&database, kind))
        return;
    be(&database, "core");
    database.session->migrating = true;
    database_execute(&database, "CREATE TABLE accounts (id BIGINT)", PORTICO_NO_ARGS);
    database.session->migrating = false;
    be(&database, "ideas");
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct portico_error error = PORTICO_ERROR_INIT;
        struct value *found = NULL;
        int code = store_query(database.session, rows[i].sql, NULL, 0, &found, &error);
        if (code < 0)
            g_error("%s: %s", rows[i].sql, error.message);
        g_assert_cmpint(value_rows_at(found, 0)->integer, ==, rows[i].number);
    }
    database_free(&database);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DATABASE_TEST("owner", a_modules_own_tables_are_open_to_it);
    DATABASE_TEST("owner", what_is_not_a_modules_is_shut_to_it);
    DATABASE_TEST("owner", a_refusal_says_whose_it_is_and_what_to_do);
    DATABASE_TEST("owner", a_kept_statement_is_nobody_elses);
    DATABASE_TEST("owner", lists_keep_to_the_modules_tables);
    DATABASE_TEST("owner", a_migration_makes_only_what_begins_with_its_name);
    DATABASE_TEST("owner", a_migration_that_reaches_further_is_refused);
    DATABASE_TEST("owner", views_and_triggers_reach_no_further_than_statements);
    DATABASE_TEST("owner", a_relation_of_with_is_never_a_table_that_nobody_checked);
    return g_test_run();
}
