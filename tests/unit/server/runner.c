/* How runners are named in leases: nobody may end what another portal's process holds. */
#include "server/runner.h"

#include <glib.h>
#include <string.h>
#include <unistd.h>

static char *name_of(uint64_t word, int pid, unsigned slot)
{
    char name[RUNNER_NAME_SIZE];
    runner_name(word, pid, slot, name);
    return g_strdup(name);
}

static void a_name_says_host_portal_process_and_slot(void)
{
    char host[64] = "";
    gethostname(host, sizeof host - 1);
    char *name = name_of(0x12345678, 4711, 2);
    char *expected = g_strdup_printf("%s/12345678/4711/2", host);
    g_assert_cmpstr(name, ==, expected);
    g_free(expected);
    g_free(name);
}

static void what_makes_two_runners_differ_makes_their_names_differ(void)
{
    char *names[] = { name_of(1, 7, 0), name_of(2, 7, 0), name_of(1, 8, 0), name_of(1, 7, 1) };
    char *same = name_of(1, 7, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        for (size_t j = i + 1; j < G_N_ELEMENTS(names); j++)
            g_assert_cmpstr(names[i], !=, names[j]);
    g_assert_cmpstr(same, ==, names[0]);
    g_free(same);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        g_free(names[i]);
}

static void the_longest_name_is_whole(void)
{
    char *name = name_of(UINT64_MAX, 2147483647, 4294967295u);
    g_assert_true(g_str_has_suffix(name, "/ffffffff/2147483647/4294967295"));
    /* The longest that gethostname gives here, its slashes and digits, and the end. */
    g_assert_cmpuint(RUNNER_NAME_SIZE, >, 63 + strlen("/ffffffff/2147483647/4294967295"));
    g_free(name);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/runner/a name says host, portal, process and slot",
                    a_name_says_host_portal_process_and_slot);
    g_test_add_func("/runner/what makes two runners differ makes their names differ",
                    what_makes_two_runners_differ_makes_their_names_differ);
    g_test_add_func("/runner/the longest name is whole", the_longest_name_is_whole);
    return g_test_run();
}
