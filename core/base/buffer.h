/* A byte buffer that grows; pages and JSON are written into one and handed to the connection whole.
 */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include "base/text.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* Zero-initialise. After memory ended `failed` stays set and nothing more is appended. */
struct buffer {
    char *data; /* from malloc; not NUL-terminated */
    size_t length;
    size_t capacity;
    bool failed;
};

void buffer_free(struct buffer *buffer);
/* Forgets the content, keeps the memory. */
static inline void buffer_clear(struct buffer *buffer)
{
    buffer->length = 0;
    buffer->failed = false;
}
/* Makes room for `more` bytes behind `length` and returns where; NULL when memory ended. */
char *buffer_room(struct buffer *buffer, size_t more);
static inline void buffer_append(struct buffer *buffer, const char *data, size_t length)
{
    if (buffer->capacity - buffer->length < length && !buffer_room(buffer, length))
        return;
    if (length)
        memcpy(buffer->data + buffer->length, data, length);
    buffer->length += length;
}
static inline void buffer_append_text(struct buffer *buffer, const char *text)
{
    buffer_append(buffer, text, strlen(text));
}
static inline void buffer_append_char(struct buffer *buffer, char c)
{
    buffer_append(buffer, &c, 1);
}
void buffer_append_integer(struct buffer *buffer, int64_t number);
void buffer_printf(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* & < > " ' become references: safe in text and in quoted attributes. */
void buffer_append_escaped(struct buffer *buffer, const char *text, size_t length);
/* A JSON string with its quotes (RFC 8259 section 7); "</" is written "<\/". */
void buffer_append_json_text(struct buffer *buffer, const char *text, size_t length);
/* NUL-terminates without counting the NUL, and returns the data; NULL if it failed. */
char *buffer_text(struct buffer *buffer);

#endif
