/* Asking the domain name system what somebody wrote there. */
#ifndef FETCH_DNS_H
#define FETCH_DNS_H

#include <portico/base.h>

/* Whether a TXT record of that name holds that text alone: 1; 0: none does. Waits some seconds at
 * most. `server`: "127.0.0.1:5353" instead of those the machine asks; NULL or "": those. EIO: no
 * answer came; EINVAL: `server` is none. */
int dns_has_text(const char *name, const char *text, const char *server,
                 struct portico_error *error);

#endif
