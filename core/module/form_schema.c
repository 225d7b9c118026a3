/* The JSON schema of a form's body: the same declaration, in the words of JSON. */
#include "module/form.h"

#include "base/json.h"

#include <stdlib.h>

static int set(struct value *object, const char *key, struct value *value)
{
    return value ? value_set(object, text_of(key), value) : -1;
}

static int set_number(struct value *schema, const char *key, const char *typed)
{
    char *end;
    double number = typed ? strtod(typed, &end) : 0;
    if (!typed)
        return 0;
    struct text text = text_of(typed);
    long long whole;
    if (text_to_int64(text, &whole))
        return value_set_integer(schema, key, whole);
    return set(schema, key, value_scalar(schema->arena, PORTICO_REAL, 0, number));
}

static int set_choices(struct value *schema, const struct portico_field *field)
{
    struct form_choice *choices = NULL;
    unsigned count = 0;
    struct value *list = value_new(schema->arena, PORTICO_LISTING);
    if (!field->choices)
        return 0;
    if (!list || form_parse_choices(schema->arena, field->choices, &choices, &count) < 0)
        return -1;
    for (unsigned i = 0; i < count; i++)
        if (value_append(list,
                         value_text(schema->arena, choices[i].value, strlen(choices[i].value))) < 0)
            return -1;
    if (!(field->flags & PORTICO_FIELD_REQUIRED) &&
        value_append(list, value_text(schema->arena, "", 0)) < 0)
        return -1;
    return set(schema, "enum", list);
}

static int set_length(struct value *schema, const struct portico_field *field)
{
    bool tags = field->type == PORTICO_FIELD_TAGS;
    bool required = field->flags & PORTICO_FIELD_REQUIRED;
    uint32_t least = field->minimum_length;
    if (required && least == 0)
        least = 1;
    if (!required)
        least = 0; /* what may stay empty may be "" */
    int failed = value_set_integer(schema, tags ? "maxItems" : "maxLength", form_most(field));
    if (least)
        failed |= value_set_integer(schema, tags ? "minItems" : "minLength", least);
    if (!tags)
        return failed;
    struct value *items = value_new(schema->arena, PORTICO_OBJECT);
    failed |= !items || value_set_text(items, "type", "string") < 0 ||
              value_set_integer(items, "maxLength", FORM_TAG_MAX) < 0;
    return failed ? -1 : set(schema, "items", items);
}

static struct value *text_schema(struct arena *arena)
{
    struct value *schema = value_new(arena, PORTICO_OBJECT);
    return schema && value_set_text(schema, "type", "string") == 0 ? schema : NULL;
}

/* An id, a key or nothing. */
static struct value *maybe_schema(struct arena *arena)
{
    struct value *schema = value_new(arena, PORTICO_OBJECT);
    struct value *types = value_new(arena, PORTICO_LISTING);
    return schema && types && value_append(types, value_text(arena, "string", 6)) == 0 &&
                   value_append(types, value_text(arena, "null", 4)) == 0 &&
                   set(schema, "type", types) == 0
               ? schema
               : NULL;
}

/* {"level": "role", "account": …, "role": …, "team": …, "people": […]}; "text" of
 * portico_audience_describe may stand there as well. */
static int set_sharing(struct value *schema, const struct portico_field *field)
{
    static const char *const texts[] = { "account", "role", "team", "text" };
    struct arena *arena = schema->arena;
    struct value *properties = value_new(arena, PORTICO_OBJECT);
    struct value *level = text_schema(arena), *words = value_new(arena, PORTICO_LISTING);
    struct value *people = value_new(arena, PORTICO_OBJECT);
    struct value *required = value_new(arena, PORTICO_LISTING);
    int failed = !properties || !level || !words || !people || !required;
    for (const char *at = field->choices; !failed && at && *at;) {
        at += strspn(at, " ");
        size_t length = strcspn(at, " ");
        if (length)
            failed |= value_append(words, value_text(arena, at, length)) < 0;
        at += length;
    }
    if (failed || set(level, "enum", words) < 0 || set(properties, "level", level) < 0 ||
        value_set_text(people, "type", "array") < 0 ||
        set(people, "items", text_schema(arena)) < 0 ||
        value_append(required, value_text(arena, "level", 5)) < 0)
        return -1;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        failed |= set(properties, texts[i], maybe_schema(arena)) < 0;
    if (form_sharing_names(&(struct form_field){ .field = field }))
        failed |= set(properties, "people", people) < 0;
    return failed || set(schema, "properties", properties) < 0 ||
                   set(schema, "required", required) < 0 ||
                   value_set_boolean(schema, "additionalProperties", false) < 0
               ? -1
               : 0;
}

