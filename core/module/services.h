/* The services modules offer one another: methods by name, and the trampoline from one module into
 * another. */
#ifndef MODULE_SERVICES_H
#define MODULE_SERVICES_H

#include "module/registry.h"

#define SERVICE_DEPTH_MAX 8

struct call;
struct scope;

/* A method as the host keeps it, with its owner. */
struct module_method {
    struct module *owner;
    const struct portico_method *method; /* the host's own copy */
    const char *label;                   /* "catalog method catalog.prices/find" */
    const struct value *request_schema, *response_schema;
    /* Any thread. After crashes: not called, or by one call that tries it. */
    _Atomic int state; /* enum module_method_state */
};
enum module_method_state {
    METHOD_CALLED,
    METHOD_OUT,
    METHOD_TO_TRY, /* the next call tries it */
    METHOD_UNDER_TRIAL,
    METHOD_WENT_WELL, /* nobody told the supervisor yet */
};

/* Collects the methods of all modules. */
void registry_add_services(struct registry *registry);
/* NULL: there is none of that label, which a trace slot may have cut. */
struct module_method *registry_find_method(const struct registry *registry, const char *label);
/* Calls `tell` for each method whose trial went well, and calls it as before from now on. */
void registry_tell_tried(const struct registry *registry,
                         void (*tell)(const char *label, void *data), void *data);

/* portico_call and portico_offers; see <portico/service.h>. */
int services_call(struct scope *scope, const char *service, const char *method,
                  const struct value *arguments, struct value **ret_result,
                  struct portico_error *error);
/* The method itself, once it is known that the caller may call it. */
int services_call_method(struct scope *scope, struct module_method *method,
                         const struct value *arguments, struct value **ret_result,
                         struct portico_error *error);
bool services_offered(const struct scope *scope, const char *service);

#endif
