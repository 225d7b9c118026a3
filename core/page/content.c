#include "page/content.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

/* Counts up when content may hold less than before: what was sealed until then is sanitized again
 * as it is read. */
#define SEAL_PREFIX "k2:"
#define SEAL_PREFIX_OLD "k1:"
#define SEAL_BYTES crypto_shorthash_siphashx24_BYTES
#define SEAL_HEADER (sizeof SEAL_PREFIX - 1 + SEAL_BYTES * 2 + 1) /* prefix, digits, ":" */

/* Every post of a page is checked each time it is shown: SipHash is a signature for short texts at
 * a fifth of the cost of BLAKE2b. */
static unsigned char seal_key[crypto_shorthash_siphashx24_KEYBYTES];
static bool seal_key_set;

void content_set_key(const unsigned char key[32])
{
    unsigned char version_key[sizeof SEAL_PREFIX - 1 + 32];
    memcpy(version_key, SEAL_PREFIX, sizeof SEAL_PREFIX - 1);
    memcpy(version_key + sizeof SEAL_PREFIX - 1, key, 32);
    seal_key_set = sodium_init() >= 0;
    crypto_generichash(seal_key, sizeof seal_key, version_key, sizeof version_key, NULL, 0);
    sodium_memzero(version_key, sizeof version_key);
}

static void seal_of(const char *html, size_t length, unsigned char ret_seal[SEAL_BYTES])
{
    crypto_shorthash_siphashx24(ret_seal, (const unsigned char *)html, length, seal_key);
}

const char *content_seal(struct arena *arena, const struct value *html)
{
    unsigned char seal[SEAL_BYTES];
    char digits[SEAL_BYTES * 2 + 1];
    if (!html || html->kind != PORTICO_HTML)
        return NULL;
    if (!seal_key_set)
        return html->text; /* sanitized again when it is read */
    seal_of(html->text, html->count, seal);
    sodium_bin2hex(digits, sizeof digits, seal, sizeof seal);
    return arena_printf(arena, SEAL_PREFIX "%s:%s", digits, html->text);
}

