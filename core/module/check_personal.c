/* Personal data: hooks by name, tables against what the migrations make. */
#include "base/error.h"
#include "module/check.h"
#include "store/personal.h"

#include <glib.h>

void check_personal_hooks(const struct portico_module *module, struct descriptor_report *report)
{
    const struct portico_personal_hook *hooks = module->personal_hooks.items;
    for (uint32_t i = 0; i < module->personal_hooks.count; i++) {
        if (!check_is_word(hooks[i].name, "-_"))
            descriptor_say(report,
                           "The personal-data hook \"%.64s\" is not a lower-case word: rename it.",
                           hooks[i].name);
        for (uint32_t other = 0; other < i; other++)
            if (strcmp(hooks[other].name, hooks[i].name) == 0)
                descriptor_say(report,
                               "The personal-data hook \"%.64s\" is given twice: remove one.",
                               hooks[i].name);
    }
}

static void say(const char *sentence, void *data)
{
    descriptor_say(data, "%s", sentence);
}

void check_personal(const struct portico_module *module, const char *directory,
                    struct descriptor_report *report)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct personal_shape *shape = NULL;
    /* Built before there was such a list: it could not say. */
    if (!module->personal_data.item_size)
        return;
    char *migrations = g_build_filename(directory, "migrations", NULL);
    const struct migrate_source source = { .module = module->id, .directory = migrations };
    if (personal_shape_new(&source, &shape, &error) < 0)
        descriptor_say(report, "%s", error.message);
    else
        personal_check(shape, module->personal_data.items, module->personal_data.count, say,
                       report);
    personal_shape_free(shape);
    g_free(migrations);
}
