#include "base/buffer.h"

#include <stdio.h>
#include <stdlib.h>

void buffer_free(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct buffer){ 0 };
}

char *buffer_room(struct buffer *buffer, size_t more)
{
    if (buffer->failed)
        return NULL;
    if (buffer->capacity - buffer->length >= more && buffer->data)
        return buffer->data + buffer->length;
    size_t need = buffer->length + more;
    size_t capacity = buffer->capacity ? buffer->capacity : 1024;
    while (capacity < need && capacity <= SIZE_MAX / 2)
        capacity *= 2;
    char *data = need < more || capacity < need ? NULL : realloc(buffer->data, capacity);
    if (!data) {
        buffer->failed = true;
        return NULL;
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return data + buffer->length;
}

void buffer_append_integer(struct buffer *buffer, int64_t number)
{
    char digits[20];
    size_t at = sizeof digits;
    uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left);
    if (number < 0)
        digits[--at] = '-';
    buffer_append(buffer, digits + at, sizeof digits - at);
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    size_t left = buffer->failed ? 0 : buffer->capacity - buffer->length;
    int length = vsnprintf(left ? buffer->data + buffer->length : NULL, left, format, arguments);
    va_end(arguments);
    char *room = length < 0 ? NULL : buffer_room(buffer, (size_t)length + 1);
    if (room) {
        if ((size_t)length >= left)
            vsnprintf(room, (size_t)length + 1, format, again);
        buffer->length += (size_t)length;
    }
    va_end(again);
}

static struct text reference_for(unsigned char c)
{
    switch (c) {
    case '&': return TEXT("&amp;");
    case '<': return TEXT("&lt;");
    case '>': return TEXT("&gt;");
    case '"': return TEXT("&quot;");
    case '\'': return TEXT("&#39;");
    default: return (struct text){ 0 };
    }
}

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* The high bit of a byte that is zero, and perhaps of bytes above it. */
static uint64_t zeros(uint64_t word)
{
    return (word - EACH(1)) & ~word & EACH(0x80);
}

/* How many bytes from `at` on, in steps of eight, hold none of the five. '<' and '>' differ in one
 * bit, and so do '"' and '&'. */
static size_t plain_run(const char *text, size_t at, size_t length)
{
    size_t from = at;
    for (; length - at >= 8; at += 8) {
        uint64_t word;
        memcpy(&word, text + at, 8);
        if (zeros((word & ~EACH(2)) ^ EACH('<')) | zeros((word & ~EACH(4)) ^ EACH('"')) |
            zeros(word ^ EACH('\'')))
            break;
    }
    return at - from;
}

void buffer_append_escaped(struct buffer *buffer, const char *text, size_t length)
{
    size_t plain = 0;
    for (size_t i = 0, looked = 0; i < length; i++) {
        if (i == looked) {
            i += plain_run(text, i, length);
            looked = i + 8;
            if (i == length)
                break;
        }
        unsigned char c = (unsigned char)text[i];
        if (c > '>') /* the five all lie at or below '>' */
            continue;
        struct text reference = reference_for(c);
        if (!reference.data)
            continue;
        buffer_append(buffer, text + plain, i - plain);
        buffer_append(buffer, reference.data, reference.length);
        plain = i + 1;
    }
    buffer_append(buffer, text + plain, length - plain);
}

/* The same for JSON: no control, quote, backslash or slash. */
static size_t plain_json_run(const char *text, size_t at, size_t length)
{
    size_t from = at;
    for (; length - at >= 8; at += 8) {
        uint64_t word;
        memcpy(&word, text + at, 8);
        uint64_t controls = (word - EACH(0x20)) & ~word & EACH(0x80);
        if (controls | zeros(word ^ EACH('"')) | zeros(word ^ EACH('\\')) | zeros(word ^ EACH('/')))
            break;
    }
    return at - from;
}

void buffer_append_json_text(struct buffer *buffer, const char *text, size_t length)
{
    static const char hex[] = "0123456789abcdef";
    size_t plain = 0;
    buffer_append_char(buffer, '"');
    for (size_t i = 0, looked = 0; i < length; i++) {
        if (i == looked) {
            i += plain_json_run(text, i, length);
            looked = i + 8;
            if (i == length)
                break;
        }
        unsigned char c = (unsigned char)text[i];
        bool closes_tag = c == '/' && i > 0 && text[i - 1] == '<';
        if (c >= 0x20 && c != '"' && c != '\\' && !closes_tag)
            continue;
        buffer_append(buffer, text + plain, i - plain);
        plain = i + 1;
        buffer_append_char(buffer, '\\');
        switch (c) {
        case '"':
        case '\\':
        case '/': buffer_append_char(buffer, (char)c); break;
        case '\b': buffer_append_char(buffer, 'b'); break;
        case '\f': buffer_append_char(buffer, 'f'); break;
        case '\n': buffer_append_char(buffer, 'n'); break;
        case '\r': buffer_append_char(buffer, 'r'); break;
        case '\t': buffer_append_char(buffer, 't'); break;
        default:
            buffer_append(buffer, "u00", 3);
            buffer_append_char(buffer, hex[c >> 4]);
            buffer_append_char(buffer, hex[c & 15]);
        }
    }
    buffer_append(buffer, text + plain, length - plain);
    buffer_append_char(buffer, '"');
}

char *buffer_text(struct buffer *buffer)
{
    char *room = buffer_room(buffer, 1);
    if (!room)
        return NULL;
    *room = '\0';
    return buffer->data;
}
