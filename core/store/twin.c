#include "store/twin.h"

#include "base/error.h"
#include "store/count.h"
#include "store/driver.h"
#include "store/keys.h"
#include "store/owner.h"
#include "store/twin_parts.h"

#define VERDICTS_MAX 10000u

struct verdict {
    int code;
    char *message; /* NULL for 0 */
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
    twin->shown = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    twin->granted = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    twin->triggers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    twin->owners = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    twin->verdicts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, verdict_free);
    return twin;
}

void twin_free(struct twin *twin)
{
    if (!twin)
        return;
    twin_forget(twin);
    g_hash_table_destroy(twin->guarded);
    g_hash_table_destroy(twin->shown);
    g_hash_table_destroy(twin->granted);
    g_hash_table_destroy(twin->triggers);
    g_hash_table_destroy(twin->owners);
    g_hash_table_destroy(twin->verdicts);
    pthread_mutex_destroy(&twin->mutex);
    g_free(twin);
}

/* The first thing that is not the module's stands for all. */
static void note_foreign(struct twin *twin, const char *name, bool calls)
{
    if (twin->foreign)
        return;
    char *lower = g_ascii_strdown(name, -1);
    twin->stranger = calls ? NULL : g_hash_table_lookup(twin->owners, lower);
    twin->foreign = lower;
    twin->calls = calls;
}

static bool is_common(const struct statement *statement, const char *lower)
{
    char **names = g_strsplit(statement->common ? statement->common : "", "\n", -1);
    bool found = false;
    for (char **name = names; *name && !found; name++)
        found = **name && g_ascii_strcasecmp(*name, lower) == 0;
    g_strfreev(names);
    return found;
}

/* Relations of WITH have names that no table has: see reserved_common. */
static void judge_owner(struct twin *twin, const char *table)
{
    char *lower = g_ascii_strdown(table, -1);
    const char *owner = g_hash_table_lookup(twin->owners, lower);
    bool own = owner ? strcmp(owner, twin->module) == 0 : is_common(twin->statement, lower);
    g_free(lower);
    if (!own)
        note_foreign(twin, table, false);
}

static void judge_guard(struct twin *twin, const char *table)
{
    char *lower = g_ascii_strdown(table, -1);
    gpointer name;
    if (!twin->offence && g_hash_table_lookup_extended(twin->guarded, lower, &name, NULL))
        twin->offence = name;
    g_free(lower);
}

static int on_use(void *data, int action, const char *table, const char *what, const char *database,
                  const char *trigger)
{
    (void)database;
    struct twin *twin = data;
    bool host = owner_is_host(twin->module);
    bool schema = trigger && g_hash_table_contains(twin->triggers, trigger);
    if (schema && g_str_has_prefix(trigger, COUNT_TRIGGER_PREFIX))
        return SQLITE_OK; /* the host's, on a table of the module's */
    bool touches = action == SQLITE_READ || action == SQLITE_UPDATE || action == SQLITE_DELETE;
    if (action == SQLITE_FUNCTION && !host && !owner_allows_function(what))
        note_foreign(twin, what, true);
    if ((!touches && action != SQLITE_INSERT) || !table)
        return SQLITE_OK;
    bool visible = g_str_has_prefix(table, STATEMENT_VISIBLE_PREFIX);
    const char *bare = visible ? table + strlen(STATEMENT_VISIBLE_PREFIX) : table;
    if (!host)
        judge_owner(twin, bare);
    if (!touches || schema || twin->statement->unfiltered)
        return SQLITE_OK;
    /* ON CONFLICT DO UPDATE reaches rows the viewer may not see. */
    judge_guard(twin, action == SQLITE_UPDATE && twin->statement->inserts ? bare : table);
    return SQLITE_OK;
}

int twin_has_table(struct store_session *session, const char *table, bool *ret_has,
                   struct portico_error *error)
{
    static const char *const queries[] = {
        [STORE_SQLITE] = TWIN_UNFILTERED "SELECT count(*) FROM sqlite_master "
                                         "WHERE type = 'table' AND name = ? COLLATE NOCASE",
        [STORE_POSTGRES] =
            TWIN_UNFILTERED "SELECT count(*) FROM pg_class c WHERE c.relname = ? "
                            "AND c.relkind IN ('r', 'p') AND pg_table_is_visible(c.oid)",
    };
    struct value *rows;
    int code = store_host_query(session, queries[session->store->kind],
                                PORTICO_ARGS(portico_arg_text(table)), &rows, error);
    if (code == 0)
        *ret_has = value_rows_at(rows, 0)->integer > 0;
    return code;
}

int twin_has_migrations(struct store_session *session, bool *ret_has, struct portico_error *error)
{
    return twin_has_table(session, "portico_migration", ret_has, error);
}

/* A relation of WITH that has the name of a table or trigger would stand for it in places where the
 * twin and the database differ. The first such name, or NULL. */
