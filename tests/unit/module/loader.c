/* Modules broken in every way we know: each is refused with a sentence a person can act on. */
#include "workshop.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#define HANDLER                                                                                    \
    "static int page(struct portico_request *request)\n"                                           \
    "{ return portico_reply_json(request, portico_object(request)); }\n"
#define ROUTES(...) HANDLER "static const struct portico_route routes[] = {" __VA_ARGS__ "};\n"
#define WITH_ROUTES ".routes = PORTICO_LIST(routes),"
#define GOOD_ROUTE(path)                                                                           \
    "{ .method = \"GET\", .pattern = \"" path "\", .handler = page, .permission = PORTICO_PUBLIC " \
    "},"

/* Sources of whole modules, and what one of the problems must say. */
static const struct {
    const char *name; /* a sentence: what is wrong with it */
    const char *before, *members, *says;
} broken[] = {
    { "a constructor crashes",
      "__attribute__((constructor)) static void early(void) { __builtin_trap(); }", "",
      "A constructor of it crashed (signal" },
    { "a constructor aborts",
      "#include <stdlib.h>\n"
      "__attribute__((constructor)) static void early(void) { abort(); }",
      "", "A constructor of it crashed (signal 6" },
    { "a constructor ends the process",
      "#include <stdlib.h>\n"
      "__attribute__((constructor)) static void early(void) { exit(7); }",
      "", "A constructor of it ended the process with status 7" },
    { "a symbol is missing",
      "extern int nowhere_to_be_found(void);\n"
      "static int start(struct portico_context *context, struct portico_error *error)\n"
      "{ (void)context; (void)error; return nowhere_to_be_found(); }",
      ".start = start,", "undefined symbol: nowhere_to_be_found" },
    { "a route has no permission",
      ROUTES("{ .method = \"GET\", .pattern = \"/broken\", .handler = page },"), WITH_ROUTES,
      "The route GET /broken states no permission" },
    { "a route's permission is unknown",
      ROUTES("{ .method = \"GET\", .pattern = \"/broken\", .handler = page, .permission = "
             "\"broken.see\" },"),
      WITH_ROUTES, "needs the permission \"broken.see\", which is not in .permissions" },
    { "a route has no handler",
      ROUTES(
          "{ .method = \"GET\", .pattern = \"/broken\", .permission = PORTICO_PUBLIC },") "int "
                                                                                          "(*keep)("
                                                                                          "struct "
                                                                                          "portico_"
                                                                                          "request "
                                                                                          "*) = "
                                                                                          "page;",
      WITH_ROUTES, "routes[0].handler is missing" },
    { "a route lies in another module's place", ROUTES(GOOD_ROUTE("/elsewhere")), WITH_ROUTES,
      "lies outside /broken and /api/broken/" },
    { "a route only begins like the module", ROUTES(GOOD_ROUTE("/brokenish")), WITH_ROUTES,
      "lies outside /broken" },
    { "a sitemap is not one address for everyone",
      ROUTES("{ .method = \"GET\", .pattern = \"/broken/{part}\", .handler = page, .permission = "
             "PORTICO_PUBLIC, .flags = PORTICO_ROUTE_SITEMAP },"),
      WITH_ROUTES, "is named in /robots.txt as a sitemap" },
    { "a pattern is malformed", ROUTES(GOOD_ROUTE("/broken/{id}.json")), WITH_ROUTES,
      "mixes text" },
    { "an API route lacks its schemas",
      ROUTES("{ .method = \"POST\", .pattern = \"/api/broken/v1/things\", .handler = page,"
             "  .permission = PORTICO_PUBLIC, .summary = \"Makes\" },"),
      WITH_ROUTES, "has no .response_schema" },
    { "an API route lacks its response schema",
      ROUTES("{ .method = \"GET\", .pattern = \"/api/broken/v1/things\", .handler = page,"
             "  .permission = PORTICO_PUBLIC, .summary = \"Lists\" },"),
      WITH_ROUTES, "has no .response_schema" },
    { "a schema is no JSON",
      ROUTES("{ .method = \"GET\", .pattern = \"/api/broken/v1/things\", .handler = page, .summary "
             "= \"L\","
             "  .permission = PORTICO_PUBLIC, .response_schema = \"{\" },"),
      WITH_ROUTES, "The response schema of the route" },
    { "a schema has an unknown keyword",
      ROUTES("{ .method = \"GET\", .pattern = \"/api/broken/v1/things\", .handler = page, .summary "
             "= \"L\","
             "  .permission = PORTICO_PUBLIC, .response_schema = \"{\\\"oneOf\\\":[]}\" },"),
      WITH_ROUTES, "/oneOf is a keyword this portal does not check" },
    { "a route is given twice", ROUTES(GOOD_ROUTE("/broken/{a}") GOOD_ROUTE("/broken/{b}")),
      WITH_ROUTES, "registers GET /broken/{b} twice" },
    { "a permission is not the module's own",
      "static const struct portico_permission permissions[] = {{ .name = \"other.see\", .title = "
      "\"See\" }};",
      ".permissions = PORTICO_LIST(permissions),", "is not named broken.<verb>" },
    { "a permission is given to a role there is not",
      "static const struct portico_permission permissions[] = {{ .name = \"broken.see\", .title = "
      "\"See\", .roles = \"member owner\" }};",
      ".permissions = PORTICO_LIST(permissions),",
      "The .roles of permission \"broken.see\": \"owner\" is no role" },
    { "a permission of the owner's is everybody's",
      "static const struct portico_permission permissions[] = {{ .name = \"broken.see\", .title = "
      "\"See\", .roles = \"staff member\", .flags = PORTICO_PERMISSION_OWNER }};\n",
      ".permissions = PORTICO_LIST(permissions),",
      "\"broken.see\" is for the owner's roles alone, and \"staff member\" names others" },
    { "a permission has flags there are not",
      "static const struct portico_permission permissions[] = {{ .name = \"broken.see\", .title = "
      "\"See\", .flags = 64 }};\n",
      ".permissions = PORTICO_LIST(permissions),",
      "The .flags of permission \"broken.see\" have bits that this portal does not know" },
    { "a default does not fit its type",
      "static const struct portico_setting settings[] = {"
      "{ .key = \"rows\", .type = PORTICO_SETTING_INTEGER, .initial = \"many\", .title = \"Rows\" "
      "}};",
      ".settings = PORTICO_LIST(settings),", "The default of setting rows is wrong" },
    { "a text is not UTF-8", "", ".description = \"\\xff\\xfe\",",
      "module.description is not UTF-8" },
    { "a list has a length but no items", "",
      ".routes = { NULL, 3, sizeof(struct portico_route) },", "has 3 items but no array" },
    { "an item size cuts a member", ROUTES(GOOD_ROUTE("/broken")), ".routes = { routes, 1, 11 },",
      "says that an item has 11 bytes" },
    { "a list leads into nowhere", "",
      ".routes = { (const void *)16, 2, sizeof(struct portico_route) },",
      "Its descriptor crashed" },
    { "it needs a newer interface",
      "#undef PORTICO_MODULE_USES\n#define PORTICO_MODULE_USES \"portico.db 1.9\"", "",
      "It needs portico.db 1.9, this portal has 1.1: update Portico or install an older version" },
    { "it needs an interface from the future",
      "#undef PORTICO_MODULE_USES\n#define PORTICO_MODULE_USES \"portico.db 1.0, portico.telepathy "
      "1.0\"",
      "", "It needs portico.telepathy 1.0, which this portal does not have" },
    { "its needs cannot be read",
      "#undef PORTICO_MODULE_USES\n#define PORTICO_MODULE_USES \"portico.db\"", "",
      "which is not a name and a version" },
    { "it needs another module that is off",
      "#undef PORTICO_MODULE_USES\n#define PORTICO_MODULE_USES \"catalog 2.0\"", "",
      "It needs the module catalog 2.0, but the module catalog is not enabled" },
    { "it was built for another ABI", "#undef PORTICO_ABI\n#define PORTICO_ABI 7", "",
      "It was built for Portico ABI 7" },
    { "its version is no version",
      "#undef PORTICO_MODULE_VERSION\n#define PORTICO_MODULE_VERSION \"new\"", "",
      "Its version \"new\" is not of the form 1.2.3" },
    { "its id is another", "#undef PORTICO_MODULE_ID\n#define PORTICO_MODULE_ID \"stranger\"", "",
      "Its file says that it is the module stranger, not broken" },
    { "it brings a Jansson of its own",
      "PORTICO_VISIBLE void *json_object(void); void *json_object(void) { return 0; }", "",
      "It brings a Jansson of its own" },
};

