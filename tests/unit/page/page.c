/* Pages as modules get them: shell, words, helpers, brand. */
#include "page/page.h"
#include "base/json.h"

#include <glib.h>
#include <glib/gstdio.h>

#define NOW INT64_C(1763500000000000) /* 2025-11-18T21:06:40Z */

static struct arena *arena;
static char *directory; /* of one test, removed behind it */
static char *sentences;

static char *core_directory(void)
{
    char *here = g_path_get_dirname(__FILE__);
    char *core = g_build_filename(here, "..", "..", "..", "core", "page", NULL);
    g_free(here);
    return core;
}

static void write_file(const char *path, const char *content)
{
    char *file = g_build_filename(directory, path, NULL);
    char *folder = g_path_get_dirname(file);
    g_assert_cmpint(g_mkdir_with_parents(folder, 0700), ==, 0);
    g_assert_true(g_file_set_contents(file, content, -1, NULL));
    g_free(folder);
    g_free(file);
}

static void remove_below(const char *path)
{
    GDir *open = g_dir_open(path, 0, NULL);
    const char *name;
    while (open && (name = g_dir_read_name(open))) {
        char *child = g_build_filename(path, name, NULL);
        if (g_file_test(child, G_FILE_TEST_IS_DIR))
            remove_below(child);
        else
            g_unlink(child);
        g_free(child);
    }
    if (open)
        g_dir_close(open);
    g_rmdir(path);
}

static void begin(void)
{
    arena = arena_new(0);
    directory = g_dir_make_tmp("page-XXXXXX", NULL);
    sentences = g_strdup("");
}

static void end(void)
{
    remove_below(directory);
    g_clear_pointer(&directory, g_free);
    g_clear_pointer(&sentences, g_free);
    arena_free(arena);
}

static void collect(const char *sentence, void *data)
{
    (void)data;
    char *more = g_strconcat(sentences, sentence, "\n", NULL);
    g_free(sentences);
    sentences = more;
}

static struct page_set *set_with(const char *brand, bool development)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    char *core = core_directory();
    struct page_options options = { .core_directory = core,
                                    .brand_directory = brand,
                                    .development = development };
    struct page_set *set = page_set_new(&options, &error);
    g_assert_cmpstr(error.message, ==, "");
    g_assert_nonnull(set);
    g_free(core);
    char *module = g_build_filename(directory, "module", NULL);
    int code = page_set_add(set, "forum", module, collect, NULL, &error);
    if (code < 0)
        g_test_message("%s", sentences);
    g_assert_cmpint(code, ==, 0);
    g_free(module);
    return set;
}

static struct value *json(const char *text)
{
    struct value *value = NULL;
    struct portico_error error = PORTICO_ERROR_INIT;
    g_assert_cmpint(json_parse(arena, text, strlen(text), &value, &error), ==, 0);
    return value;
}

#define FRAME                                                                                      \
    "{\"brand\":{\"name\":\"Acme <Portal>\"},\"locale\":\"en\",\"dir\":\"ltr\","                   \
    "\"assets\":{\"portico.css\":\"/assets/portico.1.css\",\"portico.js\":\"/assets/"              \
    "portico.2.js\","                                                                              \
    "\"icons.svg\":\"/assets/icons.3.svg\"},\"canonical\":null,\"search\":{\"query\":null},"       \
    "\"viewer\":{\"signed_in\":false,\"name\":null,\"initials\":null},\"request_id\":\"abc\","     \
    "\"navigation\":[{\"title\":null,\"entries\":[{\"title\":\"Home\",\"path\":\"/"                \
    "\",\"icon\":\"house\","                                                                       \
    "\"current\":true}]},{\"title\":\"Together\",\"entries\":[{\"title\":\"Community\","           \
    "\"path\":\"/communities\",\"icon\":\"message-square\",\"current\":false}]}],"                 \
    "\"tabs\":[{\"title\":\"Home\",\"path\":\"/\",\"icon\":\"house\",\"current\":true}]}"

