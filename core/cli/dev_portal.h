/* The portal that `portico module dev` makes for a module, below its build directory. */
#ifndef CLI_DEV_PORTAL_H
#define CLI_DEV_PORTAL_H

#include "cli/cli.h"

#include "base/arena.h"

struct dev_portal {
    const char *beside; /* the directory of the module's sources: others stand beside it */
    const char *build;  /* where they are built; the portal is in portal/ below */
    const char *config; /* its config */
    const char *listen;
    const char *with; /* other modules it runs, by name or path, separated by blanks; NULL: none */
};

/* Writes the config for a module that was built into `directory`. False after a message. */
bool dev_portal_write(const struct dev_portal *portal, const char *id, const char *directory,
                      struct arena *arena);
/* Whether migrations that its database has had were changed or removed since. */
bool dev_portal_has_changed_migrations(const struct dev_portal *portal);

#endif
