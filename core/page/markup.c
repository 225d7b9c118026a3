#include "page/markup.h"

#include <stddef.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static void add(char *name, size_t size, char c)
{
    size_t length = strlen(name);
    if (length + 1 < size) {
        name[length] = lower(c);
        name[length + 1] = '\0';
    }
}

static bool is_one_of(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(name, *names) == 0)
            return true;
    return false;
}

static bool starts(struct text text, size_t at, const char *what)
{
    size_t length = strlen(what);
    return text.length - at >= length && memcmp(text.data + at, what, length) == 0;
}

/* What follows a start tag's ">". */
static uint8_t content_of(const struct markup *markup)
{
    static const char *const scripts[] = { "script",  "style",    "xmp",       "iframe",
                                           "noembed", "noframes", "plaintext", NULL };
    static const char *const titles[] = { "title", "textarea", NULL };
    if (markup->xml || markup->closing)
        return MARKUP_TEXT;
    if (strcmp(markup->element, "script") == 0 && markup->json)
        return MARKUP_JSON;
    if (is_one_of(markup->element, scripts))
        return MARKUP_SCRIPT;
    return is_one_of(markup->element, titles) ? MARKUP_TITLE : MARKUP_TEXT;
}

static void end_tag(struct markup *markup)
{
    markup->at = content_of(markup);
    markup->pieced = false;
}

static void begin_tag(struct markup *markup, bool closing)
{
    markup->at = MARKUP_TAG_NAME;
    markup->closing = closing;
    markup->pieced = markup->refreshes = markup->json = false;
    markup->element[0] = markup->attribute[0] = '\0';
}

/* "<" in text; returns how many bytes belong to what it begins. */
static size_t open_text(struct markup *markup, struct text text, size_t i)
{
    char next = i + 1 < text.length ? text.data[i + 1] : '\0';
    if (starts(text, i, "<!--")) {
        bool empty = !markup->xml && (starts(text, i, "<!-->") || starts(text, i, "<!--->"));
        markup->at = empty ? MARKUP_TEXT : MARKUP_COMMENT;
        return empty ? (starts(text, i, "<!-->") ? 5 : 6) : 4;
    }
    if (starts(text, i, "<![CDATA[")) {
        markup->at = markup->xml ? MARKUP_CDATA : MARKUP_DECLARATION;
        return 9;
    }
    if (next == '!' || next == '?') {
        markup->at = MARKUP_DECLARATION;
        return 2;
    }
    if (next == '/') {
        begin_tag(markup, true);
        return 2;
    }
    if (is_letter(next) || next == '_' || (next == '\0' && i + 1 == text.length)) {
        begin_tag(markup, false);
        if (!next)
            markup->at = MARKUP_TAG_OPEN;
    }
    return 1;
}

/* "</script" and the like end an element whose text is no markup. */
static size_t end_raw(struct markup *markup, struct text text, size_t i)
{
    size_t length = strlen(markup->element);
    if (!starts(text, i, "</") || text.length - i < length + 2)
        return 1;
    for (size_t k = 0; k < length; k++)
        if (lower(text.data[i + 2 + k]) != markup->element[k])
            return 1;
    size_t after = i + 2 + length;
    if (after < text.length && !is_blank(text.data[after]) && text.data[after] != '>' &&
        text.data[after] != '/')
        return 1;
    markup->at = MARKUP_TAG;
    markup->closing = true;
    markup->pieced = false;
    return length + 2;
}

static size_t end_of(struct markup *markup, struct text text, size_t i, const char *what)
{
    if (!starts(text, i, what))
        return 1;
    markup->at = MARKUP_TEXT;
    return strlen(what);
}

static void begin_name(struct markup *markup, char c)
{
    markup->at = MARKUP_NAME;
    markup->attribute[0] = '\0';
    add(markup->attribute, sizeof markup->attribute, c);
}

static void finish_value(struct markup *markup)
{
    if (strcmp(markup->element, "script") == 0 && strcmp(markup->attribute, "type") == 0)
        markup->json = strcmp(markup->value, "application/ld+json") == 0;
    if (strcmp(markup->element, "meta") == 0 && strcmp(markup->attribute, "http-equiv") == 0)
        markup->refreshes = true;
    markup->at = MARKUP_TAG;
}

