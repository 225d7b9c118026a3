/* Elements of an answer's HTML, found by simple selectors. */
#include "harness/bench.h"

#include <gumbo.h>
#include <strings.h>

#define STEPS_MAX 8

/* "a.b#c[d=e]": what one element must have. Slices of the selector. */
struct step {
    struct text text;
};

static bool has_word(const char *words, struct text word)
{
    for (const char *at = words; *at;) {
        size_t length = strcspn(at, " \t\r\n");
        if (text_equals((struct text){ at, length }, word))
            return true;
        at += length + strspn(at + length, " \t\r\n");
        if (length == 0 && !*at)
            break;
    }
    return false;
}

static const char *attribute_of(const GumboNode *node, struct text name)
{
    const GumboVector *all = &node->v.element.attributes;
    for (unsigned i = 0; i < all->length; i++) {
        const GumboAttribute *attribute = all->data[i];
        if (text_equals_ignoring_case(text_of(attribute->name), name))
            return attribute->value;
    }
    return NULL;
}

static struct text name_of(const GumboNode *node)
{
    if (node->v.element.tag != GUMBO_TAG_UNKNOWN)
        return text_of(gumbo_normalized_tagname(node->v.element.tag));
    GumboStringPiece piece = node->v.element.original_tag;
    gumbo_tag_from_original_text(&piece);
    return (struct text){ piece.data, piece.length };
}

/* The value of [name=value] may stand in quotes. */
static bool matches_attribute(const GumboNode *node, struct text inside)
{
    const char *equals = memchr(inside.data, '=', inside.length);
    struct text name = { inside.data, equals ? (size_t)(equals - inside.data) : inside.length };
    const char *value = attribute_of(node, name);
    if (!equals || !value)
        return value != NULL;
    struct text wanted = { equals + 1, inside.length - name.length - 1 };
    if (wanted.length >= 2 && (*wanted.data == '"' || *wanted.data == '\''))
        wanted = (struct text){ wanted.data + 1, wanted.length - 2 };
    return text_equals(text_of(value), wanted);
}

static bool matches(const GumboNode *node, struct text step)
{
    if (node->type != GUMBO_NODE_ELEMENT)
        return false;
    for (size_t at = 0; at < step.length;) {
        char kind = step.data[at];
        size_t begin = at + (kind == '.' || kind == '#' || kind == '[');
        size_t end = begin;
        while (end < step.length &&
               (kind == '[' ? step.data[end] != ']' : !strchr(".#[", step.data[end])))
            end++;
        struct text part = { step.data + begin, end - begin };
        const char *value;
        if (kind == '.') {
            value = attribute_of(node, TEXT("class"));
            if (!value || !has_word(value, part))
                return false;
        } else if (kind == '#') {
            value = attribute_of(node, TEXT("id"));
            if (!value || !text_equals(text_of(value), part))
                return false;
        } else if (kind == '[') {
            if (!matches_attribute(node, part))
                return false;
        } else if (!text_equals(part, TEXT("*")) &&
                   !text_equals_ignoring_case(name_of(node), part)) {
            return false;
        }
        at = end + (kind == '[' && end < step.length);
    }
    return step.length > 0;
}

/* Blanks part steps; none inside brackets does. */
static size_t split(const char *selector, struct text steps[STEPS_MAX])
{
    size_t count = 0;
    for (const char *at = selector; *at && count < STEPS_MAX;) {
        at += strspn(at, " ");
        const char *end = at;
        for (bool inside = false; *end && (inside || *end != ' '); end++)
            inside = *end == '[' || (inside && *end != ']');
        if (end > at)
            steps[count++] = (struct text){ at, (size_t)(end - at) };
        at = end;
    }
    return count;
}

/* The last step is the node's own; those before it are found among its ancestors, nearest first. */
static bool stands_in(const GumboNode *node, const struct text *steps, size_t count)
{
    if (count == 0 || !matches(node, steps[count - 1]))
        return false;
    size_t left = count - 1;
    for (const GumboNode *up = node->parent; left > 0 && up; up = up->parent)
        left -= matches(up, steps[left - 1]);
    return left == 0;
}

struct search {
    const struct text *steps;
    size_t count, wanted, found;
    const GumboNode *node;
};

static void walk(const GumboNode *node, struct search *search)
{
    if (node->type != GUMBO_NODE_ELEMENT && node->type != GUMBO_NODE_DOCUMENT)
        return;
    if (node->type == GUMBO_NODE_ELEMENT && stands_in(node, search->steps, search->count)) {
        if (search->found++ == search->wanted)
            search->node = node;
    }
    const GumboVector *children =
        node->type == GUMBO_NODE_ELEMENT ? &node->v.element.children : &node->v.document.children;
    for (unsigned i = 0; i < children->length; i++)
        walk(children->data[i], search);
}

static struct search find(struct bench *bench, const char *selector, size_t index)
{
    struct text steps[STEPS_MAX];
    struct search search = { .steps = steps, .count = split(selector, steps), .wanted = index };
    if (!bench->answer.page)
        bench->answer.page = gumbo_parse_with_options(
            &kGumboDefaultOptions, bench->answer.body.data, bench->answer.body.length);
    const GumboOutput *page = bench->answer.page;
    if (page)
        walk(page->document, &search);
    search.steps = NULL;
    return search;
}

void elements_forget(struct bench *bench)
{
    if (bench->answer.page)
        gumbo_destroy_output(&kGumboDefaultOptions, bench->answer.page);
    bench->answer.page = NULL;
}

static void add_text(const GumboNode *node, struct buffer *out)
{
    if (node->type == GUMBO_NODE_TEXT || node->type == GUMBO_NODE_WHITESPACE ||
        node->type == GUMBO_NODE_CDATA)
        buffer_append_text(out, node->v.text.text);
    if (node->type != GUMBO_NODE_ELEMENT)
        return;
    for (unsigned i = 0; i < node->v.element.children.length; i++)
        add_text(node->v.element.children.data[i], out);
}

/* Runs of blanks become one, those at the ends go, as a reader sees it. */
static const char *fold(struct arena *arena, const struct buffer *raw)
{
    char *text = arena_alloc(arena, raw->length + 1);
    size_t length = 0;
    for (size_t i = 0; text && i < raw->length; i++) {
        bool blank = strchr(" \t\r\n", raw->data[i]) != NULL;
        if (!blank)
            text[length++] = raw->data[i];
        else if (length && text[length - 1] != ' ')
            text[length++] = ' ';
    }
    if (!text)
        return NULL;
    length -= length && text[length - 1] == ' ';
    text[length] = '\0';
    return text;
}

size_t elements_count(struct bench *bench, const char *selector)
{
    return find(bench, selector, SIZE_MAX).found;
}

const char *elements_text(struct bench *bench, const char *selector, size_t index)
{
    struct search search = find(bench, selector, index);
    struct buffer raw = { 0 };
    if (!search.node)
        return NULL;
    add_text(search.node, &raw);
    const char *text = fold(bench->arena, &raw);
    buffer_free(&raw);
    return text;
}

const char *elements_attribute(struct bench *bench, const char *selector, size_t index,
                               const char *name)
{
    struct search search = find(bench, selector, index);
    const char *value = search.node ? attribute_of(search.node, text_of(name)) : NULL;
    return value ? arena_strdup(bench->arena, value) : NULL;
}
