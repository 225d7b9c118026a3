/* One test from an empty directory to a process with nothing left in it. */
#include "harness/bench.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "config/paths.h"
#include "harness/outside.h"
#include "harness/plans.h"
#include "harness/surroundings.h"
#include "harness/tables.h"
#include "harness/watch.h"
#include "module/note.h"
#include "server/crash.h"
#include "store/migrate.h"

#include <fcntl.h>
#include <glib.h>
#include <libpq-fe.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

void bench_record(const struct bench *bench, enum record record, const char *format, ...)
{
    char text[2048];
    struct buffer line = { 0 };
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    text[text_utf8_cut(text, strlen(text))] = '\0';
    buffer_append_char(&line, (char)record);
    buffer_append_text(&line, text);
    buffer_append_char(&line, RECORD_END);
    /* One write: a record is whole or not there, also when several threads report. */
    ssize_t written = write(bench->report, line.data, line.length);
    (void)written;
    buffer_free(&line);
}

/* ---- who asks ---- */

/* `viewer` first; the words it may do behind it. */
struct bench_viewer {
    struct viewer viewer;
    const char *may;
};

static bool may_as_told(const struct viewer *viewer, const char *permission)
{
    const struct bench_viewer *own = (const struct bench_viewer *)viewer;
    struct text wanted = text_of(permission);
    for (const char *at = own->may; at && *at;) {
        at += strspn(at, " \t\n,");
        size_t length = strcspn(at, " \t\n,");
        if (length && text_equals((struct text){ at, length }, wanted))
            return true;
        at += length;
    }
    return false;
}

static int by_number(const void *a, const void *b)
{
    int64_t left, right;
    memcpy(&left, a, sizeof left);
    memcpy(&right, b, sizeof right);
    return (left > right) - (left < right);
}

struct viewer *bench_viewer(struct bench *bench, const struct portico_test_viewer *wanted)
{
    struct bench_viewer *made = arena_zalloc(bench->arena, sizeof *made);
    size_t room = wanted->sees_count + 2;
    int64_t *audiences = arena_alloc(bench->arena, room * sizeof *audiences);
    size_t count = 0;
    if (!made || !audiences)
        return NULL;
    audiences[count++] = PORTICO_AUDIENCE_EVERYONE;
    if (wanted->person)
        audiences[count++] = PORTICO_AUDIENCE_SIGNED_IN;
    for (size_t i = 0; wanted->sees && i < wanted->sees_count; i++)
        audiences[count++] = wanted->sees[i];
    qsort(audiences, count, sizeof *audiences, by_number);
    made->may = wanted->may ? arena_strdup(bench->arena, wanted->may) : NULL;
    made->viewer = (struct viewer){
        .person = wanted->person,
        .account = wanted->account,
        .rows = { .audiences = audiences, .audience_count = count, .person = wanted->person },
        .may = may_as_told
    };
    return &made->viewer;
}

static const struct viewer *viewer_of(const struct http_exchange *exchange, void *data)
{
    const struct bench *bench = data;
    (void)exchange;
    return bench->viewer;
}

/* ---- opening ---- */

static char *module_name(const char *directory)
{
    return g_path_get_basename(directory);
}

/* The config of a portal with nothing but the module and those it needs. */
static char *write_config(const struct bench *bench)
{
    const struct harness_options *options = bench->options;
    GString *text = g_string_new("[portal]\ndata = data\n");
    if (options->database_url)
        g_string_append_printf(text, "[database]\nurl = %s\n", options->database_url);
    for (size_t i = 0; options->with && options->with[i]; i++) {
        char *name = module_name(options->with[i]);
        g_string_append_printf(text, "[module %s]\nenabled = true\npath = %s\n", name,
                               options->with[i]);
        g_free(name);
    }
    char *name = module_name(options->directory);
    g_string_append_printf(text, "[module %s]\nenabled = true\npath = %s\n%s\n", name,
                           options->directory, bench->test->settings ? bench->test->settings : "");
    g_free(name);
    char *file = g_build_filename(bench->directory, "portico.conf", NULL);
    bool written = g_file_set_contents(file, text->str, (gssize)text->len, NULL);
    g_string_free(text, TRUE);
    if (written)
        return file;
    g_free(file);
    return NULL;
}

static void add_source(GArray *sources, struct arena *arena, const char *directory)
{
    char *name = module_name(directory);
    const struct migrate_source source = { arena_strdup(arena, name),
                                           arena_printf(arena, "%s/migrations", directory) };
    if (g_file_test(source.directory, G_FILE_TEST_IS_DIR))
        g_array_append_val(sources, source);
    g_free(name);
}

