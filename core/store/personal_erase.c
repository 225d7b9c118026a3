/* How a person is erased, and rows let go after their time: slice by slice, each a transaction. */
#include "store/personal_shape.h"

#include "base/error.h"
#include "store/driver.h"

#define ERASE_TIME INT64_C(60000000) /* of one transaction: a condition may have no index */
#define DAY INT64_C(86400000000)

void personal_append_condition(GString *sql, const struct portico_personal_table *entry)
{
    if (entry->person)
        g_string_append_printf(sql, "%s = ?", entry->person);
    else
        g_string_append_printf(sql, "(%s)", entry->match);
}

/* What an emptied column holds. */
static const char *empty_of(const struct personal_column *column)
{
    static const char *const empties[][2] = {
        { "ID", "0" },          { "TIME", "0" }, { "INTEGER", "0" }, { "BIGINT", "0" },
        { "BOOLEAN", "FALSE" }, { "REAL", "0" }, { "JSON", "'{}'" },
    };
    if (!column->required)
        return "NULL";
    for (size_t i = 0; i < G_N_ELEMENTS(empties); i++)
        if (strcmp(column->type, empties[i][0]) == 0)
            return empties[i][1];
    return "''";
}

/* "a = NULL, b = ''", or what tells that something is left: "a IS NOT NULL OR b <> ''". */
static char *cleared_sql(const struct personal_table *table,
                         const struct portico_personal_table *entry, bool left)
{
    GString *sql = g_string_new(NULL);
    char **words = g_strsplit_set(entry->cleared, " \t\n", -1);
    for (char **word = words; *word; word++) {
        const struct personal_column *column = **word ? personal_column(table, *word) : NULL;
        if (!column)
            continue;
        const char *empty = empty_of(column);
        g_string_append(sql, !sql->len ? "" : left ? " OR " : ", ");
        if (left && !column->required)
            g_string_append_printf(sql, "%s IS NOT NULL", column->name);
        else
            g_string_append_printf(sql, "%s %s %s", column->name, left ? "<>" : "=", empty);
    }
    g_strfreev(words);
    return g_string_free(sql, FALSE);
}

/* "DELETE FROM t" or "UPDATE t SET …". */
static GString *erasing_sql(const struct personal_table *table,
                            const struct portico_personal_table *entry)
{
    GString *sql = g_string_new(PERSONAL_REASON);
    if (entry->erase == PORTICO_ERASE_ROWS) {
        g_string_append_printf(sql, "DELETE FROM %s", entry->table);
        return sql;
    }
    char *cleared = cleared_sql(table, entry, false);
    g_string_append_printf(sql, "UPDATE %s SET %s", entry->table, cleared);
    g_free(cleared);
    return sql;
}

static bool erases(const struct portico_personal_table *entry)
{
    return entry->erase == PORTICO_ERASE_ROWS || entry->erase == PORTICO_ERASE_COLUMNS;
}

/* "id", or "(a, b)"; NULL: the table has no primary key. */
static char *primary_key(const struct personal_table *table)
{
    GString *key = g_string_new(NULL);
    unsigned count = 0;
    for (guint i = 0; i < table->columns->len; i++) {
        const struct personal_column *column =
            &g_array_index(table->columns, struct personal_column, i);
        if (column->primary)
            g_string_append_printf(key, "%s%s", count++ ? ", " : "", column->name);
    }
    if (!count) {
        g_string_free(key, TRUE);
        return NULL;
    }
    return g_string_free(key, FALSE);
}

/* A table whose rows are looked for: another than the one that stands in for it. */
struct reading {
    const char *table;
    bool found;
};

static int on_read(void *data, int action, const char *table, const char *column,
                   const char *database, const char *trigger)
{
    (void)column, (void)database, (void)trigger;
    struct reading *reading = data;
    if (action == SQLITE_READ && table && g_ascii_strcasecmp(table, reading->table) == 0)
        reading->found = true;
    return SQLITE_OK;
}

