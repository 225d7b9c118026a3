#include "harness/surroundings.h"

#include "base/error.h"
#include "config/state.h"
#include "harness/tables.h"
#include "module/module.h"

#include <glib.h>

/* ---- the test's own context ---- */

struct portico_context *bench_context(struct portico_bench *public)
{
    struct bench *bench = bench_of(public);
    if (bench->call)
        return &bench->call->scope.context;
    bench->call = arena_zalloc(bench->arena, sizeof *bench->call);
    if (!bench->call)
        return NULL;
    call_begin(bench->call, CALL_START, &bench->room.host, bench->module, bench->viewer,
               bench->arena);
    /* The test is no module: it sees the whole table, whatever its module sees. */
    bench->call->scope.context.api = &interface_context;
    if (bench->locale)
        bench->call->locale = bench->locale;
    return &bench->call->scope.context;
}

void bench_view_as(struct bench *bench, struct viewer *viewer)
{
    bench->viewer = viewer;
    if (!bench->call)
        return;
    bench->call->viewer = viewer;
    bench->call->locale = bench->locale ? bench->locale : "en";
    bench_renew_context(bench);
}

void bench_end_context(struct bench *bench)
{
    if (bench->call)
        call_end(bench->call);
    bench->call = NULL;
}

/* Without a transaction or cursor of the test's own, the next read opens a session anew. */
void bench_renew_context(const struct bench *bench)
{
    struct scope *scope = bench->call ? &bench->call->scope : NULL;
    if (!scope || !scope->session || store_in_transaction(scope->session) ||
        store_has_cursors(scope->session))
        return;
    store_session_end(scope->session);
    scope->session = NULL;
}

/* ---- settings ---- */

/* The text of "key" or, as the file's path, of "key_file"; NULL with the bench's message set. */
static const char *secret_text(struct bench *bench, bool file, const char *value)
{
    const char *text = NULL;
    struct stat status;
    if (!file)
        return value;
    int code = config_secret_read_at(bench->arena, value, &text, &status, &bench->message);
    return code < 0 ? NULL : text;
}

static bool is_setting(const struct portico_setting *setting, const char *key, bool *ret_file)
{
    size_t length = strlen(setting->key);
    *ret_file = setting->type == PORTICO_SETTING_SECRET &&
                strncmp(setting->key, key, length) == 0 && strcmp(key + length, "_file") == 0;
    return *ret_file || strcmp(setting->key, key) == 0;
}

int surroundings_set(struct portico_bench *public, const char *key, const char *value)
{
    struct bench *bench = bench_of(public);
    const struct portico_list *list = &bench->module->descriptor->settings;
    const struct portico_setting *settings = list->items;
    for (uint32_t i = 0; i < list->count; i++) {
        bool file;
        if (!is_setting(&settings[i], key, &file))
            continue;
        value = secret_text(bench, file, value);
        if (!value)
            return PORTICO_EINVAL;
        struct config_value parsed = { 0 };
        int code = config_parse_value(&settings[i], value, &parsed, &bench->message);
        if (code < 0)
            return code;
        if (parsed.text)
            parsed.text = arena_strdup(bench->arena, parsed.text);
        bench->module->settings[i] = parsed;
        return 0;
    }
    return error_set(&bench->message, PORTICO_EINVAL, "Module %s has no setting `%s`.",
                     bench->module->id, key);
}

/* ---- importers and files ---- */

int surroundings_import(struct portico_bench *public, const char *format, const char *directory,
                        const struct portico_value **ret_report)
{
    struct bench *bench = bench_of(public);
    const struct portico_list *list = &bench->module->descriptor->importers;
    const struct portico_importer *importers = list->items;
    struct value *report = value_new(bench->arena, PORTICO_OBJECT);
    for (uint32_t i = 0; report && i < list->count; i++) {
        if (strcmp(importers[i].format, format) != 0)
            continue;
        tables_enter();
        int code = module_call_importer(&bench->room.host, bench->module, &importers[i], directory,
                                        NULL, NULL, report, &bench->message);
        tables_leave();
        tables_check(bench, format);
        bench_renew_context(bench);
        if (code >= 0 && ret_report)
            *ret_report = value_public(report);
        return code;
    }
    return error_set(&bench->message, PORTICO_EINVAL, "Module %s has no importer for `%s`.",
                     bench->module->id, format);
}

const char *surroundings_file(struct portico_bench *public, const char *name, const char *content)
{
    struct bench *bench = bench_of(public);
    char *directory = g_build_filename(bench->directory, "files", NULL);
    char *path = g_build_filename(directory, name, NULL);
    g_mkdir_with_parents(directory, 0700);
    const char *kept = NULL;
    if (!name || (content && g_file_set_contents_full(path, content, -1,
                                                      G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL)))
        kept = arena_strdup(bench->arena, name ? path : directory);
    g_free(path);
    g_free(directory);
    return kept;
}
