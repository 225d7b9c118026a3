#include "module/network.h"

#include "limit/limit.h"

const char *network_of(struct arena *arena, const char *address)
{
    char network[LIMIT_NETWORK_SIZE];
    limit_network(address, network);
    return arena_strdup(arena, network);
}
