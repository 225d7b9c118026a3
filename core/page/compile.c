#include "page/helper.h"
#include "page/scan.h"

#include <stdio.h>
#include <stdlib.h>

struct compile {
    struct template_names *names;
    struct arena *arena;
    struct template *template;
    struct text source;
    struct template_report *report;
    GArray *tags;
    struct template_node **last_link;
    bool starved; /* memory ended */
};

void template_say(struct template_report *report, const char *file, unsigned line,
                  const char *format, ...)
{
    char sentence[1024];
    int used = snprintf(sentence, sizeof sentence, "%s:%u: ", file, line);
    va_list arguments;
    va_start(arguments, format);
    if (used >= 0 && (size_t)used < sizeof sentence)
        vsnprintf(sentence + used, sizeof sentence - (size_t)used, format, arguments);
    va_end(arguments);
    if (report->count++ == TEMPLATE_MISTAKES_MAX)
        snprintf(sentence, sizeof sentence,
                 "%s:%u: More mistakes follow from here on; mend those before it first.", file,
                 line);
    if (report->say && report->count <= TEMPLATE_MISTAKES_MAX + 1)
        report->say(sentence, report->data);
}

static guint text_hash(gconstpointer key)
{
    const struct text *text = key;
    guint hash = 5381;
    for (size_t i = 0; i < text->length; i++)
        hash = hash * 33 + (unsigned char)text->data[i];
    return hash;
}

static gboolean text_same(gconstpointer a, gconstpointer b)
{
    return text_equals(*(const struct text *)a, *(const struct text *)b);
}

void template_names_init(struct template_names *names, struct arena *arena)
{
    *names = (struct template_names){ g_hash_table_new(text_hash, text_same), arena, 0 };
}

void template_names_clear(struct template_names *names)
{
    if (names->numbers)
        g_hash_table_destroy(names->numbers);
    names->numbers = NULL;
}

static struct template_part intern(struct template_names *names, struct text text)
{
    gpointer key, number;
    if (g_hash_table_lookup_extended(names->numbers, &text, &key, &number))
        return (struct template_part){ *(struct text *)key, GPOINTER_TO_UINT(number) };
    struct text *kept = arena_alloc(names->arena, sizeof *kept);
    char *copy = kept ? arena_strndup(names->arena, text.data, text.length) : NULL;
    if (!copy)
        return (struct template_part){ text, 0 };
    *kept = (struct text){ copy, text.length };
    g_hash_table_insert(names->numbers, kept, GUINT_TO_POINTER(names->count));
    return (struct template_part){ *kept, names->count++ };
}

static struct template_name *name_of(struct compile *compile, struct text text)
{
    uint32_t count = text.length == 1 && *text.data == '.' ? 0 : 1;
    for (size_t i = 0; count && i < text.length; i++)
        count += text.data[i] == '.';
    struct template_name *name =
        arena_alloc(compile->arena, sizeof *name + count * sizeof *name->parts);
    if (!name) {
        compile->starved = true;
        return NULL;
    }
    name->count = count;
    const char *at = text.data, *end = text.data + text.length;
    for (uint32_t i = 0; i < count; i++) {
        const char *dot = memchr(at, '.', (size_t)(end - at));
        const char *stop = dot ? dot : end;
        name->parts[i] = intern(compile->names, (struct text){ at, (size_t)(stop - at) });
        at = stop + 1;
    }
    return name;
}

static struct template_node *node_new(struct compile *compile, unsigned type, uint32_t line)
{
    struct template_node *node = arena_zalloc(compile->arena, sizeof *node);
    if (!node) {
        compile->starved = true;
        return NULL;
    }
    node->type = (uint8_t)type;
    node->line = line;
    node->home = compile->template;
    return node;
}

static bool at_line_start(struct text source, size_t at)
{
    return at == 0 || source.data[at - 1] == '\n';
}

static size_t blanks_at(struct text source, size_t at)
{
    size_t count = 0;
    while (at + count < source.length &&
           (source.data[at + count] == ' ' || source.data[at + count] == '\t'))
        count++;
    return count;
}

