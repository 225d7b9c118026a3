/* How the twin is made: by running all migrations, or from the image that an earlier run kept. */
#include "base/error.h"
#include "store/driver.h"
#include "store/twin_parts.h"

#include <sodium.h>
#include <string.h>

/* Of this program and no other: what is judged by an image is what this one would say of the
 * schema.
 */
#define IMAGE_FORMAT "portico schema image 1, Portico " PORTICO_VERSION ", SQLite " SQLITE_VERSION
#define IMAGE_TABLE "portico_schema_image"
#define IMAGE_VARIANT sodium_base64_VARIANT_ORIGINAL

void twin_forget(struct twin *twin)
{
    sqlite3_close(twin->db);
    twin->db = NULL;
    g_clear_pointer(&twin->source, g_free);
    twin->is_kept = false;
    g_hash_table_remove_all(twin->guarded);
    g_hash_table_remove_all(twin->shown);
    g_hash_table_remove_all(twin->granted);
    g_hash_table_remove_all(twin->triggers);
    g_hash_table_remove_all(twin->owners);
    g_hash_table_remove_all(twin->verdicts);
}

/* Calls `visit` with the first two columns of each row, as texts. */
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
    g_hash_table_add(twin->guarded, g_ascii_strdown(name, -1));
}

static void note_shown(struct twin *twin, const char *name, const char *ignored)
{
    (void)ignored;
    g_hash_table_add(twin->shown, g_ascii_strdown(name, -1));
}

static void note_granted(struct twin *twin, const char *name, const char *ignored)
{
    (void)ignored;
    g_hash_table_add(twin->granted, g_ascii_strdown(name, -1));
}

