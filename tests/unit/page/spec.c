/* The Mustache specification, core and inheritance, as its own suite states it. */
#include "base/json.h"
#include "page/template.h"

#include <glib.h>
#include <stdlib.h>

struct suite {
    struct arena *arena;
    struct template_names names;
    struct template_report report;
    const struct value *partials;
    GHashTable *compiled;
};

static struct text text_in(const struct value *object, const char *key)
{
    const struct value *value = value_get(object, text_of(key));
    return value && value->kind == PORTICO_TEXT ? (struct text){ value->text, value->count }
                                                : (struct text){ "", 0 };
}

static struct template *compile(struct suite *suite, const char *name, struct text source)
{
    struct template_source from = {
        .file = name, .module = "spec", .name = name, .text = source, .mode = TEMPLATE_SPEC
    };
    return template_compile(&suite->names, suite->arena, &from, &suite->report);
}

static struct template *partial(const struct template *from, struct text name, void *data)
{
    struct suite *suite = data;
    (void)from;
    const struct value *source = value_get(suite->partials, name);
    if (!source)
        return NULL;
    char *key = arena_strndup(suite->arena, name.data, name.length);
    struct template *template = g_hash_table_lookup(suite->compiled, key);
    if (template)
        return template;
    template = compile(suite, key, (struct text){ source->text, source->count });
    g_hash_table_insert(suite->compiled, key, template);
    template_link(template, partial, suite, &suite->report);
    return template;
}

static void say(const char *sentence, void *data)
{
    (void)data;
    g_test_message("%s", sentence);
}

static bool one_case(const char *file, const struct value *test)
{
    struct suite suite = { .arena = arena_new(0), .report = { .say = say } };
    struct buffer out = { 0 };
    struct portico_error error = PORTICO_ERROR_INIT;
    template_names_init(&suite.names, suite.arena);
    suite.partials = value_get(test, TEXT("partials"));
    suite.compiled = g_hash_table_new(g_str_hash, g_str_equal);
    struct template *template = compile(&suite, "case", text_in(test, "template"));
    bool same = false;
    if (template) {
        template_link(template, partial, &suite, &suite.report);
        struct template_context context = { .names = &suite.names, .arena = suite.arena };
        const struct value *data = value_get(test, TEXT("data"));
        int code = template_render(template, &context, data, &out, &error);
        struct text expected = text_in(test, "expected");
        same = code == 0 && text_equals((struct text){ out.data, out.length }, expected);
        if (!same)
            g_test_message("%s: %s\nexpected: \"%.*s\"\nfound:    \"%.*s\"\n%s", file,
                           text_in(test, "name").data, (int)expected.length, expected.data,
                           (int)out.length, out.length ? out.data : "", error.message);
    }
    buffer_free(&out);
    g_hash_table_destroy(suite.compiled);
    template_names_clear(&suite.names);
    arena_free(suite.arena);
    return same;
}

static void every_case_of_the_file_renders_as_expected(gconstpointer data)
{
    const char *file = data, *directory = g_getenv("PORTICO_TEST_DATA");
    char *path = g_build_filename(directory ? directory : "", "mustache-spec", file, NULL);
    char *json = NULL;
    gsize length = 0;
    if (!directory || !g_file_get_contents(path, &json, &length, NULL)) {
        g_test_skip("PORTICO_TEST_DATA/mustache-spec is absent");
        g_free(path);
        return;
    }
    struct arena *arena = arena_new(0);
    struct value *suite = NULL;
    g_assert_cmpint(json_parse(arena, json, length, &suite, NULL), ==, 0);
    const struct value *tests = value_get(suite, TEXT("tests"));
    g_assert_nonnull(tests);
    g_assert_cmpuint(tests->count, >, 5);
    unsigned wrong = 0;
    for (uint32_t i = 0; i < tests->count; i++)
        wrong += !one_case(file, tests->items[i]);
    g_test_message("%s: %u cases", file, tests->count);
    g_assert_cmpuint(wrong, ==, 0);
    arena_free(arena);
    g_free(json);
    g_free(path);
}

int main(int count, char **arguments)
{
    static const char *const files[] = { "comments.json",    "delimiters.json",
                                         "inheritance.json", "interpolation.json",
                                         "inverted.json",    "partials.json",
                                         "sections.json" };
    g_test_init(&count, &arguments, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        char *path = g_strconcat("/page/spec/", files[i], NULL);
        g_test_add_data_func(path, files[i], every_case_of_the_file_renders_as_expected);
        g_free(path);
    }
    return g_test_run();
}
