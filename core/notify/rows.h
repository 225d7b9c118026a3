/* Cells of rows, by position; of this room's files alone. */
#ifndef NOTIFY_ROWS_H
#define NOTIFY_ROWS_H

#include "base/value.h"

#include <portico/db.h>

#define NOTICES "{unfiltered who may see it is asked where it is told, shown and mailed} "

/* The one member of the object that a time is kept as among a notice's arguments. */
#define NOTICE_TIME "time"

static inline int64_t row_integer(const struct value *rows, size_t row, unsigned column)
{
    const struct value_cell *cell = &value_rows_at(rows, row)[column];
    return cell->kind == PORTICO_NULL ? 0 : cell->integer;
}
static inline const char *row_text(const struct value *rows, size_t row, unsigned column)
{
    const struct value_cell *cell = &value_rows_at(rows, row)[column];
    return cell->kind == PORTICO_TEXT ? cell->text : NULL;
}

#endif
