/* Files of accounts, people, memberships, contacts and account teams, row by row: CSV with a
 * heading, or JSON objects one behind the other, in an array or not. */
#ifndef PORTAL_IMPORT_READ_H
#define PORTAL_IMPORT_READ_H

#include "base/arena.h"
#include "base/csv.h"

enum import_kind {
    IMPORT_ACCOUNT,
    IMPORT_PERSON,
    IMPORT_MEMBERSHIP,
    IMPORT_CONTACT,
    IMPORT_TEAM,
};

enum import_field {
    IMPORT_EXTERNAL,
    IMPORT_NAME,
    IMPORT_KIND,
    IMPORT_ABOVE,
    IMPORT_STATE,
    IMPORT_MAIL,
    IMPORT_LOCALE,
    IMPORT_TIMEZONE,
    IMPORT_ACCOUNT_ID,
    IMPORT_PERSON_ID,
    IMPORT_ROLES,
    IMPORT_TITLE,
    IMPORT_BELOW,
    IMPORT_FROM,
    IMPORT_UNTIL,
    IMPORT_CONTACT_FOR,
    IMPORT_TEAM_ROLE,
    IMPORT_PHONE,
    IMPORT_FIELDS,
};

/* A row as it was written; what it names is of `kind`. */
struct import_row {
    enum import_kind kind;
    unsigned line;
    const char *fields[IMPORT_FIELDS]; /* NULL: not said */
};

struct import_reader {
    bool json;
    struct csv csv;
    int columns[CSV_FIELDS_MAX]; /* import_field of each */
    size_t column_count;
    const char *at, *end; /* of JSON */
    unsigned line;
};
/* `data` is borrowed until import_read_end. EINVAL: the heading names a column that is none, or the
 * file has none. */
int import_read_begin(struct import_reader *reader, const char *data, size_t length,
                      struct portico_error *error);
void import_read_end(struct import_reader *reader);
/* 1: a row, its texts in `arena`; 0: the end; EINVAL: this row is none, `ret_row` has its line, and
 * the next call goes on behind it. */
int import_read_next(struct import_reader *reader, struct arena *arena, struct import_row *ret_row,
                     struct portico_error *error);
/* How many bytes of the file are read. */
size_t import_read_left(const struct import_reader *reader);

#endif
