/* Tests of migrations: checked, locked, in two phases, whole or not at all. */
#include "database.h"

#include <signal.h>
#include <sys/wait.h>

#define FIRST                                                                                      \
    "CREATE TABLE one (\n    id {id} PRIMARY KEY,\n    flag {boolean} NOT NULL DEFAULT "           \
    "FALSE\n);\n"

static int apply(struct database *database, const char *file, const char *text,
                 enum migrate_phase phase, struct portico_error *error)
{
    return database_try_migrate(database, "core", file, text, phase, error);
}

static void must_apply(struct database *database, const char *file, const char *text)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    database_must(apply(database, file, text, MIGRATE_BEFORE, &error), &error);
}

static struct migrate_plan plan(struct database *database, enum migrate_phase phase)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct migrate_plan result;
    char *folder = g_build_filename(database->directory, "core", NULL);
    struct migrate_source source = { "core", folder };
    database_must(migrate_check(database->store, &source, 1, phase, &result, &error), &error);
    g_free(folder);
    return result;
}

static void a_file_is_applied_once(gconstpointer kind)
{
    struct database database;
    if (!database_new(&database, (enum store_kind)GPOINTER_TO_INT(kind)))
        return;
    must_apply(&database, "0001-one.before.sql", FIRST "INSERT INTO one (id) VALUES (1);\n");
    must_apply(&database, "0001-one.before.sql", NULL);
    g_assert_cmpint(database_integer(&database, "SELECT count(*) FROM one WHERE NOT flag"), ==, 1);
    g_assert_cmpuint(plan(&database, MIGRATE_BEFORE).pending, ==, 0);
    database_free(&database);
}

static void phases_are_applied_apart(gconstpointer kind)
{
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!database_new(&database, (enum store_kind)GPOINTER_TO_INT(kind)))
        return;
    must_apply(&database, "0001-one.before.sql", FIRST);
    must_apply(&database, "0002-two.after.sql", "DROP TABLE one;\n");
    g_assert_cmpint(database_integer(&database, "SELECT count(*) FROM one"), ==, 0);
    g_assert_cmpuint(plan(&database, MIGRATE_AFTER).pending, ==, 1);
    g_assert_cmpstr(plan(&database, MIGRATE_AFTER).newest, ==, "core/0002-two.after.sql");
    database_must(apply(&database, "0002-two.after.sql", NULL, MIGRATE_AFTER, &error), &error);
    database_next_session(&database);
    g_assert_cmpint(database_try(&database, "SELECT count(*) FROM one", PORTICO_NO_ARGS, &error),
                    ==, PORTICO_EINVAL);
    database_free(&database);
}

static void a_changed_file_is_refused_but_other_line_ends_are_not(gconstpointer kind)
{
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!database_new(&database, (enum store_kind)GPOINTER_TO_INT(kind)))
        return;
    must_apply(&database, "0001-one.before.sql", "CREATE TABLE one (\n    id {id}\n);\n");
    must_apply(&database, "0001-one.before.sql", "CREATE TABLE one (\r\n    id {id}\r\n);\r\n");
    g_assert_cmpint(apply(&database, "0001-one.before.sql",
                          "CREATE TABLE one (\n    id {text}\n);\n", MIGRATE_BEFORE, &error),
                    ==, PORTICO_ECONFLICT);
    g_assert_nonnull(strstr(error.message, "0001-one.before.sql was changed"));
    database_free(&database);
}

static void gaps_strangers_and_newer_databases_are_refused(gconstpointer kind)
{
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!database_new(&database, (enum store_kind)GPOINTER_TO_INT(kind)))
        return;
    g_assert_cmpint(apply(&database, "0002-two.before.sql", FIRST, MIGRATE_BEFORE, &error), ==,
                    PORTICO_EINVAL);
    g_assert_nonnull(strstr(error.message, "0001 is missing"));
    must_apply(&database, "0001-one.before.sql", "CREATE TABLE two (\n    id {id}\n);\n");
    g_assert_cmpint(apply(&database, "3-x.sql", "SELECT 1;\n", MIGRATE_BEFORE, &error), ==,
                    PORTICO_EINVAL);
    g_assert_nonnull(strstr(error.message, "NNNN-name"));
    char *folder = g_build_filename(database.directory, "core", NULL);
    char *stranger = g_build_filename(folder, "3-x.sql", NULL);
    char *applied = g_build_filename(folder, "0002-two.before.sql", NULL);
    g_unlink(stranger);
    g_unlink(applied);
    g_assert_cmpint(apply(&database, "0001-one.before.sql", NULL, MIGRATE_BEFORE, &error), ==,
                    PORTICO_ECONFLICT);
    g_assert_nonnull(strstr(error.message, "newer version"));
    g_free(folder);
    g_free(stranger);
    g_free(applied);
    database_free(&database);
}