static void test_broken(gconstpointer data)
{
    size_t i = GPOINTER_TO_SIZE(data);
    struct workshop *shop = workshop_open();
    workshop_module(shop, "broken", broken[i].before, broken[i].members);
    g_assert_cmpint(workshop_load(shop, false), ==, PORTICO_EINVAL);
    g_assert_null(shop->registry);
    g_assert_true(workshop_says(shop, broken[i].says));
    workshop_close(shop);
}

static void refuse_source(const char *source, const char *const *flags, const char *says)
{
    struct workshop *shop = workshop_open();
    workshop_build(shop, "broken", source, flags);
    g_assert_cmpint(workshop_load(shop, false), ==, PORTICO_EINVAL);
    g_assert_true(workshop_says(shop, says));
    workshop_close(shop);
}

static void test_library_without_note_is_no_module(void)
{
    refuse_source("int nothing;", NULL, "It has no Portico note");
}

static void test_null_descriptor_is_refused(void)
{
    refuse_source("#define PORTICO_MODULE_VERSION \"1.0.0\"\n#include <portico/portico.h>\n"
                  "PORTICO_EXPORT_MODULE(*(const struct portico_module *)0)",
                  NULL, "Its portico_module_entry returned NULL");
}

static void test_missing_entry_is_refused(void)
{
    static const char *const hide[] = { "-DPORTICO_VISIBLE=", NULL };
    refuse_source(
        "#define PORTICO_MODULE_VERSION \"1.0.0\"\n#include <portico/base.h>\n"
        "#undef PORTICO_VISIBLE\n#define PORTICO_VISIBLE\n#include <portico/portico.h>\n"
        "static const struct portico_module module = { PORTICO_MODULE_HEADER, .title = \"x\" };\n"
        "PORTICO_EXPORT_MODULE(module)",
        hide + 1, "It does not export portico_module_entry");
}

