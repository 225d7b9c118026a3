/* Says in the shared page which handler thread took a fatal signal, then dies of it as usual. */
#ifndef SERVER_CRASH_H
#define SERVER_CRASH_H

#include "server/shared.h"

/* Once per worker. */
void crash_install(struct server_page *page);
/* On each thread that runs module code, with its slot; gives it a stack for signals of its own. */
void crash_claim(unsigned slot);
/* On the same thread, before it ends. */
void crash_release(void);

/* Both with the trace slot, as a pool calls them on each of its threads; `data` is not looked at.
 */
void crash_enter(unsigned slot, void *data);
void crash_leave(void *data);

#endif
