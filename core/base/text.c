#include "base/text.h"

#include <limits.h>
#include <stdint.h>

static unsigned char lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
}

bool text_equals_ignoring_case(struct text a, struct text b)
{
    if (a.length != b.length)
        return false;
    for (size_t i = 0; i < a.length; i++)
        if (lower((unsigned char)a.data[i]) != lower((unsigned char)b.data[i]))
            return false;
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

struct text text_trim(struct text a)
{
    while (a.length && is_blank(a.data[0])) {
        a.data++;
        a.length--;
    }
    while (a.length && is_blank(a.data[a.length - 1]))
        a.length--;
    return a;
}

/* Length of the well-formed sequence at `s`, or 0 (table 3-7 of the Unicode standard). */
static size_t sequence_length(const unsigned char *s, size_t left)
{
    unsigned char c = s[0];
    if (c < 0x80)
        return c != 0;
    size_t need = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
    if (c < 0xC2 || c > 0xF4 || left < need)
        return 0;
    unsigned char low = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
    unsigned char high = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
    if (s[1] < low || s[1] > high)
        return 0;
    for (size_t i = 2; i < need; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    return need;
}

bool text_is_utf8(const char *data, size_t length)
{
    const unsigned char *s = (const unsigned char *)data;
    size_t i = 0;
    while (i < length) {
        /* Eight plain bytes at a time: none has its high bit set and none is zero. */
        while (length - i >= 8) {
            uint64_t eight;
            memcpy(&eight, s + i, 8);
            if (((eight | (eight - 0x0101010101010101u)) & 0x8080808080808080u) != 0)
                break;
            i += 8;
        }
        while (i < length && s[i] - 1u < 0x7F)
            i++;
        if (i == length)
            break;
        size_t step = sequence_length(s + i, length - i);
        if (step == 0)
            return false;
        i += step;
    }
    return true;
}

bool text_is_line(const char *data, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)data[i] < ' ' || data[i] == 0x7f)
            return false;
    return length && text_is_utf8(data, length);
}

size_t text_utf8_cut(const char *data, size_t length)
{
    size_t start = length;
    while (start > 0 && length - start < 4 && ((unsigned char)data[start - 1] & 0xC0) == 0x80)
        start--;
    if (start == 0)
        return length;
    size_t have = length - (start - 1);
    unsigned char lead = (unsigned char)data[start - 1];
    size_t need = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    return have < need ? start - 1 : length;
}

/* Levenshtein distance over at most 64 bytes of each word. */
static size_t distance(const char *a, const char *b)
{
    size_t length_a = strnlen(a, 64);
    size_t length_b = strnlen(b, 64);
    size_t row[65];
    for (size_t j = 0; j <= length_b; j++)
        row[j] = j;
    for (size_t i = 1; i <= length_a; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= length_b; j++) {
            size_t above = row[j];
            size_t best = diagonal + (a[i - 1] != b[j - 1]);
            if (above + 1 < best)
                best = above + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
            diagonal = above;
        }
    }
    return row[length_b];
}

const char *text_nearest(const char *word, const char *const *candidates, size_t count)
{
    const char *nearest = NULL;
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        size_t edits = distance(word, candidates[i]);
        if (edits < best) {
            best = edits;
            nearest = candidates[i];
        }
    }
    size_t near_enough = strlen(word) / 3 + 1;
    return best <= near_enough ? nearest : NULL;
}

bool text_to_int64(struct text a, long long *ret_number)
{
    size_t i = 0;
    bool negative = a.length && a.data[0] == '-';
    unsigned long long limit = negative ? (unsigned long long)LLONG_MAX + 1 : LLONG_MAX;
    unsigned long long number = 0;
    if (negative)
        i++;
    if (i == a.length)
        return false;
    for (; i < a.length; i++) {
        if (a.data[i] < '0' || a.data[i] > '9')
            return false;
        unsigned digit = (unsigned)(a.data[i] - '0');
        if (number > (limit - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    *ret_number = negative ? (long long)(0 - number) : (long long)number;
    return true;
}
