/* Source texts to the reader's words: which form, and what stands for {name}. */
#ifndef PAGE_WORDS_H
#define PAGE_WORDS_H

#include "page/catalogue.h"
#include "page/page.h"

const struct catalogue *page_set_catalogue(const struct page_set *set);

/* The reader's text for a source text; the source itself where nothing is translated. */
struct text words_find(const struct page_set *set, const char *module, const char *locale,
                       struct text source);
/* The same for a count: `one` is the key, `other` its English plural. */
struct text words_find_plural(const struct page_set *set, const char *module, const char *locale,
                              struct text one, struct text other, int64_t count);
/* Cuts `text` from *at: literal bytes, then a {name} behind them (empty at the end). False when
 * done. */
bool words_next(struct text text, size_t *at, struct text *ret_literal, struct text *ret_name);
/* True for the pseudo-language; its literals are written with words_pseudo, between brackets. A
 * text that was forgotten in the catalogues of its module stays as it is. */
bool words_is_pseudo(const struct page_set *set, const char *module, const char *locale,
                     struct text source);
void words_pseudo(struct buffer *out, struct text literal);
/* What makes the pseudo-language a third longer. */
void words_pseudo_tail(struct buffer *out, size_t length);

#endif
