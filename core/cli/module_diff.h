/* What a module registers now, compared with what it registered before. */
#ifndef CLI_MODULE_DIFF_H
#define CLI_MODULE_DIFF_H

#include "base/buffer.h"
#include "base/value.h"

/* Both as descriptor_to_value makes them, with lists of file names beside (module_files); `before`
 * NULL: nothing. Appends a line for each entry that came ("+ route GET /x (public)"), went ("- …")
 * or changed ("~ setting rows: initial 20 is now 50"); returns how many. */
size_t module_diff(const struct value *before, const struct value *after, struct buffer *out);

#endif
