/* `portico person`: what the portal holds of somebody, handed out or erased; and retention. */
#include "base/buffer.h"
#include "base/clock.h"
#include "base/json.h"
#include "cli/action.h"
#include "cli/alone.h"
#include "config/paths.h"
#include "module/personal.h"

#include <errno.h>
#include <fcntl.h>
#include <portico/clock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SLICE 500 /* rows that are erased in one transaction */

/* One call at work. */
struct person {
    const struct cli_call *call;
    struct room room;
    struct personal_book *book;
    struct arena *arena;
    struct store_session *session; /* as the host itself: no row is hidden */
    int64_t id;
    struct portico_error error;
};

/* ---- export ---- */

struct sheet {
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

static void write_text(struct person *person, FILE *file, const char *text)
{
    write_value(file, value_text(person->arena, text, strlen(text)));
}

static int write_row(struct value *row, void *data, struct portico_error *error)
{
    struct sheet *sheet = data;
    fputs(sheet->first ? "\n      " : ",\n      ", sheet->file);
    write_value(sheet->file, row);
    sheet->first = false;
    sheet->rows++;
    return ferror(sheet->file)
               ? error_set(error, PORTICO_EIO, "The export cannot be written: %s.", strerror(errno))
               : 0;
}

static int write_table(struct person *person, struct sheet *sheet,
                       const struct personal_source *source,
                       const struct portico_personal_table *table, bool first)
{
    fprintf(sheet->file, "%s\n    { \"title\": ", first ? "" : ",");
    write_text(person, sheet->file, table->title);
    fputs(", \"table\": ", sheet->file);
    write_text(person, sheet->file, table->table);
    fputs(", \"rows\": [", sheet->file);
    sheet->first = true;
    int code = personal_export(person->session, source, table, person->id, write_row, sheet,
                               &person->error);
    fputs("] }", sheet->file);
    return code;
}

/* A module's heading, tables and hooks. */
static int write_module(struct person *person, struct sheet *sheet, size_t index)
{
    const struct personal_source *source = personal_book_at(person->book, index);
    struct module *module = personal_book_module(person->book, index);
    bool first = true;
    int code = 0;
    fprintf(sheet->file, "%s\n  { \"module\": ", index ? "," : "");
    write_text(person, sheet->file, source->module);
    fputs(", \"title\": ", sheet->file);
    write_text(person, sheet->file, module ? module_descriptor(module)->title : "Portal");
    fputs(", \"tables\": [", sheet->file);
    for (size_t i = 0; i < source->count && code == 0; i++)
        if (source->tables[i].erase != PORTICO_NOT_PERSONAL) {
            code = write_table(person, sheet, source, &source->tables[i], first);
            first = false;
        }
    fputs("]", sheet->file);
    struct value *more = value_new(person->arena, PORTICO_OBJECT);
    if (code == 0 && module && more) {
        code = module_call_export(&person->room.host, module, person->id, more, &person->error);
        fputs(",\n    \"more\": ", sheet->file);
        write_value(sheet->file, more);
    }
    fputs(" }", sheet->file);
    return code;
}

static int write_all(struct person *person, struct sheet *sheet)
{
    struct value *now = value_scalar(person->arena, PORTICO_TIME, clock_now(), 0);
    int code = 0;
    fprintf(sheet->file, "{ \"person\": \"%lld\", \"exported\": ", (long long)person->id);
    write_value(sheet->file, now);
    fputs(", \"modules\": [", sheet->file);
    for (size_t i = 0; i < personal_book_count(person->book) && code == 0; i++)
        code = write_module(person, sheet, i);
    fputs("\n] }\n", sheet->file);
    if (code == 0 && (fflush(sheet->file) != 0 || ferror(sheet->file)))
        code = error_set(&person->error, PORTICO_EIO, "The export cannot be written: %s.",
                         strerror(errno));
    return code;
}

/* Standard output, or a new file that nobody else may read. */
static FILE *open_output(struct person *person, const char *path)
{
    if (!path)
        return stdout;
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    FILE *file = descriptor >= 0 ? fdopen(descriptor, "w") : NULL;
    if (!file)
        error_set(&person->error, PORTICO_EIO,
                  "%s cannot be made: %s. An export never replaces a file.", path, strerror(errno));
    return file;
}

static int note(struct person *person, int64_t request, const struct value *report, bool finished)
{
    return personal_request_note(person->session, request, report, finished, &person->error);
}

static int export_person(struct person *person)
{
    const char *path = cli_value(person->call, "output");
    int64_t request = 0;
    struct sheet sheet = { .file = open_output(person, path) };
    if (!sheet.file)
        return PORTICO_EIO;
    int code = personal_request_open(person->session, "export", person->id, &request, NULL,
                                     &person->error);
    if (code == 0)
        code = write_all(person, &sheet);
    if (sheet.file != stdout && fclose(sheet.file) != 0 && code == 0)
        code = error_set(&person->error, PORTICO_EIO, "%s cannot be written: %s.", path,
                         strerror(errno));
    if (code < 0 && path)
        unlink(path);
    struct value *report = value_new(person->arena, PORTICO_OBJECT);
    if (code == 0 && value_set_integer(report, "rows", sheet.rows) < 0)
        code = error_set(&person->error, PORTICO_ENOMEM, "Memory ended.");
    if (code == 0)
        code = note(person, request, report, true);
    if (code == 0 && path)
        printf("%lld rows of person %lld are in %s.\n", (long long)sheet.rows,
               (long long)person->id, path);
    return code;
}

/* ---- erase ---- */

static void count_rows(const char *table, int64_t rows, void *data)
{
    struct value *counts = data;
    value_set_integer(counts, table, rows + portico_get_integer(value_public(counts), table, 0));
}

static void print_rows(const struct value *counts)
{
    const struct portico_value *shown = value_public((struct value *)counts);
    for (size_t i = 0; i < portico_count(shown); i++) {
        const char *table = portico_key_at(shown, i);
        printf("%8lld rows in %s\n", (long long)portico_get_integer(shown, table, 0), table);
    }
}

/* A module's tables, then its hooks. */
static int erase_module(struct person *person, size_t index, struct personal_erasure *erasure)
{
    const struct personal_source *source = personal_book_at(person->book, index);
    struct module *module = personal_book_module(person->book, index);
    struct value *counts = value_new(person->arena, PORTICO_OBJECT);
    if (!counts)
        return error_set(&person->error, PORTICO_ENOMEM, "Memory ended.");
    erasure->data = counts;
    int code = personal_erase(erasure, source, &person->error);
    if (code == 0 && module)
        code = module_call_erase(&person->room.host, module, person->id, &person->error);
    print_rows(counts);
    return code;
}

/* The host's tables last: modules' hooks may queue jobs and emit events of the person. */
static int erase_person(struct person *person)
{
    struct personal_erasure erasure = {
        .session = person->session, .person = person->id, .most = SLICE, .told = count_rows
    };
    int64_t waiting = 0;
    int code = personal_request_open(person->session, "erase", person->id, &erasure.request,
                                     &erasure.report, &person->error);
    for (size_t i = personal_book_count(person->book); i > 0 && code == 0; i--)
        code = erase_module(person, i - 1, &erasure);
    if (code == 0)
        code = personal_waiting(person->session, person->id, &waiting, &person->error);
    if (code == 0 && waiting)
        return error_set(&person->error, PORTICO_EBUSY,
                         "%lld events and jobs of person %lld are still under way and keep their "
                         "data until they are over. All else is erased; run the same command again "
                         "then.",
                         (long long)waiting, (long long)person->id);
    if (code == 0)
        code = note(person, erasure.request, erasure.report, true);
    if (code == 0)
        printf("Person %lld is erased. The proof is request %lld.\n", (long long)person->id,
               (long long)erasure.request);
    return code;
}

/* ---- retention ---- */

static void print_retained(const char *module, const char *table, int64_t rows, void *data)
{
    (void)module;
    printf("%8lld rows in %s%s\n", (long long)rows, table,
           data ? " are past their time" : " were past their time and are erased");
}

static int retain(struct person *person)
{
    bool dry = cli_value(person->call, "dry-run") != NULL;
    return personal_book_retain(person->book, person->session, clock_now(), SLICE, dry,
                                print_retained, NULL, dry ? person : NULL, &person->error);
}

/* ---- the command ---- */

struct person_action {
    struct cli_action action;
    int (*run)(struct person *person);
};

static const struct person_action actions[] = {
    { { "export", " ID", 1, 1 }, export_person },
    { { "erase", " ID", 1, 1 }, erase_person },
    { { "retention", "", 0, 0 }, retain },
};

static int open_all(struct person *person)
{
    person->arena = arena_new(0);
    if (!person->arena)
        return error_set(&person->error, PORTICO_ENOMEM, "Memory ended.");
    person->session =
        store_session_new(person->room.store, person->arena, &store_viewer_host, "core");
    const char *migrations = arena_printf(person->arena, "%s/migrations", paths_share_directory());
    if (!person->session || !migrations)
        return error_set(&person->error, PORTICO_ENOMEM, "Memory ended.");
    return personal_book_open(person->room.registry, migrations, &person->book, &person->error);
}

static int run_action(const struct cli_call *call, const struct person_action *action, int64_t id)
{
    struct person person = { .call = call, .id = id, .error = PORTICO_ERROR_INIT };
    int exit = alone_open(call, "person", &person.room);
    if (exit == 0) {
        int code = open_all(&person);
        if (code == 0)
            code = action->run(&person);
        if (code < 0)
            exit = cli_fail(call, &person.error);
    }
    personal_book_close(person.book);
    store_session_end(person.session);
    arena_free(person.arena);
    alone_close(&person.room);
    return exit;
}

static int run(const struct cli_call *call)
{
    const struct person_action *action = CLI_FIND_ACTION(call, actions);
    if (!action)
        return CLI_USAGE;
    int64_t id = action->action.least ? portico_id_read(call->arguments[1]) : 0;
    if (action->action.least && id <= 0) {
        fprintf(stderr, "portico person: `%s` is not the id of a person: a decimal number.\n",
                call->arguments[1]);
        return CLI_USAGE;
    }
    return run_action(call, action, id);
}

static const struct cli_option options[] = {
    { "output", "FILE", "With export: a new file instead of standard output." },
    { "dry-run", NULL, "With retention: says how much is past its time, and changes nothing." },
};

const struct cli_command cli_person = {
    .name = "person",
    .summary = "hand out or erase what is held of a person",
    .arguments = "export ID | erase ID | retention",
    .arguments_least = 1,
    .arguments_most = 2,
    .description =
        "`export` writes everything that the portal and its enabled modules hold of a person as "
        "JSON: a heading for each module and table, and what modules keep elsewhere.\n\n"
        "`erase` erases the person from the same places, as each table's declaration says, slice "
        "by slice. It may be repeated, and one that was cut off goes on. What is "
        "still under way is said; run it again then. The request stays as the proof.\n\n"
        "`retention` erases what is past its time now; the portal does it by itself each night.",
    CLI_OPTIONS(options),
    .run = run,
};
