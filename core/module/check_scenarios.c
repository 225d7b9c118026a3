/* Scenarios and their steps: names, types of events, what ties runs together. */
#include "base/error.h"
#include "event/event.h"
#include "module/check.h"

#include <stdio.h>

#define SCENARIO_MAX_ABANDON (24u * 366u)

static void check_types(const char *what, const char *member, const char *types,
                        struct descriptor_report *report)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!types || !*types)
        descriptor_say(report,
                       "%s has no .%s: name the types of events, such as "
                       "\"portal.ideas.idea.voted\".",
                       what, member);
    else if (event_patterns_check(types, &error) < 0)
        descriptor_say(report, "The .%s of %s is wrong: %s", member, what, error.message);
}

static const struct portico_scenario *find(const struct portico_module *module, const char *id)
{
    const struct portico_scenario *scenarios = module->scenarios.items;
    for (uint32_t i = 0; i < module->scenarios.count; i++)
        if (strcmp(scenarios[i].id, id) == 0)
            return &scenarios[i];
    return NULL;
}

/* A member of the events' data, as JSON names members. */
static bool is_member(const char *name)
{
    return *name && strlen(name) <= 64 &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
               strlen(name);
}

static void check_scenario(const struct portico_module *module, uint32_t index,
                           struct descriptor_report *report)
{
    const struct portico_scenario *scenario =
        (const struct portico_scenario *)module->scenarios.items + index;
    char what[100];
    snprintf(what, sizeof what, "The scenario \"%.64s\"", scenario->id);
    if (!check_is_word(scenario->id, "-_"))
        descriptor_say(report, "%s is not named by a lower-case word: rename it.", what);
    if (find(module, scenario->id) != scenario)
        descriptor_say(report, "%s is given twice: give one another id.", what);
    check_types(what, "starts", scenario->starts, report);
    check_types(what, "finishes", scenario->finishes, report);
    if (scenario->correlate && !is_member(scenario->correlate))
        descriptor_say(report,
                       "The .correlate of %s is \"%.40s\": write \"subject\" or the name of a "
                       "member of the events' data.",
                       what, scenario->correlate);
    if (scenario->abandon_hours > SCENARIO_MAX_ABANDON)
        descriptor_say(report, "%s waits %u hours for news: %u (a year) is the most: shorten it.",
                       what, scenario->abandon_hours, SCENARIO_MAX_ABANDON);
}

static void check_step(const struct portico_module *module, uint32_t index,
                       struct descriptor_report *report)
{
    const struct portico_scenario_step *steps = module->scenario_steps.items;
    const struct portico_scenario_step *step = &steps[index];
    char what[180];
    snprintf(what, sizeof what, "The step \"%.64s\" of scenario \"%.64s\"", step->id,
             step->scenario);
    if (!check_is_word(step->id, "-_"))
        descriptor_say(report, "%s is not named by a lower-case word: rename it.", what);
    if (!find(module, step->scenario))
        descriptor_say(report, "%s belongs to none of .scenarios: correct the .scenario.", what);
    for (uint32_t other = 0; other < index; other++)
        if (strcmp(steps[other].scenario, step->scenario) == 0 &&
            strcmp(steps[other].id, step->id) == 0)
            descriptor_say(report, "%s is given twice: give one another id.", what);
    check_types(what, "passes", step->passes, report);
}

void check_scenarios(const struct portico_module *module, struct descriptor_report *report)
{
    for (uint32_t i = 0; i < module->scenarios.count; i++)
        check_scenario(module, i, report);
    for (uint32_t i = 0; i < module->scenario_steps.count; i++)
        check_step(module, i, report);
}
