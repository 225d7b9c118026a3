/* Tests of kept files: contents on disk, rows that refer to them, and what becomes of the rest. */
#include "file/kept.h"

#include "../store/database.h"

#include "base/clock.h"
#include "base/id.h"
#include "base/remove.h"

#include <portico/search.h>

#include <fcntl.h>
#include <sys/stat.h>

#define HOUR (INT64_C(3600) * 1000000)
#define ANA 7
#define BEN 8

struct place {
    struct database database;
    char *files;
};

static bool place_new(struct place *place, gconstpointer kind)
{
    if (!database_with_core(&place->database, kind))
        return false;
    place->files = g_build_filename(place->database.directory, "files", NULL);
    return true;
}

static void place_free(struct place *place)
{
    g_free(place->files);
    database_free(&place->database);
}

static void put(const struct place *place, const char *text, char ret_hash[BLOB_HASH_SIZE])
{
    struct portico_error error = PORTICO_ERROR_INIT;
    database_must(blob_put(place->files, text, strlen(text), ret_hash, &error), &error);
}

static char *path_of(const struct place *place, const char *hash)
{
    return g_strdup_printf("%s/%.2s/%s", place->files, hash, hash + 2);
}

static bool is_there(const struct place *place, const char *hash)
{
    char *path = path_of(place, hash);
    bool there = g_file_test(path, G_FILE_TEST_IS_REGULAR);
    g_free(path);
    return there;
}

static void make_old(const char *path)
{
    const struct timespec times[2] = { { 1000, 0 }, { 1000, 0 } };
    g_assert_cmpint(utimensat(AT_FDCWD, path, times, 0), ==, 0);
}

static void make_content_old(const struct place *place, const char *hash)
{
    char *path = path_of(place, hash);
    make_old(path);
    g_free(path);
}

static int remove_unused(const struct place *place)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    int removed =
        blob_remove_unused(place->files, place->database.session, HOUR, NULL, NULL, &error);
    database_must(removed, &error);
    return removed;
}

static struct kept_file file_of(int64_t person, const char *subject, int64_t audience,
                                const char *hash)
{
    return (struct kept_file){ .id = id_new(),
                               .person = person,
                               .module = "shop",
                               .subject = subject,
                               .audience = audience,
                               .hash = hash,
                               .media_type = "image/png",
                               .name = "cat.png",
                               .bytes = 3,
                               .width = 4,
                               .height = 5,
                               .frames = 1,
                               .created = clock_now() };
}

static int64_t add(const struct place *place, int64_t person, const char *subject, int64_t audience)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    char hash[BLOB_HASH_SIZE];
    put(place, "cat", hash);
    struct kept_file file = file_of(person, subject, audience, hash);
    database_must(kept_add(place->database.session, &file, &error), &error);
    return file.id;
}

static struct kept_file find(const struct place *place, int64_t id)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct kept_file file = { 0 };
    database_must(kept_find(place->database.session, id, &file, &error), &error);
    return file;
}

static int find_code(const struct place *place, int64_t id)
{
    struct kept_file file;
    return kept_find(place->database.session, id, &file, NULL);
}

