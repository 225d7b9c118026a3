#include "module/session_values.h"

#include "base/error.h"
#include "base/json.h"
#include "module/module.h"

#include <stdio.h>

/* By all of the key's bytes: what comes from a child process may have a NUL among them. */
static const struct portico_session_value *find(const struct module *module, struct text key)
{
    const struct portico_list *list = &module->descriptor->session_values;
    const struct portico_session_value *values = list->items;
    for (uint32_t i = 0; i < list->count; i++)
        if (text_equals(key, text_of(values[i].key)))
            return &values[i];
    return NULL;
}

const struct portico_session_value *session_values_find(const struct module *module,
                                                        const char *key)
{
    return key ? find(module, text_of(key)) : NULL;
}

/* Typed and kept as facts about accounts are. */
static struct portico_account_fact fact_of(const struct portico_session_value *value)
{
    return (struct portico_account_fact){
        .key = value->key, .title = value->title, .type = value->type, .choices = value->choices
    };
}

/* An object; an empty one for nothing, or for what is no JSON of ours. NULL: memory ended. */
static struct value *parsed(const char *carried, struct arena *arena)
{
    struct value *object = NULL;
    if (carried && json_parse(arena, carried, strlen(carried), &object, NULL) == 0 &&
        object->kind == PORTICO_OBJECT)
        return object;
    return value_new(arena, PORTICO_OBJECT);
}

static const char *content_in(const struct value *object, const struct module *module,
                              const char *key)
{
    const struct value *own = value_get(object, text_of(module->id));
    const struct value *content =
        own && own->kind == PORTICO_OBJECT ? value_get(own, text_of(key)) : NULL;
    return content && content->kind == PORTICO_TEXT ? content->text : NULL;
}

/* ---- what a service gave ---- */

size_t session_values_most(const struct portico_session_value *value)
{
    return value->maximum_length ? value->maximum_length : SESSION_VALUES_TEXT_USUAL;
}