static void a_file_that_fails_leaves_nothing(gconstpointer kind)
{
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!database_new(&database, (enum store_kind)GPOINTER_TO_INT(kind)))
        return;
    g_assert_cmpint(apply(&database, "0001-one.before.sql",
                          FIRST
                          "INSERT INTO one (id) VALUES (1);\nINSERT INTO one (id) VALUES (1);\n",
                          MIGRATE_BEFORE, &error),
                    <, 0);
    g_assert_nonnull(strstr(error.message, "0001-one.before.sql:6: "));
    must_apply(&database, "0001-one.before.sql", FIRST);
    g_assert_cmpint(database_integer(&database, "SELECT count(*) FROM one"), ==, 0);
    database_free(&database);
}

/* Comments, sections and type tokens before it do not move the line that is named. */
static const struct {
    const char *text;
    const char *says; /* behind the file's name */
} mistakes[] = {
    { FIRST "\nCREATE TABLE two (\n    id {id},\n    name {text},,\n);\n", ":8: " },
    { "-- of two\n-- lines\n" FIRST "-- \xC3\xA9\nSELECT '\xC3\xA9\xC3\xA9\xC3\xA9',\n  nothing;\n",
      ":9: " },
    { FIRST "-- sqlite:\nSELECT 1;\n-- postgresql:\nSELECT 1;\n-- all:\n  -- of one\n\n"
            "DROP TABLE nothing;\n",
      ":12: " },
    { FIRST "/* of\n   two */ INSERT INTO one\n    (id) VALUES\n    (1), (1);\n", ":6: " },
    { FIRST "\nCREATE TABLE two (\n    id {number}\n);\n", ":7: \"{number}\" is no type token: " },
};

static void a_refused_statement_is_named_by_its_line(gconstpointer kind)
{
    for (size_t i = 0; i < G_N_ELEMENTS(mistakes); i++) {
        struct database database;
        struct portico_error error = PORTICO_ERROR_INIT;
        if (!database_new(&database, (enum store_kind)GPOINTER_TO_INT(kind)))
            return;
        g_assert_cmpint(
            apply(&database, "0001-one.before.sql", mistakes[i].text, MIGRATE_BEFORE, &error), <,
            0);
        char *begins = g_strconcat("0001-one.before.sql", mistakes[i].says, NULL);
        if (!strstr(error.message, begins))
            g_error("%zu: %s", i, error.message);
        g_assert_null(strstr(strstr(error.message, begins) + 1, "0001-one"));
        if (!strstr(error.message, "type token"))
            g_assert_nonnull(strstr(error.message, "nothing of the file was applied."));
        g_free(begins);
        database_free(&database);
    }
}

static void quotes_comments_and_sections_do_not_split_statements(gconstpointer kind)
{
    struct database database;
    if (!database_new(&database, (enum store_kind)GPOINTER_TO_INT(kind)))
        return;
    must_apply(
        &database, "0001-one.before.sql",
        "-- a comment; with {nonsense}\n"
        "CREATE TABLE note (\n    id {id} PRIMARY KEY, -- here; too\n    body {text}\n);\n"
        "INSERT INTO note (id, body) VALUES (1, 'a;\nb''; c');\n"
        "-- sqlite:\nINSERT INTO note (id, body) VALUES (2, 'sqlite');\n"
        "CREATE TRIGGER t AFTER DELETE ON note BEGIN\n    INSERT INTO note (id) VALUES (7);\n"
        "    INSERT INTO note (id) VALUES (8);\nEND;\n"
        "-- postgresql:\nINSERT INTO note (id, body) VALUES (2, 'postgresql');\n"
        "CREATE FUNCTION f() RETURNS BIGINT LANGUAGE plpgsql AS $body$ BEGIN RETURN 1; END; "
        "$body$;\n"
        "-- all:\nINSERT INTO note (id, body) VALUES (3, NULL)");
    g_assert_cmpint(database_integer(&database, "SELECT count(*) FROM note"), ==, 3);
    struct value *rows =
        database_query(&database, "SELECT body FROM note ORDER BY id", PORTICO_NO_ARGS);
    g_assert_cmpstr(value_rows_at(rows, 0)->text, ==, "a;\nb'; c");
    g_assert_cmpstr(value_rows_at(rows, 1)->text, ==,
                    database.kind == STORE_SQLITE ? "sqlite" : "postgresql");
    database_free(&database);
}