static void a_content_is_stored_once_under_its_hash(void)
{
    struct place place = { .files = g_dir_make_tmp("portico-files-XXXXXX", NULL) };
    struct portico_error error = PORTICO_ERROR_INIT;
    char hash[BLOB_HASH_SIZE], again[BLOB_HASH_SIZE], bytes[8];
    int file;
    size_t length;
    struct stat before, after;
    put(&place, "abc", hash);
    g_assert_cmpstr(hash, ==, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    char *path = path_of(&place, hash);
    g_assert_cmpint(stat(path, &before), ==, 0);
    put(&place, "abc", again);
    g_assert_cmpint(stat(path, &after), ==, 0);
    g_assert_cmpuint(before.st_ino, ==, after.st_ino);
    g_assert_cmpuint(after.st_mode & 0777, ==, 0600);
    g_assert_cmpint(blob_open(place.files, hash, &file, &length, &error), ==, 0);
    g_assert_cmpint(read(file, bytes, sizeof bytes), ==, 3);
    g_assert_cmpuint(length, ==, 3);
    close(file);
    g_assert_cmpint(blob_open(place.files, "../../etc/passwd", &file, &length, &error), ==,
                    PORTICO_EINVAL);
    g_unlink(path);
    g_assert_cmpint(blob_open(place.files, hash, &file, &length, &error), ==, PORTICO_EIO);
    g_free(path);
    remove_tree(place.files);
    g_free(place.files);
}

static void a_content_that_was_cut_off_is_written_again(void)
{
    struct place place = { .files = g_dir_make_tmp("portico-files-XXXXXX", NULL) };
    char hash[BLOB_HASH_SIZE];
    char *text = NULL;
    put(&place, "whole", hash);
    char *path = path_of(&place, hash);
    g_assert_cmpint(truncate(path, 2), ==, 0);
    put(&place, "whole", hash);
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, "whole");
    g_free(text);
    g_free(path);
    remove_tree(place.files);
    g_free(place.files);
}

static void contents_that_nothing_refers_to_go_after_a_grace(gconstpointer kind)
{
    struct place place;
    char young[BLOB_HASH_SIZE], old[BLOB_HASH_SIZE], used[BLOB_HASH_SIZE];
    if (!place_new(&place, kind))
        return;
    g_assert_cmpint(remove_unused(&place), ==, 0);
    add(&place, ANA, NULL, 0);
    put(&place, "cat", used);
    put(&place, "young", young);
    put(&place, "old", old);
    char *half = g_strdup_printf("%s/%.2s/new-1234", place.files, used);
    g_assert_true(g_file_set_contents(half, "ha", 2, NULL));
    make_old(half);
    make_content_old(&place, used);
    make_content_old(&place, old);
    g_assert_cmpint(remove_unused(&place), ==, 2);
    g_assert_true(is_there(&place, used));
    g_assert_true(is_there(&place, young));
    g_assert_false(is_there(&place, old));
    g_assert_false(g_file_test(half, G_FILE_TEST_EXISTS));
    g_free(half);
    place_free(&place);
}

static gpointer remove_again_and_again(gpointer data)
{
    const struct place *place = data;
    struct arena *arena = arena_new(0);
    struct store_session *session =
        store_session_new(place->database.store, arena, &store_viewer_host, "core");
    struct portico_error error = PORTICO_ERROR_INIT;
    char *end = g_build_filename(place->files, "end", NULL);
    while (!g_file_test(end, G_FILE_TEST_EXISTS))
        database_must(blob_remove_unused(place->files, session, HOUR, NULL, NULL, &error), &error);
    g_free(end);
    store_session_end(session);
    arena_free(arena);
    return NULL;
}

static void what_is_put_again_is_not_removed_at_the_same_moment(gconstpointer kind)
{
    struct place place;
    char hash[BLOB_HASH_SIZE];
    if (!place_new(&place, kind))
        return;
    put(&place, "wanted", hash);
    GThread *remover = g_thread_new("remover", remove_again_and_again, &place);
    for (int i = 0; i < 300; i++) {
        put(&place, "wanted", hash);
        g_assert_true(is_there(&place, hash));
        make_content_old(&place, hash);
    }
    char *end = g_build_filename(place.files, "end", NULL);
    g_assert_true(g_file_set_contents(end, "", 0, NULL));
    g_thread_join(remover);
    g_free(end);
    place_free(&place);
}

/* Whether somebody with these audiences sees the file; `person` 0: nobody in particular. */
static bool sees_as(const struct place *place, int64_t id, const struct store_viewer *viewer)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct arena *arena = arena_new(0);
    struct store_session *session =
        store_session_new(place->database.store, arena, viewer, "portico");
    struct kept_file file = find(place, id);
    int code = kept_see(session, &file, &error);
    g_assert_true(code == 0 || code == PORTICO_ENOENT);
    if (code < 0)
        g_assert_cmpstr(error.message, ==, "There is no such file.");
    store_session_end(session);
    arena_free(arena);
    return code == 0;
}