/* Whether the match looks into the table's other rows: then they go together, for the first ones
 * may be what the rest is found by. Its text is prepared over an empty row of the same columns, so
 * that what still reads the table is the match itself. */
static bool looks_into_itself(const struct personal_shape *shape,
                              const struct personal_table *table,
                              const struct portico_personal_table *entry)
{
    struct reading reading = { .table = table->name };
    sqlite3_stmt *prepared = NULL;
    if (entry->person)
        return false;
    GString *sql = g_string_new("SELECT 1 FROM (SELECT 1");
    for (guint i = 0; i < table->columns->len; i++)
        g_string_append_printf(sql, ", NULL AS %s",
                               g_array_index(table->columns, struct personal_column, i).name);
    g_string_append_printf(sql, ") AS %s WHERE (%s)", table->name, entry->match);
    sqlite3_set_authorizer(shape->db, on_read, &reading);
    int result = sqlite3_prepare_v2(shape->db, sql->str, -1, &prepared, NULL);
    sqlite3_set_authorizer(shape->db, NULL, NULL);
    sqlite3_finalize(prepared);
    g_string_free(sql, TRUE);
    return reading.found || result != SQLITE_OK;
}

char *personal_erase_sql(const struct personal_table *table,
                         const struct portico_personal_table *entry, bool sliced)
{
    char *key = sliced ? primary_key(table) : NULL;
    char *left = entry->erase == PORTICO_ERASE_COLUMNS ? cleared_sql(table, entry, true) : NULL;
    GString *condition = g_string_new(NULL), *sql = NULL;
    personal_append_condition(condition, entry);
    if (left)
        g_string_append_printf(condition, " AND (%s)", left);
    if (key || !sliced)
        sql = erasing_sql(table, entry);
    if (key)
        g_string_append_printf(sql, " WHERE (%s) IN (SELECT %s FROM %s WHERE %s LIMIT ?)", key, key,
                               entry->table, condition->str);
    else if (sql)
        g_string_append_printf(sql, " WHERE %s", condition->str);
    g_string_free(condition, TRUE);
    g_free(left);
    g_free(key);
    return sql ? g_string_free(sql, FALSE) : NULL;
}

/* Adds to what the report says of the table. */
static int add_to_report(const struct personal_erasure *erasure, const char *module,
                         const char *table, int64_t rows, struct portico_error *error)
{
    struct value *counts = value_get(erasure->report, text_of(module));
    if (!counts || counts->kind != PORTICO_OBJECT) {
        counts = value_new(erasure->report->arena, PORTICO_OBJECT);
        if (!counts || value_set(erasure->report, text_of(module), counts) < 0)
            return error_set(error, PORTICO_ENOMEM, "Memory ended while a person was erased.");
    }
    int64_t before = portico_get_integer(value_public(counts), table, 0);
    if (value_set_integer(counts, table, before + rows) < 0)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while a person was erased.");
    return rows ? personal_request_note(erasure->session, erasure->request, erasure->report, false,
                                        error)
                : 0;
}

/* One transaction: rows go, and the proof says so. */
static int erase_slice(const struct personal_erasure *erasure, const char *module,
                       const char *table, const char *sql, bool sliced, int64_t *ret_rows,
                       struct portico_error *error)
{
    const struct portico_argument arguments[] = { portico_arg_id(erasure->person),
                                                  portico_arg_integer(erasure->most) };
    int code = store_begin(erasure->session, error);
    store_outdate(erasure->session);
    if (code < 0)
        return code;
    code = store_execute(erasure->session, sql, arguments, sliced ? 2 : 1, ret_rows, error);
    if (code == 0)
        code = add_to_report(erasure, module, table, *ret_rows, error);
    if (code == 0)
        return store_commit(erasure->session, error);
    store_rollback(erasure->session);
    return code;
}

