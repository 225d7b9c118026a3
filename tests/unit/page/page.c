/* Pages as modules get them: shell, words, helpers, brand. */
#include "page/page.h"
#include "../remove.h"
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
    "\"assets\":{\"inter.woff2\":\"/assets/inter.1.woff2\","                                       \
    "\"portico.css\":\"/assets/portico.1.css\",\"portico.js\":\"/assets/"                          \
    "portico.2.js\","                                                                              \
    "\"icons.svg\":\"/assets/icons.3.svg\"},\"canonical\":null,\"search\":{\"query\":null},"       \
    "\"viewer\":{\"signed_in\":false,\"name\":null,\"initials\":null},\"request_id\":\"abc\","     \
    "\"navigation\":[{\"title\":null,\"entries\":[{\"title\":\"Home\",\"path\":\"/"                \
    "\",\"icon\":\"house\","                                                                       \
    "\"current\":true}]},{\"title\":\"Together\",\"entries\":[{\"title\":\"Community\","           \
    "\"path\":\"/communities\",\"icon\":\"message-square\",\"current\":false}]}],"                 \
    "\"tabs\":[{\"title\":\"Home\",\"path\":\"/\",\"icon\":\"house\",\"current\":true}]}"

static char *render_value(struct page_set *set, const char *view, const struct value *data,
                          const char *locale, const char *zone_name)
{
    struct page_reader reader = { .locale = locale, .timezone = zone_name, .now = NOW };
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

/* Renders `template` in the three languages, words of `po` in German. */
static void three(const char *template, const char *data, const char *po, const char *english,
                  const char *german, const char *pseudo)
{
    begin();
    write_file("module/templates/x.mustache", template);
    write_file("module/locale/de.po", po);
    struct page_set *set = set_with(NULL, true);
    char *page = render(set, "x", data, "en");
    g_assert_cmpstr(page, ==, english);
    g_free(page);
    page = render(set, "x", data, "de");
    g_assert_cmpstr(page, ==, german);
    g_free(page);
    page = render(set, "x", data, "en-XA");
    g_assert_cmpstr(page, ==, pseudo);
    g_free(page);
    page_set_free(set);
    end();
}

static void words_come_in_the_readers_language(void)
{
    three("{{t \"Asked by {name}\" name=a.b}}", "{\"a\":{\"b\":\"<Ann>\"}}",
          "msgid \"Asked by {name}\"\nmsgstr \"Gefragt von {name} & Co\"\n", "Asked by &lt;Ann&gt;",
          "Gefragt von &lt;Ann&gt; &amp; Co", "[Åšķéð ƀý &lt;Ann&gt;······]");
    three("<p title=\"{{t \"Say \\\"{x}\\\"\" x=x}}\">", "{\"x\":\"\\\"\"}",
          "msgid \"Say \\\"{x}\\\"\"\nmsgstr \"Sag \\\"{x}\\\"\"\n",
          "<p title=\"Say &quot;&quot;&quot;\">", "<p title=\"Sag &quot;&quot;&quot;\">",
          "<p title=\"[Šáý &quot;&quot;&quot;····]\">");
    three("{{t \"Search\"}}{{t \"{missing}\"}}", "{}", "", "Search{missing}", "Suche{missing}",
          "[Šéáŕçĥ···]{missing}");
}

static void counts_take_their_form_and_grouping(void)
{
    three("{{plural n \"{n} answer by {who}\" \"{n} answers by {who}\" who=w}};"
          "{{plural m \"{n} answer by {who}\" \"{n} answers by {who}\" who=w}}",
          "{\"n\":1,\"m\":1234567,\"w\":\"A\"}",
          "msgid \"{n} answer by {who}\"\nmsgid_plural \"{n} answers by {who}\"\n"
          "msgstr[0] \"{n} Antwort von {who}\"\nmsgstr[1] \"{n} Antworten von {who}\"\n",
          "1 answer by A;1,234,567 answers by A", "1 Antwort von A;1.234.567 Antworten von A",
          "[1 áñšŵéŕ ƀý A·······];[1,234,567 áñšŵéŕš ƀý A·······]");
    three("{{number a}} {{number b}} {{number c}} {{compact a}} {{compact d}} {{compact e}}",
          "{\"a\":-1234,\"b\":999,\"c\":1234.5,\"d\":999,\"e\":12345678}", "",
          "-1,234 999 1,234.5 -1.2k 999 12m", "-1.234 999 1.234,5 -1234 999 12\u00A0Mio.",
          "-1,234 999 1,234.5 -1.2k 999 12m");
}

static struct value *times(void)
{
    static const struct {
        const char *name;
        int64_t away;
    } at[] = { { "now", -5 },           { "min", -3 * 60 }, { "hour", -3600 },
               { "days", -2 * 86400 },  { "soon", 7200 },   { "far", -8 * 86400 },
               { "old", -86400 * 4000 } };
    struct value *data = value_new(arena, PORTICO_OBJECT);
    for (size_t i = 0; i < G_N_ELEMENTS(at); i++)
        value_set(data, text_of(at[i].name),
                  value_scalar(arena, PORTICO_TIME, NOW + at[i].away * 1000000, 0));
    return data;
}

static void times_are_relative_near_and_absolute_far(void)
{
    static const struct {
        const char *locale, *timezone, *page;
    } cases[] = {
        { "en", NULL,
          "just now|3 minutes ago|1 hour ago|2 days ago|in 2 hours|10 Nov 2025|6 Dec 2014|"
          "18 Nov 2025, 20:06|2025-11-18T21:03:40Z|"
          "<time datetime=\"2025-11-18T20:06:40Z\" title=\"18 Nov 2025, 20:06\">1 hour "
          "ago</time>" },
        { "en", "America/New_York",
          "just now|3 minutes ago|1 hour ago|2 days ago|in 2 hours|10 Nov 2025|6 Dec 2014|"
          "18 Nov 2025, 15:06|2025-11-18T21:03:40Z|"
          "<time datetime=\"2025-11-18T20:06:40Z\" title=\"18 Nov 2025, 15:06\">1 hour "
          "ago</time>" },
        { "de", "Europe/Berlin",
          "jetzt|vor 3 Minuten|vor 1 Stunde|vor 2 Tagen|in 2 Stunden|10. Nov. 2025|6. Dez. 2014|"
          "18. Nov. 2025, 21:06|2025-11-18T21:03:40Z|"
          "<time datetime=\"2025-11-18T20:06:40Z\" title=\"18. Nov. 2025, 21:06\">vor 1 "
          "Stunde</time>" },
    };
    begin();
    write_file(
        "module/templates/x.mustache",
        "{{relative now}}|{{relative min}}|{{relative hour}}|{{relative days}}|{{relative soon}}|"
        "{{relative far}}|{{date old}}|{{datetime hour}}|{{iso min}}|{{time hour}}");
    struct page_set *set = set_with(NULL, false);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *page = render_value(set, "x", times(), cases[i].locale, cases[i].timezone);
        g_assert_cmpstr(page, ==, cases[i].page);
        g_free(page);
    }
    page_set_free(set);
    end();
}

