/* `portico module check`, a planted defect for each of its rows: each is found, and nothing else is
 * said of a module without any. */
#include "workshop.h"

#include "config/paths.h"
#include "module/examine.h"

#define FLAGS_MAX 4
#define HARDENED "-fstack-protector-strong", "-Wl,-z,relro,-z,now,-z,noexecstack"

struct defect {
    const char *name;
    const char *before;           /* C in front of the descriptor */
    const char *members;          /* of the descriptor */
    const char *flags[FLAGS_MAX]; /* in place of the usual ones */
    const char *file, *text;      /* beside the library */
    enum examine_weight weight;
    const char *rule, *words;
};

/* What was found, one line a finding: "error rule sentence". */
static void hear(enum examine_weight weight, const char *rule, const char *sentence, void *data)
{
    g_string_append_printf(data, "%s %s %s\n", weight == EXAMINE_ERROR ? "error" : "advice", rule,
                           sentence);
}

static GString *examine(struct workshop *shop, const char *id)
{
    GString *found = g_string_new(NULL);
    struct examine_report report = { .say = hear, .data = found };
    struct arena *arena = arena_new(0);
    char *directory = g_build_filename(shop->root, "modules", id, NULL);
    const struct loader_options options = { .directory = directory,
                                            .id = id,
                                            .inspect_only = true };
    bool good = examine_module(&options, paths_share_directory(), arena, &report);
    g_assert_cmpint(good, ==, report.errors == 0);
    g_free(directory);
    arena_free(arena);
    return found;
}

static void put(struct workshop *shop, const char *id, const char *file, const char *text)
{
    char *path = workshop_path(shop, id, file);
    char *folder = g_path_get_dirname(path);
    g_mkdir_with_parents(folder, 0755);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    g_free(folder);
    g_free(path);
}

static void build(struct workshop *shop, const struct defect *defect)
{
    static const char *const usual[] = { HARDENED, NULL };
    char *source = g_strdup_printf(
        "#define PORTICO_MODULE_VERSION \"1.0.0\"\n#include <portico/portico.h>\n"
        "#include <stdlib.h>\n%s\n"
        "static const struct portico_module module = { PORTICO_MODULE_HEADER,\n"
        "  .title = \"Sample\", %s };\nPORTICO_EXPORT_MODULE(module)\n",
        defect->before ? defect->before : "", defect->members ? defect->members : "");
    workshop_build(shop, "sample", source, defect->flags[0] ? defect->flags : usual);
    if (defect->file)
        put(shop, "sample", defect->file, defect->text);
    g_free(source);
}

static void test_a_defect_is_found(gconstpointer data)
{
    const struct defect *defect = data;
    struct workshop *shop = workshop_open();
    build(shop, defect);
    GString *found = examine(shop, "sample");
    char *start = g_strdup_printf("%s %s ", defect->weight == EXAMINE_ERROR ? "error" : "advice",
                                  defect->rule);
    char **lines = g_strsplit(found->str, "\n", -1);
    bool told = false;
    for (char **line = lines; *line; line++)
        told |= g_str_has_prefix(*line, start) && strstr(*line, defect->words);
    if (!told)
        g_test_message("wanted \"%s… %s …\" among:\n%s", start, defect->words, found->str);
    g_assert_true(told);
    g_strfreev(lines);
    g_free(start);
    g_string_free(found, TRUE);
    workshop_close(shop);
}

#define START(code)                                                                                \
    "static int start(struct portico_context *c, struct portico_error *e)\n"                       \
    "{ (void)c; (void)e; " code " return 0; }\n"
#define STARTS ".start = start,"
#define NOT_PERSONAL                                                                               \
    "static const struct portico_personal_table data[] = { { .table = \"sample_thing\", .reason "  \
    "= "                                                                                           \
    "\"Samples are nobody's.\" } };\n"
#define PO(texts) "msgid \"\"\nmsgstr \"\"\n\"Content-Type: text/plain; charset=UTF-8\\n\"\n" texts

