#include "cli/modules.h"

#include "config/paths.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

static int inspect(const struct cli_call *call, bool keep_sound, struct cli_modules *ret_modules)
{
    struct cli_modules modules = { 0 };
    int code = cli_load(call, &modules.config);
    if (code)
        return code;
    for (size_t i = 0; i < config_module_count(modules.config); i++)
        modules.enabled += config_module_at(modules.config, i)->enabled;
    struct registry_options options = {
        .config = modules.config,
        .directories = paths_module_directories(modules.config),
        .inspect_only = true,
        .keep_sound = keep_sound,
    };
    struct portico_error error = PORTICO_ERROR_INIT;
    size_t before = config_problem_count(modules.config);
    code = registry_new(&options, &modules.registry, &error);
    /* What the registry refuses it lists among the problems; only a failure of its own is not
     * there. */
    if (code < 0 && config_problem_count(modules.config) == before)
        config_add_problem(modules.config, NULL, NULL, "%s", error.message);
    *ret_modules = modules;
    return 0;
}

int cli_modules_inspect(const struct cli_call *call, struct cli_modules *ret_modules)
{
    return inspect(call, false, ret_modules);
}

int cli_modules_inspect_sound(const struct cli_call *call, struct cli_modules *ret_modules)
{
    return inspect(call, true, ret_modules);
}

void cli_modules_free(struct cli_modules *modules)
{
    registry_free(modules->registry);
    config_free(modules->config);
    *modules = (struct cli_modules){ 0 };
}

const struct portico_module *cli_modules_descriptor(const struct cli_modules *modules,
                                                    const char *name)
{
    struct module *module = modules->registry ? registry_find(modules->registry, name) : NULL;
    return module ? module_descriptor(module) : NULL;
}

char *cli_setting_key(const struct portico_setting *setting)
{
    return g_strdup_printf("%s%s", setting->key,
                           setting->type == PORTICO_SETTING_SECRET ? "_file" : "");
}

const struct config_module *cli_wanted_module(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config_module_count(config); i++)
        if (strcmp(config_module_at(config, i)->name, name) == 0)
            return config_module_at(config, i);
    return NULL;
}

int cli_compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const void *cli_list_at(const struct portico_list *list, uint32_t index)
{
    return index < list->count ? (const char *)list->items + (size_t)index * list->item_size : NULL;
}