static void text_sorts_alike_on_both(gconstpointer kind)
{
    struct database database;
    if (!database_new(&database, (enum store_kind)GPOINTER_TO_INT(kind)))
        return;
    must_apply(&database, "0001-one.before.sql",
               "CREATE TABLE word (\n    word {text}\n);\n"
               "INSERT INTO word (word) VALUES ('b'), ('A'), ('a'), ('B'), ('ä'), ('_'), ('1');\n");
    struct value *rows =
        database_query(&database, "SELECT word FROM word ORDER BY word", PORTICO_NO_ARGS);
    static const char *const order[] = { "1", "A", "B", "_", "a", "b", "ä" };
    for (size_t i = 0; i < G_N_ELEMENTS(order); i++)
        g_assert_cmpstr(value_rows_at(rows, i)->text, ==, order[i]);
    database_free(&database);
}

static void processes_that_race_apply_each_file_once(gconstpointer kind)
{
    struct database database;
    if (!database_new(&database, (enum store_kind)GPOINTER_TO_INT(kind)))
        return;
    char *folder = g_build_filename(database.directory, "core", NULL);
    g_mkdir_with_parents(folder, 0700);
    for (int i = 1; i <= 6; i++) {
        char *name = g_strdup_printf("%s/%04d-n.before.sql", folder, i);
        char *text = g_strdup_printf("CREATE TABLE t%d (\n    id {id}\n);\n", i);
        g_assert_true(g_file_set_contents(name, text, -1, NULL));
        g_free(name);
        g_free(text);
    }
    g_free(folder);
    database_close(&database);
    pid_t children[4];
    for (size_t i = 0; i < G_N_ELEMENTS(children); i++) {
        children[i] = fork();
        if (children[i] == 0) {
            struct portico_error error = PORTICO_ERROR_INIT;
            struct store_options options = database_options(&database);
            database_open(&database, &options);
            int code = apply(&database, "0001-n.before.sql", NULL, MIGRATE_BEFORE, &error);
            if (i == 0 && code == 0) /* one dies without closing anything */
                kill(getpid(), SIGKILL);
            database_close(&database);
            _exit(code == 0 ? 0 : 1);
        }
    }
    for (size_t i = 0; i < G_N_ELEMENTS(children); i++) {
        int status;
        g_assert_cmpint(waitpid(children[i], &status, 0), ==, children[i]);
        g_assert_cmpint(WIFEXITED(status) ? WEXITSTATUS(status) : 0, ==, 0);
    }
    struct store_options options = database_options(&database);
    database_open(&database, &options);
    g_assert_cmpuint(plan(&database, MIGRATE_BEFORE).pending, ==, 0);
    g_assert_cmpint(database_integer(&database, "{unfiltered the table of migrations} "
                                                "SELECT count(*) FROM portico_migration"),
                    ==, 6);
    database_free(&database);
}

static void a_view_and_a_trigger_of_one_name_are_refused(gconstpointer kind)
{
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!database_new(&database, (enum store_kind)GPOINTER_TO_INT(kind)))
        return;
    must_apply(&database, "0001-one.before.sql",
               FIRST "-- postgresql:\nCREATE FUNCTION peek() RETURNS trigger LANGUAGE plpgsql AS "
                     "$x$BEGIN RETURN NULL; END $x$;\nCREATE TRIGGER peek AFTER INSERT ON one FOR "
                     "EACH ROW EXECUTE FUNCTION peek();\n-- sqlite:\nCREATE TRIGGER peek AFTER "
                     "INSERT ON one BEGIN SELECT 1; END;\n");
    g_assert_cmpint(apply(&database, "0002-view.before.sql",
                          "CREATE VIEW Peek AS SELECT id FROM "
                          "one;\n",
                          MIGRATE_BEFORE, &error),
                    ==, PORTICO_EINVAL);
    g_assert_nonnull(strstr(error.message, "0002-view.before.sql"));
    g_assert_nonnull(strstr(error.message, "A view and a trigger are both called"));
    must_apply(&database, "0002-view.before.sql", "CREATE VIEW other AS SELECT id FROM one;\n");
    database_free(&database);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DATABASE_TEST("migrate", a_file_is_applied_once);
    DATABASE_TEST("migrate", phases_are_applied_apart);
    DATABASE_TEST("migrate", a_changed_file_is_refused_but_other_line_ends_are_not);
    DATABASE_TEST("migrate", gaps_strangers_and_newer_databases_are_refused);
    DATABASE_TEST("migrate", a_file_that_fails_leaves_nothing);
    DATABASE_TEST("migrate", a_refused_statement_is_named_by_its_line);
    DATABASE_TEST("migrate", quotes_comments_and_sections_do_not_split_statements);
    DATABASE_TEST("migrate", text_sorts_alike_on_both);
    DATABASE_TEST("migrate", a_view_and_a_trigger_of_one_name_are_refused);
    DATABASE_TEST("migrate", processes_that_race_apply_each_file_once);
    return g_test_run();
}