static void english_by_hand_and_by_icu_read_the_same(void)
{
    begin();
    write_file("module/templates/x.mustache", "{{date t}}|{{datetime t}}");
    struct page_set *set = set_with(NULL, false);
    for (int month = 0; month < 14; month++) {
        struct value *data = value_new(arena, PORTICO_OBJECT);
        value_set(data, TEXT("t"),
                  value_scalar(arena, PORTICO_TIME, NOW + month * INT64_C(2629746000000), 0));
        char *by_hand = render_value(set, "x", data, "en", NULL);
        char *by_icu = render_value(set, "x", data, "en", "Atlantic/Reykjavik");
        g_assert_cmpstr(by_hand, ==, by_icu);
        g_free(by_hand);
        g_free(by_icu);
    }
    page_set_free(set);
    end();
}

static void plural_forms_follow_cldr_order(void)
{
    static const struct {
        int64_t n;
        const char *form;
    } cases[] = { { 1, "one" }, { 2, "few" }, { 5, "many" }, { 22, "few" }, { 12, "many" } };
    begin();
    write_file("module/templates/x.mustache", "{{plural n \"a\" \"b\"}}");
    write_file("module/locale/pl.po",
               "msgid \"a\"\nmsgid_plural \"b\"\nmsgstr[0] \"one\"\n"
               "msgstr[1] \"few\"\nmsgstr[2] \"many\"\nmsgstr[3] \"other\"\n");
    struct page_set *set = set_with(NULL, false);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct value *data = value_new(arena, PORTICO_OBJECT);
        value_set_integer(data, "n", cases[i].n);
        char *page = render_value(set, "x", data, "pl", NULL);
        g_assert_cmpstr(page, ==, cases[i].form);
        g_free(page);
    }
    page_set_free(set);
    end();
}

