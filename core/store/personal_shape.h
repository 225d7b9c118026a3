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

/* Before every statement here: it is about a person, whoever may see the rows. */
#define PERSONAL_REASON "{unfiltered a person's rights} "
/* "author = ?", or the entry's own condition in parentheses. */
void personal_append_condition(GString *sql, const struct portico_personal_table *entry);
/* Erases the person of the first ? from a table; `sliced`: of as many rows as the second says, and
 * NULL if the table has no primary key. To be freed. */
char *personal_erase_sql(const struct personal_table *table,
                         const struct portico_personal_table *entry, bool sliced);

/* The columns that a merge of two people rewrites; to be freed with g_strfreev. */
char **personal_people(const struct portico_personal_table *entry);
/* Whether a unique key holds the column beside an expression: which rows could not stand beside one
 * another is then not to be told from columns. */
bool personal_key_is_expression(const struct personal_shape *shape,
                                const struct personal_table *table, const char *column);

#endif
