/* What is taken out after crashes though no thread is its own: methods of services and handlers of
 * events in the transaction run on the thread of whoever calls or emits. Each has a switch. */
#ifndef MODULE_SWITCH_H
#define MODULE_SWITCH_H

#include "module/registry.h"

enum module_switch_state {
    SWITCH_ON,
    SWITCH_OFF,
    SWITCH_TO_TRY, /* the next call tries it */
    SWITCH_UNDER_TRIAL,
    SWITCH_WENT_WELL, /* called again; nobody told the supervisor yet */
};
struct module_switch {
    const char *label; /* as in the trace: "catalog method catalog.prices/find" */
    _Atomic int state; /* enum module_switch_state; any thread */
};

/* NULL when memory ended. */
struct module_switch *registry_add_switch(struct registry *registry, const char *label);
/* By its whole label; NULL: there is none. */
struct module_switch *registry_find_switch(const struct registry *registry, const char *label);
/* The label may have been cut by a trace slot; one that is no switch's changes nothing. */
void registry_set_switch(struct registry *registry, const char *label,
                         enum module_switch_state state);
/* False: it is off. `ret_trying` goes to switch_returned after the call. NULL is on. */
bool switch_allows(struct module_switch *given, bool *ret_trying);
void switch_returned(struct registry *registry, struct module_switch *given, bool trying);
/* Calls `tell` for each whose trial went well, and is on again from now on. After every turn of a
 * loop: it costs one look while there is nothing to tell. */
void registry_tell_tried(struct registry *registry, void (*tell)(const char *label, void *data),
                         void *data);

#endif
