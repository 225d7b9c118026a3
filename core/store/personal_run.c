/* What is handed out of a person, and the proof of what was asked for. */
#include "store/personal_shape.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "base/json.h"
#include "store/driver.h"

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
    g_string_prepend(columns, PERSONAL_REASON "SELECT ");
    g_string_append_printf(columns, " FROM %s WHERE ", entry->table);
    personal_append_condition(columns, entry);
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

/* What an open request reported; an empty object if there is nothing of the kind. */
static struct value *report_of(struct arena *arena, const struct value_cell *cell)
{
    struct value *report = NULL;
    if (cell->kind == PORTICO_TEXT &&
        json_parse(arena, cell->text, cell->length, &report, NULL) == 0 &&
        report->kind == PORTICO_OBJECT)
        return report;
    return value_new(arena, PORTICO_OBJECT);
}

static int request_new(struct store_session *session, const char *kind, int64_t person,
                       int64_t *ret_id, struct portico_error *error)
{
    int64_t id = id_new();
    int code = store_host_execute(
        session,
        PERSONAL_REASON "INSERT INTO portico_personal_request (id, kind, person, requested) "
                        "VALUES (?, ?, ?, ?)",
        PORTICO_ARGS(portico_arg_id(id), portico_arg_text(kind), portico_arg_id(person),
                     portico_arg_time(clock_now())),
        NULL, error);
    if (code == 0)
        *ret_id = id;
    return code;
}

int personal_request_open(struct store_session *session, const char *kind, int64_t person,
                          int64_t *ret_id, struct value **ret_report, struct portico_error *error)
{
    static const struct value_cell nothing;
    struct value *rows;
    int64_t id = 0;
    int code = store_host_query(
        session,
        PERSONAL_REASON "SELECT id, report FROM portico_personal_request WHERE person = ? "
                        "AND kind = ? AND finished IS NULL ORDER BY id LIMIT 1",
        PORTICO_ARGS(portico_arg_id(person), portico_arg_text(kind)), &rows, error);
    if (code < 0)
        return code;
    const struct value_cell *open = rows->count ? value_rows_at(rows, 0) : NULL;
    struct value *report = report_of(store_session_arena(session), open ? &open[1] : &nothing);
    if (!report)
        return error_set(error, PORTICO_ENOMEM, "Memory ended before a request was noted.");
    if (open)
        id = open->integer;
    else
        code = request_new(session, kind, person, &id, error);
    if (code < 0)
        return code;
    *ret_id = id;
    if (ret_report)
        *ret_report = report;
    return 0;
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
                                PERSONAL_REASON "UPDATE portico_personal_request SET report = ?, "
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
    int code = store_host_query(session,
                                PERSONAL_REASON
                                "SELECT (SELECT count(*) FROM portico_event WHERE person = ?) + "
                                "(SELECT count(*) FROM portico_job WHERE person = ?)",
                                arguments, 2, &rows, error);
    if (code == 0)
        *ret_waiting = value_rows_at(rows, 0)->integer;
    return code;
}
