#include "module/frame.h"

#include "http/form.h"
#include "module/module.h"

#define TABS_MAX 4 /* the shell adds one for the rest */

/* A shallow copy: the members' values are shared, for reading only; members added stay ours. */
static struct value *copy_of(const struct value *portal, struct arena *arena)
{
    struct value *frame = value_new(arena, PORTICO_OBJECT);
    if (!frame || !portal || portal->count == 0)
        return frame;
    uint32_t capacity = portal->count + 8;
    frame->members = arena_alloc(arena, capacity * sizeof *frame->members);
    if (!frame->members)
        return NULL;
    memcpy(frame->members, portal->members, portal->count * sizeof *frame->members);
    frame->count = portal->count;
    frame->capacity = capacity;
    frame->height = portal->height;
    return frame;
}

/* An entry is current on its own page and on those below it. */
static bool is_current(struct text path, const char *entry)
{
    struct text own = text_of(entry);
    if (text_equals(own, TEXT("/")) || !text_starts(path, own))
        return text_equals(own, path);
    return path.length == own.length || path.data[own.length] == '/';
}

static struct value *entry_view(struct module_host *host, struct arena *arena,
                                const struct registry_navigation *navigation, struct text path,
                                const char *locale)
{
    struct value *view = value_new(arena, PORTICO_OBJECT);
    if (!view)
        return NULL;
    const struct portico_navigation *entry = navigation->entry;
    value_set_text(view, "path", entry->path);
    value_set_text(
        view, "title",
        page_translate(host->pages, navigation->owner->id, arena, locale, entry->title, NULL));
    value_set_text(view, "icon", entry->icon);
    value_set_boolean(view, "current", is_current(path, entry->path));
    return view;
}

/* The group an entry stands under: a heading, or the first block without one. */
static struct value *group_entries(struct module_host *host, struct value *groups,
                                   const struct registry_navigation *navigation, const char *locale)
{
    const char *group = navigation->entry->group;
    const char *title = group ? page_translate(host->pages, navigation->owner->id, groups->arena,
                                               locale, group, NULL)
                              : NULL;
    for (uint32_t i = 0; i < groups->count; i++) {
        const struct value *own = value_get(groups->items[i], TEXT("title"));
        const char *heading = own->kind == PORTICO_TEXT ? own->text : NULL;
        if (title ? heading && strcmp(heading, title) == 0 : !heading)
            return value_get(groups->items[i], TEXT("entries"));
    }
    struct value *object = value_new(groups->arena, PORTICO_OBJECT);
    struct value *entries = value_new(groups->arena, PORTICO_LISTING);
    if (!object || !entries || value_set_text(object, "title", title) < 0 ||
        value_set(object, TEXT("entries"), entries) < 0 || value_append(groups, object) < 0)
        return NULL;
    return entries;
}

static int add_navigation(struct value *frame, struct module_host *host,
                          const struct viewer *viewer, struct text path, const char *locale)
{
    struct arena *arena = frame->arena;
    struct value *groups = value_new(arena, PORTICO_LISTING);
    struct value *tabs = value_new(arena, PORTICO_LISTING);
    const GArray *entries = host->registry->navigation;
    for (guint i = 0; groups && tabs && i < entries->len; i++) {
        const struct registry_navigation *navigation =
            &g_array_index(entries, struct registry_navigation, i);
        if (!viewer_may(viewer, navigation->entry->permission))
            continue;
        struct value *group = group_entries(host, groups, navigation, locale);
        if (value_append(group, entry_view(host, arena, navigation, path, locale)) < 0)
            return PORTICO_ENOMEM;
        if (navigation->entry->tab && tabs->count < TABS_MAX)
            value_append(tabs, entry_view(host, arena, navigation, path, locale));
    }
    int code = value_set(frame, TEXT("navigation"), groups);
    return code < 0 ? code : value_set(frame, TEXT("tabs"), tabs);
}

/* What stands in the search box: the words of a search under way. */
static void add_search(struct value *frame, const struct http_request *request)
{
    struct value *search = value_new(frame->arena, PORTICO_OBJECT);
    struct http_pair *pairs = NULL;
    size_t count = 0;
    if (!search || value_set(frame, TEXT("search"), search) < 0)
        return;
    value_set_text(search, "query", NULL);
    if (request->query.length == 0 ||
        http_form_parse(frame->arena, request->query, &pairs, &count) < 0)
        return;
    for (size_t i = 0; i < count; i++)
        if (text_equals(pairs[i].name, TEXT("q"))) {
            value_set(search, TEXT("query"),
                      value_text(frame->arena, pairs[i].value.data, pairs[i].value.length));
            return;
        }
}

/* Languages written from right to left, by their first subtag. */
static const char *direction(const char *locale)
{
    static const char *const leftward[] = { "ar", "fa", "he", "ur", "yi", "ps", "sd", "ug", "dv" };
    size_t length = strcspn(locale, "-");
    for (size_t i = 0; i < sizeof leftward / sizeof *leftward; i++)
        if (length == 2 && strncmp(locale, leftward[i], 2) == 0)
            return "rtl";
    return "ltr";
}

static int add_viewer(struct value *frame, const struct viewer *viewer)
{
    struct value *view = value_new(frame->arena, PORTICO_OBJECT);
    if (!view || value_set_boolean(view, "signed_in", viewer->person != 0) < 0 ||
        value_set_text(view, "name", NULL) < 0 || value_set_text(view, "initials", NULL) < 0)
        return PORTICO_ENOMEM;
    return value_set(frame, TEXT("viewer"), view);
}

struct value *frame_make(struct module_host *host, struct arena *arena, const struct viewer *viewer,
                         const struct http_request *request, const char *locale)
{
    struct value *frame = copy_of(host->portal, arena);
    const char *canonical =
        host->canonical_url ? arena_printf(arena, "%s%s", host->canonical_url, request->path.data)
                            : NULL;
    if (!frame || value_set_text(frame, "locale", locale) < 0 ||
        value_set_text(frame, "dir", direction(locale)) < 0 ||
        value_set_text(frame, "request_id", request->id) < 0 ||
        value_set_text(frame, "canonical", canonical) < 0 || add_viewer(frame, viewer) < 0)
        return NULL;
    if (host->registry && add_navigation(frame, host, viewer, request->path, locale) < 0)
        return NULL;
    add_search(frame, request);
    return frame;
}
