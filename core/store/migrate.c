#include "store/migrate.h"

#include "base/clock.h"
#include "base/error.h"
#include "store/count.h"
#include "store/driver.h"
#include "store/owner.h"
#include "store/script.h"
#include "store/twin.h"

#include <sodium.h>
#include <stdlib.h>

#define MIGRATION_TIME INT64_C(3600000000)
/* A table it waits for is closed to everybody who comes after it. So it waits for less than the
 * second after which PostgreSQL ends one of two that wait for each other, lets the others pass, and
 * begins its file again. */
#define TABLE_TIME "500ms"
#define GIVE_WAY_TIME INT64_C(60000000)
#define GIVE_WAY_PAUSE 100000
#define UNFILTERED "{unfiltered migrations are the host's own} "

/* One file. Its name, such as "0002-tags.before.sql", is its key. */
struct file {
    char *name;
    char *text;
    unsigned number;
    enum migrate_phase phase;
    char checksum[65];
    bool applied;
};

static const char *const phase_suffixes[] = {
    [MIGRATE_BEFORE] = ".before.sql", [MIGRATE_AFTER] = ".after.sql"
};

static const char create_table[] = "CREATE TABLE IF NOT EXISTS portico_migration (\n"
                                   "    place BIGINT PRIMARY KEY,\n"
                                   "    module TEXT NOT NULL,\n"
                                   "    file TEXT NOT NULL,\n"
                                   "    checksum TEXT NOT NULL,\n"
                                   "    script TEXT NOT NULL,\n"
                                   "    applied BIGINT NOT NULL,\n"
                                   "    UNIQUE (module, file))";

static void file_free(void *data)
{
    struct file *file = data;
    g_free(file->name);
    g_free(file->text);
    g_free(file);
}

/* The same file checked out with other line ends is the same migration. */
static void normalise(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++)
        if (from[0] != '\r')
            *to++ = *from;
        else if (from[1] != '\n')
            *to++ = '\n'; /* one database ends a comment there, the other does not */
    *to = '\0';
}

static void take_checksum(struct file *file)
{
    unsigned char hash[32];
    crypto_generichash(hash, sizeof hash, (const unsigned char *)file->text, strlen(file->text),
                       NULL, 0);
    sodium_bin2hex(file->checksum, sizeof file->checksum, hash, sizeof hash);
}

/* NULL for names that are no migration's. */
static struct file *file_named(const char *name)
{
    char *end;
    unsigned long number = strtoul(name, &end, 10);
    for (unsigned phase = 0; phase < G_N_ELEMENTS(phase_suffixes); phase++)
        if (end == name + 4 && *end == '-' && number &&
            g_str_has_suffix(name, phase_suffixes[phase])) {
            struct file *file = g_new0(struct file, 1);
            file->name = g_strdup(name);
            file->number = (unsigned)number;
            file->phase = (enum migrate_phase)phase;
            return file;
        }
    return NULL;
}

static int read_file(const char *directory, struct file *file, struct portico_error *error)
{
    char *path = g_build_filename(directory, file->name, NULL);
    GError *problem = NULL;
    int code = 0;
    if (!g_file_get_contents(path, &file->text, NULL, &problem)) {
        code = error_set(error, PORTICO_EIO, "%s cannot be read: %s.", path, problem->message);
        g_error_free(problem);
    } else {
        normalise(file->text);
        take_checksum(file);
    }
    g_free(path);
    return code;
}

static int by_name(gconstpointer left, gconstpointer right)
{
    const struct file *const *a = left, *const *b = right;
    return strcmp((*a)->name, (*b)->name);
}

static int check_numbers(const char *directory, const GPtrArray *files, struct portico_error *error)
{
    unsigned last = 0;
    for (guint i = 0; i < files->len; i++) {
        const struct file *file = files->pdata[i];
        if (file->number > last + 1)
            return error_set(error, PORTICO_EINVAL,
                             "%s/%s: migration %04u is missing before it: migrations are numbered "
                             "without gaps.",
                             directory, file->name, last + 1);
        last = file->number;
    }
    return 0;
}

