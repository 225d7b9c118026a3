#include "http/accept.h"

#define WEIGHT_ONE 1000u

static struct text cut(struct text *rest, char separator)
{
    const char *end = memchr(rest->data, separator, rest->length);
    struct text part = { rest->data, end ? (size_t)(end - rest->data) : rest->length };
    size_t taken = part.length + (end != NULL);
    *rest = (struct text){ rest->data + taken, rest->length - taken };
    return text_trim(part);
}

/* "0.75" to 750; what is malformed weighs nothing. */
static unsigned parse_weight(struct text value)
{
    if (value.length == 0 || value.length > 5 || (value.data[0] != '0' && value.data[0] != '1') ||
        (value.length > 1 && value.data[1] != '.'))
        return 0;
    unsigned weight = (unsigned)(value.data[0] - '0') * WEIGHT_ONE;
    unsigned unit = WEIGHT_ONE / 10;
    for (size_t i = 2; i < value.length; i++, unit /= 10) {
        if (value.data[i] < '0' || value.data[i] > '9')
            return 0;
        weight += unit * (unsigned)(value.data[i] - '0');
    }
    return weight > WEIGHT_ONE ? 0 : weight;
}

/* Splits one member into its name and weight; other parameters make it more special than we offer.
 */
static struct text parse_member(struct text member, unsigned *ret_weight, bool *ret_special)
{
    struct text name = cut(&member, ';');
    *ret_weight = WEIGHT_ONE;
    *ret_special = false;
    while (member.length) {
        struct text parameter = cut(&member, ';');
        if (parameter.length >= 2 && (parameter.data[0] | 0x20) == 'q' && parameter.data[1] == '=')
            *ret_weight = parse_weight((struct text){ parameter.data + 2, parameter.length - 2 });
        else if (parameter.length)
            *ret_special = true;
    }
    return name;
}

/* How well a range fits: 3 the type itself, 2 "text/" and a star, 1 two stars, 0 not at all. */
static unsigned type_fit(struct text range, struct text type)
{
    if (text_equals_ignoring_case(range, type))
        return 3;
    if (text_equals(range, TEXT("*/*")))
        return 1;
    const char *slash = memchr(type.data, '/', type.length);
    size_t main = slash ? (size_t)(slash - type.data) + 1 : 0;
    if (main && range.length == main + 1 && range.data[main] == '*' &&
        text_equals_ignoring_case((struct text){ range.data, main },
                                  (struct text){ type.data, main }))
        return 2;
    return 0;
}

static unsigned coding_fit(struct text range, struct text coding)
{
    if (text_equals_ignoring_case(range, coding))
        return 2;
    return text_equals(range, TEXT("*"));
}

static unsigned best(struct text list, struct text wanted,
                     unsigned (*fit)(struct text range, struct text wanted), unsigned *ret_fit)
{
    unsigned weight = 0;
    *ret_fit = 0;
    while (list.length) {
        unsigned each_weight;
        bool special;
        struct text name = parse_member(cut(&list, ','), &each_weight, &special);
        unsigned each = special ? 0 : fit(name, wanted);
        if (each > *ret_fit) {
            *ret_fit = each;
            weight = each_weight;
        }
    }
    return weight;
}

unsigned http_accept_type(struct text accept, struct text type)
{
    unsigned fit;
    return accept.data ? best(accept, type, type_fit, &fit) : WEIGHT_ONE;
}

unsigned http_accept_coding(struct text accept, struct text coding)
{
    unsigned fit;
    return accept.data ? best(accept, coding, coding_fit, &fit) : 0;
}

bool http_prefers_html(struct text accept)
{
    unsigned html_fit, json_fit;
    if (!accept.data)
        return false;
    unsigned html = best(accept, TEXT("text/html"), type_fit, &html_fit);
    unsigned json = best(accept, TEXT("application/json"), type_fit, &json_fit);
    return html_fit >= 2 && html > 0 && html >= json;
}
