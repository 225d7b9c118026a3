/* 63-bit time-ordered ids: milliseconds since 2020, node, process and a sequence. Thread-safe. */
#ifndef BASE_ID_H
#define BASE_ID_H

#include <stdint.h>

/* 41 bits of milliseconds since 2020-01-01, 10 bits of slot (node and process), 12 bits of
 * sequence. */
#define ID_SLOT_MAX 1023u

/* Sets this process's slot; call once before id_new in every process that makes ids. */
void id_set_slot(unsigned slot);
/* A new id, greater than every earlier one of this process even when the clock steps back. */
int64_t id_new(void);
/* The smallest id of a moment (microseconds UTC): ids of imported rows keep their order in time. */
int64_t id_at(int64_t time);
/* When an id was made, microseconds UTC, to the millisecond; 0 for what is no id. */
int64_t id_time(int64_t id);

#endif
