/* HTML of any quality to an allow-list of elements and attributes, by way of a real HTML tree. */
#include "base/error.h"
#include "page/content.h"
#include "page/url.h"

#include <gumbo.h>
#include <setjmp.h>
#include <stdio.h>
#include <time.h>

#define TAGS_MAX 50000
#define TREE_BYTES_MAX (96u * 1024 * 1024)
#define TREE_SECONDS_MAX 1
#define PASSES_MAX 6

/* Gumbo's memory: one arena that ends with the parse. It neither bounds its tree nor checks for
 * NULL, and a few inputs make it quadratic, so that the allocator leaves the parse when a limit is
 * passed. */
struct tree {
    struct arena *arena;
    size_t bytes;
    unsigned calls;
    time_t until; /* seconds of this thread's own time */
    jmp_buf leave;
};

enum what { UNWRAPPED, KEPT, DROPPED };
enum attribute_kind {
    ATTRIBUTE_TEXT,
    ATTRIBUTE_LINK,
    ATTRIBUTE_IMAGE,
    ATTRIBUTE_NUMBER,
    ATTRIBUTE_LANGUAGE
};

struct element {
    uint8_t what;
    bool empty;             /* no end tag */
    const char *attributes; /* names between blanks, beside those of all */
};

static const struct element elements[GUMBO_TAG_LAST] = {
    [GUMBO_TAG_A] = { KEPT, false, " href title " },
    [GUMBO_TAG_ABBR] = { KEPT, false, " title " },
    [GUMBO_TAG_B] = { KEPT, false, "" },
    [GUMBO_TAG_BLOCKQUOTE] = { KEPT, false, " cite " },
    [GUMBO_TAG_BR] = { KEPT, true, "" },
    [GUMBO_TAG_CAPTION] = { KEPT, false, "" },
    [GUMBO_TAG_CITE] = { KEPT, false, "" },
    [GUMBO_TAG_CODE] = { KEPT, false, " class " },
    [GUMBO_TAG_DD] = { KEPT, false, "" },
    [GUMBO_TAG_DEL] = { KEPT, false, " cite " },
    [GUMBO_TAG_DFN] = { KEPT, false, " title " },
    [GUMBO_TAG_DIV] = { KEPT, false, "" },
    [GUMBO_TAG_DL] = { KEPT, false, "" },
    [GUMBO_TAG_DT] = { KEPT, false, "" },
    [GUMBO_TAG_EM] = { KEPT, false, "" },
    [GUMBO_TAG_FIGCAPTION] = { KEPT, false, "" },
    [GUMBO_TAG_FIGURE] = { KEPT, false, "" },
    [GUMBO_TAG_H1] = { KEPT, false, "" },
    [GUMBO_TAG_H2] = { KEPT, false, "" },
    [GUMBO_TAG_H3] = { KEPT, false, "" },
    [GUMBO_TAG_H4] = { KEPT, false, "" },
    [GUMBO_TAG_H5] = { KEPT, false, "" },
    [GUMBO_TAG_H6] = { KEPT, false, "" },
    [GUMBO_TAG_HR] = { KEPT, true, "" },
    [GUMBO_TAG_I] = { KEPT, false, "" },
    [GUMBO_TAG_IMG] = { KEPT, true, " src alt title width height " },
    [GUMBO_TAG_INS] = { KEPT, false, " cite " },
    [GUMBO_TAG_KBD] = { KEPT, false, "" },
    [GUMBO_TAG_LI] = { KEPT, false, " value " },
    [GUMBO_TAG_MARK] = { KEPT, false, "" },
    [GUMBO_TAG_OL] = { KEPT, false, " start " },
    [GUMBO_TAG_P] = { KEPT, false, "" },
    [GUMBO_TAG_PRE] = { KEPT, false, " class " },
    [GUMBO_TAG_Q] = { KEPT, false, " cite " },
    [GUMBO_TAG_S] = { KEPT, false, "" },
    [GUMBO_TAG_SAMP] = { KEPT, false, "" },
    [GUMBO_TAG_SMALL] = { KEPT, false, "" },
    [GUMBO_TAG_SPAN] = { KEPT, false, "" },
    [GUMBO_TAG_STRONG] = { KEPT, false, "" },
    [GUMBO_TAG_SUB] = { KEPT, false, "" },
    [GUMBO_TAG_SUP] = { KEPT, false, "" },
    [GUMBO_TAG_TABLE] = { KEPT, false, "" },
    [GUMBO_TAG_TBODY] = { KEPT, false, "" },
    [GUMBO_TAG_TD] = { KEPT, false, " align colspan rowspan " },
    [GUMBO_TAG_TFOOT] = { KEPT, false, "" },
    [GUMBO_TAG_TH] = { KEPT, false, " align colspan rowspan scope " },
    [GUMBO_TAG_THEAD] = { KEPT, false, "" },
    [GUMBO_TAG_TR] = { KEPT, false, "" },
    [GUMBO_TAG_U] = { KEPT, false, "" },
    [GUMBO_TAG_UL] = { KEPT, false, "" },
    [GUMBO_TAG_VAR] = { KEPT, false, "" },
    /* Their content is no text for people. */
    [GUMBO_TAG_APPLET] = { DROPPED, false, "" },
    [GUMBO_TAG_AUDIO] = { DROPPED, false, "" },
    [GUMBO_TAG_CANVAS] = { DROPPED, false, "" },
    [GUMBO_TAG_EMBED] = { DROPPED, false, "" },
    [GUMBO_TAG_FRAMESET] = { DROPPED, false, "" },
    [GUMBO_TAG_HEAD] = { DROPPED, false, "" },
    [GUMBO_TAG_IFRAME] = { DROPPED, false, "" },
    [GUMBO_TAG_MATH] = { DROPPED, false, "" },
    [GUMBO_TAG_NOEMBED] = { DROPPED, false, "" },
    [GUMBO_TAG_NOFRAMES] = { DROPPED, false, "" },
    [GUMBO_TAG_NOSCRIPT] = { DROPPED, false, "" },
    [GUMBO_TAG_OBJECT] = { DROPPED, false, "" },
    [GUMBO_TAG_PLAINTEXT] = { DROPPED, false, "" },
    [GUMBO_TAG_SCRIPT] = { DROPPED, false, "" },
    [GUMBO_TAG_SELECT] = { DROPPED, false, "" },
    [GUMBO_TAG_STYLE] = { DROPPED, false, "" },
    [GUMBO_TAG_SVG] = { DROPPED, false, "" },
    [GUMBO_TAG_TEMPLATE] = { DROPPED, false, "" },
    [GUMBO_TAG_TEXTAREA] = { DROPPED, false, "" },
    [GUMBO_TAG_TITLE] = { DROPPED, false, "" },
    [GUMBO_TAG_VIDEO] = { DROPPED, false, "" },
    [GUMBO_TAG_XMP] = { DROPPED, false, "" },
};

