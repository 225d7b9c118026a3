#include "module/frame.h"

#include "http/form.h"
#include "identity/account.h"
#include "identity/standing.h"
#include "module/all_accounts.h"
#include "module/module.h"
#include "module/respond.h"

#include <stdio.h>

#define TABS_MAX 4 /* the shell adds one for the rest */

#define PLAIN_ICON "puzzle" /* of an entry that names none: without, it looks like a heading */
#define ENTRIES_MAX 64      /* navigation entries a frame can be kept for */
#define FRAMES_MAX 256

/* What the part of a frame that does not change from request to request depends on. */
struct frame_key {
    const char *locale;
    uint64_t visible, current; /* navigation entries, a bit each */
    bool signed_in;
};

struct kept_frame {
    struct frame_key key;
    struct value *members; /* an object nobody changes any more */
};

struct frame_store {
    pthread_mutex_t lock;
    struct arena *arena;
    GHashTable *frames; /* of struct kept_frame, in the arena */
};

static guint key_hash(gconstpointer data)
{
    const struct frame_key *key = data;
    return g_str_hash(key->locale) ^ g_int64_hash(&key->visible) * 3 ^ g_int64_hash(&key->current);
}

static gboolean key_equal(gconstpointer left, gconstpointer right)
{
    const struct frame_key *a = left, *b = right;
    return a->visible == b->visible && a->current == b->current && a->signed_in == b->signed_in &&
           strcmp(a->locale, b->locale) == 0;
}

struct frame_store *frame_store_new(void)
{
    struct frame_store *store = g_new0(struct frame_store, 1);
    pthread_mutex_init(&store->lock, NULL);
    store->frames = g_hash_table_new(key_hash, key_equal);
    return store;
}

void frame_store_free(struct frame_store *store)
{
    if (!store)
        return;
    g_hash_table_destroy(store->frames);
    arena_free(store->arena);
    pthread_mutex_destroy(&store->lock);
    g_free(store);
}

/* Shallow: the members' values are shared, for reading only; members added stay the frame's. */
static void add_members(struct value *frame, const struct value *object)
{
    if (!object || object->count == 0)
        return;
    memcpy(frame->members + frame->count, object->members, object->count * sizeof *frame->members);
    frame->count += object->count;
    if (frame->height < object->height)
        frame->height = object->height;
}

static struct value *frame_of(struct arena *arena, const struct value *portal,
                              const struct value *kept)
{
    struct value *frame = value_new(arena, PORTICO_OBJECT);
    if (!frame)
        return NULL;
    frame->capacity = (portal ? portal->count : 0) + kept->count + 8;
    frame->members = arena_alloc(arena, frame->capacity * sizeof *frame->members);
    if (!frame->members)
        return NULL;
    add_members(frame, portal);
    add_members(frame, kept);
    return frame;
}

/* True for the page of an entry and those below it. */
static bool covers(const char *entry, struct text path)
{
    struct text own = text_of(entry);
    if (text_equals(own, TEXT("/")) || !text_starts(path, own))
        return text_equals(own, path);
    return path.length == own.length || path.data[own.length] == '/';
}

/* The path of the entry the viewer is at: the nearest above the page. NULL: there is none. */
static const char *current_entry(const struct module_host *host, const struct viewer *viewer,
                                 struct text path)
{
    const GArray *entries = host->registry->navigation;
    const char *nearest = NULL;
    for (guint i = 0; i < entries->len; i++) {
        const struct portico_navigation *entry =
            g_array_index(entries, struct registry_navigation, i).entry;
        if (viewer_may(viewer, entry->permission) && covers(entry->path, path) &&
            (!nearest || strlen(entry->path) > strlen(nearest)))
            nearest = entry->path;
    }
    return nearest;
}

