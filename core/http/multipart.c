/* One pass over a whole body. Three readings that parsers are known to differ in are closed:
 * a boundary line has nothing after the boundary; a backslash in a quoted name is a backslash, as
 * browsers write it (HTML section 4.10.21.8), and "filename*" is not taken (RFC 7578 section 4.2).
 */
#include "http/multipart.h"

#include "http/parser.h"

#include <portico/base.h>

#define BOUNDARY_MAX 70 /* RFC 2046 section 5.1.1 */

/* What is still to be read of a line or field. */
struct reader {
    const char *at, *end;
};

static bool take(struct reader *reader, const char *bytes, size_t length)
{
    if ((size_t)(reader->end - reader->at) < length || memcmp(reader->at, bytes, length) != 0)
        return false;
    reader->at += length;
    return true;
}
#define TAKE(reader, literal) take((reader), (literal), sizeof(literal) - 1)

static void skip_blanks(struct reader *reader)
{
    while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\t'))
        reader->at++;
}

static struct text take_token(struct reader *reader)
{
    const char *start = reader->at;
    while (reader->at < reader->end && http_token[(unsigned char)*reader->at])
        reader->at++;
    return (struct text){ start, (size_t)(reader->at - start) };
}

/* Up to the next quotation mark: nothing escapes it. */
static bool take_quoted(struct reader *reader, struct text *ret_value)
{
    const char *quote = memchr(reader->at, '"', (size_t)(reader->end - reader->at));
    if (!quote)
        return false;
    *ret_value = (struct text){ reader->at, (size_t)(quote - reader->at) };
    reader->at = quote + 1;
    return true;
}

/* The next of "; name=value". 1, 0 at the end, -1: malformed. */
static int take_parameter(struct reader *reader, struct text *ret_name, struct text *ret_value)
{
    skip_blanks(reader);
    if (reader->at == reader->end)
        return 0;
    if (!TAKE(reader, ";"))
        return -1;
    skip_blanks(reader);
    *ret_name = take_token(reader);
    if (ret_name->length == 0 || !TAKE(reader, "="))
        return -1;
    if (TAKE(reader, "\""))
        return take_quoted(reader, ret_value) ? 1 : -1;
    *ret_value = take_token(reader);
    return ret_value->length ? 1 : -1;
}

static struct text take_media_type(struct reader *reader)
{
    struct text type = take_token(reader);
    const char *start = type.data;
    if (type.length && TAKE(reader, "/") && take_token(reader).length)
        return (struct text){ start, (size_t)(reader->at - start) };
    return (struct text){ start, 0 };
}

static struct reader reader_of(struct text field)
{
    field = text_trim(field);
    return (struct reader){ field.data, field.data + field.length };
}

bool http_multipart_is(struct text content_type)
{
    if (content_type.length == 0)
        return false;
    struct reader reader = reader_of(content_type);
    return text_equals_ignoring_case(take_media_type(&reader), TEXT("multipart/form-data"));
}

static bool is_boundary(struct text boundary)
{
    static const char others[] = "'()+_,-./:=? ";
    if (boundary.length == 0 || boundary.length > BOUNDARY_MAX ||
        boundary.data[boundary.length - 1] == ' ')
        return false;
    for (size_t i = 0; i < boundary.length; i++) {
        unsigned char c = (unsigned char)boundary.data[i];
        bool plain = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
        if (!plain && (c == 0 || !strchr(others, c)))
            return false;
    }
    return true;
}

static bool find_boundary(struct text content_type, struct text *ret_boundary)
{
    struct reader reader = reader_of(content_type);
    struct text name, value, boundary = { NULL, 0 };
    int got;
    take_media_type(&reader);
    while ((got = take_parameter(&reader, &name, &value)) > 0) {
        if (!text_equals_ignoring_case(name, TEXT("boundary")))
            continue;
        if (boundary.data)
            return false;
        boundary = value;
    }
    *ret_boundary = boundary;
    return got == 0 && boundary.data && is_boundary(boundary);
}

/* One body being read. */
struct parse {
    struct arena *arena;
    struct reader body;
    char delimiter[4 + BOUNDARY_MAX]; /* CR LF, two dashes, boundary */
    size_t delimiter_length;
    struct http_part *parts;
    size_t count;
    int code;
    const char *reason;
};

static bool fail(struct parse *parse, int code, const char *reason)
{
    parse->code = code;
    parse->reason = reason;
    return false;
}

static int hex_of(const char *code)
{
    static const struct {
        char code[3];
        char byte;
    } codes[] = { { "22", '"' }, { "0D", '\r' }, { "0A", '\n' } };
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (code[0] == codes[i].code[0] && (code[1] & ~0x20) == (codes[i].code[1] & ~0x20))
            return codes[i].byte;
    return -1;
}

