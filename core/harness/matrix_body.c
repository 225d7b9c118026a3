/* Bodies for requests of the matrix: what forms and schemas say that they take. */
#include "base/json.h"
#include "base/value_copy.h"
#include "harness/matrix.h"
#include "module/form.h"

#include <glib.h>

#define WORD "Matrix"

/* The word as often as it needs to be that long. */
static const char *long_enough(struct arena *arena, int64_t least)
{
    const char *text = WORD;
    while (text && (int64_t)strlen(text) < least)
        text = arena_printf(arena, "%s" WORD, text);
    return text;
}

/* What the field is to hold, where that is given. */
static const char *given(struct arena *arena, const char *values, struct text name)
{
    const char *whole = arena_printf(arena, "body:%.*s", (int)name.length, name.data);
    return whole ? matrix_value(arena, values, text_of(whole)) : NULL;
}

/* ---- forms ---- */

static const char *first_choice(struct arena *arena, const struct portico_field *field)
{
    struct form_choice *choices = NULL;
    unsigned count = 0;
    form_parse_choices(arena, field->choices, &choices, &count);
    return count ? choices[0].value : NULL;
}

/* As typed; NULL: it is left out. */
static const char *typed(struct arena *arena, const struct portico_field *field)
{
    if (field->flags & PORTICO_FIELD_READ_ONLY || field->type == PORTICO_FIELD_FILE)
        return NULL;
    if (field->initial && *field->initial)
        return field->initial;
    switch (field->type) {
    case PORTICO_FIELD_MAIL: return "matrix@example.com";
    case PORTICO_FIELD_LINK: return "https://example.com/matrix";
    case PORTICO_FIELD_INTEGER:
    case PORTICO_FIELD_REAL: return field->minimum ? field->minimum : "1";
    case PORTICO_FIELD_DATE: return field->minimum ? field->minimum : "2026-01-15";
    case PORTICO_FIELD_BOOLEAN: return "1";
    case PORTICO_FIELD_CHOICE: return first_choice(arena, field);
    default: return long_enough(arena, field->minimum_length);
    }
}

static struct value *member(struct arena *arena, const struct portico_field *field,
                            const char *text)
{
    struct value *value;
    switch (field->type) {
    case PORTICO_FIELD_INTEGER:
        return value_scalar(arena, PORTICO_INTEGER, g_ascii_strtoll(text, NULL, 10), 0);
    case PORTICO_FIELD_REAL:
        return value_scalar(arena, PORTICO_REAL, 0, g_ascii_strtod(text, NULL));
    case PORTICO_FIELD_BOOLEAN: return value_scalar(arena, PORTICO_BOOLEAN, 1, 0);
    case PORTICO_FIELD_TAGS:
        value = value_new(arena, PORTICO_LISTING);
        return value_append(value, value_text(arena, text, strlen(text))) == 0 ? value : NULL;
    case PORTICO_FIELD_SHARING:
        value = value_new(arena, PORTICO_OBJECT);
        return value && value_set_text(value, "level", text) == 0 ? value : NULL;
    default: return value_text(arena, text, strlen(text));
    }
}

static const char *json_text(struct arena *arena, const struct value *value)
{
    struct buffer text = { 0 };
    if (value)
        json_write(&text, value);
    const char *json = buffer_text(&text);
    json = json ? arena_strdup(arena, json) : NULL;
    buffer_free(&text);
    return json;
}

static const char *form_body(struct arena *arena, const struct portico_module *module,
                             const char *form, const char *values, bool api)
{
    const struct portico_field *fields = module->form_fields.items;
    struct value *object = value_new(arena, PORTICO_OBJECT);
    const char *pairs = "";
    for (uint32_t i = 0; object && pairs && i < module->form_fields.count; i++) {
        if (strcmp(fields[i].form, form) != 0)
            continue;
        const char *own = given(arena, values, text_of(fields[i].name));
        const char *text = own ? own : typed(arena, &fields[i]);
        if (!text)
            continue;
        char *encoded = g_uri_escape_string(text, NULL, FALSE);
        pairs = arena_printf(arena, "%s%s%s=%s", pairs, *pairs ? "&" : "", fields[i].name, encoded);
        g_free(encoded);
        struct value *value = member(arena, &fields[i], text);
        if (value && value_set(object, text_of(fields[i].name), value) < 0)
            return NULL;
    }
    return api ? json_text(arena, object) : pairs;
}

/* ---- schemas ---- */

static int64_t number_in(const struct value *schema, const char *name, int64_t otherwise)
{
    const struct value *value = value_get(schema, text_of(name));
    return value && value->kind == PORTICO_INTEGER ? value->integer : otherwise;
}

static struct value *sample(struct arena *arena, const struct value *schema);

