/* What modules say of one another – needs, services, the order of hooks – held against each other
 * when they are loaded. */
#include "workshop.h"

#include "module/hooks.h"
#include "module/services.h"

/* Lines before the descriptor: what it uses, a service of its own, hooks. */
#define USES(text) "#undef PORTICO_MODULE_USES\n#define PORTICO_MODULE_USES \"" text "\"\n"
#define OFFERS(name, version)                                                                      \
    "static int call(struct portico_context *context, const struct portico_value *arguments,\n"    \
    "    struct portico_value **ret_result, struct portico_error *error)\n"                        \
    "{ (void)arguments; (void)error; *ret_result = portico_object(context); return 0; }\n"         \
    "static const struct portico_service services[] = {{ \"" name "\", \"" version "\", \"x\" }};" \
    "static const struct portico_method methods[] = {{ .service = \"" name "\", .name = \"ask\","  \
    ".summary = \"x\", .request_schema = SCHEMA, .response_schema = SCHEMA, .call = call }};\n"
#define SCHEMA "#define SCHEMA \"{\\\"type\\\":\\\"object\\\"}\"\n"
#define SERVICES ".services = PORTICO_LIST(services), .methods = PORTICO_LIST(methods),"
#define HOOK(members)                                                                              \
    "static int run(struct portico_request *request, struct portico_error *error)\n"               \
    "{ (void)request; (void)error; return 0; }\n"                                                  \
    "static const struct portico_hook hooks[] = { { .run = run, " members " } };\n"
#define HOOKS ".hooks = PORTICO_LIST(hooks),"

struct pair {
    const char *name;
    const char *user, *user_members;   /* of the module "user" */
    const char *other, *other_members; /* of the module "other"; NULL: not there */
    const char *says;                  /* NULL: both load */
};

static const struct pair pairs[] = {
    { "a service of a module that is not enabled", USES("other.stock 1.0"), "", NULL, NULL,
      "user/user.so: It needs the service other.stock 1.0, but the module other is not enabled" },
    { "a service that its module does not offer", USES("other.keys 1.0"), "",
      SCHEMA OFFERS("other.stock", "1.0"), SERVICES,
      "other/other.so (other 1.0.0) offers no such service: install a version of other that does" },
    { "a service that is too old", USES("other.stock 1.3"), "", SCHEMA OFFERS("other.stock", "1.2"),
      SERVICES, "other/other.so offers 1.2: install a newer version of other" },
    { "a service of a later major", USES("other.stock 1.0"), "",
      SCHEMA OFFERS("other.stock", "2.0"), SERVICES,
      "offers 2.0: install a newer version of user or an older one of other" },
    { "a module that is too old", USES("other 1.5"), "", "", "",
      "other/other.so is 1.0.0: install a newer version of other" },
    { "a service in a later minor", USES("other.stock 1.0"), "",
      SCHEMA OFFERS("other.stock", "1.7"), SERVICES, NULL },
    { "an optional service that nobody offers", USES("other.stock 1.0?, missing.one 2.0?"), "",
      NULL, NULL, NULL },
    { "an optional service that is too old", USES("other.stock 1.3?"), "",
      SCHEMA OFFERS("other.stock", "1.2"), SERVICES, NULL },
    { "a circle of services", USES("other.stock 1.0") SCHEMA OFFERS("user.stock", "1.0"), SERVICES,
      USES("user.stock 1.0?") SCHEMA OFFERS("other.stock", "1.0"), SERVICES,
      "modules need each other in a circle" },
    { "a service of its own", USES("user.stock 1.0") SCHEMA OFFERS("user.stock", "1.0"), SERVICES,
      NULL, NULL, "It uses what itself offers" },
    { "a service in another's name", SCHEMA OFFERS("other.stock", "1.0"), SERVICES, NULL, NULL,
      "The service \"other.stock\" is not named user.<word>" },
    { "a schema that is no object's",
      "#define SCHEMA \"{\\\"type\\\":\\\"string\\\"}\"\n" OFFERS("user.stock", "1.0"), SERVICES,
      NULL, NULL, "schema of the method user.stock/ask is not of \"type\": \"object\"" },
    { "hooks that must both be first", HOOK(".name = \"a\", .point = 1, .before = \"other/b\""),
      HOOKS, HOOK(".name = \"b\", .point = 1, .before = \"user/a\""), HOOKS, "a circle" },
    { "a hook that names one that is not there",
      HOOK(".name = \"a\", .point = 1, .after = \"other/c\""), HOOKS,
      HOOK(".name = \"b\", .point = 1"), HOOKS,
      "Its hook a names \"other/c\" in .after, but the module other has no such hook" },
    { "a hook that names one of another point",
      HOOK(".name = \"a\", .point = 1, .after = \"other/b\""), HOOKS,
      HOOK(".name = \"b\", .point = 3"), HOOKS, "which stands at another point" },
    { "a hook that names one of a module that is off",
      HOOK(".name = \"a\", .point = 1, .after = \"missing/b\""), HOOKS, NULL, NULL, NULL },
    { "a hook without a point", HOOK(".name = \"a\""), HOOKS, NULL, NULL,
      "The hook \"a\" stands at the point 0: set .point to PORTICO_BEFORE_ROUTING" },
    { "a hook with half a path", HOOK(".name = \"a\", .point = 1, .paths = \"/ok shop/\""), HOOKS,
      NULL, NULL, "has \"shop/\" in .paths, which is not a path of whole segments" },
    { "a hook with a name of no hook", HOOK(".name = \"a\", .point = 1, .before = \"b\""), HOOKS,
      NULL, NULL, "has \"b\" in .before, which is not \"<module>/<name>\"" },
};