/* A module without a migrations directory has none. */
static int list_files(const char *directory, GPtrArray **ret_files, struct portico_error *error)
{
    GPtrArray *files = g_ptr_array_new_with_free_func(file_free);
    GDir *folder = g_dir_open(directory, 0, NULL);
    const char *name;
    int code = 0;
    while (folder && (name = g_dir_read_name(folder))) {
        struct file *file = file_named(name);
        if (!file && g_str_has_suffix(name, ".sql") && code == 0)
            code = error_set(error, PORTICO_EINVAL,
                             "%s/%s is not named like a migration: call it NNNN-name.before.sql or "
                             "NNNN-name.after.sql.",
                             directory, name);
        if (file)
            g_ptr_array_add(files, file);
    }
    if (folder)
        g_dir_close(folder);
    g_ptr_array_sort(files, by_name);
    for (guint i = 0; i < files->len && code == 0; i++)
        code = read_file(directory, files->pdata[i], error);
    if (code == 0)
        code = check_numbers(directory, files, error);
    if (code < 0)
        g_ptr_array_free(files, TRUE);
    else
        *ret_files = files;
    return code;
}

static struct file *find(const GPtrArray *files, const char *name)
{
    for (guint i = 0; i < files->len; i++)
        if (strcmp(((struct file *)files->pdata[i])->name, name) == 0)
            return files->pdata[i];
    return NULL;
}

static int compare(const struct migrate_source *source, GPtrArray *files, const struct value *rows,
                   struct portico_error *error)
{
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct value_cell *cells = value_rows_at(rows, i);
        struct file *file = find(files, cells[0].text);
        if (!file)
            return error_set(
                error, PORTICO_ECONFLICT,
                "The database has migration %s of %s, which %s lacks: it was made by a "
                "newer version. Install that version, or restore a backup.",
                cells[0].text, source->module, source->directory);
        if (strcmp(file->checksum, cells[1].text) != 0)
            return error_set(
                error, PORTICO_ECONFLICT,
                "%s/%s was changed after it had been applied: restore the file, and put "
                "the change into a new migration.",
                source->directory, file->name);
        file->applied = true;
    }
    return 0;
}

static int check_order(const struct migrate_source *source, const GPtrArray *files,
                       enum migrate_phase phase, struct portico_error *error)
{
    const struct file *pending = NULL;
    for (guint i = 0; i < files->len; i++) {
        const struct file *file = files->pdata[i];
        if (file->phase != phase)
            continue;
        if (!file->applied)
            pending = pending ? pending : file;
        else if (pending)
            return error_set(error, PORTICO_ECONFLICT,
                             "%s/%s comes after %s has been applied: give it the next free number.",
                             source->directory, pending->name, file->name);
    }
    return 0;
}

/* Files of one source, each marked whether it is applied. */
static int examine(struct store_session *session, const struct migrate_source *source,
                   enum migrate_phase phase, GPtrArray **ret_files, struct portico_error *error)
{
    GPtrArray *files;
    bool has = false;
    struct value *rows;
    int code = list_files(source->directory, &files, error);
    if (code < 0)
        return code;
    code = twin_has_migrations(session, &has, error);
    if (code == 0 && has) {
        code = store_query(session,
                           UNFILTERED "SELECT file, checksum FROM portico_migration "
                                      "WHERE module = ? ORDER BY place",
                           PORTICO_ARGS(portico_arg_text(source->module)), &rows, error);
        if (code == 0)
            code = compare(source, files, rows, error);
    }
    if (code == 0)
        code = check_order(source, files, phase, error);
    if (code < 0)
        g_ptr_array_free(files, TRUE);
    else
        *ret_files = files;
    return code;
}

/* Runs `visit` with the examined files of each source, in one session. */
static int for_each_source(struct store *store, const struct migrate_source *sources, size_t count,
                           enum migrate_phase phase,
                           int (*visit)(struct store_session *session,
                                        const struct migrate_source *source, GPtrArray *files,
                                        void *data, struct portico_error *error),
                           void *data, struct portico_error *error)
{
    int code = 0;
    for (size_t i = 0; i < count && code == 0; i++) {
        struct arena *arena = arena_new(0);
        struct store_session *session =
            store_session_new(store, arena, &store_viewer_everyone, OWNER_HOST);
        session->transaction_time = MIGRATION_TIME;
        GPtrArray *files = NULL;
        code = examine(session, &sources[i], phase, &files, error);
        if (code == 0)
            code = visit(session, &sources[i], files, data, error);
        if (files)
            g_ptr_array_free(files, TRUE);
        store_session_end(session);
        arena_free(arena);
    }
    return code;
}

