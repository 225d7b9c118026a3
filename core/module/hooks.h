/* The hooks of one generation in the order they are asked, and the trampoline into one. */
#ifndef MODULE_HOOKS_H
#define MODULE_HOOKS_H

#include "module/registry.h"

/* A hook as the host keeps it, with its owner. */
struct module_hook {
    struct module *owner;
    const char *module;              /* the owner's id */
    const struct portico_hook *hook; /* the host's own copy */
    const char *label;               /* "shop hook guard" for logs, metrics and blame */
    struct text *prefixes;           /* of `paths`; none: every path */
    size_t prefix_count;
};

/* Sorted by point, then by `before`, `after` and the order of the modules. */
size_t registry_hook_count(const struct registry *registry);
const struct module_hook *registry_hook_at(const struct registry *registry, size_t index);

/* Cuts `paths` into the arena; -1 when memory ended. */
int module_hook_read_paths(struct module_hook *hook, struct arena *arena);
/* True if one of its prefixes is the path, or whole segments of its beginning. */
bool module_hook_applies(const struct module_hook *hook, struct text path);

/* Two hooks of which each is to run before the other, by their own word or through others. */
struct module_hook_circle {
    const struct module_hook *one, *other;
};
/* Puts hooks of one point into their order; what is not ordered by name stays in the order given.
 * False: there is a circle, and nothing was moved. */
bool module_hooks_sort(struct module_hook **hooks, size_t count,
                       struct module_hook_circle *ret_circle);

/* Collects, checks and sorts the hooks of all modules; problems go to the config's list. */
void registry_add_hooks(struct registry *registry);

/* The answer so far, as a hook may read it; status 0: there is none. */
struct module_answer {
    unsigned status;
    struct text fields; /* header lines with CRLF */
    struct text etag;
};

/* Handler thread. Asks a hook about the request of `exchange`, whose arena and response are the
 * hook's alone; `match` is NULL before routing. 1: it answered, the response is there; 0: the
 * request goes on, with the fields the hook left in the response; negative: it failed, `error`
 * says why. */
int module_call_hook(struct module_host *host, const struct module_hook *hook,
                     const struct route_match *match, const struct viewer *viewer,
                     const struct module_answer *answer, struct http_exchange *exchange,
                     struct portico_error *error);

#endif
