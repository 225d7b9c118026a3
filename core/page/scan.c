#include "page/scan.h"

struct scan {
    const char *file;
    struct text source;
    struct template_report *report;
    struct text open, close;
    uint32_t line;
    size_t line_at; /* where `line` was counted up to */
    GArray *tags;
    bool failed;
};

static const char *find(struct text source, size_t at, struct text what)
{
    if (at > source.length)
        return NULL;
    return memmem(source.data + at, source.length - at, what.data, what.length);
}

static uint32_t line_of(struct scan *scan, size_t at)
{
    for (; scan->line_at < at; scan->line_at++)
        if (scan->source.data[scan->line_at] == '\n')
            scan->line++;
    return scan->line;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct text trim(const char *start, const char *end)
{
    while (start < end && is_blank(*start))
        start++;
    while (end > start && is_blank(end[-1]))
        end--;
    return (struct text){ start, (size_t)(end - start) };
}

static bool has_blank(struct text text)
{
    for (size_t i = 0; i < text.length; i++)
        if (is_blank(text.data[i]))
            return true;
    return false;
}

/* {{=<% %>=}}: two marks without blanks or "=". */
static bool set_delimiters(struct scan *scan, struct scan_tag *tag)
{
    struct text marks = tag->content;
    size_t first = 0, second;
    while (first < marks.length && !is_blank(marks.data[first]))
        first++;
    for (second = first; second < marks.length && is_blank(marks.data[second]);)
        second++;
    struct text open = { marks.data, first };
    struct text close = { marks.data + second, marks.length - second };
    bool good = open.length && close.length && !has_blank(close) &&
                !memchr(open.data, '=', open.length) && !memchr(close.data, '=', close.length);
    if (!good) {
        template_say(scan->report, scan->file, tag->line,
                     "The delimiter tag names no two marks. Write it like {{=<%% %%>=}}.");
        return false;
    }
    scan->open = open;
    scan->close = close;
    return true;
}

static const struct {
    char sigil;
    enum scan_kind kind;
} sigils[] = {
    { '&', SCAN_RAW },     { '#', SCAN_SECTION }, { '^', SCAN_INVERTED }, { '/', SCAN_END },
    { '>', SCAN_PARTIAL }, { '<', SCAN_PARENT },  { '$', SCAN_BLOCK },    { '!', SCAN_COMMENT },
};

/* Reads the tag that opens at `start`; false if nothing can be read behind it. */
static bool read_tag(struct scan *scan, size_t start)
{
    struct text source = scan->source;
    struct scan_tag tag = { .kind = SCAN_VALUE, .start = start, .line = line_of(scan, start) };
    size_t inside = start + scan->open.length;
    char sigil = inside < source.length ? source.data[inside] : '\0';
    struct text close = scan->close;
    char guarded[64];
    if ((sigil == '{' || sigil == '=') && close.length < sizeof guarded - 1) {
        guarded[0] = sigil == '{' ? '}' : '=';
        memcpy(guarded + 1, close.data, close.length);
        close = (struct text){ guarded, close.length + 1 };
        tag.kind = sigil == '{' ? SCAN_RAW : SCAN_DELIMITERS;
        inside++;
    } else {
        for (size_t i = 0; i < G_N_ELEMENTS(sigils); i++)
            if (sigils[i].sigil == sigil) {
                tag.kind = sigils[i].kind;
                inside++;
                break;
            }
    }
    const char *end = find(source, inside, close);
    if (!end) {
        template_say(scan->report, scan->file, tag.line,
                     "The tag that begins here never ends. Expected \"%.*s\".", (int)close.length,
                     close.data);
        return false;
    }
    tag.content = trim(source.data + inside, end);
    tag.end = (size_t)(end - source.data) + close.length;
    if (tag.kind == SCAN_DELIMITERS && !set_delimiters(scan, &tag))
        return false;
    if (tag.kind == SCAN_VALUE && has_blank(tag.content))
        tag.kind = SCAN_HELPER;
    /* An end is held against its beginning. */
    bool needs_name =
        tag.kind != SCAN_COMMENT && tag.kind != SCAN_DELIMITERS && tag.kind != SCAN_END;
    if (needs_name &&
        (!tag.content.length || (tag.kind != SCAN_HELPER && has_blank(tag.content)))) {
        template_say(scan->report, scan->file, tag.line,
                     tag.content.length
                         ? "The name \"%.*s\" has a blank inside. Expected one name."
                         : "The tag%.*s has no name. Expected a name such as {{title}}.",
                     (int)tag.content.length, tag.content.data);
        scan->failed = true;
    }
    tag.from = tag.start;
    tag.to = tag.end;
    g_array_append_val(scan->tags, tag);
    return true;
}

/* True if only blanks stand between the start of the line and `at`; then *ret_from is that start.
 */
static bool begins_line(struct text source, size_t at, size_t *ret_from)
{
    size_t from = at;
    while (from > 0 && (source.data[from - 1] == ' ' || source.data[from - 1] == '\t'))
        from--;
    if (from > 0 && source.data[from - 1] != '\n')
        return false;
    *ret_from = from;
    return true;
}

/* True if only blanks stand between `at` and the end of the line; then *ret_to is behind it. */
static bool ends_line(struct text source, size_t at, size_t *ret_to)
{
    while (at < source.length && (source.data[at] == ' ' || source.data[at] == '\t'))
        at++;
    if (at + 1 < source.length && source.data[at] == '\r' && source.data[at + 1] == '\n')
        at++;
    if (at < source.length && source.data[at] != '\n')
        return false;
    *ret_to = at < source.length ? at + 1 : at;
    return true;
}

/* A tag other than a value that has its line to itself takes the line with it. */
static void take_line(struct text source, struct scan_tag *tag)
{
    size_t from, to;
    if (begins_line(source, tag->start, &from) && ends_line(source, tag->end, &to)) {
        tag->from = from;
        tag->to = to;
        tag->alone = true;
    }
}

/* A parent takes its lines when nothing stands before its opening and behind its end tag. */
static void take_parent_lines(struct text source, struct scan_tag *open, struct scan_tag *end)
{
    size_t from, to;
    if (begins_line(source, open->start, &from) && ends_line(source, end->end, &to)) {
        open->from = from;
        open->alone = true;
        end->to = to;
    }
}

/* What stands around a block inside a parent is ignored, so that only its inner sides count. */
static void take_override_lines(struct text source, struct scan_tag *open, struct scan_tag *end)
{
    size_t at;
    if (ends_line(source, open->end, &at) && at > open->end && at <= end->start) {
        open->to = at;
        open->alone = true;
        if (begins_line(source, end->start, &at) && at >= open->to)
            end->from = at;
    }
}

static void take_lines(struct text source, GArray *tags)
{
    for (guint i = 0; i < tags->len; i++) {
        struct scan_tag *tag = &g_array_index(tags, struct scan_tag, i);
        struct scan_tag *end = &g_array_index(tags, struct scan_tag, tag->match);
        switch (tag->kind) {
        case SCAN_PARENT: take_parent_lines(source, tag, end); break;
        case SCAN_BLOCK:
            if (tag->overrides) {
                take_override_lines(source, tag, end);
                break;
            }
            take_line(source, tag);
            take_line(source, end);
            break;
        case SCAN_SECTION:
        case SCAN_INVERTED:
            take_line(source, tag);
            take_line(source, end);
            break;
        case SCAN_PARTIAL:
        case SCAN_COMMENT:
        case SCAN_DELIMITERS: take_line(source, tag); break;
        default: break;
        }
    }
}

static char sigil_of(enum scan_kind kind)
{
    for (size_t i = 0; i < G_N_ELEMENTS(sigils); i++)
        if (sigils[i].kind == kind)
            return sigils[i].sigil;
    return '#';
}

static bool opens(enum scan_kind kind)
{
    return kind == SCAN_SECTION || kind == SCAN_INVERTED || kind == SCAN_PARENT ||
           kind == SCAN_BLOCK;
}

/* Finds each opening tag's end. */
static bool match_ends(struct scan *scan)
{
    GArray *stack = g_array_new(FALSE, FALSE, sizeof(guint));
    bool good = true, lost = false; /* nesting cannot be followed any more */
    for (guint i = 0; !lost && i < scan->tags->len; i++) {
        struct scan_tag *tag = &g_array_index(scan->tags, struct scan_tag, i);
        guint top = stack->len ? g_array_index(stack, guint, stack->len - 1) : 0;
        struct scan_tag *open =
            stack->len ? &g_array_index(scan->tags, struct scan_tag, top) : NULL;
        if (opens(tag->kind)) {
            tag->overrides = tag->kind == SCAN_BLOCK && open && open->kind == SCAN_PARENT;
            g_array_append_val(stack, i);
            if (stack->len > TEMPLATE_DEPTH_MAX / 2) {
                template_say(scan->report, scan->file, tag->line,
                             "Sections nest deeper than %d here. Move the inner part to a partial.",
                             TEMPLATE_DEPTH_MAX / 2);
                lost = true;
            }
        } else if (tag->kind == SCAN_END && !open) {
            template_say(scan->report, scan->file, tag->line,
                         "{{/%.*s}} ends a section that was not begun. Remove it, or write "
                         "{{#%.*s}} before it.",
                         (int)tag->content.length, tag->content.data, (int)tag->content.length,
                         tag->content.data);
            good = false;
        } else if (tag->kind == SCAN_END && !text_equals(tag->content, open->content)) {
            template_say(scan->report, scan->file, tag->line,
                         "Expected {{/%.*s}} for the {{%c%.*s}} of line %u, found {{/%.*s}}.",
                         (int)open->content.length, open->content.data, sigil_of(open->kind),
                         (int)open->content.length, open->content.data, open->line,
                         (int)tag->content.length, tag->content.data);
            lost = true;
        } else if (tag->kind == SCAN_END) {
            open->match = i;
            g_array_set_size(stack, stack->len - 1);
        }
    }
    for (guint i = 0; i < stack->len && !lost; i++) {
        guint top = g_array_index(stack, guint, i);
        struct scan_tag *open = &g_array_index(scan->tags, struct scan_tag, top);
        template_say(scan->report, scan->file, open->line,
                     "{{%c%.*s}} is never closed. Write {{/%.*s}} where it ends.",
                     sigil_of(open->kind), (int)open->content.length, open->content.data,
                     (int)open->content.length, open->content.data);
        good = false;
    }
    g_array_free(stack, TRUE);
    return good && !lost;
}

GArray *scan_tags(const char *file, struct text source, struct template_report *report,
                  bool *ret_whole)
{
    struct scan scan = { .file = file,
                         .source = source,
                         .report = report,
                         .line = 1,
                         .open = TEXT("{{"),
                         .close = TEXT("}}") };
    scan.tags = g_array_new(FALSE, TRUE, sizeof(struct scan_tag));
    bool good = true;
    for (size_t at = 0; good;) {
        const char *start = find(source, at, scan.open);
        if (!start)
            break;
        good = read_tag(&scan, (size_t)(start - source.data));
        if (good)
            at = g_array_index(scan.tags, struct scan_tag, scan.tags->len - 1).end;
    }
    *ret_whole = good && match_ends(&scan) && !scan.failed;
    if (*ret_whole)
        take_lines(source, scan.tags);
    return scan.tags;
}