static int digit_of(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_seal(const char *text, size_t length, unsigned char ret_seal[SEAL_BYTES])
{
    size_t prefix = sizeof SEAL_PREFIX - 1;
    if (length < SEAL_HEADER || text[SEAL_HEADER - 1] != ':' ||
        (memcmp(text, SEAL_PREFIX, prefix) != 0 && memcmp(text, SEAL_PREFIX_OLD, prefix) != 0))
        return false;
    for (size_t i = 0; i < SEAL_BYTES; i++) {
        int high = digit_of(text[prefix + 2 * i]), low = digit_of(text[prefix + 2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        ret_seal[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

/* What cannot be sanitized (too deep, too long) is shown as the text it is. */
static struct value *as_text(struct arena *arena, const char *text, size_t length)
{
    struct buffer out = { 0 };
    buffer_append_escaped(&out, text, length);
    struct value *value =
        out.failed ? NULL : value_html(arena, out.length ? out.data : "", out.length);
    buffer_free(&out);
    return value;
}

struct value *content_open(struct arena *arena, const char *text, size_t length)
{
    unsigned char given[SEAL_BYTES], seal[SEAL_BYTES];
    struct value *value = NULL;
    if (read_seal(text, length, given)) {
        text += SEAL_HEADER;
        length -= SEAL_HEADER;
        if (seal_key_set) {
            seal_of(text, length, seal);
            if (sodium_memcmp(given, seal, SEAL_BYTES) == 0)
                return value_html(arena, text, length);
        }
    }
    return content_sanitize(arena, text, length, &value, NULL) == 0 ? value
                                                                    : as_text(arena, text, length);
}

/* Elements inside a line: their tags part no words. */
static bool is_inline(const char *name, size_t length)
{
    static const char *const names[] = { "a",   "abbr", "b",    "cite",  "code", "del",
                                         "dfn", "em",   "i",    "ins",   "kbd",  "mark",
                                         "q",   "s",    "samp", "small", "span", "strong",
                                         "sub", "sup",  "u",    "var" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == length && memcmp(names[i], name, length) == 0)
            return true;
    return false;
}

static void append_codepoint(struct buffer *out, unsigned long c)
{
    if (c < 0x20 || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        c = ' ';
    if (c < 0x80) {
        buffer_append_char(out, (char)c);
        return;
    }
    int shift = c < 0x800 ? 6 : c < 0x10000 ? 12 : 18;
    static const unsigned char lead[] = { [6] = 0xC0, [12] = 0xE0, [18] = 0xF0 };
    buffer_append_char(out, (char)(lead[shift] | (c >> shift)));
    while ((shift -= 6) >= 0)
        buffer_append_char(out, (char)(0x80 | ((c >> shift) & 0x3F)));
}

/* Decodes the reference at text[0] == '&'; returns its length, 0 if it is none we know. */
static size_t append_reference(struct buffer *out, const char *text, size_t length)
{
    static const struct {
        struct text reference;
        const char *text;
    } known[] = {
        { { "&amp;", 5 }, "&" },
        { { "&lt;", 4 }, "<" },
        { { "&gt;", 4 }, ">" },
        { { "&quot;", 6 }, "\"" },
        { { "&apos;", 6 }, "'" },
        { { "&nbsp;", 6 }, " " },
        { { "&ndash;", 7 }, "\xE2\x80\x93" },
        { { "&mdash;", 7 }, "\xE2\x80\x94" },
        { { "&hellip;", 8 }, "\xE2\x80\xA6" },
    };
    struct text rest = { text, length };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (text_starts(rest, known[i].reference)) {
            buffer_append_text(out, known[i].text);
            return known[i].reference.length;
        }
    const char *end =
        length > 3 && text[1] == '#' ? memchr(text, ';', length < 12 ? length : 12) : NULL;
    if (!end)
        return 0;
    bool hex = text[2] == 'x' || text[2] == 'X';
    append_codepoint(out, strtoul(text + (hex ? 3 : 2), NULL, hex ? 16 : 10));
    return (size_t)(end - text) + 1;
}

static void append_blank(struct buffer *out)
{
    if (out->length && out->data[out->length - 1] != ' ')
        buffer_append_char(out, ' ');
}

/* Passes the tag at text[at]; the html kind is well-formed, quotes included. */
static size_t pass_tag(struct buffer *out, const char *text, size_t length, size_t at)
{
    size_t name = at + 1 + (at + 1 < length && text[at + 1] == '/');
    size_t end = name;
    while (end < length &&
           ((text[end] >= 'a' && text[end] <= 'z') || (text[end] >= '0' && text[end] <= '9')))
        end++;
    if (!is_inline(text + name, end - name))
        append_blank(out);
    for (char quote = '\0'; end < length; end++) {
        if (quote)
            quote = text[end] == quote ? '\0' : quote;
        else if (text[end] == '"')
            quote = '"';
        else if (text[end] == '>')
            return end + 1;
    }
    return length;
}

/* The byte at `text` and what follows it up to the next blank, tag or reference. */
static size_t word_run(const char *text, size_t length)
{
    size_t end = 1;
    while (end < length && (unsigned char)text[end] > ' ' && text[end] != '<' && text[end] != '&')
        end++;
    return end;
}

/* At most `limit` bytes, cut behind a whole word where there is one. */
static size_t cut_at_word(const struct buffer *out, size_t limit)
{
    if (out->length <= limit)
        return out->length;
    size_t cut = text_utf8_cut(out->data, limit);
    size_t word = cut;
    if (out->data[cut] != ' ')
        while (word > 0 && out->data[word - 1] != ' ')
            word--;
    return word > 0 ? word : cut;
}

char *content_plain(struct arena *arena, const struct value *html, size_t limit)
{
    struct buffer out = { 0 };
    const char *text =
        html && (html->kind == PORTICO_HTML || html->kind == PORTICO_TEXT) ? html->text : "";
    size_t length = *text ? html->count : 0;
    for (size_t at = 0; at < length && (!limit || out.length <= limit + 4);) {
        char c = text[at];
        size_t step = 1;
        if (c == '<') {
            at = pass_tag(&out, text, length, at);
            continue;
        }
        if (c == ' ' || c == '\n' || c == '\t' || c == '\r')
            append_blank(&out);
        else if (c != '&' || !(step = append_reference(&out, text + at, length - at))) {
            step = word_run(text + at, length - at);
            buffer_append(&out, text + at, step);
        }
        at += step;
    }
    size_t end = limit ? cut_at_word(&out, limit) : out.length;
    while (end > 0 && out.data[end - 1] == ' ')
        end--;
    char *plain = out.failed ? NULL : arena_strndup(arena, out.length ? out.data : "", end);
    buffer_free(&out);
    return plain;
}
