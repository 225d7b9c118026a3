/* Where the program finds its own files: from the place of the executable, or from the config. */
#ifndef CONFIG_PATHS_H
#define CONFIG_PATHS_H

#include "config/config.h"

/* Absolute path of the running program. Lives as long as the process. */
const char *paths_executable(void);
/* ../share/portico from the executable: templates/, locale/, migrations/, static/. Lives as long as
 * the process. */
const char *paths_share_directory(void);
/* Where module directories lie: [modules] directories, then ../modules, ../lib/portico/modules and
 * ../lib/ARCHITECTURE/portico/modules from the executable. NULL-terminated; borrowed from the
 * config. */
const char *const *paths_module_directories(const struct config *config);
/* The directory of one module: its `path`, or the first of the above that holds a directory NAME.
 * NULL if there is none; else free() it. */
char *paths_module_directory(const struct config *config, const char *name);

#endif
