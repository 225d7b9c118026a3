/* Facts about accounts: keys, types, and what people read of them. */
#include "module/check.h"

#include <stdio.h>

static void check_fact(const struct portico_account_fact *fact, struct descriptor_report *report)
{
    char what[120];
    snprintf(what, sizeof what, "The fact \"%.64s\" of .account_facts", fact->key);
    bool is_choice = fact->type == PORTICO_FACT_CHOICE;
    if (!check_is_word(fact->key, "_"))
        descriptor_say(report, "%s is not lower-case words joined by \"_\": rename it.", what);
    if (!*fact->title)
        descriptor_say(report, "%s has an empty .title, by which people know it: set it.", what);
    if (fact->type < PORTICO_FACT_TEXT || fact->type > PORTICO_FACT_CHOICE)
        descriptor_say(report, "%s has the type %u, which is none: set one of PORTICO_FACT_….",
                       what, fact->type);
    if (is_choice && (!fact->choices || !*fact->choices))
        descriptor_say(report, "%s has no .choices to be one of: write lines \"value=Title\".",
                       what);
    if (!is_choice && fact->choices)
        descriptor_say(report, "%s has .choices but is no PORTICO_FACT_CHOICE: take them out.",
                       what);
}

void check_facts(const struct portico_module *module, struct descriptor_report *report)
{
    const struct portico_account_fact *facts = module->account_facts.items;
    for (uint32_t i = 0; i < module->account_facts.count; i++) {
        check_fact(&facts[i], report);
        for (uint32_t other = 0; other < i; other++)
            if (strcmp(facts[other].key, facts[i].key) == 0)
                descriptor_say(report,
                               "The fact \"%.64s\" of .account_facts is given twice: remove one.",
                               facts[i].key);
    }
}
