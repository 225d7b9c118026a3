#include "module/personal.h"

#include "base/error.h"
#include "base/json.h"
#include "identity/audit.h"
#include "identity/merge.h"
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

/* What a hook is asked for: one of the three. */
struct asked {
    int64_t person;
    struct value *ret_export; /* to hand out */
    int64_t into;             /* to merge */
};

static int ask(const struct portico_personal_hook *hook, struct portico_context *context,
               const struct asked *asked, struct portico_error *error)
{
    if (asked->ret_export)
        return hook->export_person(context, asked->person, value_public(asked->ret_export), error);
    if (asked->into)
        return hook->merge_people(context, asked->person, asked->into, error);
    return hook->erase_person(context, asked->person, error);
}

static int call_hook(struct module_host *host, struct module *module,
                     const struct portico_personal_hook *hook, const struct asked *asked,
                     struct portico_error *error)
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
    int code = ask(hook, &call.scope.context, asked, error);
    call_leave(&call, &entered);
    arena_free(arena);
    if (code < 0 && error && !error->message[0])
        error_set(error, code, "It returned %s without a message.", error_name(code));
    if (code < 0)
        error_prefix(error, "The personal-data hook %s of module %s failed: ", hook->name,
                     module->id);
    return code;
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
        const struct asked asked = { .person = person, .ret_export = part };
        code = MIN(call_hook(host, module, &hooks[i], &asked, error), 0);
    }
    return code;
}

int module_call_erase(struct module_host *host, struct module *module, int64_t person,
                      struct portico_error *error)
{
    const struct portico_personal_hook *hooks = module->descriptor->personal_hooks.items;
    const struct asked asked = { .person = person };
    int code = 0;
    for (uint32_t i = 0; code == 0 && i < module->descriptor->personal_hooks.count; i++)
        if (hooks[i].erase_person)
            code = MIN(call_hook(host, module, &hooks[i], &asked, error), 0);
    return code;
}

int module_call_merge(struct module_host *host, struct module *module,
                      const struct portico_personal_hook *hook, int64_t from, int64_t into,
                      struct portico_error *error)
{
    const struct asked asked = { .person = from, .into = into };
    return hook->merge_people ? call_hook(host, module, hook, &asked, error) : 0;
}

/* ---- erasing ---- */

/* The row of whoever was merged is all that keeps their handle and leads to the one who remains: it
 * goes with them. */
int personal_check_merged(struct store_session *session, int64_t id, struct portico_error *error)
{
    struct identity_person person;
    int code = identity_person_look(session, id, &person, error);
    if (code == PORTICO_ENOENT) /* as where an erasure goes on, or something of theirs came late */
        return PORTICO_OK;
    if (code < 0 || !person.merged_into)
        return code;
    return error_set(error, PORTICO_ECONFLICT,
                     "Person %lld was merged into person %lld, who has all that was theirs, and to "
                     "whom @%s leads. Erase person %lld: both are erased then.",
                     (long long)person.id, (long long)person.merged_into, person.handle,
                     (long long)person.merged_into);
}

/* Begun with the person held, so that a merge that begins at the same moment sees it, or is seen.
 */
static int begin_erasure(struct personal_erasure *erasure, const struct identity_act *act,
                         struct portico_error *error)
{
    bool merging = false;
    int code = store_begin(erasure->session, error);
    if (code < 0)
        return code;
    code = identity_merging_held(erasure->session, erasure->person, &merging, error);
    if (code == 0)
        code = personal_check_merged(erasure->session, erasure->person, error);
    if (code == 0 && merging)
        code = error_set(error, PORTICO_EBUSY,
                         "Rows of somebody who was merged with person %lld are still going over. "
                         "Run the same command again once that job, merge-people, is over; if it "
                         "was given up, `portico job list` says why and `portico job retry` lets "
                         "it go on.",
                         (long long)erasure->person);
    if (code == 0)
        code = personal_request_open(erasure->session, "erase", erasure->person, &erasure->request,
                                     &erasure->report, error);
    if (code == 0 && act)
        code = identity_audit(erasure->session, act, error);
    if (code == 0)
        return store_commit(erasure->session, error);
    store_rollback(erasure->session);
    return code;
}

/* Whoever became this person, as the report knows them and as rows say: once their rows are gone
 * nothing else tells who they were. Ids, the person's own last. */
static int everybody(const struct personal_erasure *erasure, GArray *ids,
                     struct portico_error *error)
{
    struct value *rows;
    struct value *report = erasure->report;
    GString *words = g_string_new(portico_get_text(value_public(report), "merged people", ""));
    char **known = g_strsplit(words->str, " ", -1);
    for (char **word = known; *word; word++)
        if (**word) {
            const int64_t id = g_ascii_strtoll(*word, NULL, 10);
            g_array_append_val(ids, id);
        }
    int code = store_host_query(erasure->session,
                                "SELECT id FROM portico_person WHERE merged_into = ? ORDER BY id",
                                PORTICO_ARGS(portico_arg_id(erasure->person)), &rows, error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++) {
        char number[24];
        const int64_t id = value_rows_at(rows, i)->integer;
        g_snprintf(number, sizeof number, "%" G_GINT64_FORMAT, id);
        if (g_strv_contains((const char *const *)known, number))
            continue;
        g_string_append_printf(words, "%s%s", words->len ? " " : "", number);
        g_array_append_val(ids, id);
    }
    g_array_append_val(ids, erasure->person);
    if (code == 0 && ids->len > 1) {
        if (value_set_text(report, "merged people", words->str) < 0)
            code = error_set(error, PORTICO_ENOMEM, "Memory ended before a person was erased.");
        else
            code = personal_request_note(erasure->session, erasure->request, report, false, error);
    }
    g_strfreev(known);
    g_string_free(words, TRUE);
    return code;
}

/* One of them in one module, or in the host's tables. */
static int erase_source(const struct personal_book *book, guint index, struct module_host *host,
                        const struct personal_erasure *erasure, struct portico_error *error)
{
    struct module *module = personal_book_module(book, index);
    int code = personal_erase(erasure, personal_book_at(book, index), error);
    return code == 0 && module ? module_call_erase(host, module, erasure->person, error) : code;
}

static int erase_all(const struct personal_book *book, struct module_host *host,
                     const struct personal_erasure *erasure, const GArray *ids,
                     int64_t *ret_waiting, struct portico_error *error)
{
    struct personal_erasure one = *erasure;
    int code = 0;
    /* The host's tables last: modules' hooks may queue jobs and emit events of the person. */
    for (guint i = book->sources->len; i > 0 && code == 0; i--)
        for (guint p = 0; p < ids->len && code == 0; p++) {
            one.person = g_array_index(ids, int64_t, p);
            code = erase_source(book, i - 1, host, &one, error);
        }
    for (guint p = 0; p < ids->len && code == 0; p++) {
        int64_t waiting = 0;
        code = personal_waiting(erasure->session, g_array_index(ids, int64_t, p), &waiting, error);
        *ret_waiting += waiting;
    }
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
    GArray *ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
    int code = begin_erasure(&erasure, slices->act, error);
    if (code == 0)
        code = everybody(&erasure, ids, error);
    if (code == 0)
        code = erase_all(book, host, &erasure, ids, &waiting, error);
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
    g_array_free(ids, TRUE);
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
