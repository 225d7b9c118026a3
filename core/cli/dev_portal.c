#include "cli/dev_portal.h"

#include "cli/database.h"
#include "store/migrate.h"

#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>

/* `directory` if NAME.so lies in it, else where CMake puts it in a directory of sources. */
static const char *built_in(struct arena *arena, const char *directory, const char *name)
{
    const char *const places[] = { directory,
                                   arena_printf(arena, "%s/build/modules/%s", directory, name) };
    for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
        char *file = g_strdup_printf("%s/%s.so", places[i], name);
        bool there = g_file_test(file, G_FILE_TEST_EXISTS);
        g_free(file);
        if (there)
            return places[i];
    }
    return NULL;
}

/* A name that does not stand beside the module is looked for among those that are installed, as in
 * any config. False after a message. */
static bool append_other(const struct dev_portal *portal, const char *word, struct arena *arena,
                         GString *config)
{
    bool is_path = strchr(word, '/') != NULL;
    char *parent = g_path_get_dirname(portal->beside);
    char *directory =
        is_path ? g_canonicalize_filename(word, NULL) : g_build_filename(parent, word, NULL);
    char *name = g_path_get_basename(directory);
    const char *found = built_in(arena, directory, name);
    g_string_append_printf(config, "\n[module %s]\nenabled = true\n", name);
    if (found)
        g_string_append_printf(config, "path = %s\n", found);
    else if (is_path || g_file_test(directory, G_FILE_TEST_IS_DIR))
        fprintf(stderr,
                "portico module: no %s.so is in %s or its build/modules/%s. Build that module "
                "first, or give --with the directory it was built into.\n",
                name, directory, name);
    bool good = found || (!is_path && !g_file_test(directory, G_FILE_TEST_IS_DIR));
    g_free(name);
    g_free(directory);
    g_free(parent);
    return good;
}

bool dev_portal_write(const struct dev_portal *portal, const char *id, const char *directory,
                      struct arena *arena)
{
    char *data = g_strdup_printf("%s/portal/data", portal->build);
    char **words = g_strsplit(portal->with ? portal->with : "", " ", -1);
    GString *text = g_string_new(NULL);
    g_string_printf(text,
                    "# Written by `portico module dev`. Settings of your own belong into "
                    "conf.d/*.conf beside it.\n"
                    "[portal]\nname = %s\ndata = data\ndevelopment = true\n\n"
                    "[http]\nlisten = %s\n\n[server]\nworkers = 1\n\n"
                    "[module %s]\nenabled = true\npath = %s\n",
                    id, portal->listen, id, directory);
    bool good = true;
    for (char **word = words; *word; word++)
        good = (!**word || append_other(portal, *word, arena, text)) && good;
    if (good && (g_mkdir_with_parents(data, 0700) != 0 ||
                 !g_file_set_contents(portal->config, text->str, -1, NULL))) {
        fprintf(stderr, "%s cannot be written: %s.\n", portal->config, strerror(errno));
        good = false;
    }
    g_string_free(text, TRUE);
    g_strfreev(words);
    g_free(data);
    return good;
}

bool dev_portal_has_changed_migrations(const struct dev_portal *portal)
{
    const struct cli_call call = { .command = &cli_module, .config = portal->config };
    struct portico_error error = PORTICO_ERROR_INIT;
    struct cli_database database = { 0 };
    struct migrate_plan plan;
    int code = cli_database_try(&call, &database, &error);
    if (code == 0) {
        GArray *sources = cli_migration_sources(database.config, database.arena);
        const struct migrate_source *all = (const void *)sources->data;
        code = migrate_check(database.store, all, sources->len, MIGRATE_BEFORE, &plan, &error);
        if (code == 0)
            code = migrate_check(database.store, all, sources->len, MIGRATE_AFTER, &plan, &error);
        g_array_free(sources, TRUE);
    }
    cli_database_close(&database);
    return code == PORTICO_ECONFLICT;
}