static struct value *entry_view(struct module_host *host, struct arena *arena,
                                const struct registry_navigation *navigation, const char *current,
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
    value_set_text(view, "icon", entry->icon ? entry->icon : PLAIN_ICON);
    value_set_boolean(view, "current", current && strcmp(entry->path, current) == 0);
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
    const char *current = current_entry(host, viewer, path);
    /* Those of no group before all groups: below one they would seem to be in it. */
    for (guint i = 0; groups && tabs && i < 2 * entries->len; i++) {
        const struct registry_navigation *navigation =
            &g_array_index(entries, struct registry_navigation, i % entries->len);
        if (!navigation->entry->group != (i < entries->len) ||
            !viewer_may(viewer, navigation->entry->permission))
            continue;
        struct value *group = group_entries(host, groups, navigation, locale);
        if (value_append(group, entry_view(host, arena, navigation, current, locale)) < 0)
            return PORTICO_ENOMEM;
    }
    for (guint i = 0; groups && tabs && i < entries->len && tabs->count < TABS_MAX; i++) {
        const struct registry_navigation *navigation =
            &g_array_index(entries, struct registry_navigation, i);
        if (navigation->entry->tab && viewer_may(viewer, navigation->entry->permission))
            value_append(tabs, entry_view(host, arena, navigation, current, locale));
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

/* Staff whose way to look in somebody's place does not begin with the person's page. */
static bool only_looks(const struct viewer *viewer)
{
    return viewer->roles & IDENTITY_STAFF && !viewer_may(viewer, "portico.admin") &&
           viewer_may(viewer, IDENTITY_VIEW_PERMISSION);
}

static int add_viewer(struct value *frame, const struct viewer *viewer)
{
    struct value *view = value_new(frame->arena, PORTICO_OBJECT);
    if (!view || value_set_boolean(view, "signed_in", viewer->person != 0) < 0 ||
        value_set_text(view, "name", viewer->name) < 0 ||
        value_set_text(view, "initials", viewer->initials) < 0 ||
        value_set_text(view, "handle", viewer->handle) < 0 ||
        value_set_boolean(view, "admin", viewer_may(viewer, "portico.admin")) < 0 ||
        value_set_boolean(view, "may_view", only_looks(viewer)) < 0 ||
        value_set_text(view, "asker", viewer->asker_name) < 0 ||
        value_set_text(frame, "token", viewer->token) < 0)
        return PORTICO_ENOMEM;
    return value_set(frame, TEXT("viewer"), view);
}

/* The bell. */
static int add_notices(struct value *frame, const struct viewer *viewer)
{
    struct value *notices = value_new(frame->arena, PORTICO_OBJECT);
    char some[24];
    snprintf(some, sizeof some, viewer->unread > 99 ? "99+" : "%d", (int)viewer->unread);
    if (!notices || value_set_text(notices, "path", "/account/notices") < 0 ||
        value_set_integer(notices, "unread", viewer->unread) < 0 ||
        value_set_text(notices, "some", viewer->unread ? some : NULL) < 0)
        return PORTICO_ENOMEM;
    return value_set(frame, TEXT("notices"), notices);
}

/* The owner's account bears the portal's name. */
static const char *account_name(const struct module_host *host, const char *name)
{
    const struct value *brand = host->portal ? value_get(host->portal, TEXT("brand")) : NULL;
    const struct value *own = brand ? value_get(brand, TEXT("name")) : NULL;
    return name && *name ? name : own && own->kind == PORTICO_TEXT ? own->text : "";
}

/* The other accounts that the switcher offers. Returns how many. */
static uint32_t add_others(struct value *account, const struct module_host *host,
                           const struct viewer *viewer)
{
    struct value *others = value_new(account->arena, PORTICO_LISTING);
    if (!others || value_set(account, TEXT("others"), others) < 0)
        return 0;
    for (size_t i = 0; i < viewer->account_count && i < VIEWER_ACCOUNTS; i++) {
        struct value *other = value_new(account->arena, PORTICO_OBJECT);
        if (!other || viewer->accounts[i].id == viewer->account)
            continue;
        value_set(other, TEXT("id"),
                  value_scalar(account->arena, PORTICO_ID, viewer->accounts[i].id, 0));
        value_set_text(other, "name", account_name(host, viewer->accounts[i].name));
        value_set_text(other, "through", viewer->accounts[i].through);
        value_append(others, other);
    }
    return others->count;
}

/* The account one acts in and the way to others; nothing for who has none but the owner's. */
static int add_account(struct value *frame, const struct module_host *host,
                       const struct viewer *viewer, const struct http_request *request)
{
    bool lost = viewer->acting && viewer->acting != viewer->account;
    if (!lost && viewer->account_count < 2 && viewer->account <= IDENTITY_OWNER)
        return PORTICO_OK;
    struct value *account = value_new(frame->arena, PORTICO_OBJECT);
    if (!account)
        return PORTICO_ENOMEM;
    uint32_t others = add_others(account, host, viewer);
    bool looks_after = viewer->account > IDENTITY_OWNER && viewer_may(viewer, "portico.company");
    value_set_boolean(account, "inside", viewer->account > IDENTITY_OWNER);
    value_set_boolean(account, "company", looks_after);
    value_set_text(account, "name",
                   viewer->account ? account_name(host, viewer->account_name) : NULL);
    value_set_text(account, "through", viewer->through_name);
    value_set_boolean(account, "entered", viewer->entered);
    value_set_boolean(account, "choose", others > 0);
    value_set_boolean(account, "more", viewer->account_count > VIEWER_ACCOUNTS);
    value_set_boolean(account, "lost", lost);
    value_set_boolean(account, "all", viewer->all_accounts);
    value_set_text(account, "lists",
                   viewer->lists_accounts ? all_accounts_path(request, !viewer->all_accounts)
                                          : NULL);
    value_set_text(account, "from",
                   viewer->came_from ? account_name(host, viewer->came_from) : NULL);
    value_set(account, TEXT("id"), value_scalar(frame->arena, PORTICO_ID, viewer->account, 0));
    value_set(account, TEXT("from_id"),
              value_scalar(frame->arena, PORTICO_ID, viewer->came_from_id, 0));
    return value_set(frame, TEXT("account"), account);
}

static struct value *make_members(struct module_host *host, struct arena *arena,
                                  const struct viewer *viewer, struct text path, const char *locale)
{
    struct value *members = value_new(arena, PORTICO_OBJECT);
    if (!members || value_set_text(members, "locale", locale) < 0 ||
        value_set_text(members, "dir", direction(locale)) < 0)
        return NULL;
    /* Who is signed in is put into each frame by itself. */
    if (!viewer->person && add_viewer(members, viewer) < 0)
        return NULL;
    if (host->registry && add_navigation(members, host, viewer, path, locale) < 0)
        return NULL;
    return members;
}

/* False: there are too many entries to tell frames apart by. */
static bool key_of(const struct module_host *host, const struct viewer *viewer, struct text path,
                   const char *locale, struct frame_key *ret_key)
{
    const GArray *entries = host->registry ? host->registry->navigation : NULL;
    if (!entries || entries->len > ENTRIES_MAX)
        return false;
    const char *current = current_entry(host, viewer, path);
    *ret_key = (struct frame_key){ .locale = locale, .signed_in = viewer->person != 0 };
    for (guint i = 0; i < entries->len; i++) {
        const struct portico_navigation *entry =
            g_array_index(entries, struct registry_navigation, i).entry;
        if (!viewer_may(viewer, entry->permission))
            continue;
        ret_key->visible |= UINT64_C(1) << i;
        if (current && strcmp(entry->path, current) == 0)
            ret_key->current |= UINT64_C(1) << i;
    }
    return true;
}

/* With the lock held. NULL: none is kept, and there is no room for another. */
static struct value *kept_members(struct frame_store *store, struct module_host *host,
                                  const struct frame_key *key, const struct viewer *viewer,
                                  struct text path)
{
    const struct kept_frame *found = g_hash_table_lookup(store->frames, key);
    if (found)
        return found->members;
    if (!store->arena)
        store->arena = arena_new(0);
    if (!store->arena || g_hash_table_size(store->frames) >= FRAMES_MAX)
        return NULL;
    struct kept_frame *frame = arena_alloc(store->arena, sizeof *frame);
    char *locale = arena_strdup(store->arena, key->locale);
    struct value *members =
        frame && locale ? make_members(host, store->arena, viewer, path, locale) : NULL;
    if (!members)
        return NULL;
    *frame = (struct kept_frame){ .key = *key, .members = members };
    frame->key.locale = locale;
    g_hash_table_add(store->frames, frame);
    return members;
}

struct value *frame_make(struct module_host *host, struct arena *arena, const struct viewer *viewer,
                         const struct http_request *request, const char *locale)
{
    struct frame_key key;
    struct value *members = NULL;
    if (key_of(host, viewer, request->path, locale, &key)) {
        struct frame_store *store = host->registry->frames;
        pthread_mutex_lock(&store->lock);
        members = kept_members(store, host, &key, viewer, request->path);
        pthread_mutex_unlock(&store->lock);
    }
    if (!members)
        members = make_members(host, arena, viewer, request->path, locale);
    struct value *frame = members ? frame_of(arena, host->portal, members) : NULL;
    const char *canonical =
        host->canonical_url ? arena_printf(arena, "%s%s", host->canonical_url, request->path.data)
                            : NULL;
    if (!frame || value_set_text(frame, "request_id", request->id) < 0 ||
        value_set_text(frame, "sign_in", respond_sign_in_path(host, arena, request)) < 0 ||
        value_set_text(frame, "canonical", canonical) < 0)
        return NULL;
    if (viewer->person && (add_viewer(frame, viewer) < 0 || add_notices(frame, viewer) < 0 ||
                           add_account(frame, host, viewer, request) < 0))
        return NULL;
    add_search(frame, request);
    return frame;
}
