/* Services and their methods: names, versions, schemas, and that each belongs to the other. */
#include "base/error.h"
#include "base/json.h"
#include "module/check.h"
#include "module/schema.h"
#include "module/uses.h"

#include <stdio.h>
#include <string.h>

static bool has_method(const struct portico_module *module, const char *service)
{
    const struct portico_method *methods = module->methods.items;
    for (uint32_t i = 0; i < module->methods.count; i++)
        if (strcmp(methods[i].service, service) == 0)
            return true;
    return false;
}

static bool has_service(const struct portico_module *module, const char *name)
{
    const struct portico_service *services = module->services.items;
    for (uint32_t i = 0; i < module->services.count; i++)
        if (strcmp(services[i].name, name) == 0)
            return true;
    return false;
}

static void check_service(const struct portico_module *module, uint32_t index,
                          struct descriptor_report *report)
{
    const struct portico_service *services = module->services.items, *service = &services[index];
    size_t length = strlen(module->id);
    unsigned major, minor;
    if (strncmp(service->name, module->id, length) != 0 || service->name[length] != '.' ||
        !check_is_word(service->name + length + 1, "-") || strlen(service->name) > USES_NAME_MAX)
        descriptor_say(report, "The service \"%.80s\" is not named %s.<word>: rename it.",
                       service->name, module->id);
    if (!uses_parse_version(service->version, &major, &minor))
        descriptor_say(report,
                       "The service \"%.80s\" has the version \"%.40s\", which is not of the form "
                       "1.0: correct it.",
                       service->name, service->version);
    if (!has_method(module, service->name))
        descriptor_say(report, "The service \"%.80s\" has no method: add one to .methods.",
                       service->name);
    for (uint32_t other = 0; other < index; other++)
        if (strcmp(services[other].name, service->name) == 0)
            descriptor_say(report, "The service \"%.80s\" is given twice: remove one.",
                           service->name);
}

/* Argument and result are objects: the schemas must say so, that callers may count on it. */
static void check_object(const char *what, const char *which, const char *schema,
                         struct descriptor_report *report)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct value *value = NULL;
    struct arena *arena = arena_new(0);
    int code = arena ? json_parse(arena, schema, strlen(schema), &value, &error) : 0;
    if (arena && code == 0)
        code = schema_check(value, &error);
    const char *type =
        arena && code == 0 ? portico_get_text(value_public(value), "type", "") : "object";
    if (code < 0)
        descriptor_say(report, "The %s schema of %s is wrong: %s", which, what, error.message);
    else if (strcmp(type, "object") != 0)
        descriptor_say(report, "The %s schema of %s is not of \"type\": \"object\": correct it.",
                       which, what);
    arena_free(arena);
}

static void check_method(const struct portico_module *module, uint32_t index,
                         struct descriptor_report *report)
{
    const struct portico_method *methods = module->methods.items, *method = &methods[index];
    char what[192];
    snprintf(what, sizeof what, "the method %.80s/%.80s", method->service, method->name);
    if (!check_is_word(method->name, "-_"))
        descriptor_say(report, "The name of %s is not a lower-case word: rename it.", what);
    if (!has_service(module, method->service))
        descriptor_say(report,
                       "The service of %s is not in .services: add it there or correct the name.",
                       what);
    check_object(what, "request", method->request_schema, report);
    check_object(what, "response", method->response_schema, report);
    for (uint32_t other = 0; other < index; other++)
        if (strcmp(methods[other].name, method->name) == 0 &&
            strcmp(methods[other].service, method->service) == 0)
            descriptor_say(report, "Module %s gives %s twice: remove one.", module->id, what);
}

void check_services(const struct portico_module *module, struct descriptor_report *report)
{
    for (uint32_t i = 0; i < module->services.count; i++)
        check_service(module, i, report);
    for (uint32_t i = 0; i < module->methods.count; i++)
        check_method(module, i, report);
}
