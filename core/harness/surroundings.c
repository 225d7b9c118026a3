#include "harness/surroundings.h"

#include "base/error.h"
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

void bench_end_context(struct bench *bench)
{
    if (bench->call)
        call_end(bench->call);
    bench->call = NULL;
}

/* ---- settings ---- */

int surroundings_set(struct portico_bench *public, const char *key, const char *value)
{
    struct bench *bench = bench_of(public);
    const struct portico_list *list = &bench->module->descriptor->settings;
    const struct portico_setting *settings = list->items;
    for (uint32_t i = 0; i < list->count; i++) {
        if (strcmp(settings[i].key, key) != 0)
            continue;
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
    if (!name || (content && g_file_set_contents(path, content, -1, NULL)))
        kept = arena_strdup(bench->arena, name ? path : directory);
    g_free(path);
    g_free(directory);
    return kept;
}
