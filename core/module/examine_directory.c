/* The files beside a module: do its templates compile, do its migrations run? */
#include "module/examine.h"

#include "base/remove.h"
#include "page/page.h"
#include "store/migrate.h"

#include <glib.h>

static void hear_template(const char *sentence, void *data)
{
    examine_say(data, EXAMINE_ERROR, "templates", "%s", sentence);
}

static void examine_pages(const char *directory, const char *id, const char *share,
                          struct examine_report *report)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const struct page_options options = { .core_directory = share };
    struct page_set *pages = page_set_new(&options, &error);
    unsigned before = report->errors;
    int code =
        pages ? page_set_add(pages, id, directory, hear_template, report, &error) : PORTICO_EIO;
    if (code < 0 && report->errors == before)
        examine_say(report, EXAMINE_ERROR, "templates", "%s", error.message);
    page_set_free(pages);
}

/* The host's migrations, then the module's, on a database that is thrown away. */
static int migrate(const char *scratch, const char *directory, const char *id, const char *share,
                   struct portico_error *error)
{
    char *url = g_strdup_printf("sqlite:%s/portal.db", scratch);
    char *core = g_build_filename(share, "migrations", NULL);
    const struct migrate_source sources[] = { { "core", core }, { id, directory } };
    const struct store_options options = { .url = url, .directory = scratch, .connections = 1 };
    struct store *store = NULL;
    int code = store_open(&options, &store, error);
    for (int phase = MIGRATE_BEFORE; phase <= MIGRATE_AFTER && code == 0; phase++)
        code = migrate_apply(store, sources, G_N_ELEMENTS(sources), (enum migrate_phase)phase, NULL,
                             error);
    store_close(store);
    g_free(core);
    g_free(url);
    return code;
}

static void examine_migrations(const char *directory, const char *id, const char *share,
                               struct examine_report *report)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    GError *problem = NULL;
    char *scratch = g_dir_make_tmp("portico-check-XXXXXX", &problem);
    if (!scratch) {
        examine_say(report, EXAMINE_ERROR, "migrations",
                    "No temporary directory could be made to try its migrations in: %s.",
                    problem->message);
        g_error_free(problem);
        return;
    }
    if (migrate(scratch, directory, id, share, &error) < 0)
        examine_say(report, EXAMINE_ERROR, "migrations", "%s", error.message);
    remove_tree(scratch);
    g_free(scratch);
}

void examine_directory(const char *directory, const char *id, const char *share,
                       struct examine_report *report)
{
    examine_pages(directory, id, share, report);
    char *migrations = g_build_filename(directory, "migrations", NULL);
    if (!report->migrations_refused && g_file_test(migrations, G_FILE_TEST_IS_DIR))
        examine_migrations(migrations, id, share, report);
    g_free(migrations);
}
