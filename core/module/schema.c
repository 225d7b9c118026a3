#include "module/schema.h"

#include "base/error.h"

#include <math.h>
#include <stdio.h>

#define NESTING_MAX 32
#define POINTER_MAX 240

/* Where in the document a check is; the pointer is cut, never overrun. */
struct place {
    char pointer[POINTER_MAX];
    unsigned depth;
};

static bool deeper(const struct place *place, struct text key, struct place *ret_place)
{
    if (place->depth == NESTING_MAX)
        return false;
    *ret_place = *place;
    ret_place->depth++;
    size_t length = strlen(ret_place->pointer);
    if (length + 1 < POINTER_MAX)
        ret_place->pointer[length++] = '/';
    /* RFC 6901 section 3: "~" and "/" inside a name are escaped. */
    for (size_t i = 0; i < key.length && length + 2 < POINTER_MAX; i++) {
        bool escape = key.data[i] == '~' || key.data[i] == '/';
        ret_place->pointer[length++] = escape ? '~' : key.data[i];
        if (escape)
            ret_place->pointer[length++] = key.data[i] == '~' ? '0' : '1';
    }
    ret_place->pointer[text_utf8_cut(ret_place->pointer, length)] = '\0';
    return true;
}

static const char *where(const struct place *place)
{
    return place->pointer[0] ? place->pointer : "/";
}

static bool is_number(const struct value *value)
{
    return value->kind == PORTICO_INTEGER || value->kind == PORTICO_REAL;
}

static double number_of(const struct value *value)
{
    return value->kind == PORTICO_REAL ? value->real : (double)value->integer;
}

static bool is_whole(const struct value *value)
{
    return value->kind == PORTICO_INTEGER ||
           (value->kind == PORTICO_REAL && floor(value->real) == value->real);
}

/* What JSON carries as a string. */
static bool is_string(const struct value *value)
{
    return value->kind == PORTICO_TEXT || value->kind == PORTICO_HTML ||
           value->kind == PORTICO_ID || value->kind == PORTICO_TIME;
}

static bool is_type(const struct value *value, struct text name)
{
    static const struct {
        const char *name;
        uint32_t kind;
    } types[] = {
        { "null", PORTICO_NULL },
        { "boolean", PORTICO_BOOLEAN },
        { "object", PORTICO_OBJECT },
        { "array", PORTICO_LISTING },
    };
    if (text_equals(name, TEXT("string")))
        return is_string(value);
    if (text_equals(name, TEXT("number")))
        return is_number(value);
    if (text_equals(name, TEXT("integer")))
        return is_whole(value);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (text_equals(name, text_of(types[i].name)))
            return value->kind == types[i].kind;
    return false;
}

static struct text text_in(const struct value *value)
{
    return value && value->kind == PORTICO_TEXT ? (struct text){ value->text, value->count }
                                                : (struct text){ "", 0 };
}

static bool values_equal(const struct value *a, const struct value *b)
{
    if (is_number(a) && is_number(b))
        return a->kind == PORTICO_INTEGER && b->kind == PORTICO_INTEGER
                   ? a->integer == b->integer
                   : number_of(a) == number_of(b);
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case PORTICO_NULL: return true;
    case PORTICO_BOOLEAN: return !a->integer == !b->integer;
    case PORTICO_TEXT: return text_equals(text_in(a), text_in(b));
    case PORTICO_LISTING:
        if (a->count != b->count)
            return false;
        for (uint32_t i = 0; i < a->count; i++)
            if (!values_equal(a->items[i], b->items[i]))
                return false;
        return true;
    case PORTICO_OBJECT:
        if (a->count != b->count)
            return false;
        for (uint32_t i = 0; i < a->count; i++) {
            const struct value *other = value_get(b, a->members[i].key);
            if (!other || !values_equal(a->members[i].value, other))
                return false;
        }
        return true;
    default: return false;
    }
}

static size_t characters(const struct value *text)
{
    size_t count = 0;
    for (uint32_t i = 0; i < text->count; i++)
        count += ((unsigned char)text->text[i] & 0xC0) != 0x80;
    return count;
}

/* What each keyword's own value must be. */
enum shape {
    ANYTHING,
    TYPE_NAMES,
    NAMES,
    SCHEMAS,
    SCHEMA_OR_BOOLEAN,
    SCHEMA,
    VALUES,
    COUNT,
    NUMBER
};
static const struct {
    const char *name;
    enum shape shape;
} keywords[] = {
    { "type", TYPE_NAMES },      { "required", NAMES },
    { "properties", SCHEMAS },   { "additionalProperties", SCHEMA_OR_BOOLEAN },
    { "items", SCHEMA },         { "enum", VALUES },
    { "const", ANYTHING },       { "minLength", COUNT },
    { "maxLength", COUNT },      { "minItems", COUNT },
    { "maxItems", COUNT },       { "minimum", NUMBER },
    { "maximum", NUMBER },       { "title", ANYTHING },
    { "description", ANYTHING }, { "default", ANYTHING },
    { "examples", ANYTHING },    { "format", ANYTHING },
    { "$schema", ANYTHING },     { "$id", ANYTHING },
    { "deprecated", ANYTHING },  { "readOnly", ANYTHING },
    { "writeOnly", ANYTHING },
};

