#include "module/descriptor.h"

#include "base/error.h"

#include <stdio.h>
#include <stdlib.h>

#define LIST_MAX 5000
#define TEXT_MAX 8192
#define LONG_TEXT_MAX (256 * 1024)

enum kind { FIELD_TEXT, FIELD_LONG_TEXT, FIELD_NUMBER, FIELD_FUNCTION };
enum need { OPTIONAL, REQUIRED };

struct field {
    const char *name;
    size_t offset;
    enum kind kind;
    enum need need;
};
#define FIELD(type, member, kind, need)                                                            \
    {                                                                                              \
#member, offsetof(struct type, member), kind, need                                         \
    }

static const struct field route_fields[] = {
    FIELD(portico_route, method, FIELD_TEXT, REQUIRED),
    FIELD(portico_route, pattern, FIELD_TEXT, REQUIRED),
    FIELD(portico_route, handler, FIELD_FUNCTION, REQUIRED),
    FIELD(portico_route, permission, FIELD_TEXT, OPTIONAL),
    FIELD(portico_route, summary, FIELD_TEXT, OPTIONAL),
    FIELD(portico_route, request_schema, FIELD_LONG_TEXT, OPTIONAL),
    FIELD(portico_route, response_schema, FIELD_LONG_TEXT, OPTIONAL),
    FIELD(portico_route, flags, FIELD_NUMBER, OPTIONAL),
    FIELD(portico_route, deadline_ms, FIELD_NUMBER, OPTIONAL),
    FIELD(portico_route, concurrency, FIELD_NUMBER, OPTIONAL),
    FIELD(portico_route, cache_seconds, FIELD_NUMBER, OPTIONAL),
    FIELD(portico_route, form, FIELD_TEXT, OPTIONAL),
};
static const struct field permission_fields[] = {
    FIELD(portico_permission, name, FIELD_TEXT, REQUIRED),
    FIELD(portico_permission, title, FIELD_TEXT, REQUIRED),
    FIELD(portico_permission, description, FIELD_TEXT, OPTIONAL),
    FIELD(portico_permission, roles, FIELD_TEXT, OPTIONAL),
    FIELD(portico_permission, flags, FIELD_NUMBER, OPTIONAL),
};
static const struct field setting_fields[] = {
    FIELD(portico_setting, key, FIELD_TEXT, REQUIRED),
    FIELD(portico_setting, type, FIELD_NUMBER, OPTIONAL),
    FIELD(portico_setting, initial, FIELD_TEXT, OPTIONAL),
    FIELD(portico_setting, title, FIELD_TEXT, REQUIRED),
    FIELD(portico_setting, help, FIELD_TEXT, OPTIONAL),
    FIELD(portico_setting, minimum, FIELD_TEXT, OPTIONAL),
    FIELD(portico_setting, maximum, FIELD_TEXT, OPTIONAL),
    FIELD(portico_setting, choices, FIELD_TEXT, OPTIONAL),
};
static const struct field navigation_fields[] = {
    FIELD(portico_navigation, path, FIELD_TEXT, REQUIRED),
    FIELD(portico_navigation, title, FIELD_TEXT, REQUIRED),
    FIELD(portico_navigation, icon, FIELD_TEXT, OPTIONAL),
    FIELD(portico_navigation, group, FIELD_TEXT, OPTIONAL),
    FIELD(portico_navigation, permission, FIELD_TEXT, REQUIRED),
    FIELD(portico_navigation, tab, FIELD_NUMBER, OPTIONAL),
};
static const struct field health_fields[] = {
    FIELD(portico_health_check, name, FIELD_TEXT, REQUIRED),
    FIELD(portico_health_check, check, FIELD_FUNCTION, REQUIRED),
};
static const struct field search_fields[] = {
    FIELD(portico_search_kind, kind, FIELD_TEXT, REQUIRED),
    FIELD(portico_search_kind, title, FIELD_TEXT, REQUIRED),
    FIELD(portico_search_kind, icon, FIELD_TEXT, OPTIONAL),
};
static const struct field importer_fields[] = {
    FIELD(portico_importer, format, FIELD_TEXT, REQUIRED),
    FIELD(portico_importer, summary, FIELD_TEXT, REQUIRED),
    FIELD(portico_importer, run, FIELD_FUNCTION, REQUIRED),
};
static const struct field event_type_fields[] = {
    FIELD(portico_event_type, type, FIELD_TEXT, REQUIRED),
    FIELD(portico_event_type, title, FIELD_TEXT, REQUIRED),
    FIELD(portico_event_type, description, FIELD_TEXT, OPTIONAL),
    FIELD(portico_event_type, data_schema, FIELD_LONG_TEXT, REQUIRED),
    FIELD(portico_event_type, flags, FIELD_NUMBER, OPTIONAL),
};
static const struct field event_handler_fields[] = {
    FIELD(portico_event_handler, name, FIELD_TEXT, REQUIRED),
    FIELD(portico_event_handler, types, FIELD_TEXT, REQUIRED),
    FIELD(portico_event_handler, phase, FIELD_NUMBER, OPTIONAL),
    FIELD(portico_event_handler, attempts, FIELD_NUMBER, OPTIONAL),
    FIELD(portico_event_handler, deadline_ms, FIELD_NUMBER, OPTIONAL),
    FIELD(portico_event_handler, handle, FIELD_FUNCTION, REQUIRED),
};
static const struct field job_fields[] = {
    FIELD(portico_job_type, name, FIELD_TEXT, REQUIRED),
    FIELD(portico_job_type, title, FIELD_TEXT, REQUIRED),
    FIELD(portico_job_type, schedule, FIELD_TEXT, OPTIONAL),
    FIELD(portico_job_type, attempts, FIELD_NUMBER, OPTIONAL),
    FIELD(portico_job_type, backoff_ms, FIELD_NUMBER, OPTIONAL),
    FIELD(portico_job_type, backoff_max_ms, FIELD_NUMBER, OPTIONAL),
    FIELD(portico_job_type, deadline_ms, FIELD_NUMBER, OPTIONAL),
    FIELD(portico_job_type, concurrency, FIELD_NUMBER, OPTIONAL),
    FIELD(portico_job_type, run, FIELD_FUNCTION, REQUIRED),
};
static const struct field hook_fields[] = {
    FIELD(portico_hook, name, FIELD_TEXT, REQUIRED),
    FIELD(portico_hook, point, FIELD_NUMBER, OPTIONAL),
    FIELD(portico_hook, failure, FIELD_NUMBER, OPTIONAL),
    FIELD(portico_hook, before, FIELD_TEXT, OPTIONAL),
    FIELD(portico_hook, after, FIELD_TEXT, OPTIONAL),
    FIELD(portico_hook, paths, FIELD_TEXT, OPTIONAL),
    FIELD(portico_hook, deadline_ms, FIELD_NUMBER, OPTIONAL),
    FIELD(portico_hook, concurrency, FIELD_NUMBER, OPTIONAL),
    FIELD(portico_hook, run, FIELD_FUNCTION, REQUIRED),
};
static const struct field service_fields[] = {
    FIELD(portico_service, name, FIELD_TEXT, REQUIRED),
    FIELD(portico_service, version, FIELD_TEXT, REQUIRED),
    FIELD(portico_service, summary, FIELD_TEXT, REQUIRED),
};
static const struct field method_fields[] = {
    FIELD(portico_method, service, FIELD_TEXT, REQUIRED),
    FIELD(portico_method, name, FIELD_TEXT, REQUIRED),
    FIELD(portico_method, summary, FIELD_TEXT, REQUIRED),
    FIELD(portico_method, request_schema, FIELD_LONG_TEXT, REQUIRED),
    FIELD(portico_method, response_schema, FIELD_LONG_TEXT, REQUIRED),
    FIELD(portico_method, call, FIELD_FUNCTION, REQUIRED),
};
static const struct field scenario_fields[] = {
    FIELD(portico_scenario, id, FIELD_TEXT, REQUIRED),
    FIELD(portico_scenario, title, FIELD_TEXT, REQUIRED),
    FIELD(portico_scenario, description, FIELD_TEXT, OPTIONAL),
    FIELD(portico_scenario, starts, FIELD_TEXT, REQUIRED),
    FIELD(portico_scenario, finishes, FIELD_TEXT, REQUIRED),
    FIELD(portico_scenario, correlate, FIELD_TEXT, OPTIONAL),
    FIELD(portico_scenario, abandon_hours, FIELD_NUMBER, OPTIONAL),
};
static const struct field scenario_step_fields[] = {
    FIELD(portico_scenario_step, scenario, FIELD_TEXT, REQUIRED),
    FIELD(portico_scenario_step, id, FIELD_TEXT, REQUIRED),
    FIELD(portico_scenario_step, title, FIELD_TEXT, REQUIRED),
    FIELD(portico_scenario_step, passes, FIELD_TEXT, REQUIRED),
};
static const struct field personal_table_fields[] = {
    FIELD(portico_personal_table, table, FIELD_TEXT, REQUIRED),
    FIELD(portico_personal_table, title, FIELD_TEXT, OPTIONAL),
    FIELD(portico_personal_table, erase, FIELD_NUMBER, OPTIONAL),
    FIELD(portico_personal_table, retention_days, FIELD_NUMBER, OPTIONAL),
    FIELD(portico_personal_table, person, FIELD_TEXT, OPTIONAL),
    FIELD(portico_personal_table, match, FIELD_TEXT, OPTIONAL),
    FIELD(portico_personal_table, columns, FIELD_TEXT, OPTIONAL),
    FIELD(portico_personal_table, cleared, FIELD_TEXT, OPTIONAL),
    FIELD(portico_personal_table, time, FIELD_TEXT, OPTIONAL),
    FIELD(portico_personal_table, reason, FIELD_TEXT, OPTIONAL),
    FIELD(portico_personal_table, people, FIELD_TEXT, OPTIONAL),
    FIELD(portico_personal_table, merge, FIELD_NUMBER, OPTIONAL),
};
static const struct field personal_hook_fields[] = {
    FIELD(portico_personal_hook, name, FIELD_TEXT, REQUIRED),
    FIELD(portico_personal_hook, export_person, FIELD_FUNCTION, OPTIONAL),
    FIELD(portico_personal_hook, erase_person, FIELD_FUNCTION, OPTIONAL),
    FIELD(portico_personal_hook, merge_people, FIELD_FUNCTION, OPTIONAL),
};
static const struct field command_fields[] = {
    FIELD(portico_command, name, FIELD_TEXT, REQUIRED),
    FIELD(portico_command, summary, FIELD_TEXT, REQUIRED),
    FIELD(portico_command, description, FIELD_TEXT, OPTIONAL),
    FIELD(portico_command, arguments, FIELD_TEXT, OPTIONAL),
    FIELD(portico_command, least, FIELD_NUMBER, OPTIONAL),
    FIELD(portico_command, most, FIELD_NUMBER, OPTIONAL),
    FIELD(portico_command, run, FIELD_FUNCTION, REQUIRED),
};
static const struct field command_option_fields[] = {
    FIELD(portico_command_option, command, FIELD_TEXT, REQUIRED),
    FIELD(portico_command_option, name, FIELD_TEXT, REQUIRED),
    FIELD(portico_command_option, argument, FIELD_TEXT, OPTIONAL),
    FIELD(portico_command_option, help, FIELD_TEXT, REQUIRED),
};
static const struct field form_fields[] = {
    FIELD(portico_form_type, name, FIELD_TEXT, REQUIRED),
    FIELD(portico_form_type, submit, FIELD_TEXT, REQUIRED),
    FIELD(portico_form_type, flags, FIELD_NUMBER, OPTIONAL),
};
static const struct field form_field_fields[] = {
    FIELD(portico_field, form, FIELD_TEXT, REQUIRED),
    FIELD(portico_field, name, FIELD_TEXT, REQUIRED),
    FIELD(portico_field, type, FIELD_NUMBER, OPTIONAL),
    FIELD(portico_field, flags, FIELD_NUMBER, OPTIONAL),
    FIELD(portico_field, label, FIELD_TEXT, OPTIONAL),
    FIELD(portico_field, help, FIELD_TEXT, OPTIONAL),
    FIELD(portico_field, minimum_length, FIELD_NUMBER, OPTIONAL),
    FIELD(portico_field, maximum_length, FIELD_NUMBER, OPTIONAL),
    FIELD(portico_field, minimum, FIELD_TEXT, OPTIONAL),
    FIELD(portico_field, maximum, FIELD_TEXT, OPTIONAL),
    FIELD(portico_field, choices, FIELD_TEXT, OPTIONAL),
    FIELD(portico_field, autocomplete, FIELD_TEXT, OPTIONAL),
    FIELD(portico_field, initial, FIELD_TEXT, OPTIONAL),
    FIELD(portico_field, suggest, FIELD_TEXT, OPTIONAL),
};
static const struct field notice_fields[] = {
    FIELD(portico_notice_kind, name, FIELD_TEXT, REQUIRED),
    FIELD(portico_notice_kind, title, FIELD_TEXT, REQUIRED),
    FIELD(portico_notice_kind, description, FIELD_TEXT, OPTIONAL),
    FIELD(portico_notice_kind, mail, FIELD_NUMBER, OPTIONAL),
};
static const struct field account_fact_fields[] = {
    FIELD(portico_account_fact, key, FIELD_TEXT, REQUIRED),
    FIELD(portico_account_fact, title, FIELD_TEXT, REQUIRED),
    FIELD(portico_account_fact, type, FIELD_NUMBER, OPTIONAL),
    FIELD(portico_account_fact, flags, FIELD_NUMBER, OPTIONAL),
    FIELD(portico_account_fact, help, FIELD_TEXT, OPTIONAL),
    FIELD(portico_account_fact, choices, FIELD_TEXT, OPTIONAL),
};
static const struct field session_value_fields[] = {
    FIELD(portico_session_value, key, FIELD_TEXT, REQUIRED),
    FIELD(portico_session_value, title, FIELD_TEXT, REQUIRED),
    FIELD(portico_session_value, type, FIELD_NUMBER, OPTIONAL),
    FIELD(portico_session_value, flags, FIELD_NUMBER, OPTIONAL),
    FIELD(portico_session_value, choices, FIELD_TEXT, OPTIONAL),
    FIELD(portico_session_value, maximum_length, FIELD_NUMBER, OPTIONAL),
};
static const struct field module_fields[] = {
    FIELD(portico_module, abi, FIELD_NUMBER, OPTIONAL),
    FIELD(portico_module, id, FIELD_TEXT, REQUIRED),
    FIELD(portico_module, version, FIELD_TEXT, REQUIRED),
    FIELD(portico_module, uses, FIELD_TEXT, OPTIONAL),
    FIELD(portico_module, title, FIELD_TEXT, REQUIRED),
    FIELD(portico_module, description, FIELD_TEXT, OPTIONAL),
    FIELD(portico_module, concurrency, FIELD_NUMBER, OPTIONAL),
    FIELD(portico_module, start, FIELD_FUNCTION, OPTIONAL),
    FIELD(portico_module, stop, FIELD_FUNCTION, OPTIONAL),
};