static bool sees(const struct place *place, int64_t id, int64_t person, size_t audience_count)
{
    static const int64_t audiences[] = { 1, 2, 3 };
    const struct store_viewer viewer = { .audiences = audiences,
                                         .audience_count = audience_count,
                                         .person = person };
    return sees_as(place, id, &viewer);
}

static void a_file_is_seen_by_its_sender_and_its_audience(gconstpointer kind)
{
    struct place place;
    if (!place_new(&place, kind))
        return;
    int64_t loose = add(&place, ANA, NULL, 0);
    g_assert_cmpstr(find(&place, loose).name, ==, "cat.png");
    g_assert_null(find(&place, loose).subject);
    g_assert_true(sees(&place, loose, ANA, 2));
    g_assert_false(sees(&place, loose, BEN, 3));
    g_assert_false(sees(&place, loose, 0, 2));
    g_assert_true(sees_as(&place, loose, &store_viewer_host));
    int64_t open = add(&place, ANA, "topic/1", 2);
    g_assert_true(sees(&place, open, BEN, 2));
    g_assert_false(sees(&place, open, BEN, 1));
    int64_t staff = add(&place, 0, "topic/1", 3);
    g_assert_false(sees(&place, staff, 0, 2));
    g_assert_true(sees(&place, staff, BEN, 3));
    int64_t nobody = add(&place, ANA, "topic/1", PORTICO_AUDIENCE_NOBODY);
    g_assert_true(sees(&place, nobody, ANA, 2));
    g_assert_false(sees(&place, nobody, BEN, 3));
    place_free(&place);
}

/* That somebody sent it is theirs alone, as what is granted to nobody else is. */
static void who_looks_in_the_senders_place_sees_what_the_audience_shows(gconstpointer kind)
{
    static const int64_t audiences[] = { 1, 2 };
    const struct store_viewer look = {
        .audiences = audiences, .audience_count = 2, .person = ANA, .looks = true, .in_place = true
    };
    struct store_viewer own = look; /* of who looks into a company as themselves */
    struct place place;
    own.in_place = false;
    if (!place_new(&place, kind))
        return;
    const int64_t loose = add(&place, ANA, NULL, 0), shown = add(&place, ANA, "topic/1", 2);
    const int64_t nobody = add(&place, ANA, "topic/1", PORTICO_AUDIENCE_NOBODY);
    g_assert_false(sees_as(&place, loose, &look));
    g_assert_false(sees_as(&place, nobody, &look));
    g_assert_true(sees_as(&place, shown, &look));
    g_assert_true(sees_as(&place, loose, &own));
    place_free(&place);
}

#define NOTES                                                                                      \
    "CREATE TABLE shop_note (\n    id {id} PRIMARY KEY,\n    audience {id} NOT NULL,\n"            \
    "    granted {boolean} NOT NULL\n);\n"                                                         \
    "CREATE TABLE shop_plain (\n    id {id} PRIMARY KEY\n);\n"

static void change(const struct place *place, const char *sql)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    database_must(store_host_execute(place->database.session, sql, NULL, 0, NULL, &error), &error);
}

/* Notes 1, of people by name, and 2, of the account with audience 100; a file of each. */
static bool notes_new(struct place *place, gconstpointer kind, int64_t *ret_first,
                      int64_t *ret_second)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!place_new(place, kind))
        return false;
    database_must(database_try_migrate(&place->database, "shop", "0001-notes.before.sql", NOTES,
                                       MIGRATE_BEFORE, &error),
                  &error);
    change(place, "{unfiltered test} INSERT INTO shop_note (id, audience, granted) "
                  "VALUES (1, 4, TRUE), (2, 100, FALSE)");
    change(place, "INSERT INTO portico_grant (relation, object, person, giver, given) "
                  "VALUES ('shop_note', 1, 8, 7, 0)");
    *ret_first = add(place, ANA, "note/1", PORTICO_AUDIENCE_NOBODY);
    *ret_second = add(place, ANA, "note/2", PORTICO_AUDIENCE_EVERYONE);
    return true;
}

