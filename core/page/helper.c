#include "page/helper.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "page/format.h"
#include "page/words.h"

static const struct page_reader plain_reader = { .locale = "en" };

static const struct page_reader *reader_of(struct render *render)
{
    const struct page_reader *reader = render_context(render)->reader;
    return reader ? reader : &plain_reader;
}

/* In development a wrong argument is told; in use its place stays empty. */
static int wrong(struct render *render, const struct template_node *node, const char *what)
{
    if (!render_context(render)->development)
        return 0;
    return error_set(render_error(render), PORTICO_EINVAL, "%s:%u: {{%s}}: %s", node->home->file,
                     node->line, node->helper->name, what);
}

static bool is_count(const struct slot *slot)
{
    return slot->kind == PORTICO_INTEGER || slot->kind == PORTICO_ID;
}

/* Escapes what a formatter wrote behind `from`. */
static void escape_tail(struct render *render, unsigned place, size_t from)
{
    struct buffer *out = render_out(render);
    char room[256];
    size_t length = out->length - from;
    if (place == PLACE_RAW || out->failed || length > sizeof room)
        return;
    memcpy(room, out->data + from, length);
    out->length = from;
    render_text(render, place, room, length);
}

static void write_literal(struct render *render, unsigned place, struct text literal, bool pseudo)
{
    if (!pseudo) {
        render_text(render, place, literal.data, literal.length);
        return;
    }
    struct buffer accented = { 0 };
    words_pseudo(&accented, literal);
    if (accented.length)
        render_text(render, place, accented.data, accented.length);
    buffer_free(&accented);
}

static void write_argument(struct render *render, const struct template_node *node,
                           const struct slot *arguments, struct text name)
{
    unsigned index = 0;
    for (const struct template_argument *a = node->arguments; a; a = a->next, index++) {
        if (!text_equals(a->key, name))
            continue;
        size_t from = render_out(render)->length;
        if (arguments[index].kind == PORTICO_INTEGER) {
            format_integer(render_out(render), reader_of(render)->locale, arguments[index].integer);
            escape_tail(render, node->place, from);
        } else if (arguments[index].kind == PORTICO_TIME) {
            format_time(render_out(render), reader_of(render), FORMAT_DATE,
                        arguments[index].integer);
            escape_tail(render, node->place, from);
        } else {
            render_slot(render, node->place, &arguments[index]);
        }
        return;
    }
    render_text(render, node->place, name.data - 1, name.length + 2);
}

/* Writes `text` with its {names} filled in; {n} is the count of a plural. */
static void write_words(struct render *render, const struct template_node *node,
                        const struct slot *arguments, struct text text, const struct slot *count,
                        bool pseudo)
{
    struct text literal, name;
    const char *locale = reader_of(render)->locale;
    if (pseudo)
        buffer_append_char(render_out(render), '[');
    for (size_t at = 0; words_next(text, &at, &literal, &name);) {
        write_literal(render, node->place, literal, pseudo);
        if (!name.length)
            continue;
        if (count && text_equals(name, TEXT("n"))) {
            size_t from = render_out(render)->length;
            format_integer(render_out(render), locale, count->integer);
            escape_tail(render, node->place, from);
        } else {
            write_argument(render, node, arguments, name);
        }
    }
    if (pseudo) {
        words_pseudo_tail(render_out(render), text.length);
        buffer_append_char(render_out(render), ']');
    }
}

static struct text text_of_slot(const struct slot *slot)
{
    return (struct text){ slot->text, slot->count };
}

static int call_t(struct render *render, const struct template_node *node,
                  const struct slot *arguments)
{
    struct text text = arguments[0].kind == PORTICO_TEXT ? text_of_slot(&arguments[0]) : TEXT("");
    const struct page_set *set = render_context(render)->set;
    const char *locale = reader_of(render)->locale;
    bool pseudo = words_is_pseudo(set, node->home->module, locale, text);
    text = words_find(set, node->home->module, locale, text);
    write_words(render, node, arguments, text, NULL, pseudo);
    return 0;
}

static int call_plural(struct render *render, const struct template_node *node,
                       const struct slot *arguments)
{
    if (!is_count(&arguments[0]))
        return wrong(render, node, "the count is not an integer.");
    const struct page_set *set = render_context(render)->set;
    const char *locale = reader_of(render)->locale;
    struct text one = text_of_slot(&arguments[1]);
    bool pseudo = words_is_pseudo(set, node->home->module, locale, one);
    struct text text = words_find_plural(set, node->home->module, locale, one,
                                         text_of_slot(&arguments[2]), arguments[0].integer);
    write_words(render, node, arguments, text, &arguments[0], pseudo);
    return 0;
}