/* A member as its schema has it: a number or a text. */
static struct value *sample_of(struct arena *arena, const struct value *schema, const char *text)
{
    const struct value *type = value_get(schema, TEXT("type"));
    bool number = type && type->kind == PORTICO_TEXT && strcmp(type->text, "integer") == 0;
    return number ? value_scalar(arena, PORTICO_INTEGER, g_ascii_strtoll(text, NULL, 10), 0)
                  : value_text(arena, text, strlen(text));
}

static int set_given(struct arena *arena, struct value *object, const struct value *schema,
                     const char *values)
{
    const struct value *properties = value_get(schema, TEXT("properties"));
    int code = 0;
    for (uint32_t i = 0; properties && code == 0 && i < properties->count; i++) {
        const struct value_member *member = &properties->members[i];
        const char *text = given(arena, values, member->key);
        if (text)
            code = value_set(object, member->key, sample_of(arena, member->value, text));
    }
    return code;
}

static struct value *sample_object(struct arena *arena, const struct value *schema)
{
    struct value *object = value_new(arena, PORTICO_OBJECT);
    const struct value *properties = value_get(schema, TEXT("properties"));
    const struct value *required = value_get(schema, TEXT("required"));
    for (uint32_t i = 0; object && required && i < required->count; i++) {
        const struct value *own = value_get(properties, text_of(required->items[i]->text));
        struct value *value = sample(arena, own);
        if (value && value_set(object, text_of(required->items[i]->text), value) < 0)
            return NULL;
    }
    return object;
}

static struct value *sample_list(struct arena *arena, const struct value *schema)
{
    struct value *list = value_new(arena, PORTICO_LISTING);
    for (int64_t i = number_in(schema, "minItems", 0); list && i > 0; i--)
        if (value_append(list, sample(arena, value_get(schema, TEXT("items")))) < 0)
            return NULL;
    return list;
}

/* The simplest value that it takes. */
static struct value *sample(struct arena *arena, const struct value *schema)
{
    const struct value *fixed = value_get(schema, TEXT("const"));
    const struct value *list = value_get(schema, TEXT("enum"));
    const struct value *type = value_get(schema, TEXT("type"));
    if (!fixed && list && list->count)
        fixed = list->items[0];
    if (fixed)
        return value_copy(arena, fixed);
    if (type && type->kind == PORTICO_LISTING && type->count)
        type = type->items[0];
    const char *word = type && type->kind == PORTICO_TEXT ? type->text : "object";
    if (strcmp(word, "string") == 0) {
        const char *text = long_enough(arena, number_in(schema, "minLength", 0));
        return text ? value_text(arena, text, strlen(text)) : NULL;
    }
    if (strcmp(word, "integer") == 0 || strcmp(word, "number") == 0)
        return value_scalar(arena, PORTICO_INTEGER, number_in(schema, "minimum", 1), 0);
    if (strcmp(word, "boolean") == 0)
        return value_scalar(arena, PORTICO_BOOLEAN, 1, 0);
    if (strcmp(word, "array") == 0)
        return sample_list(arena, schema);
    return strcmp(word, "object") == 0 ? sample_object(arena, schema)
                                       : value_new(arena, PORTICO_NULL);
}

static struct value *schema_of(struct arena *arena, const struct portico_route *route)
{
    struct value *schema = NULL;
    const char *text = route->request_schema;
    return text && json_parse(arena, text, strlen(text), &schema, NULL) == 0 ? schema : NULL;
}

bool matrix_takes(struct arena *arena, const struct portico_module *module,
                  const struct portico_route *route, struct text name)
{
    const struct portico_field *fields = module->form_fields.items;
    for (uint32_t i = 0; route->form && i < module->form_fields.count; i++)
        if (strcmp(fields[i].form, route->form) == 0 && text_equals(name, text_of(fields[i].name)))
            return true;
    return value_get(value_get(schema_of(arena, route), TEXT("properties")), name) != NULL;
}

const char *matrix_body(struct arena *arena, const struct portico_module *module,
                        const struct portico_route *route, const char *values,
                        const char **ret_media_type)
{
    bool api = strncmp(route->pattern, "/api/", 5) == 0;
    bool reads = strcmp(route->method, "GET") == 0 || strcmp(route->method, "DELETE") == 0;
    *ret_media_type = NULL;
    if (reads || (api && !route->form && !route->request_schema))
        return NULL;
    *ret_media_type = api ? "application/json" : "application/x-www-form-urlencoded";
    if (route->form)
        return form_body(arena, module, route->form, values, api);
    const struct value *schema = schema_of(arena, route);
    if (!schema)
        return "";
    *ret_media_type = "application/json";
    struct value *body = sample(arena, schema);
    return body && set_given(arena, body, schema, values) == 0 ? json_text(arena, body) : NULL;
}
