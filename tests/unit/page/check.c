/* What templates are refused for, word for word: these sentences are read by module authors. */
#include "page/template.h"

#include <glib.h>

struct desk {
    struct arena *arena;
    struct template_names names;
    struct template_report report;
    struct template *shell;
    char *said;
};

static void say(const char *sentence, void *data)
{
    struct desk *desk = data;
    char *more = g_strconcat(desk->said, *desk->said ? "\n" : "", sentence, NULL);
    g_free(desk->said);
    desk->said = more;
}

static struct template *resolve(const struct template *from, struct text name, void *data)
{
    struct desk *desk = data;
    (void)from;
    return text_equals(name, TEXT("shell")) ? desk->shell : NULL;
}

static struct template *compile(struct desk *desk, const char *file, const char *text,
                                enum template_mode mode)
{
    struct template_source source = {
        .file = file, .module = "m", .name = "x", .text = { text, strlen(text) }, .mode = mode
    };
    struct template *template = template_compile(&desk->names, desk->arena, &source, &desk->report);
    if (template) {
        template_link(template, resolve, desk, &desk->report);
        template_check(desk->arena, template, &desk->report);
    }
    return template;
}

/* Everything that is said about a template; "" if it is good. */
static char *verdict(const char *text, enum template_mode mode)
{
    struct desk desk = { .arena = arena_new(0), .said = g_strdup("") };
    desk.report = (struct template_report){ say, &desk, 0 };
    template_names_init(&desk.names, desk.arena);
    desk.shell = compile(&desk, "shell", "<title>{{$title}}x{{/title}}</title>{{$main}}{{/main}}",
                         TEMPLATE_HTML);
    g_assert_nonnull(desk.shell);
    compile(&desk, "x", text, mode);
    template_names_clear(&desk.names);
    arena_free(desk.arena);
    return desk.said;
}

#define SCRIPT                                                                                     \
    "stands in a script or style element. Expected a data- attribute, or {{json value}} in "       \
    "<script type=\"application/ld+json\">."
#define PLACES                                                                                     \
    "begins and ends in different places of the markup. Expected whole elements, attributes or "   \
    "values inside a section or block."
#define WHOLE                                                                                      \
    "A name goes on behind a template tag. Names of elements and attributes are written whole: "   \
    "put the blank before and the value inside the section "

