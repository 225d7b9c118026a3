/* Kinds of notices: names, and what people read of them. */
#include "module/check.h"

void check_notices(const struct portico_module *module, struct descriptor_report *report)
{
    const struct portico_notice_kind *kinds = module->notices.items;
    for (uint32_t i = 0; i < module->notices.count; i++) {
        if (!check_is_word(kinds[i].name, "-"))
            descriptor_say(report,
                           "The kind of notice \"%.80s\" is not lower-case words joined by \"-\": "
                           "rename it.",
                           kinds[i].name);
        for (uint32_t other = 0; other < i; other++)
            if (strcmp(kinds[other].name, kinds[i].name) == 0)
                descriptor_say(report,
                               "The kind of notice \"%.80s\" is given twice: give one another "
                               "name.",
                               kinds[i].name);
        if (!*kinds[i].title)
            descriptor_say(report,
                           "The kind of notice \"%.80s\" has an empty .title: people choose by it.",
                           kinds[i].name);
        if (kinds[i].mail > 1)
            descriptor_say(
                report,
                "The kind of notice \"%.80s\" has .mail %u: set 1 to send mail until it is "
                "switched off, 0 to send it once it is switched on.",
                kinds[i].name, kinds[i].mail);
    }
}
