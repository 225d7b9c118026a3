/* Hooks: whose turn it is, and on which paths. */
#include "module/hooks.h"

#include <glib.h>

struct given {
    const char *module, *name, *before, *after;
};

/* The names in their order, or the circle. */
static char *order_of(const struct given *given, size_t count)
{
    struct portico_hook own[8] = { 0 };
    struct module_hook hooks[8] = { 0 };
    struct module_hook *list[8];
    struct module_hook_circle circle;
    for (size_t i = 0; i < count; i++) {
        own[i] = (struct portico_hook){ .name = given[i].name,
                                        .before = given[i].before,
                                        .after = given[i].after };
        hooks[i] = (struct module_hook){ .module = given[i].module, .hook = &own[i] };
        list[i] = &hooks[i];
    }
    if (!module_hooks_sort(list, count, &circle))
        return g_strdup_printf("circle of %s/%s and %s/%s", circle.one->module,
                               circle.one->hook->name, circle.other->module,
                               circle.other->hook->name);
    GString *names = g_string_new(NULL);
    for (size_t i = 0; i < count; i++)
        g_string_append_printf(names, "%s%s", i ? " " : "", list[i]->hook->name);
    return g_string_free(names, FALSE);
}
#define ORDER(given) order_of((given), sizeof(given) / sizeof *(given))

static void expect(char *found, const char *wanted)
{
    g_assert_cmpstr(found, ==, wanted);
    g_free(found);
}

static void test_what_is_not_ordered_stays(void)
{
    static const struct given given[] = { { "m", "one", NULL, NULL },
                                          { "m", "two", NULL, NULL },
                                          { "n", "three", NULL, NULL } };
    expect(ORDER(given), "one two three");
    expect(order_of(given, 0), "");
}

static void test_before_and_after_move_as_little_as_they_must(void)
{
    static const struct given given[] = {
        { "m", "one", NULL, "n/four" },
        { "m", "two", NULL, NULL },
        { "n", "three", "m/two", "" },
        { "n", "four", "  n/three   x/y ", NULL },
    };
    expect(ORDER(given), "four one three two");
}

static void test_names_are_whole(void)
{
    static const struct given given[] = {
        { "m", "one", NULL, "m/tw m/twoo mm/two /two two m/" },
        { "m", "two", "n/one", "elsewhere/hook" },
    };
    expect(ORDER(given), "one two");
}

static void test_a_circle_is_told_with_two_of_its_names(void)
{
    static const struct given given[] = {
        { "a", "free", NULL, NULL },
        { "a", "waits", NULL, "b/x" },
        { "b", "x", "b/y", NULL },
        { "b", "y", "b/x", NULL },
    };
    char *found = ORDER(given);
    g_assert_true(g_str_equal(found, "circle of b/x and b/y") ||
                  g_str_equal(found, "circle of b/y and b/x"));
    g_free(found);
    static const struct given alone[] = { { "a", "self", NULL, "a/self" } };
    expect(ORDER(alone), "circle of a/self and a/self");
}

static bool applies(const char *paths, const char *path)
{
    struct arena *arena = arena_new(0);
    const struct portico_hook own = { .name = "x", .paths = paths };
    struct module_hook hook = { .hook = &own };
    g_assert_cmpint(module_hook_read_paths(&hook, arena), ==, 0);
    bool found = module_hook_applies(&hook, text_of(path));
    arena_free(arena);
    return found;
}

static void test_paths_are_prefixes_of_whole_segments(void)
{
    g_assert_true(applies(NULL, "/anything"));
    g_assert_true(applies("  ", "/anything"));
    g_assert_true(applies("/", "/anything"));
    g_assert_true(applies("/shop", "/shop"));
    g_assert_true(applies("/shop", "/shop/cart"));
    g_assert_false(applies("/shop", "/shopping"));
    g_assert_false(applies("/shop", "/sho"));
    g_assert_false(applies("/shop", "/api/shop"));
    g_assert_true(applies("/shop  /api/shop", "/api/shop/v1"));
    g_assert_false(applies("/shop/cart", "/shop"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/module/hooks/what is not ordered by name stays in its order",
                    test_what_is_not_ordered_stays);
    g_test_add_func("/module/hooks/before and after move as little as they must",
                    test_before_and_after_move_as_little_as_they_must);
    g_test_add_func("/module/hooks/names are compared whole", test_names_are_whole);
    g_test_add_func("/module/hooks/a circle is told with two of its names",
                    test_a_circle_is_told_with_two_of_its_names);
    g_test_add_func("/module/hooks/paths are prefixes of whole segments",
                    test_paths_are_prefixes_of_whole_segments);
    return g_test_run();
}
