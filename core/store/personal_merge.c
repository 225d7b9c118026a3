/* How one person's rows become another's: column by column, slice by slice, each a transaction. */
#include "store/personal_shape.h"

#include "base/error.h"
#include "store/driver.h"
#include "store/statement.h"

#define MERGE_TIME INT64_C(60000000) /* of one transaction: a column may have no index */

/* ---- what may be there once ---- */

/* A unique index, or the primary key. */
struct key {
    GPtrArray *columns; /* names */
    char *where;        /* of a partial one; or NULL */
    bool expression;    /* it holds more than columns */
};

static void key_free(void *data)
{
    struct key *key = data;
    g_ptr_array_free(key->columns, TRUE);
    g_free(key->where);
    g_free(key);
}

/* What stands behind WHERE in "CREATE UNIQUE INDEX i ON t (…) WHERE …"; NULL: nothing. */
static char *predicate_of(const char *sql)
{
    unsigned depth = 0;
    for (const char *at = sql; at && *at;) {
        const char *past = statement_skip_quoted(at);
        if (past != at) {
            at = past;
            continue;
        }
        depth += *at == '(';
        depth -= *at == ')' && depth > 0;
        if (depth == 0 && at > sql && !g_ascii_isalnum(at[-1]) && at[-1] != '_' &&
            g_ascii_strncasecmp(at, "WHERE", 5) == 0 && !g_ascii_isalnum(at[5]) && at[5] != '_')
            return g_strstrip(g_strdup(at + 5));
        at++;
    }
    return NULL;
}

/* Rows of one statement about a name, each handed to `take`. SQLite's result code. */
static int ask(sqlite3 *db, const char *sql, const char *name,
               void (*take)(sqlite3_stmt *row, void *data), void *data)
{
    sqlite3_stmt *rows = NULL;
    int result = sqlite3_prepare_v2(db, sql, -1, &rows, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_bind_text(rows, 1, name, -1, SQLITE_STATIC);
    while (result == SQLITE_OK && (result = sqlite3_step(rows)) == SQLITE_ROW) {
        take(rows, data);
        result = SQLITE_OK;
    }
    sqlite3_finalize(rows);
    return result == SQLITE_DONE ? SQLITE_OK : result;
}

static void take_name(sqlite3_stmt *row, void *data)
{
    g_ptr_array_add(data, g_strdup((const char *)sqlite3_column_text(row, 0)));
}

static void take_column(sqlite3_stmt *row, void *data)
{
    struct key *key = data;
    const char *name = (const char *)sqlite3_column_text(row, 0);
    if (name)
        g_ptr_array_add(key->columns, g_ascii_strdown(name, -1));
    else
        key->expression = true;
}

static void take_predicate(sqlite3_stmt *row, void *data)
{
    struct key *key = data;
    key->where = predicate_of((const char *)sqlite3_column_text(row, 0));
}

/* Of struct key; NULL: they could not be read. */
static GPtrArray *keys_of(const struct personal_shape *shape, const struct personal_table *table)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    GPtrArray *keys = g_ptr_array_new_with_free_func(key_free);
    int result = ask(shape->db, "SELECT name FROM pragma_index_list(?) WHERE \"unique\"",
                     table->name, take_name, names);
    for (guint i = 0; result == SQLITE_OK && i < names->len; i++) {
        struct key *key = g_new0(struct key, 1);
        key->columns = g_ptr_array_new_with_free_func(g_free);
        g_ptr_array_add(keys, key);
        result = ask(shape->db, "SELECT name FROM pragma_index_info(?)", names->pdata[i],
                     take_column, key);
        if (result == SQLITE_OK)
            result = ask(shape->db,
                         "SELECT sql FROM sqlite_master WHERE type = 'index' AND name = ? "
                         "AND sql IS NOT NULL",
                         names->pdata[i], take_predicate, key);
    }
    g_ptr_array_free(names, TRUE);
    if (result == SQLITE_OK)
        return keys;
    g_ptr_array_free(keys, TRUE);
    return NULL;
}

static bool key_has(const struct key *key, const char *column)
{
    for (guint i = 0; i < key->columns->len; i++)
        if (g_ascii_strcasecmp(key->columns->pdata[i], column) == 0)
            return true;
    return false;
}

bool personal_key_is_expression(const struct personal_shape *shape,
                                const struct personal_table *table, const char *column)
{
    GPtrArray *keys = keys_of(shape, table);
    bool found = false;
    for (guint i = 0; keys && i < keys->len; i++) {
        const struct key *key = keys->pdata[i];
        found |= key->expression && key_has(key, column);
    }
    if (keys)
        g_ptr_array_free(keys, TRUE);
    return found;
}

char **personal_people(const struct portico_personal_table *entry)
{
    const char *words = entry->people ? entry->people : entry->person ? entry->person : "";
    GPtrArray *columns = g_ptr_array_new();
    char **split = g_strsplit_set(words, " \t\n", -1);
    for (char **word = split; *word; word++)
        if (**word)
            g_ptr_array_add(columns, g_strdup(*word));
    g_strfreev(split);
    g_ptr_array_add(columns, NULL);
    return (char **)g_ptr_array_free(columns, FALSE);
}