static int follow(const struct place *place, const char *subject, const char *table, int64_t row)
{
    struct store_turn turn;
    store_session_as(place->database.session, "shop", &turn);
    int code = kept_follow(place->database.session, "shop", subject, table, row, NULL);
    store_session_back(place->database.session, &turn);
    return code;
}

static void a_file_of_a_row_is_seen_by_whoever_sees_the_row(gconstpointer kind)
{
    static const int64_t audiences[] = { 1, 2, 3, 100 };
    const struct store_viewer member = { .audiences = audiences, .audience_count = 4, .person = 9 };
    const struct store_viewer staff = {
        .audiences = audiences, .audience_count = 3, .person = 9, .every_account = true
    };
    struct place place;
    int64_t first, second;
    if (!notes_new(&place, kind, &first, &second))
        return;
    g_assert_cmpint(follow(&place, "note/1", "shop_note", 1), ==, 1);
    g_assert_cmpint(follow(&place, "note/2", "shop_note", 2), ==, 1);
    g_assert_true(sees(&place, first, BEN, 2)); /* by name */
    g_assert_false(sees(&place, first, 9, 3));  /* the staff do not see the row */
    g_assert_false(sees_as(&place, first, &staff));
    g_assert_false(sees(&place, first, 0, 1));
    g_assert_false(sees(&place, first, ANA, 2)); /* no more than the row */
    g_assert_true(sees_as(&place, second, &member));
    g_assert_true(sees_as(&place, second, &staff));
    g_assert_false(sees(&place, second, BEN, 3));
    change(&place, "DELETE FROM portico_grant");
    g_assert_false(sees(&place, first, BEN, 2));
    change(&place, "{unfiltered test} UPDATE shop_note SET audience = 2");
    g_assert_true(sees(&place, first, BEN, 2));
    g_assert_false(sees_as(&place, second, &store_viewer_everyone));
    g_assert_cmpint(kept_show(place.database.session, "shop", "note/2", 1, NULL), ==, 1);
    g_assert_true(sees_as(&place, second, &store_viewer_everyone));
    change(&place, "{unfiltered test} DELETE FROM shop_note WHERE id = 1");
    g_assert_false(sees(&place, first, BEN, 2));
    g_assert_false(sees_as(&place, first, &store_viewer_host));
    place_free(&place);
}

static void a_file_follows_rows_of_its_own_module_that_some_do_not_see(gconstpointer kind)
{
    struct place place;
    int64_t first, second;
    if (!notes_new(&place, kind, &first, &second))
        return;
    g_assert_cmpint(follow(&place, "note/1", "shop_note", 3), ==, PORTICO_ENOENT);
    g_assert_cmpint(follow(&place, "note/1", "shop_plain", 1), ==, PORTICO_EINVAL);
    g_assert_cmpint(follow(&place, "note/1", "portico_person", 1), ==, PORTICO_EPERM);
    g_assert_cmpint(follow(&place, "note/1", "shop_note; --", 1), ==, PORTICO_EPERM);
    g_assert_cmpint(follow(&place, "note/9", "shop_note", 1), ==, 0);
    g_assert_null(find(&place, first).relation);
    place_free(&place);
}