/* The three codes that browsers write; every other percent sign is one. */
static bool decode(struct parse *parse, struct text raw, struct text *ret_decoded)
{
    char *data = arena_alloc(parse->arena, raw.length + 1);
    size_t length = 0;
    if (!data)
        return fail(parse, PORTICO_ENOMEM, "Memory ended while a form was read.");
    for (size_t i = 0; i < raw.length; i++) {
        int byte = raw.data[i] == '%' && raw.length - i > 2 ? hex_of(raw.data + i + 1) : -1;
        data[length++] = byte < 0 ? raw.data[i] : (char)byte;
        i += byte < 0 ? 0 : 2;
    }
    data[length] = '\0';
    if (!text_is_utf8(data, length))
        return fail(parse, PORTICO_EINVAL, "The form has a name that is not UTF-8.");
    *ret_decoded = (struct text){ data, length };
    return true;
}

static bool read_disposition(struct parse *parse, struct text value, struct http_part *part)
{
    struct reader reader = reader_of(value);
    struct text name, content;
    int got;
    if (part->name.data)
        return fail(parse, PORTICO_EINVAL, "A part of the form has two Content-Dispositions.");
    if (!text_equals_ignoring_case(take_token(&reader), TEXT("form-data")))
        return fail(parse, PORTICO_EINVAL, "A part of the form is no form-data.");
    while ((got = take_parameter(&reader, &name, &content)) > 0) {
        bool is_name = text_equals_ignoring_case(name, TEXT("name"));
        bool is_file = text_equals_ignoring_case(name, TEXT("filename"));
        struct text *place = is_name ? &part->name : &part->file_name;
        if (!is_name && !is_file)
            return fail(parse, PORTICO_EINVAL,
                        "A part of the form has a parameter other than name and filename.");
        if (place->data)
            return fail(parse, PORTICO_EINVAL, "A part of the form has two names.");
        if (is_name && content.length > HTTP_PART_NAME_MAX)
            return fail(parse, PORTICO_ELIMIT, "A name in the form is too long.");
        if (!decode(parse, content, place))
            return false;
    }
    if (got < 0 || !part->name.data)
        return fail(parse, PORTICO_EINVAL,
                    "A part of the form has a malformed Content-Disposition or no name.");
    return true;
}

static bool read_type(struct parse *parse, struct text value, struct http_part *part)
{
    struct reader reader = reader_of(value);
    struct text type = take_media_type(&reader);
    if (part->type.data || type.length == 0)
        return fail(parse, PORTICO_EINVAL,
                    "A part of the form has two Content-Types, or a malformed one.");
    if (type.length > 10 &&
        text_equals_ignoring_case((struct text){ type.data, 10 }, TEXT("multipart/")))
        return fail(parse, PORTICO_EINVAL,
                    "A part of the form has parts itself: send each file as a part of its own.");
    part->type = type;
    return true;
}

/* RFC 7578 section 4.7: other codings are not used, so nothing is decoded. */
static bool read_coding(struct parse *parse, struct text value)
{
    static const struct text plain[] = { TEXT("binary"), TEXT("8bit"), TEXT("7bit") };
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (text_equals_ignoring_case(text_trim(value), plain[i]))
            return true;
    return fail(parse, PORTICO_EINVAL,
                "A part of the form has a Content-Transfer-Encoding: send it as binary.");
}

static bool read_field(struct parse *parse, struct text line, struct http_part *part)
{
    struct reader reader = { line.data, line.data + line.length };
    struct text name = take_token(&reader);
    if (name.length == 0 || !TAKE(&reader, ":"))
        return fail(parse, PORTICO_EINVAL, "A part of the form has a malformed header line.");
    struct text value = { reader.at, (size_t)(reader.end - reader.at) };
    for (size_t i = 0; i < value.length; i++)
        if (!http_value[(unsigned char)value.data[i]])
            return fail(parse, PORTICO_EINVAL,
                        "A part of the form has a control character in a header line.");
    if (text_equals_ignoring_case(name, TEXT("content-disposition")))
        return read_disposition(parse, value, part);
    if (text_equals_ignoring_case(name, TEXT("content-type")))
        return read_type(parse, value, part);
    return !text_equals_ignoring_case(name, TEXT("content-transfer-encoding")) ||
           read_coding(parse, value);
}