/* Slices until one is not full; then, in one statement, what no key finds. */
static int erase_table(const struct personal_erasure *erasure, const struct personal_source *source,
                       const struct portico_personal_table *entry,
                       const struct personal_table *table, struct portico_error *error)
{
    char *slice = looks_into_itself(source->shape, table, entry)
                      ? NULL
                      : personal_erase_sql(table, entry, true);
    char *rest = personal_erase_sql(table, entry, false);
    bool sliced = slice != NULL, over = false;
    int code = 0;
    while (code == 0 && !over) {
        int64_t rows = 0;
        over = !sliced;
        code = erase_slice(erasure, source->module, entry->table, sliced ? slice : rest, sliced,
                           &rows, error);
        if (code == 0 && rows && erasure->told)
            erasure->told(entry->table, rows, erasure->data);
        sliced = sliced && rows >= (int64_t)erasure->most;
    }
    g_free(slice);
    g_free(rest);
    return code;
}

int personal_erase(const struct personal_erasure *erasure, const struct personal_source *source,
                   struct portico_error *error)
{
    struct store_session *session = erasure->session;
    struct store_turn turn;
    int64_t before = session->transaction_time;
    int code = 0;
    session->transaction_time = ERASE_TIME;
    store_session_as(session, source->module, &turn);
    for (size_t i = 0; i < source->count && code == 0; i++) {
        const struct portico_personal_table *entry = &source->tables[i];
        const struct personal_table *table = personal_table(source->shape, entry->table);
        if (table && erases(entry))
            code = erase_table(erasure, source, entry, table, error);
    }
    store_session_back(session, &turn);
    session->transaction_time = before;
    return code;
}

/* Rows whose time is over and of which something is left. */
static char *over_sql(const struct personal_table *table,
                      const struct portico_personal_table *entry)
{
    if (entry->erase == PORTICO_ERASE_ROWS)
        return g_strdup_printf("%s < ?", entry->time);
    char *left = cleared_sql(table, entry, true);
    char *sql = g_strdup_printf("%s < ? AND (%s)", entry->time, left);
    g_free(left);
    return sql;
}

static int count_over(struct store_session *session, const struct portico_personal_table *entry,
                      const char *over, int64_t limit, int64_t *ret_rows,
                      struct portico_error *error)
{
    struct value *rows;
    char *sql =
        g_strdup_printf(PERSONAL_REASON "SELECT count(*) FROM %s WHERE %s", entry->table, over);
    int code = store_query(session, sql, PORTICO_ARGS(portico_arg_time(limit)), &rows, error);
    g_free(sql);
    if (code == 0)
        *ret_rows = value_rows_at(rows, 0)->integer;
    return code;
}

static int erase_over(struct store_session *session, const struct personal_table *table,
                      const struct portico_personal_table *entry, const char *over, int64_t limit,
                      unsigned most, int64_t *ret_rows, struct portico_error *error)
{
    const struct portico_argument arguments[] = { portico_arg_time(limit),
                                                  portico_arg_integer(most) };
    GString *sql = erasing_sql(table, entry);
    char *key = primary_key(table);
    if (key)
        g_string_append_printf(sql,
                               " WHERE (%s) IN (SELECT %s FROM %s WHERE %s ORDER BY %s LIMIT ?)",
                               key, key, entry->table, over, entry->time);
    else
        g_string_append_printf(sql, " WHERE %s", over);
    int code = store_execute(session, sql->str, arguments, key ? 2 : 1, ret_rows, error);
    g_free(key);
    g_string_free(sql, TRUE);
    return code;
}

int personal_retain(struct store_session *session, const struct personal_source *source,
                    const struct portico_personal_table *entry, int64_t now, unsigned most,
                    bool dry, int64_t *ret_rows, struct portico_error *error)
{
    const struct personal_table *table = personal_table(source->shape, entry->table);
    int64_t limit = now - (int64_t)entry->retention_days * DAY;
    *ret_rows = 0;
    if (!table || !entry->retention_days || !entry->time || !erases(entry))
        return 0;
    struct store_turn turn;
    char *over = over_sql(table, entry);
    store_session_as(session, source->module, &turn);
    int code = dry ? count_over(session, entry, over, limit, ret_rows, error)
                   : erase_over(session, table, entry, over, limit, most, ret_rows, error);
    store_session_back(session, &turn);
    g_free(over);
    return code;
}
