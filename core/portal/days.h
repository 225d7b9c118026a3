/* Days that came and sessions that are over, and how the portal tells of them: the host's job
 * "tell-days". */
#ifndef PORTAL_DAYS_H
#define PORTAL_DAYS_H

#include "module/registry.h"

#define DAYS_JOB "tell-days"

/* One run. A module is not asked whether a day came: where one of its handlers in the transaction
 * refuses, and with `insist` where it fails, the day is told without these. */
struct days_run {
    struct module_host *host;
    struct store_session *session; /* for looking; each day has a transaction of its own */
    bool insist;
    bool (*must_stop)(void *data); /* asked before each: EBUSY */
    void *data;
};
/* One day that cannot be told holds no other up: the first error is returned once all were tried,
 * and what is left is told by the next run. */
int days_tell(const struct days_run *run, struct portico_error *error);

#endif
