/* 63-bit time-ordered ids: milliseconds since 2020, a process and a sequence. Thread-safe. */
#ifndef BASE_ID_H
#define BASE_ID_H

#include <stdint.h>

/* 41 bits of milliseconds since 2020-01-01, 10 bits of slot, 12 bits of sequence. A portal's
 * workers have slots 1 to this one; the half above is for commands that run beside it. */
#define ID_SLOT_WORKERS 511u

/* Sets a worker's slot, 1 to ID_SLOT_WORKERS; call before its first id_new. A process that sets
 * none draws a place among the commands', so that two in one millisecond hardly ever meet. */
void id_set_slot(unsigned slot);
/* A new id, greater than every earlier one of this process even when the clock steps back. */
int64_t id_new(void);
/* The smallest id of a moment (microseconds UTC): ids of imported rows keep their order in time. */
int64_t id_at(int64_t time);
/* When an id was made, microseconds UTC, to the millisecond; 0 for what is no id. */
int64_t id_time(int64_t id);

#endif
