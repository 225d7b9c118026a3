#include "module/network.h"

#include <arpa/inet.h>
#include <string.h>

/* An IPv6 subscriber gets a /56 or /48, an IPv4 one a single address of a /24. */
#define IPV4_BYTES 3
#define IPV6_BYTES 7

const char *network_of(struct arena *arena, const char *address)
{
    unsigned char bytes[16];
    char text[INET6_ADDRSTRLEN];
    if (inet_pton(AF_INET, address, bytes) == 1) {
        memset(bytes + IPV4_BYTES, 0, 4 - IPV4_BYTES);
        inet_ntop(AF_INET, bytes, text, sizeof text);
        return arena_printf(arena, "%s/%d", text, IPV4_BYTES * 8);
    }
    if (inet_pton(AF_INET6, address, bytes) == 1) {
        memset(bytes + IPV6_BYTES, 0, 16 - IPV6_BYTES);
        inet_ntop(AF_INET6, bytes, text, sizeof text);
        return arena_printf(arena, "%s/%d", text, IPV6_BYTES * 8);
    }
    return arena_strdup(arena, address);
}
