#include "http/condition.h"

#include "base/clock.h"

#include <stdint.h>

#define SECOND ((int64_t)1000000)

static bool is_weak(struct text etag)
{
    return etag.length > 2 && etag.data[0] == 'W' && etag.data[1] == '/';
}

static struct text opaque(struct text etag)
{
    return is_weak(etag) ? (struct text){ etag.data + 2, etag.length - 2 } : etag;
}

/* Next member of a list of entity tags; false at its end or where it is malformed. */
static bool next_tag(struct text *list, struct text *ret_tag)
{
    size_t i = 0;
    while (i < list->length && memchr(" \t,", list->data[i], 3))
        i++;
    size_t start = i;
    if (list->length - i > 2 && list->data[i] == 'W' && list->data[i + 1] == '/')
        i += 2;
    if (i >= list->length || list->data[i] != '"')
        return false;
    const char *end = memchr(list->data + i + 1, '"', list->length - i - 1);
    if (!end)
        return false;
    size_t after = (size_t)(end - list->data) + 1;
    *ret_tag = (struct text){ list->data + start, after - start };
    *list = (struct text){ list->data + after, list->length - after };
    return true;
}

static bool list_matches(struct text list, struct text etag, bool strong)
{
    if (text_equals(list, TEXT("*")))
        return true;
    struct text tag;
    while (etag.length && next_tag(&list, &tag)) {
        if (strong && (is_weak(tag) || is_weak(etag)))
            continue;
        if (text_equals(opaque(tag), opaque(etag)))
            return true;
    }
    return false;
}

/* True if the header's date is there, valid and `modified` is later than it. */
static bool modified_since(struct text date, int64_t modified, bool otherwise)
{
    int64_t time = date.data ? clock_parse_http_date(date.data, date.length) : -1;
    if (time < 0 || modified == 0)
        return otherwise;
    return modified / SECOND > time / SECOND;
}

unsigned http_condition_evaluate(const struct http_request *request, unsigned conditions,
                                 struct text etag, int64_t modified)
{
    if (conditions & HTTP_IF_MATCH) {
        if (!list_matches(http_request_field_joined(request, TEXT("if-match")), etag, true))
            return 412;
    } else if (conditions & HTTP_IF_UNMODIFIED_SINCE) {
        if (modified_since(http_request_field(request, TEXT("if-unmodified-since")), modified,
                           false))
            return 412;
    }
    if (conditions & HTTP_IF_NONE_MATCH) {
        if (list_matches(http_request_field_joined(request, TEXT("if-none-match")), etag, false))
            return 304;
    } else if (conditions & HTTP_IF_MODIFIED_SINCE) {
        if (!modified_since(http_request_field(request, TEXT("if-modified-since")), modified, true))
            return 304;
    }
    return 0;
}

static bool if_range_holds(const struct http_request *request, struct text etag, int64_t modified)
{
    struct text value = http_request_field(request, TEXT("if-range"));
    if (!value.data)
        return true;
    if (value.length && value.data[0] == '"')
        return etag.length && text_equals(value, etag);
    int64_t time = clock_parse_http_date(value.data, value.length);
    return time >= 0 && modified && modified / SECOND == time / SECOND;
}

/* Digits up to `*at`'s end; false if none or too many for 63 bits. */
static bool read_number(struct text text, size_t *at, uint64_t *ret_number)
{
    size_t start = *at;
    uint64_t number = 0;
    while (*at < text.length && text.data[*at] >= '0' && text.data[*at] <= '9')
        number = number * 10 + (uint64_t)(text.data[(*at)++] - '0');
    if (*at == start || *at - start > 18)
        return false;
    *ret_number = number;
    return true;
}

enum http_range_result http_range_select(const struct http_request *request, struct text etag,
                                         int64_t modified, uint64_t size, uint64_t *ret_first,
                                         uint64_t *ret_length)
{
    struct text value = http_request_field(request, TEXT("range"));
    struct text unit = { value.data, value.length < 6 ? value.length : 6 };
    if (unit.length < 6 || !text_equals_ignoring_case(unit, TEXT("bytes=")) ||
        !if_range_holds(request, etag, modified))
        return HTTP_RANGE_WHOLE;
    struct text range = text_trim((struct text){ value.data + 6, value.length - 6 });
    uint64_t first = 0;
    uint64_t last = UINT64_MAX;
    size_t at = 0;
    bool has_first = read_number(range, &at, &first);
    if (at >= range.length || range.data[at] != '-')
        return HTTP_RANGE_WHOLE;
    at++;
    bool has_last = read_number(range, &at, &last);
    if (at != range.length || (!has_first && !has_last) || (has_first && last < first))
        return HTTP_RANGE_WHOLE;
    if (!has_first) {
        if (last == 0 || size == 0)
            return HTTP_RANGE_OUTSIDE;
        first = last < size ? size - last : 0;
        last = size - 1;
    }
    if (first >= size)
        return HTTP_RANGE_OUTSIDE;
    *ret_first = first;
    *ret_length = (last < size ? last : size - 1) - first + 1;
    return HTTP_RANGE_PART;
}