/* ---- the statements of one column ---- */

/* A statement with its parameters. */
struct order {
    GString *sql;
    GArray *arguments; /* struct portico_argument */
};

static struct order order_new(void)
{
    return (struct order){ g_string_new(PERSONAL_REASON),
                           g_array_new(FALSE, FALSE, sizeof(struct portico_argument)) };
}

static void order_free(struct order *order)
{
    g_string_free(order->sql, TRUE);
    g_array_free(order->arguments, TRUE);
}

static void add_id(const struct order *order, int64_t id)
{
    const struct portico_argument argument = portico_arg_id(id);
    g_array_append_val(order->arguments, argument);
}

/* One column of one table at work. */
struct column {
    const struct personal_merging *merging;
    const struct portico_personal_table *entry;
    const struct personal_table *table;
    const char *name;
    GPtrArray *keys;
    char *primary; /* "id", "(a, b)"; NULL: none, its rows go together */
};

/* Whether the other person has a row that a row of this one could not stand beside. What a partial
 * index leaves out is in nobody's way: a condition that is NULL leaves it out as well. `later`:
 * only where that row is the later one. */
static void append_conflict(const struct column *column, const struct order *order,
                            const struct key *key, int64_t other, bool later)
{
    GString *sql = order->sql;
    const char *table = column->table->name, *time = column->entry->time;
    g_string_append_printf(sql, "CASE WHEN %s THEN EXISTS (SELECT 1 FROM (SELECT * FROM %s WHERE ",
                           key->where ? key->where : "1 = 1", table);
    g_string_append_printf(sql, "%s = ?", column->name);
    if (key->where)
        g_string_append_printf(sql, " AND (%s)", key->where);
    g_string_append(sql, ") other_row WHERE 1 = 1");
    for (guint i = 0; i < key->columns->len; i++)
        if (g_ascii_strcasecmp(key->columns->pdata[i], column->name) != 0)
            g_string_append_printf(sql, " AND other_row.%s = %s.%s", (char *)key->columns->pdata[i],
                                   table, (char *)key->columns->pdata[i]);
    if (later)
        g_string_append_printf(sql, " AND other_row.%s > %s.%s", time, table, time);
    g_string_append(sql, ") ELSE FALSE END");
    add_id(order, other);
}

/* "(… OR …)"; false: nothing can be in the way. */
static bool append_conflicts(const struct column *column, const struct order *order,
                             const char *before, int64_t other, bool later)
{
    bool any = false;
    for (guint i = 0; i < column->keys->len; i++) {
        const struct key *key = column->keys->pdata[i];
        if (!key_has(key, column->name))
            continue;
        g_string_append(order->sql, any ? " OR " : before);
        append_conflict(column, order, key, other, later);
        any = true;
    }
    if (any)
        g_string_append_c(order->sql, ')');
    return any;
}

/* Opens "WHERE (key) IN (SELECT key FROM t WHERE column = ?", or without a key "WHERE column = ?".
 */
static void append_where(const struct column *column, const struct order *order, int64_t person)
{
    if (column->primary)
        g_string_append_printf(order->sql, " WHERE (%s) IN (SELECT %s FROM %s", column->primary,
                               column->primary, column->table->name);
    g_string_append_printf(order->sql, " WHERE %s = ?", column->name);
    add_id(order, person);
}

static int run(const struct column *column, const struct order *order, int64_t *ret_rows,
               struct portico_error *error)
{
    if (column->primary) {
        const struct portico_argument most = portico_arg_integer(column->merging->most);
        g_string_append(order->sql, " LIMIT ?)");
        g_array_append_val(order->arguments, most);
    }
    return store_execute(column->merging->session, order->sql->str,
                         (const struct portico_argument *)(void *)order->arguments->data,
                         order->arguments->len, ret_rows, error);
}

/* Rows of `loser` for which `winner` has one go. */
static int remove_rows(const struct column *column, int64_t loser, int64_t winner, bool later,
                       int64_t *ret_rows, struct portico_error *error)
{
    struct order order = order_new();
    int code = 0;
    *ret_rows = 0;
    g_string_append_printf(order.sql, "DELETE FROM %s", column->table->name);
    append_where(column, &order, loser);
    if (append_conflicts(column, &order, " AND (", winner, later))
        code = run(column, &order, ret_rows, error);
    order_free(&order);
    return code;
}

static int move_rows(const struct column *column, int64_t *ret_rows, struct portico_error *error)
{
    const struct personal_merging *merging = column->merging;
    struct order order = order_new();
    g_string_append_printf(order.sql, "UPDATE %s SET %s = ?", column->table->name, column->name);
    add_id(&order, merging->into);
    append_where(column, &order, merging->from);
    append_conflicts(column, &order, " AND NOT (", merging->into, false);
    int code = run(column, &order, ret_rows, error);
    order_free(&order);
    return code;
}

