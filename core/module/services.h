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
    struct module_switch *off; /* after crashes; see module/switch.h */
};

/* Collects the methods of all modules. */
void registry_add_services(struct registry *registry);

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
