/* Methods that the portal itself calls on a thread of their own: whoever waits for one waits no
 * longer than a time, whatever the module does. */
#ifndef MODULE_APART_H
#define MODULE_APART_H

#include "module/services.h"

#define APART_MAX 16      /* at once in this process, those that do not return included */
#define APART_OF_METHOD 8 /* of one method */

/* What each such thread does first and last: the server's crash handlers. Before other threads. */
void apart_use(void (*enter)(unsigned slot, void *data), void (*leave)(void *data));
/* How many run: while there are any, what they use must not be freed. Any thread. */
unsigned apart_running(void);

/* Calls `SERVICE/METHOD` for nobody, in that language, and waits at most `time` µs. The result is
 * in `arena`. ENOTSUP: there is no such method; EBUSY: too many run, or it is switched off after
 * crashes; ETIMEDOUT: it had not returned by then, and what it does still is dropped; otherwise as
 * services_call_method. Not for the loop's thread. */
int apart_call(struct module_host *host, const char *service, const char *method,
               const struct value *arguments, const char *locale, int64_t time, struct arena *arena,
               struct value **ret_result, struct portico_error *error);

#endif