static void a_file_goes_with_its_row_or_table(gconstpointer kind)
{
    struct place place;
    struct portico_error error = PORTICO_ERROR_INIT;
    int64_t first, second;
    if (!notes_new(&place, kind, &first, &second))
        return;
    struct store_session *session = place.database.session;
    int64_t free_one = add(&place, ANA, "topic/1", 1);
    g_assert_cmpint(follow(&place, "note/1", "shop_note", 1), ==, 1);
    g_assert_cmpint(follow(&place, "note/2", "shop_note", 2), ==, 1);
    change(&place, "{unfiltered test} UPDATE portico_file SET person = NULL, name = NULL");
    g_assert_cmpint(kept_prune(session, clock_now() + HOUR, 100, &error), ==, 0);
    change(&place, "{unfiltered test} DELETE FROM shop_note WHERE id = 1");
    g_assert_cmpint(kept_sweep(session, 100, &error), ==, 1);
    g_assert_cmpint(find_code(&place, first), ==, PORTICO_ENOENT);
    g_assert_cmpint(find_code(&place, second), ==, 0);
    database_must(database_try_migrate(&place.database, "shop", "0002-drop.before.sql",
                                       "DROP TABLE shop_note;\n", MIGRATE_BEFORE, &error),
                  &error);
    g_assert_false(sees_as(&place, second, &store_viewer_host));
    g_assert_cmpint(kept_sweep(session, 100, &error), ==, 1);
    g_assert_cmpint(find_code(&place, second), ==, PORTICO_ENOENT);
    g_assert_cmpint(find_code(&place, free_one), ==, 0);
    place_free(&place);
}

/* The migration again, over what portals had before it. Other modules' files for nobody stay so. */
static void what_was_held_back_before_is_for_the_staff(gconstpointer kind)
{
    static const int64_t staff[] = { 1, 2, 3 };
    const struct store_viewer decides = { .audiences = staff, .audience_count = 3, .person = 9 };
    struct place place;
    struct portico_error error = PORTICO_ERROR_INIT;
    char *text;
    if (!place_new(&place, kind))
        return;
    char *path = g_canonicalize_filename(
        __FILE__ "/../../../../core/store/migrations/0038-audiences-of-accounts.before.sql", NULL);
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    int64_t held = add(&place, ANA, "post/1", PORTICO_AUDIENCE_NOBODY);
    int64_t others = add(&place, ANA, "post/1", PORTICO_AUDIENCE_NOBODY);
    change(&place, "{unfiltered test} UPDATE portico_file SET module = 'communities' "
                   "WHERE subject = 'post/1' AND id = (SELECT min(id) FROM portico_file)");
    int64_t shown = add(&place, ANA, "post/2", 2), loose = add(&place, ANA, NULL, 0);
    change(&place, "INSERT INTO portico_account (id, kind, name, name_key, state, created) "
                   "VALUES (77, 'customer', 'Old', 'old', 1, 0)");
    g_assert_false(sees_as(&place, held, &decides));
    char **statements = g_strsplit(text, ";\n", -1);
    for (unsigned i = 0; i < 2 * (g_strv_length(statements) - 1); i++) {
        char *sql = g_strdup_printf("{unfiltered test} %s",
                                    statements[i % (g_strv_length(statements) - 1)]);
        change(&place, sql);
        g_free(sql);
    }
    g_strfreev(statements);
    g_assert_true(sees_as(&place, held, &decides));
    g_assert_false(sees_as(&place, others, &decides));
    g_assert_false(sees(&place, held, BEN, 2));
    g_assert_cmpint(find(&place, shown).audience, ==, 2);
    g_assert_cmpint(find(&place, loose).audience, ==, 0);
    struct value *rows;
    database_must(store_host_query(place.database.session,
                                   "SELECT kind FROM portico_audience WHERE account = 77", NULL, 0,
                                   &rows, &error),
                  &error);
    g_assert_cmpuint(rows->count, ==, 1);
    g_free(text);
    g_free(path);
    place_free(&place);
}

