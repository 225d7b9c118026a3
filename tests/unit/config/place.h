/* A portal's directory for one test: files put there, loaded as a config, problems compared. */
#ifndef TEST_CONFIG_PLACE_H
#define TEST_CONFIG_PLACE_H

#include "../remove.h"
#include "config/config.h"

#include "base/error.h"
#include "config/paths.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A portal's directory for one test, with portico.conf. */
struct place {
    char *directory;
    char *file;
};

static inline void put(const struct place *place, const char *name, const char *text)
{
    char *path = g_build_filename(place->directory, name, NULL);
    char *folder = g_path_get_dirname(path);
    g_assert_cmpint(g_mkdir_with_parents(folder, 0700), ==, 0);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    g_free(folder);
    g_free(path);
}

static inline char *get(const struct place *place, const char *name)
{
    char *path = g_build_filename(place->directory, name, NULL);
    char *text = NULL;
    g_file_get_contents(path, &text, NULL, NULL);
    g_free(path);
    return text;
}

static inline struct place place_new(const char *text)
{
    struct place place = { .directory = g_dir_make_tmp("portico-config-XXXXXX", NULL) };
    g_assert_nonnull(place.directory);
    place.file = g_build_filename(place.directory, "portico.conf", NULL);
    put(&place, "portico.conf", text);
    return place;
}

static inline void place_free(struct place *place)
{
    remove_below(place->directory);
    g_free(place->directory);
    g_free(place->file);
}

static inline struct config *load(const struct place *place)
{
    struct config *config = NULL;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (config_load(place->file, &config, &error) < 0)
        g_error("%s", error.message);
    return config;
}

/* "NAME:LINE: message" with the file's name below the place. */
static inline char *problem_text(const struct place *place, const struct config *config,
                                 size_t index)
{
    const struct config_problem *problem = config_problem_at(config, index);
    const char *file = problem->file;
    if (g_str_has_prefix(file, place->directory))
        file += strlen(place->directory) + 1;
    return g_strdup_printf("%s:%u: %s", file, problem->line, problem->message);
}

static inline void assert_problem(const struct place *place, const struct config *config,
                                  size_t index, const char *where, const char *words)
{
    g_assert_cmpuint(config_problem_count(config), >, index);
    char *text = problem_text(place, config, index);
    if (!g_str_has_prefix(text, where) || !strstr(text, words))
        g_error("\"%s\" is not \"%s … %s\"", text, where, words);
    g_free(text);
}

static inline void assert_no_problem(const struct place *place, const struct config *config)
{
    if (config_problem_count(config))
        g_error("%s", problem_text(place, config, 0));
}

#endif
