#include "base/hash.h"

#include <string.h>

/* Odd numbers without a pattern: the first digits of pi and of e. */
#define FIRST UINT64_C(0x243f6a8885a308d3)
#define SECOND UINT64_C(0x13198a2e03707345)
#define THIRD UINT64_C(0xb7e151628aed2a6b)
#define FOURTH UINT64_C(0xbf7158809cf4f3c7)

/* Both halves of the product, each of which depends on all bits of both factors. */
static uint64_t fold(uint64_t a, uint64_t b)
{
    __extension__ unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static void add(struct hash_sum *sum, uint64_t left, uint64_t right)
{
    sum->words[0] = fold(left ^ FIRST ^ sum->words[0], right ^ SECOND);
    sum->words[1] = fold(left ^ THIRD, right ^ FOURTH ^ sum->words[1]) + sum->words[0];
}

struct hash_sum hash_sum_of(const void *bytes, size_t length)
{
    struct hash_sum sum = { { THIRD, FIRST } };
    const unsigned char *at = bytes;
    uint64_t pair[2];
    for (size_t left = length; left; at += sizeof pair) {
        size_t step = left < sizeof pair ? left : sizeof pair;
        if (step == sizeof pair) {
            memcpy(pair, at, sizeof pair);
        } else {
            memset(pair, 0, sizeof pair);
            memcpy(pair, at, step);
        }
        add(&sum, pair[0], pair[1]);
        left -= step;
    }
    add(&sum, length, ~(uint64_t)length);
    return sum;
}
