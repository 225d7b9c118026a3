/* `portico why`: may somebody do or see something, and through what. */
#include "identity/why.h"
#include "cli/alone.h"
#include "cli/manage.h"
#include "identity/account.h"
#include "identity/person.h"
#include "portal/reasons.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One call at work. */
struct asked {
    const struct cli_call *call;
    struct room room;
    struct arena *arena;
    struct store_session *session; /* as the host itself: no row is hidden */
    struct identity_question question;
    struct portico_error error;
};

/* ---- the question ---- */

static int read_people(struct asked *asked)
{
    const char *who = cli_value(asked->call, "person"), *at = cli_value(asked->call, "account");
    struct identity_person person = { 0 };
    struct identity_account account = { 0 };
    int code = who ? identity_person_named(asked->session, who, &person, &asked->error) : 0;
    if (code == 0 && at)
        code = identity_account_named(asked->session, at, &account, &asked->error);
    asked->question.person = person.id;
    asked->question.account = account.id;
    return code;
}

static int read_route(struct asked *asked, const char *written)
{
    const struct module_route *route = NULL;
    int code = reasons_route(asked->room.registry, written, &route, &asked->error);
    if (code < 0)
        return code;
    reasons_of_route(route, &asked->question);
    printf("%s needs %s.\n", route->label,
           route->route.permission ? route->route.permission : "nothing");
    return 0;
}

/* ---- the answer ---- */

static void print_answer(const struct asked *asked, const struct identity_why *why)
{
    printf("%s\n", why->yes ? "Yes." : "No.");
    for (size_t i = 0; i < why->count; i++)
        printf("  %s %s\n", why->reasons[i].good ? "+" : "-",
               page_translate(asked->room.pages, "portico", asked->arena, "en",
                              why->reasons[i].words, why->reasons[i].arguments));
    if (why->giver_count == 0)
        return;
    printf("Who could give it:");
    for (size_t i = 0; i < why->giver_count; i++) {
        const char *name = why->givers[i].name;
        printf("%s %s", i ? "," : "",
               cli_shown(asked->arena, &(struct value_cell){ .kind = PORTICO_TEXT,
                                                             .text = name,
                                                             .length = (uint32_t)strlen(name) }));
    }
    printf("\n");
}

static void print_json(const struct asked *asked, const struct identity_why *why)
{
    struct value *answer = value_new(asked->arena, PORTICO_OBJECT);
    struct portico_value *shown = value_public(answer);
    if (!answer)
        return;
    reasons_show(asked->room.pages, asked->arena, "en", why, shown);
    struct portico_value *list = portico_set_list(shown, "givers");
    for (size_t i = 0; i < why->giver_count; i++)
        portico_append_text(list, why->givers[i].handle);
    cli_print_json(answer);
}

static int ask(struct asked *asked)
{
    struct identity_why why;
    const char *route = cli_value(asked->call, "route"), *row = cli_value(asked->call, "object");
    asked->arena = arena_new(0);
    if (!asked->arena)
        return error_set(&asked->error, PORTICO_ENOMEM, "Memory ended.");
    asked->session = store_session_new(asked->room.store, asked->arena, &store_viewer_host, "core");
    if (!asked->session)
        return error_set(&asked->error, PORTICO_ENOMEM, "Memory ended.");
    registry_declare(asked->room.registry, asked->room.identity);
    int code = read_people(asked);
    if (code == 0 && row)
        code = reasons_row(asked->session, row, &asked->question, &asked->error);
    else if (code == 0 && route)
        code = read_route(asked, route);
    else
        asked->question.permission = cli_value(asked->call, "permission");
    if (code == 0)
        code = identity_why(asked->room.identity, asked->session, &asked->question, &why,
                            &asked->error);
    if (code == 0 && cli_value(asked->call, "json"))
        print_json(asked, &why);
    else if (code == 0)
        print_answer(asked, &why);
    return code;
}

static int run(const struct cli_call *call)
{
    struct asked asked = { .call = call, .error = PORTICO_ERROR_INIT };
    static const char *const of[] = { "route", "object", "permission" };
    size_t given = 0;
    for (size_t i = 0; i < sizeof of / sizeof *of; i++)
        given += cli_value(call, of[i]) != NULL;
    if (given != 1) {
        fputs("portico why: say one of --route, --object and --permission.\n", stderr);
        return CLI_USAGE;
    }
    int exit = alone_open(call, "why", &asked.room);
    if (exit == 0 && ask(&asked) < 0)
        exit = cli_fail(call, &asked.error);
    store_session_end(asked.session);
    arena_free(asked.arena);
    alone_close(&asked.room);
    return exit;
}

static const struct cli_option options[] = {
    { "person", "WHO", "A handle, an address or an id; without it, somebody not signed in." },
    { "account", "ACCOUNT", "The account they act in; without it, the one they act in now." },
    { "route", "ROUTE", "A method and a path, such as \"GET /admin\"." },
    { "object", "TABLE/ID", "A row of a module, such as communities_topic/123." },
    { "permission", "NAME", "A permission, such as portico.admin." },
    { "json", NULL, "One JSON object." },
};

const struct cli_command cli_why = {
    .name = "why",
    .summary = "say why somebody may do or see something, or not",
    .arguments = "",
    .description =
        "Answers from the same roles, memberships and audiences that decide when they ask the "
        "portal, and says each link of the chain: who they are, where they belong, what they act "
        "as, and what the route or the row asks for. Where a permission is lacking it names "
        "people who could give a role that holds it.\n\n"
        "A route's own checks come after its permission: what a page shows of single rows is "
        "asked by --object.",
    CLI_OPTIONS(options),
    .run = run,
};
