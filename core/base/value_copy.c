#include "base/value_copy.h"

static struct value *copy_object(struct arena *arena, const struct value *value)
{
    struct value *copy = value_new(arena, PORTICO_OBJECT);
    for (uint32_t i = 0; copy && i < value->count; i++) {
        struct value *member = value_copy(arena, value->members[i].value);
        if (!member || value_set(copy, value->members[i].key, member) < 0)
            return NULL;
    }
    return copy;
}

static struct value *copy_list(struct arena *arena, const struct value *value)
{
    struct value *copy = value_new(arena, PORTICO_LISTING);
    for (uint32_t i = 0; copy && i < value->count; i++) {
        struct value *item = value_copy(arena, value->items[i]);
        if (!item || value_append(copy, item) < 0)
            return NULL;
    }
    return copy;
}

static struct value *copy_rows(struct arena *arena, const struct value *value)
{
    const struct value_rows *rows = value->rows;
    struct value *copy = value_rows_new(arena, rows->columns, rows->column_count);
    for (uint32_t row = 0; copy && row < value->count; row++) {
        const struct value_cell *from = value_rows_at(value, row);
        struct value_cell *to = value_rows_add(copy);
        for (uint32_t i = 0; to && i < rows->column_count; i++) {
            to[i] = from[i];
            if (from[i].kind != PORTICO_TEXT && from[i].kind != PORTICO_HTML)
                continue;
            to[i].text = arena_strndup(arena, from[i].text, from[i].length);
            if (!to[i].text)
                return NULL;
        }
        if (!to)
            return NULL;
    }
    return copy;
}

struct value *value_copy(struct arena *arena, const struct value *value)
{
    switch (value->kind) {
    case PORTICO_OBJECT: return copy_object(arena, value);
    case PORTICO_LISTING: return copy_list(arena, value);
    case PORTICO_ROWS: return copy_rows(arena, value);
    case PORTICO_TEXT: return value_text(arena, value->text, value->count);
    case PORTICO_HTML: return value_html(arena, value->text, value->count);
    case PORTICO_REAL: return value_scalar(arena, PORTICO_REAL, 0, value->real);
    default: return value_scalar(arena, value->kind, value->integer, 0);
    }
}
