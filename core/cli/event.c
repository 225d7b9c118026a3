/* `portico event`: what happened in the portal, as CloudEvents. */
#include "event/event.h"
#include "base/json.h"
#include "base/value_copy.h"
#include "cli/action.h"
#include "cli/database.h"
#include "cli/terminal.h"

#include <signal.h>
#include <stdio.h>
#include <time.h>

#define PAGE 200
#define FOLLOW_PERIOD 300000000 /* ns between two looks */

static volatile sig_atomic_t stop_asked;

static void on_signal(int number)
{
    (void)number;
    stop_asked = 1;
}

static void print_plain(struct value *event)
{
    terminal_clean(event, NULL);
    const struct portico_value *given = value_public(event);
    struct buffer data = { 0 };
    const struct portico_value *content = portico_get(given, "data");
    if (content)
        json_write(&data, (const struct value *)(const void *)content);
    const char *text = buffer_text(&data);
    printf("%s  %-36s %-24s %s\n", portico_get_text(given, "time", "?"),
           portico_get_text(given, "type", "?"), portico_get_text(given, "subject", "-"),
           text ? text : "");
    buffer_free(&data);
}

static int64_t number(const struct value *object, const char *key)
{
    const struct value *member = value_get(object, text_of(key));
    return member && member->kind != PORTICO_NULL ? member->integer : 0;
}

static struct value *cloudevent(const struct value *object, struct arena *arena, const char *url)
{
    const struct portico_value *given = value_public(object);
    const struct value *data = value_get(object, TEXT("data"));
    const struct event_record record = {
        .id = number(object, "id"),
        .time = number(object, "time"),
        .person = number(object, "person"),
        .account = number(object, "account"),
        .type = portico_get_text(given, "type", ""),
        .source = portico_get_text(given, "source", ""),
        .subject = portico_get_text(given, "subject", ""),
        .trace = portico_get_text(given, "trace", ""),
        /* A value lies in one tree: the new one gets its own. */
        .data = data ? value_copy(arena, data) : NULL,
    };
    return event_to_cloudevent(&record, arena, url);
}

/* Prints those after `*after` that are wanted, and moves it; how many there were, or negative. */
static int print_some(const struct cli_call *call, struct cli_database *database, int64_t *after,
                      struct portico_error *error)
{
    const char *types = cli_value(call, "type");
    struct value *events = NULL;
    int code = event_list(database->session, NULL, *after, PAGE, &events, error);
    if (code < 0)
        return code;
    for (uint32_t i = 0; i < events->count; i++) {
        const struct value *object = events->items[i];
        *after = number(object, "sequence");
        if (types && !event_matches(types, portico_get_text(value_public(object), "type", "")))
            continue;
        struct value *event = cloudevent(object, database->arena, config_url(database->config));
        if (!event)
            return error_set(error, PORTICO_ENOMEM, "Memory ended while events were listed.");
        if (cli_value(call, "json"))
            cli_print_json(event);
        else
            print_plain(event);
    }
    fflush(stdout);
    return (int)events->count;
}

static int list(const struct cli_call *call, struct cli_database *database)
{
    const struct timespec pause = { .tv_nsec = FOLLOW_PERIOD };
    const struct sigaction action = { .sa_handler = on_signal };
    struct portico_error error = PORTICO_ERROR_INIT;
    int64_t after = 0;
    int count;
    if (cli_value(call, "follow")) {
        sigaction(SIGINT, &action, NULL);
        sigaction(SIGTERM, &action, NULL);
    }
    for (;;) {
        count = print_some(call, database, &after, &error);
        if (count < 0)
            return cli_fail(call, &error);
        if (count < PAGE && (!cli_value(call, "follow") || stop_asked || ferror(stdout)))
            return CLI_OK;
        if (count < PAGE)
            nanosleep(&pause, NULL);
        if (stop_asked)
            return CLI_OK;
        if (cli_database_renew(database) < 0)
            return CLI_FAILED;
    }
}

static const struct {
    struct cli_action action;
} actions[] = { { { "list", "", 0, 0 } } };

static int run(const struct cli_call *call)
{
    struct cli_database database = { 0 };
    if (!CLI_FIND_ACTION(call, actions))
        return CLI_USAGE;
    const char *types = cli_value(call, "type");
    struct portico_error error = PORTICO_ERROR_INIT;
    if (types && event_patterns_check(types, &error) < 0) {
        fprintf(stderr, "portico event: --type takes types of events: %s\n", error.message);
        return CLI_USAGE;
    }
    int exit = cli_database_open(call, &database);
    if (exit == 0)
        exit = list(call, &database);
    cli_database_close(&database);
    return exit;
}

static const struct cli_option options[] = {
    { "type", "TYPES",
      "Only these, separated by blanks; `portal.ideas.*` stands for all that begin so." },
    { "follow", NULL, "Goes on with what happens from now, until Ctrl-C." },
    { "json", NULL, "One CloudEvents object a line." },
};

const struct cli_command cli_event = {
    .name = "event",
    .summary = "list what happened in the portal",
    .arguments = "list",
    .arguments_least = 1,
    .arguments_most = 1,
    .description =
        "Prints the events that are kept, oldest first, beside a running portal or without one. "
        "How long they are kept says `events_keep` in [server].",
    CLI_OPTIONS(options),
    .run = run,
};