static char *reserved_common(const struct twin *twin, const struct statement *statement)
{
    char *found = NULL;
    char **names = g_strsplit(statement->common ? statement->common : "", "\n", -1);
    for (char **name = names; *name && !found; name++) {
        char *lower = g_ascii_strdown(*name, -1);
        bool reserved = g_hash_table_contains(twin->owners, lower) || owner_is_reserved(lower);
        found = reserved ? g_strdup(*name) : NULL;
        g_free(lower);
    }
    g_strfreev(names);
    return found;
}

static void refuse_foreign(const struct twin *twin, struct verdict *verdict)
{
    char *prefix = owner_prefix(twin->module);
    verdict->code = PORTICO_EPERM;
    if (twin->calls)
        verdict->message =
            g_strdup_printf("Module %s calls the function %s, which is not one of those that a "
                            "module may use on both databases: compute it in the module.",
                            twin->module, twin->foreign);
    else
        verdict->message = g_strdup_printf(
            "Module %s touches \"%s\", which belongs to %s%s: a module reads and writes its own "
            "tables only (\"%s…\"); ask another's through a service, or listen to its events.",
            twin->module, twin->foreign, twin->stranger ? "module " : "the host or the database",
            twin->stranger ? twin->stranger : "", prefix);
    g_free(prefix);
}

