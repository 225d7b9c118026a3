/* Counted lists: how many rows of a table there are for each audience and value of its key.
 *
 * A module declares one in a migration, on a line of its own: "-- count: TABLE KEY KEY". Behind the
 * file's statements triggers are made that note each change in portico_count_change, in the
 * transaction of the change, and all rows there are then are counted. A job folds what was noted
 * into portico_count; the count of a key is the sum of both. So writers wait for nobody, a reader
 * sees what its snapshot holds, and nothing is lost with a process. A list that is counted stays
 * so: a later migration that renames, drops or makes anew its table or a column of it takes it back
 * first, with "-- uncount: TABLE KEY KEY", and declares what there is then. Both lines hold for the
 * whole file: taken back before its statements, declared behind them. */
#ifndef STORE_COUNT_H
#define STORE_COUNT_H

#include "store/store.h"

#include <glib.h>

#define COUNT_KEYS_MAX 8u
#define COUNT_TRIGGER_PREFIX "portico_count_" /* which no module's may begin with */

/* The statements for all lists a migration takes back, to run before its own, and for those it
 * declares, behind them, for one database; "" for none. Free both with g_free. EINVAL begins with
 * "FILE:LINE: ": not a name, too many keys, or no table of the module's. */
int count_script(const char *module, const char *file, const char *text, enum store_kind kind,
                 char **ret_before, char **ret_behind, struct portico_error *error);
/* Adds to the set of lists, by name, what a migration declares, after removing what it takes back:
 * EINVAL if that is not in it. */
int count_note(const char *module, const char *file, const char *text, GHashTable *lists,
               struct portico_error *error);
/* Inside the transaction of a module's migration, behind its statements: EINVAL if a list of the
 * set is not counted as it says – its table or a column is gone, made anew or of a kind that is not
 * counted –, EPERM if the table is another module's. */
int count_check(struct store_session *session, const char *module, GHashTable *lists,
                struct portico_error *error);

/* A list by its table and keys. */
struct count_list {
    const char *table;
    const char *keys[COUNT_KEYS_MAX];
    size_t count;
};
/* By what it stands in the tables: "topic space state", in lower case, keys in their order. Free
 * with g_free. */
char *count_list_name(const struct count_list *list);
/* How the triggers of a list begin; "i", "u" and "d" follow. Free with g_free. */
char *count_trigger_name(const char *list_name);
/* The key of rows with these values, which have passed store_arguments_check, in the order of the
 * name's keys; NULL: they have none. Free with g_free. */
char *count_key(const struct portico_argument *values, size_t count, enum store_kind kind);

#endif
