/* Two people becoming one in the modules' rows and the host's: hooks first, then columns, again and
 * again until nothing is left, for what was under way may still write the one that vanished. */
#include "base/error.h"
#include "module/personal.h"

#define PASSES 20u    /* a busy portal leaves little behind a pass; after so many it waits */
#define CALLS 100000u /* of one hook in a pass: at slices of hundreds, more rows than there are */

struct merging {
    const struct personal_book *book;
    struct module_host *host;
    const struct personal_merging *asked;
    struct personal_merging tables; /* the same; `told` notes whether it ended all */
    bool stopped;
};

static int note(const char *table, int64_t rows, void *data, struct portico_error *error)
{
    struct merging *merging = data;
    const struct personal_merging *asked = merging->asked;
    int code = asked->told ? asked->told(table, rows, asked->data, error) : 0;
    merging->stopped |= code < 0;
    return code;
}

/* Until it has nothing more to do. */
static int call_hook(struct merging *merging, struct module *module,
                     const struct portico_personal_hook *hook, struct portico_error *error)
{
    unsigned calls = 0;
    int code;
    do {
        code = module_call_merge(merging->host, module, hook, merging->tables.from,
                                 merging->tables.into, error);
        if (code > 0 && ++calls >= CALLS)
            return error_set(error, PORTICO_ELIMIT,
                             "The personal-data hook %s of module %s says after %u calls that more "
                             "is left: merge_people returns 0 once a call changed nothing.",
                             hook->name, module_id(module), calls);
        const int told = code > 0 ? note(hook->name, 0, merging, error) : 0;
        code = told < 0 ? told : code;
    } while (code > 0);
    return code;
}

static int call_hooks(struct merging *merging, struct module *module, struct portico_error *error)
{
    const struct portico_list *list = &module_descriptor(module)->personal_hooks;
    const struct portico_personal_hook *hooks = list->items;
    int code = 0;
    for (uint32_t i = 0; code == 0 && i < list->count; i++)
        code = call_hook(merging, module, &hooks[i], error);
    return code;
}

/* A module, or the host's tables: where a hook failed its tables wait, for it may need them as they
 * were. */
static int merge_source(struct merging *merging, size_t index, int64_t *rows,
                        struct portico_error *error)
{
    struct module *module = personal_book_module(merging->book, index);
    int64_t changed = 0;
    int code = module ? call_hooks(merging, module, error) : 0;
    if (code == 0)
        code = personal_merge(&merging->tables, personal_book_at(merging->book, index), &changed,
                              error);
    *rows += changed;
    return code;
}

/* What fails in one module keeps no other from its rows: the first error is told in the end. */
static int pass(struct merging *merging, int64_t *ret_rows, struct portico_error *error)
{
    int64_t total = 0;
    int code = 0;
    for (size_t i = personal_book_count(merging->book); i > 0 && !merging->stopped; i--) {
        struct portico_error failed = PORTICO_ERROR_INIT;
        const int result = merge_source(merging, i - 1, &total, &failed);
        if (result < 0 && (code == 0 || merging->stopped))
            code = error_set(error, result, "%s", failed.message);
    }
    *ret_rows = total;
    return code;
}

int personal_book_merge(const struct personal_book *book, struct module_host *host,
                        const struct personal_merging *tables, int64_t *ret_rows,
                        struct portico_error *error)
{
    struct merging merging = { .book = book, .host = host, .asked = tables, .tables = *tables };
    int64_t rows = 0, total = 0;
    unsigned passes = 0;
    int code;
    merging.tables.told = note;
    merging.tables.data = &merging;
    do {
        code = pass(&merging, &rows, error);
        total += rows;
    } while (code == 0 && rows > 0 && ++passes < PASSES);
    if (code == 0 && rows > 0)
        code =
            error_set(error, PORTICO_EBUSY, "Rows of person %lld still come up; it is tried again.",
                      (long long)tables->from);
    if (code == 0)
        *ret_rows = total;
    return code;
}

int personal_book_counts(const struct personal_book *book, struct store_session *session,
                         int64_t person, unsigned most,
                         bool (*wanted)(size_t index, const struct portico_personal_table *table),
                         void (*told)(size_t index, const struct portico_personal_table *table,
                                      int64_t rows, void *data),
                         void *data, struct portico_error *error)
{
    int code = 0;
    for (size_t i = 0; code == 0 && i < personal_book_count(book); i++) {
        const struct personal_source *source = personal_book_at(book, i);
        for (size_t t = 0; code == 0 && t < source->count; t++) {
            int64_t rows = 0;
            if (!wanted(i, &source->tables[t]))
                continue;
            code = personal_count(session, source, &source->tables[t], person, most, &rows, error);
            if (code == 0 && rows)
                told(i, &source->tables[t], rows, data);
        }
    }
    return code;
}
