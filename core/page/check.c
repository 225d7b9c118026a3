/* Template tags may stand where a value can be escaped safely: text, quoted attributes, URL
 * attributes. */
#include "page/helper.h"
#include "page/markup.h"

#include <stdio.h>

/* A block that children may override, and the place its content stands in. */
struct template_block {
    struct text name;
    struct markup markup;
    struct template_block *next;
};

struct check {
    struct arena *arena;
    struct template *template;
    struct template_report *report;
    struct markup markup;
    struct template_node
        *value_node;  /* the text node in which the current attribute's value began */
    size_t value_at;  /* and where in it */
    bool value_begun; /* NODE_URL_BEGIN stands before it */
    struct template_node *reading;
    size_t cut; /* bytes of `reading` that were cut off in front */
};

static void say(struct check *check, const struct template_node *node, const char *tag,
                const char *what)
{
    template_say(check->report, check->template->file, node->line, "%s %s", tag, what);
}

static bool is_url_attribute(const char *name)
{
    static const char *const names[] = {
        "href",   "src",        "action", "formaction", "cite",      "poster",
        "data",   "background", "ping",   "longdesc",   "manifest",  "xlink:href",
        "hx-get", "hx-post",    "hx-put", "hx-patch",   "hx-delete",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/* Why no value may stand in this attribute, or NULL. */
static const char *refused_attribute(const struct markup *markup)
{
    static const struct {
        const char *name, *why;
    } refused[] = {
        { "style", "is written into a style attribute. Use a class of the stylesheet." },
        { "srcdoc", "is written into srcdoc, a page inside the page. Give the frame a src." },
        { "srcset",
          "is written into srcset, a list of URLs. Use src, or one source element a URL." },
        { "imagesrcset", "is written into imagesrcset, a list of URLs. Use href." },
        { "hx-vals", "is written into hx-vals, which may hold script. Use hidden fields." },
        { "hx-headers", "is written into hx-headers, which may hold script. Use hidden fields." },
        { "hx-vars", "is written into hx-vars, which is script. Use hidden fields." },
    };
    const char *name = markup->attribute;
    if (strncmp(name, "on", 2) == 0 || strncmp(name, "hx-on", 5) == 0)
        return "is written into an event handler. Use a data- attribute and a script module.";
    for (size_t i = 0; i < G_N_ELEMENTS(refused); i++)
        if (strcmp(name, refused[i].name) == 0)
            return refused[i].why;
    if (strcmp(markup->element, "meta") == 0 && markup->refreshes)
        return "is written into a meta element with http-equiv. Answer with a redirect.";
    return NULL;
}

/* Elements that load code: only the portal's own assets. */
static bool loads_code(const struct markup *markup)
{
    static const char *const elements[] = { "script", "embed", "object", "base", "applet" };
    for (size_t i = 0; i < G_N_ELEMENTS(elements); i++)
        if (strcmp(markup->element, elements[i]) == 0)
            return true;
    return false;
}

static const char *refused_place(const struct check *check)
{
    switch (check->markup.at) {
    case MARKUP_TAG_OPEN:
    case MARKUP_TAG_NAME:
        return "stands where an element's name is. Expected text or a quoted attribute.";
    case MARKUP_TAG:
        return "stands inside a tag. Expected a quoted attribute value: name=\"{{value}}\".";
    case MARKUP_BEFORE_VALUE:
    case MARKUP_UNQUOTED:
        return "is an attribute value without quotes. Expected quotes: name=\"{{value}}\".";
    case MARKUP_COMMENT:
        return "stands in a comment. Expected text; {{! }} is a comment of templates.";
    case MARKUP_DECLARATION: return "stands in a declaration. Expected text or a quoted attribute.";
    case MARKUP_CDATA:
        return "stands in a CDATA section. Expected text, which is escaped by itself.";
    case MARKUP_SCRIPT:
        return "stands in a script or style element. Expected a data- attribute, or {{json value}} "
               "in "
               "<script type=\"application/ld+json\">.";
    case MARKUP_JSON: return "stands in JSON. Expected the helper {{json value}}.";
    default: return NULL;
    }
}

/* Puts a node of `type` into the text node at byte `at`; its rest becomes a node behind. */
static struct template_node *split(struct check *check, struct template_node *node, size_t at,
                                   unsigned type)
{
    struct template_node *mark = arena_zalloc(check->arena, sizeof *mark);
    struct template_node *rest = arena_zalloc(check->arena, sizeof *rest);
    if (!mark || !rest)
        return node;
    *rest = *node;
    rest->text = (struct text){ node->text.data + at, node->text.length - at };
    rest->starts_line = false;
    node->text.length = at;
    *mark = (struct template_node){
        .type = (uint8_t)type, .line = node->line, .home = node->home, .next = rest
    };
    node->next = mark;
    return rest;
}

static void begin_url(struct check *check)
{
    if (check->value_begun || !check->value_node)
        return;
    split(check, check->value_node, check->value_at, NODE_URL_BEGIN);
    check->value_begun = true;
}

static void value_edge(size_t at, bool begins, void *data)
{
    struct check *check = data;
    if (begins) {
        check->value_node = check->reading;
        check->value_at = at - check->cut;
        check->value_begun = false;
        return;
    }
    if (check->value_begun) {
        check->reading = split(check, check->reading, at - check->cut, NODE_URL_END);
        check->cut = at;
    }
    check->value_node = NULL;
    check->value_begun = false;
}

/* Returns the last node the text became. */
static struct template_node *check_text(struct check *check, struct template_node *node)
{
    const char *wrong = NULL;
    struct text text = node->text;
    check->reading = node;
    check->cut = 0;
    size_t read = markup_read(&check->markup, text, &wrong, value_edge, check);
    if (wrong) {
        unsigned line = node->line;
        template_say(check->report, check->template->file, line, "%s (\"%.*s\").", wrong,
                     (int)(text.length - read < 20 ? text.length - read : 20), text.data + read);
        check->markup = (struct markup){ .xml = check->markup.xml };
    }
    return check->reading;
}

/* The place of a value in the current state; false if it was refused. */
static bool place_of(struct check *check, struct template_node *node, const char *tag)
{
    const char *why = refused_place(check);
    if (why) {
        say(check, node, tag, why);
        return false;
    }
    node->place =
        check->markup.at == MARKUP_TEXT && !check->markup.xml ? PLACE_TEXT : PLACE_ESCAPED;
    if (check->markup.at != MARKUP_VALUE || check->markup.xml)
        return true;
    why = refused_attribute(&check->markup);
    if (why) {
        say(check, node, tag, why);
        return false;
    }
    if (!is_url_attribute(check->markup.attribute))
        return true;
    bool asset = node->type == NODE_HELPER && strcmp(node->helper->name, "asset") == 0;
    if (loads_code(&check->markup) && !asset) {
        say(check, node, tag,
            "is the URL of an element that loads code. Expected {{asset \"NAME\"}}.");
        return false;
    }
    node->place = PLACE_URL;
    begin_url(check);
    return true;
}

static void check_helper(struct check *check, struct template_node *node, const char *tag)
{
    if (strcmp(node->helper->name, "json") == 0) {
        node->place = PLACE_JSON;
        if (check->markup.at != MARKUP_JSON)
            say(check, node, tag,
                "stands outside JSON. Expected it inside <script type=\"application/ld+json\">.");
        return;
    }
    if (place_of(check, node, tag) && node->helper->markup && node->place != PLACE_TEXT)
        say(check, node, tag,
            "makes an element. Expected it in text, not in an attribute or title.");
}

static void check_nodes(struct check *check, struct template_node *nodes);

/* Sections may stand in text, in values, and between the attributes of a tag. */
static void check_section(struct check *check, struct template_node *node, const char *tag)
{
    switch (check->markup.at) {
    case MARKUP_TEXT:
    case MARKUP_TITLE:
    case MARKUP_TAG:
    case MARKUP_VALUE: break;
    default: say(check, node, tag, refused_place(check)); return;
    }
    if (check->markup.at == MARKUP_VALUE && is_url_attribute(check->markup.attribute))
        begin_url(check);
    struct markup before = check->markup;
    bool begun = check->value_begun;
    check_nodes(check, node->children);
    markup_settle(&check->markup);
    if (!markup_same(&before, &check->markup)) {
        say(check, node, tag,
            "begins and ends in different places of the markup. Expected whole elements, "
            "attributes or "
            "values inside a section or block.");
        check->markup = before;
    }
    check->markup.pieced |= before.pieced;
    check->markup.json = before.json;
    check->markup.refreshes |= before.refreshes;
    check->value_begun = begun;
}

static void note_block(struct check *check, const struct template_node *node)
{
    for (struct template_block *b = check->template->blocks; b; b = b->next)
        if (text_equals(b->name, node->text)) {
            if (!markup_same(&b->markup, &check->markup))
                template_say(
                    check->report, check->template->file, node->line,
                    "The block \"%.*s\" stands in two different places of the markup. Give "
                    "each its own name.",
                    (int)node->text.length, node->text.data);
            return;
        }
    struct template_block *block = arena_zalloc(check->arena, sizeof *block);
    if (!block)
        return;
    block->name = node->text;
    block->markup = check->markup;
    block->next = check->template->blocks;
    check->template->blocks = block;
}

static void check_parent(struct check *check, struct template_node *node, const char *tag)
{
    struct template *parent = node->target;
    struct markup here = check->markup;
    if (!parent)
        return;
    if (parent->state == TEMPLATE_CHECKING) {
        say(check, node, tag,
            "inherits from a template that inherits from this one. Break the circle.");
        return;
    }
    template_check(check->arena, parent, check->report);
    /* Its own mistakes were said; which blocks it has is not known. */
    if (parent->state == TEMPLATE_REFUSED)
        return;
    for (struct template_block *b = parent->blocks; b; b = b->next) {
        struct template_node block = { .text = b->name };
        check->markup = b->markup;
        note_block(check, &block);
    }
    for (struct template_node *override = node->children; override; override = override->next) {
        struct template_block *block = parent->blocks;
        while (block && !text_equals(block->name, override->text))
            block = block->next;
        if (!block) {
            template_say(check->report, check->template->file, override->line,
                         "The template \"%.*s\" has no block \"%.*s\".", (int)node->text.length,
                         node->text.data, (int) override->text.length, override->text.data);
            continue;
        }
        check->markup = block->markup;
        check_section(check, override, "This block");
    }
    check->markup = here;
}

static void check_partial(struct check *check, struct template_node *node, const char *tag)
{
    if (check->markup.at != MARKUP_TEXT)
        say(check, node, tag,
            "stands inside a tag or title. Expected it in text, between elements.");
    else if (node->target && node->target->mode != check->template->mode)
        say(check, node, tag,
            "makes another format than this template. Expected one of the same kind.");
    else if (node->type == NODE_PARENT)
        check_parent(check, node, tag);
}

static void tag_of(const struct template_node *node, char *tag, size_t size)
{
    static const char *const sigils[] = {
        [NODE_VALUE] = "",    [NODE_SECTION] = "#", [NODE_INVERTED] = "^",
        [NODE_PARTIAL] = ">", [NODE_PARENT] = "<",  [NODE_BLOCK] = "$"
    };
    int used = 0;
    if (node->type == NODE_HELPER) {
        snprintf(tag, size, "{{%s \xE2\x80\xA6}}", node->helper->name);
        return;
    }
    used = snprintf(tag, size, "{{%s%.*s", sigils[node->type], (int)node->text.length,
                    node->text.data);
    for (uint32_t i = 0; node->name && i < node->name->count && used >= 0 && (size_t)used < size;
         i++)
        used += snprintf(tag + used, size - (size_t)used, "%s%.*s", i ? "." : "",
                         (int)node->name->parts[i].text.length, node->name->parts[i].text.data);
    if (node->name && node->name->count == 0 && used >= 0 && (size_t)used < size)
        used += snprintf(tag + used, size - (size_t)used, ".");
    if (used >= 0 && (size_t)used < size)
        snprintf(tag + used, size - (size_t)used, "}}");
}

static void check_nodes(struct check *check, struct template_node *nodes)
{
    char tag[96];
    for (struct template_node *node = nodes; node; node = node->next) {
        if (node->type == NODE_TEXT) {
            node = check_text(check, node);
            continue;
        }
        if (node->type == NODE_URL_BEGIN || node->type == NODE_URL_END)
            continue;
        markup_settle(&check->markup);
        tag_of(node, tag, sizeof tag);
        switch (node->type) {
        case NODE_VALUE: place_of(check, node, tag); break;
        case NODE_HELPER: check_helper(check, node, tag); break;
        case NODE_PARTIAL:
        case NODE_PARENT: check_partial(check, node, tag); break;
        case NODE_BLOCK:
            note_block(check, node);
            check_section(check, node, tag);
            break;
        default: check_section(check, node, tag);
        }
    }
}

void template_check(struct arena *arena, struct template *template, struct template_report *report)
{
    if (template->state != TEMPLATE_UNCHECKED)
        return;
    if (template->mode == TEMPLATE_SPEC || template->mode == TEMPLATE_TEXT) {
        template->state = TEMPLATE_CHECKED;
        return;
    }
    struct check check = { .arena = arena, .template = template, .report = report };
    unsigned before = report->count;
    check.markup.xml = template->mode == TEMPLATE_XML;
    template->state = TEMPLATE_CHECKING;
    check_nodes(&check, template->nodes);
    if (check.markup.at != MARKUP_TEXT && report->count == before)
        template_say(
            report, template->file, 1,
            "The template ends inside a tag, comment or script. Expected it to end in text.");
    template->state = report->count == before ? TEMPLATE_CHECKED : TEMPLATE_REFUSED;
}