/* What cannot be asked any more, because its rows have no id, is told and holds up no other. */
static void a_table_without_ids_keeps_its_files_and_holds_up_no_other(gconstpointer kind)
{
    struct place place;
    struct portico_error error = PORTICO_ERROR_INIT;
    int64_t first, second;
    if (!notes_new(&place, kind, &first, &second))
        return;
    struct store_session *session = place.database.session;
    database_must(
        database_try_migrate(&place.database, "shop", "0002-aside.before.sql",
                             "CREATE TABLE shop_aside (id {id} PRIMARY KEY, audience {id} NOT "
                             "NULL);\nINSERT INTO shop_aside (id, audience) VALUES (1, 1);\n",
                             MIGRATE_BEFORE, &error),
        &error);
    int64_t third = add(&place, ANA, "aside/1", 1);
    g_assert_cmpint(follow(&place, "aside/1", "shop_aside", 1), ==, 1);
    g_assert_cmpint(follow(&place, "note/1", "shop_note", 1), ==, 1);
    g_assert_cmpint(follow(&place, "note/2", "shop_note", 2), ==, 1);
    database_must(
        database_try_migrate(&place.database, "shop", "0003-other.before.sql",
                             "DROP TABLE shop_aside;\nCREATE TABLE shop_aside (number {id} "
                             "PRIMARY KEY, audience {id} NOT NULL);\n",
                             MIGRATE_BEFORE, &error),
        &error);
    change(&place, "{unfiltered test} DELETE FROM shop_note");
    g_assert_cmpint(kept_sweep(session, 100, &error), <, 0);
    g_assert_cmpstr(error.message, !=, "");
    g_assert_cmpint(find_code(&place, first), ==, PORTICO_ENOENT);
    g_assert_cmpint(find_code(&place, second), ==, PORTICO_ENOENT);
    g_assert_cmpint(find_code(&place, third), ==, 0);
    place_free(&place);
}

static void a_file_needs_somebody_who_can_see_it(gconstpointer kind)
{
    struct place place;
    char hash[BLOB_HASH_SIZE];
    if (!place_new(&place, kind))
        return;
    put(&place, "x", hash);
    const struct kept_file none[] = { file_of(0, NULL, 1, hash), file_of(0, "topic/1", 0, hash),
                                      file_of(ANA, "", 1, hash) };
    for (size_t i = 0; i < G_N_ELEMENTS(none); i++)
        g_assert_cmpint(kept_add(place.database.session, &none[i], NULL), ==, PORTICO_EINVAL);
    place_free(&place);
}

static int assign(const struct place *place, const char *module, int64_t person, int64_t id,
                  const char *subject)
{
    return kept_assign(place->database.session, module, person, id, subject, 2, NULL);
}

static void a_loose_file_becomes_part_of_what_its_sender_writes(gconstpointer kind)
{
    struct place place;
    if (!place_new(&place, kind))
        return;
    int64_t id = add(&place, ANA, NULL, 0);
    g_assert_cmpint(assign(&place, "shop", ANA, 12345, "topic/1"), ==, PORTICO_ENOENT);
    g_assert_cmpint(assign(&place, "shop", BEN, id, "topic/1"), ==, PORTICO_EPERM);
    g_assert_cmpint(assign(&place, "shop", 0, id, "topic/1"), ==, PORTICO_EPERM);
    g_assert_cmpint(assign(&place, "other", ANA, id, "topic/1"), ==, PORTICO_EPERM);
    g_assert_cmpint(assign(&place, "shop", ANA, id, "topic/1"), ==, 0);
    g_assert_cmpint(assign(&place, "shop", BEN, id, "topic/1"), ==, 0); /* an editor */
    g_assert_cmpint(assign(&place, "shop", ANA, id, "topic/2"), ==, PORTICO_EPERM);
    g_assert_cmpint(find(&place, id).audience, ==, 2);
    g_assert_cmpstr(find(&place, id).subject, ==, "topic/1");
    place_free(&place);
}

static void the_files_of_a_subject_are_shown_and_dropped_together(gconstpointer kind)
{
    struct place place;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!place_new(&place, kind))
        return;
    struct store_session *session = place.database.session;
    int64_t one = add(&place, ANA, "topic/1", 1), two = add(&place, BEN, "topic/1", 1);
    int64_t other = add(&place, BEN, "topic/2", 1);
    g_assert_cmpint(kept_show(session, "shop", "topic/1", 3, &error), ==, 2);
    g_assert_cmpint(find(&place, two).audience, ==, 3);
    g_assert_cmpint(find(&place, other).audience, ==, 1);
    g_assert_cmpint(kept_drop(session, "else", "topic/1", &error), ==, 0);
    g_assert_cmpint(kept_drop(session, "shop", "topic/1", &error), ==, 2);
    g_assert_cmpint(find_code(&place, one), ==, PORTICO_ENOENT);
    g_assert_cmpint(find_code(&place, other), ==, 0);
    place_free(&place);
}

