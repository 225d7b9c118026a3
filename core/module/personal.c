#include "module/personal.h"

#include "base/error.h"
#include "base/json.h"
#include "module/call.h"

#define CALL_ARENA 16384

struct personal_book {
    GArray *sources;    /* struct personal_source */
    GPtrArray *modules; /* struct module; see personal_book_module */
};

static int add(struct personal_book *book, struct module *module, const char *directory,
               struct personal_source source, struct portico_error *error)
{
    const struct migrate_source files = { source.module, directory };
    int code = personal_shape_new(&files, &source.shape, error);
    if (code < 0)
        return code;
    g_array_append_val(book->sources, source);
    g_ptr_array_add(book->modules, module);
    return 0;
}

static int add_module(struct personal_book *book, struct module *module,
                      struct portico_error *error)
{
    const struct portico_list *tables = &module->descriptor->personal_data;
    const struct personal_source source = { module->id, tables->items, tables->count, NULL };
    char *directory = g_build_filename(module->directory, "migrations", NULL);
    int code = add(book, module, directory, source, error);
    g_free(directory);
    return code;
}

/* The portal's own module: its tables are the host's. */
static struct module *portal_of(const struct registry *registry)
{
    for (size_t i = 0; i < registry_module_count(registry); i++)
        if (module_is_built_in(registry_module_at(registry, i)))
            return registry_module_at(registry, i);
    return NULL;
}

int personal_book_open(const struct registry *registry, const char *core_migrations,
                       struct personal_book **ret_book, struct portico_error *error)
{
    struct personal_book *book = g_new0(struct personal_book, 1);
    const struct personal_source core = { "core", personal_core, personal_core_count, NULL };
    book->sources = g_array_new(FALSE, FALSE, sizeof(struct personal_source));
    book->modules = g_ptr_array_new();
    int code = add(book, portal_of(registry), core_migrations, core, error);
    for (size_t i = 0; code == 0 && i < registry_module_count(registry); i++)
        if (!module_is_built_in(registry_module_at(registry, i)))
            code = add_module(book, registry_module_at(registry, i), error);
    if (code < 0) {
        personal_book_close(book);
        return code;
    }
    *ret_book = book;
    return 0;
}

void personal_book_close(struct personal_book *book)
{
    if (!book)
        return;
    for (guint i = 0; i < book->sources->len; i++)
        personal_shape_free(g_array_index(book->sources, struct personal_source, i).shape);
    g_array_free(book->sources, TRUE);
    g_ptr_array_free(book->modules, TRUE);
    g_free(book);
}

size_t personal_book_count(const struct personal_book *book)
{
    return book->sources->len;
}

const struct personal_source *personal_book_at(const struct personal_book *book, size_t index)
{
    return &g_array_index(book->sources, struct personal_source, index);
}

struct module *personal_book_module(const struct personal_book *book, size_t index)
{
    return book->modules->pdata[index];
}

/* One hook: `ret_export` is NULL to erase. */
static int call_hook(struct module_host *host, struct module *module,
                     const struct portico_personal_hook *hook, int64_t person,
                     struct value *ret_export, struct portico_error *error)
{
    char name[160];
    struct arena *arena = arena_new(CALL_ARENA);
    if (!arena)
        return error_set(error, PORTICO_ENOMEM, "Memory ended before module %s was asked.",
                         module->id);
    struct call call = { 0 };
    call_begin(&call, CALL_PERSONAL, host, module, &viewer_host, arena);
    snprintf(name, sizeof name, "%s personal %s", module->id, hook->name);
    call.label = name;
    struct call_entered entered = call_enter(&call, UINT32_MAX, name);
    int code = ret_export ? hook->export_person(&call.scope.context, person,
                                                value_public(ret_export), error)
                          : hook->erase_person(&call.scope.context, person, error);
    call_leave(&call, &entered);
    arena_free(arena);
    if (code < 0 && error && !error->message[0])
        error_set(error, code, "It returned %s without a message.", error_name(code));
    if (code < 0)
        error_prefix(error, "The personal-data hook %s of module %s failed: ", hook->name,
                     module->id);
    return code < 0 ? code : 0;
}

