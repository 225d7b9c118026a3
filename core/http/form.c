#include "http/form.h"

#include "http/target.h"

#include <portico/base.h>

#include <stdint.h>

static int decode(struct arena *arena, struct text encoded, struct text *ret_decoded)
{
    char *data = arena_alloc(arena, encoded.length + 1);
    if (!data)
        return PORTICO_ENOMEM;
    ptrdiff_t length = http_percent_decode(encoded.data, encoded.length, true, data);
    if (length < 0 || !text_is_utf8(data, (size_t)length))
        return PORTICO_EINVAL; /* NUL is no UTF-8 text here */
    data[length] = 0;
    *ret_decoded = (struct text){ data, (size_t)length };
    return 0;
}

static int decode_pair(struct arena *arena, struct text part, struct http_pair *ret_pair)
{
    const char *equals = memchr(part.data, '=', part.length);
    size_t name = equals ? (size_t)(equals - part.data) : part.length;
    struct text value = { equals ? equals + 1 : "", equals ? part.length - name - 1 : 0 };
    int result = decode(arena, (struct text){ part.data, name }, &ret_pair->name);
    return result < 0 ? result : decode(arena, value, &ret_pair->value);
}

/* Parts between "&"; empty ones are passed over, as WHATWG URL section 5.1 says. */
static struct text next_part(struct text *rest)
{
    const char *end = memchr(rest->data, '&', rest->length);
    struct text part = { rest->data, end ? (size_t)(end - rest->data) : rest->length };
    size_t taken = part.length + (end != NULL);
    *rest = (struct text){ rest->data + taken, rest->length - taken };
    return part;
}

int http_form_parse(struct arena *arena, struct text encoded, struct http_pair **ret_pairs,
                    size_t *ret_count)
{
    size_t count = 0;
    for (struct text rest = encoded; rest.length;)
        count += next_part(&rest).length > 0;
    if (count > HTTP_FORM_PAIRS_MAX)
        return PORTICO_ELIMIT;
    struct http_pair *pairs = arena_alloc(arena, count * sizeof *pairs);
    if (!pairs)
        return PORTICO_ENOMEM;
    size_t at = 0;
    for (struct text rest = encoded; rest.length;) {
        struct text part = next_part(&rest);
        if (part.length == 0)
            continue;
        int result = decode_pair(arena, part, &pairs[at++]);
        if (result < 0)
            return result;
    }
    *ret_pairs = pairs;
    *ret_count = count;
    return 0;
}
