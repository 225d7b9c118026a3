/* Tests of two people becoming one: which rows go over, which go, and what a cut leaves. */
#include "../job/work.h"

#include "store/personal_shape.h"

#include <signal.h>
#include <sys/wait.h>

/* A club: each has one card a year, marks of which one is unread for each subject, and letters from
 * one to another. */
#define TABLES                                                                                     \
    "CREATE TABLE club_card (\n    person {id} NOT NULL,\n    year {integer} NOT NULL,\n"          \
    "    name {text},\n    PRIMARY KEY (person, year)\n);\n"                                       \
    "CREATE TABLE club_mark (\n    id {id} PRIMARY KEY,\n    person {id} NOT NULL,\n"              \
    "    subject {text} NOT NULL,\n    seen {time},\n    changed {time} NOT NULL\n);\n"            \
    "CREATE UNIQUE INDEX club_mark_new ON club_mark (person, subject)\nWHERE seen IS NULL;\n"      \
    "CREATE TABLE club_letter (\n    id {id} PRIMARY KEY,\n    sender {id},\n    reader "          \
    "{id}\n);\n"                                                                                   \
    "CREATE TABLE club_line (\n    letter {id} NOT NULL,\n    words {text}\n);\n"                  \
    "CREATE TABLE club_stamp (\n    owner {id} UNIQUE,\n    colour {text}\n);\n"

#define ROWS(name) .table = (name), .title = "Rows", .erase = PORTICO_ERASE_ROWS
#define CARD                                                                                       \
    {                                                                                              \
        ROWS("club_card"), .person = "person"                                                      \
    }
#define MARK                                                                                       \
    {                                                                                              \
        ROWS("club_mark"), .person = "person", .time = "changed", .merge = PORTICO_MERGE_LATER     \
    }
#define LETTER                                                                                     \
    {                                                                                              \
        ROWS("club_letter"), .match = "? IN (sender, reader)", .people = "sender reader"           \
    }
#define LINE                                                                                       \
    {                                                                                              \
        ROWS("club_line"),                                                                         \
            .match = "letter IN (SELECT l.id FROM club_letter l WHERE l.sender = ?)"               \
    }
#define STAMP                                                                                      \
    {                                                                                              \
        ROWS("club_stamp"), .person = "owner"                                                      \
    }
static const struct portico_personal_table tables[] = { LINE, CARD, MARK, LETTER, STAMP };

#define FROM INT64_C(1)
#define INTO INT64_C(2)
#define OTHER INT64_C(3)

struct club {
    struct database database;
    struct personal_source source;
};

static struct personal_shape *shape_of(const char *directory, const char *text)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct personal_shape *shape = NULL;
    char *path = g_build_filename(directory, "0001-club.before.sql", NULL);
    g_mkdir_with_parents(directory, 0700);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    const struct migrate_source source = { "club", directory };
    database_must(personal_shape_new(&source, &shape, &error), &error);
    g_unlink(path);
    g_rmdir(directory);
    g_free(path);
    return shape;
}

static void put(struct club *club, const char *sql)
{
    char *whole = g_strdup_printf("INSERT INTO club_%s", sql);
    database_execute(&club->database, whole, PORTICO_NO_ARGS);
    g_free(whole);
}

static bool fresh(struct club *club, gconstpointer kind)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct database *database = &club->database;
    if (!work_new(database, kind))
        return false;
    database_must(database_try_migrate(database, "club", "0001-club.before.sql", TABLES,
                                       MIGRATE_BEFORE, &error),
                  &error);
    char *directory = g_build_filename(database->directory, "shape", NULL);
    club->source = (struct personal_source){ "club", tables, G_N_ELEMENTS(tables),
                                             shape_of(directory, TABLES) };
    g_free(directory);
    store_session_end(database->session);
    database->session =
        store_session_new(database->store, database->arena, &store_viewer_host, "club");
    return true;
}

static void end(struct club *club)
{
    personal_shape_free(club->source.shape);
    database_free(&club->database);
}

/* Merges FROM into INTO: how many rows changed. */
static int64_t merge(struct club *club, unsigned most,
                     int (*told)(const char *table, int64_t rows, void *data,
                                 struct portico_error *error),
                     void *data)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    int64_t rows = -1;
    const struct personal_merging merging = { .session = club->database.session,
                                              .from = FROM,
                                              .into = INTO,
                                              .most = most,
                                              .told = told,
                                              .data = data };
    database_must(personal_merge(&merging, &club->source, &rows, &error), &error);
    return rows;
}

static int64_t count(struct club *club, const char *what)
{
    char *sql = g_strdup_printf("SELECT count(*) FROM club_%s", what);
    int64_t number = database_integer(&club->database, sql);
    g_free(sql);
    return number;
}

