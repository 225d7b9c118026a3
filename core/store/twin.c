#include "store/twin.h"

#include "base/error.h"
#include "store/driver.h"

#include <pthread.h>
#include <sqlite3.h>

#define VERDICTS_MAX 10000u
#define UNFILTERED "{unfiltered the check itself} "

struct verdict {
    int code;
    char *message; /* NULL for 0 */
};

/* Every table stands twice in the twin: as itself, and as portico_visible_TABLE, which takes the
 * place of {visible TABLE} and of INSERT's target. What touches the first is a direct use. */
struct twin {
    pthread_mutex_t mutex;
    sqlite3 *db;         /* NULL: not built */
    GHashTable *guarded; /* tables with an audience column, and full-text tables */
    GHashTable *triggers;
    GHashTable *names;    /* of all tables, views and triggers, in lower case */
    GHashTable *verdicts; /* by what the module wrote */
    const char *offence;  /* guarded table the statement being prepared touches */
    bool inserts;
};

static void verdict_free(void *data)
{
    struct verdict *verdict = data;
    g_free(verdict->message);
    g_free(verdict);
}

struct twin *twin_new(void)
{
    struct twin *twin = g_new0(struct twin, 1);
    pthread_mutex_init(&twin->mutex, NULL);
    twin->guarded = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    twin->triggers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    twin->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    twin->verdicts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, verdict_free);
    return twin;
}

static void forget(struct twin *twin)
{
    sqlite3_close(twin->db);
    twin->db = NULL;
    g_hash_table_remove_all(twin->guarded);
    g_hash_table_remove_all(twin->triggers);
    g_hash_table_remove_all(twin->names);
    g_hash_table_remove_all(twin->verdicts);
}

void twin_free(struct twin *twin)
{
    if (!twin)
        return;
    forget(twin);
    g_hash_table_destroy(twin->guarded);
    g_hash_table_destroy(twin->triggers);
    g_hash_table_destroy(twin->names);
    g_hash_table_destroy(twin->verdicts);
    pthread_mutex_destroy(&twin->mutex);
    g_free(twin);
}

static int on_use(void *data, int action, const char *table, const char *column,
                  const char *database, const char *trigger)
{
    (void)column, (void)database;
    struct twin *twin = data;
    bool touches = action == SQLITE_READ || action == SQLITE_UPDATE || action == SQLITE_DELETE;
    if (!touches || !table || (trigger && g_hash_table_contains(twin->triggers, trigger)))
        return SQLITE_OK;
    /* ON CONFLICT DO UPDATE reaches rows the viewer may not see. */
    if (action == SQLITE_UPDATE && twin->inserts &&
        g_str_has_prefix(table, STATEMENT_VISIBLE_PREFIX))
        table += strlen(STATEMENT_VISIBLE_PREFIX);
    gpointer name;
    if (!twin->offence && g_hash_table_lookup_extended(twin->guarded, table, &name, NULL))
        twin->offence = name;
    return SQLITE_OK;
}

/* Calls `visit` with the text columns of each row. */
static bool each(struct twin *twin, const char *sql,
                 void (*visit)(struct twin *twin, const char *first, const char *second))
{
    GPtrArray *texts = g_ptr_array_new_with_free_func(g_free);
    sqlite3_stmt *statement = NULL;
    bool good = sqlite3_prepare_v2(twin->db, sql, -1, &statement, NULL) == SQLITE_OK;
    while (good && sqlite3_step(statement) == SQLITE_ROW)
        for (int i = 0; i < 2; i++)
            g_ptr_array_add(texts, g_strdup((const char *)sqlite3_column_text(statement, i)));
    sqlite3_finalize(statement);
    for (guint i = 0; i < texts->len; i += 2)
        visit(twin, texts->pdata[i], texts->pdata[i + 1]);
    g_ptr_array_free(texts, TRUE);
    return good;
}

static void note_guarded(struct twin *twin, const char *name, const char *ignored)
{
    (void)ignored;
    g_hash_table_add(twin->guarded, g_strdup(name));
}

static void note_trigger(struct twin *twin, const char *name, const char *ignored)
{
    (void)ignored;
    g_hash_table_add(twin->triggers, g_strdup(name));
}

static void note_name(struct twin *twin, const char *name, const char *ignored)
{
    (void)ignored;
    g_hash_table_add(twin->names, g_ascii_strdown(name, -1));
}

