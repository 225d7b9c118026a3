/* Tests that a success answer to a write means it is on disk: kills, power cuts, failing flushes.
 * SQLite only; the disk stands behind a VFS of this file. */
#include "database.h"

#include "base/clock.h"

#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/wait.h>

#define TABLES "CREATE TABLE entry (\n    id {id} PRIMARY KEY,\n    body {text}\n);\n"

/* The disk: what was flushed survives a power cut, all else is lost. */
static struct {
    pthread_mutex_t mutex;
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    const sqlite3_io_methods *real_methods[2]; /* of databases and of logs */
    sqlite3_io_methods methods[2];
    const char *keeps; /* images are kept of files whose path begins so */
    GByteArray *log, *database;
    _Atomic bool fails; /* flushes of the log fail */
} disk = { .mutex = PTHREAD_MUTEX_INITIALIZER };

static GHashTable *disk_logs; /* files that are logs */
static GHashTable *disk_kept; /* files whose images are kept */

static void keep_image(sqlite3_file *file, GByteArray *image)
{
    sqlite3_int64 size = 0;
    file->pMethods->xFileSize(file, &size);
    g_byte_array_set_size(image, (guint)size);
    if (size)
        file->pMethods->xRead(file, image->data, (int)size, 0);
}

static int disk_sync(sqlite3_file *file, int flags)
{
    pthread_mutex_lock(&disk.mutex);
    bool log = g_hash_table_contains(disk_logs, file);
    int result =
        log && disk.fails ? SQLITE_IOERR_FSYNC : disk.real_methods[log]->xSync(file, flags);
    if (result == SQLITE_OK && g_hash_table_contains(disk_kept, file))
        keep_image(file, log ? disk.log : disk.database);
    pthread_mutex_unlock(&disk.mutex);
    return result;
}

static int disk_close(sqlite3_file *file)
{
    pthread_mutex_lock(&disk.mutex);
    bool log = g_hash_table_remove(disk_logs, file);
    g_hash_table_remove(disk_kept, file);
    pthread_mutex_unlock(&disk.mutex);
    return disk.real_methods[log]->xClose(file);
}

static int disk_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                     int *ret_flags)
{
    (void)vfs;
    int result = disk.real->xOpen(disk.real, name, file, flags, ret_flags);
    if (result != SQLITE_OK || !(flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_DB)))
        return result;
    pthread_mutex_lock(&disk.mutex);
    bool log = (flags & SQLITE_OPEN_WAL) != 0;
    if (!disk.real_methods[log]) {
        disk.real_methods[log] = file->pMethods;
        disk.methods[log] = *file->pMethods;
        disk.methods[log].xSync = disk_sync;
        disk.methods[log].xClose = disk_close;
    }
    g_assert_true(file->pMethods == disk.real_methods[log]);
    file->pMethods = &disk.methods[log];
    if (log)
        g_hash_table_add(disk_logs, file);
    if (disk.keeps && g_str_has_prefix(name, disk.keeps)) {
        GByteArray *image = log ? disk.log : disk.database;
        g_hash_table_add(disk_kept, file);
        if (!image->len) /* what an earlier store left is on disk */
            keep_image(file, image);
    }
    pthread_mutex_unlock(&disk.mutex);
    return result;
}

static void disk_install(void)
{
    disk.real = sqlite3_vfs_find(NULL);
    disk.vfs = *disk.real;
    disk.vfs.zName = "disk";
    disk.vfs.xOpen = disk_open;
    disk.log = g_byte_array_new();
    disk.database = g_byte_array_new();
    disk_logs = g_hash_table_new(NULL, NULL);
    disk_kept = g_hash_table_new(NULL, NULL);
    g_assert_cmpint(sqlite3_vfs_register(&disk.vfs, 1), ==, SQLITE_OK);
}

static void fresh(struct database *database)
{
    g_assert_true(database_new(database, STORE_SQLITE));
    database_migrate(database, TABLES);
}

/* Writers, each with ids of its own; what was acknowledged is counted per writer. */
#define WRITERS 8
struct writer {
    pthread_t thread;
    struct store *store;
    int number;
    _Atomic int64_t acknowledged;
    _Atomic bool *stop;
    int report; /* a pipe, or -1 */
};