static char *render_value(struct page_set *set, const char *view, const struct value *data,
                          const char *locale, const char *timezone)
{
    struct page_reader reader = { .locale = locale, .timezone = timezone, .now = NOW };
    struct buffer out = { 0 };
    struct portico_error error = PORTICO_ERROR_INIT;
    int code = page_render(set, "forum", view, arena, data, json(FRAME), &reader, &out, &error);
    char *page = code == 0 ? g_strndup(out.data, out.length) : g_strdup(error.message);
    buffer_free(&out);
    return page;
}

static char *render(struct page_set *set, const char *view, const char *data, const char *locale)
{
    return render_value(set, view, json(data), locale, NULL);
}

static void one(const char *template, const char *data, const char *expected)
{
    begin();
    write_file("module/templates/x.mustache", template);
    struct page_set *set = set_with(NULL, false);
    char *page = render(set, "x", data, "en");
    g_assert_cmpstr(page, ==, expected);
    g_free(page);
    page_set_free(set);
    end();
}

static void the_shell_frames_a_page_with_landmarks(void)
{
    begin();
    write_file("module/templates/x.mustache",
               "{{<portico/shell}}{{$title}}A & {{b}}{{/title}}{{$main}}<h1>{{b}}</h1>{{/main}}"
               "{{/portico/shell}}");
    struct page_set *set = set_with(NULL, true);
    char *page = render(set, "x", "{\"b\":\"<b>\"}", "en");
    static const char *const parts[] = {
        "<html lang=\"en\" dir=\"ltr\">",
        "<title>A & &lt;b&gt;</title>",
        "<link rel=\"stylesheet\" href=\"/assets/portico.1.css\">",
        "<script type=\"module\" src=\"/assets/portico.2.js\"></script>",
        "<a class=\"skip\" href=\"#main\">Skip to content</a>",
        "<form class=\"find\" action=\"/search\" role=\"search\">",
        "<h1>&lt;b&gt;</h1>",
        "<h2>Together</h2>",
        "<a href=\"/\" aria-current=\"page\"><svg",
        "<a href=\"/communities\"><svg",
        "/assets/icons.3.svg#message-square",
        "content=\"Acme &lt;Portal&gt;\"",
        "<nav class=\"tabbar\" aria-label=\"Tabs\">",
        "<main id=\"main\" tabindex=\"-1\">",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        if (!strstr(page, parts[i]))
            g_error("the page lacks %s:\n%s", parts[i], page);
    g_assert_null(strstr(page, "canonical"));
    g_free(page);
    page_set_free(set);
    end();
}

static void values_are_escaped_as_their_place_asks(void)
{
    one("<p title=\"{{a}}\">{{a}}</p>", "{\"a\":\"<x> & \\\"y\\\"\"}",
        "<p title=\"&lt;x&gt; &amp; &quot;y&quot;\">&lt;x&gt; &amp; &quot;y&quot;</p>");
    one("{{{a}}} {{&a}}", "{\"a\":\"<x>\"}", "&lt;x&gt; &lt;x&gt;");
    one("<a href=\"{{u}}\">x</a>", "{\"u\":\"javascript:alert(1)\"}", "<a href=\"#\">x</a>");
    one("<a href=\"{{u}}\">x</a>", "{\"u\":\" JavaScript:alert(1)\"}", "<a href=\"#\">x</a>");
    one("<a href=\"{{u}}\">x</a>", "{\"u\":\"//evil.example/\"}", "<a href=\"#\">x</a>");
    one("<a href=\"/{{u}}\">x</a>", "{\"u\":\"/evil.example/\"}", "<a href=\"#\">x</a>");
    one("<a href=\"{{u}}\">x</a>", "{\"u\":\"https://a.example/b c?d=1&e='\\\"<\"}",
        "<a href=\"https://a.example/b%20c?d=1&amp;e=&#39;%22%3C\">x</a>");
    one("<a href=\"/t/{{u}}?q={{u}}#{{u}}\">x</a>", "{\"u\":\"a/b?c#&d+ü\"}",
        "<a "
        "href=\"/t/a/b%3Fc%23%26d%2B%C3%BC?q=a%2Fb%3Fc%23%26d%2B%C3%BC#a%2Fb%3Fc%23%26d%2B%C3%BC\">"
        "x</a>");
    one("<a href='{{#a}}{{a}}{{/a}}{{#b}}{{b}}{{/b}}'>x</a>",
        "{\"a\":\"javascript\",\"b\":\":alert(1)\"}", "<a href='#'>x</a>");
    one("<a href=\"mailto:{{u}}\">x</a>", "{\"u\":\"a@b.example\"}",
        "<a href=\"mailto:a@b.example\">x</a>");
    one("<img src=\"data:{{u}}\" alt=\"\">", "{\"u\":\"text/html,x\"}", "<img src=\"#\" alt=\"\">");
    one("<option{{#on}} selected{{/on}} value=\"{{v}}\">", "{\"on\":true,\"v\":\"1\"}",
        "<option selected value=\"1\">");
    one("<script type=\"application/ld+json\">{{json v}}</script>",
        "{\"v\":{\"a\":\"</script><!--<b>\"}}",
        "<script "
        "type=\"application/ld+json\">{\"a\":\"\\u003c\\/script>\\u003c!--\\u003cb>\"}</script>");
}

static void html_comes_out_as_markup_only_in_text(void)
{
    begin();
    write_file("module/templates/x.mustache",
               "<title>{{h}}</title><p title=\"{{h}}\">{{h}}{{{h}}}</p>");
    struct page_set *set = set_with(NULL, false);
    struct value *data = value_new(arena, PORTICO_OBJECT);
    value_set(data, TEXT("h"), value_html(arena, "<b>x</b>", 8));
    char *page = render_value(set, "x", data, "en", NULL);
    g_assert_cmpstr(page, ==,
                    "<title>&lt;b&gt;x&lt;/b&gt;</title><p title=\"&lt;b&gt;x&lt;/b&gt;\">"
                    "<b>x</b><b>x</b></p>");
    g_free(page);
    page_set_free(set);
    end();
}

static void sections_walk_bound_rows_without_making_objects(void)
{
    begin();
    write_file("module/templates/x.mustache",
               "{{#rows}}{{id}}:{{name}}{{^last}},{{/last}}{{>y}}{{/rows}}{{^rows}}none{{/rows}}");
    write_file("module/templates/y.mustache", "({{name}}/{{outer}})");
    struct page_set *set = set_with(NULL, false);
    static const struct text columns[] = { { "id", 2 }, { "name", 4 }, { "last", 4 } };
    struct value *data = value_new(arena, PORTICO_OBJECT);
    struct value *rows = value_rows_new(arena, columns, 3);
    value_set_text(data, "outer", "o");
    value_set(data, TEXT("rows"), rows);
    char *page = render_value(set, "x", data, "en", NULL);
    g_assert_cmpstr(page, ==, "none");
    g_free(page);
    for (int i = 1; i <= 3; i++) {
        struct value_cell *cells = value_rows_add(rows);
        cells[0] = (struct value_cell){ .kind = PORTICO_ID, .integer = i };
        cells[1] = (struct value_cell){ .kind = PORTICO_TEXT, .length = 2, .text = "<n" };
        cells[2] = (struct value_cell){ .kind = PORTICO_BOOLEAN, .integer = i == 3 };
    }
    page = render_value(set, "x", data, "en", NULL);
    g_assert_cmpstr(page, ==, "1:&lt;n,(&lt;n/o)2:&lt;n,(&lt;n/o)3:&lt;n(&lt;n/o)");
    g_free(page);
    page_set_free(set);
    end();
}

int main(int count, char **arguments)
{
    g_test_init(&count, &arguments, NULL);
    g_test_add_func("/page/page/shell", the_shell_frames_a_page_with_landmarks);
    g_test_add_func("/page/page/escaping", values_are_escaped_as_their_place_asks);
    g_test_add_func("/page/page/html", html_comes_out_as_markup_only_in_text);
    g_test_add_func("/page/page/rows", sections_walk_bound_rows_without_making_objects);
    return g_test_run();
}
