#include "cli/module_diff.h"

#include <portico/value.h>

#include <stdio.h>
#include <string.h>

#define SHOWN_MAX 60 /* bytes of a value; longer ones are only said to have changed */

/* How entries of a list are called, which of their members tell them apart, and which one is worth
 * a word when they are new. */
struct row {
    const char *list, *noun;
    const char *keys[2];
    const char *detail;
};
static const struct row rows[] = {
    { "routes", "route", { "method", "pattern" }, "permission" },
    { "permissions", "permission", { "name" }, "title" },
    { "settings", "setting", { "key" }, "initial" },
    { "navigation", "navigation entry", { "path" }, "title" },
    { "health_checks", "health check", { "name" }, NULL },
    { "search_kinds", "search kind", { "kind" }, "title" },
    { "importers", "importer", { "format" }, "summary" },
    { "forms", "form", { "name" }, "submit" },
    { "form_fields", "field", { "form", "name" }, "label" },
    { "event_types", "event type", { "type" }, "title" },
    { "event_handlers", "event handler", { "name" }, "types" },
    { "jobs", "job", { "name" }, "schedule" },
    { "hooks", "hook", { "name" }, "paths" },
    { "services", "service", { "name" }, "version" },
    { "methods", "method", { "service", "name" }, "summary" },
    { "scenarios", "scenario", { "id" }, "title" },
    { "scenario_steps", "scenario step", { "scenario", "id" }, "title" },
    { "personal_data", "table of personal data", { "table" }, NULL },
    { "personal_hooks", "personal hook", { "name" }, NULL },
    { "commands", "command", { "name" }, "summary" },
    { "command_options", "option", { "command", "name" }, "argument" },
    { "notices", "kind of notice", { "name" }, "title" },
    { "account_facts", "fact about accounts", { "key" }, "title" },
    { "session_values", "value of sessions", { "key" }, "title" },
    { "templates", "template", { 0 }, NULL },
    { "migrations", "migration", { 0 }, NULL },
    { "locale", "translation", { 0 }, NULL },
    { "assets", "asset", { 0 }, NULL },
};

static const struct row *row_of(const char *list)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].list, list) == 0)
            return &rows[i];
    return NULL;
}

/* A scalar as text; "none" for what is not given. */
static const char *shown(const struct portico_value *value, char *ret_text, size_t size)
{
    const char *text = portico_text_of(value, NULL);
    switch (portico_kind(value)) {
    case PORTICO_TEXT: return *text ? text : "none";
    case PORTICO_INTEGER:
        snprintf(ret_text, size, "%lld", (long long)value->api->integer(value, 0));
        return ret_text;
    case PORTICO_BOOLEAN: return value->api->boolean(value, 0) ? "given" : "none";
    default: return "none";
    }
}

/* The entry's name in its list: the members that tell it apart, or the text it is. */
static void name_of(const struct row *row, const struct portico_value *item, char *ret_name,
                    size_t size)
{
    const char *text = portico_text_of(item, NULL);
    const char *first = row && row->keys[0] ? row->keys[0] : portico_key_at(item, 0);
    const char *second = row ? row->keys[1] : NULL;
    if (text)
        snprintf(ret_name, size, "%s", text);
    else
        snprintf(ret_name, size, "%s%s%s", portico_get_text(item, first ? first : "", ""),
                 second ? " " : "", second ? portico_get_text(item, second, "") : "");
}

static const struct portico_value *find(const struct portico_value *list, const struct row *row,
                                        const char *name)
{
    for (size_t i = 0; i < portico_count(list); i++) {
        char other[512];
        const struct portico_value *item = portico_at(list, i);
        name_of(row, item, other, sizeof other);
        if (strcmp(name, other) == 0)
            return item;
    }
    return NULL;
}

static size_t say_change(const char *what, const char *member, const struct portico_value *before,
                         const struct portico_value *after, struct buffer *out)
{
    char left[32], right[32];
    const char *was = shown(before, left, sizeof left), *is = shown(after, right, sizeof right);
    if (strcmp(was, is) == 0)
        return 0;
    if (strlen(was) > SHOWN_MAX || strlen(is) > SHOWN_MAX)
        buffer_printf(out, "~ %s: %s changed\n", what, member);
    else
        buffer_printf(out, "~ %s: %s %s is now %s\n", what, member, was, is);
    return 1;
}

/* Members of an entry that is in both. */
static size_t compare_items(const char *noun, const char *name, const struct portico_value *before,
                            const struct portico_value *after, struct buffer *out)
{
    char what[600];
    size_t count = 0;
    snprintf(what, sizeof what, "%s %s", noun, name);
    for (size_t i = 0; i < portico_count(after) && portico_key_at(after, i); i++) {
        const char *member = portico_key_at(after, i);
        count +=
            say_change(what, member, portico_get(before, member), portico_get(after, member), out);
    }
    return count;
}

static void say_entry(char sign, const struct row *row, const char *noun, const char *name,
                      const struct portico_value *item, struct buffer *out)
{
    const char *detail =
        sign == '+' && row && row->detail ? portico_get_text(item, row->detail, NULL) : NULL;
    if (detail && *detail && strlen(detail) <= SHOWN_MAX)
        buffer_printf(out, "%c %s %s (%s)\n", sign, noun, name, detail);
    else
        buffer_printf(out, "%c %s %s\n", sign, noun, name);
}

static size_t compare_lists(const char *list, const struct portico_value *before,
                            const struct portico_value *after, struct buffer *out)
{
    const struct row *row = row_of(list);
    const char *noun = row ? row->noun : list;
    char name[512];
    size_t count = 0;
    for (size_t i = 0; i < portico_count(before); i++) {
        name_of(row, portico_at(before, i), name, sizeof name);
        if (find(after, row, name))
            continue;
        say_entry('-', row, noun, name, portico_at(before, i), out);
        count++;
    }
    for (size_t i = 0; i < portico_count(after); i++) {
        const struct portico_value *item = portico_at(after, i);
        name_of(row, item, name, sizeof name);
        const struct portico_value *old = find(before, row, name);
        if (!old)
            say_entry('+', row, noun, name, item, out);
        count += old ? compare_items(noun, name, old, item, out) : 1;
    }
    return count;
}

size_t module_diff(const struct value *before, const struct value *after, struct buffer *out)
{
    const struct portico_value *old = before ? value_public(before) : NULL;
    const struct portico_value *new = value_public(after);
    size_t count = 0;
    for (size_t i = 0; i < portico_count(new); i++) {
        const char *member = portico_key_at(new, i);
        const struct portico_value *is = portico_get(new, member);
        if (portico_kind(is) == PORTICO_LISTING)
            count += compare_lists(member, portico_get(old, member), is, out);
        else if (old)
            count += say_change("module", member, portico_get(old, member), is, out);
    }
    return count;
}
