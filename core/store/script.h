/* Migration scripts: type tokens, dialect sections, and the statements one by one. */
#ifndef STORE_SCRIPT_H
#define STORE_SCRIPT_H

#include "store/store.h"

/* Name of the rule that a column of SQLite for whole numbers has. */
#define SCRIPT_WHOLE_NUMBER "whole_number"

/* Replaces {id} {text} {integer} {real} {boolean} {time} {json} {blob} and keeps the sections of
 * `kind`: lines "-- sqlite:", "-- postgresql:" and "-- all:" begin one. What goes leaves its lines
 * empty, so that lines count as in the file. EINVAL begins with "FILE:LINE: ". Free with g_free. */
int script_expand(const char *file, const char *text, enum store_kind kind, char **ret_script,
                  struct portico_error *error);
/* The next statement without its ";", or NULL if only blanks and comments were left before the next
 * one; moves `at` behind it. `triggers`: SQLite's trigger bodies belong to their statement. Free
 * with g_free. */
char *script_next(const char **at, bool triggers);
/* The line of the script in which the statement that script_next found behind `from` begins, or of
 * the byte `offset` of it; negative: its beginning. */
unsigned script_line(const char *script, const char *from, int64_t offset);

#endif