/* A word that PostgreSQL would look up in its catalogs; the twin reads it as a type or a name. */
static char *reserved_word(const char *sql)
{
    struct owner_word word;
    char *found = NULL;
    while (!found && owner_next_word(&sql, &word)) {
        char *lower = g_ascii_strdown(word.name, -1);
        /* What the host itself wrote into the text: the twin's names and a page's keys. */
        bool host = g_str_has_prefix(lower, STATEMENT_VISIBLE_PREFIX) ||
                    g_str_has_prefix(lower, PAGE_KEY_PREFIX);
        if (!host && owner_is_reserved(lower))
            found = g_strdup(word.name);
        g_free(lower);
        g_free(word.name);
    }
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
    char *word = owner_is_host(module) ? NULL : reserved_word(twin_statement->sql);
    if (word) {
        verdict->code = PORTICO_EPERM;
        verdict->message = g_strdup_printf("Module %s names \"%s\", which is the host's or the "
                                           "database's own: a module keeps to its own tables.",
                                           module, word);
        g_free(word);
        return verdict;
    }
    const char *twin_sql = twin_statement->sql;
    sqlite3_stmt *statement = NULL;
    twin->statement = twin_statement;
    twin->module = module;
    twin->offence = twin->foreign = NULL;
    sqlite3_set_authorizer(twin->db, on_use, twin);
    int result = sqlite3_prepare_v2(twin->db, twin_sql, -1, &statement, NULL);
    sqlite3_set_authorizer(twin->db, NULL, NULL);
    sqlite3_finalize(statement);
    if (twin->foreign)
        refuse_foreign(twin, verdict);
    else if (result != SQLITE_OK) {
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
    g_free(twin->foreign);
    twin->foreign = NULL;
    return verdict;
}

/* The kept verdict, or a new one; NULL: there is no schema to check against. */
static struct verdict *verdict_of(struct twin *twin, const char *sql,
                                  const struct statement *twin_statement, const char *module)
{
    char *key = g_strconcat(module, "\n", sql, NULL);
    struct verdict *verdict = g_hash_table_lookup(twin->verdicts, key);
    if (verdict || !twin->db || !twin_statement) {
        g_free(key);
        return verdict;
    }
    if (g_hash_table_size(twin->verdicts) >= VERDICTS_MAX)
        g_hash_table_remove_all(twin->verdicts);
    verdict = judge(twin, twin_statement, module);
    g_hash_table_insert(twin->verdicts, key, verdict);
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

/* Whether the table, in lower case, stands in one of the twin's sets; `otherwise`: no schema has
 * been read. */
static bool stands(struct store *store, GHashTable *set, const char *lower, bool otherwise)
{
    struct twin *twin = store->twin;
    pthread_mutex_lock(&twin->mutex);
    bool known = !twin->db || g_hash_table_contains(twin->owners, lower);
    pthread_mutex_unlock(&twin->mutex);
    /* Another process may have migrated since the schema was read. */
    if (!known)
        twin_renew(store, NULL);
    pthread_mutex_lock(&twin->mutex);
    bool found = twin->db ? g_hash_table_contains(set, lower) : otherwise;
    pthread_mutex_unlock(&twin->mutex);
    return found;
}

bool twin_is_guarded(struct store *store, const char *table)
{
    char *lower = g_ascii_strdown(table, -1);
    bool guarded = stands(store, store->twin->guarded, lower, true);
    g_free(lower);
    return guarded;
}

bool twin_is_granted(struct store *store, const char *table)
{
    char *lower = g_ascii_strdown(table, -1);
    bool granted = stands(store, store->twin->granted, lower, false);
    g_free(lower);
    return granted;
}

/* Of a schema that other processes may have changed meanwhile. */
static const char *const *names_of(struct store *store, GHashTable *tables, struct arena *arena)
{
    struct twin *twin = store->twin;
    GHashTableIter each_table;
    gpointer name;
    size_t count = 0;
    if (twin_renew(store, NULL) < 0)
        return NULL;
    pthread_mutex_lock(&twin->mutex);
    const char **names =
        twin->db ? arena_zalloc(arena, (g_hash_table_size(tables) + 1) * sizeof *names) : NULL;
    g_hash_table_iter_init(&each_table, tables);
    while (names && g_hash_table_iter_next(&each_table, &name, NULL))
        if (!(names[count++] = arena_strdup(arena, name)))
            names = NULL;
    pthread_mutex_unlock(&twin->mutex);
    return names;
}

const char *const *twin_granted_tables(struct store *store, struct arena *arena)
{
    return names_of(store, store->twin->granted, arena);
}

const char *const *twin_shown_tables(struct store *store, struct arena *arena)
{
    return names_of(store, store->twin->shown, arena);
}

/* Only what every reading of a value makes one text of: whole numbers, booleans and plain texts. */
static bool is_countable(struct twin *twin, const char *table, const char *column, uint32_t kind)
{
    const char *type = NULL, *collation = NULL;
    if (sqlite3_table_column_metadata(twin->db, NULL, table, column, &type, &collation, NULL, NULL,
                                      NULL) != SQLITE_OK ||
        !type || strcmp(collation, "BINARY") != 0)
        return false;
    return strcmp(type, kind == PORTICO_TEXT ? "TEXT" : "INTEGER") == 0;
}

bool twin_counts(struct store *store, const char *trigger, const struct count_list *list,
                 const struct portico_argument *values)
{
    struct twin *twin = store->twin;
    char *name = g_strconcat(trigger, "i", NULL);
    char *lower = g_ascii_strdown(list->table, -1);
    pthread_mutex_lock(&twin->mutex);
    const char *table = g_hash_table_lookup(twin->triggers, name);
    bool counts = table && strcmp(table, lower) == 0;
    for (size_t i = 0; counts && i < list->count; i++)
        counts = is_countable(twin, lower, list->keys[i], values[i].kind);
    pthread_mutex_unlock(&twin->mutex);
    g_free(lower);
    g_free(name);
    return counts;
}

char *twin_owner(struct store *store, const char *table)
{
    struct twin *twin = store->twin;
    pthread_mutex_lock(&twin->mutex);
    char *owner = g_strdup(g_hash_table_lookup(twin->owners, table));
    pthread_mutex_unlock(&twin->mutex);
    return owner;
}

unsigned twin_generation(struct store *store)
{
    return atomic_load(&store->twin->generation);
}

/* After one of twin_is_…, which reads the schema anew where it does not know the table. */
static bool is_own(struct twin *twin, const char *module, const char *table)
{
    pthread_mutex_lock(&twin->mutex);
    const char *owner = g_hash_table_lookup(twin->owners, table);
    bool own = owner && (owner_is_host(module) || strcmp(owner, module) == 0);
    pthread_mutex_unlock(&twin->mutex);
    return own;
}

int twin_check_visible(struct store *store, const char *module, const char *table,
                       struct portico_error *error)
{
    bool guarded = twin_is_guarded(store, table);
    if (!is_own(store->twin, module, table))
        return error_set(error, PORTICO_EPERM,
                         "Module %s has no table \"%s\" whose readers could see something: write "
                         "the name as its migration does, in lower case.",
                         module, table);
    if (!guarded)
        return error_set(error, PORTICO_EINVAL,
                         "Rows of %s are seen by all: the table needs the columns id and audience.",
                         table);
    return 0;
}

int twin_check_grantable(struct store *store, const char *module, const char *table,
                         struct portico_error *error)
{
    bool granted = twin_is_granted(store, table);
    if (!is_own(store->twin, module, table))
        return error_set(error, PORTICO_EPERM,
                         "Module %s has no table \"%s\" whose rows it could share: write the name "
                         "as its migration does, in lower case.",
                         module, table);
    if (!granted)
        return error_set(error, PORTICO_EINVAL,
                         "Rows of %s cannot be shared with named people: the table needs the "
                         "columns id, audience and \"granted {boolean} NOT NULL\".",
                         table);
    return 0;
}

static const char *owner_of(const char *name, void *data)
{
    const struct twin *twin = data;
    return g_hash_table_lookup(twin->owners, name);
}

int twin_check_script(struct store *store, const char *module, const char *file, const char *script,
                      struct portico_error *error)
{
    struct twin *twin = store->twin;
    pthread_mutex_lock(&twin->mutex);
    int code = owner_check_script(module, file, script, owner_of, twin, error);
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
    code = statement_expand(sql, STATEMENT_TWIN, NULL, &expanded, error);
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