static int64_t entry_id(int writer, int64_t count)
{
    return writer * INT64_C(1000000) + count;
}

static void *write_on(void *data)
{
    struct writer *writer = data;
    char body[400];
    memset(body, 'x', sizeof body - 1);
    body[sizeof body - 1] = '\0';
    for (int64_t count = 1; !*writer->stop; count++) {
        struct arena *arena = arena_new(0);
        struct store_session *session =
            store_session_new(writer->store, arena, &store_viewer_everyone, "core");
        struct portico_error error = PORTICO_ERROR_INIT;
        int code = store_begin(session, &error);
        if (code == 0)
            code = store_execute(session, "INSERT INTO entry (id, body) VALUES (?, ?)",
                                 PORTICO_ARGS(portico_arg_id(entry_id(writer->number, count)),
                                              portico_arg_text(body)),
                                 NULL, &error);
        if (code == 0)
            code = store_commit(session, &error);
        database_must(code, &error);
        writer->acknowledged = count;
        int64_t id = entry_id(writer->number, count);
        if (writer->report >= 0 && write(writer->report, &id, sizeof id) != sizeof id)
            g_error("the pipe is gone");
        store_session_end(session);
        arena_free(arena);
    }
    return NULL;
}

static void start_writers(struct writer *writers, int count, int first, struct store *store,
                          _Atomic bool *stop, int report)
{
    for (int i = 0; i < count; i++) {
        writers[i] =
            (struct writer){ .store = store, .number = first + i, .stop = stop, .report = report };
        pthread_create(&writers[i].thread, NULL, write_on, &writers[i]);
    }
}

static void join_writers(struct writer *writers, int count)
{
    for (int i = 0; i < count; i++)
        pthread_join(writers[i].thread, NULL);
}

static void nothing_acknowledged_is_lost_when_writers_are_killed(void)
{
    struct database database;
    fresh(&database);
    database_close(&database);
    GArray *acknowledged = g_array_new(FALSE, FALSE, sizeof(int64_t));
    for (int round = 0; round < 12; round++) {
        int pipes[2];
        pid_t children[2];
        g_assert_cmpint(pipe(pipes), ==, 0);
        for (int i = 0; i < 2; i++) {
            children[i] = fork();
            if (children[i])
                continue;
            struct writer writers[4];
            static _Atomic bool never;
            struct store_options options = database_options(&database);
            database_open(&database, &options);
            start_writers(writers, 4, 1 + (round * 2 + i) * 4, database.store, &never, pipes[1]);
            join_writers(writers, 4);
        }
        close(pipes[1]);
        int64_t id;
        for (int i = 0; i < 40 + 37 * (round % 5); i++) {
            g_assert_cmpint(read(pipes[0], &id, sizeof id), ==, sizeof id);
            g_array_append_val(acknowledged, id);
        }
        for (int i = 0; i < 2; i++)
            kill(children[i], SIGKILL);
        while (read(pipes[0], &id, sizeof id) == sizeof id)
            g_array_append_val(acknowledged, id);
        for (int i = 0; i < 2; i++)
            waitpid(children[i], NULL, 0);
        close(pipes[0]);
    }
    struct store_options options = database_options(&database);
    database_open(&database, &options);
    for (guint i = 0; i < acknowledged->len; i++) {
        struct value *rows =
            database_query(&database, "SELECT id FROM entry WHERE id = ?",
                           PORTICO_ARGS(portico_arg_id(g_array_index(acknowledged, int64_t, i))));
        g_assert_cmpuint(rows->count, ==, 1);
    }
    g_test_message("%u acknowledged writes, 24 kills", acknowledged->len);
    g_array_free(acknowledged, TRUE);
    database_free(&database);
}

static void save(const char *directory, const char *name, const GByteArray *image)
{
    char *path = g_build_filename(directory, name, NULL);
    g_assert_true(g_file_set_contents(path, (const char *)image->data, image->len, NULL));
    g_free(path);
}

