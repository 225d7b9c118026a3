/* CommonMark with tables, strikethrough and autolinks: md4c reads, this file writes. */
#include "base/error.h"
#include "page/content.h"
#include "page/url.h"

#include <ctype.h>
#include <md4c.h>
#include <stdio.h>
#include <stdlib.h>

#define OUTPUT_FACTOR 24 /* a table row may be short where its header is long */
#define PADDING 64       /* zero bytes behind the text: md4c looks a little past its end */
#define OUTPUT_LEAST (64u * 1024)

struct markdown {
    struct buffer out;
    const char *source, *end;
    size_t most;
    unsigned depth;    /* blocks open */
    unsigned in_image; /* its content becomes the alternative text */
    unsigned images;   /* shown so far */
    bool image_open;   /* <img is being written */
    bool image_worded; /* words in place of an image are being written, */
    bool image_linked; /* in a link of their own */
    bool link_open;
    struct buffer image_url; /* of the image in whose place a link is written */
    size_t image_begin;      /* where the words of that link begin in `out` */
    const char *refused;     /* why it stopped; md4c may call on after that */
};

static void append_codepoint(struct buffer *out, unsigned long c)
{
    char bytes[4];
    if (c == 0 || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        c = 0xFFFD;
    if (c < 0x80) {
        buffer_append_char(out, (char)c);
        return;
    }
    size_t length = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
    for (size_t i = length - 1; i > 0; i--, c >>= 6)
        bytes[i] = (char)(0x80 | (c & 0x3F));
    bytes[0] = (char)(lead[length] | c);
    buffer_append(out, bytes, length);
}

/* "&#x3A;", "&colon;": decoded where a URL is checked; names not listed stay as they were typed. */
static void append_entity(struct buffer *out, const char *entity, size_t length)
{
    static const struct {
        struct text entity;
        char byte;
    } known[] = {
        { { "&amp;", 5 }, '&' },   { { "&lt;", 4 }, '<' },       { { "&gt;", 4 }, '>' },
        { { "&quot;", 6 }, '"' },  { { "&apos;", 6 }, '\'' },    { { "&colon;", 7 }, ':' },
        { { "&Tab;", 5 }, '\t' },  { { "&NewLine;", 9 }, '\n' }, { { "&sol;", 5 }, '/' },
        { { "&bsol;", 6 }, '\\' }, { { "&num;", 5 }, '#' },      { { "&quest;", 7 }, '?' },
    };
    char digits[12];
    if (length > 3 && entity[1] == '#' && length < sizeof digits + 3) {
        bool hex = entity[2] == 'x' || entity[2] == 'X';
        size_t from = hex ? 3 : 2, count = length - from - 1;
        memcpy(digits, entity + from, count < sizeof digits - 1 ? count : sizeof digits - 1);
        digits[count < sizeof digits - 1 ? count : sizeof digits - 1] = '\0';
        append_codepoint(out, strtoul(digits, NULL, hex ? 16 : 10));
        return;
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (text_equals(known[i].entity, (struct text){ entity, length })) {
            buffer_append_char(out, known[i].byte);
            return;
        }
    buffer_append(out, entity, length);
}

/* An attribute as the bytes it stands for. */
static void decode(struct buffer *plain, const MD_ATTRIBUTE *attribute)
{
    for (unsigned i = 0; attribute->size && attribute->substr_offsets[i] < attribute->size; i++) {
        const char *text = attribute->text + attribute->substr_offsets[i];
        size_t length = attribute->substr_offsets[i + 1] - attribute->substr_offsets[i];
        switch (attribute->substr_types[i]) {
        case MD_TEXT_ENTITY: append_entity(plain, text, length); break;
        case MD_TEXT_NULLCHAR: append_codepoint(plain, 0); break;
        default: buffer_append(plain, text, length);
        }
    }
}

static void write_attribute(struct markdown *markdown, const char *name, const struct buffer *plain)
{
    buffer_printf(&markdown->out, " %s=\"", name);
    buffer_append_escaped(&markdown->out, plain->length ? plain->data : "", plain->length);
    buffer_append_char(&markdown->out, '"');
}

static void write_title(struct markdown *markdown, const MD_ATTRIBUTE *title)
{
    struct buffer plain = { 0 };
    decode(&plain, title);
    if (plain.length)
        write_attribute(markdown, "title", &plain);
    buffer_free(&plain);
}

/* A blank is written %20, as CommonMark shows it; other bytes stay. False: not on the list of
 * schemes. */
static bool decode_url(struct buffer *url, const MD_ATTRIBUTE *attribute, bool image)
{
    struct buffer plain = { 0 };
    decode(&plain, attribute);
    for (size_t i = 0; i < plain.length; i++)
        if (plain.data[i] == ' ')
            buffer_append(url, "%20", 3);
        else
            buffer_append_char(url, plain.data[i]);
    buffer_free(&plain);
    const char *data = url->length ? url->data : "";
    bool mail = url->length >= 7 && strncasecmp(data, "mailto:", 7) == 0;
    return url_is_safe(data, url->length) && !(image && (mail || !url->length));
}

static int check_limits(struct markdown *markdown)
{
    if (!markdown->refused && markdown->depth > CONTENT_DEPTH_MAX)
        markdown->refused = "nests lists or quotes deeper than 200";
    if (!markdown->refused && markdown->out.length > markdown->most)
        markdown->refused = "becomes too long a page";
    return markdown->refused || markdown->out.failed;
}

static const struct {
    const char *open, *close;
} blocks[] = {
    [MD_BLOCK_DOC] = { "", "" },
    [MD_BLOCK_QUOTE] = { "<blockquote>\n", "</blockquote>\n" },
    [MD_BLOCK_UL] = { "<ul>\n", "</ul>\n" },
    [MD_BLOCK_OL] = { "<ol>\n", "</ol>\n" },
    [MD_BLOCK_LI] = { "<li>", "</li>\n" },
    [MD_BLOCK_HR] = { "<hr>\n", "" },
    [MD_BLOCK_H] = { "", "" },
    [MD_BLOCK_CODE] = { "", "</code></pre>\n" },
    [MD_BLOCK_HTML] = { "", "" },
    [MD_BLOCK_P] = { "<p>", "</p>\n" },
    [MD_BLOCK_TABLE] = { "<table>\n", "</table>\n" },
    [MD_BLOCK_THEAD] = { "<thead>\n", "</thead>\n" },
    [MD_BLOCK_TBODY] = { "<tbody>\n", "</tbody>\n" },
    [MD_BLOCK_TR] = { "<tr>", "</tr>\n" },
    [MD_BLOCK_TH] = { "", "</th>" },
    [MD_BLOCK_TD] = { "", "</td>" },
};

static unsigned level_of(const MD_BLOCK_H_DETAIL *heading)
{
    return heading->level < 2 ? 2 : heading->level;
}

static void open_code(struct markdown *markdown, const MD_BLOCK_CODE_DETAIL *code)
{
    struct buffer language = { 0 };
    decode(&language, &code->lang);
    size_t length = 0;
    while (length < language.length && length < 32 &&
           (isalnum((unsigned char)language.data[length]) ||
            memchr("_+#.-", language.data[length], 5)))
        length++;
    buffer_append_text(&markdown->out, "<pre><code");
    if (length && length == language.length)
        buffer_printf(&markdown->out, " class=\"language-%.*s\"", (int)length, language.data);
    buffer_append_char(&markdown->out, '>');
    buffer_free(&language);
}

static void open_cell(struct markdown *markdown, const char *name, const MD_BLOCK_TD_DETAIL *cell)
{
    static const char *const aligns[] = { [MD_ALIGN_DEFAULT] = "",
                                          [MD_ALIGN_LEFT] = " align=\"left\"",
                                          [MD_ALIGN_CENTER] = " align=\"center\"",
                                          [MD_ALIGN_RIGHT] = " align=\"right\"" };
    buffer_printf(&markdown->out, "<%s%s>", name, aligns[cell->align]);
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *data)
{
    struct markdown *markdown = data;
    const MD_BLOCK_OL_DETAIL *list = detail;
    markdown->depth++;
    if (check_limits(markdown))
        return 1;
    if (type == MD_BLOCK_H)
        buffer_printf(&markdown->out, "<h%u>", level_of(detail));
    else if (type == MD_BLOCK_CODE)
        open_code(markdown, detail);
    else if (type == MD_BLOCK_TH || type == MD_BLOCK_TD)
        open_cell(markdown, type == MD_BLOCK_TH ? "th" : "td", detail);
    else if (type == MD_BLOCK_OL && list->start != 1 && list->start <= 9999)
        buffer_printf(&markdown->out, "<ol start=\"%u\">\n", list->start);
    else
        buffer_append_text(&markdown->out, blocks[type].open);
    return check_limits(markdown);
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *data)
{
    struct markdown *markdown = data;
    if (check_limits(markdown))
        return 1;
    markdown->depth--;
    if (type == MD_BLOCK_H)
        buffer_printf(&markdown->out, "</h%u>\n", level_of(detail));
    else
        buffer_append_text(&markdown->out, blocks[type].close);
    return check_limits(markdown);
}

static const char *span_name(MD_SPANTYPE type)
{
    switch (type) {
    case MD_SPAN_EM: return "em";
    case MD_SPAN_STRONG: return "strong";
    case MD_SPAN_CODE: return "code";
    case MD_SPAN_DEL: return "del";
    case MD_SPAN_U: return "u";
    default: return NULL;
    }
}

static void open_link(struct markdown *markdown, const MD_SPAN_A_DETAIL *link)
{
    struct buffer url = { 0 };
    markdown->link_open = decode_url(&url, &link->href, false);
    if (markdown->link_open) {
        buffer_append_text(&markdown->out, "<a");
        write_attribute(markdown, "href", &url);
        write_title(markdown, &link->title);
        buffer_append_text(&markdown->out, " rel=\"nofollow ugc noopener\">");
    }
    buffer_free(&url);
}

/* Nothing is loaded but the portal's pictures: another origin would learn who reads, and another
 * page of the portal be asked in the reader's name. What else is named becomes a link with its
 * words, or its address, unless it stands in a link already. */
static void open_image_link(struct markdown *markdown, const struct buffer *url,
                            const MD_SPAN_IMG_DETAIL *image)
{
    markdown->image_linked = !markdown->link_open;
    if (markdown->image_linked) {
        buffer_append_text(&markdown->out, "<a");
        write_attribute(markdown, "href", url);
        write_title(markdown, &image->title);
        buffer_append_text(&markdown->out, " rel=\"nofollow ugc noopener\">");
    }
    buffer_clear(&markdown->image_url);
    buffer_append(&markdown->image_url, url->data, url->length);
    markdown->image_begin = markdown->out.length;
}

static void open_image(struct markdown *markdown, const MD_SPAN_IMG_DETAIL *image)
{
    struct buffer url = { 0 };
    bool usable = decode_url(&url, &image->src, true);
    markdown->image_open =
        usable && markdown->images < CONTENT_IMAGES_MAX && url_is_picture(url.data, url.length);
    markdown->image_worded = usable && !markdown->image_open;
    markdown->images += markdown->image_open;
    if (markdown->image_worded)
        open_image_link(markdown, &url, image);
    if (markdown->image_open) {
        buffer_append_text(&markdown->out, "<img");
        write_attribute(markdown, "src", &url);
        write_title(markdown, &image->title);
        buffer_append_text(&markdown->out, " alt=\"");
    }
    buffer_free(&url);
}

static int enter_span(MD_SPANTYPE type, void *detail, void *data)
{
    struct markdown *markdown = data;
    if (type == MD_SPAN_IMG && markdown->in_image++ == 0)
        open_image(markdown, detail);
    if (markdown->in_image)
        return check_limits(markdown);
    if (type == MD_SPAN_A)
        open_link(markdown, detail);
    const char *name = span_name(type);
    if (name)
        buffer_printf(&markdown->out, "<%s>", name);
    return check_limits(markdown);
}

static void close_image_link(struct markdown *markdown)
{
    const char *url = buffer_text(&markdown->image_url);
    if (url && markdown->out.length == markdown->image_begin) {
        const char *slash = strrchr(url, '/');
        const char *words = slash && slash[1] ? slash + 1 : url;
        buffer_append_escaped(&markdown->out, words, strlen(words));
    }
    if (markdown->image_linked)
        buffer_append_text(&markdown->out, "</a>");
}

static int leave_span(MD_SPANTYPE type, void *detail, void *data)
{
    struct markdown *markdown = data;
    (void)detail;
    if (type == MD_SPAN_IMG) {
        if (--markdown->in_image == 0 && markdown->image_open)
            buffer_append_text(&markdown->out, "\" loading=\"lazy\">");
        if (markdown->in_image == 0 && markdown->image_worded)
            close_image_link(markdown);
        return check_limits(markdown);
    }
    if (markdown->in_image)
        return 0;
    if (type == MD_SPAN_A && markdown->link_open)
        buffer_append_text(&markdown->out, "</a>");
    markdown->link_open &= type != MD_SPAN_A;
    const char *name = span_name(type);
    if (name)
        buffer_printf(&markdown->out, "</%s>", name);
    return check_limits(markdown);
}

static int write_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *data)
{
    struct markdown *markdown = data;
    struct buffer *out = &markdown->out;
    if (check_limits(markdown))
        return 1;
    /* md4c 0.4.8 can name bytes behind the end for a reference cut short there. */
    if (text >= markdown->source && text <= markdown->end && size > (MD_SIZE)(markdown->end - text))
        size = (MD_SIZE)(markdown->end - text);
    switch (type) {
    case MD_TEXT_NULLCHAR: append_codepoint(out, 0); break;
    case MD_TEXT_BR: buffer_append_text(out, markdown->in_image ? " " : "<br>\n"); break;
    case MD_TEXT_SOFTBR: buffer_append_char(out, markdown->in_image ? ' ' : '\n'); break;
    case MD_TEXT_ENTITY: buffer_append(out, text, size); break; /* "&", letters or digits, ";" */
    default: buffer_append_escaped(out, text, size);
    }
    return check_limits(markdown);
}

int content_markdown(struct arena *arena, const char *text, size_t length, struct value **ret_html,
                     struct portico_error *error)
{
    static const MD_PARSER parser = {
        .flags =
            MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_PERMISSIVEAUTOLINKS | MD_FLAG_NOHTML,
        .enter_block = enter_block,
        .leave_block = leave_block,
        .enter_span = enter_span,
        .leave_span = leave_span,
        .text = write_text,
    };
    if (length > CONTENT_BYTES_MAX)
        return error_set(error, PORTICO_ELIMIT,
                         "The text is longer than 1 MiB. Shorten it or split it in two.");
    char *padded = malloc(length + PADDING);
    if (!padded)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while a text was read.");
    if (length)
        memcpy(padded, text, length);
    memset(padded + length, 0, PADDING);
    struct markdown markdown = { .most = OUTPUT_LEAST + length * OUTPUT_FACTOR,
                                 .source = padded,
                                 .end = padded + length };
    int code = md_parse(padded, (MD_SIZE)length, &parser, &markdown);
    free(padded);
    struct value *value = NULL;
    if (markdown.out.failed || (code != 0 && !markdown.refused))
        code = error_set(error, PORTICO_ENOMEM, "Memory ended while a text was read.");
    else if (markdown.refused)
        code = error_set(error, PORTICO_ELIMIT, "The text %s. Shorten it or split it in two.",
                         markdown.refused);
    else if (!(value = value_html(arena, markdown.out.length ? markdown.out.data : "",
                                  markdown.out.length)))
        code = error_set(error, PORTICO_ENOMEM, "Memory ended while a text was read.");
    else
        *ret_html = value;
    buffer_free(&markdown.out);
    buffer_free(&markdown.image_url);
    return code;
}