struct writer {
    struct buffer out;
    unsigned shift;
    unsigned links;  /* a elements open around the current node */
    unsigned images; /* shown so far */
    bool too_deep;
};

static void *tree_allocate(void *data, size_t size)
{
    struct tree *tree = data;
    struct timespec now;
    tree->bytes += size;
    bool late = ++tree->calls % 16 == 0 && clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0 &&
                now.tv_sec > tree->until;
    void *memory = tree->bytes > TREE_BYTES_MAX || late ? NULL : arena_alloc(tree->arena, size);
    if (!memory)
        longjmp(tree->leave, 1);
    return memory;
}

static void tree_release(void *data, void *memory)
{
    (void)data;
    (void)memory;
}

static bool is_allowed(const char *list, const char *name)
{
    size_t length = strlen(name);
    if (!length) /* a NUL in the source */
        return false;
    for (const char *at = list; (at = strstr(at, name)); at += length)
        if (at > list && at[-1] == ' ' && at[length] == ' ')
            return true;
    return false;
}

static enum attribute_kind kind_of(const char *name)
{
    static const struct {
        const char *name;
        enum attribute_kind kind;
    } kinds[] = {
        { "href", ATTRIBUTE_LINK },      { "cite", ATTRIBUTE_LINK },
        { "src", ATTRIBUTE_IMAGE },      { "width", ATTRIBUTE_NUMBER },
        { "height", ATTRIBUTE_NUMBER },  { "start", ATTRIBUTE_NUMBER },
        { "value", ATTRIBUTE_NUMBER },   { "colspan", ATTRIBUTE_NUMBER },
        { "rowspan", ATTRIBUTE_NUMBER }, { "class", ATTRIBUTE_LANGUAGE },
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return kinds[i].kind;
    return ATTRIBUTE_TEXT;
}

static bool is_number(const char *text)
{
    size_t length = strlen(text);
    return length > 0 && length <= 4 && strspn(text, "0123456789") == length;
}

/* The name of a programming language in a class: "language-c", "lang-c prettyprint". */
static struct text language_of(const char *classes)
{
    static const struct text prefixes[] = { { "language-", 9 }, { "lang-", 5 } };
    for (const char *at = classes; *at;) {
        size_t length = strcspn(at, " \t\r\n\f");
        for (size_t i = 0; i < 2; i++) {
            struct text word = { at, length };
            if (!text_starts(word, prefixes[i]))
                continue;
            struct text name = { at + prefixes[i].length, length - prefixes[i].length };
            size_t good = strspn(name.data, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                            "0123456789_+#.-");
            if (name.length && name.length <= 32 && good >= name.length)
                return name;
        }
        at += length;
        at += strspn(at, " \t\r\n\f");
    }
    return (struct text){ NULL, 0 };
}

static void write_named(struct buffer *out, const char *name, struct text value)
{
    buffer_append_char(out, ' ');
    buffer_append_text(out, name);
    buffer_append(out, "=\"", 2);
    buffer_append_escaped(out, value.data, value.length);
    buffer_append_char(out, '"');
}

static void write_attribute(struct buffer *out, const char *name, const char *value)
{
    struct text language;
    switch (kind_of(name)) {
    case ATTRIBUTE_LINK:
        if (!url_is_safe(value, strlen(value)))
            return;
        break;
    case ATTRIBUTE_IMAGE:
        if (!url_is_picture(value, strlen(value)))
            return;
        break;
    case ATTRIBUTE_NUMBER:
        if (!is_number(value))
            return;
        break;
    case ATTRIBUTE_LANGUAGE:
        language = language_of(value);
        if (!language.data)
            return;
        buffer_append_text(out, " class=\"language-");
        buffer_append_escaped(out, language.data, language.length);
        buffer_append_char(out, '"');
        return;
    case ATTRIBUTE_TEXT: break;
    }
    write_named(out, name, text_of(value));
}

static const char *attribute(const GumboElement *element, const char *name)
{
    GumboAttribute *found = gumbo_get_attribute(&element->attributes, name);
    return found ? found->value : NULL;
}

static void write_attributes(struct buffer *out, const GumboElement *element)
{
    const char *own = elements[element->tag].attributes;
    for (unsigned i = 0; i < element->attributes.length; i++) {
        const GumboAttribute *a = element->attributes.data[i];
        if (a->attr_namespace != GUMBO_ATTR_NAMESPACE_NONE)
            continue;
        if (is_allowed(own, a->name) || is_allowed(" dir lang ", a->name))
            write_attribute(out, a->name, a->value);
    }
    const char *href = element->tag == GUMBO_TAG_A ? attribute(element, "href") : NULL;
    if (href && url_is_safe(href, strlen(href)))
        buffer_append_text(out, " rel=\"nofollow ugc noopener\"");
    if (element->tag == GUMBO_TAG_IMG)
        buffer_append_text(out, " loading=\"lazy\"");
}

static const char *name_of(const struct writer *writer, GumboTag tag, char heading[3])
{
    if (tag < GUMBO_TAG_H1 || tag > GUMBO_TAG_H6)
        return gumbo_normalized_tagname(tag);
    unsigned level = (unsigned)(tag - GUMBO_TAG_H1) + 1 + writer->shift;
    level = level < 2 ? 2 : level > 6 ? 6 : level;
    snprintf(heading, 3, "h%u", level);
    return heading;
}

static void write_node(struct writer *writer, const GumboNode *node, unsigned depth);

static void write_children(struct writer *writer, const GumboVector *children, unsigned depth)
{
    for (unsigned i = 0; i < children->length; i++)
        write_node(writer, children->data[i], depth);
}

/* A parser drops the first newline of a pre element: one that shall stay is written twice. */
static void keep_first_newline(struct writer *writer, const GumboElement *element)
{
    const GumboNode *first = element->children.length ? element->children.data[0] : NULL;
    bool text = first && (first->type == GUMBO_NODE_TEXT || first->type == GUMBO_NODE_WHITESPACE);
    if (element->tag == GUMBO_TAG_PRE && text && first->v.text.text[0] == '\n')
        buffer_append_char(&writer->out, '\n');
}

/* Nothing is loaded but the portal's pictures: what else is named becomes a link with its words, or
 * its name. */
static void write_image_link(struct writer *writer, const char *source, const char *alt)
{
    struct buffer *out = &writer->out;
    const char *slash = strrchr(source, '/');
    const char *name = slash && slash[1] ? slash + 1 : source;
    const char *words = alt && *alt ? alt : name;
    if (!writer->links) {
        buffer_append_text(out, "<a");
        write_named(out, "href", text_of(source));
        buffer_append_text(out, " rel=\"nofollow ugc noopener\">");
    }
    buffer_append_escaped(out, words, strlen(words));
    if (!writer->links)
        buffer_append_text(out, "</a>");
}

/* True if the image is a picture of this portal, and not one too many; of others words stand in its
 * place. */
static bool shows_image(struct writer *writer, const GumboElement *element)
{
    const char *source = attribute(element, "src"), *alt = attribute(element, "alt");
    bool usable = source && *source && url_is_safe(source, strlen(source)) &&
                  strncasecmp(source, "mailto:", 7) != 0;
    bool shown =
        usable && writer->images < CONTENT_IMAGES_MAX && url_is_picture(source, strlen(source));
    writer->images += shown;
    if (usable && !shown)
        write_image_link(writer, source, alt);
    else if (!usable)
        buffer_append_escaped(&writer->out, alt ? alt : "", alt ? strlen(alt) : 0);
    return shown;
}

static void write_element(struct writer *writer, const GumboElement *element, unsigned depth)
{
    char heading[3];
    struct buffer *out = &writer->out;
    bool foreign = element->tag_namespace != GUMBO_NAMESPACE_HTML;
    unsigned what = element->tag < GUMBO_TAG_LAST ? elements[element->tag].what : UNWRAPPED;
    if (foreign || what == DROPPED)
        return;
    if (what == UNWRAPPED) {
        write_children(writer, &element->children, depth);
        return;
    }
    if (element->tag == GUMBO_TAG_IMG && !shows_image(writer, element))
        return;
    const char *name = name_of(writer, element->tag, heading);
    buffer_append_char(out, '<');
    buffer_append_text(out, name);
    write_attributes(out, element);
    buffer_append_char(out, '>');
    if (elements[element->tag].empty)
        return;
    keep_first_newline(writer, element);
    writer->links += element->tag == GUMBO_TAG_A;
    write_children(writer, &element->children, depth);
    writer->links -= element->tag == GUMBO_TAG_A;
    buffer_append(out, "</", 2);
    buffer_append_text(out, name);
    buffer_append_char(out, '>');
}

static void write_node(struct writer *writer, const GumboNode *node, unsigned depth)
{
    switch (node->type) {
    case GUMBO_NODE_TEXT:
    case GUMBO_NODE_WHITESPACE:
        buffer_append_escaped(&writer->out, node->v.text.text, strlen(node->v.text.text));
        return;
    case GUMBO_NODE_ELEMENT:
        if (depth >= CONTENT_DEPTH_MAX)
            writer->too_deep = true;
        else
            write_element(writer, &node->v.element, depth + 1);
        return;
    default: return; /* comments, templates, CDATA of foreign content */
    }
}

static int refuse(struct portico_error *error, const char *what)
{
    return error_set(error, PORTICO_ELIMIT, "The text %s. Shorten it or split it in two.", what);
}

static unsigned count_tags(const char *html, size_t length)
{
    unsigned tags = 0;
    const char *end = html + length;
    for (const char *at = html; (at = memchr(at, '<', (size_t)(end - at))); at++)
        tags++;
    return tags;
}

/* One way through the parser. `writer->out` holds the result. */
static int sanitize_once(struct writer *writer, const char *html, size_t length,
                         struct portico_error *error)
{
    struct tree tree = { .arena = arena_new(64 * 1024) };
    struct timespec now = { 0 };
    GumboOptions options = kGumboDefaultOptions;
    options.allocator = tree_allocate;
    options.deallocator = tree_release;
    options.userdata = &tree;
    options.max_errors = 0;
    options.fragment_context = GUMBO_TAG_DIV;
    if (!tree.arena)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while a text was read.");
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    tree.until = now.tv_sec + TREE_SECONDS_MAX;
    int code = 0;
    buffer_clear(&writer->out);
    writer->images = 0;
    if (setjmp(tree.leave) == 0) {
        GumboOutput *output = gumbo_parse_with_options(&options, html, length);
        write_children(writer, &output->root->v.element.children, 0);
        if (writer->too_deep)
            code = refuse(error, "nests elements deeper than 200");
    } else {
        code = refuse(error, "is too tangled to read");
    }
    arena_free(tree.arena);
    if (code == 0 && writer->out.failed)
        code = error_set(error, PORTICO_ENOMEM, "Memory ended while a text was read.");
    return code;
}

/* Leaving elements out may bring others where a parser would not leave them: the result is read
 * again until it stays the same, so that what a browser makes of it is what was checked. */
static int sanitize_settled(struct writer *writer, const char *html, size_t length,
                            struct portico_error *error)
{
    struct buffer before = { 0 };
    int code = sanitize_once(writer, html, length, error);
    bool settled = false;
    writer->shift = 0;
    for (unsigned pass = 1; code == 0 && !settled && pass < PASSES_MAX; pass++) {
        struct buffer swap = before;
        before = writer->out;
        writer->out = swap;
        code = sanitize_once(writer, before.length ? before.data : "", before.length, error);
        settled = code == 0 && writer->out.length == before.length &&
                  (before.length == 0 || memcmp(before.data, writer->out.data, before.length) == 0);
    }
    buffer_free(&before);
    return code == 0 && !settled ? refuse(error, "is too tangled to read") : code;
}

int content_sanitize_with(struct arena *arena, const char *html, size_t length,
                          const struct content_options *options, struct value **ret_html,
                          struct portico_error *error)
{
    if (length > CONTENT_BYTES_MAX)
        return refuse(error, "is longer than 1 MiB");
    if (count_tags(html, length) > TAGS_MAX)
        return refuse(error, "has more than 50,000 elements");
    struct writer writer = { .shift = options->heading_shift };
    int code = sanitize_settled(&writer, html, length, error);
    if (code == 0) {
        struct value *value =
            value_html(arena, writer.out.length ? writer.out.data : "", writer.out.length);
        if (value)
            *ret_html = value;
        else
            code = error_set(error, PORTICO_ENOMEM, "Memory ended while a text was read.");
    }
    buffer_free(&writer.out);
    return code;
}

int content_sanitize(struct arena *arena, const char *html, size_t length, struct value **ret_html,
                     struct portico_error *error)
{
    static const struct content_options plain = { .heading_shift = 0 };
    return content_sanitize_with(arena, html, length, &plain, ret_html, error);
}
