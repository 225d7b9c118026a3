/* CSV as RFC 4180 has it and as spreadsheets write it: read record by record, written field by
 * field. */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include "base/buffer.h"

#include <portico/base.h>

#define CSV_FIELDS_MAX 64           /* of one record */
#define CSV_RECORD_MAX (64u * 1024) /* bytes of one record, quotes included */

/* A text that is read, borrowed until csv_end. */
struct csv {
    const char *at, *end;
    char separator;       /* comma, semicolon or tab: what the first line has most of */
    unsigned line;        /* of `at`, from 1 */
    struct buffer fields; /* of the record read last */
};
/* Skips a byte order mark and finds out what separates the fields. */
void csv_begin(struct csv *csv, const char *data, size_t length);
void csv_end(struct csv *csv);

/* Fields without their quotes, each NUL-terminated; they last until the next call. */
struct csv_record {
    unsigned line; /* in which it begins */
    size_t count;
    const char *fields[CSV_FIELDS_MAX];
};
/* The next record; lines without a byte are none. 1: there is one; 0: the text is at its end.
 * EINVAL: this one is no CSV, no UTF-8 or too long, as the sentence says; `ret_record` has its line
 * then, and the next call goes on in the line behind it, so that one slip costs one record. */
int csv_next(struct csv *csv, struct csv_record *ret_record, struct portico_error *error);

/* One field behind those that are there (a comma before it unless the line is fresh), quoted where
 * it must be. What a spreadsheet would take for a formula gets an apostrophe before it. */
void csv_write(struct buffer *buffer, const char *text);
void csv_write_end(struct buffer *buffer); /* of the record */

#endif