static void loose_files_are_bounded_in_number_and_bytes(gconstpointer kind)
{
    struct place place;
    char hash[BLOB_HASH_SIZE];
    if (!place_new(&place, kind))
        return;
    struct store_session *session = place.database.session;
    put(&place, "x", hash);
    struct kept_file large = file_of(ANA, NULL, 0, hash);
    large.bytes = KEPT_LOOSE_BYTES + 1;
    g_assert_cmpint(kept_add(session, &large, NULL), ==, PORTICO_ELIMIT);
    for (int i = 0; i < KEPT_LOOSE_MAX; i++)
        add(&place, ANA, NULL, 0);
    struct kept_file more = file_of(ANA, NULL, 0, hash);
    g_assert_cmpint(kept_add(session, &more, NULL), ==, PORTICO_ELIMIT);
    more.subject = "topic/1";
    g_assert_cmpint(kept_add(session, &more, NULL), ==, 0);
    struct kept_file bens = file_of(BEN, NULL, 0, hash);
    g_assert_cmpint(kept_add(session, &bens, NULL), ==, 0);
    place_free(&place);
}

static void what_belongs_to_nothing_or_nobody_goes(gconstpointer kind)
{
    struct place place;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!place_new(&place, kind))
        return;
    struct store_session *session = place.database.session;
    int64_t loose = add(&place, ANA, NULL, 0), own = add(&place, ANA, "note/1", 0);
    int64_t shown = add(&place, ANA, "topic/1", 1);
    g_assert_cmpint(kept_prune(session, clock_now() - HOUR, 100, &error), ==, 0);
    g_assert_cmpint(kept_prune(session, clock_now() + HOUR, 100, &error), ==, 1);
    g_assert_cmpint(find_code(&place, loose), ==, PORTICO_ENOENT);
    /* As erasing Ana does. */
    database_must(
        store_host_execute(session,
                           "{unfiltered test} UPDATE portico_file SET person = NULL, name = NULL",
                           NULL, 0, NULL, &error),
        &error);
    g_assert_cmpint(kept_prune(session, clock_now() - HOUR, 100, &error), ==, 1);
    g_assert_cmpint(find_code(&place, own), ==, PORTICO_ENOENT);
    g_assert_cmpstr(find(&place, shown).name, ==, "");
    place_free(&place);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/file/blob/" #name, name)
    TEST(a_content_is_stored_once_under_its_hash);
    TEST(a_content_that_was_cut_off_is_written_again);
    DATABASE_TEST("kept", contents_that_nothing_refers_to_go_after_a_grace);
    DATABASE_TEST("kept", what_is_put_again_is_not_removed_at_the_same_moment);
    DATABASE_TEST("kept", a_file_is_seen_by_its_sender_and_its_audience);
    DATABASE_TEST("kept", who_looks_in_the_senders_place_sees_what_the_audience_shows);
    DATABASE_TEST("kept", a_file_of_a_row_is_seen_by_whoever_sees_the_row);
    DATABASE_TEST("kept", a_file_follows_rows_of_its_own_module_that_some_do_not_see);
    DATABASE_TEST("kept", a_file_goes_with_its_row_or_table);
    DATABASE_TEST("kept", what_was_held_back_before_is_for_the_staff);
    DATABASE_TEST("kept", a_table_without_ids_keeps_its_files_and_holds_up_no_other);
    DATABASE_TEST("kept", a_file_needs_somebody_who_can_see_it);
    DATABASE_TEST("kept", a_loose_file_becomes_part_of_what_its_sender_writes);
    DATABASE_TEST("kept", the_files_of_a_subject_are_shown_and_dropped_together);
    DATABASE_TEST("kept", loose_files_are_bounded_in_number_and_bytes);
    DATABASE_TEST("kept", what_belongs_to_nothing_or_nobody_goes);
    return g_test_run();
}
