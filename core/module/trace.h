/* Marks what this handler thread is running in the worker's shared page. */
#ifndef MODULE_TRACE_H
#define MODULE_TRACE_H

#include "module/registry.h"

/* What ran around it. */
struct trace_mark {
    uint32_t kind, module, route;
    int64_t since;
    char name[sizeof((struct module_trace_slot *)0)->name];
};

void trace_enter(uint32_t kind, uint32_t module, uint32_t route, const char *name,
                 struct trace_mark *ret_outer);
/* Back to what ran before. */
void trace_leave(const struct trace_mark *outer);

#endif
