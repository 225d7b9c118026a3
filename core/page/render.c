#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "page/helper.h"
#include "page/url.h"

#include <stdio.h>
#include <stdlib.h>

#define COLUMN_UNKNOWN (-2)
#define COLUMN_ABSENT (-1)

/* One level of what names are looked up in. Frames live on the C stack, in the recursion below. */
struct frame {
    const struct frame *outer;
    struct slot slot;
    int16_t *columns; /* of a SLOT_ROW, by the number of the name */
};

/* The blocks that override those of the parent being rendered; outermost scopes win. */
struct scope {
    const struct template_node *blocks;
    const struct scope *outer;
};

struct render {
    const struct template_context *context;
    struct buffer *out;
    struct portico_error *error;
    const struct scope *scope;
    struct buffer indent; /* before each line; empty for markup, where blanks do not matter */
    size_t indented_at;   /* where the line's indentation stands already */
    size_t url_at;        /* where the URL attribute's value began */
    unsigned depth;
    uint64_t steps;
    const struct frame *frame; /* of the helper being called */
};

struct buffer *render_out(struct render *render)
{
    return render->out;
}

struct portico_error *render_error(struct render *render)
{
    return render->error;
}

const struct template_context *render_context(const struct render *render)
{
    return render->context;
}

static struct slot slot_of_value(const struct value *value)
{
    if (!value)
        return (struct slot){ .kind = PORTICO_NULL };
    struct slot slot = { .kind = value->kind, .count = value->count };
    switch (value->kind) {
    case PORTICO_TEXT:
    case PORTICO_HTML: slot.text = value->text; break;
    case PORTICO_REAL: slot.real = value->real; break;
    case PORTICO_LISTING:
    case PORTICO_OBJECT:
    case PORTICO_ROWS: slot.value = value; break;
    default: slot.integer = value->integer;
    }
    return slot;
}

static struct slot slot_of_cell(const struct value_cell *cell)
{
    struct slot slot = { .kind = cell->kind, .count = cell->length };
    if (cell->kind == PORTICO_TEXT || cell->kind == PORTICO_HTML)
        slot.text = cell->text;
    else if (cell->kind == PORTICO_REAL)
        slot.real = cell->real;
    else
        slot.integer = cell->integer;
    return slot;
}

static bool slot_is_true(const struct slot *slot)
{
    switch (slot->kind) {
    case PORTICO_NULL: return false;
    case PORTICO_BOOLEAN: return slot->integer != 0;
    case PORTICO_TEXT:
    case PORTICO_HTML:
    case PORTICO_LISTING:
    case PORTICO_ROWS: return slot->count > 0;
    default: return true;
    }
}

static int column_of(const struct value_rows *rows, struct text name)
{
    for (uint32_t i = 0; i < rows->column_count; i++)
        if (text_equals(rows->columns[i], name))
            return (int)i;
    return COLUMN_ABSENT;
}

/* Member `part` of an object or row; false if it has none. */
static bool slot_member(const struct slot *slot, const struct template_part *part, int16_t *columns,
                        struct slot *ret_slot)
{
    if (slot->kind == PORTICO_OBJECT) {
        const struct value *member = value_get(slot->value, part->text);
        if (member)
            *ret_slot = slot_of_value(member);
        return member != NULL;
    }
    if (slot->kind != SLOT_ROW)
        return false;
    int column = columns ? columns[part->number] : COLUMN_UNKNOWN;
    if (column == COLUMN_UNKNOWN) {
        column = column_of(slot->value->rows, part->text);
        if (columns)
            columns[part->number] = (int16_t)column;
    }
    if (column < 0)
        return false;
    *ret_slot = slot_of_cell(&slot->cells[column]);
    return true;
}

static struct slot look_up(const struct render *render, const struct frame *frame,
                           const struct template_name *name)
{
    struct slot slot = { .kind = PORTICO_NULL };
    if (name->count == 0)
        return frame->slot;
    const struct template_part *part = name->parts;
    bool found = false;
    for (const struct frame *f = frame; f && !found; f = f->outer)
        found = slot_member(&f->slot, part, f->columns, &slot);
    if (!found && render->context->portal && text_equals(part->text, TEXT("portal"))) {
        slot = slot_of_value(render->context->portal);
        found = true;
    }
    for (uint32_t i = 1; found && i < name->count; i++) {
        struct slot whole = slot;
        slot = (struct slot){ .kind = PORTICO_NULL };
        found = slot_member(&whole, &name->parts[i], NULL, &slot);
    }
    return slot;
}

