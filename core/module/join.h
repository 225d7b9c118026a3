/* Rows of one kind put to the items of another by an id in a column of theirs. */
#ifndef MODULE_JOIN_H
#define MODULE_JOIN_H

#include "module/call.h"

#define JOIN_MAX 1000 /* ids looked up at once */

/* Rows with a column "id" of at most JOIN_MAX ids; what is not there is left out. */
typedef int join_look(struct scope *scope, const int64_t *ids, size_t count,
                      struct value **ret_rows, struct portico_error *error);
/* To each item, as its member `member`, the row whose id stands in its member `column`; null where
 * there is none. A list keeps its items, rows become a list. */
int join_rows(struct scope *scope, const struct portico_value *items, const char *column,
              const char *member, join_look *look, struct portico_value **ret_items,
              struct portico_error *error);

#endif
