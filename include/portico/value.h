/* Data that crosses between module and host: views for templates, JSON bodies, rows of queries. */
#ifndef PORTICO_VALUE_H
#define PORTICO_VALUE_H

#include "base.h"

/** What a value is. TIME is written to JSON as RFC 3339, ID as a decimal string. Since 0.1. */
enum portico_kind {
    PORTICO_NULL = 0,
    PORTICO_BOOLEAN = 1,
    PORTICO_INTEGER = 2,
    PORTICO_REAL = 3,
    PORTICO_TEXT = 4,
    PORTICO_HTML = 5, /**< safe markup; only the host's sanitizer and Markdown renderer make it */
    PORTICO_TIME = 6,
    PORTICO_ID = 7,
    PORTICO_LISTING = 8,
    PORTICO_OBJECT = 9,
    PORTICO_ROWS = 10, /**< the result of a query; reads like a list of objects */
};

struct portico_value;

/**
 * `portico.value` 1.0, remotable. Values live in the arena of the call that made them and end with
 * it. Texts are copied. Setters on a NULL value return PORTICO_EINVAL, so that one check at the end
 * is enough; after memory ended they return PORTICO_ENOMEM. Text must be UTF-8: what is not, is
 * refused with PORTICO_EINVAL. Objects and lists form a tree: one that already stands in another,
 * or that would nest more than 64 deep, is refused with PORTICO_EINVAL; scalars and rows may be
 * shared. Any handler thread; one value is used by one thread at a time. Since 0.1.
 */
struct portico_value_api {
    struct portico_table table; /**< size and version of this table */
    /** As portico_kind(). */
    uint32_t (*kind)(const struct portico_value *value);
    /** As portico_count(). */
    size_t (*count)(const struct portico_value *value);
    /** Truth of a BOOLEAN, `otherwise` for other kinds. */
    int (*boolean)(const struct portico_value *value, int otherwise);
    /** Number of an INTEGER, TIME or ID, `otherwise` for other kinds. */
    int64_t (*integer)(const struct portico_value *value, int64_t otherwise);
    /** Number of a REAL or INTEGER, `otherwise` for other kinds. */
    double (*real)(const struct portico_value *value, double otherwise);
    /** As portico_text_of(). */
    const char *(*text)(const struct portico_value *value, size_t *ret_length);
    /** As portico_get(). */
    struct portico_value *(*get)(const struct portico_value *object, const char *key);
    /** As portico_at(). */
    struct portico_value *(*at)(const struct portico_value *list, size_t index);
    /** As portico_key_at(). */
    const char *(*key_at)(const struct portico_value *object, size_t index);
    /** As portico_set(). */
    int (*set)(struct portico_value *object, const char *key, struct portico_value *value);
    /** Sets a member to a value of a kind from BOOLEAN to REAL, TIME, ID or NULL; `real` counts for
     * REAL only, `integer` for the others. */
    int (*set_scalar)(struct portico_value *object, const char *key, uint32_t kind, int64_t integer,
                      double real);
    /** As portico_set_text(), with a length. */
    int (*set_text)(struct portico_value *object, const char *key, const char *text, size_t length);
    /** As portico_append(). */
    int (*append)(struct portico_value *list, struct portico_value *value);
    /** A new empty object or list in the memory `sibling` lives in; NULL when memory ended. */
    struct portico_value *(*make)(const struct portico_value *sibling, uint32_t kind);
    /** A new text there, copied; NULL when memory ended or it is not UTF-8. */
    struct portico_value *(*make_text)(const struct portico_value *sibling, const char *text,
                                       size_t length);
    /** A new scalar there, as in set_scalar; NULL when memory ended. */
    struct portico_value *(*make_scalar)(const struct portico_value *sibling, uint32_t kind,
                                         int64_t integer, double real);
};

/** Public head of every value: its table. The rest belongs to the host. */
struct portico_value {
    const struct portico_value_api *api; /**< what can be done with it */
};

/** Kind of a value; PORTICO_NULL for NULL. */
static inline uint32_t portico_kind(const struct portico_value *value)
{
    if (!value)
        return PORTICO_NULL;
    return value->api->kind(value);
}
/** Members of an object, items of a list, rows of a result; 0 for anything else. */
static inline size_t portico_count(const struct portico_value *value)
{
    return value ? value->api->count(value) : 0;
}
/** Member `key` of an object, or NULL. Borrowed; lives as long as the object. */
static inline struct portico_value *portico_get(const struct portico_value *object, const char *key)
{
    return object ? object->api->get(object, key) : NULL;
}
/** Item `index` of a list, or row `index` of a result as an object; NULL past the end. A row is
 * made anew by each call: what is set in it is not in the result. To show more than the columns,
 * append the rows to a list of your own. */
