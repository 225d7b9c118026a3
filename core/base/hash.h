/* A quick 128-bit sum of bytes, to tell whether they changed. No protection against somebody who
 * looks for two texts with one sum: what must resist that is signed or hashed with libsodium. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

struct hash_sum {
    uint64_t words[2];
};

struct hash_sum hash_sum_of(const void *bytes, size_t length);

#endif
