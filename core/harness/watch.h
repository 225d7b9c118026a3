/* What a module takes from the system and must give back: memory, threads, file descriptors. */
#ifndef HARNESS_WATCH_H
#define HARNESS_WATCH_H

#include "harness/bench.h"

/* Before the room opens: remembers threads and descriptors, and has every module that is loaded
 * from now on take its memory through here. */
void watch_begin(const struct bench *bench, bool newer);
/* After `stop`: records what is left of the modules' memory. */
void watch_check_memory(const struct bench *bench);
/* After the room closed: records threads and descriptors that were not there before. */
void watch_check_process(const struct bench *bench);

#endif