struct planning {
    enum migrate_phase phase;
    struct migrate_plan plan;
};

static int plan_source(struct store_session *session, const struct migrate_source *source,
                       GPtrArray *files, void *data, struct portico_error *error)
{
    (void)session, (void)error;
    struct planning *planning = data;
    for (guint i = 0; i < files->len; i++) {
        const struct file *file = files->pdata[i];
        if (file->applied || file->phase != planning->phase)
            continue;
        planning->plan.pending++;
        g_snprintf(planning->plan.newest, sizeof planning->plan.newest, "%s/%s", source->module,
                   file->name);
    }
    return 0;
}

int migrate_check(struct store *store, const struct migrate_source *sources, size_t count,
                  enum migrate_phase phase, struct migrate_plan *ret_plan,
                  struct portico_error *error)
{
    struct planning planning = { .phase = phase };
    int code = for_each_source(store, sources, count, phase, plan_source, &planning, error);
    if (code == 0)
        *ret_plan = planning.plan;
    return code;
}

/* Says where it stands and what to do; what the server or the disk failed at is no fault of it. */
static int refuse(const char *path, unsigned line, struct portico_error *error)
{
    char said[sizeof error->message];
    bool fails = error->code == PORTICO_EIO || error->code == PORTICO_ENOMEM ||
                 error->code == PORTICO_EBUSY || error->code == PORTICO_ETIMEDOUT;
    g_strlcpy(said, error->message, sizeof said);
    return error_set(error, error->code, "%s:%u: %s%s", path, line, said,
                     fails ? "" : " Mend the statement: nothing of the file was applied.");
}

/* `path` is where it stands. */
static int run_script(struct store_session *session, const char *path, const char *script,
                      struct portico_error *error)
{
    bool lite = session->store->kind == STORE_SQLITE;
    int code = 0;
    session->migrating = true;
    for (const char *at = script; code == 0 && *at;) {
        const char *from = at;
        char *statement = script_next(&at, lite);
        session->refused_at = -1;
        if (statement)
            code = store_execute(session, statement, NULL, 0, NULL, error);
        if (code < 0 && error)
            refuse(path, script_line(script, from, session->refused_at), error);
        g_free(statement);
    }
    session->migrating = false;
    return code;
}

static int record(struct store_session *session, const char *module, const struct file *file,
                  const char *twin_script, struct portico_error *error)
{
    return store_execute(
        session,
        UNFILTERED "INSERT INTO portico_migration (place, module, file, checksum, script, applied) "
                   "SELECT COALESCE(MAX(place), 0) + 1, ?, ?, ?, ?, ? FROM portico_migration",
        PORTICO_ARGS(portico_arg_text(module), portico_arg_text(file->name),
                     portico_arg_text(file->checksum), portico_arg_text(twin_script),
                     portico_arg_time(clock_now())),
        NULL, error);
}

/* Inside the transaction and under the lock: another process may have been faster. */
static int is_applied(struct store_session *session, const char *module, const struct file *file,
                      bool *ret_applied, struct portico_error *error)
{
    struct value *rows;
    int code = store_query(session,
                           UNFILTERED "SELECT checksum FROM portico_migration "
                                      "WHERE module = ? AND file = ?",
                           PORTICO_ARGS(portico_arg_text(module), portico_arg_text(file->name)),
                           &rows, error);
    if (code == 0)
        *ret_applied = rows->count > 0;
    return code;
}

/* On SQLite the write transaction is the lock. */
static int lock(struct store_session *session, struct portico_error *error)
{
    static const char *const statements[] = {
        UNFILTERED "SELECT pg_advisory_xact_lock(hashtext('portico migrations'))",
        UNFILTERED "SELECT set_config('lock_timeout', '" TABLE_TIME "', true)",
    };
    int code = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(statements) && code == 0; i++)
        if (session->store->kind == STORE_POSTGRES)
            code = store_execute(session, statements[i], NULL, 0, NULL, error);
    return code;
}

