/* Builds small modules with the system's compiler, as their authors would, for tests to load. */
#ifndef WORKSHOP_H
#define WORKSHOP_H

#include "../remove.h"
#include "config/config.h"
#include "module/inspect.h"
#include "module/registry.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>

/* A directory of modules, a cache for copies and a config, gone with workshop_close. */
struct workshop {
    char *root;
    GString *sections;
    struct config *config;
    struct registry *registry;
    struct portico_error error;
};

static inline struct workshop *workshop_open(void)
{
    struct workshop *shop = g_new0(struct workshop, 1);
    shop->root = g_dir_make_tmp("portico-module-XXXXXX", NULL);
    shop->sections = g_string_new(NULL);
    shop->error = (struct portico_error)PORTICO_ERROR_INIT;
    return shop;
}

static inline char *workshop_path(const struct workshop *shop, const char *id, const char *file)
{
    return g_build_filename(shop->root, "modules", id, file, NULL);
}

/* The `include` directory of this source tree: four steps up from here. */
static inline char *workshop_include(void)
{
    char *path = g_canonicalize_filename(__FILE__ "/../../../../include", NULL);
    return path;
}

/* Compiles `source` to modules/ID/ID.so; `flags` NULL-terminated, may be NULL. Enables it. */
static inline void workshop_build(struct workshop *shop, const char *id, const char *source,
                                  const char *const *flags)
{
    char *directory = g_build_filename(shop->root, "modules", id, NULL);
    char *file = g_strdup_printf("%s/%s.c", shop->root, id);
    char *library = g_strdup_printf("%s/%s.so", directory, id);
    char *include = workshop_include();
    GPtrArray *words = g_ptr_array_new_with_free_func(g_free);
    const char *fixed[] = { "cc", "-std=c17", "-shared", "-fPIC", "-fvisibility=hidden",
                            "-I", include,    "-o",      library, file };
    for (size_t i = 0; i < G_N_ELEMENTS(fixed); i++)
        g_ptr_array_add(words, g_strdup(fixed[i]));
    g_ptr_array_add(words, g_strdup_printf("-DPORTICO_MODULE_ID=\"%s\"", id));
    for (size_t i = 0; flags && flags[i]; i++)
        g_ptr_array_add(words, g_strdup(flags[i]));
    g_ptr_array_add(words, NULL);
    int status = -1;
    char *complaints = NULL;
    g_mkdir_with_parents(directory, 0755);
    g_assert_true(g_file_set_contents(file, source, -1, NULL));
    g_assert_true(g_spawn_sync(NULL, (char **)words->pdata, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL,
                               NULL, &complaints, &status, NULL));
    if (status != 0)
        g_error("%s does not compile: %s", id, complaints);
    g_chmod(directory, 0755);
    g_chmod(library, 0755);
    g_string_append_printf(shop->sections, "[module %s]\nenabled = true\n", id);
    g_free(complaints);
    g_ptr_array_free(words, TRUE);
    g_free(include);
    g_free(library);
    g_free(file);
    g_free(directory);
}

/* A whole module around some lines of C that may define routes and members of the descriptor. */
static inline void workshop_module(struct workshop *shop, const char *id, const char *before,
                                   const char *members)
{
    char *source = g_strdup_printf(
        "#ifndef PORTICO_MODULE_VERSION\n#define PORTICO_MODULE_VERSION \"1.0.0\"\n#endif\n"
        "#include <portico/portico.h>\n"
        "%s\n"
        "static const struct portico_module module = {\n"
        "    PORTICO_MODULE_HEADER,\n    .title = \"A module\",\n    %s\n};\n"
        "PORTICO_EXPORT_MODULE(module)\n",
        before, members);
    workshop_build(shop, id, source, NULL);
    g_free(source);
}

static inline int workshop_load(struct workshop *shop, bool inspect_only)
{
    char *file = g_build_filename(shop->root, "portico.conf", NULL);
    char *modules = g_build_filename(shop->root, "modules", NULL);
    char *copies = g_build_filename(shop->root, "copies", NULL);
    char *data = g_build_filename(shop->root, "data", NULL);
    char *text = g_strdup_printf("[portal]\ndata = %s\n%s", data, shop->sections->str);
    g_mkdir_with_parents(data, 0700);
    g_assert_true(g_file_set_contents(file, text, -1, NULL));
    g_assert_cmpint(config_load(file, &shop->config, &shop->error), ==, 0);
    g_assert_cmpuint(config_problem_count(shop->config), ==, 0);
    const char *directories[] = { modules, NULL };
    const struct registry_options options = {
        .config = shop->config,
        .directories = directories,
        .cache_directory = copies,
        .inspect_only = inspect_only,
    };
    int code = registry_new(&options, &shop->registry, &shop->error);
    g_free(text);
    g_free(data);
    g_free(copies);
    g_free(modules);
    g_free(file);
    return code;
}

/* True if one of the problems says it; otherwise all of them are shown. */
static inline bool workshop_says(const struct workshop *shop, const char *words)
{
    for (size_t i = 0; i < config_problem_count(shop->config); i++)
        if (strstr(config_problem_at(shop->config, i)->message, words))
            return true;
    g_test_message("nothing says \"%s\"; the problems are:", words);
    for (size_t i = 0; i < config_problem_count(shop->config); i++)
        g_test_message("  %s", config_problem_at(shop->config, i)->message);
    return false;
}

static inline void workshop_close(struct workshop *shop)
{
    registry_free(shop->registry);
    config_free(shop->config);
    remove_below(shop->root);
    g_string_free(shop->sections, TRUE);
    g_free(shop->root);
    g_free(shop);
}

/* The test program is also the inspector's child. */
#define WORKSHOP_MAIN(argc, argv)                                                                  \
    do {                                                                                           \
        if ((argc) > 1 && strcmp((argv)[1], "inspect-module") == 0)                                \
            return inspect_main((argc), (argv));                                                   \
        g_assert_cmpint(sodium_init(), >=, 0);                                                     \
        g_test_init(&(argc), &(argv), NULL);                                                       \
    } while (0)

#endif