static const struct list {
    const char *name;
    size_t offset;
    size_t item_size;
    const struct field *fields;
    size_t field_count;
} lists[] = {
#define LIST(member, type, fields)                                                                 \
    {                                                                                              \
#member, offsetof(struct portico_module, member), sizeof(struct type), fields,             \
            sizeof(fields) / sizeof *(fields)                                                      \
    }
    LIST(routes, portico_route, route_fields),
    LIST(permissions, portico_permission, permission_fields),
    LIST(settings, portico_setting, setting_fields),
    LIST(navigation, portico_navigation, navigation_fields),
    LIST(health_checks, portico_health_check, health_fields),
    LIST(search_kinds, portico_search_kind, search_fields),
    LIST(importers, portico_importer, importer_fields),
    LIST(event_types, portico_event_type, event_type_fields),
    LIST(event_handlers, portico_event_handler, event_handler_fields),
    LIST(jobs, portico_job_type, job_fields),
    LIST(hooks, portico_hook, hook_fields),
    LIST(services, portico_service, service_fields),
    LIST(methods, portico_method, method_fields),
    LIST(scenarios, portico_scenario, scenario_fields),
    LIST(scenario_steps, portico_scenario_step, scenario_step_fields),
    LIST(personal_data, portico_personal_table, personal_table_fields),
    LIST(personal_hooks, portico_personal_hook, personal_hook_fields),
    LIST(commands, portico_command, command_fields),
    LIST(command_options, portico_command_option, command_option_fields),
    LIST(forms, portico_form_type, form_fields),
    LIST(form_fields, portico_field, form_field_fields),
    LIST(notices, portico_notice_kind, notice_fields),
    LIST(account_facts, portico_account_fact, account_fact_fields),
    LIST(session_values, portico_session_value, session_value_fields),
#undef LIST
};
#define LIST_COUNT (sizeof lists / sizeof *lists)
#define MODULE_FIELD_COUNT (sizeof module_fields / sizeof *module_fields)

