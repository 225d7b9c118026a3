/* What a module says it needs. */
#include "module/uses.h"

#include <glib.h>
#include <string.h>

static struct uses parse(const char *text)
{
    struct uses uses;
    struct portico_error error = PORTICO_ERROR_INIT;
    g_assert_cmpint(uses_parse(text, &uses, &error), ==, 0);
    return uses;
}

static void test_kinds(void)
{
    struct uses uses = parse("portico.db 1.0, catalog.prices 2.3?,shop 1.4.2");
    char id[USES_NAME_MAX + 1];
    g_assert_cmpuint(uses.count, ==, 3);
    g_assert_true(use_is_interface(&uses.items[0]));
    g_assert_false(use_is_service(&uses.items[0]));
    use_module(&uses.items[0], id);
    g_assert_cmpstr(id, ==, "");
    g_assert_true(use_is_service(&uses.items[1]));
    g_assert_true(uses.items[1].optional);
    use_module(&uses.items[1], id);
    g_assert_cmpstr(id, ==, "catalog");
    g_assert_false(use_is_service(&uses.items[2]));
    g_assert_false(uses.items[2].optional);
    use_module(&uses.items[2], id);
    g_assert_cmpstr(id, ==, "shop");
}

static void test_versions(void)
{
    struct uses uses = parse("catalog.prices 2.3");
    g_assert_true(use_fits(&uses.items[0], 2, 3));
    g_assert_true(use_fits(&uses.items[0], 2, 10));
    g_assert_false(use_fits(&uses.items[0], 2, 2));
    g_assert_false(use_fits(&uses.items[0], 3, 3));
    g_assert_false(use_fits(&uses.items[0], 1, 9));
}

static void test_wrong_texts(void)
{
    static const char *const wrong[] = { "catalog.prices",       "catalog.prices ?",
                                         "catalog.prices 1.0??", "catalog.prices? 1.0",
                                         "Catalog 1.0",          "catalog 1",
                                         ", catalog 1.0" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct uses uses;
        struct portico_error error = PORTICO_ERROR_INIT;
        g_test_message("%s", wrong[i]);
        int code = uses_parse(wrong[i], &uses, &error);
        g_assert_cmpint(code, ==, PORTICO_EINVAL);
        g_assert_nonnull(strstr(error.message, "PORTICO_MODULE_USES"));
    }
}

static void test_optional_interfaces_may_be_missing(void)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct uses uses = parse("portico.telepathy 1.0?");
    g_assert_cmpint(uses_check_host(&uses, &error), ==, 0);
    uses = parse("portico.telepathy 1.0");
    g_assert_cmpint(uses_check_host(&uses, &error), ==, PORTICO_ENOTSUP);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/module/uses/interfaces, services and modules are told apart", test_kinds);
    g_test_add_func("/module/uses/the same major and a later minor are enough", test_versions);
    g_test_add_func("/module/uses/what cannot be read is refused with advice", test_wrong_texts);
    g_test_add_func("/module/uses/an optional interface may be missing",
                    test_optional_interfaces_may_be_missing);
    return g_test_run();
}
