/* The image of the schema that migrations leave: what opens later judges by it as by the migrations
 * themselves, and by the migrations where it is not theirs or cannot be read. */
#include "database.h"
#include "store/driver.h"

#include <string.h>

#define TABLES                                                                                     \
    "CREATE TABLE shop_topic (\n    id {id} PRIMARY KEY,\n    audience {id} NOT NULL,\n"           \
    "    granted {boolean} NOT NULL,\n    title {text}\n);\n"                                      \
    "CREATE UNIQUE INDEX shop_topic_title ON shop_topic (title);\n"                                \
    "CREATE TABLE shop_note (\n    id {id} PRIMARY KEY\n);\n"

#define MORE "CREATE TABLE shop_post (\n    id {id} PRIMARY KEY,\n    audience {id} NOT NULL\n);\n"

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

/* What becomes of the statement as the module's own. */
static int try(struct database *database, const char *module, const char *sql)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct value *rows = NULL;
    struct store_session *session =
        store_session_new(database->store, database->arena, &store_viewer_everyone, module);
    int code = strncmp(sql, "SELECT", 6) == 0 ? store_query(session, sql, NULL, 0, &rows, &error)
                                              : store_execute(session, sql, NULL, 0, NULL, &error);
    store_session_end(session);
    return code;
}

static void judges_well(struct database *database)
{
    static const struct {
        const char *module, *sql;
        int code;
    } cases[] = {
        { "shop", "SELECT id FROM shop_topic", PORTICO_EPERM },
        { "shop", "SELECT id FROM {visible shop_topic} t", 0 },
        { "shop", "SELECT id FROM shop_note", 0 },
        { "shop", "SELECT id FROM portico_person", PORTICO_EPERM },
        { "shop", "SELECT name FROM portico_known", PORTICO_EPERM },
        { "shop", "SELECT image FROM portico_schema_image", PORTICO_EPERM },
        { "core", "SELECT id FROM shop_topic", PORTICO_EPERM },
        { "other", "SELECT id FROM {visible shop_topic} t", PORTICO_EPERM },
        { "other", "SELECT id FROM shop_note", PORTICO_EPERM },
        { "shop", "SELECT nothing FROM shop_note", PORTICO_EINVAL },
        { "shop",
          "INSERT INTO shop_topic (id, audience, granted, title) VALUES (1, 1, FALSE, 'a') "
          "ON CONFLICT (title) DO NOTHING",
          0 },
        { "shop",
          "INSERT INTO shop_topic (id, audience, granted, title) VALUES (1, 1, FALSE, 'a') "
          "ON CONFLICT (title) DO UPDATE SET granted = TRUE",
          PORTICO_EPERM },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        int code = try(database, cases[i].module, cases[i].sql);
        if (code != cases[i].code)
            g_error("%s: %s: %d", cases[i].module, cases[i].sql, code);
    }
}

static char *image(struct database *database)
{
    struct value *rows = database_query(
        database, "{unfiltered test} SELECT image FROM portico_schema_image", NULL, 0);
    g_assert_cmpuint(rows->count, ==, 1);
    return g_strdup(value_rows_at(rows, 0)->text);
}

static void set_image(struct database *database, const char *image)
{
    database_execute(database, "UPDATE portico_schema_image SET image = ?",
                     PORTICO_ARGS(portico_arg_text(image)));
}

static void an_image_judges_as_the_migrations_do(gconstpointer kind)
{
    struct database database;
    if (!fresh(&database, kind))
        return;
    judges_well(&database);
    database_reopen(&database);
    judges_well(&database);
    database_free(&database);
}

/* Shown by the image of a schema that lacks the table: only by migrations could it be known. */
static void what_opens_later_judges_by_the_image_and_not_by_the_migrations(gconstpointer kind)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct database database;
    if (!fresh(&database, kind))
        return;
    char *former = image(&database);
    database_must(database_try_migrate(&database, "shop", "0002-more.before.sql", MORE,
                                       MIGRATE_BEFORE, &error),
                  &error);
    g_assert_cmpint(try(&database, "shop", "SELECT id FROM {visible shop_post} t"), ==, 0);
    database_reopen(&database);
    g_assert_cmpint(try(&database, "shop", "SELECT id FROM {visible shop_post} t"), ==, 0);
    set_image(&database, former);
    database_reopen(&database);
    g_assert_cmpint(try(&database, "shop", "SELECT id FROM {visible shop_post} t"), !=, 0);
    g_assert_cmpint(try(&database, "shop", "SELECT id FROM shop_note"), ==, 0);
    g_free(former);
    database_free(&database);
}

static void where_there_is_no_image_of_these_migrations_they_run(gconstpointer kind)
{
    static const char *const changes[] = {
        "UPDATE portico_schema_image SET source = 'other'",
        "DELETE FROM portico_schema_image",
        "DROP TABLE portico_schema_image",
    };
    struct database database;
    if (!fresh(&database, kind))
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(changes); i++) {
        database.session->migrating = true;
        database_execute(&database, changes[i], PORTICO_NO_ARGS);
        database.session->migrating = false;
        database_reopen(&database);
        judges_well(&database);
    }
    database_free(&database);
}

static void where_the_image_cannot_be_read_the_migrations_run(gconstpointer kind)
{
    struct database database;
    if (!fresh(&database, kind))
        return;
    char *whole = image(&database);
    gsize length = 0, cut;
    guchar *bytes = g_base64_decode(whole, &length);
    const gsize cuts[] = { 0, 1, 99, 100, 512, 513, 4096, length / 2 };
    for (size_t i = 0; i < G_N_ELEMENTS(cuts); i++) {
        cut = cuts[i];
        char *part = g_base64_encode(bytes, cut);
        set_image(&database, part);
        database_reopen(&database);
        judges_well(&database);
        g_free(part);
    }
    static const char *const texts[] = { "", "=", "no base64", "QUJD", "\xc3\xa4" };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        set_image(&database, texts[i]);
        database_reopen(&database);
        judges_well(&database);
    }
    g_free(bytes);
    g_free(whole);
    database_free(&database);
}

static void a_migration_keeps_the_image_of_the_schema_it_leaves(gconstpointer kind)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct database database;
    if (!fresh(&database, kind))
        return;
    char *before = image(&database);
    database_must(database_try_migrate(&database, "shop", "0001-tables.before.sql", NULL,
                                       MIGRATE_BEFORE, &error),
                  &error);
    char *again = image(&database);
    g_assert_cmpstr(before, ==, again);
    database_execute(&database, "DELETE FROM portico_schema_image", PORTICO_NO_ARGS);
    database_reopen(&database);
    database_must(database_try_migrate(&database, "shop", "0001-tables.before.sql", NULL,
                                       MIGRATE_BEFORE, &error),
                  &error);
    char *new = image(&database);
    g_assert_cmpint(*new, !=, '\0');
    database_reopen(&database);
    judges_well(&database);
    g_free(new);
    g_free(again);
    g_free(before);
    database_free(&database);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DATABASE_TEST("twin", an_image_judges_as_the_migrations_do);
    DATABASE_TEST("twin", what_opens_later_judges_by_the_image_and_not_by_the_migrations);
    DATABASE_TEST("twin", where_there_is_no_image_of_these_migrations_they_run);
    DATABASE_TEST("twin", where_the_image_cannot_be_read_the_migrations_run);
    DATABASE_TEST("twin", a_migration_keeps_the_image_of_the_schema_it_leaves);
    return g_test_run();
}