static size_t characters(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

/* As people would type it; NULL: none of these values is of that type. */
static const char *typed(const struct portico_session_value *value, const struct value *given,
                         struct arena *arena)
{
    const bool number = value->type == PORTICO_FACT_NUMBER;
    const bool truth = value->type == PORTICO_FACT_BOOLEAN;
    switch (given->kind) {
    case PORTICO_TEXT: return number || truth ? NULL : given->text;
    case PORTICO_BOOLEAN: return !truth ? NULL : given->integer ? "true" : "false";
    case PORTICO_INTEGER:
        return number ? arena_printf(arena, "%lld", (long long)given->integer) : NULL;
    case PORTICO_REAL: return number ? arena_printf(arena, "%.15g", given->real) : NULL;
    default: return NULL;
    }
}

static int unknown(const struct module *module, struct text key, struct portico_error *error)
{
    return error_set(error, PORTICO_EFAULT,
                     "\"%.*s\" is not in .session_values of module %s: add it there or correct the "
                     "key.",
                     (int)MIN(key.length, 64), key.data, module->id);
}

static int check(const struct portico_session_value *value, const struct value *given,
                 struct arena *arena, const char **ret_content, struct portico_error *error)
{
    const struct portico_account_fact fact = fact_of(value);
    const char *text = typed(value, given, arena);
    const size_t most = session_values_most(value);
    if (!text)
        return error_set(error, PORTICO_EFAULT, "What is given as %s is not of its type.",
                         value->key);
    if (value->type == PORTICO_FACT_TEXT && characters(text) > most)
        return error_set(error, PORTICO_EFAULT, "The text of %s is longer than %zu characters.",
                         value->key, most);
    int code = facts_check(&fact, text, arena, ret_content, error);
    return code == PORTICO_EINVAL ? PORTICO_EFAULT : code;
}

static int written(const struct value *object, struct arena *arena, struct text *ret_text,
                   struct portico_error *error)
{
    struct buffer text = { 0 };
    json_write(&text, object);
    const char *whole = buffer_text(&text) ? arena_strndup(arena, text.data, text.length) : NULL;
    if (whole)
        *ret_text = (struct text){ whole, text.length };
    buffer_free(&text);
    return whole ? PORTICO_OK : error_set(error, PORTICO_ENOMEM, "Memory ended.");
}

/* The key of the longest; what was kept before a declaration was another counts as well. */
static struct text longest(const struct value *own)
{
    struct text key = { "", 0 };
    size_t most = 0;
    for (uint32_t i = 0; i < own->count; i++) {
        const struct value *value = own->members[i].value;
        const size_t length = value->kind == PORTICO_TEXT ? strlen(value->text) : 0;
        if (length >= most) {
            most = length;
            key = own->members[i].key;
        }
    }
    return key;
}

static int check_share(const struct module *module, const struct value *own, struct arena *arena,
                       struct portico_error *error)
{
    struct text share;
    int code = written(own, arena, &share, error);
    if (code < 0 || share.length <= SESSION_VALUES_BYTES)
        return code;
    const struct text key = longest(own);
    return error_set(error, PORTICO_EFAULT,
                     "The session would carry %zu bytes of module %s, and %d is the most: \"%.*s\" "
                     "is the longest of its .session_values.",
                     share.length, module->id, SESSION_VALUES_BYTES, (int)MIN(key.length, 64),
                     key.data);
}

/* One value into those of its module; null takes away what was there. */
static int keep(const struct module *module, struct value *own, const struct value_member *member,
                struct arena *arena, struct portico_error *error)
{
    const struct portico_session_value *value = find(module, member->key);
    const bool nothing = member->value->kind == PORTICO_NULL;
    const char *content = NULL;
    if (!value)
        return nothing ? PORTICO_OK : unknown(module, member->key, error);
    int code = nothing ? PORTICO_OK : check(value, member->value, arena, &content, error);
    if (code < 0)
        return code;
    struct value *kept =
        content ? value_text(arena, content, strlen(content)) : value_new(arena, PORTICO_NULL);
    return kept && value_set(own, text_of(value->key), kept) == 0
               ? PORTICO_OK
               : error_set(error, PORTICO_ENOMEM, "Memory ended.");
}

int session_values_add(const struct module *module, const struct value *given, const char *carried,
                       struct arena *arena, const char **ret_carried, struct portico_error *error)
{
    struct value *object = parsed(carried, arena);
    struct value *own = object ? value_get(object, text_of(module->id)) : NULL;
    if (given->kind != PORTICO_OBJECT)
        return error_set(error, PORTICO_EFAULT, "What is given to a session is no object.");
    if (object && !own && (own = value_new(arena, PORTICO_OBJECT)) &&
        value_set(object, text_of(module->id), own) < 0)
        own = NULL;
    if (!own)
        return error_set(error, PORTICO_ENOMEM, "Memory ended.");
    for (uint32_t i = 0; i < given->count; i++) {
        int code = keep(module, own, &given->members[i], arena, error);
        if (code < 0)
            return code;
    }
    struct text whole;
    int code = check_share(module, own, arena, error);
    if (code == 0)
        code = written(object, arena, &whole, error);
    if (code == 0)
        *ret_carried = whole.data;
    return code;
}

int session_values_require(const struct module *module, const char *carried, struct arena *arena,
                           struct portico_error *error)
{
    const struct portico_list *list = &module->descriptor->session_values;
    const struct portico_session_value *values = list->items;
    const struct value *object = parsed(carried, arena);
    if (!object)
        return error_set(error, PORTICO_ENOMEM, "Memory ended.");
    for (uint32_t i = 0; i < list->count; i++)
        if (values[i].flags & PORTICO_SESSION_REQUIRED &&
            !content_in(object, module, values[i].key))
            return error_set(error, PORTICO_EFAULT,
                             "The module %s lets no session begin without %s, and gave none.",
                             module->id, values[i].key);
    return PORTICO_OK;
}

/* ---- reading ---- */

struct value *session_values_read(const struct module *module,
                                  const struct portico_session_value *value, const char *carried,
                                  struct arena *arena)
{
    const struct portico_account_fact fact = fact_of(value);
    const struct value *object = parsed(carried, arena);
    const char *content = object ? content_in(object, module, value->key) : NULL;
    return content ? facts_value(&fact, content, arena) : NULL;
}

static int show(const struct facts_reader *reader, struct value *list, const struct module *module,
                const struct portico_session_value *value, const struct value *object)
{
    const struct portico_account_fact fact = fact_of(value);
    const char *content = content_in(object, module, value->key);
    struct value *item = content ? value_new(reader->arena, PORTICO_OBJECT) : NULL;
    if (!content)
        return PORTICO_OK;
    if (!item || value_set_text(item, "title", facts_words(reader, module->id, value->title)) < 0 ||
        value_set_text(item, "text", facts_text(reader, module->id, &fact, content)) < 0)
        return PORTICO_ENOMEM;
    return value_append(list, item);
}

struct value *session_values_shown(const struct facts_reader *reader, const char *carried)
{
    const GPtrArray *modules = reader->host->registry->modules;
    struct value *list = value_new(reader->arena, PORTICO_LISTING);
    const struct value *object = parsed(carried, reader->arena);
    for (guint i = 0; list && object && i < modules->len; i++) {
        const struct module *module = g_ptr_array_index(modules, i);
        const struct portico_list *values = &module->descriptor->session_values;
        for (uint32_t n = 0; n < values->count; n++)
            if (show(reader, list, module, (const struct portico_session_value *)values->items + n,
                     object) < 0)
                return NULL;
    }
    return object ? list : NULL;
}
