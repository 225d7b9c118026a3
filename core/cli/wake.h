/* Commands that queue work beside a running portal: its jobs processes look at once. */
#ifndef CLI_WAKE_H
#define CLI_WAKE_H

#include "config/config.h"

/* Wakes the portal that runs with this data directory; without one nobody needs to. */
void wake_portal(const struct config *config);
/* From now on every commit of this process that queues work does, at most ten times a second. */
void wake_follow(const struct config *config);
/* Wakes it for what was queued since it was last woken. The config may go after it. */
void wake_end(void);

#endif