static bool is_type_name(const struct value *value)
{
    static const char *const names[] = { "null",  "boolean", "string", "object",
                                         "array", "number",  "integer" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (text_equals(text_in(value), text_of(names[i])))
            return true;
    return false;
}

static bool all(const struct value *list, bool (*fits)(const struct value *value))
{
    if (list->kind != PORTICO_LISTING)
        return false;
    for (uint32_t i = 0; i < list->count; i++)
        if (!fits(list->items[i]))
            return false;
    return true;
}

static bool is_text(const struct value *value)
{
    return value->kind == PORTICO_TEXT;
}

static int check_at(const struct value *schema, const struct place *place,
                    struct portico_error *error);

static int check_member(enum shape shape, const struct value *value, const struct place *place,
                        struct portico_error *error)
{
    bool good = true;
    switch (shape) {
    case ANYTHING: break;
    case TYPE_NAMES:
        good = is_type_name(value) || (value->count > 0 && all(value, is_type_name));
        break;
    case NAMES: good = all(value, is_text); break;
    case VALUES: good = value->kind == PORTICO_LISTING && value->count > 0; break;
    case COUNT: good = value->kind == PORTICO_INTEGER && value->integer >= 0; break;
    case NUMBER: good = is_number(value); break;
    case SCHEMA: return check_at(value, place, error);
    case SCHEMA_OR_BOOLEAN:
        return value->kind == PORTICO_BOOLEAN ? PORTICO_OK : check_at(value, place, error);
    case SCHEMAS:
        if (value->kind != PORTICO_OBJECT) {
            good = false;
            break;
        }
        for (uint32_t i = 0; i < value->count; i++) {
            struct place inner;
            if (!deeper(place, value->members[i].key, &inner))
                return error_set(error, PORTICO_ELIMIT, "The schema nests more than 32 deep.");
            int code = check_at(value->members[i].value, &inner, error);
            if (code < 0)
                return code;
        }
    }
    if (good)
        return PORTICO_OK;
    if (shape == TYPE_NAMES)
        return error_set(error, PORTICO_EINVAL,
                         "The schema's %s is no type: there are null, boolean, string, object, "
                         "array, number and integer.",
                         where(place));
    return error_set(error, PORTICO_EINVAL, "The schema's %s has a value of the wrong kind.",
                     where(place));
}

static int check_at(const struct value *schema, const struct place *place,
                    struct portico_error *error)
{
    if (schema->kind != PORTICO_OBJECT)
        return error_set(error, PORTICO_EINVAL, "The schema's %s is not an object.", where(place));
    for (uint32_t i = 0; i < schema->count; i++) {
        const struct value_member *member = &schema->members[i];
        size_t known = 0, count = sizeof keywords / sizeof *keywords;
        while (known < count && !text_equals(member->key, text_of(keywords[known].name)))
            known++;
        struct place inner;
        if (!deeper(place, member->key, &inner))
            return error_set(error, PORTICO_ELIMIT, "The schema nests more than 32 deep.");
        if (known == count)
            return error_set(
                error, PORTICO_EINVAL,
                "The schema's %s is a keyword this portal does not check: leave it out.",
                where(&inner));
        int code = check_member(keywords[known].shape, member->value, &inner, error);
        if (code < 0)
            return code;
    }
    return PORTICO_OK;
}

int schema_check(const struct value *schema, struct portico_error *error)
{
    struct place place = { .pointer = "" };
    return check_at(schema, &place, error);
}

static int validate_at(const struct value *schema, const struct value *value,
                       const struct place *place, struct portico_error *error);

static int validate_type(const struct value *type, const struct value *value,
                         const struct place *place, struct portico_error *error)
{
    char names[160] = "";
    if (type->kind == PORTICO_TEXT) {
        if (is_type(value, text_in(type)))
            return PORTICO_OK;
        snprintf(names, sizeof names, "%s", type->text);
    }
    for (uint32_t i = 0; type->kind == PORTICO_LISTING && i < type->count; i++) {
        if (is_type(value, text_in(type->items[i])))
            return PORTICO_OK;
        size_t length = strlen(names);
        snprintf(names + length, sizeof names - length, "%s%s", i ? " or " : "",
                 text_in(type->items[i]).data);
    }
    return error_set(error, PORTICO_EINVAL, "%s must be of type %s.", where(place), names);
}

static int validate_object(const struct value *schema, const struct value *value,
                           const struct place *place, struct portico_error *error)
{
    const struct value *required = value_get(schema, TEXT("required"));
    const struct value *properties = value_get(schema, TEXT("properties"));
    const struct value *others = value_get(schema, TEXT("additionalProperties"));
    struct place inner;
    for (uint32_t i = 0; required && i < required->count; i++) {
        struct text name = text_in(required->items[i]);
        if (value_get(value, name) || !deeper(place, name, &inner))
            continue;
        return error_set(error, PORTICO_EINVAL, "%s is required and missing.", where(&inner));
    }
    for (uint32_t i = 0; i < value->count; i++) {
        const struct value_member *member = &value->members[i];
        const struct value *own = value_get(properties, member->key);
        if (!deeper(place, member->key, &inner))
            return error_set(error, PORTICO_ELIMIT, "The body nests more than 32 deep.");
        if (!own && others && others->kind == PORTICO_BOOLEAN && !others->integer)
            return error_set(error, PORTICO_EINVAL, "%s is not a known member here.",
                             where(&inner));
        if (!own && others && others->kind == PORTICO_OBJECT)
            own = others;
        int code = own ? validate_at(own, member->value, &inner, error) : PORTICO_OK;
        if (code < 0)
            return code;
    }
    return PORTICO_OK;
}

static int validate_items(const struct value *items, const struct value *value,
                          const struct place *place, struct portico_error *error)
{
    for (uint32_t i = 0; i < value->count; i++) {
        char index[16];
        struct place inner;
        snprintf(index, sizeof index, "%u", i);
        if (!deeper(place, text_of(index), &inner))
            return error_set(error, PORTICO_ELIMIT, "The body nests more than 32 deep.");
        int code = validate_at(items, value->items[i], &inner, error);
        if (code < 0)
            return code;
    }
    return PORTICO_OK;
}

static int validate_enum(const struct value *choices, const struct value *value,
                         const struct place *place, struct portico_error *error)
{
    for (uint32_t i = 0; i < choices->count; i++)
        if (values_equal(choices->items[i], value))
            return PORTICO_OK;
    return error_set(error, PORTICO_EINVAL, "%s is none of the allowed values.", where(place));
}

/* minLength and its kin: how much there is, in what unit. */
static int validate_counts(const struct value *schema, const struct value *value,
                           const struct place *place, struct portico_error *error)
{
    bool text = value->kind == PORTICO_TEXT;
    const struct value *least = value_get(schema, text ? TEXT("minLength") : TEXT("minItems"));
    const struct value *most = value_get(schema, text ? TEXT("maxLength") : TEXT("maxItems"));
    if (!least && !most)
        return PORTICO_OK;
    int64_t count = text ? (int64_t)characters(value) : (int64_t)value->count;
    const char *unit = text ? "characters" : "items";
    if (least && count < least->integer)
        return error_set(error, PORTICO_EINVAL, "%s must have at least %lld %s.", where(place),
                         (long long)least->integer, unit);
    if (most && count > most->integer)
        return error_set(error, PORTICO_EINVAL, "%s must have at most %lld %s.", where(place),
                         (long long)most->integer, unit);
    return PORTICO_OK;
}

static int validate_range(const struct value *schema, const struct value *value,
                          const struct place *place, struct portico_error *error)
{
    const struct value *least = value_get(schema, TEXT("minimum"));
    const struct value *most = value_get(schema, TEXT("maximum"));
    if (least && number_of(value) < number_of(least))
        return error_set(error, PORTICO_EINVAL, "%s must be at least %g.", where(place),
                         number_of(least));
    if (most && number_of(value) > number_of(most))
        return error_set(error, PORTICO_EINVAL, "%s must be at most %g.", where(place),
                         number_of(most));
    return PORTICO_OK;
}

static int validate_at(const struct value *schema, const struct value *value,
                       const struct place *place, struct portico_error *error)
{
    const struct value *type = value_get(schema, TEXT("type"));
    const struct value *choices = value_get(schema, TEXT("enum"));
    const struct value *constant = value_get(schema, TEXT("const"));
    const struct value *items = value_get(schema, TEXT("items"));
    int code = type ? validate_type(type, value, place, error) : PORTICO_OK;
    if (code == PORTICO_OK && choices)
        code = validate_enum(choices, value, place, error);
    if (code == PORTICO_OK && constant && !values_equal(constant, value))
        code = error_set(error, PORTICO_EINVAL, "%s is not the one allowed value.", where(place));
    if (code == PORTICO_OK && value->kind == PORTICO_OBJECT)
        code = validate_object(schema, value, place, error);
    if (code == PORTICO_OK && (value->kind == PORTICO_TEXT || value->kind == PORTICO_LISTING))
        code = validate_counts(schema, value, place, error);
    if (code == PORTICO_OK && is_number(value))
        code = validate_range(schema, value, place, error);
    if (code == PORTICO_OK && value->kind == PORTICO_LISTING && items)
        code = validate_items(items, value, place, error);
    return code;
}

int schema_validate(const struct value *schema, const struct value *value,
                    struct portico_error *error)
{
    struct place place = { .pointer = "" };
    return validate_at(schema, value, &place, error);
}