static int call_number(struct render *render, const struct template_node *node,
                       const struct slot *arguments)
{
    size_t from = render_out(render)->length;
    if (arguments[0].kind == PORTICO_REAL)
        format_real(render_out(render), reader_of(render)->locale, arguments[0].real);
    else if (is_count(&arguments[0]))
        format_integer(render_out(render), reader_of(render)->locale, arguments[0].integer);
    else
        return wrong(render, node, "the value is no number.");
    escape_tail(render, node->place, from);
    return 0;
}

static int call_compact(struct render *render, const struct template_node *node,
                        const struct slot *arguments)
{
    size_t from = render_out(render)->length;
    if (!is_count(&arguments[0]))
        return wrong(render, node, "the value is not an integer.");
    format_compact(render_out(render), reader_of(render)->locale, arguments[0].integer);
    escape_tail(render, node->place, from);
    return 0;
}

static bool is_time(const struct slot *slot)
{
    return slot->kind == PORTICO_TIME || slot->kind == PORTICO_INTEGER;
}

static int write_time(struct render *render, const struct template_node *node,
                      const struct slot *slot, enum format_style style)
{
    size_t from = render_out(render)->length;
    if (!is_time(slot))
        return wrong(render, node, "the value is no time.");
    format_time(render_out(render), reader_of(render), style, slot->integer);
    escape_tail(render, node->place, from);
    return 0;
}

static int call_date(struct render *render, const struct template_node *node,
                     const struct slot *arguments)
{
    return write_time(render, node, &arguments[0], FORMAT_DATE);
}

static int call_datetime(struct render *render, const struct template_node *node,
                         const struct slot *arguments)
{
    return write_time(render, node, &arguments[0], FORMAT_DATETIME);
}

static int call_relative(struct render *render, const struct template_node *node,
                         const struct slot *arguments)
{
    size_t from = render_out(render)->length;
    if (!is_time(&arguments[0]))
        return wrong(render, node, "the value is no time.");
    format_relative(render_out(render), reader_of(render), arguments[0].integer);
    escape_tail(render, node->place, from);
    return 0;
}

static int call_iso(struct render *render, const struct template_node *node,
                    const struct slot *arguments)
{
    char text[40];
    if (!is_time(&arguments[0]))
        return wrong(render, node, "the value is no time.");
    render_text(render, node->place, text, clock_rfc3339(arguments[0].integer, text, sizeof text));
    return 0;
}

static int call_time(struct render *render, const struct template_node *node,
                     const struct slot *arguments)
{
    struct buffer *out = render_out(render);
    char text[40];
    if (!is_time(&arguments[0]))
        return wrong(render, node, "the value is no time.");
    buffer_append_text(out, "<time datetime=\"");
    buffer_append(out, text, clock_rfc3339(arguments[0].integer, text, sizeof text));
    buffer_append_text(out, "\" title=\"");
    size_t from = out->length;
    format_time(out, reader_of(render), FORMAT_DATETIME, arguments[0].integer);
    escape_tail(render, PLACE_ESCAPED, from);
    buffer_append_text(out, "\">");
    from = out->length;
    format_relative(out, reader_of(render), arguments[0].integer);
    escape_tail(render, PLACE_ESCAPED, from);
    buffer_append_text(out, "</time>");
    return 0;
}

/* The hashed URL of an asset, from the object `assets` of the portal's frame; NULL data if unknown.
 */
static struct text asset_url(struct render *render, struct text name)
{
    const struct value *assets = value_get(render_context(render)->portal, TEXT("assets"));
    const struct value *url = value_get(assets, name);
    if (!url || url->kind != PORTICO_TEXT)
        return (struct text){ NULL, 0 };
    return (struct text){ url->text, url->count };
}

static int write_asset(struct render *render, const struct template_node *node, unsigned place,
                       struct text name)
{
    struct text url = asset_url(render, name);
    if (url.data) {
        render_text(render, place, url.data, url.length);
        return 0;
    }
    if (render_context(render)->development)
        return error_set(render_error(render), PORTICO_EINVAL,
                         "%s:%u: There is no asset \"%.*s\". Expected the name of a file in the "
                         "portal's or the module's assets directory.",
                         node->home->file, node->line, (int)name.length, name.data);
    render_text(render, place, "/assets/", 8);
    render_text(render, place, name.data, name.length);
    return 0;
}

static int call_asset(struct render *render, const struct template_node *node,
                      const struct slot *arguments)
{
    if (arguments[0].kind != PORTICO_TEXT)
        return wrong(render, node, "the name is no text.");
    return write_asset(render, node, node->place, text_of_slot(&arguments[0]));
}

/* The stylesheet sizes icons by class; the attributes hold where it has not arrived. */
#define ICON_BYTES(start)                                                                          \
    {                                                                                              \
        start, sizeof(start) - 1                                                                   \
    }