static void note_trigger(struct twin *twin, const char *name, const char *table)
{
    g_hash_table_insert(twin->triggers, g_strdup(name), g_ascii_strdown(table, -1));
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
    return each(twin,
                "SELECT m.name, NULL FROM sqlite_master m, pragma_table_info(m.name) c "
                "WHERE m.type IN ('table', 'view') AND c.name = 'audience' COLLATE NOCASE",
                note_guarded) &&
           each(twin,
                "SELECT m.name, NULL FROM sqlite_master m, sqlite_master v "
                "WHERE m.type = 'table' AND v.sql LIKE 'CREATE VIRTUAL TABLE%' "
                "AND (m.name = v.name OR m.name LIKE v.name || '\\_%' ESCAPE '\\')",
                note_guarded) &&
           each(twin,
                "SELECT m.name, NULL FROM sqlite_master m, pragma_table_info(m.name) c "
                "WHERE m.type = 'table' AND c.name = 'audience' COLLATE NOCASE",
                note_shown) &&
           each(twin,
                "SELECT m.name, NULL FROM sqlite_master m, pragma_table_info(m.name) c "
                "WHERE m.type = 'table' AND m.name NOT GLOB '*[^A-Za-z0-9_]*' "
                "AND lower(c.name) IN ('id', 'audience', 'granted') "
                "GROUP BY m.name HAVING count(*) = 3",
                note_granted) &&
           /* What a view reads is not what a trigger does, whatever it is called. */
           each(twin,
                "SELECT m.name, m.tbl_name FROM sqlite_master m WHERE m.type = 'trigger' "
                "AND NOT EXISTS (SELECT 1 FROM sqlite_master v WHERE v.type IN ('table', 'view') "
                "AND lower(v.name) = lower(m.name))",
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

/* What a script made belongs to its module; what it dropped belongs to nobody. */
static bool note_owners(struct twin *twin, const char *module)
{
    sqlite3_stmt *statement = NULL;
    GHashTable *owners = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    bool good = sqlite3_prepare_v2(twin->db, "SELECT name FROM sqlite_master", -1, &statement,
                                   NULL) == SQLITE_OK;
    while (good && sqlite3_step(statement) == SQLITE_ROW) {
        char *name = g_ascii_strdown((const char *)sqlite3_column_text(statement, 0), -1);
        const char *owner = g_hash_table_lookup(twin->owners, name);
        g_hash_table_insert(owners, name, g_strdup(owner ? owner : module));
    }
    sqlite3_finalize(statement);
    g_hash_table_destroy(twin->owners);
    twin->owners = owners;
    return good;
}

/* What the twin was asked to know, in a table of the image beside the schema itself. */
enum known { KNOWN_GUARDED, KNOWN_SHOWN, KNOWN_GRANTED, KNOWN_TRIGGER, KNOWN_OWNER, KNOWN_COUNT };

static GHashTable *known_table(const struct twin *twin, enum known kind)
{
    GHashTable *const tables[] = {
        [KNOWN_GUARDED] = twin->guarded, [KNOWN_SHOWN] = twin->shown,
        [KNOWN_GRANTED] = twin->granted, [KNOWN_TRIGGER] = twin->triggers,
        [KNOWN_OWNER] = twin->owners,
    };
    return tables[kind];
}

static bool is_set(enum known kind)
{
    return kind < KNOWN_TRIGGER;
}

static bool write_known(struct twin *twin)
{
    sqlite3_stmt *insert = NULL;
    bool good = sqlite3_exec(twin->db,
                             "BEGIN; CREATE TABLE portico_known (kind INTEGER NOT NULL, "
                             "name TEXT NOT NULL, value TEXT)",
                             NULL, NULL, NULL) == SQLITE_OK &&
                sqlite3_prepare_v2(twin->db, "INSERT INTO portico_known VALUES (?, ?, ?)", -1,
                                   &insert, NULL) == SQLITE_OK;
    for (int kind = 0; good && kind < KNOWN_COUNT; kind++) {
        GHashTableIter each_name;
        gpointer name, value;
        g_hash_table_iter_init(&each_name, known_table(twin, kind));
        while (good && g_hash_table_iter_next(&each_name, &name, &value)) {
            sqlite3_bind_int(insert, 1, kind);
            sqlite3_bind_text(insert, 2, name, -1, SQLITE_STATIC);
            sqlite3_bind_text(insert, 3, is_set(kind) ? NULL : value, -1, SQLITE_STATIC);
            good = sqlite3_step(insert) == SQLITE_DONE;
            sqlite3_reset(insert);
        }
    }
    sqlite3_finalize(insert);
    return good && sqlite3_exec(twin->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
}

static int run_scripts(struct twin *twin, const struct value *rows, struct portico_error *error)
{
    /* Small pages: hundreds of empty tables and indexes take one each, also in the image. */
    sqlite3_exec(twin->db, "PRAGMA page_size = 512", NULL, NULL, NULL);
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct value_cell *cells = value_rows_at(rows, i);
        if (sqlite3_exec(twin->db, cells[1].text, NULL, NULL, NULL) != SQLITE_OK)
            return error_set(
                error, PORTICO_EFAULT,
                "Migration %s does not run on the empty copy of the schema (%s): its "
                "statements must be portable, or stand in a section for each database.",
                cells[0].text, sqlite3_errmsg(twin->db));
        note_owners(twin, cells[2].text);
    }
    if (!describe(twin) || !write_known(twin))
        return error_set(error, PORTICO_EFAULT, "The copy of the schema cannot be read: %s.",
                         sqlite3_errmsg(twin->db));
    return 0;
}

/* ---- the image ---- */

static bool read_known(struct twin *twin)
{
    sqlite3_stmt *select = NULL;
    int step = sqlite3_prepare_v2(twin->db, "SELECT kind, name, value FROM portico_known", -1,
                                  &select, NULL);
    while (step == SQLITE_OK || step == SQLITE_ROW) {
        step = sqlite3_step(select);
        int kind = sqlite3_column_int(select, 0);
        const char *name = (const char *)sqlite3_column_text(select, 1);
        const char *value = (const char *)sqlite3_column_text(select, 2);
        if (step != SQLITE_ROW)
            break;
        if (kind < 0 || kind >= KNOWN_COUNT || !name || (!is_set(kind) && !value))
            step = SQLITE_CORRUPT;
        else if (is_set(kind))
            g_hash_table_add(known_table(twin, kind), g_strdup(name));
        else
            g_hash_table_insert(known_table(twin, kind), g_strdup(name), g_strdup(value));
    }
    sqlite3_finalize(select);
    return step == SQLITE_DONE;
}

/* False: it is none, and the twin is as it was before. */
static bool open_image(struct twin *twin, const char *image)
{
    size_t room = strlen(image) / 4 * 3 + 3, length = 0;
    unsigned char *bytes = sqlite3_malloc64(room);
    bool good = bytes &&
                sodium_base642bin(bytes, room, image, strlen(image), NULL, &length, NULL,
                                  IMAGE_VARIANT) == 0 &&
                sqlite3_open(":memory:", &twin->db) == SQLITE_OK;
    if (!good)
        sqlite3_free(bytes);
    else /* which frees the bytes, also where it fails */
        good =
            sqlite3_deserialize(twin->db, "main", bytes, (sqlite3_int64)length, (sqlite3_int64)room,
                                SQLITE_DESERIALIZE_FREEONCLOSE) == SQLITE_OK &&
            read_known(twin);
    if (!good)
        twin_forget(twin);
    return good;
}

/* Of the twin as it is, base64; NULL: memory ended, or it was built of nothing. g_free. */
static char *make_image(struct twin *twin)
{
    sqlite3_int64 length = 0;
    unsigned char *bytes = twin->db ? sqlite3_serialize(twin->db, "main", &length, 0) : NULL;
    if (!bytes)
        return NULL;
    size_t room = sodium_base64_ENCODED_LEN((size_t)length, IMAGE_VARIANT);
    char *image = g_malloc(room);
    sodium_bin2base64(image, room, bytes, (size_t)length, IMAGE_VARIANT);
    sqlite3_free(bytes);
    return image;
}

/* What the twin of these migrations is made from: the same for the same twin. g_free. */
static char *source_of(const struct value *rows)
{
    crypto_hash_sha256_state state;
    unsigned char sum[crypto_hash_sha256_BYTES];
    char hex[sizeof sum * 2 + 1];
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const unsigned char *)IMAGE_FORMAT, sizeof IMAGE_FORMAT);
    for (uint32_t i = 0; i < rows->count; i++)
        for (unsigned column = 0; column < 3; column++) {
            const char *text = value_rows_at(rows, i)[column].text;
            crypto_hash_sha256_update(&state, (const unsigned char *)text, strlen(text) + 1);
        }
    crypto_hash_sha256_final(&state, sum);
    return g_strdup(sodium_bin2hex(hex, sizeof hex, sum, sizeof sum));
}

