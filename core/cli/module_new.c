/* `portico module new`: a new module's directory from the scaffold that is installed with the SDK.
 *
 * The scaffold is a module itself, named "scaffold-name": its name in texts, names of files and
 * tables is replaced by the new one. */
#include "cli/module.h"
#include "config/paths.h"
#include "module/check.h"

#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* What is replaced: the id, the id in C and SQL names, and the title people read. */
struct names {
    char *id, *symbol, *title;
};

static struct names names_of(const char *id)
{
    struct names names = { g_strdup(id), g_strdup(id), g_strdup(id) };
    g_strdelimit(names.symbol, "-", '_');
    g_strdelimit(names.title, "-", ' ');
    names.title[0] = g_ascii_toupper(names.title[0]);
    return names;
}

static void names_free(struct names *names)
{
    g_free(names->id);
    g_free(names->symbol);
    g_free(names->title);
}

static char *rename_all(const char *text, const struct names *names)
{
    GString *out = g_string_new(text);
    g_string_replace(out, "scaffold-name", names->id, 0);
    g_string_replace(out, "scaffold_name", names->symbol, 0);
    g_string_replace(out, "Scaffold name", names->title, 0);
    return g_string_free(out, FALSE);
}

static int fail(const char *what, const char *path)
{
    fprintf(stderr, "portico module: %s %s: %s.\n", what, path, strerror(errno));
    return CLI_FAILED;
}

static int copy_file(const char *from, const char *to, const struct names *names)
{
    char *text = NULL;
    struct stat status;
    if (stat(from, &status) < 0 || !g_file_get_contents(from, &text, NULL, NULL))
        return fail("cannot read", from);
    char *renamed = rename_all(text, names);
    int exit = CLI_OK;
    if (!g_file_set_contents_full(to, renamed, -1, G_FILE_SET_CONTENTS_NONE,
                                  status.st_mode & 0100 ? 0755 : 0644, NULL))
        exit = fail("cannot write", to);
    g_free(renamed);
    g_free(text);
    return exit;
}

/* The directory `from` with all in it becomes `to`, which is new. */
static int copy_directory(const char *from, const char *to, const struct names *names)
{
    GDir *directory = g_dir_open(from, 0, NULL);
    const char *entry;
    int exit = directory ? CLI_OK : fail("cannot read", from);
    if (directory && mkdir(to, 0755) < 0)
        exit = fail("cannot make", to);
    while (exit == CLI_OK && (entry = g_dir_read_name(directory))) {
        char *source = g_build_filename(from, entry, NULL);
        char *name = rename_all(entry, names);
        char *target = g_build_filename(to, name, NULL);
        exit = g_file_test(source, G_FILE_TEST_IS_DIR) ? copy_directory(source, target, names)
                                                       : copy_file(source, target, names);
        g_free(target);
        g_free(name);
        g_free(source);
    }
    if (directory)
        g_dir_close(directory);
    return exit;
}

static int refuse_name(const char *name)
{
    if (!descriptor_id_is_good(name))
        fprintf(stderr,
                "portico module: `%s` cannot be a module's name. A name has lower-case letters, "
                "digits and \"-\", begins with a letter, has at most 40 characters, and is none of "
                "the portal's own (account, admin, api, search, …).\n",
                name);
    else if (check_is_program_word(name))
        fprintf(stderr,
                "portico module: `%s` cannot be a module's name: `portico %s` is, or may become, a "
                "command of the program, and then the module could have none.\n",
                name, name);
    else
        return CLI_OK;
    return CLI_USAGE;
}

/* The prefix that `cmake` has to be told, because it does not look there by itself: it looks below
 * /usr and /usr/local and beside each directory of PATH. NULL: none. */
static char *prefix_to_tell(void)
{
    char *bin = g_path_get_dirname(paths_executable());
    char *prefix = g_path_get_dirname(bin);
    char **path = g_strsplit(g_getenv("PATH") ? g_getenv("PATH") : "", ":", -1);
    bool known = strcmp(prefix, "/usr") == 0 || strcmp(prefix, "/usr/local") == 0 ||
                 g_strv_contains((const char *const *)path, bin);
    g_strfreev(path);
    g_free(bin);
    if (!known)
        return prefix;
    g_free(prefix);
    return NULL;
}

static void print_next_steps(const char *directory)
{
    char *prefix = prefix_to_tell();
    const char *program = prefix ? paths_executable() : "portico";
    char *place = g_shell_quote(directory);
    if (!strpbrk(directory, " \t'\"\\$&;|<>()*?[]#~`"))
        g_stpcpy(place, directory);
    printf("%s is a module with a page, a table, a setting and tests. Next:\n\n"
           "    cd %s\n    cmake -B build%s%s\n    cmake --build build\n"
           "    ctest --test-dir build --output-on-failure\n    %s module dev\n\n"
           "The last command serves it and follows every change; README.md tells the rest.\n",
           directory, place, prefix ? " -D CMAKE_PREFIX_PATH=" : "", prefix ? prefix : "", program);
    g_free(place);
    g_free(prefix);
}

int module_new(const struct cli_call *call, struct config *config, struct arena *arena)
{
    (void)config;
    (void)arena;
    const char *name = call->arguments[1];
    const char *given = cli_value(call, "directory");
    int exit = refuse_name(name);
    if (exit)
        return exit;
    char *directory = g_strdup(given && *given ? given : name);
    char *scaffold = g_build_filename(paths_share_directory(), "scaffold", NULL);
    if (g_file_test(directory, G_FILE_TEST_EXISTS)) {
        fprintf(stderr,
                "portico module: %s exists already; nothing was changed. Choose another "
                "place with --directory.\n",
                directory);
        exit = CLI_FAILED;
    } else if (!g_file_test(scaffold, G_FILE_TEST_IS_DIR)) {
        fprintf(stderr, "portico module: %s is missing: Portico is installed without its SDK.\n",
                scaffold);
        exit = CLI_FAILED;
    } else {
        struct names names = names_of(name);
        exit = copy_directory(scaffold, directory, &names);
        names_free(&names);
    }
    if (exit == CLI_OK)
        print_next_steps(directory);
    g_free(scaffold);
    g_free(directory);
    return exit;
}