/* SQLite keeps "CREATE TABLE name(…)": the parenthesis begins what the second table shares. */
static void copy_table(struct twin *twin, const char *name, const char *sql)
{
    const char *body = sql ? strchr(sql, '(') : NULL;
    char *copy = g_strdup_printf("CREATE TABLE \"" STATEMENT_VISIBLE_PREFIX "%s\" %s", name,
                                 body ? body : "");
    sqlite3_exec(twin->db, copy, NULL, NULL, NULL);
    g_free(copy);
}

/* ON CONFLICT names the columns of a unique index. */
static void copy_index(struct twin *twin, const char *table, const char *sql)
{
    static unsigned number;
    const char *body = strchr(sql, '(');
    char *copy = g_strdup_printf(
        "CREATE UNIQUE INDEX portico_index_%u ON \"" STATEMENT_VISIBLE_PREFIX "%s\" %s", number++,
        table, body ? body : "");
    sqlite3_exec(twin->db, copy, NULL, NULL, NULL);
    g_free(copy);
}

static bool describe(struct twin *twin)
{
    return each(twin, "SELECT name, NULL FROM sqlite_master", note_name) &&
           each(twin,
                "SELECT m.name, NULL FROM sqlite_master m, pragma_table_info(m.name) c "
                "WHERE m.type IN ('table', 'view') AND c.name = 'audience' COLLATE NOCASE",
                note_guarded) &&
           each(twin,
                "SELECT m.name, NULL FROM sqlite_master m, sqlite_master v "
                "WHERE m.type = 'table' AND v.sql LIKE 'CREATE VIRTUAL TABLE%' "
                "AND (m.name = v.name OR m.name LIKE v.name || '\\_%' ESCAPE '\\')",
                note_guarded) &&
           each(twin, "SELECT name, NULL FROM sqlite_master WHERE type = 'trigger'",
                note_trigger) &&
           each(twin,
                "SELECT name, sql FROM sqlite_master WHERE type = 'table' "
                "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND sql NOT LIKE 'CREATE VIRTUAL%'",
                copy_table) &&
           each(twin,
                "SELECT tbl_name, sql FROM sqlite_master WHERE type = 'index' "
                "AND sql LIKE 'CREATE UNIQUE INDEX%'",
                copy_index);
}

int twin_has_migrations(struct store_session *session, bool *ret_has, struct portico_error *error)
{
    static const char *const queries[] = {
        [STORE_SQLITE] = UNFILTERED "SELECT count(*) FROM sqlite_master "
                                    "WHERE name = 'portico_migration'",
        [STORE_POSTGRES] = UNFILTERED "SELECT count(to_regclass('portico_migration'))",
    };
    struct value *rows;
    int code = store_query(session, queries[session->store->kind], NULL, 0, &rows, error);
    if (code == 0)
        *ret_has = value_rows_at(rows, 0)->integer > 0;
    return code;
}

static int run_scripts(struct twin *twin, const struct value *rows, struct portico_error *error)
{
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct value_cell *cells = value_rows_at(rows, i);
        if (sqlite3_exec(twin->db, cells[1].text, NULL, NULL, NULL) != SQLITE_OK)
            return error_set(
                error, PORTICO_EFAULT,
                "Migration %s does not run on the empty copy of the schema (%s): its "
                "statements must be portable, or stand in a section for each database.",
                cells[0].text, sqlite3_errmsg(twin->db));
    }
    if (!describe(twin))
        return error_set(error, PORTICO_EFAULT, "The copy of the schema cannot be read: %s.",
                         sqlite3_errmsg(twin->db));
    return 0;
}

/* NULL rows where no migration has run. */
static int read_scripts(struct store *store, struct arena *arena, struct value **ret_rows,
                        struct portico_error *error)
{
    struct store_session *session = store_session_new(store, arena, &store_viewer_everyone, "core");
    bool has = false;
    int code = twin_has_migrations(session, &has, error);
    *ret_rows = NULL;
    if (code == 0 && has)
        code = store_query(session,
                           UNFILTERED "SELECT file, script FROM portico_migration ORDER BY place",
                           NULL, 0, ret_rows, error);
    store_session_end(session);
    return code;
}

/* The database is read before the twin is locked: a caller may hold a connection and wait for the
 * twin. */
int twin_renew(struct store *store, struct portico_error *error)
{
    struct twin *twin = store->twin;
    struct arena *arena = arena_new(0);
    struct value *rows;
    int code = read_scripts(store, arena, &rows, error);
    pthread_mutex_lock(&twin->mutex);
    forget(twin);
    if (code == 0 && rows) {
        if (sqlite3_open(":memory:", &twin->db) != SQLITE_OK)
            code = error_set(error, PORTICO_ENOMEM, "Memory ended for the copy of the schema.");
        else
            code = run_scripts(twin, rows, error);
    }
    if (code < 0)
        forget(twin);
    pthread_mutex_unlock(&twin->mutex);
    arena_free(arena);
    return code;
}