/* ---- from the database ---- */

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
                           TWIN_UNFILTERED
                           "SELECT file, script, module FROM portico_migration ORDER BY place",
                           NULL, 0, ret_rows, error);
    store_session_end(session);
    return code;
}

/* NULL: the database keeps none of these migrations. */
static int read_image(struct store *store, struct arena *arena, const char *source,
                      const char **ret_image, struct portico_error *error)
{
    struct store_session *session = store_session_new(store, arena, &store_viewer_everyone, "core");
    struct value *rows = NULL;
    bool has = false;
    int code = twin_has_table(session, IMAGE_TABLE, &has, error);
    if (code == 0 && has)
        code = store_query(session,
                           TWIN_UNFILTERED "SELECT image FROM " IMAGE_TABLE " WHERE source = ?",
                           PORTICO_ARGS(portico_arg_text(source)), &rows, error);
    *ret_image = code == 0 && rows && rows->count ? value_rows_at(rows, 0)->text : NULL;
    store_session_end(session);
    return code;
}

int twin_keep(struct store *store, struct portico_error *error)
{
    struct twin *twin = store->twin;
    pthread_mutex_lock(&twin->mutex);
    char *image = twin->is_kept ? NULL : make_image(twin);
    char *source = g_strdup(twin->source);
    pthread_mutex_unlock(&twin->mutex);
    struct arena *arena = arena_new(0);
    struct store_session *session = store_session_new(store, arena, &store_viewer_everyone, "core");
    bool has = false;
    int code = image && source ? twin_has_table(session, IMAGE_TABLE, &has, error) : 0;
    if (code == 0 && has)
        code = store_execute(session,
                             TWIN_UNFILTERED "INSERT INTO " IMAGE_TABLE " (id, source, image) "
                                             "VALUES (1, ?, ?) ON CONFLICT (id) DO UPDATE "
                                             "SET source = excluded.source, image = excluded.image",
                             PORTICO_ARGS(portico_arg_text(source), portico_arg_text(image)), NULL,
                             error);
    store_session_end(session);
    arena_free(arena);
    pthread_mutex_lock(&twin->mutex);
    twin->is_kept |= code == 0 && has && g_strcmp0(source, twin->source) == 0;
    pthread_mutex_unlock(&twin->mutex);
    g_free(image);
    g_free(source);
    return code;
}

/* With the lock held. */
static int make(struct twin *twin, const struct value *rows, const char *image,
                struct portico_error *error)
{
    int code = 0;
    twin_forget(twin);
    if (image && open_image(twin, image))
        twin->is_kept = true;
    else if (sqlite3_open(":memory:", &twin->db) != SQLITE_OK)
        code = error_set(error, PORTICO_ENOMEM, "Memory ended for the copy of the schema.");
    else
        code = run_scripts(twin, rows, error);
    if (code < 0) {
        twin_forget(twin);
        return code;
    }
    twin->source = source_of(rows);
    /* A name in double quotes is a name, here as on PostgreSQL. */
    sqlite3_db_config(twin->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    return 0;
}

static bool is_made_from(struct twin *twin, const char *source)
{
    pthread_mutex_lock(&twin->mutex);
    bool same = twin->db && g_strcmp0(twin->source, source) == 0;
    pthread_mutex_unlock(&twin->mutex);
    return same;
}

/* The database is read before the twin is locked: a caller may hold a connection and wait for the
 * twin. */
int twin_renew(struct store *store, struct portico_error *error)
{
    struct twin *twin = store->twin;
    struct arena *arena = arena_new(0);
    struct value *rows;
    const char *image = NULL;
    int code = read_scripts(store, arena, &rows, error);
    char *source = code == 0 && rows ? source_of(rows) : NULL;
    if (source && is_made_from(twin, source)) {
        g_free(source);
        arena_free(arena);
        return 0;
    }
    /* A shortcut: where it cannot be read, the migrations run. */
    if (source && read_image(store, arena, source, &image, NULL) < 0)
        image = NULL;
    if (code == 0) {
        pthread_mutex_lock(&twin->mutex);
        atomic_store(&twin->generation, rows ? rows->count : 0);
        if (rows)
            code = make(twin, rows, image, error);
        else
            twin_forget(twin);
        pthread_mutex_unlock(&twin->mutex);
    }
    g_free(source);
    arena_free(arena);
    return code;
}