static void an_unknown_asset_is_told_in_development_only(void)
{
    begin();
    write_file("module/templates/x.mustache", "\n{{asset \"gone.css\"}}");
    for (int development = 0; development < 2; development++) {
        struct page_set *set = set_with(NULL, development);
        char *page = render(set, "x", "{}", "en");
        char *expected = g_strdup_printf("%s/module/templates/x.mustache:2: There is no asset "
                                         "\"gone.css\". Expected the name of a "
                                         "file in the portal's or the module's assets directory.",
                                         directory);
        g_assert_cmpstr(page, ==, development ? expected : "\n/assets/gone.css");
        g_free(expected);
        g_free(page);
        page_set_free(set);
    }
    end();
}

static void a_brand_overrides_templates_and_words(void)
{
    begin();
    write_file("module/templates/x.mustache", "module {{t \"Hello\"}} {{>part}}");
    write_file("module/templates/part.mustache", "part");
    write_file("module/locale/de.po", "msgid \"Hello\"\nmsgstr \"Hallo\"\n");
    write_file("brand/templates/forum/part.mustache", "brand's part {{>own}}");
    write_file("brand/templates/forum/own.mustache", "and its own");
    write_file("brand/templates/portico/mark.mustache", "<b>mark</b>");
    write_file("brand/locale/forum/de.po", "msgid \"Hello\"\nmsgstr \"Servus\"\n");
    char *brand = g_build_filename(directory, "brand", NULL);
    struct page_set *set = set_with(brand, false);
    char *page = render(set, "x", "{}", "de");
    g_assert_cmpstr(page, ==, "module Servus brand's part and its own");
    g_free(page);
    page = render(set, "portico/mark", "{}", "de");
    g_assert_cmpstr(page, ==, "<b>mark</b>");
    g_free(page);
    page_set_free(set);
    g_free(brand);
    end();
}

static void every_mistake_of_every_file_is_reported(void)
{
    begin();
    write_file("module/templates/a.mustache", "{{#a}}");
    /* Who names a template with mistakes is not refused for that; places are checked all the same.
     */
    write_file("module/templates/b.mustache", "{{>a}}\n{{>gone}}");
    write_file("module/templates/c.mustache", "<p onclick=\"{{a}}\">\n{{number a b}}");
    write_file("module/locale/de.po", "msgid x\n");
    struct portico_error error = PORTICO_ERROR_INIT;
    struct page_options options = { .core_directory = NULL };
    struct page_set *set = page_set_new(&options, &error);
    char *module = g_build_filename(directory, "module", NULL);
    g_assert_cmpint(page_set_add(set, "forum", module, collect, NULL, &error), ==, PORTICO_EINVAL);
    char *expected = g_strdup_printf(
        "%s/templates/a.mustache:1: {{#a}} is never closed. Write {{/a}} where it ends.\n"
        "%s/templates/c.mustache:2: The helper \"number\" is not written right. Expected {{number "
        "views}}.\n"
        "%s/locale/de.po:1: Expected a text in double quotes on one line.\n"
        "%s/templates/b.mustache:2: There is no template \"gone\". Expected a file of this "
        "module's "
        "templates directory, or portico/NAME for one of the portal's own.\n"
        "%s/templates/c.mustache:1: {{a}} is written into an event handler. Use a data- attribute "
        "and a script module.\n",
        module, module, module, module, module);
    g_assert_cmpstr(sentences, ==, expected);
    g_assert_cmpstr(
        error.message, ==,
        "5 mistakes were found in the templates and words of \"forum\". Mend them and try again.");
    g_free(expected);
    g_free(module);
    page_set_free(set);
    end();
}

static void a_mistake_shows_in_the_page_in_development(void)
{
    begin();
    write_file("module/templates/a.mustache", "\n{{#a}}");
    write_file("module/templates/b.mustache", "sound");
    struct page_set *set = set_with(NULL, true);
    g_assert_cmpstr(sentences, ==, "");
    struct portico_error error = PORTICO_ERROR_INIT;
    struct buffer out = { 0 };
    g_assert_cmpint(page_render(set, "forum", "b", arena, value_new(arena, PORTICO_OBJECT), NULL,
                                &(struct page_reader){ .locale = "en" }, &out, &error),
                    ==, PORTICO_EINVAL);
    g_assert_nonnull(strstr(error.message, "/templates/a.mustache:2: {{#a}} is never closed."));
    g_assert_cmpuint(out.length, ==, 0);
    buffer_free(&out);
    page_set_free(set);
    end();
}

