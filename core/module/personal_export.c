/* Everything of a person as JSON: a heading for each module and table, and what modules keep
 * elsewhere. */
#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "module/personal.h"

#include <errno.h>
#include <string.h>

struct sheet {
    const struct personal_book *book;
    struct module_host *host;
    struct store_session *session;
    struct arena *arena;
    int64_t person;
    FILE *file;
    bool first; /* no row of the table was written yet */
    int64_t rows;
};

static void write_value(FILE *file, const struct value *value)
{
    struct buffer text = { 0 };
    json_write(&text, value);
    const char *json = buffer_text(&text);
    fputs(json ? json : "null", file);
    buffer_free(&text);
}

static void write_text(const struct sheet *sheet, const char *text)
{
    write_value(sheet->file, value_text(sheet->arena, text, strlen(text)));
}

static int write_failed(struct portico_error *error)
{
    return error_set(error, PORTICO_EIO, "The export cannot be written: %s.", strerror(errno));
}

static int write_row(struct value *row, void *data, struct portico_error *error)
{
    struct sheet *sheet = data;
    fputs(sheet->first ? "\n      " : ",\n      ", sheet->file);
    write_value(sheet->file, row);
    sheet->first = false;
    sheet->rows++;
    return ferror(sheet->file) ? write_failed(error) : 0;
}

static int write_table(struct sheet *sheet, const struct personal_source *source,
                       const struct portico_personal_table *table, bool first,
                       struct portico_error *error)
{
    fprintf(sheet->file, "%s\n    { \"title\": ", first ? "" : ",");
    write_text(sheet, table->title);
    fputs(", \"table\": ", sheet->file);
    write_text(sheet, table->table);
    fputs(", \"rows\": [", sheet->file);
    sheet->first = true;
    int code =
        personal_export(sheet->session, source, table, sheet->person, write_row, sheet, error);
    fputs("] }", sheet->file);
    return code;
}

/* A module's heading, tables and hooks. */
static int write_module(struct sheet *sheet, size_t index, struct portico_error *error)
{
    const struct personal_source *source = personal_book_at(sheet->book, index);
    struct module *module = personal_book_module(sheet->book, index);
    bool first = true;
    int code = 0;
    fprintf(sheet->file, "%s\n  { \"module\": ", index ? "," : "");
    write_text(sheet, source->module);
    fputs(", \"title\": ", sheet->file);
    write_text(sheet, module ? module_descriptor(module)->title : "Portal");
    fputs(", \"tables\": [", sheet->file);
    for (size_t i = 0; i < source->count && code == 0; i++)
        if (source->tables[i].erase != PORTICO_NOT_PERSONAL) {
            code = write_table(sheet, source, &source->tables[i], first, error);
            first = false;
        }
    fputs("]", sheet->file);
    struct value *more = value_new(sheet->arena, PORTICO_OBJECT);
    if (code == 0 && module && more) {
        code = module_call_export(sheet->host, module, sheet->person, more, error);
        fputs(",\n    \"more\": ", sheet->file);
        write_value(sheet->file, more);
    }
    fputs(" }", sheet->file);
    return code;
}

static int write_all(struct sheet *sheet, struct portico_error *error)
{
    int code = 0;
    fprintf(sheet->file, "{ \"person\": \"%lld\", \"exported\": ", (long long)sheet->person);
    write_value(sheet->file, value_scalar(sheet->arena, PORTICO_TIME, clock_now(), 0));
    fputs(", \"modules\": [", sheet->file);
    for (size_t i = 0; i < personal_book_count(sheet->book) && code == 0; i++)
        code = write_module(sheet, i, error);
    fputs("\n] }\n", sheet->file);
    if (code == 0 && (fflush(sheet->file) != 0 || ferror(sheet->file)))
        code = write_failed(error);
    return code;
}

int personal_book_export(const struct personal_book *book, struct module_host *host,
                         struct store_session *session, int64_t person, FILE *file,
                         int64_t *ret_rows, struct portico_error *error)
{
    struct sheet sheet = { .book = book,
                           .host = host,
                           .session = session,
                           .arena = store_session_arena(session),
                           .person = person,
                           .file = file };
    struct value *report = value_new(sheet.arena, PORTICO_OBJECT);
    int64_t request = 0;
    int code = personal_request_open(session, "export", person, &request, NULL, error);
    if (code == 0)
        code = write_all(&sheet, error);
    if (code == 0 && (!report || value_set_integer(report, "rows", sheet.rows) < 0))
        code = error_set(error, PORTICO_ENOMEM, "Memory ended.");
    if (code == 0)
        code = personal_request_note(session, request, report, true, error);
    if (code == 0)
        *ret_rows = sheet.rows;
    return code;
}
