/* Header lines of an answer as text: what hooks add and replace. */
#ifndef SERVER_FIELDS_H
#define SERVER_FIELDS_H

#include "http/exchange.h"

/* Cuts the first line, with its CRLF, off `fields`; false: there is none. */
bool fields_next(struct text *fields, struct text *ret_line);
struct text fields_name(struct text line);
/* True if there is a field of the line's name. */
bool fields_have(struct text fields, struct text line);
/* Each line of `given` takes the place of all of its name in `fields`; Vary is added to. */
void fields_replace(struct buffer *fields, struct text given);
/* Adds each line of `given` whose name neither `fields` nor `present` has; Vary always. */
void fields_complete(struct buffer *fields, struct text present, struct text given);

#endif
