#include "base/id.h"

#include "base/clock.h"

#include <stdatomic.h>
#include <sys/random.h>
#include <unistd.h>

#define EPOCH_MS INT64_C(1577836800000) /* 2020-01-01T00:00:00Z */
#define SLOT_BITS 10
#define SEQUENCE_BITS 12

/* Where this process's ids lie in a millisecond: its slot, and the sequence it begins with, packed;
 * 0 until one is set or drawn. */
static _Atomic int64_t place;
/* Milliseconds since the epoch and sequence of the last id, packed; it only ever grows. */
static _Atomic int64_t last;

void id_set_slot(unsigned number)
{
    atomic_store(&place, (int64_t)(number & ID_SLOT_WORKERS) << SEQUENCE_BITS);
}

/* Commands are not counted by anybody, and many may run in one millisecond. */
static int64_t draw_place(void)
{
    uint32_t drawn = 0;
    int64_t none = 0;
    if (getrandom(&drawn, sizeof drawn, GRND_NONBLOCK) != (ssize_t)sizeof drawn)
        drawn = (uint32_t)clock_now() ^ (uint32_t)getpid() * UINT32_C(2654435761);
    int64_t slot = ID_SLOT_WORKERS + 1 + (drawn & ID_SLOT_WORKERS);
    int64_t begin = drawn >> 16 & ((1 << (SEQUENCE_BITS - 1)) - 1);
    atomic_compare_exchange_strong(&place, &none, slot << SEQUENCE_BITS | begin);
    return atomic_load(&place);
}

static int64_t compose(int64_t tick, int64_t slot)
{
    int64_t milliseconds = tick >> SEQUENCE_BITS;
    int64_t sequence = tick & ((1 << SEQUENCE_BITS) - 1);
    return milliseconds << (SLOT_BITS + SEQUENCE_BITS) | slot << SEQUENCE_BITS | sequence;
}

int64_t id_new(void)
{
    int64_t mine = atomic_load_explicit(&place, memory_order_relaxed);
    if (!mine)
        mine = draw_place();
    int64_t begin = mine & ((1 << SEQUENCE_BITS) - 1);
    int64_t now = (clock_now() / 1000 - EPOCH_MS) << SEQUENCE_BITS | begin;
    int64_t before = atomic_load_explicit(&last, memory_order_relaxed);
    int64_t next;
    do /* a clock that steps back, or 4,096 ids in a millisecond, borrow from the future */
        next = now > before ? now : before + 1;
    while (!atomic_compare_exchange_weak_explicit(&last, &before, next, memory_order_relaxed,
                                                  memory_order_relaxed));
    return compose(next, mine >> SEQUENCE_BITS);
}

int64_t id_at(int64_t time)
{
    int64_t milliseconds = time / 1000 - EPOCH_MS;
    return milliseconds <= 0 ? 1 : milliseconds << (SLOT_BITS + SEQUENCE_BITS);
}

int64_t id_time(int64_t id)
{
    return id <= 0 ? 0 : ((id >> (SLOT_BITS + SEQUENCE_BITS)) + EPOCH_MS) * 1000;
}
