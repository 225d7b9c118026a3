#include "module/session_values.h"

#include "base/error.h"
#include "base/json.h"
#include "module/module.h"

#include <stdio.h>

#define TEXT_USUAL 200 /* characters, where the declaration names none */

const struct portico_session_value *session_values_find(const struct module *module,
                                                        const char *key)
{
    const struct portico_list *list = &module->descriptor->session_values;
    const struct portico_session_value *values = list->items;
    for (uint32_t i = 0; key && i < list->count; i++)
        if (strcmp(values[i].key, key) == 0)
            return &values[i];
    return NULL;
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

static int check(const struct module *module, struct text name, const struct value *given,
                 struct arena *arena, const char **ret_content, struct portico_error *error)
{
    const char *key = arena_strndup(arena, name.data, name.length);
    const struct portico_session_value *value = session_values_find(module, key);
    if (!value)
        return error_set(error, PORTICO_EFAULT,
                         "\"%.64s\" is not in .session_values of module %s: add it there or "
                         "correct the key.",
                         key ? key : "", module->id);
    const struct portico_account_fact fact = fact_of(value);
    const char *text = typed(value, given, arena);
    const size_t most = value->maximum_length ? value->maximum_length : TEXT_USUAL;
    if (!text)
        return error_set(error, PORTICO_EFAULT, "What is given as %s is not of its type.", key);
    if (value->type == PORTICO_FACT_TEXT && characters(text) > most)
        return error_set(error, PORTICO_EFAULT, "The text of %s is longer than %zu characters.",
                         key, most);
    int code = facts_check(&fact, text, arena, ret_content, error);
    return code == PORTICO_EINVAL ? PORTICO_EFAULT : code;
}

static int written(const struct value *object, struct arena *arena, const char **ret_carried,
                   struct portico_error *error)
{
    struct buffer text = { 0 };
    int code = PORTICO_OK;
    json_write(&text, object);
    const char *whole = buffer_text(&text) ? arena_strndup(arena, text.data, text.length) : NULL;
    if (!whole)
        code = error_set(error, PORTICO_ENOMEM, "Memory ended.");
    else if (text.length > SESSION_VALUES_BYTES)
        code = error_set(error, PORTICO_EFAULT,
                         "The session would carry %zu bytes, and %d is the most.", text.length,
                         SESSION_VALUES_BYTES);
    else
        *ret_carried = whole;
    buffer_free(&text);
    return code;
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
        const struct value_member *member = &given->members[i];
        const char *content = NULL;
        int code = member->value->kind == PORTICO_NULL
                       ? PORTICO_OK
                       : check(module, member->key, member->value, arena, &content, error);
        struct value *kept =
            content ? value_text(arena, content, strlen(content)) : value_new(arena, PORTICO_NULL);
        if (code == 0 && (!kept || value_set(own, member->key, kept) < 0))
            code = error_set(error, PORTICO_ENOMEM, "Memory ended.");
        if (code < 0)
            return code;
    }
    return written(object, arena, ret_carried, error);
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
