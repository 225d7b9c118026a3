/* Removing what a test made on disk. */
#ifndef TEST_REMOVE_H
#define TEST_REMOVE_H

#include <glib.h>
#include <glib/gstdio.h>

/* Removes a file, or a directory with all below it; follows no link. */
static inline void remove_below(const char *path)
{
    GDir *directory = g_file_test(path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open(path, 0, NULL);
    for (const char *name; directory && (name = g_dir_read_name(directory)) != NULL;) {
        char *below = g_build_filename(path, name, NULL);
        remove_below(below);
        g_free(below);
    }
    if (directory)
        g_dir_close(directory);
    g_remove(path);
}

#endif