/* Bytes [from, to) with at most `dedent` blanks less at the start of each line. */
static struct text dedented(struct compile *compile, size_t from, size_t to, size_t dedent)
{
    struct text source = compile->source;
    struct text text = { source.data + from, to - from };
    char *copy = dedent ? arena_alloc(compile->arena, text.length + 1) : NULL;
    if (!copy)
        return text;
    size_t length = 0;
    for (size_t at = from; at < to;) {
        if (at_line_start(source, at)) {
            size_t blanks = blanks_at(source, at);
            blanks = blanks < dedent ? blanks : dedent;
            at += blanks < to - at ? blanks : to - at;
        }
        while (at < to) {
            copy[length++] = source.data[at];
            if (source.data[at++] == '\n')
                break;
        }
    }
    return (struct text){ copy, length };
}

static struct template_node **add_text(struct compile *compile, struct template_node **tail,
                                       size_t from, size_t to, size_t dedent, uint32_t line)
{
    if (from >= to)
        return tail;
    struct text text = dedented(compile, from, to, dedent);
    struct template_node *node = text.length ? node_new(compile, NODE_TEXT, line) : NULL;
    if (!node)
        return tail;
    node->text = text;
    node->starts_line = at_line_start(compile->source, from);
    *tail = node;
    return &node->next;
}

/* Indentation before `at`, as far as it is blank, less what the block around it lost. */
static struct text indent_at(struct compile *compile, size_t from, size_t dedent)
{
    size_t blanks = blanks_at(compile->source, from);
    if (!at_line_start(compile->source, from))
        return (struct text){ "", 0 };
    size_t less = blanks < dedent ? blanks : dedent;
    return (struct text){ compile->source.data + from + less, blanks - less };
}

static bool is_word_byte(char c)
{
    return c != ' ' && c != '\t' && c != '\n' && c != '\r' && c != '=' && c != '"';
}

/* One argument from *at: "text", name, or key= before either. False after a mistake. */
static bool read_argument(struct compile *compile, const struct scan_tag *tag, const char **at,
                          struct template_argument *argument)
{
    const char *end = tag->content.data + tag->content.length;
    const char *word = *at;
    while (*at < end && is_word_byte(**at))
        ++*at;
    if (*at < end && **at == '=' && *at > word) {
        argument->key = (struct text){ word, (size_t)(*at - word) };
        word = ++*at;
        while (*at < end && is_word_byte(**at))
            ++*at;
    }
    if (*at > word) {
        argument->name = name_of(compile, (struct text){ word, (size_t)(*at - word) });
        return true;
    }
    if (*at >= end || **at != '"')
        return false;
    char *copy = arena_alloc(compile->arena, (size_t)(end - *at));
    size_t length = 0;
    for (++*at; copy && *at < end && **at != '"'; ++*at) {
        if (**at == '\\' && *at + 1 < end && ((*at)[1] == '"' || (*at)[1] == '\\'))
            ++*at;
        copy[length++] = **at;
    }
    if (!copy || *at >= end)
        return false;
    ++*at;
    argument->literal = (struct text){ copy, length };
    return *at >= end || g_ascii_isspace(**at);
}

static void refuse_helper(struct compile *compile, const struct scan_tag *tag,
                          const struct template_helper *helper)
{
    template_say(compile->report, compile->template->file, tag->line,
                 "The helper \"%s\" is not written right. Expected %s.", helper->name,
                 helper->usage);
}

static bool arguments_fit(const struct template_helper *helper,
                          const struct template_argument *first)
{
    unsigned positional = 0, all = 0;
    for (const struct template_argument *a = first; a; a = a->next, all++) {
        bool named = a->key.length > 0;
        if (named && !helper->named)
            return false;
        if (!named && positional == 0 && helper->literal && a->name)
            return false;
        if (!named && strcmp(helper->name, "plural") == 0 && (positional > 0) == (a->name != NULL))
            return false;
        positional += !named;
    }
    return positional >= helper->least && positional <= helper->most && all <= HELPER_ARGUMENTS_MAX;
}