/* Both databases' sections, so that what one refuses is not found out on the other. */
static int check_owner(struct store_session *session, const char *module, const char *path,
                       const struct file *file, struct portico_error *error)
{
    static const enum store_kind kinds[] = { STORE_SQLITE, STORE_POSTGRES };
    int code = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(kinds) && code == 0; i++) {
        char *script = NULL;
        code = script_expand(path, file->text, kinds[i], &script, error);
        if (code == 0)
            code = twin_check_script(session->store, module, path, script, error);
        g_free(script);
    }
    return code;
}

/* One file as its database runs it. */
struct scripts {
    char *back; /* before it: what stops the counts of lists it takes back */
    char *own;
    char *counts; /* behind it: what keeps count of the lists it declares */
    char *twin;   /* all, as SQLite reads them */
};

static void scripts_free(struct scripts *scripts)
{
    g_free(scripts->back);
    g_free(scripts->own);
    g_free(scripts->counts);
    g_free(scripts->twin);
}

static int expand(const char *module, const char *path, const struct file *file,
                  enum store_kind kind, struct scripts *scripts, struct portico_error *error)
{
    char *twin = NULL, *back = NULL, *counts = NULL;
    int code = script_expand(path, file->text, kind, &scripts->own, error);
    if (code == 0)
        code =
            count_script(module, path, file->text, kind, &scripts->back, &scripts->counts, error);
    if (code == 0)
        code = script_expand(path, file->text, STORE_SQLITE, &twin, error);
    if (code == 0)
        code = count_script(module, path, file->text, STORE_SQLITE, &back, &counts, error);
    if (code == 0)
        scripts->twin = g_strconcat(back, twin, counts, NULL);
    g_free(twin);
    g_free(back);
    g_free(counts);
    return code;
}

/* The lists that are counted once this file has run: what it and those before it declare, in the
 * order they ran in. */
static int note_counts(struct store_session *session, const char *module, const GPtrArray *files,
                       const struct file *file, const char *path, GHashTable *lists,
                       struct portico_error *error)
{
    struct value *rows;
    int code = store_query(session,
                           UNFILTERED "SELECT file FROM portico_migration WHERE module = ? "
                                      "ORDER BY place",
                           PORTICO_ARGS(portico_arg_text(module)), &rows, error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++) {
        const struct file *earlier = find(files, value_rows_at(rows, i)->text);
        if (earlier)
            code = count_note(module, earlier->name, earlier->text, lists, error);
    }
    return code < 0 ? code : count_note(module, path, file->text, lists, error);
}

/* What the databases say of a counted table that is changed names triggers nobody wrote. */
static int hint_counts(const char *script, GHashTable *lists, int code, struct portico_error *error)
{
    GHashTableIter each_list;
    gpointer list;
    char said[sizeof error->message];
    g_hash_table_iter_init(&each_list, lists);
    while (error && g_hash_table_iter_next(&each_list, &list, NULL)) {
        char *table = g_strndup(list, strcspn(list, " "));
        bool named = strstr(script, table) && (strstr(script, "DROP") || strstr(script, "RENAME"));
        g_free(table);
        if (!named)
            continue;
        g_strlcpy(said, error->message, sizeof said);
        return error_set(error, code,
                         "%s What is counted of a table is taken back first, by lines such as "
                         "\"-- uncount: %s\".",
                         said, (const char *)list);
    }
    return code;
}

static int run_scripts(struct store_session *session, const char *module, const char *path,
                       const struct scripts *scripts, GHashTable *lists,
                       struct portico_error *error)
{
    if (run_script(session, "-- uncount", scripts->back, error) < 0)
        return error_prefix(error, "%s: ", path);
    int code = run_script(session, path, scripts->own, error);
    if (code < 0)
        return hint_counts(scripts->own, lists, code, error);
    if (run_script(session, "-- count", scripts->counts, error) < 0)
        return error_prefix(error, "%s: ", path);
    code = migrate_check_names(session, error);
    return code < 0 ? code : count_check(session, module, lists, error);
}

