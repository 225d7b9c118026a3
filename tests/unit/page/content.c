/* What people write: the sanitizer, Markdown, sealing, plain words. */
#include "page/content.h"
#include "page/url.h"

#include <glib.h>
#include <gumbo.h>
#include <sodium.h>

static char *sanitized(const char *html)
{
    struct arena *arena = arena_new(0);
    struct value *value = NULL;
    struct portico_error error = PORTICO_ERROR_INIT;
    int code = content_sanitize(arena, html, strlen(html), &value, &error);
    char *text = code == 0 ? g_strndup(value->text, value->count) : g_strdup(error.message);
    if (code == 0)
        g_assert_cmpuint(value->kind, ==, PORTICO_HTML);
    arena_free(arena);
    return text;
}

static char *marked(const char *markdown)
{
    struct arena *arena = arena_new(0);
    struct value *value = NULL;
    struct portico_error error = PORTICO_ERROR_INIT;
    int code = content_markdown(arena, markdown, strlen(markdown), &value, &error);
    char *text = code == 0 ? g_strndup(value->text, value->count) : g_strdup(error.message);
    arena_free(arena);
    return text;
}

static void markdown_loads_no_image_from_elsewhere(void)
{
    static const char *const cases[][2] = {
        { "![A cat](/portico/files/1/cat.png)",
          "<p><img src=\"/portico/files/1/cat.png\" alt=\"A cat\" loading=\"lazy\"></p>\n" },
        { "![A <cat>](https://a.example/cat.png \"Cat\") x",
          "<p><a href=\"https://a.example/cat.png\" title=\"Cat\" rel=\"nofollow ugc "
          "noopener\">A &lt;cat&gt;</a> x</p>\n" },
        { "![](HTTP://a.example/cat.png)", "<p><a href=\"HTTP://a.example/cat.png\" rel=\"nofollow "
                                           "ugc noopener\">cat.png</a></p>\n" },
        { "[![Cat](https://a.example/cat.png)](/cats)",
          "<p><a href=\"/cats\" rel=\"nofollow ugc noopener\">Cat</a></p>\n" },
        { "[![](https://a.example/cat.png)](/cats) ![b](http://a.example/)",
          "<p><a href=\"/cats\" rel=\"nofollow ugc noopener\">cat.png</a> "
          "<a href=\"http://a.example/\" rel=\"nofollow ugc noopener\">b</a></p>\n" },
        { "![x](//a.example/cat.png)", "<p>x</p>\n" },
        { "![a](https:/a.example/t.png)",
          "<p><a href=\"https:/a.example/t.png\" rel=\"nofollow ugc noopener\">a</a></p>\n" },
        { "![](https:a.example)", "<p><a href=\"https:a.example\" rel=\"nofollow ugc "
                                  "noopener\">https:a.example</a></p>\n" },
        { "![](/account/company/people.csv)",
          "<p><a href=\"/account/company/people.csv\" rel=\"nofollow ugc "
          "noopener\">people.csv</a></p>\n" },
        { "[![people](/portico/people?q=a)](/cats) ![](x)",
          "<p><a href=\"/cats\" rel=\"nofollow ugc noopener\">people</a> "
          "<a href=\"x\" rel=\"nofollow ugc noopener\">x</a></p>\n" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *text = marked(cases[i][0]);
        g_assert_cmpstr(text, ==, cases[i][1]);
        g_free(text);
    }
}

static void only_pictures_of_the_portal_are_pictures(void)
{
    static const char *const good[] = {
        "/portico/files/1/cat.png",
        "/portico/files/912897411590918145/a%20cat..%28two%29.png",
        "/portico/files/1/%252e%252e",
        "/portico/files/1/\xC3\xA4.png",
        "/assets/cat.png",
        "/assets/communities/0a1b2c/cat.svg",
    };
    static const char *const bad[] = {
        "",
        "x",
        "#x",
        "?x=1",
        "/",
        "/cat.png",
        "//evil.example/portico/files/1/cat.png",
        "https://portal.example/portico/files/1/cat.png",
        "https:/portico/files/1/cat.png",
        "https:evil.example",
        "portico/files/1/cat.png",
        ".//evil.example",
        "/%09/evil.example/x",
        "/%5cevil.example/x",
        "/account/company/people.csv",
        "/portico/people?q=a",
        "/portico/files",
        "/portico/files/",
        "/portico/files/1",
        "/portico/files/1/",
        "/portico/files//cat.png",
        "/portico/files/x/cat.png",
        "/portico/files/1x/cat.png",
        "/portico/files/-1/cat.png",
        "/portico/files/%31/cat.png",
        "/portico/files/1/cat.png/",
        "/portico/files/1/cat.png/more",
        "/portico/files/1/cat.png?size=1",
        "/portico/files/1/cat.png#x",
        "/portico/files/1/.",
        "/portico/files/1/..",
        "/portico/files/1/%2e%2E",
        "/portico/files/1/.%2e",
        "/portico/files/1/../../people",
        "/portico/files/1/..%2f..%2fpeople",
        "/portico/files/1/..%5c..%5cpeople",
        "/portico/files/1/..\\..\\people",
        "/portico/files/1/%",
        "/portico/files/1/%2",
        "/portico/files/1/%zz",
        "/portico/files/1/a%00b",
        "/portico/files/1/a%0ab",
        "/portico/files/1/a\tb",
        "/portico/files/../people/1",
        "/portico/Files/1/cat.png",
        "/assets",
        "/assets/",
        "/assets//cat.png",
        "/assets/cat/",
        "/assets/../account/company/people.csv",
        "/assets/a/../../account/company/people.csv",
        "/assets/%2e%2e/account/company/people.csv",
        "/assets/%2E./account/company/people.csv",
        "/assets/..%2faccount/company/people.csv",
        "/assets/cat.png?x=1",
    };
    /* Markdown writes "%20" for a blank. */
    g_assert_false(url_is_picture("/portico/files/1/a b", 20));
    for (size_t i = 0; i < G_N_ELEMENTS(good) + G_N_ELEMENTS(bad); i++) {
        bool is = i < G_N_ELEMENTS(good);
        const char *url = is ? good[i] : bad[i - G_N_ELEMENTS(good)];
        if (url_is_picture(url, strlen(url)) != is)
            g_error("%s is %sa picture", url, is ? "not " : "");
        char *markdown = g_strdup_printf("![x](<%s>)", url), *shown = marked(markdown);
        char *html = g_strdup_printf("<img src=\"%s\" alt=\"x\">", url), *clean = sanitized(html);
        if ((strstr(shown, "<img") != NULL) != is || (strstr(clean, "<img") != NULL) != is)
            g_error("%s became %s and %s", url, shown, clean);
        g_free(clean);
        g_free(html);
        g_free(shown);
        g_free(markdown);
    }
}

static unsigned count(const char *text, const char *part)
{
    unsigned found = 0;
    for (const char *at = text; (at = strstr(at, part)); at++)
        found++;
    return found;
}

static void images_beyond_the_fiftieth_are_links(void)
{
    GString *markdown = g_string_new(""), *html = g_string_new("");
    for (int i = 1; i <= 60; i++) {
        g_string_append_printf(markdown, "![n%d](/portico/files/%d/a.png) ", i, i);
        g_string_append_printf(html, "<img src=\"/portico/files/%d/a.png\" alt=n%d>", i, i);
    }
    g_string_append(markdown, "![far](https://a.example/b.png)");
    char *texts[] = { marked(markdown->str), sanitized(html->str) };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_assert_cmpuint(count(texts[i], "<img "), ==, CONTENT_IMAGES_MAX);
        g_assert_nonnull(strstr(texts[i], "<img src=\"/portico/files/50/"));
        g_assert_nonnull(strstr(
            texts[i], "<a href=\"/portico/files/51/a.png\" rel=\"nofollow ugc noopener\">n51</a>"));
        char *again = sanitized(texts[i]);
        g_assert_cmpuint(count(again, "<img "), ==, CONTENT_IMAGES_MAX);
        g_free(again);
        g_free(texts[i]);
    }
    g_string_free(markdown, TRUE);
    g_string_free(html, TRUE);
}

