/* The gate before hashing: threads of low priority that do nothing else, and a short queue. */
#ifndef IDENTITY_GATE_H
#define IDENTITY_GATE_H

#include <portico/base.h>

#include <stdbool.h>

struct identity_gate;

/* Its threads start with the first work. */
struct identity_gate *identity_gate_new(unsigned threads);
void identity_gate_free(struct identity_gate *gate); /* nobody waits any more; accepts NULL */
/* Runs the work on one of the threads and waits for it. EBUSY: the queue is full. */
int identity_gate_run(struct identity_gate *gate, void (*work)(void *data), void *data,
                      struct portico_error *error);

#endif
