#include "search/words.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

#define WORDS_MAX 32u
#define WORD_BYTES_MAX 100u
#define PREFIX_CHARACTERS_MIN 2

/* How a database writes words, phrases and beginnings. */
struct syntax {
    const char *open;      /* before a term */
    const char *close;     /* after it */
    const char *in_phrase; /* between the words of a phrase */
    const char *between;   /* between terms */
    const char *beginning; /* after a term that may go on */
};
static const struct syntax fts5 = { "\"", "\"", " ", " AND ", " *" };
static const struct syntax tsquery = { "'", "'", "' <-> '", " & ", ":*" };

/* Letters, digits and marks make words on both databases; all else only separates, quotes group. */
static bool is_word(gunichar c)
{
    return g_unichar_isalnum(c) || g_unichar_ismark(c) ||
           g_unichar_type(c) == G_UNICODE_OTHER_LETTER;
}

static const char *next_word(const char *at, GString *word)
{
    g_string_truncate(word, 0);
    while (*at && is_word(g_utf8_get_char(at))) {
        const char *next = g_utf8_next_char(at);
        if (word->len < WORD_BYTES_MAX)
            g_string_append_len(word, at, next - at);
        at = next;
    }
    return at;
}

/* One term from `at`: a word, or the words up to the closing quote. Empty terms are not written. */
static const char *write_term(const char *at, bool phrase, const struct syntax *syntax,
                              GString *out, unsigned *words)
{
    GString *word = g_string_new(NULL);
    bool open = false;
    do {
        while (*at && !is_word(g_utf8_get_char(at)) && *at != '"')
            at = g_utf8_next_char(at);
        at = next_word(at, word);
        if (!word->len || *words >= WORDS_MAX)
            continue;
        if (!open)
            g_string_append_printf(out, "%s%s", out->len ? syntax->between : "", syntax->open);
        g_string_append_printf(out, "%s%s", open ? syntax->in_phrase : "", word->str);
        open = true;
        ++*words;
    } while (phrase && *at && *at != '"');
    if (open)
        g_string_append(out, syntax->close);
    bool ends = !phrase && open && !*at && g_utf8_strlen(word->str, -1) >= PREFIX_CHARACTERS_MIN;
    if (ends)
        g_string_append(out, syntax->beginning);
    g_string_free(word, TRUE);
    return at;
}

static char *write_query(const char *text, const struct syntax *syntax)
{
    char *clean = g_utf8_make_valid(text ? text : "", -1);
    GString *out = g_string_new(NULL);
    unsigned words = 0;
    bool phrase = false;
    for (const char *at = clean; *at;) {
        if (*at == '"') {
            phrase = !phrase && strchr(at + 1, '"');
            at++;
        }
        at = write_term(at, phrase, syntax, out, &words);
    }
    g_free(clean);
    if (words)
        return g_string_free(out, FALSE);
    g_string_free(out, TRUE);
    return NULL;
}

char *search_words_fts5(const char *text)
{
    return write_query(text, &fts5);
}

char *search_words_tsquery(const char *text)
{
    return write_query(text, &tsquery);
}