static void rows_go_over_and_where_one_may_be_that_of_the_remaining_stays(gconstpointer kind)
{
    struct club club;
    if (!fresh(&club, kind))
        return;
    put(&club, "card (person, year, name) VALUES (1, 2024, 'a'), (1, 2025, 'b'), (2, 2025, 'c'), "
               "(3, 2025, 'd')");
    put(&club, "stamp (owner, colour) VALUES (1, 'red'), (2, 'blue'), (NULL, 'grey')");
    put(&club, "letter (id, sender, reader) VALUES (10, 1, 3), (11, 3, 1), (12, 1, 1), (13, 3, 3)");
    g_assert_cmpint(merge(&club, 100, NULL, NULL), ==, 2 + 1 + 4);
    g_assert_cmpint(count(&club, "card WHERE person = 2"), ==, 2);
    g_assert_cmpint(count(&club, "card WHERE person = 2 AND name IN ('a', 'c')"), ==, 2);
    g_assert_cmpint(count(&club, "card WHERE person = 1"), ==, 0);
    g_assert_cmpint(count(&club, "card WHERE person = 3"), ==, 1);
    g_assert_cmpint(count(&club, "stamp WHERE owner = 2 AND colour = 'blue'"), ==, 1);
    g_assert_cmpint(count(&club, "stamp"), ==, 2);
    g_assert_cmpint(count(&club, "letter WHERE sender = 2"), ==, 2);
    g_assert_cmpint(count(&club, "letter WHERE reader = 2"), ==, 2);
    g_assert_cmpint(count(&club, "letter"), ==, 4);
    g_assert_cmpint(merge(&club, 100, NULL, NULL), ==, 0);
    end(&club);
}

static void a_partial_key_holds_for_its_rows_alone_and_the_later_one_stays(gconstpointer kind)
{
    struct club club;
    if (!fresh(&club, kind))
        return;
    /* x: the one who goes has the later one; y: the other; z: one is seen, so both stay. */
    put(&club, "mark (id, person, subject, seen, changed) VALUES "
               "(1, 1, 'x', NULL, 20), (2, 2, 'x', NULL, 10), (3, 1, 'y', NULL, 10), "
               "(4, 2, 'y', NULL, 20), (5, 1, 'z', 5, 30), (6, 2, 'z', NULL, 10), "
               "(7, 1, 'w', NULL, 10), (8, 2, 'w', NULL, 10), (9, 3, 'x', NULL, 99)");
    merge(&club, 100, NULL, NULL);
    g_assert_cmpint(count(&club, "mark WHERE person = 2"), ==, 5);
    g_assert_cmpint(count(&club, "mark WHERE person = 2 AND id IN (1, 4, 5, 6, 8)"), ==, 5);
    g_assert_cmpint(count(&club, "mark WHERE id = 9 AND person = 3"), ==, 1);
    g_assert_cmpint(count(&club, "mark"), ==, 6);
    end(&club);
}

static int note_slice(const char *table, int64_t rows, void *data, struct portico_error *error)
{
    (void)error;
    g_string_append_printf(data, "%s %d\n", table, (int)rows);
    return 0;
}

static void a_transaction_takes_a_bounded_number_of_rows(gconstpointer kind)
{
    struct club club;
    if (!fresh(&club, kind))
        return;
    GString *slices = g_string_new(NULL);
    put(&club, "letter (id, sender) VALUES (10, 1), (11, 1), (12, 1), (13, 1), (14, 1)");
    merge(&club, 2, note_slice, slices);
    g_assert_cmpstr(slices->str, ==, "club_letter 2\nclub_letter 2\nclub_letter 1\n");
    g_string_free(slices, TRUE);
    end(&club);
}

static int stop_after(const char *table, int64_t rows, void *data, struct portico_error *error)
{
    unsigned *left = data;
    (void)table, (void)rows;
    return (*left)-- ? 0 : (error->code = PORTICO_EBUSY);
}