static const struct {
    const char *template, *said;
} refused[] = {
    { "<p title={{a}}>",
      "x:1: {{a}} is an attribute value without quotes. Expected quotes: name=\"{{value}}\"." },
    { "<p title=a{{a}}>",
      "x:1: {{a}} is an attribute value without quotes. Expected quotes: name=\"{{value}}\"." },
    { "<p {{a}}>",
      "x:1: {{a}} stands inside a tag. Expected a quoted attribute value: name=\"{{value}}\"." },
    { "<p {{a}}=\"x\">",
      "x:1: {{a}} stands inside a tag. Expected a quoted attribute value: name=\"{{value}}\".\n"
      "x:1: \"=\" without an attribute's name before it (\"=\"x\">\")." },
    { "<p da{{a}}=\"x\">",
      "x:1: {{a}} stands inside a tag. Expected a quoted attribute value: name=\"{{value}}\".\n"
      "x:1: " WHOLE "(\"=\"x\">\")." },
    { "<{{a}}>",
      "x:1: {{a}} stands where an element's name is. Expected text or a quoted attribute." },
    { "</{{a}}>",
      "x:1: {{a}} stands where an element's name is. Expected text or a quoted attribute." },
    { "<h{{a}}>",
      "x:1: {{a}} stands inside a tag. Expected a quoted attribute value: name=\"{{value}}\"." },
    { "\n<script>{{a}}</script>", "x:2: {{a}} " SCRIPT },
    { "<SCRIPT>var a = \"{{a}}\"</SCRIPT>", "x:1: {{a}} " SCRIPT },
    { "<style>p{color:{{a}}}</style>", "x:1: {{a}} " SCRIPT },
    { "<script>{{#a}}x{{/a}}</script>", "x:1: {{#a}} " SCRIPT },
    { "<script type=\"application/ld+json\">{{a}}</script>",
      "x:1: {{a}} stands in JSON. Expected the helper {{json value}}." },
    { "<p>{{json a}}</p>", "x:1: {{json …}} stands outside JSON. Expected it inside <script "
                           "type=\"application/ld+json\">." },
    { "<!-- {{a}} -->",
      "x:1: {{a}} stands in a comment. Expected text; {{! }} is a comment of templates." },
    { "<!doctype {{a}}>",
      "x:1: {{a}} stands in a declaration. Expected text or a quoted attribute." },
    { "<p onclick=\"{{a}}\">",
      "x:1: {{a}} is written into an event handler. Use a data- attribute and a script module." },
    { "<p ONMOUSEOVER='{{a}}'>",
      "x:1: {{a}} is written into an event handler. Use a data- attribute and a script module." },
    { "<p hx-on:click=\"{{a}}\">",
      "x:1: {{a}} is written into an event handler. Use a data- attribute and a script module." },
    { "<p style=\"color:{{a}}\">",
      "x:1: {{a}} is written into a style attribute. Use a class of the stylesheet." },
    { "<iframe srcdoc=\"{{a}}\"></iframe>",
      "x:1: {{a}} is written into srcdoc, a page inside the page. Give the frame a src." },
    { "<img srcset=\"{{a}} 2x\">",
      "x:1: {{a}} is written into srcset, a list of URLs. Use src, or one source element a URL." },
    { "<p hx-vals=\"{{a}}\">",
      "x:1: {{a}} is written into hx-vals, which may hold script. Use hidden fields." },
    { "<meta http-equiv=\"refresh\" content=\"{{a}}\">",
      "x:1: {{a}} is written into a meta element with http-equiv. Answer with a redirect." },
    { "<script src=\"{{a}}\"></script>",
      "x:1: {{a}} is the URL of an element that loads code. Expected {{asset \"NAME\"}}." },
    { "<base href=\"{{a}}\">",
      "x:1: {{a}} is the URL of an element that loads code. Expected {{asset \"NAME\"}}." },
    { "<object data=\"{{a}}\"></object>",
      "x:1: {{a}} is the URL of an element that loads code. Expected {{asset \"NAME\"}}." },
    { "{{#a}}<p title=\"{{/a}}x\">", "x:1: {{#a}} " PLACES },
    { "{{#a}}<p{{/a}}>", "x:1: {{#a}} " PLACES },
    { "<p title=\"{{#a}}\">{{/a}}", "x:1: {{#a}} " PLACES },
    { "{{#a}}<script>{{/a}}", "x:1: {{#a}} " PLACES },
    { "<p on{{#a}}click{{/a}}=\"x\">",
      "x:1: " WHOLE "(\"click\").\nx:1: {{#a}} " PLACES "\nx:1: " WHOLE "(\"=\"x\">\")." },
    { "<p title=\"{{time a}}\">",
      "x:1: {{time …}} makes an element. Expected it in text, not in an attribute or title." },
    { "<title>{{icon \"x\"}}</title>",
      "x:1: {{icon …}} makes an element. Expected it in text, not in an attribute or title." },
    { "<p title=\"{{>shell}}\">",
      "x:1: {{>shell}} stands inside a tag or title. Expected it in text, between elements." },
    { "<p", "x:1: The template ends inside a tag, comment or script. Expected it to end in text." },
    { "<!-- ",
      "x:1: The template ends inside a tag, comment or script. Expected it to end in text." },
    { "{{<shell}}{{$mian}}x{{/mian}}{{/shell}}",
      "x:1: The template \"shell\" has no block \"mian\"." },
    { "{{<shell}}{{$main}}<p{{/main}}{{/shell}}", "x:1: This block " PLACES },
    { "{{>nothing}}", "x:1: There is no template \"nothing\". Expected a file of this module's "
                      "templates directory, or portico/NAME for one of the portal's own." },
    { "{{#a}}\n{{#b}}{{/a}}{{/b}}",
      "x:2: Expected {{/b}} for the {{#b}} of line 2, found {{/a}}." },
    { "\n{{#a}}", "x:2: {{#a}} is never closed. Write {{/a}} where it ends." },
    { "{{/a}}",
      "x:1: {{/a}} ends a section that was not begun. Remove it, or write {{#a}} before it." },
    { "a\n{{a", "x:2: The tag that begins here never ends. Expected \"}}\"." },
    { "{{}}", "x:1: The tag has no name. Expected a name such as {{title}}." },
    { "{{/a}}\n{{#b}}\n{{#c}}\n{{number a b}}",
      "x:1: {{/a}} ends a section that was not begun. Remove it, or write {{#a}} before it.\n"
      "x:2: {{#b}} is never closed. Write {{/b}} where it ends.\n"
      "x:3: {{#c}} is never closed. Write {{/c}} where it ends.\n"
      "x:4: The helper \"number\" is not written right. Expected {{number views}}." },
    { "{{#a b}}{{/a b}}", "x:1: The name \"a b\" has a blank inside. Expected one name." },
    { "{{=x=}}", "x:1: The delimiter tag names no two marks. Write it like {{=<% %>=}}." },
    { "{{upper a}}",
      "x:1: There is no helper \"upper\". Expected one of t, plural, number, compact, date, "
      "datetime, relative, iso, time, icon, asset, json, or a name without blanks." },
    { "{{t words}}", "x:1: The helper \"t\" is not written right. Expected {{t \"Asked by {name}\" "
                     "name=author}}." },
    { "{{plural n \"one\"}}", "x:1: The helper \"plural\" is not written right. Expected {{plural "
                              "count \"{n} answer\" \"{n} answers\"}}." },
    { "{{number a b}}",
      "x:1: The helper \"number\" is not written right. Expected {{number views}}." },
    { "{{t \"open}}", "x:1: The helper \"t\" is not written right. Expected {{t \"Asked by "
                      "{name}\" name=author}}." },
    { "\xFF", "x:1: The template is not UTF-8 text of at most 1 MiB. Save it as UTF-8." },
};

