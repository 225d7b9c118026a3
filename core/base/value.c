#include "base/value.h"

#include <math.h>

const struct portico_value_api *value_shown = &value_api;

#define ROWS_FIRST 16

struct value *value_new(struct arena *arena, uint32_t kind)
{
    struct value *value = arena_alloc(arena, sizeof *value);
    if (value)
        *value = (struct value){ .api = value_shown, .arena = arena, .kind = kind };
    return value;
}

static struct value *text_like(struct arena *arena, uint32_t kind, const char *text, size_t length)
{
    struct value *value = length < UINT32_MAX ? value_new(arena, kind) : NULL;
    if (!value)
        return NULL;
    value->text = arena_strndup(arena, text, length);
    value->count = (uint32_t)length;
    return value->text ? value : NULL;
}

struct value *value_text(struct arena *arena, const char *text, size_t length)
{
    return text_like(arena, PORTICO_TEXT, text, length);
}

struct value *value_html(struct arena *arena, const char *html, size_t length)
{
    return text_like(arena, PORTICO_HTML, html, length);
}

struct value *value_scalar(struct arena *arena, uint32_t kind, int64_t integer, double real)
{
    struct value *value = value_new(arena, kind);
    if (!value)
        return NULL;
    if (kind == PORTICO_REAL)
        value->real = real;
    else
        value->integer = integer;
    return value;
}

static void fill_from_cell(struct value *value, struct arena *arena, const struct value_cell *cell)
{
    *value = (struct value){ .api = value_shown, .arena = arena, .kind = cell->kind };
    value->integer = cell->integer;
    if (cell->kind == PORTICO_REAL)
        value->real = cell->real;
    if (cell->kind == PORTICO_TEXT || cell->kind == PORTICO_HTML) {
        value->text = cell->text;
        value->count = cell->length;
    }
}

struct value *value_from_cell(struct arena *arena, const struct value_cell *cell)
{
    struct value *value = arena_alloc(arena, sizeof *value);
    if (value)
        fill_from_cell(value, arena, cell);
    return value;
}

static struct value_member *member_of(const struct value *object, struct text key)
{
    uint32_t tag = value_tag(key);
    for (uint32_t i = 0; i < object->count; i++)
        if (object->members[i].tag == tag && text_equals(object->members[i].key, key))
            return &object->members[i];
    return NULL;
}

struct value *value_get(const struct value *object, struct text key)
{
    if (!object || object->kind != PORTICO_OBJECT)
        return NULL;
    const struct value_member *member = member_of(object, key);
    return member ? member->value : NULL;
}

/* Room for one more of `size` bytes in an array that doubles inside the arena. */
static void *grow(struct value *value, void *array, size_t size)
{
    if (value->count < value->capacity)
        return array;
    uint32_t capacity = value->capacity ? value->capacity * 2 : 8;
    void *wider = capacity > value->capacity ? arena_alloc(value->arena, capacity * size) : NULL;
    if (!wider)
        return NULL;
    if (value->count)
        memcpy(wider, array, value->count * size);
    value->capacity = capacity;
    return wider;
}

/* Objects and lists form a tree: one parent, no cycle, a bounded height. Scalars and rows are
 * leaves. */
static int adopt(struct value *parent, struct value *child)
{
    if (child->kind != PORTICO_OBJECT && child->kind != PORTICO_LISTING) {
        uint32_t least = child->kind == PORTICO_ROWS ? 2 : 1;
        if (parent->height < least)
            parent->height = least;
        return PORTICO_OK;
    }
    uint32_t height = child->height + 1;
    if (child->parent || height > VALUE_HEIGHT_MAX)
        return PORTICO_EINVAL;
    for (const struct value *up = parent; up; up = up->parent, height++)
        if (up == child || height > VALUE_HEIGHT_MAX)
            return PORTICO_EINVAL;
    child->parent = parent;
    height = child->height + 1;
    for (struct value *up = parent; up && up->height < height; up = up->parent, height++)
        up->height = height;
    return PORTICO_OK;
}

int value_set(struct value *object, struct text key, struct value *value)
{
    if (!object || object->kind != PORTICO_OBJECT)
        return PORTICO_EINVAL;
    if (!value)
        return PORTICO_ENOMEM;
    int code = adopt(object, value);
    if (code < 0)
        return code;
    struct value_member *member = member_of(object, key);
    if (member) {
        member->value = value;
        return PORTICO_OK;
    }
    struct value_member *members = grow(object, object->members, sizeof *members);
    char *copy = members ? arena_strndup(object->arena, key.data, key.length) : NULL;
    if (!copy)
        return PORTICO_ENOMEM;
    object->members = members;
    members[object->count++] = (struct value_member){ { copy, key.length }, value, value_tag(key) };
    return PORTICO_OK;
}