static void test_own_search_path_for_jansson_is_refused(void)
{
    static const char *const flags[] = { "-Wl,-rpath,/opt/bundle", "-Wl,--no-as-needed",
                                         "-l:libjansson.so.4", NULL };
    refuse_source(
        "#define PORTICO_MODULE_VERSION \"1.0.0\"\n#include <portico/portico.h>\n"
        "static const struct portico_module module = { PORTICO_MODULE_HEADER, .title = \"x\" };\n"
        "PORTICO_EXPORT_MODULE(module)",
        flags, "has a library search path of its own");
}

static void hear(const char *sentence, void *data)
{
    g_string_append(data, sentence);
    g_string_append_c(data, '\n');
}

static void test_hanging_constructor_is_stopped(void)
{
    struct workshop *shop = workshop_open();
    workshop_module(shop, "broken",
                    "#include <unistd.h>\n"
                    "__attribute__((constructor)) static void early(void) { for (;;) pause(); }",
                    "");
    char *path = workshop_path(shop, "broken", "broken.so");
    struct arena *arena = arena_new(0);
    GString *said = g_string_new(NULL);
    struct descriptor_report report = { .say = hear, .data = said };
    struct portico_module module;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    g_assert_cmpint(file, >=, 0);
    g_assert_false(inspect_module(file, 1000000, arena, &module, &report));
    close(file);
    g_assert_nonnull(strstr(said->str, "A constructor of it did not come back within 1.0 s"));
    g_string_free(said, TRUE);
    arena_free(arena);
    g_free(path);
    workshop_close(shop);
}

/* What stands in the file system, changed by `spoil` before loading. */
static void refuse_spoiled(void (*spoil)(const struct workshop *shop), const char *says)
{
    struct workshop *shop = workshop_open();
    workshop_module(shop, "broken", "", "");
    spoil(shop);
    g_assert_cmpint(workshop_load(shop, false), ==, PORTICO_EINVAL);
    g_assert_true(workshop_says(shop, says));
    workshop_close(shop);
}

static void open_file(const struct workshop *shop)
{
    char *path = workshop_path(shop, "broken", "broken.so");
    g_chmod(path, 0757);
    g_free(path);
}

static void open_directory(const struct workshop *shop)
{
    char *path = workshop_path(shop, "broken", NULL);
    g_chmod(path, 0775);
    g_free(path);
}

static void link_file(const struct workshop *shop)
{
    char *path = workshop_path(shop, "broken", "broken.so");
    char *moved = workshop_path(shop, "broken", "real.so");
    g_assert_cmpint(g_rename(path, moved), ==, 0);
    g_assert_cmpint(symlink(moved, path), ==, 0);
    g_free(moved);
    g_free(path);
}