static void a_view_that_is_missing_or_endless_is_an_error(void)
{
    begin();
    write_file("module/templates/x.mustache", "{{>x}}");
    struct page_set *set = set_with(NULL, false);
    char *page = render(set, "nothing", "{}", "en");
    g_assert_cmpstr(page, ==,
                    "The module \"forum\" has no template \"nothing\". Expected the file "
                    "templates/nothing.mustache in its directory.");
    g_free(page);
    page = render(set, "x", "{}", "en");
    g_assert_nonnull(strstr(page,
                            "x.mustache:1: The template calls itself or others too deep here. "
                            "Give the recursion an end."));
    g_free(page);
    page_set_free(set);
    end();
}

static void the_name_of_a_template_says_its_format(void)
{
    begin();
    write_file("module/templates/feed.xml.mustache", "<a>{{h}}</a>");
    write_file("module/templates/mail.txt.mustache", "{{h}} & co\n  {{>list.txt}}\n");
    write_file("module/templates/list.txt.mustache", "- {{h}}\n- b\n");
    struct page_set *set = set_with(NULL, false);
    struct value *data = value_new(arena, PORTICO_OBJECT);
    value_set(data, TEXT("h"), value_html(arena, "<b>&amp;</b>", 12));
    char *page = render_value(set, "feed", data, "en", NULL);
    g_assert_cmpstr(page, ==, "<a>&lt;b&gt;&amp;amp;&lt;/b&gt;</a>");
    g_free(page);
    page = render(set, "mail.txt", "{\"h\":\"<x>\"}", "en");
    g_assert_cmpstr(page, ==, "<x> & co\n  - <x>\n  - b\n");
    g_free(page);
    page_set_free(set);
    end();
}

static void the_best_language_is_negotiated(void)
{
    static const struct {
        const char *header, *locale;
    } cases[] = {
        { NULL, "en" },
        { "", "en" },
        { "de", "de" },
        { "de-AT-1996, en;q=0.5", "de" },
        { "fr, de;q=0.5, en;q=0.9", "en" },
        { "fr;q=1.0,DE-de;q=0.8", "de" },
        { "de;q=0, en;q=0.1", "en" },
        { "*", "en" },
        { "en-XA", "en-XA" },
        { ";;,,q=,de;q=x", "en" },
        { "pt-BR", "pt-BR" },
        { "pt", "en" },
    };
    begin();
    write_file("module/locale/pt-BR.po", "");
    struct page_set *set = set_with(NULL, true);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpstr(page_negotiate_locale(set, cases[i].header), ==, cases[i].locale);
    page_set_free(set);
    set = set_with(NULL, false);
    g_assert_cmpstr(page_negotiate_locale(set, "en-XA"), ==, "en");
    page_set_free(set);
    end();
}

static void texts_of_code_are_translated_like_those_of_templates(void)
{
    begin();
    write_file("module/locale/de.po", "msgid \"Hi {name}, {n} new\"\nmsgstr \"{n} neu, {name}\"\n"
                                      "msgid \"Hi {name}\"\nmsgstr \"{name}!\"\n");
    struct page_set *set = set_with(NULL, true);
    struct value *arguments = json("{\"name\":\"<A>\",\"n\":3}");
    g_assert_cmpstr(page_translate(set, "forum", arena, "de", "Hi {name}, {n} new", arguments), ==,
                    "3 neu, <A>");
    g_assert_cmpstr(page_translate(set, "forum", arena, "en", "Hi {name}, {n} new", NULL), ==,
                    "Hi {name}, {n} new");
    g_assert_cmpstr(page_translate(set, NULL, arena, "de", "Search", NULL), ==, "Suche");
    g_assert_cmpstr(page_translate(set, "forum", arena, "en-XA", "Hi {name}", arguments), ==,
                    "[Ĥî <A>····]");
    g_assert_cmpstr(page_translate(set, "forum", arena, "en-XA", "Forgotten", NULL), ==,
                    "Forgotten");
    page_set_free(set);
    end();
}

/* Every text of the portal's own templates has a German one. */
/* Some words are the same in both languages: then the catalogue says so. */
static bool is_said_to_be_the_same(const char *catalogue, const char *words)
{
    char *entry = g_strdup_printf("msgid \"%s\"\nmsgstr \"%s\"\n", words, words);
    bool is = strstr(catalogue, entry) != NULL;
    g_free(entry);
    return is;
}

