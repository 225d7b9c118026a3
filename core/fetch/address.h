/* Which addresses a portal's modules may reach: only those of the public internet. */
#ifndef FETCH_ADDRESS_H
#define FETCH_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

/* Why no module may connect to it, such as "loopback"; NULL: it is a public address. By the special
 * registries of IANA for IPv4 and IPv6; anything but those two families is refused. */
const char *address_refusal(const struct sockaddr *address);
/* True if a network interface of this machine has it. */
bool address_is_own(const struct sockaddr *address);

#endif