/* One byte inside a tag, outside values; NULL or what is wrong. */
static const char *read_tag_byte(struct markup *markup, char c)
{
    if (c == '>') {
        end_tag(markup);
        return NULL;
    }
    if (markup->at == MARKUP_TAG_NAME) {
        if (is_blank(c) || c == '/')
            markup->at = MARKUP_TAG;
        else
            add(markup->element, sizeof markup->element, c);
        return NULL;
    }
    if (markup->pieced && !is_blank(c) && c != '/')
        return "A name goes on behind a template tag. Names of elements and attributes are written "
               "whole: put the blank before and the value inside the section";
    markup->pieced = false;
    if (markup->at == MARKUP_NAME || markup->at == MARKUP_AFTER_NAME) {
        if (c == '=')
            markup->at = MARKUP_BEFORE_VALUE;
        else if (is_blank(c))
            markup->at = MARKUP_AFTER_NAME;
        else if (c == '/')
            markup->at = MARKUP_TAG;
        else if (markup->at == MARKUP_AFTER_NAME)
            begin_name(markup, c);
        else
            add(markup->attribute, sizeof markup->attribute, c);
        return NULL;
    }
    if (c == '=')
        return "\"=\" without an attribute's name before it";
    if (!is_blank(c) && c != '/')
        begin_name(markup, c);
    return NULL;
}

static void begin_value(struct markup *markup, char c)
{
    if (is_blank(c))
        return;
    markup->value[0] = '\0';
    if (c == '>') {
        end_tag(markup);
    } else if (c == '"' || c == '\'') {
        markup->at = MARKUP_VALUE;
        markup->quote = c;
    } else {
        markup->at = MARKUP_UNQUOTED;
        add(markup->value, sizeof markup->value, c);
    }
}

static void read_unquoted(struct markup *markup, char c)
{
    if (!is_blank(c) && c != '>') {
        add(markup->value, sizeof markup->value, c);
        return;
    }
    finish_value(markup);
    if (c == '>')
        end_tag(markup);
}

size_t markup_read(struct markup *markup, struct text text, const char **ret_wrong,
                   void (*each)(size_t at, bool begins, void *data), void *data)
{
    for (size_t i = 0; i < text.length;) {
        char c = text.data[i];
        size_t step = 1;
        const char *wrong = NULL;
        switch (markup->at) {
        case MARKUP_TEXT:
            if (c == '<')
                step = open_text(markup, text, i);
            break;
        case MARKUP_TAG_OPEN:
        case MARKUP_TAG_NAME:
        case MARKUP_TAG:
        case MARKUP_NAME:
        case MARKUP_AFTER_NAME: wrong = read_tag_byte(markup, c); break;
        case MARKUP_BEFORE_VALUE:
            begin_value(markup, c);
            if (markup->at == MARKUP_VALUE)
                each(i + 1, true, data);
            break;
        case MARKUP_VALUE:
            if (c == markup->quote) {
                each(i, false, data);
                finish_value(markup);
            } else {
                add(markup->value, sizeof markup->value, c);
            }
            break;
        case MARKUP_UNQUOTED: read_unquoted(markup, c); break;
        case MARKUP_COMMENT: step = end_of(markup, text, i, "-->"); break;
        case MARKUP_CDATA: step = end_of(markup, text, i, "]]>"); break;
        case MARKUP_DECLARATION: step = end_of(markup, text, i, ">"); break;
        default:
            if (c == '<')
                step = end_raw(markup, text, i);
        }
        if (wrong) {
            *ret_wrong = wrong;
            return i;
        }
        i += step;
    }
    return text.length;
}

void markup_settle(struct markup *markup)
{
    if (markup->at != MARKUP_TAG_NAME && markup->at != MARKUP_NAME &&
        markup->at != MARKUP_AFTER_NAME)
        return;
    if (markup->at == MARKUP_TAG_NAME && !markup->element[0])
        return; /* "</" and a template tag */
    markup->pieced = true;
    markup->at = MARKUP_TAG;
}

bool markup_same(const struct markup *a, const struct markup *b)
{
    if (a->at != b->at)
        return false;
    switch (a->at) {
    case MARKUP_TEXT: return true;
    case MARKUP_VALUE:
        return a->quote == b->quote && strcmp(a->attribute, b->attribute) == 0 &&
               strcmp(a->element, b->element) == 0;
    default: return strcmp(a->element, b->element) == 0 && a->closing == b->closing;
    }
}