static void the_portals_own_words_are_complete_in_german(void)
{
    char *core = core_directory(), *templates = g_build_filename(core, "templates", NULL);
    char *german = g_build_filename(core, "locale", "de.po", NULL), *catalogue = NULL;
    g_assert_true(g_file_get_contents(german, &catalogue, NULL, NULL));
    begin();
    struct page_set *set = set_with(NULL, false);
    GRegex *calls = g_regex_new("\\{\\{(?:t|plural [a-z.]+) \"([^\"]+)\"", 0, 0, NULL);
    GDir *open = g_dir_open(templates, 0, NULL);
    unsigned count = 0;
    const char *name;
    while ((name = g_dir_read_name(open))) {
        char *file = g_build_filename(templates, name, NULL), *content = NULL;
        GMatchInfo *match = NULL;
        g_assert_true(g_file_get_contents(file, &content, NULL, NULL));
        g_regex_match(calls, g_str_has_suffix(name, ".mustache") ? content : "", 0, &match);
        for (; g_match_info_matches(match); g_match_info_next(match, NULL), count++) {
            char *source = g_match_info_fetch(match, 1);
            if (strcmp(page_translate(set, NULL, arena, "de", source, NULL), source) == 0 &&
                !is_said_to_be_the_same(catalogue, source))
                g_test_fail_printf("locale/de.po lacks \"%s\" of %s", source, name);
            g_free(source);
        }
        g_match_info_free(match);
        g_free(content);
        g_free(file);
    }
    g_assert_cmpuint(count, >, 15);
    g_dir_close(open);
    g_regex_unref(calls);
    page_set_free(set);
    end();
    g_free(catalogue);
    g_free(german);
    g_free(templates);
    g_free(core);
}

static void error_and_search_pages_show_their_states(void)
{
    begin();
    struct page_set *set = set_with(NULL, true);
    char *page = render(
        set, "portico/error",
        "{\"status\":404,\"title\":\"Not here\",\"detail\":\"Look elsewhere.\",\"cause\":null}",
        "de");
    g_assert_nonnull(strstr(page, "<h1>Not here</h1>"));
    g_assert_nonnull(strstr(page, "Zur Startseite"));
    g_assert_nonnull(strstr(page, "<code>abc</code>"));
    g_assert_null(strstr(page, "<pre>"));
    g_free(page);
    page = render(
        set, "portico/search",
        "{\"query\":\"a\\\"b\",\"count\":1,\"more\":false,\"has_hits\":true,\"pager\":{"
        "\"previous\":null,"
        "\"next\":\"/search?q=a&page=2\"},\"hits\":[{\"title\":\"T\",\"url\":\"/x\",\"time\":0,"
        "\"excerpt\":\"e\",\"kind_title\":\"Question\"}]}",
        "en");
    g_assert_nonnull(strstr(page, "1 result for “a&quot;b”"));
    g_assert_nonnull(strstr(page, "rel=\"next\" href=\"/search?q=a&amp;page=2\""));
    g_assert_null(strstr(page, "rel=\"prev\""));
    g_free(page);
    page = render(set, "portico/search",
                  "{\"query\":\"a\",\"count\":0,\"more\":false,\"has_hits\":false,\"pager\":null,"
                  "\"hits\":[]}",
                  "en");
    g_assert_nonnull(strstr(page, "Nothing was found"));
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
    g_test_add_func("/page/page/words", words_come_in_the_readers_language);
    g_test_add_func("/page/page/counts", counts_take_their_form_and_grouping);
    g_test_add_func("/page/page/times", times_are_relative_near_and_absolute_far);
    g_test_add_func("/page/page/english", english_by_hand_and_by_icu_read_the_same);
    g_test_add_func("/page/page/plurals", plural_forms_follow_cldr_order);
    g_test_add_func("/page/page/assets", an_unknown_asset_is_told_in_development_only);
    g_test_add_func("/page/page/brand", a_brand_overrides_templates_and_words);
    g_test_add_func("/page/page/mistakes", every_mistake_of_every_file_is_reported);
    g_test_add_func("/page/page/mistakes shown", a_mistake_shows_in_the_page_in_development);
    g_test_add_func("/page/page/missing", a_view_that_is_missing_or_endless_is_an_error);
    g_test_add_func("/page/page/formats", the_name_of_a_template_says_its_format);
    g_test_add_func("/page/page/languages", the_best_language_is_negotiated);
    g_test_add_func("/page/page/translate", texts_of_code_are_translated_like_those_of_templates);
    g_test_add_func("/page/page/german", the_portals_own_words_are_complete_in_german);
    g_test_add_func("/page/page/states", error_and_search_pages_show_their_states);
    return g_test_run();
}
