#include "fetch/address.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct network {
    const char *prefix;
    unsigned bits;
    const char *what;
};

static const struct network four[] = {
    { "0.0.0.0", 8, "this network" },
    { "10.0.0.0", 8, "private" },
    { "100.64.0.0", 10, "shared (carrier-grade NAT)" },
    { "127.0.0.0", 8, "loopback" },
    { "169.254.0.0", 16, "link-local" },
    { "172.16.0.0", 12, "private" },
    { "192.0.0.0", 24, "reserved for protocols" },
    { "192.0.2.0", 24, "for documentation" },
    { "192.88.99.0", 24, "6to4" },
    { "192.168.0.0", 16, "private" },
    { "198.18.0.0", 15, "for benchmarks" },
    { "198.51.100.0", 24, "for documentation" },
    { "203.0.113.0", 24, "for documentation" },
    { "224.0.0.0", 4, "multicast" },
    { "240.0.0.0", 4, "reserved" },
    /* Public by number, but it is the platform's own service on every machine of one cloud. */
    { "168.63.129.16", 32, "a cloud's own service" },
};

/* Named for the message; whatever is not in 2000::/3 is refused anyway. */
static const struct network six[] = {
    { "::", 128, "unspecified" },
    { "::1", 128, "loopback" },
    { "::ffff:0:0", 96, "IPv4 in IPv6" },
    { "::", 96, "IPv4 in IPv6" },
    { "64:ff9b::", 96, "NAT64" },
    { "64:ff9b:1::", 48, "NAT64" },
    { "100::", 64, "discarded" },
    { "2001::", 32, "Teredo" },
    { "2001::", 23, "reserved for protocols" },
    { "2001:db8::", 32, "for documentation" },
    { "2002::", 16, "6to4" },
    { "3fff::", 20, "for documentation" },
    { "fc00::", 7, "private" },
    { "fe80::", 10, "link-local" },
    { "fec0::", 10, "site-local" },
    { "ff00::", 8, "multicast" },
};

static bool is_within(const unsigned char *address, const unsigned char *prefix, unsigned bits)
{
    unsigned whole = bits / 8, left = bits % 8;
    if (memcmp(address, prefix, whole) != 0)
        return false;
    unsigned char mask = left ? (unsigned char)(0xff << (8 - left)) : 0;
    return !left || (address[whole] & mask) == (prefix[whole] & mask);
}

static const char *find_network(int family, const unsigned char *address,
                                const struct network *networks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        unsigned char prefix[sizeof(struct in6_addr)] = { 0 };
        inet_pton(family, networks[i].prefix, prefix);
        if (is_within(address, prefix, networks[i].bits))
            return networks[i].what;
    }
    return NULL;
}

const char *address_refusal(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)address;
        return find_network(AF_INET, (const void *)&in->sin_addr, four, sizeof four / sizeof *four);
    }
    if (address->sa_family != AF_INET6)
        return "of no known family";
    const struct sockaddr_in6 *in = (const void *)address;
    const unsigned char *bytes = in->sin6_addr.s6_addr;
    const char *what = find_network(AF_INET6, bytes, six, sizeof six / sizeof *six);
    return what || (bytes[0] & 0xe0) == 0x20 ? what : "not of the public internet";
}

static bool is_same(const struct sockaddr *a, const struct sockaddr *b)
{
    if (a->sa_family != b->sa_family)
        return false;
    if (a->sa_family == AF_INET)
        return ((const struct sockaddr_in *)(const void *)a)->sin_addr.s_addr ==
               ((const struct sockaddr_in *)(const void *)b)->sin_addr.s_addr;
    return a->sa_family == AF_INET6 &&
           memcmp(&((const struct sockaddr_in6 *)(const void *)a)->sin6_addr,
                  &((const struct sockaddr_in6 *)(const void *)b)->sin6_addr,
                  sizeof(struct in6_addr)) == 0;
}

bool address_is_own(const struct sockaddr *address)
{
    struct ifaddrs *interfaces = NULL;
    if (getifaddrs(&interfaces) != 0)
        return true; /* not known: then it might be */
    bool own = false;
    for (const struct ifaddrs *i = interfaces; i && !own; i = i->ifa_next)
        own = i->ifa_addr && is_same(i->ifa_addr, address);
    freeifaddrs(interfaces);
    return own;
}
