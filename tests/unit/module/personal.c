/* Retention over all modules' tables: slice by slice, and asked after each whether to stop. */
#include "module/personal.h"
#include "../job/work.h"
#include "workshop.h"

#define DAY INT64_C(86400000000)
#define SLICE 10

static const char tables[] = "CREATE TABLE diary_visit (\n    id {id} PRIMARY KEY,\n    person "
                             "{id} NOT NULL,\n    day {time} NOT NULL\n);\n"
                             "CREATE TABLE diary_look (\n    id {id} PRIMARY KEY,\n    person "
                             "{id} NOT NULL,\n    day {time} NOT NULL\n);\n";

static const char entries[] =
    "#define TABLE(t) { .table = t, .title = \"Days\", .erase = PORTICO_ERASE_ROWS,\\\n"
    "  .person = \"person\", .time = \"day\", .retention_days = 30 }\n"
    "static const struct portico_personal_table held[] = { TABLE(\"diary_visit\"),\n"
    "  TABLE(\"diary_look\") };\n";

/* 25 rows that are over in each table, and one that is not. */
struct diary {
    struct database database;
    struct workshop *shop;
    struct personal_book *book;
};

static bool fresh(struct diary *diary, gconstpointer kind)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct database *database = &diary->database;
    if (!work_new(database, kind))
        return false;
    diary->shop = workshop_open();
    workshop_module(diary->shop, "diary", entries, ".personal_data = PORTICO_LIST(held),");
    char *file = workshop_path(diary->shop, "diary", "migrations/0001-days.before.sql");
    char *folder = g_path_get_dirname(file);
    g_mkdir_with_parents(folder, 0755);
    g_chmod(folder, 0755);
    g_assert_true(g_file_set_contents(file, tables, -1, NULL));
    g_chmod(file, 0644);
    if (workshop_load(diary->shop, false) < 0) {
        workshop_says(diary->shop, "");
        g_error("%s", diary->shop->error.message);
    }
    database_must(database_try_migrate(database, "diary", "0001-days.before.sql", tables,
                                       MIGRATE_BEFORE, &error),
                  &error);
    char *core = g_canonicalize_filename(__FILE__ "/../../../../core/store/migrations", NULL);
    database_must(personal_book_open(diary->shop->registry, core, &diary->book, &error), &error);
    store_session_end(database->session);
    database->session =
        store_session_new(database->store, database->arena, &store_viewer_host, "diary");
    for (int64_t id = 1; id <= 26; id++) {
        const struct portico_argument row[] = { portico_arg_id(id),
                                                portico_arg_time(id <= 25 ? DAY : 90 * DAY) };
        database_execute(database, "INSERT INTO diary_visit (id, person, day) VALUES (?, 7, ?)",
                         row, 2);
        database_execute(database, "INSERT INTO diary_look (id, person, day) VALUES (?, 7, ?)", row,
                         2);
    }
    g_free(core);
    g_free(folder);
    g_free(file);
    return true;
}

static void end(struct diary *diary)
{
    personal_book_close(diary->book);
    workshop_close(diary->shop);
    database_free(&diary->database);
}

static bool stop_when_none_is_left(void *data)
{
    unsigned *left = data;
    return (*left)-- == 1;
}

static void note(const char *module, const char *table, int64_t rows, void *data)
{
    g_string_append_printf(data, "%s %s %d\n", module, table, (int)rows);
}

static int retain(struct diary *diary, bool (*must_stop)(void *data), unsigned *slices,
                  struct portico_error *error)
{
    return personal_book_retain(diary->book, diary->database.session, 100 * DAY, SLICE, false, NULL,
                                must_stop, slices, error);
}

static int64_t left(struct diary *diary, const char *table)
{
    char *sql = g_strdup_printf("SELECT count(*) FROM %s", table);
    int64_t count = database_integer(&diary->database, sql);
    g_free(sql);
    return count;
}

static void retention_stops_after_any_slice_and_goes_on_another_time(gconstpointer kind)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct diary diary;
    unsigned slices = 2;
    if (!fresh(&diary, kind))
        return;
    slices += (unsigned)personal_core_count; /* the host's tables come first, each asked about */
    g_assert_cmpint(retain(&diary, stop_when_none_is_left, &slices, &error), ==, PORTICO_EBUSY);
    g_assert_nonnull(strstr(error.message, "asked to stop"));
    g_assert_cmpint(left(&diary, "diary_visit"), ==, 26 - 2 * SLICE);
    g_assert_cmpint(left(&diary, "diary_look"), ==, 26);
    database_must(retain(&diary, NULL, NULL, &error), &error);
    g_assert_cmpint(left(&diary, "diary_visit"), ==, 1);
    g_assert_cmpint(left(&diary, "diary_look"), ==, 1);
    end(&diary);
}

