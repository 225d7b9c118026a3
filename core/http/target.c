#include "http/target.h"

#include "base/arena.h"

#include <stdint.h>

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

ptrdiff_t http_percent_decode(const char *data, size_t length, bool plus_is_blank, char *ret_data)
{
    char *out = ret_data;
    for (size_t i = 0; i < length; i++) {
        if (data[i] == '+' && plus_is_blank) {
            *out++ = ' ';
        } else if (data[i] != '%') {
            *out++ = data[i];
        } else {
            if (length - i < 3 || hex(data[i + 1]) < 0 || hex(data[i + 2]) < 0)
                return -1;
            *out++ = (char)(hex(data[i + 1]) << 4 | hex(data[i + 2]));
            i += 2;
        }
    }
    return out - ret_data;
}

static bool refuse(struct http_refusal *ret_refusal, unsigned status, const char *reason)
{
    *ret_refusal = (struct http_refusal){ status, reason };
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_unreserved(char c)
{
    char lower = (char)(c | 0x20);
    return (lower >= 'a' && lower <= 'z') || is_digit(c) || c == '-' || c == '.' || c == '_' ||
           c == '~';
}

/* "[" IPv6 address "]": the characters only; nobody connects to what this text says. */
static size_t ip_literal_length(struct text host)
{
    for (size_t i = 1; i < host.length; i++) {
        if (host.data[i] == ']')
            return i > 2 ? i + 1 : 0;
        if (hex(host.data[i]) < 0 && host.data[i] != ':' && host.data[i] != '.')
            return 0;
    }
    return 0;
}

bool http_host_valid(struct text host)
{
    size_t i = 0;
    if (host.length && host.data[0] == '[') {
        i = ip_literal_length(host);
    } else {
        while (i < host.length && is_unreserved(host.data[i]))
            i++;
    }
    if (i == 0 || i > 255)
        return false;
    if (i == host.length)
        return true;
    if (host.data[i] != ':' || host.length - i > 6)
        return false;
    unsigned port = 0;
    for (i++; i < host.length; i++) {
        if (!is_digit(host.data[i]))
            return false;
        port = port * 10 + (unsigned)(host.data[i] - '0');
    }
    return port <= 65535;
}

/* Removes "." and ".." segments (RFC 3986 section 5.2.4) in place; false if ".." climbs above the
 * root. */
static bool remove_dot_segments(char *path, size_t *length)
{
    size_t out = 0;
    for (size_t i = 0; i < *length;) {
        size_t end = i + 1;
        while (end < *length && path[end] != '/')
            end++;
        size_t segment = end - i - 1;
        bool dot = segment == 1 && path[i + 1] == '.';
        bool dots = segment == 2 && path[i + 1] == '.' && path[i + 2] == '.';
        if (dots) {
            if (out == 0)
                return false;
            while (path[--out] != '/')
                ;
        }
        if (!dot && !dots) {
            memmove(path + out, path + i, end - i);
            out += end - i;
        } else if (end == *length) {
            path[out++] = '/'; /* "/a/." is the folder "/a/" */
        }
        i = end;
    }
    if (out == 0)
        path[out++] = '/';
    *length = out;
    return true;
}

/* What an origin server sees in a path. Browsers send "[", "]", "|" and "^" unencoded, so they
 * pass. */
static bool is_path_character(unsigned char c)
{
    return c > 0x20 && c < 0x7F && !memchr("\"#<>\\`{}?", c, 9);
}

static bool is_query_character(unsigned char c)
{
    return c > 0x20 && c < 0x7F && c != '#' && c != '"' && c != '<' && c != '>';
}

static bool parse_path(struct http_request *request, const char *data, size_t length,
                       struct http_refusal *ret_refusal)
{
    char *path = arena_alloc(request->arena, length + 1);
    if (!path)
        return refuse(ret_refusal, 503, "The server is out of memory. Try again in a moment.");
    bool encoded = false;
    bool dots = false;
    for (size_t i = 0; i < length; i++) {
        if (!is_path_character((unsigned char)data[i]))
            return refuse(ret_refusal, 400,
                          "The path holds a character that must be percent-encoded.");
        encoded |= data[i] == '%';
        dots |= data[i] == '.';
        path[i] = data[i];
    }
    if (encoded) {
        for (size_t i = 0; i + 2 < length; i++)
            if (data[i] == '%' && data[i + 1] == '2' && (data[i + 2] | 0x20) == 'f')
                return refuse(ret_refusal, 400, "The path holds an encoded slash.");
        ptrdiff_t decoded = http_percent_decode(data, length, false, path);
        if (decoded < 0)
            return refuse(ret_refusal, 400,
                          "A percent sign in the path is not followed by two hex digits.");
        length = (size_t)decoded;
        for (size_t i = 0; i < length; i++) {
            if ((unsigned char)path[i] < 0x20 || path[i] == 0x7F)
                return refuse(ret_refusal, 400, "The path holds an encoded control character.");
            dots |= path[i] == '.';
        }
        if (!text_is_utf8(path, length))
            return refuse(ret_refusal, 400, "The path is not UTF-8 after decoding.");
    }
    if (dots && !remove_dot_segments(path, &length))
        return refuse(ret_refusal, 400, "The path climbs above the root.");
    path[length] = 0;
    request->path = (struct text){ path, length };
    return true;
}

/* Cuts "http://host" off the absolute form; what remains may be empty, which means "/". */
static bool parse_authority(struct http_request *request, struct text *rest,
                            struct http_refusal *ret_refusal)
{
    static const struct text schemes[] = { { "http://", 7 }, { "https://", 8 } };
    size_t scheme = 0;
    for (size_t i = 0; i < 2; i++) {
        struct text start = { rest->data, schemes[i].length };
        if (rest->length >= start.length && text_equals_ignoring_case(start, schemes[i]))
            scheme = start.length;
    }
    if (!scheme)
        return refuse(ret_refusal, 400,
                      "The request target is neither a path nor an http or https URL.");
    size_t end = scheme;
    while (end < rest->length && rest->data[end] != '/' && rest->data[end] != '?')
        end++;
    struct text host = { rest->data + scheme, end - scheme };
    if (!http_host_valid(host))
        return refuse(ret_refusal, 400, "The host in the request target is not a valid host.");
    char *copy = arena_strndup(request->arena, host.data, host.length);
    if (!copy)
        return refuse(ret_refusal, 503, "The server is out of memory. Try again in a moment.");
    request->host = (struct text){ copy, host.length };
    *rest = (struct text){ rest->data + end, rest->length - end };
    return true;
}

bool http_target_parse(struct http_request *request, char *target, size_t length,
                       struct http_refusal *ret_refusal)
{
    target[length] = 0;
    request->target = (struct text){ target, length };
    request->query = (struct text){ target + length, 0 };
    if (text_equals(request->method, TEXT("CONNECT")))
        return refuse(ret_refusal, 400, "This server is no proxy: CONNECT is refused.");
    if (length == 1 && target[0] == '*') {
        if (!text_equals(request->method, TEXT("OPTIONS")))
            return refuse(ret_refusal, 400, "Only OPTIONS may have the target \"*\".");
        request->path = request->target;
        return true;
    }
    struct text rest = request->target;
    if (length == 0 || (target[0] != '/' && !parse_authority(request, &rest, ret_refusal)))
        return length == 0 ? refuse(ret_refusal, 400, "The request target is empty.") : false;

    const char *mark = rest.length ? memchr(rest.data, '?', rest.length) : NULL;
    struct text path = { rest.data, mark ? (size_t)(mark - rest.data) : rest.length };
    if (mark) {
        request->query = (struct text){ mark + 1, rest.length - path.length - 1 };
        for (size_t i = 0; i < request->query.length; i++)
            if (!is_query_character((unsigned char)request->query.data[i]))
                return refuse(ret_refusal, 400,
                              "The query holds a character that must be percent-encoded.");
    }
    if (path.length == 0)
        path = TEXT("/");
    return parse_path(request, path.data, path.length, ret_refusal);
}
