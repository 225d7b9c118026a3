#include "server/fields.h"

bool fields_next(struct text *fields, struct text *ret_line)
{
    if (!fields->length)
        return false;
    const char *feed = memchr(fields->data, '\n', fields->length);
    size_t length = feed ? (size_t)(feed - fields->data) + 1 : fields->length;
    *ret_line = (struct text){ fields->data, length };
    *fields = (struct text){ fields->data + length, fields->length - length };
    return true;
}

struct text fields_name(struct text line)
{
    const char *colon = line.length ? memchr(line.data, ':', line.length) : NULL;
    return (struct text){ line.data, colon ? (size_t)(colon - line.data) : 0 };
}

bool fields_have(struct text fields, struct text line)
{
    struct text other, name = fields_name(line);
    while (fields_next(&fields, &other))
        if (text_equals_ignoring_case(fields_name(other), name))
            return true;
    return false;
}

/* RFC 9110 section 12.5.5: a field that is left out lets caches answer what they must not. */
static bool is_additive(struct text line)
{
    return text_equals_ignoring_case(fields_name(line), TEXT("vary"));
}

static void drop(struct buffer *fields, struct text name)
{
    struct text rest = { fields->data, fields->length }, line;
    size_t kept = 0;
    while (fields_next(&rest, &line)) {
        if (text_equals_ignoring_case(fields_name(line), name))
            continue;
        memmove(fields->data + kept, line.data, line.length);
        kept += line.length;
    }
    fields->length = kept;
}

void fields_replace(struct buffer *fields, struct text given)
{
    struct text line, rest = given;
    while (fields_next(&rest, &line))
        if (!is_additive(line))
            drop(fields, fields_name(line));
    buffer_append(fields, given.data, given.length);
}

void fields_complete(struct buffer *fields, struct text present, struct text given)
{
    struct buffer more = { 0 };
    struct text line;
    while (fields_next(&given, &line))
        if (is_additive(line) ||
            (!fields_have(present, line) &&
             !fields_have((struct text){ fields->data, fields->length }, line)))
            buffer_append(&more, line.data, line.length);
    buffer_append(fields, more.data, more.length);
    fields->failed |= more.failed;
    buffer_free(&more);
}