static int migrate(const struct bench *bench, struct store *store, struct portico_error *error)
{
    GArray *sources = g_array_new(FALSE, FALSE, sizeof(struct migrate_source));
    const struct migrate_source core = { "core", arena_printf(bench->arena, "%s/migrations",
                                                              paths_share_directory()) };
    g_array_append_val(sources, core);
    for (size_t i = 0; bench->options->with && bench->options->with[i]; i++)
        add_source(sources, bench->arena, bench->options->with[i]);
    add_source(sources, bench->arena, bench->options->directory);
    const struct migrate_source *all = (const struct migrate_source *)(const void *)sources->data;
    int code = migrate_apply(store, all, sources->len, MIGRATE_BEFORE, NULL, error);
    if (code == 0)
        code = migrate_apply(store, all, sources->len, MIGRATE_AFTER, NULL, error);
    g_array_free(sources, TRUE);
    return code;
}

/* The database of --database belongs to tests alone: each begins with nothing in it. */
static int empty_postgres(const char *url, struct portico_error *error)
{
    PGconn *server = PQconnectdb(url);
    const char *name = PQdb(server);
    int code = 0;
    if (PQstatus(server) != CONNECTION_OK)
        code = error_set(error, PORTICO_EIO, "The database cannot be reached: %s",
                         PQerrorMessage(server));
    else if (!name || !strstr(name, "test"))
        code = error_set(error, PORTICO_EPERM,
                         "The database %s is not emptied: give one whose name holds `test`.",
                         name ? name : "");
    if (code == 0) {
        PGresult *result = PQexec(server, "DROP SCHEMA public CASCADE; CREATE SCHEMA public");
        if (PQresultStatus(result) != PGRES_COMMAND_OK)
            code = error_set(error, PORTICO_EIO, "The database cannot be emptied: %s",
                             PQerrorMessage(server));
        PQclear(result);
    }
    PQfinish(server);
    return code;
}

/* Copies into a new file, which has its name only when it is whole. False: as if it had not begun.
 */
static bool copy_file(const char *from, const char *to)
{
    char *begun = g_strconcat(to, ".begun", NULL);
    int source = open(from, O_RDONLY | O_CLOEXEC);
    int target = source < 0 ? -1 : open(begun, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ssize_t copied = -1;
    if (target >= 0)
        do
            copied = copy_file_range(source, NULL, target, NULL, 1 << 30, 0);
        while (copied > 0);
    if (source >= 0)
        close(source);
    bool whole = target >= 0 && close(target) == 0 && copied == 0 && rename(begun, to) == 0;
    if (!whole)
        unlink(begun);
    g_free(begun);
    return whole;
}

/* A database that is closed: what it has not yet folded in stands in the file beside it, which
 * comes first, so that the database is there only with it. */
static bool copy_database(const char *from, const char *to)
{
    char *log = g_strconcat(from, "-wal", NULL);
    char *copy = g_strconcat(to, "-wal", NULL);
    bool whole = (access(log, F_OK) != 0 || copy_file(log, copy)) && copy_file(from, to);
    g_free(copy);
    g_free(log);
    return whole;
}

static int migrate_anew(const struct bench *bench, const struct store_options *options,
                        struct portico_error *error)
{
    struct store *store = NULL;
    int code = store_open(options, &store, error);
    if (code == 0)
        code = migrate(bench, store, error);
    store_close(store);
    return code;
}

static int prepare_database(const struct bench *bench, const char *file,
                            struct portico_error *error)
{
    struct config *config = NULL;
    struct server_settings settings = { 0 };
    const char *url = bench->options->database_url;
    /* As the migrations of the suite's first test made it. */
    char *migrated = g_build_filename(bench->directory, "../migrated.db", NULL);
    char *data = g_build_filename(bench->directory, "data", NULL);
    char *own = g_build_filename(data, "portico.db", NULL);
    int code = url ? empty_postgres(url, error) : 0;
    if (code == 0)
        code = config_load(file, &config, error);
    if (code == 0)
        code = server_settings_read(config, &settings, error);
    bool ready = code == 0 && !url && g_mkdir_with_parents(data, 0700) == 0 &&
                 access(migrated, F_OK) == 0 && copy_database(migrated, own);
    if (code == 0 && !ready)
        code = migrate_anew(bench, &settings.store, error);
    if (code == 0 && !url && !ready)
        copy_database(own, migrated);
    server_settings_free(&settings);
    config_free(config);
    g_free(own);
    g_free(data);
    g_free(migrated);
    return code;
}

static bool on_takes_files(const struct http_request *request, void *data)
{
    const struct bench *bench = data;
    return dispatch_takes_files(request, bench->dispatch);
}

static void on_request(struct http_exchange *exchange, void *data)
{
    struct bench *bench = data;
    dispatch_request(exchange, bench->dispatch);
}

static int open_loop(struct bench *bench, struct portico_error *error)
{
    bench->room.settings.cache_bytes = 0; /* every request reaches its handler */
    bench->base = event_base_new();
    int board = board_create(&bench->board);
    if (board >= 0)
        close(board);
    bench->metrics = bench->board ? metrics_new(bench->board, 0) : NULL;
    if (!bench->base || !bench->metrics)
        return error_set(error, PORTICO_EIO, "Cannot make the event loop.");
    const struct dispatch_options dispatch = { .base = bench->base,
                                               .host = &bench->room.host,
                                               .settings = &bench->room.settings,
                                               .files = bench->room.files,
                                               .page = &bench->shared->page,
                                               .metrics = bench->metrics,
                                               .viewer = viewer_of,
                                               .data = bench };
    int code = dispatch_new(&dispatch, &bench->dispatch, error);
    if (code < 0)
        return code;
    const struct http_server_options http = { .base = bench->base,
                                              .limits = bench->room.settings.limits,
                                              .dispatch = on_request,
                                              .takes_files = on_takes_files,
                                              .refuse = dispatch_refuse,
                                              .data = bench };
    bench->http = http_server_new(&http, error);
    if (!bench->http)
        return PORTICO_EIO;
    dispatch_set_http(bench->dispatch, bench->http);
    return 0;
}

int bench_open(struct bench *bench, struct buffer *report)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    char *file = write_config(bench);
    int code = file ? prepare_database(bench, file, &error)
                    : error_set(&error, PORTICO_EIO, "%s cannot be written.", bench->directory);
    tables_enter();
    if (code == 0)
        code = room_open(&bench->room, file, true, report, &error);
    tables_leave();
    if (code == 0) {
        char *name = module_name(bench->options->directory);
        bench->room.host.check_results = true;
        bench->room.host.asks_always = true;
        bench->room.host.gives_secrets = true;
        bench->module = registry_find(bench->room.registry, name);
        g_free(name);
        code = open_loop(bench, &error);
    }
    if (code == 0)
        code = surroundings_schedule(bench);
    if (code < 0) {
        buffer_append_text(report, error.message);
        buffer_append_char(report, '\n');
    }
    g_free(file);
    return code;
}