int module_call_export(struct module_host *host, struct module *module, int64_t person,
                       struct value *ret_export, struct portico_error *error)
{
    const struct portico_personal_hook *hooks = module->descriptor->personal_hooks.items;
    int code = 0;
    for (uint32_t i = 0; code == 0 && i < module->descriptor->personal_hooks.count; i++) {
        if (!hooks[i].export_person)
            continue;
        struct value *part = value_new(ret_export->arena, PORTICO_OBJECT);
        if (!part || value_set(ret_export, text_of(hooks[i].name), part) < 0)
            return error_set(error, PORTICO_ENOMEM, "Memory ended while data was handed out.");
        code = call_hook(host, module, &hooks[i], person, part, error);
    }
    return code;
}

int module_call_erase(struct module_host *host, struct module *module, int64_t person,
                      struct portico_error *error)
{
    const struct portico_personal_hook *hooks = module->descriptor->personal_hooks.items;
    int code = 0;
    for (uint32_t i = 0; code == 0 && i < module->descriptor->personal_hooks.count; i++)
        if (hooks[i].erase_person)
            code = call_hook(host, module, &hooks[i], person, NULL, error);
    return code;
}

int personal_book_erase(const struct personal_book *book, struct module_host *host,
                        struct store_session *session, int64_t person,
                        const struct personal_slices *slices, int64_t *ret_request,
                        struct portico_error *error)
{
    struct personal_erasure erasure = { .session = session,
                                        .person = person,
                                        .most = slices->most,
                                        .told = slices->told,
                                        .data = slices->data };
    int64_t waiting = 0;
    int code =
        personal_request_open(session, "erase", person, &erasure.request, &erasure.report, error);
    /* The host's tables last: modules' hooks may queue jobs and emit events of the person. */
    for (guint i = book->sources->len; i > 0 && code == 0; i--) {
        struct module *module = personal_book_module(book, i - 1);
        code = personal_erase(&erasure, personal_book_at(book, i - 1), error);
        if (code == 0 && module)
            code = module_call_erase(host, module, person, error);
    }
    if (code == 0)
        code = personal_waiting(session, person, &waiting, error);
    if (code == 0 && waiting)
        code = error_set(error, PORTICO_EBUSY,
                         "%lld events and jobs of person %lld are still under way and keep their "
                         "data until they are over. All else is erased; run the same command again "
                         "then.",
                         (long long)waiting, (long long)person);
    if (code == 0)
        code = personal_request_note(session, erasure.request, erasure.report, true, error);
    if (code == 0 && ret_request)
        *ret_request = erasure.request;
    return code;
}

/* In slices, until nothing is over its time or it must stop. */
static int retain_table(const struct personal_source *source,
                        const struct portico_personal_table *table, struct store_session *session,
                        int64_t now, unsigned most, bool dry, bool (*must_stop)(void *data),
                        void *data, int64_t *ret_rows, struct portico_error *error)
{
    int64_t rows = 0, total = 0;
    int code;
    do {
        code = personal_retain(session, source, table, now, most, dry, &rows, error);
        total += code == 0 ? rows : 0;
        if (code == 0 && must_stop && must_stop(data))
            code = error_set(error, PORTICO_EBUSY, "It was asked to stop; the rest is left.");
    } while (code == 0 && !dry && rows >= (int64_t)most);
    *ret_rows = total;
    return code;
}

int personal_book_retain(const struct personal_book *book, struct store_session *session,
                         int64_t now, unsigned most, bool dry,
                         void (*told)(const char *module, const char *table, int64_t rows,
                                      void *data),
                         bool (*must_stop)(void *data), void *data, struct portico_error *error)
{
    int code = 0;
    for (guint i = 0; i < book->sources->len && code == 0; i++) {
        const struct personal_source *source = personal_book_at(book, i);
        for (size_t t = 0; t < source->count && code == 0; t++) {
            int64_t rows = 0;
            code = retain_table(source, &source->tables[t], session, now, most, dry, must_stop,
                                data, &rows, error);
            if (rows && told)
                told(source->module, source->tables[t].table, rows, data);
        }
    }
    return code;
}
