/* A descriptor as a newer SDK would make it: larger than this host knows, at the end of every
 * struct. */
#ifndef HARNESS_NEWER_H
#define HARNESS_NEWER_H

#include <portico/module.h>

/* Lives as long as the process; `foreign` itself when memory ended. */
const struct portico_module *newer_descriptor(const struct portico_module *foreign);

#endif