static struct template_node *helper_node(struct compile *compile, const struct scan_tag *tag)
{
    const char *at = tag->content.data, *end = at + tag->content.length;
    while (at < end && !g_ascii_isspace(*at))
        at++;
    struct text word = { tag->content.data, (size_t)(at - tag->content.data) };
    const struct template_helper *helper = helper_find(word);
    if (!helper) {
        template_say(compile->report, compile->template->file, tag->line,
                     "There is no helper \"%.*s\". Expected one of %s, or a name without blanks.",
                     (int)word.length, word.data, helper_list());
        return NULL;
    }
    struct template_node *node = node_new(compile, NODE_HELPER, tag->line);
    if (!node)
        return NULL;
    node->helper = helper;
    struct template_argument **tail = &node->arguments;
    for (;;) {
        while (at < end && g_ascii_isspace(*at))
            at++;
        if (at >= end)
            break;
        struct template_argument *argument = arena_zalloc(compile->arena, sizeof *argument);
        if (!argument || !read_argument(compile, tag, &at, argument)) {
            refuse_helper(compile, tag, helper);
            return NULL;
        }
        *tail = argument;
        tail = &argument->next;
    }
    if (!arguments_fit(helper, node->arguments)) {
        refuse_helper(compile, tag, helper);
        return NULL;
    }
    return node;
}

static struct template_node *build(struct compile *compile, guint *tag, guint end, size_t from,
                                   size_t to, size_t dedent);

/* PARTIAL and PARENT are linked when all templates are known. */
static void remember_link(struct compile *compile, struct template_node *node,
                          const struct scan_tag *tag, size_t dedent)
{
    node->text = tag->content;
    if (tag->alone)
        node->indent = indent_at(compile, tag->from, dedent);
    *compile->last_link = node;
    compile->last_link = &node->next_link;
}

static void block_indent(struct compile *compile, struct template_node *node,
                         const struct scan_tag *tag, size_t dedent)
{
    node->alone = tag->alone;
    if (tag->alone) {
        node->indent = indent_at(compile, tag->to, dedent);
        return;
    }
    size_t from = tag->start;
    while (from > 0 &&
           (compile->source.data[from - 1] == ' ' || compile->source.data[from - 1] == '\t'))
        from--;
    struct text indent = indent_at(compile, from, dedent);
    if (from + blanks_at(compile->source, from) == tag->start)
        node->indent = indent;
}

static struct template_node *node_of(struct compile *compile, guint *index, size_t dedent)
{
    static const uint8_t types[] = {
        [SCAN_VALUE] = NODE_VALUE,     [SCAN_RAW] = NODE_VALUE,
        [SCAN_SECTION] = NODE_SECTION, [SCAN_INVERTED] = NODE_INVERTED,
        [SCAN_PARTIAL] = NODE_PARTIAL, [SCAN_PARENT] = NODE_PARENT,
        [SCAN_BLOCK] = NODE_BLOCK,
    };
    struct scan_tag *tag = &g_array_index(compile->tags, struct scan_tag, *index);
    struct scan_tag *end = &g_array_index(compile->tags, struct scan_tag, tag->match);
    if (tag->kind == SCAN_COMMENT || tag->kind == SCAN_DELIMITERS)
        return NULL;
    if (tag->kind == SCAN_HELPER)
        return helper_node(compile, tag);
    struct template_node *node = node_new(compile, types[tag->kind], tag->line);
    if (!node)
        return NULL;
    if (tag->kind == SCAN_PARTIAL || tag->kind == SCAN_PARENT)
        remember_link(compile, node, tag, dedent);
    else if (tag->kind == SCAN_BLOCK)
        node->text = tag->content;
    else
        node->name = name_of(compile, tag->content);
    enum template_mode mode = compile->template->mode;
    bool raw = mode == TEMPLATE_TEXT || (mode == TEMPLATE_SPEC && tag->kind == SCAN_RAW);
    node->place = raw ? PLACE_RAW : PLACE_ESCAPED;
    if (node->type == NODE_VALUE || node->type == NODE_PARTIAL)
        return node;
    if (tag->kind == SCAN_BLOCK)
        block_indent(compile, node, tag, dedent);
    if (tag->overrides && tag->alone) {
        dedent = blanks_at(compile->source, tag->to);
        node->indent = (struct text){ "", 0 };
    }
    size_t from = tag->to, to = end->from;
    guint inner = *index + 1;
    guint last = tag->match;
    node->children = build(compile, &inner, last, from, to, dedent);
    *index = last;
    return node;
}

