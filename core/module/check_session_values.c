/* Values of sessions: keys, types, and how long a text may be. */
#include "module/check.h"
#include "module/session_values.h"

#include <stdio.h>

/* What is kept of a choice is what stands before its "=". */
static void check_choices(const struct portico_session_value *value, const char *what,
                          struct descriptor_report *report)
{
    for (const char *line = value->choices; line && *line;) {
        const size_t length = strcspn(line, "\n"), kept = strcspn(line, "=\n");
        if (kept > SESSION_VALUES_CHOICE_MAX)
            descriptor_say(report,
                           "%s has the choice \"%.40s…\" of %zu bytes, and a session keeps %d of "
                           "one: write a short word before \"=\", and the words for people behind "
                           "it.",
                           what, line, kept, SESSION_VALUES_CHOICE_MAX);
        line += length + (line[length] == '\n');
    }
}

static void check_value(const struct portico_session_value *value, struct descriptor_report *report)
{
    char what[120];
    snprintf(what, sizeof what, "The value \"%.64s\" of .session_values", value->key);
    const bool is_choice = value->type == PORTICO_FACT_CHOICE;
    if (!check_is_word(value->key, "_"))
        descriptor_say(report, "%s is not lower-case words joined by \"_\": rename it.", what);
    if (!*value->title)
        descriptor_say(report, "%s has an empty .title, by which people know it: set it.", what);
    if (value->type < PORTICO_FACT_TEXT || value->type > PORTICO_FACT_CHOICE)
        descriptor_say(report, "%s has the type %u, which is none: set one of PORTICO_FACT_….",
                       what, value->type);
    if (value->flags & ~(uint32_t)(PORTICO_SESSION_SHARED | PORTICO_SESSION_REQUIRED))
        descriptor_say(report,
                       "%s has .flags 0x%x, of which some are none: set those of "
                       "PORTICO_SESSION_… alone.",
                       what, value->flags);
    if (value->reserved)
        descriptor_say(report, "%s has something in .reserved: leave it 0.", what);
    if (is_choice && (!value->choices || !*value->choices))
        descriptor_say(report, "%s has no .choices to be one of: write lines \"value=Title\".",
                       what);
    if (!is_choice && value->choices)
        descriptor_say(report, "%s has .choices but is no PORTICO_FACT_CHOICE: take them out.",
                       what);
    if (is_choice)
        check_choices(value, what, report);
    if (value->maximum_length > SESSION_VALUES_TEXT_MAX)
        descriptor_say(report, "%s takes texts of %u characters: write at most %d.", what,
                       value->maximum_length, SESSION_VALUES_TEXT_MAX);
}

void check_session_values(const struct portico_module *module, struct descriptor_report *report)
{
    const struct portico_session_value *values = module->session_values.items;
    const uint32_t count = module->session_values.count;
    size_t characters = 0;
    if (count > PORTICO_SESSION_VALUES_MAX)
        descriptor_say(report, "There are %u .session_values, and %d is the most: take some out.",
                       count, PORTICO_SESSION_VALUES_MAX);
    for (uint32_t i = 0; i < count; i++) {
        check_value(&values[i], report);
        if (values[i].type == PORTICO_FACT_TEXT)
            characters += session_values_most(&values[i]);
        for (uint32_t other = 0; other < i; other++)
            if (strcmp(values[other].key, values[i].key) == 0)
                descriptor_say(report,
                               "The value \"%.64s\" of .session_values is given twice: remove one.",
                               values[i].key);
    }
    if (characters > SESSION_VALUES_CHARACTERS)
        descriptor_say(report,
                       "The texts of .session_values may have %zu characters together, and %d is "
                       "the most of one module: set .maximum_length, %d where it is 0.",
                       characters, SESSION_VALUES_CHARACTERS, SESSION_VALUES_TEXT_USUAL);
}