/* What the disk holds after a power cut, opened on another machine. */
static void check_after_cut(const GByteArray *image, const GByteArray *log, const int64_t *counts)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct database cut = { .kind = STORE_SQLITE };
    cut.directory = g_dir_make_tmp("portico-cut-XXXXXX", NULL);
    cut.url = g_strdup_printf("sqlite:%s/portico.db", cut.directory);
    save(cut.directory, "portico.db", image);
    save(cut.directory, "portico.db-wal", log);
    struct store_options options = database_options(&cut);
    database_open(&cut, &options);
    for (int i = 0; i < WRITERS; i++) {
        struct value *rows;
        database_must(store_query(cut.session,
                                  "SELECT count(*) FROM entry WHERE id BETWEEN ? AND ?",
                                  PORTICO_ARGS(portico_arg_id(entry_id(i + 1, 1)),
                                               portico_arg_id(entry_id(i + 1, counts[i]))),
                                  &rows, &error),
                      &error);
        g_assert_cmpint(value_rows_at(rows, 0)->integer, ==, counts[i]);
    }
    struct value *rows = database_query(&cut,
                                        "{unfiltered the file itself} "
                                        "SELECT integrity_check FROM pragma_integrity_check",
                                        PORTICO_NO_ARGS);
    g_assert_cmpstr(value_rows_at(rows, 0)->text, ==, "ok");
    database_free(&cut);
}

static void nothing_acknowledged_is_lost_when_the_power_is_cut(void)
{
    struct database database;
    fresh(&database);
    database_close(&database);
    disk.keeps = database.directory;
    struct store_options options = database_options(&database);
    database_open(&database, &options);
    database_execute(&database, "INSERT INTO entry (id) VALUES (0)", PORTICO_NO_ARGS);
    struct writer writers[WRITERS];
    _Atomic bool stop = false;
    start_writers(writers, WRITERS, 1, database.store, &stop, -1);
    GByteArray *image = g_byte_array_new(), *log = g_byte_array_new();
    struct store_statistics statistics = { 0 };
    /* Past two checkpoints, so that the log began anew in between. */
    int64_t deadline = clock_steady() + INT64_C(60000000);
    for (int cut = 0; cut < 25 || (statistics.checkpoints < 3 && clock_steady() < deadline);
         cut++) {
        int64_t counts[WRITERS];
        int64_t next = writers[cut % WRITERS].acknowledged + 20;
        while (writers[cut % WRITERS].acknowledged < next && clock_steady() < deadline)
            g_thread_yield();
        for (int i = 0; i < WRITERS; i++)
            counts[i] = writers[i].acknowledged;
        pthread_mutex_lock(&disk.mutex);
        g_byte_array_set_size(image, 0);
        g_byte_array_append(image, disk.database->data, disk.database->len);
        g_byte_array_set_size(log, 0);
        g_byte_array_append(log, disk.log->data, disk.log->len);
        pthread_mutex_unlock(&disk.mutex);
        stop = true;
        join_writers(writers, WRITERS);
        check_after_cut(image, log, counts);
        stop = false;
        struct portico_error error = PORTICO_ERROR_INIT;
        database_must(store_settle(database.store, &error), &error);
        database_next_session(&database);
        database_execute(&database, "DELETE FROM entry", PORTICO_NO_ARGS);
        start_writers(writers, WRITERS, 1, database.store, &stop, -1);
        store_statistics(database.store, &statistics);
    }
    stop = true;
    join_writers(writers, WRITERS);
    g_test_message("%d checkpoints", (int)statistics.checkpoints);
    g_assert_cmpuint(statistics.checkpoints, >=, 3);
    disk.keeps = NULL;
    g_byte_array_free(image, TRUE);
    g_byte_array_free(log, TRUE);
    database_free(&database);
}