int value_set_text(struct value *object, const char *key, const char *text)
{
    struct value *value = text ? value_text(object->arena, text, strlen(text))
                               : value_new(object->arena, PORTICO_NULL);
    return value_set(object, text_of(key), value);
}

int value_set_integer(struct value *object, const char *key, int64_t integer)
{
    return value_set(object, text_of(key),
                     value_scalar(object->arena, PORTICO_INTEGER, integer, 0));
}

int value_set_boolean(struct value *object, const char *key, bool boolean)
{
    return value_set(object, text_of(key),
                     value_scalar(object->arena, PORTICO_BOOLEAN, boolean, 0));
}

int value_append(struct value *list, struct value *value)
{
    if (!list || list->kind != PORTICO_LISTING)
        return PORTICO_EINVAL;
    if (!value)
        return PORTICO_ENOMEM;
    int code = adopt(list, value);
    if (code < 0)
        return code;
    struct value **items = grow(list, list->items, sizeof *items);
    if (!items)
        return PORTICO_ENOMEM;
    list->items = items;
    items[list->count++] = value;
    return PORTICO_OK;
}

/* Row `index` as an object whose members are the columns. */
static struct value *row_object(const struct value *rows, size_t index)
{
    struct value *object = value_new(rows->arena, PORTICO_OBJECT);
    uint32_t columns = rows->rows->column_count;
    struct value *values = arena_alloc(rows->arena, columns * sizeof *values);
    if (!object || !values)
        return NULL;
    object->members = arena_alloc(rows->arena, columns * sizeof *object->members);
    if (!object->members)
        return NULL;
    const struct value_cell *cells = value_rows_at(rows, index);
    for (uint32_t i = 0; i < columns; i++) {
        fill_from_cell(&values[i], rows->arena, &cells[i]);
        object->members[i] = (struct value_member){ rows->rows->columns[i], &values[i],
                                                    value_tag(rows->rows->columns[i]) };
    }
    object->count = object->capacity = columns;
    return object;
}

struct value *value_at(const struct value *list, size_t index)
{
    if (!list || index >= list->count)
        return NULL;
    if (list->kind == PORTICO_LISTING)
        return list->items[index];
    return list->kind == PORTICO_ROWS ? row_object(list, index) : NULL;
}

struct value *value_twin(const struct value *object)
{
    struct value *twin = value_new(object->arena, PORTICO_OBJECT);
    size_t size = object->count * sizeof *object->members;
    struct value_member *members = twin ? arena_alloc(object->arena, size + 1) : NULL;
    if (!members)
        return NULL;
    if (size)
        memcpy(members, object->members, size);
    twin->members = members;
    twin->count = twin->capacity = object->count;
    twin->height = object->height;
    return twin;
}

struct value *value_rows_new(struct arena *arena, const struct text *columns, uint32_t count)
{
    struct value *value = value_new(arena, PORTICO_ROWS);
    struct value_rows *rows = arena_zalloc(arena, sizeof *rows);
    if (!value || !rows)
        return NULL;
    rows->columns = arena_alloc(arena, count * sizeof *rows->columns);
    if (!rows->columns)
        return NULL;
    for (uint32_t i = 0; i < count; i++) {
        char *name = arena_strndup(arena, columns[i].data, columns[i].length);
        if (!name)
            return NULL;
        rows->columns[i] = (struct text){ name, columns[i].length };
    }
    rows->column_count = count;
    value->rows = rows;
    return value;
}

struct value_cell *value_rows_add(struct value *value)
{
    struct value_rows *rows = value->rows;
    size_t row_size = rows->column_count * sizeof *rows->cells;
    if (value->count == rows->capacity) {
        uint32_t capacity = rows->capacity ? rows->capacity * 2 : ROWS_FIRST;
        struct value_cell *cells = arena_alloc(value->arena, capacity * row_size);
        if (!cells)
            return NULL;
        if (value->count)
            memcpy(cells, rows->cells, value->count * row_size);
        rows->cells = cells;
        rows->capacity = capacity;
    }
    struct value_cell *row = rows->cells + (size_t)value->count * rows->column_count;
    memset(row, 0, row_size);
    value->count++;
    return row;
}

bool value_is_true(const struct value *value)
{
    if (!value)
        return false;
    switch (value->kind) {
    case PORTICO_NULL: return false;
    case PORTICO_BOOLEAN: return value->integer != 0;
    case PORTICO_TEXT:
    case PORTICO_HTML:
    case PORTICO_LISTING:
    case PORTICO_ROWS: return value->count > 0;
    default: return true;
    }
}

