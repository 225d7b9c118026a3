#include "base/remove.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <unistd.h>

static void write_file(const char *path)
{
    g_assert_true(g_file_set_contents(path, "x", 1, NULL));
}

static void a_directory_goes_with_all_below_it_and_no_link_is_followed(void)
{
    char *place = g_dir_make_tmp("portico-remove-XXXXXX", NULL);
    char *tree = g_build_filename(place, "tree", NULL), *deep = g_build_filename(tree, "a/b", NULL);
    char *kept = g_build_filename(place, "kept", NULL);
    char *inside = g_build_filename(kept, "file", NULL),
         *link = g_build_filename(tree, "link", NULL);
    char *file = g_build_filename(deep, ".hidden", NULL);
    g_assert_cmpint(g_mkdir_with_parents(deep, 0700), ==, 0);
    g_assert_cmpint(g_mkdir(kept, 0700), ==, 0);
    write_file(inside);
    write_file(file);
    g_assert_cmpint(symlink(kept, link), ==, 0);
    remove_tree(tree);
    g_assert_false(g_file_test(tree, G_FILE_TEST_EXISTS));
    g_assert_true(g_file_test(inside, G_FILE_TEST_EXISTS));
    remove_tree(inside);
    g_assert_false(g_file_test(inside, G_FILE_TEST_EXISTS));
    remove_tree(tree); /* not there any more */
    remove_tree(place);
    g_assert_false(g_file_test(place, G_FILE_TEST_EXISTS));
    char *all[] = { place, tree, deep, kept, inside, link, file };
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
        g_free(all[i]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/base/remove/a_directory_goes_with_all_below_it_and_no_link_is_followed",
                    a_directory_goes_with_all_below_it_and_no_link_is_followed);
    return g_test_run();
}
