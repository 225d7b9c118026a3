/* Changes in a directory of sources, however deep. */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include <stdbool.h>

/* Watches `directory` and what lies in it, without `except` (an absolute path), hidden names and
 * node_modules. The descriptor to poll; negative with errno. */
int watch_open(const char *directory, const char *except);
/* Takes what happened; true if a file came, went or was written that is not an editor's own. New
 * directories are watched from now on. */
bool watch_read(int watch, const char *directory, const char *except);

#endif
