#include "module/join.h"

#include "base/error.h"
#include "base/value_copy.h"

static int64_t id_in(const struct value *item, struct text column)
{
    const struct value *value = value_get(item, column);
    return value && (value->kind == PORTICO_ID || value->kind == PORTICO_INTEGER) ? value->integer
                                                                                  : 0;
}

/* Items as objects that can be added to. */
static struct value *objects_of(struct arena *arena, const struct value *items)
{
    if (!items || items->kind == PORTICO_LISTING)
        return items ? (struct value *)(uintptr_t)items : value_new(arena, PORTICO_LISTING);
    struct value *list = value_new(arena, PORTICO_LISTING);
    for (uint32_t i = 0; list && i < items->count; i++)
        if (value_append(list, value_at(items, i)) < 0)
            return NULL;
    return list;
}

/* A page of ids, each once, from `*at` on; returns how many. */
static size_t gather(const struct value *list, struct text column, uint32_t *at, GHashTable *known,
                     int64_t *ids, size_t most)
{
    size_t count = 0;
    for (; *at < list->count && count < most; (*at)++) {
        int64_t id = id_in(list->items[*at], column);
        if (id && !g_hash_table_contains(known, &id)) {
            ids[count] = id;
            g_hash_table_insert(known, g_memdup2(&id, sizeof id), NULL);
            count++;
        }
    }
    return count;
}

static int look_up(struct scope *scope, join_look *look, const struct value *list,
                   struct text column, GHashTable *known, struct portico_error *error)
{
    int64_t *ids = g_new(int64_t, JOIN_MAX);
    uint32_t at = 0;
    int code = 0;
    while (code == 0 && at < list->count) {
        struct value *rows = NULL;
        size_t count = gather(list, column, &at, known, ids, JOIN_MAX);
        code = count ? look(scope, ids, count, &rows, error) : 0;
        for (uint32_t i = 0; code == 0 && rows && i < rows->count; i++) {
            struct value *person = value_at(rows, i);
            int64_t id = id_in(person, TEXT("id"));
            g_hash_table_insert(known, g_memdup2(&id, sizeof id), person);
        }
    }
    g_free(ids);
    return code;
}

static int put(struct value *list, struct text column, const char *member, GHashTable *known)
{
    int code = 0;
    for (uint32_t i = 0; code == 0 && i < list->count; i++) {
        struct value *item = list->items[i];
        int64_t id = id_in(item, column);
        const struct value *person = id ? g_hash_table_lookup(known, &id) : NULL;
        code = person ? value_set(item, text_of(member), value_copy(list->arena, person))
                      : value_set_text(item, member, NULL);
    }
    return code;
}

int join_rows(struct scope *scope, const struct portico_value *items, const char *column,
              const char *member, join_look *look, struct portico_value **ret_items,
              struct portico_error *error)
{
    struct value *list = objects_of(scope->arena, items ? value_of(items) : NULL);
    if (!column || !member ||
        (items && portico_kind(items) != PORTICO_ROWS && portico_kind(items) != PORTICO_LISTING))
        return error_set(error, PORTICO_EINVAL,
                         "What is joined are rows or a list, by the name of a column.");
    if (!list || !scope_session(scope, error))
        return list ? PORTICO_EIO
                    : error_set(error, PORTICO_ENOMEM, "Memory ended while rows were joined.");
    GHashTable *known = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    int code = look_up(scope, look, list, text_of(column), known, error);
    if (code == 0 && put(list, text_of(column), member, known) < 0)
        code = error_set(error, PORTICO_ENOMEM,
                         "Memory ended while rows were joined, or an item is no object.");
    g_hash_table_destroy(known);
    if (code == 0)
        *ret_items = value_public(list);
    return code;
}
