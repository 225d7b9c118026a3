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
    return g_test_run();
}
