/* What the modules of one generation need of each other: there, new enough, and without circles. */
#ifndef MODULE_NEEDS_H
#define MODULE_NEEDS_H

#include "module/module.h"

/* Checks what each module uses and puts those that others use first; otherwise the order of the
 * config stays. Problems go to the config's list. A module calls services only of modules it uses,
 * so every chain of calls goes from later to earlier ones: no circle of locks can come of it. */
void needs_order(struct registry *registry);

/* The module that offers what a use names, in the version it names; NULL: nobody does. For a
 * service `ret_service` is its place in the provider's list. */
struct module *needs_provider(const struct registry *registry, const struct use *use,
                              const struct portico_service **ret_service);

#endif
