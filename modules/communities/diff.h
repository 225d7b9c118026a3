/* What changed between two texts, word by word. */
#ifndef COMMUNITIES_DIFF_H
#define COMMUNITIES_DIFF_H

#include <stddef.h>

enum diff_kind { DIFF_SAME, DIFF_REMOVED, DIFF_ADDED };

/* One run of text that stays, goes or comes; `text` points into one of the two texts. */
typedef void diff_emit(void *data, enum diff_kind kind, const char *text, size_t length);

/* Calls `emit` for each run, in order, what goes before what comes: all but the added make the
 * first text, all but the removed the second. The shortest edit is found in linear space (Myers
 * 1986) up to DIFF_COST differences of a part; a part that differs more is replaced as a whole.
 * 0, or -1 when memory ended: then nothing was emitted. */
#define DIFF_COST 1000
int diff_words(const char *before, const char *after, diff_emit *emit, void *data);

#endif