static const struct defect defects[] = {
    { .name = "a second exported function",
      .before = "__attribute__((visibility(\"default\"))) int helper(void);\nint helper(void) { "
                "return 1; }",
      .weight = EXAMINE_ERROR,
      .rule = "exports",
      .words = "It exports helper beside portico_module_entry" },
    { .name = "a call of fork",
      .before = "#include <unistd.h>\n" START("fork();"),
      .members = STARTS,
      .weight = EXAMINE_ERROR,
      .rule = "imports",
      .words = "It calls fork, which" },
    { .name = "a call of exit",
      .before = START("exit(1);"),
      .members = STARTS,
      .weight = EXAMINE_ERROR,
      .rule = "imports",
      .words = "It calls exit, which" },
    { .name = "a call of setlocale",
      .before = "#include <locale.h>\n" START("setlocale(LC_ALL, \"\");"),
      .members = STARTS,
      .weight = EXAMINE_ERROR,
      .rule = "imports",
      .words = "use portico_translate" },
    { .name = "a call of signal",
      .before = "#include <signal.h>\n" START("signal(SIGINT, SIG_IGN);"),
      .members = STARTS,
      .weight = EXAMINE_ERROR,
      .rule = "imports",
      .words = "replaces a handler of the host" },
    { .name = "a call of an exec function",
      .before = "#include <unistd.h>\n" START("execl(\"/bin/true\", \"true\", (char *)0);"),
      .members = STARTS,
      .weight = EXAMINE_ERROR,
      .rule = "imports",
      .words = "It calls execl, which replaces the process" },
    { .name = "a call of strtok",
      .before = START("static char t[2]; strtok(t, \",\");"),
      .members = STARTS,
      .weight = EXAMINE_ERROR,
      .rule = "imports",
      .words = "use strtok_r" },
    { .name = "a call of rand, as advice",
      .before = START("rand();"),
      .members = STARTS,
      .weight = EXAMINE_ADVICE,
      .rule = "imports",
      .words = "use portico_random" },
    { .name = "tables that stay writable",
      .flags = { "-Wl,-z,norelro,-z,now" },
      .weight = EXAMINE_ERROR,
      .rule = "relro",
      .words = "-Wl,-z,relro" },
    { .name = "symbols that are bound late",
      .flags = { "-Wl,-z,relro,-z,lazy" },
      .weight = EXAMINE_ERROR,
      .rule = "bind-now",
      .words = "-Wl,-z,now" },
    { .name = "a stack that can be executed",
      .flags = { "-Wl,-z,relro,-z,now,-z,execstack" },
      .weight = EXAMINE_ERROR,
      .rule = "stack",
      .words = "-Wl,-z,noexecstack" },
    { .name = "code that is writable",
      .before = "__asm__(\".section .mixed,\\\"awx\\\",%progbits\\n.byte 0\\n.previous\");",
      .weight = EXAMINE_ERROR,
      .rule = "writable-code",
      .words = "writable and executable" },
    { .name = "a search path of its own",
      .flags = { HARDENED, "-Wl,-rpath,/opt/lib" },
      .weight = EXAMINE_ERROR,
      .rule = "search-path",
      .words = "\"/opt/lib\"" },
    { .name = "thread-local variables at a fixed place",
      .before = "__thread int count __attribute__((tls_model(\"initial-exec\"), "
                "visibility(\"hidden\")));\n" START("count++;"),
      .members = STARTS,
      .weight = EXAMINE_ERROR,
      .rule = "static-tls",
      .words = "-ftls-model=initial-exec" },
    { .name = "much memory for every thread, as advice",
      .before = "static __thread char room[8192];\n" START("room[0]++;"),
      .members = STARTS,
      .weight = EXAMINE_ADVICE,
      .rule = "thread-memory",
      .words = "8192 bytes" },
    { .name = "unwatched arrays, as advice",
      .before = "#define R4(x) x x x x\n" START("static volatile long n; R4(R4(R4(R4(R4(n += "
                                                "n * 7;)))))"),
      .members = STARTS,
      .flags = { "-fno-stack-protector", "-Wl,-z,relro,-z,now,-z,noexecstack" },
      .weight = EXAMINE_ADVICE,
      .rule = "stack-protector",
      .words = "-fstack-protector-strong" },
    { .name = "a constructor",
      .before = "static int made;\n__attribute__((constructor)) static void make(void) { made = 1; "
                "}",
      .weight = EXAMINE_ERROR,
      .rule = "constructors",
      .words = "It has 1 constructor" },
    { .name = "a destructor",
      .before = "static int made;\n__attribute__((destructor)) static void end(void) { made = 1; }",
      .weight = EXAMINE_ERROR,
      .rule = "destructors",
      .words = "It has 1 destructor" },
    { .name = "a Jansson of its own",
      .before = "void *json_object(void);\nvoid *json_object(void) { return 0; }",
      .weight = EXAMINE_ERROR,
      .rule = "load",
      .words = "It brings a Jansson of its own" },
    { .name = "a route without permission",
      .before = "static int page(struct portico_request *r) { return portico_reply_json(r, NULL); "
                "}\nstatic const struct portico_route routes[] = { { .method = \"GET\", .pattern = "
                "\"/sample\", .handler = page } };",
      .members = ".routes = PORTICO_LIST(routes),",
      .weight = EXAMINE_ERROR,
      .rule = "load",
      .words = "states no permission" },
    { .name = "an API route without schema",
      .before = "static int page(struct portico_request *r) { return portico_reply_json(r, NULL); "
                "}\nstatic const struct portico_route routes[] = { { .method = \"GET\", .pattern = "
                "\"/api/sample/v1/x\", .handler = page, .permission = PORTICO_PUBLIC, .summary = "
                "\"X\" } };",
      .members = ".routes = PORTICO_LIST(routes),",
      .weight = EXAMINE_ERROR,
      .rule = "load",
      .words = "has no .response_schema" },
    { .name = "a descriptor that differs from the note",
      .members = ".uses = \"portico.db 1.0\",",
      .flags = { "-Wno-override-init", HARDENED },
      .weight = EXAMINE_ERROR,
      .rule = "load",
      .words = "its note says otherwise" },
    { .name = "a template that does not compile",
      .file = "templates/page.mustache",
      .text = "<p>{{#open}}</p>\n",
      .weight = EXAMINE_ERROR,
      .rule = "templates",
      .words = "page.mustache:1" },
    { .name = "a migration with a mistake",
      .file = "migrations/0001-initial.before.sql",
      .text = "CREATE TABLE sample_thing (id {id} PRIMARY KEY, nam;\n",
      .weight = EXAMINE_ERROR,
      .rule = "migrations",
      .words = "0001-initial.before.sql" },
    { .name = "a migration after a gap",
      .file = "migrations/0002-more.before.sql",
      .text = "CREATE TABLE sample_more (id {id} PRIMARY KEY);\n",
      .weight = EXAMINE_ERROR,
      .rule = "migrations",
      .words = "migration 0001 is missing" },
    { .name = "a migration that only PostgreSQL will stumble over",
      .file = "migrations/0001-initial.before.sql",
      .text = "CREATE TABLE sample_thing (id {id} PRIMARY KEY);\n-- postgresql:\nALTER TABLE "
              "sample_thing ADD COLUMN name {words} NOT NULL;\n",
      .weight = EXAMINE_ERROR,
      .rule = "migrations",
      .words = "is no type token" },
    { .name = "a language without a word for the title",
      .file = "locale/de.po",
      .text = PO("msgid \"Other\"\nmsgstr \"Anderes\"\n"),
      .weight = EXAMINE_ERROR,
      .rule = "texts",
      .words = "1 text: \"Sample\"" },
    { .name = "a translation that is not sure",
      .file = "locale/de.po",
      .text = PO("#, fuzzy\nmsgid \"Sample\"\nmsgstr \"Muster\"\n"),
      .weight = EXAMINE_ERROR,
      .rule = "texts",
      .words = "\"Sample\"" },
    { .name = "a setting's words, as advice",
      .before = "static const struct portico_setting settings[] = { { .key = \"rows\", .type = "
                "PORTICO_SETTING_INTEGER, .title = \"Rows\" } };",
      .members = ".settings = PORTICO_LIST(settings),",
      .file = "locale/de.po",
      .text = PO("msgid \"Sample\"\nmsgstr \"Muster\"\n"),
      .weight = EXAMINE_ADVICE,
      .rule = "texts",
      .words = "\"Rows\"" },
    { .name = "a language file with a mistake",
      .file = "locale/de.po",
      .text = PO("msgid Sample\n"),
      .weight = EXAMINE_ERROR,
      .rule = "texts",
      .words = "de.po:" },
};