/* Nodes of the source between `from` and `to`, which hold the tags from *tag up to `end`. */
static struct template_node *build(struct compile *compile, guint *tag, guint end, size_t from,
                                   size_t to, size_t dedent)
{
    struct template_node *first = NULL, **tail = &first;
    uint32_t line = 1;
    for (; *tag < end; ++*tag) {
        struct scan_tag *open = &g_array_index(compile->tags, struct scan_tag, *tag);
        size_t start = open->start;
        bool starts_line = at_line_start(compile->source, start) && !open->alone;
        line = open->line;
        tail = add_text(compile, tail, from, open->from, dedent, line);
        struct template_node *node = node_of(compile, tag, dedent);
        from = g_array_index(compile->tags, struct scan_tag, *tag).to;
        if (!node)
            continue;
        node->starts_line = starts_line;
        *tail = node;
        tail = &node->next;
    }
    add_text(compile, tail, from, to, dedent, line);
    return first;
}

/* Only blocks count inside a parent. */
static void keep_blocks(struct template_node *nodes)
{
    for (struct template_node *node = nodes; node; node = node->next) {
        keep_blocks(node->children);
        if (node->type != NODE_PARENT)
            continue;
        struct template_node **at = &node->children;
        while (*at)
            if ((*at)->type == NODE_BLOCK)
                at = &(*at)->next;
            else
                *at = (*at)->next;
    }
}

static void place_helpers(struct template_node *nodes, unsigned place)
{
    for (struct template_node *node = nodes; node; node = node->next) {
        if (node->type == NODE_HELPER)
            node->place = (uint8_t)place;
        place_helpers(node->children, place);
    }
}

struct template *template_compile(struct template_names *names, struct arena *arena,
                                  const struct template_source *source,
                                  struct template_report *report)
{
    if (source->text.length > TEMPLATE_BYTES_MAX ||
        !text_is_utf8(source->text.data, source->text.length)) {
        template_say(report, source->file, 1,
                     "The template is not UTF-8 text of at most 1 MiB. Save it as UTF-8.");
        return NULL;
    }
    struct template *template = arena_zalloc(arena, sizeof *template);
    char *copy = arena_strndup(arena, source->text.data, source->text.length);
    if (!template || !copy)
        return NULL;
    *template = (struct template){ .file = arena_strdup(arena, source->file),
                                   .module = arena_strdup(arena, source->module),
                                   .name = arena_strdup(arena, source->name),
                                   .mode = source->mode };
    struct compile compile = { .names = names,
                               .arena = arena,
                               .template = template,
                               .source = { copy, source->text.length },
                               .report = report,
                               .last_link = &template->links };
    bool whole = false;
    compile.tags = scan_tags(template->file, compile.source, report, &whole);
    /* Helpers can be read even where sections cannot. */
    for (guint i = 0; !whole && i < compile.tags->len; i++) {
        const struct scan_tag *tag = &g_array_index(compile.tags, struct scan_tag, i);
        if (tag->kind == SCAN_HELPER)
            helper_node(&compile, tag);
    }
    if (!whole) {
        g_array_free(compile.tags, TRUE);
        return NULL;
    }
    guint first = 0;
    template->nodes = build(&compile, &first, compile.tags->len, 0, compile.source.length, 0);
    g_array_free(compile.tags, TRUE);
    keep_blocks(template->nodes);
    if (source->mode == TEMPLATE_TEXT)
        place_helpers(template->nodes, PLACE_RAW);
    else if (source->mode == TEMPLATE_SPEC)
        place_helpers(template->nodes, PLACE_ESCAPED);
    return compile.starved ? NULL : template;
}

void template_link(struct template *template, template_resolve *resolve, void *data,
                   struct template_report *report)
{
    for (struct template_node *node = template->links; node; node = node->next_link) {
        node->target = resolve(template, node->text, data);
        if (!node->target && template->mode != TEMPLATE_SPEC)
            template_say(
                report, template->file, node->line,
                "There is no template \"%.*s\". Expected a file of this module's templates "
                "directory, or portico/NAME for one of the portal's own.",
                (int)node->text.length, node->text.data);
    }
}