void render_text(struct render *render, unsigned place, const char *text, size_t length)
{
    switch (place) {
    case PLACE_RAW: buffer_append(render->out, text, length); break;
    case PLACE_URL: url_append(render->out, render->url_at, text, length); break;
    default: buffer_append_escaped(render->out, text, length);
    }
}

/* The shortest decimal that reads back as the same number. */
static int write_real(char text[40], double real)
{
    int length = 0;
    for (int digits = 15; digits <= 17; digits++) {
        length = snprintf(text, 40, "%.*g", digits, real);
        if (strtod(text, NULL) == real)
            break;
    }
    return length;
}

void render_slot(struct render *render, unsigned place, const struct slot *slot)
{
    char text[40];
    switch (slot->kind) {
    case PORTICO_HTML:
        if (place == PLACE_TEXT) {
            buffer_append(render->out, slot->text, slot->count);
            return;
        }
        render_text(render, place, slot->text, slot->count);
        return;
    case PORTICO_TEXT: render_text(render, place, slot->text, slot->count); return;
    case PORTICO_INTEGER:
    case PORTICO_ID: buffer_append_integer(render->out, slot->integer); return;
    case PORTICO_REAL:
        render_text(render, place, text, (size_t)write_real(text, slot->real));
        return;
    case PORTICO_BOOLEAN: buffer_append_text(render->out, slot->integer ? "true" : "false"); return;
    case PORTICO_TIME:
        render_text(render, place, text, clock_rfc3339(slot->integer, text, sizeof text));
        return;
    default: return;
    }
}

static void begin_line(struct render *render)
{
    if (render->indent.length && render->out->length != render->indented_at)
        buffer_append(render->out, render->indent.data, render->indent.length);
}

static void write_lines(struct render *render, const struct template_node *node)
{
    const char *at = node->text.data, *end = at + node->text.length;
    bool starts_line = node->starts_line;
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *stop = newline ? newline + 1 : end;
        if (starts_line)
            begin_line(render);
        buffer_append(render->out, at, (size_t)(stop - at));
        starts_line = true;
        at = stop;
    }
}

static int render_nodes(struct render *render, const struct template_node *node,
                        const struct frame *frame);

static int fail(struct render *render, const struct template_node *node, const char *what)
{
    return error_set(render->error, PORTICO_ELIMIT, "%s:%u: %s", node->home->file, node->line,
                     what);
}

static int descend(struct render *render, const struct template_node *node,
                   const struct template_node *children, const struct frame *frame)
{
    if (++render->depth > TEMPLATE_DEPTH_MAX)
        return fail(
            render, node,
            "The template calls itself or others too deep here. Give the recursion an end.");
    int code = render_nodes(render, children, frame);
    render->depth--;
    return code;
}

static int render_rows(struct render *render, const struct template_node *node,
                       const struct value *rows, const struct frame *outer)
{
    uint32_t names = render->context->names->count;
    int16_t *columns = arena_alloc(render->context->arena, names * sizeof *columns + 1);
    if (!columns)
        return error_set(render->error, PORTICO_ENOMEM, "Memory ended while a page was rendered.");
    for (uint32_t i = 0; i < names; i++)
        columns[i] = COLUMN_UNKNOWN;
    struct frame frame = { .outer = outer, .columns = columns };
    frame.slot = (struct slot){ .kind = SLOT_ROW, .count = 1, .value = rows };
    for (uint32_t i = 0; i < rows->count; i++) {
        frame.slot.cells = value_rows_at(rows, i);
        int code = descend(render, node, node->children, &frame);
        if (code < 0)
            return code;
    }
    return 0;
}

static int render_section(struct render *render, const struct template_node *node,
                          const struct frame *outer)
{
    struct slot slot = look_up(render, outer, node->name);
    if (!slot_is_true(&slot))
        return 0;
    if (slot.kind == PORTICO_ROWS)
        return render_rows(render, node, slot.value, outer);
    struct frame frame = { .outer = outer, .slot = slot };
    if (slot.kind == SLOT_ROW)
        frame.columns = outer->columns;
    if (slot.kind != PORTICO_LISTING)
        return descend(render, node, node->children, &frame);
    for (uint32_t i = 0; i < slot.count; i++) {
        frame.slot = slot_of_value(slot.value->items[i]);
        int code = descend(render, node, node->children, &frame);
        if (code < 0)
            return code;
    }
    return 0;
}

