#include "config/paths.h"

#include "config/state.h"

#include <string.h>
#include <unistd.h>

const char *config_path(struct config *config, const char *section, const char *key)
{
    const char *text = config_text(config, section, key);
    return *text ? config_absolute(config, text) : NULL;
}

const char *paths_executable(void)
{
    static const char *executable;
    static gsize once;
    if (g_once_init_enter(&once)) {
        char *path = g_file_read_link("/proc/self/exe", NULL);
        executable = path ? path : "/usr/bin/portico";
        g_once_init_leave(&once, 1);
    }
    return executable;
}

/* `relative` to the directory of the executable, without "..". */
static char *beside_executable(const char *relative)
{
    char *directory = g_path_get_dirname(paths_executable());
    char *path = g_canonicalize_filename(relative, directory);
    g_free(directory);
    return path;
}

const char *paths_share_directory(void)
{
    static const char *share;
    static gsize once;
    if (g_once_init_enter(&once)) {
        share = beside_executable("../share/portico");
        g_once_init_leave(&once, 1);
    }
    return share;
}

static void add(struct config *config, GPtrArray *list, const char *directory)
{
    g_ptr_array_add(list, arena_strdup(config->arena, directory));
}

/* Debian keeps libraries below lib/ARCHITECTURE. */
static void add_architectures(struct config *config, GPtrArray *list)
{
    char *library = beside_executable("../lib");
    GDir *directory = g_dir_open(library, 0, NULL);
    const char *name;
    while (directory && (name = g_dir_read_name(directory))) {
        char *path = g_build_filename(library, name, "portico", "modules", NULL);
        if (g_file_test(path, G_FILE_TEST_IS_DIR))
            add(config, list, path);
        g_free(path);
    }
    if (directory)
        g_dir_close(directory);
    g_free(library);
}

const char *const *paths_module_directories(const struct config *config)
{
    return config->module_directories;
}

void paths_collect(struct config *config)
{
    static const char *const own[] = { "../modules", "../lib/portico/modules" };
    GPtrArray *list = g_ptr_array_new();
    const char *const *given = config_words(config, "modules", "directories");
    for (size_t i = 0; given[i]; i++)
        g_ptr_array_add(list, (gpointer)config_absolute(config, given[i]));
    for (size_t i = 0; i < G_N_ELEMENTS(own); i++) {
        char *path = beside_executable(own[i]);
        add(config, list, path);
        g_free(path);
    }
    add_architectures(config, list);
    g_ptr_array_add(list, NULL);
    char *copy = arena_alloc(config->arena, list->len * sizeof(gpointer));
    memcpy(copy, list->pdata, list->len * sizeof(gpointer));
    config->module_directories = (const char *const *)copy;
    g_ptr_array_free(list, TRUE);
}

char *paths_module_directory(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config_module_count(config); i++) {
        const struct config_module *module = config_module_at(config, i);
        if (strcmp(module->name, name) == 0 && module->path)
            return strdup(module->path);
    }
    for (const char *const *at = config->module_directories; *at; at++) {
        char *path = g_build_filename(*at, name, NULL);
        char *copy = g_file_test(path, G_FILE_TEST_IS_DIR) ? strdup(path) : NULL;
        g_free(path);
        if (copy)
            return copy;
    }
    return NULL;
}