/* A relation of WITH that has the name of a table or trigger would stand for it in places where the
 * twin and the database differ. The first such name, or NULL. */
static char *reserved_common(const struct twin *twin, const struct statement *statement)
{
    static const char *const prefixes[] = { "pg_", "portico_", "sqlite_" };
    char *found = NULL;
    char **names = g_strsplit(statement->common ? statement->common : "", "\n", -1);
    for (char **name = names; *name && !found; name++) {
        char *lower = g_ascii_strdown(*name, -1);
        bool reserved = g_hash_table_contains(twin->names, lower);
        for (size_t i = 0; i < G_N_ELEMENTS(prefixes); i++)
            reserved |= g_str_has_prefix(lower, prefixes[i]);
        found = reserved ? g_strdup(*name) : NULL;
        g_free(lower);
    }
    g_strfreev(names);
    return found;
}

static struct verdict *judge(struct twin *twin, const struct statement *twin_statement,
                             const char *module)
{
    struct verdict *verdict = g_new0(struct verdict, 1);
    char *reserved = reserved_common(twin, twin_statement);
    if (reserved) {
        verdict->code = PORTICO_EPERM;
        verdict->message = g_strdup_printf("Module %s names a relation of WITH \"%s\", which is "
                                           "the name of a table or of the host's: choose another.",
                                           module, reserved);
        g_free(reserved);
        return verdict;
    }
    const char *twin_sql = twin_statement->sql;
    sqlite3_stmt *statement = NULL;
    twin->offence = NULL;
    twin->inserts = twin_statement->inserts;
    sqlite3_set_authorizer(twin->db, on_use, twin);
    int result = sqlite3_prepare_v2(twin->db, twin_sql, -1, &statement, NULL);
    sqlite3_set_authorizer(twin->db, NULL, NULL);
    sqlite3_finalize(statement);
    if (result != SQLITE_OK) {
        verdict->code = PORTICO_EINVAL;
        verdict->message =
            g_strdup_printf("The database refused the statement: %s.", sqlite3_errmsg(twin->db));
    } else if (twin->offence) {
        verdict->code = PORTICO_EPERM;
        verdict->message = g_strdup_printf("Module %s touches table %s, whose rows have an "
                                           "audience, directly: write {visible %s}, or "
                                           "begin the statement with {unfiltered reason}.",
                                           module, twin->offence, twin->offence);
    }
    return verdict;
}

/* The kept verdict, or a new one; NULL: there is no schema to check against. */
static struct verdict *verdict_of(struct twin *twin, const char *sql,
                                  const struct statement *twin_statement, const char *module)
{
    struct verdict *verdict = g_hash_table_lookup(twin->verdicts, sql);
    if (verdict || !twin->db || !twin_statement)
        return verdict;
    if (g_hash_table_size(twin->verdicts) >= VERDICTS_MAX)
        g_hash_table_remove_all(twin->verdicts);
    verdict = judge(twin, twin_statement, module);
    g_hash_table_insert(twin->verdicts, g_strdup(sql), verdict);
    return verdict;
}

/* 1: nothing to say yet. */
static int ask(struct twin *twin, const char *sql, const struct statement *twin_statement,
               const char *module, struct portico_error *error)
{
    pthread_mutex_lock(&twin->mutex);
    const struct verdict *verdict = verdict_of(twin, sql, twin_statement, module);
    int code = verdict ? verdict->code : 1;
    if (code < 0)
        error_set(error, code, "%s", verdict->message);
    pthread_mutex_unlock(&twin->mutex);
    return code;
}

int twin_check(struct store *store, const char *sql, const char *module,
               struct portico_error *error)
{
    struct statement expanded;
    int code = ask(store->twin, sql, NULL, module, error);
    if (code <= 0)
        return code;
    code = statement_expand(sql, STATEMENT_TWIN, &store_viewer_everyone, &expanded, error);
    if (code < 0)
        return code;
    code = ask(store->twin, sql, &expanded, module, error);
    if (code == 1 || code == PORTICO_EINVAL) {
        /* Another process may have migrated since the schema was read. */
        code = twin_renew(store, error);
        if (code == 0)
            code = ask(store->twin, sql, &expanded, module, error);
    }
    statement_free(&expanded);
    return code < 0 ? code : 0;
}
