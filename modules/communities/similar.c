/* Questions like the one being asked, found by the words of its title. Search wants all words of a
 * query; here most of them are enough. */
#include "communities.h"

#include <ctype.h>

#define WORDS_ASKED 5
#define HITS_MOST 5
#define HITS_EACH 5
#define WORD_LEAST 3
#define WORD_ROOM 64

/* Words that say nothing of what a question is about. */
static const char *const common[] = {
    "aber", "alle",   "and",   "any",  "are",   "auch",  "auf",    "aus",   "bei",   "but",
    "can",  "cannot", "could", "das",  "dass",  "dem",   "den",    "der",   "des",   "did",
    "die",  "does",   "doesn", "don",  "ein",   "eine",  "einen",  "einer", "for",   "from",
    "für",  "get",    "gets",  "give", "haben", "has",   "hat",    "have",  "how",   "ich",
    "ihr",  "ist",    "its",   "kann", "kein",  "keine", "man",    "mein",  "meine", "mit",
    "nach", "nicht",  "not",   "oder", "sein",  "set",   "should", "sich",  "sie",   "sind",
    "that", "the",    "there", "this", "und",   "use",   "using",  "von",   "was",   "way",
    "wenn", "were",   "what",  "when", "where", "which", "who",    "why",   "wie",   "will",
    "wir",  "wird",   "with",  "wo",   "would", "you",   "your",   "zum",   "zur",
};

struct asked {
    char words[WORDS_ASKED][WORD_ROOM + 1];
    size_t count;
};

static int is_common(const char *word)
{
    for (size_t i = 0; i < sizeof common / sizeof *common; i++)
        if (strcmp(common[i], word) == 0)
            return 1;
    return 0;
}

/* Keeps the longest words, which tell most, in the order they stand. */
static void add_word(struct asked *asked, const char *word)
{
    if (strlen(word) < WORD_LEAST || is_common(word))
        return;
    for (size_t i = 0; i < asked->count; i++)
        if (strcmp(asked->words[i], word) == 0)
            return;
    if (asked->count == WORDS_ASKED) {
        size_t shortest = 0;
        for (size_t i = 1; i < asked->count; i++)
            if (strlen(asked->words[i]) < strlen(asked->words[shortest]))
                shortest = i;
        if (strlen(asked->words[shortest]) >= strlen(word))
            return;
        memmove(asked->words[shortest], asked->words[shortest + 1],
                (asked->count - shortest - 1) * sizeof *asked->words);
        asked->count--;
    }
    memcpy(asked->words[asked->count++], word, strlen(word) + 1);
}

static void read_words(const char *text, struct asked *asked)
{
    char word[WORD_ROOM + 1];
    size_t length = 0;
    for (const unsigned char *at = (const unsigned char *)text;; at++) {
        if (*at >= 0x80 || isalnum(*at)) {
            if (length < WORD_ROOM)
                word[length++] = (char)(*at < 0x80 ? tolower(*at) : *at);
            continue;
        }
        word[length] = '\0';
        if (length && length < WORD_ROOM)
            add_word(asked, word);
        length = 0;
        if (!*at)
            return;
    }
}

static void add_hits(struct portico_value *hits, const struct portico_value *rows)
{
    for (size_t i = 0; i < portico_count(rows) && portico_count(hits) < HITS_MOST; i++) {
        const struct portico_value *row = portico_at(rows, i);
        portico_id id = portico_get_integer(row, "id", 0);
        size_t at = 0;
        while (at < portico_count(hits) && portico_get_integer(portico_at(hits, at), "id", 0) != id)
            at++;
        if (at < portico_count(hits))
            continue;
        static const char *const same[] = { "id", "title", "url", "time", "excerpt" };
        view_copy(portico_append_object(hits), row, same, sizeof same / sizeof *same);
    }
}

/* Questions that hold every word but those of the `without` bits. */
static int ask(struct portico_request *request, const struct asked *asked, unsigned without,
               struct portico_value *hits, struct portico_error *error)
{
    const char *text = "";
    for (size_t i = 0; text && i < asked->count; i++)
        if (!(without >> i & 1))
            text = portico_printf(request, "%s%s%s", text, *text ? " " : "", asked->words[i]);
    if (!text)
        return PORTICO_ENOMEM;
    struct portico_search_query query = {
        .size = sizeof query,
        .limit = HITS_EACH,
        .text = text,
        .kind = "topic",
    };
    struct portico_value *rows = NULL;
    int code = portico_search_query(portico_search(request), &query, &rows, error);
    if (code == 0)
        code = search_keep_seen(request, rows, HITS_EACH, &rows, error);
    if (code == 0)
        add_hits(hits, rows);
    return code;
}

static unsigned bits(unsigned set)
{
    unsigned count = 0;
    for (; set; set &= set - 1)
        count++;
    return count;
}

int similar_read(struct portico_request *request, const char *title,
                 struct portico_value **ret_hits, struct portico_error *error)
{
    struct asked asked = { 0 };
    struct portico_value *hits = portico_listing(request);
    read_words(title, &asked);
    /* Three of five words, three of four, two of three; fewer have to be there all. */
    static const unsigned missing[WORDS_ASKED + 1] = { 0, 0, 0, 1, 1, 2 };
    int code = PORTICO_OK;
    for (unsigned left_out = 0; asked.count && left_out <= missing[asked.count]; left_out++)
        for (unsigned without = 0;
             code == 0 && without < 1u << asked.count && portico_count(hits) < HITS_MOST; without++)
            if (bits(without) == left_out)
                code = ask(request, &asked, without, hits, error);
    if (code == 0)
        *ret_hits = hits;
    return code;
}

int api_similar(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *hits = NULL;
    const char *title = portico_query_param(request, "q");
    int code = similar_read(request, title ? title : "", &hits, &error);
    if (code < 0)
        return view_failed(request, code, &error);
    struct portico_value *answer = portico_object(request);
    portico_set(answer, "items", hits);
    return portico_reply_json(request, answer);
}
