/* The modules a config names, inspected without loading: what check, module and --settings show. */
#ifndef CLI_MODULES_H
#define CLI_MODULES_H

#include "cli/cli.h"
#include "module/registry.h"

struct cli_modules {
    struct config *config;
    struct registry *registry; /* NULL if the inspection found problems */
    size_t enabled;
};

/* Loads the config and inspects its enabled modules; problems are in the config's list. 0, or the
 * exit code after a message if the config could not be read at all. */
int cli_modules_inspect(const struct cli_call *call, struct cli_modules *ret_modules);
/* The same, but the registry has the modules that could be read though others could not. */
int cli_modules_inspect_sound(const struct cli_call *call, struct cli_modules *ret_modules);
void cli_modules_free(struct cli_modules *modules);
/* A module's descriptor as inspected, or NULL. */
const struct portico_module *cli_modules_descriptor(const struct cli_modules *modules,
                                                    const char *name);

/* The key as it stands in the file: a secret's ends in "_file". g_free it. */
char *cli_setting_key(const struct portico_setting *setting);
/* The section of a module in the config, or NULL. */
const struct config_module *cli_wanted_module(const struct config *config, const char *name);
/* For qsort and friends over an array of names. */
int cli_compare_names(const void *a, const void *b);
/* An item of a descriptor's list, whose items may be shorter than today's struct. */
const void *cli_list_at(const struct portico_list *list, uint32_t index);

#endif
