/* Multipart forms (the first line is the Content-Type): parts lie inside the body, and written out
 * again they are read as the same parts. */
#include "http/multipart.h"

#include "base/buffer.h"

#include <portico/base.h>
#include <stdlib.h>

#define BOUNDARY "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"

static void check(const struct http_part *part, struct text body)
{
    if (part->content.data < body.data ||
        part->content.data + part->content.length > body.data + body.length)
        abort();
    if (!text_is_utf8(part->name.data, part->name.length) || part->name.data[part->name.length])
        abort();
    if (part->file_name.data && (!text_is_utf8(part->file_name.data, part->file_name.length) ||
                                 part->file_name.data[part->file_name.length]))
        abort();
}

static void write_name(struct buffer *out, const char *key, struct text name)
{
    buffer_printf(out, "; %s=\"", key);
    for (size_t i = 0; i < name.length; i++) {
        char c = name.data[i];
        if (c == '"' || c == '\r' || c == '\n')
            buffer_printf(out, "%%%02x", c);
        else
            buffer_append_char(out, c);
    }
    buffer_append_char(out, '"');
}

static void write_part(struct buffer *out, const struct http_part *part)
{
    buffer_append_text(out, "--" BOUNDARY "\r\ncontent-disposition: form-data");
    write_name(out, "name", part->name);
    if (part->file_name.data)
        write_name(out, "filename", part->file_name);
    buffer_append_text(out, "\r\n");
    if (part->type.data) {
        buffer_append_text(out, "Content-Type:");
        buffer_append(out, part->type.data, part->type.length);
        buffer_append_text(out, "\r\n");
    }
    buffer_append_text(out, "\r\n");
    buffer_append(out, part->content.data, part->content.length);
    buffer_append_text(out, "\r\n");
}

static bool same(struct text a, struct text b)
{
    return !a.data == !b.data && text_equals(a, b);
}

/* "%22" and a quotation mark come in as the same name, so a name may hold both and still be long;
 * what is written then can be too long, and that is not compared. */
static void read_again(const struct http_part *parts, size_t count)
{
    struct arena *arena = arena_new(256);
    struct buffer out = { 0 };
    struct http_part *again;
    size_t again_count;
    const char *reason;
    for (size_t i = 0; i < count; i++)
        write_part(&out, &parts[i]);
    buffer_append_text(&out, "--" BOUNDARY "--");
    int code =
        http_multipart_parse(arena, TEXT("multipart/form-data; boundary=" BOUNDARY),
                             (struct text){ out.data, out.length }, &again, &again_count, &reason);
    if (code != 0 && code != PORTICO_ELIMIT)
        abort();
    if (code == 0 && again_count != count)
        abort();
    for (size_t i = 0; code == 0 && i < count; i++)
        if (!same(parts[i].name, again[i].name) || !same(parts[i].file_name, again[i].file_name) ||
            !same(parts[i].type, again[i].type) || !same(parts[i].content, again[i].content))
            abort();
    buffer_free(&out);
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data;
    const char *feed = size ? memchr(bytes, '\n', size) : NULL;
    if (!feed)
        return 0;
    struct arena *arena = arena_new(256);
    struct text type = { bytes, (size_t)(feed - bytes) };
    struct text body = { feed + 1, size - type.length - 1 };
    struct http_part *parts;
    struct http_pair *pairs;
    size_t count, pair_count;
    const char *reason = NULL;
    int code = http_multipart_parse(arena, type, body, &parts, &count, &reason);
    if (code < 0 && !reason)
        abort();
    if (code == 0) {
        for (size_t i = 0; i < count; i++)
            check(&parts[i], body);
        http_multipart_pairs(arena, parts, count, &pairs, &pair_count);
        if (!memmem(bytes, size, "qqqqqqqqqqqq", 12))
            read_again(parts, count);
    }
    arena_free(arena);
    return 0;
}