/* ---- two people who are one ---- */

/* Whose tables are asked about from here on: "core" or "diary". */
static void be(struct diary *diary, const char *module)
{
    struct database *database = &diary->database;
    store_session_end(database->session);
    database->session =
        store_session_new(database->store, database->arena, &store_viewer_host, module);
}

static int64_t left_in(struct diary *diary, const char *module, const char *table)
{
    be(diary, module);
    return left(diary, table);
}

static void put(struct diary *diary, const char *module, const char *sql)
{
    be(diary, module);
    database_execute(&diary->database, sql, PORTICO_NO_ARGS);
}

/* Somebody, merged into another (0: not). */
static void person(struct diary *diary, int64_t id, int64_t merged_into)
{
    char *sql = g_strdup_printf(
        "INSERT INTO portico_person (id, handle, name, name_key, locale, timezone, state, created, "
        "rights, merged_into) VALUES (%d, 'p%d', 'P', 'p', '', '', 1, 1, 1, NULLIF(%d, 0))",
        (int)id, (int)id, (int)merged_into);
    put(diary, "core", sql);
    g_free(sql);
}

static int erase(struct diary *diary, int64_t who, struct portico_error *error)
{
    static const struct personal_slices slices = { .most = SLICE };
    be(diary, "core");
    return personal_book_erase(diary->book, NULL, diary->database.session, who, &slices, NULL,
                               error);
}

static void whoever_was_merged_into_the_erased_is_erased_with_them(gconstpointer kind)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct diary diary;
    if (!fresh(&diary, kind))
        return;
    person(&diary, 7, 8);
    person(&diary, 8, 0);
    person(&diary, 9, 0);
    put(&diary, "diary", "UPDATE diary_look SET person = 9 WHERE id = 26");
    database_must(erase(&diary, 8, &error), &error);
    g_assert_cmpint(left_in(&diary, "diary", "diary_visit"), ==, 0);
    g_assert_cmpint(left_in(&diary, "diary", "diary_look"), ==, 1);
    g_assert_cmpint(left_in(&diary, "core", "portico_person"), ==, 1);
    end(&diary);
}

/* Their row keeps the handle from everybody else, as the one who remains was told. */
static void whoever_was_merged_is_not_erased_alone(gconstpointer kind)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct diary diary;
    if (!fresh(&diary, kind))
        return;
    person(&diary, 7, 8);
    person(&diary, 8, 0);
    g_assert_cmpint(erase(&diary, 7, &error), ==, PORTICO_ECONFLICT);
    g_assert_nonnull(strstr(error.message, "Person 7 was merged into person 8"));
    g_assert_nonnull(strstr(error.message, "@p7 leads. Erase person 8"));
    g_assert_cmpint(left_in(&diary, "core", "portico_person WHERE handle = 'p7'"), ==, 1);
    g_assert_cmpint(left_in(&diary, "core", "portico_personal_request"), ==, 0);
    g_assert_cmpint(left_in(&diary, "diary", "diary_visit"), ==, 26);
    database_must(erase(&diary, 8, &error), &error);
    g_assert_cmpint(left_in(&diary, "core", "portico_person"), ==, 0);
    end(&diary);
}

/* Cut off behind the row that said who was merged: the proof remembers. */
static void an_erasure_that_was_cut_off_still_knows_who_was_merged(gconstpointer kind)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct diary diary;
    if (!fresh(&diary, kind))
        return;
    put(&diary, "core",
        "INSERT INTO portico_personal_request (id, kind, person, requested, report) "
        "VALUES (1, 'erase', 8, 1, '{\"merged people\":\"7\"}')");
    database_must(erase(&diary, 8, &error), &error);
    g_assert_cmpint(left_in(&diary, "diary", "diary_visit"), ==, 0);
    g_assert_cmpint(
        left_in(&diary, "core", "portico_personal_request WHERE id = 1 AND finished IS NOT NULL"),
        ==, 1);
    end(&diary);
}