void descriptor_say(struct descriptor_report *report, const char *format, ...)
{
    char sentence[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    sentence[text_utf8_cut(sentence, strlen(sentence))] = '\0';
    report->count++;
    report->say(sentence, report->data);
}

static size_t field_size(const struct field *field)
{
    return field->kind == FIELD_NUMBER ? sizeof(uint32_t) : sizeof(void *);
}

/* A text of the module, copied; NULL stays NULL. */
static const char *copy_text(struct arena *arena, const char *text, size_t limit, const char *place,
                             struct descriptor_report *report)
{
    if (!text)
        return NULL;
    size_t length = strnlen(text, limit);
    if (length == limit) {
        descriptor_say(report, "%s is longer than %zu bytes, or does not end.", place, limit - 1);
        return NULL;
    }
    if (!text_is_utf8(text, length)) {
        descriptor_say(report, "%s is not UTF-8: save the source as UTF-8.", place);
        return NULL;
    }
    return arena_strndup(arena, text, length);
}

/* Replaces the texts in a copied struct by texts of our own; what is required must be there. */
static void copy_fields(struct arena *arena, unsigned char *item, const struct field *fields,
                        size_t count, const char *place, struct descriptor_report *report)
{
    for (size_t i = 0; i < count; i++) {
        const struct field *field = &fields[i];
        char where[128];
        snprintf(where, sizeof where, "%s.%s", place, field->name);
        const char *pointer = NULL;
        if (field->kind != FIELD_NUMBER)
            memcpy(&pointer, item + field->offset, sizeof pointer);
        if (field->kind != FIELD_NUMBER && field->need == REQUIRED && !pointer)
            descriptor_say(report, "%s is missing: set it.", where);
        if (field->kind != FIELD_TEXT && field->kind != FIELD_LONG_TEXT)
            continue;
        size_t limit = field->kind == FIELD_TEXT ? TEXT_MAX : LONG_TEXT_MAX;
        pointer = copy_text(arena, pointer, limit, where, report);
        memcpy(item + field->offset, &pointer, sizeof pointer);
    }
}

/* An item size of the module's SDK must not end inside a member of ours. */
static bool cuts_a_field(const struct list *list, uint32_t item_size)
{
    for (size_t i = 0; i < list->field_count; i++) {
        const struct field *field = &list->fields[i];
        if (item_size > field->offset && item_size < field->offset + field_size(field))
            return true;
    }
    return false;
}

static bool copy_list(struct arena *arena, const struct list *list, struct portico_list *own,
                      struct descriptor_report *report)
{
    struct portico_list given = *own;
    *own = (struct portico_list){ .item_size = (uint32_t)list->item_size };
    if (given.count == 0)
        return true;
    if (!given.items || given.count > LIST_MAX) {
        descriptor_say(report, "Its list %s has %u items%s.", list->name, given.count,
                       given.items ? ", more than 5,000" : " but no array: use PORTICO_LIST");
        return false;
    }
    if (given.item_size == 0 || given.item_size > 65536 || cuts_a_field(list, given.item_size)) {
        descriptor_say(report,
                       "Its list %s says that an item has %u bytes, which no SDK has: use "
                       "PORTICO_LIST.",
                       list->name, given.item_size);
        return false;
    }
    unsigned char *items = arena_zalloc(arena, (size_t)given.count * list->item_size);
    if (!items) {
        descriptor_say(report, "Memory ended while its list %s was copied.", list->name);
        return false;
    }
    size_t shared = given.item_size < list->item_size ? given.item_size : list->item_size;
    for (uint32_t i = 0; i < given.count; i++) {
        char place[96];
        unsigned char *item = items + (size_t)i * list->item_size;
        memcpy(item, (const unsigned char *)given.items + (size_t)i * given.item_size, shared);
        snprintf(place, sizeof place, "%s[%u]", list->name, i);
        copy_fields(arena, item, list->fields, list->field_count, place, report);
    }
    own->items = items;
    own->count = given.count;
    return true;
}

bool descriptor_copy(const struct portico_module *foreign, struct arena *arena,
                     struct portico_module *ret_module, struct descriptor_report *report)
{
    struct portico_module own = { 0 };
    unsigned before = report->count;
    uint32_t size = foreign->size;
    if (size < offsetof(struct portico_module, routes) || size > 65536 || size % sizeof(void *)) {
        descriptor_say(report,
                       "Its descriptor says that it has %u bytes, which no SDK has: begin it "
                       "with PORTICO_MODULE_HEADER.",
                       size);
        return false;
    }
    memcpy(&own, foreign, size < sizeof own ? size : sizeof own);
    own.size = sizeof own;
    copy_fields(arena, (unsigned char *)&own, module_fields, MODULE_FIELD_COUNT, "module", report);
    for (size_t i = 0; i < LIST_COUNT; i++) {
        struct portico_list *list =
            (struct portico_list *)(void *)((unsigned char *)&own + lists[i].offset);
        copy_list(arena, &lists[i], list, report);
        if (size < lists[i].offset + sizeof *list)
            list->item_size = 0;
    }
    if (report->count > before)
        return false;
    *ret_module = own;
    return true;
}

/* Through JSON. */

static struct value *fields_to_value(struct arena *arena, const unsigned char *item,
                                     const struct field *fields, size_t count)
{
    struct value *object = value_new(arena, PORTICO_OBJECT);
    for (size_t i = 0; object && i < count; i++) {
        const char *pointer = NULL;
        uint32_t number = 0;
        if (fields[i].kind == FIELD_NUMBER)
            memcpy(&number, item + fields[i].offset, sizeof number);
        else
            memcpy(&pointer, item + fields[i].offset, sizeof pointer);
        int code = fields[i].kind == FIELD_NUMBER
                       ? value_set_integer(object, fields[i].name, number)
                   : fields[i].kind == FIELD_FUNCTION
                       ? value_set_boolean(object, fields[i].name, pointer != NULL)
                       : value_set_text(object, fields[i].name, pointer);
        if (code < 0)
            return NULL;
    }
    return object;
}

struct value *descriptor_to_value(const struct portico_module *module, struct arena *arena)
{
    struct value *object =
        fields_to_value(arena, (const unsigned char *)module, module_fields, MODULE_FIELD_COUNT);
    for (size_t i = 0; object && i < LIST_COUNT; i++) {
        const struct portico_list *list =
            (const struct portico_list *)((const unsigned char *)module + lists[i].offset);
        struct value *items = value_new(arena, list->item_size ? PORTICO_LISTING : PORTICO_NULL);
        for (uint32_t n = 0; items && n < list->count; n++)
            if (value_append(items, fields_to_value(arena,
                                                    (const unsigned char *)list->items +
                                                        (size_t)n * lists[i].item_size,
                                                    lists[i].fields, lists[i].field_count)) < 0)
                items = NULL;
        if (!items || value_set(object, text_of(lists[i].name), items) < 0)
            return NULL;
    }
    return object;
}

/* Stands for a function that is there, in another process. */
static void elsewhere(void)
{
    abort();
}

static bool fields_from_value(const struct value *object, struct arena *arena, unsigned char *item,
                              const struct field *fields, size_t count)
{
    if (!object || object->kind != PORTICO_OBJECT)
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct value *value = value_get(object, text_of(fields[i].name));
        if (!value)
            return false;
        if (fields[i].kind == FIELD_NUMBER) {
            uint32_t number = (uint32_t)value->integer;
            if (value->kind != PORTICO_INTEGER || value->integer < 0 || value->integer > UINT32_MAX)
                return false;
            memcpy(item + fields[i].offset, &number, sizeof number);
        } else if (fields[i].kind != FIELD_FUNCTION && value->kind == PORTICO_TEXT) {
            const char *text = arena_strndup(arena, value->text, value->count);
            if (!text || strlen(text) != value->count)
                return false;
            memcpy(item + fields[i].offset, &text, sizeof text);
        } else if (fields[i].kind == FIELD_FUNCTION && value->kind == PORTICO_BOOLEAN) {
            void (*function)(void) = value->integer ? elsewhere : NULL;
            memcpy(item + fields[i].offset, &function, sizeof function);
        } else if (value->kind != PORTICO_NULL || fields[i].kind == FIELD_FUNCTION) {
            return false;
        }
        bool absent =
            value->kind == PORTICO_NULL || (value->kind == PORTICO_BOOLEAN && !value->integer);
        if (absent && fields[i].need == REQUIRED)
            return false;
    }
    return true;
}

