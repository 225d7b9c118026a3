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

/* The next member's name and weight; `ret_special` if it has other parameters. */
static struct text next_member(struct text *list, unsigned *ret_weight, bool *ret_special)
{
    struct text member = cut(list, ',');
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

unsigned http_accept_coding(struct text accept, struct text coding)
{
    unsigned any = 0;
    while (accept.length) {
        unsigned weight;
        bool special;
        struct text name = next_member(&accept, &weight, &special);
        if (!special && text_equals_ignoring_case(name, coding))
            return weight;
        if (!special && !any && text_equals(name, TEXT("*")))
            any = weight;
    }
    return any;
}

/* The most that any of the types weighs where it is named itself, with whatever parameters. */
static unsigned weigh(struct text accept, const struct text *types, size_t count)
{
    unsigned most = 0;
    while (accept.length) {
        unsigned weight;
        bool special;
        struct text name = next_member(&accept, &weight, &special);
        for (size_t i = 0; i < count; i++)
            if (text_equals_ignoring_case(name, types[i]) && weight > most)
                most = weight;
    }
    return most;
}

bool http_prefers_json(struct text accept)
{
    static const struct text json[] = { TEXT("application/json"),
                                        TEXT("application/problem+json") };
    static const struct text html[] = { TEXT("text/html"), TEXT("application/xhtml+xml") };
    return weigh(accept, json, sizeof json / sizeof *json) >
           weigh(accept, html, sizeof html / sizeof *html);
}
