#include "cli/manage.h"

#include "base/clock.h"
#include "cli/alone.h"
#include "cli/database.h"
#include "cli/terminal.h"
#include "portal/portal.h"

#include <stdio.h>

struct work {
    struct cli_manage at;
    struct room *room;
    int (*act)(struct cli_manage *at, void *data, struct portico_error *error);
    void *data;
};

static int act_in(struct portico_context *context, struct store_session *session, void *data,
                  struct portico_error *error)
{
    struct work *work = data;
    work->at.manage = (struct manage){ .context = context,
                                       .session = session,
                                       .identity = work->room->host.identity,
                                       .actor = IDENTITY_OPERATOR,
                                       .from = "command line" };
    return work->act(&work->at, work->data, error);
}

int cli_manage_run(const struct cli_call *call,
                   int (*act)(struct cli_manage *at, void *data, struct portico_error *error),
                   void *data)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct cli_database database = { 0 };
    struct room room = { 0 };
    struct work work = {
        .at = { .call = call, .said = g_string_new(NULL) }, .room = &room, .act = act, .data = data
    };
    int exit = cli_database_open(call, &database);
    cli_database_close(&database);
    if (exit == 0)
        exit = alone_open(call, call->command->name, &room);
    if (exit == 0 && portal_work(&room.host, call->command->name, act_in, &work, &error) < 0)
        exit = cli_fail(call, &error);
    if (exit == 0)
        fputs(work.at.said->str, stdout);
    alone_close(&room);
    g_string_free(work.at.said, TRUE);
    return exit;
}

const char *cli_shown(struct arena *arena, const struct value_cell *cell)
{
    if (cell->kind == PORTICO_NULL)
        return "-";
    struct value *text = value_text(arena, cell->text, cell->length);
    if (text)
        terminal_clean(text, NULL);
    return text ? text->text : "";
}

const char *cli_shown_time(struct arena *arena, const struct value_cell *cell, const char *none)
{
    char *text = cell->kind == PORTICO_NULL ? NULL : arena_alloc(arena, 40);
    if (!text)
        return none;
    clock_rfc3339(cell->integer / 1000000 * 1000000, text, 40);
    return text;
}

void cli_print_row(struct arena *arena, const struct value *rows, uint32_t index)
{
    struct value *row = value_new(arena, PORTICO_OBJECT);
    for (uint32_t c = 0; row && c < rows->rows->column_count; c++)
        value_set(row, rows->rows->columns[c],
                  value_from_cell(arena, &value_rows_at(rows, index)[c]));
    if (row)
        cli_print_json(row);
}