static void a_failing_flush_stops_every_writer_until_one_process_recovered(void)
{
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    fresh(&database);
    struct store_options options = database_options(&database);
    struct store *neighbour, *other;
    database_must(store_open(&options, &neighbour, &error), &error);
    database_execute(&database, "INSERT INTO entry (id) VALUES (1)", PORTICO_NO_ARGS);
    disk.fails = true;
    g_assert_cmpint(
        database_try(&database, "INSERT INTO entry (id) VALUES (2)", PORTICO_NO_ARGS, &error), ==,
        PORTICO_EIO);
    disk.fails = false; /* the next flush would succeed without having written anything */
    g_assert_cmpint(
        database_try(&database, "INSERT INTO entry (id) VALUES (3)", PORTICO_NO_ARGS, &error), ==,
        PORTICO_EIO);
    g_assert_cmpint(store_begin(database.session, &error), ==, PORTICO_EIO);
    g_assert_cmpint(store_settle(database.store, &error), ==, PORTICO_EIO);
    g_assert_cmpint(store_health(database.store, &error), ==, PORTICO_EIO);
    g_assert_nonnull(strstr(error.message, "Nothing that was acknowledged is lost"));
    struct store_session *session =
        store_session_new(neighbour, database.arena, &store_viewer_everyone, "core");
    g_assert_cmpint(
        store_execute(session, "INSERT INTO entry (id) VALUES (4)", NULL, 0, NULL, &error), ==,
        PORTICO_EIO);
    store_session_end(session);
    g_assert_cmpint(store_health(neighbour, &error), ==, PORTICO_EIO);
    g_assert_cmpint(store_open(&options, &other, &error), ==, PORTICO_EIO);
    g_assert_cmpint(store_recover(&options, &error), ==, PORTICO_EBUSY);
    store_close(neighbour);
    database_close(&database);
    database_must(store_recover(&options, &error), &error);
    database_must(store_recover(&options, &error), &error);
    database_open(&database, &options);
    database_must(store_health(database.store, &error), &error);
    g_assert_cmpint(database_integer(&database, "SELECT count(*) FROM entry WHERE id = 1"), ==, 1);
    g_assert_cmpint(database_integer(&database, "SELECT count(*) FROM entry WHERE id > 2"), ==, 0);
    database_execute(&database, "INSERT INTO entry (id) VALUES (5)", PORTICO_NO_ARGS);
    database_free(&database);
}

static double rate_of(bool one_flush_a_commit)
{
    struct database database;
    fresh(&database);
    database_close(&database);
    struct store_options options = database_options(&database);
    options.one_flush_a_commit = one_flush_a_commit;
    database_open(&database, &options);
    struct writer writers[32];
    _Atomic bool stop = false;
    int64_t start = clock_steady(), sum = 0;
    start_writers(writers, 32, 1, database.store, &stop, -1);
    while (clock_steady() < start + 700000)
        g_thread_yield();
    stop = true;
    join_writers(writers, 32);
    double seconds = (double)(clock_steady() - start) / 1e6;
    for (int i = 0; i < 32; i++)
        sum += writers[i].acknowledged;
    g_assert_cmpint(database_integer(&database, "SELECT count(*) FROM entry"), ==, sum);
    database_free(&database);
    return (double)sum / seconds;
}

static void many_writers_share_a_flush(void)
{
    double shared = rate_of(false), alone = rate_of(true);
    g_test_message("32 writers: %.0f commits/s sharing flushes, %.0f with one each", shared, alone);
}

static void the_directory_must_be_private(void)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct database database;
    fresh(&database);
    database_close(&database);
    struct store_options options = database_options(&database);
    g_assert_cmpint(g_chmod(database.directory, 0755), ==, 0);
    g_assert_cmpint(store_open(&options, &database.store, &error), ==, PORTICO_EPERM);
    g_assert_nonnull(strstr(error.message, "chmod 700"));
    g_assert_cmpint(g_chmod(database.directory, 0700), ==, 0);
    database_open(&database, &options);
    database_free(&database);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    disk_install();
    g_test_add_func("/durability/nothing_acknowledged_is_lost_when_writers_are_killed",
                    nothing_acknowledged_is_lost_when_writers_are_killed);
    g_test_add_func("/durability/nothing_acknowledged_is_lost_when_the_power_is_cut",
                    nothing_acknowledged_is_lost_when_the_power_is_cut);
    g_test_add_func("/durability/a_failing_flush_stops_every_writer_until_one_process_recovered",
                    a_failing_flush_stops_every_writer_until_one_process_recovered);
    g_test_add_func("/durability/many_writers_share_a_flush", many_writers_share_a_flush);
    g_test_add_func("/durability/the_directory_must_be_private", the_directory_must_be_private);
    return g_test_run();
}