static void test_a_sound_module_is_fine(void)
{
    struct workshop *shop = workshop_open();
    const struct defect sample = { .before = "#include <stdio.h>\n" NOT_PERSONAL START(
                                       "char text[32]; snprintf(text, sizeof text, \"%p\", (void "
                                       "*)c);"),
                                   .members = STARTS ".personal_data = PORTICO_LIST(data)," };
    build(shop, &sample);
    put(shop, "sample", "templates/page.mustache",
        "<p>{{t \"Tea\"}} {{plural n \"one\" \"many\"}}</p>\n");
    put(shop, "sample", "locale/de.po",
        PO("\"Plural-Forms: nplurals=2; plural=(n != 1);\\n\"\n\"Language: de\\n\"\n"
           "msgid \"Sample\"\nmsgstr \"Muster\"\nmsgid \"Tea\"\nmsgstr \"Tee\"\n"
           "msgid \"one\"\nmsgid_plural \"many\"\nmsgstr[0] \"eins\"\nmsgstr[1] \"viele\"\n"));
    put(shop, "sample", "migrations/0001-initial.before.sql",
        "CREATE TABLE sample_thing (id {id} PRIMARY KEY, name {text} NOT NULL);\n");
    GString *found = examine(shop, "sample");
    g_assert_cmpstr(found->str, ==, "");
    g_string_free(found, TRUE);
    workshop_close(shop);
}

