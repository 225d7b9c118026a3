/* Prepared statements of one connection, found by what the module wrote; the least recently used
 * leaves. */
#include "store/sqlite/sqlite.h"

#include "base/error.h"
#include "store/twin.h"

#define STATEMENTS_MAX 256u

static guint hash(gconstpointer key)
{
    const struct sqlite_statement *statement = key;
    return g_str_hash(statement->source);
}

/* Texts that do not depend on the viewer are the same for all its module's calls. What one module
 * may say is not what another may: each is checked by itself. */
static gboolean equal(gconstpointer left, gconstpointer right)
{
    const struct sqlite_statement *a = left, *b = right;
    if (strcmp(a->source, b->source) != 0 || strcmp(a->module, b->module) != 0)
        return FALSE;
    if (a->generation != b->generation)
        return FALSE; /* checked against another schema */
    if (!a->visible && !b->visible)
        return TRUE;
    return a->shape == b->shape;
}

static void statement_free_all(struct sqlite_statement *statement)
{
    if (!statement)
        return;
    sqlite3_finalize(statement->handle);
    for (unsigned i = 0; i < statement->column_count; i++)
        g_free((char *)(uintptr_t)statement->columns[i].name.data);
    g_free(statement->columns);
    g_free((char *)(uintptr_t)statement->source);
    g_free((char *)(uintptr_t)statement->module);
    g_free(statement);
}

/* SQLite's own names go when it prepares the statement anew after a change of the schema: these are
 * copies. */
static void describe_columns(struct sqlite_statement *statement)
{
    statement->column_count = (unsigned)sqlite3_column_count(statement->handle);
    statement->columns = g_new0(struct store_column, statement->column_count + 1);
    for (unsigned i = 0; i < statement->column_count; i++)
        statement->columns[i] =
            store_column_of(g_strdup(sqlite3_column_name(statement->handle, (int)i)));
}

static int prepare(struct sqlite_connection *connection, struct store_session *session,
                   const char *sql, struct sqlite_statement **ret_statement,
                   struct portico_error *error)
{
    struct statement text;
    int code = store_prepare(session, sql, &text, error);
    if (code < 0)
        return code;
    sqlite3_stmt *handle = NULL;
    int result =
        sqlite3_prepare_v3(connection->db, text.sql, -1, SQLITE_PREPARE_PERSISTENT, &handle, NULL);
    if (result != SQLITE_OK) {
        session->refused_at = sqlite3_error_offset(connection->db);
        code = sqlite_failure(connection, result, error);
        statement_free(&text);
        return code;
    }
    struct sqlite_statement *statement = g_new0(struct sqlite_statement, 1);
    statement->source = g_strdup(sql);
    statement->module = g_strdup(session->module);
    statement->visible = text.visible;
    statement->shape = statement_shape(session->viewer);
    statement->handle = handle;
    statement->readonly = sqlite3_stmt_readonly(handle) != 0;
    statement->parameters = text.parameters;
    statement->audiences = text.audiences;
    statement->person = text.person;
    statement->counts = text.counts;
    statement->link.data = statement;
    describe_columns(statement);
    statement_free(&text);
    *ret_statement = statement;
    return 0;
}

static void drop_oldest(struct sqlite_connection *connection)
{
    for (GList *link = connection->recent.tail; link; link = link->prev) {
        struct sqlite_statement *statement = link->data;
        if (statement->busy)
            continue;
        g_hash_table_remove(connection->statements, statement);
        g_queue_unlink(&connection->recent, &statement->link);
        statement_free_all(statement);
        return;
    }
}

int sqlite_statement_take(struct sqlite_connection *connection, struct store_session *session,
                          const char *sql, struct sqlite_statement **ret_statement,
                          struct portico_error *error)
{
    if (!connection->statements)
        connection->statements = g_hash_table_new(hash, equal);
    const struct sqlite_statement key = {
        .source = sql,
        .module = session->module,
        .shape = statement_shape(session->viewer),
        .generation = twin_generation(session->store),
    };
    struct sqlite_statement *found = g_hash_table_lookup(connection->statements, &key);
    if (found && !found->busy && !session->migrating) {
        g_queue_unlink(&connection->recent, &found->link);
        g_queue_push_head_link(&connection->recent, &found->link);
        found->busy = true;
        *ret_statement = found;
        return 0;
    }
    struct sqlite_statement *statement = NULL;
    int code = prepare(connection, session, sql, &statement, error);
    if (code < 0)
        return code;
    statement->generation = key.generation;
    statement->busy = true;
    statement->stray = found || session->migrating;
    if (!statement->stray) {
        if (g_hash_table_size(connection->statements) >= STATEMENTS_MAX)
            drop_oldest(connection);
        g_hash_table_add(connection->statements, statement);
        g_queue_push_head_link(&connection->recent, &statement->link);
    }
    *ret_statement = statement;
    return 0;
}

void sqlite_statement_release(struct sqlite_connection *connection,
                              struct sqlite_statement *statement)
{
    (void)connection;
    sqlite3_reset(statement->handle);
    sqlite3_clear_bindings(statement->handle);
    statement->busy = false;
    if (statement->stray)
        statement_free_all(statement);
}

void sqlite_statement_forget_all(struct sqlite_connection *connection)
{
    GList *link;
    while ((link = g_queue_pop_head_link(&connection->recent)))
        statement_free_all(link->data);
    if (connection->statements)
        g_hash_table_destroy(connection->statements);
    connection->statements = NULL;
}
