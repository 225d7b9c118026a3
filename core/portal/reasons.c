#include "portal/reasons.h"

#include "base/error.h"
#include "module/descriptor.h"
#include "module/respond.h"
#include "portal/inside.h"

#include <ctype.h>
#include <glib.h>
#include <string.h>

int reasons_route(const struct registry *registry, const char *written,
                  const struct module_route **ret_route, struct portico_error *error)
{
    const char *path = strchr(written, '/'), *blank = strchr(written, ' ');
    const struct text method = blank && blank < path
                                   ? (struct text){ written, (size_t)(blank - written) }
                                   : text_of("GET");
    struct route_match match;
    const size_t length = path ? strcspn(path, "?#") : 0;
    if (!path ||
        !route_tree_match(registry_routes(registry), method, (struct text){ path, length },
                          &match) ||
        !match.route)
        return error_set(error, PORTICO_ENOENT,
                         "No module answers %.200s. Write a method and a path, such as "
                         "\"GET /admin\".",
                         written);
    *ret_route = match.route;
    return 0;
}

void reasons_of_route(const struct module_route *route, struct identity_question *question)
{
    question->permission = route->route.permission;
    question->before_step = respond_opens_before_step(text_of(route->route.pattern));
}

static bool is_table(const char *name, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!islower((unsigned char)name[i]) && !isdigit((unsigned char)name[i]) && name[i] != '_')
            return false;
    return length > 0 && length < 64;
}

static int read_row(struct store_session *session, struct identity_question *question,
                    struct portico_error *error)
{
    const char *table = question->object.relation;
    struct arena *arena = store_session_arena(session);
    const struct portico_argument id = portico_arg_id(question->object.id);
    struct value *rows = NULL;
    const char *with = arena_printf(
        arena, "{unfiltered why} SELECT audience, granted FROM %s WHERE id = ?", table);
    const char *without =
        arena_printf(arena, "{unfiltered why} SELECT audience FROM %s WHERE id = ?", table);
    if (!with || !without)
        return error_set(error, PORTICO_ENOMEM, "Memory ended.");
    int code = store_query(session, with, &id, 1, &rows, error);
    if (code == PORTICO_EINVAL)
        code = store_query(session, without, &id, 1, &rows, error);
    if (code == PORTICO_EINVAL)
        return error_set(error, PORTICO_EINVAL,
                         "There is no table %s whose rows have an id and an audience.", table);
    if (code < 0)
        return code;
    if (rows->count == 0)
        return error_set(error, PORTICO_ENOENT, "%s has no row of that id.", table);
    const struct value_cell *cells = value_rows_at(rows, 0);
    question->audience = cells[0].integer;
    question->granted = rows->rows->column_count > 1 && cells[1].integer;
    return 0;
}

int reasons_row(struct store_session *session, const char *written,
                struct identity_question *question, struct portico_error *error)
{
    const char *slash = strchr(written, '/');
    const int64_t id = slash ? portico_id_read(slash + 1) : 0;
    if (!slash || id <= 0 || !is_table(written, (size_t)(slash - written)))
        return error_set(error, PORTICO_EINVAL,
                         "`%.100s` is no row: write the table and the id, such as "
                         "communities_topic/123.",
                         written);
    const char *table =
        arena_strndup(store_session_arena(session), written, (size_t)(slash - written));
    if (!table)
        return error_set(error, PORTICO_ENOMEM, "Memory ended.");
    question->object = (struct identity_object){ table, id };
    return read_row(session, question, error);
}

/* Titles of roles joined by commas: those of every portal's are translated, others are as written.
 */
static const char *translate_titles(struct page_set *pages, struct arena *arena, const char *locale,
                                    const char *titles)
{
    GString *joined = g_string_new(NULL);
    char **each = g_strsplit(titles, ", ", -1);
    for (size_t i = 0; each[i]; i++)
        g_string_append_printf(joined, "%s%s", i ? ", " : "",
                               page_translate(pages, "portico", arena, locale, each[i], NULL));
    const char *kept = arena_strdup(arena, joined->str);
    g_strfreev(each);
    g_string_free(joined, TRUE);
    return kept ? kept : titles;
}

static void translate_roles(struct page_set *pages, struct arena *arena, const char *locale,
                            struct value *arguments)
{
    static const char *const names[] = { "roles", "through" };
    for (size_t i = 0; arguments && i < G_N_ELEMENTS(names); i++) {
        const char *titles = portico_get_text(value_public(arguments), names[i], NULL);
        if (titles)
            value_set_text(arguments, names[i], translate_titles(pages, arena, locale, titles));
    }
}

void reasons_show(struct page_set *pages, struct arena *arena, const char *locale,
                  const struct identity_why *why, struct portico_value *view)
{
    struct portico_value *list = portico_set_list(view, "reasons");
    portico_set_boolean(view, "yes", why->yes);
    for (size_t i = 0; i < why->count; i++) {
        struct portico_value *item = portico_append_object(list);
        translate_roles(pages, arena, locale, why->reasons[i].arguments);
        portico_set_boolean(item, "good", why->reasons[i].good);
        portico_set_text(item, "text",
                         page_translate(pages, "portico", arena, locale, why->reasons[i].words,
                                        why->reasons[i].arguments));
    }
}

const char *reasons_permission(const struct module_host *host, struct arena *arena,
                               const char *locale, const char *name)
{
    for (size_t m = 0; m < registry_module_count(host->registry); m++) {
        struct module *module = registry_module_at(host->registry, m);
        const struct portico_module *descriptor = module_descriptor(module);
        const struct portico_permission *permissions = descriptor->permissions.items;
        for (uint32_t i = 0; i < descriptor->permissions.count; i++)
            if (strcmp(permissions[i].name, name) == 0)
                return page_translate(host->pages, module_id(module), arena, locale,
                                      permissions[i].title, NULL);
    }
    return name;
}
