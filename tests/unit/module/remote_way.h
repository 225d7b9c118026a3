/* How arguments cross a pipe: numbers, texts and bytes there, structs and lists again on the other
 * side. Of remote.c. */
#ifndef REMOTE_WAY_H
#define REMOTE_WAY_H

#include "base/arena.h"

#include <string.h>
#include <unistd.h>

#include "remote_rows.h"

static const struct crossing *crossing_of(char letter)
{
    for (size_t i = 0; i < G_N_ELEMENTS(crossings); i++)
        if (crossings[i].letter == letter)
            return &crossings[i];
    return NULL;
}

static void put_text(GByteArray *out, const char *text, size_t length, bool loose)
{
    uint64_t count = text ? length + 1 : 0;
    g_byte_array_append(out, (const guint8 *)&count, sizeof count);
    if (text && !loose)
        g_byte_array_append(out, (const guint8 *)text, (guint)length);
}

static void put_number(GByteArray *out, int64_t number)
{
    g_byte_array_append(out, (const guint8 *)&number, sizeof number);
}

/* The way over: what a step gives, as bytes. */

static void write_parameters(GByteArray *out, const struct portico_argument *arguments,
                             size_t count)
{
    put_number(out, (int64_t)count);
    for (size_t i = 0; i < count; i++) {
        put_number(out, arguments[i].kind);
        if (arguments[i].kind == PORTICO_TEXT)
            put_text(out, arguments[i].text, arguments[i].length, false);
        else
            put_number(out, arguments[i].integer);
    }
}

/* A pointer with a count behind it. */
static bool is_counted(char letter)
{
    return letter == 'A' || letter == 'K' || letter == 'b';
}

static void write_ids(GByteArray *out, const int64_t *given, size_t count)
{
    put_number(out, (int64_t)count);
    for (size_t i = 0; i < count; i++)
        put_number(out, given[i]);
}

static void write_struct(GByteArray *out, const struct crossing *crossing,
                         const unsigned char *given)
{
    for (const struct member *m = crossing->members; m->letter; m++) {
        uint32_t small = 0;
        int64_t number = 0;
        size_t length = 0;
        const void *pointer = NULL;
        bool counted = is_counted(m->letter);
        memcpy(&small, given + m->offset, sizeof small);
        if (m->letter == 'l')
            memcpy(&number, given + m->offset, sizeof number);
        else if (m->letter != 'u')
            memcpy(&pointer, given + m->offset, sizeof pointer);
        if (counted)
            memcpy(&length, given + m->offset + sizeof pointer, sizeof length);
        switch (m->letter) {
        case 'u': put_number(out, small); break;
        case 'l': put_number(out, number); break;
        case 'A': write_parameters(out, pointer, length); break;
        case 'K': write_ids(out, pointer, length); break;
        case 'b': put_text(out, pointer, length, false); break;
        default: put_text(out, pointer, pointer ? strlen(pointer) : 0, false);
        }
    }
}

static void write_given(GByteArray *out, char letter, const struct given *given)
{
    const struct crossing *crossing = crossing_of(letter);
    if (crossing)
        write_struct(out, crossing, given->pointer);
    else if (letter == 'A')
        write_parameters(out, given->pointer, (size_t)given->number);
    else if (letter == 'K')
        write_ids(out, given->pointer, (size_t)given->number);
    else if (letter == 't')
        put_text(out, given->text, given->text ? strlen(given->text) : 0, false);
    else if (letter == 'b')
        put_text(out, given->text, (size_t)given->number, false);
    else if (letter == 'd')
        g_byte_array_append(out, (const guint8 *)&given->real, sizeof given->real);
    else
        put_number(out, strchr("SCIX", letter) ? (int64_t)given->slot : given->number);
}

/* And back to arguments, in the far side's memory. */
struct reader {
    struct arena *arena;
    const guint8 *at, *end;
};

static void read_bytes(struct reader *reader, void *to, size_t length)
{
    g_assert_cmpuint((size_t)(reader->end - reader->at), >=, length);
    memcpy(to, reader->at, length);
    reader->at += length;
}

