#include "module/hooks.h"

#include "base/error.h"
#include "module/call.h"
#include "module/request.h"
#include "module/respond.h"

#include <stdlib.h>

/* ---- paths ---- */

/* The next word of a text, which is cut off it; false: there is none. */
static bool next_word(const char **text, struct text *ret_word)
{
    const char *at = *text ? *text : "";
    at += strspn(at, " ");
    size_t length = strcspn(at, " ");
    *ret_word = (struct text){ at, length };
    *text = at + length;
    return length > 0;
}

int module_hook_read_paths(struct module_hook *hook, struct arena *arena)
{
    const char *rest = hook->hook->paths;
    struct text word;
    size_t count = 0;
    while (next_word(&rest, &word))
        count++;
    hook->prefixes = arena_alloc(arena, count * sizeof *hook->prefixes);
    if (!hook->prefixes)
        return -1;
    rest = hook->hook->paths;
    for (hook->prefix_count = 0; next_word(&rest, &word); hook->prefix_count++)
        hook->prefixes[hook->prefix_count] = word;
    return 0;
}

bool module_hook_applies(const struct module_hook *hook, struct text path)
{
    for (size_t i = 0; i < hook->prefix_count; i++) {
        struct text prefix = hook->prefixes[i];
        bool whole = prefix.length == 1 || path.length == prefix.length ||
                     (path.length > prefix.length && path.data[prefix.length] == '/');
        if (whole && text_starts(path, prefix))
            return true;
    }
    return hook->prefix_count == 0;
}

/* ---- order ---- */

/* True if `names` holds the hook's "<module>/<name>". */
static bool holds(const char *names, const struct module_hook *hook)
{
    size_t module = strlen(hook->module), name = strlen(hook->hook->name);
    struct text word;
    while (next_word(&names, &word))
        if (word.length == module + 1 + name && memcmp(word.data, hook->module, module) == 0 &&
            word.data[module] == '/' && memcmp(word.data + module + 1, hook->hook->name, name) == 0)
            return true;
    return false;
}

static bool precedes(const struct module_hook *first, const struct module_hook *second)
{
    return holds(first->hook->before, second) || holds(second->hook->after, first);
}

/* One of the hooks left that must run before this one; `count` if none. */
static size_t find_earlier(struct module_hook *const *left, size_t count, size_t of)
{
    for (size_t i = 0; i < count; i++)
        if (left[i] && precedes(left[i], left[of]))
            return i;
    return count;
}

/* Every hook left waits for another: going back long enough ends on the circle itself. */
static void find_circle(struct module_hook *const *left, size_t count,
                        struct module_hook_circle *ret_circle)
{
    size_t at = 0;
    while (!left[at])
        at++;
    for (size_t i = 0; i < count; i++)
        at = find_earlier(left, count, at);
    *ret_circle = (struct module_hook_circle){ left[find_earlier(left, count, at)], left[at] };
}

bool module_hooks_sort(struct module_hook **hooks, size_t count,
                       struct module_hook_circle *ret_circle)
{
    struct module_hook **left = g_memdup2(hooks, count * sizeof(struct module_hook *));
    struct module_hook **sorted = g_new0(struct module_hook *, count + 1);
    size_t done = 0;
    while (done < count) {
        size_t next = 0;
        while (next < count && (!left[next] || find_earlier(left, count, next) < count))
            next++;
        if (next == count)
            break;
        sorted[done++] = left[next];
        left[next] = NULL;
    }
    bool good = done == count;
    if (good && count)
        memcpy(hooks, sorted, count * sizeof *hooks);
    else if (!good)
        find_circle(left, count, ret_circle);
    g_free(sorted);
    g_free(left);
    return good;
}

/* ---- registration ---- */

static void complain(const struct module_hook *hook, const char *sentence)
{
    const struct module *owner = hook->owner;
    char *section = arena_printf(owner->registry->arena, "module %s", owner->id);
    config_add_problem(owner->registry->config, section, NULL, "%s/%s.so: %s", owner->directory,
                       owner->id, sentence);
}

static const struct module_hook *find_hook(const GPtrArray *hooks, struct text module,
                                           struct text name)
{
    for (guint i = 0; i < hooks->len; i++) {
        const struct module_hook *hook = hooks->pdata[i];
        if (text_equals(module, text_of(hook->module)) &&
            text_equals(name, text_of(hook->hook->name)))
            return hook;
    }
    return NULL;
}

