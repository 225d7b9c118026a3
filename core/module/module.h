/* A loaded module and the registry that owns it; the room's own view. */
#ifndef MODULE_MODULE_H
#define MODULE_MODULE_H

#include "module/registry.h"
#include "module/uses.h"

#include <glib.h>
#include <pthread.h>

struct module {
    struct registry *registry;
    unsigned index;
    const char *id, *version;
    const char *directory;                   /* absolute; of the portal's own module: its files' */
    bool built_in;                           /* the portal's own module: compiled in, no file */
    const struct portico_module *descriptor; /* the host's own copy, in its own sizes */
    struct config_value *settings;           /* by position in the descriptor's list */
    struct uses uses;
    void *state;                 /* what `start` kept */
    _Atomic unsigned undeclared; /* interfaces it asked for without naming them, by position */
    bool started;
    pthread_mutex_t serial;  /* held around every call of a PORTICO_SERIAL module; recursive */
    struct module **serials; /* whose locks a call of this one holds, by index; in serial.c */
    unsigned serial_count;
    const struct value **event_schemas; /* by position in the descriptor's list */
};

/* A navigation entry with its owner, in the order they are shown. */
struct registry_navigation {
    struct module *owner;
    const struct portico_navigation *entry;
};

/* Frames made once and read by all requests they fit; in frame.c. */
struct frame_store;
void frame_store_free(struct frame_store *store);
struct frame_store *frame_store_new(void);

struct registry {
    struct arena *arena;
    struct frame_store *frames;
    struct config *config;
    struct store *store;
    struct page_set *pages;
    struct page_set *own_pages; /* made for an inspection; NULL otherwise */
    bool inspect_only;
    GPtrArray *modules; /* struct module, dependency order */
    struct route_tree *tree;
    GPtrArray *routes;       /* struct module_route */
    GHashTable *permissions; /* name to struct module */
    GArray *rights;          /* struct identity_permission, sorted by name */
    GArray *navigation;      /* struct registry_navigation */
    GPtrArray *schemas;      /* struct value or NULL, by index of the route */
    GArray *listeners;       /* struct event_listener */
    GArray *schedule;        /* struct schedule_entry */
    GArray *scenarios;       /* struct scenario_entry */
    GPtrArray *hooks;        /* struct module_hook, sorted */
    GHashTable *methods;     /* "service/method" to struct module_method */
    GHashTable *switches;    /* label to struct module_switch */
    _Atomic bool any_tried;  /* one of them has something to tell */
};

/* The parsed request schema of a route, or NULL if it has none. */
const struct value *registry_request_schema(const struct registry *registry,
                                            const struct module_route *route);

/* What modules registered for events, jobs and scenarios; in registry_work.c. */
void registry_new_work(struct registry *registry);
void registry_add_work(struct registry *registry);
void registry_free_work(struct registry *registry);
/* The parsed data schema of an event type of the module; NULL: not one of its types. */
const struct value *module_event_schema(const struct module *module, const char *type);
/* enum portico_event_type_flag of it; 0: not one of its types. */
uint32_t module_event_flags(const struct module *module, const char *type);

/* Which serial locks each module's calls hold; once, when all modules are registered. */
void serial_plan(struct registry *registry);
void serial_init(struct module *module);
void serial_lock(struct module *module);
void serial_unlock(struct module *module);

/* Trampolines for the registry; in call.c. */
int module_call_start(struct module_host *host, struct module *module, struct portico_error *error);
void module_call_stop(struct module_host *host, struct module *module);

#endif