static int64_t read_number(struct reader *reader)
{
    int64_t number;
    read_bytes(reader, &number, sizeof number);
    return number;
}

static const char *read_text(struct reader *reader, int64_t *ret_length)
{
    uint64_t count = (uint64_t)read_number(reader);
    if (!count)
        return NULL;
    char *text = arena_zalloc(reader->arena, count);
    read_bytes(reader, text, count - 1);
    *ret_length = (int64_t)count - 1;
    return text;
}

static const void *read_parameters(struct reader *reader, int64_t *ret_count)
{
    int64_t count = read_number(reader), length = 0;
    struct portico_argument *arguments =
        arena_zalloc(reader->arena, (size_t)(count + 1) * sizeof *arguments);
    for (int64_t i = 0; i < count; i++) {
        arguments[i].kind = (uint32_t)read_number(reader);
        if (arguments[i].kind == PORTICO_TEXT) {
            arguments[i].text = read_text(reader, &length);
            arguments[i].length = (uint32_t)length;
        } else {
            arguments[i].integer = read_number(reader);
        }
    }
    *ret_count = count;
    return count ? arguments : NULL;
}

static const void *read_ids(struct reader *reader, int64_t *ret_count)
{
    int64_t count = read_number(reader);
    int64_t *made = arena_zalloc(reader->arena, (size_t)(count + 1) * sizeof *made);
    for (int64_t i = 0; i < count; i++)
        made[i] = read_number(reader);
    *ret_count = count;
    return count ? made : NULL;
}

static const void *read_struct(struct reader *reader, const struct crossing *crossing)
{
    unsigned char *made = arena_zalloc(reader->arena, crossing->size);
    for (const struct member *m = crossing->members; m->letter; m++) {
        int64_t number = 0;
        const void *pointer = NULL;
        if (m->letter == 'u' || m->letter == 'l') {
            number = read_number(reader);
            uint32_t small = (uint32_t)number;
            memcpy(made + m->offset, m->letter == 'u' ? (void *)&small : (void *)&number,
                   m->letter == 'u' ? sizeof small : sizeof number);
            continue;
        }
        pointer = m->letter == 'A'   ? read_parameters(reader, &number)
                  : m->letter == 'K' ? read_ids(reader, &number)
                                     : read_text(reader, &number);
        memcpy(made + m->offset, &pointer, sizeof pointer);
        if (is_counted(m->letter))
            memcpy(made + m->offset + sizeof pointer, &number, sizeof number);
    }
    return made;
}

static void read_given(struct reader *reader, char letter, struct given *given)
{
    const struct crossing *crossing = crossing_of(letter);
    if (crossing)
        given->pointer = read_struct(reader, crossing);
    else if (letter == 'A')
        given->pointer = read_parameters(reader, &given->number);
    else if (letter == 'K')
        given->pointer = read_ids(reader, &given->number);
    else if (letter == 't' || letter == 'b')
        given->text = read_text(reader, &given->number);
    else if (letter == 'd')
        read_bytes(reader, &given->real, sizeof given->real);
    else if (strchr("SCIX", letter))
        given->slot = (unsigned)read_number(reader);
    else
        given->number = read_number(reader);
}

/* The pipe: a length, then as many bytes. */

static void send_all(int end, const GByteArray *bytes)
{
    uint64_t length = bytes->len;
    g_assert_cmpint(write(end, &length, sizeof length), ==, sizeof length);
    for (guint sent = 0; sent < bytes->len;) {
        ssize_t wrote = write(end, bytes->data + sent, bytes->len - sent);
        g_assert_cmpint(wrote, >, 0);
        sent += (guint)wrote;
    }
}

/* NULL when the other end was closed. */
static GByteArray *receive(int end)
{
    uint64_t length;
    if (read(end, &length, sizeof length) != sizeof length)
        return NULL;
    GByteArray *bytes = g_byte_array_sized_new((guint)length);
    g_byte_array_set_size(bytes, (guint)length);
    for (guint got = 0; got < bytes->len;) {
        ssize_t part = read(end, bytes->data + got, bytes->len - got);
        g_assert_cmpint(part, >, 0);
        got += (guint)part;
    }
    return bytes;
}

#endif
