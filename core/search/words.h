/* What a person typed, as a query of the database: words, "quoted phrases", the last word as a
 * beginning. */
#ifndef SEARCH_WORDS_H
#define SEARCH_WORDS_H

/* NULL if the text holds nothing to search for. Any input gives a query the database accepts.
 * g_free. */
char *search_words_fts5(const char *text);
char *search_words_tsquery(const char *text);

#endif
