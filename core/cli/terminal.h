/* The terminal: what may be shown on it; and for long commands a progress bar, and Ctrl-C that asks
 * before it ends. */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include "base/value.h"

#include <stdbool.h>
#include <stdint.h>

struct terminal {
    bool is_terminal; /* standard error: a bar is drawn, else a line now and then */
    bool drawn;
    int64_t begun, shown; /* clock_steady */
};

/* The first SIGINT or SIGTERM only sets what terminal_stop_asked tells; a second one ends the
 * program at once. */
void terminal_open(struct terminal *terminal);
bool terminal_stop_asked(void);
/* Draws if it is time for it; `total` 0: unknown. 1 if the person asked to stop. */
int terminal_progress(struct terminal *terminal, int64_t done, int64_t total);
/* Ends the bar's line, full if the work is done. */
void terminal_end(struct terminal *terminal, bool done);

/* What modules and visitors wrote, before it is printed for people: control characters, by which a
 * terminal could be told things, become "?" and ends of lines blanks, but in members called
 * `paragraphs` (NULL: none). Changes the texts in place. */
void terminal_clean(struct value *value, const char *paragraphs);

#endif