/* One transaction: how many rows became the other's or went. */
static int merge_slice(const struct column *column, int64_t *ret_rows, struct portico_error *error)
{
    const struct personal_merging *merging = column->merging;
    int64_t replaced = 0, removed = 0, moved = 0;
    int code = store_begin(merging->session, error);
    if (code < 0)
        return code;
    store_outdate(merging->session);
    if (column->entry->merge == PORTICO_MERGE_LATER)
        code = remove_rows(column, merging->into, merging->from, true, &replaced, error);
    if (code == 0)
        code = remove_rows(column, merging->from, merging->into, false, &removed, error);
    if (code == 0)
        code = move_rows(column, &moved, error);
    if (code == 0)
        code = store_commit(merging->session, error);
    else
        store_rollback(merging->session);
    if (code == 0)
        *ret_rows = replaced + removed + moved;
    return code;
}

/* ---- tables ---- */

/* "a, b" of the primary key; NULL: the table has none. */
static char *primary_of(const struct personal_table *table)
{
    GString *names = g_string_new(NULL);
    for (guint i = 0; i < table->columns->len; i++) {
        const struct personal_column *column =
            &g_array_index(table->columns, struct personal_column, i);
        if (column->primary)
            g_string_append_printf(names, "%s%s", names->len ? ", " : "", column->name);
    }
    char *text = g_string_free(names, FALSE);
    if (*text)
        return text;
    g_free(text);
    return NULL;
}

static int merge_column(struct column *column, int64_t *rows, bool *stopped,
                        struct portico_error *error)
{
    const struct personal_merging *merging = column->merging;
    int64_t changed;
    int code;
    do {
        changed = 0;
        code = merge_slice(column, &changed, error);
        *rows += changed;
        if (code == 0 && changed && merging->told) {
            code = merging->told(column->entry->table, changed, merging->data, error);
            *stopped = code < 0;
        }
    } while (code == 0 && changed > 0);
    return code;
}

static int merge_table(const struct personal_merging *merging, const struct personal_source *source,
                       const struct portico_personal_table *entry, int64_t *rows, bool *stopped,
                       struct portico_error *error)
{
    const struct personal_table *table = personal_table(source->shape, entry->table);
    char **columns = personal_people(entry);
    int code = 0;
    if (table && *columns) {
        struct column column = { .merging = merging,
                                 .entry = entry,
                                 .table = table,
                                 .keys = keys_of(source->shape, table),
                                 .primary = primary_of(table) };
        if (!column.keys)
            code = error_set(error, PORTICO_ENOMEM, "The keys of table %s could not be read.",
                             entry->table);
        for (char **name = columns; code == 0 && *name; name++) {
            column.name = *name;
            code = merge_column(&column, rows, stopped, error);
        }
        if (column.keys)
            g_ptr_array_free(column.keys, TRUE);
        g_free(column.primary);
    }
    g_strfreev(columns);
    return code;
}

int personal_merge(const struct personal_merging *merging, const struct personal_source *source,
                   int64_t *ret_rows, struct portico_error *error)
{
    struct store_session *session = merging->session;
    struct store_turn turn;
    const int64_t before = session->transaction_time;
    int64_t rows = 0;
    bool stopped = false;
    int code = 0;
    session->transaction_time = MERGE_TIME;
    store_session_as(session, source->module, &turn);
    for (size_t i = 0; i < source->count && !stopped; i++) {
        struct portico_error failed = PORTICO_ERROR_INIT;
        const int result =
            source->tables[i].erase == PORTICO_NOT_PERSONAL
                ? 0
                : merge_table(merging, source, &source->tables[i], &rows, &stopped, &failed);
        if (result < 0 && (code == 0 || stopped))
            code = error_set(error, result, "%s", failed.message);
    }
    store_session_back(session, &turn);
    session->transaction_time = before;
    *ret_rows = rows;
    return code;
}

int personal_count(struct store_session *session, const struct personal_source *source,
                   const struct portico_personal_table *entry, int64_t person, unsigned most,
                   int64_t *ret_rows, struct portico_error *error)
{
    struct value *rows = NULL;
    struct store_turn turn;
    *ret_rows = 0;
    if (entry->erase == PORTICO_NOT_PERSONAL || !personal_table(source->shape, entry->table))
        return 0;
    GString *sql = g_string_new(PERSONAL_REASON "SELECT count(*) FROM (SELECT 1 AS one FROM ");
    g_string_append_printf(sql, "%s WHERE ", entry->table);
    personal_append_condition(sql, entry);
    g_string_append(sql, " LIMIT ?) some_rows");
    store_session_as(session, source->module, &turn);
    int code =
        store_query(session, sql->str,
                    PORTICO_ARGS(portico_arg_id(person), portico_arg_integer(most)), &rows, error);
    store_session_back(session, &turn);
    g_string_free(sql, TRUE);
    if (code == 0)
        *ret_rows = value_rows_at(rows, 0)->integer;
    return code;
}