static void test_words_of_templates_are_wanted(void)
{
    struct workshop *shop = workshop_open();
    const struct defect sample = { .file = "templates/page.mustache",
                                   .text = "<p>{{t \"Green \\\"tea\\\"\"}}</p>\n"
                                           "<p>{{plural n \"{n} cup\" \"{n} cups\"}}</p>\n" };
    build(shop, &sample);
    put(shop, "sample", "locale/de.po", PO("msgid \"Sample\"\nmsgstr \"Muster\"\n"));
    put(shop, "sample", "locale/sample.pot", PO("msgid \"From the source\"\nmsgstr \"\"\n"));
    GString *found = examine(shop, "sample");
    g_assert_nonnull(strstr(found->str, "lacks a translation of 3 texts: \"From the source\", "
                                        "\"Green \"tea\"\", \"{n} cup\""));
    g_string_free(found, TRUE);
    workshop_close(shop);
}

static void test_a_file_that_is_no_library_is_refused_in_words(void)
{
    struct workshop *shop = workshop_open();
    put(shop, "sample", "sample.so", "hello");
    char *path = workshop_path(shop, "sample", "sample.so");
    g_chmod(path, 0755);
    GString *found = examine(shop, "sample");
    g_assert_nonnull(strstr(found->str, "error load It is not a shared object"));
    g_string_free(found, TRUE);
    g_free(path);
    workshop_close(shop);
}

int main(int argc, char **argv)
{
    WORKSHOP_MAIN(argc, argv);
    g_test_add_func("/examine/a sound module is fine", test_a_sound_module_is_fine);
    g_test_add_func("/examine/words of templates and of the catalogue are wanted",
                    test_words_of_templates_are_wanted);
    g_test_add_func("/examine/a file that is no library is refused in words",
                    test_a_file_that_is_no_library_is_refused_in_words);
    for (size_t i = 0; i < G_N_ELEMENTS(defects); i++) {
        char *name = g_strdup_printf("/examine/found: %s", defects[i].name);
        g_test_add_data_func(name, &defects[i], test_a_defect_is_found);
        g_free(name);
    }
    return g_test_run();
}
