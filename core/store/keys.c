#include "store/keys.h"

#include "base/error.h"

#include <ctype.h>
#include <glib.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>

/* Text before base64url: 16 bytes of checksum, 'n' or 'p', then the values: "i123;", "r0x1p3;",
 * "t5:hello". */
#define CHECKSUM_BYTES 16u
#define CURSOR_BYTES_MAX 8192u

/* One key: "[t.]name [ASC|DESC]". */
static bool read_key(struct page_keys *keys, const char *text)
{
    if (g_str_has_prefix(text, "t."))
        text += 2;
    size_t length = 0;
    while (isalnum((unsigned char)text[length]) || text[length] == '_')
        length++;
    char *direction = g_ascii_strup(text + length, -1);
    g_strstrip(direction);
    bool descending = strcmp(direction, "DESC") == 0;
    bool known = descending || !*direction || strcmp(direction, "ASC") == 0;
    g_free(direction);
    if (!known || !length || length >= sizeof keys->names[0] || keys->count == PAGE_KEYS_MAX ||
        (keys->count && keys->descending != descending))
        return false;
    memcpy(keys->names[keys->count], text, length);
    keys->names[keys->count++][length] = '\0';
    keys->descending = descending;
    return true;
}

static int read_order(struct page_keys *keys, const struct portico_page_query *query,
                      struct portico_error *error)
{
    char **parts = g_strsplit(query->order, ",", -1);
    bool good = parts[0] != NULL;
    for (char **part = parts; *part && good; part++)
        good = read_key(keys, g_strstrip(*part));
    g_strfreev(parts);
    if (good)
        return 0;
    return error_set(error, PORTICO_EINVAL,
                     "The order \"%.100s\" of the list of %s is not usable: write columns of the "
                     "listed table, all ascending or all descending, the last one unique.",
                     query->order, query->table);
}

/* A cursor belongs to one list: table and order are part of the checksum. */
static void checksum(const struct portico_page_query *query, const char *text, size_t length,
                     unsigned char ret_sum[CHECKSUM_BYTES])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, CHECKSUM_BYTES);
    crypto_generichash_update(&state, (const unsigned char *)query->table,
                              strlen(query->table) + 1);
    crypto_generichash_update(&state, (const unsigned char *)query->order,
                              strlen(query->order) + 1);
    crypto_generichash_update(&state, (const unsigned char *)text, length);
    crypto_generichash_final(&state, ret_sum, CHECKSUM_BYTES);
}

/* Moves `at` behind one value; false if there is none. The checksum has vouched for the bytes, not
 * for their meaning: whoever knows the rule can make one. */
static bool read_value(char **at, const char *end, struct portico_argument *ret_value)
{
    char *stop = NULL;
    char kind = **at;
    if (*at >= end)
        return false;
    char *digits = *at + 1;
    if (kind == 'i')
        *ret_value = portico_arg_integer(g_ascii_strtoll(digits, &stop, 10));
    else if (kind == 'r')
        *ret_value = portico_arg_real(g_ascii_strtod(digits, &stop));
    else if (kind == 't') {
        guint64 length = g_ascii_strtoull(digits, &stop, 10);
        if (stop == digits || *stop != ':' || length > (guint64)(end - stop - 1))
            return false;
        *ret_value = (struct portico_argument){ .kind = PORTICO_TEXT,
                                                .length = (uint32_t)length,
                                                .text = stop + 1 };
        *at = stop + 1 + length;
        return text_is_utf8(ret_value->text, length);
    }
    if (!stop || stop == digits || *stop != ';')
        return false;
    *at = stop + 1;
    return true;
}

static bool read_cursor(struct page_keys *keys, const struct portico_page_query *query,
                        struct arena *arena)
{
    size_t length = strlen(query->cursor), bytes = 0;
    char *text = length <= CURSOR_BYTES_MAX ? arena_alloc(arena, length + 1) : NULL;
    unsigned char sum[CHECKSUM_BYTES];
    if (!text || sodium_base642bin((unsigned char *)text, length, query->cursor, length, NULL,
                                   &bytes, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return false;
    if (bytes <= CHECKSUM_BYTES)
        return false;
    text[bytes] = '\0';
    checksum(query, text + CHECKSUM_BYTES, bytes - CHECKSUM_BYTES, sum);
    if (memcmp(sum, text, CHECKSUM_BYTES) != 0)
        return false;
    char *at = text + CHECKSUM_BYTES;
    const char *end = text + bytes;
    keys->backward = *at++ == 'p';
    for (unsigned i = 0; i < keys->count; i++)
        if (!read_value(&at, end, &keys->values[i]))
            return false;
    keys->given = true;
    return at == end;
}

int page_keys_read(struct page_keys *keys, const struct portico_page_query *query,
                   struct arena *arena, struct portico_error *error)
{
    int code = read_order(keys, query, error);
    if (code < 0 || !query->cursor || read_cursor(keys, query, arena))
        return code;
    return error_set(error, PORTICO_EINVAL,
                     "The cursor is not one of this list: start again from its first page.");
}

static void write_value(GString *text, const struct value_cell *cell)
{
    char real[G_ASCII_DTOSTR_BUF_SIZE];
    switch (cell->kind) {
    case PORTICO_TEXT:
    case PORTICO_HTML:
        g_string_append_printf(text, "t%u:", cell->length);
        g_string_append_len(text, cell->text, cell->length);
        break;
    case PORTICO_REAL:
        g_string_append_printf(text, "r%s;", g_ascii_dtostr(real, sizeof real, cell->real));
        break;
    default: g_string_append_printf(text, "i%" PRId64 ";", cell->integer);
    }
}

const char *page_keys_write(const struct page_keys *keys, const struct portico_page_query *query,
                            const struct value_cell *cells, bool backward, struct arena *arena)
{
    unsigned char sum[CHECKSUM_BYTES];
    GString *text = g_string_new(NULL);
    g_string_append_len(text, "0123456789abcdef", CHECKSUM_BYTES); /* its place */
    g_string_append_c(text, backward ? 'p' : 'n');
    for (unsigned i = 0; i < keys->count; i++)
        write_value(text, &cells[i]);
    checksum(query, text->str + CHECKSUM_BYTES, text->len - CHECKSUM_BYTES, sum);
    memcpy(text->str, sum, CHECKSUM_BYTES);
    size_t size = sodium_base64_encoded_len(text->len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *cursor = arena_alloc(arena, size);
    if (cursor)
        sodium_bin2base64(cursor, size, (const unsigned char *)text->str, text->len,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    g_string_free(text, TRUE);
    return cursor;
}