static struct value *field_schema(struct arena *arena, const struct portico_field *field)
{
    static const struct {
        const char *type, *format;
    } kinds[] = {
        [PORTICO_FIELD_MAIL] = { "string", "email" },
        [PORTICO_FIELD_PASSWORD] = { "string", "password" },
        [PORTICO_FIELD_INTEGER] = { "integer", "int64" },
        [PORTICO_FIELD_BOOLEAN] = { "boolean", NULL },
        [PORTICO_FIELD_TAGS] = { "array", NULL },
        [PORTICO_FIELD_LINK] = { "string", "uri" },
        [PORTICO_FIELD_DATE] = { "string", "date" },
        [PORTICO_FIELD_REAL] = { "number", NULL },
        [PORTICO_FIELD_SHARING] = { "object", NULL },
    };
    bool known = field->type < sizeof kinds / sizeof *kinds && kinds[field->type].type;
    struct value *schema = value_new(arena, PORTICO_OBJECT);
    if (!schema || value_set_text(schema, "type", known ? kinds[field->type].type : "string") < 0)
        return NULL;
    int failed = 0;
    if (known && kinds[field->type].format)
        failed |= value_set_text(schema, "format", kinds[field->type].format);
    if (field->label)
        failed |= value_set_text(schema, "title", field->label);
    if (field->help)
        failed |= value_set_text(schema, "description", field->help);
    if (form_is_text(field->type) || field->type == PORTICO_FIELD_TAGS)
        failed |= set_length(schema, field);
    if (field->type == PORTICO_FIELD_INTEGER || field->type == PORTICO_FIELD_REAL)
        failed |= set_number(schema, "minimum", field->minimum) |
                  set_number(schema, "maximum", field->maximum);
    if (field->type == PORTICO_FIELD_CHOICE)
        failed |= set_choices(schema, field);
    if (field->type == PORTICO_FIELD_SHARING)
        failed |= set_sharing(schema, field);
    if (field->type == PORTICO_FIELD_BOOLEAN && field->flags & PORTICO_FIELD_REQUIRED)
        failed |= value_set_boolean(schema, "const", true);
    return failed ? NULL : schema;
}

const char *form_schema(struct arena *arena, const struct portico_module *module, const char *form)
{
    const struct portico_field *fields = module->form_fields.items;
    struct value *schema = value_new(arena, PORTICO_OBJECT);
    struct value *properties = value_new(arena, PORTICO_OBJECT);
    struct value *required = value_new(arena, PORTICO_LISTING);
    int failed = !schema || !properties || !required;
    for (uint32_t i = 0; !failed && i < module->form_fields.count; i++) {
        const struct portico_field *field = &fields[i];
        if (strcmp(field->form, form) != 0 || field->flags & PORTICO_FIELD_READ_ONLY ||
            field->type == PORTICO_FIELD_FILE)
            continue;
        failed |= set(properties, field->name, field_schema(arena, field));
        if (field->flags & PORTICO_FIELD_REQUIRED)
            failed |= value_append(required, value_text(arena, field->name, strlen(field->name)));
    }
    if (failed || value_set_text(schema, "type", "object") < 0 ||
        set(schema, "properties", properties) < 0 || set(schema, "required", required) < 0 ||
        value_set_boolean(schema, "additionalProperties", false) < 0)
        return NULL;
    struct buffer text = { 0 };
    json_write(&text, schema);
    const char *json = buffer_text(&text);
    json = json ? arena_strdup(arena, json) : NULL;
    buffer_free(&text);
    return json;
}
