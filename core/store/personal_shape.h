/* The tables of a module as its migrations leave them; shared by the files of personal data. */
#ifndef STORE_PERSONAL_SHAPE_H
#define STORE_PERSONAL_SHAPE_H

#include "store/personal.h"

#include <glib.h>
#include <sqlite3.h>

struct personal_column {
    char *name, *type; /* lower case; upper case: ID, TIME, BOOLEAN, JSON, TEXT, INTEGER … */
    bool required;     /* NOT NULL */
    bool key;          /* of the primary key or a unique index */
    bool primary;
};
struct personal_table {
    char *name;
    GArray *columns; /* struct personal_column */
};
struct personal_shape {
    char *module;
    sqlite3 *db;
    GPtrArray *tables; /* struct personal_table, by name */
};

/* By name, in any case; NULL if there is none. */
struct personal_table *personal_table(const struct personal_shape *shape, const char *name);
struct personal_column *personal_column(const struct personal_table *table, const char *name);

#endif