/* Header lines up to the empty one. */
static bool read_head(struct parse *parse, struct http_part *part)
{
    struct reader *body = &parse->body;
    const char *start = body->at;
    for (;;) {
        size_t rest = (size_t)(body->end - body->at);
        size_t room = HTTP_PART_HEAD_MAX - (size_t)(body->at - start);
        const char *feed = memchr(body->at, '\n', rest < room ? rest : room);
        if (!feed && rest >= room)
            return fail(parse, PORTICO_ELIMIT, "A part of the form has too long a head.");
        if (!feed || feed == body->at || feed[-1] != '\r')
            return fail(parse, PORTICO_EINVAL, "A part of the form has a head that does not end.");
        struct text line = { body->at, (size_t)(feed - 1 - body->at) };
        body->at = feed + 1;
        if (line.length == 0)
            break;
        if (!read_field(parse, line, part))
            return false;
    }
    return part->name.data ||
           fail(parse, PORTICO_EINVAL, "A part of the form has no Content-Disposition.");
}

/* Content up to the next delimiter, which is passed over. */
static bool read_content(struct parse *parse, struct http_part *part)
{
    struct reader *body = &parse->body;
    if (take(body, parse->delimiter + 2, parse->delimiter_length - 2))
        return fail(parse, PORTICO_EINVAL, "A part of the form has no line end before its end.");
    const char *found =
        memmem(body->at, (size_t)(body->end - body->at), parse->delimiter, parse->delimiter_length);
    if (!found)
        return fail(parse, PORTICO_EINVAL,
                    "The form ends in the middle: it did not arrive whole. Send it again.");
    part->content = (struct text){ body->at, (size_t)(found - body->at) };
    body->at = found + parse->delimiter_length;
    return true;
}

static bool read_part(struct parse *parse)
{
    struct http_part *part = &parse->parts[parse->count];
    if (parse->count == HTTP_PARTS_MAX)
        return fail(parse, PORTICO_ELIMIT, "The form has more than 100 fields.");
    *part = (struct http_part){ 0 };
    parse->count++;
    return read_head(parse, part) && read_content(parse, part);
}

static bool read_parts(struct parse *parse)
{
    struct reader *body = &parse->body;
    if (!take(body, parse->delimiter + 2, parse->delimiter_length - 2))
        return fail(parse, PORTICO_EINVAL, "The form does not begin with its boundary.");
    while (TAKE(body, "\r\n"))
        if (!read_part(parse))
            return false;
    if (!TAKE(body, "--"))
        return fail(parse, PORTICO_EINVAL, "A boundary of the form has something behind it.");
    TAKE(body, "\r\n");
    return body->at == body->end ||
           fail(parse, PORTICO_EINVAL, "The form has something behind its end.");
}

int http_multipart_parse(struct arena *arena, struct text content_type, struct text body,
                         struct http_part **ret_parts, size_t *ret_count, const char **ret_reason)
{
    struct parse parse = { .arena = arena, .body = { body.data, body.data + body.length } };
    struct text boundary;
    if (!http_multipart_is(content_type) || !find_boundary(content_type, &boundary)) {
        *ret_reason = "The form's Content-Type has no boundary, or a malformed one.";
        return PORTICO_EINVAL;
    }
    memcpy(parse.delimiter, "\r\n--", 4);
    memcpy(parse.delimiter + 4, boundary.data, boundary.length);
    parse.delimiter_length = 4 + boundary.length;
    parse.parts = arena_alloc(arena, HTTP_PARTS_MAX * sizeof *parse.parts);
    if (!parse.parts)
        fail(&parse, PORTICO_ENOMEM, "Memory ended while a form was read.");
    if (!parse.parts || !read_parts(&parse)) {
        *ret_reason = parse.reason;
        return parse.code;
    }
    *ret_parts = parse.parts;
    *ret_count = parse.count;
    return PORTICO_OK;
}

int http_multipart_pairs(struct arena *arena, const struct http_part *parts, size_t count,
                         struct http_pair **ret_pairs, size_t *ret_count)
{
    struct http_pair *pairs = arena_alloc(arena, count * sizeof *pairs);
    size_t at = 0;
    for (size_t i = 0; pairs && i < count; i++) {
        if (parts[i].file_name.data)
            continue;
        const struct text content = parts[i].content;
        if (!text_is_utf8(content.data, content.length))
            return PORTICO_EINVAL;
        char *value = arena_strndup(arena, content.data, content.length);
        if (!value)
            return PORTICO_ENOMEM;
        pairs[at++] = (struct http_pair){ parts[i].name, { value, content.length } };
    }
    if (!pairs)
        return PORTICO_ENOMEM;
    *ret_pairs = pairs;
    *ret_count = at;
    return PORTICO_OK;
}
