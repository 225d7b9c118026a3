/* `portico person`: what the portal holds of somebody, handed out, erased or merged; and retention.
 */
#include "base/buffer.h"
#include "base/clock.h"
#include "base/json.h"
#include "cli/action.h"
#include "cli/alone.h"
#include "cli/person_merge.h"
#include "config/paths.h"
#include "identity/audit.h"
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

/* Before the act: what cannot be written down is not done. */
static struct identity_act act_of(const struct person *person, const char *kind)
{
    return (struct identity_act){ .kind = kind, .person = person->id, .origin = "command line" };
}

/* ---- export ---- */

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

static int export_person(struct person *person)
{
    const char *path = cli_value(person->call, "output");
    FILE *file = open_output(person, path);
    int64_t rows = 0;
    if (!file)
        return PORTICO_EIO;
    const struct identity_act act = act_of(person, "person.exported");
    int code = identity_audit(person->session, &act, &person->error);
    if (code == 0)
        code = personal_book_export(person->book, &person->room.host, person->session, person->id,
                                    file, &rows, &person->error);
    if (file != stdout && fclose(file) != 0 && code == 0)
        code = error_set(&person->error, PORTICO_EIO, "%s cannot be written: %s.", path,
                         strerror(errno));
    if (code < 0 && path)
        unlink(path);
    if (code == 0 && path)
        printf("%lld rows of person %lld are in %s.\n", (long long)rows, (long long)person->id,
               path);
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

static int erase_person(struct person *person)
{
    const struct identity_act act = act_of(person, "person.erased");
    const struct personal_slices slices = { SLICE, count_rows,
                                            value_new(person->arena, PORTICO_OBJECT), &act };
    int64_t request = 0;
    if (!slices.data)
        return error_set(&person->error, PORTICO_ENOMEM, "Memory ended.");
    int code = personal_book_erase(person->book, &person->room.host, person->session, person->id,
                                   &slices, &request, &person->error);
    print_rows(slices.data);
    if (code == 0)
        printf("Person %lld is erased. The proof is request %lld.\n", (long long)person->id,
               (long long)request);
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
    int (*run)(struct person *person); /* NULL: of person_merge.h */
};

static const struct person_action actions[] = {
    { { "export", " ID", 1, 1 }, export_person },
    { { "erase", " ID", 1, 1 }, erase_person },
    { { "retention", "", 0, 0 }, retain },
    { { "merge", " FROM INTO --reason TEXT", 2, 2 }, NULL },
    { { "merge-again", " ID", 1, 1 }, NULL },
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
    if (action->action.least == 2)
        return person_merge(call);
    int64_t id = action->action.least ? portico_id_read(call->arguments[1]) : 0;
    if (action->action.least && id <= 0) {
        fprintf(stderr, "portico person: `%s` is not the id of a person: a decimal number.\n",
                call->arguments[1]);
        return CLI_USAGE;
    }
    return action->run ? run_action(call, action, id) : person_merge_again(call, id);
}

static const struct cli_option options[] = {
    { "output", "FILE", "With export: a new file instead of standard output." },
    { "reason", "TEXT", "With merge: why; they and their companies read it." },
    { "dry-run", NULL, "With retention or merge: says what would be done, and changes nothing." },
};

const struct cli_command cli_person = {
    .name = "person",
    .summary = "hand out, erase or merge what is held of people",
    .arguments = "export ID | erase ID | retention | merge FROM INTO | merge-again ID",
    .arguments_least = 1,
    .arguments_most = 3,
    .description =
        "`export` writes everything that the portal and its enabled modules hold of a person as "
        "JSON: a heading for each module and table, and what modules keep elsewhere.\n\n"
        "`erase` erases the person from the same places, as each table's declaration says, slice "
        "by slice. It may be repeated, and one that was cut off goes on. What is "
        "still under way is said; run it again then. The request stays as the proof.\n\n"
        "`merge` makes one of two people who are the same human being: FROM goes, INTO remains, "
        "each "
        "given by handle, address or id. Companies, roles, addresses and what was shared by name "
        "go "
        "over at once, and FROM is signed out for good; what modules hold follows in a job of a "
        "running portal. It cannot be undone: look at `--dry-run` first.\n\n"
        "`merge-again` looks once more for rows of who was merged, by the id they had: after a "
        "module was enabled that was not while the job ran, whose rows still name them.\n\n"
        "`retention` erases what is past its time now; the portal does it by itself each night.",
    CLI_OPTIONS(options),
    .run = run,
};