#define ICON_START(name, pixels)                                                                   \
    ICON_BYTES("<svg class=\"icon-" name "\" width=\"" pixels "\" height=\"" pixels                \
               "\" aria-hidden=\"true\"><use href=\"")
static const struct icon_size {
    const char *name;
    struct text start;
} icon_sizes[] = { { "m", ICON_START("m", "18") },
                   { "s", ICON_START("s", "13") },
                   { "l", ICON_START("l", "20") } };

static const struct icon_size *icon_size_of(const struct template_node *node)
{
    const struct template_argument *size = node->arguments->next;
    for (size_t i = 0; size && i < G_N_ELEMENTS(icon_sizes); i++)
        if (text_equals(size->literal, text_of(icon_sizes[i].name)))
            return &icon_sizes[i];
    return &icon_sizes[0];
}

static int call_icon(struct render *render, const struct template_node *node,
                     const struct slot *arguments)
{
    struct buffer *out = render_out(render);
    const struct icon_size *size = icon_size_of(node);
    if (arguments[0].kind != PORTICO_TEXT || !arguments[0].count)
        return 0;
    buffer_append(out, size->start.data, size->start.length);
    int code = write_asset(render, node, PLACE_ESCAPED, TEXT("icons.svg"));
    buffer_append_char(out, '#');
    buffer_append_escaped(out, arguments[0].text, arguments[0].count);
    buffer_append_text(out, "\"/></svg>");
    return code;
}

/* JSON inside a script element: no "<" at all, so that nothing in it can end or nest the element.
 */
static int call_json(struct render *render, const struct template_node *node,
                     const struct slot *arguments)
{
    const struct slot *slot = &arguments[0];
    struct buffer json = { 0 };
    struct value *value;
    if (slot->kind == PORTICO_OBJECT || slot->kind == PORTICO_LISTING ||
        slot->kind == PORTICO_ROWS) {
        json_write(&json, slot->value);
    } else if (slot->kind == SLOT_ROW) {
        buffer_free(&json);
        return wrong(render, node, "a whole row is no value. Name one of its columns.");
    } else {
        struct arena *arena = render_context(render)->arena;
        bool text = slot->kind == PORTICO_TEXT || slot->kind == PORTICO_HTML;
        value = text ? value_text(arena, slot->text, slot->count)
                     : value_scalar(arena, slot->kind, slot->integer, slot->real);
        json_write(&json, value);
    }
    for (size_t at = 0; at < json.length;) {
        const char *from = json.data + at;
        const char *found = memchr(from, '<', json.length - at);
        size_t run = found ? (size_t)(found - from) : json.length - at;
        buffer_append(render_out(render), from, run);
        if (found)
            buffer_append(render_out(render), "\\u003c", 6);
        at += run + (found != NULL);
    }
    buffer_free(&json);
    return 0;
}

#define ONE_VALUE .least = 1, .most = 1
static const struct template_helper helpers[] = {
    { .name = "t",
      ONE_VALUE,
      .literal = true,
      .named = true,
      .call = call_t,
      .usage = "{{t \"Asked by {name}\" name=author}}" },
    { .name = "plural",
      .least = 3,
      .most = 3,
      .named = true,
      .call = call_plural,
      .usage = "{{plural count \"{n} answer\" \"{n} answers\"}}" },
    { .name = "number", ONE_VALUE, .call = call_number, .usage = "{{number views}}" },
    { .name = "compact", ONE_VALUE, .call = call_compact, .usage = "{{compact views}}" },
    { .name = "date", ONE_VALUE, .call = call_date, .usage = "{{date created}}" },
    { .name = "datetime", ONE_VALUE, .call = call_datetime, .usage = "{{datetime created}}" },
    { .name = "relative", ONE_VALUE, .call = call_relative, .usage = "{{relative created}}" },
    { .name = "iso", ONE_VALUE, .call = call_iso, .usage = "{{iso created}}" },
    { .name = "time", ONE_VALUE, .markup = true, .call = call_time, .usage = "{{time created}}" },
    { .name = "icon",
      ONE_VALUE,
      .named = true,
      .markup = true,
      .call = call_icon,
      .usage = "{{icon \"message-square\"}} or {{icon \"check\" size=\"s\"}}" },
    { .name = "asset", ONE_VALUE, .call = call_asset, .usage = "{{asset \"portico.css\"}}" },
    { .name = "json", ONE_VALUE, .call = call_json, .usage = "{{json data}}" },
};

const struct template_helper *helper_find(struct text name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(helpers); i++)
        if (text_equals(name, text_of(helpers[i].name)))
            return &helpers[i];
    return NULL;
}

const char *helper_list(void)
{
    return "t, plural, number, compact, date, datetime, relative, iso, time, icon, asset, json";
}