static void cut_off_after_any_slice_and_repeated_it_ends_the_same(gconstpointer kind)
{
    for (unsigned slices = 0; slices < 6; slices++) {
        struct club club;
        struct portico_error error = PORTICO_ERROR_INIT;
        unsigned left = slices;
        int64_t rows;
        if (!fresh(&club, kind))
            return;
        put(&club, "card (person, year) VALUES (1, 1), (1, 2), (1, 3), (2, 2), (2, 3), (2, 4)");
        put(&club, "letter (id, sender) VALUES (10, 1), (11, 1), (12, 1)");
        const struct personal_merging merging = { .session = club.database.session,
                                                  .from = FROM,
                                                  .into = INTO,
                                                  .most = 1,
                                                  .told = stop_after,
                                                  .data = &left };
        const int code = personal_merge(&merging, &club.source, &rows, &error);
        g_assert_cmpint(code, ==, slices < 5 ? PORTICO_EBUSY : 0);
        g_assert_cmpint(count(&club, "card"), >=, 4);
        g_assert_cmpint(count(&club, "letter"), ==, 3);
        merge(&club, 2, NULL, NULL);
        g_assert_cmpint(count(&club, "card WHERE person = 2"), ==, 4);
        g_assert_cmpint(count(&club, "card"), ==, 4);
        g_assert_cmpint(count(&club, "letter WHERE sender = 2"), ==, 3);
        end(&club);
    }
}

static void rows_are_counted_up_to_a_bound(gconstpointer kind)
{
    struct club club;
    struct portico_error error = PORTICO_ERROR_INIT;
    int64_t rows = -1;
    if (!fresh(&club, kind))
        return;
    put(&club, "letter (id, sender, reader) VALUES (10, 1, 3), (11, 3, 1), (12, 3, 3)");
    database_must(
        personal_count(club.database.session, &club.source, &tables[3], FROM, 10, &rows, &error),
        &error);
    g_assert_cmpint(rows, ==, 2);
    database_must(
        personal_count(club.database.session, &club.source, &tables[3], OTHER, 1, &rows, &error),
        &error);
    g_assert_cmpint(rows, ==, 1);
    end(&club);
}

/* ---- what a declaration must say ---- */

static void collect(const char *sentence, void *data)
{
    g_string_append_printf(data, "%s\n", sentence);
}

static void assert_said(const char *sql, const struct portico_personal_table *entry,
                        const char *part)
{
    GString *said = g_string_new(NULL);
    char *directory = g_dir_make_tmp("portico-merge-XXXXXX", NULL);
    struct personal_shape *shape = shape_of(directory, sql);
    personal_check(shape, entry, 1, collect, said);
    if (!part ? said->len > 0 : !strstr(said->str, part))
        g_error("said: %s", said->str);
    personal_shape_free(shape);
    g_string_free(said, TRUE);
    g_free(directory);
}

static void a_declaration_that_no_merge_could_follow_is_refused(void)
{
    static const char plain[] = "CREATE TABLE club_card (\n    id {id} PRIMARY KEY,\n"
                                "    person {id},\n    year {integer}\n);\n";
    static const char folded[] = "CREATE TABLE club_card (\n    id {id} PRIMARY KEY,\n"
                                 "    person {id},\n    year {integer}\n);\n"
                                 "CREATE UNIQUE INDEX club_card_once ON club_card "
                                 "(person, coalesce(year, 0));\n";
    const struct portico_personal_table found = { ROWS("club_card"), .match = "person = ?" };
    const struct portico_personal_table none = { ROWS("club_card"), .match = "person = ?",
                                                 .people = "" };
    const struct portico_personal_table wrong = { ROWS("club_card"), .person = "person",
                                                  .people = "person who" };
    const struct portico_personal_table timeless = { ROWS("club_card"), .person = "person",
                                                     .merge = PORTICO_MERGE_LATER };
    const struct portico_personal_table unknown = { ROWS("club_card"), .person = "person",
                                                    .merge = 9 };
    const struct portico_personal_table right = { ROWS("club_card"), .person = "person" };
    assert_said(plain, &found, "name the columns that hold a person's id in .people");
    assert_said(plain, &none, NULL);
    assert_said(plain, &wrong, ".people of table club_card names \"who\"");
    assert_said(plain, &timeless, "has no .time");
    assert_said(plain, &unknown, ".merge of table club_card is 9");
    assert_said(plain, &right, NULL);
    assert_said(folded, &right, "a unique key with an expression");
    assert_said(folded, &none, NULL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DATABASE_TEST("personal_merge", rows_go_over_and_where_one_may_be_that_of_the_remaining_stays);
    DATABASE_TEST("personal_merge", a_partial_key_holds_for_its_rows_alone_and_the_later_one_stays);
    DATABASE_TEST("personal_merge", a_transaction_takes_a_bounded_number_of_rows);
    DATABASE_TEST("personal_merge", cut_off_after_any_slice_and_repeated_it_ends_the_same);
    DATABASE_TEST("personal_merge", rows_are_counted_up_to_a_bound);
    g_test_add_func("/personal_merge/a_declaration_that_no_merge_could_follow_is_refused",
                    a_declaration_that_no_merge_could_follow_is_refused);
    return g_test_run();
}