static void cut_file(const struct workshop *shop)
{
    char *path = workshop_path(shop, "broken", "broken.so");
    g_assert_cmpint(truncate(path, 700), ==, 0);
    g_free(path);
}

static void remove_module(const struct workshop *shop)
{
    char *path = workshop_path(shop, "broken", NULL);
    remove_below(path);
    g_free(path);
}

static void test_file_others_may_write_is_refused(void)
{
    refuse_spoiled(open_file, "can be written by others (mode 0757): run `chmod go-w");
}

static void test_directory_others_may_write_is_refused(void)
{
    refuse_spoiled(open_directory, "can be written by others (mode 0775)");
}

static void test_link_is_not_followed(void)
{
    refuse_spoiled(link_file, "a link is not followed");
}

static void test_cut_file_is_refused(void)
{
    refuse_spoiled(cut_file, "It ");
}

static void test_absent_module_names_where_it_was_looked_for(void)
{
    refuse_spoiled(remove_module, "The module broken is enabled but was found in none of:");
}

static void test_all_problems_are_told_at_once(void)
{
    struct workshop *shop = workshop_open();
    workshop_module(shop, "first",
                    ROUTES(GOOD_ROUTE("/elsewhere") "{ .method = \"GET\", "
                                                    ".pattern = \"/first\", .handler = page },"),
                    WITH_ROUTES);
    workshop_module(shop, "second", "", ".description = \"\\xff\",");
    g_assert_cmpint(workshop_load(shop, true), ==, PORTICO_EINVAL);
    g_assert_true(workshop_says(shop, "lies outside /first"));
    g_assert_true(workshop_says(shop, "GET /first states no permission"));
    g_assert_true(workshop_says(shop, "second.so: module.description is not UTF-8"));
    g_assert_cmpuint(config_problem_at(shop->config, 0)->line, >, 0);
    workshop_close(shop);
}

static void test_settings_of_the_config_are_checked_against_the_module(void)
{
    struct workshop *shop = workshop_open();
    workshop_module(shop, "rows",
                    "static const struct portico_setting settings[] = {"
                    "{ .key = \"rows\", .type = PORTICO_SETTING_INTEGER, .initial = \"10\","
                    "  .minimum = \"1\", .maximum = \"100\", .title = \"Rows\" }};",
                    ".settings = PORTICO_LIST(settings),");
    g_string_append(shop->sections, "rows = 500\nrosw = 3\n");
    g_assert_cmpint(workshop_load(shop, false), ==, PORTICO_EINVAL);
    g_assert_cmpuint(config_problem_count(shop->config), ==, 2);
    g_assert_true(workshop_says(shop, "rosw"));
    workshop_close(shop);
}

static void test_sound_module_is_copied_and_loaded(void)
{
    struct workshop *shop = workshop_open();
    workshop_module(shop, "sound", ROUTES(GOOD_ROUTE("/sound/{name}")), WITH_ROUTES);
    g_assert_cmpint(workshop_load(shop, false), ==, 0);
    g_assert_cmpuint(registry_module_count(shop->registry), ==, 1);
    struct route_match match;
    g_assert_true(
        route_tree_match(registry_routes(shop->registry), TEXT("GET"), TEXT("/sound/x"), &match));
    const struct module_route *route = match.route;
    g_assert_cmpstr(route->label, ==, "sound GET /sound/{name}");
    g_assert_true(route->owner == registry_find(shop->registry, "sound"));
    g_assert_nonnull(route->route.handler);
    char *copies = g_build_filename(shop->root, "copies", NULL);
    GDir *directory = g_dir_open(copies, 0, NULL);
    const char *name = g_dir_read_name(directory);
    g_assert_true(g_str_has_suffix(name, ".so") && strlen(name) == 64 + 3);
    g_assert_null(g_dir_read_name(directory));
    g_dir_close(directory);
    g_free(copies);
    workshop_close(shop);
}

static void test_inspection_alone_loads_nothing(void)
{
    struct workshop *shop = workshop_open();
    workshop_module(shop, "sound", ROUTES(GOOD_ROUTE("/sound")), WITH_ROUTES);
    g_assert_cmpint(workshop_load(shop, true), ==, 0);
    const struct portico_module *descriptor =
        module_descriptor(registry_find(shop->registry, "sound"));
    const struct portico_route *routes = descriptor->routes.items;
    g_assert_cmpstr(routes[0].pattern, ==, "/sound");
    /* What stands for its functions is of this program and cannot be called. */
    Dl_info place;
    g_assert_cmpint(dladdr((void *)(uintptr_t)routes[0].handler, &place), !=, 0);
    g_assert_null(strstr(place.dli_fname, "sound.so"));
    char *copies = g_build_filename(shop->root, "copies", NULL);
    g_assert_false(g_file_test(copies, G_FILE_TEST_EXISTS));
    g_free(copies);
    workshop_close(shop);
}