static inline struct portico_value *portico_at(const struct portico_value *list, size_t index)
{
    return list ? list->api->at(list, index) : NULL;
}
/** Name of member `index` of an object (its order is the order of insertion); NULL past the end. */
static inline const char *portico_key_at(const struct portico_value *object, size_t index)
{
    return object ? object->api->key_at(object, index) : NULL;
}
/** Text of a TEXT or HTML member, or `otherwise`. Borrowed. */
static inline const char *portico_get_text(const struct portico_value *object, const char *key,
                                           const char *otherwise)
{
    const struct portico_value *value = portico_get(object, key);
    const char *text = value ? value->api->text(value, NULL) : NULL;
    return text ? text : otherwise;
}
/** Integer, id or time member, or `otherwise`. */
static inline int64_t portico_get_integer(const struct portico_value *object, const char *key,
                                          int64_t otherwise)
{
    const struct portico_value *value = portico_get(object, key);
    return value ? value->api->integer(value, otherwise) : otherwise;
}
/** Boolean member, or `otherwise`. */
static inline int portico_get_boolean(const struct portico_value *object, const char *key,
                                      int otherwise)
{
    const struct portico_value *value = portico_get(object, key);
    return value ? value->api->boolean(value, otherwise) : otherwise;
}
/** Real (or integer, widened) member, or `otherwise`. */
static inline double portico_get_real(const struct portico_value *object, const char *key,
                                      double otherwise)
{
    const struct portico_value *value = portico_get(object, key);
    return value ? value->api->real(value, otherwise) : otherwise;
}
/** Text of a TEXT or HTML value; NULL for other kinds. `ret_length` may be NULL. Borrowed. */
static inline const char *portico_text_of(const struct portico_value *value, size_t *ret_length)
{
    return value ? value->api->text(value, ret_length) : NULL;
}

/** Sets (or replaces) a member; the object refers to `value`, which must come from the same call.
 */
static inline int portico_set(struct portico_value *object, const char *key,
                              struct portico_value *value)
{
    return object ? object->api->set(object, key, value) : PORTICO_EINVAL;
}
/** Sets a text member; copies. A NULL text sets null. */
static inline int portico_set_text(struct portico_value *object, const char *key, const char *text)
{
    return object ? object->api->set_text(object, key, text, text ? strlen(text) : 0)
                  : PORTICO_EINVAL;
}
/** Sets an integer member. */
static inline int portico_set_integer(struct portico_value *object, const char *key,
                                      int64_t integer)
{
    return object ? object->api->set_scalar(object, key, PORTICO_INTEGER, integer, 0)
                  : PORTICO_EINVAL;
}
/** Sets a real member. */
static inline int portico_set_real(struct portico_value *object, const char *key, double real)
{
    return object ? object->api->set_scalar(object, key, PORTICO_REAL, 0, real) : PORTICO_EINVAL;
}
/** Sets a boolean member: 0 is false, anything else true. */
static inline int portico_set_boolean(struct portico_value *object, const char *key, int boolean)
{
    return object ? object->api->set_scalar(object, key, PORTICO_BOOLEAN, boolean != 0, 0)
                  : PORTICO_EINVAL;
}
/** Sets a time in microseconds UTC; templates format it for the reader, JSON has RFC 3339. */
static inline int portico_set_time(struct portico_value *object, const char *key, portico_time time)
{
    return object ? object->api->set_scalar(object, key, PORTICO_TIME, time, 0) : PORTICO_EINVAL;
}
/** Sets an id; JSON carries it as a decimal string. */
static inline int portico_set_id(struct portico_value *object, const char *key, portico_id id)
{
    return object ? object->api->set_scalar(object, key, PORTICO_ID, id, 0) : PORTICO_EINVAL;
}
/** Sets and returns a new empty object as member `key`; NULL when memory ended. */
static inline struct portico_value *portico_set_object(struct portico_value *object,
                                                       const char *key)
{
    struct portico_value *value = object ? object->api->make(object, PORTICO_OBJECT) : NULL;
    return value && object->api->set(object, key, value) == 0 ? value : NULL;
}
/** Sets and returns a new empty list as member `key`; NULL when memory ended. */
static inline struct portico_value *portico_set_list(struct portico_value *object, const char *key)
{
    struct portico_value *value = object ? object->api->make(object, PORTICO_LISTING) : NULL;
    return value && object->api->set(object, key, value) == 0 ? value : NULL;
}
/** Appends to a list; the list refers to `value`. */
static inline int portico_append(struct portico_value *list, struct portico_value *value)
{
    return list ? list->api->append(list, value) : PORTICO_EINVAL;
}
/** Appends a copy of `text`. */
static inline int portico_append_text(struct portico_value *list, const char *text)
{
    return list ? list->api->append(list, list->api->make_text(list, text, strlen(text)))
                : PORTICO_EINVAL;
}
/** Appends and returns a new empty object. */
static inline struct portico_value *portico_append_object(struct portico_value *list)
{
    struct portico_value *value = list ? list->api->make(list, PORTICO_OBJECT) : NULL;
    return value && list->api->append(list, value) == 0 ? value : NULL;
}

#endif