/* The first thing in the tree that may run, load code or leave the page's text, or NULL. */
static const char *danger_in(const GumboNode *node)
{
    static const GumboTag bad[] = { GUMBO_TAG_SCRIPT, GUMBO_TAG_STYLE,    GUMBO_TAG_IFRAME,
                                    GUMBO_TAG_OBJECT, GUMBO_TAG_EMBED,    GUMBO_TAG_SVG,
                                    GUMBO_TAG_MATH,   GUMBO_TAG_TEMPLATE, GUMBO_TAG_FORM,
                                    GUMBO_TAG_INPUT,  GUMBO_TAG_BASE,     GUMBO_TAG_META,
                                    GUMBO_TAG_LINK,   GUMBO_TAG_BUTTON,   GUMBO_TAG_TEXTAREA,
                                    GUMBO_TAG_UNKNOWN };
    if (node->type == GUMBO_NODE_COMMENT || node->type == GUMBO_NODE_TEMPLATE)
        return "comment or template";
    if (node->type != GUMBO_NODE_ELEMENT)
        return NULL;
    const GumboElement *element = &node->v.element;
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        if (element->tag == bad[i])
            return "element";
    for (unsigned i = 0; i < element->attributes.length; i++) {
        const GumboAttribute *a = element->attributes.data[i];
        if (g_str_has_prefix(a->name, "on") || !strcmp(a->name, "style") ||
            !strcmp(a->name, "srcdoc") || !strcmp(a->name, "srcset") || !strcmp(a->name, "id") ||
            !strcmp(a->name, "name"))
            return a->name;
        bool url = !strcmp(a->name, "href") || !strcmp(a->name, "src") || !strcmp(a->name, "cite");
        if (url && !url_is_safe(a->value, strlen(a->value)))
            return a->value;
    }
    const char *danger = NULL;
    for (unsigned i = 0; !danger && i < element->children.length; i++)
        danger = danger_in(element->children.data[i]);
    return danger;
}