static void a_misplaced_tag_is_refused_with_line_and_what_was_expected(void)
{
    g_assert_cmpuint(G_N_ELEMENTS(refused), >=, 30);
    for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
        char *said = verdict(refused[i].template, TEMPLATE_HTML);
        if (strcmp(said, refused[i].said) != 0)
            g_test_fail_printf("%s\nexpected %s\nfound    %s", refused[i].template, refused[i].said,
                               said);
        g_free(said);
    }
}

static void what_is_safe_passes(void)
{
    static const char *const good[] = {
        "<p>{{a}}</p>",
        "<a href=\"{{a}}\" title='{{b}}'>{{c}}</a>",
        "<title>{{a}}</title>",
        "<textarea>{{a}}</textarea>",
        "<option{{#a}} selected{{/a}}>x",
        "<p {{#a}}class=\"x\"{{/a}}>",
        "<p class=\"a{{#b}} c{{/b}}{{^b}} d{{/b}}\">",
        "{{#a}}<ul>{{/a}}{{#a}}</ul>{{/a}}",
        "<img src='{{asset \"x.png\"}}' alt=\"\">",
        "<script src=\"{{asset \"x.js\"}}\"></script>",
        "<script type=\"application/ld+json\">{{json a}}</script>",
        "a < b {{c}} > d",
        "<!-- x --><p>{{a}}",
        "<!--><p>{{a}}",
        "<script>if (a < b) x</script>{{a}}",
        "{{<shell}}{{$title}}{{a}}{{/title}} ignored {{$main}}<p>{{b}}</p>{{/main}}{{/shell}}",
        "<p data-x=\"{{a}}\" aria-label=\"{{t \"x\"}}\">",
        "<input value=\"{{a}}\" {{#b}}checked{{/b}}>",
        "<style>p { color: red }</style>{{a}}",
        "<svg><title>{{a}}</title><use href=\"{{b}}#x\"/></svg>",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
        char *said = verdict(good[i], TEMPLATE_HTML);
        if (*said)
            g_test_fail_printf("%s\n%s", good[i], said);
        g_free(said);
    }
}

static void xml_has_text_and_quoted_attributes(void)
{
    static const struct {
        const char *template, *said;
    } cases[] = {
        { "<?xml version=\"1.0\"?><feed><title>{{a}}</title><link href=\"{{b}}\"/></feed>", "" },
        { "<script>{{a}}</script>", "" },
        { "<a b={{c}}/>",
          "x:1: {{c}} is an attribute value without quotes. Expected quotes: name=\"{{value}}\"." },
        { "<![CDATA[{{a}}]]>",
          "x:1: {{a}} stands in a CDATA section. Expected text, which is escaped by itself." },
        { "<?x {{a}}?>",
          "x:1: {{a}} stands in a declaration. Expected text or a quoted attribute." },
        { "<{{a}}/>",
          "x:1: {{a}} stands where an element's name is. Expected text or a quoted attribute." },
        { "{{time a}}",
          "x:1: {{time …}} makes an element. Expected it in text, not in an attribute or title." },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *said = verdict(cases[i].template, TEMPLATE_XML);
        g_assert_cmpstr(said, ==, cases[i].said);
        g_free(said);
    }
}

int main(int count, char **arguments)
{
    g_test_init(&count, &arguments, NULL);
    g_test_add_func("/page/check/refused",
                    a_misplaced_tag_is_refused_with_line_and_what_was_expected);
    g_test_add_func("/page/check/good", what_is_safe_passes);
    g_test_add_func("/page/check/xml", xml_has_text_and_quoted_attributes);
    return g_test_run();
}
