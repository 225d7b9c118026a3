/* Commands: `portico commands add`, `list` and `sweep`, parsed and explained by the program. */
#include <portico/portico.h>

#include <stdlib.h>

#define BATCH 100
#define DAY INT64_C(86400000000) /* in microseconds */

static int add(struct portico_context *context, const struct portico_command_call *call,
               struct portico_error *error)
{
    int code = portico_begin(portico_db(context), error);
    for (uint32_t i = 0; code == 0 && i < call->argument_count; i++)
        code = portico_execute(portico_db(context),
                               "INSERT INTO commands_line (id, text, created) VALUES (?, ?, ?)",
                               PORTICO_ARGS(portico_arg_id(portico_new_id(context)),
                                            portico_arg_text(call->arguments[i]),
                                            portico_arg_time(portico_now(context))),
                               NULL, error);
    if (code == 0)
        return portico_commit(portico_db(context), error);
    portico_rollback(portico_db(context));
    return code;
}

static int list(struct portico_context *context, const struct portico_command_call *call,
                struct portico_error *error)
{
    struct portico_cursor *cursor = NULL;
    struct portico_value *row = NULL;
    int numbered = call->option(context, "numbered") != NULL, number = 0;
    int code =
        portico_cursor_open(portico_db(context), "SELECT text FROM commands_line ORDER BY id",
                            PORTICO_NO_ARGS, &cursor, error);
    while (code >= 0 && (code = portico_cursor_next(cursor, &row, error)) > 0) {
        const char *text = portico_get_text(row, "text", "");
        const char *line = numbered ? portico_printf(context, "%d  %s\n", ++number, text)
                                    : portico_printf(context, "%s\n", text);
        code = line ? call->write(context, line, strlen(line)) : PORTICO_ENOMEM;
    }
    portico_cursor_close(cursor);
    return code;
}

/* One batch: how many lines went, or a negative code. Its memory ends with its scope. */
static int64_t sweep_batch(struct portico_context *context, portico_time before,
                           struct portico_error *error)
{
    struct portico_context *scope = portico_scope(context);
    int64_t changed = 0;
    int code =
        scope
            ? portico_execute(portico_db(scope),
                              "DELETE FROM commands_line WHERE id IN (SELECT id FROM commands_line "
                              "WHERE created <= ? ORDER BY id LIMIT ?)",
                              PORTICO_ARGS(portico_arg_time(before), portico_arg_integer(BATCH)),
                              &changed, error)
            : PORTICO_ENOMEM;
    portico_end_scope(scope);
    return code < 0 ? code : changed;
}

static int sweep(struct portico_context *context, const struct portico_command_call *call,
                 struct portico_error *error)
{
    const char *days = call->option(context, "older-than");
    char *end = NULL;
    long long age = days ? strtoll(days, &end, 10) : 30;
    struct portico_value *row = NULL;
    if (days && (end == days || *end || age < 0 || age > 100000)) {
        error->code = PORTICO_EINVAL;
        strcpy(error->message, "--older-than takes a number of days, such as 30.");
        return PORTICO_EINVAL;
    }
    portico_time before = portico_now(context) - age * DAY;
    int code = portico_query_one(portico_db(context),
                                 "SELECT COUNT(*) AS number FROM commands_line WHERE created <= ?",
                                 PORTICO_ARGS(portico_arg_time(before)), &row, error);
    int64_t total = portico_get_integer(row, "number", 0), done = 0, batch = code;
    /* Each batch is on disk before the next; Ctrl-C ends between two of them. */
    while (batch >= 0 && done < total && !call->progress(context, done, total) &&
           (batch = sweep_batch(context, before, error)) > 0)
        done += batch;
    const char *said = portico_printf(context, "%lld lines removed.\n", (long long)done);
    if (batch < 0)
        return (int)batch;
    return said ? call->write(context, said, strlen(said)) : PORTICO_ENOMEM;
}

static const struct portico_command commands[] = {
    { .name = "add",
      .summary = "Add lines",
      .arguments = "TEXT…",
      .least = 1,
      .most = 16,
      .run = add },
    { .name = "list", .summary = "Print all lines, oldest first", .run = list },
    { .name = "sweep",
      .summary = "Remove old lines",
      .run = sweep,
      .description = "Removes lines in batches, beside a running portal or without one.\n\n"
                     "Ctrl-C stops it; what was removed stays removed." },
};

static const struct portico_command_option command_options[] = {
    { .command = "list", .name = "numbered", .help = "Puts a number before each line." },
    { .command = "sweep",
      .name = "older-than",
      .argument = "DAYS",
      .help = "Keeps younger lines; 30 without it." },
};

static const struct portico_personal_table personal_data[] = {
    { .table = "commands_line",
      .erase = PORTICO_NOT_PERSONAL,
      .reason = "Lines are typed by admins and are about no person." },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Commands",
    .commands = PORTICO_LIST(commands),
    .command_options = PORTICO_LIST(command_options),
    .personal_data = PORTICO_LIST(personal_data),
};
PORTICO_EXPORT_MODULE(module)