static void test_pair(gconstpointer data)
{
    const struct pair *pair = data;
    struct workshop *shop = workshop_open();
    workshop_module(shop, "user", pair->user, pair->user_members);
    if (pair->other)
        workshop_module(shop, "other", pair->other, pair->other_members);
    g_assert_cmpint(workshop_load(shop, false), ==, pair->says ? PORTICO_EINVAL : 0);
    if (pair->says)
        g_assert_true(workshop_says(shop, pair->says));
    workshop_close(shop);
}

/* Each of ten asks the next, up to the last; nine calls deep is one too many. */
static void test_calls_end_eight_deep(void)
{
    struct workshop *shop = workshop_open();
    for (int i = 0; i < 10; i++) {
        char *id = g_strdup_printf("m%d", i);
        char *source = g_strdup_printf(
            "static int call(struct portico_context *context, const struct portico_value *given,\n"
            "    struct portico_value **ret_result, struct portico_error *error)\n"
            "{ (void)given; *ret_result = portico_object(context);\n"
            "  struct portico_value *inner = NULL;\n"
            "  if (%d == 9) return 0;\n"
            "  return portico_call(context, \"m%d.next\", \"ask\", NULL, &inner, error); }\n"
            "static const struct portico_service services[] = {{ \"m%d.next\", \"1.0\", \"x\" }};\n"
            "static const struct portico_method methods[] = {{ .service = \"m%d.next\",\n"
            "  .name = \"ask\", .summary = \"x\", .request_schema = "
            "\"{\\\"type\\\":\\\"object\\\"}\",\n"
            "  .response_schema = \"{\\\"type\\\":\\\"object\\\"}\", .call = call }};\n"
            "static int start(struct portico_context *context, struct portico_error *error)\n"
            "{ struct portico_value *result = NULL; return %d > 1 ? 0 :\n"
            "  portico_call(context, \"m%d.next\", \"ask\", NULL, &result, error); }\n",
            i, i + 1, i, i, i, i + 1);
        char *needs = i < 9 ? g_strdup_printf("m%d.next 1.0", i + 1) : g_strdup("");
        char *uses = g_strdup_printf(
            "#undef PORTICO_MODULE_USES\n#define PORTICO_MODULE_USES \"%s\"\n%s", needs, source);
        g_free(needs);
        workshop_module(shop, id, uses, SERVICES ".start = start,");
        g_free(uses);
        g_free(source);
        g_free(id);
    }
    g_assert_cmpint(workshop_load(shop, false), ==, 0);
    g_assert_cmpstr(module_id(registry_module_at(shop->registry, 0)), ==, "m9");
    struct module_host host = { .registry = shop->registry, .config = shop->config };
    struct portico_error error = PORTICO_ERROR_INIT;
    /* m1 is eight above m9 and may; m0 is nine above it. */
    g_assert_cmpint(registry_start(shop->registry, &host, &error), ==, PORTICO_ELIMIT);
    g_assert_nonnull(strstr(error.message, "The module m0 could not start"));
    g_assert_nonnull(strstr(error.message, "8 calls deep"));
    workshop_close(shop);
}

int main(int argc, char **argv)
{
    WORKSHOP_MAIN(argc, argv);
    for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++) {
        char *path = g_strdup_printf("/module/neighbours/%s is %s", pairs[i].name,
                                     pairs[i].says ? "refused with advice" : "accepted");
        g_test_add_data_func(path, &pairs[i], test_pair);
        g_free(path);
    }
    g_test_add_func("/module/neighbours/calls of services end eight deep",
                    test_calls_end_eight_deep);
    return g_test_run();
}