static char *danger_of(const char *html)
{
    GumboOptions options = kGumboDefaultOptions;
    options.fragment_context = GUMBO_TAG_DIV;
    GumboOutput *output = gumbo_parse_with_options(&options, html, strlen(html));
    const char *danger = danger_in(output->root);
    char *copy = g_strdup(danger);
    gumbo_destroy_output(&options, output);
    return copy;
}

static const char *const attacks[] = {
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img src=x onerror='alert(1)'//",
    "<IMG SRC=javascript:alert('x')>",
    "<img src=\"jav&#x09;ascript:alert(1)\">",
    "<img src=\" javascript:alert(1)\">",
    "<a href=\"javascript:alert(1)\">x</a>",
    "<a href=\"JaVaScRiPt:alert(1)\">x</a>",
    "<a href=\"java\nscript:alert(1)\">x</a>",
    "<a href=\"java\tscript:alert(1)\">x</a>",
    "<a href=\"&#106;avascript:alert(1)\">x</a>",
    "<a href=\"&#x6A&#x61vascript:alert(1)\">x</a>",
    "<a href=\"javascript&colon;alert(1)\">x</a>",
    "<a href=\"\x01javascript:alert(1)\">x</a>",
    "<a href=\"vbscript:msgbox(1)\">x</a>",
    "<a href=\"data:text/html,<script>alert(1)</script>\">x</a>",
    "<a href=\"data:text/html;base64,PHNjcmlwdD4=\">x</a>",
    "<a href=\"blob:https://x/1\">x</a>",
    "<a href=\"//evil.example\">x</a>",
    "<a href=\"/\\evil.example\">x</a>",
    "<a href=\"\\\\evil.example\">x</a>",
    "<a href='x' onclick='alert(1)'>x</a>",
    "<a href=x onmouseover=alert(1)//>x</a>",
    "<a href=\"x\"onfocus=alert(1) autofocus>x</a>",
    "<p title=\"&quot;><script>alert(1)</script>\">x</p>",
    "<p title='\"><img src=x onerror=alert(1)>'>x</p>",
    "<abbr title='&#34; onmouseover=&#34;alert(1)'>x</abbr>",
    "<img alt=\"`onerror=alert(1)\" src=\"/x.png\">",
    "<img alt='<script>alert(1)</script>'>",
    "<div style=\"background:url(javascript:alert(1))\">x</div>",
    "<style>@import 'http://evil.example/x.css';</style>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<base href='javascript:alert(1)//'>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)></object>",
    "<embed src=javascript:alert(1)>",
    "<form action=javascript:alert(1)><button>x</button></form>",
    "<button formaction=javascript:alert(1)>x</button>",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>x</details>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)></audio>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href=\"javascript:alert(1)\"><text>x</text></a></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
    "<svg><foreignObject><p><img src=x onerror=alert(1)></p></foreignObject></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 "
    "onerror=alert(1)&gt;\">",
    "<math><mi><table><mi><malignmark><style><img src=x onerror=alert(1)></style>",
    "<math><annotation-xml encoding=\"text/html\"><style><img src=x "
    "onerror=alert(1)></style></annotation-xml></math>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\"></noscript>",
    "<noembed><img title=\"</noembed><img src onerror=alert(1)>\"></noembed>",
    "<xmp><p title=\"</xmp><svg/onload=alert(1)>\">",
    "<textarea><p title=\"</textarea><img src=x onerror=alert(1)>\"></textarea>",
    "<title><img title=\"</title><img src onerror=alert(1)>\"></title>",
    "<plaintext><img src=x onerror=alert(1)>",
    "<template><script>alert(1)</script></template>",
    "<template><template><img src=x onerror=alert(1)></template></template>",
    "<!--<img src=\"--><img src=x onerror=alert(1)//\">",
    "<!-- unclosed <img src=x onerror=alert(1)>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version=\"1.0\"?><?php <script>alert(1)</script> ?>",
    "</p title=\"<script>alert(1)</script>\">",
    "<p <script>alert(1)</script>",
    "<<script>alert(1)//<</script>",
    "<img src=x\xC0\xBC onerror=alert(1)>",
    "<a href=\"https://x.example\" target=_blank rel=opener ping=//evil.example>x</a>",
    "<img src=\"/a.png\" srcset=\"javascript:alert(1) 1x\" id=portal name=submit>",
    "<table background=javascript:alert(1)><tr><td background=javascript:alert(1)>x</table>",
    "<table><td><svg><desc><td></td></desc></svg><img src=x onerror=alert(1)>",
    "<select><option><style></option></select><img src=x onerror=alert(1)></style>",
    "<q cite=javascript:alert(1)>x</q><blockquote cite=\"data:x,y\">x</blockquote>",
    "<code class=\"language-c&quot; onclick=&quot;alert(1)\">x</code>",
    "<ol start=\"1&quot; onclick=&quot;alert(1)\"><li value=javascript:1>x</ol>",
    "<x-widget onclick=alert(1)>x</x-widget><isindex action=javascript:alert(1)>",
    "<b><p><b><p></b><table><a href=javascript:alert(1)><tr><a href=javascript:alert(1)>",
};