void bench_close(struct bench *bench)
{
    elements_forget(bench);
    bench_end_context(bench);
    http_server_free(bench->http);
    dispatch_free(bench->dispatch);
    metrics_free(bench->metrics);
    if (bench->base)
        event_base_free(bench->base);
    board_unmap(bench->board);
    tables_enter();
    if (bench->room.started)
        registry_stop(bench->room.registry, &bench->room.host);
    bench->room.started = false;
    tables_leave();
    tables_check(bench, "stop");
    watch_check_memory(bench);
    room_close(&bench->room);
}

/* ---- a child's life ---- */

/* Present in a program built with LeakSanitizer. */
__attribute__((weak)) int __lsan_do_recoverable_leak_check(void);

static void say_nothing(const char *sentence, void *data)
{
    (void)sentence;
    (void)data;
}

/* What the module's note says that it needs; a module without a good note is refused anyway. */
static void read_needs(const struct bench *bench, struct note *ret_note)
{
    const char *directory = bench->options->directory;
    char *id = g_path_get_basename(directory);
    char *file = g_strdup_printf("%s/%s.so", directory, id);
    struct descriptor_report report = { say_nothing, NULL, 0 };
    int descriptor = open(file, O_RDONLY | O_CLOEXEC);
    *ret_note = (struct note){ 0 };
    if (descriptor >= 0) {
        note_read(descriptor, ret_note, &report);
        close(descriptor);
    }
    g_free(file);
    g_free(id);
}

int bench_run(struct bench *bench)
{
    struct buffer report = { 0 };
    struct note note;
    read_needs(bench, &note);
    bench->public.api = &bench_api;
    bench->magic = BENCH_MAGIC;
    bench->arena = arena_new(0);
    bench->message = (struct portico_error)PORTICO_ERROR_INIT;
    const struct portico_test_viewer nobody = { .size = sizeof nobody };
    bench->viewer = bench_viewer(bench, &nobody);
    log_set_process("test");
    log_set_plain(1);
    clock_stop(BENCH_TIME);
    module_trace_use(&bench->shared->page.trace);
    module_trace_claim(MODULE_TRACE_SLOTS - 1);
    watch_begin(bench, bench->mode == HARNESS_NEWER);
    tables_install(bench, &note.uses, bench->mode == HARNESS_OLDER, bench->fail_at);
    if (bench->options->plans && bench->mode == HARNESS_PLAIN)
        plans_watch(bench);
    outside_begin(bench);
    int code = bench_open(bench, &report);
    if (code == 0) {
        tables_check(bench, "start");
        bench->test->run(&bench->public);
        bench_record(bench, RECORD_RETURNED, "%s", "");
    } else {
        const char *text = buffer_text(&report);
        bench_record(bench, RECORD_REFUSED, "%s", text ? text : "");
    }
    if (bench->mode == HARNESS_PLAIN)
        bench->shared->allocations = tables_allocations();
    bench_close(bench);
    buffer_free(&report);
    arena_free(bench->arena);
    bench->arena = NULL;
    watch_check_process(bench);
    if (__lsan_do_recoverable_leak_check && __lsan_do_recoverable_leak_check() != 0)
        bench_record(bench, RECORD_VIOLATION,
                     "LeakSanitizer found memory that nothing points to any more; its report "
                     "stands below.");
    bench_record(bench, RECORD_ENDED, "%s", "");
    return 0;
}
