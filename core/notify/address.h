/* Mail addresses: the subset of RFC 5321 and 5322 that mail is really sent to. */
#ifndef NOTIFY_ADDRESS_H
#define NOTIFY_ADDRESS_H

#include "base/arena.h"

#include <portico/base.h>

struct mail_address {
    const char *name;    /* UTF-8, as people read it; NULL: none */
    const char *mailbox; /* local@domain in ASCII, the domain in lower case, IDN as xn-- */
};

/* "ana@example.com", "Ana <ana@example.com>" or "\"Ana, B.\" <ana@example.com>". EINVAL for
 * anything else: several addresses, comments, quoted local parts, address literals. */
int mail_address_parse(struct arena *arena, const char *text, struct mail_address *ret_address,
                       struct portico_error *error);

#endif
