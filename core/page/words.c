#include "page/words.h"

#include "page/format.h"

struct text words_find(const struct page_set *set, const char *module, const char *locale,
                       struct text source)
{
    const struct catalogue_message *message =
        set ? catalogue_find(page_set_catalogue(set), module, locale, source) : NULL;
    return message ? message->forms[0] : source;
}

struct text words_find_plural(const struct page_set *set, const char *module, const char *locale,
                              struct text one, struct text other, int64_t count)
{
    const struct catalogue_message *message =
        set ? catalogue_find(page_set_catalogue(set), module, locale, one) : NULL;
    unsigned form = message ? format_plural(locale, count) : 0;
    if (message && form < message->form_count && message->forms[form].length)
        return message->forms[form];
    return count == 1 ? one : other;
}

static bool is_name_byte(char c)
{
    return g_ascii_isalnum(c) || c == '_' || c == '.';
}

bool words_next(struct text text, size_t *at, struct text *ret_literal, struct text *ret_name)
{
    if (*at >= text.length)
        return false;
    size_t start = *at;
    *ret_name = (struct text){ "", 0 };
    for (size_t i = start; i < text.length; i++) {
        if (text.data[i] != '{')
            continue;
        size_t end = i + 1;
        while (end < text.length && is_name_byte(text.data[end]))
            end++;
        if (end == i + 1 || end >= text.length || text.data[end] != '}')
            continue;
        *ret_literal = (struct text){ text.data + start, i - start };
        *ret_name = (struct text){ text.data + i + 1, end - i - 1 };
        *at = end + 1;
        return true;
    }
    *ret_literal = (struct text){ text.data + start, text.length - start };
    *at = text.length;
    return true;
}

bool words_is_pseudo(const struct page_set *set, const char *module, const char *locale,
                     struct text source)
{
    return strcmp(locale, CATALOGUE_PSEUDO) == 0 &&
           !(set && catalogue_misses(page_set_catalogue(set), module, source));
}

void words_pseudo(struct buffer *out, struct text literal)
{
    static const char *const accented[128] = {
        ['a'] = "á", ['b'] = "ƀ", ['c'] = "ç", ['d'] = "ð", ['e'] = "é", ['f'] = "ƒ", ['g'] = "ĝ",
        ['h'] = "ĥ", ['i'] = "î", ['j'] = "ĵ", ['k'] = "ķ", ['l'] = "ļ", ['m'] = "ɱ", ['n'] = "ñ",
        ['o'] = "ó", ['p'] = "þ", ['q'] = "ǫ", ['r'] = "ŕ", ['s'] = "š", ['t'] = "ţ", ['u'] = "û",
        ['v'] = "ṽ", ['w'] = "ŵ", ['x'] = "ẋ", ['y'] = "ý", ['z'] = "ž", ['A'] = "Å", ['B'] = "Ɓ",
        ['C'] = "Ç", ['D'] = "Ð", ['E'] = "É", ['F'] = "Ƒ", ['G'] = "Ĝ", ['H'] = "Ĥ", ['I'] = "Î",
        ['J'] = "Ĵ", ['K'] = "Ķ", ['L'] = "Ļ", ['M'] = "Ṁ", ['N'] = "Ñ", ['O'] = "Ö", ['P'] = "Þ",
        ['Q'] = "Ǫ", ['R'] = "Ŕ", ['S'] = "Š", ['T'] = "Ţ", ['U'] = "Û", ['V'] = "Ṽ", ['W'] = "Ŵ",
        ['X'] = "Ẋ", ['Y'] = "Ý", ['Z'] = "Ž",
    };
    for (size_t i = 0; i < literal.length; i++) {
        unsigned char c = (unsigned char)literal.data[i];
        if (c < 128 && accented[c])
            buffer_append_text(out, accented[c]);
        else
            buffer_append_char(out, (char)c);
    }
}

void words_pseudo_tail(struct buffer *out, size_t length)
{
    for (size_t i = 0; i < length / 3 + 1; i++)
        buffer_append_text(out, "·");
}
