/* Marks what this handler thread is running in the worker's shared page. */
#ifndef MODULE_TRACE_H
#define MODULE_TRACE_H

#include "module/registry.h"

void trace_enter(uint32_t kind, uint32_t module, uint32_t route, const char *name);
void trace_leave(void);

#endif
