/* Lists of the module under test that would grow with the table: asked of the database itself. */
#ifndef HARNESS_PLANS_H
#define HARNESS_PLANS_H

#include "harness/bench.h"

/* From now on each list that is read is explained, once a text; one that the database would sort,
 * or read whole, is a violation. */
void plans_watch(const struct bench *bench);

#endif