bool descriptor_from_value(const struct value *value, struct arena *arena,
                           struct portico_module *ret_module, struct descriptor_report *report)
{
    struct portico_module own = { .size = sizeof own };
    bool good =
        fields_from_value(value, arena, (unsigned char *)&own, module_fields, MODULE_FIELD_COUNT);
    for (size_t i = 0; good && i < LIST_COUNT; i++) {
        const struct value *items = value_get(value, text_of(lists[i].name));
        if (items && items->kind == PORTICO_NULL)
            continue;
        if (!items || items->kind != PORTICO_LISTING || items->count > LIST_MAX) {
            good = false;
            break;
        }
        unsigned char *copy = arena_zalloc(arena, items->count * lists[i].item_size);
        good = copy != NULL;
        for (uint32_t n = 0; good && n < items->count; n++)
            good = fields_from_value(items->items[n], arena, copy + n * lists[i].item_size,
                                     lists[i].fields, lists[i].field_count);
        struct portico_list list = { copy, items->count, (uint32_t)lists[i].item_size };
        memcpy((unsigned char *)&own + lists[i].offset, &list, sizeof list);
    }
    if (good)
        *ret_module = own;
    else
        descriptor_say(report, "What the inspection of it reported is not a descriptor: build it "
                               "again with this portal's SDK.");
    return good;
}