/* The table given to modules. */

static uint32_t api_kind(const struct portico_value *value)
{
    return value_of(value)->kind;
}

static size_t api_count(const struct portico_value *value)
{
    const struct value *v = value_of(value);
    bool counts =
        v->kind == PORTICO_OBJECT || v->kind == PORTICO_LISTING || v->kind == PORTICO_ROWS;
    return counts ? v->count : 0;
}

static int api_boolean(const struct portico_value *value, int otherwise)
{
    return value_of(value)->kind == PORTICO_BOOLEAN ? value_of(value)->integer != 0 : otherwise;
}

static int64_t api_integer(const struct portico_value *value, int64_t otherwise)
{
    uint32_t kind = value_of(value)->kind;
    bool whole = kind == PORTICO_INTEGER || kind == PORTICO_ID || kind == PORTICO_TIME;
    return whole ? value_of(value)->integer : otherwise;
}

static double api_real(const struct portico_value *value, double otherwise)
{
    const struct value *v = value_of(value);
    if (v->kind == PORTICO_REAL)
        return v->real;
    return v->kind == PORTICO_INTEGER ? (double)v->integer : otherwise;
}

static const char *api_text(const struct portico_value *value, size_t *ret_length)
{
    const struct value *v = value_of(value);
    if (v->kind != PORTICO_TEXT && v->kind != PORTICO_HTML)
        return NULL;
    if (ret_length)
        *ret_length = v->count;
    return v->text;
}

static struct portico_value *api_get(const struct portico_value *object, const char *key)
{
    return value_public(value_get(value_of(object), text_of(key)));
}

static struct portico_value *api_at(const struct portico_value *list, size_t index)
{
    return value_public(value_at(value_of(list), index));
}

static const char *api_key_at(const struct portico_value *object, size_t index)
{
    const struct value *v = value_of(object);
    return v->kind == PORTICO_OBJECT && index < v->count ? v->members[index].key.data : NULL;
}

static bool key_is_good(struct text key)
{
    return key.length && text_is_utf8(key.data, key.length);
}

static int api_set(struct portico_value *object, const char *key, struct portico_value *value)
{
    struct text name = key ? text_of(key) : (struct text){ 0 };
    if (!key_is_good(name))
        return PORTICO_EINVAL;
    return value_set(value_of(object), name, value_of(value));
}

static struct portico_value *api_make_scalar(const struct portico_value *sibling, uint32_t kind,
                                             int64_t integer, double real)
{
    switch (kind) {
    case PORTICO_NULL:
    case PORTICO_BOOLEAN:
    case PORTICO_INTEGER:
    case PORTICO_REAL:
    case PORTICO_TIME:
    case PORTICO_ID:
        return value_public(value_scalar(value_of(sibling)->arena, kind, integer, real));
    default: return NULL; /* html above all: only the sanitizer makes it */
    }
}

static int api_set_scalar(struct portico_value *object, const char *key, uint32_t kind,
                          int64_t integer, double real)
{
    return api_set(object, key, api_make_scalar(object, kind, integer, real));
}

static struct portico_value *api_make_text(const struct portico_value *sibling, const char *text,
                                           size_t length)
{
    struct arena *arena = value_of(sibling)->arena;
    if (!text)
        return value_public(value_new(arena, PORTICO_NULL));
    return text_is_utf8(text, length) ? value_public(value_text(arena, text, length)) : NULL;
}

static int api_set_text(struct portico_value *object, const char *key, const char *text,
                        size_t length)
{
    struct portico_value *value = api_make_text(object, text, length);
    if (!value && text && !text_is_utf8(text, length))
        return PORTICO_EINVAL;
    return api_set(object, key, value);
}

static int api_append(struct portico_value *list, struct portico_value *value)
{
    return value_append(value_of(list), value_of(value));
}

static struct portico_value *api_make(const struct portico_value *sibling, uint32_t kind)
{
    if (kind != PORTICO_OBJECT && kind != PORTICO_LISTING)
        return NULL;
    return value_public(value_new(value_of(sibling)->arena, kind));
}

const struct portico_value_api value_api = {
    .table = { .size = sizeof(struct portico_value_api), .major = 1, .minor = 0 },
    .kind = api_kind,
    .count = api_count,
    .boolean = api_boolean,
    .integer = api_integer,
    .real = api_real,
    .text = api_text,
    .get = api_get,
    .at = api_at,
    .key_at = api_key_at,
    .set = api_set,
    .set_scalar = api_set_scalar,
    .set_text = api_set_text,
    .append = api_append,
    .make = api_make,
    .make_text = api_make_text,
    .make_scalar = api_make_scalar,
};