static int apply_scripts(struct store_session *session, const char *module, const char *path,
                         const GPtrArray *files, const struct file *file,
                         const struct scripts *scripts, bool *ret_done, struct portico_error *error)
{
    GHashTable *lists = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    bool applied = false;
    int code = store_begin(session, error);
    if (code < 0) {
        g_hash_table_destroy(lists);
        return code;
    }
    code = lock(session, error);
    if (code == 0)
        code = run_script(session, "portico_migration", create_table, error);
    if (code == 0)
        code = is_applied(session, module, file, &applied, error);
    if (code == 0 && !applied)
        code = note_counts(session, module, files, file, path, lists, error);
    if (code == 0 && !applied)
        code = run_scripts(session, module, path, scripts, lists, error);
    if (code == 0 && !applied)
        code = record(session, module, file, scripts->twin, error);
    if (code == 0)
        code = store_commit(session, error);
    else
        store_rollback(session);
    g_hash_table_destroy(lists);
    *ret_done = code == 0 && !applied;
    return code;
}

/* Again as long as it gives way to those who use its tables. */
static int apply_patiently(struct store_session *session, const char *module, const char *path,
                           const GPtrArray *files, const struct file *file,
                           const struct scripts *scripts, bool *ret_done,
                           struct portico_error *error)
{
    int64_t until = clock_steady() + GIVE_WAY_TIME;
    int code;
    do {
        session->gave_way = false;
        code = apply_scripts(session, module, path, files, file, scripts, ret_done, error);
        if (code == 0 || !session->gave_way)
            return code;
        g_usleep(GIVE_WAY_PAUSE);
    } while (clock_steady() < until);
    return error_set(error, PORTICO_EBUSY,
                     "%s: a table it changes was in use for %d s and nothing of the file was "
                     "applied: end the statement that uses it (pg_stat_activity shows it), then "
                     "migrate again.",
                     path, (int)(GIVE_WAY_TIME / 1000000));
}

static int apply_file(struct store_session *session, const struct migrate_source *source,
                      const GPtrArray *files, const struct file *file, bool *ret_done,
                      struct portico_error *error)
{
    struct scripts scripts = { 0 };
    char *path = g_build_filename(source->directory, file->name, NULL);
    int code = check_owner(session, source->module, path, file, error);
    if (code == 0)
        code = expand(source->module, path, file, session->store->kind, &scripts, error);
    if (code == 0)
        code =
            apply_patiently(session, source->module, path, files, file, &scripts, ret_done, error);
    if (code < 0 && error && !g_str_has_prefix(error->message, path))
        error_prefix(error, "%s: ", path);
    g_free(path);
    scripts_free(&scripts);
    return code;
}

struct applying {
    enum migrate_phase phase;
    void (*progress)(const char *module, const char *file);
};

static int apply_source(struct store_session *session, const struct migrate_source *source,
                        GPtrArray *files, void *data, struct portico_error *error)
{
    const struct applying *applying = data;
    for (guint i = 0; i < files->len; i++) {
        struct file *file = files->pdata[i];
        bool done = false;
        if (file->applied || file->phase != applying->phase)
            continue;
        int code = apply_file(session, source, files, file, &done, error);
        if (code < 0)
            return code;
        if (done && applying->progress)
            applying->progress(source->module, file->name);
    }
    return 0;
}

int migrate_apply(struct store *store, const struct migrate_source *sources, size_t count,
                  enum migrate_phase phase, void (*progress)(const char *module, const char *file),
                  struct portico_error *error)
{
    struct applying applying = { .phase = phase, .progress = progress };
    int code = for_each_source(store, sources, count, phase, apply_source, &applying, error);
    if (code == 0)
        code = twin_renew(store, error);
    if (code == 0)
        twin_keep(store, NULL); /* a shortcut: where it fails, the next to migrate tries again */
    return code;
}

static int by_number(gconstpointer left, gconstpointer right)
{
    const struct file *const *a = left, *const *b = right;
    if ((*a)->number != (*b)->number)
        return (*a)->number < (*b)->number ? -1 : 1;
    return (int)(*a)->phase - (int)(*b)->phase;
}

int migrate_read(const struct migrate_source *source,
                 int (*visit)(const char *file, const char *text, void *data,
                              struct portico_error *error),
                 void *data, struct portico_error *error)
{
    GPtrArray *files;
    int code = list_files(source->directory, &files, error);
    if (code < 0)
        return code;
    g_ptr_array_sort(files, by_number);
    for (guint i = 0; i < files->len && code == 0; i++) {
        const struct file *file = files->pdata[i];
        char *path = g_build_filename(source->directory, file->name, NULL);
        code = visit(path, file->text, data, error);
        g_free(path);
    }
    g_ptr_array_free(files, TRUE);
    return code;
}
