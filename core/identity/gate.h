/* The gate before hashing: a few processes of low priority that do nothing else, and a short queue.
 *
 * argon2id fills 19 MiB for each hash. Where a thread of the worker maps and unmaps them at low
 * priority, every other thread that needs memory of the kernel meanwhile waits for it. */
#ifndef IDENTITY_GATE_H
#define IDENTITY_GATE_H

#include "identity/hasher.h"

struct identity_gate;

/* At most so many processes, each this program again (hasher.h); the first starts with the first
 * question. */
struct identity_gate *identity_gate_new(unsigned processes);
void identity_gate_free(struct identity_gate *gate); /* nobody waits any more; accepts NULL */
/* Has a process answer and waits for it; a process that dies over it is replaced once. EBUSY: the
 * queue is full, or no process answers. */
int identity_gate_ask(struct identity_gate *gate, const struct identity_hash_question *question,
                      struct identity_hash_answer *ret_answer, struct portico_error *error);
/* Ends processes that were asked nothing for so many µs, and waits for none: to be called now and
 * then, by one thread. EIO: there was trouble since the last call, as the error says. */
int identity_gate_tend(struct identity_gate *gate, int64_t idle, struct portico_error *error);

#endif