/* Names of hooks of modules that are not enabled are nobody's; any other must be there. */
static void check_names(struct registry *registry, const struct module_hook *hook,
                        const char *names, const char *member)
{
    struct text word;
    while (next_word(&names, &word)) {
        const char *slash = memchr(word.data, '/', word.length);
        size_t length = slash ? (size_t)(slash - word.data) : 0;
        const char *id = arena_strndup(registry->arena, word.data, length);
        if (!slash || !id || !registry_find(registry, id))
            continue;
        struct text name = { slash + 1, word.length - length - 1 };
        const struct module_hook *other =
            find_hook(registry->hooks, (struct text){ word.data, length }, name);
        if (!other)
            complain(hook, arena_printf(registry->arena,
                                        "Its hook %s names \"%.*s\" in .%s, but the module %s has "
                                        "no such hook: correct the name.",
                                        hook->hook->name, (int)word.length, word.data, member, id));
        else if (other->hook->point != hook->hook->point)
            complain(hook,
                     arena_printf(registry->arena,
                                  "Its hook %s names \"%.*s\" in .%s, which stands at another "
                                  "point and so has no order with it: take the name out.",
                                  hook->hook->name, (int)word.length, word.data, member));
    }
}

static void add_hook(struct registry *registry, struct module *module,
                     const struct portico_hook *given)
{
    struct module_hook *hook = arena_zalloc(registry->arena, sizeof *hook);
    if (!hook)
        return;
    hook->owner = module;
    hook->module = module->id;
    hook->hook = given;
    hook->label = arena_printf(registry->arena, "%s hook %s", module->id, given->name);
    if (module_hook_read_paths(hook, registry->arena) == 0)
        g_ptr_array_add(registry->hooks, hook);
}

static gint by_point(gconstpointer a, gconstpointer b)
{
    const struct module_hook *const *one = a, *const *other = b;
    return (gint)(*one)->hook->point - (gint)(*other)->hook->point;
}

/* The hooks from `begin` to `end` stand at one point. */
static void sort_point(struct registry *registry, guint begin, guint end)
{
    struct module_hook_circle circle;
    if (module_hooks_sort((struct module_hook **)registry->hooks->pdata + begin, end - begin,
                          &circle))
        return;
    complain(circle.one,
             arena_printf(registry->arena,
                          "Its hook %s must run before %s/%s, which must run before it: a circle. "
                          "Change .before or .after of one of the two, or disable a module.",
                          circle.one->hook->name, circle.other->module, circle.other->hook->name));
}

void registry_add_hooks(struct registry *registry)
{
    GPtrArray *hooks = registry->hooks;
    for (guint i = 0; i < registry->modules->len; i++) {
        struct module *module = registry->modules->pdata[i];
        const struct portico_hook *given = module->descriptor->hooks.items;
        for (uint32_t n = 0; n < module->descriptor->hooks.count; n++)
            add_hook(registry, module, &given[n]);
    }
    for (guint i = 0; i < hooks->len; i++) {
        const struct module_hook *hook = hooks->pdata[i];
        check_names(registry, hook, hook->hook->before, "before");
        check_names(registry, hook, hook->hook->after, "after");
    }
    g_ptr_array_sort(hooks, by_point); /* stable */
    for (guint begin = 0, end; begin < hooks->len; begin = end) {
        for (end = begin + 1;
             end < hooks->len && by_point(&hooks->pdata[begin], &hooks->pdata[end]) == 0;)
            end++;
        sort_point(registry, begin, end);
    }
}

size_t registry_hook_count(const struct registry *registry)
{
    return registry->hooks->len;
}

const struct module_hook *registry_hook_at(const struct registry *registry, size_t index)
{
    return registry->hooks->pdata[index];
}

/* ---- the call ---- */

int module_call_hook(struct module_host *host, const struct module_hook *hook,
                     const struct route_match *match, const struct viewer *viewer,
                     const struct module_answer *answer, struct http_exchange *exchange,
                     struct portico_error *error)
{
    struct call call = {
        .label = hook->label, .match = match, .answer = answer, .exchange = exchange
    };
    call_begin(&call, CALL_HOOK, host, hook->owner, viewer, exchange->request.arena);
    call.locale = respond_locale(host, &exchange->request, viewer);
    struct call_entered entered = call_enter(&call, UINT32_MAX, hook->label);
    request_prepare_pairs(&call);
    int code = hook->hook->run(&call.request.public, error);
    call_leave(&call, &entered);
    if (call.replied)
        return 1;
    if (code < 0 && error && !error->message[0])
        error_set(error, code, "It returned %s without a message.", error_name(code));
    return code < 0 ? code : 0;
}