static void an_erasure_waits_for_rows_that_go_over(gconstpointer kind)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct diary diary;
    if (!fresh(&diary, kind))
        return;
    person(&diary, 7, 8);
    person(&diary, 8, 0);
    put(&diary, "core",
        "INSERT INTO portico_personal_request (id, kind, person, requested) "
        "VALUES (1, 'merge', 7, 1)");
    g_assert_cmpint(erase(&diary, 8, &error), ==, PORTICO_EBUSY);
    g_assert_nonnull(strstr(error.message, "portico job retry"));
    g_assert_cmpint(left_in(&diary, "diary", "diary_visit"), ==, 26);
    g_assert_cmpint(left_in(&diary, "core", "portico_personal_request"), ==, 1);
    end(&diary);
}

/* A row that a table does not take keeps no other table, and no other module, from its rows. */
static void what_fails_in_one_table_keeps_no_other_from_its_rows(gconstpointer kind)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct diary diary;
    int64_t rows = -1;
    if (!fresh(&diary, kind))
        return;
    database_must(database_try_migrate(&diary.database, "diary", "0002-odd.before.sql",
                                       "CREATE UNIQUE INDEX diary_visit_odd ON diary_visit "
                                       "(person)\nWHERE person = 8;\n",
                                       MIGRATE_BEFORE, &error),
                  &error);
    put(&diary, "core",
        "INSERT INTO portico_follow (module, subject, person, level, mark, changed) "
        "VALUES ('diary', 'day/1', 7, 2, 1, 1)");
    const struct personal_merging merging = {
        .session = diary.database.session, .from = 7, .into = 8, .most = SLICE
    };
    g_assert_cmpint(personal_book_merge(diary.book, NULL, &merging, &rows, &error), <, 0);
    g_assert_cmpint(left_in(&diary, "diary", "diary_visit WHERE person = 7"), ==, 26);
    g_assert_cmpint(left_in(&diary, "diary", "diary_look WHERE person = 8"), ==, 26);
    g_assert_cmpint(left_in(&diary, "core", "portico_follow WHERE person = 8"), ==, 1);
    end(&diary);
}

static bool is_look(size_t index, const struct portico_personal_table *table)
{
    return index > 0 && strcmp(table->table, "diary_look") == 0;
}

static void note_count(size_t index, const struct portico_personal_table *table, int64_t rows,
                       void *data)
{
    (void)index;
    g_string_append_printf(data, "%s %d\n", table->table, (int)rows);
}

static void only_what_is_wanted_is_counted(gconstpointer kind)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct diary diary;
    if (!fresh(&diary, kind))
        return;
    GString *told = g_string_new(NULL);
    be(&diary, "core");
    database_must(personal_book_counts(diary.book, diary.database.session, 7, 20, is_look,
                                       note_count, told, &error),
                  &error);
    g_assert_cmpstr(told->str, ==, "diary_look 20\n");
    g_string_free(told, TRUE);
    end(&diary);
}

static void what_is_past_its_time_is_counted_before_it_goes(gconstpointer kind)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct diary diary;
    if (!fresh(&diary, kind))
        return;
    GString *told = g_string_new(NULL);
    for (int round = 0; round < 3; round++)
        database_must(personal_book_retain(diary.book, diary.database.session, 100 * DAY, SLICE,
                                           round == 0, note, NULL, told, &error),
                      &error);
    g_assert_cmpstr(told->str, ==,
                    "diary diary_visit 25\ndiary diary_look 25\n"
                    "diary diary_visit 25\ndiary diary_look 25\n");
    g_string_free(told, TRUE);
    end(&diary);
}

int main(int argc, char **argv)
{
    WORKSHOP_MAIN(argc, argv);
    DATABASE_TEST("personal", retention_stops_after_any_slice_and_goes_on_another_time);
    DATABASE_TEST("personal", what_is_past_its_time_is_counted_before_it_goes);
    DATABASE_TEST("personal", whoever_was_merged_into_the_erased_is_erased_with_them);
    DATABASE_TEST("personal", whoever_was_merged_is_not_erased_alone);
    DATABASE_TEST("personal", an_erasure_that_was_cut_off_still_knows_who_was_merged);
    DATABASE_TEST("personal", an_erasure_waits_for_rows_that_go_over);
    DATABASE_TEST("personal", only_what_is_wanted_is_counted);
    DATABASE_TEST("personal", what_fails_in_one_table_keeps_no_other_from_its_rows);
    return g_test_run();
}