static void test_inspection_compiles_the_templates(void)
{
    struct workshop *shop = workshop_open();
    workshop_module(shop, "sound", "", "");
    char *templates = workshop_path(shop, "sound", "templates");
    char *file = g_build_filename(templates, "page.mustache", NULL);
    g_mkdir_with_parents(templates, 0755);
    g_assert_true(g_file_set_contents(file, "<p>{{#open}}</p>\n", -1, NULL));
    g_assert_cmpint(workshop_load(shop, true), ==, PORTICO_EINVAL);
    g_assert_true(workshop_says(shop, "page.mustache:1"));
    g_free(file);
    g_free(templates);
    workshop_close(shop);
}

static void test_spoiled_copy_is_taken_again(void)
{
    struct workshop *shop = workshop_open();
    workshop_module(shop, "sound", "", "");
    g_assert_cmpint(workshop_load(shop, false), ==, 0);
    char *copies = g_build_filename(shop->root, "copies", NULL);
    GDir *directory = g_dir_open(copies, 0, NULL);
    char *copy = g_build_filename(copies, g_dir_read_name(directory), NULL);
    g_dir_close(directory);
    /* A new file under the same name: the loaded one stays as it is. */
    g_remove(copy);
    g_assert_true(g_file_set_contents(copy, "not a library", -1, NULL));
    g_chmod(copy, 0500);
    registry_free(shop->registry);
    config_free(shop->config);
    shop->registry = NULL;
    g_assert_cmpint(workshop_load(shop, false), ==, 0);
    struct stat status;
    g_assert_cmpint(stat(copy, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 07777, ==, 0500);
    g_assert_cmpint(status.st_size, >, 5000);
    g_free(copy);
    g_free(copies);
    workshop_close(shop);
}

static void test_module_of_a_newer_sdk_loads(void)
{
    struct workshop *shop = workshop_open();
    workshop_build(
        shop, "newer",
        "#define PORTICO_MODULE_VERSION \"1.0.0\"\n#include <portico/portico.h>\n" HANDLER
        "struct newer_route { struct portico_route route; const char *since; long more[4]; };\n"
        "static const struct newer_route routes[] = {\n"
        "  { { .method = \"GET\", .pattern = \"/newer/a\", .handler = page, .permission = "
        "\"public\" }, \"2\" },\n"
        "  { { .method = \"GET\", .pattern = \"/newer/b\", .handler = page, .permission = "
        "\"public\" }, \"2\" },\n"
        "};\n"
        "static const struct { struct portico_module module; struct portico_list widgets; } newer "
        "= {\n"
        "  { PORTICO_MODULE_HEADER, .title = \"Newer\", .routes = PORTICO_LIST(routes) }, { "
        "routes, 2, 8 } };\n"
        "static struct portico_module *sized(void)\n"
        "{ static struct { struct portico_module module; struct portico_list widgets; } own;\n"
        "  memcpy(&own, &newer, sizeof own); own.module.size = sizeof own; return &own.module; }\n"
        "PORTICO_EXPORT_MODULE(*sized())",
        NULL);
    g_assert_cmpint(workshop_load(shop, false), ==, 0);
    struct route_match match;
    g_assert_true(
        route_tree_match(registry_routes(shop->registry), TEXT("GET"), TEXT("/newer/b"), &match));
    g_assert_cmpuint(module_descriptor(registry_find(shop->registry, "newer"))->routes.item_size,
                     ==, sizeof(struct portico_route));
    workshop_close(shop);
}

static void test_module_of_an_older_sdk_loads_with_zeroes(void)
{
    struct workshop *shop = workshop_open();
    workshop_build(
        shop, "older",
        "#define PORTICO_MODULE_VERSION \"1.0.0\"\n#include <portico/portico.h>\n" HANDLER
        "struct older_route { const char *method, *pattern; int (*handler)(struct portico_request "
        "*);\n"
        "  const char *permission; };\n"
        "static const struct older_route routes[] = {\n"
        "  { \"GET\", \"/older/a\", page, \"public\" }, { \"GET\", \"/older/b\", page, \"public\" "
        "} };\n"
        "static struct portico_module *sized(void)\n"
        "{ static struct portico_module own = { PORTICO_MODULE_HEADER, .title = \"Older\",\n"
        "    .routes = PORTICO_LIST(routes), .permissions = { (void *)8, 99, 8 } };\n"
        "  own.size = offsetof(struct portico_module, permissions); return &own; }\n"
        "PORTICO_EXPORT_MODULE(*sized())",
        NULL);
    g_assert_cmpint(workshop_load(shop, false), ==, 0);
    const struct portico_module *older = module_descriptor(registry_find(shop->registry, "older"));
    const struct portico_route *routes = older->routes.items;
    g_assert_cmpuint(older->routes.count, ==, 2);
    g_assert_cmpstr(routes[1].pattern, ==, "/older/b");
    g_assert_cmpuint(routes[1].cache_seconds, ==, 0);
    g_assert_null(routes[1].summary);
    g_assert_cmpuint(older->permissions.count, ==, 0);
    workshop_close(shop);
}

static void test_needed_modules_come_first(void)
{
    struct workshop *shop = workshop_open();
    workshop_module(shop, "upper",
                    "#undef PORTICO_MODULE_USES\n#define PORTICO_MODULE_USES \"lower 1.0\"", "");
    workshop_module(shop, "lower", "", "");
    g_assert_cmpint(workshop_load(shop, false), ==, 0);
    g_assert_cmpstr(module_id(registry_module_at(shop->registry, 0)), ==, "lower");
    g_assert_cmpstr(module_id(registry_module_at(shop->registry, 1)), ==, "upper");
    workshop_close(shop);
}

static void test_modules_that_need_each_other_are_refused(void)
{
    struct workshop *shop = workshop_open();
    workshop_module(shop, "egg",
                    "#undef PORTICO_MODULE_USES\n#define PORTICO_MODULE_USES \"hen 1.0\"", "");
    workshop_module(shop, "hen",
                    "#undef PORTICO_MODULE_USES\n#define PORTICO_MODULE_USES \"egg 1.0\"", "");
    g_assert_cmpint(workshop_load(shop, true), ==, PORTICO_EINVAL);
    g_assert_true(workshop_says(shop, "need each other in a circle"));
    workshop_close(shop);
}

int main(int argc, char **argv)
{
    WORKSHOP_MAIN(argc, argv);
    for (size_t i = 0; i < G_N_ELEMENTS(broken); i++) {
        char *name = g_strdup_printf("/module/refused when %s", broken[i].name);
        g_test_add_data_func(name, GSIZE_TO_POINTER(i), test_broken);
        g_free(name);
    }
    static const struct {
        const char *name;
        void (*run)(void);
    } tests[] = {
        { "library without note is no module", test_library_without_note_is_no_module },
        { "null descriptor is refused", test_null_descriptor_is_refused },
        { "missing entry is refused", test_missing_entry_is_refused },
        { "own search path for jansson is refused", test_own_search_path_for_jansson_is_refused },
        { "hanging constructor is stopped", test_hanging_constructor_is_stopped },
        { "file others may write is refused", test_file_others_may_write_is_refused },
        { "directory others may write is refused", test_directory_others_may_write_is_refused },
        { "link is not followed", test_link_is_not_followed },
        { "cut file is refused", test_cut_file_is_refused },
        { "absent module names where it was looked for",
          test_absent_module_names_where_it_was_looked_for },
        { "all problems are told at once", test_all_problems_are_told_at_once },
        { "settings of the config are checked against the module",
          test_settings_of_the_config_are_checked_against_the_module },
        { "sound module is copied and loaded", test_sound_module_is_copied_and_loaded },
        { "inspection alone loads nothing", test_inspection_alone_loads_nothing },
        { "inspection compiles the templates", test_inspection_compiles_the_templates },
        { "spoiled copy is taken again", test_spoiled_copy_is_taken_again },
        { "module of a newer sdk loads", test_module_of_a_newer_sdk_loads },
        { "module of an older sdk loads with zeroes",
          test_module_of_an_older_sdk_loads_with_zeroes },
        { "needed modules come first", test_needed_modules_come_first },
        { "modules that need each other are refused",
          test_modules_that_need_each_other_are_refused },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
        char *name = g_strdup_printf("/module/%s", tests[i].name);
        g_test_add_func(name, tests[i].run);
        g_free(name);
    }
    return g_test_run();
}
