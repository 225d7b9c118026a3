#include "http/body.h"

#define OVERHEAD_MAX 4096u
#define SIZE_DIGITS_MAX 15u /* cannot overflow 64 bits; leading zeros count too */

enum state {
    SIZE_FIRST,
    SIZE,
    BLANK, /* after the size or an extension: only ";" may follow */
    EXTENSION_NAME_FIRST,
    EXTENSION_NAME,
    EXTENSION_VALUE_FIRST,
    EXTENSION_VALUE,
    EXTENSION_QUOTED,
    EXTENSION_QUOTED_PAIR,
    EXTENSION_QUOTED_END,
    SIZE_FEED,
    DATA,
    DATA_RETURN,
    DATA_FEED,
    TRAILER_FIRST,
    TRAILER_NAME,
    TRAILER_VALUE,
    TRAILER_FEED,
    END_FEED,
    END,
    BROKEN,
};

static int hex(unsigned char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_blank(unsigned char c)
{
    return c == ' ' || c == '\t';
}

static unsigned size_digit(struct http_body *body, unsigned char c)
{
    int digit = hex(c);
    if (digit < 0 || ++body->digits > SIZE_DIGITS_MAX)
        return BROKEN;
    body->remaining = body->remaining << 4 | (unsigned)digit;
    return SIZE;
}

/* What may stand after a size, an extension's name or its value. */
static unsigned after_token(unsigned char c)
{
    if (c == '\r')
        return SIZE_FEED;
    if (c == ';')
        return EXTENSION_NAME_FIRST;
    return is_blank(c) ? BLANK : BROKEN;
}

static unsigned extension(unsigned state, unsigned char c)
{
    switch (state) {
    case BLANK:
        return c == ';' ? EXTENSION_NAME_FIRST : c == '=' ? BROKEN : is_blank(c) ? BLANK : BROKEN;
    case EXTENSION_NAME_FIRST:
        return is_blank(c) ? EXTENSION_NAME_FIRST : http_token[c] ? EXTENSION_NAME : BROKEN;
    case EXTENSION_NAME:
        return http_token[c] ? EXTENSION_NAME : c == '=' ? EXTENSION_VALUE_FIRST : after_token(c);
    case EXTENSION_VALUE_FIRST:
        return c == '"' ? EXTENSION_QUOTED : http_token[c] ? EXTENSION_VALUE : BROKEN;
    case EXTENSION_VALUE: return http_token[c] ? EXTENSION_VALUE : after_token(c);
    case EXTENSION_QUOTED_END: return after_token(c);
    case EXTENSION_QUOTED:
        if (c == '"')
            return EXTENSION_QUOTED_END;
        return c == '\\' ? EXTENSION_QUOTED_PAIR : http_value[c] ? EXTENSION_QUOTED : BROKEN;
    default: return http_value[c] ? EXTENSION_QUOTED : BROKEN;
    }
}

static unsigned trailer(unsigned state, unsigned char c)
{
    switch (state) {
    case TRAILER_FIRST: return c == '\r' ? END_FEED : http_token[c] ? TRAILER_NAME : BROKEN;
    case TRAILER_NAME: return c == ':' ? TRAILER_VALUE : http_token[c] ? TRAILER_NAME : BROKEN;
    case TRAILER_VALUE: return c == '\r' ? TRAILER_FEED : http_value[c] ? TRAILER_VALUE : BROKEN;
    case TRAILER_FEED: return c == '\n' ? TRAILER_FIRST : BROKEN;
    default: return c == '\n' ? END : BROKEN;
    }
}

/* One byte outside of the data. */
static unsigned step(struct http_body *body, unsigned char c)
{
    switch (body->state) {
    case SIZE_FIRST: return size_digit(body, c);
    case SIZE: return hex(c) >= 0 ? size_digit(body, c) : after_token(c);
    case SIZE_FEED:
        if (c != '\n')
            return BROKEN;
        return body->remaining ? DATA : TRAILER_FIRST;
    case DATA_RETURN: return c == '\r' ? DATA_FEED : BROKEN;
    case DATA_FEED: body->digits = 0; return c == '\n' ? SIZE_FIRST : BROKEN;
    case TRAILER_FIRST:
    case TRAILER_NAME:
    case TRAILER_VALUE:
    case TRAILER_FEED:
    case END_FEED: body->overhead++; return trailer(body->state, c);
    default: body->overhead++; return extension(body->state, c);
    }
}

static const char too_large[] = "The request's body is too large.";

static enum http_body_result refuse(struct http_body *body, struct http_refusal *ret_refusal,
                                    unsigned status, const char *reason)
{
    body->state = BROKEN;
    *ret_refusal = (struct http_refusal){ status, reason };
    return HTTP_BODY_REFUSED;
}

bool http_body_begin(struct http_body *body, const struct http_framing *framing, size_t limit,
                     struct http_refusal *ret_refusal)
{
    buffer_clear(&body->content);
    body->limit = limit;
    body->chunked = framing->chunked;
    body->remaining = framing->chunked ? 0 : framing->content_length;
    body->overhead = 0;
    body->digits = 0;
    body->state = framing->chunked ? SIZE_FIRST : framing->content_length ? DATA : END;
    if (body->remaining > limit)
        refuse(body, ret_refusal, 413, too_large);
    return body->state != BROKEN;
}

enum http_body_result http_body_feed(struct http_body *body, const char *data, size_t length,
                                     size_t *ret_used, struct http_refusal *ret_refusal)
{
    size_t used = 0;
    while (used < length && body->state != END) {
        if (body->state == DATA) {
            size_t part = length - used;
            if (part > body->remaining)
                part = (size_t)body->remaining;
            if (body->remaining > body->limit - body->content.length)
                return refuse(body, ret_refusal, 413, too_large);
            buffer_append(&body->content, data + used, part);
            if (body->content.failed)
                return refuse(body, ret_refusal, 503,
                              "The server is out of memory. Try again in a moment.");
            used += part;
            body->remaining -= part;
            if (body->remaining == 0)
                body->state = body->chunked ? DATA_RETURN : END;
            continue;
        }
        body->state = step(body, (unsigned char)data[used++]);
        if (body->state == BROKEN)
            return refuse(body, ret_refusal, 400, "The chunked body is malformed.");
        if (body->overhead > OVERHEAD_MAX)
            return refuse(body, ret_refusal, 400,
                          "The chunked body's extensions and trailers are too large.");
    }
    *ret_used = used;
    return body->state == END ? HTTP_BODY_DONE : HTTP_BODY_MORE;
}
