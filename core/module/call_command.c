/* Trampolines of the command line: importers and commands of modules. */
#include "module/call.h"

#include "base/error.h"
#include "module/registry.h"

#define CALL_ARENA 16384

static int import_progress(struct portico_context *context, int64_t done, int64_t total)
{
    struct call_import *import = scope_of(context)->call->import;
    return import && import->progress ? import->progress(done, total, import->data) : 0;
}

static void import_skipped(struct portico_context *context, const char *reason, const char *place)
{
    struct call_import *import = scope_of(context)->call->import;
    if (!import || !reason || !text_is_utf8(reason, strlen(reason)))
        return;
    struct value *entry = value_get(import->skipped, text_of(reason));
    if (!entry) {
        entry = value_new(import->skipped->arena, PORTICO_OBJECT);
        if (!entry || value_set(import->skipped, text_of(reason), entry) < 0)
            return;
        value_set_integer(entry, "count", 0);
        if (place && text_is_utf8(place, strlen(place)))
            value_set_text(entry, "first", place);
    }
    value_get(entry, TEXT("count"))->integer++;
}

static void import_count(struct portico_context *context, const char *what, int64_t number)
{
    struct call_import *import = scope_of(context)->call->import;
    if (!import || !what || !text_is_utf8(what, strlen(what)))
        return;
    struct value *count = value_get(import->counts, text_of(what));
    if (count)
        count->integer += number;
    else
        value_set_integer(import->counts, what, number);
}

int module_call_importer(struct module_host *host, struct module *module,
                         const struct portico_importer *importer, const char *directory,
                         int (*progress)(int64_t done, int64_t total, void *data), void *data,
                         struct value *ret_report, struct portico_error *error)
{
    struct call_import import = { .progress = progress, .data = data };
    struct arena *arena = arena_new(CALL_ARENA);
    import.counts = value_new(ret_report->arena, PORTICO_OBJECT);
    import.skipped = value_new(ret_report->arena, PORTICO_OBJECT);
    if (!arena || value_set(ret_report, TEXT("counts"), import.counts) < 0 ||
        value_set(ret_report, TEXT("skipped"), import.skipped) < 0) {
        arena_free(arena);
        return error_set(error, PORTICO_ENOMEM, "Memory ended before the import began.");
    }
    struct portico_import given = {
        .size = sizeof given,
        .format = importer->format,
        .directory = directory,
        .progress = import_progress,
        .skipped = import_skipped,
        .count = import_count,
    };
    struct call call = { .import = &import };
    call_begin(&call, CALL_IMPORTER, host, module, &viewer_host, arena);
    struct call_entered entered = call_enter(&call, UINT32_MAX, importer->format);
    int code = importer->run(&call.scope.context, &given, error);
    call_leave(&call, &entered);
    arena_free(arena);
    return code;
}

static const char *command_option(struct portico_context *context, const char *name)
{
    const struct call_command *command = scope_of(context)->call->command;
    return command && name ? command->option(name, command->data) : NULL;
}

static int command_write(struct portico_context *context, const char *text, size_t length)
{
    const struct call_command *command = scope_of(context)->call->command;
    if (!command || (!text && length) || !text_is_utf8(text ? text : "", length))
        return PORTICO_EINVAL;
    return command->write(text, length, command->data);
}

static int command_progress(struct portico_context *context, int64_t done, int64_t total)
{
    const struct call_command *command = scope_of(context)->call->command;
    return command ? command->progress(done, total, command->data) : 0;
}

int module_call_command(struct module_host *host, struct module *module,
                        const struct portico_command *command, const char *const *arguments,
                        size_t argument_count, const struct call_command *terminal,
                        struct portico_error *error)
{
    struct arena *arena = arena_new(CALL_ARENA);
    if (!arena)
        return error_set(error, PORTICO_ENOMEM, "Memory ended before the command began.");
    const struct portico_command_call given = {
        .size = sizeof given,
        .argument_count = (uint32_t)argument_count,
        .arguments = arguments,
        .option = command_option,
        .write = command_write,
        .progress = command_progress,
    };
    struct call call = { .command = terminal };
    call_begin(&call, CALL_COMMAND, host, module, &viewer_host, arena);
    struct call_entered entered = call_enter(&call, UINT32_MAX, command->name);
    int code = command->run(&call.scope.context, &given, error);
    call_leave(&call, &entered);
    arena_free(arena);
    if (code < 0 && error && !error->message[0])
        error_set(error, code, "It returned %s without a message.", error_name(code));
    return code;
}

int module_call_work(struct module_host *host, struct module *module, const char *name,
                     int (*work)(struct portico_context *context, void *data,
                                 struct portico_error *error),
                     void *data, struct portico_error *error)
{
    struct arena *arena = arena_new(CALL_ARENA);
    if (!arena)
        return error_set(error, PORTICO_ENOMEM, "Memory ended before the command began.");
    struct call call = { 0 };
    call_begin(&call, CALL_COMMAND, host, module, &viewer_host, arena);
    struct call_entered entered = call_enter(&call, UINT32_MAX, name);
    int code = work(&call.scope.context, data, error);
    call_leave(&call, &entered);
    arena_free(arena);
    return code;
}
