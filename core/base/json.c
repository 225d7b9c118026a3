#include "base/json.h"

#include "base/clock.h"
#include "base/error.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>

bool json_depth_within(const char *data, size_t length, unsigned limit)
{
    unsigned depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < length; i++) {
        char c = data[i];
        if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > limit)
                return false;
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        }
    }
    return true;
}

/* Keys are counted before parsing: a colon outside a string belongs to one member. */
static bool json_keys_within(const char *data, size_t length, unsigned limit)
{
    unsigned keys = 0;
    bool in_string = false;
    for (size_t i = 0; i < length; i++) {
        char c = data[i];
        if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == ':' && ++keys > limit) {
            return false;
        }
    }
    return true;
}

static struct value *from_jansson(struct arena *arena, json_t *json);

static struct value *object_from_jansson(struct arena *arena, json_t *json)
{
    struct value *object = value_new(arena, PORTICO_OBJECT);
    size_t count = json_object_size(json);
    if (!object || !(object->members = arena_alloc(arena, count * sizeof *object->members)))
        return NULL;
    object->capacity = (uint32_t)count;
    for (void *at = json_object_iter(json); at; at = json_object_iter_next(json, at)) {
        const char *key = json_object_iter_key(at);
        struct value *value = from_jansson(arena, json_object_iter_value(at));
        char *copy = value ? arena_strdup(arena, key) : NULL;
        if (!copy)
            return NULL;
        /* Jansson has refused duplicates, so members are appended without looking. */
        struct text name = text_of(copy);
        object->members[object->count++] = (struct value_member){ name, value, value_tag(name) };
        value->parent = object;
        if (value->height + 1 > object->height)
            object->height = value->height + 1;
    }
    return object;
}

static struct value *list_from_jansson(struct arena *arena, json_t *json)
{
    struct value *list = value_new(arena, PORTICO_LISTING);
    for (size_t i = 0; list && i < json_array_size(json); i++)
        if (value_append(list, from_jansson(arena, json_array_get(json, i))) < 0)
            return NULL;
    return list;
}

static struct value *from_jansson(struct arena *arena, json_t *json)
{
    switch (json_typeof(json)) {
    case JSON_OBJECT: return object_from_jansson(arena, json);
    case JSON_ARRAY: return list_from_jansson(arena, json);
    case JSON_STRING: return value_text(arena, json_string_value(json), json_string_length(json));
    case JSON_INTEGER: return value_scalar(arena, PORTICO_INTEGER, json_integer_value(json), 0);
    case JSON_REAL: return value_scalar(arena, PORTICO_REAL, 0, json_real_value(json));
    case JSON_TRUE: return value_scalar(arena, PORTICO_BOOLEAN, 1, 0);
    case JSON_FALSE: return value_scalar(arena, PORTICO_BOOLEAN, 0, 0);
    case JSON_NULL: break;
    }
    return value_new(arena, PORTICO_NULL);
}

int json_parse(struct arena *arena, const char *data, size_t length, struct value **ret_value,
               struct portico_error *error)
{
    if (!json_depth_within(data, length, JSON_DEPTH_MAX))
        return error_set(error, PORTICO_ELIMIT,
                         "The JSON nests more than %d levels deep. Send a flatter document.",
                         JSON_DEPTH_MAX);
    if (!json_keys_within(data, length, JSON_KEYS_MAX))
        return error_set(error, PORTICO_ELIMIT,
                         "The JSON has more than %d members. Send it in smaller parts.",
                         JSON_KEYS_MAX);
    json_error_t problem;
    json_t *json = json_loadb(data, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &problem);
    if (!json)
        return error_set(error, PORTICO_EINVAL, "The JSON is malformed at line %d, column %d: %s.",
                         problem.line, problem.column, problem.text);
    struct value *value = from_jansson(arena, json);
    json_decref(json);
    if (!value)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while the JSON was read.");
    *ret_value = value;
    return PORTICO_OK;
}

static void write_real(struct buffer *buffer, double real)
{
    if (!isfinite(real)) {
        buffer_append(buffer, "null", 4);
        return;
    }
    char digits[32];
    int length = snprintf(digits, sizeof digits, "%.15g", real);
    double back = 0;
    if (sscanf(digits, "%lf", &back) != 1 || back != real)
        length = snprintf(digits, sizeof digits, "%.17g", real);
    buffer_append(buffer, digits, (size_t)length);
}

static void write_integer_kind(struct buffer *buffer, uint32_t kind, int64_t integer)
{
    char time[40];
    switch (kind) {
    case PORTICO_BOOLEAN: buffer_append_text(buffer, integer ? "true" : "false"); break;
    case PORTICO_ID:
        buffer_append_char(buffer, '"');
        buffer_append_integer(buffer, integer);
        buffer_append_char(buffer, '"');
        break;
    case PORTICO_TIME:
        clock_rfc3339(integer, time, sizeof time);
        buffer_append_json_text(buffer, time, strlen(time));
        break;
    default: buffer_append_integer(buffer, integer);
    }
}

static void write_cell(struct buffer *buffer, const struct value_cell *cell)
{
    switch (cell->kind) {
    case PORTICO_NULL: buffer_append(buffer, "null", 4); break;
    case PORTICO_TEXT:
    case PORTICO_HTML: buffer_append_json_text(buffer, cell->text, cell->length); break;
    case PORTICO_REAL: write_real(buffer, cell->real); break;
    default: write_integer_kind(buffer, cell->kind, cell->integer);
    }
}

static void write_rows(struct buffer *buffer, const struct value *rows)
{
    buffer_append_char(buffer, '[');
    for (size_t i = 0; i < rows->count; i++) {
        const struct value_cell *cells = value_rows_at(rows, i);
        buffer_append_text(buffer, i ? ",{" : "{");
        for (uint32_t j = 0; j < rows->rows->column_count; j++) {
            struct text column = rows->rows->columns[j];
            if (j)
                buffer_append_char(buffer, ',');
            buffer_append_json_text(buffer, column.data, column.length);
            buffer_append_char(buffer, ':');
            write_cell(buffer, &cells[j]);
        }
        buffer_append_char(buffer, '}');
    }
    buffer_append_char(buffer, ']');
}

void json_write(struct buffer *buffer, const struct value *value)
{
    if (!value) {
        buffer_append(buffer, "null", 4);
        return;
    }
    switch (value->kind) {
    case PORTICO_NULL: buffer_append(buffer, "null", 4); break;
    case PORTICO_REAL: write_real(buffer, value->real); break;
    case PORTICO_TEXT:
    case PORTICO_HTML: buffer_append_json_text(buffer, value->text, value->count); break;
    case PORTICO_ROWS: write_rows(buffer, value); break;
    case PORTICO_LISTING:
        buffer_append_char(buffer, '[');
        for (uint32_t i = 0; i < value->count; i++) {
            if (i)
                buffer_append_char(buffer, ',');
            json_write(buffer, value->items[i]);
        }
        buffer_append_char(buffer, ']');
        break;
    case PORTICO_OBJECT:
        buffer_append_char(buffer, '{');
        for (uint32_t i = 0; i < value->count; i++) {
            if (i)
                buffer_append_char(buffer, ',');
            buffer_append_json_text(buffer, value->members[i].key.data,
                                    value->members[i].key.length);
            buffer_append_char(buffer, ':');
            json_write(buffer, value->members[i].value);
        }
        buffer_append_char(buffer, '}');
        break;
    default: write_integer_kind(buffer, value->kind, value->integer);
    }
}
