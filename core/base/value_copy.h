/* Values moved from one arena to another. */
#ifndef BASE_VALUE_COPY_H
#define BASE_VALUE_COPY_H

#include "base/value.h"

/* A copy with all that is in it, in `arena`; NULL when memory ended. Levels below `value` are at
 * most VALUE_HEIGHT_MAX. */
struct value *value_copy(struct arena *arena, const struct value *value);

#endif
