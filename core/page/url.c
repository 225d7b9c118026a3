#include "page/url.h"

static bool is_unreserved(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

static bool is_in(const char *set, unsigned char c)
{
    return c && strchr(set, c) != NULL;
}

/* RFC 3986: at its start a URL keeps its own punctuation, a path its slashes, data nothing. */
static const char *kept_at(const struct buffer *out, size_t begin)
{
    if (out->length == begin)
        return ":/?#[]@!$&'()*+,;=%";
    for (size_t i = begin; i < out->length; i++)
        if (out->data[i] == '?' || (out->data[i] == '#' && (i == begin || out->data[i - 1] != '&')))
            return "";
    return "/:@!$,;=";
}

void url_append(struct buffer *out, size_t begin, const char *text, size_t length)
{
    static const char hex[] = "0123456789ABCDEF";
    const char *kept = kept_at(out, begin);
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (is_unreserved(c)) {
            buffer_append_char(out, (char)c);
        } else if (is_in(kept, c)) {
            buffer_append_escaped(out, text + i, 1);
        } else {
            char encoded[3] = { '%', hex[c >> 4], hex[c & 15] };
            buffer_append(out, encoded, 3);
        }
    }
}

/* The scheme before a ":" that comes before any of "/?#"; an empty text with data set if it is
 * ill-formed. */
static struct text scheme_of(const char *url, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (url[i] == ':')
            return (struct text){ url, i };
        if (is_in("/?#", (unsigned char)url[i]))
            break;
    }
    return (struct text){ NULL, 0 };
}

static bool has_authority_only(const char *url, size_t length)
{
    return length >= 2 && (url[0] == '/' || url[0] == '\\') && (url[1] == '/' || url[1] == '\\');
}

static bool scheme_is_one_of(struct text scheme, const struct text *allowed, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (text_equals_ignoring_case(scheme, allowed[i]))
            return true;
    return false;
}

void url_guard(struct buffer *out, size_t begin)
{
    static const struct text allowed[] = {
        { "http", 4 }, { "https", 5 }, { "mailto", 6 }, { "tel", 3 }
    };
    if (out->failed || out->length == begin)
        return;
    const char *url = out->data + begin;
    size_t length = out->length - begin;
    struct text scheme = scheme_of(url, length);
    bool good =
        scheme.data ? scheme_is_one_of(scheme, allowed, 4) : !has_authority_only(url, length);
    if (good)
        return;
    out->length = begin;
    buffer_append_char(out, '#');
}

bool url_is_safe(const char *url, size_t length)
{
    static const struct text allowed[] = { { "http", 4 }, { "https", 5 }, { "mailto", 6 } };
    /* Browsers drop tabs and newlines inside and blanks around a URL: what holds one is refused
     * whole. */
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)url[i] <= 0x20 || (unsigned char)url[i] == 0x7F || url[i] == '\\')
            return false;
    struct text scheme = scheme_of(url, length);
    return scheme.data ? scheme_is_one_of(scheme, allowed, 3) : !has_authority_only(url, length);
}

static int hex_of(char c)
{
    return c >= '0' && c <= '9'                     ? c - '0'
           : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
                                                    : -1;
}

/* One step of a path, up to a "/" or the end: its length; 0: none that is sure to stay where it
 * stands. Browsers read "%2e" as "." before they ask. */
static size_t step_of(const char *path, size_t length)
{
    bool dots = true;
    size_t end = 0;
    for (size_t i = 0; end < length && path[end] != '/'; end = i) {
        unsigned char c = (unsigned char)path[i++];
        if (c == '%') {
            int high = i + 1 < length ? hex_of(path[i]) : -1;
            int low = i + 1 < length ? hex_of(path[i + 1]) : -1;
            if (high < 0 || low < 0)
                return 0;
            c = (unsigned char)(high << 4 | low);
            i += 2;
            if (c == '/')
                return 0;
        } else if (is_in("?#", c)) {
            return 0;
        }
        if (c <= 0x1F || c == 0x7F || c == '\\')
            return 0;
        dots &= c == '.';
    }
    return dots ? 0 : end;
}

static bool is_path_under(struct text place, const char *url, size_t length)
{
    size_t step, at = place.length;
    if (!text_starts((struct text){ url, length }, place))
        return false;
    while ((step = step_of(url + at, length - at)) && at + step < length)
        at += step + 1;
    return step > 0;
}

bool url_is_picture(const char *url, size_t length)
{
    static const struct text files = { "/portico/files/", 15 }, assets = { "/assets/", 8 };
    if (!url_is_safe(url, length) || !is_path_under(files, url, length))
        return url_is_safe(url, length) && is_path_under(assets, url, length);
    size_t digits = 0;
    while (files.length + digits < length &&
           is_in("0123456789", (unsigned char)url[files.length + digits]))
        digits++;
    size_t name = files.length + digits + 1;
    return digits > 0 && name < length && url[name - 1] == '/' &&
           !memchr(url + name, '/', length - name);
}
