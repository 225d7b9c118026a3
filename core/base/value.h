/* The host's side of struct portico_value: data in an arena, read by templates and the JSON writer.
 */
#ifndef BASE_VALUE_H
#define BASE_VALUE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/text.h"

#include <portico/value.h>

#define VALUE_HEIGHT_MAX 64

struct value;

/* A member of an object. Names of different tags differ: most are told apart without reading them.
 */
struct value_member {
    struct text key;
    struct value *value;
    uint32_t tag; /* value_tag(key) */
};

static inline uint32_t value_tag(struct text key)
{
    const unsigned char *name = (const unsigned char *)key.data;
    return key.length
               ? (uint32_t)key.length | (uint32_t)name[0] << 8 |
                     (uint32_t)name[key.length / 2] << 16 | (uint32_t)name[key.length - 1] << 24
               : 0;
}

/* One cell of a result; TEXT and HTML point into the arena. */
struct value_cell {
    uint32_t kind;
    uint32_t length;
    union {
        int64_t integer;
        double real;
        const char *text;
    };
};

/* A result set: `columns` names, then row-major cells. */
struct value_rows {
    struct text *columns;
    uint32_t column_count;
    uint32_t capacity; /* rows */
    struct value_cell *cells;
};

struct value {
    const struct portico_value_api *api; /* must be first: this is struct portico_value */
    struct arena *arena;
    uint32_t kind;
    uint32_t count;       /* members, items, rows; bytes of TEXT and HTML */
    uint32_t capacity;    /* members or items allocated */
    uint32_t height;      /* levels of nesting below; at most VALUE_HEIGHT_MAX */
    struct value *parent; /* of an object or list inside another: they form a tree, never a cycle */
    union {
        int64_t integer;
        double real;
        const char *text; /* NUL-terminated */
        struct value_member *members;
        struct value **items;
        struct value_rows *rows;
    };
};

extern const struct portico_value_api value_api;
/* The table that values made from now on show: value_api, but under test. */
extern const struct portico_value_api *value_shown;

static inline struct value *value_of(const struct portico_value *value)
{
    return (struct value *)(uintptr_t)value;
}
static inline struct portico_value *value_public(const struct value *value)
{
    return (struct portico_value *)(uintptr_t)value;
}

/* All return NULL when memory ended. */
struct value *value_new(struct arena *arena, uint32_t kind);
struct value *value_text(struct arena *arena, const char *text,
                         size_t length); /* copies; checks nothing */
struct value *value_html(struct arena *arena, const char *html, size_t length); /* sanitizer only */
struct value *value_scalar(struct arena *arena, uint32_t kind, int64_t integer, double real);
struct value *value_from_cell(struct arena *arena, const struct value_cell *cell);

/* Member by name, or NULL. */
struct value *value_get(const struct value *object, struct text key);
/* Sets a member; the key is copied. */
int value_set(struct value *object, struct text key, struct value *value);
int value_set_text(struct value *object, const char *key, const char *text);
int value_set_integer(struct value *object, const char *key, int64_t integer);
int value_set_boolean(struct value *object, const char *key, bool boolean);
int value_append(struct value *list, struct value *value);
struct value *value_at(const struct value *list, size_t index);
/* A second object with the same members, for another place in the tree; the members are shared. */
struct value *value_twin(const struct value *object);

/* Rows: new with columns, then one call a row that returns its cells to fill. */
struct value *value_rows_new(struct arena *arena, const struct text *columns, uint32_t count);
struct value_cell *value_rows_add(struct value *rows);
static inline const struct value_cell *value_rows_at(const struct value *rows, size_t row)
{
    return rows->rows->cells + row * rows->rows->column_count;
}

/* Mustache truth: false for null, false, empty text, empty list, no rows. 0 is true. */
bool value_is_true(const struct value *value);

#endif
