/* `portico module check`: what the author of a module should mend before others install it. */
#include "cli/module.h"
#include "config/paths.h"
#include "module/examine.h"

#include <glib.h>
#include <stdio.h>

#define NAMED_MAX 20 /* missing texts of a language in one line */

static const char *const weights[] = {
    [EXAMINE_ADVICE] = "advice",
    [EXAMINE_ERROR] = "error",
};

/* Findings as rows of { "weight", "rule", "message" }. */
static void keep(enum examine_weight weight, const char *rule, const char *sentence, void *data)
{
    struct value *findings = data;
    struct value *row = value_new(findings->arena, PORTICO_OBJECT);
    value_set_text(row, "weight", weights[weight]);
    value_set_text(row, "rule", rule);
    value_set_text(row, "message", sentence);
    value_append(findings, row);
}

static const char *text_in(const struct value *object, const char *key)
{
    const struct value *value = value_get(object, text_of(key));
    return value ? value->text : "";
}

static void print_findings(const struct value *findings, const char *file, unsigned errors,
                           unsigned advice)
{
    for (uint32_t i = 0; i < findings->count; i++) {
        const struct value *row = findings->items[i];
        printf("%-6s  %-16s  %s\n", text_in(row, "weight"), text_in(row, "rule"),
               text_in(row, "message"));
    }
    printf("%s%s", findings->count ? "\n" : "", file);
    if (!errors && !advice)
        printf(" is fine.\n");
    else
        printf(": %u error%s, %u piece%s of advice.\n", errors, errors == 1 ? "" : "s", advice,
               advice == 1 ? "" : "s");
}

int module_check(const struct cli_call *call, struct config *config, struct arena *arena)
{
    (void)config;
    struct module_place place;
    int exit = module_find_place(call, call->arguments[1], arena, &place);
    if (exit)
        return exit;
    struct value *findings = value_new(arena, PORTICO_LISTING);
    struct examine_report report = { .say = keep,
                                     .data = findings,
                                     .named = cli_value(call, "json") ? 0 : NAMED_MAX };
    const struct loader_options options = { .directory = place.directory,
                                            .id = place.id,
                                            .inspect_only = true };
    const char *file = arena_printf(arena, "%s/%s.so", place.directory, place.id);
    bool good = examine_module(&options, paths_share_directory(), arena, &report);
    if (cli_value(call, "json")) {
        struct value *row = value_new(arena, PORTICO_OBJECT);
        value_set_text(row, "file", file);
        value_set_boolean(row, "valid", good);
        value_set_integer(row, "errors", report.errors);
        value_set_integer(row, "advice", report.advice);
        value_set(row, TEXT("findings"), findings);
        cli_print_json(row);
    } else {
        print_findings(findings, file, report.errors, report.advice);
    }
    return good ? CLI_OK : CLI_FAILED;
}