static void no_attack_survives_and_the_result_is_stable(void)
{
    g_assert_cmpuint(G_N_ELEMENTS(attacks), >=, 60);
    for (size_t i = 0; i < G_N_ELEMENTS(attacks); i++) {
        char *once = sanitized(attacks[i]);
        char *danger = danger_of(once);
        if (danger)
            g_error("%s\nbecame %s\nwith %s", attacks[i], once, danger);
        char *twice = sanitized(once);
        g_assert_cmpstr(once, ==, twice);
        g_free(twice);
        g_free(once);
    }
}

static void what_people_mean_stays(void)
{
    static const struct {
        const char *from, *to;
    } cases[] = {
        { "plain & simple < 3", "plain &amp; simple &lt; 3" },
        { "<p>a<br>b</p>", "<p>a<br>b</p>" },
        { "<h1>x</h1><h6>y</h6>", "<h2>x</h2><h6>y</h6>" },
        { "<a href=\"https://a.example/?x=1&amp;y=2\" title=t>x</a>",
          "<a href=\"https://a.example/?x=1&amp;y=2\" title=\"t\" rel=\"nofollow ugc "
          "noopener\">x</a>" },
        { "<a href=mailto:a@b.example>x</a>",
          "<a href=\"mailto:a@b.example\" rel=\"nofollow ugc noopener\">x</a>" },
        { "<a href=javascript:x>kept words</a>", "<a>kept words</a>" },
        { "<img src=/assets/a.png alt=A width=10 onload=x>",
          "<img src=\"/assets/a.png\" alt=\"A\" width=\"10\" loading=\"lazy\">" },
        { "<img src=data:x alt='a picture'>", "a picture" },
        { "<img src=https://a.example/b.png alt=words>",
          "<a href=\"https://a.example/b.png\" rel=\"nofollow ugc noopener\">words</a>" },
        { "<img src=https://a.example/b.png>",
          "<a href=\"https://a.example/b.png\" rel=\"nofollow ugc noopener\">b.png</a>" },
        { "<img src=https:evil.example>",
          "<a href=\"https:evil.example\" rel=\"nofollow ugc noopener\">https:evil.example</a>" },
        { "<img src=/account/company/people.csv alt=nice>",
          "<a href=\"/account/company/people.csv\" rel=\"nofollow ugc noopener\">nice</a>" },
        { "<a href=/x><img src=https://a.example/b.png alt=words></a>",
          "<a href=\"/x\" rel=\"nofollow ugc noopener\">words</a>" },
        { "<pre class=\"lang-py prettyprint\"><code>\n x &lt; y</code></pre>",
          "<pre class=\"language-py\"><code>\n x &lt; y</code></pre>" },
        { "<pre>\n\nx</pre>", "<pre>\n\nx</pre>" },
        { "<table><tr><td colspan=2 align=right>x</table>",
          "<table><tbody><tr><td colspan=\"2\" align=\"right\">x</td></tr></tbody></table>" },
        { "<font color=red><center>x</center></font>", "x" },
        { "<b><i>x</b>y</i>", "<b><i>x</i></b><i>y</i>" },
        { "<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>" },
        { "a<!-- no -->b<script>no</script>c", "abc" },
        { "&nbsp;&euro;", "\xC2\xA0\xE2\x82\xAC" },
        { "", "" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *text = sanitized(cases[i].from);
        g_assert_cmpstr(text, ==, cases[i].to);
        g_free(text);
    }
}

static void headings_shift_as_asked(void)
{
    struct arena *arena = arena_new(0);
    struct value *value = NULL;
    struct content_options options = { .heading_shift = 2 };
    g_assert_cmpint(
        content_sanitize_with(arena, "<h1>a</h1><h5>b</h5>", 20, &options, &value, NULL), ==, 0);
    g_assert_cmpstr(value->text, ==, "<h3>a</h3><h6>b</h6>");
    arena_free(arena);
}

static char *repeated(const char *text, size_t times)
{
    GString *all = g_string_new(NULL);
    for (size_t i = 0; i < times; i++)
        g_string_append(all, text);
    return g_string_free(all, FALSE);
}

static void what_would_exhaust_the_parser_is_refused(void)
{
    static const struct {
        const char *part;
        size_t times;
        const char *what;
    } cases[] = {
        { "<div>", 201, "nests elements deeper than 200" },
        { "<div>", 3000, "nests elements deeper than 200" },
        { "<i>", 60000, "has more than 50,000 elements" },
        { "x", CONTENT_BYTES_MAX + 1, "is longer than 1 MiB" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *html = repeated(cases[i].part, cases[i].times), *text = sanitized(html);
        char *expected =
            g_strdup_printf("The text %s. Shorten it or split it in two.", cases[i].what);
        g_assert_cmpstr(text, ==, expected);
        g_free(expected);
        g_free(text);
        g_free(html);
    }
    GString *attributes = g_string_new("<p");
    for (int i = 0; i < 120000; i++)
        g_string_append_printf(attributes, " a%d", i);
    char *text = sanitized(attributes->str);
    g_assert_true(g_str_has_prefix(text, "The text is too tangled") || *text == '\0' ||
                  *text == '<');
    g_free(text);
    g_string_free(attributes, TRUE);
}

static void markdown_becomes_what_commonmark_says(void)
{
    static const struct {
        const char *from, *to;
    } cases[] = {
        { "# A\n\ntext *em* **strong** `c<d`",
          "<h2>A</h2>\n<p>text <em>em</em> <strong>strong</strong> <code>c&lt;d</code></p>\n" },
        { "```c++ x\na < b\n```", "<pre><code class=\"language-c++\">a &lt; b\n</code></pre>\n" },
        { "3. a\n4. b", "<ol start=\"3\">\n<li>a</li>\n<li>b</li>\n</ol>\n" },
        { "|a|b|\n|---|--:|\n|1|2|", "<table>\n<thead>\n<tr><th>a</th><th "
                                     "align=\"right\">b</th></tr>\n</thead>\n<tbody>\n<tr><td>1</"
                                     "td><td align=\"right\">2</td></tr>\n</tbody>\n</table>\n" },
        { "~~old~~ https://a.example/b",
          "<p><del>old</del> <a href=\"https://a.example/b\" rel=\"nofollow ugc "
          "noopener\">https://a.example/b</a></p>\n" },
        { "<b onclick=x>raw</b>", "<p>&lt;b onclick=x&gt;raw&lt;/b&gt;</p>\n" },
        { "![a *b*](/assets/x.png \"t\")",
          "<p><img src=\"/assets/x.png\" title=\"t\" alt=\"a b\" loading=\"lazy\"></p>\n" },
        { "&copy; &unknown; a\\\nb", "<p>&copy; &unknown; a<br>\nb</p>\n" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *text = marked(cases[i].from);
        g_assert_cmpstr(text, ==, cases[i].to);
        g_free(text);
    }
}

static void markdown_links_only_where_the_list_allows(void)
{
    static const struct {
        const char *from;
        bool linked;
    } cases[] = {
        { "[x](https://a.example)", true },
        { "[x](http://a.example/?a=b&c=d)", true },
        { "[x](/path#part)", true },
        { "[x](relative/path)", true },
        { "[x](mailto:a@b.example)", true },
        { "<https://a.example>", true },
        { "www.a.example is nice", true },
        { "[x](javascript:alert(1))", false },
        { "[x](JAVASCRIPT:alert(1))", false },
        { "[x](javascript&colon;alert(1))", false },
        { "[x](javascript&#58;alert(1))", false },
        { "[x](javascript&#x3A;alert(1))", false },
        { "[x](java&Tab;script:alert(1))", false },
        { "[x](<java\tscript:alert(1)>)", false },
        { "[x](data:text/html,x)", false },
        { "[x](vbscript:x)", false },
        { "[x](//evil.example)", false },
        { "[x](https:evil.example)", true },
        { "[x](javascript:/x)", false },
        { "![x](javascript:/portico/files/1/x.png)", false },
        { "[x](/\\\\evil.example)", false },
        { "[x][r]\n\n[r]: javascript:alert(1)", false },
        { "<javascript:alert(1)>", false },
        { "![x](javascript:alert(1))", false },
        { "![x](data:image/svg+xml,x)", false },
        { "![x](mailto:a@b.example)", false },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *text = marked(cases[i].from), *danger = danger_of(text);
        g_assert_null(danger);
        bool linked = strstr(text, "<a href=") || strstr(text, "<img ");
        if (linked != cases[i].linked)
            g_error("%s became %s", cases[i].from, text);
        g_free(text);
    }
}

static void markdown_that_grows_without_end_is_refused(void)
{
    char *quotes = repeated(">", 5000), *text = marked(quotes);
    g_assert_cmpstr(
        text, ==, "The text nests lists or quotes deeper than 200. Shorten it or split it in two.");
    g_free(text);
    g_free(quotes);
    GString *table = g_string_new("");
    for (int i = 0; i < 8000; i++)
        g_string_append(table, "|a");
    g_string_append_c(table, '\n');
    for (int i = 0; i < 8000; i++)
        g_string_append(table, "|---");
    for (int i = 0; i < 20000; i++)
        g_string_append(table, "\n|");
    text = marked(table->str);
    g_assert_cmpstr(text, ==, "The text becomes too long a page. Shorten it or split it in two.");
    g_free(text);
    g_string_free(table, TRUE);
}

static void sealed_text_opens_and_anything_else_is_sanitized(void)
{
    struct arena *arena = arena_new(0);
    unsigned char key[32] = "an unlikely key of 32 bytes long";
    content_set_key(key);
    const char *html = "<p data-kept=\"1\">x</p>";
    const char *sealed = content_seal(arena, value_html(arena, html, strlen(html)));
    g_assert_true(g_str_has_prefix(sealed, "k2:"));
    g_assert_cmpstr(content_open(arena, sealed, strlen(sealed))->text, ==, html);
    char *forged = g_strdup(sealed);
    forged[10] = forged[10] == '0' ? '1' : '0';
    g_assert_cmpstr(content_open(arena, forged, strlen(forged))->text, ==, "<p>x</p>");
    g_free(forged);
    char *changed = g_strconcat(sealed, "<script>alert(1)</script>", NULL);
    g_assert_cmpstr(content_open(arena, changed, strlen(changed))->text, ==, "<p>x</p>");
    g_free(changed);
    g_assert_cmpstr(content_open(arena, "<i onclick=x>y</i>", 18)->text, ==, "<i>y</i>");
    g_assert_cmpstr(content_open(arena, "k2:", 3)->text, ==, "k2:");
    g_assert_null(content_seal(arena, value_text(arena, "x", 1)));
    unsigned char other[32] = { 1 };
    content_set_key(other);
    g_assert_cmpstr(content_open(arena, sealed, strlen(sealed))->text, ==, "<p>x</p>");
    arena_free(arena);
}

/* When any path could stand as an image, texts were sealed with it. */
static void what_was_sealed_under_older_rules_is_sanitized(void)
{
    static const char *const html =
        "<p><img src=\"/account/company/people.csv\" alt=\"nice\" loading=\"lazy\"></p>";
    static const char *const link = "<p><a href=\"/account/company/people.csv\" rel=\"nofollow ugc "
                                    "noopener\">nice</a></p>";
    unsigned char key[32] = "an unlikely key of 32 bytes long";
    unsigned char old_key[crypto_shorthash_siphashx24_KEYBYTES];
    unsigned char seal[crypto_shorthash_siphashx24_BYTES];
    char digits[2 * sizeof seal + 1];
    struct arena *arena = arena_new(0);
    content_set_key(key);
    crypto_generichash(old_key, sizeof old_key, key, sizeof key, NULL, 0);
    crypto_shorthash_siphashx24(seal, (const unsigned char *)html, strlen(html), old_key);
    sodium_bin2hex(digits, sizeof digits, seal, sizeof seal);
    for (char version = '1'; version <= '2'; version++) {
        char *sealed = g_strdup_printf("k%c:%s:%s", version, digits, html);
        g_assert_cmpstr(content_open(arena, sealed, strlen(sealed))->text, ==, link);
        g_free(sealed);
    }
    arena_free(arena);
}

static void plain_words_end_at_a_word(void)
{
    static const struct {
        const char *html;
        size_t limit;
        const char *plain;
    } cases[] = {
        { "<p>a<b>b</b> c</p><p>d &amp; e</p>", 0, "ab c d & e" },
        { "<p title=\"a > b\">x</p>\n\n<ul><li>y</li></ul>", 0, "x y" },
        { "<p>one two three</p>", 9, "one two" },
        { "<p>one two three</p>", 7, "one two" },
        { "<p>Donaudampfschiff</p>", 5, "Donau" },
        { "<p>ab\xC3\xBC\xC3\xBC</p>", 3, "ab" },
        { "&#8364;&#x41;&lt;b&gt;", 0,
          "\xE2\x82\xAC"
          "A<b>" },
        { "", 10, "" },
    };
    struct arena *arena = arena_new(0);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct value *html = value_html(arena, cases[i].html, strlen(cases[i].html));
        g_assert_cmpstr(content_plain(arena, html, cases[i].limit), ==, cases[i].plain);
    }
    arena_free(arena);
}

int main(int count, char **arguments)
{
    g_test_init(&count, &arguments, NULL);
    g_test_add_func("/page/content/attacks", no_attack_survives_and_the_result_is_stable);
    g_test_add_func("/page/content/meaning", what_people_mean_stays);
    g_test_add_func("/page/content/headings", headings_shift_as_asked);
    g_test_add_func("/page/content/limits", what_would_exhaust_the_parser_is_refused);
    g_test_add_func("/page/content/markdown", markdown_becomes_what_commonmark_says);
    g_test_add_func("/page/content/links", markdown_links_only_where_the_list_allows);
    g_test_add_func("/page/content/images", markdown_loads_no_image_from_elsewhere);
    g_test_add_func("/page/content/pictures", only_pictures_of_the_portal_are_pictures);
    g_test_add_func("/page/content/fifty", images_beyond_the_fiftieth_are_links);
    g_test_add_func("/page/content/growth", markdown_that_grows_without_end_is_refused);
    g_test_add_func("/page/content/seal", sealed_text_opens_and_anything_else_is_sanitized);
    g_test_add_func("/page/content/older-seal", what_was_sealed_under_older_rules_is_sanitized);
    g_test_add_func("/page/content/plain", plain_words_end_at_a_word);
    return g_test_run();
}
