/* What is handed out of a person, erased, and let go after its time. */
#include "store/personal_shape.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "base/json.h"
#include "store/driver.h"

#define PERSONAL "{unfiltered a person's rights} "
#define ERASE_TIME INT64_C(60000000) /* of one module's transaction */
#define DAY INT64_C(86400000000)

static const char *kind_of(const struct personal_column *column)
{
    static const char *const kinds[][2] = {
        { "ID", ":id" },
        { "TIME", ":time" },
        { "BOOLEAN", ":boolean" },
        { "REAL", ":real" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (strcmp(column->type, kinds[i][0]) == 0)
            return kinds[i][1];
    return "";
}

static void append_condition(GString *sql, const struct portico_personal_table *entry)
{
    if (entry->person)
        g_string_append_printf(sql, "%s = ?", entry->person);
    else
        g_string_append_printf(sql, "(%s)", entry->match);
}

static void append_column(GString *sql, const struct personal_table *table, const char *word)
{
    const struct store_column label = store_column_of(word);
    char *name = g_strndup(label.name.data, label.name.length);
    const struct personal_column *column = personal_column(table, name);
    g_string_append_printf(sql, "%s%s AS \"%s%s\"", sql->len ? ", " : "", name, word,
                           column && label.kind == PORTICO_NULL ? kind_of(column) : "");
    g_free(name);
}

static char *export_sql(const struct personal_table *table,
                        const struct portico_personal_table *entry)
{
    GString *columns = g_string_new(NULL);
    if (entry->columns) {
        char **words = g_strsplit_set(entry->columns, " \t\n", -1);
        for (char **word = words; *word; word++)
            if (**word)
                append_column(columns, table, *word);
        g_strfreev(words);
    }
    for (guint i = 0; !entry->columns && i < table->columns->len; i++) {
        const struct personal_column *column =
            &g_array_index(table->columns, struct personal_column, i);
        if (strcmp(column->type, "BLOB") != 0)
            append_column(columns, table, column->name);
    }
    g_string_prepend(columns, PERSONAL "SELECT ");
    g_string_append_printf(columns, " FROM %s WHERE ", entry->table);
    append_condition(columns, entry);
    return g_string_free(columns, FALSE);
}

int personal_export(struct store_session *session, const struct personal_source *source,
                    const struct portico_personal_table *entry, int64_t person,
                    int (*row)(struct value *row, void *data, struct portico_error *error),
                    void *data, struct portico_error *error)
{
    const struct personal_table *table = personal_table(source->shape, entry->table);
    if (!table || entry->erase == PORTICO_NOT_PERSONAL)
        return 0;
    struct store_turn turn;
    struct store_cursor *cursor = NULL;
    char *sql = export_sql(table, entry);
    const struct portico_argument argument = portico_arg_id(person);
    store_session_as(session, source->module, &turn);
    int code = store_cursor_open(session, sql, &argument, 1, &cursor, error);
    for (int got = 1; code == 0 && got > 0;) {
        struct value *value = NULL;
        got = store_cursor_next(cursor, &value, error);
        code = got > 0 ? row(value, data, error) : got;
    }
    store_cursor_close(cursor);
    store_session_back(session, &turn);
    g_free(sql);
    return code;
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
    GString *sql = g_string_new(PERSONAL);
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

static int erase_tables(struct store_session *session, const struct personal_source *source,
                        int64_t person, struct value *report, struct portico_error *error)
{
    const struct portico_argument argument = portico_arg_id(person);
    int code = 0;
    for (size_t i = 0; i < source->count && code == 0; i++) {
        const struct portico_personal_table *entry = &source->tables[i];
        const struct personal_table *table = personal_table(source->shape, entry->table);
        int64_t changed = 0;
        if (!table || !erases(entry))
            continue;
        GString *sql = erasing_sql(table, entry);
        g_string_append(sql, " WHERE ");
        append_condition(sql, entry);
        code = store_execute(session, sql->str, &argument, 1, &changed, error);
        g_string_free(sql, TRUE);
        if (code == 0 && value_set_integer(report, entry->table, changed) < 0)
            code = error_set(error, PORTICO_ENOMEM, "Memory ended while a person was erased.");
    }
    return code;
}

int personal_erase(struct store_session *session, const struct personal_source *source,
                   int64_t person, struct value *report, struct portico_error *error)
{
    struct store_turn turn;
    int64_t before = session->transaction_time;
    session->transaction_time = ERASE_TIME;
    store_session_as(session, source->module, &turn);
    int code = store_begin(session, error);
    if (code == 0) {
        code = erase_tables(session, source, person, report, error);
        if (code == 0)
            code = store_commit(session, error);
        else
            store_rollback(session);
    }
    store_session_back(session, &turn);
    session->transaction_time = before;
    return code;
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
    char *sql = g_strdup_printf(PERSONAL "SELECT count(*) FROM %s WHERE %s", entry->table, over);
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

int personal_request_open(struct store_session *session, const char *kind, int64_t person,
                          int64_t *ret_id, struct portico_error *error)
{
    struct value *rows;
    int64_t id = id_new();
    int code = store_host_query(session,
                                PERSONAL "SELECT id FROM portico_personal_request WHERE kind = ? "
                                         "AND person = ? AND finished IS NULL ORDER BY id LIMIT 1",
                                PORTICO_ARGS(portico_arg_text(kind), portico_arg_id(person)), &rows,
                                error);
    if (code < 0)
        return code;
    if (rows->count) {
        *ret_id = value_rows_at(rows, 0)->integer;
        return 0;
    }
    code = store_host_query(session,
                            PERSONAL
                            "INSERT INTO portico_personal_request (id, kind, person, requested) "
                            "VALUES (?, ?, ?, ?) RETURNING id",
                            PORTICO_ARGS(portico_arg_id(id), portico_arg_text(kind),
                                         portico_arg_id(person), portico_arg_time(clock_now())),
                            &rows, error);
    if (code == 0)
        *ret_id = id;
    return code;
}

int personal_request_note(struct store_session *session, int64_t id, const struct value *report,
                          bool finished, struct portico_error *error)
{
    struct buffer text = { 0 };
    struct value *rows;
    struct portico_argument time = finished ? portico_arg_time(clock_now())
                                            : (struct portico_argument){ .kind = PORTICO_NULL };
    json_write(&text, report);
    const char *json = buffer_text(&text);
    int code =
        json ? store_host_query(session,
                                PERSONAL "UPDATE portico_personal_request SET report = ?, "
                                         "finished = ? WHERE id = ? RETURNING id",
                                PORTICO_ARGS(portico_arg_text(json), time, portico_arg_id(id)),
                                &rows, error)
             : error_set(error, PORTICO_ENOMEM, "Memory ended while a report was written.");
    buffer_free(&text);
    return code;
}

int personal_waiting(struct store_session *session, int64_t person, int64_t *ret_waiting,
                     struct portico_error *error)
{
    struct value *rows;
    const struct portico_argument id = portico_arg_id(person);
    const struct portico_argument arguments[] = { id, id };
    int code =
        store_host_query(session,
                         PERSONAL "SELECT (SELECT count(*) FROM portico_event WHERE person = ?) + "
                                  "(SELECT count(*) FROM portico_job WHERE person = ?)",
                         arguments, 2, &rows, error);
    if (code == 0)
        *ret_waiting = value_rows_at(rows, 0)->integer;
    return code;
}