static bool indents(const struct template_node *node)
{
    return node->home->mode == TEMPLATE_SPEC || node->home->mode == TEMPLATE_TEXT;
}

static int render_partial(struct render *render, const struct template_node *node,
                          const struct frame *frame)
{
    if (!node->target)
        return 0;
    const struct scope *scope = render->scope;
    struct scope own = { node->children, scope };
    render->scope = node->type == NODE_PARENT ? &own : NULL;
    size_t indent = render->indent.length;
    if (indents(node))
        buffer_append(&render->indent, node->indent.data, node->indent.length);
    int code = descend(render, node, node->target->nodes, frame);
    render->indent.length = indent;
    render->scope = scope;
    return code;
}

static int render_block(struct render *render, const struct template_node *node,
                        const struct frame *frame)
{
    const struct template_node *found = NULL;
    const struct scope *scope = render->scope, *of = NULL;
    for (const struct scope *s = scope; s; s = s->outer)
        for (const struct template_node *block = s->blocks; block; block = block->next)
            if (text_equals(block->text, node->text)) {
                found = block;
                of = s;
            }
    if (!found)
        return descend(render, node, node->children, frame);
    size_t indent = render->indent.length;
    if (indents(node))
        buffer_append(&render->indent, node->indent.data, node->indent.length);
    if (node->alone && !found->alone)
        begin_line(render);
    if (!node->alone || !found->alone)
        render->indented_at = render->out->length;
    render->scope = of->outer;
    int code = descend(render, node, found->children, frame);
    render->scope = scope;
    render->indent.length = indent;
    return code;
}

static int render_helper(struct render *render, const struct template_node *node,
                         const struct frame *frame)
{
    struct slot arguments[HELPER_ARGUMENTS_MAX];
    unsigned count = 0;
    for (const struct template_argument *a = node->arguments; a; a = a->next, count++)
        arguments[count] = a->name ? look_up(render, frame, a->name)
                                   : (struct slot){ .kind = PORTICO_TEXT,
                                                    .count = (uint32_t)a->literal.length,
                                                    .text = a->literal.data };
    return node->helper->call(render, node, arguments);
}

static int render_nodes(struct render *render, const struct template_node *node,
                        const struct frame *frame)
{
    int code = 0;
    struct slot slot;
    for (; node && code == 0; node = node->next) {
        if (render->steps-- == 0)
            return fail(render, node, "The page has too many parts. Give its lists a limit.");
        if (render->indent.length && node->starts_line && node->type != NODE_TEXT)
            begin_line(render);
        switch (node->type) {
        case NODE_TEXT:
            if (render->indent.length)
                write_lines(render, node);
            else
                buffer_append(render->out, node->text.data, node->text.length);
            break;
        case NODE_VALUE:
            slot = look_up(render, frame, node->name);
            render_slot(render, node->place, &slot);
            break;
        case NODE_SECTION: code = render_section(render, node, frame); break;
        case NODE_INVERTED:
            slot = look_up(render, frame, node->name);
            if (!slot_is_true(&slot))
                code = descend(render, node, node->children, frame);
            break;
        case NODE_PARTIAL:
        case NODE_PARENT: code = render_partial(render, node, frame); break;
        case NODE_BLOCK: code = render_block(render, node, frame); break;
        case NODE_HELPER: code = render_helper(render, node, frame); break;
        case NODE_URL_BEGIN: render->url_at = render->out->length; break;
        case NODE_URL_END: url_guard(render->out, render->url_at); break;
        }
    }
    return code;
}

int template_render(const struct template *template, const struct template_context *context,
                    const struct value *data, struct buffer *out, struct portico_error *error)
{
    struct render render = { .context = context,
                             .out = out,
                             .error = error,
                             .indented_at = SIZE_MAX,
                             .steps = context->steps ? context->steps : TEMPLATE_STEPS_MAX };
    struct frame portal = { .slot = slot_of_value(context->portal) };
    struct frame top = { .outer = &portal, .slot = slot_of_value(data) };
    int code = render_nodes(&render, template->nodes, &top);
    buffer_free(&render.indent);
    if (code == 0 && out->failed)
        code =
            error_set(error, PORTICO_ENOMEM, "Memory ended while %s was rendered.", template->file);
    return code;
}
